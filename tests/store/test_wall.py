"""The second wall: PostgreSQL itself hides what a role never sees, whatever a query forgets."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from typing import Any

import psycopg
import pytest
from sqlalchemy import Engine, create_engine, func, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from gvi.domain.access import Role, Viewer
from gvi.domain.audit import AuditVerb
from gvi.domain.errors import RuleError
from gvi.domain.grading import Compartment
from gvi.domain.removal import Removable
from gvi.domain.section import Section
from gvi.store.asked import Asked
from gvi.store.bundle import belongings
from gvi.store.engine import make_engine, reading, transaction, unlock
from gvi.store.models import (
    Base,
    Identity,
    Membership,
    Person,
    Programme,
    SupportCase,
    SupportOffer,
)
from gvi.store.queries.access import people_called
from gvi.store.queries.anomaly import ground_of
from gvi.store.queries.audit import AuditRow, people_asked_about
from gvi.store.queries.audit_entry import changes_of
from gvi.store.queries.client import conflict_warnings
from gvi.store.queries.group_relation import groups_in_conflict
from gvi.store.queries.person_links import linked_elsewhere
from gvi.store.queries.removal import kept_out
from gvi.store.queries.review import records_to_review
from gvi.store.queries.section import section_views
from gvi.store.queries.support import support_counts
from gvi.store.queries.today import watches
from gvi.store.roles import standing
from gvi.store.wall import (
    BY_PERSON,
    BY_SIDE,
    EVERYTHING,
    HANGING,
    NOTHING,
    OF_SUPPORT,
    OPENED_BY,
    TRAILS,
    behind_the_wall,
    compartments_of,
    sides_seen,
    wall_of,
    walled,
)
from gvi.usecases.demo.load import load
from gvi.usecases.removal import remove, restore
from tests import postgres
from tests.conftest import MONDAY, SECRET_KEY, ZONE, ready_engine

pytestmark = pytest.mark.only_postgres

TABLES = Base.metadata.tables
FACTS = sorted(name for name in TABLES if f"{name}_revisions" in TABLES)
COMPARTMENTS = sorted(
    table.name for table in Base.metadata.sorted_tables if "compartment" in table.columns
)
NOT_WALLED = {"organisations"}
"""Which authority somebody works for is on every page about users."""
IN_COMPARTMENTS = [name for name in COMPARTMENTS if name not in NOT_WALLED]
SUPPORT = ("support_cases", "support_offers", "inbound_calls")
SPREAD = """
    UPDATE {table} SET compartment =
        ('{{{codes}}}'::text[])[1 + {key} % {number}] WHERE {key} IS NOT NULL
"""
WAYS = """
    (SELECT a.side, b.party FROM (VALUES ('police'), ('social'), ('probation')) a (side),
     (VALUES ('police'), ('social'), ('probation'), ('other')) b (party) WHERE side <> party) ways
"""
MORE = f"""
DELETE FROM disclosure_lines;
DELETE FROM disclosures;
INSERT INTO disclosures (programme_id, person_id, side, party, ground, conditions, weighing,
    age_statement, purpose, fields, recipient_name, organisation, written_by_id, written_at,
    expires_at, decider_id, status, decline_reason, withdrawal_reason)
SELECT 1, 1, side, party, 'danger', '', '', '', 'protect_person', '', '', 'somebody', 1, now(),
    now() + interval '1 day', 1, 'proposed', '', '' FROM {WAYS};
INSERT INTO disclosure_lines (programme_id, disclosure_id, position, part, is_assessment,
    source_class, frozen)
SELECT 1, id, 1, 'own_words', false, 'own_observation', '' FROM disclosures;
INSERT INTO consents (programme_id, person_id, side, party, parts, given_on, by_guardian,
    document, recorded_at)
SELECT 1, 1, side, party, 'risk', now(), false, '', now() FROM {WAYS};
INSERT INTO disclosure_requests (programme_id, person_id, side, party, asked_by, organisation,
    asked_for, received_at, due_at, owner_id, status, refusal_reason)
SELECT 1, 1, side, party, '', '', '', now(), now(), 1, 'open', '' FROM {WAYS};
INSERT INTO removals (programme_id, thing, thing_id, side, cause, removed_at, reason, erase_at,
    erased_at, fingerprint)
