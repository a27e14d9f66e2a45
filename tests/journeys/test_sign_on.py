"""Single sign-on in a browser: through the provider's own pages, back, locked, unlocked and out."""

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.journeys.conftest import DESK, PHONE
from tests.journeys.live import served
from tests.provider import free_port, running_provider

pytestmark = pytest.mark.journey

HALF_AN_HOUR_MS = 31 * 60 * 1000
WITH = "Log in with Älvstad"


@pytest.fixture
def site(town_template: Path, tmp_path: Path) -> Iterator[str]:
    """The invented town beside a provider; both go by the machine's clock."""
    database = tmp_path / "town.db"
    shutil.copy(town_template, database)
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    with (
        running_provider(address) as provider,
        served(database, lambda: datetime.now(UTC), port=port, **provider.settings(address)),
    ):
        yield address


@pytest.fixture
def at_door(chromium, site) -> Iterator[Callable[..., Page]]:
    """A browser of nobody yet, before the log-in page."""
    contexts = []

    def come(size: dict[str, int] = DESK, **options: object) -> Page:
        context = chromium.new_context(
            viewport=size, base_url=site, locale="en-GB", timezone_id="Europe/Stockholm", **options
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.goto("/log-in")
        return page

    yield come
    for context in contexts:
        context.close()


def log_in_there(page: Page, name: str) -> None:
    """Fill in the provider's own pages."""
    page.locator('input[name="login"]').fill(name)
    page.locator('input[name="password"]').fill("any")
    page.get_by_role("button", name="Sign-in").click()
    page.wait_for_load_state()
    agree = page.get_by_role("button", name="Continue")
    if agree.count():
        agree.click()


def link(page: Page, username: str, name: str) -> None:
    """Come in by a click, and have the provider let one in from now on."""
    page.locator(f'button[name="username"][value="{username}"]').click()
    page.goto("/account")
    page.get_by_role("button", name="Link with Älvstad").click()
    assert not violations(page)
    page.get_by_role("link", name="Go to Älvstad").click()
    log_in_there(page, name)
    page.get_by_text("Linked. From now on you can log in there.").wait_for()


def violations(page: Page) -> list[str]:
    result = Axe().run(page, options={"resultTypes": ["violations"]})
    return [each["id"] for each in result.response["violations"]]


@pytest.mark.parametrize(
    ("size", "scripts"), [(DESK, True), (PHONE, True), (PHONE, False)], ids=str
)
def test_linked_once_one_comes_in_through_the_provider_and_leaves_it_too(at_door, size, scripts):
    link(at_door(), "henrik", "henrik@alvstad")
    page = at_door(size, java_script_enabled=scripts)
    if scripts:
        assert not violations(page)

    page.goto("/log-in?next=/method")
    page.get_by_role("link", name=WITH).click()
    log_in_there(page, "henrik@alvstad")
    page.wait_for_url("**/method")
    page.goto("/account")
    assert "you can log in with Älvstad" in page.locator("main").inner_text()

    page.locator('form[action="/log-out"] button').first.evaluate("b => b.form.submit()")
    page.wait_for_url("**/log-in?left")
    page.get_by_role("link", name="Log out at Älvstad, too").click()
    page.get_by_role("button", name="Yes, sign me out").click()
    page.wait_for_url("**/log-in")
    assert page.get_by_role("link", name=WITH).is_visible()


def test_a_stranger_is_told_calmly_what_to_do(at_door):
    page = at_door(PHONE)
    page.get_by_role("link", name=WITH).click()
    log_in_there(page, "a stranger")

    page.get_by_text("opens nothing here yet").wait_for()
    assert page.url.endswith("/log-in?provider=unlinked")
    assert not violations(page)


def test_the_lock_over_a_page_is_opened_at_the_provider_and_nothing_typed_is_lost(at_door):
    link(at_door(), "henrik", "henrik@alvstad")
    page = at_door()
    page.get_by_role("link", name=WITH).click()
    log_in_there(page, "henrik@alvstad")
    page.clock.install()
    page.goto("/groups/new")
    page.locator("#f-name").fill("Älvens vänner")
    page.clock.fast_forward(HALF_AN_HOUR_MS)
    lock = page.get_by_role("dialog", name="Locked")

    with page.context.expect_page() as opened:
        lock.get_by_role("link", name="Prove it at Älvstad").click()
    there = opened.value
    log_in_there(there, "henrik@alvstad")
    there.wait_for_url("**/network")
    there.close()
    page.bring_to_front()
    page.evaluate("window.dispatchEvent(new Event('focus'))")

    lock.wait_for(state="hidden")
    assert page.locator("#f-name").input_value() == "Älvens vänner"
    page.get_by_role("button", name="Save group").click()
    page.wait_for_load_state()
    assert "/groups/" in page.url
