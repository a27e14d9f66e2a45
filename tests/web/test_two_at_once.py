"""Two people with the same record open: nobody writes over the other unseen."""

from datetime import date

import pytest

from gvi.domain.access import Role
from gvi.store.engine import reading, transaction
from gvi.store.models import Identity, Person
from tests.client import NS, Page, address_of
from tests.conftest import MONDAY
from tests.factories import (
    a_call_in,
    a_group,
    a_membership,
    a_notification,
    a_person,
    a_relation,
    a_supervision,
    a_tie,
    an_incident,
    an_involvement,
)

POLICE, ANALYST, ADMIN = Role.COORDINATOR_POLICE, Role.ANALYST, Role.ADMIN

pytestmark = pytest.mark.both_databases


@pytest.fixture
def town(engine, programme, viewer):
    """One record of each kind, all with the number 1."""
    with transaction(engine) as db:
        lom = a_person(db, programme, MONDAY, "Lom", name="Viktor Älgmark", area="Norr")
        siska = a_person(db, programme, MONDAY, "Siska", name="Noel Bäck")
        granit = a_group(db, programme, MONDAY, "Granit", kind="area_group")
        a_relation(db, MONDAY, granit, a_group(db, programme, MONDAY, "Lotsen"))
        a_membership(db, MONDAY, lom, granit)
        a_tie(db, MONDAY, lom, siska)
        a_supervision(db, MONDAY, lom, compartment="probation", source="a judgment", ground="y")
        an_involvement(db, an_incident(db, programme, MONDAY, place="Torget"), lom)
        a_call_in(db, programme, MONDAY)
        me = viewer(POLICE).user_id
        a_notification(db, lom, MONDAY, owner_id=me)


def filled_in(page: Page, url: str) -> dict[str, object]:
    """Give what a browser would send of the form on a page, as it stands there."""
    posts = [f for f in page.all("form") if f.get("method") == "post"]
    form = next(f for f in posts if page._inward(f.get("action")) == url)
    data: dict[str, object] = {}
    for field in form.iter():
        name = field.get("name")
        if not name:
            continue
        if field.tag == f"{NS}textarea":
            data[name] = field.text or ""
        elif field.tag == f"{NS}select":
            chosen = [o for o in field.iter(f"{NS}option") if "selected" in o.attrib]
            data[name] = chosen[0].get("value") if chosen else ""
        elif field.tag == f"{NS}input":
            ticked = field.get("type") not in ("checkbox", "radio") or "checked" in field.attrib
            if ticked:
                data.setdefault(name, [])
                data[name].append(field.get("value") or "")
    return data


def send(who, url, data) -> Page:
    return who._page(who.client.post(address_of(who.client, url), data=data))


FORMS = [
    pytest.param((POLICE, ANALYST, "/people/1/edit", "area", "Söder"), id="person"),
    pytest.param((POLICE, ANALYST, "/groups/1/edit", "area", "Söder"), id="group"),
    pytest.param((POLICE, ANALYST, "/relations/1/edit", "note", "Since spring"), id="relation"),
    pytest.param((POLICE, ANALYST, "/memberships/1/edit", "source", "a neighbour"), id="member"),
    pytest.param((POLICE, ANALYST, "/ties/1/edit", "strength", "2"), id="tie"),
    pytest.param(
        (POLICE, POLICE, "/supervisions/1/edit", "valid_from", "2025-01-01"), id="supervision"
    ),
    pytest.param((POLICE, ANALYST, "/incidents/1/edit", "place", "Hamnen"), id="incident"),
    pytest.param((POLICE, ANALYST, "/involvements/1/edit", "source", "a tip"), id="part"),
    pytest.param((POLICE, POLICE, "/call-ins/1/edit", "venue", "Folkets hus"), id="call-in"),
    pytest.param((POLICE, POLICE, "/notifications/1/edit", "place", "At work"), id="visit"),
    pytest.param((ADMIN, ADMIN, "/users/3", "team", "north"), id="user"),
]


