"""What is recorded of one group and its relations, with sources and history."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from gvi.domain.access import Viewer, allows
from gvi.store.asked import Asked
from gvi.store.models import Group, GroupRelation, StatusChange, User
from gvi.store.queries.record import Record, StatusStep, records
from gvi.store.queries.rights import Columns, visible


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupRecords:
    """The records a viewer may see of a group; `group` is empty for other than full readers."""

    group: tuple[Record, ...]
    relations: tuple[Record, ...]
    names: dict[int, str]
    """What the groups are called."""


def group_records(db: Session, viewer: Viewer, group_id: int, asked: Asked) -> GroupRecords:
    """Give the records of a group that has been found for this viewer before."""
    full = allows(viewer, "group_full:read")

    def own(c: Columns) -> list[ColumnElement[bool]]:
        return [c["id"] == group_id, visible(c, viewer, "group_full:read")]

    def between(c: Columns) -> list[ColumnElement[bool]]:
        ours = or_(c["group_a_id"] == group_id, c["group_b_id"] == group_id)
        return [ours, visible(c, viewer, "group_relation:read")]

    hidden = frozenset() if full else frozenset({"note"})
    relations = records(db, viewer, GroupRelation, between, asked, hidden=hidden)
    ids = {r.values[end] for r in relations for end in ("group_a_id", "group_b_id")}
    table = Group.__table__
    rows = db.execute(select(table.c.id, table.c.name).where(table.c.id.in_(ids)))
    return GroupRecords(
        group=records(db, viewer, Group, own, asked) if full else (),
        relations=relations,
        names={row.id: row.name for row in rows},
    )


def status_history(
    db: Session, viewer: Viewer, group_id: int, asked: Asked
) -> tuple[StatusStep, ...]:
    """Give the changes of a group's status, the latest first; for full readers only."""
    if not allows(viewer, "group_full:read"):
        return ()
    c = StatusChange.__table__.c
    rows = db.execute(
        select(c.changed_at, c.old, c.new, c.reason, User.display_name)
        .outerjoin(User, User.id == c.changed_by_id)
        .where(
            visible(c, viewer, "group_full:read"),
            c.thing == "group",
            c.thing_id == group_id,
            c.field == "status",
            c.changed_at <= asked.at,
        )
        .order_by(c.changed_at.desc(), c.id.desc())
    )
    return tuple(
        StatusStep(
            at=row.changed_at,
            by=row.display_name or "",
            old=row.old,
            new=row.new,
            reason=row.reason,
        )
        for row in rows
    )
