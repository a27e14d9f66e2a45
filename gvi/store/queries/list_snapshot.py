"""Kept lists as one viewer may see them: never more than the viewer's own rights to scores."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations
from typing import Any

from sqlalchemy import Select, Table, func, or_, select, true
from sqlalchemy.orm import Session

from gvi.domain.access import Viewer, allows, grant
from gvi.domain.errors import NotAllowedError, NotFoundError
from gvi.domain.list_snapshot import Inputs, ListAct
from gvi.domain.person import adult_born_by
from gvi.domain.policy import UNITS
from gvi.domain.text import N_
from gvi.store.models import (
    ListSnapshot,
    ListSnapshotEntry,
    ListSnapshotUse,
    Person,
    RiskDecision,
    RiskDecisionList,
    User,
)
from gvi.store.queries.rights import visible

PERMISSION = "score:read"
MOST = 200
"""Lists shown on one page, the newest."""

_LISTS: Table = ListSnapshot.metadata.tables[ListSnapshot.__tablename__]
_ENTRIES: Table = ListSnapshot.metadata.tables[ListSnapshotEntry.__tablename__]
_USES: Table = ListSnapshot.metadata.tables[ListSnapshotUse.__tablename__]
_RESTING: Table = ListSnapshot.metadata.tables[RiskDecisionList.__tablename__]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListUse:
    """One act that a list is kept for."""

    act: ListAct
    reason: str
    """Blank for a decided colour, which has its own reason."""
    at: datetime
    by: str
    """Blank for the local operator."""
    person_id: int | None = None
    """About whom a colour was decided; None where that person was removed since."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotRow:
    """One kept list without its people."""

    id: int
    score: str
    uses: tuple["ListUse", ...]
    """What was done with it, the first act first."""
    as_of: datetime
    made_at: datetime
    made_by: str
    role: str
    compartments: frozenset[str]
    policy_version: int
    seed: int
    people: int
    """How many stood on it when it was made."""
    left: int
    """How many of them are on it still."""
    inputs: Mapping[str, Inputs]
    digest: str

    @property
    def gone(self) -> int:
        """How many were removed since, or have become nothing for the viewer to see."""
        return self.people - self.left


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapshotEntry:
    """Where one person stood, by code name; the name is looked up by whoever may see it."""

    person_id: int
    key: str
    """The external id now, or the code name."""
    code_name: str
    rank: int
    units: int
    parts: Mapping[str, int]
    low: int | None
    high: int | None

    @property
    def score(self) -> float:
        """The score in harm units."""
        return self.units / UNITS

    @property
    def amounts(self) -> dict[str, float]:
        """The parts in harm units."""
        return {name: units / UNITS for name, units in self.parts.items()}


def snapshots(db: Session, viewer: Viewer, *, limit: int = MOST) -> tuple[SnapshotRow, ...]:
    """List the kept lists the viewer may see, the newest first."""
    rows = db.execute(_rows(viewer).order_by(_LISTS.c.id.desc()).limit(limit)).all()
    minors = Counter(_minors_then(db, viewer, {row.id: row.known_at for row in rows}))
    uses = _uses(db, viewer, rows)
    return tuple(_row(row, minors[row.id], uses[row.id]) for row in rows)


def snapshot(db: Session, viewer: Viewer, snapshot_id: int) -> SnapshotRow:
    """Give one kept list; raises NotFoundError for one the viewer may not see."""
    row = db.execute(_rows(viewer).where(_LISTS.c.id == snapshot_id)).one_or_none()
    if row is None:
        raise NotFoundError(N_("There is no such kept list, or it is not for you."))
    minors = len(_minors_then(db, viewer, {row.id: row.known_at}))
    return _row(row, minors, _uses(db, viewer, [row])[row.id])


