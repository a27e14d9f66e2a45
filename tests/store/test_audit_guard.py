"""The database itself refuses to change the log, whoever asks, and the chain survives crowds."""

import multiprocessing
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from gvi.domain.access import Viewer
from gvi.domain.audit import AuditVerb
from gvi.store.audit import append, length
from gvi.store.audit_check import first_bad_entry, first_flaw
from gvi.store.engine import make_engine, reading, transaction
from gvi.store.models import AuditEntry, AuditSubject, Person
from tests.conftest import MONDAY
from tests.factories import a_person
from tests.tamper import as_owner, unguarded

WRITERS = 200
PROCESSES = 2

REFUSED = [
    "UPDATE audit_entries SET actor = 'nobody' WHERE id = 1",
    "DELETE FROM audit_entries WHERE id = 2",
    "DELETE FROM audit_entries",
    "UPDATE audit_subjects SET thing_id = 8 WHERE entry_id = 1",
    "DELETE FROM audit_subjects",
]
REFUSED_BY_SQLITE = [
    "INSERT OR REPLACE INTO audit_entries SELECT * FROM audit_entries WHERE id = 1",
    "UPDATE OR REPLACE audit_entries SET id = 1 WHERE id = 2",
]
REFUSED_BY_POSTGRES = [
    "TRUNCATE audit_entries",
    "TRUNCATE audit_subjects",
    "INSERT INTO audit_entries TABLE audit_entries ON CONFLICT (id) DO UPDATE SET kind = ''",
]

NOT_CHANGED = "append-only|permission denied"
"""On PostgreSQL the application's role may not even try."""


def _look(db, viewer: Viewer, number: int = 7) -> int:
    return append(
        db,
        viewer,
        AuditVerb.CONSULTED,
        "person:read",
        at=MONDAY,
        subjects={"person": range(number, number + 50)},
    )


@pytest.fixture
def log(engine, operator):
    with transaction(engine) as db:
        for _ in range(3):
            _look(db, operator)
    return engine


def test_the_database_refuses_to_change_or_take_away_an_entry(log):
    own = {"sqlite": REFUSED_BY_SQLITE, "postgresql": REFUSED_BY_POSTGRES}[log.dialect.name]
    for statement in (*REFUSED, *own):
        with pytest.raises(DBAPIError, match=NOT_CHANGED), transaction(log) as db:
            db.execute(text(statement))
        with (
            pytest.raises(DBAPIError, match="append-only"),
            as_owner(log) as owner,
            transaction(owner) as db,
        ):
            db.execute(text(statement))
    with reading(log) as db:
        assert length(db) == 3
        assert first_flaw(db) is None


def test_the_guards_still_stand_after_somebody_took_them_away_for_a_while(log):
    with unguarded(log) as db:
        db.execute(text("UPDATE audit_entries SET actor = 'nobody' WHERE id = 2"))
    with pytest.raises(DBAPIError, match=NOT_CHANGED), transaction(log) as db:
        db.execute(text("DELETE FROM audit_entries"))
    with reading(log) as db:
        assert first_bad_entry(db) == 2


def test_the_log_stays_writable(log, operator):
    with transaction(log) as db:
        assert _look(db, operator) == 4


def _write_a_share(url: str, viewer: Viewer, numbers: range) -> list[str]:
    """Write as one worker process does: a pool of connections, more threads than connections."""
    engine = make_engine(url)
    failures = []

    def write(number: int) -> None:
        try:
            with transaction(engine) as db:
                _look(db, viewer, number)
        except Exception as error:
            failures.append(repr(error))

    threads = [threading.Thread(target=write, args=(number,)) for number in numbers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    engine.dispose()
    return failures


@pytest.mark.slow
def test_two_hundred_writers_at_once_lose_nothing_and_see_no_error(log, operator):
    """Two processes of a hundred threads, each sharing the connections of its process."""
    url = log.url.render_as_string(hide_password=False)
    share = WRITERS // PROCESSES
    shares = [range(1000 * p, 1000 * p + share) for p in range(PROCESSES)]
    log.dispose()
    with multiprocessing.get_context("spawn").Pool(PROCESSES) as pool:
        failures = pool.starmap(_write_a_share, [(url, operator, numbers) for numbers in shares])

    assert [each for some in failures for each in some] == []
    with reading(log) as db:
        assert length(db) == 3 + WRITERS
        assert first_flaw(db) is None
        about = select(func.count()).select_from(AuditSubject)
        assert db.execute(about).scalar_one() == (3 + WRITERS) * 50


def test_two_who_change_and_log_the_same_record_do_not_wait_for_each_other_for_ever(
    log, operator, programme
):
    """A change is written before the log is locked: whoever holds the log waits for nobody."""
    with transaction(log) as db:
        number = a_person(db, programme, MONDAY, "Lom").id

    def change(turn: int) -> None:
        with transaction(log) as db:
            person = db.execute(select(Person).where(Person.id == number)).scalar_one()
            person.area = f"Area {turn}"
            person.revised_at = MONDAY.replace(year=2027, minute=turn)
            _look(db, operator)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(change, range(24)))
    with reading(log) as db:
        assert length(db) == 3 + 24
        assert first_flaw(db) is None


def test_an_act_that_is_taken_back_leaves_no_entry(log, operator):
    with Session(log) as db, db.begin() as act:
        _look(db, operator)
        act.rollback()
    with reading(log) as db:
        assert length(db) == 3
        assert db.execute(select(AuditEntry.id)).scalars().all() == [1, 2, 3]
