"""Adding very many rows of numbers and plain text at once, as the driver takes them."""

from collections.abc import Iterable, Sequence
from itertools import islice

from sqlalchemy import Table, TypeDecorator, insert
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.orm import Session

ROWS_AT_ONCE = 500
"""Larger blocks are slower: so many short-lived rows at once set off Python's garbage collector."""


def add_rows(
    db: Session, table: Table, columns: Sequence[str], rows: Iterable[tuple[object, ...]]
) -> None:
    """Add rows whose values stand in the order of `columns`.

    Without SQLAlchemy's dictionary for each row, which costs as much as the database itself. So
    nothing is sealed or turned into UTC on the way: raises TypeError for a column that needs that.
    """
    if any(isinstance(table.c[name].type, TypeDecorator) for name in columns):
        raise TypeError(f"{table} has columns whose values must be changed before they are stored")
    connection, left = db.connection(), iter(rows)
    by_place = DefaultDialect(
        paramstyle="qmark" if connection.dialect.name == "sqlite" else "format"
    )
    statement = str(insert(table).compile(dialect=by_place, column_keys=columns))
    while some := list(islice(left, ROWS_AT_ONCE)):
        connection.exec_driver_sql(statement, some)
