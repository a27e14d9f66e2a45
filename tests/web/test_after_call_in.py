"""After the evening: twelve invited, nine came, one of them left early; all that hangs on it."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from gvi.domain.access import Role, Viewer
from gvi.store.engine import reading, transaction
from gvi.store.models import (
    Action,
    CallIn,
    CallInGroup,
    CustomNotification,
    Invitee,
    Membership,
    MessageDelivery,
    Person,
    User,
)
from gvi.store.queries.attendance import own_attendance
from tests import factories as make
from tests.client import NS
from tests.conftest import MONDAY

STARTS_AT = datetime(2026, 4, 9, 15, 30, tzinfo=UTC)
PARTS = ("not_die", "not_kill", "consequences", "help")
STAYED, LEFT, AWAY = range(8), 8, range(9, 12)


@pytest.fixture
def evening(engine, programme):
    """Granit and Kajen, six invitees each; every invitee has one friend who is not invited."""
    with transaction(engine) as db:
        police = db.scalars(select(User.id).where(User.role == "coordinator_police")).one()
        groups = [make.a_group(db, programme, MONDAY, name) for name in ("Granit", "Kajen")]
        call_in = CallIn(
            programme_id=programme,
            name="Call-in 4",
            status="rehearsed",
            starts_at=STARTS_AT,
            seats=12,
            approved_at=MONDAY,
            approved_by_id=police,
            created_at=MONDAY,
        )
        db.add(call_in)
        db.flush()
        db.add_all(CallInGroup(call_in_id=call_in.id, group_id=each.id) for each in groups)
        people, invitees = [], []
        for number in range(12):
            group = groups[number % 2]
            person = make.a_person(db, programme, MONDAY, f"P{number}", name=f"Nils Ek {number}")
            friend = make.a_person(db, programme, MONDAY, f"F{number}", name=f"Olle Al {number}")
            for each in (person, friend):
                make.a_membership(db, MONDAY, each, group)
            make.a_tie(db, MONDAY, person, friend)
            invitee = make.an_invitee(db, call_in, person, group_id=group.id)
            people.append(person.id)
            invitees.append(invitee.id)
        return {
            "id": call_in.id,
            "groups": [each.id for each in groups],
            "people": people,
            "invitees": invitees,
        }


@pytest.fixture
def answers(evening) -> dict:
    ids = evening["invitees"]
    said = {f"outcome-{ids[number]}": "attended" for number in STAYED}
    said |= {f"outcome-{ids[number]}": "no_show" for number in AWAY}
    return said | {
        f"outcome-{ids[LEFT]}": "left_early",
        f"heard-{ids[LEFT]}": ["not_die", "help"],
        **{f"by-{part}": "The police chief" for part in PARTS},
        "language": "sv",
    }


@pytest.fixture
def saved(browser, evening, answers, clock):
    """The attendance as it was saved the same evening; gives the call-in's page."""
    clock.move(days=38, hours=12)
    return browser(Role.COORDINATOR_POLICE).post(f"/call-ins/{evening['id']}/attendance", **answers)


def test_the_page_says_who_came_and_how_far_it_carried_beside_what_was_planned(saved):
    assert "9 of 12 came, of whom 1 left early." in saved.text
    assert "18 of 24 heard it or know somebody who did; had all come, it would be 24." in saved.text
    assert "Granit10 of 12planned 12" in saved.text
    assert "Kajen8 of 12planned 12" in saved.text


def test_what_becomes_of_people_afterwards_does_not_change_how_far_it_carried(
    saved, browser, evening, engine, clock
):
    clock.move(days=1)
    later = STARTS_AT + timedelta(days=1)
    with transaction(engine) as db:
        for number, person_id in enumerate(evening["people"][:4]):
            person = db.get_one(Person, person_id)
            person.is_exit_client, person.is_protected = number < 2, number == 2
            person.revised_at = later
        left = select(Membership).where(Membership.person_id == evening["people"][3])
        for membership in db.scalars(left):
            membership.role, membership.revised_at = "former", later

    page = browser(Role.COORDINATOR_POLICE).get(f"/call-ins/{evening['id']}")

    assert "18 of 24 heard it or know somebody who did; had all come, it would be 24." in page.text
    assert "Granit10 of 12planned 12" in page.text
    assert "Kajen8 of 12planned 12" in page.text


