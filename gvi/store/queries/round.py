"""Rounds of custom notifications: the list, and one with its people."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Select, and_, case, func, or_, select
from sqlalchemy.orm import Session

from gvi.domain.access import Viewer
from gvi.domain.custom_notification import STILL_POSSIBLE, NotificationStatus, Reaction
from gvi.domain.errors import NotFoundError
from gvi.domain.paper import LetterLanguage
from gvi.domain.round import RoundStatus
from gvi.domain.text import N_
from gvi.domain.time import local_day
from gvi.store.known import known
from gvi.store.models import (
    CallIn,
    CustomNotification,
    Group,
    MessageDelivery,
    NotificationAttempt,
    Round,
    RoundGroup,
    RoundVisit,
    StatusChange,
    User,
    VisitLetter,
)
from gvi.store.queries.custom_notification import NotificationRow, notifications
from gvi.store.queries.rights import visible
from gvi.store.queries.risk_check import NOT_CHECKED, Risk, risks_of
from gvi.store.queries.visit_letter import LetterPart, WordsChanged, words_changed

_R, _N = Round.__table__.c, CustomNotification.__table__.c


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundRow:
    """One round in the list, with how far it is."""

    id: int
    name: str
    status: RoundStatus
    starts_on: date
    ends_on: date
    owner: str
    people: int
    attempts: int
    delivered: int
    remaining: int

    @property
    def is_open(self) -> bool:
        """Whether people can be added."""
        return self.status is RoundStatus.OPEN

    @property
    def tone(self) -> str:
        """How the list shows the row: quiet where it is over."""
        return "" if self.is_open else "quiet"


def rounds(db: Session, viewer: Viewer) -> tuple[RoundRow, ...]:
    """List the rounds, open ones first, the last to end on top; closed ones as they were closed."""
    owner = User.__table__
    seen = visible(_N, viewer, "custom_notification:list", person=_N.person_id, owner=_N.owner_id)
    tried, told = _tries().subquery(), _told_in_time().subquery()
    counted = (
        select(
            RoundVisit.round_id,
            _people().label("people"),
            func.coalesce(func.sum(tried.c.attempts), 0).label("attempts"),
            _count(told.c.id.is_not(None)).label("delivered"),
            _count(_N.status.in_(sorted(STILL_POSSIBLE))).label("remaining"),
        )
        .join_from(CustomNotification, RoundVisit, RoundVisit.custom_notification_id == _N.id)
        .outerjoin(tried, tried.c.id == _N.id)
        .outerjoin(told, told.c.id == _N.id)
        .where(seen)
        .group_by(RoundVisit.round_id)
        .subquery()
    )
    rows = db.execute(
        select(*_R, owner.c.display_name.label("owner"), *counted.c)
        .join_from(Round.__table__, owner, owner.c.id == _R.owner_id, isouter=True)
        .outerjoin(counted, counted.c.round_id == _R.id)
        .where(visible(_R, viewer, "round:list"))
        .order_by(_R.status != RoundStatus.OPEN.value, _R.ends_on.desc(), _R.id.desc())
    )
    return tuple(
        RoundRow(
            id=row.id,
            name=row.name,
            status=RoundStatus(row.status),
            starts_on=row.starts_on,
            ends_on=row.ends_on,
            owner=row.owner or "",
            people=row.people or 0,
            attempts=int(row.attempts or 0),
            delivered=int(row.delivered or 0),
            remaining=int(row.remaining or 0),
        )
        for row in rows
    )


def _tries() -> Any:
    """Count the attempts of each visit in a round, of a closed one until it was closed."""
    a = NotificationAttempt
    return (
        select(a.custom_notification_id.label("id"), func.count().label("attempts"))
        .join(RoundVisit, RoundVisit.custom_notification_id == a.custom_notification_id)
        .join(Round, Round.id == RoundVisit.round_id)
        .where(or_(_R.closed_at.is_(None), a.attempted_at <= _R.closed_at))
        .group_by(a.custom_notification_id)
    )


def _told_in_time() -> Any:
    """Give the visits in a round that were delivered, of a closed one before it was closed."""
    d = MessageDelivery
    return (
        select(d.custom_notification_id.label("id"))
        .join(RoundVisit, RoundVisit.custom_notification_id == d.custom_notification_id)
        .join(Round, Round.id == RoundVisit.round_id)
        .where(d.to_family.is_(False), or_(_R.closed_at.is_(None), d.delivered_at <= _R.closed_at))
        .distinct()
    )


def _people() -> Any:
    """Count who was to be visited; a visit that was called off is none of the round's."""
    return func.count(
        case((_N.status != NotificationStatus.CANCELLED.value, _N.person_id)).distinct()
    )


