"""Removing, putting back and the access extract, as the coordinators meet them."""

import pytest
from sqlalchemy import select

from gvi.domain.access import Role
from gvi.store.engine import reading, transaction
from gvi.store.models import AuditEntry, Person, Removal
from tests.conftest import MONDAY
from tests.factories import (
    a_group,
    a_membership,
    a_person,
    a_tie,
    an_incident,
    an_involvement,
)

POLICE, MUNICIPAL = Role.COORDINATOR_POLICE, Role.COORDINATOR_MUNICIPAL


@pytest.fixture
def lom(engine, programme):
    with transaction(engine) as db:
        person = a_person(db, programme, MONDAY, "Lom", name="Viktor Älgmark")
        other = a_person(db, programme, MONDAY, "Siska", name="Noel Bäck")
        group = a_group(db, programme, MONDAY)
        a_membership(db, MONDAY, person, group, source="Handler 7")
        a_membership(db, MONDAY, other, group)
        a_tie(db, MONDAY, person, other)
        an_involvement(db, an_incident(db, programme, MONDAY), person)
        return person.id


def _remove(police, lom):
    return police.post(f"/remove/person/{lom}", reason="mixed up with another")


ADDRESSES = [
    "/people",
    "/people?as_of=2026-03-01",
    "/search?q=Viktor",
    "/search?q=Lom",
    "/groups",
    "/groups/scorecard",
    "/rankings/driving",
    "/network",
    "/incidents",
    "/today",
    "/due",
    "/review",
    "/people/likely?name=Viktor",
    "/api/v1/persons",
    "/api/v1/rankings/driving",
    "/api/v1/network",
]


@pytest.mark.both_databases
def test_a_removed_person_is_found_nowhere_and_comes_back_everywhere(browser, lom):
    police = browser(POLICE)
    before = {url: police.client.get(url).text for url in ADDRESSES}
    assert sum("Viktor" in text or "Lom" in text for text in before.values()) >= 6
    asked = police.get(f"/remove/person/{lom}")
    assert "Memberships: 1" in asked.text
    assert "Ties: 1" in asked.text

    assert "Lom" in _remove(police, lom).text

    for url in ADDRESSES:
        text = police.client.get(url).text.replace("q=Viktor", "").replace("q=Lom", "")
        text = text.replace('value="Viktor"', "").replace('value="Lom"', "")
        assert "Älgmark" not in text, url
        assert ">Lom<" not in text, url
    for url in (f"/people/{lom}", f"/api/v1/persons/{lom}", f"/remove/person/{lom}"):
        assert police.client.get(url).status_code == 404
    removal = next(link for link in police.get("/removals").links() if "/restore" in link)
    police.post(removal)
    same = {url for url in ADDRESSES if _shape(police.client.get(url).text) == _shape(before[url])}
    assert same == set(ADDRESSES)


def _shape(text):
    return [line for line in text.splitlines() if "csrf_token" not in line]


def test_without_a_reason_nothing_is_removed(browser, lom, engine):
    page = browser(POLICE).post(f"/remove/person/{lom}", reason=" ")

    assert page.status == 422
    with reading(engine) as db:
        assert db.get(Person, lom) is not None


def test_the_other_side_sees_nothing_of_a_removal(browser, lom):
    _remove(browser(POLICE), lom)
    municipal = browser(MUNICIPAL)

    assert "Lom" not in municipal.get("/removals").text
    assert municipal.client.get("/removals/1/restore").status_code == 404


@pytest.mark.parametrize("url", ["/remove/nonsense/1", "/remove/person/999", "/review/nothing/1"])
def test_what_is_not_there_is_not_found(browser, url):
    assert browser(POLICE).get(url).status == 404


@pytest.mark.both_databases
def test_an_extract_tells_everything_of_one_side_without_sources(browser, lom, engine):
    police = browser(POLICE)
    assert police.post(f"/people/{lom}/extract", purpose="").status == 422

    page = police.post(f"/people/{lom}/extract", purpose="asked on 2 March")

    assert "Viktor Älgmark" in page.text
    assert "Granit" in page.text
    assert "another person" in page.text
    assert "Handler 7" not in page.text
    assert "Noel" not in page.text
    with reading(engine) as db:
        entry = db.execute(select(AuditEntry).where(AuditEntry.kind == "extract:made")).scalar_one()
    assert (entry.verb, entry.purpose) == ("disclosed", "asked on 2 March")
    assert f'"person": [{lom}]' in entry.subjects


def test_an_extract_can_be_a_file(browser, lom):
    police = browser(POLICE)

    document = police.post(f"/people/{lom}/extract", purpose="asked", format="json").answer.json()
    table = police.post(f"/people/{lom}/extract", purpose="asked", format="csv").answer

    assert document["parts"]["identities"] == [{"name": "Viktor Älgmark"}]
    assert document["parts"]["memberships"][0]["source"] == {"masked": "source"}
    assert table.headers["content-type"].startswith("text/csv")
    assert "Viktor Älgmark" in table.text


def test_the_municipality_gives_no_police_records(browser, lom):
    page = browser(MUNICIPAL).post(f"/people/{lom}/extract", purpose="asked")

    assert "Granit" not in page.text
    assert "Viktor Älgmark" in page.text


def test_the_list_names_the_erased_by_nothing(browser, lom, engine):
    police = browser(POLICE)
    _remove(police, lom)
    with transaction(engine) as db:
        removal = db.execute(select(Removal)).scalar_one()
        removal.bundle, removal.reason, removal.erased_at = None, "", MONDAY

    page = police.get("/removals")

    assert "Lom" not in page.text
    assert "erased" in page.text
