from datetime import date, timedelta

import pytest
from sqlalchemy import select

from gvi.domain.access import Role
from gvi.domain.errors import NotAllowedError, NotFoundError, RuleError
from gvi.domain.grading import Certainty
from gvi.domain.membership import MembershipRole
from gvi.store.models import AuditEntry, StatusChange, revisions_of
from gvi.store.models import Membership as MembershipTable
from gvi.usecases.facts import Provenance
from gvi.usecases.membership import (
    add_membership,
    correct_membership,
    dispute_membership,
    end_membership,
    uphold_membership,
    withdraw_membership,
)
from tests.conftest import MONDAY
from tests.factories import a_group, a_membership, a_person

GIVEN = Provenance(source="Group audit", ground="Mapping of groups")
LATER = MONDAY + timedelta(days=1)
NEXT_WEEK = MONDAY + timedelta(days=7)


@pytest.fixture
def person(db, programme):
    return a_person(db, programme, MONDAY)


@pytest.fixture
def group(db, programme):
    return a_group(db, programme, MONDAY)


def _add(db, viewer, person, group, **facts):
    facts = {
        "role": MembershipRole.CORE,
        "certainty": Certainty.PROBABLE,
        "valid_from": MONDAY,
        "given": GIVEN,
        "at": LATER,
        **facts,
    }
    who = viewer(facts.pop("role_of_viewer", Role.ANALYST))
    return add_membership(db, who, person_id=person.id, group_id=group.id, **facts)


def _last(db):
    return db.execute(select(AuditEntry).order_by(AuditEntry.id.desc()).limit(1)).scalar_one()


def test_a_membership_holds_from_its_day(db, viewer, person, group):
    membership = _add(db, viewer, person, group)

    assert (membership.role, membership.status) == ("core", "current")
    assert _last(db).kind == "membership:added"


@pytest.mark.parametrize(
    "periods",
    [
        pytest.param(((None, None), (None, None)), id="both always"),
        pytest.param(((MONDAY, None), (NEXT_WEEK, None)), id="the first still holds"),
        pytest.param(((MONDAY, NEXT_WEEK), (None, LATER)), id="the second ends inside the first"),
    ],
)
def test_overlapping_memberships_in_one_group_are_refused(db, viewer, person, group, periods):
    first, second = periods
    a_membership(db, MONDAY, person, group, valid_from=first[0], valid_to=first[1])

    with pytest.raises(RuleError) as refused:
        _add(db, viewer, person, group, valid_from=second[0], valid_to=second[1])

    assert refused.value.field == "valid_from"


def test_a_membership_somebody_else_keeps_is_not_betrayed_by_a_refusal(db, viewer, person, group):
    a_membership(db, MONDAY, person, group, compartment="social")

    entered_anew = _add(db, viewer, person, group)

    assert entered_anew.status == "current"


def test_a_second_membership_may_begin_when_the_first_ends(db, viewer, person, group):
    a_membership(db, MONDAY, person, group, valid_from=None, valid_to=LATER)

    again = _add(db, viewer, person, group, valid_from=LATER)

    assert again.valid_from == LATER


def test_a_person_may_be_in_two_groups(db, viewer, programme, person, group):
    a_membership(db, MONDAY, person, group)

    other = _add(db, viewer, person, a_group(db, programme, MONDAY, "Kajen"))

    assert other.status == "current"


def test_a_withdrawn_membership_stands_in_no_way(db, viewer, person, group):
    membership = a_membership(db, MONDAY, person, group)

    with pytest.raises(RuleError):
        withdraw_membership(db, viewer(Role.ANALYST), membership.id, reason="", at=LATER)
    withdraw_membership(db, viewer(Role.ANALYST), membership.id, reason="A mistake", at=LATER)

    assert _last(db).kind == "membership:withdrawn"
    assert _add(db, viewer, person, group).status == "current"


