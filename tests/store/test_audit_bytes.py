"""Whatever byte of the stored log is changed: it is found, and its entry named."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, text

from gvi.domain.access import Role
from gvi.domain.audit import AuditVerb, Flaw, FlawKind, Head
from gvi.store.audit import append, head
from gvi.store.audit_check import first_flaw, first_unlike
from gvi.store.engine import reading, transaction
from gvi.store.models import AuditEntry
from tests.conftest import MONDAY
from tests.tamper import found_after, unguarded

ENTRIES = 6
TEXTS = [c.name for c in AuditEntry.__table__.columns if c.type.python_type is str]
COLUMNS = [c.name for c in AuditEntry.__table__.columns if c.name != "id"]
OFTEN = settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture
def log(engine, viewer):
    """Six entries, of which each is about somebody of its own, person 7 and group 2."""
    with transaction(engine) as db:
        for number in range(1, ENTRIES + 1):
            append(
                db,
                viewer(Role.ANALYST),
                AuditVerb.CONSULTED,
                "person:read",
                at=MONDAY + timedelta(microseconds=number),
                subjects={"person": [number + 100, 7], "group": [2]},
                detail={"path": f"/people/{number}", "place": "Älvstad"},
                purpose="The Monday meeting",
            )
    return engine


def _stored(engine: Engine, what: str, number: int) -> object:
    with reading(engine) as db:
        return db.execute(
            text(f"SELECT {what} FROM audit_entries WHERE id = {number}")
        ).scalar_one()


@OFTEN
@given(
    number=st.integers(1, ENTRIES),
    column=st.sampled_from(COLUMNS),
    place=st.integers(0, 10_000),
    byte=st.integers(0, 255),
)
def test_any_byte_of_any_value_of_an_entry(log, number, column, place, byte):
    """On SQLite bytes that are no letters too; on PostgreSQL every character of every text."""
    if log.dialect.name == "sqlite":
        stored = bytes(_stored(log, f"CAST({column} AS BLOB)", number))
        place %= len(stored)
        assume(stored[place] != byte)
        new = stored[:place] + bytes([byte]) + stored[place + 1 :]
        stored_as = "CAST(:new AS TEXT)"
    else:
        assume(column in TEXTS)
        stored = str(_stored(log, column, number))
        place %= len(stored)
        assume(byte > 0 and stored[place] != chr(byte))
        new = stored[:place] + chr(byte) + stored[place + 1 :]
        stored_as = ":new"

    found = found_after(
        log, f"UPDATE audit_entries SET {column} = {stored_as} WHERE id = {number}", new=new
    )

    assert found == Flaw(entry=number, kind=FlawKind.ENTRY)


OTHER = {
    "an instant later": "UPDATE audit_entries SET at = :later WHERE id = 4",
    "another programme": "UPDATE audit_entries SET programme_id = programme_id + 1 WHERE id = 4",
    "another user": "UPDATE audit_entries SET user_id = user_id + 1 WHERE id = 4",
    "no user": "UPDATE audit_entries SET user_id = NULL WHERE id = 4",
    "an empty purpose": "UPDATE audit_entries SET purpose = '' WHERE id = 4",
    "a longer purpose": "UPDATE audit_entries SET purpose = purpose || ' ' WHERE id = 4",
    "a number of its own": "UPDATE audit_entries SET id = 40 WHERE id = 4",
    "gone": "DELETE FROM audit_entries WHERE id = 4",
}


@pytest.mark.parametrize("how", OTHER)
def test_anything_else_done_to_an_entry(log, how):
    later = MONDAY + timedelta(microseconds=5)
    is_sqlite = log.dialect.name == "sqlite"
    stored = later.replace(tzinfo=None).isoformat(" ", "microseconds") if is_sqlite else later
    values = {"later": stored} if ":later" in OTHER[how] else {}

    found = found_after(log, OTHER[how], **values)

    assert found is not None
    assert found.entry == 4


def test_a_text_kept_as_bytes_is_not_as_it_was_written(log):
    if log.dialect.name == "sqlite":
        found = found_after(
            log, "UPDATE audit_entries SET actor = CAST(actor AS BLOB) WHERE id = 4"
        )
        assert found == Flaw(entry=4, kind=FlawKind.ENTRY)


ROW = "WHERE entry_id = 4 AND thing_id = 7"
INDEX = {
    "a row is gone": f"DELETE FROM audit_subjects {ROW}",
    "all rows are gone": "DELETE FROM audit_subjects WHERE entry_id = 4",
    "a row is new": "INSERT INTO audit_subjects VALUES (4, 'person', 8)",
    "it is about another": f"UPDATE audit_subjects SET thing_id = 8 {ROW}",
    "of another kind": f"UPDATE audit_subjects SET thing = 'group' {ROW}",
    "one letter": f"UPDATE audit_subjects SET thing = 'persoN' {ROW}",
    "of another entry": "UPDATE audit_subjects SET entry_id = 5 WHERE thing_id = 104",
    "of no entry": f"UPDATE audit_subjects SET entry_id = 99 {ROW}",
}


@pytest.mark.parametrize("how", INDEX)
def test_anything_done_to_the_index_by_person(log, how):
    assert found_after(log, INDEX[how]) == Flaw(entry=4, kind=FlawKind.INDEX)


def test_an_index_row_of_an_entry_that_never_was(log):
    for number in (-3, 0, 99):
        statement = f"INSERT INTO audit_subjects VALUES ({number}, 'person', 7)"
        assert found_after(log, statement) == Flaw(entry=number, kind=FlawKind.INDEX)


def test_an_untouched_log_is_whole(log):
    with reading(log) as db:
        assert first_flaw(db) is None


def test_a_log_whose_newest_entries_are_gone_is_found_by_an_exported_head(log):
    """From the log alone it cannot be seen: what is left is a whole chain."""
    with reading(log) as db:
        exported = head(db)
    with unguarded(log) as db:
        db.execute(text("DELETE FROM audit_entries WHERE id > 4"))
        db.execute(text("DELETE FROM audit_subjects WHERE entry_id > 4"))

    with reading(log) as db:
        assert first_flaw(db) is None
        assert first_unlike(db, [exported]) == (Flaw(entry=5, kind=FlawKind.SHORTER), exported)


def test_a_log_made_anew_is_found_by_an_exported_head(log):
    with reading(log) as db:
        exported = head(db)
    forged = Head(number=exported.number, hash="0" * 64)

    with reading(log) as db:
        assert first_unlike(db, [exported]) is None
        assert first_unlike(db, [exported, forged]) == (
            Flaw(entry=ENTRIES, kind=FlawKind.REWRITTEN),
            forged,
        )


def test_a_head_of_an_empty_log_is_true_of_every_log(log):
    with reading(log) as db:
        assert first_unlike(db, [Head(number=0, hash="0" * 64)]) is None
