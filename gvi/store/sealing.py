"""Sealed text: AES-256-GCM, bound to table, column and record, so that it opens nowhere else.

A column is sealed by its type, `mapped_column(Sealed("contacts.note"))`, and reads and writes as
plain text. The database holds `1.<key>.<base64 of nonce and ciphertext>`; blank stays blank. A
value that was not bound to its record cannot be written: the ORM binds by itself, a bare
`insert` binds with `numbered` or `bound`. Sealed text cannot be compared or sorted by the database.
"""

from binascii import a2b_base64, b2a_base64
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Dialect,
    String,
    Table,
    cast,
    func,
    literal_column,
    select,
    text,
    type_coerce,
)
from sqlalchemy import event as events
from sqlalchemy.orm import Session, UOWTransaction
from sqlalchemy.types import TypeDecorator

from gvi.domain.text import N_
from gvi.store.keys import Ring, SealError, ring_of

FORMAT = "1"


def seal(db: Session | Connection, content: str, *, table: str, column: str, record: object) -> str:
    """Seal a text for one column of one record; blank stays blank."""
    return sealed_with(ring_of(db), content, f"{table}.{column} {record}")


def open_(db: Session | Connection, sealed: str, *, table: str, column: str, record: object) -> str:
    """Open a sealed text; raises SealError for one that was changed or belongs elsewhere."""
    return opened_with(ring_of(db), sealed, f"{table}.{column} {record}")


def seal_bytes(db: Session, content: bytes, *, table: str, column: str, record: object) -> bytes:
    """Seal a file for one column of one record."""
    number, sealed = ring_of(db).seal(content, f"{table}.{column} {record}")
    return f"{FORMAT}.{number}.".encode() + sealed


def open_bytes(db: Session, sealed: bytes, *, table: str, column: str, record: object) -> bytes:
    """Open a sealed file; raises SealError for one that was changed or belongs elsewhere."""
    place = f"{table}.{column} {record}"
    number, content = _parts(sealed, b".", place)
    return ring_of(db).open(number, content, place)


def sealed_with(ring: Ring, content: str, place: str) -> str:
    """Seal a text with a ring at hand."""
    if not content:
        return content
    number, sealed = ring.seal(content.encode(), place)
    return f"{FORMAT}.{number}.{b2a_base64(sealed, newline=False).decode()}"


def opened_with(ring: Ring, sealed: str, place: str) -> str:
    """Open a text with a ring at hand."""
    if not sealed:
        return sealed
    number, content = _parts(sealed, ".", place)
    try:
        whole = a2b_base64(content)
    except ValueError:
        whole = b""
    return ring.open(number, whole, place).decode()


def _parts(sealed: Any, dot: Any, place: str) -> tuple[int, Any]:
    shape, _, rest = sealed.partition(dot)
    number, _, content = rest.partition(dot)
    if len(shape) != 1 or not number.isdigit():
        raise SealError(N_("The text at %(place)s is not sealed."), place=place)
    return int(number), content


class Bound(str):
    """A text that knows the record it is written to."""

    __slots__ = ("record",)
    record: object

    def __new__(cls, content: str, record: object) -> "Bound":
        """Bind a text to a record."""
        made = super().__new__(cls, content)
        made.record = record
        return made


