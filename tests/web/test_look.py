"""Who looked at this person: all of it for the auditor, for owners nothing of other secrecies."""

import csv
import io

import pytest
from sqlalchemy import select

from gvi.domain.access import Role
from gvi.domain.audit import AuditVerb
from gvi.store.audit import append
from gvi.store.engine import transaction
from gvi.store.models import ClientAssignment, User
from tests.client import address_of
from tests.conftest import MONDAY
from tests.factories import a_person, an_incident, an_involvement


@pytest.fixture
def lom(engine, programme):
    """A client of the outreach worker, who drives the violence; gives the person's number."""
    with transaction(engine) as db:
        lom = a_person(db, programme, MONDAY, "Lom", name="Viktor Älgmark")
        an_involvement(db, an_incident(db, programme, MONDAY), lom)
        a_person(db, programme, MONDAY, "Mes")
        worker = db.execute(select(User.id).where(User.role == Role.OUTREACH.value)).scalar_one()
        db.add(
            ClientAssignment(
                programme_id=programme, person_id=lom.id, user_id=worker, assigned_at=MONDAY
            )
        )
        return lom.id


def told(page):
    return ["".join(th.itertext()).split(".")[0] for th in page.all("th", scope="row")]


def test_the_auditor_is_told_every_look_by_day_without_the_name(browser, lom, clock):
    analyst = browser(Role.ANALYST)
    analyst.get(f"/people/{lom}")
    clock.move(days=1)
    browser(Role.ANALYST).get("/people/driving")
    auditor = browser(Role.AUDITOR)

    page = auditor.get(f"/people/{lom}/looks")

    assert told(page) == [
        "Test analyst put together: scores and ranks",
        "Test analyst read: people",
    ]
    assert ["".join(h.itertext()) for h in page.all("h2")][:2] == ["Today", "Mon 2 Mar"]
    assert "testclient" in page.text
    assert "Viktor" not in page.html
    assert "Lom" not in page.html


def test_an_owner_is_told_who_looked_but_not_at_what_the_role_cannot_open(browser, lom, engine):
    browser(Role.ANALYST).get("/people/driving")
    browser(Role.COORDINATOR_POLICE).get(f"/people/{lom}")
    browser(Role.COMMUNITY).get(f"/people/{lom}")
    owner = browser(Role.OUTREACH)
    owner.get(f"/people/{lom}")

    page = owner.get(f"/people/{lom}/looks")

    assert told(page) == [
        "Test community was refused a page",
        "Test coordinator_police read: people",
        "Test analyst read something your role cannot open",
    ]
    for hidden in ("rank", "score", "driving"):
        assert hidden not in page.text.lower()
    assert any(
        link.endswith(f"/people/{lom}/looks") for link in owner.get(f"/people/{lom}").links()
    )


def test_an_owner_is_not_told_that_the_police_entered_something(browser, lom, engine, viewer):
    with transaction(engine) as db:
        for kind, verb in (("membership:added", "collected"), ("support_case:noted", "changed")):
            append(
                db,
                viewer(Role.COORDINATOR_POLICE),
                AuditVerb(verb),
                kind,
                at=MONDAY,
                subjects={"person": [lom]},
            )

    assert told(browser(Role.OUTREACH).get(f"/people/{lom}/looks")) == [
        "Test coordinator_police noted: support cases"
    ]
    assert "Test coordinator_police added: memberships" in told(
        browser(Role.AUDITOR).get(f"/people/{lom}/looks")
    )


def test_nobody_else_sees_who_looked(browser, lom):
    for role in set(Role) - {Role.AUDITOR, Role.OUTREACH, Role.OUTREACH_LEAD, Role.PROBATION}:
        assert browser(role).get(f"/people/{lom}/looks").status == 403
    assert browser(Role.PROBATION).get(f"/people/{lom}/looks").status == 404
    assert browser(Role.OUTREACH).get("/people/2/looks").status == 404
    assert browser(Role.OUTREACH).get("/people/9999/looks").status == 404


def test_the_looks_come_in_pages(browser, lom):
    analyst = browser(Role.ANALYST)
    for _ in range(51):
        analyst.get(f"/people/{lom}")
    auditor = browser(Role.AUDITOR)

    first = auditor.get(f"/people/{lom}/looks")
    assert len(told(first)) == 50
    assert "1–50 of 51" in first.text
    second = auditor.get(f"/people/{lom}/looks", page="2")
    assert "51–52 of 52" in second.text, "the look at the first page is a look too"


def test_the_looks_are_exported_with_a_purpose(browser, lom):
    browser(Role.ANALYST).get(f"/people/{lom}")
    auditor = browser(Role.AUDITOR)
    address = f"/people/{lom}/looks/export"
    assert auditor.post(address, purpose="").status == 422

    answer = auditor.client.post(
        address_of(auditor.client, address),
        data={"csrf_token": auditor.token(), "purpose": "A question of the person"},
    )

    lines = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert ["# Purpose: A question of the person"] in lines
    assert any(line[0].startswith("# Entry ") for line in lines)
    assert lines[-1][1:4] == ["Test analyst", "Analyst", "Test analyst read: people."]
