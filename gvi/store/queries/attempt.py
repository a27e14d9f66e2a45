"""Tries to deliver a custom notification, with what was said; and those that were taken back."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from gvi.domain.custom_notification import Answer, AttemptOutcome, Reaction
from gvi.domain.message import MessagePart
from gvi.store.models import MessageDelivery, NotificationAttempt, User, WithdrawnAttempt
from gvi.store.queries.message import parts_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One try to meet the person, with what was said if somebody was met."""

    id: int
    attempted_at: datetime
    recorded_at: datetime
    outcome: AttemptOutcome
    place: str
    card_left: bool
    note: str
    family_present: Answer
    reaction: Reaction | None
    assessment: str
    help_offered: str
    next_step: str
    was_held_back: bool
    recorded_by: str
    parts: tuple[MessagePart, ...]
    delivered_by: str
    to_family: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawn:
    """A try that was taken back: it counts for nothing, and what it said is not in the ledger."""

    attempt: Attempt
    at: datetime
    by: str
    reason: str


def attempts_of(db: Session, notification_id: int) -> tuple[Attempt, ...]:
    """Read the tries, the first first; what was said stands with the try of the same act."""
    tries = NotificationAttempt.__table__.c
    rows = db.execute(
        select(*tries, User.display_name)
        .join_from(NotificationAttempt, User, User.id == tries.recorded_by_id, isouter=True)
        .where(tries.custom_notification_id == notification_id)
        .order_by(tries.attempted_at, tries.id)
    ).all()
    said = {
        (line.delivered_at, line.recorded_at): line
        for line in db.execute(
            select(*MessageDelivery.__table__.c).where(
                MessageDelivery.custom_notification_id == notification_id
            )
        )
    }
    return tuple(_attempt(row, said.get((row.attempted_at, row.recorded_at))) for row in rows)


def _attempt(row: Any, line: Any) -> Attempt:
    return Attempt(
        id=row.id,
        attempted_at=row.attempted_at,
        recorded_at=row.recorded_at,
        outcome=AttemptOutcome(row.outcome),
        place=row.place,
        card_left=row.card_left,
        note=row.note,
        family_present=Answer(row.family_present),
        reaction=Reaction(row.reaction) if row.reaction else None,
        assessment=row.assessment,
        help_offered=row.help_offered,
        next_step=row.next_step,
        was_held_back=row.was_held_back,
        recorded_by=row.display_name or "",
        parts=parts_of(line) if line else (),
        delivered_by=line.delivered_by if line else "",
        to_family=bool(line) and row.outcome == AttemptOutcome.FAMILY_ONLY,
    )


def withdrawn_of(db: Session, notification_id: int) -> tuple[Withdrawn, ...]:
    """Read the tries that were taken back, the first of them first."""
    taken = WithdrawnAttempt.__table__.c
    maker, taker = User.__table__.alias("maker"), User.__table__.alias("taker")
    rows = db.execute(
        select(*taken, maker.c.display_name, taker.c.display_name.label("withdrawn_by"))
        .join_from(WithdrawnAttempt, maker, maker.c.id == taken.recorded_by_id, isouter=True)
        .join(taker, taker.c.id == taken.withdrawn_by_id, isouter=True)
        .where(taken.custom_notification_id == notification_id)
        .order_by(taken.withdrawn_at, taken.id)
    )
    return tuple(
        Withdrawn(
            attempt=_attempt(row, row if row.delivered_by else None),
            at=row.withdrawn_at,
            by=row.withdrawn_by or "",
            reason=row.reason,
        )
        for row in rows
    )
