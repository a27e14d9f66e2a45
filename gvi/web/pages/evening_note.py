"""Notes of a call-in's evening: observations and assessments, each in a field of its own."""

from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy.orm import Session

from gvi.domain.access import grant
from gvi.domain.grading import Compartment
from gvi.domain.text import N_
from gvi.store.queries.call_in import call_in_card
from gvi.store.queries.evening_note import evening_notes
from gvi.usecases.evening_note import (
    add_evening_note,
    put_evening_note_back,
    withdraw_evening_note,
)
from gvi.web.forms import Form
from gvi.web.visit import Db, PageForm, ReadDb, Visit, attempt, done, may

router = APIRouter(include_in_schema=False)

Reader = Annotated[Visit, may("evening_note:read")]
Writer = Annotated[Visit, may("evening_note:write")]

OWN_SIDE = N_("My own side only")
BOTH_SIDES = N_("Police and municipality")


@router.get("/call-ins/{call_in_id}/notes", response_class=HTMLResponse)
def see(visit: Reader, call_in_id: int, db: ReadDb) -> HTMLResponse:
    """Show the notes of one evening, and the form for another."""
    return _page(visit, db, call_in_id, visit.form())


@router.post("/call-ins/{call_in_id}/notes", response_class=RedirectResponse)
def add(visit: Writer, call_in_id: int, form: PageForm, db: Db) -> Response:
    """Add a note."""
    observed, assessed = (form.text(name, most=5000) for name in ("observed", "assessed"))
    sides = [value for value, _ in _sides(visit)]
    compartment = form.one_of("compartment", sides, required=True)
    if not form.errors:
        added = attempt(
            db,
            form,
            lambda: add_evening_note(
                db,
                visit.viewer,
                call_in_id,
                observed=observed,
                assessed=assessed,
                compartment=Compartment(compartment),
                at=visit.now,
            ),
        )
        if added is not None:
            return done(f"/call-ins/{call_in_id}/notes", "added")
    return _page(visit, db, call_in_id, form, status_code=422)


@router.post("/call-ins/{call_in_id}/notes/{note_id}/withdraw", response_class=RedirectResponse)
def withdraw(visit: Writer, call_in_id: int, note_id: int, form: PageForm, db: Db) -> Response:
    """Take back a note of one's own."""
    attempt(
        db,
        form,
        lambda: withdraw_evening_note(db, visit.viewer, call_in_id, note_id, at=visit.now),
    )
    if not form.errors:
        return done(f"/call-ins/{call_in_id}/notes", "hidden_note")
    return _page(visit, db, call_in_id, form, status_code=422)


@router.post("/call-ins/{call_in_id}/notes/{note_id}/put-back", response_class=RedirectResponse)
def put_back(visit: Writer, call_in_id: int, note_id: int, form: PageForm, db: Db) -> Response:
    """Let a note of one's own stand again."""
    attempt(
        db,
        form,
        lambda: put_evening_note_back(db, visit.viewer, call_in_id, note_id, at=visit.now),
    )
    if not form.errors:
        return done(f"/call-ins/{call_in_id}/notes", "undone")
    return _page(visit, db, call_in_id, form, status_code=422)


def _sides(visit: Visit) -> list[tuple[str, str]]:
    """Give for whom the visitor may write: their own side, which stands first, or both."""
    held = grant(visit.viewer, "evening_note:write")
    mine = [each for each in Compartment if held and each in held.compartments]
    own = next((each for each in mine if each is not Compartment.SHARED), Compartment.SHARED)
    return [(own.value, visit.say(OWN_SIDE)), (Compartment.SHARED.value, visit.say(BOTH_SIDES))]


def _page(
    visit: Visit, db: Session, call_in_id: int, form: Form, *, status_code: int = 200
) -> HTMLResponse:
    card = call_in_card(db, visit.viewer, call_in_id)
    notes = evening_notes(db, visit.viewer, call_in_id)
    visit.shows("call_in", [card.id])
    visit.shows("evening_note", [note.id for note in notes])
    has_begun = card.starts_at is not None and card.starts_at <= visit.now
    return visit.render(
        "call_in/notes.html",
        status_code=status_code,
        card=card,
        notes=notes,
        form=form,
        sides=_sides(visit),
        may_write=visit.may("evening_note:write") and has_begun,
        has_begun=has_begun,
        answer=visit.say_plural(
            "%(num)s note of the evening that you may read.",
            "%(num)s notes of the evening that you may read.",
            sum(not note.is_withdrawn for note in notes),
        ),
    )
