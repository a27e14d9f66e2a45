"""The door of a call-in: one tick at a time, saved at once; see docs/decisions/0100."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy.orm import Session

from gvi.domain.call_in import ATTENDANCE_OUTCOMES, ATTENDANCE_POSSIBLE, DOORS_OPEN, InviteeStatus
from gvi.domain.call_in_session import SessionTime
from gvi.domain.errors import NotFoundError
from gvi.domain.text import N_
from gvi.store.models import CallIn
from gvi.store.queries.apart import apart_pairs
from gvi.store.queries.call_in import CallInCard, call_in_card
from gvi.store.queries.door import DoorList, DoorRow, door_list
from gvi.store.queries.hold import hold
from gvi.store.queries.invitee import invitees
from gvi.usecases.attendance import CORRECTION, NO_SUCH, tick_at_door
from gvi.web.call_in_session import session_said
from gvi.web.forms import Form
from gvi.web.labels import label
from gvi.web.opaque import Keys
from gvi.web.visit import Db, PageForm, ReadDb, Visit, attempt, may

router = APIRouter(include_in_schema=False)

Keeper = Annotated[Visit, may("attendance:write")]

UNDO = "undo"
NOT_TICKED = N_("not ticked")
OTHER_TICK = N_(
    "%(name)s was ticked by somebody else meanwhile: %(now)s. Your tick is not saved: tick again if"
    " it is right."
)


@router.get("/call-ins/{call_in_id}/door", response_class=HTMLResponse)
def see(visit: Keeper, call_in_id: int, db: ReadDb) -> HTMLResponse:
    """Show whom the door expects and who has come."""
    card = call_in_card(db, visit.viewer, call_in_id)
    return _page(visit, db, card, _list(visit, db, card), visit.form())


@router.post("/call-ins/{call_in_id}/door", response_class=RedirectResponse)
def tick(visit: Keeper, call_in_id: int, form: PageForm, db: Db) -> Response:
    """Save one tick, or take it back; what is so already is done."""
    hold(db, CallIn, call_in_id)
    card = call_in_card(db, visit.viewer, call_in_id)
    door = _list(visit, db, card)
    row = _ticked(visit, form, door.rows)
    allowed = [outcome.value for outcome in ATTENDANCE_OUTCOMES]
    said = form.one_of("outcome", [*allowed, UNDO], required=True)
    to = InviteeStatus(said) if said in allowed else None
    if not form.errors and to is row.outcome:
        return _back(visit, card, row)
    form.acts_on(_stands(row, visit), "invitees")
    if form.is_stale:
        form.errors = {}
        now = label(row.outcome, visit.viewer.language) if row.outcome else visit.say(NOT_TICKED)
        form.add_error("", OTHER_TICK, name=row.name, now=now)
    if not form.errors:
        saved = attempt(
            db,
            form,
            lambda: tick_at_door(
                db,
                visit.viewer,
                call_in_id,
                row.person_id,
                to=to,
                at=visit.now,
                zone=visit.zone,
                correction=visit.say(CORRECTION),
            ),
        )
        if saved is not None:
            return _back(visit, card, row)
    return _page(visit, db, card, door, form, status_code=422)


def _list(visit: Visit, db: Session, card: CallInCard) -> DoorList:
    return door_list(db, visit.viewer, card, at=visit.now, zone=visit.zone)


def _ticked(visit: Visit, form: Form, rows: Sequence[DoorRow]) -> DoorRow:
    """Find who is ticked: a browser names them by an opaque key alone."""
    person_id = _keys(visit).id_of(form.value("who"))
    row = next((row for row in rows if row.person_id == person_id), None)
    if row is None:
        raise NotFoundError(NO_SUCH)
    return row


def _keys(visit: Visit) -> Keys:
    keys: Keys = visit.request.app.state.keys
    return keys


def _stands(row: DoorRow, visit: Visit) -> Form:
    """Give what one row says: the outcome and whose tick it is, so that nobody undoes another's."""
    return _print(visit, row.outcome, row.by_id)