SELECT 1, 'person', 1, side, 'by_hand', now(), '', now(), now(), 'of a ' || side || ' removal'
FROM (VALUES ('police'), ('social')) held (side);
INSERT INTO review_extensions (programme_id, thing, thing_id, compartment, new_due_on, reason,
    asked_at, asked_by_id, answer)
SELECT 1, 'person', 1, compartment, now(), '', now(), 1, ''
FROM (SELECT DISTINCT compartment FROM persons) held;
INSERT INTO list_snapshots (programme_id, compartment, score, act, reason, known_at, made_at, role,
    compartments, policy_version, seed, people, inputs, digest)
SELECT 1, compartment, 'driving', 'kept', 'x', now(), now(), 'operator', compartment, 1, 1, 1,
    '{{}}', ''
FROM (SELECT DISTINCT compartment FROM persons) held;
INSERT INTO attendance_chances (programme_id, call_in_id, person_id, compartment, probability,
    reason, set_at)
SELECT 1, (SELECT min(id) FROM call_ins), row_number() OVER (ORDER BY compartment), compartment,
    0.5, 'x', now()
FROM (SELECT DISTINCT compartment FROM persons) held;
INSERT INTO evening_notes (programme_id, call_in_id, compartment, observed, assessed, recorded_at)
SELECT 1, (SELECT min(id) FROM call_ins), compartment, 'x', '', now()
FROM (SELECT DISTINCT compartment FROM persons) held;
INSERT INTO list_snapshot_entries (snapshot_id, person_id, rank, units, parts)
SELECT id, 1, 1, 1, '{{}}' FROM list_snapshots;
INSERT INTO list_snapshot_uses (snapshot_id, act, reason, used_at)
SELECT id, 'printed', 'x', now() FROM list_snapshots;
INSERT INTO risk_decision_lists (risk_decision_id, snapshot_id)
SELECT (SELECT min(id) FROM risk_decisions), id FROM list_snapshots;
INSERT INTO contact_drafts (user_id, support_case_id, fields, saved_at)
SELECT 1, min(id), '', now() FROM support_cases;
INSERT INTO contact_revisions (contact_id, support_case_id, contacted_at, mode, outcome, note,
    recorded_at, superseded_at, reason, is_withdrawn)
SELECT id, support_case_id, contacted_at, mode, outcome, '', recorded_at, now(), '', false
FROM contacts;
INSERT INTO due_changes (programme_id, thing, thing_id, new_due_at, changed_at, reason)
VALUES (1, 'support_case', 1, now(), now(), ''), (1, 'action', 1, now(), now(), '');
INSERT INTO changed_values (programme_id, entry_id, thing, thing_id, field, old, new)
VALUES (1, 1, 'support_cases', 1, 'status', '"a"', '"b"'), (1, 1, 'users', 1, 'team', '"a"', '"b"');
"""
"""What the invented town has too little of."""
EVERYBODY = [*Role, None]


@pytest.fixture(scope="module")
def town(postgres_server: Any) -> Iterator[Engine]:
    """The invented town with something of every compartment in every table; asked without wall."""
    owner = postgres_server.create("walled", template="empty")
    engine = ready_engine(postgres_server.for_application(owner))
    with transaction(engine) as db:
        programme = Programme(code="default", display_name="", created_at=MONDAY)
        db.add(programme)
        db.flush()
        operator = Viewer(programme_id=programme.id, user_id=None, role=None, name="op")
        load(db, operator, at=MONDAY, zone=ZONE)
    with _as_owner(owner) as connection:
        for name in FACTS:
            columns = ", ".join(column.name for column in Base.metadata.tables[name].columns)
            connection.execute(
                text(
                    f"INSERT INTO {name}_revisions ({columns}, superseded_at)"
                    f" SELECT {columns}, now() FROM {name}"
                )
            )
        for name in IN_COMPARTMENTS:
            codes = ["social", "child"] if name in SUPPORT else [each.value for each in Compartment]
            values = {"table": name, "codes": ",".join(codes), "number": len(codes), "key": "id"}
            connection.execute(text(SPREAD.format(**values)))
        connection.exec_driver_sql(MORE)
    yield engine
    engine.dispose()
    postgres_server.drop("walled")


@contextmanager
def _as_owner(url: str) -> Iterator[Any]:
    engine = create_engine(url, poolclass=NullPool)
    with engine.begin() as connection:
        yield connection


def viewer_of(role: Role | None) -> Viewer:
    return Viewer(programme_id=1, user_id=None, role=role, name="somebody")


def counted(engine: Engine, table: str, wall: str | None) -> dict[str, int]:
    """Count a table's rows by compartment, as a query that forgot the viewer would."""
    rows = text(f"SELECT compartment, count(*) AS number FROM {table} GROUP BY compartment")
    with reading(engine, wall=wall) as db:
        return {row.compartment: row.number for row in db.execute(rows)}


