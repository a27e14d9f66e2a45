"""The pages of kept lists: keeping, exporting, making again, and what changed between two."""

import re
from datetime import date, timedelta

import pytest

from gvi.domain.access import Role
from gvi.domain.list_snapshot import ListAct
from gvi.domain.removal import Removable
from gvi.store.engine import transaction
from gvi.store.models import Person
from gvi.usecases.list_snapshot import keep_list
from gvi.usecases.removal import remove
from tests.conftest import MONDAY, ZONE
from tests.factories import a_person, a_tie, an_incident, an_involvement

LISTS = "/people/lists"


@pytest.fixture
def people(engine, programme):
    with transaction(engine) as db:
        people = [a_person(db, programme, MONDAY, name) for name in ("Lom", "Mes")]
        for person, kind in zip(people, ("homicide", "stabbing"), strict=True):
            incident = an_incident(db, programme, MONDAY - timedelta(days=9), kind)
            an_involvement(db, incident, person, "convicted")
        return [person.id for person in people]


def kept(browser, role=Role.COORDINATOR_POLICE):
    reader = browser(role)
    return reader, reader.post(f"{LISTS}/new?score=driving", reason="The Monday meeting.")


def test_a_list_is_kept_with_a_reason_shown_and_made_again(browser, people):
    police, page = kept(browser)
    assert "2 people stood on it." in page.text
    assert "The Monday meeting." in page.text
    assert all(person in page.text for person in ("Lom", "Mes"))

    again = police.get(f"{LISTS}/1?verify=1")

    assert "Made again from what was known then: the same." in again.text
    assert police.post(f"{LISTS}/new?score=driving", reason=" ").status == 422


def test_an_export_keeps_the_list_with_its_purpose(browser, people):
    analyst = browser(Role.ANALYST)
    assert analyst.post("/people/exposed/export", purpose="").status == 422
    assert "No list is kept" in analyst.get(LISTS).text
    assert analyst.post("/people/driving/export", purpose="A report to the board").status == 200

    page = analyst.get(LISTS)
    assert "A report to the board Exported" in page.text
    assert "Driving, list 1" in page.text


def test_a_printed_list_says_who_when_and_what_for_and_is_kept(browser, people):
    police = browser(Role.COORDINATOR_POLICE)
    assert "/people/driving/print" in police.get("/people/driving").links()
    form = police.get("/people/driving/print?arrange=whole")
    assert form.one("form", action="/people/driving/print?arrange=whole")
    assert police.post("/people/driving/print", purpose=" ").status == 422
    assert "No list is kept" in police.get(LISTS).text

    paper = police.post("/people/driving/print?arrange=whole", purpose="Meeting of 2 March, item 4")

    assert paper.status == 200
    assert "by Test coordinator_police. For: Meeting of 2 March, item 4" in paper.text
    assert "Kept as list 1." in paper.text
    assert all(person in paper.text for person in ("Lom", "Mes"))
    assert not paper.all("select", name="colour")
    police.post("/people/driving/export", purpose="A report to the board")
    assert "Meeting of 2 March, item 4 Printed" in police.get(LISTS).text
    assert "A report to the board Exported" in police.get(f"{LISTS}/1").text
    assert police.get(f"{LISTS}/2").status == 404


def test_only_those_who_receive_scores_are_led_from_a_colour_to_its_list(browser, people):
    page = f"/people/{people[0]}/risk"
    given = {"colour": "red", "reason": "Threats heard.", "expires_on": "2026-03-16"}
    browser(Role.COORDINATOR_POLICE).post(page, **given)

    for role in (Role.COORDINATOR_POLICE, Role.ANALYST):
        reader = browser(role)
        assert f"{LISTS}/1" in reader.get(page).links()
        assert page in reader.get(f"{LISTS}/1").links()
    others = browser(Role.COORDINATOR_MUNICIPAL).get(page)
    assert "“Threats heard.”" in others.text
    assert LISTS not in others.html
    assert not others.all("p", data_score="")
    assert "Driving" not in others.text


def test_what_changed_names_who_came_and_the_new_incident(
    browser, engine, programme, people, clock
):
    police, _ = kept(browser)
    clock.move(days=2)
    with transaction(engine) as db:
        person = a_person(db, programme, MONDAY, "Spov")
        incident = an_incident(db, programme, clock() - timedelta(hours=1), "explosion")
        an_involvement(db, incident, person, "convicted")
        number = incident.id
    clock.move(hours=1)
    police, page = kept(browser)
    assert f"{LISTS}/2/changes?since=1" in page.links()

    changes = police.get(f"{LISTS}/2/changes?since=1")

    assert "1 came, 0 went, 1 has another rank." in changes.text
    assert "new incidents +40.0" in changes.text
    assert "time passed −" in changes.text
    assert f"/incidents/{number}" in changes.links()