class Sealed(TypeDecorator[str]):
    """Text of one column, sealed at rest."""

    impl = String
    cache_ok = True

    def __init__(self, place: str, record: str = "id") -> None:
        """Seal the column `place` (table.column); `record` is the column that tells the record."""
        super().__init__()
        self.place = place
        self.record = record

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Seal what is written."""
        if not value:
            return value
        if not isinstance(value, Bound):
            raise TypeError(f"{self.place} is sealed: bind the text to its record, or do not ask.")
        return sealed_with(ring_of(dialect), value, f"{self.place} {value.record}")

    def column_expression(self, column: Any) -> Any:
        """Read the record along, as the text opens there only."""
        whole = getattr(column, "table", None)
        if whole is None:
            raise TypeError(f"{self.place} is sealed: say whose it is with `sealed_in`.")
        return type_coerce(_with_record(whole.c[self.record], column), self)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        """Open what is read."""
        if value is None:
            return None
        record, _, sealed = value.partition(":")
        return opened_with(ring_of(dialect), sealed, f"{self.place} {record}")


class _Read(Sealed):
    """A sealed text whose record is read along already."""

    cache_ok = True

    def column_expression(self, column: Any) -> Any:
        return column


def _with_record(record: ColumnElement[Any], sealed: ColumnElement[Any]) -> ColumnElement[str]:
    return cast(record, String).concat(literal_column("':'")).concat(type_coerce(sealed, String))


def sealed_in(column: Any, given: ColumnElement[Any] | None = None) -> ColumnElement[Any]:
    """Read a sealed column inside another expression, such as a CASE around it.

    `column` is the table's own column; `given`, where named, an expression that gives its value.
    """
    kind: Sealed = column.type
    record = column.table.c[kind.record]
    shown = _with_record(record, column if given is None else given)
    return type_coerce(shown, _Read(kind.place, kind.record))


# Binding texts to their records


@cache
def sealed_columns(table: Table) -> tuple[str, ...]:
    """Name a table's sealed columns."""
    return tuple(c.name for c in table.columns if isinstance(c.type, Sealed))


def _record_column(table: Table) -> str:
    kind = table.c[sealed_columns(table)[0]].type
    return kind.record if isinstance(kind, Sealed) else "id"


def bound(table: Table, row: dict[str, Any], record: object = None) -> dict[str, Any]:
    """Bind the sealed texts of a row to be written by a bare `insert` or `update`."""
    names = sealed_columns(table)
    if not names:
        return row
    whose = row[_record_column(table)] if record is None else record
    texts = {name: Bound(row[name], whose) for name in names if row.get(name)}
    return {**row, **texts}


def numbered(db: Session, table: Table, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Number new rows of a table with sealed texts, and bind the texts; others stay as they are."""
    if not rows or not sealed_columns(table):
        return rows
    numbers = _next_ids(db, table, len(rows))
    return [bound(table, {**row, "id": n}) for row, n in zip(rows, numbers, strict=True)]


def _next_ids(db: Session, table: Table, count: int) -> Iterable[int]:
    """Give numbers for new rows; on SQLite nobody else writes until this transaction ends."""
    if db.get_bind().dialect.name == "sqlite":
        # The number of a row that was removed is not given again either.
        given = text("SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = :name")
        last = max(
            db.execute(select(func.coalesce(func.max(table.c.id), 0))).scalar_one(),
            db.execute(given, {"name": table.name}).scalar_one(),
        )
        return range(last + 1, last + count + 1)
    sequence = text(
        "SELECT nextval(pg_get_serial_sequence(:name, 'id')) FROM generate_series(1, :n)"
    )
    return sorted(db.execute(sequence, {"name": table.name, "n": count}).scalars())


@events.listens_for(Session, "before_flush")
def _bind_texts(session: Session, _context: UOWTransaction, _instances: object) -> None:
    """Bind the sealed texts of everything about to be written, and number what is new."""
    for table, fresh in _unnumbered(session).items():
        for instance, number in zip(fresh, _next_ids(session, table, len(fresh)), strict=True):
            instance.id = number
    for instance in (*session.new, *session.dirty):
        table = instance.__table__
        for name in sealed_columns(table):
            value = instance.__dict__.get(name)
            if value:
                record = getattr(instance, _record_column(table))
                # Past the instrumentation: the text is the same, so nothing has changed.
                instance.__dict__[name] = Bound(value, record)


def _unnumbered(session: Session) -> Mapping[Table, list[Any]]:
    found: dict[Table, list[Any]] = {}
    for instance in _in_order(session.new):
        table = instance.__table__
        if sealed_columns(table) and _record_column(table) == "id" and instance.id is None:
            found.setdefault(table, []).append(instance)
    return found


def _in_order(instances: Iterable[Any]) -> Iterator[Any]:
    return iter(sorted(instances, key=lambda each: each._sa_instance_state.insert_order))  # noqa: SLF001 — the order of adding
