"""Whom to call in: the best plan within the rules, with its proof; design, section 5.

People decide; the plan is a proposal that says what it gives, how sure that is, and what it would
take if the rules cannot all be kept.
"""

import time
from collections.abc import Iterable, Mapping
from dataclasses import replace

from gvi.network.alike import Answer, any_choice, rulebook_of_sorts
from gvi.network.alternatives import SAME, equals_of
from gvi.network.audience import Audience, audience_of
from gvi.network.clash import clashes
from gvi.network.greedy import Demands, greedy_choice
from gvi.network.plan import NearestPlan, Plan, PlanStatus, SelectionProblem
from gvi.network.program import PROOF, best_choice
from gvi.network.reach import DIGITS, outcome
from gvi.network.relaxation import relaxed, smallest_concession
from gvi.network.rooms import rooms_of
from gvi.network.rules import Rulebook, choosable, rulebook_of
from gvi.network.swaps import certain_bound, with_swaps

TIME_LIMIT_SECONDS = 5.0
LEAST_SECONDS = 0.25
"""However short the time, it is asked so long whether there is any plan, and why there is none."""
SWAPPING_SECONDS = 0.05
"""Time for swaps while somebody waits for a plan at once: enough at city size."""


def best_plan(
    problem: SelectionProblem,
    *,
    time_limit_seconds: float = TIME_LIMIT_SECONDS,
    tells: bool = False,
) -> Plan:
    """Propose whom to call in so that most people of the universe hear the message.

    Solved exactly where the time allows (`proved_best`), else the better of what was found by then
    and a lazy greedy plan (`best_found`, with the gap to what could at most be better). Of equally
    good plans that with the fewest invitees, then the lowest ids, is proposed. A request that
    cannot be met names the rules that clash and gives the nearest plan that can (`infeasible`);
    where the time was over before either was known, it says so (`not_found`). `tells` lets the
    solver print how far it is.

    Source: Wheeler, McLean, Becker and Worden (2019), Choosing Representatives to Deliver the
    Message in a Group Violence Intervention; with exact expectation instead of their cap. Must not
    be used to decide who is dangerous: it knows ties, not deeds.
    """
    until = time.monotonic() + time_limit_seconds
    rules, audience = rulebook_of(problem), audience_of(problem)
    start = _start(problem, audience, until=until)
    if start.chosen is None:
        return _no_plan(problem, is_sure=start.is_sure, until=until)
    chosen, bound = _choice(audience, rules, start.chosen, until=until, tells=tells)
    if _gap(audience, chosen, bound):
        return _plan(problem, audience, chosen, bound=bound)
    equals = equals_of(audience, rules, chosen, until=until)
    found = _plan(problem, audience, equals.first, bound=bound)
    return _beside(found, problem, equals.number, equals.examples)


def plan_known(
    problem: SelectionProblem,
    places: Iterable[int],
    *,
    gap: float,
    alternatives: int | None,
    examples: Iterable[Iterable[int]] = (),
) -> Plan:
    """Give a plan that was found before, as places of choosable people, and how sure it was."""
    audience, chosen = audience_of(problem), tuple(sorted(places))
    bound = audience.worth(chosen) / (1.0 - gap)
    return _beside(_plan(problem, audience, chosen, bound=bound), problem, alternatives, examples)


def _beside(
    plan: Plan,
    problem: SelectionProblem,
    alternatives: int | None,
    examples: Iterable[Iterable[int]],
) -> Plan:
    """Say of a plan how many are as good, and which of them, as places, are shown."""
    people = choosable(problem)
    shown = tuple(tuple(people[place] for place in other) for other in examples)
    return replace(plan, alternatives=alternatives, examples=shown)


def plan_at_once(problem: SelectionProblem, audience: Audience | None = None) -> Plan | None:
    """Propose a good plan at once, with a bound that is certain and loose, proving nothing.

    Every rule is kept. None where the greedy rule led into a corner, or no plan is possible:
    `best_plan` tells which, and takes its time. `audience` is the laid-out network, if at hand.
    """
    audience = audience_of(problem) if audience is None else audience
    session_of = seated_at_once(audience, Demands.of(problem))
    if session_of is None:
        return None
    bound = certain_bound(audience, session_of, seats=problem.seats)
    return _plan(problem, audience, tuple(sorted(session_of)), bound=bound, session_of=session_of)


def seated_at_once(audience: Audience, demands: Demands) -> dict[int, int] | None:
    """Choose greedily, then by swaps: place → session; None if that led into a corner."""
    session_of = greedy_choice(audience, demands)
    if session_of is None:
        return None
    return with_swaps(audience, demands, session_of, seconds=SWAPPING_SECONDS)