@pytest.mark.parametrize("form", FORMS)
def test_a_change_is_not_written_over_one_that_was_not_seen(browser, town, form):
    first_role, second_role, url, name, theirs = form
    mine = {"strength": "3", "valid_from": "2025-02-02"}.get(name, "what I typed")
    needed = {
        "/call-ins/1/edit": {"groups": ["1", "2"]},
    }
    first, second = browser(first_role), browser(second_role)
    opened = filled_in(second.get(url), url)
    assert opened["seen"]

    also = needed.get(url, {})
    saved = send(first, url, {**filled_in(first.get(url), url), **also, name: theirs})
    assert saved.status == 200, saved.text
    met = send(second, url, {**opened, **also, name: mine})

    assert met.status == 409, met.text
    assert "One thing needs your answer" in met.text
    assert "Somebody changed this while you had it open." in met.text
    assert f"Changed meanwhile to “{theirs}”" in met.text
    assert mine in met.html
    kept = filled_in(second.get(url), url)
    assert theirs in (kept[name], kept[name][0])

    again = send(second, url, {**filled_in(met, url), **also, name: mine})
    assert again.status == 200, again.text
    assert "Changed meanwhile" not in again.text


def test_what_was_left_alone_becomes_what_the_other_made_of_it(browser, engine, town):
    first, second, url = browser(POLICE), browser(ANALYST), "/people/1/edit"
    opened = filled_in(second.get(url), url)
    send(first, url, {**filled_in(first.get(url), url), "area": "Söder"})

    met = send(second, url, {**opened, "birth_date": "1999-09-09"})
    assert met.status == 409
    assert "it stands here as it is now" in met.text
    assert met.one("input", name="area").get("value") == "Söder"
    assert met.one("input", name="birth_date").get("value") == "1999-09-09"
    assert send(second, url, filled_in(met, url)).status == 200
    with reading(engine) as db:
        person = db.get_one(Person, 1)
    assert (person.area, person.birth_date) == ("Söder", date(1999, 9, 9))


def test_who_changes_the_same_to_the_same_meets_nobody(browser, town):
    first, second, url = browser(POLICE), browser(ANALYST), "/people/1/edit"
    opened = filled_in(second.get(url), url)
    send(first, url, {**filled_in(first.get(url), url), "area": "Söder"})

    assert send(second, url, {**opened, "area": "Söder"}).status == 200


def test_a_review_and_a_status_are_not_decided_over_another_decision(browser, town):
    first, second = browser(POLICE), browser(ANALYST)
    review = "/incidents/1/review"
    opened = filled_in(second.get("/incidents/1"), review)
    decided = {"status": "reviewed", "gmi": "likely", "reason": "two sources agree"}
    assert (
        send(first, review, {**filled_in(first.get("/incidents/1"), review), **decided}).status
        == 200
    )
    met = send(second, review, {**opened, **decided, "gmi": "known_not"})
    assert met.status == 409
    assert "Changed meanwhile to “Likely" in met.text

    status = "/groups/1/status"
    opened = filled_in(second.get(status), status)
    dormant = {"status": "dormant", "reason": "nothing for a year"}
    assert send(first, status, {**filled_in(first.get(status), status), **dormant}).status == 200
    met = send(second, status, {**opened, "status": "historical", "reason": "left the town"})
    assert met.status == 409
    assert "Changed meanwhile to “Dormant”" in met.text


DECISIONS = [
    pytest.param(
        (
            "/people/1/risk",
            {"colour": "red", "reason": "shots at the square", "expires_on": "2026-03-16"},
            {"colour": "green", "reason": "has left the town", "expires_on": "2026-03-20"},
            "Changed meanwhile to “Red”",
        ),
        id="colour",
    ),
    pytest.param(
        (
            "/actions/1/move",
            {"due_at": "2026-03-09T10:00", "reason": "away"},
            {"due_at": "2026-03-12T10:00", "reason": "ill"},
            "Changed meanwhile to “2026-03-09 10:00”",
        ),
        id="moved action",
    ),
    pytest.param(
        (
            "/actions/1/owner",
            {"owner": "3", "reason": "away"},
            {"owner": "2", "reason": "ill"},
            "Changed meanwhile by somebody else",
        ),
        id="another owner",
    ),
    pytest.param(
        (
            "/notifications/1/move",
            {"due_at": "2026-03-09T10:00", "reason": "away"},
            {"due_at": "2026-03-12T10:00", "reason": "ill"},
            "Changed meanwhile to “2026-03-09 10:00”",
        ),
        id="moved visit",
    ),
]


