"""Incidents and involvements as JSON: pages, filters, as-of, and what each role gets."""

from datetime import date, timedelta

import pytest

from gvi.domain.access import Role
from gvi.store.engine import transaction
from tests.conftest import MONDAY
from tests.factories import a_person, an_incident, an_involvement

POLICE = Role.COORDINATOR_POLICE


@pytest.fixture
def town(engine, programme):
    with transaction(engine) as db:
        lom = a_person(db, programme, MONDAY, "Lom", name="Viktor Älgmark")
        lo = a_person(db, programme, MONDAY, "Lo", name="Emil Alm", birth_date=date(2010, 5, 1))
        for days, kind, status in [(40, "threat", "closed"), (3, "homicide", "new")]:
            incident = an_incident(
                db,
                programme,
                MONDAY - timedelta(days=days),
                kind,
                status=status,
                place="Torget 1",
                area="Centrum",
            )
            an_involvement(db, incident, lom)
        an_involvement(db, incident, lo, "victim")


@pytest.mark.parametrize("name", ["from", "to"])
@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_a_day_beyond_every_calendar_is_refused_by_its_name(browser, town, name, day):
    answer = browser(POLICE).get("/api/v1/incidents", **{name: day})

    assert answer.status == 422
    assert "between 1900 and 2200" in answer.html


def test_incidents_come_in_pages(browser, town):
    police = browser(POLICE)
    first = police.json("/api/v1/incidents", limit="1")
    assert [row["kind"] for row in first["items"]] == ["threat"]
    second = police.json("/api/v1/incidents", limit="1", cursor=str(first["next_cursor"]))
    assert [row["kind"] for row in second["items"]] == ["homicide"]
    last = police.json("/api/v1/incidents", limit="1", cursor=str(second["next_cursor"]))
    assert last == {"items": [], "next_cursor": None}


@pytest.mark.parametrize(
    ("asked", "kinds"),
    [
        ({"kind": "homicide"}, ["homicide"]),
        ({"status": "closed"}, ["threat"]),
        ({"gmi": "confirmed"}, []),
        ({"from": "2026-02-27"}, ["homicide"]),
        ({"to": "2026-02-26"}, ["threat"]),
        ({"from": "2026-02-27", "to": "2026-02-27"}, ["homicide"]),
        ({"as_of": "2026-02-01"}, ["threat"]),
    ],
)
def test_incidents_are_narrowed(browser, town, asked, kinds):
    answer = browser(POLICE).json("/api/v1/incidents", **asked)
    assert [row["kind"] for row in answer["items"]] == kinds


def test_each_role_gets_what_its_right_covers(browser, town):
    full = browser(POLICE).json("/api/v1/incidents/2")
    assert (full["place"], full["status"], full["grade"]) == ("Torget 1", "new", "B2")
    karin = browser(Role.COORDINATOR_MUNICIPAL)
    basics = {"id", "occurred_at", "kind", "area", "gmi"}
    assert set(karin.json("/api/v1/incidents/2")) == basics
    assert all(set(row) == basics for row in karin.json("/api/v1/incidents")["items"])
    assert karin.json("/api/v1/incidents", status="new")["status"] == 403
    assert karin.json("/api/v1/involvements")["status"] == 403
    assert browser(Role.OUTREACH).json("/api/v1/incidents")["status"] == 403


def test_involvements_name_adults_and_go_by_code_name_for_children(browser, town):
    police = browser(POLICE)
    rows = police.json("/api/v1/involvements", incident="2")["items"]
    assert [(row["name"], row["role"], row["under_18"]) for row in rows] == [
        ("Viktor Älgmark", "suspect", False),
        ("Lo", "victim", True),
    ]
    of_one = police.json("/api/v1/involvements", person=str(rows[0]["person_id"]))["items"]
    assert [row["incident_id"] for row in of_one] == [1, 2]
    assert police.json(f"/api/v1/involvements/{rows[1]['id']}")["code_name"] == "Lo"


def test_what_cannot_be_answered_is_a_problem_document(browser, town):
    police = browser(POLICE)
    for address, status in [
        ("/api/v1/incidents/99", 404),
        ("/api/v1/involvements/99", 404),
        ("/api/v1/incidents?limit=0", 422),
        ("/api/v1/incidents?gmi=no", 422),
        ("/api/v1/incidents?as_of=soon", 422),
    ]:
        answer = police.client.get(address)
        assert answer.status_code == status, address
        assert answer.headers["content-type"] == "application/problem+json"
        assert set(answer.json()) - {"errors"} == {"type", "title", "status", "detail", "instance"}
