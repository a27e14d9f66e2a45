"""The records behind a score: what each says, where it comes from, and how good it is.

All are read under the right to scores and as known at the instant asked about, as the facts that
the score was computed from are (`gvi.store.facts`).
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from gvi.domain.access import Viewer, grant
from gvi.domain.grading import Certainty, Compartment
from gvi.domain.group import RelationKind
from gvi.domain.incident import Gmi, InvolvementRole
from gvi.domain.membership import MembershipRole, MembershipStatus
from gvi.domain.tie import DEFAULT_STRENGTH, TieKind
from gvi.store.known import known, valid_at
from gvi.store.models import Fact, GroupRelation, Incident, Involvement, Membership, Tie
from gvi.store.queries.rights import Columns, visible

PERMISSION = "score:read"


@dataclass(frozen=True, slots=True, kw_only=True)
class Behind:
    """What every record behind a score tells of itself."""

    id: int
    source: str | None
    """In the record's own words; None where the viewer may not read whom it comes from."""
    grade: str | None
    recorded_at: datetime
    recorded_assumed: bool
    """No file said when it was recorded: the time it occurred stands in for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentBehind(Behind):
    """One incident: what, when, where, and whether a group stood behind it."""

    kind: str
    occurred_at: datetime
    place: str
    gmi: Gmi


@dataclass(frozen=True, slots=True, kw_only=True)
class InvolvementBehind(Behind):
    """One person's role in one incident; a blank certainty counts as possible."""

    incident_id: int
    person_id: int
    role: InvolvementRole
    certainty: Certainty | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TieBehind(Behind):
    """One recorded tie between two people."""

    a: int
    b: int
    kind: TieKind
    strength: float
    certainty: Certainty | None
    valid_from: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MembershipBehind(Behind):
    """The person's part in one group."""

    group_id: int
    role: MembershipRole
    certainty: Certainty | None
    valid_from: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RelationBehind(Behind):
    """One relation between two groups."""

    a: int
    b: int
    kind: RelationKind
    certainty: Certainty | None
    valid_from: datetime | None


def incidents_behind(
    db: Session, viewer: Viewer, as_of: datetime, ids: Iterable[int]
) -> dict[int, IncidentBehind]:
    """Give incidents by id."""
    wanted = sorted(set(ids))
    return {
        row.id: IncidentBehind(
            kind=row.kind,
            occurred_at=row.occurred_at,
            place=row.place,
            gmi=Gmi(row.gmi),
            **_common(row, viewer),
        )
        for row in _rows(db, viewer, Incident, as_of, lambda c: [c["id"].in_(wanted)])
    }


def involvements_behind(
    db: Session,
    viewer: Viewer,
    as_of: datetime,
    people: Collection[int],
    incidents: Collection[int] | None = None,
) -> tuple[InvolvementBehind, ...]:
    """Give the roles of people in incidents, in order of entry; None is all their incidents."""

    def which(c: Columns) -> list[ColumnElement[bool]]:
        of_people = c["person_id"].in_(sorted(people))
        return [of_people] if incidents is None else [of_people, c["incident_id"].in_(incidents)]

    return tuple(
        InvolvementBehind(
            incident_id=row.incident_id,
            person_id=row.person_id,
            role=InvolvementRole(row.role),
            certainty=_certainty(row),
            **_common(row, viewer),
        )
        for row in _rows(db, viewer, Involvement, as_of, which)
    )


def ties_behind(
    db: Session, viewer: Viewer, as_of: datetime, people: Collection[int]
) -> tuple[TieBehind, ...]:
    """Give the recorded ties among people that were in force, in order of entry."""
    wanted = sorted(people)
    return tuple(
        TieBehind(
            a=row.person_a_id,
            b=row.person_b_id,
            kind=TieKind(row.kind),
            strength=row.strength or DEFAULT_STRENGTH,
            certainty=_certainty(row),
            valid_from=row.valid_from,
            **_common(row, viewer),
        )
        for row in _rows(
            db,
            viewer,
            Tie,
            as_of,
            lambda c: [c["person_a_id"].in_(wanted), c["person_b_id"].in_(wanted)],
            in_force=True,
        )
    )


def memberships_behind(
    db: Session, viewer: Viewer, as_of: datetime, person_id: int
) -> tuple[MembershipBehind, ...]:
    """Give the person's memberships that count: current, in force, and not former."""
    rows = _rows(
        db,
        viewer,
        Membership,
        as_of,
        lambda c: [c["person_id"] == person_id, c["status"] == MembershipStatus.CURRENT.value],
        in_force=True,
    )
    return tuple(
        MembershipBehind(
            group_id=row.group_id,
            role=MembershipRole(row.role or MembershipRole.MEMBER),
            certainty=_certainty(row),
            valid_from=row.valid_from,
            **_common(row, viewer),
        )
        for row in rows
        if row.role != MembershipRole.FORMER.value
    )


def relations_behind(
    db: Session, viewer: Viewer, as_of: datetime, groups: Collection[int]
) -> tuple[RelationBehind, ...]:
    """Give the relations in force between some groups and any others."""
    wanted = sorted(groups)
    return tuple(
        RelationBehind(
            a=row.group_a_id,
            b=row.group_b_id,
            kind=RelationKind(row.kind),
            certainty=_certainty(row),
            valid_from=row.valid_from,
            **_common(row, viewer),
        )
        for row in _rows(
            db,
            viewer,
            GroupRelation,
            as_of,
            lambda c: [or_(c["group_a_id"].in_(wanted), c["group_b_id"].in_(wanted))],
            in_force=True,
        )
    )


def _rows(
    db: Session,
    viewer: Viewer,
    model: type[Fact],
    as_of: datetime,
    which: Any,
    *,
    in_force: bool = False,
) -> list[Any]:
    table = known(model, as_of)
    clauses = valid_at(table, as_of) if in_force else []
    seen = visible(table.c, viewer, PERMISSION)
    found = db.execute(select(table).where(seen, *which(table.c), *clauses).order_by(table.c.id))
    return list(found)


def _common(row: Any, viewer: Viewer) -> dict[str, Any]:
    held = grant(viewer, "source:read")
    is_read = held is not None and Compartment(row.compartment) in held.compartments
    return {
        "id": row.id,
        "source": row.source if is_read else None,
        "grade": row.grade if is_read else None,
        "recorded_at": row.recorded_at,
        "recorded_assumed": row.recorded_assumed,
    }


def _certainty(row: Any) -> Certainty | None:
    return Certainty(row.certainty) if row.certainty else None
