"""Papers: printing one of a call-in under a code, and what a code means."""

from dataclasses import asdict
from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy.orm import Session

from gvi.domain.errors import RuleError
from gvi.domain.paper import LetterLanguage, PaperKind, read_code
from gvi.domain.text import N_
from gvi.store.queries.call_in import CallInCard, call_in_card
from gvi.store.queries.follow_up import follow_ups
from gvi.store.queries.invitee import InviteeRow, invitees
from gvi.store.queries.paper import Letter, letter_of, paper_with, papers_of
from gvi.store.queries.preparation import preparation
from gvi.store.queries.speaker import speakers
from gvi.usecases.paper import destroy_paper, make_paper
from gvi.usecases.seat_plan import seated
from gvi.web.call_in_session import session_on_paper
from gvi.web.forms import CHOOSE, Form
from gvi.web.paper import (
    LETTER_LANGUAGES,
    PAPERS,
    Listed,
    Stamp,
    letters_of,
    listed_by_session,
    on_paper,
    own_words,
    pdf,
    stamp_of,
)
from gvi.web.run_sheet import run_sheet
from gvi.web.seat_plan import LookSaid, SeatBlock, blocks_of, look_said, written
from gvi.web.visit import Db, PageForm, ReadDb, Visit, attempt, done, may

router = APIRouter(include_in_schema=False)

Reader = Annotated[Visit, may("paper:read")]
Printer = Annotated[Visit, may("paper:make")]
OF_CALL_INS = frozenset(PaperKind) - {PaperKind.VISIT_LETTERS}
PAGE = "page"
"""The answer to "as what?" for a page to print; anything else is a PDF."""


@router.get("/papers", response_class=HTMLResponse)
def ask_code(visit: Reader, db: ReadDb) -> HTMLResponse:
    """Say of a code on a paper what it is, whether a newer one exists, and whether it is gone."""
    typed = visit.request.query_params.get("code", "").strip()
    paper = paper_with(db, visit.viewer, read_code(typed)) if typed else None
    visit.shows("paper", [paper.id] if paper else [])
    return visit.render(
        "paper/code.html",
        typed=typed,
        paper=paper,
        papers=PAPERS,
        may_destroy=visit.may("paper:write"),
        may_read=visit.may("round:read" if paper and paper.round_id else "call_in:read"),
    )


@router.post("/papers/{paper_id}/destroyed", response_class=RedirectResponse)
def destroyed(
    visit: Annotated[Visit, may("paper:write")], paper_id: int, _form: PageForm, db: Db
) -> Response:
    """Keep that a paper was destroyed."""
    paper = destroy_paper(db, visit.viewer, paper_id, at=visit.now)
    return done(f"/papers?code={paper.code}")


@router.get("/call-ins/{call_in_id}/papers", response_class=HTMLResponse)
def printed(visit: Reader, call_in_id: int, db: ReadDb) -> HTMLResponse:
    """List what was printed of a call-in."""
    card = call_in_card(db, visit.viewer, call_in_id)
    rows = papers_of(db, visit.viewer, call_in_id)
    visit.shows("call_in", [card.id])
    visit.shows("paper", [row.id for row in rows])
    return visit.render(
        "paper/printed.html",
        card=card,
        rows=rows,
        papers=PAPERS,
        out=sum(row.destroyed_at is None for row in rows),
        may_make=visit.may("paper:make"),
    )


@router.get("/call-ins/{call_in_id}/papers/new", response_class=HTMLResponse)
def ask(visit: Printer, call_in_id: int, db: ReadDb) -> HTMLResponse:
    """Ask what to print and what for."""
    return _ask(visit, call_in_card(db, visit.viewer, call_in_id), visit.form())


def _ask(visit: Visit, card: CallInCard, form: Form) -> HTMLResponse:
    visit.shows("call_in", [card.id])
    return visit.render(
        "paper/new.html",
        status_code=422 if form.errors else 200,
        form=form,
        card=card,
        kind=visit.request.query_params.get("kind") or PaperKind.LETTERS.value,
        kinds=[
            (kind.value, visit.say(name)) for kind, name in PAPERS.items() if kind in OF_CALL_INS
        ],
        languages=[(each.value, name) for each, name in LETTER_LANGUAGES.items()],
        own_language=visit.viewer.language,
        may_write=visit.may("letter:write"),
    )