def test_who_left_before_a_word_was_said_carries_nothing(browser, evening, answers, clock):
    clock.move(days=38, hours=12)
    answers.pop(f"heard-{evening['invitees'][LEFT]}")

    page = browser(Role.COORDINATOR_POLICE).post(f"/call-ins/{evening['id']}/attendance", **answers)

    assert "9 of 12 came, of whom 1 left early. 16 of 24 heard it" in page.text


def test_the_page_says_of_how_many_nobody_has_said_whether_they_came(
    browser, evening, answers, clock
):
    clock.move(days=38, hours=12)
    for number in AWAY:
        answers.pop(f"outcome-{evening['invitees'][number]}")

    page = browser(Role.COORDINATOR_POLICE).post(f"/call-ins/{evening['id']}/attendance", **answers)

    assert "3 have no outcome yet" in page.text
    assert "Not everybody has an outcome yet" in page.text
    assert "Record who came to Call-in 4" in browser(Role.COORDINATOR_POLICE).get("/due").text


def test_nine_contacts_three_visits_a_debrief_and_a_word_with_the_speakers_follow(
    saved, evening, engine
):
    people = evening["people"]
    with reading(engine) as db:
        actions = db.execute(select(Action.kind, Action.person_id, Action.due_at)).all()
        visits = db.execute(select(CustomNotification.person_id, CustomNotification.due_at)).all()

    contacts = [row for row in actions if row.kind == "attendee_contact"]
    assert {row.person_id for row in contacts} == {*people[:8], people[LEFT]}
    assert {row.due_at for row in contacts} == {STARTS_AT + timedelta(hours=72)}
    assert {row.person_id for row in visits} == {people[number] for number in AWAY}
    assert {row.due_at for row in visits} == {STARTS_AT + timedelta(days=14)}
    dues = {row.kind: row.due_at for row in actions if row.kind != "attendee_contact"}
    assert dues == {
        "debrief": STARTS_AT + timedelta(days=7),
        "wellbeing": STARTS_AT + timedelta(days=3),
    }
    assert "Contact with an attendee 0 of 9 done" in saved.text
    assert "Notification after a no-show 0 of 3 done" in saved.text


def test_the_ledger_says_who_was_told_what_by_whom_and_in_what_language(
    saved, browser, evening, engine
):
    with reading(engine) as db:
        lines = db.scalars(select(MessageDelivery)).all()
    assert {line.person_id for line in lines} == {*evening["people"][:8], evening["people"][LEFT]}
    assert {line.language for line in lines} == {"sv"}

    police = browser(Role.COORDINATOR_POLICE)
    left = police.get(f"/people/{evening['people'][LEFT]}/messages")
    assert "Has heard 2 of the four parts" in left.text
    assert "The police chiefSwedish" in left.text
    group = police.get(f"/groups/{evening['groups'][0]}/messages")
    assert "4 of 12 have heard all four parts; 5 have heard something." in group.text
    assert "The police chiefSwedish" in group.text


def test_each_group_is_promised_a_consequence_and_each_person_help(saved):
    assert "GranitPromised before 4 of themPromised to 5 people" in saved.text
    assert "KajenPromised before 4 of themPromised to 4 people" in saved.text


def test_what_was_not_said_was_not_promised(browser, evening, answers, clock):
    clock.move(days=38, hours=12)
    answers |= {"by-consequences": "", "by-help": ""}
    answers.pop(f"heard-{evening['invitees'][LEFT]}")

    page = browser(Role.COORDINATOR_POLICE).post(f"/call-ins/{evening['id']}/attendance", **answers)

    assert "GranitNot promisedNot promised" in page.text


