"""Scores that are defended: the policy, kept lists, what is wrong; without scripts, and by axe."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.journeys import walk
from tests.journeys.conftest import DESK, PHONE
from tests.journeys.walk import follow, press, select, write

pytestmark = pytest.mark.journey

SCROLLS = "() => document.documentElement.scrollWidth - window.innerWidth"
SOURCE = {"source": "Minutes of 2 March", "reason": "Robberies weigh too much."}


@pytest.fixture
def looked_at(as_user):
    """Opens pages on a desk and a phone and gives what is wrong with them, for a user's reading."""

    def look(username, *addresses):
        page, axe, found = as_user(username), Axe(), []
        page.on("pageerror", lambda error: found.append(f"{page.url}: {error}"))
        page.on("console", lambda line: line.type == "error" and found.append(line.text))
        for address in addresses:
            assert page.goto(address).ok, address
            for size in (DESK, PHONE):
                page.set_viewport_size(size)
                result = axe.run(page, options={"resultTypes": ["violations"]})
                if result.violations_count:
                    found.append(f"{address}: {result.generate_report()}")
                if page.evaluate(SCROLLS) > 0:
                    found.append(f"{address} scrolls sideways at {size['width']}")
        return found

    return look


def drafted(page, *, robbery):
    """Draft a version from the method page; gives its address."""
    page.goto("/method")
    follow(page, "Every version of the scoring policy, and who approved it")
    follow(page, "Draft a new version")
    write(page, **SOURCE, **{"harm.robbery": robbery})
    press(page, "Save the draft")
    return walk.address(page)


def test_a_policy_is_drafted_looked_at_and_put_in_force_by_somebody_else(as_user, looked_at):
    analyst = as_user("henrik", java_script_enabled=False)
    version = drafted(analyst, robbery="1")
    assert "One constant differs" in walk.answer(analyst)
    follow(analyst, "Who would move")
    assert "of the top 20 would be others" in walk.answer(analyst)
    analyst.goto(version)
    press(analyst, "Propose it for approval")
    assert analyst.get_by_role("link", name="Approve", exact=True).count() == 0, "not one's own"
    preview = f"{version}/preview"
    assert looked_at("asa", "/method/policies", version, preview, f"{version}/approve") == []

    police = as_user("asa", java_script_enabled=False)
    police.goto("/method/policies")
    follow(police, "Version 2")
    follow(police, "Approve")
    press(police, "Put it in force")
    assert "Version 2 is in force." in walk.answer(police)

    third = drafted(analyst, robbery="2")
    assert looked_at("henrik", f"{third}/edit", f"{third}/drop", "/method/policies/new") == []
    follow(analyst, "Drop this version")
    write(analyst, reason="Nobody asked for it.")
    press(analyst, "Drop this version")
    assert "Version 2 is in force. No other waits" in walk.answer(analyst)
    assert "Dropped: Nobody asked for it." in walk.text(analyst)


def test_a_list_is_kept_made_again_and_set_beside_the_next(as_user, looked_at, clock):
    kept = []
    for _ in range(2):
        page = as_user("henrik", java_script_enabled=False)
        page.goto("/people/driving")
        follow(page, "Keep this list")
        write(page, reason="The Monday meeting.")
        press(page, "Keep this list")
        assert "103 people stood on it" in walk.answer(page)
        kept.append(walk.address(page))
        follow(page, "Make it again and compare")
        assert "Made again from what was known then: the same." in walk.text(page)
        clock.move(days=7)
    clock.move(days=-7)

    follow(page, "What changed since list 1")
    assert "time passed −" in walk.row(page, "Nils Fors")
    changes = page.url
    assert looked_at("henrik", "/people/lists", "/people/lists/new", kept[1], changes) == []


def test_what_is_wrong_has_an_owner_and_a_day_and_goes_on_paper(as_user, looked_at):
    analyst = as_user("henrik", java_script_enabled=False)
    analyst.goto("/people/driving")
    follow(analyst, "Nils Fors")
    why = walk.address(analyst)
    follow(analyst, "What would change it")
    assert "Nils Fors" in walk.heading(analyst)
    follow(analyst, "Why")
    follow(analyst, "This is wrong")
    assert looked_at("henrik", why, f"{why}/change", f"{why}/dispute", f"{why}/print") == []
    press(analyst, "Open the correction")
    assert analyst.title().startswith("Error:")
    analyst.locator('select[name="record"]').select_option(index=1)
    write(analyst, text="He was abroad that week.", due_at="2026-03-09T12:00")
    select(analyst, "owner", "Åsa Öberg, Coordinator, police")
    press(analyst, "Open the correction")
    assert "He was abroad that week." in walk.text(analyst)

    follow(analyst, "Print")
    write(analyst, purpose="Meeting of 2 March, item 4")
    press(analyst, "Show the page to print")
    assert "For: Meeting of 2 March, item 4" in walk.text(analyst)

    police = as_user("asa", java_script_enabled=False)
    police.goto("/due")
    assert "9 Mar" in walk.row(police, "He was abroad that week.")
    police.goto(why)
    follow(police, "Open", inside='section[aria-labelledby="disputed"]')
    assert "He was abroad that week." in walk.text(police)
    assert looked_at("asa", walk.address(police), why) == []


def test_the_method_and_ones_own_log_in_are_read_without_barriers(as_user, looked_at):
    pages = ("/method", "/method/policies", "/method/backtest", "/method/fairness", "/account")
    assert looked_at("henrik", *pages) == []
    page = as_user("henrik")
    page.goto("/account")
    press(page, "Lock now")
    assert Axe().run(page, options={"resultTypes": ["violations"]}).violations_count == 0
    page.set_viewport_size(PHONE)
    assert page.evaluate(SCROLLS) <= 0
    press(page, "Unlock")
    assert "/unlock" not in page.url
