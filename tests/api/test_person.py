"""People, memberships, ties and groups as JSON: pages of rows, filters, rights, as of a day."""

from datetime import date, timedelta

import pytest

from gvi.domain.access import Role
from gvi.store.engine import transaction
from gvi.store.models import Person, User
from gvi.store.types import ALWAYS
from tests.conftest import MONDAY
from tests.factories import a_client, a_group, a_membership, a_person, a_relation, a_tie

POLICE, MUNICIPAL = Role.COORDINATOR_POLICE, Role.COORDINATOR_MUNICIPAL


@pytest.fixture
def town(engine, programme):
    """Lom and Spov in Granit, Mes who is under 18, Siska of social services."""
    with transaction(engine) as db:
        users = {user.role: user.id for user in db.query(User)}
        granit = a_group(db, programme, MONDAY, note="mk-police")
        lotsen = a_group(db, programme, MONDAY, "Lotsen", status="candidate")
        lom = a_person(db, programme, MONDAY, "Lom", name="Viktor Älgmark")
        spov = a_person(db, programme, MONDAY, "Spov", name="Rasmus Ek")
        mes = a_person(db, programme, MONDAY, "Mes", name="Adam Liten", birth_date=date(2010, 6, 1))
        siska = a_person(db, programme, MONDAY, "Siska", name="Noel Bäck", compartment="social")
        a_membership(db, MONDAY, lom, granit, role="core")
        a_membership(db, MONDAY, spov, granit, valid_to=MONDAY - timedelta(days=3))
        a_membership(db, MONDAY, mes, granit)
        a_tie(db, MONDAY, lom, spov, kind="friend", recorded_at=MONDAY - timedelta(days=2))
        a_tie(db, MONDAY, lom, mes, kind="family")
        a_relation(db, MONDAY, granit, lotsen, note="mk-police a debt")
        a_client(db, MONDAY, lom, users["probation"])
        return {
            name: thing.id
            for name, thing in {
                "lom": lom, "spov": spov, "mes": mes, "siska": siska,
                "granit": granit, "lotsen": lotsen,
            }.items()
        }  # fmt: skip


def names(answer):
    return [item["name"] for item in answer["items"]]


@pytest.mark.both_databases
def test_people_come_in_pages_with_the_names_the_asker_may_know(browser, town):
    police = browser(POLICE)

    first = police.json("/api/v1/persons", limit="2")
    second = police.json("/api/v1/persons", limit="2", cursor=str(first["next_cursor"]))

    assert names(first) == ["Viktor Älgmark", "Rasmus Ek"]
    assert names(second) == [None]
    assert second["items"][0]["under_18"] is True
    assert second["items"][0]["birth_date"] is None
    assert second["items"][0]["groups"] == []
    assert second["next_cursor"] is None
    assert first["items"][0]["groups"] == [{"id": town["granit"], "name": "Granit", "role": "core"}]


def test_the_municipality_gets_children_and_the_names_of_groups(browser, town):
    answer = browser(MUNICIPAL).json("/api/v1/persons")

    assert names(answer) == ["Viktor Älgmark", "Rasmus Ek", "Adam Liten", "Noel Bäck"]
    assert answer["items"][0]["groups"] == [{"id": town["granit"], "name": "Granit", "role": None}]


def test_people_are_asked_for_by_group_and_one_by_one(browser, town):
    police = browser(POLICE)

    assert names(police.json("/api/v1/persons", group=str(town["granit"]))) == ["Viktor Älgmark"]
    assert police.json(f"/api/v1/persons/{town['lom']}")["code_name"] == "Lom"
    assert police.json(f"/api/v1/persons/{town['siska']}")["status"] == 404
    assert browser(Role.PROBATION).json(f"/api/v1/persons/{town['spov']}")["status"] == 404
    assert names(browser(Role.PROBATION).json("/api/v1/persons")) == ["Viktor Älgmark"]


@pytest.mark.both_databases
def test_memberships_and_ties_of_children_are_not_for_police(browser, town):
    police = browser(POLICE)

    memberships = police.json("/api/v1/memberships")["items"]
    ties = police.json("/api/v1/ties")["items"]

    assert [row["person_id"] for row in memberships] == [town["lom"], town["spov"]]
    assert [(row["person_a_id"], row["kind"]) for row in ties] == [(town["lom"], "friend")]
    assert len(police.json("/api/v1/memberships", in_force="true")["items"]) == 1
    assert police.json("/api/v1/ties", kind="family")["items"] == []
    assert police.json("/api/v1/ties", as_of="2026-02-20")["items"] == []


@pytest.mark.parametrize("path", ["memberships", "ties"])
@pytest.mark.parametrize("role", [MUNICIPAL, Role.OUTREACH, Role.PROBATION, Role.STEERING])
def test_memberships_and_ties_are_for_police_and_analysts(browser, town, path, role):
    answer = browser(role).json(f"/api/v1/{path}")

    assert answer["status"] == 403
    assert answer["title"] == "Not for your role"


def test_what_was_recorded_nobody_knows_when_says_no_day(browser, engine, town):
    with transaction(engine) as db:
        a_tie(
            db,
            MONDAY,
            db.get(Person, town["lom"]),
            db.get(Person, town["spov"]),
            recorded_at=ALWAYS,
            recorded_assumed=True,
        )

    ties = browser(POLICE).json("/api/v1/ties")["items"]

    assert [tie["recorded_at"] is None for tie in ties] == [False, True]


def test_groups_say_what_the_asker_may_know(browser, town):
    police = browser(POLICE).json("/api/v1/groups")["items"]
    municipal = browser(MUNICIPAL).json(f"/api/v1/groups/{town['granit']}")

    assert [(row["name"], row["members"]) for row in police] == [("Granit", 1), ("Lotsen", 0)]
    assert (municipal["members"], municipal["in_open_conflict"]) == (None, True)
    candidates = browser(POLICE).json("/api/v1/groups", status="candidate")["items"]
    assert [row["name"] for row in candidates] == ["Lotsen"]
    assert browser(Role.PROBATION).json(f"/api/v1/groups/{town['lotsen']}")["status"] == 404


@pytest.mark.both_databases
def test_relations_carry_source_and_note_for_full_readers_only(browser, town):
    police = browser(POLICE).json("/api/v1/group-relations", kind="open_conflict")["items"]
    municipal = browser(MUNICIPAL).json("/api/v1/group-relations")["items"]

    assert police[0]["note"] == "mk-police a debt"
    assert "note" not in municipal[0]
    assert "source" not in municipal[0]
    assert browser(POLICE).json("/api/v1/group-relations", group="999")["items"] == []


@pytest.mark.parametrize(
    "query", [{"limit": "0"}, {"cursor": "x"}, {"as_of": "yesterday"}, {"group": "x"}]
)
def test_a_question_that_means_nothing_is_a_problem(browser, query):
    answer = browser(POLICE).json("/api/v1/persons", **query)

    assert answer["status"] == 422
    assert answer["detail"]


def test_nobody_logged_in_gets_401(browser, town):
    visitor = browser(POLICE)
    visitor.client.cookies.clear()

    assert visitor.json("/api/v1/persons")["status"] == 401


def test_a_protected_person_has_no_name_here(browser, engine, town):
    with transaction(engine) as db:
        lom = db.get(Person, town["lom"])
        lom.is_protected, lom.revised_at = True, MONDAY

    assert browser(POLICE).json(f"/api/v1/persons/{town['lom']}")["name"] is None
