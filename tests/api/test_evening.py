"""Clearances and the door over the API: as the pages do it, under the same rights and rules."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from gvi.domain.access import Role
from gvi.store.engine import reading, transaction
from gvi.store.models import CallIn, Invitee, StatusChange, User
from tests import factories as make
from tests.conftest import MONDAY

POLICE, MUNICIPAL, PROBATION = Role.COORDINATOR_POLICE, Role.COORDINATOR_MUNICIPAL, Role.PROBATION
START = MONDAY + timedelta(hours=1)
pytestmark = pytest.mark.both_databases


@pytest.fixture
def town(engine, programme):
    """Lom is proposed, Alka invited; Alka is a client of the probation officer."""
    with transaction(engine) as db:
        call_in = make.a_call_in(db, programme, START, status="approved")
        ids = {"call_in": call_in.id}
        for code, status in (("Lom", "proposed"), ("Alka", "invited")):
            person = make.a_person(db, programme, MONDAY, code)
            ids[code] = person.id
            ids[f"{code} invited"] = make.an_invitee(db, call_in, person, status=status).id
        officer = db.scalars(select(User.id).where(User.role == PROBATION.value)).one()
        make.a_client(db, MONDAY, person, officer)
    return ids


def ask(browser, role, url, **body):
    """Read a record and act on it as it was read; gives what it is then."""
    who = browser(role)
    read = who.client.get(f"/api/v1{url.rsplit('/', 1)[0]}")
    token = {"If-Match": read.headers["etag"], "X-CSRF-Token": who.token()}
    return who.client.post(f"/api/v1{url}", json=body, headers=token)


def clearance(town, who):
    return f"/call-ins/{town['call_in']}/invitees/{town[f'{who} invited']}/clearance"


def test_two_sides_clear_and_each_reads_its_own_reason_only(browser, town, engine):
    url = clearance(town, "Lom")
    first = ask(browser, MUNICIPAL, f"{url}/secrecy", is_cleared=True, reason="A client of ours")
    assert first.json()["missing"] == ["safety"]

    last = ask(browser, POLICE, f"{url}/safety", is_cleared=True, reason="No threat known").json()

    assert (last["status"], last["missing"]) == ("cleared", [])
    reasons = {each["kind"]: each["reason"] for each in last["judgements"]}
    assert reasons == {"safety": "No threat known", "secrecy": ""}
    all_of = browser(MUNICIPAL).client.get(f"/api/v1/call-ins/{town['call_in']}/clearances").json()
    assert {each["person_id"] for each in all_of["items"]} == {town["Lom"], town["Alka"]}


def test_nobody_judges_for_the_other_side_or_over_what_they_did_not_read(browser, town):
    url = clearance(town, "Lom")
    said = {"is_cleared": True, "reason": "Asked"}

    assert ask(browser, MUNICIPAL, f"{url}/safety", **said).status_code == 403
    assert ask(browser, PROBATION, f"{clearance(town, 'Alka')}/safety", **said).status_code == 403
    assert ask(browser, POLICE, f"{url}/safety", is_cleared=True, reason=" ").status_code == 422
    police = browser(POLICE)
    token = {"X-CSRF-Token": police.token()}
    address = f"/api/v1{url}/safety"
    assert police.client.post(address, json=said, headers=token).status_code == 428
    old = police.client.get(f"/api/v1{url}").headers["etag"]
    ask(browser, POLICE, f"{url}/safety", **said)
    late = police.client.post(address, json=said, headers=token | {"If-Match": old})
    assert late.status_code == 412


def test_probation_reads_the_clearance_of_its_own_clients_only(browser, town):
    client = browser(PROBATION).client
    items = client.get(f"/api/v1/call-ins/{town['call_in']}/clearances").json()["items"]
    assert [each["person_id"] for each in items] == [town["Alka"]]
    assert client.get(f"/api/v1{clearance(town, 'Lom')}").status_code == 404


def test_a_tick_is_saved_and_taken_back_and_only_of_who_is_expected(browser, town, engine):
    door = f"/call-ins/{town['call_in']}/door"
    listed = browser(POLICE).client.get(f"/api/v1{door}").json()
    assert ([each["person_id"] for each in listed["items"]], listed["kept_out"]) == (
        [town["Alka"]],
        0,
    )

    ticked = ask(browser, PROBATION, f"{door}/{town['Alka']}/tick", outcome="attended").json()
    assert (ticked["outcome"], ticked["ticked_by"]) == ("attended", "Test probation")
    back = ask(browser, POLICE, f"{door}/{town['Alka']}/tick", outcome=None).json()
    assert back["outcome"] is None

    with reading(engine) as db:
        mine = StatusChange.thing_id == town["Alka invited"]
        assert db.scalars(select(StatusChange.new).where(mine)).all() == ["attended", "invited"]
        assert db.get_one(CallIn, town["call_in"]).status == "approved"
    police = browser(POLICE)
    assert police.client.get(f"/api/v1{door}/{town['Lom']}").status_code == 404
    wrong = ask(browser, POLICE, f"{door}/{town['Alka']}/tick", outcome="cleared")
    assert wrong.status_code in (409, 422)


def test_who_is_not_cleared_by_now_is_counted_at_the_door_and_not_named(browser, town, engine):
    url = clearance(town, "Alka")
    ask(browser, POLICE, f"{url}/safety", is_cleared=False, reason="A threat")

    listed = browser(POLICE).client.get(f"/api/v1/call-ins/{town['call_in']}/door").json()

    assert (listed["items"], listed["kept_out"]) == ([], 1)
    with reading(engine) as db:
        assert db.get_one(Invitee, town["Alka invited"]).status == "invited"


def test_a_running_order_is_put_together_changed_and_forgotten(browser, town):
    url = f"/call-ins/{town['call_in']}/speakers"
    who = browser(MUNICIPAL)
    token = {"X-CSRF-Token": who.token()}
    ids = []
    for role, kind, name in (("Chief", "partner", ""), ("A mother", "moral_voice", "Rut Ekdal")):
        body = {"role": role, "kind": kind, "name": name, "minutes": 8, "parts": ["not_die"]}
        made = who.client.post(f"/api/v1{url}", json=body, headers=token)
        assert made.status_code == 201, made.text
        ids.append(made.json()["id"])
    mother = f"{url}/{ids[1]}"

    moved = ask(browser, POLICE, f"{mother}/move", to="earlier").json()
    assert moved["position"] == 1
    assert ask(browser, POLICE, f"{mother}/rehearsed", is_rehearsed=True).json()["rehearsed_at"]
    tag = who.client.get(f"/api/v1{mother}").headers["etag"]
    longer = who.client.patch(
        f"/api/v1{mother}", json={"minutes": 12}, headers=token | {"If-Match": tag}
    ).json()
    assert (longer["minutes"], longer["name"], longer["starts_at"]) == (
        12,
        "Rut Ekdal",
        moved["starts_at"],
    )
    gone = ask(browser, POLICE, f"{mother}/forget").json()
    assert (gone["name"], gone["role"], gone["is_erased"]) == ("", "", True)
    assert ask(browser, POLICE, f"{mother}/remove").status_code == 204
    left = who.client.get(f"/api/v1{url}").json()["items"]
    assert [(each["role"], each["position"]) for each in left] == [("Chief", 1)]


def test_names_of_speakers_are_for_the_coordinators_over_the_api_too(browser, town):
    url = f"/api/v1/call-ins/{town['call_in']}/speakers"
    who = browser(MUNICIPAL)
    body = {"role": "A mother", "kind": "moral_voice", "name": "Rut Ekdal", "minutes": 8}
    body |= {"after": "Eva drives her"}
    token = {"X-CSRF-Token": who.token()}
    who.client.post(url, json=body, headers=token)

    told = browser(PROBATION).client.get(url)
    assert told.json()["items"][0]["role"] == "A mother"
    assert "Rut Ekdal" not in told.text
    assert "Eva" not in told.text
    assert browser(Role.ANALYST).client.get(url).status_code == 403
    probation = browser(PROBATION)
    token = {"X-CSRF-Token": probation.token()}
    assert probation.client.post(url, json=body, headers=token).status_code == 403
