"""Sessions of a call-in: when and where the later ones are held, and who is moved to another."""

from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy.orm import Session

from gvi.domain.call_in_session import SessionTime
from gvi.domain.errors import NotFoundError
from gvi.domain.text import N_
from gvi.store.models import CallIn
from gvi.store.queries.apart import apart_pairs
from gvi.store.queries.call_in import CallInCard, call_in_card
from gvi.store.queries.hold import hold
from gvi.store.queries.invitee import InviteeRow, invitees
from gvi.usecases.apart import seated_in, seats_of
from gvi.usecases.call_in import SessionAsked, change_sessions
from gvi.usecases.invitee_session import move_to_session
from gvi.web.call_in_session import session_said
from gvi.web.fact_form import opened
from gvi.web.forms import Form
from gvi.web.labels import label
from gvi.web.visit import Db, PageForm, ReadDb, Visit, attempt, done, may

router = APIRouter(include_in_schema=False)

Writer = Annotated[Visit, may("call_in:write")]
Mover = Annotated[Visit, may("invitee_session:write")]


@router.get("/call-ins/{call_in_id}/sessions", response_class=HTMLResponse)
def ask(visit: Writer, call_in_id: int, db: ReadDb) -> HTMLResponse:
    """Show when and where each session is held."""
    card = call_in_card(db, visit.viewer, call_in_id)
    return _page(visit, card, _stored(visit, db, card))


@router.post("/call-ins/{call_in_id}/sessions", response_class=RedirectResponse)
def change(visit: Writer, call_in_id: int, form: PageForm, db: Db) -> Response:
    """Keep when and where the later ones are held."""
    hold(db, CallIn, call_in_id)
    card = call_in_card(db, visit.viewer, call_in_id)
    stored = _stored(visit, db, card)
    form.sees(stored)
    asked = {each.number: _asked(form, stored, each, card) for each in card.sessions[1:]}
    reason = form.text("reason", most=2000)
    if not form.errors:
        changed = attempt(
            db,
            form,
            lambda: change_sessions(
                db, visit.viewer, call_in_id, asked, reason=reason, at=visit.now
            ),
        )
        if changed is not None:
            return done(f"/call-ins/{call_in_id}")
    return _page(visit, card, form, status_code=422)


def _stored(visit: Visit, db: Session, card: CallInCard) -> Form:
    values: dict[str, object] = {}
    for each in card.sessions[1:]:
        values[f"starts_at-{each.number}"] = each.starts_at
        values[f"venue-{each.number}"] = "" if each.venue == card.venue else each.venue
    return Form.filled(values, language=visit.viewer.language, zone=visit.zone)


def _asked(form: Form, stored: Form, session: SessionTime, card: CallInCard) -> SessionAsked:
    """Read one session; what was not typed over is the instant it was, in a doubled hour too."""
    name = f"starts_at-{session.number}"
    typed = form.moment(name, required=True)
    is_same = session.starts_at is not None and form.value(name) == stored.value(name)
    venue = form.text(f"venue-{session.number}", most=200)
    return SessionAsked(
        starts_at=session.starts_at if is_same and session.starts_at else typed,
        venue="" if venue == card.venue else venue,
    )


def _page(visit: Visit, card: CallInCard, form: Form, *, status_code: int = 200) -> HTMLResponse:
    visit.shows("call_in", [card.id])
    return visit.render("call_in/sessions.html", status_code=status_code, card=card, form=form)


@router.get("/call-ins/{call_in_id}/sessions/{invitee_id}", response_class=HTMLResponse)
def ask_move(visit: Mover, call_in_id: int, invitee_id: int, db: ReadDb) -> HTMLResponse:
    """Ask to which session somebody is moved, and say whom they would meet there."""
    card = call_in_card(db, visit.viewer, call_in_id)
    rows = invitees(db, visit.viewer, card, at=visit.now, zone=visit.zone)
    row = _row(rows, invitee_id)
    form = opened(visit, _stands(visit, row), "invitees")
    return _move_page(visit, db, card, rows, row, form=form)


@router.post("/call-ins/{call_in_id}/sessions/{invitee_id}", response_class=RedirectResponse)
def move(visit: Mover, call_in_id: int, invitee_id: int, form: PageForm, db: Db) -> Response:
    """Move them."""
    hold(db, CallIn, call_in_id)
    card = call_in_card(db, visit.viewer, call_in_id)
    rows = invitees(db, visit.viewer, card, at=visit.now, zone=visit.zone)
    row = _row(rows, invitee_id)
    form.acts_on(_stands(visit, row), "invitees")
    to = form.integer("session", required=True)
    reason = form.text("reason", most=2000)
    if not form.errors:
        moved = attempt(
            db,
            form,
            lambda: move_to_session(
                db, visit.viewer, invitee_id, to, reason=reason, at=visit.now, zone=visit.zone
            ),
        )
        if moved is not None:
            return done(f"/call-ins/{call_in_id}", "moved")
    return _move_page(visit, db, card, rows, row, form=form)


def _row(rows: tuple[InviteeRow, ...], invitee_id: int) -> InviteeRow:
    row = next((row for row in rows if row.id == invitee_id), None)
    if row is None:
        raise NotFoundError(N_("There is no such invitee, or they are not for you."))
    return row


def _stands(visit: Visit, row: InviteeRow) -> Form:
    values = {"status": row.status, "session": row.session}
    return Form.filled(values, language=visit.viewer.language, zone=visit.zone)


def _move_page(
    visit: Visit,
    db: Session,
    card: CallInCard,
    rows: tuple[InviteeRow, ...],
    row: InviteeRow,
    *,
    form: Form,
) -> HTMLResponse:
    visit.shows("call_in", [card.id])
    visit.shows("person", [each.person_id for each in rows])
    pairs = apart_pairs(db, visit.viewer, card, rows, at=visit.now, zone=visit.zone)
    meets: dict[int, list[str]] = {}
    for pair in pairs:
        if row.id in (pair.one.id, pair.other.id):
            other = pair.other if pair.one.id == row.id else pair.one
            why = ", ".join(label(cause, visit.viewer.language) for cause in pair.causes)
            meets.setdefault(other.session, []).append(f"{other.name} ({why})")
    taken = seated_in(rows)
    options = [
        (
            str(each.number),
            session_said(visit, each),
            visit.say(
                N_("%(part)s of %(whole)s seats"), part=taken[each.number], whole=seats_of(card)
            ),
        )
        for each in card.sessions
        if each.number != row.session
    ]
    return visit.render(
        "call_in/move.html",
        status_code=422 if form.errors else 200,
        card=card,
        row=row,
        here=session_said(visit, card.session(row.session)),
        options=options,
        meets=sorted(meets.items()),
        was_asked=row.was_asked,
        form=form,
    )
