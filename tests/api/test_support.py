"""Support cases, contacts and actions as JSON: rights, notes, paging."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from gvi.domain.access import Role
from gvi.domain.support import ContactMode, ContactOutcome, NeedKind
from gvi.store.engine import transaction
from gvi.usecases.action import add_action
from gvi.usecases.contact import log_contact
from gvi.usecases.support import CasePlan, add_need, open_case
from tests.conftest import MONDAY
from tests.factories import a_client, a_person

ZONE = ZoneInfo("Europe/Stockholm")
SECRET = "mk-social"
NEVER = [
    Role.COORDINATOR_POLICE,
    Role.ANALYST,
    Role.PROBATION,
    Role.COMMUNITY,
    Role.STEERING,
    Role.AUDITOR,
    Role.ADMIN,
]


@pytest.fixture
def cases(engine, programme, viewer):
    outreach = viewer(Role.OUTREACH)
    made = []
    with transaction(engine) as db:
        for code_name in ("Lom", "Spov"):
            person = a_person(db, programme, MONDAY, code_name, name=f"{code_name} L")
            a_client(db, MONDAY, person, outreach.user_id)
            plan = CasePlan(
                owner_id=outreach.user_id, interval_days=7, next_contact_on=date(2026, 3, 2)
            )
            case = open_case(db, outreach, person.id, plan, note=SECRET, at=MONDAY, zone=ZONE)
            add_need(db, outreach, case.id, kind=NeedKind.WORK, note=SECRET, at=MONDAY, zone=ZONE)
            log_contact(
                db,
                outreach,
                case.id,
                mode=ContactMode.PHONE,
                outcome=ContactOutcome.REACHED,
                next_contact_on=date(2026, 3, 3),
                contacted_at=MONDAY,
                note=SECRET,
                at=MONDAY,
                zone=ZONE,
            )
            made.append(case.id)
    return made


@pytest.mark.parametrize("role", NEVER)
def test_police_and_all_who_have_no_right_get_a_refusal(browser, cases, role):
    who = browser(role)
    for path in ("support-cases", f"support-cases/{cases[0]}", "contacts"):
        answer = who.client.get(f"/api/v1/{path}")
        assert answer.status_code == 403
        assert answer.headers["content-type"] == "application/problem+json"
        assert SECRET not in answer.text


def test_cases_come_in_pages_and_are_narrowed(browser, cases, clock):
    maja = browser(Role.OUTREACH)
    first = maja.json("/api/v1/support-cases", limit="1")
    assert [row["id"] for row in first["items"]] == cases[:1]
    rest = maja.json("/api/v1/support-cases", cursor=str(first["next_cursor"]))
    assert [row["id"] for row in rest["items"]] == cases[1:]
    assert maja.json("/api/v1/support-cases", late="true")["items"] == []
    clock.move(days=3)
    late = browser(Role.OUTREACH).json("/api/v1/support-cases", late="true")["items"]
    assert [row["open_needs"] for row in late] == [["work"], ["work"]]


def test_the_municipal_coordinator_gets_the_case_and_no_notes(browser, cases):
    for path in (f"support-cases/{cases[0]}", "contacts", "support-cases"):
        assert SECRET not in browser(Role.COORDINATOR_MUNICIPAL).client.get(f"/api/v1/{path}").text
    full = browser(Role.OUTREACH).json(f"/api/v1/support-cases/{cases[0]}")
    assert (full["note"], full["needs"][0]["note"]) == (SECRET, SECRET)
    (contact, _) = browser(Role.OUTREACH).json("/api/v1/contacts")["items"]
    assert (contact["note"], contact["mode"]) == (SECRET, "phone")


def test_anothers_case_is_not_there(engine, browser, cases, viewer, programme):
    lead = viewer(Role.OUTREACH_LEAD)
    with transaction(engine) as db:
        person = a_person(db, programme, MONDAY, "Ejder")
        a_client(db, MONDAY, person, lead.user_id)
        plan = CasePlan(owner_id=lead.user_id, interval_days=7, next_contact_on=date(2026, 3, 2))
        other = open_case(db, lead, person.id, plan, at=MONDAY, zone=ZONE).id
    maja = browser(Role.OUTREACH)
    assert maja.client.get(f"/api/v1/support-cases/{other}").status_code == 404
    assert [r["id"] for r in maja.json("/api/v1/support-cases")["items"]] == cases


def test_actions_show_their_text_to_those_who_may_read_it(engine, browser, viewer):
    karin = viewer(Role.COORDINATOR_MUNICIPAL)
    with transaction(engine) as db:
        action = add_action(
            db,
            karin,
            text=SECRET,
            due_at=MONDAY + timedelta(days=1),
            owner_id=karin.user_id,
            compartment="social",
            at=MONDAY,
        ).id
    police = browser(Role.COORDINATOR_POLICE).json("/api/v1/actions")["items"]
    own = browser(Role.COORDINATOR_MUNICIPAL).json(f"/api/v1/actions/{action}")
    assert [row["text"] for row in police] == [None]
    assert own["text"] == SECRET
    assert browser(Role.OUTREACH).json("/api/v1/actions")["items"] == []
    assert browser(Role.STEERING).client.get("/api/v1/actions").status_code == 403
