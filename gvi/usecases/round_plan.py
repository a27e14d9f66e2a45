"""Whom to visit in a round: the same selection as for a call-in, over what was heard already.

The tool proposes, people decide: nothing here adds anybody to a round.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from gvi.network.plan import PlanStatus, SelectionProblem
from gvi.network.reach import outcome
from gvi.network.selection import best_plan
from gvi.network.visits import new_to, visits_problem
from gvi.usecases.plan import Ground, Question, problem

SECONDS_WAITED = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Gain:
    """What one visit adds, in people who have not heard the message."""

    reaches: int
    """Whom it reaches who have not heard it, whoever else is visited."""
    alone: int
    """Of them, whom no other of these visits reaches."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitPlan:
    """Visits proposed, the one that adds most first, and how good they are known to be."""

    people: tuple[int, ...]
    gains: Mapping[int, Gain]
    reached: int
    """Whom they reach together who have not heard it."""
    missing: int
    """Who has not heard it and would not."""
    is_proved: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is asked: how many visits, in which groups, beside whom, and to whom never."""

    visits: int
    groups: frozenset[int]
    called: frozenset[int]
    """Who hears it anyway: is called in, or is to be visited already."""
    excluded: frozenset[int] = frozenset()


def propose_visits(stood_on: Ground, wanted: Wanted) -> VisitPlan:
    """Propose the visits that reach most people whom nobody reaches yet."""
    asked = _problem(stood_on, wanted)
    plan = best_plan(asked, time_limit_seconds=SECONDS_WAITED)
    is_proved = plan.status is PlanStatus.PROVED_BEST
    return _plan(asked, plan.outcome.invitees, is_proved=is_proved)


def weigh_visits(stood_on: Ground, wanted: Wanted, people: Collection[int]) -> VisitPlan:
    """Say what visits add that somebody else has chosen."""
    return _plan(_problem(stood_on, wanted), people, is_proved=False)


def _problem(stood_on: Ground, wanted: Wanted) -> SelectionProblem:
    asked = problem(stood_on, Question(seats=max(1, wanted.visits), groups=wanted.groups))
    barred = frozenset(person for person in wanted.excluded if person in asked.candidates)
    asked = replace(asked, excluded=asked.excluded | barred)
    return visits_problem(asked, called=wanted.called, visits=max(1, wanted.visits))


def _plan(asked: SelectionProblem, people: Collection[int], *, is_proved: bool) -> VisitPlan:
    found = outcome(asked, people)
    gains = {
        person: Gain(reaches=new_to(asked, person), alone=round(found.gains[person]))
        for person in found.invitees
    }
    all_new = sum(asked.value.get(person, 1.0) > 0.0 for person in asked.universe)
    ordered = sorted(gains, key=lambda person: (-gains[person].alone, -gains[person].reaches))
    return VisitPlan(
        people=tuple(ordered),
        gains=gains,
        reached=round(found.reach),
        missing=all_new - round(found.reach),
        is_proved=is_proved,
    )
