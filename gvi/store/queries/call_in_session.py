"""When and where each session of a call-in is held."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session

from gvi.domain.call_in_session import SessionTime, next_start
from gvi.store.models import CallInSession, StatusChange


class Held(Protocol):
    """What sessions are of: a call-in, as a row or a model, the viewer has been found to see."""

    id: int
    starts_at: datetime | None
    minutes: int
    venue: str
    sessions: int


def session_times(db: Session, call_in: Held) -> tuple[SessionTime, ...]:
    """Give when and where each session is held, the first as the call-in itself."""
    lasting = timedelta(minutes=call_in.minutes)
    given = _given(db, call_in) if call_in.sessions > 1 else {}
    times: list[SessionTime] = []
    for number in range(1, call_in.sessions + 1):
        starts_at, venue = given.get(number, (None, ""))
        if number == 1:
            starts_at = call_in.starts_at
        elif starts_at is None and times[-1].starts_at is not None:
            starts_at = next_start(times[-1].starts_at, lasting)
        times.append(
            SessionTime(
                number=number,
                starts_at=starts_at,
                ends_at=starts_at + lasting if starts_at else None,
                venue=venue or call_in.venue,
            )
        )
    return tuple(times)


def moved_by_hand(db: Session, invitee_ids: Collection[int]) -> frozenset[int]:
    """Give which of some invitees somebody moved to another session."""
    c = StatusChange.__table__.c
    rows = db.scalars(
        select(c.thing_id).where(
            c.thing == "invitee", c.field == "session", c.thing_id.in_(sorted(invitee_ids))
        )
    )
    return frozenset(rows)


def later_session_ids(db: Session, call_in_id: int) -> list[tuple[int, int]]:
    """Give number and id of each session after the first that is to be held."""
    s = CallInSession.__table__.c
    rows = db.execute(
        select(s.number, s.id)
        .where(s.call_in_id == call_in_id, s.dropped_at.is_(None))
        .order_by(s.number)
    )
    return [(row.number, row.id) for row in rows]


def later_starts(db: Session, call_in_ids: Collection[int]) -> dict[int, list[datetime]]:
    """Give when the sessions after the first begin, of call-ins that have more than one."""
    if not call_in_ids:
        return {}
    s = CallInSession.__table__.c
    rows = db.execute(
        select(s.call_in_id, s.starts_at)
        .where(
            s.call_in_id.in_(sorted(call_in_ids)),
            s.dropped_at.is_(None),
            s.starts_at.is_not(None),
        )
        .order_by(s.number)
    )
    found: dict[int, list[datetime]] = {}
    for row in rows:
        found.setdefault(row.call_in_id, []).append(row.starts_at)
    return found


def dropped_sessions(db: Session, call_in_ids: Collection[int]) -> list[tuple[int, SessionTime]]:
    """Give the sessions with a day that were dropped, each with the call-in it was of."""
    s = CallInSession.__table__.c
    rows = db.execute(
        select(s.call_in_id, s.number, s.starts_at, s.venue)
        .where(
            s.call_in_id.in_(sorted(call_in_ids)),
            s.dropped_at.is_not(None),
            s.starts_at.is_not(None),
        )
        .order_by(s.id)
    )
    return [
        (
            row.call_in_id,
            SessionTime(number=row.number, starts_at=row.starts_at, ends_at=None, venue=row.venue),
        )
        for row in rows
    ]


def _given(db: Session, call_in: Held) -> dict[int, tuple[datetime | None, str]]:
    s = CallInSession.__table__.c
    rows = db.execute(
        select(s.number, s.starts_at, s.venue).where(
            s.call_in_id == call_in.id, s.dropped_at.is_(None)
        )
    )
    return {row.number: (row.starts_at, row.venue) for row in rows}
