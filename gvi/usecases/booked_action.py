"""Actions a call-in books by itself: one of each sort, with an owner; ended and renewed with it."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from gvi.domain.access import Role, Viewer
from gvi.domain.action import OPEN_ACTIONS, ActionKind, ActionStatus
from gvi.domain.grading import Compartment
from gvi.store.models import Action, CallIn, User
from gvi.usecases.changes import status_changed
from gvi.usecases.facts import log_change


def action_of(
    db: Session, call_in: CallIn, kind: ActionKind, person_id: int | None
) -> Action | None:
    """Give what a call-in has booked of one sort, for one person or for nobody."""
    return db.scalars(
        select(Action)
        .where(
            Action.call_in_id == call_in.id,
            Action.kind == kind.value,
            Action.person_id.is_(None) if person_id is None else Action.person_id == person_id,
        )
        .order_by(Action.id)
        .limit(1)
    ).first()


def book(
    db: Session,
    viewer: Viewer,
    call_in: CallIn,
    kind: ActionKind,
    *,
    due_at: datetime,
    owner_id: int | None,
    compartment: Compartment,
    at: datetime,
    person_id: int | None = None,
) -> None:
    """Book something a call-in makes necessary by itself."""
    action = Action(
        programme_id=call_in.programme_id,
        kind=kind.value,
        compartment=compartment.value,
        text="",  # its kind says it, in the reader's language
        status=ActionStatus.DECIDED.value,
        owner_id=owner_id,
        due_at=due_at,
        person_id=person_id,
        call_in_id=call_in.id,
        created_at=at,
        created_by_id=viewer.user_id,
    )
    db.add(action)
    db.flush()
    log_change(
        db, viewer, "action:added", at=at, collected=True, action=action.id, person=person_id
    )


def drop(db: Session, viewer: Viewer, action: Action, *, at: datetime, reason: str) -> None:
    """Drop what was booked and is still open; what has ended stays as it is."""
    if action.status not in OPEN_ACTIONS:
        return
    new = ActionStatus.DROPPED.value
    status_changed(
        db, viewer, "action", action.id, old=action.status, new=new, at=at, reason=reason
    )
    action.status, action.outcome = new, reason
    action.ended_at, action.ended_by_id = at, viewer.user_id
    log_change(db, viewer, "action:dropped", at=at, action=action.id, person=action.person_id)


def finish(db: Session, viewer: Viewer, action: Action, *, at: datetime) -> None:
    """Say that what was booked is done, because the call-in itself shows it."""
    old, new = action.status, ActionStatus.DONE.value
    status_changed(db, viewer, "action", action.id, old=old, new=new, at=at)
    action.status, action.ended_at, action.ended_by_id = new, at, viewer.user_id
    log_change(db, viewer, "action:done", at=at, action=action.id, person=action.person_id)


def renew(db: Session, viewer: Viewer, action: Action, *, at: datetime, reason: str) -> None:
    """Open again what was dropped; what was done stays done."""
    if action.status == ActionStatus.DROPPED:
        reopen(db, viewer, action, at=at, reason=reason)


def reopen(db: Session, viewer: Viewer, action: Action, *, at: datetime, reason: str) -> None:
    """Open again what has ended: it is to be done once more."""
    old, new = action.status, ActionStatus.DECIDED.value
    status_changed(db, viewer, "action", action.id, old=old, new=new, at=at, reason=reason)
    action.status, action.outcome, action.ended_at, action.ended_by_id = new, "", None, None
    log_change(db, viewer, "action:undone", at=at, action=action.id, person=action.person_id)


def holder(call_in: CallIn, viewer: Viewer) -> int | None:
    """Who answers for a call-in: who approved it, else who drafted it."""
    return call_in.approved_by_id or call_in.created_by_id or viewer.user_id


def owner_in(db: Session, viewer: Viewer, call_in: CallIn, role: Role) -> int | None:
    """Find whose work something is: of who answers for the call-in, if in that role, else another.

    Where nobody works in the role it is whose the call-in is.
    """
    answers = holder(call_in, viewer)
    user = None if answers is None else db.get(User, answers)
    if user is not None and user.role == role.value:
        return answers
    return first_in(db, call_in.programme_id, role) or answers


def first_in(db: Session, programme_id: int, role: Role) -> int | None:
    """Find who has worked longest in a role."""
    return db.scalars(
        select(User.id)
        .where(User.programme_id == programme_id, User.is_active, User.role == role.value)
        .order_by(User.id)
        .limit(1)
    ).first()
