"""Away from the screen: the page is locked over what was typed, and unlocked by its user."""

import pytest

from tests.journeys.conftest import PHONE

pytestmark = pytest.mark.journey

HALF_AN_HOUR = 30 * 60


WATCH = """() => {
  window.watched = { closed: 0, shown: 0 };
  const lock = document.querySelector(".idle-lock");
  const field = document.querySelector("#f-name");
  lock.addEventListener("close", () => { window.watched.closed += 1; });
  const look = () => {
    const covers = lock.checkVisibility() && lock.getBoundingClientRect().width >= innerWidth;
    const hidden = getComputedStyle(field).visibility === "hidden";
    if (!covers || !hidden) { window.watched.shown += 1; }
  };
  // Also in the very moment of closing, before anything is painted again.
  new MutationObserver(look).observe(lock, { attributes: true });
}"""
WATCHED = "() => window.watched"


def leave(page, clock) -> None:
    """Let half an hour pass for the browser and for the server."""
    clock.move(seconds=HALF_AN_HOUR + 60)
    page.clock.fast_forward((HALF_AN_HOUR + 60) * 1000)


@pytest.fixture
def typing(as_user):
    """Henrik in the middle of a group that is not saved yet."""

    def begin(*size):
        page = as_user("henrik", *size)
        page.clock.install()
        page.goto("/groups/new")
        page.locator("#f-name").fill("Älvens vänner")
        return page

    return begin


@pytest.mark.parametrize("size", [(), (PHONE,)], ids=["desk", "phone"])
def test_the_lock_lies_over_the_page_and_gives_it_back_as_it_was(typing, clock, size):
    page = typing(*size)

    leave(page, clock)
    lock = page.get_by_role("dialog", name="Locked")
    lock.get_by_role("button", name="Unlock").wait_for()
    page.evaluate(WATCH)
    box = lock.bounding_box()
    view = page.viewport_size
    assert (box["width"], box["height"]) == (view["width"], view["height"])
    assert page.title() == "Locked"
    for _ in range(5):
        page.keyboard.press("Escape")
        assert lock.is_visible()
    assert page.evaluate(WATCHED) == {"closed": 0, "shown": 0}
    page.evaluate("document.querySelector('.idle-lock').close()")
    assert page.evaluate(WATCHED)["shown"] == 0, "also where a browser closes it all the same"
    assert lock.is_visible()

    lock.get_by_role("button", name="Unlock").click()
    lock.wait_for(state="hidden")
    assert page.locator("#f-name").input_value() == "Älvens vänner"
    page.get_by_role("button", name="Save group").click()
    page.wait_for_load_state()
    assert "/groups/" in page.url


def test_the_server_is_locked_as_well(typing, clock):
    page = typing()
    leave(page, clock)
    page.get_by_role("dialog").get_by_role("button", name="Unlock").wait_for()

    other = page.context.new_page()
    other.goto("/people")

    assert "/unlock" in other.url


def test_without_scripts_the_form_comes_back_filled(chromium, site, clock):
    context = chromium.new_context(base_url=site, locale="en-GB", java_script_enabled=False)
    page = context.new_page()
    page.goto("/log-in")
    page.locator('button[value="henrik"]').click()
    page.goto("/groups/new")
    page.locator("#f-name").fill("Älvens vänner")
    clock.move(seconds=HALF_AN_HOUR)

    page.locator("main form .save-bar button").click()
    assert "/unlock" in page.url
    page.get_by_role("button", name="Unlock").click()
    page.get_by_role("button", name="Back to the form").click()

    assert page.locator("#f-name").input_value() == "Älvens vänner"
    assert "Nothing was saved" in page.locator(".error-summary").inner_text()
    context.close()


def test_what_is_typed_as_a_passphrase_can_be_shown(chromium, site):
    page = chromium.new_context(base_url=site, locale="en-GB").new_page()
    page.goto("/log-in")
    page.locator("#passphrase").fill("en lång mening")
    page.get_by_role("button", name="Show").click()
    assert page.locator("#passphrase").get_attribute("type") == "text"
    page.get_by_role("button", name="Hide").click()
    assert page.locator("#passphrase").get_attribute("type") == "password"
    page.context.close()
