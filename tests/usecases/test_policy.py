"""The scoring policy: drafted by one, approved by another, in force from then on."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from gvi.domain.access import Role
from gvi.domain.errors import NotAllowedError, NotFoundError, RuleError
from gvi.domain.policy import ScoringPolicy, constants_of
from gvi.store.engine import transaction
from gvi.store.models import AuditEntry, Programme, StoredPolicy
from gvi.store.queries.policy import policy_version, policy_versions
from gvi.usecases.policy import approve, change_draft, draft, drop, in_force, propose
from gvi.usecases.ranking import driving, ranking_document
from tests.conftest import MONDAY, ZONE
from tests.factories import a_person, an_incident, an_involvement
from tests.tamper import as_owner

SOURCE = "Minutes of the board, 2 March 2026"
REFUSED = r"not changed once|permission denied"
"""On PostgreSQL the application's role may not even try to take one away."""
REASON = "Stabbings are as grave here as shootings."


@pytest.fixture
def analyst(viewer):
    return viewer(Role.ANALYST)


@pytest.fixture
def police(viewer):
    return viewer(Role.COORDINATOR_POLICE)


def changed(**numbers):
    """The example table's constants with some numbers changed; `stabbing=60` is of the harm."""
    constants = constants_of(ScoringPolicy())
    harm = {kind: value for kind, value in numbers.items() if kind not in constants}
    own = {name: value for name, value in numbers.items() if name in constants}
    return {**constants, **own, "harm": {**constants["harm"], **harm}}


def drafted(db, analyst, **numbers):
    return draft(db, analyst, changed(**numbers), source=SOURCE, reason=REASON, at=MONDAY)


def approved(db, analyst, police, **numbers):
    version = drafted(db, analyst, **numbers).version
    propose(db, analyst, version, at=MONDAY)
    return approve(db, police, version, at=MONDAY, zone=ZONE)


def test_without_a_version_of_its_own_a_programme_has_the_example_table(db, police):
    assert in_force(db, police) == ScoringPolicy()
    [first] = policy_versions(db, police)
    assert (first.version, first.is_in_force) == (1, True)


def test_the_example_table_never_changes():
    """Lists that were kept under version 1 are recomputed with it, by any later program."""
    assert constants_of(ScoringPolicy()) == {
        "harm": {
            "homicide": 100,
            "attempted_homicide": 60,
            "shooting_with_injury": 60,
            "shooting_at_person": 40,
            "explosion": 40,
            "kidnapping": 40,
            "stabbing": 30,
            "shooting_at_building_or_vehicle": 20,
            "grenade_or_attempted_explosion": 20,
            "serious_assault": 15,
            "arson": 15,
            "robbery": 10,
            "threat": 5,
            "weapon": 0,
        },
        "certainty": {"confirmed": 1, "probable": 0.6, "possible": 0.3},
        "half_life_days": 365,
        "gmi": {"known_not": 0, "confirmed": 1, "likely": 1, "unknown": 1},
        "doing": {
            "convicted": 1,
            "instigator": 1,
            "suspect": 0.7,
            "accomplice": 0.5,
            "present": 0.1,
        },
        "exposure": {"victim": 1, "intended_victim": 0.7},
        "tie_window_days": 1095.75,
        "near": 0.5,
        "far": 0.25,
        "group": 0.25,
        "exposed_near": 0.5,
        "exposed_far": 0.25,
        "conflict": 0.25,
        "membership_role": {
            "leader": 3,
            "core": 2,
            "member": 1,
            "associate": 0.5,
            "recruit": 0.5,
        },
        "relation": {"open_conflict": 1, "tension": 0.3},
    }


def test_an_approved_version_is_in_force_for_every_list_computed_from_then_on(
    db, programme, analyst, police
):
    doer = a_person(db, programme, MONDAY, "Lom")
    long_ago = MONDAY - timedelta(days=30)
    an_involvement(db, an_incident(db, programme, long_ago, "stabbing"), doer, "convicted")
    _, before = driving(db, police, long_ago, ZONE)

    approved(db, analyst, police, stabbing=60.0)

    _, after = driving(db, police, long_ago, ZONE)
    assert [before.entries[0].score, after.entries[0].score] == [30.0, 60.0]
    assert ranking_document(before, "driving", ZONE, top=1, intervals={})["policy"] == 1
    assert ranking_document(after, "driving", ZONE, top=1, intervals={})["policy"] == 2


def test_a_draft_and_a_proposal_change_nothing(db, analyst, police):
    version = drafted(db, analyst, stabbing=60.0).version
    assert in_force(db, police).version == 1
    propose(db, analyst, version, at=MONDAY)
    assert in_force(db, police).version == 1


def test_an_approved_version_is_read_as_it_was_drafted(db, analyst, police):
    approved(db, analyst, police, half_life_days=180.0, drive_by=45.0)

    policy = in_force(db, police)

    assert policy == replace(
        ScoringPolicy(),
        version=2,
        source=SOURCE,
        decided_on=MONDAY.astimezone(ZONE).date(),
        half_life_days=180.0,
        harm={**ScoringPolicy().harm, "drive_by": 45.0},
    )


def test_another_programme_keeps_its_own(db, analyst, police):
    other = Programme(code="other", display_name="Other", created_at=MONDAY)
    db.add(other)
    db.flush()

    approved(db, analyst, police, stabbing=60.0)

    assert in_force(db, replace(police, programme_id=other.id)).version == 1


