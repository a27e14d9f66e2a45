"""A new site has users and nothing else: every page of every menu stands, and says what to do."""

import pytest

from gvi.domain.access import Role


@pytest.mark.parametrize("role", Role)
def test_every_page_of_the_menu_stands_before_anything_is_recorded(browser, programme, role):
    who = browser(role)
    first = who.get("/")
    menu = [url for url in first.links() if url.startswith("/") and "#" not in url]
    assert len(menu) > 3

    for url in dict.fromkeys(menu):
        if not url.startswith(("/static", "/log")):
            page = who.get(url)
            assert page.status == 200, url
            assert page.text


@pytest.mark.parametrize(
    "case",
    [
        (Role.COORDINATOR_POLICE, "/call-ins/new", "No group is mapped yet", "/groups/new"),
        (Role.COORDINATOR_POLICE, "/relations/new", "There are no two groups yet", "/groups/new"),
        (Role.COORDINATOR_MUNICIPAL, "/call-ins/new", "police and analysts add them first", ""),
        (Role.COMMUNITY, "/call-ins", "As soon as one is planned", ""),
        (Role.OUTREACH, "/people", "You see the people who are assigned to you", ""),
        (Role.AUDITOR, "/disclosures", "What one side discloses to another", ""),
    ],
)
@pytest.mark.usefixtures("programme")
def test_an_empty_page_says_what_comes_next(browser, case):
    role, url, said, next_step = case
    page = browser(role).get(url)

    assert said in page.text
    assert not next_step or next_step in page.links()
    assert next_step or "/groups/new" not in page.links()
