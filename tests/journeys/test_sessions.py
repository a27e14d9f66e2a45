"""A call-in in two sessions: moved apart, somebody moved by hand, and each with its own door."""

import pytest

from tests.journeys import walk
from tests.journeys.conftest import PHONE
from tests.journeys.test_call_in import everybody_is_judged_by_both
from tests.journeys.walk import choose, follow, go, press, write

pytestmark = pytest.mark.journey

NAME = "Call-in, två sessioner"


def test_two_sessions_from_the_draft_to_the_doors(as_user, clock):
    page = as_user("asa")
    page.goto("/call-ins")
    follow(page, NAME)
    address = walk.address(page)
    assert "Session 2: Thu 21 May 20:00–22:00" in walk.text(page)
    assert "Different sessions" in walk.text(page, 'section[aria-labelledby="apart"]')

    the_second_session_is_moved(page)
    moved = somebody_is_moved_with_a_reason(page)
    everybody_is_judged_by_both(as_user, address)
    page = as_user("asa")
    page.goto(address)
    press(page, "Approve")
    press(page, "Invitations are out")

    clock.move(days=80, hours=8)  # Thursday 21 May, an hour before the first begins
    door = as_user("asa", PHONE)
    door.goto(f"{address}/door")
    assert len(names_at(door)) == 2
    others = walk.text(door, 'section[aria-labelledby="others"]')
    assert f"{moved} Session 2, today 20:30" in others
    door.locator("ol.door-list button", has_text="Came").first.click()
    door.get_by_text("1 of 2 are here").wait_for()
    assert len(names_at(door)) == 2
    follow(door, "Session 2, today 20:30")
    assert len(names_at(door)) == 4
    door.locator("ol.door-list button", has_text="Came").first.click()
    door.get_by_text("1 of 4 are here").wait_for()
    assert len(names_at(door)) == 4


def names_at(door) -> list[str]:
    return door.locator("ol.door-list h2").all_inner_texts()


def the_second_session_is_moved(page) -> None:
    follow(page, "Change the sessions")
    page.locator('[name="starts_at-2"]').fill("2026-05-21T19:00")
    press(page, "Save the sessions")
    assert page.title().startswith("Error:"), "it would overlap"
    page.locator('[name="starts_at-2"]').fill("2026-05-21T20:30")
    press(page, "Save the sessions")
    assert "Session 2: Thu 21 May 20:30–22:30" in walk.text(page)


def somebody_is_moved_with_a_reason(page) -> str:
    first = page.locator("main tbody tr", has_text="session 1").first
    name = walk.single_spaced(first.locator("th a").first.inner_text())
    go(page, first.get_by_role("link", name="Another session"))
    choose(page, "session", "2")
    press(page, "Move")
    assert page.title().startswith("Error:"), "they are kept apart"
    write(page, reason="They have made peace, both say.")
    press(page, "Move")
    assert "Meet in session 2" in walk.text(page, 'section[aria-labelledby="apart"]')
    return name
