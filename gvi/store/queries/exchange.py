"""The database in the columns of the exchange format: for an export, and to compare a file with."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Row, Table, func, literal, or_, select, true
from sqlalchemy.orm import Session

from gvi.domain.access import Viewer
from gvi.domain.exchange import (
    FILES,
    GROUP_RELATIONS,
    GROUPS,
    INCIDENTS,
    INVOLVEMENTS,
    MEMBERSHIPS,
    PERSONS,
    SUPERVISIONS,
    TIES,
    FileLayout,
    Key,
    StoredRow,
    ids_for_files,
    tidy,
)
from gvi.domain.grading import Certainty
from gvi.store.models import (
    Fact,
    Group,
    GroupRelation,
    Identity,
    ImportDraft,
    Incident,
    Involvement,
    Membership,
    Person,
    Supervision,
    Tie,
    revisions_of,
)
from gvi.store.queries.person import name_seen, seen_whole
from gvi.store.queries.rights import visible

MODELS: Mapping[str, type[Fact]] = MappingProxyType(
    {
        GROUPS.name: Group,
        GROUP_RELATIONS.name: GroupRelation,
        PERSONS.name: Person,
        MEMBERSHIPS.name: Membership,
        TIES.name: Tie,
        INCIDENTS.name: Incident,
        INVOLVEMENTS.name: Involvement,
        SUPERVISIONS.name: Supervision,
    }
)
"""File → the table its rows stand in."""

_CALLED = {GROUPS.name: "name", PERSONS.name: "code_name"}
"""What a thing without an external id is called in a file; an incident goes by its number."""

_CERTAIN = {Certainty.CONFIRMED.value: 3, Certainty.PROBABLE.value: 2}


@dataclass(frozen=True, slots=True)
class StoredFiles:
    """What is stored, file by file."""

    rows: Mapping[str, Mapping[Key, StoredRow]]
    """File → natural key → row. A row corrected by hand stands under its former key too."""
    taken_ids: Mapping[str, Collection[str]]
    """External ids of things the viewer may not see."""
    collapsed: int
    """Facts left out because another one says the same of the same thing, at least as surely."""
    hidden: int
    """People left out with all about them: under 18, and not for the viewer."""


@dataclass
class _Reading:
    db: Session
    viewer: Viewer
    permission: Callable[[FileLayout], str]
    on: date
    without_hidden: bool
    names: dict[str, dict[int, str]] = field(default_factory=dict)
    """File → row id → id in the file, filled as the files are read."""
    collapsed: int = 0
    hidden: int = 0


def table_of(layout: FileLayout) -> Table:
    """Give the table a file's rows stand in."""
    table = MODELS[layout.name].__table__
    if not isinstance(table, Table):
        raise TypeError(table)
    return table


def column_of(layout: FileLayout, name: str) -> str:
    """Give the database column that holds what stands in a file's column."""
    if name == "id":
        return "external_id"
    column = layout.columns[layout.places[name]]
    return f"{name}_id" if column.refers_to else name


def files_to_export(
    db: Session, viewer: Viewer, layouts: Collection[FileLayout], *, on: date
) -> StoredFiles:
    """Read all facts that hold now and that the viewer may take out, in the columns of files.

    Viewers who may know only the involvements of children get nothing about people under 18.
    """
    reading = _Reading(db, viewer, _read_permission, on, without_hidden=True)
    return _read(reading, layouts, with_withdrawn=False)


def files_to_compare(
    db: Session, viewer: Viewer, layouts: Collection[FileLayout], *, on: date
) -> StoredFiles:
    """Read what the rows of some files are compared with, and what their ids refer to."""
    reading = _Reading(db, viewer, write_permission, on, without_hidden=False)
    referred = {column.refers_to for layout in layouts for _, column in layout.references}
    wanted = [each for each in FILES if each in layouts or each.name in referred]
    return _read(reading, wanted, with_withdrawn=True)


def _read_permission(layout: FileLayout) -> str:
    return f"{layout.noun}:read"


def write_permission(layout: FileLayout) -> str:
    """Name the right under which a file's rows are entered."""
    return "incident:write" if layout is INVOLVEMENTS else f"{layout.noun}:write"


def _read(reading: _Reading, layouts: Iterable[FileLayout], *, with_withdrawn: bool) -> StoredFiles:
    rows, taken = {}, {}
    for layout in layouts:
        if layout.has_ids:
            reading.names[layout.name] = _names(reading, layout, with_withdrawn=with_withdrawn)
            if with_withdrawn:
                taken[layout.name] = _taken(reading, layout)
        rows[layout.name] = _rows(reading, layout, with_withdrawn=with_withdrawn)
    return StoredFiles(rows, taken, reading.collapsed, reading.hidden)


def _names(reading: _Reading, layout: FileLayout, *, with_withdrawn: bool) -> dict[int, str]:
    table = table_of(layout)
    called = table.c[_CALLED[layout.name]] if layout.name in _CALLED else literal("")
    may_show: ColumnElement[bool] = true()
    if layout is PERSONS and reading.without_hidden:
        may_show = seen_whole(table.c, reading.viewer, reading.on)
    query = (
        select(table.c.id, table.c.external_id, called, may_show)
        .where(visible(table.c, reading.viewer, reading.permission(layout)))
        .order_by(table.c.id)
    )
    if not with_withdrawn:
        query = query.where(table.c.withdrawn_at.is_(None))
    found = reading.db.execute(query).all()
    shown = [row for row in found if row[3]]
    reading.hidden += len(found) - len(shown)
    return ids_for_files(
        (thing_id, external_id, tidy(name) or f"{layout.noun}-{thing_id}")
        for thing_id, external_id, name, _ in shown
    )


