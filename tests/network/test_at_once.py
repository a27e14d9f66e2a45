"""The plan at once, the exact one, and one without time, on a dozen people under random rules.

Whether a plan keeps the rules is judged by the letter of the design, not by the planner's rows.
"""

import time
from itertools import chain
from math import prod

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gvi.network.alike import any_choice
from gvi.network.audience import audience_of
from gvi.network.greedy import Demands, greedy_choice
from gvi.network.plan import Objective, PlanStatus, SelectionProblem
from gvi.network.reach import outcome
from gvi.network.relaxation import relaxed
from gvi.network.selection import best_plan, plan_at_once
from gvi.network.swaps import with_swaps
from tests.network.test_selection import (
    a_problem,
    allowed_choices,
    is_allowed,
    is_seated_well,
    worth,
)

DOZEN = range(1, 13)
PEOPLE = st.integers(1, 12)
CHANCE = st.one_of(st.sampled_from([0.0, 1 / 6, 1.0, 0.75]), st.floats(0.01, 0.99))


@st.composite
def dozens(draw):
    """Twelve people in up to four groups, some in conflict, called to one to three sessions."""
    pairs = st.tuples(PEOPLE, PEOPLE).filter(lambda pair: pair[0] != pair[1])
    groups = {g: draw(st.frozensets(PEOPLE, max_size=6)) for g in range(1, 5)}
    group = st.integers(1, 4)
    return SelectionProblem(
        universe=DOZEN,
        ties=draw(st.lists(pairs, max_size=20)),
        candidates=frozenset(DOZEN) - draw(st.frozensets(PEOPLE, max_size=2)),
        attendance={person: draw(CHANCE) for person in DOZEN},
        obliged=draw(st.frozensets(PEOPLE)),
        supervised_only=draw(st.sampled_from([False, False, False, True])),
        delivered=draw(st.frozensets(PEOPLE, max_size=4)),
        objective=draw(st.sampled_from(Objective)),
        seats=draw(st.integers(0, 5)),
        sessions=draw(st.integers(1, 3)),
        exactly=draw(st.booleans()),
        locked=draw(st.frozensets(PEOPLE, max_size=1)),
        excluded=draw(st.frozensets(PEOPLE, max_size=1)),
        groups=groups,
        min_per_group=draw(st.dictionaries(group, st.integers(0, 2), max_size=3)),
        min_obliged=draw(st.sampled_from([0, 0, 1, 2])),
        conflicts=draw(st.lists(st.tuples(group, group).filter(lambda c: c[0] < c[1]), max_size=3)),
        accepted=draw(st.lists(pairs, max_size=2)),
        keep_apart=draw(st.lists(pairs, max_size=3)),
    )


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(dozens())
def test_every_feasible_question_has_a_full_plan_and_every_other_names_the_rules(problem):
    choices = allowed_choices(problem)

    plan = best_plan(problem)

    if not choices:
        assert plan.status is PlanStatus.INFEASIBLE
        assert plan.clashes
        assert plan_at_once(problem) is None
        return
    assert plan.status is PlanStatus.PROVED_BEST
    assert is_allowed(problem, plan.outcome.invitees)
    assert is_seated_well(problem, plan.sessions)
    best = max(worth(problem, chosen) for chosen in choices)
    assert worth(problem, plan.outcome.invitees) == pytest.approx(best, abs=2e-6 * (1 + best))


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(dozens())
def test_without_time_too_a_plan_is_found_or_the_rules_are_named(problem):
    plan = best_plan(problem, time_limit_seconds=0.0)

    if plan.is_found:
        assert is_allowed(problem, plan.outcome.invitees)
        assert is_seated_well(problem, plan.sessions)
        return
    assert not allowed_choices(problem)
    assert plan.status is PlanStatus.INFEASIBLE
    assert plan.clashes


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(dozens())
def test_the_nearest_plan_keeps_every_rule_that_is_not_given_up(problem):
    plan = best_plan(problem)
    if plan.status is not PlanStatus.INFEASIBLE:
        return

    left = relaxed(problem, plan.nearest.concession)

    assert is_allowed(left, plan.nearest.plan.outcome.invitees)
    assert is_seated_well(left, plan.nearest.plan.sessions)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(dozens())
