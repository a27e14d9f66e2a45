"""The best plan by mixed-integer programming (HiGHS through scipy), and how sure that is.

maximise Σ v_i·R_i over who is invited (x_j, 0 or 1), with R_i ≤ 1 and

- R_i ≤ Σ x_j over i's neighbours, if everybody comes (reach);
- R_i ≤ Σ sure x_j + a straight line that is nowhere below 1 − exp(−L_i), L_i = Σ −ln(1 − p_j)·x_j
  over the unsure neighbours (expected). 1 − exp(−L_i) is the exact probability that one of them
  comes. L_i is a sum of some of few numbers, so lines are laid between the smallest sums there can
  be and cut off nothing that is possible; others are added where the last plan lay, touching the
  curve from above, until the plan is worth what the program believes.

Wheeler's model (2020) caps Σ p_j·x_j at 1 and so overstates when several unsure invitees share a
neighbour; its row is kept as the first of the lines, for it is exact where there is only one.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, OptimizeResult, milp
from scipy.sparse import csr_array, eye_array, hstack

from gvi.network.arrays import FloatArray, IntArray
from gvi.network.audience import Audience
from gvi.network.reach import DIGITS, OBLIGED
from gvi.network.rules import Rulebook

PROOF = 1e-6
"""HiGHS stops when plan and bound lie this close; nothing finer can be proved with it."""
CHORDS = 4
"""Lines laid for each person before the first solution: more make each round longer, fewer need
more rounds (docs/performance.md)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Solution:
    """The best choice found (places of choosable people), and the most any choice can be worth."""

    chosen: tuple[int, ...] | None
    bound: float


def best_choice(
    audience: Audience,
    rules: Rulebook,
    *,
    start: tuple[int, ...] | None = None,
    seconds: float,
    tells: bool = False,
) -> Solution:
    """Find the best choice that keeps the rules, and prove it if the time allows.

    Who sits where is left out at first: the best of all choices can mostly be seated, and is then
    the best that can. Where it cannot, the sessions are put in.

    `start` is a choice that keeps them; `tells` lets the solver print how far it is. Where
    everybody comes and all who can be reached are, the fewest invitees that do it are taken.
    """
    deadline = time.monotonic() + seconds
    found: list[tuple[int, ...]] = [] if start is None else [start]
    most = audience.worth(set(range(rules.people)) - set(rules.barred))
    worth, bound = max(map(audience.worth, found), default=-np.inf), most
    if not rules.people or seconds <= 0.0:
        return Solution(chosen=start, bound=bound)
    program = _Program(audience, rules.for_one_room, start=start, tells=tells)
    while (left := deadline - time.monotonic()) > 0.0:
        chosen, believed, limit = program.solve(left)
        bound = min(bound, limit)
        if chosen is not None and not rules.keeps(chosen):
            program = _Program(audience, rules, start=start, tells=tells)
            continue
        found += [chosen] if chosen is not None else []
        worth = max(map(audience.worth, found), default=-np.inf)
        proved = bound - worth <= PROOF * max(1.0, worth)
        if proved or chosen is None or not program.learn(chosen, believed):
            break
    best = max(found, key=audience.worth, default=None)
    if best and worth >= most - PROOF and np.all(audience.comes == OBLIGED):
        whole = _Program(audience, rules, tells=tells)
        best = whole.fewest(most, max(deadline - time.monotonic(), 0.0)) or best
    return Solution(chosen=best, bound=bound)