@router.post("/call-ins/{call_in_id}/papers/new")
def print_it(visit: Printer, call_in_id: int, form: PageForm, db: Db) -> Response:
    """Give the paper, registered under its code."""
    card = call_in_card(db, visit.viewer, call_in_id)
    kind = form.choice("kind", PaperKind, required=True)
    if kind not in OF_CALL_INS:
        form.add_error("kind", CHOOSE)
    language = form.choice("language", LetterLanguage) or LetterLanguage(visit.viewer.language)
    purpose = form.text("purpose", required=True, most=200)
    made = None
    if not form.errors:
        made = attempt(db, form, lambda: _print(visit, db, card, kind, (language, purpose, form)))
    return made or _ask(visit, card, form)


def _print(
    visit: Visit,
    db: Session,
    card: CallInCard,
    kind: PaperKind,
    asked: tuple[LetterLanguage, str, Form],
) -> Response:
    language, purpose, form = asked
    if kind is PaperKind.RUN_SHEET:
        return _run_sheet(visit, db, card, asked)
    if kind is PaperKind.SEAT_PLAN:
        return _seat_plan(visit, db, card, asked)
    if kind is PaperKind.LETTERS and not all(
        each.starts_at and each.venue for each in card.sessions
    ):
        raise RuleError(N_("A letter says when and where: set both first."), field="kind")
    rows = on_paper(kind, _invitees(visit, db, card))
    if kind is PaperKind.LETTERS and any(row.name == row.code_name for row in rows):
        raise RuleError(
            N_(
                "Somebody has no name here or one you may not see, and a letter never says a code"
                " name. Record the name, or let the municipal coordinator print."
            ),
            field="kind",
        )
    words = _words(visit, db, language)
    paper = make_paper(
        db,
        visit.viewer,
        card.id,
        kind,
        language=language,
        purpose=purpose,
        people=[row.person_id for row in rows],
        at=visit.now,
        letter_version=words.version if kind is PaperKind.LETTERS else None,
    )
    stamp = stamp_of(visit, kind, version=paper.version, code=paper.code, purpose=purpose)
    if kind is PaperKind.LETTERS:
        return _letters(visit, card, rows, (words, language), stamp)
    tables = listed_by_session(visit, card, kind, rows)
    if form.value("as") == PAGE:
        visit.shows("person", [row.person_id for row in rows])
        return visit.render(
            "paper/page.html", card=card, stamp=stamp, tables=tables, people=len(rows)
        )
    return _list(visit, card, tables, stamp, people=len(rows))


def _letters(
    visit: Visit,
    card: CallInCard,
    rows: list[InviteeRow],
    written: tuple[Letter, LetterLanguage],
    stamp: Stamp,
) -> Response:
    words, language = written
    content = pdf(
        "letters",
        visit.now,
        title=words.heading,
        stamp=stamp.text,
        code=stamp.code,
        language=language.value,
        programme=visit.signed_in.programme,
        letters=letters_of(visit, card, words, language, rows=rows),
    )
    return pdf_file(content, stamp.code)


def _list(
    visit: Visit,
    card: CallInCard,
    tables: list[tuple[str, Listed]],
    stamp: Stamp,
    *,
    people: int,
) -> Response:
    content = pdf(
        "list",
        visit.now,
        title=f"{stamp.title}, {card.name}",
        stamp=stamp.text,
        code=stamp.code,
        language=visit.viewer.language,
        about=visit.say_plural("%(num)s person", "%(num)s people", people),
        sessions=[{"title": title, **asdict(table)} for title, table in tables],
    )
    return pdf_file(content, stamp.code)


