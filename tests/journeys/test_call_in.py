"""A call-in from the Thursday on which it is planned to the last thing that follows it."""

import pytest

from tests.journeys import walk
from tests.journeys.conftest import PHONE
from tests.journeys.walk import Thumb, choose, follow, press, write

pytestmark = pytest.mark.journey

NAME = "Call-in 5"
OWN_CLIENT = "Melvin Björk"
"""At the core of Granit; Maja works with him."""
ALL_PARTS = ("not_die", "not_kill", "consequences", "help")
SPEAKERS = ("A mother", "A former member", "Police chief", "Social services")


def test_a_call_in_is_planned_held_and_followed_up(as_user, clock):
    clock.move(days=10, hours=1)  # Thursday 12 March, 09:30
    page = as_user("asa")
    address = thursday_it_is_planned(page)
    tick_invitees(page, address)
    everybody_is_judged_by_both(as_user, address)
    page.goto(address)
    approve_and_invite(page)
    it_is_postponed_a_week(page, address)

    clock.move(days=35, hours=10, minutes=30)  # Thursday 16 April, 21:00: it was held at 17:30
    page = as_user("asa")
    came = attendance_is_recorded(page, address)
    what_follows_stands_in_due(page, came)

    clock.move(hours=13)  # Friday 17 April, 10:00
    maja_logs_the_contact_in_six_taps(as_user)
    page = as_user("asa")
    page.goto(address)
    assert "1 of 4 done" in walk.text(page, 'section[aria-labelledby="follow"]')


def thursday_it_is_planned(page) -> str:
    page.goto("/call-ins")
    follow(page, "Plan a call-in")
    press(page, "Save call-in")
    assert page.title().startswith("Error:")
    write(page, name=NAME, venue="The old arena", seats="6", starts_at="2026-04-09T17:30")
    for group in ("Granit", "Lotsen"):
        page.get_by_label(group, exact=True).check()
    press(page, "Save call-in")
    assert walk.heading(page) == NAME
    assert "Nobody is invited yet" in walk.text(page)
    return walk.address(page)


def tick_invitees(page, address: str) -> None:
    """The plans stand side by side; ticking invites nobody until it is saved by name."""
    follow(page, "Choose invitees")
    page.locator("#rules > summary").click()
    page.get_by_label("Granit – Lotsen").check()
    press(page, "Count again")
    follow(page, "Tick these")
    yours = plan_row(page, "Reached if all come")
    assert yours[0] == yours[1], "the best plan is ticked"

    page.goto(address)
    assert "Nobody is invited yet" in walk.text(page)
    page.go_back()
    tick(page, OWN_CLIENT)
    press(page, "Count again")
    press(page, "Save as proposed")
    assert page.title().startswith("Error:"), "rivals in one room need a reason"
    assert person_box(page, OWN_CLIENT).is_checked()
    write(page, rivals_reason="Separate entrances and seats; both groups are to hear it together.")
    press(page, "Save as proposed")
    assert "6 of 6 seats" in walk.text(page)
    assert OWN_CLIENT in walk.text(page)


def plan_row(page, name: str) -> list[str]:
    cells = page.locator("main tr", has=page.get_by_role("rowheader", name=name)).locator("td")
    return [walk.single_spaced(each) for each in cells.all_inner_texts()]


def person_box(page, name: str):
    return page.locator("label.choice", has_text=name).locator('input[name="p"]')


def tick(page, name: str) -> None:
    """Tick one person, taking another away where all seats are taken."""
    box = person_box(page, name)
    if box.is_checked():
        return
    page.locator('input[name="p"]:checked').last.uncheck()
    closed = page.locator("details:not([open])", has=box)
    while closed.count():
        closed.first.locator("> summary").click()
    box.check()


def everybody_is_judged_by_both(as_user, address: str) -> None:
    """The police judge who is safe, the municipality of whom it may be known."""
    for user, kind in (("asa", "Safety"), ("karin", "Secrecy")):
        page = as_user(user)
        page.goto(address)
        invitees = page.get_by_role("link").filter(has_text="To judge").filter(has_text=kind)
        while invitees.count():
            invitees.first.click()
            choose(page, "judgement", "yes")
            write(page, reason="Gone through together on Wednesday.")
            press(page, "Sign the judgement")
            page.goto(address)


def approve_and_invite(page) -> None:
    press(page, "Approve")
    assert "Åsa Öberg" in walk.text(page, "aside")
    press(page, "Invitations are out")
    assert page.locator("main tbody tr", has_text="Invited").count() == 6
    press(page, "Said yes")
    assert page.locator("main tbody tr", has_text="Said yes").count() >= 1