def number_of(engine: Engine, query: str, wall: str | None) -> int:
    with reading(engine, wall=wall) as db:
        return db.execute(text(query)).scalar_one()


# What stands behind it


def test_every_table_with_a_compartment_stands_behind_the_wall(town):
    walled = {*OPENED_BY, *(f"{name}_revisions" for name in FACTS), *HANGING, *BY_SIDE, *TRAILS}
    assert set(IN_COMPARTMENTS) <= walled
    question = text(
        "SELECT relname, relrowsecurity, relforcerowsecurity FROM pg_class"
        " WHERE relkind = 'r' AND relrowsecurity"
    )
    with reading(town) as db:
        found = {row.relname: row for row in db.execute(question)}
        policies = db.execute(text("SELECT tablename, cmd, permissive FROM pg_policies")).all()
    assert set(found) == walled
    assert all(row.relforcerowsecurity for row in found.values())
    assert {row.tablename for row in policies} == walled
    assert {row.cmd for row in policies} == {"ALL"}
    assert len(policies) == len(walled)


def test_a_program_without_a_setting_sees_nothing(town):
    address = town.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address) as bare:
        for name in sorted({*OPENED_BY, *COMPARTMENTS, *HANGING, *BY_SIDE} - NOT_WALLED):
            (seen,) = bare.execute(f"SELECT count(*) FROM {name}").fetchone()
            assert seen == 0, name
        bare.execute("SELECT set_config('gvi.wall', '', true)")
        assert bare.execute("SELECT count(*) FROM persons").fetchone() == (0,)


@pytest.mark.parametrize("table", IN_COMPARTMENTS)
@pytest.mark.parametrize("role", EVERYBODY)
def test_a_role_sees_exactly_its_compartments(town, role, table):
    everything = counted(town, table, EVERYTHING)
    held = compartments_of(role, table.removesuffix("_revisions"))

    seen = counted(town, table, wall_of(viewer_of(role)))

    assert len(everything) == (2 if table in SUPPORT else 5)
    assert seen == {each: count for each, count in everything.items() if each in held}


@pytest.mark.parametrize("role", EVERYBODY)
def test_what_hangs_on_a_row_is_seen_with_it(town, role):
    for table, (column, parent) in HANGING.items():
        if parent not in OPENED_BY:
            continue
        held = compartments_of(role, parent)
        own = (
            f"SELECT count(*) FROM {table} JOIN {parent} ON {parent}.id = {table}.{column}"
            f" WHERE {parent}.compartment = ANY ('{{{','.join(held)}}}')"
        )
        expected = number_of(town, own, EVERYTHING)
        seen = number_of(town, f"SELECT count(*) FROM {table}", wall_of(viewer_of(role)))
        assert seen == expected, table


@pytest.mark.parametrize("role", EVERYBODY)
def test_a_name_is_seen_in_the_compartments_in_which_names_are_read(town, role):
    for table in BY_PERSON:
        held = compartments_of(role, table)
        own = (
            f"SELECT count(*) FROM {table} JOIN persons ON persons.id = {table}.person_id"
            f" WHERE persons.compartment = ANY ('{{{','.join(held)}}}')"
        )
        expected = number_of(town, own, EVERYTHING)
        seen = number_of(town, f"SELECT count(*) FROM {table}", wall_of(viewer_of(role)))
        assert seen == expected, table
        assert (seen > 0) == bool(held) or table == "person_aliases"


