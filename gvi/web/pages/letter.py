"""The words of the letters: of invitations, and of those handed over at a visit."""

from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy.orm import Session

from gvi.domain.errors import NotFoundError
from gvi.domain.paper import LetterKind, LetterLanguage
from gvi.domain.text import N_
from gvi.store.queries.hold import hold_programme
from gvi.store.queries.paper import Letter, letter_of
from gvi.usecases.paper import write_letter
from gvi.web.forms import Form
from gvi.web.paper import LETTER_LANGUAGES, own_words
from gvi.web.visit import Db, PageForm, ReadDb, Visit, attempt, done, may

router = APIRouter(include_in_schema=False)

Writer = Annotated[Visit, may("letter:write")]
FILLED_IN = {
    LetterKind.INVITATION: (
        ("name", N_("the invitee’s name")),
        ("day", N_("the day, in the letter’s language")),
        ("time", N_("the time")),
        ("venue", N_("the venue")),
        ("programme", N_("what the programme is called")),
    ),
    LetterKind.VISIT: (
        ("name", N_("the person’s name")),
        ("exposure", N_("the person’s own legal risk, as it was approved")),
        ("programme", N_("what the programme is called")),
    ),
}


@router.get("/letters/{language}", response_class=HTMLResponse)
def ask_words(visit: Writer, language: str, db: ReadDb) -> HTMLResponse:
    """Show the words of the invitations in a language, to change them."""
    return _ask(visit, db, LetterKind.INVITATION, language)


@router.post("/letters/{language}", response_class=RedirectResponse)
def change_words(visit: Writer, language: str, form: PageForm, db: Db) -> Response:
    """Keep new words; letters printed before keep theirs."""
    kept = _stands(visit, db, LetterKind.INVITATION, language)
    form.sees(_stored(visit, kept))
    return _change(visit, db, LetterKind.INVITATION, language, form)


@router.get("/visit-letters/{language}", response_class=HTMLResponse)
def ask_visit_words(visit: Writer, language: str, db: ReadDb) -> HTMLResponse:
    """Show the words of the letters handed over at visits, to change them."""
    return _ask(visit, db, LetterKind.VISIT, language)


@router.post("/visit-letters/{language}", response_class=RedirectResponse)
def change_visit_words(visit: Writer, language: str, form: PageForm, db: Db) -> Response:
    """Keep new words; letters printed before keep theirs."""
    kept = _stands(visit, db, LetterKind.VISIT, language)
    form.sees(_stored(visit, kept))
    return _change(visit, db, LetterKind.VISIT, language, form)


def words_of(visit: Visit, db: Session, language: LetterLanguage, kind: LetterKind) -> Letter:
    """Give the programme's words, or those that came with the program."""
    return letter_of(db, visit.viewer, language, kind) or own_words(language, kind)


def _stands(visit: Visit, db: Session, kind: LetterKind, language: str) -> Letter:
    hold_programme(db, visit.viewer.programme_id)
    return words_of(visit, db, _language(language), kind)


def _stored(visit: Visit, words: Letter) -> Form:
    given = {"heading": words.heading, "body": words.body}
    return Form.filled(given, language=visit.viewer.language, zone=visit.zone)


def _ask(visit: Visit, db: Session, kind: LetterKind, language: str) -> HTMLResponse:
    words = words_of(visit, db, _language(language), kind)
    return _page(visit, kind, language, _stored(visit, words), version=words.version)


def _change(visit: Visit, db: Session, kind: LetterKind, language: str, form: Form) -> Response:
    code = _language(language)
    heading = form.text("heading", required=True, most=200)
    body = form.text("body", required=True, most=5000)
    if not form.errors:
        given = {"heading": heading, "body": body}
        kept = attempt(
            db,
            form,
            lambda: write_letter(db, visit.viewer, code, kind=kind, at=visit.now, **given),
        )
        if kept is not None:
            return done(f"{_base(kind)}/{language}")
    version = words_of(visit, db, code, kind).version
    return _page(visit, kind, language, form, version=version)


def _base(kind: LetterKind) -> str:
    return "/letters" if kind is LetterKind.INVITATION else "/visit-letters"


def _language(typed: str) -> LetterLanguage:
    try:
        return LetterLanguage(typed)
    except ValueError:
        raise NotFoundError(N_("Letters are written in Swedish, Norwegian or English.")) from None


def _page(
    visit: Visit, kind: LetterKind, language: str, form: Form, *, version: int
) -> HTMLResponse:
    return visit.render(
        "paper/letter.html",
        status_code=422 if form.errors else 200,
        form=form,
        language=language,
        languages=LETTER_LANGUAGES,
        version=version,
        base=_base(kind),
        places=FILLED_IN[kind],
        is_invitation=kind is LetterKind.INVITATION,
    )
