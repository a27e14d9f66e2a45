"""The running order of a call-in: who speaks, on what, how long; added, moved, taken out."""

from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy.orm import Session

from gvi.domain.errors import NotFoundError
from gvi.domain.message import MessagePart
from gvi.domain.speaker import MOST_MINUTES, SpeakerKind
from gvi.domain.text import N_
from gvi.store.models import CallIn
from gvi.store.queries.call_in import CallInCard, call_in_card
from gvi.store.queries.hold import hold
from gvi.store.queries.speaker import SpeakerRow, speakers
from gvi.usecases.call_in import set_length
from gvi.usecases.speaker import (
    Point,
    add_speaker,
    change_speaker,
    forget_speaker,
    move_speaker,
    remove_speaker,
    tick_rehearsed,
)
from gvi.web.fact_form import opened
from gvi.web.forms import Form
from gvi.web.labels import options
from gvi.web.running_order import length_said, unspoken_said
from gvi.web.visit import Db, PageForm, ReadDb, Visit, attempt, done, may

router = APIRouter(include_in_schema=False)

Reader = Annotated[Visit, may("speaker:read")]
Writer = Annotated[Visit, may("speaker:write")]

STEPS = {"earlier": -1, "later": 1}
YES, NO = "yes", "no"


@router.get("/call-ins/{call_in_id}/speakers", response_class=HTMLResponse)
def show(visit: Reader, call_in_id: int, db: ReadDb) -> HTMLResponse:
    """Show the running order, with what is missing in it."""
    card = call_in_card(db, visit.viewer, call_in_id)
    return _order_page(visit, card, _rows(visit, db, card), _length(visit, card))


def _rows(visit: Visit, db: Session, card: CallInCard) -> tuple[SpeakerRow, ...]:
    rows = speakers(db, visit.viewer, card.id, starts_at=card.starts_at)
    visit.shows("call_in", [card.id])
    visit.shows("speaker", [row.id for row in rows])
    return rows


def _length(visit: Visit, card: CallInCard) -> Form:
    values = {"minutes": card.minutes}
    return Form.filled(values, language=visit.viewer.language, zone=visit.zone)


def _order_page(
    visit: Visit,
    card: CallInCard,
    rows: tuple[SpeakerRow, ...],
    form: Form,
    *,
    moving: Form | None = None,
) -> HTMLResponse:
    return visit.render(
        "speaker/list.html",
        status_code=422 if form.errors or (moving and moving.errors) else 200,
        card=card,
        rows=rows,
        form=form,
        moving=moving or opened(visit, _order(visit, rows), "speakers"),
        answer=length_said(visit, card, rows),
        missing=unspoken_said(visit, rows),
        rehearsals={row.id: opened(visit, _rehearsal(visit, row), "speakers") for row in rows},
        may_write=visit.may("speaker:write") and card.is_to_come,
        may_forget=visit.may("speaker:write"),
        sees_names=visit.may("speaker_name:read"),
    )


def _order(visit: Visit, rows: tuple[SpeakerRow, ...]) -> Form:
    values = {"position": " ".join(str(row.id) for row in rows)}
    return Form.filled(values, language=visit.viewer.language, zone=visit.zone)


@router.post("/call-ins/{call_in_id}/speakers/length", response_class=RedirectResponse)
def length(visit: Writer, call_in_id: int, form: PageForm, db: Db) -> Response:
    """Say how long the call-in is to last."""
    hold(db, CallIn, call_in_id)
    card = call_in_card(db, visit.viewer, call_in_id)
    form.sees(_length(visit, card))
    minutes = form.integer("minutes", required=True, least=1, most=MOST_MINUTES)
    if not form.errors:
        kept = attempt(
            db, form, lambda: set_length(db, visit.viewer, card.id, minutes=minutes, at=visit.now)
        )
        if kept is not None:
            return done(f"/call-ins/{card.id}/speakers")
    return _order_page(visit, card, _rows(visit, db, card), form)


