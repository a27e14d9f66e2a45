"""Filling `domain.facts` from the database: the viewer's rights and the as-of instant first."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import String, Subquery, cast, func, select
from sqlalchemy.orm import Session

from gvi.domain.access import Viewer
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
from gvi.store.queries.rights import visible

PERMISSION = "score:read"
"""Facts for scores are read under the right to scores; what it may not see does not count."""


def facts(db: Session, viewer: Viewer, as_of: datetime, zone: ZoneInfo) -> Facts:
    """Read everything the scores need, as this viewer may know it at `as_of`.

    Raises NotAllowedError for a role that may not receive scores.
    """
    people = _seen(known(Person, as_of), viewer)
    groups = _seen(known(Group, as_of), viewer, without=UNCOUNTED_GROUPS)
    incidents = _seen(known(Incident, as_of), viewer, without=UNCOUNTED_INCIDENTS)
    return Facts(
        as_of=as_of,
        as_of_day=local_day(as_of, zone),
        persons=_persons(db, people),
        groups=_groups(db, groups),
        memberships=_memberships(db, viewer, as_of, people, groups),
        ties=_ties(db, viewer, as_of, people),
        relations=_relations(db, viewer, as_of, groups),
        incidents=_incidents(db, incidents),
        involvements=_involvements(db, viewer, as_of, people, incidents),
    )


def _seen(table: Subquery, viewer: Viewer, *, without: frozenset[Any] = frozenset()) -> Subquery:
    rows = select(table).where(visible(table.c, viewer, PERMISSION))
    if without:
        rows = rows.where(table.c.status.not_in(sorted(without)))
    return rows.subquery(f"seen_{table.name}")


def _columns(db: Session, query: Any, width: int) -> Sequence[Sequence[Any]]:
    rows = db.execute(query).all()
    return list(zip(*rows, strict=True)) if rows else [()] * width


def _persons(db: Session, people: Subquery) -> PersonFacts:
    p = people.c
    key = func.coalesce(p.external_id, p.code_name)
    ids, keys, code_names, births = _columns(
        db, select(p.id, key, p.code_name, p.birth_date).order_by(p.id), 4
    )
    return PersonFacts(id=ids, key=keys, code_name=code_names, birth_date=births)


def _groups(db: Session, groups: Subquery) -> GroupFacts:
    g = groups.c
    key = func.coalesce(g.external_id, g.name)
    ids, keys, names = _columns(db, select(g.id, key, g.name).order_by(g.id), 3)
    return GroupFacts(id=ids, key=keys, name=names)


def _memberships(
    db: Session, viewer: Viewer, as_of: datetime, people: Subquery, groups: Subquery
) -> MembershipFacts:
    m = known(Membership, as_of)
    role = func.coalesce(m.c.role, MembershipRole.MEMBER.value)
    query = (
        select(m.c.person_id, m.c.group_id, role, _certainty(m))
        .join(people, people.c.id == m.c.person_id)
        .join(groups, groups.c.id == m.c.group_id)
        .where(
            visible(m.c, viewer, PERMISSION),
            m.c.status == MembershipStatus.CURRENT.value,
            role != MembershipRole.FORMER.value,
            *valid_at(m, as_of),
        )
        .order_by(m.c.person_id, m.c.group_id, m.c.id)
    )
    person, group, roles, certainty = _columns(db, query, 4)
    return MembershipFacts(person=person, group=group, role=roles, certainty=certainty)


def _ties(db: Session, viewer: Viewer, as_of: datetime, people: Subquery) -> TieFacts:
    t = known(Tie, as_of)
    first, second = people.alias("first"), people.alias("second")
    query = (
        select(
            t.c.id,
            t.c.person_a_id,
            t.c.person_b_id,
            t.c.kind,
            func.coalesce(t.c.strength, DEFAULT_STRENGTH),
            _certainty(t),
        )
        .join(first, first.c.id == t.c.person_a_id)
        .join(second, second.c.id == t.c.person_b_id)
        .where(visible(t.c, viewer, PERMISSION), *valid_at(t, as_of))
        .order_by(t.c.id)
    )
    ids, a, b, kind, strength, certainty = _columns(db, query, 6)
    return TieFacts(id=ids, a=a, b=b, kind=kind, strength=strength, certainty=certainty)


def _relations(db: Session, viewer: Viewer, as_of: datetime, groups: Subquery) -> RelationFacts:
    r = known(GroupRelation, as_of)
    first, second = groups.alias("first"), groups.alias("second")
    query = (
        select(r.c.group_a_id, r.c.group_b_id, r.c.kind)
        .join(first, first.c.id == r.c.group_a_id)
        .join(second, second.c.id == r.c.group_b_id)
        .where(visible(r.c, viewer, PERMISSION), *valid_at(r, as_of))
        .order_by(r.c.id)
    )
    a, b, kind = _columns(db, query, 3)
    return RelationFacts(group_a=a, group_b=b, kind=kind)


def _incidents(db: Session, incidents: Subquery) -> IncidentFacts:
    i = incidents.c
    # One without an external id goes by its number, as no file gave it a name.
    key = func.coalesce(i.external_id, "incident-" + cast(i.id, String))
    ids, keys, occurred, kind, gmi = _columns(
        db, select(i.id, key, i.occurred_at, i.kind, i.gmi).order_by(i.id), 5
    )
    return IncidentFacts(id=ids, key=keys, occurred_at=occurred, kind=kind, gmi=gmi)


def _involvements(
    db: Session, viewer: Viewer, as_of: datetime, people: Subquery, incidents: Subquery
) -> InvolvementFacts:
    v = known(Involvement, as_of)
    query = (
        select(v.c.incident_id, v.c.person_id, v.c.role, _certainty(v))
        .join(people, people.c.id == v.c.person_id)
        .join(incidents, incidents.c.id == v.c.incident_id)
        .where(visible(v.c, viewer, PERMISSION))
        .order_by(v.c.incident_id, v.c.person_id, v.c.role, v.c.id)
    )
    incident, person, role, certainty = _columns(db, query, 4)
    return InvolvementFacts(incident=incident, person=person, role=role, certainty=certainty)


def _certainty(table: Subquery) -> Any:
    return func.coalesce(table.c.certainty, Certainty.POSSIBLE.value)
