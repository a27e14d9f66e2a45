"""A city's questions that have no answer are answered in time; some took minutes."""

from dataclasses import replace

import pytest

from gvi.network.plan import PlanStatus, Rule
from gvi.network.selection import best_plan
from tests.bench.call_in_network import CITY, asked

CITYS = asked(CITY)
PAIRS = [(a, b) for a in CITYS.groups for b in CITYS.groups if a < b]
FIRST = sorted(CITYS.candidates)


@pytest.mark.parametrize(
    ("rules", "named"),
    [
        pytest.param(
            {"conflicts": [*CITYS.conflicts, (1, 2), (1, 3), (2, 3)]},
            {Rule.MIN_PER_GROUP, Rule.CONFLICT},
            id="three groups at war, two sessions",
        ),
        pytest.param(
            {"conflicts": PAIRS}, {Rule.MIN_PER_GROUP, Rule.CONFLICT}, id="all groups at war"
        ),
        pytest.param(
            {"locked": frozenset(FIRST[:31])},
            {Rule.SEATS, Rule.LOCKED},
            id="one locked in too many",
        ),
        pytest.param(
            {"excluded": frozenset(FIRST[20:])},
            {Rule.MIN_PER_GROUP, Rule.EXCLUDED},
            id="all but twenty excluded",
        ),
        pytest.param(
            {"min_per_group": dict.fromkeys(CITYS.groups, 3)},
            {Rule.SEATS, Rule.MIN_PER_GROUP},
            id="minimums beyond the seats",
        ),
    ],
)
def test_a_citys_clash_is_named_with_a_plan_that_is_possible(rules, named):
    plan = best_plan(replace(CITYS, **rules), time_limit_seconds=10.0)

    assert plan.status is PlanStatus.INFEASIBLE
    assert named <= {clash.rule for clash in plan.clashes}
    assert plan.nearest.plan.is_found
    assert plan.nearest.plan.outcome.invitees


def test_where_the_time_is_over_the_rules_named_are_said_not_to_be_the_fewest():
    many = [(a, b) for a in FIRST[:60] for b in FIRST[:60] if a < b]

    plan = best_plan(
        replace(CITYS, keep_apart=many, candidates=frozenset(FIRST[:60]), min_per_group={}),
        time_limit_seconds=0.0,
    )

    assert plan.status is PlanStatus.INFEASIBLE
    assert plan.clashes
    assert not plan.are_least
