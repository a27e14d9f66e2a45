"""The door of a call-in: one tick at a time, saved at once, and never over another's unseen."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from gvi.domain.access import Role
from gvi.store.engine import reading, transaction
from gvi.store.models import (
    Action,
    CallIn,
    CustomNotification,
    Invitee,
    MessageDelivery,
    Person,
    StatusChange,
    User,
)
from tests import factories as make
from tests.client import NS
from tests.conftest import MONDAY

POLICE, PROBATION = Role.COORDINATOR_POLICE, Role.PROBATION
STARTS_AT = datetime(2026, 4, 9, 15, 30, tzinfo=UTC)
DAY = timedelta(days=1)
OPENED = {"days": 38, "hours": 7}
"""From the tests' Monday to an hour before the call-in begins."""


@pytest.fixture
def evening(engine, programme):
    """Five invitees, of whom one is not cleared; Lom is a client of the probation officer."""
    with transaction(engine) as db:
        users = {user.role: user.id for user in db.query(User)}
        call_in = CallIn(
            programme_id=programme,
            name="Call-in 4",
            status="invited",
            starts_at=STARTS_AT,
            seats=8,
            approved_at=MONDAY,
            approved_by_id=users["coordinator_police"],
            created_at=MONDAY,
        )
        db.add(call_in)
        db.flush()
        people = {}
        for code_name, status in (
            ("Lom", "confirmed"),
            ("Alka", "invited"),
            ("Mes", "invited"),
            ("Siska", "excused"),
            ("Trast", "proposed"),
        ):
            person = make.a_person(db, programme, MONDAY, code_name, name=f"Name of {code_name}")
            make.an_invitee(db, call_in, person, status=status)
            people[code_name] = person.id
            if code_name == "Lom":
                make.a_client(db, MONDAY, person, users["probation"])
        return {"id": call_in.id, "url": f"/call-ins/{call_in.id}/door", **people}


@pytest.fixture
def door(browser, evening, clock):
    """Gives what a role sees of the door an hour before the call-in begins."""
    clock.move(**OPENED)

    def of(role=POLICE) -> Door:
        return Door(browser(role), evening["url"])

    return of


class Door:
    """The door list as one user has it open; it is only as new as it was last loaded."""

    def __init__(self, browser, url) -> None:
        self.browser, self.url = browser, url
        self.load()

    def load(self):
        self.page = self.browser.get(self.url)
        return self

    def rows(self):
        return {
            item.find(f".//{NS}h2").text: " ".join("".join(item.itertext()).split())
            for item in self.page.all("li")
            if item.find(f".//{NS}h2") is not None
        }

    def tick(self, code_name: str, outcome: str, **other):
        [form] = [
            form
            for form in self.page.all("form", action=self.url)
            if form.get("aria-label") == f"Name of {code_name}"
        ]
        fields = {box.get("name"): box.get("value") for box in form.iter(f"{NS}input")}
        self.sent = fields | {"outcome": outcome} | other
        return self.send(self.sent)

    def send(self, fields):
        self.page = self.browser.post(self.url, **fields)
        return self.page


def outcomes(engine, evening):
    with reading(engine) as db:
        found = {row.person_id: row.status for row in db.scalars(select(Invitee))}
    return {name: found[evening[name]] for name in ("Lom", "Alka", "Mes", "Siska", "Trast")}


def test_those_who_are_cleared_are_expected_by_name_and_nothing_else(door):
    rows = door().rows()

    assert list(rows) == ["Name of Alka", "Name of Lom", "Name of Mes", "Name of Siska"]
    assert "Not here yet" in rows["Name of Lom"]
    assert "Excused" in rows["Name of Siska"]


