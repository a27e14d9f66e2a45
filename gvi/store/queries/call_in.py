"""Call-ins: the list, one call-in's page, the next one, and what is due."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, and_, bindparam, exists, func, or_, select
from sqlalchemy.orm import Session

from gvi.domain.access import Scope, Viewer, allows, grant
from gvi.domain.call_in import (
    AWAITS_OUTCOME,
    BEFORE_HELD,
    HEARD,
    TAKES_A_SEAT,
    WERE_ASKED,
    CallInStatus,
    InviteeStatus,
)
from gvi.domain.call_in_session import SessionTime
from gvi.domain.errors import NotFoundError
from gvi.domain.group import UNCOUNTED_STATUSES
from gvi.domain.text import N_
from gvi.store.known import known
from gvi.store.models import CallIn, CallInGroup, Group, Invitee, User
from gvi.store.queries.call_in_session import later_starts, session_times
from gvi.store.queries.rights import asker, visible

_C, _I = CallIn.__table__.c, Invitee.__table__.c


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """How many of a call-in's invitees stand where; counts of all, under a right of their own."""

    invited: int = 0
    """Everybody who takes a seat."""
    cleared: int = 0
    said_yes: int = 0
    came: int = 0
    """Attended or left early."""
    left_early: int = 0
    asked: int = 0
    """Everybody whom the invitation reached, whatever came of it."""
    no_show: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CallInRow:
    """One call-in in the list."""

    id: int
    name: str
    status: CallInStatus
    starts_at: datetime | None
    starts: tuple[datetime, ...]
    """When each session begins, the first as the call-in itself."""
    venue: str
    seats: int
    numbers: Numbers
    groups: tuple[str, ...]
    """The groups addressed; empty for roles that do not see groups."""

    @property
    def is_to_come(self) -> bool:
        """Whether it has neither been held nor cancelled."""
        return self.status in BEFORE_HELD

    @property
    def tone(self) -> str:
        """How the list shows the row: quiet where it will not be held."""
        return "quiet" if self.status is CallInStatus.CANCELLED else ""


def call_ins(db: Session, viewer: Viewer) -> tuple[CallInRow, ...]:
    """List the call-ins, the latest first, those without a day before all others."""
    rows = db.execute(_latest_first(asker(viewer))).all()
    ids = [row.id for row in rows]
    counted, groups = numbers_of(db, viewer, ids), _group_names(db, viewer, ids)
    starts = _starts(db, rows)
    return tuple(
        CallInRow(
            id=row.id,
            name=row.name,
            status=CallInStatus(row.status),
            starts_at=row.starts_at,
            starts=starts[row.id],
            venue=row.venue,
            seats=row.seats,
            numbers=counted.get(row.id, Numbers()),
            groups=tuple(name for _, name in groups.get(row.id, ())),
        )
        for row in rows
    )


def _starts(db: Session, rows: Iterable[Any]) -> dict[int, tuple[datetime, ...]]:
    """Give when each session of some call-ins begins; nothing while they have no day."""
    there = list(rows)
    later = later_starts(db, [row.id for row in there if row.sessions > 1])
    return {
        row.id: (row.starts_at, *later.get(row.id, ())) if row.starts_at else () for row in there
    }


@lru_cache(maxsize=256)
def _latest_first(viewer: Viewer) -> Select[Any]:
    return _call_ins(viewer, "call_in:list").order_by(
        _C.starts_at.is_not(None), _C.starts_at.desc(), _C.id.desc()
    )


def _call_ins(viewer: Viewer, permission: str) -> Select[Any]:
    return select(*_C).where(visible(_C, viewer, permission))


def numbers_of(db: Session, viewer: Viewer, call_in_ids: Iterable[int]) -> dict[int, Numbers]:
    """Count the invitees of call-ins the viewer has been found to see; all, not only one's own."""
    if not allows(viewer, "invitee_count:read"):
        return {}
    counts: dict[int, dict[str, int]] = {}
    for row in db.execute(_INVITEES_BY_STATUS, {"ids": sorted(call_in_ids)}):
        counts.setdefault(row.call_in_id, {})[row.status] = row.number
    return {call_in: _numbers(by_status) for call_in, by_status in counts.items()}


_INVITEES_BY_STATUS = (
    select(_I.call_in_id, _I.status, func.count().label("number"))
    .where(_I.call_in_id.in_(bindparam("ids", expanding=True)))
    .group_by(_I.call_in_id, _I.status)
)


