"""Calendar feeds: making one, whose address is shown once, revoking it, and reading one."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select, update
from sqlalchemy.orm import Session

from gvi.domain.access import Viewer, allows
from gvi.domain.audit import AuditVerb
from gvi.domain.errors import NotAllowedError, RuleError
from gvi.domain.text import N_
from gvi.domain.token import is_token, new_token
from gvi.store import audit
from gvi.store.models import CalendarFeed
from gvi.store.queries.calendar import FEED_IN_FORCE
from gvi.usecases.facts import log_change
from gvi.usecases.rights import require
from gvi.usecases.session import hash_of, viewer_of


def make_feed(db: Session, viewer: Viewer, *, at: datetime) -> str:
    """Make the viewer's own feed and give its secret, this once; an earlier feed is revoked."""
    require(viewer, "own_calendar:write")
    if viewer.user_id is None:
        raise NotAllowedError(N_("A calendar belongs to somebody who logs in."))
    revoke_feeds_of(db, viewer, viewer.user_id, reason="Another took its place.", at=at)
    secret = new_token()
    feed = CalendarFeed(
        programme_id=viewer.programme_id,
        user_id=viewer.user_id,
        token_hash=hash_of(secret),
        created_at=at,
    )
    db.add(feed)
    db.flush()
    log_change(
        db,
        viewer,
        "calendar_feed:added",
        at=at,
        collected=True,
        calendar_feed=feed.id,
        user=viewer.user_id,
    )
    return secret


def revoke_own_feed(db: Session, viewer: Viewer, *, at: datetime) -> None:
    """Let the viewer's own feed tell nothing from now on; raises RuleError where there is none."""
    require(viewer, "own_calendar:write")
    if viewer.user_id is None or not revoke_feeds_of(
        db, viewer, viewer.user_id, reason="Its user revoked it.", at=at
    ):
        raise RuleError(N_("It is revoked already."))


def revoke_feeds_of(db: Session, viewer: Viewer, user_id: int, *, reason: str, at: datetime) -> int:
    """Revoke a user's feed that is in force, with the reason and in the log; gives how many.

    The caller has the right to change how this user gets in.
    """
    query = select(CalendarFeed).where(
        CalendarFeed.user_id == user_id, CalendarFeed.revoked_at.is_(None)
    )
    feeds = db.execute(query).scalars().all()
    for feed in feeds:
        feed.revoked_at, feed.revoked_reason = at, reason
        log_change(db, viewer, "calendar_feed:revoked", at=at, calendar_feed=feed.id, user=user_id)
    return len(feeds)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenFeed:
    """A feed in force: whose it is, with the rights of their role now, and when it was read."""

    id: int
    viewer: Viewer
    programme: str
    last_read_at: datetime | None


def open_feed(db: Session | Connection, secret: str, *, source: str) -> OpenFeed | None:
    """Find the feed whose secret stands in an address, if it is in force."""
    if not is_token(secret):
        return None
    row = db.execute(FEED_IN_FORCE, {"hash": hash_of(secret)}).first()
    if row is None:
        return None
    viewer = viewer_of(row, f"{source} calendar {row.feed_id}".strip())
    if not allows(viewer, "own_calendar:read"):
        return None
    return OpenFeed(
        id=row.feed_id, viewer=viewer, programme=row.programme, last_read_at=row.last_read_at
    )


def note_reading(db: Session, feed: OpenFeed, call_ins: tuple[int, ...], *, at: datetime) -> None:
    """Keep that a feed was read, and put it into the log."""
    db.execute(update(CalendarFeed).where(CalendarFeed.id == feed.id).values(last_read_at=at))
    audit.append(
        db,
        feed.viewer,
        AuditVerb.CONSULTED,
        "own_calendar:read",
        at=at,
        subjects={"call_in": call_ins, "calendar_feed": [feed.id]},
        detail={"rows": len(call_ins)},
    )
