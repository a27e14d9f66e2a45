from hypothesis import given

from gvi.network.audience import audience_of
from gvi.network.greedy import Demands, greedy_choice
from gvi.network.plan import PlanStatus
from gvi.network.rules import choosable
from gvi.network.selection import best_plan
from tests.network.test_selection import a_problem, is_allowed, problems, worth
from tests.network.wheeler import gang_1


def greedy(problem):
    chosen = greedy_choice(audience_of(problem), Demands.of(problem))
    people = choosable(problem)
    return None if chosen is None else tuple(sorted(people[place] for place in chosen))


@given(problems(rules=False))
def test_without_rules_greedy_is_at_least_63_percent_of_the_best(problem):
    best = worth(problem, best_plan(problem).outcome.invitees)

    assert worth(problem, greedy(problem)) >= (1 - 1 / 2.7182) * best - 1e-9


@given(problems())
def test_a_greedy_plan_keeps_every_rule(problem):
    if best_plan(problem).status is not PlanStatus.INFEASIBLE:
        chosen = greedy(problem)

        assert chosen is None or is_allowed(problem, chosen)


def test_seats_promised_to_minimums_are_kept_for_them():
    """Person 1 and 2 reach more, but the two seats are owed to groups without ties."""
    problem = a_problem(
        ties=[(1, 3), (2, 3), (1, 4)],
        groups={1: frozenset({5}), 2: frozenset({6, 3})},
        min_per_group={1: 1, 2: 1},
    )

    assert greedy(problem) == (3, 5)


def test_nobody_is_added_who_adds_nothing_unless_every_seat_must_be_filled():
    pair = {"people": [1, 2], "ties": [(1, 2)], "seats": 2}

    assert greedy(a_problem(**pair)) == (1,)
    assert greedy(a_problem(**pair, exactly=True)) == (1, 2)


def test_greedy_may_paint_itself_into_a_corner_and_says_so():
    """It takes 1, who reaches most; the group of 2 and 3 then has nobody left to send."""
    problem = a_problem(
        people=range(1, 6),
        ties=[(1, 4), (1, 5)],
        groups={1: frozenset({2, 3})},
        min_per_group={1: 1},
        keep_apart=[(1, 2), (1, 3)],
    )

    assert greedy(problem) is None
    assert best_plan(problem).status is PlanStatus.PROVED_BEST
    assert best_plan(problem, time_limit_seconds=0.0).status is PlanStatus.BEST_FOUND


def test_greedy_reaches_as_many_of_gang_1_as_the_best_plan():
    assert [len(greedy(gang_1(k))) for k in range(1, 9)] == list(range(1, 9))
    assert [worth(gang_1(k), greedy(gang_1(k))) for k in range(1, 9)] == [
        8,
        11,
        14,
        16,
        18,
        20,
        21,
        22,
    ]
