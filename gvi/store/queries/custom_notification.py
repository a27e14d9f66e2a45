"""Custom notifications: the list, one with its attempts, and what is due.

Police and municipal coordinators and analysts see them whole; outreach and probation see time and
place of what is still to come for their own clients, and whoever goes along those of the visit.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, func, or_, select
from sqlalchemy.orm import Session

from gvi.domain.access import Role, Scope, Viewer, allows, grant
from gvi.domain.custom_notification import (
    MAX_ATTEMPTS_BEFORE_REVIEW,
    OPEN_STATUSES,
    AttemptOutcome,
    NotificationStatus,
    NotificationTrigger,
)
from gvi.domain.errors import NotAllowedError, NotFoundError
from gvi.domain.message import MessagePart
from gvi.domain.text import N_
from gvi.store.known import known
from gvi.store.models import (
    CallIn,
    CustomNotification,
    MessageDelivery,
    NotificationAttempt,
    NotificationVisitor,
    Person,
    User,
    WithdrawnAttempt,
)
from gvi.store.queries.message import parts_of
from gvi.store.queries.person import names_of
from gvi.store.queries.rights import asker, visible

_N = CustomNotification.__table__.c


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationRow:
    """One custom notification in a list; None where the viewer knows time and place only."""

    id: int
    person_id: int
    name: str
    code_name: str
    due_at: datetime
    place: str
    status: NotificationStatus
    owner_id: int | None
    owner: str
    is_late: bool
    trigger: NotificationTrigger | None
    attempts: int | None
    deliveries: int | None

    @property
    def is_open(self) -> bool:
        """Whether it is still to be delivered."""
        return self.status in OPEN_STATUSES

    @property
    def tone(self) -> str:
        """How the list shows the row: quiet where nothing is left to do."""
        return "" if self.is_open else "quiet"

    @property
    def look_again(self) -> bool:
        """Whether so many tries have failed that the plan itself must be looked at."""
        return self.is_open and (self.attempts or 0) >= MAX_ATTEMPTS_BEFORE_REVIEW


def notifications(
    db: Session, viewer: Viewer, *, at: datetime, on: date
) -> tuple[NotificationRow, ...]:
    """List the custom notifications the viewer may see: those still open first, by their day."""
    rows = _read(db, viewer, "custom_notification:list", at=at, on=on)
    return tuple(sorted(rows, key=_due_first))


def _due_first(row: NotificationRow) -> tuple[bool, float, int]:
    instant = row.due_at.timestamp()
    return (not row.is_open, instant if row.is_open else -instant, row.id)


def _read(
    db: Session,
    viewer: Viewer,
    permission: str,
    *,
    at: datetime,
    on: date,
    only: int | None = None,
    open_only: bool = False,
    counted: bool = True,
) -> list[NotificationRow]:
    is_full = allows(viewer, "custom_notification_full:read")
    query = _question(asker(viewer), permission, open_only=open_only or not is_full)
    found = db.execute(query if only is None else query.where(_N.id == only)).all()
    names = names_of(db, viewer, [row.person_id for row in found], on=on)
    ids = [row.id for row in found]
    attempts = _counts(db, NotificationAttempt, ids) if is_full and counted else {}
    deliveries = _counts(db, MessageDelivery, ids) if is_full and counted else {}
    return [
        NotificationRow(
            id=row.id,
            person_id=row.person_id,
            name=names[row.person_id],
            code_name=row.code_name,
            due_at=row.due_at,
            place=row.place,
            status=NotificationStatus(row.status),
            owner_id=row.owner_id,
            owner=row.owner or "",
            is_late=row.status in OPEN_STATUSES and row.due_at < at,
            trigger=NotificationTrigger(row.trigger) if is_full else None,
            attempts=attempts.get(row.id, 0) if is_full else None,
            deliveries=deliveries.get(row.id, 0) if is_full else None,
        )
        for row in found
    ]


@lru_cache(maxsize=256)
def _question(viewer: Viewer, permission: str, *, open_only: bool) -> Select[Any]:
    p, owner = known(Person, None), User.__table__
    query = (
        select(*_N, p.c.code_name, owner.c.display_name.label("owner"))
        .join_from(CustomNotification.__table__, p, p.c.id == _N.person_id)
        .join(owner, owner.c.id == _N.owner_id, isouter=True)
        .where(_seen(viewer, permission, p.c))
        .order_by(_N.due_at, _N.id)
    )
    return query.where(_N.status.in_(sorted(OPEN_STATUSES))) if open_only else query


def _seen(viewer: Viewer, permission: str, people: Any) -> ColumnElement[bool]:
    """Give the clause of what a viewer sees: by right over the person, or as one who goes along."""
    held = grant(viewer, permission)
    if held is None:
        raise NotAllowedError(N_("Your role does not give access to this."))
    visits = select(NotificationVisitor.custom_notification_id).where(
        NotificationVisitor.user_id == viewer.user_id
    )
    goes_along = and_(_N.programme_id == viewer.programme_id, _N.id.in_(visits))
    if viewer.role is Role.COMMUNITY:
        return goes_along
    by_right = and_(
        visible(_N, viewer, permission, person=_N.person_id, owner=_N.owner_id),
        visible(people, viewer, "person:read", person=people.id),
    )
    return by_right if held.scope is Scope.ALL else or_(by_right, goes_along)


def _counts(db: Session, model: Any, ids: Iterable[int]) -> dict[int, int]:
    """Count attempts or deliveries of notifications; what the family was told is no delivery."""
    return {row[0]: row[1] for row in db.execute(_counting(model), {"ids": sorted(ids)})}


@cache
def _counting(model: Any) -> Select[Any]:
    rows = model.__table__.c
    query = select(rows.custom_notification_id, func.count()).where(
        rows.custom_notification_id.in_(bindparam("ids", expanding=True))
    )
    if model is MessageDelivery:
        query = query.where(rows.to_family.is_(False))
    return query.group_by(rows.custom_notification_id)


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What only those see who see a notification whole."""

    team: str
    risk_check: str
    incident_id: int | None
    call_in_id: int | None
    call_in: str
    created_at: datetime
    created_by: str
    visitors: tuple[tuple[int, str], ...]
    attempts: tuple[Attempt, ...]
    withdrawn: tuple[Withdrawn, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationCard:
    """One custom notification; `plan` is None where the viewer knows time and place only."""

    row: NotificationRow
    plan: Plan | None


def notification_card(
    db: Session, viewer: Viewer, notification_id: int, *, at: datetime, on: date
) -> NotificationCard:
    """Give one custom notification; raises NotFoundError where it is not for the viewer."""
    rows = _read(db, viewer, "custom_notification:read", at=at, on=on, only=notification_id)
    if not rows:
        raise NotFoundError(N_("There is no such custom notification, or it is not for you."))
    is_full = allows(viewer, "custom_notification_full:read")
    return NotificationCard(row=rows[0], plan=_plan(db, viewer, rows[0].id) if is_full else None)


def _plan(db: Session, viewer: Viewer, notification_id: int) -> Plan:
    maker = User.__table__.alias("maker")
    row = db.execute(
        select(
            _N.team,
            _N.risk_check,
            _N.incident_id,
            _N.call_in_id,
            _N.created_at,
            CallIn.name.label("call_in"),
            maker.c.display_name.label("created_by"),
        )
        .join_from(CustomNotification, CallIn, CallIn.id == _N.call_in_id, isouter=True)
        .join(maker, maker.c.id == _N.created_by_id, isouter=True)
        .where(visible(_N, viewer, "custom_notification_full:read"), _N.id == notification_id)
    ).one()
    return Plan(
        team=row.team,
        risk_check=row.risk_check,
        incident_id=row.incident_id if allows(viewer, "incident:read") else None,
        call_in_id=row.call_in_id,
        call_in=row.call_in or "",
        created_at=row.created_at,
        created_by=row.created_by or "",
        visitors=_visitors(db, notification_id),
        attempts=_attempts(db, notification_id),
        withdrawn=_withdrawn(db, notification_id),
    )


def _visitors(db: Session, notification_id: int) -> tuple[tuple[int, str], ...]:
    rows = db.execute(
        select(User.id, User.display_name)
        .join(NotificationVisitor, NotificationVisitor.user_id == User.id)
        .where(NotificationVisitor.custom_notification_id == notification_id)
        .order_by(User.display_name, User.id)
    )
    return tuple((row.id, row.display_name) for row in rows)


def _attempts(db: Session, notification_id: int) -> tuple[Attempt, ...]:
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
        recorded_by=row.display_name or "",
        parts=parts_of(line) if line else (),
        delivered_by=line.delivered_by if line else "",
        to_family=bool(line) and row.outcome == AttemptOutcome.FAMILY_ONLY,
    )


def _withdrawn(db: Session, notification_id: int) -> tuple[Withdrawn, ...]:
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


@dataclass(frozen=True, slots=True, kw_only=True)
class DueNotification:
    """A custom notification that is still to be delivered."""

    id: int
    due_at: datetime
    what: str
    """A marked English sentence."""
    trigger: NotificationTrigger | None
    person_id: int
    name: str
    owner_id: int | None
    owner: str


TO_DELIVER = N_("Custom notification")


def due_notifications(
    db: Session, viewer: Viewer, *, at: datetime, on: date
) -> tuple[DueNotification, ...]:
    """List the open custom notifications the viewer may see, by their day.

    A role without the right gets none.
    """
    if not allows(viewer, "custom_notification:list"):
        return ()
    rows = _read(
        db, viewer, "custom_notification:list", at=at, on=on, open_only=True, counted=False
    )
    return tuple(
        DueNotification(
            id=row.id,
            due_at=row.due_at,
            what=TO_DELIVER,
            trigger=row.trigger,
            person_id=row.person_id,
            name=row.name,
            owner_id=row.owner_id,
            owner=row.owner,
        )
        for row in rows
    )
