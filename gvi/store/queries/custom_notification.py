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
    ENDED_BY_HAND,
    MAX_ATTEMPTS_BEFORE_REVIEW,
    OPEN_STATUSES,
    STILL_POSSIBLE,
    NotificationStatus,
    NotificationTrigger,
)
from gvi.domain.errors import NotAllowedError, NotFoundError
from gvi.domain.paper import LetterLanguage
from gvi.domain.round import RoundStatus
from gvi.domain.text import N_
from gvi.store.known import known
from gvi.store.models import (
    CallIn,
    CustomNotification,
    MessageDelivery,
    NotificationAttempt,
    NotificationVisitor,
    Person,
    Round,
    RoundVisit,
    User,
    VisitLetter,
)
from gvi.store.queries.attempt import Attempt, Withdrawn, attempts_of, withdrawn_of
from gvi.store.queries.person import names_of
from gvi.store.queries.rights import asker, visible
from gvi.store.queries.risk_check import NOT_CHECKED, Risk, risks_of
from gvi.store.queries.visit_letter import LetterPart, words_changed

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
    round_id: int | None
    round: str
    """The round it belongs to, for those who see it whole."""
    is_in_open_round: bool
    trigger: NotificationTrigger | None
    why: str
    """Why this person; blank where the viewer knows time and place only."""
    attempts: int | None
    deliveries: int | None

    @property
    def is_open(self) -> bool:
        """Whether it is still to be delivered."""
        return self.status in OPEN_STATUSES

    @property
    def is_still_possible(self) -> bool:
        """Whether the person can still be met."""
        return self.status in STILL_POSSIBLE

    @property
    def is_ended(self) -> bool:
        """Whether it was ended undelivered."""
        return self.status in ENDED_BY_HAND

    @property
    def tone(self) -> str:
        """How the list shows the row: quiet where nothing is left to do."""
        return "" if self.is_open else "quiet"

    @property
    def look_again(self) -> bool:
        """Whether so many tries have failed that the plan itself must be looked at."""
        return self.is_still_possible and (self.attempts or 0) >= MAX_ATTEMPTS_BEFORE_REVIEW


def notifications(
    db: Session, viewer: Viewer, *, at: datetime, on: date, round_id: int | None = None
) -> tuple[NotificationRow, ...]:
    """List the custom notifications the viewer may see: those still open first, by their day.

    `round_id` asks for those of one round.
    """
    rows = _read(db, viewer, "custom_notification:list", at=at, on=on, round_id=round_id)
    return tuple(sorted(rows, key=_due_first))


def still_to_be_made(
    db: Session, viewer: Viewer, person_id: int, *, at: datetime, on: date
) -> NotificationRow | None:
    """Give the visit to somebody that is still to be made: there is one at a time."""
    rows = notifications(db, viewer, at=at, on=on)
    return next((r for r in rows if r.person_id == person_id and r.is_still_possible), None)


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
    round_id: int | None = None,
    open_only: bool = False,
    counted: bool = True,
) -> list[NotificationRow]:
    is_full = allows(viewer, "custom_notification_full:read")
    query = _question(asker(viewer), permission, open_only=open_only or not is_full)
    if only is not None:
        query = query.where(_N.id == only)
    if round_id is not None:
        query = query.where(RoundVisit.round_id == round_id)
    found = db.execute(query).all()
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
            round_id=row.round_id if is_full else None,
            round=row.round or "" if is_full else "",
            is_in_open_round=is_full and row.round_status == RoundStatus.OPEN,
            trigger=NotificationTrigger(row.trigger) if is_full else None,
            why=row.why if is_full else "",
            attempts=attempts.get(row.id, 0) if is_full else None,
            deliveries=deliveries.get(row.id, 0) if is_full else None,
        )
        for row in found
    ]


@lru_cache(maxsize=256)
def _question(viewer: Viewer, permission: str, *, open_only: bool) -> Select[Any]:
    p, owner = known(Person, None), User.__table__
    query = (
        select(
            *(*_N, p.c.code_name, owner.c.display_name.label("owner")),
            *(RoundVisit.round_id, Round.name.label("round"), Round.status.label("round_status")),
        )
        .join_from(CustomNotification.__table__, p, p.c.id == _N.person_id)
        .join(owner, owner.c.id == _N.owner_id, isouter=True)
        .outerjoin(RoundVisit, RoundVisit.custom_notification_id == _N.id)
        .outerjoin(Round, Round.id == RoundVisit.round_id)
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
class Plan:
    """What only those see who see a notification whole."""

    team: str
    risk: Risk
    why: str
    letter: LetterPart
    incident_id: int | None
    call_in_id: int | None
    call_in: str
    round_id: int | None
    round: str
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
    return NotificationCard(
        row=rows[0], plan=_plan(db, viewer, rows[0].id, at=at) if is_full else None
    )


def _plan(db: Session, viewer: Viewer, notification_id: int, *, at: datetime) -> Plan:
    maker, approver = User.__table__.alias("maker"), User.__table__.alias("approver")
    row = db.execute(
        select(
            *(_N.team, _N.why, VisitLetter.language, VisitLetter.exposure, VisitLetter.approved_at),
            *(RoundVisit.round_id, Round.name.label("round")),
            approver.c.display_name.label("approved_by"),
            _N.incident_id,
            _N.call_in_id,
            _N.created_at,
            CallIn.name.label("call_in"),
            maker.c.display_name.label("created_by"),
        )
        .join_from(CustomNotification, CallIn, CallIn.id == _N.call_in_id, isouter=True)
        .join(maker, maker.c.id == _N.created_by_id, isouter=True)
        .outerjoin(VisitLetter, VisitLetter.custom_notification_id == _N.id)
        .outerjoin(approver, approver.c.id == VisitLetter.approved_by_id)
        .outerjoin(RoundVisit, RoundVisit.custom_notification_id == _N.id)
        .outerjoin(Round, Round.id == RoundVisit.round_id)
        .where(visible(_N, viewer, "custom_notification_full:read"), _N.id == notification_id)
    ).one()
    language = LetterLanguage(row.language) if row.language else None
    return Plan(
        team=row.team,
        risk=risks_of(db, viewer, [notification_id], at=at).get(notification_id, NOT_CHECKED),
        why=row.why,
        letter=LetterPart(
            language=language,
            exposure=row.exposure or "",
            approved_at=row.approved_at,
            approved_by=row.approved_by or "",
            changed_at=words_changed(db, viewer).at(language),
        ),
        round_id=row.round_id,
        round=row.round or "",
        incident_id=row.incident_id if allows(viewer, "incident:read") else None,
        call_in_id=row.call_in_id,
        call_in=row.call_in or "",
        created_at=row.created_at,
        created_by=row.created_by or "",
        visitors=_visitors(db, notification_id),
        attempts=attempts_of(db, notification_id),
        withdrawn=withdrawn_of(db, notification_id),
    )


def _visitors(db: Session, notification_id: int) -> tuple[tuple[int, str], ...]:
    rows = db.execute(
        select(User.id, User.display_name)
        .join(NotificationVisitor, NotificationVisitor.user_id == User.id)
        .where(NotificationVisitor.custom_notification_id == notification_id)
        .order_by(User.display_name, User.id)
    )
    return tuple((row.id, row.display_name) for row in rows)


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
