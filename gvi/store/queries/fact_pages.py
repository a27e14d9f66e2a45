"""Memberships, ties and relations by id, so many at a time, for those who read them as data."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from gvi.domain.access import Viewer, allows
from gvi.domain.errors import NotFoundError
from gvi.domain.text import N_
from gvi.store.asked import Asked
from gvi.store.known import known
from gvi.store.models import Group, GroupRelation, Membership, Person, Tie
from gvi.store.queries.person import seen_whole
from gvi.store.queries.rights import Columns, visible


@dataclass(frozen=True, slots=True, kw_only=True)
class FactFilter:
    """What is asked of a list of facts; None means no matter which."""

    person_id: int | None = None
    group_id: int | None = None
    kind: str | None = None
    in_force: bool = False
    """Only what holds at the moment asked about."""
    after: int = 0
    limit: int = 100
    only: int | None = None
    """The id of the one that is asked for."""


def memberships_after(
    db: Session, viewer: Viewer, asked: Asked, wanted: FactFilter
) -> Sequence[Any]:
    """Give memberships by id; those of under-18s only to those who may see them whole."""
    m, p = known(Membership, asked.as_of), known(Person, asked.as_of)
    query = (
        select(m)
        .join(p, p.c.id == m.c.person_id)
        .where(
            visible(m.c, viewer, "membership:read", person=m.c.person_id),
            _person_seen(p.c, viewer, asked),
            *_common(m.c, wanted, asked),
        )
    )
    if wanted.person_id is not None:
        query = query.where(m.c.person_id == wanted.person_id)
    if wanted.group_id is not None:
        query = query.where(m.c.group_id == wanted.group_id)
    return db.execute(query.order_by(m.c.id).limit(wanted.limit)).all()


def ties_after(db: Session, viewer: Viewer, asked: Asked, wanted: FactFilter) -> Sequence[Any]:
    """Give ties by id; those with an under-18 only to those who may see both whole."""
    t = known(Tie, asked.as_of)
    a, b = known(Person, asked.as_of, name="a"), known(Person, asked.as_of, name="b")
    query = (
        select(t)
        .join(a, a.c.id == t.c.person_a_id)
        .join(b, b.c.id == t.c.person_b_id)
        .where(
            visible(t.c, viewer, "tie:read"),
            _person_seen(a.c, viewer, asked),
            _person_seen(b.c, viewer, asked),
            *_common(t.c, wanted, asked),
        )
    )
    if wanted.person_id is not None:
        query = query.where(
            or_(t.c.person_a_id == wanted.person_id, t.c.person_b_id == wanted.person_id)
        )
    if wanted.kind is not None:
        query = query.where(t.c.kind == wanted.kind)
    return db.execute(query.order_by(t.c.id).limit(wanted.limit)).all()


def relations_after(db: Session, viewer: Viewer, asked: Asked, wanted: FactFilter) -> Sequence[Any]:
    """Give relations between groups by id; source, grade and note to full readers only."""
    r = known(GroupRelation, asked.as_of)
    groups = known(Group, asked.as_of)
    shown = ["id", "group_a_id", "group_b_id", "kind", "certainty", "valid_from", "valid_to"]
    if allows(viewer, "group_full:read"):
        shown += ["source", "grade", "ground", "note", "review_due_on", "recorded_at"]
    counted = select(groups.c.id)
    query = select(*(r.c[name] for name in shown)).where(
        visible(r.c, viewer, "group_relation:read"),
        r.c.group_a_id.in_(counted),
        r.c.group_b_id.in_(counted),
        *_common(r.c, wanted, asked),
    )
    if wanted.group_id is not None:
        query = query.where(
            or_(r.c.group_a_id == wanted.group_id, r.c.group_b_id == wanted.group_id)
        )
    if wanted.kind is not None:
        query = query.where(r.c.kind == wanted.kind)
    return db.execute(query.order_by(r.c.id).limit(wanted.limit)).all()


def found_one(rows: Sequence[Any]) -> Any:
    """Give the only row; raises NotFoundError where there is none for the viewer."""
    if not rows:
        raise NotFoundError(N_("There is no such record, or it is not for you."))
    return rows[0]


def _person_seen(p: Columns, viewer: Viewer, asked: Asked) -> ColumnElement[bool]:
    return and_(visible(p, viewer, "person:read", person=p["id"]), seen_whole(p, viewer, asked.on))


def _common(c: Columns, wanted: FactFilter, asked: Asked) -> list[ColumnElement[bool]]:
    clauses: list[ColumnElement[bool]] = [c["id"] > wanted.after]
    if wanted.only is not None:
        clauses.append(c["id"] == wanted.only)
    if wanted.in_force:
        clauses += [
            or_(c["valid_from"].is_(None), c["valid_from"] <= asked.at),
            or_(c["valid_to"].is_(None), c["valid_to"] > asked.at),
        ]
    return clauses
