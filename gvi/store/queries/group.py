"""Groups: the list, and the head of every page about one."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, and_, bindparam, func, select
from sqlalchemy.orm import Session

from gvi.domain.access import Scope, Viewer, allows, grant
from gvi.domain.errors import NotFoundError
from gvi.domain.group import UNCOUNTED_STATUSES, GroupKind, GroupStatus, RelationKind
from gvi.domain.text import N_
from gvi.store.asked import Asked
from gvi.store.known import known
from gvi.store.models import Group, GroupAlias, Membership, Person
from gvi.store.queries.group_relation import RelationRow, groups_in_conflict, relations_of
from gvi.store.queries.membership import counted_now
from gvi.store.queries.person import seen_whole
from gvi.store.queries.rights import asker, visible
from gvi.store.types import Instant

_AT: ColumnElement[datetime] = bindparam("at", type_=Instant)


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupRow:
    """One group of the list."""

    id: int
    external_id: str | None
    name: str
    status: GroupStatus
    kind: GroupKind | None
    """None where it is not known, or not for the viewer."""
    area: str
    members: int | None
    """People who are in it now; None for those who may not know memberships."""
    relations: tuple[RelationRow, ...] = ()
    """What holds now with groups that count, the gravest first."""
    in_conflict: bool = False
    """Whether there is an open conflict; all that some roles are told."""

    @property
    def tone(self) -> str:
        """Grey for groups that count for nothing, or are at rest."""
        active = (GroupStatus.ACTIVE, GroupStatus.CANDIDATE)
        return "" if self.status in active else "quiet"

    @property
    def conflict(self) -> RelationKind | None:
        """The gravest relation that holds now, as the filter knows it."""
        if self.relations:
            return self.relations[0].kind
        return RelationKind.OPEN_CONFLICT if self.in_conflict else None


def groups(db: Session, viewer: Viewer, asked: Asked) -> tuple[GroupRow, ...]:
    """List every group the viewer may see, by name."""
    rows = db.execute(_by_name(asker(viewer), asked.as_of), {"at": asked.at}).all()
    full = allows(viewer, "group_full:read")
    members = _member_counts(db, viewer, asked)
    # Who sees every group needs no second question for what the others are called.
    names = {row.id: row.name for row in rows} if full else None
    relations = relations_of(db, viewer, asked, names=names)
    warned = _warnings(db, viewer, asked)
    uncounted = {row.id for row in rows if row.status in UNCOUNTED_STATUSES}
    return tuple(
        GroupRow(
            id=row.id,
            external_id=row.external_id,
            name=row.name,
            status=GroupStatus(row.status),
            kind=GroupKind(row.kind) if full and row.kind else None,
            area=row.area,
            members=None if members is None else members.get(row.id, 0),
            relations=tuple(
                each
                for each in relations.get(row.id, ())
                if each.is_now and each.other_id not in uncounted and row.id not in uncounted
            ),
            in_conflict=row.id in warned,
        )
        for row in rows
    )


@lru_cache(maxsize=256)
def _by_name(viewer: Viewer, as_of: datetime | None) -> Select[Any]:
    g = known(Group, as_of)
    return (
        select(g.c.id, g.c.external_id, g.c.name, g.c.status, g.c.kind, g.c.area)
        .where(_seen(g, viewer, "group:list", as_of))
        .order_by(g.c.name, g.c.id)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupHead:
    """Which group it is, and what this viewer may know of it beside its members."""

    id: int
    external_id: str | None
    name: str
    status: GroupStatus
    is_full: bool
    """False for those who know name, area and conflict state only."""
    aliases: tuple[str, ...]
    kind: GroupKind | None
    area: str
    note: str
    recorded_at: datetime
    relations: tuple[RelationRow, ...]
    in_conflict: bool


def group_head(db: Session, viewer: Viewer, group_id: int, asked: Asked) -> GroupHead:
    """Give one group; raises NotFoundError where there is none, or not for the viewer."""
    g = asked.known(Group)
    row = db.execute(
        select(g).where(g.c.id == group_id, _seen(g, viewer, "group:read", asked.as_of)),
        {"at": asked.at},
    ).one_or_none()
    if row is None:
        raise NotFoundError(N_("There is no such group, or it is not for you."))
    full = allows(viewer, "group_full:read")
    relations = relations_of(db, viewer, asked, group_id).get(group_id, ())
    open_conflict = any(each.is_now and each.kind == "open_conflict" for each in relations)
    return GroupHead(
        id=row.id,
        external_id=row.external_id,
        name=row.name,
        status=GroupStatus(row.status),
        is_full=full,
        aliases=_aliases(db, [group_id]).get(group_id, ()) if full else (),
        kind=GroupKind(row.kind) if full and row.kind else None,
        area=row.area,
        note=row.note if full else "",
        recorded_at=row.recorded_at,
        relations=relations,
        in_conflict=open_conflict or group_id in _warnings(db, viewer, asked),
    )


def aliases_of_groups(db: Session, viewer: Viewer) -> dict[int, tuple[str, ...]]:
    """Give what each group is called besides its name, to full readers only."""
    if not allows(viewer, "group_full:read"):
        return {}
    g = Group.__table__
    ids = db.execute(select(g.c.id).where(visible(g.c, viewer, "group_full:read"))).scalars()
    return _aliases(db, list(ids))


def group_options(db: Session, viewer: Viewer, asked: Asked) -> list[tuple[str, str]]:
    """Give the groups that count as id and name, for a select."""
    rows = db.execute(_by_name(asker(viewer), asked.as_of), {"at": asked.at})
    return [(str(row.id), row.name) for row in rows if row.status not in UNCOUNTED_STATUSES]


def _seen(
    g: Subquery, viewer: Viewer, permission: str, as_of: datetime | None
) -> ColumnElement[bool]:
    """Give the clause for the groups a viewer may see: all, or those of the own clients at `at`."""
    held = grant(viewer, permission)
    if held is None or held.scope is Scope.ALL:
        return visible(g.c, viewer, permission)
    m = known(Membership, as_of)
    own = select(m.c.group_id).where(
        visible(m.c, viewer, "membership_group:read", person=m.c.person_id),
        counted_now(m.c, _AT),
    )
    return and_(g.c.programme_id == viewer.programme_id, g.c.id.in_(own))


def _warnings(db: Session, viewer: Viewer, asked: Asked) -> frozenset[int]:
    if not allows(viewer, "conflict_warning:read"):
        return frozenset()
    return groups_in_conflict(db, viewer, asked)


def _member_counts(db: Session, viewer: Viewer, asked: Asked) -> dict[int, int] | None:
    if not allows(viewer, "membership:read"):
        return None
    rows = db.execute(_counting_members(asker(viewer), asked.as_of, asked.on), {"at": asked.at})
    return {row.group_id: row.members for row in rows}


@lru_cache(maxsize=256)
def _counting_members(viewer: Viewer, as_of: datetime | None, on: date) -> Select[Any]:
    m, p = known(Membership, as_of), known(Person, as_of)
    return (
        select(m.c.group_id, func.count(m.c.person_id.distinct()).label("members"))
        .join(p, p.c.id == m.c.person_id)
        .where(
            visible(m.c, viewer, "membership:read", person=m.c.person_id),
            visible(p.c, viewer, "person:read", person=p.c.id),
            seen_whole(p.c, viewer, on),
            counted_now(m.c, _AT),
        )
        .group_by(m.c.group_id)
    )


def _aliases(db: Session, group_ids: list[int]) -> dict[int, tuple[str, ...]]:
    table = GroupAlias.__table__
    found: dict[int, list[str]] = {}
    rows = db.execute(
        select(table.c.group_id, table.c.alias)
        .where(table.c.group_id.in_(group_ids))
        .order_by(table.c.alias)
    )
    for row in rows:
        found.setdefault(row.group_id, []).append(row.alias)
    return {key: tuple(aliases) for key, aliases in found.items()}