@pytest.mark.parametrize(
    ("numbers", "field"),
    [
        ({"stabbing": -1.0}, "harm.stabbing"),
        ({"stabbing": float("nan")}, "harm.stabbing"),
        ({"half_life_days": 0.0}, "half_life_days"),
        ({"near": 1.5}, "near"),
        ({"near": True}, "near"),
        (
            {"certainty": {"confirmed": 1.2, "probable": 0.6, "possible": 0.3}},
            "certainty.confirmed",
        ),
        ({"certainty": {"confirmed": 1.0, "probable": 0.6}}, "certainty.possible"),
        ({"doing": {**ScoringPolicy().doing, "arrested": 0.5}}, "doing.arrested"),
        ({"exposure": {}}, "exposure.victim"),
    ],
)
def test_what_cannot_be_is_refused_by_its_field(db, analyst, numbers, field):
    with pytest.raises(RuleError) as refused:
        drafted(db, analyst, **numbers)
    assert refused.value.field == field


def test_a_version_needs_a_source_and_a_reason(db, analyst):
    for missing in ("source", "reason"):
        given = {"source": SOURCE, "reason": REASON} | {missing: "  "}
        with pytest.raises(RuleError) as refused:
            draft(db, analyst, changed(), **given, at=MONDAY)
        assert refused.value.field == missing


def test_one_version_waits_for_its_decision_at_a_time(db, analyst, police):
    version = drafted(db, analyst).version
    with pytest.raises(RuleError, match="waits"):
        drafted(db, analyst)
    drop(db, police, version, reason="The source does not say so.", at=MONDAY)

    assert drafted(db, analyst).version == version + 1


def test_only_its_drafter_changes_a_draft_and_nobody_a_proposal(db, analyst, police, viewer):
    version = drafted(db, analyst).version
    someone = replace(analyst, user_id=police.user_id)
    again = {"source": SOURCE, "reason": REASON, "at": MONDAY}
    with pytest.raises(RuleError, match="Only who drafted"):
        change_draft(db, someone, version, changed(), **again)
    change_draft(db, analyst, version, changed(stabbing=55.0), **again)
    propose(db, analyst, version, at=MONDAY)

    with pytest.raises(RuleError, match="proposed or decided"):
        change_draft(db, analyst, version, changed(), **again)
    assert policy_version(db, police, version).policy.harm["stabbing"] == 55.0


def test_whoever_drafted_a_version_never_approves_it(db, analyst, police):
    version = drafted(db, analyst).version
    with pytest.raises(RuleError, match="Only a version"):
        approve(db, police, version, at=MONDAY, zone=ZONE)
    propose(db, analyst, version, at=MONDAY)
    promoted = replace(analyst, role=Role.COORDINATOR_POLICE)

    with pytest.raises(RuleError, match="Somebody else"):
        approve(db, promoted, version, at=MONDAY, zone=ZONE)
    with pytest.raises(NotAllowedError):
        approve(db, analyst, version, at=MONDAY, zone=ZONE)
    with pytest.raises(NotAllowedError):
        draft(db, police, changed(), source=SOURCE, reason=REASON, at=MONDAY)


def test_the_local_operator_neither_drafts_nor_approves(db, analyst, operator):
    with pytest.raises(NotAllowedError):
        draft(db, operator, changed(), source=SOURCE, reason=REASON, at=MONDAY)
    version = drafted(db, analyst).version
    propose(db, analyst, version, at=MONDAY)
    with pytest.raises(RuleError):
        approve(db, operator, version, at=MONDAY, zone=ZONE)
    with pytest.raises(NotFoundError):
        policy_version(db, operator, 99)


def test_a_dropped_version_stays_in_the_history_with_its_reason(db, analyst, police):
    version = drafted(db, analyst).version
    with pytest.raises(RuleError):
        drop(db, analyst, version, reason=" ", at=MONDAY)
    drop(db, analyst, version, reason="A slip.", at=MONDAY)

    dropped, first = policy_versions(db, police)
    assert (dropped.status.value, dropped.dropped_reason, dropped.dropped_by) == (
        "dropped",
        "A slip.",
        "Test analyst",
    )
    assert first.is_in_force
    with pytest.raises(RuleError, match="decided"):
        drop(db, police, version, reason="Once more.", at=MONDAY)


def test_every_step_is_in_the_log(db, analyst, police):
    approved(db, analyst, police)
    drop(db, analyst, drafted(db, analyst).version, reason="A slip.", at=MONDAY)

    kinds = db.execute(select(AuditEntry.kind).order_by(AuditEntry.id)).scalars()
    assert list(kinds) == [
        "policy:drafted",
        "policy:proposed",
        "policy:approved",
        "policy:drafted",
        "policy:dropped",
    ]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE scoring_policies SET constants = '{}'",
        "UPDATE scoring_policies SET decided_on = '2020-01-01'",
        "UPDATE scoring_policies SET source = 'another'",
        "DELETE FROM scoring_policies",
    ],
)
def test_the_database_refuses_to_change_an_approved_version(
    engine, viewer, analyst, police, statement
):
    with transaction(engine) as db:
        approved(db, analyst, police)
    with pytest.raises(DBAPIError, match=REFUSED), transaction(engine) as db:
        db.execute(text(statement))
    with (
        pytest.raises(DBAPIError, match="not changed once"),
        as_owner(engine) as owner,
        transaction(owner) as db,
    ):
        db.execute(text(statement))


def test_the_database_refuses_to_change_a_proposals_numbers(engine, analyst, police):
    with transaction(engine) as db:
        version = drafted(db, analyst).version
        propose(db, analyst, version, at=MONDAY)
    with (
        pytest.raises(DBAPIError, match="not changed once"),
        transaction(engine) as db,
    ):
        db.execute(text("UPDATE scoring_policies SET constants = '{}'"))
    with transaction(engine) as db:
        assert db.execute(select(StoredPolicy.constants)).scalar_one() != "{}"
        approve(db, police, version, at=MONDAY, zone=ZONE)
