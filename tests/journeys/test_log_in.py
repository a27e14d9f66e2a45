"""The door: one click in an invented town, the first screen of each role, and out again."""

import pytest

pytestmark = pytest.mark.journey

FIRST_SCREENS = {
    "asa": "/today",
    "karin": "/today",
    "henrik": "/network",
    "maja": "/my-people",
    "bjorn": "/my-people",
    "sara": "/my-people",
    "per-olof": "/notifications",
    "ylva": "/today",
    "inga-lill": "/audit",
    "tor": "/users",
}


@pytest.mark.parametrize("username", FIRST_SCREENS)
def test_each_role_starts_on_its_own_first_screen(as_user, site, username):
    page = as_user(username)

    assert page.url == site + FIRST_SCREENS[username]
    assert page.locator("h1").count() == 1


def test_logging_out_closes_the_pages(as_user, site):
    page = as_user("asa")

    page.get_by_role("button", name="Log out").click()
    page.goto("/people")

    assert page.url.startswith(site + "/log-in")


def test_the_language_is_kept_for_the_next_visit(as_user):
    page = as_user("asa")
    page.get_by_role("button", name="Svenska").click()
    page.get_by_role("button", name="Logga ut").click()

    again = as_user("asa")

    assert again.locator("html").get_attribute("lang") == "sv"
