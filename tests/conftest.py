"""Fixtures: real databases, one clock, users of each role, and a browser-like client.

Every test gets a database of its own, copied from one that the migrations built. Tests of store,
use cases, exchange and the command run on SQLite and on PostgreSQL; tests of pages run on SQLite,
and on both when marked `both_databases`. On PostgreSQL they connect as the application does: not as
the tables' owner, and pages behind their visitor's wall.
"""

import os
import shutil
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from gvi.domain.access import Role, Viewer
from gvi.settings import Settings
from gvi.store.engine import make_engine, transaction, unlock
from gvi.store.keys import ensure_key
from gvi.store.migrate import upgrade
from gvi.store.models import Base, Organisation, Programme, User
from gvi.store.roles import grant_to_application
from gvi.store.wall import EVERYTHING, NOTHING, walled
from tests.client import Browser

BOTH = ("store", "usecases", "exchange", "cli")
EVERYWHERE = "GVI_TEST_BOTH_DATABASES"
"""Set it to run the tests of pages on PostgreSQL, too: behind each visitor's wall."""
POSTGRES_TEMPLATE = "empty"
ZONE = ZoneInfo("Europe/Stockholm")
SECRET_KEY = "a long text that stands for a random one, for the tests"
MONDAY = datetime(2026, 3, 2, 8, 30, tzinfo=ZONE).astimezone(UTC)
"""The morning on which the tests' week begins."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "database" not in metafunc.fixturenames:
        return
    folder = Path(str(metafunc.definition.path)).parent.name
    marked = metafunc.definition.get_closest_marker("both_databases")
    both = folder in BOTH or marked is not None or EVERYWHERE in os.environ
    alone = metafunc.definition.get_closest_marker("only_postgres") is not None
    databases = [] if alone else [pytest.param("sqlite", id="sqlite")]
    if both or alone:
        databases.append(pytest.param("postgres", id="postgres", marks=pytest.mark.postgres))
    metafunc.parametrize("database", databases)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "empty.db"
    engine = make_engine(f"sqlite:///{path}")
    upgrade(engine)
    engine.dispose()
    return path


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[object]:
    from tests import postgres  # noqa: PLC0415 — only where PostgreSQL is asked for

    server = postgres.server()
    engine = make_engine(server.create(POSTGRES_TEMPLATE))
    upgrade(engine)
    with engine.begin() as connection:
        grant_to_application(connection, server.application)
    engine.dispose()
    try:
        yield server
    finally:
        server.stop()


TABLES_HERE = text(
    "SELECT count(*) FILTER (WHERE has_table_privilege(:role, c.oid, 'SELECT')), count(*)"
    " FROM pg_class c WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace"
)
"""The tables the application may read, and all there are."""


class UsedDatabase:
    """One database a worker, emptied after each test: copying one each time costs far more."""

    def __init__(self, server: object) -> None:
        self._server = server
        self._make()

    def _make(self) -> None:
        self.name = f"test_{uuid.uuid4().hex[:12]}"
        self.owner_url = self._server.create(self.name, template=POSTGRES_TEMPLATE)
        self.url = self._server.for_application(self.owner_url)
        self._engine = create_engine(
            self.owner_url, poolclass=NullPool, isolation_level="AUTOCOMMIT"
        )
        tables = [table.name for table in Base.metadata.sorted_tables]
        rows = "".join(f"DELETE FROM {name};" for name in tables)
        with self._engine.connect() as connection:
            self._tables = self._found(connection)
            numbers = connection.execute(
                text(
                    "SELECT string_agg(format('%I', relname), ',') FROM pg_class WHERE relkind='S'"
                )
            ).scalar_one()
        again = "".join(f"ALTER SEQUENCE {name} RESTART;" for name in numbers.split(","))
        # Foreign keys are not checked while everything goes.
        self._sweep = (
            f"SET lock_timeout = '3s'; SET session_replication_role = replica; {rows}{again}"
        )

    def _found(self, connection: Connection) -> tuple[int, int]:
        row = connection.execute(TABLES_HERE, {"role": self._server.application}).one()
        return row[0], row[1]

    def empty(self) -> None:
        """Leave nothing of the last test; a database held, or with other tables, is remade."""
        try:
            with self._engine.connect() as connection:
                connection.exec_driver_sql(self._sweep)
                spoilt = self._found(connection) != self._tables
        except DBAPIError:
            spoilt = True
        if spoilt:
            self._server.drop(self.name)
            self._make()


@pytest.fixture(scope="session")
def postgres_database(postgres_server: object) -> UsedDatabase:
    return UsedDatabase(postgres_server)


@pytest.fixture
def database_url(database: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a migrated, empty database of the test's own; not of its tables' owner."""
    if database == "sqlite":
        path = tmp_path / "gvi.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    used = request.getfixturevalue("postgres_database")
    yield used.url
    used.empty()


