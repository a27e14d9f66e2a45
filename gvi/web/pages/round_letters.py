"""The letters of a round: one for each person, in their language, all in one print job."""

from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response
from sqlalchemy.orm import Session

from gvi.domain.custom_notification import NotificationStatus
from gvi.domain.errors import RuleError
from gvi.domain.paper import LetterKind, LetterLanguage, PaperKind
from gvi.domain.text import N_
from gvi.store.queries.invitee import bars_of
from gvi.store.queries.paper import letters_of_round
from gvi.store.queries.round import RoundCard, Visited, round_card, visited_in
from gvi.usecases.paper import make_visit_letters
from gvi.web.forms import Form
from gvi.web.pages.letter import words_of
from gvi.web.pages.paper import pdf_file
from gvi.web.paper import LETTER_LANGUAGES, letter, pdf, stamp_of
from gvi.web.visit import Db, PageForm, ReadDb, Visit, attempt, may

router = APIRouter(include_in_schema=False)

Printer = Annotated[Visit, may("paper:make")]


@router.get("/rounds/{round_id}/letters", response_class=HTMLResponse)
def ask(visit: Printer, round_id: int, db: ReadDb) -> HTMLResponse:
    """Say whose letter is ready, what the others wait for, and ask what the print is for."""
    return _page(visit, db, round_id, visit.form())


@router.post("/rounds/{round_id}/letters")
def print_them(visit: Printer, round_id: int, form: PageForm, db: Db) -> Response:
    """Give the letters that are ready, registered under one code."""
    language = form.choice("language", LetterLanguage) or LetterLanguage(visit.viewer.language)
    purpose = form.text("purpose", required=True, most=200)
    made = None
    if not form.errors:
        card = round_card(db, visit.viewer, round_id)
        made = attempt(db, form, lambda: _print(visit, db, card, language, purpose))
    return made or _page(visit, db, round_id, form, status_code=422)


def _print(
    visit: Visit, db: Session, card: RoundCard, language: LetterLanguage, purpose: str
) -> Response:
    rows = _visited(visit, db, card.id)
    barred = _barred(visit, db, rows)
    ready = [each for each in rows if not waits_for(each, barred)]
    if any(each.row.name == each.row.code_name for each in ready):
        raise RuleError(
            N_(
                "Somebody has no name here or one you may not see, and a letter never says a code"
                " name. Record the name, or let the municipal coordinator print."
            )
        )
    words = {
        each: words_of(visit, db, each, LetterKind.VISIT)
        for each in {row.letter.language or language for row in ready}
    }
    only = next(iter(words)) if len(words) == 1 else None
    paper = make_visit_letters(
        db,
        visit.viewer,
        card.id,
        language=only or language,
        purpose=purpose,
        people=[each.row.person_id for each in ready],
        at=visit.now,
        letter_version=words[only].version if only else None,
    )
    kind = PaperKind.VISIT_LETTERS
    stamp = stamp_of(visit, kind, version=paper.version, code=paper.code, purpose=purpose)
    programme = visit.signed_in.programme
    letters = []
    for each in ready:
        own = each.letter.language or language
        given = {"name": each.row.name, "exposure": each.letter.exposure, "programme": programme}
        letters.append(letter(words[own], own, **given))
    content = pdf(
        "letters",
        visit.now,
        title=stamp.title,
        stamp=stamp.text,
        code=stamp.code,
        language=language.value,
        programme=programme,
        letters=letters,
    )
    return pdf_file(content, stamp.code)


def _barred(visit: Visit, db: Session, rows: tuple[Visited, ...]) -> frozenset[int]:
    """Give who may no longer be visited, such as somebody protected since."""
    people = [each.row.person_id for each in rows]
    return frozenset(bars_of(db, visit.viewer, people, on=visit.now, zone=visit.zone))


def waits_for(each: Visited, barred: frozenset[int]) -> str:
    """Say what a letter waits for; nothing where it is ready."""
    ways = (
        (each.row.person_id in barred, N_("May not be visited now.")),
        (not each.is_possible, N_("It was delivered, or has ended.")),
        (each.risk.is_held_back, N_("A no-go holds this visit back")),
        (each.row.status is NotificationStatus.PLANNED, N_("The visit is not approved yet.")),
        (not each.letter.exposure, N_("Nothing is written yet of the person’s own legal risk.")),
        (not each.letter.is_approved, N_("The letter’s words wait for approval")),
    )
    return next((said for holds, said in ways if holds), "")


def _visited(visit: Visit, db: Session, round_id: int) -> tuple[Visited, ...]:
    return visited_in(db, visit.viewer, round_id, at=visit.now, on=visit.today)


def _page(
    visit: Visit, db: Session, round_id: int, form: Form, *, status_code: int = 200
) -> HTMLResponse:
    card = round_card(db, visit.viewer, round_id)
    rows = _visited(visit, db, round_id)
    barred = _barred(visit, db, rows)
    waits = {each.row.id: waits_for(each, barred) for each in rows}
    printed = letters_of_round(db, visit.viewer, round_id)
    visit.shows("round", [card.id])
    visit.shows("paper", [each.id for each in printed])
    visit.shows("person", [each.row.person_id for each in rows])
    return visit.render(
        "round/letters.html",
        status_code=status_code,
        card=card,
        form=form,
        ready=[each for each in rows if not waits[each.row.id]],
        waiting=[
            (each, waits[each.row.id]) for each in rows if waits[each.row.id] and each.is_possible
        ],
        printed=printed,
        languages=[(each.value, name) for each, name in LETTER_LANGUAGES.items()],
        own_language=visit.viewer.language,
        may_write=visit.may("letter:write"),
    )
