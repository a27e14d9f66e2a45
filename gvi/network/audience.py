"""Whom the choosable people reach, as arrays: what each would add, what a choice is worth."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.sparse import csr_array

from gvi.network.arrays import FloatArray, IntArray, positions, whole_numbers
from gvi.network.plan import Objective, SelectionProblem
from gvi.network.reach import VOLUNTARY, neighbourhoods
from gvi.network.rules import choosable


@dataclass(frozen=True, kw_only=True, eq=False)
class Audience:
    """The universe as the choosable people reach it.

    `reaches` has a row for each choosable person, with a 1 for everybody of the universe they
    reach; `comes` are the probabilities the objective counts with: 1 for all where reach is asked.
    """

    reaches: csr_array
    value: FloatArray
    comes: FloatArray

    @cached_property
    def reached_by(self) -> csr_array:
        """The other way round: a row for everybody of the universe."""
        return csr_array(self.reaches.T.tocsr())

    def gains(self, missed: FloatArray) -> FloatArray:
        """Give what each choosable person would add, by the probability that each is missed."""
        gains: FloatArray = self.comes * (self.reaches @ (self.value * missed))
        return gains

    def gain(self, missed: FloatArray, choice: int) -> float:
        """Give what one choosable person would add."""
        reached = self.near(choice)
        return float(self.comes[choice] * (self.value[reached] @ missed[reached]))

    def invite(self, missed: FloatArray, choice: int) -> None:
        """Change the probabilities of being missed to what they are when one more is invited."""
        missed[self.near(choice)] *= 1.0 - self.comes[choice]

    def missed_after(self, missed: FloatArray, choice: int) -> FloatArray:
        """Give the probabilities of being missed when one more is invited."""
        after = missed.copy()
        self.invite(after, choice)
        return after

    def missed_by(self, chosen: Iterable[int]) -> FloatArray:
        """Give the probability that each hears of it from none of the chosen."""
        missed = np.ones(self.value.size)
        for choice in chosen:
            self.invite(missed, choice)
        return missed

    def worth(self, chosen: Iterable[int]) -> float:
        """Give the exact objective of choosing the people at these places."""
        return float(self.value @ (1.0 - self.missed_by(chosen)))

    def near(self, choice: int) -> IntArray:
        """Give the places of those whom one choosable person reaches."""
        start, end = self.reaches.indptr[choice : choice + 2]
        reached: IntArray = self.reaches.indices[start:end]
        return reached


def audience_of(problem: SelectionProblem) -> Audience:
    """Lay out whom the choosable people reach; one locked in from outside reaches nobody."""
    near = neighbourhoods(problem)
    people = choosable(problem)
    comes = np.ones(len(people))
    if problem.objective is Objective.EXPECTED:
        comes = np.array([problem.attendance.get(person, VOLUNTARY) for person in people])
    places = positions(near.people, whole_numbers(people))
    known = np.flatnonzero(places >= 0)
    chosen = csr_array(
        (np.ones(known.size), (known, places[known])), shape=(len(people), near.people.size)
    )
    return Audience(reaches=csr_array(chosen @ near.reaches), value=near.value, comes=comes)
