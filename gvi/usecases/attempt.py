"""Taking back a try to deliver a custom notification that was recorded and never happened so.

A delivery counted that never happened is the most dangerous error of the ledger: somebody is held
to have been warned who was not.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from gvi.domain.access import Viewer
from gvi.domain.custom_notification import (
    ENDED_BY_HAND,
    TELLS_SOMEBODY,
    AttemptOutcome,
    NotificationStatus,
    status_after,
)
from gvi.domain.errors import NotFoundError
from gvi.domain.message import MessagePart
from gvi.domain.text import N_
from gvi.store.models import (
    CustomNotification,
    MessageDelivery,
    NotificationAttempt,
    WithdrawnAttempt,
)
from gvi.usecases.changes import reasoned
from gvi.usecases.custom_notification import log, set_status, the_written


def withdraw_attempt(
    db: Session,
    viewer: Viewer,
    notification_id: int,
    attempt_id: int,
    *,
    recorded_at: datetime,
    reason: str,
    at: datetime,
) -> CustomNotification:
    """Take back a try that never happened, or not so: everything is as without it.

    What it said leaves the ledger, and the status is what the other tries make it; an end that was
    decided by hand stays. The try is kept apart with who took it back, when and why. Both
    coordinators may, whoever recorded it. `recorded_at` tells the try from a later one that was
    given the same number.
    """
    said = reasoned(reason)
    notification = the_written(db, viewer, notification_id)
    _one_at_a_time(db, notification)
    tries = _tries(db, notification)
    taken = next(
        (t for t in tries if t.id == attempt_id and t.recorded_at == recorded_at),
        None,
    )
    if taken is None:
        raise NotFoundError(N_("There is no such attempt; it may have been withdrawn already."))
    line = _said_in(db, taken)
    db.add(_withdrawn(taken, line, viewer, reason=said, at=at))
    if line is not None:
        db.delete(line)
    db.delete(taken)
    db.flush()
    log(db, viewer, notification, "attempt_withdrawn", at=at)
    if notification.status not in ENDED_BY_HAND:
        standing = _standing(db, [each for each in tries if each is not taken])
        set_status(db, viewer, notification, standing, at=at, reason=said)
    return notification


def _one_at_a_time(db: Session, notification: CustomNotification) -> None:
    """Let two who take back the same try come one after the other."""
    table = CustomNotification.__table__
    db.execute(select(table.c.id).where(table.c.id == notification.id).with_for_update())


def _tries(db: Session, notification: CustomNotification) -> Sequence[NotificationAttempt]:
    """Read the tries in the order in which they were recorded, which is that of the statuses."""
    table = NotificationAttempt
    return db.scalars(
        select(table)
        .where(table.custom_notification_id == notification.id)
        .order_by(table.recorded_at, table.id)
    ).all()


def _said_in(db: Session, tried: NotificationAttempt) -> MessageDelivery | None:
    """Give the ledger's line of a try: written in the same act, about the same instant."""
    if tried.outcome not in TELLS_SOMEBODY:
        return None
    line = MessageDelivery
    return db.scalars(
        select(line)
        .where(
            line.custom_notification_id == tried.custom_notification_id,
            line.delivered_at == tried.attempted_at,
            line.recorded_at == tried.recorded_at,
            line.to_family.is_(tried.outcome == AttemptOutcome.FAMILY_ONLY),
        )
        .order_by(line.id)
        .limit(1)
    ).one_or_none()


def _standing(db: Session, tries: Sequence[NotificationAttempt]) -> NotificationStatus:
    """Say where an approved notification stands after these tries."""
    status = NotificationStatus.APPROVED
    for each in tries:
        was_told = _said_in(db, each) is not None
        status = status_after(status, AttemptOutcome(each.outcome), was_told=was_told)
    return status


def _withdrawn(
    taken: NotificationAttempt,
    line: MessageDelivery | None,
    viewer: Viewer,
    *,
    reason: str,
    at: datetime,
) -> WithdrawnAttempt:
    return WithdrawnAttempt(
        custom_notification_id=taken.custom_notification_id,
        attempted_at=taken.attempted_at,
        outcome=taken.outcome,
        place=taken.place,
        card_left=taken.card_left,
        note=taken.note,
        recorded_at=taken.recorded_at,
        recorded_by_id=taken.recorded_by_id,
        delivered_by=line.delivered_by if line else "",
        language=line.language if line else None,
        withdrawn_at=at,
        withdrawn_by_id=viewer.user_id,
        reason=reason,
        **{part.value: bool(line and getattr(line, part.value)) for part in MessagePart},
    )
