"""The audit log is one unbroken chain, and whoever touches a stored entry is found out."""

import threading
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, delete, insert, select, update
from sqlalchemy.orm import Session

from gvi.domain.access import Viewer
from gvi.domain.audit import GENESIS, AuditVerb, entry_hash
from gvi.store.audit import append, length
from gvi.store.audit_check import first_bad_entry
from gvi.store.engine import make_engine, reading, transaction
from gvi.store.models import AuditEntry, AuditSubject
from tests.conftest import MONDAY, ZONE
from tests.tamper import unguarded

ENTRIES = AuditEntry.__table__
WRITERS = 4
APPENDS = 50


def _look(db, operator: Viewer, number: int = 1, *, at: datetime = MONDAY) -> int:
    return append(
        db,
        operator,
        AuditVerb.CONSULTED,
        "person:read",
        at=at,
        subjects={"person": [number, 7, 7]},
        detail={"path": f"/people/{number}", "place": "Älvstad"},
        purpose="The Monday meeting",
    )


@pytest.fixture
def log(engine: Engine, operator: Viewer) -> Engine:
    """A log of twelve entries."""
    with transaction(engine) as db:
        for number in range(1, 13):
            _look(db, operator, number, at=MONDAY + timedelta(seconds=number, microseconds=number))
    return engine


def _first_bad(engine: Engine) -> int | None:
    with reading(engine) as db:
        return first_bad_entry(db)


def test_an_untouched_log_has_no_bad_entry(log):
    assert _first_bad(log) is None
    with reading(log) as db:
        assert length(db) == 12
        numbers = db.execute(select(AuditEntry.id).order_by(AuditEntry.id)).scalars().all()
        first = db.execute(select(AuditEntry.previous_hash).where(AuditEntry.id == 1)).scalar_one()
    assert numbers == list(range(1, 13))
    assert first == GENESIS


def test_an_empty_log_has_no_bad_entry(engine):
    assert _first_bad(engine) is None


def test_an_entry_is_found_by_everything_it_was_about(log):
    with reading(log) as db:
        of_seven = select(AuditSubject.entry_id).where(
            AuditSubject.thing == "person", AuditSubject.thing_id == 7
        )
        assert sorted(db.execute(of_seven).scalars()) == list(range(1, 13))
        of_five = select(AuditSubject.entry_id).where(AuditSubject.thing_id == 5)
        assert db.execute(of_five).scalars().all() == [5]


SPOILT = {
    "programme_id": 2,
    "at": MONDAY + timedelta(seconds=5, microseconds=6),
    "user_id": 1,
    "actor": "operatar",
    "role": "operatos",
    "verb": "changed",
    "kind": "person:reed",
    "source": "cly",
    "purpose": "The Monday meetinh",
    "subjects": '{"person": [5, 8]}',
    "detail": '{"path": "/people/6", "place": "\\u00c4lvstad"}',
    "previous_hash": GENESIS,
    "hash": GENESIS,
}


@pytest.mark.parametrize("column", [c.name for c in ENTRIES.columns if c.name != "id"])
def test_one_changed_value_is_found_and_its_entry_named(log, column):
    with unguarded(log) as db:
        db.execute(update(ENTRIES).where(ENTRIES.c.id == 5).values({column: SPOILT[column]}))

    assert _first_bad(log) == 5


def test_an_entry_changed_with_a_new_hash_of_its_own_is_found_at_the_next(log):
    """Whoever rewrites one entry well must rewrite all that follow."""
    with unguarded(log) as db:
        row = db.execute(select(ENTRIES).where(ENTRIES.c.id == 5)).mappings().one()
        content = {k: v for k, v in row.items() if k not in ("hash", "previous_hash")}
        content |= {"actor": "somebody else", "at": row["at"].isoformat()}
        forged = entry_hash(row["previous_hash"], content)
        db.execute(
            update(ENTRIES).where(ENTRIES.c.id == 5).values(actor="somebody else", hash=forged)
        )

    assert _first_bad(log) == 6


@pytest.mark.parametrize("missing", [1, 5, 11])
def test_a_missing_entry_is_found_and_named(log, missing):
    with unguarded(log) as db:
        db.execute(delete(ENTRIES).where(ENTRIES.c.id == missing))

    assert _first_bad(log) == missing


def test_a_missing_entry_is_found_when_the_others_close_up(log):
    with unguarded(log) as db:
        db.execute(delete(ENTRIES).where(ENTRIES.c.id == 5))
        for number in range(6, 13):
            db.execute(update(ENTRIES).where(ENTRIES.c.id == number).values(id=number - 1))

    assert _first_bad(log) == 5


@pytest.mark.parametrize(("one", "other"), [(3, 4), (2, 9), (11, 12)])
def test_two_entries_in_each_others_place_are_found(log, one, other):
    with unguarded(log) as db:
        for old, new in ((one, 0), (other, one), (0, other)):
            db.execute(update(ENTRIES).where(ENTRIES.c.id == old).values(id=new))

    assert _first_bad(log) == one


def test_an_entry_put_in_between_is_found(log):
    with unguarded(log) as db:
        for number in range(12, 4, -1):
            db.execute(update(ENTRIES).where(ENTRIES.c.id == number).values(id=number + 1))
        row = db.execute(select(ENTRIES).where(ENTRIES.c.id == 4)).mappings().one()
        db.execute(insert(ENTRIES).values({**row, "id": 5}))

    assert _first_bad(log) == 5


def test_an_act_that_fails_leaves_no_gap(log, operator):
    with Session(log) as db, db.begin() as act:
        assert _look(db, operator) == 13
        act.rollback()

    with transaction(log) as db:
        assert _look(db, operator) == 13
    assert _first_bad(log) is None


def test_an_instant_of_any_zone_keeps_the_chain_whole(log, operator):
    with transaction(log) as db:
        _look(db, operator, at=MONDAY.astimezone(ZONE))

    assert _first_bad(log) is None


@pytest.mark.slow
def test_writers_at_the_same_time_leave_one_unbroken_chain(log, operator):
    """Each writer has connections of its own, as worker processes have."""
    url = log.url.render_as_string(hide_password=False)
    failures: list[BaseException] = []
    together = threading.Barrier(WRITERS)

    def write() -> None:
        own = make_engine(url)
        try:
            together.wait()
            for number in range(APPENDS):
                with transaction(own) as db:
                    _look(db, operator, number)
        except BaseException as error:
            failures.append(error)
        finally:
            own.dispose()

    threads = [threading.Thread(target=write) for _ in range(WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    assert _first_bad(log) is None
    with reading(log) as db:
        assert length(db) == 12 + WRITERS * APPENDS