def snapshot_entries(
    db: Session, viewer: Viewer, snapshot_id: int, *, to_compare: bool = False
) -> tuple[SnapshotEntry, ...]:
    """Give who stood on a list, by rank, without people the viewer may not see now.

    Who is known by now to have been under 18 then is left out, too (decision 0080), but where the
    entries are only compared and never shown. The caller has found the list by `snapshot`.
    """
    as_of = select(_LISTS.c.known_at).where(_LISTS.c.id == snapshot_id)
    last = adult_born_by(db.execute(as_of).scalar_one().date())
    grown = or_(Person.birth_date.is_(None), Person.birth_date <= last)
    rows = db.execute(
        select(
            *_ENTRIES.c,
            func.coalesce(Person.external_id, Person.code_name).label("key"),
            Person.code_name,
        )
        .join(Person, Person.id == _ENTRIES.c.person_id)
        .where(
            _ENTRIES.c.snapshot_id == snapshot_id,
            visible(Person.__table__.c, viewer, PERMISSION),
            true() if to_compare else grown,
        )
        .order_by(_ENTRIES.c.rank)
    )
    return tuple(
        SnapshotEntry(
            person_id=row.person_id,
            key=row.key,
            code_name=row.code_name,
            rank=row.rank,
            units=row.units,
            parts=json.loads(row.parts),
            low=row.low,
            high=row.high,
        )
        for row in rows
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptPlace:
    """Where one person stood on one kept list."""

    score: str
    as_of: datetime
    rank: int
    low: int | None
    high: int | None
    amount: float
    """The score in harm units."""
    parts: Mapping[str, float]
    """The parts in harm units."""
    was_child: bool
    """Whether the person is known by now to have been under 18 then."""


def kept_places(db: Session, viewer: Viewer, person_id: int) -> tuple[KeptPlace, ...]:
    """Give a person's places on the kept lists the viewer may see, the oldest first.

    Raises NotAllowedError for a role that may not receive scores.
    """
    lists = _rows(viewer).subquery()
    rows = db.execute(
        select(*_ENTRIES.c, lists.c.score, lists.c.known_at, Person.birth_date)
        .join(lists, lists.c.id == _ENTRIES.c.snapshot_id)
        .join(Person, Person.id == _ENTRIES.c.person_id)
        .where(_ENTRIES.c.person_id == person_id)
        .order_by(_ENTRIES.c.snapshot_id)
    )
    return tuple(
        KeptPlace(
            score=row.score,
            as_of=row.known_at,
            rank=row.rank,
            low=row.low,
            high=row.high,
            amount=row.units / UNITS,
            parts={name: units / UNITS for name, units in json.loads(row.parts).items()},
            was_child=bool(row.birth_date and row.birth_date > adult_born_by(row.known_at.date())),
        )
        for row in rows
    )


def _minors_then(db: Session, viewer: Viewer, made: Mapping[int, datetime]) -> list[int]:
    """Give the id of a list for each person on it who is known by now to have been under 18 then.

    A list's day is taken in UTC: who turns 18 in that night's first hours is left out.
    """
    if not made:
        return []
    last = {snapshot: adult_born_by(as_of.date()) for snapshot, as_of in made.items()}
    rows = db.execute(
        select(_ENTRIES.c.snapshot_id, Person.birth_date)
        .join(Person, Person.id == _ENTRIES.c.person_id)
        .where(
            _ENTRIES.c.snapshot_id.in_(made),
            visible(Person.__table__.c, viewer, PERMISSION),
            Person.birth_date > min(last.values()),
        )
    )
    return [row.snapshot_id for row in rows if row.birth_date > last[row.snapshot_id]]


def compartments_seen(viewer: Viewer) -> frozenset[str]:
    """Give the compartments whose facts make the viewer's lists.

    Raises NotAllowedError for a role that may not receive scores.
    """
    held = grant(viewer, PERMISSION)
    if held is None:
        raise NotAllowedError(N_("Your role does not give access to this."))
    return frozenset(each.value for each in held.compartments)


def _rows(viewer: Viewer) -> Select[Any]:
    """Select the lists that were made from no other compartments than the viewer sees."""
    seen = compartments_seen(viewer)
    left = (
        select(func.count())
        .select_from(_ENTRIES)
        .join(Person, Person.id == _ENTRIES.c.person_id)
        .where(
            _ENTRIES.c.snapshot_id == _LISTS.c.id,
            visible(Person.__table__.c, viewer, PERMISSION),
        )
        .scalar_subquery()
    )
    return (
        select(*_LISTS.c, User.display_name.label("made_by"), left.label("left"))
        .outerjoin(User, User.id == _LISTS.c.made_by_id)
        .where(visible(_LISTS.c, viewer, PERMISSION), _LISTS.c.compartments.in_(_within(seen)))
    )


def _within(seen: frozenset[str]) -> list[str]:
    """Give every profile, as it is stored, that has no compartment but these."""
    codes = sorted(seen)
    sets = (chosen for size in range(len(codes)) for chosen in combinations(codes, size + 1))
    return [",".join(chosen) for chosen in sets]


def _uses(db: Session, viewer: Viewer, lists: Sequence[Any]) -> dict[int, tuple[ListUse, ...]]:
    """Give every act on each list: what it was kept for first, later acts, decided colours."""
    ids = [row.id for row in lists]
    found: dict[int, list[ListUse]] = {row.id: _first_use(row) for row in lists}
    for row in db.execute(
        select(*_USES.c, User.display_name.label("used_by"))
        .outerjoin(User, User.id == _USES.c.used_by_id)
        .where(_USES.c.snapshot_id.in_(ids))
    ):
        act = ListAct(row.act)
        use = ListUse(act=act, reason=row.reason, at=row.used_at, by=row.used_by or "")
        found[row.snapshot_id].append(use)
    for row in db.execute(_decisions(viewer, ids)):
        use = ListUse(
            act=ListAct.DECIDED,
            reason="",
            at=row.decided_at,
            by=row.decided_by,
            person_id=row.person_id,
        )
        found[row.snapshot_id].append(use)
    return {
        key: tuple(sorted(_without_stand_in(uses), key=lambda use: use.at))
        for key, uses in found.items()
    }


def _first_use(row: Any) -> list[ListUse]:
    act = ListAct(row.act)
    return [ListUse(act=act, reason=row.reason, at=row.made_at, by=row.made_by or "")]


def _without_stand_in(uses: list[ListUse]) -> list[ListUse]:
    """Leave out the first act where it is a decision that is there itself, with its person."""
    first, later = uses[0], uses[1:]
    is_there = any(use.act is ListAct.DECIDED and use.at == first.at for use in later)
    return later if first.act is ListAct.DECIDED and is_there else uses


def _decisions(viewer: Viewer, list_ids: Sequence[int]) -> Select[Any]:
    """Select the decided colours that rest on lists, as far as the viewer may see them."""
    d = RiskDecision.__table__.c
    return (
        select(
            _RESTING.c.snapshot_id, d.person_id, d.decided_at, User.display_name.label("decided_by")
        )
        .join_from(_RESTING, RiskDecision, d.id == _RESTING.c.risk_decision_id)
        .join(User, User.id == d.decided_by_id)
        .where(
            _RESTING.c.snapshot_id.in_(list_ids),
            visible(d, viewer, "risk:read", person=d.person_id),
        )
        .order_by(d.id)
    )


def lists_behind(
    db: Session, viewer: Viewer, decision_ids: Iterable[int]
) -> dict[int, tuple[tuple[int, str], ...]]:
    """Give the kept lists each decided colour rests on, as number and score.

    Nothing for a role that may not receive scores, and no list the viewer may not see.
    """
    wanted = sorted(set(decision_ids))
    if not wanted or not allows(viewer, PERMISSION):
        return {}
    lists = _rows(viewer).subquery()
    found: dict[int, tuple[tuple[int, str], ...]] = {}
    for row in db.execute(
        select(_RESTING.c.risk_decision_id, lists.c.id, lists.c.score)
        .join(lists, lists.c.id == _RESTING.c.snapshot_id)
        .where(_RESTING.c.risk_decision_id.in_(wanted))
        .order_by(lists.c.id)
    ):
        before = found.get(row.risk_decision_id, ())
        found[row.risk_decision_id] = (*before, (row.id, row.score))
    return found


def _row(row: Any, minors: int, uses: tuple[ListUse, ...]) -> SnapshotRow:
    return SnapshotRow(
        id=row.id,
        score=row.score,
        uses=uses,
        as_of=row.known_at,
        made_at=row.made_at,
        made_by=row.made_by or "",
        role=row.role,
        compartments=frozenset(row.compartments.split(",")),
        policy_version=row.policy_version,
        seed=row.seed,
        people=row.people,
        left=row.left - minors,
        inputs={name: Inputs(*each) for name, each in json.loads(row.inputs).items()},
        digest=row.digest,
    )
