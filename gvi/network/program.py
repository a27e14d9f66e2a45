"""The best plan by mixed-integer programming (HiGHS through scipy), and how sure that is.

maximise Σ v_i·R_i over who is invited (x_j, 0 or 1), with R_i ≤ 1 and

- R_i ≤ Σ x_j over i's neighbours, if everybody comes (reach);
- R_i ≤ Σ sure x_j + a straight line that touches 1 − exp(−L_i) from above, L_i = Σ −ln(1 − p_j)·x_j
  over the unsure neighbours (expected). 1 − exp(−L_i) is the exact probability that one of them
  comes; lines are added where the last plan lay, until the plan is worth what the program believes.

Wheeler's model (2020) caps Σ p_j·x_j at 1 and so overstates when several unsure invitees share a
neighbour; its row is kept as the first of the lines, for it is exact where there is only one.
"""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, OptimizeResult, milp
from scipy.sparse import csr_array, eye_array, hstack

from gvi.network.arrays import FloatArray, IntArray, positions, whole_numbers
from gvi.network.plan import Objective, SelectionProblem
from gvi.network.reach import OBLIGED, VOLUNTARY, neighbourhoods
from gvi.network.rules import Rulebook, choosable, chosen_in

PROOF = 1e-6
"""HiGHS stops when plan and bound lie this close; nothing finer can be proved with it."""
FIRST_LINES = 8
"""Lines laid before the first solution: at one to so many average neighbours invited."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Audience:
    """The universe as the choosable people reach it.

    `reaches` has a row for each choosable person, with a 1 for everybody of the universe they
    reach; `comes` are the probabilities the objective counts with: 1 for all where reach is asked.
    """

    reaches: csr_array
    value: FloatArray
    comes: FloatArray

    def gains(self, missed: FloatArray) -> FloatArray:
        """Give what each choosable person would add, by the probability that each is missed."""
        gains: FloatArray = self.comes * (self.reaches @ (self.value * missed))
        return gains

    def gain(self, missed: FloatArray, choice: int) -> float:
        """Give what one choosable person would add."""
        reached = self._reached_by(choice)
        return float(self.comes[choice] * (self.value[reached] @ missed[reached]))

    def missed_after(self, missed: FloatArray, choice: int) -> FloatArray:
        """Give the probabilities of being missed when one more is invited."""
        after = missed.copy()
        after[self._reached_by(choice)] *= 1.0 - self.comes[choice]
        return after

    def worth(self, chosen: Iterable[int]) -> float:
        """Give the exact objective of choosing the people at these places."""
        missed = np.ones(self.value.size)
        for choice in chosen:
            missed = self.missed_after(missed, choice)
        return float(self.value @ (1.0 - missed))

    def _reached_by(self, choice: int) -> IntArray:
        start, end = self.reaches.indptr[choice : choice + 2]
        reached: IntArray = self.reaches.indices[start:end]
        return reached


@dataclass(frozen=True, slots=True, kw_only=True)
class Solution:
    """The best choice found (places of choosable people), and the most any choice can be worth."""

    chosen: tuple[int, ...] | None
    bound: float


def audience_of(problem: SelectionProblem) -> Audience:
    """Lay out how the choosable people, all of them in the universe, reach the others."""
    near = neighbourhoods(problem)
    people = choosable(problem)
    comes = np.ones(len(people))
    if problem.objective is Objective.EXPECTED:
        comes = np.array([problem.attendance.get(person, VOLUNTARY) for person in people])
    rows = positions(near.people, whole_numbers(people))
    return Audience(reaches=csr_array(near.reaches[rows]), value=near.value, comes=comes)


def best_choice(audience: Audience, rules: Rulebook, *, seconds: float) -> Solution:
    """Find the best choice that keeps the rules, and prove it if the time allows.

    Where everybody comes and all who can be reached are, the fewest invitees that do it are taken.
    """
    program = _Program(audience, rules)
    found: list[tuple[int, ...]] = []
    most = audience.worth(set(range(rules.people)) - set(rules.barred))
    worth, bound = -np.inf, most
    deadline = time.monotonic() + seconds
    while rules.people and (left := deadline - time.monotonic()) > 0.0:
        chosen, believed, limit = program.solve(left)
        bound = min(bound, limit)
        found += [chosen] if chosen is not None else []
        worth = max(map(audience.worth, found), default=-np.inf)
        proved = bound - worth <= PROOF * max(1.0, worth)
        if proved or chosen is None or not program.learn(chosen, believed):
            break
    best = max(found, key=audience.worth, default=None)
    if best and worth >= most - PROOF and np.all(audience.comes == OBLIGED):
        best = program.fewest(most, max(deadline - time.monotonic(), 0.0)) or best
    return Solution(chosen=best, bound=bound)


class _Program:
    """The mixed-integer program of one problem; it learns a line for each belief proved wrong."""

    def __init__(self, audience: Audience, rules: Rulebook) -> None:
        self._audience = audience
        self._people, self._reached = audience.comes.size, audience.value.size
        sure = audience.comes == OBLIGED
        unsure = np.where(sure, 0.0, -np.log1p(-np.where(sure, 0.0, audience.comes)))
        reached_by = audience.reaches.T
        self._sure = csr_array(reached_by * sure)
        self._unsure = csr_array(reached_by * unsure)
        self._constraints = [
            rules.constraint(columns=self._people + self._reached),
            self._one_by_one(csr_array(reached_by * audience.comes)),
        ]
        self._lay_first_lines()

    def solve(self, seconds: float) -> tuple[tuple[int, ...] | None, FloatArray, float]:
        """Give the best choice, how much of each person it is believed to reach, and the bound."""
        found = self._milp(-self._audience.value, cost=0.0, seconds=seconds)
        bound = np.inf if found.mip_dual_bound is None else -float(found.mip_dual_bound)
        x = np.zeros(self._people + self._reached) if found.x is None else found.x
        return chosen_in(found, people=self._people), x[self._people :], bound

    def fewest(self, worth: float, seconds: float) -> tuple[int, ...] | None:
        """Give the smallest choice worth as much, if everybody who is invited comes."""
        value = np.concatenate([np.zeros(self._people), self._audience.value])
        enough = LinearConstraint(value[None, :], lb=worth - PROOF)
        nothing = np.zeros(self._reached)
        found = self._milp(nothing, enough, cost=1.0, seconds=seconds)
        return chosen_in(found, people=self._people)

    def _milp(
        self,
        reached: FloatArray,
        *more: LinearConstraint,
        cost: float,
        seconds: float,
    ) -> OptimizeResult:
        return milp(
            np.concatenate([np.full(self._people, cost), reached]),
            integrality=np.repeat([1, 0], [self._people, self._reached]),
            bounds=Bounds(0.0, 1.0),
            constraints=[*self._constraints, *more],
            options={"mip_rel_gap": 0.0, "time_limit": seconds},
        )

    def learn(self, chosen: Sequence[int], believed: FloatArray) -> bool:
        """Lay a line for everybody believed more reached than they are; tell if there was any."""
        x = np.zeros(self._people)
        x[list(chosen)] = 1.0
        load = self._unsure @ x
        truly = np.where(self._sure @ x > 0.0, 1.0, -np.expm1(-load))
        wrong = np.flatnonzero((believed > truly + PROOF / 10) & (self._audience.value > 0.0))
        self._lay_lines(wrong, load[wrong])
        return bool(wrong.size)

    def _one_by_one(self, chances: csr_array) -> LinearConstraint:
        """R_i ≤ Σ p_j·x_j: exact where one person comes, and where everybody is sure to."""
        return LinearConstraint(hstack([-chances, eye_array(self._reached)]), ub=0.0)

    def _lay_first_lines(self) -> None:
        """Lay lines at two, three, … average unsure neighbours: exact where all are alike."""
        neighbours = np.diff(self._unsure.indptr)
        average = self._unsure.sum(axis=1) / np.maximum(neighbours, 1)
        for number in range(2, FIRST_LINES + 1):
            people = np.flatnonzero(neighbours >= number)
            self._lay_lines(people, number * average[people])

    def _lay_lines(self, people: IntArray, load: FloatArray) -> None:
        """R_i − Σ sure x_j − e^(−a)·Σ l_j·x_j ≤ 1 − e^(−a)·(1 + a), the line that touches at a."""
        if not people.size:
            return
        slope = np.exp(-load)
        lines = self._sure[people] + csr_array(self._unsure[people].multiply(slope[:, None]))
        reached = eye_array(self._reached, format="csr")[people]
        self._constraints.append(
            LinearConstraint(hstack([-lines, reached]), ub=1.0 - slope * (1.0 + load))
        )