@pytest.mark.usefixtures("town")
@pytest.mark.parametrize("case", DECISIONS)
def test_a_decision_is_not_made_over_another_that_was_not_seen(browser, viewer, case):
    url, theirs, mine, said = case
    first, second = browser(POLICE), browser(POLICE)
    action = {"person": "1", "text": "Call the school", "due_at": "2026-03-05T10:00"}
    first.post("/actions/new", **action)
    opened = filled_in(second.get(url), url)

    assert send(first, url, {**filled_in(first.get(url), url), **theirs}).status == 200
    met = send(second, url, {**opened, **mine})

    assert met.status == 409, met.text
    assert said in met.text
    assert send(second, url, {**filled_in(met, url), **mine}).status == 200


def test_what_is_hidden_from_a_reader_neither_stops_them_nor_is_told(
    browser, engine, programme, town
):
    with transaction(engine) as db:
        db.get_one(Person, 1).is_protected = True
    second, url = browser(ANALYST), "/people/1/edit"
    opened = filled_in(second.get(url), url)
    assert "name=" not in str(opened["seen"]).replace("code_name=", "")

    with transaction(engine) as db:
        db.get_one(Identity, 1).name = "Another Name"

    assert send(second, url, {**opened, "area": "Väster"}).status == 200


MUNICIPAL = Role.COORDINATOR_MUNICIPAL
ENDS = {"valid_to": "2026-02-01", "reason": "moved away"}
WHY = {"reason": "never so"}
LATER = {"starts_at": "2026-04-01T18:00", "reason": "the hall is taken"}
ACTS = [
    # who, what they change, on which page; who acts on what, what that says by then
    pytest.param(("/ties/1/edit", {"strength": "2"}, "/ties/1/withdraw", WHY, "Strength: 2")),
    pytest.param(("/ties/1/end", ENDS, "/ties/1/end", ENDS, "Until: 2026-02-01")),
    pytest.param(
        ("/memberships/1/end", ENDS, "/memberships/1/dispute", WHY, "Status: Ended"),
    ),
    pytest.param(
        ("/memberships/1/edit", {"role": "core"}, "/memberships/1/end", ENDS, "Part: Core")
    ),
    pytest.param(
        ("/relations/1/edit", {"note": "Over"}, "/relations/1/withdraw", WHY, "Note: Over")
    ),
    pytest.param(("/supervisions/1/end", ENDS, "/supervisions/1/end", ENDS, "Until: 2026-02-01")),
    pytest.param(("/people/1/edit", {"area": "Söder"}, "/people/1/withdraw", WHY, "Area: Söder")),
    pytest.param(("/groups/1/edit", {"area": "Söder"}, "/groups/1/withdraw", WHY, "Area: Söder")),
    pytest.param(
        ("/involvements/1/edit", {"source": "a tip"}, "/involvements/1/withdraw", WHY, "a tip")
    ),
    pytest.param(
        ("/call-ins/1/postpone", LATER, "/call-ins/1/cancel", WHY, "When: 2026-04-01 18:00")
    ),
    pytest.param(
        ("/call-ins/1/edit", {"venue": "Folkets hus"}, "/call-ins/1/postpone", LATER, "Folkets")
    ),
    pytest.param(
        ("/notifications/1/edit", {"place": "At work"}, "/notifications/1/cancel", WHY, "At work")
    ),
]