def test_whether_any_plan_is_possible_is_the_same_asked_of_sorts_of_people(problem):
    choices = allowed_choices(problem)

    found = any_choice(problem, until=time.monotonic() + 60.0)

    assert found.is_sure
    assert (found.chosen is None) is not bool(choices)
    assert found.chosen is None or is_allowed(problem, found.chosen)


@given(dozens(), st.frozensets(PEOPLE, max_size=5))
def test_what_inviting_some_people_gives_is_the_designs_letter(problem, chosen):
    found = outcome(problem, chosen)

    near = {i: {i} for i in problem.universe}
    for one, other in problem.ties:
        near[one].add(other)
        near[other].add(one)
    misses = {i: prod(1 - problem.attendance[j] for j in near[i] & chosen) for i in near}
    told = {i for i in near if near[i] & problem.delivered}
    assert found.reach == sum(bool(near[i] & chosen) for i in near)
    assert found.expected == pytest.approx(sum(1 - misses[i] for i in near))
    assert found.covered == pytest.approx(sum(1 if i in told else 1 - misses[i] for i in near))


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(dozens())
def test_a_plan_at_once_keeps_every_rule_and_never_claims_too_much(problem):
    plan = plan_at_once(problem)
    if plan is None:
        return

    assert is_allowed(problem, plan.outcome.invitees)
    assert is_seated_well(problem, plan.sessions)
    assert sorted(chain(*plan.sessions)) == list(plan.outcome.invitees)
    mine = worth(problem, plan.outcome.invitees)
    best = max(worth(problem, chosen) for chosen in allowed_choices(problem))
    if plan.status is PlanStatus.PROVED_BEST:
        assert mine == pytest.approx(best, abs=2e-6 * (1 + best))
    else:
        assert mine >= (1 - plan.gap) * best - 1e-6


@given(dozens())
def test_swaps_keep_every_rule_and_never_lose(problem):
    audience, demands = audience_of(problem), Demands.of(problem)
    seated = greedy_choice(audience, demands)
    if seated is None:
        return

    swapped = with_swaps(audience, demands, dict(seated), seconds=1.0)

    assert demands.are_met_by(tuple(swapped))
    assert len(swapped) == len(seated)
    assert audience.worth(swapped) >= audience.worth(seated) - 1e-9


def test_a_swap_finds_what_greedy_missed():
    """Greedy takes 1, who reaches five; 2 and 3 reach four each, and together eight."""
    problem = a_problem(
        people=range(1, 10),
        ties=[(1, 4), (1, 5), (1, 6), (1, 7), (2, 4), (2, 5), (2, 8), (3, 6), (3, 7), (3, 9)],
        seats=2,
        candidates=[1, 2, 3],
    )
    audience, demands = audience_of(problem), Demands.of(problem)

    greedy = greedy_choice(audience, demands)
    swapped = with_swaps(audience, demands, dict(greedy), seconds=1.0)

    assert (audience.worth(greedy), audience.worth(swapped)) == (7.0, 8.0)


def test_the_last_seat_goes_to_the_group_it_was_promised_to():
    """1 and 2 reach most; one of them in each session would leave nowhere to sit for 4."""
    problem = a_problem(
        people=range(1, 8),
        ties=[(1, 5), (1, 6), (2, 6), (2, 7), (3, 7)],
        candidates=[1, 2, 3, 4],
        groups={1: frozenset({1, 2, 3}), 2: frozenset({4})},
        min_per_group={2: 1},
        conflicts=[(1, 2)],
        seats=3,
        sessions=2,
        exactly=True,
    )

    plan = plan_at_once(problem)

    assert sorted(plan.sessions) == [(1, 2), (4,)]
    assert best_plan(problem).outcome.invitees == (1, 2, 4)


def test_groups_are_promised_sessions_without_their_rivals():
    """Granite and Quay are both rivals of Mill; the two can only sit together."""
    problem = a_problem(
        people=range(1, 10),
        ties=[(1, 7), (2, 8), (3, 9)],
        candidates=[1, 2, 3],
        groups={1: frozenset({1}), 2: frozenset({2}), 3: frozenset({3})},
        min_per_group={1: 1, 2: 1, 3: 1},
        conflicts=[(1, 2), (2, 3)],
        seats=4,
        sessions=2,
    )

    assert sorted(plan_at_once(problem).sessions) == [(1, 3), (2,)]
