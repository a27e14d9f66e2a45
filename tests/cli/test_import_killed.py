"""An import that is killed half-way: the database is as before, and the next import works.

The process is held in the middle of its writing by the database itself, in front of the last file,
so that the kill never comes before the first row or after the commit.
"""

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from gvi.cli.main import main
from gvi.store.engine import reading, transaction
from gvi.store.models import Base, Incident
from tests.conftest import SECRET_KEY
from tests.exchange.files import a_file, a_town

DEADLINE_S = 120
# More than SQLite keeps in memory: some of it is in the log, uncommitted, when the kill comes.
INCIDENTS, SUMMARY = 3_000, "x" * 2_000
WAITING = text(
    "SELECT waits.pid FROM pg_locks waits JOIN pg_locks holds USING (pid)"
    " WHERE waits.relation = 'supervisions'::regclass AND NOT waits.granted"
    " AND holds.relation = 'incidents'::regclass AND holds.mode = 'RowExclusiveLock'"
    " AND holds.granted"
)
STILL_THERE = text("SELECT count(*) FROM pg_stat_activity WHERE pid = :pid")
ENDLESS = (
    "CREATE VIEW endless AS WITH RECURSIVE n(i) AS"
    " (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n"
)
HOLD = "CREATE TRIGGER hold BEFORE INSERT ON supervisions BEGIN SELECT count(*) FROM endless; END"


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / "in"
    path.mkdir()
    many = [f"X{n},2026-01-01,stabbing,{SUMMARY}" for n in range(INCIDENTS)]
    for file in a_town():
        (path / file.name).write_bytes(file.content)
    incidents = a_file("incidents", "id,occurred_at,kind,summary", "I1,2026-01-01,stabbing,", *many)
    (path / incidents.name).write_bytes(incidents.content)
    return path


def everything(engine):
    with reading(engine) as db:
        return {
            table.name: sorted(map(repr, db.execute(select(table))))
            for table in Base.metadata.sorted_tables
        }


def wait_until(true, process=None):
    """Wait for something to be true; a process that ended before that has failed to be held."""
    deadline = time.monotonic() + DEADLINE_S
    while not (found := true()):
        assert process is None or process.poll() is None, process.communicate()[1]
        assert time.monotonic() < deadline, "nothing happened"
        time.sleep(0.02)
    return found


@contextmanager
def held_on_sqlite(engine):
    """Let nobody get past the last table, and tell by the log that rows were written before it."""
    log = Path(f"{engine.url.database}-wal")
    with transaction(engine) as db:
        for statement in (ENDLESS, HOLD):
            db.execute(text(statement))
    with engine.connect().execution_options(read_only=True) as connection:
        connection.rollback()
        connection.connection.driver_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert log.stat().st_size == 0
    yield lambda: log.exists() and log.stat().st_size
    with transaction(engine) as db:
        db.execute(text("DROP TRIGGER hold"))
        db.execute(text("DROP VIEW endless"))


@contextmanager
def held_on_postgresql(engine):
    """Hold the last table against writing, and tell by the locks who waits for it."""

    def ask(question, **values):
        with engine.connect() as connection:
            return connection.execute(question, values).scalar()

    waiting = None

    def waits():
        nonlocal waiting
        waiting = ask(WAITING)
        return waiting

    with engine.connect() as holder:
        holder.execute(text("LOCK TABLE supervisions IN SHARE MODE"))
        yield waits
        holder.rollback()
    # The server notices that its client is gone when it next has something to say.
    wait_until(lambda: not ask(STILL_THERE, pid=waiting))


HELD = {"sqlite": held_on_sqlite, "postgresql": held_on_postgresql}


def kill_in_the_middle(engine, environ, folder):
    with HELD[engine.dialect.name](engine) as is_in_the_middle:
        process = subprocess.Popen(
            [sys.executable, "-m", "gvi.cli.main", "import", str(folder)],
            env={**os.environ, **environ},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        try:
            wait_until(is_in_the_middle, process)
        finally:
            process.kill()
            process.communicate()
    assert process.returncode == -signal.SIGKILL


@pytest.mark.usefixtures("programme")
def test_an_import_killed_while_it_writes_leaves_nothing_and_the_next_one_succeeds(
    database_url, engine, clock, folder
):
    environ = {
        "GVI_DATABASE_URL": database_url,
        "GVI_SECRET_KEY": SECRET_KEY,
        "GVI_TIME_ZONE": "Europe/Stockholm",
    }
    before = everything(engine)

    kill_in_the_middle(engine, environ, folder)

    assert everything(engine) == before
    assert main(["import", str(folder)], environ=environ, clock=clock) == 0
    with reading(engine) as db:
        assert db.scalar(select(func.count()).select_from(Incident)) == INCIDENTS + 1
