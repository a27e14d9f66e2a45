"""Cases, offers, calls and clients on their pages: who may, what they see, what is refused."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from gvi.domain.access import Role
from gvi.domain.support import HeardThrough, NeedKind
from gvi.store.engine import reading, transaction
from gvi.store.models import (
    AuditEntry,
    AuditSubject,
    ClientAssignment,
    InboundCall,
    SupportCase,
    SupportOffer,
)
from gvi.usecases.inbound_call import log_call
from gvi.usecases.support import CasePlan, add_need, open_case, record_offer
from tests.conftest import MONDAY
from tests.factories import a_client, a_person

ZONE = ZoneInfo("Europe/Stockholm")
MUNICIPAL, OUTREACH, LEAD = Role.COORDINATOR_MUNICIPAL, Role.OUTREACH, Role.OUTREACH_LEAD
SECRET = "mk-social"


@pytest.fixture
def leo(engine, programme, viewer):
    with transaction(engine) as db:
        person = a_person(db, programme, MONDAY, "Lom", name="Leo Åström")
        a_client(db, MONDAY, person, viewer(OUTREACH).user_id)
        return person.id


@pytest.fixture
def case(engine, viewer, leo):
    outreach = viewer(OUTREACH)
    with transaction(engine) as db:
        plan = CasePlan(
            owner_id=outreach.user_id, interval_days=7, next_contact_on=date(2026, 3, 2)
        )
        made = open_case(db, outreach, leo, plan, note=f"{SECRET} note", at=MONDAY, zone=ZONE)
        add_need(db, outreach, made.id, kind=NeedKind.HOUSING, note=SECRET, at=MONDAY, zone=ZONE)
        return made.id


@pytest.fixture
def call(engine, viewer):
    with transaction(engine) as db:
        return log_call(
            db,
            viewer(OUTREACH),
            heard_through=HeardThrough.CARD,
            called_at=MONDAY - timedelta(hours=26),
            caller="070-000 00 17",
            note=f"{SECRET} call",
            at=MONDAY,
            zone=ZONE,
        ).id


PAGES = (
    "/support",
    "/support/{case}",
    "/support/{case}/status",
    "/support/{case}/plan",
    "/support/{case}/close",
    "/support/{case}/needs/new",
    "/calls",
    "/calls/{call}",
    "/calls/new",
    "/people/{leo}/support",
    "/people/{leo}/support/offers/new",
    "/support/new?person={leo}",
    "/support/new",
)


@pytest.mark.parametrize("path", PAGES)
def test_police_analyst_probation_and_steering_are_refused(browser, case, call, leo, path):
    url = path.format(case=case, call=call, leo=leo)
    for role in (
        Role.COORDINATOR_POLICE,
        Role.ANALYST,
        Role.PROBATION,
        Role.STEERING,
        Role.COMMUNITY,
        Role.ADMIN,
        Role.AUDITOR,
    ):
        page = browser(role).get(url)
        assert page.status == 403, role
        assert SECRET not in page.html


@pytest.mark.parametrize("path", PAGES)
def test_municipality_and_worker_open_them_the_notes_only_the_worker(
    browser, case, call, leo, path
):
    url = path.format(case=case, call=call, leo=leo)
    for role in (MUNICIPAL, OUTREACH, LEAD):
        page = browser(role).get(url)
        assert page.status == 200, role
        assert role is not MUNICIPAL or SECRET not in page.html
        assert not page.scores()
    if path in ("/support/{case}", "/calls/{call}"):
        assert SECRET in browser(OUTREACH).get(url).text


def test_reading_a_case_is_logged_with_its_person(engine, browser, case, leo):
    browser(OUTREACH).get(f"/support/{case}")

    with reading(engine) as db:
        entry = db.execute(
            select(AuditEntry.id).where(AuditEntry.kind == "support:read")
        ).scalar_one()
        subjects = db.execute(
            select(AuditSubject.thing, AuditSubject.thing_id).where(AuditSubject.entry_id == entry)
        ).all()
    assert set(map(tuple, subjects)) == {("person", leo), ("support_case", case)}


def test_the_chain_from_a_call_to_a_case(engine, browser, leo):
    maja = browser(OUTREACH)
    logged = maja.post(
        "/calls/new", caller="Leo", person=leo, heard_through="card", note="asked for me"
    )
    assert "1 caller waits" in logged.text
    with reading(engine) as db:
        call = db.execute(select(InboundCall.id)).scalar_one()
    returned = maja.post(f"/calls/{call}/returned")
    assert "Rung back" in returned.text
    form = maja.get("/support/new", call=str(call))
    assert form.title == "Open a case for Leo Åström"
    assert "is linked to this person" in form.text
    shown = maja.post(
        "/support/new", person=leo, call=call, next="1", interval_days="7", needs="housing"
    )
    assert shown.title == "Support for Leo Åström"
    assert "Contacted, with Test outreach." in shown.text
    assert "Housing" in shown.text
    assert f"/calls/{call}" in shown.links()


def test_a_case_is_opened_from_an_offer_and_the_worker_is_assigned(
    engine, browser, viewer, programme
):
    with transaction(engine) as db:
        adam = a_person(db, programme, MONDAY, "Spov", name="Adam Löf").id
        offer = record_offer(
            db, viewer(MUNICIPAL), adam, what="Work", offered_at=MONDAY, at=MONDAY, zone=ZONE
        ).id
    karin = browser(MUNICIPAL)
    page = karin.get(f"/people/{adam}/support")
    assert "Nobody works with them yet." in page.text
    assert f"/support/new?person={adam}&offer={offer}" in page.links()

    karin.post(
        "/support/new",
        person=adam,
        offer=offer,
        owner=viewer(OUTREACH).user_id,
        next="2",
        interval_days="4",
    )

    with reading(engine) as db:
        assert db.execute(select(SupportOffer.response)).scalar_one() == "accepted"
        assert db.execute(select(SupportCase.next_contact_on)).scalar_one() == date(2026, 3, 4)
    assert "Adam Löf" in browser(OUTREACH).get("/my-people").text


def test_clients_are_assigned_and_ended_with_a_reason(engine, browser, viewer, programme):
    with transaction(engine) as db:
        adam = a_person(db, programme, MONDAY, "Spov", name="Adam Löf").id
    karin, probation = browser(MUNICIPAL), viewer(Role.PROBATION).user_id

    assert karin.post(f"/people/{adam}/support/assign", user="").status == 422
    assigned = karin.post(f"/people/{adam}/support/assign", user=probation)
    assert "Test probation works with them." in assigned.text
    assert "Adam Löf" in browser(Role.PROBATION).get("/my-people").text
    question = karin.get(f"/people/{adam}/support/unassign", user=str(probation))
    assert question.title.startswith("Should Test probation stop")
    silent = karin.post(f"/people/{adam}/support/unassign", user=probation, reason="")
    assert silent.status == 422
    karin.post(f"/people/{adam}/support/unassign", user=probation, reason="new officer")
    assert "Adam Löf" not in browser(Role.PROBATION).get("/my-people").text
    with reading(engine) as db:
        assert db.execute(select(ClientAssignment.reason)).scalar_one() == "new officer"


def test_a_worker_assigns_nobody(browser, viewer, leo):
    maja = browser(OUTREACH)
    assert "Assign to" not in maja.get(f"/people/{leo}/support").text
    sent = maja.post(f"/people/{leo}/support/assign", user=viewer(LEAD).user_id)
    assert sent.status == 403


def test_a_status_without_reason_keeps_the_choice(browser, case):
    maja = browser(OUTREACH)
    page = maja.post(f"/support/{case}/status", status="active", reason="")
    assert page.status == 422
    chosen = [i for i in page.all("input", name="status") if i.get("checked") is not None]
    assert [i.get("value") for i in chosen] == ["active"]

    done = maja.post(f"/support/{case}/status", status="active", reason="plan agreed")
    assert "Active, with Test outreach." in done.text
    assert "plan agreed" in done.text


def test_a_case_is_closed_and_opened_again(browser, case):
    maja = browser(OUTREACH)
    assert maja.get(f"/support/{case}/close").title == "Close Leo Åström’s case?"
    assert maja.post(f"/support/{case}/close").status == 422
    closed = maja.post(f"/support/{case}/close", closing_reason="moved")
    assert "Closed today: moved." in closed.text
    assert f"/contacts/new?case={case}" not in closed.links()
    again = maja.post(f"/support/{case}/reopen", next="1", reason="he rang")
    assert "Contacted, with Test outreach." in again.text


def test_needs_are_added_and_change_from_their_row(engine, browser, case):
    maja = browser(OUTREACH)
    twice = maja.post(f"/support/{case}/needs/new", kind="housing")
    assert (twice.status, "That need is open already." in twice.text) == (422, True)
    shown = maja.post(f"/support/{case}/needs/new", kind="debt")
    forms = [form.get("action") for form in shown.all("form") if "/needs/" in form.get("action")]
    assert len(forms) == 2
    assert maja.post(forms[0], status="nonsense").status == 422
    assert "Met" in maja.post(forms[0], status="met").text


def test_the_list_is_narrowed_and_exported_with_a_purpose(browser, case, clock):
    clock.move(days=3)
    bjorn = browser(LEAD)
    assert "Leo Åström" in bjorn.get("/support", needs="late").text
    assert "Leo Åström" not in bjorn.get("/support", state="closed").text
    assert bjorn.post("/support/export", purpose="").status == 422
    file = bjorn.post("/support/export", purpose="team meeting").html
    assert "Leo Åström" in file
    assert SECRET not in file
    assert browser(Role.COORDINATOR_POLICE).post("/support/export", purpose="look").status == 403


def test_a_late_call_is_red_and_can_be_moved_with_a_reason(browser, call):
    maja = browser(OUTREACH)
    assert "1 of them for longer than 24 hours" in maja.get("/calls").text
    refused = maja.post(f"/calls/{call}/move", due_at="2026-03-05T10:00", reason="")
    assert refused.status == 422
    moved = maja.post(f"/calls/{call}/move", due_at="2026-03-05T10:00", reason="works nights")
    assert "works nights" in moved.text
    assert "0 of them" in maja.get("/calls").text


def test_a_call_is_linked_to_a_person_one_may_see(engine, browser, call, leo):
    maja = browser(OUTREACH)
    choice = maja.get(f"/calls/{call}/person")
    assert f"/calls/{call}/person?person={leo}" in choice.links()
    linked = maja.post(f"/calls/{call}/person", person=leo)
    assert linked.title == "Call: Leo Åström"
    assert maja.post(f"/calls/{call}/person", person=9999).status == 404


def test_the_municipal_coordinator_finds_the_person_by_a_part_of_the_name(browser, leo):
    karin = browser(MUNICIPAL)
    found = karin.get("/support/new", q="åström")
    assert f"/support/new?person={leo}" in found.links()
    assert "Nobody of that name" in karin.get("/support/new", q="qqq").text
