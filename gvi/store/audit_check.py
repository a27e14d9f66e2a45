"""Is the stored log the one that was written? Every byte of every column is looked at.

The values are read as they are stored, not as they are usually read: SQLite gives a time back the
same whatever stands between its day and its hour, and would not read a text of broken letters.
"""

import json
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

from sqlalchemy import Integer, LargeBinary, Select, Table, case, cast, func, select
from sqlalchemy.orm import Session

from gvi.domain.audit import GENESIS, Flaw, FlawKind, Head, entry_hash
from gvi.store.models import AuditEntry, AuditSubject

_ENTRIES: Table = AuditEntry.metadata.tables[AuditEntry.__tablename__]
_SUBJECTS: Table = AuditSubject.metadata.tables[AuditSubject.__tablename__]
_HASHES = ("previous_hash", "hash")
_NUMBER = _SUBJECTS.c.entry_id
_AT_ONCE = 1000
_Subjects = frozenset[tuple[str, int]]


def first_flaw(db: Session) -> Flaw | None:
    """Walk the whole log and its index, and name the first entry that is not as written, or None.

    An entry is whole when it follows its predecessor without a gap, names its hash, its own hash
    is that of its content, and the index names exactly what it was about. That the newest entries
    are gone cannot be seen from the log alone: compare it with exported heads.
    """
    entries, rows = _stored(db, _ENTRIES, key=_ENTRIES.c.id), _stored(db, _SUBJECTS, key=_NUMBER)
    with closing(entries), closing(rows):
        return _walk((row for _, row in entries), _index(rows))


def _walk(
    entries: Iterable[Mapping[str, Any] | None], index: Iterator[tuple[float, _Subjects | None]]
) -> Flaw | None:
    previous, expected = GENESIS, 1
    indexed = next(index, None)
    for row in entries:
        if indexed is not None and indexed[0] < expected:
            return Flaw(entry=int(indexed[0]), kind=FlawKind.INDEX)
        subjects = _subjects(row, expected, previous)
        if row is None or subjects is None:
            return Flaw(entry=expected, kind=FlawKind.ENTRY)
        about: _Subjects | None = _NOTHING
        if indexed is not None and indexed[0] == expected:
            about, indexed = indexed[1], next(index, None)
        if about != subjects:
            return Flaw(entry=expected, kind=FlawKind.INDEX)
        previous, expected = row["hash"], expected + 1
    if indexed is not None:
        return Flaw(entry=int(indexed[0]), kind=FlawKind.INDEX)
    return None


_NOTHING: _Subjects = frozenset()


def first_bad_entry(db: Session) -> int | None:
    """Give the number of the first entry that is not as written, or None."""
    flaw = first_flaw(db)
    return flaw.entry if flaw else None


def first_unlike(db: Session, heads: Iterable[Head]) -> tuple[Flaw, Head] | None:
    """Compare the log with exported heads; give the first it contradicts, and how, or None."""
    wanted = sorted(heads, key=lambda each: each.number)
    newest = db.execute(select(func.max(_ENTRIES.c.id))).scalar_one() or 0
    for each in wanted:
        if each.number > newest:
            return Flaw(entry=newest + 1, kind=FlawKind.SHORTER), each
        stored = db.execute(select(_ENTRIES.c.hash).where(_ENTRIES.c.id == each.number)).scalar()
        if each.number and stored != each.hash:
            return Flaw(entry=each.number, kind=FlawKind.REWRITTEN), each
    return None


def _subjects(row: Mapping[str, Any] | None, expected: int, previous: str) -> _Subjects | None:
    """Give what a whole entry was about; None where it is not whole."""
    if row is None or row["id"] != expected or row["previous_hash"] != previous:
        return None
    content = {name: value for name, value in row.items() if name not in _HASHES}
    if row["hash"] != entry_hash(previous, content):
        return None
    named = json.loads(row["subjects"])
    return frozenset((noun, thing_id) for noun, ids in named.items() for thing_id in ids)


def _index(
    rows: Iterable[tuple[Any, Mapping[str, Any] | None]],
) -> Iterator[tuple[float, _Subjects | None]]:
    """Give for each entry number what the index says of it; None for a row nobody wrote so."""
    for number, group in groupby(rows, key=lambda row: row[0]):
        things = [None if row is None else (row["thing"], row["thing_id"]) for _, row in group]
        known = [each for each in things if each is not None]
        is_number = isinstance(number, int | float)
        whole = is_number and len(known) == len(things)
        yield number if is_number else _LAST_OF_ALL, frozenset(known) if whole else None


_LAST_OF_ALL = 2**63
"""Where an index row stands whose entry number is none."""


def _stored(
    db: Session, table: Table, *, key: Any
) -> Generator[tuple[Any, Mapping[str, Any] | None], None, None]:
    """Give the rows of a table as they are stored, each with its number, in their order.

    None instead of a row that no version of gvi has written.
    """
    bare = db.get_bind().dialect.name == "sqlite"
    query: Select[Any] = _bare(table) if bare else select(*table.columns)
    query = query.order_by(key).execution_options(yield_per=_AT_ONCE)
    with db.execute(query) as found:
        for row in found:
            values = dict(row._mapping)  # noqa: SLF001 — the row's public mapping view
            yield values[key.name], _read_bare(table, values) if bare else _read(values)


def _read(values: dict[str, Any]) -> dict[str, Any]:
    return {n: v.isoformat() if isinstance(v, datetime) else v for n, v in values.items()}


def _bare(table: Table) -> Select[Any]:
    """Ask SQLite for the bytes of each text and for the type each value is stored as."""
    texts = [
        cast(column, LargeBinary).label(column.name)
        for column in table.columns
        if not isinstance(column.type, Integer)
    ]
    numbers = [
        case((func.typeof(column) == "integer", column)).label(column.name)
        for column in table.columns
        if isinstance(column.type, Integer)
    ]
    kinds = [func.typeof(column).label(f"typeof_{column.name}") for column in table.columns]
    return select(*numbers, *texts, *kinds)


def _read_bare(table: Table, values: dict[str, Any]) -> Mapping[str, Any] | None:
    read: dict[str, Any] = {}
    for column in table.columns:
        value, kind = values[column.name], values[f"typeof_{column.name}"]
        if isinstance(column.type, Integer):
            if kind != "integer" and not (kind == "null" and column.nullable):
                return None
            read[column.name] = value
            continue
        try:
            read[column.name] = value.decode() if kind == "text" else None
            if column.name == "at":
                read["at"] = _written_instant(read["at"])
        except (ValueError, TypeError):
            return None
        if read[column.name] is None:
            return None
    return read


def _written_instant(stored: str) -> str:
    """Read a time as SQLite keeps it; raises ValueError where it is written in any other way."""
    instant = datetime.fromisoformat(stored)
    if instant.isoformat(" ", "microseconds") != stored:
        raise ValueError(stored)
    return instant.replace(tzinfo=UTC).isoformat()
