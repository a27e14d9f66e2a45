"""What runs along ties in many draws at once, over one structure that holds for all of them.

The structure has every pair that is tied in any draw: shared incidents are taken from the widest
window that may be drawn. In each draw the strengths are other numbers in the same places, so the
draws of a block stand side by side in one sparse matrix, and each step is one product with it.
"""

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.sparse import csr_array

from gvi.domain.facts import Facts
from gvi.domain.policy import ScoringPolicy
from gvi.network.arrays import (
    CO_OFFENDING,
    TIE_KINDS,
    FloatArray,
    IntArray,
    coded,
    first_of_each,
    largest,
    pairs_within,
    positions,
    whole_numbers,
)
from gvi.network.drawn_amounts import CERTAINTIES, Block, Incidents, adding
from gvi.network.draws import SPREAD


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shared:
    """Pairs with a doing role in the same incidents: one row for each pair and incident."""

    key: IntArray
    """Pair and kind (`co_offending`) of what the rows add up to, ascending."""
    incident: IntArray
    which: IntArray
    """Which of the distinct pairs of sets of roles, `left` and `right`."""
    left: IntArray
    right: IntArray
    summed: csr_array
    """Adds up the rows of each key, each divided by n − 1."""

    def strengths(self, incidents: Incidents, block: Block) -> FloatArray:
        """Give Σ min(c_p, c_q)·d/(n−1) over the incidents within the window of each draw."""
        in_window = block.age_days[:, np.newaxis] <= block.constant("tie_window_days")
        counted = np.where(in_window, block.counted, 0.0)
        certainty = incidents.doing.certainties(block)
        strength = np.minimum(certainty[self.left], certainty[self.right])[self.which]
        strength *= counted[self.incident]
        total: FloatArray = self.summed @ strength
        return total


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TieStructure:
    """Who is tied to whom in any draw, and what gives each tie its strength."""

    people: int
    incidents: Incidents
    shared: Shared
    key: IntArray
    """Pair and kind, ascending."""
    place_of_shared: IntArray
    """Where each key of `shared` stands among the pairs and kinds."""
    recorded: FloatArray
    """The largest recorded strength of each pair and kind (down) at each certainty (across)."""
    of_pair: csr_array
    """Adds up the kinds of each pair."""
    a: IntArray
    b: IntArray

    @property
    def rows(self) -> int:
        """How many rows the widest array of a block has."""
        return max(self.shared.incident.size, len(self.recorded), self.people)

    def strengths(self, block: Block) -> FloatArray:
        """Give A of each pair: of recorded and shared the larger, all kinds added up."""
        certainty = block.table("certainty", CERTAINTIES)
        strength = np.zeros((self.recorded.shape[0], certainty.shape[1]))
        for recorded, weight in zip(self.recorded.T, certainty, strict=True):
            np.maximum(strength, recorded[:, np.newaxis] * weight, out=strength)
        shared = self.shared.strengths(self.incidents, block)
        places = self.place_of_shared
        strength[places] = np.maximum(strength[places], shared)
        total: FloatArray = self.of_pair @ strength
        return total

    def near_and_far(self, block: Block, amount: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Give S·amount, and S·S·amount without what would return to where it came from."""
        draws = amount.shape[1]
        half = _Side(self, self.strengths(block), draws=draws)
        given = np.ascontiguousarray(amount.T).ravel()
        near = half.step(given)
        far = half.step(near)
        far -= half.there_and_back() * given
        return near.reshape(draws, -1).T, far.reshape(draws, -1).T


def tie_structure(
    facts: Facts, policy: ScoringPolicy, incidents: Incidents, kinds: Collection[str]
) -> TieStructure:
    """Find every pair that is tied in some draw by these kinds of tie."""
    person_ids = whole_numbers(facts.persons.id)
    shared = _shared(policy, incidents, people=person_ids.size)
    key, certainty, strength = _recorded(facts, kinds, person_ids)
    keys = np.sort(np.concatenate([key, shared.key]))
    keys = keys[first_of_each(keys)]
    recorded = np.zeros((keys.size, len(CERTAINTIES)))
    recorded[np.searchsorted(keys, key), certainty] = strength
    pair = keys // len(TIE_KINDS)
    first = first_of_each(pair)
    starts_pair = np.zeros(keys.size, dtype=np.int64)
    starts_pair[first] = 1
    a, b = np.divmod(pair[first], max(person_ids.size, 1))
    return TieStructure(
        people=person_ids.size,
        incidents=incidents,
        shared=shared,
        key=keys,
        place_of_shared=np.searchsorted(keys, shared.key),
        recorded=recorded,
        of_pair=adding(np.cumsum(starts_pair) - 1, size=first.size),
        a=a,
        b=b,
    )


class _Side:
    """The draws of a block side by side: A of the first draw, then of the second, and so on.

    Only pairs a before b are kept; the other half of the symmetric matrix is its transpose.
    """

    def __init__(self, ties: TieStructure, strength: FloatArray, *, draws: int) -> None:
        people, pairs = ties.people, ties.a.size
        size = draws * people
        small = size < np.iinfo(np.int32).max and draws * pairs < np.iinfo(np.int32).max
        index = np.int32 if small else np.int64
        starts = np.searchsorted(ties.a, np.arange(people))
        nth = np.arange(draws)[:, np.newaxis]
        self._column = (ties.b + people * nth).ravel().astype(index)
        self._start = np.append((starts + pairs * nth).ravel(), draws * pairs).astype(index)
        self._shape = (size, size)
        self._strength = np.ascontiguousarray(strength.T).ravel()
        self._upper = self._matrix(self._strength)

    @cached_property
    def divisor(self) -> FloatArray:
        """Give m(q) = max(1, Σ_r A[r,q])."""
        return np.maximum(1.0, _product(self._upper, np.ones(self._shape[0])))

    def step(self, amount: FloatArray) -> FloatArray:
        """Give S·amount."""
        return _product(self._upper, amount / self.divisor)

    def there_and_back(self) -> FloatArray:
        """Give (S·S)[p,p]."""
        squares = self._matrix(self._strength * self._strength)
        return _product(squares, 1.0 / self.divisor) / self.divisor

    def _matrix(self, strength: FloatArray) -> csr_array:
        return csr_array((strength, self._column, self._start), shape=self._shape)


def _product(upper: csr_array, vector: FloatArray) -> FloatArray:
    result: FloatArray = upper @ vector
    result += upper.T @ vector
    return result


def _shared(policy: ScoringPolicy, incidents: Incidents, *, people: int) -> Shared:
    doing = incidents.doing
    weight = np.array([policy.gmi.get(gmi, 1.0) for gmi in incidents.gmis])
    may_tie = incidents.age_days <= policy.tie_window_days * SPREAD
    if weight.size:
        may_tie &= weight[incidents.gmi] > 0.0
    rows = np.flatnonzero(may_tie[doing.incident])
    left, right, present = pairs_within(doing.incident[rows])
    left, right = rows[left], rows[right]
    pair = doing.person[left] * people + doing.person[right]
    order = np.argsort(pair, kind="stable")
    left, right, pair = left[order], right[order], pair[order]
    first = first_of_each(pair)
    sets = int(doing.which.max(initial=0)) + 1
    distinct, which = np.unique(doing.which[left] * sets + doing.which[right], return_inverse=True)
    starts = np.append(first, pair.size)
    return Shared(
        key=pair[first] * len(TIE_KINDS) + CO_OFFENDING,
        incident=doing.incident[left],
        which=which,
        left=distinct // sets,
        right=distinct % sets,
        summed=csr_array(
            (1.0 / (present[order] - 1.0), np.arange(pair.size), starts),
            shape=(first.size, pair.size),
        ),
    )


def _recorded(
    facts: Facts, kinds: Collection[str], person_ids: IntArray
) -> tuple[IntArray, IntArray, FloatArray]:
    """Give pair and kind, certainty and the largest strength of the recorded ties."""
    table = facts.ties
    a = positions(person_ids, whole_numbers(table.a))
    b = positions(person_ids, whole_numbers(table.b))
    kind = coded(table.kind, TIE_KINDS)
    certainty = coded(table.certainty, CERTAINTIES)
    kept = (a >= 0) & (b >= 0) & (a != b) & np.array([name in kinds for name in TIE_KINDS])[kind]
    pair = np.minimum(a, b) * person_ids.size + np.maximum(a, b)
    key = (pair * len(TIE_KINDS) + kind) * len(CERTAINTIES) + certainty
    key, strength = largest(key[kept], np.array(table.strength, dtype=np.float64)[kept])
    return key // len(CERTAINTIES), key % len(CERTAINTIES), strength
