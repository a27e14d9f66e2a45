"""Today: one sentence, the numbers since last time, what is watched; counts where no more is."""

from datetime import timedelta

import pytest
from sqlalchemy import delete

from gvi.domain.access import Role
from gvi.store.engine import transaction
from gvi.store.models import InboundCall, RiskDecision, SupportOffer
from tests.conftest import MONDAY
from tests.factories import a_call_in, a_notification, a_person, an_incident, an_involvement

EVERYBODY = [
    Role.COORDINATOR_POLICE,
    Role.COORDINATOR_MUNICIPAL,
    Role.ANALYST,
    Role.OUTREACH_LEAD,
    Role.PROBATION,
    Role.STEERING,
]


@pytest.fixture
def weekend(engine, programme):
    with transaction(engine) as db:
        shooting = an_incident(
            db, programme, MONDAY - timedelta(days=2), area="Norräng", place="Torget 1"
        )
        hurt = a_person(db, programme, MONDAY, "Spov", name="Rasmus Ek")
        an_involvement(db, shooting, hurt, "victim")
        a_notification(db, hurt, MONDAY - timedelta(hours=1), incident_id=shooting.id)
        db.add(
            SupportOffer(
                programme_id=programme,
                person_id=hurt.id,
                what="mk-social place",
                offered_at=MONDAY - timedelta(days=1),
            )
        )
        db.add(
            InboundCall(
                programme_id=programme,
                called_at=MONDAY - timedelta(hours=9),
                caller="mk-social caller",
                heard_through="card",
                call_back_due_at=MONDAY + timedelta(hours=15),
                recorded_at=MONDAY,
            )
        )
        a_call_in(db, programme, MONDAY + timedelta(days=38), status="approved", venue="Arenan")
        return shooting.id


@pytest.mark.parametrize("role", EVERYBODY)
def test_everybody_with_a_today_gets_the_day_and_no_secret(browser, weekend, role):
    page = browser(role).get("/today")

    assert page.title == "Today, Monday 2 March"
    assert "Fri 27 Feb 16:00" in page.text
    assert role is Role.COORDINATOR_MUNICIPAL or "mk-social" not in page.html
    assert role in (Role.COORDINATOR_POLICE, Role.ANALYST) or not page.scores()


@pytest.mark.parametrize("role", [Role.OUTREACH, Role.COMMUNITY, Role.AUDITOR, Role.ADMIN])
def test_the_others_have_none(browser, role):
    assert browser(role).get("/today").status == 403


def test_the_police_coordinators_sentence_and_watch(browser, weekend):
    page = browser(Role.COORDINATOR_POLICE).get("/today")

    assert "1 incident since last time, 1 visit to be made, 1 thing is late." in page.text
    assert "Shooting, someone hurt, Torget 1" in page.text
    assert "Day 3 of 14" in page.text
    assert "Custom notifications within 48 h 0 of 1" in page.text
    assert "call to the number on the card" in page.text
    assert "with outreach; names not shown here" in page.text
    assert "Arenan" in page.text
    assert f"/incidents/{weekend}" in page.links()


def test_the_municipal_coordinator_sees_the_area_and_how_many_were_offered_help(browser, weekend):
    page = browser(Role.COORDINATOR_MUNICIPAL).get("/today")

    assert "Torget" not in page.text
    assert "Norräng" in page.text
    assert "Victim support and a safe place offered 1 of 1" in page.text


@pytest.mark.parametrize("role", [Role.COORDINATOR_POLICE, Role.ANALYST, Role.PROBATION])
def test_whether_help_was_offered_changes_nothing_for_the_others(browser, weekend, engine, role):
    before = browser(role).get("/today").text
    with transaction(engine) as db:
        db.execute(delete(SupportOffer))

    assert browser(role).get("/today").text == before
    assert "Victim support and a safe place the municipality's duty, by" in before


def test_steering_gets_numbers_only(browser, weekend):
    page = browser(Role.STEERING).get("/today")

    assert "1 incident since last time, 1 visit to be made." in page.text
    for hidden in ("Norräng", "Rasmus", "Everything due", "Watch"):
        assert hidden not in page.text
    assert f"/incidents/{weekend}" not in page.links()


def test_expiring_colours_are_named_for_those_who_decide_and_nobody_else(
    engine, programme, browser, viewer
):
    with transaction(engine) as db:
        for days, name in ((-1, "Emil Expired"), (5, "Signe Soon"), (15, "Lars Later")):
            person = a_person(db, programme, MONDAY, name, name=name)
            db.add(
                RiskDecision(
                    programme_id=programme,
                    person_id=person.id,
                    colour="yellow",
                    reason="mk-police reason",
                    decided_by_id=viewer(Role.COORDINATOR_POLICE).user_id,
                    decided_at=MONDAY - timedelta(days=10),
                    expires_on=(MONDAY + timedelta(days=days)).date(),
                )
            )
    page = browser(Role.COORDINATOR_POLICE).get("/today")
    assert "colours to decide again2" in page.text, "the number of the ledger"
    assert "Expired Sun 1 Mar" in page.text
    assert "Signe Soon" in page.text
    assert "Lars Later" not in page.text
    assert "Emil" not in browser(Role.STEERING).get("/today").text
    assert "Emil" not in browser(Role.OUTREACH_LEAD).get("/today").text


def test_a_quiet_day_says_so(browser):
    page = browser(Role.COORDINATOR_POLICE).get("/today")

    assert "0 incidents since last time, 0 visits to be made, 0 things are late." in page.text
    assert "Nothing is watched" in page.text
    assert "Nothing is due" in page.text
    assert "No call-in is planned" in page.text


def test_it_speaks_swedish(browser, weekend):
    asa = browser(Role.COORDINATOR_POLICE)
    asa.post("/language", language="sv", next="/today")

    page = asa.get("/today")

    assert page.title == "I dag, måndag 2 mars"
    assert "1 händelse sedan sist" in page.text
