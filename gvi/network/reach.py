"""Who hears the message when some people are invited, for certain and by expectation.

A person is reached if invited or tied to somebody invited. What is best is `selection`'s.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from gvi.domain.facts import Facts
from gvi.domain.policy import ScoringPolicy
from gvi.domain.tie import EXPOSURE_TIES
from gvi.network.arrays import (
    TIE_KINDS,
    FloatArray,
    IntArray,
    arrays_of,
    first_of_each,
    positions,
    ties_of,
    whole_numbers,
)
from gvi.network.plan import Objective, Outcome, SelectionProblem

OBLIGED = 1.0
VOLUNTARY = 1 / 6
"""Attendance where supervision obliges and where it does not: Wheeler and others, 2019 and 2020."""

OBLIGED_PRIOR = (9.0, 3.0)
VOLUNTARY_PRIOR = (1.0, 5.0)
DIGITS = 9


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Neighbourhoods:
    """The universe by place (ascending ids): who reaches whom, oneself included, and values."""

    people: IntArray
    reaches: csr_array
    value: FloatArray

    def reached_by(self, place: int) -> IntArray:
        """Give the places of the people reached when the person at this place comes."""
        rows: IntArray = self.reaches.indices[
            self.reaches.indptr[place] : self.reaches.indptr[place + 1]
        ]
        return rows


def attendance_probability(*, obliged: bool) -> float:
    """Give the published probability of coming: 1 if supervision obliges, 1/6 if not."""
    return OBLIGED if obliged else VOLUNTARY


def learned_probability(*, obliged: bool, came: int, invited: int) -> float:
    """Give the probability of coming, the published one updated with one's own attendance.

    Beta(9, 3) for the obliged and Beta(1, 5) for others; show the number invited beside it.

    Example:
        >>> learned_probability(obliged=True, came=0, invited=0)
        0.75
        >>> learned_probability(obliged=False, came=3, invited=6)
        0.3333333333333333
    """
    came_before, stayed_away_before = OBLIGED_PRIOR if obliged else VOLUNTARY_PRIOR
    return (came_before + came) / (came_before + stayed_away_before + invited)


def tied_pairs(facts: Facts, policy: ScoringPolicy) -> tuple[tuple[int, int], ...]:
    """Give each pair of people with a tie along which a message spreads (A' > 0), as ids."""
    arrays = arrays_of(facts, policy)
    ties = ties_of(facts, policy, arrays)
    rows = np.flatnonzero(np.array([name in EXPOSURE_TIES for name in TIE_KINDS])[ties.kind])
    rows = rows[first_of_each(ties.a[rows] * arrays.person_ids.size + ties.b[rows])]
    ids = arrays.person_ids
    return tuple(zip(ids[ties.a[rows]].tolist(), ids[ties.b[rows]].tolist(), strict=True))


def neighbourhoods(problem: SelectionProblem) -> Neighbourhoods:
    """Lay out who reaches whom; ties with people outside the universe count for nothing."""
    people = np.unique(whole_numbers(problem.universe))
    ends = np.array(problem.ties, dtype=np.int64).reshape(-1, 2)
    a, b = positions(people, ends[:, 0]), positions(people, ends[:, 1])
    inside = (a >= 0) & (b >= 0)
    each = np.arange(people.size)
    rows = np.concatenate([each, a[inside], b[inside]])
    columns = np.concatenate([each, b[inside], a[inside]])
    reaches = csr_array((np.ones(rows.size), (rows, columns)), shape=(people.size, people.size))
    reaches.data[:] = 1.0  # a pair given twice counts once
    value = np.array([problem.value.get(person, 1.0) for person in people.tolist()])
    return Neighbourhoods(people=people, reaches=reaches, value=value)


def outcome(problem: SelectionProblem, invitees: Iterable[int]) -> Outcome:
    """Say what inviting these people gives, whoever chose them and whichever rules they break."""
    chosen = tuple(sorted(set(invitees)))
    near = neighbourhoods(problem)
    reached = near.people[_missed(near, problem, chosen, certain=True) == 0.0].tolist()
    missed = _missed(near, problem, chosen, certain=False)
    delivered = sorted(problem.delivered)
    still_missed = missed * _missed(near, problem, delivered, certain=True)
    return Outcome(
        invitees=chosen,
        reach=_worth(near, problem, chosen, certain=True),
        expected=_worth(near, problem, chosen, certain=False),
        covered=round(float(near.value @ (1.0 - still_missed)), DIGITS),
        reached=tuple(reached),
        not_reached=tuple(person for person in near.people.tolist() if person not in set(reached)),
        gains=_gains(near, problem, chosen),
    )


def would_add(problem: SelectionProblem, invitees: Iterable[int]) -> dict[int, float]:
    """Say for each candidate not among these people how much of the objective they would add."""
    chosen = tuple(sorted(set(invitees)))
    near = neighbourhoods(problem)
    certain = problem.objective is Objective.REACH
    missed = near.value * _missed(near, problem, chosen, certain=certain)
    others = sorted(problem.candidates & frozenset(problem.universe) - frozenset(chosen))
    added: dict[int, float] = {}
    for person, place in zip(
        others, positions(near.people, whole_numbers(others)).tolist(), strict=True
    ):
        comes = OBLIGED if certain else problem.attendance.get(person, VOLUNTARY)
        added[person] = round(comes * float(missed[near.reached_by(place)].sum()), DIGITS)
    return added


def _gains(
    near: Neighbourhoods, problem: SelectionProblem, chosen: Sequence[int]
) -> dict[int, float]:
    """Give for each invitee how much of the objective would be lost without them."""
    certain = problem.objective is Objective.REACH
    whole = _worth(near, problem, chosen, certain=certain)
    return {
        person: round(
            whole - _worth(near, problem, [p for p in chosen if p != person], certain=certain),
            DIGITS,
        )
        for person in chosen
    }


def _worth(
    near: Neighbourhoods, problem: SelectionProblem, chosen: Sequence[int], *, certain: bool
) -> float:
    """Give reach(S) if everybody is certain to come, else expected(S)."""
    missed = _missed(near, problem, chosen, certain=certain)
    return round(float(near.value @ (1.0 - missed)), DIGITS)


def _missed(
    near: Neighbourhoods, problem: SelectionProblem, chosen: Sequence[int], *, certain: bool
) -> FloatArray:
    """Give each person's probability of hearing from none of the chosen: Π (1 − p)."""
    missed = np.ones(near.people.size)
    places = positions(near.people, whole_numbers(chosen))
    for person, place in zip(chosen, places.tolist(), strict=True):
        if place >= 0:
            comes = OBLIGED if certain else problem.attendance.get(person, VOLUNTARY)
            missed[near.reached_by(place)] *= 1.0 - comes
    return missed
