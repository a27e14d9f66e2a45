"""Questions a plan cannot answer as they stand, on the page and over the API."""

from datetime import date

import pytest
from sqlalchemy import select

from gvi.domain.access import Role
from gvi.store.engine import reading, transaction
from gvi.store.models import CallIn, Group
from tests import factories as make
from tests.conftest import MONDAY

POLICE = Role.COORDINATOR_POLICE
PLANS = "/api/v1/call-in-plans"


@pytest.fixture
def town(engine, programme):
    """Granit of two adults in open conflict with Kajen of one; Både is in both; Tomt has nobody."""
    with transaction(engine) as db:
        groups = {n: make.a_group(db, programme, MONDAY, n) for n in ("Granit", "Kajen", "Tomt")}
        make.a_relation(db, MONDAY, groups["Granit"], groups["Kajen"])
        ids = {name: group.id for name, group in groups.items()}
        for code_name, of in (
            ("Lom", ("Granit",)),
            ("Alka", ("Granit",)),
            ("Mes", ("Kajen",)),
            ("Både", ("Granit", "Kajen")),
        ):
            person = make.a_person(db, programme, MONDAY, code_name)
            ids[code_name] = person.id
            for name in of:
                make.a_membership(db, MONDAY, person, groups[name])
        return ids


@pytest.fixture
def planned(browser, town, engine):
    """Drafts a call-in of some groups and gives its planner's address."""

    def draft(*groups, seats="4", starts_at="2026-04-09T17:30"):
        new = {"name": "Call-in 4", "seats": seats, "starts_at": starts_at}
        asked = browser(POLICE).post("/call-ins/new", **new, groups=[town[g] for g in groups])
        assert asked.status == 200
        with reading(engine) as db:
            return f"/call-ins/{db.scalars(select(CallIn.id)).one()}/plan"

    return draft


def count(browser, url, *people, **asked):
    return browser(POLICE).post(url, act="count", p=list(people), **asked)


def plan(browser, **asked):
    return browser(POLICE).client.post(PLANS, json=asked).json()


def said(element):
    return " ".join(" ".join(element.itertext()).split())


def test_no_seat_is_said_by_its_field(browser, planned):
    page = count(browser, planned("Granit"), size="0")

    assert page.status == 422
    assert page.one("input", name="size").get("aria-invalid") == "true"
    assert browser(POLICE).client.post(PLANS, json={"size": 0}).status_code == 422


def test_more_seats_to_fill_than_there_are_people_name_the_rule_and_the_nearest_plan(
    browser, planned
):
    page = count(browser, planned("Kajen"), size="4", exactly="on")

    assert "4 people must be invited, and 2 may be." in page.text
    # Both of them may not meet: one is also in the group the other's is in conflict with.
    assert "3 seats stay empty." in page.text
    found = plan(browser, size=4, exactly=True, group=["Kajen"])
    assert (found["status"], found["nearest"]["empty_seats"]) == ("infeasible", 3)


def test_with_everybody_locked_out_nobody_is_proposed_and_all_are_missed(browser, town, planned):
    names = ("Lom", "Alka", "Både")
    rules = {f"rule-{town[name]}": "exclude" for name in names}

    page = count(browser, planned("Granit"), size="4", **rules)

    assert "Nobody is ticked. The best plan reaches 0 of 3." in page.text
    found = plan(browser, size=4, group=["Granit"], exclude=list(names))
    assert (found["invitees"], found["status"]) == ([], "proved_best")
    assert sorted(found["not_reached"]) == sorted(names)


def test_rules_that_clash_are_named(browser, town, planned):
    locked = {f"rule-{town[name]}": "lock" for name in ("Lom", "Mes")}

    page = count(browser, planned("Granit", "Kajen"), size="4", **locked)

    assert "No plan keeps all these rules" in page.text
    assert "Granit, Kajen: These groups are in open conflict" in page.text
    clashes = plan(browser, size=4, lock=["Lom", "Mes"])["clashes"]
    assert {clash["rule"] for clash in clashes} == {"locked", "conflict"}


def test_a_group_without_members_is_said_to_have_none(browser, planned):
    page = browser(POLICE).get(planned("Tomt"))

    assert page.status == 200
    assert "Nobody is known in these groups" in page.text
    found = plan(browser, size=4, group=["Tomt"])
    assert (found["universe"], found["invitees"], found["status"]) == (0, [], "proved_best")


def test_somebody_in_two_groups_in_conflict_sits_alone(browser, town, planned):
    url = planned("Granit", "Kajen")

    alone = count(browser, url, town["Både"], size="4")
    both = count(browser, url, town["Både"], town["Lom"], size="4")
    apart = count(browser, url, town["Både"], town["Lom"], size="4", sessions="2")

    assert "Groups in open conflict would meet" not in alone.text
    assert "Groups in open conflict would meet" in both.text
    assert "Groups in open conflict would meet" not in apart.text
    found = plan(browser, size=4, sessions=2, lock=["Både", "Lom"])
    assert sorted(map(len, found["sessions"])) in ([1, 1], [1, 2])
    assert ["Både"] in found["sessions"]


@pytest.fixture
def young(engine, town):
    """Puts somebody into Tomt who was born on a day."""

    def born(day):
        with transaction(engine) as db:
            tomt = db.get_one(Group, town["Tomt"])
            person = make.a_person(db, tomt.programme_id, MONDAY, "Ung", birth_date=day)
            make.a_membership(db, MONDAY, person, tomt)
            return str(person.id)

    return born


@pytest.mark.parametrize(
    "case",
    [
        pytest.param((date(2008, 4, 8), "2026-04-09T17:30", True), id="18 since the day before"),
        pytest.param((date(2008, 4, 1), "2026-04-09T17:30", True), id="turns 18 before the date"),
        pytest.param((date(2008, 4, 10), "2026-04-09T17:30", False), id="18 on the day after"),
        pytest.param((date(2008, 3, 29), "2026-03-28T23:30", False), id="the evening of spring"),
        pytest.param((date(2008, 3, 29), "2026-03-29T00:30", True), id="an hour later"),
        pytest.param((date(2008, 10, 25), "2026-10-24T23:30", False), id="the evening of autumn"),
        pytest.param((date(2008, 10, 25), "2026-10-25T02:30", True), id="the hour that is twice"),
    ],
)
def test_who_is_18_on_the_local_day_may_be_ticked(browser, planned, young, case):
    day, starts_at, may_come = case
    number = young(day)

    page = browser(POLICE).get(planned("Tomt", seats="1", starts_at=starts_at))

    assert ("disabled" not in page.one("input", name="p", value=number).attrib) is may_come
    found = plan(browser, size=1, group=["Tomt"], on=starts_at[:10])
    assert found["invitees"] == (["person under 18"] if may_come else [])


def test_an_hour_that_the_clocks_skip_is_the_one_after(browser, town, planned):
    url = planned("Granit", starts_at="2026-03-29T02:30")

    assert "Sun 29 Mar 03:30" in browser(POLICE).get(url.removesuffix("/plan")).text
