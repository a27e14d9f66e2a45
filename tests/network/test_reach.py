import pytest
from hypothesis import given

from gvi.domain.policy import ScoringPolicy
from gvi.network.plan import Objective, SelectionProblem
from gvi.network.reach import attendance_probability, learned_probability, outcome, tied_pairs
from tests.network.facts import days_ago, some_facts
from tests.network.reference import EXPOSURE, Reference
from tests.network.strategies import random_facts
from tests.network.wheeler import ATTENDED, gang_1

POLICY = ScoringPolicy()


def path_of_three(**asked):
    return SelectionProblem(
        universe=[1, 2, 3],
        ties=[(1, 2), (2, 1), (2, 3), (3, 9)],
        candidates=frozenset({1, 2, 3}),
        attendance={1: 1.0, 2: 0.5, 3: 0.25},
        seats=3,
        **asked,
    )


@given(random_facts())
def test_tied_pairs_are_those_with_a_tie_that_counts_for_exposure(facts):
    strengths = Reference(facts, POLICY).ties(EXPOSURE)

    assert set(tied_pairs(facts, POLICY)) == {
        (a, b) for (a, b), strength in strengths.items() if strength > 0 and a < b
    }


def test_expected_reach_is_exact_where_invitees_share_a_neighbour():
    found = outcome(path_of_three(), [2, 3])

    assert found.reach == 3
    assert found.expected == 0.5 + 2 * (1 - 0.5 * 0.75)
    assert found.reached == (1, 2, 3)
    assert found.not_reached == ()


def test_earlier_deliveries_count_as_certain_in_what_is_covered_only():
    found = outcome(path_of_three(delivered=frozenset({1, 9})), [3])

    assert found.expected == 0.25 * 2
    assert found.covered == 1 + 1 + 0.25
    assert found.reach == 2


def test_gains_say_what_would_be_lost_without_each_invitee():
    assert outcome(path_of_three(), [1, 2]).gains == {1: 0.0, 2: 1.0}
    assert outcome(path_of_three(objective=Objective.EXPECTED), [1, 2]).gains == {
        1: 1.0,
        2: 0.5,
    }


def test_people_may_be_worth_more_or_less():
    found = outcome(path_of_three(value={3: 10.0, 1: 0.0}), [2])

    assert found.reach == 11.0


def test_those_who_attended_gang_1_reached_six():
    found = outcome(gang_1(4), ATTENDED)

    assert found.reach == 6
    assert found.reached == (4, 5, 6, 11, 18, 22)


def test_nobody_invited_reaches_nobody_and_outsiders_reach_nobody():
    assert outcome(path_of_three(), []).reach == 0
    assert outcome(path_of_three(), [9]).reached == ()


@pytest.mark.parametrize(
    ("obliged", "published", "learned"), [(True, 1.0, 12 / 16), (False, 1 / 6, 4 / 10)]
)
def test_attendance_is_published_or_learned(obliged, published, learned):
    assert attendance_probability(obliged=obliged) == published
    assert learned_probability(obliged=obliged, came=3, invited=4) == learned


def test_an_incident_ties_those_who_took_part_and_not_its_victim():
    facts = some_facts(
        people=[1, 2, 3],
        incidents=[(1, days_ago(3))],
        involvements=[(1, 1), (1, 2, "present"), (1, 3, "victim")],
    )

    assert tied_pairs(facts, POLICY) == ((1, 2),)
