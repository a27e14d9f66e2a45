"""The auditor's work with signs: marking one as examined, and saying what to watch for."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from gvi.domain.access import Viewer
from gvi.domain.anomaly import Anomaly, signs
from gvi.domain.errors import NotFoundError, RuleError
from gvi.domain.naming import folded
from gvi.domain.text import N_
from gvi.domain.time import end_of_day, start_of_day
from gvi.store.models import AnomalyReview, AuditWatch, User
from gvi.store.queries.anomaly import ground_of, looks_between
from gvi.usecases.facts import log_change
from gvi.usecases.rights import require, the

MEASURED_DAYS = 60
"""How far back of the days asked about a user's own usual measure is taken from."""
PERMISSION = "anomaly:review"


def signs_between(
    db: Session, viewer: Viewer, since: date, until: date, zone: ZoneInfo
) -> tuple[Anomaly, ...]:
    """Compute the signs of some days, the latest first; nothing is kept."""
    begin = start_of_day(since - timedelta(days=MEASURED_DAYS), zone)
    end = end_of_day(until, zone)
    looks = looks_between(db, viewer, begin, end)
    return signs(looks, ground_of(db, viewer, looks, end), since=since, zone=zone)


def review_sign(
    db: Session, viewer: Viewer, key: str, *, on: date, note: str, at: datetime, zone: ZoneInfo
) -> None:
    """Mark a sign as examined, with what came of it; a later mark takes the place of the former.

    Raises NotFoundError where there is no such sign on that day, RuleError without a note.
    """
    require(viewer, PERMISSION)
    said = " ".join(note.split())
    if not said:
        raise RuleError(N_("Say what you found, in a few words."), field="note")
    sign = next((s for s in signs_between(db, viewer, on, on, zone) if s.key == key), None)
    if sign is None:
        raise NotFoundError(N_("There is no such sign any more."))
    mark = db.execute(
        select(AnomalyReview).where(
            AnomalyReview.programme_id == viewer.programme_id, AnomalyReview.anomaly == key
        )
    ).scalar_one_or_none()
    if mark is None:
        mark = AnomalyReview(programme_id=viewer.programme_id, anomaly=key)
        db.add(mark)
    mark.note, mark.reviewed_at, mark.reviewed_by_id = said, at, viewer.user_id or 0
    db.flush()
    log_change(
        db,
        viewer,
        "anomaly:reviewed",
        at=at,
        user=sign.user_id,
        audit_entry=sign.entries,
        anomaly=mark.id,
    )


def watch_for(
    db: Session, viewer: Viewer, user_id: int, *, kind: str, word: str, at: datetime
) -> None:
    """Watch a user's look-ups for a further surname or the area of the user's home."""
    require(viewer, PERMISSION)
    user = db.get(User, user_id)
    if user is None or user.programme_id != viewer.programme_id:
        raise NotFoundError(N_("There is no such user."))
    if kind not in ("surname", "area"):
        raise RuleError(N_("Choose surname or area."), field="watched")
    said = folded(word).strip() if kind == "surname" else " ".join(word.split())
    if not said:
        raise RuleError(N_("Write the surname or the area."), field="word")
    held = select(AuditWatch.id).where(
        AuditWatch.user_id == user_id, AuditWatch.kind == kind, AuditWatch.word == said
    )
    if db.execute(held).first():
        raise RuleError(N_("That is watched for already."), field="word")
    watch = AuditWatch(
        programme_id=viewer.programme_id,
        user_id=user_id,
        kind=kind,
        word=said,
        added_at=at,
        added_by_id=viewer.user_id or 0,
    )
    db.add(watch)
    db.flush()
    log_change(db, viewer, "anomaly:watched", at=at, user=user_id, watch=watch.id)


def stop_watching(db: Session, viewer: Viewer, watch_id: int, *, at: datetime) -> None:
    """Take a watched word away."""
    watch = the(db, viewer, AuditWatch, watch_id, PERMISSION)
    user_id = watch.user_id
    db.delete(watch)
    log_change(db, viewer, "anomaly:unwatched", at=at, user=user_id, watch=watch_id)
