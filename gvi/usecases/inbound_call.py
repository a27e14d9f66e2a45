"""Calls to the number on the card: note one, return it, and link it to a person."""

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from gvi.domain.access import Viewer, allows
from gvi.domain.errors import NotAllowedError, RuleError
from gvi.domain.support import HeardThrough, call_back_due
from gvi.domain.text import N_
from gvi.domain.time import local_day
from gvi.store.models import InboundCall, Person, User
from gvi.usecases.changes import due_moved, reasoned, status_changed
from gvi.usecases.facts import log_change
from gvi.usecases.rights import require, the
from gvi.usecases.support import WORKERS, compartment_for

NOUN = "inbound_call"


def log_call(
    db: Session,
    viewer: Viewer,
    *,
    heard_through: HeardThrough,
    called_at: datetime,
    at: datetime,
    zone: ZoneInfo,
    caller: str = "",
    person_id: int | None = None,
    owner_id: int | None = None,
    note: str = "",
) -> InboundCall:
    """Note that somebody rang; the call-back is due within 24 hours of the call.

    Raises RuleError where neither a person nor a name or number says who it was.
    """
    require(viewer, "inbound_call:write")
    if not caller.strip() and person_id is None:
        raise RuleError(
            N_("Say who rang: a name, a number, or one of your people."), field="caller"
        )
    if called_at > at:
        raise RuleError(N_("A call cannot have come later than now."), field="called_at")
    if note.strip() and not allows(viewer, "support_note:read"):
        raise NotAllowedError(N_("Only the worker and the lead write notes."))
    person = (
        the(db, viewer, Person, person_id, "person:read", person="id")
        if person_id is not None
        else None
    )
    call = InboundCall(
        programme_id=viewer.programme_id,
        person_id=person_id,
        compartment=compartment_for(person, local_day(at, zone)),
        called_at=called_at,
        caller=caller.strip(),
        heard_through=heard_through.value,
        note=note.strip(),
        call_back_due_at=call_back_due(called_at),
        owner_id=_who_calls_back(db, viewer, owner_id),
        recorded_at=at,
        recorded_by_id=viewer.user_id,
    )
    db.add(call)
    db.flush()
    log_change(
        db,
        viewer,
        "inbound_call:logged",
        at=at,
        collected=True,
        inbound_call=call.id,
        person=person_id,
    )
    return call


def _who_calls_back(db: Session, viewer: Viewer, owner_id: int | None) -> int | None:
    """Check who is to ring back: oneself, or an outreach worker; a lead stays within the team."""
    if owner_id is None or owner_id == viewer.user_id:
        return viewer.user_id
    owner = db.get(User, owner_id)
    if owner is None or owner.programme_id != viewer.programme_id or not owner.is_active:
        raise RuleError(N_("Choose somebody who works here."), field="owner")
    if owner.role not in WORKERS:
        raise RuleError(N_("Only outreach workers and leads ring back."), field="owner")
    if viewer.role in WORKERS and owner.team != viewer.team:
        raise RuleError(N_("Hand a call over within your own team."), field="owner")
    return owner.id


def return_call(db: Session, viewer: Viewer, call_id: int, *, at: datetime) -> InboundCall:
    """Say that a call has been returned."""
    call = _call(db, viewer, call_id)
    if call.returned_at is not None:
        raise RuleError(N_("This call has been returned already."))
    if viewer.user_id is None:
        raise NotAllowedError(N_("Only somebody who is logged in returns calls."))
    call.returned_at, call.returned_by_id = at, viewer.user_id
    status_changed(db, viewer, NOUN, call.id, old="waiting", new="returned", at=at)
    _log(db, viewer, "inbound_call:returned", call, at=at)
    return call


def undo_return(db: Session, viewer: Viewer, call_id: int, *, at: datetime) -> InboundCall:
    """Say that a call was not returned after all."""
    call = _call(db, viewer, call_id)
    if call.returned_at is None:
        raise RuleError(N_("This call is still waiting."))
    call.returned_at, call.returned_by_id = None, None
    status_changed(db, viewer, NOUN, call.id, old="returned", new="waiting", at=at)
    _log(db, viewer, "inbound_call:undone", call, at=at)
    return call


def move_call_back(
    db: Session, viewer: Viewer, call_id: int, *, due_at: datetime, reason: str, at: datetime
) -> InboundCall:
    """Move the time of the call-back, because the caller asked for another."""
    said = reasoned(reason)
    call = _call(db, viewer, call_id)
    if call.returned_at is not None:
        raise RuleError(N_("This call has been returned already."))
    if due_at < at:
        raise RuleError(N_("That time has passed; choose one to come."), field="due_at")
    due_moved(db, viewer, NOUN, call.id, old=call.call_back_due_at, new=due_at, at=at, reason=said)
    call.call_back_due_at = due_at
    _log(db, viewer, "inbound_call:moved", call, at=at)
    return call


def link_call(
    db: Session, viewer: Viewer, call_id: int, *, person_id: int, at: datetime, zone: ZoneInfo
) -> InboundCall:
    """Say which person a call was from, or about."""
    call = _call(db, viewer, call_id)
    person = the(db, viewer, Person, person_id, "person:read", person="id")
    call.person_id = person.id
    call.compartment = compartment_for(person, local_day(at, zone))
    _log(db, viewer, "inbound_call:linked", call, at=at)
    return call


def hand_over_call(
    db: Session, viewer: Viewer, call_id: int, *, owner_id: int, reason: str, at: datetime
) -> InboundCall:
    """Give a call to somebody else to return."""
    call = _call(db, viewer, call_id)
    new = _who_calls_back(db, viewer, owner_id)
    if new == call.owner_id:
        raise RuleError(N_("That is who returns it already."), field="owner")
    old = None if call.owner_id is None else str(call.owner_id)
    status_changed(
        db,
        viewer,
        NOUN,
        call.id,
        old=old,
        new=str(new),
        at=at,
        reason=reason.strip(),
        field="owner",
    )
    call.owner_id = new
    _log(db, viewer, "inbound_call:handed_over", call, at=at)
    return call


def _call(db: Session, viewer: Viewer, call_id: int) -> InboundCall:
    return the(
        db, viewer, InboundCall, call_id, "inbound_call:write", person="person_id", owner="owner_id"
    )


def _log(db: Session, viewer: Viewer, kind: str, call: InboundCall, *, at: datetime) -> None:
    log_change(db, viewer, kind, at=at, inbound_call=call.id, person=call.person_id)
