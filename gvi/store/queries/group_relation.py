"""How groups stand to one another at a moment: in full, or only that there is a conflict."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select, union_all
from sqlalchemy.orm import Session

from gvi.domain.access import Viewer, allows
from gvi.domain.grading import Certainty
from gvi.domain.group import UNCOUNTED_STATUSES, RelationKind
from gvi.store.asked import Asked
from gvi.store.known import known
from gvi.store.models import Group, GroupRelation
from gvi.store.queries.rights import visible

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
    db: Session, viewer: Viewer, asked: Asked, group_ids: Iterable[int] | None = None
) -> dict[int, tuple[RelationRow, ...]]:
    """Give each group's relations, those that hold now first and the gravest first.

    None asks about all groups. A role without the right to relations gets none.
    """
    if not allows(viewer, "group_relation:read"):
        return {}
    full = allows(viewer, "group_full:read")
    found: dict[int, list[RelationRow]] = defaultdict(list)
    for row in db.execute(_query(viewer, asked, None if group_ids is None else set(group_ids))):
        found[row.group_id].append(_row(row, full=full))
    return {key: tuple(sorted(rows, key=_gravest_first)) for key, rows in found.items()}


def _gravest_first(row: RelationRow) -> tuple[bool, int, str, int]:
    return (not row.is_now, WEIGHT.index(row.kind), row.other, row.id)


def _query(viewer: Viewer, asked: Asked, group_ids: set[int] | None) -> Any:
    r, other = known(GroupRelation, asked.as_of), known(Group, asked.as_of, name="other")
    halves = []
    for own, far in (("group_a_id", "group_b_id"), ("group_b_id", "group_a_id")):
        half = (
            select(
                r.c.id,
                r.c[own].label("group_id"),
                other.c.id.label("other_id"),
                other.c.name.label("other"),
                r.c.kind,
                r.c.certainty,
                r.c.valid_from,
                r.c.valid_to,
                r.c.grade,
                r.c.note,
                _now(r.c, asked.at).label("is_now"),
            )
            .join(other, other.c.id == r.c[far])
            .where(
                visible(r.c, viewer, "group_relation:read"),
                other.c.programme_id == viewer.programme_id,
            )
        )
        halves.append(half if group_ids is None else half.where(r.c[own].in_(sorted(group_ids))))
    return union_all(*halves)


def _now(r: Any, at: datetime) -> ColumnElement[bool]:
    return and_(
        or_(r.valid_from.is_(None), r.valid_from <= at), or_(r.valid_to.is_(None), r.valid_to > at)
    )


def _row(row: Any, *, full: bool) -> RelationRow:
    return RelationRow(
        id=row.id,
        group_id=row.group_id,
        other_id=row.other_id,
        other=row.other,
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
    r, g = known(GroupRelation, asked.as_of), known(Group, asked.as_of)
    counted = select(g.c.id).where(g.c.status.not_in(sorted(UNCOUNTED_STATUSES)))
    rows = db.execute(
        select(r.c.group_a_id, r.c.group_b_id).where(
            visible(r.c, viewer, "conflict_warning:read"),
            r.c.kind == RelationKind.OPEN_CONFLICT.value,
            r.c.group_a_id.in_(counted),
            r.c.group_b_id.in_(counted),
            _now(r.c, asked.at),
        )
    )
    return frozenset(group_id for row in rows for group_id in row)