def test_a_correction_keeps_what_was_known_before(db, viewer, person, group):
    membership = a_membership(db, MONDAY, person, group, role="member", valid_from=MONDAY)

    correct_membership(
        db,
        viewer(Role.ANALYST),
        membership.id,
        role=MembershipRole.LEADER,
        certainty=Certainty.CONFIRMED,
        valid_from=MONDAY,
        valid_to=None,
        given=GIVEN,
        at=LATER,
    )

    old = db.execute(select(revisions_of(MembershipTable))).one()
    assert (old.role, membership.role) == ("member", "leader")
    assert "role" in _last(db).detail


def test_ending_takes_a_day_and_a_reason(db, viewer, person, group):
    membership = a_membership(db, MONDAY, person, group, valid_from=MONDAY)
    analyst = viewer(Role.ANALYST)

    for wrong in ({"valid_to": MONDAY, "reason": "Left"}, {"valid_to": LATER, "reason": " "}):
        with pytest.raises(RuleError):
            end_membership(db, analyst, membership.id, at=NEXT_WEEK, **wrong)
    end_membership(db, analyst, membership.id, valid_to=LATER, reason="Left town", at=NEXT_WEEK)

    change = db.execute(select(StatusChange)).scalar_one()
    assert (membership.status, membership.valid_to) == ("ended", LATER)
    assert (change.old, change.new, change.reason) == ("current", "ended", "Left town")


def test_an_end_to_come_leaves_the_membership_current_till_then(db, viewer, person, group):
    membership = a_membership(db, MONDAY, person, group)

    end_membership(
        db, viewer(Role.ANALYST), membership.id, valid_to=NEXT_WEEK, reason="Moves", at=LATER
    )

    assert (membership.status, membership.valid_to) == ("current", NEXT_WEEK)


def test_a_dispute_is_opened_and_settled_with_reasons(db, viewer, person, group):
    membership, analyst = a_membership(db, MONDAY, person, group), viewer(Role.ANALYST)

    with pytest.raises(RuleError):
        uphold_membership(db, analyst, membership.id, reason="True", at=LATER)
    dispute_membership(db, analyst, membership.id, reason="He denies it", at=LATER)
    assert membership.status == "disputed"
    with pytest.raises(RuleError):
        dispute_membership(db, analyst, membership.id, reason="Again", at=NEXT_WEEK)
    uphold_membership(db, analyst, membership.id, reason="Two reports", at=NEXT_WEEK)

    assert membership.status == "current"
    reasons = db.execute(select(StatusChange.reason).order_by(StatusChange.id)).scalars()
    assert list(reasons) == ["He denies it", "Two reports"]


def test_of_an_under_18_police_record_no_membership(db, viewer, programme, group):
    child = a_person(db, programme, MONDAY, birth_date=date(2010, 1, 1))
    membership = a_membership(db, MONDAY, child, group)

    with pytest.raises(RuleError):
        _add(db, viewer, child, group)
    with pytest.raises(NotFoundError):
        end_membership(
            db, viewer(Role.ANALYST), membership.id, valid_to=LATER, reason="Left", at=LATER
        )


@pytest.mark.parametrize(
    "role", [Role.COORDINATOR_MUNICIPAL, Role.OUTREACH, Role.PROBATION, Role.ADMIN]
)
def test_others_record_no_memberships(db, viewer, person, group, role):
    with pytest.raises(NotAllowedError):
        _add(db, viewer, person, group, role_of_viewer=role)


def test_nobody_of_social_services_secrecy_gets_a_membership(db, viewer, programme, group):
    hidden = a_person(db, programme, MONDAY, "Mes", compartment="social")

    with pytest.raises(NotFoundError):
        _add(db, viewer, hidden, group)


def test_correcting_a_disputed_membership_leaves_it_disputed(db, viewer, person, group):
    membership, analyst = _add(db, viewer, person, group), viewer(Role.ANALYST)
    dispute_membership(db, analyst, membership.id, reason="He denies it", at=NEXT_WEEK)
    facts = {
        "role": MembershipRole.CORE,
        "certainty": Certainty.PROBABLE,
        "valid_from": MONDAY,
        "valid_to": None,
        "given": GIVEN,
    }
    before = _last(db).id

    correct_membership(db, analyst, membership.id, **facts, at=NEXT_WEEK + timedelta(days=1))

    assert membership.status == "disputed"
    assert _last(db).id == before