def seats_of(
    problem: SelectionProblem, people: Iterable[int], kept: Mapping[int, int]
) -> dict[int, int]:
    """Say who of these people sits in which session, counted from 0, whoever chose them.

    `kept` says who keeps the session they have. Where there is no way to keep rivals apart, they
    meet: the sessions are filled evenly.
    """
    chosen = sorted(people)
    for asked in (problem, replace(problem, conflicts=(), keep_apart=())):
        everybody = choosable(asked)
        place = {person: at for at, person in enumerate(everybody)}
        places = [place[person] for person in chosen if person in place]
        fixed = {place[person]: session for person, session in kept.items() if person in place}
        found = rooms_of(asked, place).seated(places, fixed)
        if found is not None:
            return {everybody[at]: session for at, session in found.items()}
    return {person: at % problem.sessions for at, person in enumerate(chosen)}


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
    rules, audience = rulebook_of(asked), audience_of(asked)
    until = time.monotonic() + time_limit_seconds
    start = _start(asked, audience, until=until).chosen
    if start is None:
        return None
    chosen, _ = _choice(audience, rules, start, until=until)
    return round(audience.worth(chosen), DIGITS)


def _start(problem: SelectionProblem, audience: Audience, *, until: float) -> Answer:
    """Give a plan that keeps the rules, as places: a good one, else any that is found by then."""
    session_of = seated_at_once(audience, Demands.of(problem))
    if session_of is not None:
        return Answer(chosen=tuple(sorted(session_of)), is_sure=True)
    found = any_choice(problem, until=max(until, time.monotonic() + LEAST_SECONDS))
    if found.chosen is None:
        return found
    place = {person: at for at, person in enumerate(choosable(problem))}
    return replace(found, chosen=tuple(place[person] for person in found.chosen))


def _choice(
    audience: Audience,
    rules: Rulebook,
    start: tuple[int, ...],
    *,
    until: float,
    tells: bool = False,
) -> tuple[tuple[int, ...], float]:
    """Give the best choice found, without people who add nothing, and what none can exceed."""
    seconds = until - time.monotonic()
    solution = best_choice(audience, rules, start=start, seconds=seconds, tells=tells)
    chosen = start if solution.chosen is None else solution.chosen
    certain = certain_bound(audience, chosen, seats=sum(rules.rooms.capacities))
    return _without_idle(audience, rules, chosen), min(solution.bound, certain)


def _plan(
    problem: SelectionProblem,
    audience: Audience,
    chosen: tuple[int, ...],
    *,
    bound: float,
    session_of: Mapping[int, int] | None = None,
) -> Plan:
    """Say what a choice gives, who sits together, and how far it may be from the best."""
    people = choosable(problem)
    if session_of is None:
        rooms = rooms_of(problem, {person: place for place, person in enumerate(people)})
        session_of = rooms.seated(chosen) or {}
    gap = _gap(audience, chosen, bound)
    return Plan(
        status=PlanStatus.BEST_FOUND if gap else PlanStatus.PROVED_BEST,
        outcome=outcome(problem, [people[place] for place in chosen]),
        universe=len(set(problem.universe)),
        gap=gap,
        sessions=tuple(
            tuple(people[place] for place in chosen if session_of.get(place) == session)
            for session in range(problem.sessions)
        ),
    )


def _gap(audience: Audience, chosen: Iterable[int], bound: float) -> float:
    """Give what a better plan could add at most, as a part of it; 0 where that is rounding."""
    worth = audience.worth(chosen)
    missing = bound - worth
    return missing / bound if missing > PROOF * max(1.0, worth) else 0.0


def _without_idle(audience: Audience, rules: Rulebook, chosen: tuple[int, ...]) -> tuple[int, ...]:
    """Leave out people who add nothing and whom no rule asks for, the highest ids first."""
    worth = audience.worth(chosen)
    for place in sorted(chosen, reverse=True):
        rest = tuple(other for other in chosen if other != place)
        if audience.worth(rest) >= worth - SAME and rules.keeps(rest):
            chosen = rest
    return chosen


def _no_plan(problem: SelectionProblem, *, is_sure: bool, until: float) -> Plan:
    """Say why there is no plan, and which is nearest; or that the time was over."""
    nothing = Plan(
        status=PlanStatus.INFEASIBLE if is_sure else PlanStatus.NOT_FOUND,
        outcome=outcome(problem, ()),
        universe=len(set(problem.universe)),
        gap=0.0,
    )
    if not is_sure:
        return nothing
    _, rules = rulebook_of_sorts(problem)
    until = max(until, time.monotonic() + LEAST_SECONDS)
    concession = smallest_concession(rules, until=_half_way_to(until))
    found = clashes(rules, until=_half_way_to(until))
    nearest = None
    if concession is not None:
        seconds = max(until - time.monotonic(), 0.0)
        plan = best_plan(relaxed(problem, concession), time_limit_seconds=seconds)
        nearest = NearestPlan(plan=plan, concession=concession) if plan.is_found else None
    return replace(nothing, clashes=found.named, are_least=found.is_least, nearest=nearest)


def _half_way_to(until: float) -> float:
    now = time.monotonic()
    return now + max(until - now, 0.0) / 2
