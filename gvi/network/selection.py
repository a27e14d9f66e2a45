"""Whom to call in: the best plan within the rules, with its proof; design, section 5.

People decide; the plan is a proposal that says what it gives, how sure that is, and what it would
take if the rules cannot all be kept.
"""

from dataclasses import replace

from gvi.network.alternatives import SAME, equals_of
from gvi.network.greedy import greedy_choice
from gvi.network.plan import NearestPlan, Plan, PlanStatus, SelectionProblem
from gvi.network.program import PROOF, Audience, audience_of, best_choice
from gvi.network.reach import DIGITS, outcome
from gvi.network.relaxation import relaxed, smallest_concession
from gvi.network.rules import Rulebook, any_choice, choosable, clashes, rulebook_of

TIME_LIMIT_SECONDS = 5.0


def best_plan(problem: SelectionProblem, *, time_limit_seconds: float = TIME_LIMIT_SECONDS) -> Plan:
    """Propose whom to call in so that most people of the universe hear the message.

    Solved exactly where the time allows (`proved_best`), else the better of what was found by then
    and a lazy greedy plan (`best_found`, with the gap to what could at most be better). Of equally
    good plans that with the fewest invitees, then the lowest ids, is proposed. A request that
    cannot be met names the rules that clash and gives the nearest plan that can.

    Source: Wheeler, McLean, Becker and Worden (2019), Choosing Representatives to Deliver the
    Message in a Group Violence Intervention; with exact expectation instead of their cap. Must not
    be used to decide who is dangerous: it knows ties, not deeds.
    """
    rules = rulebook_of(problem)
    some = any_choice(rules)
    if some is None:
        return _infeasible(problem, rules, seconds=time_limit_seconds)
    audience = audience_of(problem)
    chosen, gap = _choice(audience, rules, some, seats=problem.seats, seconds=time_limit_seconds)
    people = choosable(problem)
    equals = equals_of(audience, rules, chosen) if not gap else None
    chosen = equals.first if equals else chosen
    return Plan(
        status=PlanStatus.BEST_FOUND if gap else PlanStatus.PROVED_BEST,
        outcome=outcome(problem, [people[place] for place in chosen]),
        universe=len(set(problem.universe)),
        gap=gap,
        alternatives=equals.number if equals else None,
    )


def best_by_seats(
    problem: SelectionProblem, *, most: int, time_limit_seconds: float = TIME_LIMIT_SECONDS
) -> tuple[float | None, ...]:
    """Give the best objective for 1, 2, … seats: the curve; None where the rules cannot be kept."""
    return tuple(
        best_worth(problem, seats=seats, time_limit_seconds=time_limit_seconds)
        for seats in range(1, most + 1)
    )


def best_worth(
    problem: SelectionProblem, *, seats: int, time_limit_seconds: float = TIME_LIMIT_SECONDS
) -> float | None:
    """Give the best objective for a number of seats; None where the rules cannot be kept."""
    asked = replace(problem, seats=seats)
    rules = rulebook_of(asked)
    some = any_choice(rules)
    if some is None:
        return None
    audience = audience_of(asked)
    chosen, _ = _choice(audience, rules, some, seats=seats, seconds=time_limit_seconds)
    return round(audience.worth(chosen), DIGITS)


def _choice(
    audience: Audience,
    rules: Rulebook,
    some: tuple[int, ...],
    *,
    seats: int,
    seconds: float,
) -> tuple[tuple[int, ...], float]:
    """Give the best choice found, without people who add nothing, and the gap to the best."""
    solution = best_choice(audience, rules, seconds=seconds)
    greedy = greedy_choice(audience, rules, seats=seats)
    found = [choice for choice in (solution.chosen, greedy, some) if choice is not None]
    chosen = max(found, key=audience.worth)
    worth = audience.worth(chosen)
    missing = solution.bound - worth
    gap = missing / solution.bound if missing > PROOF * max(1.0, worth) else 0.0
    return _without_idle(audience, rules, chosen), gap


def _without_idle(audience: Audience, rules: Rulebook, chosen: tuple[int, ...]) -> tuple[int, ...]:
    """Leave out people who add nothing and whom no rule asks for, the highest ids first."""
    worth = audience.worth(chosen)
    for place in sorted(chosen, reverse=True):
        rest = tuple(other for other in chosen if other != place)
        if audience.worth(rest) >= worth - SAME and rules.keeps(rest):
            chosen = rest
    return chosen


def _infeasible(problem: SelectionProblem, rules: Rulebook, *, seconds: float) -> Plan:
    concession = smallest_concession(rules)
    nearest = best_plan(relaxed(problem, concession), time_limit_seconds=seconds)
    return Plan(
        status=PlanStatus.INFEASIBLE,
        outcome=outcome(problem, ()),
        universe=len(set(problem.universe)),
        gap=0.0,
        clashes=clashes(rules),
        nearest=NearestPlan(plan=nearest, concession=concession),
    )