@pytest.fixture
def owner_url(database: str, database_url: str, request: pytest.FixtureRequest) -> str:
    """The URL of the role that owns the same database's tables and may change its schema."""
    if database == "sqlite":
        return database_url
    return request.getfixturevalue("postgres_database").owner_url


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = ready_engine(database_url)
    yield engine
    engine.dispose()


def ready_engine(url: str) -> Engine:
    """Open a migrated database with the tests' secret key, as `gvi migrate` leaves it.

    What asks without a viewer sees everything, as the local operator does.
    """
    engine = make_engine(url)
    with engine.begin() as connection:
        ensure_key(connection, SECRET_KEY, at=MONDAY)
    unlock(engine, SECRET_KEY)
    return walled(engine, EVERYTHING)


@pytest.fixture
def programme(engine: Engine) -> int:
    """A programme with one user of each role; gives its id."""
    return add_programme(engine)


def add_programme(engine: Engine, code: str = "default", *, is_invented: bool = True) -> int:
    with transaction(engine) as db:
        town = Programme(
            code=code,
            display_name="Sluta skjut",
            town="Älvstad",
            is_invented=is_invented,
            created_at=MONDAY - timedelta(days=400),
        )
        db.add(town)
        db.flush()
        db.add(Organisation(programme_id=town.id, name="Polisen", compartment="police"))
        for role in Role:
            db.add(
                User(
                    programme_id=town.id,
                    username=f"{role.value}-{code}" if code != "default" else role.value,
                    display_name=f"Test {role.value}",
                    role=role.value,
                    team="south",
                    language="en",
                    created_at=MONDAY - timedelta(days=400),
                )
            )
        return town.id


@pytest.fixture
def viewer(engine: Engine, programme: int) -> Callable[[Role], Viewer]:
    """Gives the viewer of a role: `viewer(Role.ANALYST)`."""
    with Session(engine) as db:
        ids = {user.role: user.id for user in db.query(User).filter_by(programme_id=programme)}

    def of(role: Role) -> Viewer:
        return Viewer(
            programme_id=programme,
            user_id=ids[role.value],
            role=role,
            name=f"Test {role.value}",
            team="south",
            language="en",
            source="test",
        )

    return of


@pytest.fixture
def operator(programme: int) -> Viewer:
    """The local operator of the command line, who sees everything."""
    return Viewer(programme_id=programme, user_id=None, role=None, name="operator", source="cli")


@pytest.fixture
def db(engine: Engine, programme: int) -> Iterator[Session]:
    """One open write transaction, committed at the end of the test."""
    with transaction(engine) as session:
        yield session


class Clock:
    """The one clock, which tests can move."""

    def __init__(self) -> None:
        self.now = MONDAY

    def __call__(self) -> datetime:
        return self.now

    def move(self, **delta: float) -> None:
        self.now += timedelta(**delta)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def browser(engine: Engine, programme: int, clock: Clock) -> Callable[[Role], Browser]:
    """Gives a client logged in as a role, whose every page is checked: `browser(Role.ANALYST)`."""
    from gvi.web.app import create_app  # noqa: PLC0415 — only where pages are asked for

    app = create_app(
        Settings(database_url=str(engine.url), environment="demo"),
        engine=walled(engine, NOTHING),
        clock=clock,
    )
    return lambda role: Browser(app, role)