class _Program:
    """The mixed-integer program of one problem; it learns a line for each belief proved wrong."""

    def __init__(
        self,
        audience: Audience,
        rules: Rulebook,
        *,
        start: Sequence[int] | None = None,
        tells: bool,
    ) -> None:
        """Write it down; lines are laid where `start` lies, for the best is seldom far from it."""
        self._audience, self._tells = audience, tells
        self._people, self._reached = audience.comes.size, audience.value.size
        self._choices = rules.columns
        """Columns to be chosen: the people, and who sits where; who is reached comes after."""
        sure = audience.comes == OBLIGED
        unsure = np.where(sure, 0.0, -np.log1p(-np.where(sure, 0.0, audience.comes)))
        reached_by = audience.reaches.T
        self._sure = _without_zeros(csr_array(reached_by * sure))
        self._unsure = _without_zeros(csr_array(reached_by * unsure))
        self._constraints = [
            rules.constraint(columns=self._choices + self._reached),
            self._one_by_one(csr_array(reached_by * audience.comes)),
        ]
        self._lay_chords()
        if start is not None and not np.all(sure):
            loads, _ = self._loads_of(start)
            people = np.flatnonzero(loads)
            self._lay_tangents(people, loads[people])

    def solve(self, seconds: float) -> tuple[tuple[int, ...] | None, FloatArray, float]:
        """Give the best choice, how much of each person it is believed to reach, and the bound."""
        found = self._milp(-self._audience.value, cost=0.0, seconds=seconds)
        bound = np.inf if found.mip_dual_bound is None else -float(found.mip_dual_bound)
        x = np.zeros(self._choices + self._reached) if found.x is None else found.x
        return _chosen_in(found, people=self._people), x[self._choices :], bound

    def fewest(self, worth: float, seconds: float) -> tuple[int, ...] | None:
        """Give the smallest choice worth as much, if everybody who is invited comes."""
        value = np.concatenate([np.zeros(self._choices), self._audience.value])
        enough = LinearConstraint(value[None, :], lb=worth - PROOF)
        nothing = np.zeros(self._reached)
        found = self._milp(nothing, enough, cost=1.0, seconds=seconds)
        return _chosen_in(found, people=self._people)

    def _milp(
        self,
        reached: FloatArray,
        *more: LinearConstraint,
        cost: float,
        seconds: float,
    ) -> OptimizeResult:
        seated = np.zeros(self._choices - self._people)
        return milp(
            np.concatenate([np.full(self._people, cost), seated, reached]),
            integrality=np.repeat([1, 0], [self._choices, self._reached]),
            bounds=Bounds(0.0, 1.0),
            constraints=[*self._constraints, *more],
            options={"mip_rel_gap": 0.0, "time_limit": seconds, "disp": self._tells},
        )

    def learn(self, chosen: Sequence[int], believed: FloatArray) -> bool:
        """Lay lines at the loads of those believed more reached than they are; tell if any were.

        They are laid for everybody who can have such a load: else the next is wrong there.
        """
        loads, truly = self._loads_of(chosen)
        wrong = np.flatnonzero((believed > truly + PROOF / 10) & (self._audience.value > 0.0))
        most = self._unsure.sum(axis=1)
        for load in np.unique(np.round(loads[wrong], DIGITS)):
            people = np.flatnonzero(most >= load - PROOF)
            self._lay_tangents(people, np.full(people.size, load))
        return bool(wrong.size)

    def _loads_of(self, chosen: Sequence[int]) -> tuple[FloatArray, FloatArray]:
        """Give everybody's load and how sure they are reached, if these come."""
        x = np.zeros(self._people)
        x[list(chosen)] = 1.0
        loads = self._unsure @ x
        return loads, np.where(self._sure @ x > 0.0, 1.0, -np.expm1(-loads))

    def _lay_tangents(self, people: IntArray, loads: FloatArray) -> None:
        self._lay_lines(people, at=loads, slope=np.exp(-loads))

    def _one_by_one(self, chances: csr_array) -> LinearConstraint:
        """R_i ≤ Σ p_j·x_j: exact where one person comes, and where everybody is sure to."""
        return LinearConstraint(self._row(chances, eye_array(self._reached)), ub=0.0)

    def _row(self, chances: csr_array, reached: csr_array) -> csr_array:
        """Write rows that say: so much of the reached is no more than these chances of coming."""
        nowhere = csr_array((chances.shape[0], self._choices - self._people))
        return csr_array(hstack([-chances, nowhere, reached]))

    def _lay_chords(self) -> None:
        """Lay lines between the smallest loads there can be: exact at each of these."""
        loads = smallest_loads(self._unsure, CHORDS + 2)
        for begin, end in pairwise(loads.T[1:]):
            people = np.flatnonzero(np.isfinite(end))
            a, b = begin[people], end[people]
            self._lay_lines(people, at=a, slope=(np.exp(-a) - np.exp(-b)) / (b - a))

    def _lay_lines(self, people: IntArray, *, at: FloatArray, slope: FloatArray) -> None:
        """R_i − Σ sure x_j − s·Σ l_j·x_j ≤ 1 − e^(−a) − s·a: through a, and no lower elsewhere."""
        if not people.size:
            return
        lines = self._sure[people] + csr_array(self._unsure[people].multiply(slope[:, None]))
        reached = eye_array(self._reached, format="csr")[people]
        most = -np.expm1(-at) - slope * at
        self._constraints.append(LinearConstraint(self._row(lines, reached), ub=most))


def smallest_loads(unsure: csr_array, number: int) -> FloatArray:
    """Give for each row the smallest sums of any of its entries, ascending; infinite where fewer.

    Sums closer to one another than the solver can tell apart are one.
    """
    known: dict[bytes, list[float]] = {}
    found = np.full((unsure.shape[0], number), np.inf)
    for row, (begin, end) in enumerate(pairwise(unsure.indptr.tolist())):
        entries = np.sort(unsure.data[begin:end])
        key = entries.tobytes()
        if key not in known:
            known[key] = _smallest_sums(entries.tolist(), number)
        found[row, : len(known[key])] = known[key]
    return found


def _smallest_sums(entries: Sequence[float], number: int) -> list[float]:
    sums = [0.0]
    for entry in entries:
        if len(sums) < number or entry < sums[-1]:
            both = sorted([*sums, *(each + entry for each in sums)])
            apart = [b for a, b in pairwise(both) if b - a > PROOF]
            sums = [0.0, *apart][:number]
    return sums


def _chosen_in(found: OptimizeResult, *, people: int) -> tuple[int, ...] | None:
    """Read the choice from the solved program: its first columns are the people."""
    return None if found.x is None else tuple(np.flatnonzero(found.x[:people] > 0.5).tolist())


def _without_zeros(matrix: csr_array) -> csr_array:
    """Leave out what is stored and is nothing, so that a row tells who counts."""
    matrix.eliminate_zeros()
    return matrix
