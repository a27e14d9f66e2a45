"""What somebody does on a page, in the words of the journeys."""

import re
from dataclasses import dataclass, field

from playwright.sync_api import Locator, Page

from gvi.web.opaque import Keys
from tests.conftest import SECRET_KEY

TAP_S = 1.1
KEY_S = 0.6
THINK_S = 1.35
"""Keystroke-level model (Card, Moran and Newell 1980): a pointing, a thought before each answer;
0.6 s a letter is a thumb on a phone."""


def heading(page: Page) -> str:
    return single_spaced(page.locator("h1").inner_text())


def answer(page: Page) -> str:
    """The sentence under the heading."""
    return single_spaced(page.locator(".answer").first.inner_text())


def text(page: Page, selector: str = "main") -> str:
    return single_spaced(page.locator(selector).first.inner_text())


def single_spaced(words: str) -> str:
    return re.sub(r"\s+", " ", words).strip()


def press(page: Page, name: str, *, inside: str = "main") -> None:
    """Press a button that leads to a page."""
    go(page, page.locator(inside).get_by_role("button", name=name, exact=True).first)


def follow(page: Page, name: str | re.Pattern[str], *, inside: str = "main") -> None:
    """Follow the first link of that name."""
    exact = isinstance(name, str)
    go(page, page.locator(inside).get_by_role("link", name=name, exact=exact).first)


def go(page: Page, target: Locator) -> None:
    with page.expect_navigation():
        target.click()


def choose(page: Page, name: str, *values: str) -> None:
    """Choose answers among tiles, radio buttons or boxes."""
    for value in values:
        page.locator(f'input[name="{name}"][value="{value}"]').check()


def write(page: Page, **answers: str) -> None:
    """Fill in fields by their names."""
    for name, words in answers.items():
        page.locator(f'form [name="{name}"]:not([type=hidden])').first.fill(words)


def select(page: Page, name: str, label: str) -> None:
    page.locator(f'select[name="{name}"]').select_option(label=label)


def row(page: Page, words: str) -> str:
    """The text of the one table row that holds the words."""
    found = page.locator("main tr", has_text=words)
    assert found.count() == 1, f"{found.count()} rows with {words!r} on {page.url}"
    return single_spaced(found.inner_text())


def address(page: Page) -> str:
    """Where one is, without what was asked or just done there."""
    return page.url.partition("?")[0]


def person_key(page: Page) -> str:
    """Whose page this is, by its address."""
    match = re.search(r"/people/([a-z2-7]{26})", page.url)
    assert match, page.url
    return match[1]


def key(person_id: int) -> str:
    """What stands for a person in the addresses of the town."""
    return Keys(SECRET_KEY).of(person_id)


def person(person_id: int) -> str:
    """The address of a person's page."""
    return f"/people/{key(person_id)}"


@dataclass
class Thumb:
    """A hand on a phone, which counts what it does."""

    page: Page
    taps: int = 0
    keys: int = 0
    seen: list[str] = field(default_factory=list)

    def tap(self, target: Locator) -> None:
        self.taps += 1
        self.seen.append(single_spaced(target.inner_text() or target.get_attribute("name") or ""))
        target.tap()

    def lands(self, target: Locator) -> None:
        """Tap something that leads to a page."""
        with self.page.expect_navigation():
            self.tap(target)

    def type(self, target: Locator, words: str) -> None:
        self.tap(target)
        self.keys += len(words)
        target.press_sequentially(words)

    @property
    def seconds(self) -> float:
        """How long a person needs for it, page loads not counted."""
        return self.taps * (THINK_S + TAP_S) + self.keys * KEY_S
