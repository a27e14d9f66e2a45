"""My people: silence, next contact, calls, what is stuck, where to take care; no police words."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from gvi.domain.access import Role
from gvi.domain.support import HeardThrough, NeedKind
from gvi.store.engine import transaction
from gvi.store.models import Contact
from gvi.usecases.inbound_call import log_call
from gvi.usecases.support import CasePlan, add_need, open_case
from tests.conftest import MONDAY
from tests.factories import (
    a_call_in,
    a_client,
    a_group,
    a_person,
    a_relation,
    a_supervision,
    an_incident,
    an_invitee,
    an_involvement,
)

ZONE = ZoneInfo("Europe/Stockholm")
AGO = timedelta(days=40)


@pytest.fixture
def town(engine, programme, viewer):
    outreach, probation = viewer(Role.OUTREACH), viewer(Role.PROBATION)
    with transaction(engine) as db:
        leo = a_person(db, programme, MONDAY, "Lom", name="Leo Åström", area="Norräng")
        for who in (outreach, probation):
            a_client(db, MONDAY, leo, who.user_id)
        plan = CasePlan(
            owner_id=outreach.user_id, interval_days=7, next_contact_on=date(2026, 2, 25)
        )
        case = open_case(db, outreach, leo.id, plan, at=MONDAY - AGO, zone=ZONE)
        add_need(db, outreach, case.id, kind=NeedKind.HOUSING, at=MONDAY - AGO, zone=ZONE)
        for days, outcome in ((9, "reached"), (1, "attempted")):
            db.add(
                Contact(
                    support_case_id=case.id,
                    contacted_at=MONDAY - timedelta(days=days),
                    mode="in_person",
                    outcome=outcome,
                    recorded_at=MONDAY,
                )
            )
        log_call(
            db,
            outreach,
            heard_through=HeardThrough.CARD,
            called_at=MONDAY - timedelta(hours=30),
            caller="070-000 00 17",
            at=MONDAY,
            zone=ZONE,
        )
        a, b = (a_group(db, programme, MONDAY, name, area="Norräng") for name in "AB")
        a_relation(db, MONDAY, a, b, valid_to=MONDAY + timedelta(days=11))
        shooting = an_incident(db, programme, MONDAY - timedelta(days=3))
        an_involvement(db, shooting, leo)
        a_supervision(db, MONDAY, leo, valid_to=MONDAY + timedelta(days=90))
        call_in = a_call_in(db, programme, MONDAY + timedelta(days=38), status="invited")
        an_invitee(db, call_in, leo, status="confirmed")
        return case.id


def test_the_answer_says_whom_to_meet_and_ring_and_the_longest_silence(browser, town):
    page = browser(Role.OUTREACH).get("/my-people")

    assert "1 to meet or call today, 1 call to return." in page.text
    assert "You have not heard from Leo Åström for 9 days." in page.text


def test_a_card_says_days_late_stuck_and_care(browser, town):
    text = browser(Role.OUTREACH).get("/my-people").text

    assert "9 d" in text, "an attempt is not a contact"
    assert "5 days late" in text
    assert "Take care around Norräng" in text
    assert "Norräng, until Fri 13 Mar" in text
    assert "Leo Åström: Housing" in text
    assert "Open 40 days." in text


def test_it_holds_no_score_and_no_police_word(browser, town):
    page = browser(Role.OUTREACH).get("/my-people")

    assert not page.scores()
    for word in ("suspect", "Shooting", "shooting", "rank", "score", "driving"):
        assert word not in page.html.split("<main")[1].split("</main>")[0]


def test_a_call_is_returned_from_here(browser, town):
    maja = browser(Role.OUTREACH)
    page = maja.get("/my-people")
    assert "tel:0700000017" in page.links()
    (form,) = [f for f in page.all("form") if f.get("action", "").endswith("/returned")]

    after = maja.post(form.get("action"), back="my-people")

    assert after.url.endswith("/my-people?done=returned")
    assert "Nobody waits for a call." in after.text


def test_a_lead_sees_the_team_and_one_worker_of_it(browser, town, viewer):
    bjorn = browser(Role.OUTREACH_LEAD)

    assert "Nobody has heard from Leo Åström for 9 days." in bjorn.get("/my-people").text
    assert "Leo Åström" not in bjorn.get("/my-people", worker="9999").text


def test_probation_sees_supervision_and_invitation_and_nothing_of_support(browser, town):
    page = browser(Role.PROBATION).get("/my-people")

    assert "1 client, 1 asked to a call-in." in page.text
    assert "obliged to come" in page.text
    assert "Said yes" in page.text
    assert "Thu 9 Apr" in page.text
    for word in ("Housing", "9 d", "Log a contact", "070-000"):
        assert word not in page.text


@pytest.mark.parametrize("role", [Role.COORDINATOR_POLICE, Role.ANALYST, Role.STEERING])
def test_others_have_no_people_of_their_own(browser, role):
    assert browser(role).get("/my-people").status == 403


def test_without_clients_it_says_what_to_do(browser):
    page = browser(Role.OUTREACH).get("/my-people")

    assert "You have no clients yet. The coordinator or your lead assigns them." in page.text
