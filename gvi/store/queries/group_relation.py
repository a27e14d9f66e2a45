"""How groups stand to one another at a moment: in full, or only that there is a conflict."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, or_, select
from sqlalchemy.orm import Session

from gvi.domain.access import Viewer, allows
from gvi.domain.grading import Certainty
from gvi.domain.group import UNCOUNTED_STATUSES, RelationKind
from gvi.store.asked import Asked
from gvi.store.known import Moment, known
from gvi.store.models import Group, GroupRelation
from gvi.store.queries.rights import asker, visible
from gvi.store.types import Instant
from gvi.store.wall import behind_the_wall

WEIGHT = list(RelationKind)
"""Relations in their order of gravity: open conflict first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RelationRow:
    """One relation as seen from one of its two groups; some are told neither grade nor note."""

    id: int
    group_id: int
    """From which it is seen."""
    other_id: int
    other: str
    kind: RelationKind
    certainty: Certainty
    valid_from: datetime | None
    valid_to: datetime | None
    is_now: bool
    grade: str | None
    note: str | None

    @property
    def tone(self) -> str:
        """Grey for what no longer holds."""
        return "" if self.is_now else "quiet"


def relations_of(
    db: Session,
    viewer: Viewer,
    asked: Asked,
    group_id: int | None = None,
    *,
    names: Mapping[int, str] | None = None,
) -> dict[int, tuple[RelationRow, ...]]:
    """Give each group's relations, those that hold now first and the gravest first.

    Without an id it asks about all groups. `names` says what the groups are called, where the
    caller knows it already. A role without the right to relations gets none.
    """
    if not allows(viewer, "group_relation:read"):
        return {}
    rows = db.execute(_query(asker(viewer), asked.as_of, group_id), {"at": asked.at}).all()
    called = _names(db, viewer, asked) if names is None and rows else names or {}
    full = allows(viewer, "group_full:read")
    found: dict[int, list[RelationRow]] = defaultdict(list)
    for row in rows:
        for own, other in ((row.group_a_id, row.group_b_id), (row.group_b_id, row.group_a_id)):
            if own in called and other in called:
                found[own].append(_row(row, own, other, called[other], full=full))
    return {key: tuple(sorted(each, key=_gravest_first)) for key, each in found.items()}


def _gravest_first(row: RelationRow) -> tuple[bool, int, str, int]:
    return (not row.is_now, WEIGHT.index(row.kind), row.other, row.id)


@lru_cache(maxsize=256)
def _query(viewer: Viewer, as_of: datetime | None, group_id: int | None) -> Select[Any]:
    r = known(GroupRelation, as_of)
    query = select(
        r.c.id,
        r.c.group_a_id,
        r.c.group_b_id,
        r.c.kind,
        r.c.certainty,
        r.c.valid_from,
        r.c.valid_to,
        r.c.grade,
        r.c.note,
        _now(r.c, bindparam("at", type_=Instant)).label("is_now"),
    ).where(visible(r.c, viewer, "group_relation:read"))
    if group_id is not None:
        query = query.where(or_(r.c.group_a_id == group_id, r.c.group_b_id == group_id))
    return query


def _names(db: Session, viewer: Viewer, asked: Asked) -> dict[int, str]:
    g = asked.known(Group)
    rows = db.execute(select(g.c.id, g.c.name).where(g.c.programme_id == viewer.programme_id))
    return {row.id: row.name for row in rows}


def _now(r: Any, at: Moment) -> ColumnElement[bool]:
    return and_(
        or_(r.valid_from.is_(None), r.valid_from <= at), or_(r.valid_to.is_(None), r.valid_to > at)
    )


def _row(row: Any, own: int, other: int, name: str, *, full: bool) -> RelationRow:
    return RelationRow(
        id=row.id,
        group_id=own,
        other_id=other,
        other=name,
        kind=RelationKind(row.kind),
        certainty=Certainty(row.certainty or Certainty.POSSIBLE),
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        is_now=bool(row.is_now),
        grade=row.grade if full else None,
        note=row.note if full else None,
    )


def groups_in_conflict(db: Session, viewer: Viewer, asked: Asked) -> frozenset[int]:
    """Give the groups that are in an open conflict now, for those who may be warned of it.

    With whom is not said. Raises NotAllowedError for a role that is not warned.
    """
    question = _in_conflict(asker(viewer), asked.as_of)
    with behind_the_wall(db, "whoever meets clients is warned of a conflict, not told with whom"):
        rows = db.execute(question, {"at": asked.at}).all()
    return frozenset(group_id for row in rows for group_id in row)


@lru_cache(maxsize=256)
def _in_conflict(viewer: Viewer, as_of: datetime | None) -> Select[Any]:
    r, g = known(GroupRelation, as_of), known(Group, as_of)
    counted = select(g.c.id).where(g.c.status.not_in(sorted(UNCOUNTED_STATUSES)))
    return select(r.c.group_a_id, r.c.group_b_id).where(
        visible(r.c, viewer, "conflict_warning:read"),
        r.c.kind == RelationKind.OPEN_CONFLICT.value,
        r.c.group_a_id.in_(counted),
        r.c.group_b_id.in_(counted),
        _now(r.c, bindparam("at", type_=Instant)),
    )
