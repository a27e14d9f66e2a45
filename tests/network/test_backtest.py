"""Past lists held against later violence: what is counted, of whom, beside which plainer ways."""

from datetime import date, timedelta

import pytest

from gvi.domain.policy import ScoringPolicy
from gvi.network.backtest import (
    WAYS,
    Part,
    incidents_in,
    look_ahead,
    shares,
    violent_parts,
)
from tests.network.facts import AS_OF, days_ago, some_facts

POLICY = ScoringPolicy()


def after(days):
    return AS_OF + timedelta(days=days)


def window(facts, parts, *, top=1, days=90):
    later = [Part(incident, person, after(at)) for incident, person, at in parts]
    return look_ahead(facts, later, POLICY, days=days, top=top)


@pytest.fixture
def then():
    """1 leads the list, 2 has been in most incidents, 3 is tied to most people."""
    return some_facts(
        people=range(1, 6),
        ties=[(3, 1), (3, 2), (3, 4), (3, 5)],
        incidents=[
            (1, days_ago(1), "homicide"),
            *((i, days_ago(900), "threat") for i in (2, 3, 4)),
        ],
        involvements=[(1, 1, "convicted"), *((i, 2, "convicted") for i in (2, 3, 4))],
    )


def test_each_way_chooses_its_own(then):
    parts = [("a", 1, 1), ("b", 2, 2), ("b", 3, 2), ("c", 3, 3), ("d", 5, 4)]

    found = window(then, parts)

    assert found.hits == {"list": 1, "incidents": 1, "degree": 2, "random": pytest.approx(1.0)}
    assert (found.parts, found.incidents, found.adults, found.listed) == (5, 4, 5, 2)


def test_only_what_comes_after_the_list_and_within_the_days_counts(then):
    parts = [("a", 1, 0), ("b", 1, 0.001), ("c", 1, 90), ("d", 1, 90.001), ("e", 1, -5)]

    assert window(then, parts).hits["list"] == 2
    assert window(then, parts, days=180).hits["list"] == 3


def test_children_and_people_nobody_knew_count_among_all_and_are_never_chosen(then):
    births = {1: None, 2: None, 3: date(2015, 1, 1)}
    facts = some_facts(
        people=births,
        ties=[(3, 1), (3, 2)],
        incidents=[(1, days_ago(1))],
        involvements=[(1, 3, "convicted"), (1, 1, "suspect")],
    )

    found = window(facts, [("a", 3, 1), ("b", 99, 1), ("c", 1, 1)], top=5)

    assert (found.parts, found.by_minors, found.by_unrecorded, found.adults) == (3, 1, 1, 2)
    assert found.hits == {"list": 1, "incidents": 1, "degree": 1, "random": 1}


def test_chance_is_the_expected_number_exactly(then):
    found = window(then, [("a", 1, 1), ("b", 4, 1), ("c", 5, 1)], top=2)

    assert found.hits["random"] == pytest.approx(3 * 2 / 5)


def test_a_part_is_one_person_in_one_incident_that_weighs():
    facts = some_facts(
        people=[1, 2],
        incidents=[
            (1, days_ago(3), "homicide"),
            (2, days_ago(2), "weapon"),
            (3, days_ago(1), "threat", "known_not"),
        ],
        involvements=[
            *((1, 1, role) for role in ("suspect", "instigator")),
            (1, 2, "victim"),
            (2, 2, "convicted"),
            (3, 2, "convicted"),
        ],
    )

    assert violent_parts(facts, POLICY) == [Part("I1", 1, days_ago(3))]


def test_shares_add_up_windows_and_count_an_incident_of_two_windows_once(then):
    two = [window(then, [("a", 1, 1), ("b", 5, 1)]), window(then, [("a", 1, 1), ("c", 1, 2)])]

    found = shares(two, seed=1)

    assert found["list"][:3] == (3.0, 4, 0.75)
    assert incidents_in(two) == 3
    assert list(found) == list(WAYS)


def test_the_interval_holds_the_share_and_narrows_with_more_incidents(then):
    few = shares([window(then, [(str(n), 1 + n % 5, 1) for n in range(10)])], seed=1)["list"]
    many = shares([window(then, [(str(n), 1 + n % 5, 1) for n in range(500)])], seed=1)["list"]

    assert few.low <= few.share <= few.high
    assert many.low <= many.share <= many.high
    assert many.high - many.low < (few.high - few.low) / 3
    assert many.share == pytest.approx(0.2)


def test_those_who_acted_together_hang_together(then):
    together = shares([window(then, [("a", 1, 1)] * 1 + [("b", 5, 1)] * 30)], seed=1)["list"]

    assert together.low == 0.0
    assert together.high == 1.0


def test_no_violence_gives_no_share(then):
    found = shares([window(then, [])], seed=1)

    assert found["list"] == (0.0, 0, None, None, None)
    assert shares([], seed=1)["random"].share is None
