"""One score of everybody with some rows changed, for many choices at once: choices across.

The sums are those of `ranking`, each a product of a matrix with a table that has one column for
each choice. Ties that no choice touches are one matrix for all of them.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from scipy.sparse import csr_array

from gvi.domain.policy import UNITS
from gvi.domain.tie import DRIVING_TIES, EXPOSURE_TIES
from gvi.network.arrays import (
    CO_OFFENDING,
    TIE_KINDS,
    FloatArray,
    IntArray,
    Shared,
    Weighed,
    added_up,
    recorded_ties,
)
from gvi.network.changed_rows import NO_CELLS, Cells, RowsOf, Summed, changed
from gvi.network.drawn_amounts import adding
from gvi.network.spread import symmetric

Changed = Mapping[str, Cells]
"""What is changed, by the name of the table: doing, suffering, shared, ties, memberships."""


class ChangedTies:
    """Who is tied to whom by some kinds of tie, and how strongly where rows are changed."""

    def __init__(self, weighed: Weighed, shared: Shared, kinds: frozenset[str]) -> None:
        people = weighed.arrays.person_ids.size
        recorded = recorded_ties(weighed.facts.ties, weighed.policy, weighed.arrays.person_ids)
        counts = np.array([name in kinds for name in TIE_KINDS])
        counted = counts[recorded.key % len(TIE_KINDS)]
        key_of_shared = shared.pair * len(TIE_KINDS) + CO_OFFENDING
        self.key = np.unique(np.concatenate([recorded.key[counted], key_of_shared]))
        self.recorded = np.zeros(self.key.size)
        np.maximum.at(
            self.recorded,
            np.searchsorted(self.key, recorded.key[counted]),
            recorded.strength[counted],
        )
        self._shared = Summed(
            np.searchsorted(self.key, key_of_shared), shared.strength, size=self.key.size
        )
        pair, self._pair = np.unique(self.key // len(TIE_KINDS), return_inverse=True)
        self._keys_of = RowsOf(self._pair)
        self._a, self._b = np.divmod(pair, max(people, 1))
        strength = np.maximum(self.recorded, self._shared.total)
        self._strength = added_up(self._pair, strength, size=pair.size)
        self._people = people

    def where(self, changes: Changed, columns: int) -> "TieColumns":
        """Give the ties in each column."""
        shared, ties = changes.get("shared", NO_CELLS), changes.get("ties", NO_CELLS)
        touched = np.concatenate([self._shared.place[shared.row], ties.row])
        pairs = np.unique(self._pair[touched])
        keys = self._keys_of(pairs)
        strength = np.maximum(
            changed(self.recorded[keys], keys, ties, columns),
            self._shared.at(keys, shared, columns),
        )
        fixed = np.ones(self._a.size, dtype=np.bool_)
        fixed[pairs] = False
        return TieColumns(
            symmetric(self._a[fixed], self._b[fixed], self._strength[fixed], people=self._people),
            (self._a[pairs], self._b[pairs]),
            adding(np.searchsorted(pairs, self._pair[keys]), size=pairs.size) @ strength,
        )


class TieColumns:
    """The matrix A in each column: the same ties for all, and those that are not."""

    def __init__(
        self, fixed: csr_array, pairs: tuple[IntArray, IntArray], strength: FloatArray
    ) -> None:
        self._fixed, self._strength = fixed, strength
        self._a, self._b = pairs
        self._to_a, self._to_b = (adding(end, size=fixed.shape[0]) for end in pairs)
        one = np.ones((fixed.shape[0], 1))
        self._divisor = np.maximum(1.0, self._times(fixed, strength, one))

    def near_and_far(self, amount: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Give S·amount, and S·S·amount without what would return to where it came from."""
        near = self._times(self._fixed, self._strength, amount / self._divisor)
        far = self._times(self._fixed, self._strength, near / self._divisor)
        squares = self._times(self._fixed.power(2), self._strength**2, 1.0 / self._divisor)
        far -= squares / self._divisor * amount
        return near, far

    def _times(self, fixed: csr_array, strength: FloatArray, amount: FloatArray) -> FloatArray:
        result: FloatArray = fixed @ amount + self._to_a @ (strength * amount[self._b])
        result += self._to_b @ (strength * amount[self._a])
        return result


