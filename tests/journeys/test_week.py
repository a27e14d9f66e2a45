"""One week of the programme, walked by its users (domain §5): from a shooting on Friday night to
the meeting on Wednesday. The call-in of the Thursday is in test_call_in.py."""

import re
from dataclasses import dataclass

import pytest

from tests.journeys import walk
from tests.journeys.conftest import PHONE
from tests.journeys.walk import Thumb, choose, follow, press, write

pytestmark = pytest.mark.journey

PLACE = "Norrängsvägen 21"
SUSPECT, VICTIM, LEADER = "Gustav Palm", "William Sjögren", "Maja Bergqvist"


@dataclass(frozen=True)
class Found:
    """What the week's first night left behind, by address."""

    incident: str
    suspect: str
    victim: str


def test_one_week_is_walked_from_friday_night_to_wednesday(as_user, clock):
    clock.move(days=4, hours=15, minutes=10)  # Friday 6 March, 23:40
    incident = friday_night(as_user)
    clock.move(hours=9, minutes=20)  # Saturday 09:00
    found = saturday_the_report_is_graded(as_user, incident)
    saturday_help_is_offered(as_user, found)
    clock.move(hours=25)  # Sunday 10:00
    sunday_three_visits(as_user, clock, found)
    clock.move(hours=17, minutes=30)  # Monday 9 March, 08:30
    monday_morning(as_user, found)
    clock.move(hours=5, minutes=30)  # Monday 14:00
    monday_the_card_number_rings(as_user)
    clock.move(days=1, hours=19)  # Wednesday 11 March, 09:00
    wednesday_a_colour_is_decided(as_user, found)


def friday_night(as_user) -> str:
    """Three answers on a phone: what, when, where. When is filled in already."""
    page = as_user("asa", PHONE, has_touch=True)
    hand = Thumb(page)

    hand.lands(page.locator(".bottom-bar").get_by_role("link", name="Log incident"))
    hand.tap(page.locator("label.choice", has_text="Shooting, someone hurt"))
    hand.type(page.locator('input[name="place"]'), PLACE)
    hand.lands(page.get_by_role("button", name="Save incident"))

    assert hand.taps <= 4
    assert hand.seconds <= 90
    assert walk.heading(page) == "Shooting, someone hurt"
    assert PLACE in walk.answer(page)
    assert "23:40" in walk.answer(page)
    assert "GMI: Unknown" in walk.text(page)
    return walk.address(page)


def saturday_the_report_is_graded(as_user, incident: str) -> Found:
    """A report graded B2 links somebody of Granit; a decision says that a group is likely."""
    page = as_user("henrik")
    person = involve(page, incident, SUSPECT, "suspect", certainty="probable")
    suspect, before = person, colours_of(page, person)
    victim = involve(page, incident, VICTIM, "victim", certainty="confirmed")
    page.goto(incident)
    assert "B2" in walk.row(page, SUSPECT)

    choose(page, "gmi", "likely")
    press(page, "Record the review")
    assert page.title().startswith("Error:"), "a decision needs a reason"
    assert page.locator('input[name="gmi"][value="likely"]').is_checked(), "what was chosen is kept"
    write(page, reason="The report links the car to Granit; the victim is with Lotsen.")
    press(page, "Record the review")

    assert "GMI: Likely" in walk.text(page)
    assert "The report links the car to Granit" in walk.text(page)
    can_be_done = walk.text(page, 'section[aria-labelledby="now"]')
    assert can_be_done.index("Protection") < can_be_done.index("Review")
    assert colours_of(page, suspect) == before
    return Found(incident=incident, suspect=suspect, victim=victim)


def involve(page, incident: str, name: str, role: str, *, certainty: str) -> str:
    page.goto(incident)
    follow(page, "Add somebody involved")
    write(page, person=name)
    choose(page, "role", role)
    choose(page, "certainty", certainty)
    choose(page, "grade_source", "B")
    choose(page, "grade_content", "2")
    write(page, source="Report 2026-117", ground="Mapping of Granit and Lotsen, decided 2024-03")
    press(page, "Add to the incident")
    link = page.locator("main table").get_by_role("link", name=name, exact=True)
    address = link.get_attribute("href")
    return address.rpartition("/")[2]


def colours_of(page, person: str) -> str:
    page.goto(f"/people/{person}/risk")
    return walk.text(page, 'section[aria-labelledby="decisions"]')


def saturday_help_is_offered(as_user, found: Found) -> None:
    """Karin offers the victim help and opens a case, which the police cannot open."""
    page = as_user("karin")
    page.goto(f"/people/{found.victim}/support/offers/new")
    write(page, what="Victim support and a safe place to sleep")
    choose(page, "response", "accepted")
    press(page, "Save the offer")
    assert "Victim support and a safe place to sleep" in walk.text(page)
    follow(page, "Open a case from it")
    choose_owner(page, "Maja")
    press(page, "Open the case")
    case = walk.address(page)
    assert VICTIM in walk.heading(page)

    police = as_user("asa")
    for address in (case, f"/people/{found.victim}/support", "/support"):
        answer = police.goto(address)
        assert answer.status in (403, 404), address
        assert "safe place to sleep" not in police.content()
    police.goto(f"/people/{found.victim}")
    assert "safe place to sleep" not in police.content()
    police.goto("/today")
    watch = walk.single_spaced(police.locator(".watch", has_text=PLACE).inner_text())
    assert "Victim support and a safe place the municipality's duty" in watch
    assert "1 of 1" not in watch


