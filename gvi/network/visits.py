"""Visits that fill a gap: whom to tell in person, so that most hear it who have not."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from gvi.network.plan import Objective, SelectionProblem


def visits_problem(
    asked: SelectionProblem, *, called: Collection[int], visits: int
) -> SelectionProblem:
    """Ask for the visits that reach most people whom nobody reaches yet (design §5).

    Whoever is within a step of somebody `called`, or told in the last twelve months, hears it
    already and counts for nothing. A visit is to one person at home: nobody is obliged, nobody
    meets a rival, and it counts as delivered.
    """
    heard = within_a_step(asked, asked.delivered | frozenset(called))
    return replace(
        asked,
        objective=Objective.REACH,
        value={person: 0.0 if person in heard else 1.0 for person in asked.universe},
        attendance={},
        seats=visits,
        sessions=1,
        exactly=False,
        supervised_only=False,
        min_obliged=0,
        locked=frozenset(),
        excluded=asked.excluded | frozenset(called),
        min_per_group={},
        conflicts=(),
        accepted=(),
        keep_apart=(),
        barred={},
    )


def within_a_step(asked: SelectionProblem, people: Iterable[int]) -> frozenset[int]:
    """Give whom of the universe some people are, or are tied to; they may be out of it themselves.

    Who was told speaks with those they know, whichever groups are asked about.
    """
    universe = frozenset(asked.universe)
    sources = frozenset(people)
    tied = {
        there
        for one, other in asked.ties
        for here, there in ((one, other), (other, one))
        if here in sources
    }
    return (sources | tied) & universe


def new_to(asked: SelectionProblem, person: int) -> int:
    """Count whom a visit to one person reaches who had not heard it."""
    value: Mapping[int, float] = asked.value
    return sum(value.get(each, 1.0) > 0.0 for each in within_a_step(asked, [person]))