@pytest.fixture
def violence(engine, programme, evening):
    """A shooting two days after the evening, and what must not be taken for the group's answer."""
    happened = {
        "shooting_at_person": (2, "suspect", "unknown"),
        "explosion": (-2, "suspect", "confirmed"),
        "homicide": (2, "witness", "confirmed"),
        "robbery": (2, "suspect", "known_not"),
        "weapon": (2, "suspect", "confirmed"),
        "stabbing": (2, "victim", "confirmed"),
    }
    with transaction(engine) as db:
        person = db.get_one(Person, evening["people"][0])
        for kind, (days, role, gmi) in happened.items():
            at = STARTS_AT + timedelta(days=days)
            incident = make.an_incident(db, programme, at, kind=kind, gmi=gmi)
            make.an_involvement(db, incident, person, role=role)


def _since(page) -> str:
    return page.text.partition("Violence since then")[2].partition("What was said")[0]


def test_violence_that_members_did_after_the_promise_stands_beside_it(
    saved, browser, evening, violence, clock
):
    clock.move(days=3)
    page = browser(Role.COORDINATOR_POLICE).get(f"/groups/{evening['groups'][0]}/messages")

    assert "first said Thu 9 Apr; 4 people heard it for the group." in page.text
    assert "Shooting at a person" in _since(page)
    others = ("Explosion", "Homicide", "Robbery", "Weapon", "Stabbing")
    assert not [kind for kind in others if kind in _since(page)]


def promise_of(page) -> str:
    return page.text.partition("What was promised")[2].partition("What was said")[0]


def test_a_group_that_a_told_man_joins_is_promised_nothing_by_that(
    saved, browser, evening, engine, programme
):
    with transaction(engine) as db:
        joined = make.a_group(db, programme, MONDAY, "Lotsen")
        make.a_membership(db, MONDAY, db.get_one(Person, evening["people"][0]), joined)
        group_id = joined.id

    page = browser(Role.COORDINATOR_POLICE).get(f"/groups/{group_id}/messages")

    assert "1 of 1 has heard all four parts" in page.text
    assert "Nothing yet: nobody was told for this group" in promise_of(page)


def test_a_group_keeps_its_promise_when_those_who_were_told_have_left(
    saved, browser, evening, engine, clock
):
    clock.move(days=2)
    later = STARTS_AT + timedelta(days=1)
    with transaction(engine) as db:
        left = select(Membership).where(Membership.person_id.in_(evening["people"]))
        for membership in db.scalars(left):
            membership.role, membership.revised_at = "former", later

    page = browser(Role.COORDINATOR_POLICE).get(f"/groups/{evening['groups'][0]}/messages")

    assert "Nobody in the group has heard the message yet." in page.text
    assert "first said Thu 9 Apr; 4 people heard it for the group." in promise_of(page)


def test_the_promise_is_said_in_swedish_too(saved, browser, evening, engine):
    with transaction(engine) as db:
        db.execute(update(User).values(language="sv"))

    page = browser(Role.COORDINATOR_POLICE).get(f"/groups/{evening['groups'][0]}/messages")

    assert "sades först i dag; 4 personer har hört det för gruppen." in page.text


def test_a_group_without_violence_since_says_that_none_is_known(saved, browser, evening, violence):
    page = browser(Role.COORDINATOR_POLICE).get(f"/groups/{evening['groups'][1]}/messages")

    assert "None is known. That does not mean there was none." in _since(page)


def test_the_municipality_reads_the_promise_and_no_incident(saved, browser, evening, violence):
    page = browser(Role.COORDINATOR_MUNICIPAL).get(f"/groups/{evening['groups'][0]}/messages")

    assert "4 people heard it for the group." in page.text
    assert "Violence since then" not in page.text
    assert "Shooting" not in page.text


def test_a_persons_page_says_when_help_was_promised(saved, browser, evening):
    police = browser(Role.COORDINATOR_POLICE)

    told = police.get(f"/people/{evening['people'][LEFT]}/messages")
    away = police.get(f"/people/{evening['people'][11]}/messages")

    assert "Help was first promised today." in told.text
    assert "Help was first promised" not in away.text


def test_who_may_not_read_the_ledger_is_told_of_no_promise(saved, browser, evening):
    page = browser(Role.PROBATION).get(f"/call-ins/{evening['id']}")

    assert page.status == 200
    assert "Promised" not in page.text


