"""Without a mouse: Tab, Enter, arrows and typing are enough to log, decide and judge."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.journeys import walk

pytestmark = pytest.mark.journey

MOST_TABS = 80
FOCUS = """() => {
  const at = document.activeElement, style = getComputedStyle(at), box = at.getBoundingClientRect();
  // the calendar button inside a date field draws the browser's own ring
  const inner = !at.matches(":focus") && at.matches(":focus-within");
  return {
    name: at.getAttribute("name") || "",
    words: (at.innerText || at.getAttribute("aria-label") || "").trim(),
    href: at.getAttribute("href") || "",
    seen: box.width > 0 && box.right > 0 && box.bottom > 0 && (
      inner || at.matches(":focus-visible") && style.outlineStyle !== "none"
      && parseFloat(style.outlineWidth) > 1),
  };
}"""


def tab_to(page: Page, wanted: Callable[[dict], bool]) -> dict:
    """Press Tab until the wanted thing has the focus; every stop on the way must show it."""
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        at = page.evaluate(FOCUS)
        assert at["seen"], f"the focus cannot be seen on {at} of {page.url}"
        if wanted(at):
            return at
    raise AssertionError(f"not reached in {MOST_TABS} tabs on {page.url}")


def enter(page: Page) -> None:
    with page.expect_navigation():
        page.keyboard.press("Enter")


def test_an_incident_is_logged_and_a_colour_decided_by_keyboard_alone(as_user):
    page = as_user("asa")
    skip = tab_to(page, lambda _at: True)
    assert skip["words"] == "Skip to content"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"
    tab_to(page, lambda at: at["words"] == "Log an incident")
    enter(page)

    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    tab_to(page, lambda at: at["name"] == "kind")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    chosen = page.locator('input[name="kind"]:checked').get_attribute("value")
    assert chosen == "shooting_with_injury"
    tab_to(page, lambda at: at["name"] == "place")
    page.keyboard.type("Kajgatan 4")
    tab_to(page, lambda at: at["name"] == "gmi")
    tab_to(page, lambda at: at["words"] == "Save incident")
    enter(page)
    assert "Kajgatan 4" in walk.text(page)
    assert "GMI: Unknown" in walk.text(page)

    tab_to(page, lambda at: at["name"] == "q")
    page.keyboard.type("Nils Fors")
    enter(page)
    tab_to(page, lambda at: at["words"] == "Nils Fors")
    enter(page)
    tab_to(page, lambda at: at["words"] == "Decided colour")
    enter(page)
    tab_to(page, lambda at: at["name"] == "colour")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    tab_to(page, lambda at: at["name"] == "reason")
    page.keyboard.type("Calmer since the visit.")
    tab_to(page, lambda at: at["words"] == "Record the decision")
    enter(page)
    decided = walk.text(page, 'section[aria-labelledby="decisions"]')
    assert decided.index("Yellow") < decided.index("Calmer since the visit.")


def test_invitees_are_judged_and_their_seats_let_stand_by_keyboard_alone(as_user):
    page = as_user("asa")
    page.goto("/call-ins/4")
    tab_to(page, lambda at: at["words"] == "Judge safety")
    enter(page)
    tab_to(page, lambda at: at["words"].startswith("All that was judged"))
    judged = {}
    for _ in range(2):
        row = tab_to(page, lambda at: at["name"].startswith("judgement-"))
        page.keyboard.press("Space")
        page.keyboard.press("ArrowRight")
        judged[row["name"]] = page.evaluate("document.activeElement.value")
        tab_to(page, lambda at: at["name"].startswith("reason-"))
        page.keyboard.type("A threat heard on Friday")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert set(judged.values()) == {"no"}
    assert walk.text(page).count("Held back: Safety") == 2

    tab_to(page, lambda at: at["words"] == "Seat plan")
    enter(page)
    tab_to(page, lambda at: at["words"] == "I have looked at it: it stands")
    enter(page)
    assert "Looked at by the police" in walk.text(page)
