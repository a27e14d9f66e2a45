"""The ways along which one person's violence (or harm suffered) enters another person's score.

Here are ways and the share that each carries; what is carried, incident by incident, is
`explanation`'s. Ways are rows of arrays: at the size of a nation there are tens of thousands.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise, repeat

import numpy as np

from gvi.network.arrays import TIE_KINDS, FloatArray, IntArray, Weighed, first_of_each
from gvi.network.spread import Spread

MEMBERSHIP = ("membership",)

Kinds = tuple[tuple[str, ...], ...]
"""The kinds of tie of each step of a way."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ways:
    """One row for each source, in order: how much of its amount arrives, and how.

    `share` is the sum over all `ways` different ways, before the part's β. `path` has the places,
    among the facts, of the people and groups along the strongest of them: one array for each stop,
    the source first; of equally strong ways, the one with the lowest places.
    """

    share: FloatArray
    ways: IntArray
    path: tuple[IntArray, ...]

    @property
    def source(self) -> IntArray:
        """Whose violence or harm arrives."""
        return self.path[0]


class WayFinder:
    """Finds the ways to one person along ties of some kinds and along groups; see `Ways`."""

    def __init__(
        self, weighed: Weighed, spread: Spread, *, kinds: Collection[str], person: int
    ) -> None:
        """Look for ways to `person`; `spread` is of the same kinds of tie."""
        self._weighed = weighed
        self._spread = spread
        self._kinds = kinds
        self._person = person

    def own(self) -> Ways:
        """Give the person as the only source, whole."""
        return _by_source(np.ones(1), [np.array([self._person])])

    def near(self) -> Ways:
        """Give those directly tied to the person."""
        source, share, _ = self._tied_to(np.array([self._person]))
        return _by_source(share, [source, self._here(source)])

    def far(self) -> Ways:
        """Give those two steps away, the person themself left out."""
        between, last, _ = self._tied_to(np.array([self._person]))
        source, first, at = self._tied_to(between)
        share, path = last[at] * first, [source, between[at], self._here(source)]
        others = source != self._person
        return _by_source(share[others], [stop[others] for stop in path])

    def group(self) -> Ways:
        """Give the other members of the person's groups."""
        group, share = self._own_groups()
        source, within, at = self._members_of(group)
        share, path = within * share[at], [source, group[at], self._here(source)]
        others = source != self._person
        return _by_source(share[others], [stop[others] for stop in path])

    def conflict(self) -> Ways:
        """Give the members of groups in conflict with the person's groups."""
        group, share = self._own_groups()
        of_group, opponents, weights = self._weighed.conflicts
        row, at = _rows_of(of_group, group)
        group, opponent, carried = group[at], opponents[row], weights[row] * share[at]
        source, within, at = self._members_of(opponent)
        return _by_source(
            within * carried[at], [source, opponent[at], group[at], self._here(source)]
        )

    def kinds_of_ties(self, path: Sequence[IntArray]) -> list[Kinds]:
        """Give the kinds of tie of each step of ways that lead along people."""
        steps = [self._between_people(one, other) for one, other in pairwise(path)]
        return list(zip(*steps, strict=True)) if steps else [()] * path[0].size

    def kinds_through_groups(self, path: Sequence[IntArray]) -> list[Kinds]:
        """Give the kinds of each step of ways that lead through groups, and their conflict."""
        inner = [self._between_groups(one, other) for one, other in pairwise(path[1:-1])]
        joined = repeat(MEMBERSHIP, path[0].size)
        return list(zip(joined, *inner, repeat(MEMBERSHIP, path[0].size), strict=True))

    def _here(self, source: IntArray) -> IntArray:
        """Give the last stop of every way."""
        return np.full(source.size, self._person)

    def _tied_to(self, people: IntArray) -> tuple[IntArray, FloatArray, IntArray]:
        """Give each q tied to each of the people p, S[p, q], and the row of p among the people."""
        matrix = self._spread.matrix
        row, at = _runs(matrix.indptr[people], matrix.indptr[people + 1])
        source = matrix.indices[row].astype(np.int64)
        return source, matrix.data[row] / self._spread.divisor[source], at

    def _own_groups(self) -> tuple[IntArray, FloatArray]:
        members = self._weighed.members
        row = np.flatnonzero(members.person == self._person)
        return members.group[row], members.share[row]

    def _members_of(self, groups: IntArray) -> tuple[IntArray, FloatArray, IntArray]:
        """Give each member q of each of the groups g, w(q, g), and the row of g."""
        members = self._weighed.members
        row, at = _rows_of(members.group, groups)
        return members.person[row], members.within[row], at

    def _between_people(self, one: IntArray, other: IntArray) -> list[tuple[str, ...]]:
        """Give the kinds of tie between each pair, those that count, in the order of the codes."""
        ties, size = self._weighed.ties, self._weighed.arrays.person_ids.size
        pair = np.minimum(one, other) * size + np.maximum(one, other)
        row, at = _rows_of(ties.a * size + ties.b, pair)
        found: list[tuple[str, ...]] = [()] * pair.size
        for place, kind in zip(at.tolist(), ties.kind[row].tolist(), strict=True):
            if TIE_KINDS[kind] in self._kinds:
                found[place] += (TIE_KINDS[kind],)
        return found

    def _between_groups(self, one: IntArray, other: IntArray) -> list[tuple[str, ...]]:
        """Give the kind of the relation that weighs most between each two groups."""
        ids, weight = self._weighed.arrays.group_ids, self._weighed.policy.relation
        relations = self._weighed.facts.relations
        heaviest: dict[frozenset[int], str] = {}
        rows = zip(relations.group_a, relations.group_b, relations.kind, strict=True)
        for a, b, kind in sorted(rows, key=lambda row: (-weight.get(row[2], 0.0), row[2])):
            heaviest.setdefault(frozenset((a, b)), kind)
        pairs = zip(ids[one].tolist(), ids[other].tolist(), strict=True)
        return [(heaviest[frozenset(pair)],) for pair in pairs]


def _by_source(share: FloatArray, path: Sequence[IntArray]) -> Ways:
    """Sum the ways from each source up under the strongest."""
    order = np.lexsort((*reversed(path), -share, path[0]))
    first = first_of_each(path[0][order])
    strongest = order[first]
    return Ways(
        share=np.add.reduceat(share[order], first) if first.size else share,
        ways=np.diff(np.append(first, order.size)),
        path=tuple(stop[strongest] for stop in path),
    )


def _rows_of(ordered: IntArray, wanted: IntArray) -> tuple[IntArray, IntArray]:
    """Give the rows of an ordered column that hold each of the wanted, and which of these it is."""
    return _runs(np.searchsorted(ordered, wanted), np.searchsorted(ordered, wanted, side="right"))


def _runs(start: IntArray, stop: IntArray) -> tuple[IntArray, IntArray]:
    """Give the rows from each start up to its stop, one run after the other, and which run."""
    length = stop - start
    at = np.repeat(np.arange(length.size), length)
    return np.arange(at.size) + np.repeat(start - (np.cumsum(length) - length), length), at