def test_what_was_said_and_in_what_language_stands_in_the_form_again(saved, browser, evening):
    form = browser(Role.COORDINATOR_POLICE).get(f"/call-ins/{evening['id']}/attendance")

    chosen = [each.get("value") for each in form.all("option") if "selected" in each.attrib]
    assert "sv" in chosen
    assert "12 of 12 have an outcome." in form.text


@pytest.mark.both_databases
def test_a_correction_at_the_door_carries_on_to_everything_that_hangs_on_it(
    saved, browser, evening, engine
):
    police, url = browser(Role.COORDINATOR_POLICE), f"/call-ins/{evening['id']}"
    first, second = evening["people"][:2]
    assert came_of(engine) == (8, 12)

    tick(police, url, "Nils Ek 0", "left_early")
    page = police.get(url)

    assert "9 of 12 came, of whom 2 left early. 16 of 24 heard it" in page.text
    assert "Left early: Nils Ek 0. Until somebody says what each of them heard" in page.text
    assert "GranitPromised before 3 of themPromised to 4 people" in page.text
    assert "The police chief" not in police.get(f"/people/{first}/messages").text
    assert came_of(engine) == (7, 12)

    tick(police, url, "Nils Ek 1", "no_show")
    page = police.get(url)

    assert "8 of 12 came, of whom 2 left early. 14 of 24 heard it" in page.text
    assert "KajenPromised before 3 of themPromised to 3 people" in page.text
    assert "Contact with an attendee 0 of 8 done" in page.text
    assert "Notification after a no-show 0 of 4 done" in page.text
    assert came_of(engine) == (6, 12)
    with reading(engine) as db:
        told = set(db.scalars(select(MessageDelivery.person_id)))
        assert not told & {first, second}

    tick(police, url, "Nils Ek 0", "attended")
    assert "8 of 12 came, of whom 1 left early. 16 of 24 heard it" in police.get(url).text
    with reading(engine) as db:
        line = db.scalars(select(MessageDelivery).where(MessageDelivery.person_id == first)).one()
        assert (line.help, line.delivered_by, line.language) == (True, "The police chief", "sv")


def tick(police, url, name, outcome):
    page = police.get(f"{url}/door")
    [form] = [each for each in page.all("form") if each.get("aria-label") == name]
    fields = {box.get("name"): box.get("value") for box in form.iter(f"{NS}input")}
    assert police.post(f"{url}/door", **fields, outcome=outcome).status == 200


def came_of(engine) -> tuple[int, int]:
    """How many of how many asked stayed to the end, as the chances of coming are learned from."""
    with reading(engine) as db:
        programme = db.scalars(select(CallIn.programme_id)).one()
        operator = Viewer(programme_id=programme, user_id=None, role=None, name="tests")
        found = own_attendance(db, operator, STARTS_AT + timedelta(hours=12))
        return found.voluntary.came, found.voluntary.invited


def test_those_who_did_not_come_are_led_into_a_round(saved, browser, evening, engine):
    away = [evening["people"][number] for number in AWAY]
    with transaction(engine) as db:
        db.get_one(Person, away[0]).is_protected = True
    police, url = browser(Role.COORDINATOR_POLICE), f"/call-ins/{evening['id']}"
    begin = f"/rounds/new?call_in={evening['id']}&p={away[1]}&p={away[2]}"

    page = police.get(url)
    assert "Begin a round with the 2 who did not come" in page.text
    assert begin in page.links()
    ticked = police.get(begin).all("input", name="p", type="checkbox")
    assert {each.get("value") for each in ticked} == {str(away[1]), str(away[2])}
    assert "Begin a round" not in browser(Role.PROBATION).get(url).text


def test_what_was_heard_is_not_to_be_corrected_before_the_call_in_begins(
    browser, evening, engine, clock
):
    with transaction(engine) as db:
        db.get_one(Invitee, evening["invitees"][LEFT]).status = "left_early"
    url = f"/call-ins/{evening['id']}"

    page = browser(Role.COORDINATOR_POLICE).get(url)
    assert "What was heard is to be confirmed" in page.text
    assert "Correct attendance" not in page.text
    clock.move(days=38, hours=12)
    assert "Correct attendance" in browser(Role.COORDINATOR_POLICE).get(url).text
