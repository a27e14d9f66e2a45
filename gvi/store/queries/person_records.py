"""Everything recorded about one person, as records with their sources and history."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from gvi.domain.access import Viewer, allows
from gvi.store.asked import Asked
from gvi.store.known import known
from gvi.store.models import Fact, Group, Membership, Person, Supervision, Tie
from gvi.store.queries.person import names_of, seen_whole
from gvi.store.queries.record import Record, records
from gvi.store.queries.rights import Columns, visible

NOTE = frozenset({"note"})


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonRecords:
    """The records a viewer may see of a person, and what the things they point to are called."""

    person: tuple[Record, ...]
    memberships: tuple[Record, ...]
    ties: tuple[Record, ...]
    supervisions: tuple[Record, ...]
    groups: dict[int, str]
    people: dict[int, str]
    """Names of the others."""


def person_records(db: Session, viewer: Viewer, person_id: int, asked: Asked) -> PersonRecords:
    """Give every record of a person the viewer may see.

    The person must have been found for this viewer before, and be seen whole.
    """
    person = _of(db, viewer, Person, person_id, asked, permission="person:read")
    memberships = _of(db, viewer, Membership, person_id, asked, permission="membership:read")
    ties = _ties(db, viewer, person_id, asked)
    hidden = frozenset() if allows(viewer, "supervision_note:read") else NOTE
    supervisions = _of(
        db, viewer, Supervision, person_id, asked, permission="supervision:read", hidden=hidden
    )
    return PersonRecords(
        person=person,
        memberships=memberships,
        ties=ties,
        supervisions=supervisions,
        groups=_group_names(db, memberships),
        people=_people(db, viewer, ties, asked),
    )


def _of(
    db: Session,
    viewer: Viewer,
    model: type[Fact],
    person_id: int,
    asked: Asked,
    *,
    permission: str,
    hidden: frozenset[str] = frozenset(),
) -> tuple[Record, ...]:
    if not allows(viewer, permission):
        return ()

    def rights(c: Columns) -> list[ColumnElement[bool]]:
        whose = c["id"] if model is Person else c["person_id"]
        return [whose == person_id, visible(c, viewer, permission, person=whose)]

    return records(db, viewer, model, rights, asked, hidden=hidden)


def _ties(db: Session, viewer: Viewer, person_id: int, asked: Asked) -> tuple[Record, ...]:
    if not allows(viewer, "tie:read"):
        return ()
    p = known(Person, asked.as_of)
    seen = select(p.c.id).where(
        visible(p.c, viewer, "person:read", person=p.c.id), seen_whole(p.c, viewer, asked.on)
    )

    def rights(c: Columns) -> list[ColumnElement[bool]]:
        return [
            or_(c["person_a_id"] == person_id, c["person_b_id"] == person_id),
            c["person_a_id"].in_(seen),
            c["person_b_id"].in_(seen),
            visible(c, viewer, "tie:read"),
        ]

    return records(db, viewer, Tie, rights, asked)


def _group_names(db: Session, memberships: tuple[Record, ...]) -> dict[int, str]:
    table = Group.__table__
    ids = {record.values["group_id"] for record in memberships}
    rows = db.execute(select(table.c.id, table.c.name).where(table.c.id.in_(ids)))
    return {row.id: row.name for row in rows}


def _people(db: Session, viewer: Viewer, ties: tuple[Record, ...], asked: Asked) -> dict[int, str]:
    ids = {record.values[end] for record in ties for end in ("person_a_id", "person_b_id")}
    return names_of(db, viewer, ids, on=asked.on)
