"""What the network page says beside the map: relations, what changed lately, and what is thin."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, Subquery, and_, func, or_, select
from sqlalchemy.orm import Session

from gvi.domain.access import Viewer
from gvi.domain.incident import Gmi
from gvi.store.asked import Asked
from gvi.store.known import known, valid_at
from gvi.store.models import (
    Fact,
    GroupRelation,
    Incident,
    Involvement,
    Membership,
    Person,
    Tie,
)
from gvi.store.queries.person import seen_whole
from gvi.store.queries.rights import visible

CHANGED_DAYS = 7
_PEOPLE = ("person_id", "person_a_id", "person_b_id")


@dataclass(frozen=True, slots=True, kw_only=True)
class RelationRow:
    """One relation in force."""

    id: int
    group_a_id: int
    group_b_id: int
    kind: str
    valid_from: datetime | None


def relations_in_force(db: Session, viewer: Viewer, as_of: datetime) -> tuple[RelationRow, ...]:
    """List the relations between groups in force at an instant, as known then."""
    table = known(GroupRelation, as_of)
    rows = db.execute(
        select(
            table.c.id,
            table.c.group_a_id,
            table.c.group_b_id,
            table.c.kind,
            table.c.valid_from,
        )
        .where(visible(table.c, viewer, "group_relation:read"), *valid_at(table, as_of))
        .order_by(table.c.valid_from.desc(), table.c.id)
    )
    return tuple(
        RelationRow(
            id=row.id,
            group_a_id=row.group_a_id,
            group_b_id=row.group_b_id,
            kind=row.kind,
            valid_from=row.valid_from,
        )
        for row in rows
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """Facts recorded in the last seven days, and ties that ended in them."""

    ties: int
    ties_ended: int
    memberships: int
    relations: int
    incidents: int


def changes_lately(db: Session, viewer: Viewer, asked: Asked) -> Changes:
    """Count what was recorded in the seven days before an instant."""
    since = asked.at - timedelta(days=CHANGED_DAYS)
    ties = known(Tie, asked.at)
    ended = (
        select(func.count())
        .select_from(ties)
        .where(
            _shown(ties, viewer, asked),
            ties.c.valid_to > since,
            ties.c.valid_to <= asked.at,
        )
    )
    return Changes(
        ties=_recorded(db, viewer, asked, Tie),
        ties_ended=db.execute(ended).scalar_one(),
        memberships=_recorded(db, viewer, asked, Membership),
        relations=_recorded(db, viewer, asked, GroupRelation),
        incidents=_recorded(db, viewer, asked, Incident),
    )


def _recorded(db: Session, viewer: Viewer, asked: Asked, model: type[Fact]) -> int:
    table = known(model, asked.at)
    lately = table.c.recorded_at > asked.at - timedelta(days=CHANGED_DAYS)
    query = select(func.count()).select_from(table)
    return db.execute(query.where(_shown(table, viewer, asked), lately)).scalar_one()


@dataclass(frozen=True, slots=True, kw_only=True)
class Thin:
    """Where the picture is thin: what somebody should find out, grade or decide."""

    gmi_unknown: int
    incidents: int
    ties_without_grade: int
    ties: int
    memberships_without_certainty: int
    memberships: int
    involvements_without_grade: int
    involvements: int
    people_without_birth_date: int
    people: int


def thin_places(db: Session, viewer: Viewer, asked: Asked) -> Thin:
    """Count facts that lack what makes them trustworthy, as known at an instant."""
    incidents, ties = known(Incident, asked.at), known(Tie, asked.at)
    members, roles = known(Membership, asked.at), known(Involvement, asked.at)
    people = known(Person, asked.at)
    share = partial(_share, db, viewer, asked)
    unknown, all_incidents = share(incidents, incidents.c.gmi == Gmi.UNKNOWN.value)
    ungraded, all_ties = share(ties, or_(ties.c.grade.is_(None), ties.c.certainty.is_(None)))
    unsure, all_members = share(members, members.c.certainty.is_(None))
    bare, all_roles = share(roles, roles.c.grade.is_(None))
    ageless, all_people = share(people, people.c.birth_date.is_(None))
    return Thin(
        gmi_unknown=unknown,
        incidents=all_incidents,
        ties_without_grade=ungraded,
        ties=all_ties,
        memberships_without_certainty=unsure,
        memberships=all_members,
        involvements_without_grade=bare,
        involvements=all_roles,
        people_without_birth_date=ageless,
        people=all_people,
    )


def _share(
    db: Session, viewer: Viewer, asked: Asked, table: Subquery, lacking: Any
) -> tuple[int, int]:
    query = select(func.count().filter(lacking), func.count()).select_from(table)
    row = db.execute(query.where(_shown(table, viewer, asked))).one()
    return row[0], row[1]


def _shown(table: Subquery, viewer: Viewer, asked: Asked) -> ColumnElement[bool]:
    """Give the clause for what may be counted: of people under 18 the involvements only."""
    clauses = [visible(table.c, viewer, "network:see")]
    if "incident_id" not in table.c:
        people = known(Person, asked.at)
        whole = select(people.c.id).where(seen_whole(people.c, viewer, asked.on))
        clauses += [table.c[name].in_(whole) for name in _PEOPLE if name in table.c]
    return and_(*clauses)