WITHOUT_SUPPORT = sorted(
    set(Role) - {Role.COORDINATOR_MUNICIPAL, Role.OUTREACH, Role.OUTREACH_LEAD}
)


@pytest.mark.parametrize("role", EVERYBODY)
def test_a_side_sees_its_own_disclosures_and_removals_and_what_was_disclosed_to_it(town, role):
    wall = wall_of(viewer_of(role))
    for table in BY_SIDE:
        sides = f"ANY ('{{{','.join(sides_seen(role, table))}}}')"
        to_it = f" OR party = {sides}" if table in ("consents", "disclosures") else ""
        own = f"SELECT count(*) FROM {table} WHERE side = {sides}{to_it}"
        seen = number_of(town, f"SELECT count(*) FROM {table}", wall)
        assert seen == number_of(town, own, EVERYTHING), table
    lines = "SELECT count(*) FROM disclosure_lines"
    listed = number_of(town, "SELECT count(*) FROM disclosures", wall)
    assert number_of(town, lines, wall) == listed


@pytest.mark.parametrize(
    ("role", "number"),
    [
        (Role.COORDINATOR_POLICE, 5),
        (Role.OUTREACH, 5),
        (Role.PROBATION, 5),
        (Role.AUDITOR, 9),
        (Role.STEERING, 0),
        (Role.ADMIN, 0),
        (Role.COMMUNITY, 0),
    ],
)
def test_of_nine_disclosures_between_three_sides_each_role_sees_so_many(town, role, number):
    query = "SELECT count(*) FROM disclosures"
    assert number_of(town, query, EVERYTHING) == 9
    assert number_of(town, query, wall_of(viewer_of(role))) == number


@pytest.mark.parametrize("role", EVERYBODY)
def test_why_support_was_changed_is_seen_with_support_only(town, role):
    nouns = sorted(OF_SUPPORT | {f"{noun}s" for noun in OF_SUPPORT})
    for table in TRAILS:
        own = f"SELECT count(*) FROM {table} WHERE thing = ANY ('{{{','.join(nouns)}}}')"
        other = f"SELECT count(*) FROM {table} WHERE thing <> ALL ('{{{','.join(nouns)}}}')"
        wall = wall_of(viewer_of(role))
        assert number_of(town, own, EVERYTHING) > 0
        assert (number_of(town, own, wall) > 0) is (role not in WITHOUT_SUPPORT)
        assert number_of(town, other, wall) == number_of(town, other, EVERYTHING)


@pytest.mark.parametrize("role", WITHOUT_SUPPORT)
def test_police_probation_and_control_have_no_row_of_support_at_all(town, role):
    hanging = [table for table, (_, parent) in HANGING.items() if parent == "support_cases"]
    for table in (*SUPPORT, *hanging):
        query = f"SELECT count(*) FROM {table}"
        assert number_of(town, query, EVERYTHING) > 0
        assert number_of(town, query, wall_of(viewer_of(role))) == 0, table


def test_workers_have_no_involvement_or_tie_and_the_police_no_social_fact(town):
    for role in (Role.OUTREACH, Role.OUTREACH_LEAD, Role.PROBATION):
        for table in ("involvements", "ties"):
            assert counted(town, table, wall_of(viewer_of(role))) == {}
    for role in (Role.COORDINATOR_POLICE, Role.ANALYST):
        for table in ("involvements", "ties", "memberships", "incidents", "supervisions"):
            seen = set(counted(town, table, wall_of(viewer_of(role))))
            assert seen >= {"police", "shared"}
            assert not seen & {"social", "child"}


# Writing


def test_a_row_behind_the_wall_is_neither_changed_nor_added_nor_taken(town):
    police = wall_of(viewer_of(Role.COORDINATOR_POLICE))
    with transaction(town, wall=police) as db:
        assert db.execute(text("UPDATE support_cases SET note = ''")).rowcount == 0
        assert db.execute(text("DELETE FROM contacts")).rowcount == 0
    refused = pytest.raises(DBAPIError, match="row-level security")
    with refused, transaction(town, wall=police) as db:
        db.execute(text("UPDATE ties SET compartment = 'social'"))
    refused = pytest.raises(DBAPIError, match="row-level security")
    with refused, transaction(town, wall=police) as db:
        db.execute(
            text(
                "INSERT INTO inbound_calls (programme_id, compartment, called_at, caller, note,"
                " heard_through, call_back_due_at, recorded_at)"
                " VALUES (1, 'social', now(), '', '', 'call_in', now(), now())"
            )
        )