def _run_sheet(
    visit: Visit, db: Session, card: CallInCard, asked: tuple[LetterLanguage, str, Form]
) -> Response:
    language, purpose, form = asked
    if card.starts_at is None or not card.is_to_come:
        raise RuleError(
            N_("A run sheet is of a call-in that has a time and is to come."), field="kind"
        )
    kind, rows = PaperKind.RUN_SHEET, speakers(db, visit.viewer, card.id, starts_at=card.starts_at)
    paper = make_paper(
        db,
        visit.viewer,
        card.id,
        kind,
        language=language,
        purpose=purpose,
        people=[row.id for row in rows if row.speaks],
        noun="speaker",
        at=visit.now,
    )
    stamp = stamp_of(visit, kind, version=paper.version, code=paper.code, purpose=purpose)
    prepared = preparation(db, visit.viewer, card.id)
    after = follow_ups(db, visit.viewer, card.id, visit.now)
    sheet = run_sheet(visit, card, rows, prepared, after)
    if form.value("as") == PAGE:
        visit.shows("speaker", [row.id for row in rows])
        return visit.render("paper/run_sheet.html", card=card, stamp=stamp, sheet=sheet)
    content = pdf(
        "run_sheet",
        visit.now,
        title=f"{stamp.title}, {card.name}",
        stamp=stamp.text,
        code=stamp.code,
        language=visit.viewer.language,
        about=sheet.about,
        missing=sheet.missing,
        missing_title=visit.say(N_("Nobody is to speak on this part of the message")),
        sessions=[{"title": title, **asdict(order)} for title, order in sheet.orders],
        tasks=asdict(sheet.tasks),
        tasks_title=visit.say(N_("Before and after the evening")),
    )
    return pdf_file(content, stamp.code)


def _seat_plan(
    visit: Visit, db: Session, card: CallInCard, asked: tuple[LetterLanguage, str, Form]
) -> Response:
    language, purpose, form = asked
    plans = [
        seated(db, visit.viewer, card.id, at=visit.now, zone=visit.zone, session=number)
        for number in range(1, len(card.sessions) + 1)
    ]
    if any(now.guests and not now.plan.places for now in plans):
        raise RuleError(
            N_("The room of the seat plan has too few seats: enter a larger one there."),
            field="kind",
        )
    people = [person for now in plans for person in now.plan.places]
    paper = make_paper(
        db,
        visit.viewer,
        card.id,
        PaperKind.SEAT_PLAN,
        language=language,
        purpose=purpose,
        people=people,
        at=visit.now,
    )
    stamp = stamp_of(
        visit, PaperKind.SEAT_PLAN, version=paper.version, code=paper.code, purpose=purpose
    )
    sessions = [
        (
            session_on_paper(visit, card.session(now.session)),
            blocks_of(visit, now),
            look_said(visit, now),
        )
        for now in plans
    ]
    if form.value("as") == PAGE:
        visit.shows("person", people)
        about = visit.say_plural("%(num)s person", "%(num)s people", len(people))
        return visit.render(
            "paper/seats.html", card=card, stamp=stamp, sessions=sessions, about=about
        )
    return pdf_file(_seats_pdf(visit, card, sessions, stamp, people=len(people)), stamp.code)


def _seats_pdf(
    visit: Visit,
    card: CallInCard,
    sessions: list[tuple[str, tuple[SeatBlock, ...], LookSaid]],
    stamp: Stamp,
    *,
    people: int,
) -> bytes:
    about = visit.say_plural("%(num)s person", "%(num)s people", people)
    front = visit.say(
        N_("Row 1 is in front; seats are counted from the left, facing the speakers.")
    )
    return pdf(
        "seats",
        visit.now,
        title=f"{stamp.title}, {card.name}",
        stamp=stamp.text,
        code=stamp.code,
        language=visit.viewer.language,
        is_wide=True,
        about=f"{about}. {front}",
        row=visit.say(N_("Row")),
        sessions=[
            {
                "title": title,
                "blocks": [written(block) for block in blocks],
                "is_let_stand": look.holds,
                "look": look.title,
                "about": look.about,
            }
            for title, blocks, look in sessions
        ],
    )


def _invitees(visit: Visit, db: Session, card: CallInCard) -> tuple[InviteeRow, ...]:
    return invitees(db, visit.viewer, card, at=visit.now, zone=visit.zone)


def _words(visit: Visit, db: Session, language: LetterLanguage) -> Letter:
    return letter_of(db, visit.viewer, language) or own_words(language)


def pdf_file(content: bytes, code: str) -> Response:
    """Give a paper as a file, named by its code."""
    name = f'attachment; filename="{code}.pdf"'
    return Response(content, media_type="application/pdf", headers={"Content-Disposition": name})
