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
        a_supervision(db, MONDAY, lom)
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
        "/supervisions/1/edit": {"source": "x", "ground": "y"},
    }
    first, second = browser(first_role), browser(second_role)
    opened = filled_in(second.get(url), url)
    assert opened["seen"]

    also = needed.get(url, {})
    saved = send(first, url, {**filled_in(first.get(url), url), **also, name: theirs})
    assert saved.status == 200, saved.text
    met = send(second, url, {**opened, **also, name: mine})

    assert met.status == 409, met.text
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
            "Changed meanwhile to “2026-03-09T10:00”",
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
            "Changed meanwhile to “2026-03-09T10:00”",
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
