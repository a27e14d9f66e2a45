"""Transactions hold what they promise on both databases, also when the process dies."""

import shutil
import subprocess
import sys
import threading
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, select, text, update
from sqlalchemy.exc import DBAPIError, StatementError

from gvi.domain.time import local_day
from gvi.store.engine import make_engine, reading, refresh_statistics, transaction
from gvi.store.models import Organisation, Programme
from tests.conftest import MONDAY, ZONE

WRITE_AND_WAIT = """
import sys, time
from gvi.store.engine import make_engine, transaction
from gvi.store.models import Organisation

with transaction(make_engine(sys.argv[1])) as db:
    for number in range(300):
        db.add(Organisation(programme_id=1, name=f"Half {number}", compartment="police"))
    db.flush()
    print("written", flush=True)
    time.sleep(60)
"""


def _organisations(engine: Engine) -> list[str]:
    with reading(engine) as db:
        return list(db.execute(select(Organisation.name).order_by(Organisation.id)).scalars())


def _add(engine: Engine, programme: int, name: str) -> None:
    with transaction(engine) as db:
        db.add(Organisation(programme_id=programme, name=name, compartment="shared"))


def test_a_transaction_that_fails_leaves_nothing(engine, programme):
    def act() -> None:
        with transaction(engine) as db:
            db.add(Organisation(programme_id=programme, name="Half", compartment="shared"))
            db.flush()
            raise RuntimeError("broken off")

    with pytest.raises(RuntimeError, match="broken off"):
        act()

    assert _organisations(engine) == ["Polisen"]


def test_a_reading_session_cannot_write_whatever_the_code_tries(engine, programme):
    rename = update(Programme).values(town="Elsewhere")
    with reading(engine) as db, pytest.raises(DBAPIError, match=r"read.?only"):
        db.execute(rename)

    with reading(engine) as db:
        assert db.execute(select(Programme.town)).scalar_one() == "Älvstad"


def test_a_connection_that_read_may_write_in_the_next_request(engine, programme):
    for number in range(3):
        assert len(_organisations(engine)) == number + 1
        _add(engine, programme, f"Partner {number}")


def test_a_reader_sees_one_moment_whatever_is_written_meanwhile(engine, programme):
    with reading(engine) as db:
        names = select(Organisation.name).order_by(Organisation.id)
        assert db.execute(names).scalars().all() == ["Polisen"]
        _add(engine, programme, "Socialtjänsten")
        assert db.execute(names).scalars().all() == ["Polisen"]
    assert _organisations(engine) == ["Polisen", "Socialtjänsten"]


def test_a_process_killed_while_it_writes_leaves_nothing(engine, programme):
    url = engine.url.render_as_string(hide_password=False)
    with subprocess.Popen(
        [sys.executable, "-c", WRITE_AND_WAIT, url], stdout=subprocess.PIPE, text=True
    ) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "written\n"
        writer.kill()

    assert _organisations(engine) == ["Polisen"]
    _add(engine, programme, "Socialtjänsten")
    assert _organisations(engine) == ["Polisen", "Socialtjänsten"]


def test_an_instant_without_a_zone_is_refused(engine, programme):
    naive = MONDAY.replace(tzinfo=None)
    with pytest.raises(StatementError, match="time zone"), transaction(engine) as db:
        db.execute(update(Programme).values(created_at=naive))


@pytest.mark.parametrize(
    "moment",
    [
        pytest.param(datetime(2026, 3, 29, 1, 59, tzinfo=ZONE), id="the night of the lost hour"),
        pytest.param(datetime(2026, 10, 25, 2, 30, tzinfo=ZONE), id="an hour that comes twice"),
        pytest.param(
            datetime(2026, 10, 25, 2, 30, tzinfo=ZONE, fold=1), id="the second time it comes"
        ),
        pytest.param(datetime(2026, 3, 2, 0, 0, 0, 1, tzinfo=ZONE), id="just after midnight"),
    ],
)
def test_an_instant_comes_back_as_the_same_instant(engine, programme, moment):
    with transaction(engine) as db:
        db.execute(update(Programme).values(created_at=moment))
    with reading(engine) as db:
        found = db.execute(select(Programme.created_at)).scalar_one()
    assert found.utcoffset() == timedelta(0)
    assert found.timestamp() == moment.timestamp()
    assert local_day(found, ZONE) == moment.date()


@pytest.fixture
def sqlite(sqlite_template, tmp_path) -> Engine:
    path = tmp_path / "race.db"
    shutil.copy(sqlite_template, path)
    engine = make_engine(f"sqlite:///{path}")
    with transaction(engine) as db:
        db.add(Programme(code="default", display_name="0", created_at=MONDAY))
    yield engine
    engine.dispose()


def test_two_writers_on_sqlite_wait_for_one_another(sqlite):
    """Both read, then write what they read plus one: none fails and no step is lost."""
    failures: list[BaseException] = []
    together = threading.Barrier(2)

    def count() -> None:
        together.wait()
        try:
            for _ in range(40):
                with transaction(sqlite) as db:
                    so_far = int(db.execute(select(Programme.display_name)).scalar_one())
                    db.execute(update(Programme).values(display_name=str(so_far + 1)))
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=count) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    with reading(sqlite) as db:
        assert db.execute(select(Programme.display_name)).scalar_one() == "80"


def test_sqlite_keeps_every_commit_on_disk_and_checks_foreign_keys(sqlite):
    with sqlite.connect() as connection:
        pragmas = {
            name: connection.execute(text(f"PRAGMA {name}")).scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


def test_once_told_how_tables_are_filled_sqlite_searches_by_what_tells_records_apart(tmp_path):
    engine = make_engine(f"sqlite:///{tmp_path / 'one.db'}")
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE facts (programme_id INTEGER, review_on INTEGER)")
        connection.exec_driver_sql("CREATE INDEX by_programme ON facts (programme_id)")
        connection.exec_driver_sql("CREATE INDEX by_review ON facts (review_on)")
        connection.exec_driver_sql(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500)"
            " INSERT INTO facts SELECT 1, i FROM n"
        )

    refresh_statistics(engine)

    engine.dispose()
    with reading(engine) as db:
        plan = db.execute(
            text("EXPLAIN QUERY PLAN SELECT * FROM facts WHERE programme_id = 1 AND review_on = 7")
        ).all()
    assert "by_review" in plan[0].detail
