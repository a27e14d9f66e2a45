"""Engines and transactions for SQLite and PostgreSQL, set up the same for the web and the command.

SQLite: write-ahead log, foreign keys on, every commit on disk, and a write transaction takes the
write lock at once so that two writers wait for one another instead of failing half-way.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.orm import Session

SQLITE_WAIT_S = 30.0
_ONLY_READ: dict[str, dict[str, Any]] = {
    "sqlite": {"read_only": True},
    "postgresql": {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True},
}


def make_engine(url: str) -> Engine:
    """Open a database by its SQLAlchemy URL; `postgresql://` uses the psycopg 3 driver."""
    if url.startswith("postgresql://"):
        url = url.replace("postgresql://", "postgresql+psycopg://", 1)
    if url.startswith("sqlite"):
        return _sqlite(url)
    return create_engine(url, pool_pre_ping=True)


def _sqlite(url: str) -> Engine:
    engine = create_engine(url, connect_args={"timeout": SQLITE_WAIT_S, "isolation_level": None})

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: object) -> None:
        cursor = connection.cursor()
        for pragma in ("journal_mode=WAL", "foreign_keys=ON", "synchronous=FULL"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "checkin")
    def _may_write_again(connection: Any, _record: object) -> None:
        if connection is not None:
            connection.execute("PRAGMA query_only=OFF")

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        # By the driver itself, as this stands before every page.
        execute = connection.connection.dbapi_connection.execute
        if connection.get_execution_options().get("read_only", False):
            execute("PRAGMA query_only=ON")
            execute("BEGIN")
        else:
            execute("BEGIN IMMEDIATE")

    return engine


@contextmanager
def transaction(engine: Engine) -> Iterator[Session]:
    """Run one write transaction: commit at the end, roll everything back on any error."""
    with Session(engine, expire_on_commit=False) as session, session.begin():
        yield session


@contextmanager
def asking(engine: Engine) -> Iterator[Connection]:
    """Run a few bare questions in one read transaction, for what every request asks first."""
    with _only_reading(engine).connect() as connection:
        yield connection


def reading(engine: Engine) -> Session:
    """Give a session that only reads: one moment for all its questions, no writes; to be closed.

    It connects where it is first asked something, so that this may be another thread.
    """
    return Session(_only_reading(engine), expire_on_commit=False, autoflush=False)


def _only_reading(engine: Engine) -> Engine:
    return engine.execution_options(**_ONLY_READ[engine.dialect.name])
