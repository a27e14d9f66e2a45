"""The main pages: no barrier found by axe, nothing scrolls sideways or leaves its box."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.journeys import walk
from tests.journeys.conftest import DESK, PHONE

pytestmark = pytest.mark.journey

MAIN = {
    "asa": (
        "/today",
        walk.person(1),
        f"{walk.person(1)}/why",
        "/people/driving",
        "/method/backtest",
        "/groups/1",
        "/incidents/new",
        "/incidents/401",
        "/call-ins/4",
        "/call-ins/4/plan",
        "/call-ins/4/seats",
        "/call-ins/4/speakers",
        "/call-ins/4/clearance/safety",
        "/call-ins/4/invitees/37",
        "/call-ins/4/papers/new",
        "/call-ins/4/papers",
        "/papers?code=K7QMX2RDAB",
        "/letters/sv",
        "/calendar",
        f"{walk.person(1)}/messages",
        f"{walk.person(1)}/risk",
        "/people/lists",
        "/call-ins/3/attendance",
        "/call-ins/3/door",
        "/call-ins/3/notes",
        "/notifications/31",
        "/due",
    ),
    "henrik": ("/network?group=1", "/groups/scorecard", "/people/new", f"{walk.person(1)}/network"),
    "maja": (
        "/my-people",
        "/contacts/new?case=29",
        "/calls/new",
        "/support/29",
        "/access",
        "/break-glass",
    ),
    "karin": ("/today", "/disclosures", "/disclosures/5", "/removals", "/review", "/may-i-share"),
    "inga-lill": ("/audit", "/audit/signs", "/access/review", "/disclosures/print", "/rights"),
    "tor": ("/users", "/users/new", "/tokens/all", "/account"),
}
SCROLLS = "() => document.documentElement.scrollWidth - window.innerWidth"


@pytest.mark.parametrize("username", MAIN)
def test_axe_finds_no_barrier_on_a_desk_or_a_phone(as_user, username):
    page, axe = as_user(username), Axe()
    found = []
    for address in MAIN[username]:
        page.set_viewport_size(DESK)
        page.goto(address)
        for size in (DESK, PHONE):
            page.set_viewport_size(size)
            result = axe.run(page, options={"resultTypes": ["violations"]})
            if result.violations_count:
                found.append(f"{address} at {size['width']}:\n{result.generate_report()}")
    assert not found, "\n".join(found)


@pytest.mark.parametrize("username", MAIN)
def test_no_page_scrolls_sideways_on_a_phone(as_user, username):
    page = as_user(username, PHONE)
    links = page.locator(".rail li a, .bottom-bar a").evaluate_all(
        "all => all.map(each => each.getAttribute('href'))"
    )
    addresses = [*dict.fromkeys(link for link in links if link.startswith("/")), *MAIN[username]]
    assert len(addresses) > 5
    for address in addresses:
        answer = page.goto(address)
        assert answer.ok, f"{address}: {answer.status}"
        assert page.evaluate(SCROLLS) <= 0, f"{address} scrolls sideways"


LEAVES_ITS_BOX = """() => [...document.querySelectorAll("main .choice, main .badge, main .button")]
  .filter(each => each.scrollWidth > each.clientWidth + 1).map(each => each.innerText)"""


def test_long_swedish_words_stay_in_their_boxes_on_a_phone(as_user):
    page = as_user("asa", PHONE)
    page.goto("/today#menu")
    page.locator('form[action="/language"] button[value="sv"]').click()
    for address in (
        "/today",
        "/groups/new",
        "/incidents/new",
        f"/ties/new?person={walk.key(1)}",
        f"/supervisions/new?person={walk.key(1)}",
        f"{walk.person(1)}/risk",
        f"{walk.person(1)}/extract",
        "/tokens/new",
        "/notifications/31",
        "/call-ins/3/attendance",
        "/call-ins/3/door",
        "/call-ins/4/seats",
        "/call-ins/4/clearance/safety",
    ):
        page.goto(address)
        assert page.locator("html").get_attribute("lang") == "sv"
        assert page.evaluate(LEAVES_ITS_BOX) == [], address