def _count(holds: Any) -> Any:
    return func.sum(case((holds, 1), else_=0))


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundCard:
    """One round: what it is, and for which groups."""

    id: int
    name: str
    status: RoundStatus
    starts_on: date
    ends_on: date
    owner_id: int | None
    owner: str
    team: str
    purpose: str
    call_in_id: int | None
    call_in: str
    groups: tuple[tuple[int, str], ...]
    created_at: datetime
    created_by: str
    closed_at: datetime | None
    went_on: int
    """How many are in a later round, and no longer here."""

    @property
    def is_open(self) -> bool:
        """Whether people can be added."""
        return self.status is RoundStatus.OPEN

    def days_late(self, on: date) -> int:
        """Say how many days an open round is over its last day."""
        return max(0, (on - self.ends_on).days) if self.is_open else 0


def round_card(db: Session, viewer: Viewer, round_id: int) -> RoundCard:
    """Give one round; raises NotFoundError where it is not for the viewer."""
    row = db.execute(_one(viewer).where(_R.id == round_id)).first()
    if row is None:
        raise NotFoundError(N_("There is no such round, or it is not for you."))
    return RoundCard(
        id=row.id,
        name=row.name,
        status=RoundStatus(row.status),
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        owner_id=row.owner_id,
        owner=row.owner or "",
        team=row.team,
        purpose=row.purpose,
        call_in_id=row.call_in_id,
        call_in=row.call_in or "",
        groups=_groups(db, viewer, row.id),
        created_at=row.created_at,
        created_by=row.created_by or "",
        closed_at=row.closed_at,
        went_on=_went_on(db, viewer, row.id),
    )


def _one(viewer: Viewer) -> Select[Any]:
    owner, maker = User.__table__.alias("owner"), User.__table__.alias("maker")
    return (
        select(
            *_R,
            owner.c.display_name.label("owner"),
            maker.c.display_name.label("created_by"),
            CallIn.name.label("call_in"),
        )
        .join_from(Round.__table__, owner, owner.c.id == _R.owner_id, isouter=True)
        .outerjoin(maker, maker.c.id == _R.created_by_id)
        .outerjoin(CallIn, CallIn.id == _R.call_in_id)
        .where(visible(_R, viewer, "round:read"))
    )


def _groups(db: Session, viewer: Viewer, round_id: int) -> tuple[tuple[int, str], ...]:
    g = known(Group, None)
    rows = db.execute(
        select(g.c.id, g.c.name)
        .join(RoundGroup, RoundGroup.group_id == g.c.id)
        .where(RoundGroup.round_id == round_id, visible(g.c, viewer, "group:read"))
        .order_by(g.c.name, g.c.id)
    )
    return tuple((row.id, row.name) for row in rows)


def _went_on(db: Session, viewer: Viewer, round_id: int) -> int:
    """Count visits whose trail says that they left this round, and that are not in it."""
    left = select(StatusChange.thing_id).where(
        StatusChange.programme_id == viewer.programme_id,
        StatusChange.thing == "custom_notification",
        StatusChange.field == "round",
        StatusChange.old == str(round_id),
        StatusChange.new != "",
    )
    here = select(RoundVisit.custom_notification_id).where(RoundVisit.round_id == round_id)
    elsewhere = and_(_N.id.in_(left), _N.id.not_in(here))
    seen = visible(_N, viewer, "custom_notification:list", person=_N.person_id, owner=_N.owner_id)
    return db.execute(select(func.count()).where(elsewhere, seen)).scalar_one()


