"""The backward plan of a call-in: booked when it is approved, moved and ended with it."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from gvi.domain.access import Viewer
from gvi.domain.action import OPEN_ACTIONS, ActionKind, ActionStatus
from gvi.domain.grading import Compartment
from gvi.domain.preparation import PREPARATION, due_before, not_late
from gvi.store.models import Action, CallIn, DueChange
from gvi.usecases.booked_action import action_of, book, drop, finish, owner_in, reopen
from gvi.usecases.changes import due_moved

_DAYS = {task.kind.value: task.days_before for task in PREPARATION}


def book_preparation(
    db: Session, viewer: Viewer, call_in: CallIn, *, starts_at: datetime, at: datetime
) -> None:
    """Book what is to be ready before a call-in, each with its owner; nothing is booked twice."""
    for task in PREPARATION:
        if action_of(db, call_in, task.kind, None) is None:
            book(
                db,
                viewer,
                call_in,
                task.kind,
                due_at=due_before(starts_at, task.days_before, booked_at=at),
                owner_id=owner_in(db, viewer, call_in, task.owner),
                compartment=Compartment.SHARED,
                at=at,
            )


def move_preparation(
    db: Session, viewer: Viewer, call_in: CallIn, starts_at: datetime, *, at: datetime, reason: str
) -> None:
    """Book the preparation back from the new day of a call-in; what was done is open again.

    The venue was free, the speakers promised and the rehearsal held for the day that was. What
    somebody dropped stays dropped; what somebody moved stays as long before the call-in as that
    person put it. That the call-in moves must be kept already.
    """
    for action in _booked(db, call_in):
        if action.status == ActionStatus.DROPPED:
            continue
        if action.status == ActionStatus.DONE:
            reopen(db, viewer, action, at=at, reason=reason)
        before = _put_by_hand(db, call_in, action)
        if before is None:
            before = timedelta(days=_DAYS[action.kind])
        old, new = action.due_at, not_late(starts_at - before, starts_at, at=at)
        if new != old:
            due_moved(db, viewer, "action", action.id, old=old, new=new, at=at, reason=reason)
            action.due_at = new


def _put_by_hand(db: Session, call_in: CallIn, action: Action) -> timedelta | None:
    """Give how long before the call-in somebody put a task; None where nobody moved it.

    A task that moved along with the call-in bears the moment and the reason of that.
    """
    postponed = _moves(db, "call_in", call_in.id)
    along = {(move.changed_at, move.reason) for move in postponed}
    own = [m for m in _moves(db, "action", action.id) if (m.changed_at, m.reason) not in along]
    if not own:
        return None
    stood = next(move.old_due_at for move in postponed if move.id > own[-1].id)
    return None if stood is None else stood - own[-1].new_due_at


def _moves(db: Session, thing: str, thing_id: int) -> Sequence[DueChange]:
    return db.scalars(
        select(DueChange)
        .where(DueChange.thing == thing, DueChange.thing_id == thing_id)
        .order_by(DueChange.id)
    ).all()


def finish_preparation(
    db: Session, viewer: Viewer, call_in: CallIn, kinds: Collection[ActionKind], *, at: datetime
) -> None:
    """Say that parts of the preparation are done, as a step of the call-in shows."""
    for action in _booked(db, call_in):
        if action.kind in kinds and action.status in OPEN_ACTIONS:
            finish(db, viewer, action, at=at)


def drop_preparation(
    db: Session, viewer: Viewer, call_in: CallIn, *, at: datetime, reason: str
) -> None:
    """Drop what is open of the preparation of a call-in that is off or closed."""
    for action in _booked(db, call_in):
        drop(db, viewer, action, at=at, reason=reason)


def _booked(db: Session, call_in: CallIn) -> Sequence[Action]:
    kinds = [task.kind.value for task in PREPARATION]
    return db.scalars(
        select(Action)
        .where(Action.call_in_id == call_in.id, Action.kind.in_(kinds))
        .order_by(Action.id)
    ).all()
