"""The numbers of the page Today, and the incidents that are watched for what may follow."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import (
    ColumnElement,
    Executable,
    Select,
    bindparam,
    case,
    func,
    select,
    true,
)
from sqlalchemy.orm import Session

from gvi.domain.access import Viewer, allows
from gvi.domain.custom_notification import OPEN_STATUSES
from gvi.domain.incident import (
    UNCOUNTED_STATUSES,
    VICTIM_ROLES,
    Gmi,
    IncidentStatus,
)
from gvi.domain.time import local_day, start_of_day
from gvi.domain.today import WATCH_DAYS, watch_day
from gvi.store.known import known
from gvi.store.models import (
    CallIn,
    CustomNotification,
    Incident,
    Involvement,
    MessageDelivery,
    NotificationAttempt,
    SupportOffer,
)
from gvi.store.queries.rights import asker, visible
from gvi.store.types import Instant
from gvi.store.wall import behind_the_wall

_AT: ColumnElement[datetime] = bindparam("at", type_=Instant)
_SINCE: ColumnElement[datetime] = bindparam("since", type_=Instant)
"""Instants left open in the questions, so that they are written once a viewer."""

TO_REVIEW = (IncidentStatus.NEW.value, IncidentStatus.NEEDS_INFORMATION.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentCounts:
    """What happened since last time; `to_review` is None for roles that do not see reviews."""

    since: int
    confirmed: int
    likely: int
    unknown: int
    to_review: int | None


def incident_counts(db: Session, viewer: Viewer, since: datetime) -> IncidentCounts | None:
    """Count incidents since an instant by GMI, and all that wait for review; None without right."""
    permission = _counting(viewer, "incident:list", "incident_count:read")
    if permission is None:
        return None
    row = db.execute(_counting_incidents(asker(viewer), permission), {"since": since}).one()
    return IncidentCounts(
        since=row[0],
        confirmed=row[1],
        likely=row[2],
        unknown=row[3],
        to_review=row[4] if allows(viewer, "incident_full:read") else None,
    )


@lru_cache(maxsize=256)
def _counting_incidents(viewer: Viewer, permission: str) -> Executable:
    i = known(Incident, None)
    recent = i.c.occurred_at >= _SINCE
    return select(
        func.count(case((recent, 1))),
        *(
            func.count(case((recent & (i.c.gmi == gmi.value), 1)))
            for gmi in (Gmi.CONFIRMED, Gmi.LIKELY, Gmi.UNKNOWN)
        ),
        func.count(case((i.c.status.in_(TO_REVIEW), 1))),
    ).where(visible(i.c, viewer, permission), i.c.status.not_in(sorted(UNCOUNTED_STATUSES)))


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationCounts:
    """Attempts and deliveries since last time, and what is still to be delivered."""

    attempts: int
    delivered: int
    open: int
    late: int


def notification_counts(
    db: Session, viewer: Viewer, since: datetime, at: datetime
) -> NotificationCounts | None:
    """Count attempts and deliveries apart: an attempt is not a delivery; None without the right."""
    permission = _counting(
        viewer, "custom_notification_full:read", "custom_notification_count:read"
    )
    if permission is None:
        return None
    question = _counting_notifications(asker(viewer), permission)
    attempts, delivered, still, late = db.execute(question, {"since": since, "at": at}).one()
    return NotificationCounts(attempts=attempts, delivered=delivered, open=still, late=late)


@lru_cache(maxsize=256)
def _counting_notifications(viewer: Viewer, permission: str) -> Select[Any]:
    """Give one question for all three counts, as asking costs more than counting."""
    notifications, tried = CustomNotification.__table__, NotificationAttempt.__table__
    n, t, d = notifications.c, tried.c, MessageDelivery.__table__.c
    seen = visible(n, viewer, permission, person=n.person_id, owner=n.owner_id)
    attempts = (
        select(func.count().label("attempts"))
        .join_from(tried, notifications, n.id == t.custom_notification_id)
        .where(seen, t.attempted_at >= _SINCE, t.attempted_at <= _AT)
    ).subquery()
    delivered = (
        select(func.count(d.custom_notification_id.distinct()).label("delivered"))
        .join_from(MessageDelivery.__table__, notifications, n.id == d.custom_notification_id)
        .where(seen, d.delivered_at >= _SINCE, d.delivered_at <= _AT, d.to_family.is_(False))
    ).subquery()
    waiting = select(
        func.count().label("still"), func.count(case((n.due_at < _AT, 1))).label("late")
    ).where(seen, n.status.in_(sorted(OPEN_STATUSES)))
    rest = waiting.subquery()
    return select(
        attempts.c.attempts, delivered.c.delivered, rest.c.still, rest.c.late
    ).select_from(attempts.join(delivered, true()).join(rest, true()))


def call_in_count(db: Session, viewer: Viewer, since: datetime, at: datetime) -> int | None:
    """Count the call-ins held in a time; None without the right."""
    if not allows(viewer, "call_in:list"):
        return None
    question = _counting_call_ins(asker(viewer))
    held: int = db.execute(question, {"since": since, "at": at}).scalar_one()
    return held


@lru_cache(maxsize=256)
def _counting_call_ins(viewer: Viewer) -> Select[Any]:
    c = CallIn.__table__.c
    return select(func.count()).where(
        visible(c, viewer, "call_in:list"),
        c.status.in_(("held", "followed_up", "closed")),
        c.starts_at >= _SINCE,
        c.starts_at <= _AT,
    )


def _counting(viewer: Viewer, rows: str, counts: str) -> str | None:
    """Give the right under which a viewer counts: that to the rows, else that to counts only."""
    return next((right for right in (rows, counts) if allows(viewer, right)), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """An incident that something may follow, with what protects people first."""

    incident_id: int
    kind: str
    occurred_at: datetime
    area: str
    place: str | None
    gmi: Gmi
    day: int
    days: int
    hurt: int | None
    """How many different people are known to be hurt; None where the viewer may not know."""
    offered: int | None
    """To how many of them help was offered since: a number, never who."""
    visits_open: int | None
    visits_delivered: int | None
    next_visit_due: datetime | None
    ends_on: Any


def watches(db: Session, viewer: Viewer, at: datetime, zone: ZoneInfo) -> tuple[Watch, ...]:
    """List the incidents of the last 14 days in which a group is or may be involved, latest first.

    Known not to be about a group: no watch. Unknown is watched, since unknown is not "no".
    """
    if not allows(viewer, "incident:list"):
        return ()
    today, full = local_day(at, zone), allows(viewer, "incident_full:read")
    first = start_of_day(today - timedelta(days=WATCH_DAYS - 1), zone)
    rows = db.execute(_watched(asker(viewer)), {"since": first, "at": at}).all()
    hurt, visits = _hurt(db, viewer, first), _visits(db, viewer)
    found = []
    for row in rows:
        occurred_on = local_day(row.occurred_at, zone)
        people = None if hurt is None else hurt.get(row.id, (0, 0))
        visit = None if visits is None else visits.get(row.id, (0, 0, None))
        found.append(
            Watch(
                incident_id=row.id,
                kind=row.kind,
                occurred_at=row.occurred_at,
                area=row.area,
                place=row.place if full else None,
                gmi=Gmi(row.gmi),
                day=watch_day(occurred_on, today),
                days=WATCH_DAYS,
                hurt=people[0] if people else None,
                offered=people[1] if people else None,
                visits_open=visit[0] if visit else None,
                visits_delivered=visit[1] if visit else None,
                next_visit_due=visit[2] if visit else None,
                ends_on=occurred_on + timedelta(days=WATCH_DAYS - 1),
            )
        )
    return tuple(found)


@lru_cache(maxsize=256)
def _watched(viewer: Viewer) -> Select[Any]:
    i = known(Incident, None)
    columns = [i.c.id, i.c.kind, i.c.occurred_at, i.c.area, i.c.gmi]
    place = [i.c.place] if allows(viewer, "incident_full:read") else []
    return (
        select(*columns, *place)
        .where(
            visible(i.c, viewer, "incident:list"),
            i.c.occurred_at >= _SINCE,
            i.c.occurred_at <= _AT,
            i.c.gmi != Gmi.KNOWN_NOT.value,
            i.c.status.not_in(sorted(UNCOUNTED_STATUSES)),
        )
        .order_by(i.c.occurred_at.desc(), i.c.id.desc())
    )


def _hurt(db: Session, viewer: Viewer, first: datetime) -> dict[int, tuple[int, int]] | None:
    """Count who was hurt in each recent incident, and to how many help was offered since.

    Never for the police, however many were hurt: of one it would be a yes or no about support.
    """
    if not (allows(viewer, "hurt_count:read") and allows(viewer, "offer:read")):
        return None
    with behind_the_wall(db, "how many were hurt is told, not who"):
        rows = db.execute(_counting_hurt(asker(viewer)), {"since": first}).all()
    return {row[0]: (row[1], row[2]) for row in rows}


@lru_cache(maxsize=256)
def _counting_hurt(viewer: Viewer) -> Select[Any]:
    v, o, incidents = known(Involvement, None), SupportOffer.__table__.c, known(Incident, None)
    offered = (
        select(o.id)
        .where(
            visible(o, viewer, "offer:read", person=o.person_id),
            o.person_id == v.c.person_id,
            o.offered_at >= incidents.c.occurred_at,
        )
        .exists()
    )
    return (
        select(
            v.c.incident_id,
            func.count(v.c.person_id.distinct()),
            func.count(case((offered, v.c.person_id)).distinct()),
        )
        .join(incidents, incidents.c.id == v.c.incident_id)
        .where(
            visible(v.c, viewer, "hurt_count:read"),
            visible(incidents.c, viewer, "incident:list"),
            incidents.c.occurred_at >= _SINCE,
            v.c.role.in_(sorted(VICTIM_ROLES)),
        )
        .group_by(v.c.incident_id)
    )


def _visits(db: Session, viewer: Viewer) -> dict[int, tuple[int, int, datetime | None]] | None:
    """Count the custom notifications each incident set off: open, delivered, the next one due."""
    if not allows(viewer, "custom_notification_full:read"):
        return None
    rows = db.execute(_counting_visits(asker(viewer)))
    return {row[0]: (row[1], row[2], row[3]) for row in rows}


@lru_cache(maxsize=256)
def _counting_visits(viewer: Viewer) -> Select[Any]:
    n = CustomNotification.__table__.c
    is_open = n.status.in_(sorted(OPEN_STATUSES))
    return (
        select(
            n.incident_id,
            func.count(case((is_open, 1))),
            func.count(case((n.status == "delivered", 1))),
            func.min(case((is_open, n.due_at))),
        )
        .where(
            visible(n, viewer, "custom_notification:list", person=n.person_id, owner=n.owner_id),
            n.incident_id.is_not(None),
        )
        .group_by(n.incident_id)
    )
