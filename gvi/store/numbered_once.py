"""For migrations: a table that gives no number twice stays so when SQLite has to make it anew.

No migration that was run may come to do something else, so nothing here changes what it does.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from alembic import op


@contextmanager
def numbered_once(table: str) -> Iterator[None]:
    """Change a table by `op.batch_alter_table` within; PostgreSQL changes it in its place.

    On SQLite the batch makes the table anew, and forgets AUTOINCREMENT and the last number given.
    """
    if op.get_bind().dialect.name != "sqlite":
        yield
        return
    named = {"name": table}
    last = sa.text("SELECT seq FROM sqlite_sequence WHERE name = :name")
    given = op.get_bind().execute(last, named).scalar()
    yield
    _never_twice(table)
    if given is not None:
        op.get_bind().execute(sa.text("DELETE FROM sqlite_sequence WHERE name = :name"), named)
        kept = sa.text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :given)")
        op.get_bind().execute(kept, {**named, "given": given})


def _never_twice(table: str) -> None:
    connection = op.get_bind()
    op.execute("PRAGMA writable_schema = ON")
    connection.execute(
        sa.text(
            "UPDATE sqlite_schema SET sql = replace(sql, 'PRIMARY KEY (id)',"
            " 'PRIMARY KEY (id AUTOINCREMENT)') WHERE type = 'table' AND name = :name"
        ),
        {"name": table},
    )
    version = connection.execute(sa.text("PRAGMA schema_version")).scalar_one()
    op.execute(f"PRAGMA schema_version = {version + 1}")
    op.execute("PRAGMA writable_schema = RESET")