def test_a_tick_is_saved_at_once_with_what_follows_and_the_call_in_is_still_to_be_recorded(
    door, engine, evening
):
    page = door().tick("Lom", "attended")

    assert page.status == 200
    assert "1 of 4 are here; 2 have no tick yet." in page.text
    with reading(engine) as db:
        contact = db.scalars(select(Action).where(Action.kind == "attendee_contact")).one()
        assert (contact.person_id, contact.status) == (evening["Lom"], "decided")
        assert db.scalars(select(CallIn.status)).one() == "invited"
        assert db.scalars(select(MessageDelivery)).all() == []


@pytest.mark.both_databases
def test_every_outcome_is_ticked_and_taken_back_with_all_that_follows(door, engine, evening, clock):
    clock.move(hours=2)
    at_door = door()
    for name, outcome in (
        ("Lom", "attended"),
        ("Lom", "left_early"),
        ("Alka", "no_show"),
        ("Mes", "turned_away"),
        ("Siska", "attended"),
    ):
        assert at_door.tick(name, outcome).status == 200
    found = outcomes(engine, evening)
    assert found == {
        "Lom": "left_early",
        "Alka": "no_show",
        "Mes": "turned_away",
        "Siska": "attended",
        "Trast": "proposed",
    }
    assert "What was heard is to be confirmed" in at_door.rows()["Name of Lom"]

    for name in ("Lom", "Alka", "Mes", "Siska"):
        assert at_door.tick(name, "undo").status == 200

    found = outcomes(engine, evening)
    assert (found["Lom"], found["Alka"], found["Mes"]) == ("confirmed", "invited", "invited")
    with reading(engine) as db:
        assert set(db.scalars(select(Action.status))) == {"dropped"}
        assert set(db.scalars(select(CustomNotification.status))) == {"cancelled"}


@pytest.mark.both_databases
def test_a_tick_that_is_sent_twice_acts_once(door, engine):
    at_door = door()
    at_door.tick("Lom", "attended")
    sent = at_door.sent
    at_door.tick("Lom", "undo")

    assert at_door.send(sent).status == 200

    with reading(engine) as db:
        trail = db.scalars(select(StatusChange.new).where(StatusChange.thing == "invitee")).all()
    assert trail == ["attended", "confirmed"], "the late copy of the first tick does nothing"


@pytest.mark.both_databases
def test_two_tablets_never_overwrite_each_other_unseen(door, engine, evening):
    one, other = door(), door(Role.COORDINATOR_MUNICIPAL)
    one.tick("Alka", "turned_away")

    page = other.tick("Alka", "attended")

    assert page.status == 409
    assert "Name of Alka was ticked by somebody else meanwhile: Turned away." in page.text
    assert outcomes(engine, evening)["Alka"] == "turned_away"
    assert other.tick("Alka", "attended").status == 200, "seen, it may be changed"
    assert one.tick("Alka", "attended").status == 200, "what is so already is done"
    with reading(engine) as db:
        changes = select(StatusChange.new).where(StatusChange.thing == "invitee")
        assert db.scalars(changes).all() == ["turned_away", "attended"]


@pytest.mark.both_databases
def test_an_undo_that_waited_never_takes_back_what_another_tablet_ticked(door, engine, evening):
    one, other = door(), door(Role.COORDINATOR_MUNICIPAL)
    [after] = [
        button.get("data-seen")
        for form in one.page.all("form", action=evening["url"])
        for button in form.iter(f"{NS}button")
        if form.get("aria-label") == "Name of Lom" and button.get("value") == "attended"
    ]
    waiting = Door(one.browser, evening["url"])
    other.tick("Lom", "attended")

    assert one.tick("Lom", "attended").status == 200, "it is so already"
    page = waiting.tick("Lom", "undo", seen=after)

    assert page.status == 409
    assert "Name of Lom was ticked by somebody else meanwhile" in page.text
    assert outcomes(engine, evening)["Lom"] == "attended"

    alka = Door(one.browser, evening["url"])
    one.load().tick("Alka", "attended")
    assert alka.tick("Alka", "undo", seen=after).status == 200, "one's own waits as before"
    assert outcomes(engine, evening)["Alka"] == "invited"


