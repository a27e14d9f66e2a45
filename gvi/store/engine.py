"""Engines and transactions for SQLite and PostgreSQL, set up the same for the web and the command.

SQLite: write-ahead log, foreign keys on, every commit on disk, and a write transaction takes the
write lock at once so that two writers wait for one another instead of failing half-way. What
is deleted is overwritten with zeros.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

import gvi.store.names  # noqa: F401 — every session keeps the index of names
from gvi.store.keys import begin, hold
from gvi.store.wall import walled

SQLITE_WAIT_S = 30.0
_READERS: WeakKeyDictionary[Engine, Engine] = WeakKeyDictionary()
"""To each engine on SQLite the one that only reads the same file."""


def make_engine(url: str) -> Engine:
    """Open a database by its SQLAlchemy URL; `postgresql://` uses the psycopg 3 driver."""
    if url.startswith("postgresql://"):
        url = url.replace("postgresql://", "postgresql+psycopg://", 1)
    if url.startswith("sqlite"):
        return _sqlite(url)
    engine = create_engine(url, pool_pre_ping=True)
    event.listen(engine, "begin", begin)
    return engine


def _sqlite(url: str) -> Engine:
    """Open SQLite twice: readers keep connections of their own, on which every write is refused.

    To forbid and allow writes in turn on one connection would cost it its prepared statements.
    """
    writer = _opened(url, foreign_keys="ON", synchronous="FULL", secure_delete="ON")
    _READERS[writer] = reader = _opened(url, query_only="ON")

    @event.listens_for(writer, "begin")
    def _begin_to_write(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    @event.listens_for(reader, "begin")
    def _begin_to_read(connection: Any) -> None:
        # By the driver itself: this stands before every page, and waits for nothing.
        connection.connection.dbapi_connection.execute("BEGIN")

    @event.listens_for(writer, "engine_disposed")
    def _dispose(_writer: Engine) -> None:
        reader.dispose()

    return writer


def _opened(url: str, **pragmas: str) -> Engine:
    engine = create_engine(url, connect_args={"timeout": SQLITE_WAIT_S, "isolation_level": None})

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: object) -> None:
        for pragma, value in ({"journal_mode": "WAL"} | pragmas).items():
            connection.execute(f"PRAGMA {pragma}={value}").close()

    return engine


def unlock(engine: Engine, secret: str) -> None:
    """Let an engine seal and open; raises SealError for the wrong secret key, or no key at all."""
    hold(secret, engine, *([_READERS[engine]] if engine in _READERS else []))


def refresh_statistics(engine: Engine) -> None:
    """Tell SQLite how its tables are filled; without it every index looks as good as another.

    It would search a programme's records by their programme, which all of them share. At most
    1,000 rows an index are read. PostgreSQL does this by itself.
    Source: https://www.sqlite.org/lang_analyze.html
    """
    if engine not in _READERS:
        return
    # Somebody who writes for long leaves slower questions, no reason not to serve.
    with suppress(OperationalError), engine.begin() as connection:
        connection.exec_driver_sql("PRAGMA analysis_limit=1000")
        connection.exec_driver_sql("ANALYZE")


@contextmanager
def transaction(engine: Engine, *, wall: str | None = None) -> Iterator[Session]:
    """Run one write transaction: commit at the end, roll everything back on any error.

    `wall` says what PostgreSQL shows in it (`store.wall`); None is what the engine says: nothing.
    """
    own = walled(engine, wall)
    with Session(own, expire_on_commit=False) as session, session.begin():
        yield session


@contextmanager
def asking(engine: Engine) -> Iterator[Connection]:
    """Run a few bare questions in one read transaction, for what every request asks first."""
    with _only_reading(engine).connect() as connection:
        yield connection


def reading(engine: Engine, *, wall: str | None = None) -> Session:
    """Give a session that only reads: one moment for all its questions, no writes; to be closed.

    It connects where it is first asked something, so that this may be another thread. `wall` is
    as in `transaction`.
    """
    own = walled(_only_reading(engine), wall)
    return Session(own, expire_on_commit=False, autoflush=False)


def _only_reading(engine: Engine) -> Engine:
    if engine in _READERS:
        return _READERS[engine]
    return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
