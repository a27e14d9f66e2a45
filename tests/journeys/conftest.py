"""A live server with the invented town, a clock that can be moved, and a real browser."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser import chromium_arguments, chromium_path, must_have_browser
from tests.conftest import Clock
from tests.journeys.live import make_town, served

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}


@pytest.fixture(scope="session")
def town_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("town") / "town.db"
    make_town(path)
    return path


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    path = chromium_path()
    if path is None:
        if must_have_browser():
            pytest.fail("No Chromium: the journeys cannot be walked.")
        pytest.skip("NO CHROMIUM FOUND: the journeys in a browser are not tested here.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=chromium_arguments())
        yield browser
        browser.close()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def site(town_template: Path, tmp_path: Path, clock: Clock) -> Iterator[str]:
    """The address of a server of the test's own, with the invented town."""
    database = tmp_path / "town.db"
    shutil.copy(town_template, database)
    with served(database, clock) as address:
        yield address


@pytest.fixture
def as_user(chromium: Browser, site: str) -> Iterator[Callable[..., Page]]:
    """Gives a page logged in by one click: `as_user("asa")`, `as_user("maja", PHONE)`."""
    contexts = []

    def enter(username: str, size: dict[str, int] = DESK, **options: object) -> Page:
        context = chromium.new_context(
            viewport=size, base_url=site, locale="en-GB", timezone_id="Europe/Stockholm", **options
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.goto("/log-in")
        page.locator(f'button[name="username"][value="{username}"]').click()
        page.wait_for_load_state()
        return page

    yield enter
    for context in contexts:
        context.close()
