"""What stands in calendars: the call-ins that have a day, without anybody's name."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from gvi.domain.access import Viewer
from gvi.domain.call_in import CallInStatus
from gvi.domain.call_in_session import SessionTime
from gvi.store.models import CalendarFeed, CallIn, Programme, User
from gvi.store.queries.call_in_session import dropped_sessions, session_times
from gvi.store.queries.rights import visible
from gvi.store.queries.session import WHO_ASKS


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarRow:
    """One session as calendars know it: the call-in's name and purpose, free text, stay here."""

    id: int
    """Of the call-in."""
    session: int
    status: CallInStatus
    starts_at: datetime
    minutes: int
    venue: str
    created_at: datetime
    sequence: int
    changed_at: datetime


def calendar_rows(
    db: Session, viewer: Viewer, permission: str, *, call_in_id: int | None = None
) -> tuple[CalendarRow, ...]:
    """List the sessions with a day of call-ins the viewer may see, cancelled ones too, by time.

    One that is gone from a calendar's file stays in the calendar; one that is cancelled goes, as
    does a session that was dropped.
    """
    c = CallIn.__table__.c
    query = (
        select(
            *(c.id, c.status, c.starts_at, c.minutes, c.venue, c.created_at, c.sessions),
            c.calendar_sequence.label("sequence"),
            c.calendar_changed_at,
        )
        .where(visible(c, viewer, permission), c.starts_at.is_not(None))
        .order_by(c.starts_at, c.id)
    )
    if call_in_id is not None:
        query = query.where(c.id == call_in_id)
    found = db.execute(query).all()
    entries = [_entry(row, held) for row in found for held in session_times(db, row)]
    called_off = {row.id: row for row in found}
    entries += [
        _entry(called_off[call_in], held, is_dropped=True)
        for call_in, held in dropped_sessions(db, called_off)
    ]
    return tuple(sorted(entries, key=lambda entry: (entry.starts_at, entry.id, entry.session)))


def _entry(row: Any, held: SessionTime, *, is_dropped: bool = False) -> CalendarRow:
    return CalendarRow(
        id=row.id,
        session=held.number,
        status=CallInStatus.CANCELLED if is_dropped else CallInStatus(row.status),
        starts_at=held.starts_at or row.starts_at,
        minutes=row.minutes,
        venue=held.venue or row.venue,
        created_at=row.created_at,
        sequence=row.sequence,
        changed_at=row.calendar_changed_at or row.created_at,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedRow:
    """A feed in force, as its user sees it; its address is known to nobody any more."""

    id: int
    created_at: datetime
    last_read_at: datetime | None


def own_feed(db: Session, viewer: Viewer) -> FeedRow | None:
    """Give the viewer's own feed, if one is in force."""
    f = CalendarFeed.__table__.c
    row = db.execute(
        select(f.id, f.created_at, f.last_read_at)
        .where(visible(f, viewer, "own_calendar:read", owner=f.user_id), f.revoked_at.is_(None))
        .order_by(f.id.desc())
    ).first()
    if row is None:
        return None
    return FeedRow(id=row.id, created_at=row.created_at, last_read_at=row.last_read_at)


FEED_IN_FORCE = (
    select(
        CalendarFeed.id.label("feed_id"),
        CalendarFeed.last_read_at,
        *WHO_ASKS,
    )
    .join(User, User.id == CalendarFeed.user_id)
    .join(Programme, Programme.id == User.programme_id)
    .where(
        CalendarFeed.token_hash == bindparam("hash"),
        CalendarFeed.revoked_at.is_(None),
        User.is_active,
    )
)
"""Asked for every reading of a feed; whose role counts is asked anew each time."""