# For one transaction


@pytest.fixture
def one_connection(town) -> Iterator[Engine]:
    """An engine whose transactions all go over the same connection."""
    url = town.url.render_as_string(hide_password=False).replace("+psycopg", "")
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"), pool_size=1)
    engine.dispose()
    own = make_engine(url)
    unlock(own, SECRET_KEY)
    yield own
    own.dispose()


CASES = select(func.count()).select_from(SupportCase)


def test_the_setting_ends_with_its_transaction_on_the_same_connection(one_connection):
    def who(db: Session) -> int:
        return db.execute(text("SELECT pg_backend_pid()")).scalar_one()

    with transaction(one_connection, wall=EVERYTHING) as db:
        first, seen = who(db), db.execute(CASES).scalar_one()
    with transaction(one_connection) as db:
        assert (who(db), db.execute(CASES).scalar_one()) == (first, 0)
    with reading(one_connection, wall=EVERYTHING) as db:
        assert (who(db), db.execute(CASES).scalar_one()) == (first, seen)
    with reading(one_connection) as db:
        assert (who(db), db.execute(CASES).scalar_one()) == (first, 0)
    assert seen > 0


def test_after_a_rollback_nothing_is_left_of_it(one_connection):
    with pytest.raises(RuleError), transaction(one_connection, wall=EVERYTHING):
        raise RuleError("no")
    with one_connection.connect() as connection:
        assert connection.execute(CASES).scalar_one() == 0
        connection.rollback()
        connection.exec_driver_sql("COMMIT")
        setting = connection.exec_driver_sql("SELECT current_setting('gvi.wall', true)")
        assert setting.scalar_one() == ""


