"""What the network page says beside the map: relations, what changed lately, and what is thin."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from gvi.domain.access import Viewer
from gvi.domain.incident import Gmi
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
from gvi.store.queries.rights import visible

CHANGED_DAYS = 7


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


def changes_lately(db: Session, viewer: Viewer, as_of: datetime) -> Changes:
    """Count what was recorded in the seven days before an instant."""
    since = as_of - timedelta(days=CHANGED_DAYS)
    ties = known(Tie, as_of)
    ended = (
        select(func.count())
        .select_from(ties)
        .where(
            visible(ties.c, viewer, "network:see"),
            ties.c.valid_to > since,
            ties.c.valid_to <= as_of,
        )
    )
    return Changes(
        ties=_recorded(db, viewer, as_of, since, Tie),
        ties_ended=db.execute(ended).scalar_one(),
        memberships=_recorded(db, viewer, as_of, since, Membership),
        relations=_recorded(db, viewer, as_of, since, GroupRelation),
        incidents=_recorded(db, viewer, as_of, since, Incident),
    )


def _recorded(
    db: Session, viewer: Viewer, as_of: datetime, since: datetime, model: type[Fact]
) -> int:
    table = known(model, as_of)
    query = (
        select(func.count())
        .select_from(table)
        .where(visible(table.c, viewer, "network:see"), table.c.recorded_at > since)
    )
    return db.execute(query).scalar_one()


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


def thin_places(db: Session, viewer: Viewer, as_of: datetime) -> Thin:
    """Count facts that lack what makes them trustworthy, as known at an instant."""
    incidents, ties = known(Incident, as_of), known(Tie, as_of)
    members, roles = known(Membership, as_of), known(Involvement, as_of)
    people = known(Person, as_of)
    unknown, all_incidents = _share(db, viewer, incidents, incidents.c.gmi == Gmi.UNKNOWN.value)
    ungraded, all_ties = _share(
        db, viewer, ties, or_(ties.c.grade.is_(None), ties.c.certainty.is_(None))
    )
    unsure, all_members = _share(db, viewer, members, members.c.certainty.is_(None))
    bare, all_roles = _share(db, viewer, roles, roles.c.grade.is_(None))
    ageless, all_people = _share(db, viewer, people, people.c.birth_date.is_(None))
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


def _share(db: Session, viewer: Viewer, table: Any, lacking: Any) -> tuple[int, int]:
    query = select(func.count().filter(lacking), func.count()).select_from(table)
    row = db.execute(query.where(visible(table.c, viewer, "network:see"))).one()
    return row[0], row[1]
