"""Outreach on a phone: nothing typed is lost, and the next day of contact orders the list."""

import pytest

from tests.journeys import walk
from tests.journeys.conftest import PHONE
from tests.journeys.walk import Thumb, choose, follow, press, write

pytestmark = pytest.mark.journey


def clients(page) -> list[str]:
    page.goto("/my-people")
    return page.locator('section[aria-labelledby="due"] .client-list h3').all_inner_texts()


def card(page, name: str):
    return page.locator('section[aria-labelledby="due"] .client-list > li', has_text=name)


def test_a_draft_is_kept_and_offered_again(as_user):
    page = as_user("maja", PHONE, has_touch=True)
    name = clients(page)[0]
    follow(page, f"Log {name}")
    write(page, note="He asked about the flat; his mother")
    page.get_by_text("Kept as a draft.").wait_for()

    page = as_user("maja", PHONE, has_touch=True)
    assert "You began to write about a contact" in walk.single_spaced(card(page, name).inner_text())
    follow(page, f"Go on with the draft {name}")
    assert page.locator('[name="note"]').input_value() == "He asked about the flat; his mother"
    choose(page, "mode", "phone")
    press(page, "Save contact")
    assert card(page, name).get_by_role("link", name="Go on with the draft").count() == 0


def test_the_next_contact_moves_a_person_in_my_people(as_user):
    page = as_user("maja", PHONE, has_touch=True)
    before = clients(page)
    name = before[0]
    hand = Thumb(page)
    hand.lands(page.get_by_role("link", name=f"Log {name}"))
    hand.tap(page.locator('label.choice:has(input[name="mode"][value="in_person"])'))
    hand.tap(page.locator('label.choice:has(input[name="next"][value="7"])'))
    hand.lands(page.get_by_role("button", name="Save contact"))

    assert hand.taps <= 6
    after = clients(page)
    assert sorted(after) == sorted(before)
    assert after.index(name) > 0, "who was met goes down the list"
    said = walk.single_spaced(card(page, name).inner_text())
    assert "0 d" in said
    assert "Mon 9 Mar" in said
    assert page.locator("[data-score]").count() == 0
