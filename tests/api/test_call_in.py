"""Call-ins and plans as JSON."""

import json
from datetime import date

import pytest
from sqlalchemy import func, select

from gvi.domain.access import Role
from gvi.store.engine import reading, transaction
from gvi.store.models import AuditEntry, Invitee
from tests import factories as make
from tests.conftest import MONDAY
from tests.network.wheeler import OBLIGED, PEOPLE, TIES

POLICE, ANALYST = Role.COORDINATOR_POLICE, Role.ANALYST
PLANS = "/api/v1/call-in-plans"


@pytest.fixture
def gang_1(engine, programme):
    with transaction(engine) as db:
        people = {
            n: make.a_person(db, programme, MONDAY, f"Person {n}", external_id=str(n))
            for n in PEOPLE
        }
        for a, b in TIES:
            make.a_tie(db, MONDAY, people[a], people[b])
        for n in OBLIGED:
            make.a_supervision(db, MONDAY, people[n])


@pytest.mark.usefixtures("gang_1")
def test_a_plan_answers_as_the_command_does(browser, engine):
    answer = browser(ANALYST).client.post(PLANS, json={"size": 4, "supervised_only": True})

    assert answer.status_code == 200
    found = answer.json()
    assert (found["reach"], found["status"], found["universe"]) == (12, "proved_best", 22)
    assert set(found) == {
        "invitees",
        "reach",
        "expected",
        "covered",
        "reached",
        "not_reached",
        "universe",
        "status",
        "gap",
        "clashes",
        "clashes_are_least",
        "alternatives",
    }
    with reading(engine) as db:
        entry = db.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
        assert (entry.kind, entry.verb) == ("call_in:plan", "combined")
        assert len(json.loads(entry.subjects)["person"]) == 22
        assert db.scalar(select(func.count()).select_from(Invitee)) == 0


@pytest.mark.usefixtures("gang_1")
def test_a_plan_that_cannot_be_names_what_clashes(browser):
    found = browser(POLICE).client.post(PLANS, json={"size": 1, "lock": ["4", "5"]}).json()

    assert (found["status"], found["invitees"]) == ("infeasible", [])
    assert {clash["rule"] for clash in found["clashes"]} == {"seats", "locked"}


@pytest.mark.usefixtures("gang_1")
@pytest.mark.parametrize(
    "asked",
    [
        pytest.param({"size": 0}, id="no seat"),
        pytest.param({"size": 2, "lock": ["99"]}, id="an unknown person"),
        pytest.param({"size": 2, "group": ["Granit"]}, id="an unknown group"),
        pytest.param({"size": 2, "min_per_group": {"Granit": 1}}, id="a minimum of nobody known"),
        pytest.param({"size": 2, "min_per_group": {"Granit": -1}}, id="fewer than none"),
        pytest.param({"size": 2, "on": "2026-02-30"}, id="an impossible day"),
        pytest.param({"size": 2, "as_of": "yesterday"}, id="an as-of that is no time"),
        pytest.param({"size": 2, "as_of": "2026-W10-1"}, id="an as-of that is a week"),
        pytest.param({"size": 2, "on": "2026-W10-1"}, id="a week to meet in"),
        pytest.param({"size": 2, "on": 1_772_409_600}, id="a number of seconds"),
        pytest.param({"size": 2, "seats": 3}, id="an unknown option"),
    ],
)
def test_an_unusable_question_is_a_problem(browser, asked):
    answer = browser(POLICE).client.post(PLANS, json=asked)

    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"]


def test_somebody_under_18_is_not_named_in_a_plan(browser, engine, programme):
    with transaction(engine) as db:
        lom = make.a_person(db, programme, MONDAY, "Lom")
        child = make.a_person(db, programme, MONDAY, "Barnet", birth_date=date(2010, 1, 1))
        make.a_tie(db, MONDAY, lom, child)

    found = browser(ANALYST).client.post(PLANS, json={"size": 1}).json()

    assert found["reached"] == ["Lom", "person under 18"]


@pytest.mark.parametrize("role", [Role.COORDINATOR_MUNICIPAL, Role.OUTREACH, Role.ADMIN])
def test_plans_are_for_police_and_analysts(browser, role):
    assert browser(role).client.post(PLANS, json={"size": 1}).status_code == 403


def test_a_plan_asked_from_another_site_is_refused(browser):
    answer = browser(POLICE).client.post(
        PLANS, json={"size": 1}, headers={"Origin": "https://elsewhere.example"}
    )

    assert answer.status_code == 403


@pytest.fixture
def call_in(engine, programme):
    with transaction(engine) as db:
        row = make.a_call_in(db, programme, MONDAY)
        for name in ("Lom", "Alka"):
            person = make.a_person(db, programme, MONDAY, name, name=f"{name} Nordén")
            make.an_invitee(db, row, person)
        return row.id


def test_call_ins_come_with_counts_and_invitees(browser, call_in):
    listed = browser(POLICE).json("/api/v1/call-ins")
    one = browser(POLICE).json(f"/api/v1/call-ins/{call_in}")

    assert [(row["name"], row["invited"]) for row in listed["items"]] == [("Call-in 4", 2)]
    assert {row["name"] for row in one["invitees"]} == {"Lom Nordén", "Alka Nordén"}


def test_the_steering_group_gets_counts_only(browser, call_in):
    one = browser(Role.STEERING).json(f"/api/v1/call-ins/{call_in}")

    assert (one["invited"], one["invitees"], one["groups"]) == (2, [], [])
    assert browser(Role.OUTREACH).json(f"/api/v1/call-ins/{call_in}")["status"] == 403
    assert browser(POLICE).json(f"/api/v1/call-ins/{call_in + 7}")["status"] == 404