def sunday_three_visits(as_user, clock, found: Found) -> None:
    """Nobody home; only the family; delivered, all four parts, the card left."""
    page = as_user("asa")
    first = plan_visit(page, found, found.suspect)
    second = plan_visit(page, found, found.victim)
    page.goto("/notifications")
    follow(page, "Plan a custom notification")
    page.locator("main [name=q]").fill(LEADER)
    press(page, "Find")
    follow(page, LEADER)
    choose(page, "trigger", "after_incident")
    write(page, due_at="2026-03-08T18:00")
    third = fill_visit(page)

    clock.move(minutes=50)
    page = as_user("asa")  # the first session is locked by now
    tried(page, first, "not_home")
    assert "1 attempt" in walk.answer(page)
    assert "not delivered" in walk.answer(page)
    tried(page, second, "family_only", parts=("not_die", "help"))
    assert "the family" in walk.text(page)
    tried(page, third, "met", parts=("not_die", "not_kill", "consequences", "help"), card=True)
    assert "Delivered" in walk.text(page)
    assert "Card left" in walk.text(page)

    page.goto("/notifications")
    assert tries_and_deliveries(page, SUSPECT) == ("1", "0")
    assert tries_and_deliveries(page, VICTIM) == ("1", "0")
    assert tries_and_deliveries(page, LEADER) == ("1", "1")


def tries_and_deliveries(page, name: str) -> tuple[str, ...]:
    return tuple(page.locator("main tr", has_text=name).first.locator("td.num").all_inner_texts())


def plan_visit(page, found: Found, person: int) -> str:
    page.goto(found.incident)
    walk.go(page, page.locator(f'main a[href$="person={person}"][href*="/notifications/new"]'))
    assert page.locator('input[name="trigger"][value="after_incident"]').is_checked()
    assert page.locator('[name="due_at"]').input_value() == "2026-03-08T23:40", "within 48 hours"
    return fill_visit(page)


def fill_visit(page) -> str:
    write(
        page,
        place="At home",
        team="Area police and social services",
    )
    press(page, "Plan it")
    follow(page, "Check the risk")
    for question in ("home_conflict", "children_present", "victim_of_own_group"):
        choose(page, question, "no")
    choose(page, "outcome", "go")
    write(page, reason="No children at home after 16.")
    press(page, "Sign the check")
    press(page, "Approve")
    assert "Approved" in walk.text(page)
    return walk.address(page)


def tried(page, visit: str, outcome: str, *, parts: tuple[str, ...] = (), card: bool = False):
    page.goto(visit)
    follow(page, "Record an attempt")
    choose(page, "outcome", outcome)
    choose(page, "parts", *parts)
    write(page, when="2026-03-08T10:45", delivered_by="Area police, social services")
    if card:
        page.locator('[name="card_left"]').check()
    press(page, "Save the attempt")


def monday_morning(as_user, found: Found) -> None:
    """Today tells the weekend; the review confirms and decides who does what by when."""
    page = as_user("asa")
    assert page.url.endswith("/today")
    told = walk.text(page)
    assert "1 incident since last time" in walk.answer(page)
    assert "Fri 6 Mar 16:00" in told
    assert "3 attempts" in told
    ledger = walk.text(page, ".ledger")
    assert re.search(r"notification delivered 1 3 attempts", ledger), ledger
    assert PLACE in walk.text(page, 'section[aria-labelledby="watch"]')

    page.goto(found.incident)
    choose(page, "gmi", "confirmed")
    choose(page, "status", "reviewed")
    write(page, reason="Shooting review: two independent reports.")
    press(page, "Record the review")
    assert "GMI: Confirmed" in walk.text(page)

    page.goto("/due")
    follow(page, "Add an action")
    write(page, text="Say who owns the conflict Granit–Lotsen", due_at="2026-03-13T15:00")
    choose_owner(page, "Göran")
    press(page, "Add the action")
    page.goto("/due")
    line = walk.row(page, "Say who owns the conflict")
    assert "Göran" in line
    assert "Fri 13 Mar" in line


def choose_owner(page, name: str) -> None:
    options = page.locator('select[name="owner"] option').all_inner_texts()
    page.locator('select[name="owner"]').select_option(
        label=next(each for each in options if name in each)
    )


def monday_the_card_number_rings(as_user) -> None:
    """Maja logs the call; the police sees that somebody rang, and nothing else."""
    before = calls_shown(as_user("asa"))
    page = as_user("maja", PHONE)
    follow(page, "Log a call")
    write(page, caller="Yxan, 070-000 00 00", note="Wants to meet today, without his parents.")
    choose(page, "heard_through", "card")
    press(page, "Save the call")
    page.goto("/my-people")
    assert "Yxan" in walk.text(page, 'section[aria-labelledby="calls"]')

    police = as_user("asa")
    assert calls_shown(police) == before + 1
    for address in ("/today", "/due"):
        police.goto(address)
        assert "Yxan" not in police.content()
    assert police.goto("/calls").status == 403


def calls_shown(page) -> int:
    """How many calls the police coordinator's ledger counts."""
    page.goto("/today")
    figure = page.locator(".ledger div", has_text="number on the card")
    return int(figure.locator("dd").first.inner_text())


def wednesday_a_colour_is_decided(as_user, found: Found) -> None:
    page = as_user("asa")
    page.goto(f"/people/{found.suspect}/risk")
    choose(page, "colour", "red")
    write(page, expires_on="2026-03-11")
    press(page, "Record the decision")
    assert page.title().startswith("Error:")
    assert page.locator('input[value="red"]').is_checked(), "what was chosen is kept"

    write(page, reason="Named in two reports; retaliation is likely.", expires_on="2026-04-01")
    press(page, "Record the decision")
    decided = walk.text(page, 'section[aria-labelledby="decisions"]')
    assert "Red" in decided
    assert "Named in two reports" in decided
    assert "holds until Wed 1 Apr" in decided
    assert "Åsa Öberg" in decided
