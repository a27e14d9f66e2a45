"""The network shows and counts no membership and no tie of anybody under 18."""

import re
from datetime import date

import pytest

from gvi.domain.access import Role
from gvi.store.engine import transaction
from tests.conftest import MONDAY
from tests.factories import a_group, a_membership, a_person, a_tie

POLICE = (Role.COORDINATOR_POLICE, Role.ANALYST)
CHILD = date(2010, 5, 17)


@pytest.fixture
def town(engine, programme):
    """One member tied to another, and a child nobody has connected to anything yet."""
    with transaction(engine) as db:
        group = a_group(db, programme, MONDAY)
        member = a_person(db, programme, MONDAY, "Tärna")
        other = a_person(db, programme, MONDAY, "Alfågel")
        a_membership(db, MONDAY, member, group)
        a_tie(db, MONDAY, member, other)
        child = a_person(db, programme, MONDAY, "Ejder", birth_date=CHILD)
    return group, member, child


@pytest.mark.parametrize("role", POLICE)
def test_what_a_child_belongs_to_leaves_no_trace_on_any_page_of_the_network(
    engine, town, browser, role
):
    group, member, child = town
    pages = (
        "/network",
        f"/network?group={group.id}",
        "/groups",
        f"/groups/{group.id}",
        "/groups/scorecard",
        "/api/v1/network",
        f"/api/v1/network?group={group.id}",
        f"/api/v1/network?ego={member.id}",
        "/api/v1/groups",
        "/api/v1/groups/scorecard",
    )
    visitor = browser(role).client
    before = {page: _said(visitor.get(page)) for page in pages}
    with transaction(engine) as db:
        a_membership(db, MONDAY, child, group)
        a_tie(db, MONDAY, member, child)

    after = {page: _said(visitor.get(page)) for page in pages}

    assert after == before
    assert "Tärna" in before[f"/network?group={group.id}"]


@pytest.mark.parametrize("role", POLICE)
def test_nobody_asks_for_the_network_around_a_child(town, browser, role):
    _group, _member, child = town
    visitor = browser(role).client

    told = visitor.get(f"/api/v1/network?ego={child.id}")
    people = visitor.get("/api/v1/network").json()["persons"]

    assert told.status_code == 404
    assert {each["code_name"] for each in people} == {"Tärna", "Alfågel"}


def _said(answer):
    assert answer.status_code == 200, answer.text
    return re.sub(r'(nonce|value)="[^"]*"', "", answer.text)