def test_a_change_through_ties_leads_to_their_records_and_names_no_child(
    browser, engine, programme, people, clock
):
    kept(browser)
    clock.move(days=2)
    with transaction(engine) as db:
        lom, mes = (db.get_one(Person, each) for each in people)
        child = a_person(db, programme, MONDAY, "Lo", birth_date=date(2010, 1, 1))
        third = a_person(db, programme, MONDAY, "Ek")
        when = clock() - timedelta(hours=1)
        for one, other in ((lom, mes), (mes, child), (child, third)):
            a_tie(db, when, one, other, recorded_at=when, entered_at=when)
    clock.move(hours=1)
    police, _ = kept(browser)

    changes = police.get(f"{LISTS}/2/changes?since=1")

    assert "ties +" in changes.text
    assert "Lom – Mes: associates counts since" in changes.text
    assert "Mes – person under 18: associates counts since" in changes.text
    assert "Lo –" not in changes.text
    assert f"/people/{people[0]}/records" in changes.links()
    assert "None" not in " ".join(changes.links())


def test_a_removed_person_is_gone_from_it_and_it_says_so(browser, engine, viewer, people):
    police, _ = kept(browser)
    with transaction(engine) as db:
        removal = (Removable.PERSON, people[0])
        remove(db, viewer(Role.COORDINATOR_POLICE), *removal, reason="Mistaken.", at=MONDAY)

    page = police.get(f"{LISTS}/1?verify=1")

    assert "Lom" not in page.text
    assert "One of them is gone from it" in page.text
    assert "Cannot be made again: 2 facts erased since." in page.text


def test_only_those_who_receive_scores_see_kept_lists(browser, people):
    kept(browser)
    for role in (Role.COORDINATOR_MUNICIPAL, Role.OUTREACH, Role.AUDITOR, Role.STEERING):
        reader = browser(role)
        assert reader.get("/people/exposed/print").status == 403
        assert reader.post("/people/exposed/print", purpose="A look at it").status == 403
        for address in (LISTS, f"{LISTS}/1", f"{LISTS}/1/changes?since=1", f"{LISTS}/new"):
            assert reader.get(address).status == 403
    assert browser(Role.ANALYST).get(f"{LISTS}/1").status == 200
    assert browser(Role.ANALYST).get(f"{LISTS}/7").status == 404


@pytest.mark.both_databases
def test_an_extract_says_where_the_person_stood_as_the_pages_do(browser, people):
    police, _ = kept(browser)
    address = f"/people/{people[0]}/extract"

    page = police.post(address, purpose="asked")

    (place,) = page.scores()
    words = re.sub(r"\s+", " ", " ".join(place.itertext()))
    for said in ("List Driving", "As known Mon 2 Mar", "Rank 1", "Score, in harm units 98.3"):
        assert said in words, words
    assert words.strip().endswith("Parts Own 98.3")
    assert not re.search(r"\d{7}", words), "no billionths"
    document = police.post(address, purpose="asked", format="json").answer.json()
    (place,) = document["parts"]["list_snapshot_entries"]
    assert place["units"] == pytest.approx(98.3, abs=0.05)
    table = police.post(address, purpose="asked", format="csv").answer.text
    assert '"Score, in harm units",98.3' in table


@pytest.mark.both_databases
def test_an_extract_tells_no_list_made_from_more_and_no_rank_of_a_child(
    browser, engine, people, clock, operator
):
    kept(browser)
    with transaction(engine) as db:
        given = {"as_of": MONDAY, "at": MONDAY, "zone": ZONE}
        keep_list(db, operator, "driving", act=ListAct.KEPT, reason="A meeting.", **given)
    clock.move(days=2)
    told = []
    for born in (None, date(2008, 3, 3)):
        with transaction(engine) as db:
            db.get(Person, people[0]).birth_date = born
        given = {"purpose": "asked", "format": "json"}
        asked = browser(Role.COORDINATOR_POLICE).post(f"/people/{people[0]}/extract", **given)
        told.append(asked.answer.json()["parts"]["list_snapshot_entries"])

    (place,), (as_child,) = told
    assert place["rank"] == 1
    assert as_child == {
        "score": "driving",
        "known_at": place["known_at"],
        "rank": {"masked": "under_18"},
    }