@router.get("/call-ins/{call_in_id}/speakers/new", response_class=HTMLResponse)
def new(visit: Writer, call_in_id: int, db: ReadDb) -> HTMLResponse:
    """Ask who speaks."""
    return _edit_page(visit, call_in_card(db, visit.viewer, call_in_id), visit.form(), None)


@router.post("/call-ins/{call_in_id}/speakers/new", response_class=RedirectResponse)
def create(visit: Writer, call_in_id: int, form: PageForm, db: Db) -> Response:
    """Add a point at the end."""
    hold(db, CallIn, call_in_id)
    point = _given(form)
    if not form.errors:
        added = attempt(
            db, form, lambda: add_speaker(db, visit.viewer, call_in_id, point, at=visit.now)
        )
        if added is not None:
            return done(f"/call-ins/{call_in_id}/speakers", "added")
    return _edit_page(visit, call_in_card(db, visit.viewer, call_in_id), form, None)


@router.get("/call-ins/{call_in_id}/speakers/{speaker_id}/edit", response_class=HTMLResponse)
def edit(visit: Writer, call_in_id: int, speaker_id: int, db: ReadDb) -> HTMLResponse:
    """Show one point for correction."""
    card, row = _one(visit, db, call_in_id, speaker_id)
    return _edit_page(visit, card, _stored(visit, row), row)


@router.post("/call-ins/{call_in_id}/speakers/{speaker_id}/edit", response_class=RedirectResponse)
def change(visit: Writer, call_in_id: int, speaker_id: int, form: PageForm, db: Db) -> Response:
    """Correct it."""
    hold(db, CallIn, call_in_id)
    card, row = _one(visit, db, call_in_id, speaker_id)
    form.sees(_stored(visit, row))
    point = _given(form)
    if not form.errors:
        changed = attempt(
            db, form, lambda: change_speaker(db, visit.viewer, row.id, point, at=visit.now)
        )
        if changed is not None:
            return done(f"/call-ins/{card.id}/speakers")
    return _edit_page(visit, card, form, row)


def _given(form: Form) -> Point:
    return Point(
        kind=form.choice("kind", SpeakerKind, required=True),
        role=form.text("role", required=True, most=200),
        name=form.text("name", most=200),
        parts=form.choices("parts", MessagePart),
        minutes=form.integer("minutes", required=True, least=1, most=MOST_MINUTES),
        before=form.text("before", most=500),
        after=form.text("after", most=500),
    )


def _stored(visit: Visit, row: SpeakerRow) -> Form:
    values = {
        "kind": row.kind,
        "role": row.role,
        "name": row.name,
        "parts": list(row.parts),
        "minutes": row.minutes,
        "before": row.before,
        "after": row.after,
    }
    return Form.filled(values, language=visit.viewer.language, zone=visit.zone)


def _one(
    visit: Visit, db: Session, call_in_id: int, speaker_id: int
) -> tuple[CallInCard, SpeakerRow]:
    card = call_in_card(db, visit.viewer, call_in_id)
    row = next((each for each in _rows(visit, db, card) if each.id == speaker_id), None)
    if row is None:
        raise NotFoundError(N_("There is no such speaker at this call-in."))
    return card, row


def _edit_page(visit: Visit, card: CallInCard, form: Form, row: SpeakerRow | None) -> HTMLResponse:
    visit.shows("call_in", [card.id])
    return visit.render(
        "speaker/edit.html",
        status_code=422 if form.errors else 200,
        card=card,
        row=row,
        form=form,
        kinds=options(SpeakerKind, visit.viewer.language),
        parts=options(MessagePart, visit.viewer.language),
    )


@router.post("/call-ins/{call_in_id}/speakers/{speaker_id}/move", response_class=RedirectResponse)
def move(visit: Writer, call_in_id: int, speaker_id: int, form: PageForm, db: Db) -> Response:
    """Let a point change places with its neighbour."""
    hold(db, CallIn, call_in_id)
    card, row = _one(visit, db, call_in_id, speaker_id)
    rows = _rows(visit, db, card)
    form.acts_on(_order(visit, rows), "speakers")
    by = STEPS.get(form.one_of("to", STEPS, required=True), 0)
    if not form.errors:
        moved = attempt(
            db, form, lambda: move_speaker(db, visit.viewer, row.id, by=by, at=visit.now)
        )
        if moved is not None:
            return RedirectResponse(f"/call-ins/{card.id}/speakers#s-{row.id}", status_code=303)
    return _order_page(visit, card, rows, _length(visit, card), moving=form)


