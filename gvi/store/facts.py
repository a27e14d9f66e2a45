"""Filling `domain.facts` from the database: the viewer's rights and the as-of instant first."""

from dataclasses import dataclass, fields
from datetime import datetime
from functools import lru_cache
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, String, Subquery, bindparam, cast, func, select
from sqlalchemy.orm import Session

from gvi.domain.access import Viewer, allows
from gvi.domain.facts import (
    Facts,
    GroupFacts,
    IncidentFacts,
    InvolvementFacts,
    MembershipFacts,
    PersonFacts,
    RelationFacts,
    TieFacts,
)
from gvi.domain.grading import Certainty
from gvi.domain.group import UNCOUNTED_STATUSES as UNCOUNTED_GROUPS
from gvi.domain.incident import UNCOUNTED_STATUSES as UNCOUNTED_INCIDENTS
from gvi.domain.membership import MembershipRole, MembershipStatus
from gvi.domain.tie import DEFAULT_STRENGTH
from gvi.domain.time import local_day
from gvi.store.known import known, valid_at
from gvi.store.models import (
    Group,
    GroupRelation,
    Incident,
    Involvement,
    Membership,
    Person,
    Tie,
)
from gvi.store.queries.rights import asker, visible
from gvi.store.types import Instant

PERMISSION = "score:read"
"""Facts for scores are read under the right to scores; what it may not see does not count."""

AS_OF: ColumnElement[datetime] = bindparam("as_of", type_=Instant)
"""The instant asked about, left open in the questions so that they are written once a viewer."""

T = TypeVar("T")
_NO_TIES = TieFacts(**{field.name: () for field in fields(TieFacts)})


def facts(
    db: Session, viewer: Viewer, as_of: datetime, zone: ZoneInfo, *, ties: bool = True
) -> Facts:
    """Read everything the scores need, as this viewer may know it at `as_of`.

    Without `ties` those are left empty: the most rows of all, and sums over groups need none.
    Raises NotAllowedError for a role that may not receive scores.
    """
    ask = _questions(asker(viewer))

    def read(table: type[T], question: Select[Any]) -> T:
        rows = db.execute(question, {"as_of": as_of}).all()
        names = [field.name for field in fields(table)]  # type: ignore[arg-type]
        columns = zip(*rows, strict=True) if rows else [()] * len(names)
        return table(**dict(zip(names, columns, strict=True)))

    return Facts(
        as_of=as_of,
        as_of_day=local_day(as_of, zone),
        persons=read(PersonFacts, ask.persons),
        groups=read(GroupFacts, ask.groups),
        memberships=read(MembershipFacts, ask.memberships),
        ties=read(TieFacts, ask.ties) if ties else _NO_TIES,
        relations=read(RelationFacts, ask.relations),
        incidents=read(IncidentFacts, ask.incidents),
        involvements=read(InvolvementFacts, ask.involvements),
    )


def shown_facts(db: Session, viewer: Viewer, as_of: datetime, zone: ZoneInfo) -> Facts:
    """Read the facts that may be shown one by one: children by those who work with them only.

    Raises NotAllowedError for a role that may not receive scores.
    """
    known_facts = facts(db, viewer, as_of, zone)
    return known_facts if allows(viewer, "under_18:read") else known_facts.of_adults()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Questions:
    """One question for each table of `Facts`; its columns are the table's fields, in order."""

    persons: Select[Any]
    groups: Select[Any]
    memberships: Select[Any]
    ties: Select[Any]
    relations: Select[Any]
    incidents: Select[Any]
    involvements: Select[Any]


@lru_cache(maxsize=256)
def _questions(viewer: Viewer) -> _Questions:
    people = _seen(known(Person, AS_OF), viewer)
    groups = _seen(known(Group, AS_OF), viewer, without=UNCOUNTED_GROUPS)
    incidents = _seen(known(Incident, AS_OF), viewer, without=UNCOUNTED_INCIDENTS)
    return _Questions(
        persons=_persons(people),
        groups=_groups(groups),
        memberships=_memberships(viewer, people, groups),
        ties=_ties(viewer, people),
        relations=_relations(viewer, groups),
        incidents=_incidents(incidents),
        involvements=_involvements(viewer, people, incidents),
    )


def _seen(table: Subquery, viewer: Viewer, *, without: frozenset[Any] = frozenset()) -> Subquery:
    rows = select(table).where(visible(table.c, viewer, PERMISSION))
    if without:
        rows = rows.where(table.c.status.not_in(sorted(without)))
    return rows.subquery(f"seen_{table.name}")


def _persons(people: Subquery) -> Select[Any]:
    p = people.c
    key = func.coalesce(p.external_id, p.code_name)
    return select(p.id, key, p.code_name, p.birth_date).order_by(p.id)


def _groups(groups: Subquery) -> Select[Any]:
    g = groups.c
    return select(g.id, func.coalesce(g.external_id, g.name), g.name).order_by(g.id)


def _memberships(viewer: Viewer, people: Subquery, groups: Subquery) -> Select[Any]:
    m = known(Membership, AS_OF)
    role = func.coalesce(m.c.role, MembershipRole.MEMBER.value)
    return (
        select(m.c.person_id, m.c.group_id, role, _certainty(m))
        .where(
            m.c.person_id.in_(select(people.c.id)),
            m.c.group_id.in_(select(groups.c.id)),
            visible(m.c, viewer, PERMISSION),
            m.c.status == MembershipStatus.CURRENT.value,
            role != MembershipRole.FORMER.value,
            *valid_at(m, AS_OF),
        )
        .order_by(m.c.person_id, m.c.group_id, m.c.id)
    )


def _ties(viewer: Viewer, people: Subquery) -> Select[Any]:
    t = known(Tie, AS_OF)
    strength = func.coalesce(t.c.strength, DEFAULT_STRENGTH)
    return (
        select(t.c.id, t.c.person_a_id, t.c.person_b_id, t.c.kind, strength, _certainty(t))
        .where(
            t.c.person_a_id.in_(select(people.c.id)),
            t.c.person_b_id.in_(select(people.c.id)),
            visible(t.c, viewer, PERMISSION),
            *valid_at(t, AS_OF),
        )
        .order_by(t.c.id)
    )


def _relations(viewer: Viewer, groups: Subquery) -> Select[Any]:
    r = known(GroupRelation, AS_OF)
    return (
        select(r.c.group_a_id, r.c.group_b_id, r.c.kind)
        .where(
            r.c.group_a_id.in_(select(groups.c.id)),
            r.c.group_b_id.in_(select(groups.c.id)),
            visible(r.c, viewer, PERMISSION),
            *valid_at(r, AS_OF),
        )
        .order_by(r.c.id)
    )


def _incidents(incidents: Subquery) -> Select[Any]:
    i = incidents.c
    # One without an external id goes by its number, as no file gave it a name.
    key = func.coalesce(i.external_id, "incident-" + cast(i.id, String))
    return select(i.id, key, i.occurred_at, i.kind, i.gmi).order_by(i.id)


def _involvements(viewer: Viewer, people: Subquery, incidents: Subquery) -> Select[Any]:
    v = known(Involvement, AS_OF)
    return (
        select(v.c.incident_id, v.c.person_id, v.c.role, _certainty(v))
        .where(
            v.c.person_id.in_(select(people.c.id)),
            v.c.incident_id.in_(select(incidents.c.id)),
            visible(v.c, viewer, PERMISSION),
        )
        .order_by(v.c.incident_id, v.c.person_id, v.c.role, v.c.id)
    )


def _certainty(table: Subquery) -> Any:
    return func.coalesce(table.c.certainty, Certainty.POSSIBLE.value)