def _numbers(by_status: dict[str, int]) -> Numbers:
    def total(statuses: Iterable[str]) -> int:
        return sum(by_status.get(status, 0) for status in statuses)

    return Numbers(
        invited=total(TAKES_A_SEAT),
        cleared=total([InviteeStatus.CLEARED]),
        said_yes=total([InviteeStatus.CONFIRMED]),
        came=total(HEARD),
        asked=total(WERE_ASKED),
        left_early=total([InviteeStatus.LEFT_EARLY]),
        no_show=total([InviteeStatus.NO_SHOW]),
    )


def _group_names(
    db: Session, viewer: Viewer, call_in_ids: Iterable[int]
) -> dict[int, list[tuple[int, str]]]:
    """Give the groups each call-in addresses, for viewers who see all groups."""
    held = grant(viewer, "group:list")
    if held is None or held.scope is not Scope.ALL:
        return {}
    found: dict[int, list[tuple[int, str]]] = {}
    rows = db.execute(_groups_addressed(asker(viewer)), {"ids": sorted(call_in_ids)})
    for call_in_id, group_id, name in rows:
        found.setdefault(call_in_id, []).append((group_id, name))
    return found


@lru_cache(maxsize=256)
def _groups_addressed(viewer: Viewer) -> Select[Any]:
    g, addressed = known(Group, None), CallInGroup.__table__
    return (
        select(addressed.c.call_in_id, g.c.id, g.c.name)
        .join_from(addressed, g, g.c.id == addressed.c.group_id)
        .where(
            addressed.c.call_in_id.in_(bindparam("ids", expanding=True)),
            visible(g.c, viewer, "group:list"),
        )
        .order_by(g.c.name, g.c.id)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class CallInCard:
    """One call-in: what, when, where, for which groups, and how far it has come."""

    id: int
    name: str
    status: CallInStatus
    starts_at: datetime | None
    venue: str
    purpose: str
    seats: int
    minutes: int
    sessions: tuple[SessionTime, ...]
    """When and where each is held, the first as the call-in itself."""
    counts_own_attendance: bool
    """Whether its plan counts with the programme's own attendance, not the published figures."""
    approved_at: datetime | None
    approved_by: str
    created_at: datetime
    created_by: str
    groups: tuple[tuple[int, str], ...]
    """Ids and names; empty for roles that do not see groups."""
    numbers: Numbers
    other_cards: int
    """How many cards were handed to others than invitees."""

    @property
    def is_to_come(self) -> bool:
        """Whether it has neither been held nor cancelled."""
        return self.status in BEFORE_HELD

    def session(self, number: int) -> SessionTime:
        """Give one session; of one that was dropped since, the last."""
        return self.sessions[min(number, len(self.sessions)) - 1]


def call_in_card(db: Session, viewer: Viewer, call_in_id: int) -> CallInCard:
    """Give one call-in; raises NotFoundError where it is not for the viewer."""
    approver, maker = User.__table__.alias("approver"), User.__table__.alias("maker")
    row = db.execute(
        _call_ins(viewer, "call_in:read")
        .add_columns(approver.c.display_name.label("approver"), maker.c.display_name.label("maker"))
        .join_from(CallIn, approver, approver.c.id == _C.approved_by_id, isouter=True)
        .join(maker, maker.c.id == _C.created_by_id, isouter=True)
        .where(_C.id == call_in_id)
    ).one_or_none()
    if row is None:
        raise NotFoundError(N_("There is no such call-in, or it is not for you."))
    return CallInCard(
        id=row.id,
        name=row.name,
        status=CallInStatus(row.status),
        starts_at=row.starts_at,
        venue=row.venue,
        purpose=row.purpose,
        seats=row.seats,
        minutes=row.minutes,
        sessions=session_times(db, row),
        counts_own_attendance=row.counts_own_attendance,
        approved_at=row.approved_at,
        approved_by=row.approver or "",
        created_at=row.created_at,
        created_by=row.maker or "",
        groups=tuple(_group_names(db, viewer, [row.id]).get(row.id, ())),
        numbers=numbers_of(db, viewer, [row.id]).get(row.id, Numbers()),
        other_cards=row.other_cards,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class DueCallIn:
    """A call-in with a time: to be held, or held and its attendance not yet recorded."""

    id: int
    due_at: datetime
    what: str
    """A marked English sentence."""
    name: str
    person_id: None
    owner_id: int | None
    owner: str


TO_HOLD = N_("Hold the call-in")
TO_RECORD = N_("Record who came to the call-in")


def due_call_ins(db: Session, viewer: Viewer, at: datetime) -> tuple[DueCallIn, ...]:
    """List the call-ins that are still to be held, or whose attendance is not recorded, by time.

    A held one stays while somebody who was asked has no outcome. Between two sessions the next is
    to be held, once everybody asked to those before has an outcome. A role without call-ins gets
    none.
    """
    if not allows(viewer, "call_in:list"):
        return ()
    rows = db.execute(_to_be_held(asker(viewer))).all()
    starts, waits = _starts(db, rows), _waited_for(db, [row.id for row in rows if row.sessions > 1])
    found = []
    for row in rows:
        due_at = _due_at(starts[row.id], waits.get(row.id, ()), at)
        found.append(
            DueCallIn(
                id=row.id,
                due_at=due_at,
                what=TO_RECORD if due_at <= at else TO_HOLD,
                name=row.name,
                person_id=None,
                owner_id=row.owner_id,
                owner=row.display_name or "",
            )
        )
    return tuple(sorted(found, key=lambda each: (each.due_at, each.id)))


def _due_at(starts: Sequence[datetime], waits: Collection[int], at: datetime) -> datetime:
    """Give when the session begins that is to be recorded or held next."""
    for number, start in enumerate(starts, 1):
        if start > at or number in waits:
            return start
    return starts[-1]


def _waited_for(db: Session, call_in_ids: Collection[int]) -> dict[int, set[int]]:
    """Give the sessions in which somebody who was asked has no outcome."""
    found: dict[int, set[int]] = {}
    if call_in_ids:
        query = select(_I.call_in_id, _I.session).where(
            _I.call_in_id.in_(sorted(call_in_ids)), _I.status.in_(sorted(AWAITS_OUTCOME))
        )
        for row in db.execute(query):
            found.setdefault(row.call_in_id, set()).add(row.session)
    return found


@lru_cache(maxsize=256)
def _to_be_held(viewer: Viewer) -> Select[Any]:
    owner = User.__table__
    owner_id = func.coalesce(_C.approved_by_id, _C.created_by_id).label("owner_id")
    is_unrecorded = exists().where(_I.call_in_id == _C.id, _I.status.in_(sorted(AWAITS_OUTCOME)))
    return (
        select(_C.id, _C.name, _C.starts_at, _C.sessions, owner_id, owner.c.display_name)
        .join_from(CallIn.__table__, owner, owner.c.id == owner_id, isouter=True)
        .where(
            visible(_C, viewer, "call_in:list"),
            or_(
                _C.status.in_(sorted(BEFORE_HELD)),
                and_(_C.status == CallInStatus.HELD.value, is_unrecorded),
            ),
            _C.starts_at.is_not(None),
        )
        .order_by(_C.starts_at, _C.id)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class NextCallIn:
    """The next call-in, as Today shows it."""

    id: int
    name: str
    starts_at: datetime
    """When its next session begins."""
    starts: tuple[datetime, ...]
    """When each session begins that has not yet."""
    venue: str
    status: CallInStatus
    seats: int
    numbers: Numbers
    groups: tuple[str, ...]


def next_call_in(db: Session, viewer: Viewer, at: datetime) -> NextCallIn | None:
    """Give the first call-in that is still to come; None where there is none."""
    return first_to_come(call_ins(db, viewer), at) if allows(viewer, "call_in:list") else None


def first_to_come(rows: Iterable[CallInRow], at: datetime) -> NextCallIn | None:
    """Give the call-in whose next session is the first to come; None where there is none."""
    coming = []
    for row in rows:
        starts = tuple(start for start in row.starts if start > at)
        if row.status in BEFORE_HELD and starts:
            coming.append(
                NextCallIn(
                    id=row.id,
                    name=row.name,
                    starts_at=starts[0],
                    starts=starts,
                    venue=row.venue,
                    status=row.status,
                    seats=row.seats,
                    numbers=row.numbers,
                    groups=row.groups,
                )
            )
    return min(coming, key=lambda each: (each.starts_at, each.id), default=None)


def groups_to_choose(db: Session, viewer: Viewer) -> tuple[tuple[int, str], ...]:
    """List the groups a call-in may address: all that count, by name."""
    g = known(Group, None)
    rows = db.execute(
        select(g.c.id, g.c.name)
        .where(visible(g.c, viewer, "group:list"), g.c.status.not_in(sorted(UNCOUNTED_STATUSES)))
        .order_by(g.c.name, g.c.id)
    )
    return tuple((row.id, row.name) for row in rows)
