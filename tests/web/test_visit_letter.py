"""Letters handed over at visits: nobody is given words that nobody approved."""

import re

import pytest
from sqlalchemy import select

from gvi.domain.access import Role
from gvi.store.engine import reading, transaction
from gvi.store.models import CustomNotification, Paper, Round, User, VisitLetter
from tests import factories as make
from tests.conftest import MONDAY

POLICE, MUNICIPAL = Role.COORDINATOR_POLICE, Role.COORDINATOR_MUNICIPAL


@pytest.fixture
def letters(browser, engine, programme):
    """Two approved visits of a round, one in Swedish and one in English: its letters' page."""
    with transaction(engine) as db:
        owner = {user.role: user.id for user in db.query(User)}["coordinator_police"]
        group = make.a_group(db, programme, MONDAY, "Granit")
        people = [
            make.a_person(db, programme, MONDAY, f"Kod{n}", name=f"Person Nummer{n}").id
            for n in (1, 2)
        ]
        group_id = group.id
    police = browser(POLICE)
    days = {"starts_on": "2026-03-02", "ends_on": "2026-03-06"}
    police.post("/rounds/new", name="Round 4", owner=owner, groups=[group_id], **days)
    with reading(engine) as db:
        url = f"/rounds/{db.scalars(select(Round.id)).one()}"
    police.post(f"{url}/people", p=people, **{f"why-{each}": "Asked for" for each in people})
    with transaction(engine) as db:
        visits = db.scalars(select(CustomNotification).order_by(CustomNotification.id))
        for visit, language in zip(visits.all(), ("sv", "en"), strict=True):
            visit.status = "approved"
            make.a_check(db, visit, MONDAY)
            signed = {"approved_at": MONDAY, "approved_by_id": owner}
            said = {"language": language, "exposure": "Two years", **signed}
            db.add(VisitLetter(custom_notification_id=visit.id, **said))
    return f"{url}/letters"


def write_words(browser, language):
    body = "Hello {name}. {exposure}"
    return browser(MUNICIPAL).post(f"/visit-letters/{language}", heading="From us", body=body)


def the_first_visit(engine):
    with reading(engine) as db:
        return db.scalars(select(CustomNotification.id).order_by(CustomNotification.id)).first()


def what_the_code_says(browser, engine):
    with reading(engine) as db:
        code = db.scalars(select(Paper.code)).one()
    return browser(POLICE).get(f"/papers?code={code}").text


def print_them(browser, letters):
    return browser(POLICE).post(letters, language="sv", purpose="Week 10")


def test_words_changed_after_the_approval_are_approved_anew(browser, letters, engine, clock):
    assert "2 letters are ready." in browser(POLICE).get(letters).text
    clock.move(minutes=5)
    write_words(browser, "sv")

    page = browser(POLICE).get(letters)
    assert "One letter is ready. One waits." in page.text
    assert "The letter’s words wait for approval" in page.text
    clock.move(minutes=5)
    browser(POLICE).post(f"/notifications/{the_first_visit(engine)}/letter")
    assert "2 letters are ready." in browser(POLICE).get(letters).text


def test_a_letter_without_a_language_waits_where_any_words_changed(browser, letters, engine, clock):
    with transaction(engine) as db:
        db.get(VisitLetter, the_first_visit(engine)).language = None
    clock.move(minutes=5)
    write_words(browser, "nb")

    assert "One letter is ready. One waits." in browser(POLICE).get(letters).text


def test_letters_in_several_languages_are_of_no_one_version(browser, letters, engine):
    print_them(browser, letters)

    with reading(engine) as db:
        assert db.scalars(select(Paper.letter_version)).one() is None


def test_letters_in_one_language_are_of_its_words(browser, letters, engine, clock):
    with transaction(engine) as db:
        for letter in db.scalars(select(VisitLetter)):
            letter.language = "en"
    write_words(browser, "en")
    print_them(browser, letters)

    with reading(engine) as db:
        paper = db.scalars(select(Paper)).one()
        assert (paper.language, paper.letter_version) == ("en", 1)


@pytest.mark.parametrize("change", ["words", "no_go", "own_words", "ended"])
def test_the_code_of_printed_letters_says_what_was_changed_since(
    browser, letters, engine, clock, change
):
    print_them(browser, letters)
    assert "It is the newest of its kind." in what_the_code_says(browser, engine)
    clock.move(minutes=5)
    change_something(browser, engine, change)

    assert "Destroy it and print anew." in what_the_code_says(browser, engine)
    assert re.search("Out of date", browser(POLICE).get(letters).text)


def change_something(browser, engine, change):
    police, visit = browser(POLICE), f"/notifications/{the_first_visit(engine)}"
    with reading(engine) as db:
        owner = db.scalars(select(CustomNotification.owner_id)).first() or ""
    if change == "words":
        write_words(browser, "sv")
    if change == "no_go":
        asked = dict.fromkeys(("home_conflict", "children_present", "victim_of_own_group"), "yes")
        police.post(f"{visit}/risk-check", outcome="no_go", reason="A threat", **asked)
    if change == "own_words":
        police.post(f"{visit}/edit", owner=owner, exposure="Four years", letter_language="sv")
        police.post(f"{visit}/letter")
    if change == "ended":
        police.post(f"{visit}/cancel", reason="Moved away")


def test_who_approves_a_visit_hears_first_that_the_letters_words_are_not_written(
    browser, letters, engine
):
    visit = the_first_visit(engine)
    with transaction(engine) as db:
        db.get(CustomNotification, visit).status = "planned"
        letter = db.get(VisitLetter, visit)
        letter.exposure, letter.approved_at, letter.approved_by_id = "", None, None
    said = "The letter’s words about this person are not written yet"

    assert said in browser(POLICE).get(f"/notifications/{visit}").text
    with transaction(engine) as db:
        db.get(VisitLetter, visit).exposure = "Two years"
    assert said not in browser(POLICE).get(f"/notifications/{visit}").text
