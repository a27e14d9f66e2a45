"""The database itself refuses what must never be stored, whoever writes it.

The invented town has a good row in every table; each test spoils one in a single way.
"""

import itertools
import shutil
import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import (
    CheckConstraint,
    Connection,
    ForeignKeyConstraint,
    Integer,
    Table,
    UniqueConstraint,
    insert,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from gvi.domain.access import Viewer
from gvi.store.engine import transaction
from gvi.store.models import Base, Programme
from gvi.store.sealing import bound
from gvi.usecases.demo.load import load
from tests.conftest import MONDAY, ZONE, ready_engine
from tests.store.rows import add_what_the_town_lacks

YESTERDAY = MONDAY - timedelta(days=1)
TABLES = Base.metadata.tables
NOBODY = 999_999
APPEND_ONLY = {"audit_entries"}

APPROVED = {"status": "approved", "approved_at": MONDAY, "decided_on": MONDAY.date()}
DROPPED = {"status": "dropped", "dropped_at": MONDAY, "dropped_reason": "A slip."}
PERIOD = {"valid_from": MONDAY, "valid_to": YESTERDAY}
SPOILT: dict[str, tuple[dict[str, Any], ...]] = {
    "ck_access_grants_ended_pair": (
        {"ended_at": MONDAY, "ended_by_id": None},
        {"ended_at": None, "ended_by_id": 1},
    ),
    "ck_access_grants_ends_after_start": ({"given_at": MONDAY, "ends_at": YESTERDAY},),
    "ck_access_grants_has_reason": ({"reason": ""},),
    "ck_actions_ended_has_its_day": (
        {"status": "done", "ended_at": None},
        {"status": "in_progress", "ended_at": MONDAY},
    ),
    "ck_api_tokens_revoked_pair": (
        {"revoked_at": MONDAY, "revoked_reason": None},
        {"revoked_at": None, "revoked_reason": "lost"},
    ),
    "ck_calendar_feeds_revoked_pair": (
        {"revoked_at": MONDAY, "revoked_reason": None},
        {"revoked_at": None, "revoked_reason": "lost"},
    ),
    "ck_call_ins_approved_pair": (
        {"approved_at": MONDAY, "approved_by_id": None},
        {"approved_at": None, "approved_by_id": 1},
    ),
    "ck_attendance_chances_is_probability": ({"probability": -0.1}, {"probability": 1.1}),
    "ck_call_ins_cards_counted": ({"other_cards": -1},),
    "ck_visit_letters_approved_pair": (
        {"approved_at": MONDAY, "approved_by_id": None},
        {"approved_at": None, "approved_by_id": 1},
    ),
    "ck_papers_one_occasion": ({"call_in_id": None, "round_id": None},),
    "ck_risk_checks_has_reason": ({"reason": ""},),
    "ck_rounds_ends_after_start": ({"starts_on": MONDAY.date(), "ends_on": YESTERDAY.date()},),
    "ck_evening_notes_says_something": ({"observed": "", "assessed": ""},),
    "ck_call_ins_has_seats": ({"seats": 0}, {"seats": -3}),
    "ck_call_in_sessions_is_later": ({"number": 1}, {"number": 0}),
    "ck_call_ins_has_sessions": ({"sessions": 0}, {"sessions": -3}),
    "ck_invitees_has_session": ({"session": 0}, {"session": -3}),
    "ck_consents_has_parts": ({"parts": ""},),
    "ck_consents_to_another_side": ({"side": "police", "party": "police"},),
    "ck_contacts_minutes_not_negative": ({"minutes": -1},),
    "ck_disclosure_requests_answered_or_open": (
        {"status": "open", "answered_at": MONDAY, "answered_by_id": 1},
        {"status": "answered", "answered_at": None, "answered_by_id": None},
    ),
    "ck_disclosure_requests_answered_pair": (
        {"status": "answered", "answered_at": MONDAY, "answered_by_id": None},
        {"status": "open", "answered_at": None, "answered_by_id": 1},
    ),
    "ck_disclosure_requests_refused_with_reason": (
        {"status": "refused", "answered_at": MONDAY, "answered_by_id": 1, "refusal_reason": ""},
    ),
    "ck_disclosures_consent_named": (
        {"ground": "consent", "consent_id": None},
        {"ground": "danger", "consent_id": 1},
    ),
    "ck_disclosures_decided_or_proposed": (
        {"status": "proposed", "decided_at": MONDAY, "decided_by_id": 1},
        {"status": "disclosed", "decided_at": None, "decided_by_id": None},
    ),
    "ck_disclosures_decided_pair": (
        {"status": "disclosed", "decided_at": MONDAY, "decided_by_id": None},
        {"status": "proposed", "decided_at": None, "decided_by_id": 1},
    ),
    "ck_disclosures_expires_after_start": ({"written_at": MONDAY, "expires_at": MONDAY},),
    "ck_disclosures_one_recipient": (
        {"recipient_id": None, "organisation": ""},
        {"recipient_id": 1, "organisation": "The school"},
    ),
    "ck_disclosures_recipient_never_decides": ({"recipient_id": 1, "decider_id": 1},),
    "ck_disclosures_to_another_side": ({"side": "police", "party": "police"},),
    "ck_group_relations_ends_after_start": (PERIOD, {"valid_from": MONDAY, "valid_to": MONDAY}),
    "ck_group_relations_two_groups": ({"group_a_id": 1, "group_b_id": 1},),
    "ck_inbound_calls_returned_pair": (
        {"returned_at": MONDAY, "returned_by_id": None},
        {"returned_at": None, "returned_by_id": 1},
    ),
    "ck_incidents_counts_not_negative": ({"injured": -1}, {"killed": -1}),
    "ck_incidents_latitude_in_range": ({"latitude": 90.1}, {"latitude": -91}),
    "ck_incidents_longitude_in_range": ({"longitude": 180.5}, {"longitude": -181}),
    "ck_memberships_ends_after_start": (PERIOD,),
    "ck_message_deliveries_one_occasion": (
        {"call_in_id": None, "custom_notification_id": None},
        {"call_in_id": 1, "custom_notification_id": 1},
    ),
    "ck_message_deliveries_some_part": (
        dict.fromkeys(("not_die", "not_kill", "consequences", "help"), False),
    ),
    "ck_name_tokens_of_one_name": (
        {"identity_id": None, "alias_id": None},
        {"identity_id": 1, "alias_id": 1},
    ),
    "ck_papers_destroyed_pair": (
        {"destroyed_at": MONDAY, "destroyed_by_id": None},
        {"destroyed_at": None, "destroyed_by_id": 1},
    ),
    "ck_papers_is_numbered": ({"version": 0}, {"version": -1}),
    "ck_speakers_is_placed": ({"position": 0},),
    "ck_speakers_lasts": ({"minutes": 0}, {"minutes": -5}),
    "ck_speakers_nobody_is_silent": ({"kind": "nobody", "help": True},),
    "ck_removals_erased_or_whole": (
        {"erased_at": MONDAY, "reason": ""},
        {"erased_at": None, "bundle": None},
    ),
    "ck_removals_erased_without_words": (
        {"erased_at": MONDAY, "bundle": None, "reason": "A mistake."},
    ),
    "ck_seat_rooms_has_seats": ({"rows": 0}, {"width": 0}),
    "ck_seat_places_is_a_seat": ({"seat_row": 0}, {"seat_number": -1}),
    "ck_kept_apart_two_people": ({"person_a_id": 1, "person_b_id": 1},),
    "ck_list_snapshot_entries_interval_pair": ({"low": 1, "high": None}, {"low": None, "high": 1}),
    "ck_list_snapshots_has_reason": ({"reason": ""}, {"act": "decided"}),
    "ck_list_snapshot_uses_has_reason": ({"reason": ""},),
    "ck_review_extensions_decided_has_its_outcome": (
        {"decided_at": MONDAY, "decided_by_id": 2, "asked_by_id": 1, "outcome": None},
        {"decided_at": None, "decided_by_id": None, "outcome": "approved"},
    ),
    "ck_review_extensions_decided_pair": (
        {"decided_at": MONDAY, "decided_by_id": None, "outcome": "approved"},
        {"decided_at": None, "decided_by_id": 2, "asked_by_id": 1, "outcome": None},
    ),
    "ck_review_extensions_two_people": (
        {"decided_at": MONDAY, "decided_by_id": 1, "asked_by_id": 1, "outcome": "approved"},
    ),
    "ck_scoring_policies_after_the_first": ({"version": 1},),
    "ck_scoring_policies_approved_on_a_day": (
        {**APPROVED, "approved_by_id": 2, "decided_on": None},
    ),
    "ck_scoring_policies_approved_pair": (
        {**APPROVED, "approved_by_id": None},
        {"approved_by_id": 2},
    ),
    "ck_scoring_policies_approved_then": (
        {"status": "approved"},
        {**APPROVED, "approved_by_id": 2, "status": "draft"},
    ),
    "ck_scoring_policies_dropped_pair": ({**DROPPED, "dropped_by_id": None}, {"dropped_by_id": 1}),
    "ck_scoring_policies_dropped_then": (
        {"status": "dropped", "dropped_reason": "A slip."},
        {**DROPPED, "dropped_by_id": 1, "status": "draft"},
    ),
    "ck_scoring_policies_dropped_with_reason": (
        {**DROPPED, "dropped_by_id": 1, "dropped_reason": ""},
    ),
    "ck_scoring_policies_has_reason": ({"reason": ""},),
    "ck_scoring_policies_has_source": ({"source": ""},),
    "ck_scoring_policies_two_people": ({**APPROVED, "approved_by_id": 1},),
    "ck_risk_decisions_has_reason": ({"reason": ""},),
    "ck_supervisions_ends_after_start": (PERIOD,),
    "ck_support_cases_closed_has_its_day": (
        {"status": "closed", "closed_at": None, "closing_reason": None},
        {"status": "active", "closed_at": MONDAY, "closing_reason": "goals_met"},
    ),
    "ck_support_cases_closed_pair": (
        {"status": "closed", "closed_at": MONDAY, "closing_reason": None},
        {"status": "active", "closed_at": None, "closing_reason": "goals_met"},
    ),
    "ck_support_cases_interval_positive": ({"contact_interval_days": 0},),
    "ck_support_offers_response_pair": (
        {"response": "accepted", "responded_at": None},
        {"response": None, "responded_at": MONDAY},
    ),
    "ck_ties_ends_after_start": (PERIOD,),
    "ck_ties_strength_in_range": ({"strength": 0}, {"strength": -1}, {"strength": 1001}),
    "ck_ties_two_people": ({"person_a_id": 1, "person_b_id": 1},),
}
"""Rules that are not a list of codes, and how a row breaks each."""

TOGETHER: dict[str, dict[str, Any]] = {
    "ck_actions_status_known": {"ended_at": None},
    "ck_disclosure_requests_status_known": {"answered_at": MONDAY, "answered_by_id": 1},
    "ck_disclosures_ground_known": {"consent_id": None},
    "ck_disclosures_status_known": {"decided_at": MONDAY, "decided_by_id": 1},
    "ck_review_extensions_outcome_known": {
        "decided_at": MONDAY,
        "decided_by_id": 2,
        "asked_by_id": 1,
    },
    "ck_support_cases_status_known": {"closed_at": None, "closing_reason": None},
    "ck_support_cases_closing_reason_known": {"status": "closed", "closed_at": MONDAY},
    "ck_support_offers_response_known": {"responded_at": MONDAY},
    "fk_access_grants_ended_by_id": {"ended_at": MONDAY},
    "fk_consents_withdrawn_by_id": {"withdrawn_at": MONDAY},
    "fk_evening_notes_withdrawn_by_id": {"withdrawn_at": MONDAY},
    "fk_disclosure_requests_answered_by_id": {"status": "answered", "answered_at": MONDAY},
    "fk_disclosures_decided_by_id": {"status": "disclosed", "decided_at": MONDAY},
    "fk_disclosures_withdrawn_by_id": {"withdrawn_at": MONDAY},
    "fk_inbound_calls_returned_by_id": {"returned_at": MONDAY},
    "fk_call_ins_approved_by_id": {"approved_at": MONDAY},
    "fk_visit_letters_approved_by_id": {"approved_at": MONDAY},
    "fk_papers_call_in_id": {"round_id": None},
    "fk_papers_round_id": {"call_in_id": None},
    "fk_scoring_policies_approved_by_id": APPROVED,
    "fk_scoring_policies_dropped_by_id": DROPPED,
    "fk_review_extensions_decided_by_id": {"decided_at": MONDAY, "outcome": "approved"},
}
"""What must be right beside the wrong value, so that no other rule speaks first."""


def _named(kind: type[Any]) -> list[tuple[Table, Any]]:
    return [
        (table, constraint)
        for table in TABLES.values()
        for constraint in sorted(table.constraints, key=lambda c: str(c.name))
        if isinstance(constraint, kind)
    ]


def _codes() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Give a code that nobody knows to each column with a list of codes."""
    for table, constraint in _named(CheckConstraint):
        name = str(constraint.name)
        if name.endswith("_known"):
            column = name.removeprefix(f"ck_{table.name}_").removesuffix("_known")
            yield table.name, name, {column: "nonsense", **TOGETHER.get(name, {})}


def _pairs() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Give each thing that can be withdrawn half of its withdrawal."""
    for table, constraint in _named(CheckConstraint):
        name = str(constraint.name)
        if name.endswith("_withdrawn_pair"):
            by_whom = "withdrawn_reason" not in table.c
            half = {"withdrawn_by_id": 1} if by_whom else {"withdrawn_reason": "Never so."}
            yield table.name, name, {"withdrawn_at": MONDAY, **dict.fromkeys(half)}
            yield table.name, name, {"withdrawn_at": None, **half}


def _rules() -> Iterator[tuple[str, str, dict[str, Any]]]:
    tables = {str(c.name): table.name for table, c in _named(CheckConstraint)}
    for name, ways in SPOILT.items():
        for values in ways:
            yield tables[name], name, values


CASES = [
    pytest.param(*case, id=f"{case[1]}-{number}")
    for number, case in enumerate(itertools.chain(_codes(), _pairs(), _rules()))
]


@pytest.fixture(scope="module")
def towns(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """The invented town on each database, made when first asked for, gone at the end."""
    made: dict[str, Any] = {"folder": tmp_path_factory.mktemp("town")}
    yield made
    for name in ("sqlite", "postgres"):
        if name in made:
            made[name].dispose()
    if "drop" in made:
        made["drop"]()


@pytest.fixture
def connection(
    database: str, towns: dict[str, Any], request: pytest.FixtureRequest
) -> Iterator[Connection]:
    """A connection to the invented town; what is done to it is undone."""
    if database not in towns:
        towns[database] = ready_engine(_url(database, towns, request))
        with transaction(towns[database]) as db:
            town = Programme(code="default", display_name="", created_at=MONDAY)
            db.add(town)
            db.flush()
            operator = Viewer(
                programme_id=town.id, user_id=None, role=None, name="operator", source="cli"
            )
            load(db, operator, at=YESTERDAY, zone=ZONE)
            add_what_the_town_lacks(db, town.id)
    with towns[database].connect() as open_:
        yield open_
        open_.rollback()


def _url(database: str, towns: dict[str, Any], request: pytest.FixtureRequest) -> str:
    if database == "sqlite":
        path = towns["folder"] / "town.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        return f"sqlite:///{path}"
    server = request.getfixturevalue("postgres_server")
    name = f"town_{uuid.uuid4().hex[:12]}"
    towns["drop"] = lambda: server.drop(name)
    return server.create(name, template="empty")


def _spoil(connection: Connection, table: Table, values: dict[str, Any], *found: Any) -> None:
    """Change one row: one of those found, else any. The log only grows: it gets a spoilt row."""
    if table.name in APPEND_ONLY:
        good = connection.execute(select(table)).mappings().first()
        connection.execute(insert(table).values({**good, "id": NOBODY, **values}))
        return
    keys = list(table.primary_key.columns)
    query = select(*keys).order_by(*keys)
    row = connection.execute(query.where(*found)).first() or connection.execute(query).first()
    assert row is not None, f"the invented town has no row in {table.name}"
    this = [column == value for column, value in zip(keys, row, strict=True)]
    connection.execute(update(table).where(*this).values(**bound(table, values, row[0])))


@pytest.mark.parametrize(("table_name", "rule", "values"), CASES)
def test_a_row_that_breaks_a_rule_is_refused_by_its_name(connection, table_name, rule, values):
    with pytest.raises(IntegrityError, match=rule):
        _spoil(connection, TABLES[table_name], values)


def test_no_rule_is_left_out_here():
    named = {str(constraint.name) for _, constraint in _named(CheckConstraint)}
    assert named == {case.values[1] for case in CASES}


@pytest.mark.parametrize(
    ("table", "key"),
    [
        pytest.param(t, k, id=f"{t.name}.{k.column_keys[0]}")
        for t, k in _named(ForeignKeyConstraint)
    ],
)
def test_a_row_cannot_point_at_what_is_not_there(connection, table, key):
    column = table.c[key.column_keys[0]]
    with pytest.raises(IntegrityError, match=r"(?i)foreign key"):
        _spoil(connection, table, {column.name: NOBODY, **TOGETHER.get(key.name, {})}, column > 0)


def _of(row: Any, rule: UniqueConstraint) -> list[Any]:
    return [row[column.name] for column in rule.columns]


@pytest.mark.parametrize(
    ("table", "rule"),
    [pytest.param(t, u, id=str(u.name)) for t, u in _named(UniqueConstraint)],
)
def test_what_is_unique_cannot_be_there_twice(connection, table, rule):
    filled = [column.is_not(None) for column in rule.columns]
    row = connection.execute(select(table).where(*filled)).mappings().first()
    assert row is not None, f"the invented town has nothing for {rule.name}"
    again = {**row, "id": NOBODY}
    for _, other in _named(UniqueConstraint):
        if other.table is table and other is not rule and None not in _of(row, other):
            last = other.columns.values()[-1]
            is_number = isinstance(last.type, Integer)
            again[last.name] = row[last.name] + 1 if is_number else "something else"

    with pytest.raises(IntegrityError, match=r"(?i)unique"):
        connection.execute(insert(table).values(bound(table, again, NOBODY)))