def it_is_postponed_a_week(page, address: str) -> None:
    """The new day stands everywhere, the debrief moves along, and it is approved again by name."""
    page.goto("/due")
    assert "Thu 9 Apr 17:30" in walk.row(page, f"Prepare {NAME}")
    assert "Thu 16 Apr 17:30" in walk.row(page, f"Debrief {NAME}")
    page.goto(address)
    follow(page, "Postpone")
    write(page, starts_at="2026-04-16T17:30")
    press(page, "Postpone")
    assert page.title().startswith("Error:"), "moving it needs a reason"
    write(page, reason="The arena is not free.")
    press(page, "Postpone")
    assert "Thu 16 Apr 17:30" in walk.text(page)
    assert "The arena is not free." in walk.text(page)
    press(page, "Approve")
    press(page, "Invitations are out")
    page.goto("/due")
    assert "Thu 16 Apr 17:30" in walk.row(page, f"Prepare {NAME}")
    assert "Thu 23 Apr 17:30" in walk.row(page, f"Debrief {NAME}")


def attendance_is_recorded(page, address: str) -> list[str]:
    """Four came, one of them left early; one stayed away, one was excused."""
    page.goto(address)
    follow(page, "Record who came")
    for part, speaker in zip(ALL_PARTS, SPEAKERS, strict=True):
        page.locator(f"#f-by-{part}").fill(speaker)
    names = [
        walk.single_spaced(each).split(" · ")[0]
        for each in page.locator('fieldset:has(input[name^="outcome-"]) legend').all_inner_texts()
    ]
    assert len(names) == 6
    names.remove(OWN_CLIENT)
    names.insert(0, OWN_CLIENT)
    outcomes = ["attended"] * 3 + ["left_early", "no_show", "excused"]
    for name, outcome in zip(names, outcomes, strict=True):
        outcome_of(page, name, outcome)
    page.get_by_text(f"Left early: what did {names[3]} hear?").click()
    page.locator("details[open]").get_by_label("We do not want you to die").check()
    press(page, "Save attendance")
    assert "4 of 6 came, of whom 1 left early." in walk.text(page, ".answer")
    assert "4 of 4 parts" in walk.row(page, OWN_CLIENT)
    assert "1 of 4 parts" in walk.row(page, names[3])
    return names


def outcome_of(page, name: str, outcome: str) -> None:
    box = page.locator("fieldset", has=page.locator("legend", has_text=name))
    box.locator(f'input[name^="outcome-"][value="{outcome}"]').check()


def what_follows_stands_in_due(page, names: list[str]) -> None:
    """A contact for each who came, a visit to who stayed away, the debrief; each with its day."""
    follows = walk.text(page, 'section[aria-labelledby="follow"]')
    assert "Contact with an attendee 0 of 4 done" in follows
    assert "Notification after a no-show 0 of 1 done" in follows

    page.goto("/due?q=attendee")
    rows = page.locator("main tbody tr", has_text="Sun 19 Apr 17:30")
    assert rows.count() == 4, "within 72 hours"
    page.goto("/due")
    assert "Thu 30 Apr 17:30" in walk.row(page, names[4]), "within 14 days"
    assert "Thu 23 Apr 17:30" in walk.row(page, f"Debrief {NAME}"), "within 7 days"
    page.goto("/notifications")
    assert "Did not come to a call-in" in walk.row(page, names[4])


def maja_logs_the_contact_in_six_taps(as_user) -> None:
    page = as_user("maja", PHONE, has_touch=True)
    assert "Contact with an attendee" in walk.text(page)
    follow(page, f"Open a case {OWN_CLIENT}")
    press(page, "Open the case")
    page.goto("/due")
    mine = page.locator("main tbody tr", has_text="Sun 19 Apr 17:30").count()
    page.goto("/my-people")

    hand = Thumb(page)
    hand.lands(page.get_by_role("link", name=f"Log {OWN_CLIENT}"))
    hand.tap(page.locator('label.choice:has(input[name="mode"][value="in_person"])'))
    hand.tap(page.locator('label.choice:has(input[name="minutes"][value="30"])'))
    hand.lands(page.get_by_role("button", name="Save contact"))

    assert hand.taps <= 6
    assert page.url.endswith("/my-people?done=contact")
    page.goto("/due")
    assert page.locator("main tbody tr", has_text="Sun 19 Apr 17:30").count() == mine - 1
