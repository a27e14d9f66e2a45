"""A colour is a decision of people: reasoned, signed, with a last day, and never for a child."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from gvi.domain.access import Role
from gvi.domain.errors import NotAllowedError, NotFoundError, RuleError
from gvi.domain.risk import RiskColour
from gvi.store.engine import reading, transaction
from gvi.store.models import AuditEntry, Person, RiskDecision
from gvi.store.queries.risk import colours_expiring, colours_of, risk_card
from gvi.usecases.risk import decide_colour
from tests.conftest import MONDAY, ZONE
from tests.factories import a_client, a_person

IN_THREE_WEEKS = date(2026, 3, 23)


def decide(db, viewer, person_id, colour=RiskColour.YELLOW, at=MONDAY, **given):
    given = {"reason": "Threats heard.", "expires_on": IN_THREE_WEEKS, **given}
    return decide_colour(db, viewer, person_id, colour=colour, at=at, zone=ZONE, **given)


@pytest.fixture
def person(engine, programme):
    with transaction(engine) as db:
        return a_person(db, programme, MONDAY, "Lom", name="Viktor Älgmark").id


def test_the_latest_decision_is_the_colour_and_the_earlier_ones_stay(engine, viewer, person):
    police = viewer(Role.COORDINATOR_POLICE)
    with transaction(engine) as db:
        decide(db, police, person, RiskColour.RED, at=MONDAY - timedelta(days=9))
        decide(db, police, person, RiskColour.YELLOW)

    with reading(engine) as db:
        now = colours_of(db, police, [person], MONDAY, zone=ZONE)[person]
        earlier = colours_of(db, police, [person], MONDAY - timedelta(days=1), zone=ZONE)[person]
        before = colours_of(db, police, [person], MONDAY - timedelta(days=10), zone=ZONE)
        card = risk_card(db, police, person, MONDAY, zone=ZONE)

    assert (now.colour, now.decided_on) == (RiskColour.YELLOW, date(2026, 3, 2))
    assert now.decided_by == "Test coordinator_police"
    assert earlier.colour == RiskColour.RED
    assert before == {}
    assert [d.colour for d in card.decisions] == [RiskColour.YELLOW, RiskColour.RED]
    assert card.latest.reason == "Threats heard."


def test_a_colour_is_expired_the_day_after_its_last(engine, viewer, person):
    police = viewer(Role.COORDINATOR_POLICE)
    with transaction(engine) as db:
        decide(db, police, person, expires_on=date(2026, 3, 4))
    last_evening = MONDAY + timedelta(days=2, hours=14)  # 22:30 local on the fourth
    past_midnight = last_evening + timedelta(hours=2)

    with reading(engine) as db:
        assert not colours_of(db, police, [person], last_evening, zone=ZONE)[person].is_expired
        assert colours_of(db, police, [person], past_midnight, zone=ZONE)[person].is_expired


def test_colours_to_decide_again_are_listed_but_not_those_taken_off(engine, programme, viewer):
    police = viewer(Role.COORDINATOR_POLICE)
    with transaction(engine) as db:
        soon, later, off, gone = (
            a_person(db, programme, MONDAY, name).id for name in ("Ek", "Al", "Lind", "Asp")
        )
        decide(db, police, soon, expires_on=date(2026, 3, 9))
        decide(db, police, later, expires_on=date(2026, 3, 10))
        decide(db, police, off, RiskColour.OFF_LIST, expires_on=date(2026, 3, 3))
        week_ago = MONDAY - timedelta(days=7)
        decide(db, police, gone, RiskColour.RED, at=week_ago, expires_on=date(2026, 3, 1))

    with reading(engine) as db:
        rows = colours_expiring(db, police, MONDAY, 7, zone=ZONE)

    assert [(row.code_name, row.colour.is_expired) for row in rows] == [
        ("Asp", True),
        ("Ek", False),
    ]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        pytest.param({"reason": "  "}, "reason", id="no reason"),
        pytest.param({"expires_on": date(2026, 3, 2)}, "expires_on", id="expires today"),
        pytest.param({"expires_on": date(2025, 3, 2)}, "expires_on", id="expires in the past"),
    ],
)
def test_a_decision_without_reason_or_future_is_refused(engine, viewer, person, given, field):
    with pytest.raises(RuleError) as refusal, transaction(engine) as db:
        decide(db, viewer(Role.COORDINATOR_POLICE), person, **given)
    assert refusal.value.field == field


def test_nobody_under_18_gets_a_colour(engine, programme, viewer):
    police = viewer(Role.COORDINATOR_POLICE)
    with transaction(engine) as db:
        child = a_person(db, programme, MONDAY, "Lo", birth_date=date(2008, 3, 3)).id
    with pytest.raises(RuleError, match="under 18"), transaction(engine) as db:
        decide(db, police, child)

    # Decided before anybody knew the age: not shown from the day it is known.
    with transaction(engine) as db:
        grown = a_person(db, programme, MONDAY, "Mes").id
        decide(db, police, grown)
    with transaction(engine) as db:
        person = db.get_one(Person, grown)
        person.birth_date, person.revised_at = date(2009, 1, 1), MONDAY + timedelta(hours=1)
    with reading(engine) as db:
        assert colours_of(db, police, [grown], MONDAY, zone=ZONE) == {}
        assert risk_card(db, police, grown, MONDAY, zone=ZONE).decisions == ()


def test_who_may_see_and_decide(engine, viewer, person):
    with transaction(engine) as db:
        decide(db, viewer(Role.COORDINATOR_MUNICIPAL), person)
        outreach = viewer(Role.OUTREACH)
        a_client(db, MONDAY, db.get_one(Person, person), outreach.user_id)

    with reading(engine) as db:
        own = risk_card(db, outreach, person, MONDAY, zone=ZONE)
        assert own.latest.colour == RiskColour.YELLOW
        assert own.latest.reason is None
        assert colours_of(db, viewer(Role.PROBATION), [person], MONDAY, zone=ZONE) == {}
        assert colours_of(db, viewer(Role.STEERING), [person], MONDAY, zone=ZONE) == {}
        with pytest.raises(NotFoundError):
            risk_card(db, viewer(Role.PROBATION), person, MONDAY, zone=ZONE)
    for role in (Role.ANALYST, Role.OUTREACH, Role.PROBATION):
        with pytest.raises(NotAllowedError), transaction(engine) as db:
            decide(db, viewer(role), person)


def test_a_decision_is_in_the_log(engine, viewer, person):
    with transaction(engine) as db:
        decide(db, viewer(Role.COORDINATOR_POLICE), person)
    with reading(engine) as db:
        entry = db.execute(select(AuditEntry)).scalar_one()
        assert (entry.kind, entry.verb) == ("risk:decided", "collected")
        assert f'"person": [{person}]' in entry.subjects
        assert "Threats" not in entry.detail
        assert db.execute(select(RiskDecision.reason)).scalar_one() == "Threats heard."
