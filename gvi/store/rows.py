"""Every row as it is stored, out of one database and into an empty one; what is sealed stays so.

The tables are read from the database itself and not from this program's models, so that rows of an
older version go into a schema of that version. Both databases give the same values.
"""

import base64
import json
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from itertools import islice
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Date,
    DateTime,
    LargeBinary,
    MetaData,
    Table,
    cast,
    func,
    insert,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import REGCLASS

_OURS_ALONE = ("alembic_version",)
"""Written by the migrations, which run before rows are put in."""
_AT_ONCE = 1000


def tables(connection: Connection) -> list[Table]:
    """Give all tables with content, each after those it points to."""
    known = MetaData()
    known.reflect(connection)
    return [
        table
        for table in known.sorted_tables
        if table.name not in _OURS_ALONE and not table.name.startswith("sqlite_")
    ]


def is_empty(connection: Connection) -> bool:
    """Tell whether no table holds a row, or there is no table at all."""
    return not any(
        connection.execute(select(table).limit(1)).first() is not None
        for table in tables(connection)
    )


def lines_of(connection: Connection, table: Table) -> Iterator[bytes]:
    """Give a table's rows by their key, each as one line of JSON."""
    asked = select(table).order_by(*table.primary_key.columns)
    rows = connection.execute(asked.execution_options(yield_per=_AT_ONCE))
    for row in rows.mappings():
        plain = {name: _said(value) for name, value in row.items() if value is not None}
        yield json.dumps(plain, ensure_ascii=False, sort_keys=True).encode() + b"\n"


def put_in(connection: Connection, table: Table, lines: Iterable[bytes]) -> None:
    """Put rows into an empty table; raises KeyError or ValueError for a line that is no row."""
    waiting = iter(lines)
    while some := list(islice(waiting, _AT_ONCE)):
        connection.execute(insert(table), [_row(table, json.loads(line)) for line in some])


def _said(value: Any) -> Any:
    if isinstance(value, datetime):
        known = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
        return known.isoformat(timespec="microseconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes | memoryview):
        return base64.b64encode(value).decode()
    return value


def _row(table: Table, plain: dict[str, Any]) -> dict[str, Any]:
    strange = plain.keys() - table.columns.keys()
    if strange:
        raise KeyError(f"{table.name}.{min(strange)}")
    return {column.name: _meant(column, plain.get(column.name)) for column in table.columns}


def _meant(column: Column[Any], value: Any) -> Any:
    if value is None:
        return None
    if isinstance(column.type, DateTime):
        instant = datetime.fromisoformat(value)
        return instant if column.type.timezone else instant.replace(tzinfo=None)
    if isinstance(column.type, Date):
        return date.fromisoformat(value)
    return base64.b64decode(value) if isinstance(column.type, LargeBinary) else value


# Numbers that were given


def last_numbers(connection: Connection) -> dict[str, int]:
    """Give, by table, the highest number ever given to a row: none is given twice."""
    if connection.dialect.name == "sqlite":
        kept = connection.exec_driver_sql("SELECT name, seq FROM sqlite_sequence")
        return {row.name: row.seq for row in kept}
    found = {}
    for table, sequence in _sequences(connection):
        last = connection.execute(
            select(func.pg_sequence_last_value(cast(sequence, REGCLASS)))
        ).scalar_one()
        if last is not None:
            found[table.name] = last
    return found


def go_on_from(connection: Connection, numbers: dict[str, int]) -> None:
    """Let every table number its next row after the highest number ever given."""
    if connection.dialect.name == "sqlite":
        for name, last in numbers.items():
            given = {"name": name, "last": last}
            delete = text("DELETE FROM sqlite_sequence WHERE name = :name")
            connection.execute(delete, {"name": name})
            keep = text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :last)")
            connection.execute(keep, given)
        return
    for table, sequence in _sequences(connection):
        here = connection.execute(select(func.max(table.c.id))).scalar_one() or 0
        last = max(here, numbers.get(table.name, 0))
        if last:
            connection.execute(select(func.setval(cast(sequence, REGCLASS), last)))


def _sequences(connection: Connection) -> Iterator[tuple[Table, str]]:
    for table in tables(connection):
        if "id" in table.c:
            owned = select(func.pg_get_serial_sequence(table.name, "id"))
            sequence = connection.execute(owned).scalar_one()
            if sequence is not None:
                yield table, sequence
