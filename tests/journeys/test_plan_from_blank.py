"""The next call-in planned from a blank start, by somebody who has read only the README."""

from dataclasses import dataclass

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.journeys import walk
from tests.journeys.conftest import PHONE
from tests.journeys.walk import follow, press

pytestmark = pytest.mark.journey

KEY_S = 0.28
"""A letter by somebody who types little; pointing and thinking as in `walk`."""
READ_S = 45.0
"""What a page of the planner is given to be read."""
WITHIN_S = 600.0


@dataclass
class Hand:
    """A hand at a desk, which counts how long a person would need for what it does."""

    page: Page
    seconds: float = 0.0

    def point(self) -> None:
        self.seconds += walk.THINK_S + walk.TAP_S

    def follow(self, name: str, inside: str = "main") -> None:
        self.point()
        follow(self.page, name, inside=inside)

    def press(self, name: str) -> None:
        self.point()
        press(self.page, name)

    def open(self, summary: str) -> None:
        self.point()
        self.page.locator("summary", has_text=summary).first.click()

    def write(self, label: str, words: str) -> None:
        self.point()
        self.seconds += len(words) * KEY_S
        self.page.get_by_label(label, exact=True).fill(words)

    def counts(self, act) -> None:
        """Change something in the planner, and wait until the server has counted it."""
        self.point()
        before = self.page.url
        act()
        expect(self.page).not_to_have_url(before)

    def reads(self) -> None:
        self.seconds += READ_S


def test_the_next_call_in_is_planned_within_ten_minutes_from_the_front_page(as_user):
    page = as_user("asa")
    page.goto("/")
    hand = Hand(page)

    it_is_drafted(hand)
    rules_are_set(hand)
    the_best_plan_is_ticked_and_changed(hand)
    the_plan_is_saved(hand)

    assert hand.seconds < WITHIN_S


def it_is_drafted(hand: Hand) -> None:
    hand.follow("Call-ins", inside="nav")
    hand.follow("Plan a call-in")
    hand.write("Name", "Call-in 5")
    hand.write("When?", "2026-04-09T17:30")
    hand.write("Venue", "The old arena")
    hand.write("Seats", "8")
    for group in ("Granit", "Kajen"):
        hand.point()
        hand.page.get_by_label(group, exact=True).check()
    hand.press("Save call-in")
    hand.follow("Choose invitees")
    hand.reads()


def rules_are_set(hand: Hand) -> None:
    """Both groups get at least three of the eight seats, and two people are not to meet."""
    page = hand.page
    hand.open("Rules of the best plan")
    for group in ("Granit", "Kajen"):
        field = (
            page.locator("#rules")
            .get_by_label(group, exact=True)
            .and_(page.locator("[type=number]"))
        )
        hand.counts(lambda field=field: (field.fill("3"), field.blur()))
    best = page.locator('input[name="p"]:checked')
    one, other = (best.nth(place).get_attribute("value") for place in (0, best.count() - 1))
    hand.open("People to be kept apart")
    hand.point()
    page.locator('select[name="apart_one"]').select_option(one)
    hand.counts(lambda: page.locator('select[name="apart_other"]').select_option(other))
    expect(page.locator('input[name="apart"]')).to_be_checked()
    hand.reads()


def the_best_plan_is_ticked_and_changed(hand: Hand) -> None:
    """Reach follows every box without a button, and the last change is undone."""
    page = hand.page
    hand.follow("Tick these")
    best = walk.answer(page)
    assert "No plan within these rules reaches more." in best
    assert page.locator('input[name="p"]:checked').count() <= 8
    assert page.locator('[data-live="ticked"] tbody tr').count() > 5

    hand.counts(page.locator('input[name="p"]:checked').first.uncheck)
    expect(page.locator(".answer")).not_to_have_text(best)
    hand.follow("Undo the last change of ticks")
    assert walk.answer(page) == best
    hand.reads()


def the_plan_is_saved(hand: Hand) -> None:
    page = hand.page
    number = page.locator('input[name="p"]:checked').count()
    hand.press("Save as proposed")
    assert f"{number} of 8 seats" in walk.text(page)
    hand.press("Approve")
    assert "Approved" in walk.text(page, "aside")


def test_reach_is_counted_by_a_button_without_scripts_and_at_once_with_them(as_user):
    for scripts in (True, False):
        page = as_user("asa", PHONE, java_script_enabled=scripts)
        page.goto("/call-ins")
        follow(page, "Call-in 4")
        follow(page, "Choose invitees")
        before = walk.answer(page)
        box: Locator = page.locator('input[name="p"]:checked').first
        box.uncheck()
        if scripts:
            expect(page.locator(".answer")).not_to_have_text(before)
        else:
            press(page, "Count again")
        assert walk.answer(page).startswith("Your 8 reach")