def _print(visit: Visit, outcome: InviteeStatus | None, by_id: int | None) -> Form:
    values = {"status": outcome, "by": by_id}
    return Form.filled(values, language=visit.viewer.language)


def _back(visit: Visit, card: CallInCard, row: DoorRow) -> RedirectResponse:
    """Lead back to where the thumb was."""
    key = _keys(visit).of(row.person_id)
    return RedirectResponse(f"{_door(card, _session(visit, card))}#{key}", status_code=303)


def _door(card: CallInCard, session: SessionTime) -> str:
    """Give the address of a session's door; that of a single one is the call-in's."""
    which = f"?session={session.number}" if len(card.sessions) > 1 else ""
    return f"/call-ins/{card.id}/door{which}"


def _session(visit: Visit, card: CallInCard) -> SessionTime:
    """Give the session whose door is asked for; without one, the first that has not ended."""
    asked = visit.request.query_params.get("session", "")
    for each in card.sessions:
        if str(each.number) == asked:
            return each
    still = (each for each in card.sessions if each.ends_at is None or each.ends_at > visit.now)
    return next(still, card.sessions[-1])


def _page(
    visit: Visit,
    db: Session,
    card: CallInCard,
    door: DoorList,
    form: Form,
    *,
    status_code: int = 200,
) -> HTMLResponse:
    session = _session(visit, card)
    rows = [row for row in door.rows if row.session == session.number]
    visit.shows("call_in", [card.id])
    visit.shows("person", [row.person_id for row in door.rows])
    keys = _keys(visit)
    opens_at = session.starts_at - DOORS_OPEN if session.starts_at else None
    return visit.render(
        "call_in/door.html",
        status_code=status_code,
        card=card,
        session=session,
        door=_door(card, session),
        form=form,
        answer=_answer(visit, rows),
        kept_out=door.kept_out[session.number],
        rows=[(keys.of(row.person_id), row, _stands(row, visit)) for row in rows],
        others=_others(visit, db, card, session, door.rows),
        may_move=visit.may("invitee_session:write"),
        prints={
            each: _print(visit, each, visit.viewer.user_id).seen for each in ATTENDANCE_OUTCOMES
        },
        states=(None, *ATTENDANCE_OUTCOMES),
        user=keys.user(visit.viewer.user_id or 0),
        opens_at=opens_at,
        is_open=(
            card.status in ATTENDANCE_POSSIBLE and opens_at is not None and opens_at <= visit.now
        ),
        is_possible=card.status in ATTENDANCE_POSSIBLE,
        has_begun=session.starts_at is not None and session.starts_at <= visit.now,
    )


def _others(
    visit: Visit, db: Session, card: CallInCard, here: SessionTime, rows: Sequence[DoorRow]
) -> list[tuple[DoorRow, str, str]]:
    """Give who is expected at another session, with which, and whom they are not to meet here.

    Of those, too, only who is let in has a name at the door.
    """
    others = [row for row in rows if row.session != here.number]
    if not others:
        return []
    expected = {row.person_id for row in rows if row.session == here.number}
    asked = invitees(db, visit.viewer, card, at=visit.now, zone=visit.zone)
    rivals: dict[int, list[str]] = {}
    for pair in apart_pairs(db, visit.viewer, card, asked, at=visit.now, zone=visit.zone):
        for one, other in ((pair.one, pair.other), (pair.other, pair.one)):
            if other.person_id in expected:
                rivals.setdefault(one.person_id, []).append(other.name)
    said = {each.number: session_said(visit, each) for each in card.sessions}
    return [
        (row, said[card.session(row.session).number], ", ".join(rivals.get(row.person_id, ())))
        for row in sorted(others, key=lambda row: row.name)
    ]


def _answer(visit: Visit, rows: Sequence[DoorRow]) -> str:
    return visit.say(
        N_("%(here)s of %(number)s are here; %(waiting)s have no tick yet."),
        here=sum(row.has_come for row in rows),
        number=len(rows),
        waiting=sum(row.outcome is None for row in rows),
    )
