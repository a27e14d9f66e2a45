"""Everything that is held about one person, one side's part: what the person may ask to be told."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from gvi.domain.access import Viewer, allows
from gvi.domain.action import ActionKind
from gvi.domain.removal import Side
from gvi.domain.section import Section
from gvi.store.belongings import Row
from gvi.store.bundle import belongings, table_called
from gvi.store.models import CallIn, Group, Incident, Person, User
from gvi.store.queries.access import opened_to
from gvi.store.queries.list_snapshot import KeptPlace, kept_places
from gvi.store.queries.person import name_seen
from gvi.store.queries.removal import sides_held

SOURCES = frozenset({"source", "grade"})
"""Who said so, and how good it is: a source is never named to the person (domain §3.1)."""
NOTES = frozenset({"contacts", "contact_revisions", "contact_drafts", "needs", "support_cases"})
"""Tables whose notes are an outreach worker's own words."""
LEFT_OUT = frozenset(
    {
        "id",
        "revision_id",
        "programme_id",
        "person_id",
        "folded",
        "edited_by_hand",
        "recorded_assumed",
        "entered_at",
        "disputed_id",
    }
)
"""Columns about the keeping of a row, not about the person."""
_NAMES = ("identities", "person_aliases")
_WHO_IS_IT = ("persons", *_NAMES)
PLACES = "list_snapshot_entries"
_SKIPPED = frozenset({"persons_revisions", "name_tokens", PLACES, "risk_decision_lists"})


@dataclass(frozen=True, slots=True)
class Masked:
    """A value that is held and not told; says why."""

    why: str


SOURCE_MASKED = Masked("source")
NOTE_MASKED = Masked("note")
OTHER_PERSON = Masked("other_person")
NAME_MASKED = Masked("name")
CHILD_MASKED = Masked("under_18")


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtractPart:
    """All rows of one kind, values by the names of their columns."""

    table: str
    rows: tuple[Mapping[str, Any], ...]


def held_about(
    db: Session, viewer: Viewer, person_id: int, *, at: datetime, on: date
) -> tuple[ExtractPart, ...]:
    """Give every row the viewer's side holds about a person, superseded values among them.

    The caller has checked that the person is the viewer's to see. What the other side holds is
    not counted either. A name the viewer may not see stays out: the code name stands for it.
    """
    sides = sides_held(viewer, "extract:make")
    found = belongings(db, "persons", person_id)
    parts = []
    own = found.seen_by(sides, without=_SKIPPED)
    is_named = _is_named(db, viewer, person_id, at=at, on=on)
    tables = [*_WHO_IS_IT, *sorted(set(own.rows) - set(_WHO_IS_IT))]
    names = _names(db)
    for table in tables:
        if table in _NAMES and not is_named:
            continue
        is_theirs = table in _WHO_IS_IT
        held = (found.bundle if is_theirs else own).rows.get(table, {}).values()
        rows = [row for row in held if not _is_unseen_dispute(viewer, table, row)]
        if rows:
            told = [_told(viewer, table, row, names, person_id) for row in rows]
            if table == "disclosure_lines" and not is_named:
                told = [_unnamed(row) for row in told]
            parts.append(ExtractPart(table=table, rows=tuple(told)))
    return (*parts, *_places(db, viewer, person_id))


def _places(db: Session, viewer: Viewer, person_id: int) -> tuple[ExtractPart, ...]:
    """Say where the person stood on kept lists, of those that hold nothing the viewer may not see.

    Who was under 18 then is told that they stood there, and nobody is told a child's rank.
    """
    if not allows(viewer, "score:read"):
        return ()
    rows = tuple(_place(each) for each in kept_places(db, viewer, person_id))
    return (ExtractPart(table=PLACES, rows=rows),) if rows else ()


def _place(stood: KeptPlace) -> Mapping[str, Any]:
    listed = {"score": stood.score, "known_at": stood.as_of}
    if stood.was_child:
        return {**listed, "rank": CHILD_MASKED}
    interval = {} if stood.low is None else {"low": stood.low, "high": stood.high}
    return {
        **listed,
        "rank": stood.rank,
        **interval,
        "units": stood.amount,
        "parts": stood.parts,
    }


def _is_unseen_dispute(viewer: Viewer, table: str, row: Row) -> bool:
    """Tell whether a row is a correction, which speaks of scores, and the viewer sees none."""
    is_dispute = table == "actions" and row["kind"] == ActionKind.CORRECTION.value
    return is_dispute and not allows(viewer, "score:read")


def _is_named(db: Session, viewer: Viewer, person_id: int, *, at: datetime, on: date) -> bool:
    """Tell whether the viewer may see the name: by right, or by an access in force."""
    seen = select(Person.id).where(
        Person.id == person_id, name_seen(Person.__table__.c, viewer, on)
    )
    if db.execute(seen).first() is not None:
        return True
    return Section.NAME in opened_to(db, viewer, person_id, at=at)


def _unnamed(row: Mapping[str, Any]) -> Mapping[str, Any]:
    if row["part"] != Section.NAME.value:
        return row
    return {**row, "frozen": NAME_MASKED}


def _names(db: Session) -> Mapping[str, Mapping[int, str]]:
    """Say what the things are called that rows point to; other people are not named."""
    return MappingProxyType(
        {
            "groups": _called(db, Group.id, Group.name),
            "users": _called(db, User.id, User.display_name),
            "call_ins": _called(db, CallIn.id, CallIn.name),
            "incidents": {
                row.id: f"{row.kind}, {row.occurred_at.date().isoformat()}"
                for row in db.execute(select(Incident.id, Incident.kind, Incident.occurred_at))
            },
        }
    )


def _called(db: Session, number: Any, name: Any) -> dict[int, str]:
    return {row[0]: row[1] for row in db.execute(select(number, name))}


def _told(
    viewer: Viewer, table: str, row: Row, names: Mapping[str, Mapping[int, str]], person_id: int
) -> Mapping[str, Any]:
    told: dict[str, Any] = {}
    present = table.removesuffix("_revisions")
    columns = table_called(present if present + "_revisions" == table else table).c
    for name, value in row.items():
        if value is None or value == "" or name in LEFT_OUT:
            continue
        told[name] = _value(viewer, table, name, value)
        keys = list(columns[name].foreign_keys) if name in columns else []
        if not keys:
            continue
        parent = keys[0].column.table.name
        if parent == "persons":
            told[name] = None if value == person_id else OTHER_PERSON
        elif parent in names:
            told[name] = names[parent].get(value, "")
        else:
            del told[name]
    return {name: value for name, value in told.items() if value is not None}


def _value(viewer: Viewer, table: str, name: str, value: Any) -> Any:
    if name in SOURCES:
        return SOURCE_MASKED
    is_note = name in ("note", "fields") and table in NOTES
    if is_note and not allows(viewer, "support_note:read"):
        return NOTE_MASKED
    if name == "note" and table.startswith("supervisions"):
        return value if allows(viewer, "supervision_note:read") else NOTE_MASKED
    return value


def side_of_extract(viewer: Viewer) -> Side | None:
    """Tell which side's part the viewer gives; None for the operator, who gives both."""
    sides = sides_held(viewer, "extract:make")
    return next(iter(sides)) if len(sides) == 1 else None