def test_nobody_stays_away_from_what_has_not_begun(door, engine, evening):
    at_door = door()
    assert "Did not come" not in at_door.page.text

    page = at_door.tick("Lom", "no_show")

    assert page.status == 422
    assert "The call-in has not begun." in page.text


def test_the_door_opens_three_hours_before(browser, evening, clock):
    clock.move(days=38, hours=4)
    page = browser(POLICE).get(evening["url"])

    assert "It opens today 14:30, three hours before the call-in begins." in page.text
    assert not page.all("form", action=evening["url"])


def test_probation_ticks_its_own_clients_only(door, evening, engine):
    at_door = door(PROBATION)
    assert list(at_door.rows()) == ["Name of Lom"]
    [alka] = [
        box.get("value")
        for form in door().page.all("form", action=evening["url"])
        for box in form.iter(f"{NS}input")
        if form.get("aria-label") == "Name of Alka" and box.get("name") == "who"
    ]

    assert at_door.tick("Lom", "attended", who=alka).status == 404
    at_door.load()
    assert at_door.tick("Lom", "attended").status == 200
    found = outcomes(engine, evening)
    assert (found["Lom"], found["Alka"]) == ("attended", "invited")


def test_who_is_barred_or_held_back_by_now_is_counted_at_the_door_and_never_named(
    door, engine, evening
):
    at_door = door()
    with transaction(engine) as db:
        db.get(Person, evening["Lom"]).is_exit_client = True
        db.get(Person, evening["Mes"]).is_protected = True
        alka = db.scalars(select(Invitee).where(Invitee.person_id == evening["Alka"])).one()
        db.add(make.a_no(alka, MONDAY))

    assert at_door.tick("Lom", "attended").status == 404, "on a page that is older"
    page = at_door.load().page

    assert list(at_door.rows()) == ["Name of Siska"]
    assert "3 more are not to be let in" in page.text
    assert not any(name in page.html for name in ("Lom", "Mes", "Alka"))
    assert list(door(PROBATION).rows()) == []
    assert outcomes(engine, evening)["Lom"] == "confirmed"


def test_a_key_nobody_made_ticks_nobody(door, engine, evening):
    at_door = door()

    assert at_door.tick("Lom", "attended", who="a" * 26).status == 404
    assert outcomes(engine, evening)["Lom"] == "confirmed"


def test_postponing_asks_anew_who_was_ticked(door, evening, engine, browser):
    door().tick("Lom", "attended")

    page = browser(POLICE).post(
        f"/call-ins/{evening['id']}/postpone", starts_at="2026-04-16T17:30", reason="A shooting"
    )

    assert "Moved, with the reason." in page.text
    assert outcomes(engine, evening)["Lom"] == "invited"
    with reading(engine) as db:
        contact = db.scalars(select(Action).where(Action.kind == "attendee_contact")).one()
        assert (contact.status, contact.outcome) == ("dropped", "A shooting")


def test_what_is_opened_again_is_due_by_the_day_the_call_in_was_held(
    door, evening, engine, browser, clock
):
    clock.move(hours=2)
    for name, outcome in (("Lom", "attended"), ("Alka", "no_show")):
        door().tick(name, outcome)
    for day in ("2026-06-18", "2026-04-16"):
        page = browser(POLICE).post(
            f"/call-ins/{evening['id']}/postpone", starts_at=f"{day}T17:30", reason="A threat"
        )
        assert page.status == 200
    with transaction(engine) as db:
        db.scalars(select(CallIn)).one().status = "approved"
    clock.move(days=7)

    for name, outcome in (("Lom", "attended"), ("Alka", "no_show")):
        door().tick(name, outcome)

    with reading(engine) as db:
        contact = db.scalars(select(Action).where(Action.kind == "attendee_contact")).one()
        visit = db.scalars(select(CustomNotification)).one()
        assert (contact.status, contact.due_at) == ("decided", STARTS_AT + 10 * DAY)
        assert (visit.status, visit.due_at) == ("planned", STARTS_AT + 21 * DAY)