@router.post(
    "/call-ins/{call_in_id}/speakers/{speaker_id}/rehearsed", response_class=RedirectResponse
)
def rehearsed(visit: Writer, call_in_id: int, speaker_id: int, form: PageForm, db: Db) -> Response:
    """Tick that somebody was through the dress rehearsal, or take that back."""
    hold(db, CallIn, call_in_id)
    card, row = _one(visit, db, call_in_id, speaker_id)
    form.acts_on(_rehearsal(visit, row), "speakers")
    to = form.one_of("to", (YES, NO), required=True)
    if not form.errors:
        ticked = attempt(
            db,
            form,
            lambda: tick_rehearsed(db, visit.viewer, row.id, is_rehearsed=to == YES, at=visit.now),
        )
        if ticked is not None:
            return RedirectResponse(f"/call-ins/{card.id}/speakers#s-{row.id}", status_code=303)
    return _order_page(visit, card, _rows(visit, db, card), _length(visit, card), moving=form)


def _rehearsal(visit: Visit, row: SpeakerRow) -> Form:
    values = {"kind": row.kind, "name": row.name, "rehearsed_at": row.rehearsed_at}
    return Form.filled(values, language=visit.viewer.language, zone=visit.zone)


@router.get("/call-ins/{call_in_id}/speakers/{speaker_id}/remove", response_class=HTMLResponse)
def ask_remove(visit: Writer, call_in_id: int, speaker_id: int, db: ReadDb) -> HTMLResponse:
    """Ask whether a point is really taken out."""
    card, row = _one(visit, db, call_in_id, speaker_id)
    return _ask(visit, card, row, opened(visit, _stored(visit, row), "speakers"), "remove")


@router.post("/call-ins/{call_in_id}/speakers/{speaker_id}/remove", response_class=RedirectResponse)
def remove(visit: Writer, call_in_id: int, speaker_id: int, form: PageForm, db: Db) -> Response:
    """Take it out."""
    return _end(visit, db, form, (call_in_id, speaker_id), "remove")


@router.get("/call-ins/{call_in_id}/speakers/{speaker_id}/forget", response_class=HTMLResponse)
def ask_forget(visit: Writer, call_in_id: int, speaker_id: int, db: ReadDb) -> HTMLResponse:
    """Ask whether it is really to be forgotten who spoke."""
    card, row = _one(visit, db, call_in_id, speaker_id)
    return _ask(visit, card, row, opened(visit, _stored(visit, row), "speakers"), "forget")


@router.post("/call-ins/{call_in_id}/speakers/{speaker_id}/forget", response_class=RedirectResponse)
def forget(visit: Writer, call_in_id: int, speaker_id: int, form: PageForm, db: Db) -> Response:
    """Erase who spoke; when, on what and how long stays."""
    return _end(visit, db, form, (call_in_id, speaker_id), "forget")


def _end(visit: Visit, db: Session, form: Form, which: tuple[int, int], act: str) -> Response:
    """Do what was asked about one point of a call-in, if it still stands as it was seen."""
    hold(db, CallIn, which[0])
    card, row = _one(visit, db, *which)
    form.acts_on(_stored(visit, row), "speakers")
    end = remove_speaker if act == "remove" else forget_speaker
    if not form.errors:
        ended = attempt(db, form, lambda: end(db, visit.viewer, row.id, at=visit.now))
        if ended is not None:
            return done(f"/call-ins/{card.id}/speakers", "done")
    return _ask(visit, card, row, form, act)


def _ask(visit: Visit, card: CallInCard, row: SpeakerRow, form: Form, act: str) -> HTMLResponse:
    return visit.render(
        "speaker/confirm.html",
        status_code=422 if form.errors else 200,
        card=card,
        row=row,
        form=form,
        act=act,
    )