def test_each_thread_has_its_own_viewers_wall(town):
    police, social = (wall_of(viewer_of(role)) for role in (Role.COORDINATOR_POLICE, Role.OUTREACH))
    wrong: list[str] = []

    def ask(wall: str, must_see: bool) -> None:
        for _ in range(20):
            with reading(town, wall=wall) as db:
                if bool(db.execute(CASES).scalar_one()) is not must_see:
                    wrong.append(wall)

    threads = [
        threading.Thread(target=ask, args=(wall, wall == social)) for wall in (police, social) * 3
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


# The named ways behind it


def test_behind_the_wall_everything_is_seen_until_the_end_of_the_block(town):
    police = wall_of(viewer_of(Role.COORDINATOR_POLICE))
    with transaction(town, wall=police) as db:
        assert db.execute(CASES).scalar_one() == 0
        with behind_the_wall(db, "a test"):
            assert db.execute(CASES).scalar_one() > 0
            with behind_the_wall(db, "a block within a block"):
                assert db.execute(CASES).scalar_one() > 0
            assert db.execute(CASES).scalar_one() > 0
        assert db.execute(CASES).scalar_one() == 0
        assert db.execute(text("SELECT count(*) FROM groups")).scalar_one() > 0


def test_a_refusal_or_a_failure_within_leads_back_before_the_wall(town):
    police = wall_of(viewer_of(Role.COORDINATOR_POLICE))
    with transaction(town, wall=police) as db:
        with pytest.raises(RuleError), behind_the_wall(db, "a test"):
            raise RuleError("no")
        assert db.execute(CASES).scalar_one() == 0
        with pytest.raises(IntegrityError), db.begin_nested(), behind_the_wall(db, "a test"):
            db.execute(text("DELETE FROM users"))
        assert db.execute(CASES).scalar_one() == 0
        with pytest.raises(IntegrityError), behind_the_wall(db, "a test"), db.begin_nested():
            db.execute(text("DELETE FROM users"))
        assert db.execute(CASES).scalar_one() == 0
        nested = db.begin_nested()
        with behind_the_wall(db, "a test"):
            nested.rollback()
        assert db.execute(CASES).scalar_one() == 0


def test_a_way_behind_the_wall_says_why(town):
    with reading(town) as db, pytest.raises(ValueError, match="why"), behind_the_wall(db, ""):
        pass


# Whoever is let in


OUT_OF_REACH = [
    "ALTER TABLE support_cases DISABLE ROW LEVEL SECURITY",
    "ALTER TABLE support_cases NO FORCE ROW LEVEL SECURITY",
    "DROP POLICY wall ON support_cases",
    "ALTER POLICY wall ON support_cases USING (true)",
    "CREATE POLICY another ON support_cases USING (true)",
    "ALTER TABLE audit_entries DISABLE TRIGGER ALL",
    "SET session_replication_role = replica",
    "DROP TABLE support_cases",
    "CREATE TABLE of_ones_own (id int)",
    "TRUNCATE persons",
    "UPDATE audit_entries SET actor = 'nobody'",
    "DELETE FROM audit_entries",
    "DELETE FROM audit_subjects",
    "UPDATE alembic_version SET version_num = 'x'",
    "DELETE FROM programmes",
    "CREATE ROLE another SUPERUSER",
    f"SET ROLE {postgres.SUPERUSER}",
]
REFUSED = r"must be owner|must be superuser|permission denied"


@pytest.mark.parametrize("statement", OUT_OF_REACH)
def test_the_applications_role_cannot_take_the_wall_or_the_log_down(town, statement):
    with (
        pytest.raises(DBAPIError, match=REFUSED),
        transaction(town) as db,
    ):
        db.execute(text(statement))


def test_to_switch_row_security_off_is_an_error_and_shows_nothing(town):
    with transaction(town) as db:
        db.execute(text("SET LOCAL row_security = off"))
        with pytest.raises(DBAPIError, match="row-level security"), db.begin_nested():
            db.execute(CASES)


def test_the_applications_role_is_held_by_the_wall_and_the_owners_is_not(town):
    with town.connect() as connection:
        found = standing(connection)
    assert (found.role, found.is_held) == (town.url.username, True)
    owner = create_engine(postgres.owner_of(town), poolclass=NullPool)
    with owner.connect() as connection:
        assert not standing(connection).is_held


def test_an_owner_who_is_no_superuser_stands_before_the_wall_too(town):
    """One role for everything, as in development: the wall is forced on the owner."""
    with _as_owner(postgres.owner_of(town)) as connection:
        app = town.dialect.identifier_preparer.quote(town.url.username)
        connection.exec_driver_sql(f"ALTER TABLE support_cases OWNER TO {app}")
    try:
        assert number_of(town, "SELECT count(*) FROM support_cases", NOTHING) == 0
        assert number_of(town, "SELECT count(*) FROM support_cases", EVERYTHING) > 0
        with town.connect() as connection:
            assert not standing(connection).is_held
    finally:
        with _as_owner(postgres.owner_of(town)) as connection:
            connection.exec_driver_sql(
                f"ALTER TABLE support_cases OWNER TO {postgres.SUPERUSER};"
                f"GRANT SELECT, INSERT, UPDATE, DELETE ON support_cases TO {app}"
            )


# Every named way gives the answer of a database without the wall


AT = MONDAY
ASKED = Asked.of(None, now=AT, zone=ZONE)
ROLE_OF_WAY = {
    "support is counted": Role.COORDINATOR_POLICE,
    "support is counted for steering": Role.STEERING,
    "an area is warned of": Role.OUTREACH,
    "a group is warned of": Role.PROBATION,
    "the hurt are counted": Role.COORDINATOR_MUNICIPAL,
    "the log is searched by a name": Role.AUDITOR,
    "looks are compared": Role.AUDITOR,
    "a change is shown": Role.AUDITOR,
    "the glass is broken": Role.PROBATION,
    "a part is opened": Role.COORDINATOR_POLICE,
    "the other side is asked": Role.COORDINATOR_POLICE,
    "what belongs together is found": Role.COORDINATOR_POLICE,
    "an id stays out": Role.ANALYST,
    "a longer time waits": Role.COORDINATOR_MUNICIPAL,
}


def _client(db: Session) -> int:
    """Give somebody with support offered whom only the social side entered."""
    with behind_the_wall(db, "a test"):
        return db.execute(
            select(SupportOffer.person_id)
            .join(Person, Person.id == SupportOffer.person_id)
            .where(SupportOffer.compartment == "social", Person.compartment == "social")
            .order_by(SupportOffer.id)
            .limit(1)
        ).scalar_one()


def _name(db: Session) -> str:
    with behind_the_wall(db, "a test"):
        question = select(Identity.name).where(Identity.person_id == _client(db))
        return db.execute(question).scalar_one()


CHANGE = AuditRow(
    id=1,
    at=AT,
    actor="",
    role="",
    verb=AuditVerb.CHANGED,
    kind="support_case:changed",
    source="",
    purpose="",
    subjects={"support_case": [1]},
    detail={"fields": ["status"]},
)


WAYS_BEHIND: dict[str, Callable[[Session, Viewer], Any]] = {
    "support is counted": lambda db, v: support_counts(db, v, AT, ZONE, since=AT),
    "support is counted for steering": lambda db, v: support_counts(db, v, AT, ZONE, since=AT),
    "an area is warned of": lambda db, v: conflict_warnings(db, v, AT),
    "a group is warned of": lambda db, v: groups_in_conflict(db, v, ASKED),
    "the hurt are counted": lambda db, v: watches(db, v, AT, ZONE),
    "the log is searched by a name": lambda db, v: people_asked_about(db, v, _name(db)),
    "looks are compared": lambda db, v: ground_of(db, v, [], AT),
    "a change is shown": lambda db, v: changes_of(db, v, CHANGE),
    "the glass is broken": lambda db, v: people_called(db, 1, _name(db)),
    "a part is opened": lambda db, v: section_views(db, 1, _client(db), [Section.OFFERS], ASKED),
    "the other side is asked": lambda db, v: linked_elsewhere(db, v, _client(db)),
    "what belongs together is found": lambda db, v: belongings(db, "persons", _client(db)).sides,
    "an id stays out": lambda db, v: kept_out(db, v, Removable.PERSON, ["of a social removal"]),
    "a longer time waits": lambda db, v: records_to_review(db, v, on=date(2030, 1, 1)),
}


@pytest.mark.parametrize("way", WAYS_BEHIND)
def test_a_named_way_gives_the_answer_of_a_database_without_the_wall(town, way):
    viewer = viewer_of(ROLE_OF_WAY[way])
    with reading(town, wall=EVERYTHING) as db:
        expected = WAYS_BEHIND[way](db, viewer)
    with reading(town, wall=wall_of(viewer)) as db:
        assert WAYS_BEHIND[way](db, viewer) == expected
        assert db.execute(text("SELECT current_setting('gvi.wall')")).scalar_one() == wall_of(
            viewer
        )
    assert expected


def _share_of_the_police(db: Session) -> int:
    """Give an adult with memberships the police entered, with whom the social side works, too."""
    adults = (
        select(Person.id)
        .join(Membership, Membership.person_id == Person.id)
        .where(Membership.compartment == "police", Person.compartment == "police")
        .where(Person.birth_date < date(1998, 1, 1))
    )
    person = db.execute(adults.order_by(Person.id).limit(1)).scalar_one()
    offer = {"person_id": person, "what": "help", "offered_at": AT}
    db.add(SupportOffer(programme_id=1, compartment="social", **offer))
    db.flush()
    return person


def test_a_persons_share_goes_and_comes_back_whole_behind_the_removers_wall(town):
    viewer = replace(viewer_of(Role.COORDINATOR_POLICE), user_id=1)
    with Session(walled(town, wall_of(viewer)), expire_on_commit=False) as db:
        with behind_the_wall(db, "a test"):
            person = _share_of_the_police(db)
            before = belongings(db, "persons", person).bundle.rows
        removal = remove(db, viewer, Removable.PERSON, person, reason="by mistake", at=AT)
        with behind_the_wall(db, "a test"):
            between = belongings(db, "persons", person).bundle.rows
        restore(db, viewer, removal.id, at=AT)
        with behind_the_wall(db, "a test"):
            after = belongings(db, "persons", person).bundle.rows
        seen = db.execute(CASES).scalar_one()
        db.rollback()
    assert "memberships" not in between
    assert before["support_offers"] == between["support_offers"]
    assert after == before
    assert seen == 0