@pytest.mark.usefixtures("town")
@pytest.mark.parametrize("case", ACTS)
def test_an_act_on_what_somebody_changed_waits_and_says_what_it_is_now(browser, case):
    change, theirs, url, mine, said = case
    first, second = browser(POLICE), browser(POLICE)
    opened = filled_in(second.get(url), url)
    needed = {
        "/call-ins/1/edit": {"groups": ["1", "2"]},
    }
    filled = {**filled_in(first.get(change), change), **needed.get(change, {}), **theirs}
    saved = send(first, change, filled)
    assert saved.status == 200, saved.text

    met = send(second, url, {**opened, **mine})

    assert met.status == 409, met.text
    assert "Nothing is done yet" in met.text
    assert said in met.text
    for typed in mine.values():
        assert typed in met.html
    again = send(second, url, {**filled_in(met, url), **mine})
    assert "Nothing is done yet" not in again.text


def test_a_call_in_is_not_approved_for_a_day_nobody_saw(browser, town):
    first, second, step = browser(POLICE), browser(POLICE), "/call-ins/1/step"
    opened = filled_in(second.get("/call-ins/1"), step)
    send(first, "/call-ins/1/postpone", {**filled_in(first.get("/call-ins/1"), step), **LATER})

    met = send(second, step, opened)

    assert met.status == 409
    assert "When: 2026-04-01 18:00" in met.text
    assert "Draft" in second.get("/call-ins/1").text


def test_the_letters_words_are_not_written_over_others_nobody_saw(browser, programme):
    first, second, url = browser(MUNICIPAL), browser(POLICE), "/letters/en"
    opened = filled_in(second.get(url), url)
    theirs = {"heading": "You are awaited", "body": "Hello {name}"}
    assert send(first, url, {**filled_in(first.get(url), url), **theirs}).status == 200

    met = send(second, url, {**opened, "heading": "Welcome"})

    assert met.status == 409, met.text
    assert "Changed meanwhile to “You are awaited”" in met.text
    assert "Version 1 of the programme." in met.text
    again = filled_in(met, url)
    assert (again["heading"], again["body"]) == (["Welcome"], "Hello {name}")
    assert send(second, url, again).status == 200
    assert "Version 2 of the programme." in second.get(url).text


def test_answers_needs_and_calls_are_not_written_over_one_another(browser, viewer, town):
    first, second = browser(MUNICIPAL), browser(MUNICIPAL)
    page = "/people/1/support"
    first.post(f"{page}/offers/new", what="Work")
    opened = filled_in(second.get(page), "/offers/1/answer")
    first.post("/offers/1/answer", response="accepted")
    met = send(second, "/offers/1/answer", {**opened, "response": "declined"})
    assert met.status == 409
    assert "Answer: Accepted" in met.text
    again = {**filled_in(met, "/offers/1/answer"), "response": "declined"}
    assert send(second, "/offers/1/answer", again).status == 200

    worker = viewer(Role.OUTREACH).user_id
    first.post("/support/new", person=1, owner=worker, next="2", interval_days="4")
    first.post("/support/1/needs/new", kind="debt")
    opened = filled_in(second.get("/support/1"), "/needs/1/status")
    first.post("/needs/1/status", status="met")
    met = send(second, "/needs/1/status", {**opened, "status": "cannot_be_met"})
    assert met.status == 409
    assert "Status: Met" in met.text

    first.post("/calls/new", heard_through="card", caller="A mother")
    opened = filled_in(second.get("/calls/1"), "/calls/1/move")
    moved = {"due_at": "2026-03-09T10:00", "reason": "asleep"}
    first.post("/calls/1/move", **moved)
    mine = {"due_at": "2026-03-10T10:00", "reason": "at work"}
    met = send(second, "/calls/1/move", {**opened, **mine})
    assert met.status == 409
    assert "Call back: 2026-03-09 10:00" in met.text
    assert "at work" in met.html


def test_saving_who_is_proposed_does_not_withdraw_whom_somebody_else_proposed(browser, town):
    first, second, url = browser(POLICE), browser(POLICE), "/call-ins/1/plan"
    opened = filled_in(second.get(url), url)
    save = {**filled_in(first.get(url), url), "act": "save", "p": ["1"]}
    assert send(first, url, save).status == 200

    met = send(second, url, {**opened, "act": "save", "p": []})
    assert met.status == 409, met.text
    counted = send(second, url, {**opened, "act": "count", "p": []})
    assert counted.status == 409