def _taken(reading: _Reading, layout: FileLayout) -> frozenset[str]:
    table = table_of(layout)
    ids = reading.db.execute(
        select(table.c.external_id).where(
            table.c.programme_id == reading.viewer.programme_id,
            table.c.external_id.is_not(None),
            ~visible(table.c, reading.viewer, reading.permission(layout)),
        )
    ).scalars()
    return frozenset(ids)


def _rows(reading: _Reading, layout: FileLayout, *, with_withdrawn: bool) -> dict[Key, StoredRow]:
    table = table_of(layout)
    query = _columns(reading, layout, table).where(
        visible(table.c, reading.viewer, reading.permission(layout))
    )
    if not with_withdrawn:
        query = query.where(table.c.withdrawn_at.is_(None))
    found: dict[Key, StoredRow] = {}
    for stored in _as_stored(reading, layout, reading.db.execute(query.order_by(table.c.id))):
        key = layout.key_of(stored.values)
        other = found.get(key)
        if other is not None:
            reading.collapsed += not (other.is_withdrawn or stored.is_withdrawn)
        if other is None or _outweighs(layout, stored, other):
            found[key] = stored
    if with_withdrawn and not layout.has_ids:
        _add_former_keys(reading, layout, found)
    return found


def _columns(reading: _Reading, layout: FileLayout, table: FromClause) -> Any:
    c = table.c
    state: list[Any] = [c.id, c.edited_by_hand, c.withdrawn_at, c.recorded_assumed]
    if layout is not PERSONS:
        own = [c[column_of(layout, column.name)] for column in layout.columns]
        return select(*state, true(), *own)
    names = Identity.__table__
    own = [
        names.c.name if column.name == "name" else c[column_of(layout, column.name)]
        for column in layout.columns
    ]
    seen = name_seen(c, reading.viewer, reading.on)
    return select(*state, seen, *own).join_from(
        table, names, names.c.person_id == c.id, isouter=True
    )


def _as_stored(
    reading: _Reading, layout: FileLayout, rows: Iterable[Row[Any]]
) -> Iterator[StoredRow]:
    """Put database rows into a file's columns; one that refers to what is not seen is left out."""
    names = [
        reading.names[column.refers_to] if column.refers_to else None for column in layout.columns
    ]
    references = [(place, ids) for place, ids in enumerate(names) if ids is not None]
    own_names = reading.names.get(layout.name)
    recorded, called = layout.places["recorded_at"], layout.places.get("name")
    for row in rows:
        thing_id, by_hand, withdrawn_at, assumed, is_seen, *given = tuple(row)
        values: list[object] = [None if value == "" else value for value in given]
        if assumed:
            values[recorded] = None
        if own_names is not None:
            if thing_id not in own_names:
                continue
            values[0] = own_names[thing_id]
        if any(values[place] not in ids for place, ids in references):
            continue
        for place, ids in references:
            values[place] = ids[given[place]]
        if not is_seen and called is not None:
            values[called] = None
        in_order = layout.in_order(tuple(values))
        yield StoredRow(thing_id, in_order, by_hand, withdrawn_at is not None, not is_seen)


def _outweighs(layout: FileLayout, one: StoredRow, other: StoredRow) -> bool:
    """Choose between facts of one key: the one that holds, the surer, the stronger, the newer."""
    return _weight(layout, one) >= _weight(layout, other)


def _weight(layout: FileLayout, row: StoredRow) -> tuple[Any, ...]:
    def value(name: str) -> Any:
        place = layout.places.get(name)
        return row.values[place] if place is not None else None

    certain = _CERTAIN.get(str(value("certainty")), 1)
    strength = value("strength")
    return (
        not row.is_withdrawn,
        certain,
        1.0 if strength is None else strength,
        bool(value("obliges_attendance")),
        row.id,
    )


def _add_former_keys(reading: _Reading, layout: FileLayout, found: dict[Key, StoredRow]) -> None:
    """Let a row whose day, kind or role was corrected by hand be found by what it was before."""
    by_id = {row.id: row for row in found.values() if row.is_by_hand}
    if not by_id:
        return
    old = revisions_of(MODELS[layout.name])
    query = _columns(reading, layout, old).where(old.c.programme_id == reading.viewer.programme_id)
    for former in _as_stored(reading, layout, reading.db.execute(query.order_by(old.c.id))):
        present = by_id.get(former.id)
        if present is not None:
            found.setdefault(layout.key_of(former.values), present)


def marked_people(db: Session, viewer: Viewer) -> int:
    """Count the people marked as protected or in the exit programme: files carry no such mark."""
    table = Person.__table__
    return db.execute(
        select(func.count()).where(
            visible(table.c, viewer, "person:read"),
            table.c.withdrawn_at.is_(None),
            or_(table.c.is_protected, table.c.is_exit_client),
        )
    ).scalar_one()


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftRow:
    """An upload as it was kept."""

    id: int
    created_at: datetime
    content: bytes
    done_at: datetime | None
    outcome: str


def import_draft(db: Session, viewer: Viewer, draft_id: int, *, since: datetime) -> DraftRow | None:
    """Give one's own upload, unless it is older than `since`."""
    table = ImportDraft.__table__.c
    row = db.execute(
        select(table.id, table.created_at, table.content, table.done_at, table.outcome).where(
            table.id == draft_id,
            table.programme_id == viewer.programme_id,
            table.user_id == viewer.user_id,
            table.created_at > since,
        )
    ).first()
    return None if row is None else DraftRow(**row._mapping)  # noqa: SLF001 — public view of a row
