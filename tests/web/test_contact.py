"""Logging a contact on the page: few answers, a draft that is not lost, refusals that keep it."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from gvi.domain.access import Role
from gvi.store.engine import reading, transaction
from gvi.store.models import AuditEntry, Contact, ContactDraft, SupportCase
from gvi.usecases.support import CasePlan, open_case
from tests.conftest import MONDAY
from tests.factories import a_client, a_person

ZONE = ZoneInfo("Europe/Stockholm")


@pytest.fixture
def case(engine, programme, viewer):
    outreach = viewer(Role.OUTREACH)
    with transaction(engine) as db:
        leo = a_person(db, programme, MONDAY, "Lom", name="Leo Åström")
        a_client(db, MONDAY, leo, outreach.user_id)
        plan = CasePlan(
            owner_id=outreach.user_id, interval_days=4, next_contact_on=date(2026, 3, 2)
        )
        return open_case(db, outreach, leo.id, plan, at=MONDAY, zone=ZONE).id


@pytest.fixture
def maja(browser):
    return browser(Role.OUTREACH)


def contacts(engine):
    with reading(engine) as db:
        return [
            (row.mode, row.outcome, row.next_contact_on, row.note)
            for row in db.execute(select(Contact).order_by(Contact.id)).scalars()
        ]


def checked(page, name):
    return [
        control.get("value")
        for control in page.all("input", name=name)
        if control.get("checked") is not None
    ]


def test_three_taps_are_enough(engine, maja, case):
    form = maja.get("/contacts/new", case=str(case))
    assert form.title == "Log a contact with Leo Åström"
    assert checked(form, "outcome") == ["reached"]
    assert checked(form, "next") == ["4"], "the agreed interval is chosen already"

    saved = maja.post("/contacts/new", case=case, mode="in_person", outcome="reached", next="4")

    assert saved.url.endswith("/my-people?done=contact")
    assert "The contact is saved." in saved.text
    assert contacts(engine) == [("in_person", "reached", date(2026, 3, 6), "")]
    with reading(engine) as db:
        kinds = db.execute(select(AuditEntry.kind)).scalars().all()
    assert "contact:logged" in kinds


def test_another_day_is_chosen_by_its_date(engine, maja, case):
    maja.post(
        "/contacts/new",
        case=case,
        mode="phone",
        outcome="attempted",
        next="other",
        next_contact_on="2026-03-20",
        minutes="5",
    )
    assert contacts(engine) == [("phone", "attempted", date(2026, 3, 20), "")]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        pytest.param({"mode": ""}, "mode", id="no way of contact"),
        pytest.param({"next": ""}, "next", id="no next day"),
        pytest.param({"next": "0"}, "next", id="today is no next time"),
        pytest.param({"next": "other", "next_contact_on": "soon"}, "next_contact_on", id="no date"),
        pytest.param(
            {"next": "other", "next_contact_on": "2026-02-01"}, "next_contact_on", id="past"
        ),
        pytest.param({"minutes": "many"}, "minutes", id="minutes in words"),
        pytest.param({"contacted_at": "2026-03-02T23:00"}, "contacted_at", id="tonight"),
    ],
)
def test_wrong_input_keeps_what_was_typed(engine, maja, case, wrong, field):
    given = {"mode": "text", "outcome": "reached", "next": "2", "note": "He was calm"}
    page = maja.post("/contacts/new", case=case, **given | wrong)

    assert page.status == 422
    assert f"#f-{field}" in page.links()
    assert "He was calm" in "".join(page.one("textarea", name="note").itertext())
    assert contacts(engine) == []


def test_a_draft_is_offered_again_and_discarding_asks(engine, maja, case):
    drafted = maja.post(
        "/contacts/draft", case=case, mode="phone", note="He said that", next="other"
    )
    assert "This is your draft from" in drafted.text
    again = maja.get("/contacts/new", case=str(case))
    assert "He said that" in "".join(again.one("textarea", name="note").itertext())
    assert checked(again, "mode") == ["phone"]
    assert "Go on with the draft" in maja.get("/my-people").text
    question = maja.get("/contacts/discard", case=str(case))
    assert question.title == "Discard the draft?"
    with reading(engine) as db:
        assert db.execute(select(ContactDraft.id)).first(), "asking discards nothing"

    gone = maja.post("/contacts/discard", case=case)

    assert "The draft is gone." in gone.text
    assert "This is your draft" not in gone.text


def test_the_script_that_keeps_drafts_is_there_and_the_page_does_without_it(maja, case):
    page = maja.get("/contacts/new", case=str(case))

    form = page.one("form", data_behaviour="keep-draft")
    assert form.get("data-draft-url") == "/contacts/draft"
    sources = [script.get("src") for script in page.all("script")]
    (source,) = [each for each in sources if "draft" in each]
    assert "fetch" in maja.client.get(source).text
    assert page.one("button", formaction="/contacts/draft") is not None


def test_without_a_case_one_chooses_with_whom(maja, case):
    page = maja.get("/contacts/new")

    assert f"/contacts/new?case={case}" in page.links()
    assert "Leo Åström" in page.text


def test_nobody_logs_a_contact_with_anothers_client(engine, browser, viewer, programme):
    lead = viewer(Role.OUTREACH_LEAD)
    with transaction(engine) as db:
        adam = a_person(db, programme, MONDAY, "Spov", name="Adam Löf")
        a_client(db, MONDAY, adam, lead.user_id)
        plan = CasePlan(owner_id=lead.user_id, interval_days=7, next_contact_on=date(2026, 3, 3))
        case = open_case(db, lead, adam.id, plan, at=MONDAY, zone=ZONE).id
    maja = browser(Role.OUTREACH)

    page = maja.get("/contacts/new", case=str(case))
    assert (page.status, "Adam" in page.html) == (404, False)
    sent = maja.post("/contacts/new", case=case, mode="text", outcome="reached", next="1")
    assert sent.status == 404
    for role in (Role.COORDINATOR_POLICE, Role.COORDINATOR_MUNICIPAL, Role.ANALYST):
        assert browser(role).get("/contacts/new", case=str(case)).status == 403


def test_the_contact_moves_the_cases_next_day(engine, maja, case, clock):
    clock.move(minutes=3)
    maja.post("/contacts/new", case=case, mode="text", outcome="reached", next="7")
    with reading(engine) as db:
        stored = db.execute(select(SupportCase)).scalar_one()
        assert stored.next_contact_on == date(2026, 3, 9)
        assert db.execute(select(Contact.contacted_at)).scalar_one() == MONDAY + timedelta(
            minutes=3
        )


def test_ones_own_contact_is_corrected_and_withdrawn_on_the_case(engine, maja, browser, case):
    maja.post("/contacts/new", case=case, mode="phone", outcome="reached", next="4", note="mk-a")
    page = maja.get(f"/support/{case}")
    edit = next(link for link in page.links() if link.endswith("/edit") and "contacts" in link)
    form = maja.get(edit)
    assert checked(form, "outcome") == ["reached"]
    recorded = form.all("input", name="recorded")[0].get("value")
    typed = {
        "recorded": recorded,
        "mode": "text",
        "outcome": "attempted",
        "contacted_at": form.all("input", name="contacted_at")[0].get("value"),
        "next_contact_on": "2026-03-05",
        "note": "mk-b",
    }
    refused = maja.post(edit, **typed, reason="")
    assert refused.status == 422
    assert checked(refused, "mode") == ["text"]

    page = maja.post(edit, **typed, reason="He did not answer")
    assert contacts(engine) == [("text", "attempted", date(2026, 3, 5), "mk-b")]
    assert "Corrected; what it said before" in page.text
    for said in ("mk-a", "mk-b", "He did not answer"):
        assert said in page.text
    municipal = browser(Role.COORDINATOR_MUNICIPAL).get(f"/support/{case}").text
    assert "Corrected by" in municipal
    for hidden in ("mk-a", "mk-b", "He did not answer"):
        assert hidden not in municipal
    assert browser(Role.COORDINATOR_POLICE).get(edit).status == 403

    ask = edit.replace("/edit", "/withdraw")
    assert "What you promised in it leaves your list." in maja.get(ask).text
    assert maja.post(ask, recorded="2020-01-01", reason="Wrong person").status == 404
    page = maja.post(ask, recorded=recorded, reason="Wrong person")
    assert contacts(engine) == []
    assert "1 contact was withdrawn" in page.text
    assert "Wrong person" in page.text
    assert maja.get(ask).status == 404
