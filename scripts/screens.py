"""Take the README's pictures of the invented town anew: python -m scripts.screens."""

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.browser import chromium_arguments, chromium_path
from tests.conftest import MONDAY
from tests.journeys import walk
from tests.journeys.live import make_town, served

FOLDER = Path(__file__).parents[1] / "docs" / "screens"
DESK = {"width": 1280, "height": 960}
PHONE = {"width": 390, "height": 1560}
PICTURES = (
    ("today", "asa", DESK, "/today"),
    ("groups", "asa", DESK, "/groups/scorecard"),
    ("why", "asa", DESK, f"{walk.person(1)}/why"),
    ("my-people", "maja", PHONE, "/my-people"),
)


def main() -> None:
    """Serve the town as it is on a Monday morning and look at it."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        database = Path(folder) / "town.db"
        make_town(database)
        with served(database, lambda: MONDAY) as address, sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=chromium_path(), args=chromium_arguments()
            )
            for name, username, size, path in PICTURES:
                take(browser, address, name, username=username, size=size, path=path)
            browser.close()


def take(
    browser: Browser, address: str, name: str, *, username: str, size: dict[str, int], path: str
) -> None:
    """Take one picture, as one user sees the top of one page."""
    context = browser.new_context(viewport=size, base_url=address, locale="en-GB")
    page = context.new_page()
    page.goto("/log-in")
    with page.expect_navigation():
        page.locator(f'button[name="username"][value="{username}"]').click()
    answer = page.goto(path)
    if answer is None or not answer.ok:
        sys.exit(f"{path} is no page: no picture of it was taken.")
    page.evaluate("document.fonts.ready")
    page.screenshot(path=FOLDER / f"{name}.png")
    context.close()


if __name__ == "__main__":
    main()
