"""The page of a person's decided colour."""

from datetime import date

import pytest

from gvi.domain.access import Role
from gvi.store.engine import transaction
from gvi.store.models import Person
from tests.conftest import MONDAY
from tests.factories import a_client, a_person


@pytest.fixture
def person(engine, programme):
    with transaction(engine) as db:
        return a_person(db, programme, MONDAY, "Lom", name="Viktor Älgmark").id


def test_a_colour_is_decided_for_three_weeks_unless_another_day_is_chosen(browser, person):
    police = browser(Role.COORDINATOR_POLICE)
    form = police.get(f"/people/{person}/risk")
    assert "No colour has been decided" in form.text
    assert form.one("input", name="expires_on").get("value") == "2026-03-23"

    page = police.post(
        f"/people/{person}/risk", colour="red", reason="Threats heard.", expires_on="2026-03-16"
    )

    said = "Red, decided today by Test coordinator_police, holds until Mon 16 Mar."
    assert said in page.text
    assert "“Threats heard.”" in page.text


def test_what_was_typed_is_kept_when_the_day_is_wrong(browser, person):
    page = browser(Role.COORDINATOR_MUNICIPAL).post(
        f"/people/{person}/risk", colour="red", reason="Threats.", expires_on="2026-03-02"
    )

    assert page.status == 422
    assert page.one("textarea", name="reason").text.strip() == "Threats."
    assert "every colour expires" in page.one("p", id="f-expires_on-error").text


def test_an_expired_colour_says_so(browser, person, clock):
    police = browser(Role.COORDINATOR_POLICE)
    given = {"colour": "yellow", "reason": "Calmer.", "expires_on": "2026-03-04"}
    police.post(f"/people/{person}/risk", **given)
    clock.move(days=5)

    page = browser(Role.ANALYST).get(f"/people/{person}/risk")
    assert "but it expired Wed 4 Mar: decide again." in page.text
    assert not page.all("form", action=f"/people/{person}/risk", method="post")


def test_own_clients_colour_is_seen_without_its_reason(browser, engine, viewer, person):
    given = {"colour": "yellow", "reason": "Calmer.", "expires_on": "2026-03-23"}
    browser(Role.COORDINATOR_POLICE).post(f"/people/{person}/risk", **given)
    assert browser(Role.OUTREACH).get(f"/people/{person}/risk").status == 404
    with transaction(engine) as db:
        a_client(db, MONDAY, db.get_one(Person, person), viewer(Role.OUTREACH).user_id)

    page = browser(Role.OUTREACH).get(f"/people/{person}/risk")
    assert "Yellow" in page.text
    assert "Calmer." not in page.text


def test_a_child_has_no_colour_and_no_form(browser, engine, programme):
    with transaction(engine) as db:
        child = a_person(db, programme, MONDAY, "Lo", birth_date=date(2010, 1, 1)).id
    page = browser(Role.COORDINATOR_MUNICIPAL).get(f"/people/{child}/risk")
    assert "People under 18 get no colour" in page.text
    assert not page.all("form", action=f"/people/{child}/risk", method="post")