class ChangedMembers:
    """Shares of groups where memberships are changed."""

    def __init__(self, weighed: Weighed) -> None:
        people, groups = weighed.arrays.person_ids.size, weighed.arrays.group_ids.size
        self._members = weighed.members
        self._of_person = adding(self._members.person, size=people)
        self._of_group = adding(self._members.group, size=groups)
        group, self._opponent, weight = weighed.conflicts
        self._threat = adding(group, size=groups) * weight

    def group(self, own: FloatArray, cells: Cells) -> FloatArray:
        """Give Σ_g (own(g) − w(p,g)·own(p))·share(p,g); see `ranking.group_parts`."""
        within, share = self._within_and_share(cells, own.shape[1])
        brought = within * own[self._members.person]
        of_others = (self._of_group @ brought)[self._members.group] - brought
        parts: FloatArray = self._of_person @ (of_others * share)
        return parts

    def conflict(self, own: FloatArray, cells: Cells) -> FloatArray:
        """Give Σ_g share(p,g)·Σ_g' own(g')·i(g,g'); see `ranking.conflict_parts`."""
        within, share = self._within_and_share(cells, own.shape[1])
        of_group = self._of_group @ (within * own[self._members.person])
        threat = self._threat @ of_group[self._opponent]
        parts: FloatArray = self._of_person @ (share * threat[self._members.group])
        return parts

    def _within_and_share(self, cells: Cells, columns: int) -> tuple[FloatArray, FloatArray]:
        members = self._members
        if not cells.row.size:
            return members.within[:, np.newaxis], members.share[:, np.newaxis]
        rows = np.arange(members.person.size)
        certainty = changed(members.certainty, rows, cells, columns)
        stake = changed(members.stake, rows, cells, columns)
        of_group = (self._of_group @ stake)[members.group]
        share = np.divide(stake, of_group, out=np.zeros_like(stake), where=stake > 0.0)
        return certainty / np.maximum(1.0, self._of_person @ certainty)[members.person], share


class ChangedSums:
    """Everybody's `driving` or `exposed` score, with rows changed in each of some columns."""

    def __init__(self, weighed: Weighed, shared: Shared, *, score: str) -> None:
        arrays, people = weighed.arrays, weighed.arrays.person_ids.size
        self._policy, self._is_driving = weighed.policy, score == "driving"
        self._own = Summed(arrays.doing.person, arrays.own_amounts(), size=people)
        self._hurt = Summed(arrays.suffering.person, arrays.hurt_amounts(), size=people)
        kinds = DRIVING_TIES if self._is_driving else EXPOSURE_TIES
        self.ties = ChangedTies(weighed, shared, frozenset(kinds))
        self._members = ChangedMembers(weighed)

    def of(
        self, changes: Changed, people: Sequence[int], *, columns: int
    ) -> tuple[FloatArray, FloatArray]:
        """Give scores and first parts of some people (down), −1 where they are not listed.

        Both are whole numbers, in units of 1e-9.
        """
        policy = self._policy
        own = self._own.everywhere(changes.get("doing", NO_CELLS), columns)
        ties = self.ties.where(changes, columns)
        members = changes.get("memberships", NO_CELLS)
        if self._is_driving:
            near, far = ties.near_and_far(own)
            group = self._members.group(own, members)
            parts = [own, policy.near * near, policy.far * far, policy.group * group]
            listed = own[people] > 0.0
        else:
            hurt = self._hurt.everywhere(changes.get("suffering", NO_CELLS), columns)
            near, far = ties.near_and_far(hurt)
            conflict = policy.conflict * self._members.conflict(own, members)
            parts = [hurt, policy.exposed_near * near, policy.exposed_far * far, conflict]
            listed = np.add.reduce([part[people] for part in parts]) > 0.0
        units = [np.rint(part[people] * UNITS) for part in parts]
        score = np.where(listed, np.add.reduce(units), -1.0)
        return score, np.where(listed, units[0], -1.0)
