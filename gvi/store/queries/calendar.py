"""What stands in calendars: the call-ins that have a day, without anybody's name."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from gvi.domain.access import Viewer
from gvi.domain.call_in import CallInStatus
from gvi.store.models import CalendarFeed, CallIn, Programme, User
from gvi.store.queries.rights import visible
from gvi.store.queries.session import WHO_ASKS


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarRow:
    """One call-in as calendars know it: its name and purpose stay here, as they are free text."""

    id: int
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
    """List the call-ins with a day that the viewer may see, cancelled ones too, by their time.

    One that is gone from a calendar's file stays in the calendar; one that is cancelled goes.
    """
    c = CallIn.__table__.c
    query = (
        select(
            *(c.id, c.status, c.starts_at, c.minutes, c.venue, c.created_at),
            c.calendar_sequence.label("sequence"),
            c.calendar_changed_at,
        )
        .where(visible(c, viewer, permission), c.starts_at.is_not(None))
        .order_by(c.starts_at, c.id)
    )
    if call_in_id is not None:
        query = query.where(c.id == call_in_id)
    return tuple(
        CalendarRow(
            id=row.id,
            status=CallInStatus(row.status),
            starts_at=row.starts_at,
            minutes=row.minutes,
            venue=row.venue,
            created_at=row.created_at,
            sequence=row.sequence,
            changed_at=row.calendar_changed_at or row.created_at,
        )
        for row in db.execute(query)
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
