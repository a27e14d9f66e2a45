"""Logging an incident on a phone, its page, its review, and what other roles see of it."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from gvi.domain.access import Role
from gvi.store.engine import reading, transaction
from gvi.store.models import AuditEntry, Incident, Involvement
from tests.conftest import MONDAY
from tests.factories import a_person, an_incident, an_involvement

POLICE = Role.COORDINATOR_POLICE
FRIDAY = MONDAY - timedelta(days=2, hours=9)
THREE_ANSWERS = {
    "kind": "shooting_with_injury",
    "when_date": "2026-02-27",
    "when_time": "23:30",
    "place": "Norrängsvägen 14",
}


@pytest.fixture
def shooting(engine, programme):
    """A shooting with somebody on each side, and its number."""
    with transaction(engine) as db:
        incident = an_incident(
            db, programme, FRIDAY, place="Norrängsvägen 14", area="Norrängen", injured=1
        )
        lom = a_person(db, programme, MONDAY, "Lom", name="Viktor Älgmark")
        siska = a_person(db, programme, MONDAY, "Siska", name="Simon Hjort")
        an_involvement(db, incident, lom, "suspect", certainty="probable")
        an_involvement(db, incident, siska, "victim")
        return incident.id


def stored(engine, *columns):
    with reading(engine) as db:
        return db.execute(select(*columns)).all()


def values_of(page, name):
    return [e.get("value") for e in page.all("input", name=name) if "checked" in e.attrib]


def test_three_answers_log_an_incident_and_lead_to_its_page(browser, engine):
    form = browser(POLICE).get("/incidents/new")
    assert values_of(form, "gmi") == ["unknown"]
    assert form.one("input", name="when_date").get("value") == "2026-03-02"
    assert form.one("input", name="when_time").get("value") == "08:30"

    page = browser(POLICE).post("/incidents/new", **THREE_ANSWERS)

    assert page.title == "Shooting, someone hurt"
    assert "Fri 27 Feb 23:30, Norrängsvägen 14." in page.text
    assert "Logged. It waits for the review." in page.text
    (row,) = stored(engine, Incident.gmi, Incident.status, Incident.occurred_at, Incident.source)
    assert row.gmi == "unknown"
    assert row.status == "new"
    assert row.occurred_at == MONDAY - timedelta(days=2, hours=9)
    assert row.source == "Test coordinator_police"


def test_wrong_answers_are_kept_and_said_by_their_fields(browser, engine):
    page = browser(POLICE).post(
        "/incidents/new",
        kind="explosion",
        when_date="2026-03-02",
        when_time="23:40",
        place="Tegelgatan 9",
        summary="A loud bang.",
        **{"person-1": "Nobody", "role-1": "suspect", "role-2": "victim"},
    )

    assert page.status == 422
    assert values_of(page, "kind") == ["explosion"]
    assert page.one("input", name="place").get("value") == "Tegelgatan 9"
    assert page.one("textarea", name="summary").text.strip() == "A loud bang."
    assert page.one("input", name="person-1").get("value") == "Nobody"
    assert "Nobody you may see is called that" in page.text
    assert "Say who, or take the part away." in page.text
    assert stored(engine, Incident.id) == []

    page = browser(POLICE).post("/incidents/new", **{**THREE_ANSWERS, "when_date": "2026-03-03"})
    error = page.one("p", id="f-when_time-error")
    assert error.text == "The time is later than now. When did it happen?"


def test_people_are_typed_and_those_who_may_be_meant_are_offered(browser, engine, programme):
    with transaction(engine) as db:
        first = a_person(db, programme, MONDAY, "Lommen", name="Jonas Ek").id
        a_person(db, programme, MONDAY, "Lomvi", name="Jonas Al")
    answers = {**THREE_ANSWERS, "person-1": "Jonas", "role-1": "suspect"}

    asked = browser(POLICE).post("/incidents/new", **answers)
    assert asked.status == 422
    offered = [radio.get("value") for radio in asked.all("input", name="pick-1")]
    assert len(offered) == 2
    assert "Jonas Ek · Lommen" in asked.text

    hidden = asked.one("input", name="pick_for-1").get("value")
    chosen = {"pick-1": str(first), "pick_for-1": hidden}
    page = browser(POLICE).post("/incidents/new", **answers, **chosen)
    assert "1 person is named on the doing side" in page.text
    assert stored(engine, Involvement.person_id, Involvement.role) == [(first, "suspect")]


def test_another_person_gets_a_row_without_losing_what_was_typed(browser, engine):
    page = browser(POLICE).post("/incidents/new", **THREE_ANSWERS, rows="2", add="1")

    assert page.status == 200
    assert page.one("input", name="person-3") is not None
    assert page.one("input", name="place").get("value") == "Norrängsvägen 14"
    assert stored(engine, Incident.id) == []


def test_a_kind_that_is_not_in_the_table_is_allowed_and_flagged(browser, engine):
    other = {**THREE_ANSWERS, "kind": "other", "kind_other": "Car fire"}
    page = browser(POLICE).post("/incidents/new", **other)

    assert page.title == "Car fire"
    assert "Weighs 0" in page.text
    assert stored(engine, Incident.kind) == [("car_fire",)]


def test_the_page_shows_both_sides_and_offers_protection_first(browser, shooting):
    page = browser(POLICE).get(f"/incidents/{shooting}")

    assert (
        "1 injured. 1 person is named on the doing side, 1 person is named on the victim side."
        in page.text
    )
    assert page.text.index("Protection") < page.text.index("Plan custom notifications")
    notify = [link for link in page.links() if link.startswith("/notifications/new")]
    persons = [link.split("person=")[1] for link in notify]
    names = [a.text for link in notify for a in page.all("a", href=link)]
    assert names == ["Simon Hjort", "Viktor Älgmark"]
    assert len(set(persons)) == 2


def test_a_review_is_recorded_with_its_reason(browser, shooting):
    address = f"/incidents/{shooting}/review"
    refused = browser(POLICE).post(address, status="reviewed", gmi="likely", reason="")
    assert refused.status == 422
    assert values_of(refused, "gmi") == ["likely"]

    page = browser(POLICE).post(address, status="reviewed", gmi="likely", reason="A vehicle.")
    assert "The decision is recorded." in page.text
    assert "GMI: Likely, before Unknown. “A vehicle.”" in page.text


def test_a_correction_and_a_withdrawal_are_seen_in_the_history(browser, shooting, clock):
    clock.move(hours=1)
    form = browser(POLICE).get(f"/incidents/{shooting}/edit")
    assert form.one("input", name="when_time").get("value") == "23:30"
    assert values_of(form, "grade_source") == ["B"]
    page = browser(POLICE).post(
        f"/incidents/{shooting}/edit",
        **{**THREE_ANSWERS, "place": "Torget"},
        source="a report",
        ground="mapping",
    )
    assert "Place: Torget, before Norrängsvägen 14" in page.text

    (part,) = [link for link in page.links() if link == "/involvements/1/edit"]
    said = {"source": "a report", "ground": "mapping"}
    page = browser(POLICE).post(part, role="accomplice", certainty="possible", **said)
    assert "Accomplice" in page.text
    clock.move(minutes=5)
    page = browser(POLICE).post("/involvements/1/withdraw", reason="Was in Malmö.")
    assert "Viktor Älgmark withdrawn: accomplice." in page.text

    before = browser(POLICE).get(f"/incidents/{shooting}", as_of="2026-03-01")
    assert "Norrängsvägen 14" in before.text
    assert "Suspect" in before.text
    assert not before.all("form", action=f"/incidents/{shooting}/review")


def test_a_correction_leaves_alone_what_a_file_left_out(browser, engine, programme, clock):
    with transaction(engine) as db:
        when = FRIDAY.replace(second=12)
        imported = an_incident(db, programme, when, "threat", place="", area="Centrum").id
    clock.move(hours=1)
    address = f"/incidents/{imported}/edit"
    form = browser(POLICE).get(address)
    time = form.one("input", name="when_time").get("value")
    answers = {**THREE_ANSWERS, "kind": "robbery", "when_time": time, "place": ""}

    refused = browser(POLICE).post(address, **answers)
    assert "Say where this comes from" in refused.one("p", id="f-source-error").text
    browser(POLICE).post(address, **answers, source="a report", ground="mapping")

    assert stored(engine, Incident.kind, Incident.place, Incident.occurred_at) == [
        ("robbery", "", when)
    ]


def test_somebody_is_added_afterwards(browser, engine, programme, shooting):
    with transaction(engine) as db:
        a_person(db, programme, MONDAY, "Mes")
    police = browser(POLICE)
    address = f"/incidents/{shooting}/involvements/new"
    form = police.get(address)
    assert form.one("input", name="source").get("value") == "a report"
    assert police.post(address, role="witness").status == 422
    assert "Mes" in police.post(address, person="mes", role="witness").text
    again = police.post(address, person="Mes", role="witness")
    assert "Mes already has that part" in again.text


def test_the_municipal_coordinator_sees_the_basics_only(browser, shooting):
    karin = browser(Role.COORDINATOR_MUNICIPAL)
    listed, page = karin.get("/incidents"), karin.get(f"/incidents/{shooting}")

    for shown in (listed, page):
        assert "Norrängen" in shown.text
        assert "Norrängsvägen" not in shown.text
        assert "Viktor" not in shown.text
    assert not listed.all("select", name="status")
    assert karin.get("/incidents/new").status == 403
    assert browser(Role.OUTREACH).get("/incidents").status == 403


def test_the_list_is_narrowed_by_its_address_and_exported_with_a_purpose(browser, engine, shooting):
    police = browser(POLICE)
    assert "Norrängsvägen 14" in police.get("/incidents", q="norrängs", days="30").text
    assert "Nothing matches" in police.get("/incidents", kind="homicide").text

    answer = police.client.post(
        "/incidents/export?days=30", data={"csrf_token": police.token(), "purpose": "Week 10"}
    )
    assert "Shooting, someone hurt" in answer.text
    assert ("disclosed", "incident:exported", "Week 10") in stored(
        engine, AuditEntry.verb, AuditEntry.kind, AuditEntry.purpose
    )


def test_everybody_shown_is_in_the_log(browser, engine, shooting):
    browser(POLICE).get(f"/incidents/{shooting}")
    *_, last = stored(engine, AuditEntry.kind, AuditEntry.subjects)
    assert last.kind == "incident:read"
    assert last.subjects == f'{{"incident": [{shooting}], "person": [1, 2]}}'