@dataclass(frozen=True, slots=True, kw_only=True)
class Visited:
    """One person in a round: the visit, its risk, and what came of it."""

    row: NotificationRow
    risk: Risk
    why: str
    reaction: Reaction | None
    attempts: int
    """Of a closed round until it was closed."""
    delivered_at: datetime | None
    letter: LetterPart

    @property
    def is_possible(self) -> bool:
        """Whether the visit can still be made."""
        return self.row.status in STILL_POSSIBLE

    @property
    def look_again(self) -> bool:
        """Whether the plan or the risk of the visit is to be looked at again."""
        return self.row.look_again or (
            self.is_possible and (self.risk.look_again or self.risk.is_held_back)
        )


def visited_in(
    db: Session, viewer: Viewer, round_id: int, *, at: datetime, on: date
) -> tuple[Visited, ...]:
    """List the people of a round: those to look at again first, then by how far they are."""
    rows = notifications(db, viewer, at=at, on=on, round_id=round_id)
    ids = [row.id for row in rows]
    risks = risks_of(db, viewer, ids, at=at)
    texts = {row.id: row for row in db.execute(_texts(ids))}
    told = {row.id: row.first for row in db.execute(_told(ids))}
    reacted = {row.id: row.reaction for row in db.execute(_reactions(ids))}
    tried = {row.id: row.attempts for row in db.execute(_tries().where(_R.id == round_id))}
    changed = words_changed(db, viewer)
    found = [
        Visited(
            row=row,
            risk=risks.get(row.id, NOT_CHECKED),
            why=texts[row.id].why,
            reaction=Reaction(reacted[row.id]) if row.id in reacted else None,
            attempts=tried.get(row.id, 0),
            delivered_at=told.get(row.id),
            letter=_letter(texts[row.id], changed),
        )
        for row in rows
    ]
    return tuple(
        sorted(found, key=lambda each: (not each.look_again, not each.is_possible, each.row.name))
    )


def _letter(text: Any, changed: WordsChanged) -> LetterPart:
    language = LetterLanguage(text.language) if text.language else None
    return LetterPart(
        language=language,
        exposure=text.exposure or "",
        approved_at=text.approved_at,
        changed_at=changed.at(language),
    )


def _texts(ids: Collection[int]) -> Select[Any]:
    letter = VisitLetter
    return (
        select(_N.id, _N.why, letter.language, letter.exposure, letter.approved_at)
        .outerjoin_from(CustomNotification, letter, letter.custom_notification_id == _N.id)
        .where(_N.id.in_(sorted(ids)))
    )


def _told(ids: Collection[int]) -> Any:
    d = MessageDelivery
    return (
        select(d.custom_notification_id.label("id"), func.min(d.delivered_at).label("first"))
        .where(d.custom_notification_id.in_(sorted(ids)), d.to_family.is_(False))
        .group_by(d.custom_notification_id)
    )


def _reactions(ids: Collection[int]) -> Any:
    """Ask for the reactions, the last of each visit last."""
    a = NotificationAttempt
    return (
        select(a.custom_notification_id.label("id"), a.reaction)
        .where(a.custom_notification_id.in_(sorted(ids)), a.reaction.is_not(None))
        .order_by(a.attempted_at, a.id)
    )


def median_days(card: RoundCard, rows: Collection[Visited], zone: ZoneInfo) -> float | None:
    """Give the median number of days from the start to the delivery; None before the first."""
    days = [
        max(0, (local_day(each.delivered_at, zone) - card.starts_on).days)
        for each in rows
        if each.delivered_at is not None
    ]
    return median(days) if days else None
