"""Removing, putting back and the access extract, as the coordinators meet them."""

import re

import pytest
from sqlalchemy import select

from gvi.domain.access import Role
from gvi.domain.log_in import FRESH_FOR
from gvi.store.engine import reading, transaction
from gvi.store.models import AuditEntry, Membership, Person, Removal
from tests.conftest import MONDAY
from tests.factories import (
    a_client,
    a_disclosure,
    a_group,
    a_membership,
    a_person,
    a_request,
    a_tie,
    an_access,
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
    own = ("csrf_token", "form_key")
    return [line for line in text.splitlines() if not any(each in line for each in own)]


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

    assert re.search(r'filename="extract-[a-z2-7]{8}-2026', table.headers["content-disposition"])
    assert document["parts"]["identities"] == [{"name": "Viktor Älgmark"}]
    assert document["parts"]["memberships"][0]["source"] == {"masked": "source"}
    assert table.headers["content-type"].startswith("text/csv")
    assert "Viktor Älgmark" in table.text


def test_the_municipality_gives_no_police_records(browser, lom):
    page = browser(MUNICIPAL).post(f"/people/{lom}/extract", purpose="asked")

    assert "Granit" not in page.text
    assert "Viktor Älgmark" in page.text


@pytest.mark.both_databases
def test_an_extract_says_what_was_disclosed_in_words_and_only_by_its_side(
    browser, lom, engine, viewer
):
    police, municipal = viewer(POLICE).user_id, viewer(MUNICIPAL).user_id
    with transaction(engine) as db:
        person = db.get(Person, lom)
        a_client(db, MONDAY, person, viewer(Role.OUTREACH).user_id)
        for side, party, by, to in (
            ("police", "social", police, municipal),
            ("social", "police", municipal, police),
        ):
            line = f'{{"at": "2026-02-01", "text": "secret of {side}"}}'
            a_disclosure(db, MONDAY, person, side, party, by=by, to=to, frozen=line)
            a_request(db, MONDAY, person, side, party, owner_id=by)
        an_access(db, MONDAY, person, municipal, viewer(Role.PROBATION).user_id, "offers")

    for role, own, other in ((POLICE, "police", "social"), (MUNICIPAL, "social", "police")):
        text = browser(role).post(f"/people/{lom}/extract", purpose="asked").text
        assert f"secret of {own}" in text
        assert f"what {own} knows" in text
        for hidden in ("secret of", "what", "weighed by"):
            assert f"{hidden} {other}" not in text
        for raw in ("disclosure_lines", "Disclosure lines", "Decider id", "&#34;at&#34;", '"at"'):
            assert raw not in text, raw
        for said in ("Disclosures", "Requests to disclose", "What was disclosed", "Who decides"):
            assert said in text, said
        assert "Danger to life or health" in text
        assert ("Whether help was offered" in text) is (role is MUNICIPAL)
        table = (
            browser(role).post(f"/people/{lom}/extract", purpose="asked", format="csv").answer.text
        )
        assert f"secret of {own} · " in table
        assert f"secret of {other}" not in table
    asked = browser(POLICE).get(f"/remove/person/{lom}").text
    assert "Disclosures: 1" in asked
    assert "Requests to disclose: 1" in asked
    assert "Access" not in asked.split("Disclosures: 1")[0].rpartition("<ul")[2]


@pytest.fixture
def probations(engine, lom, viewer):
    """What probation disclosed about Lom to social services, and was asked."""
    worker = viewer(Role.PROBATION).user_id
    with transaction(engine) as db:
        person = db.get(Person, lom)
        line = '{"at": "2026-02-01", "text": "secret of probation"}'
        a_disclosure(
            db,
            MONDAY,
            person,
            "probation",
            "social",
            by=worker,
            to=viewer(MUNICIPAL).user_id,
            frozen=line,
        )
        a_request(db, MONDAY, person, "probation", "social", owner_id=worker)


@pytest.mark.both_databases
@pytest.mark.usefixtures("probations")
def test_what_probation_disclosed_is_in_no_extract_of_police_or_social_services(browser, lom):
    for role in (POLICE, MUNICIPAL):
        for shape in ("page", "csv", "json"):
            given = browser(role).post(f"/people/{lom}/extract", purpose="asked", format=shape)
            assert "probation" not in given.answer.text.lower().replace("police and probation", "")
    assert "Disclosures" not in browser(POLICE).get(f"/remove/person/{lom}").text


@pytest.mark.both_databases
@pytest.mark.usefixtures("probations")
def test_the_polices_removal_leaves_probations_register_and_comes_back_as_it_was(
    browser, engine, lom, viewer
):
    police, auditor = browser(POLICE), browser(Role.AUDITOR)
    with reading(engine) as db:
        before = db.execute(select(Person.__table__).where(Person.id == lom)).one()

    assert _remove(police, lom).status == 200

    assert police.get(f"/people/{lom}").status == 404
    assert "Lom" in auditor.get("/disclosures").text
    with reading(engine) as db:
        kept = db.execute(select(Person.__table__).where(Person.id == lom)).one()
        assert (kept.compartment, kept.source, kept.external_id) == ("probation", "", None)
        removal = db.execute(select(Removal.id)).scalar_one()
        assert db.execute(select(Membership.id).where(Membership.person_id == lom)).all() == []

    assert police.post(f"/removals/{removal}/restore").status == 200
    with reading(engine) as db:
        assert db.execute(select(Person.__table__).where(Person.id == lom)).one() == before


def test_an_extract_names_nobody_protected_without_access(browser, lom, engine, viewer):
    with transaction(engine) as db:
        db.get(Person, lom).is_protected = True

    for role in (POLICE, MUNICIPAL):
        page = browser(role).post(f"/people/{lom}/extract", purpose="asked").text
        assert "Lom" in page
        assert "Älgmark" not in page
    with transaction(engine) as db:
        user = viewer(POLICE).user_id
        an_access(db, MONDAY, db.get(Person, lom), user, user, "name")
    assert "Älgmark" in browser(POLICE).post(f"/people/{lom}/extract", purpose="asked").text


def test_an_extract_asks_once_more_who_it_is(browser, lom, clock):
    police = browser(POLICE)
    assert police.get(f"/people/{lom}/extract").status == 200
    clock.move(seconds=FRESH_FOR.total_seconds())

    answer = police.client.get(f"/people/{lom}/extract", follow_redirects=False)

    assert answer.headers["location"] == f"/confirm?next=/people/{lom}/extract"


def test_the_list_names_the_erased_by_nothing(browser, lom, engine):
    police = browser(POLICE)
    _remove(police, lom)
    with transaction(engine) as db:
        removal = db.execute(select(Removal)).scalar_one()
        removal.bundle, removal.reason, removal.erased_at = None, "", MONDAY

    page = police.get("/removals")

    assert "Lom" not in page.text
    assert "erased" in page.text
