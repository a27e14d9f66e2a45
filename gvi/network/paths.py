"""The ways along which one person's violence (or harm suffered) enters another person's score.

Here are ways and the share that each carries; what is carried, incident by incident, is
`explanation`'s.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from gvi.network.arrays import TIE_KINDS, FloatArray, IntArray, Weighed
from gvi.network.spread import spread_of

MEMBERSHIP = ("membership",)

Found = defaultdict[int, list[tuple[float, tuple[int, ...]]]]
"""Share and path of each way, by source."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How much of the source's amount arrives in all, and the strongest of the ways it takes.

    `path` are places of people and groups among the facts, source first; `ties` the kinds of tie of
    each step; `ways` the number of different ways.
    """

    share: float
    path: tuple[int, ...]
    ties: tuple[tuple[str, ...], ...]
    ways: int


class WayFinder:
    """Finds the ways to one person along ties of some kinds and along groups; see `Way`.

    All answers map the place of the source to its way. Shares are before the part's β.
    """

    def __init__(self, weighed: Weighed, *, kinds: Collection[str]) -> None:
        self._kinds = kinds
        self._ties = weighed.ties
        self._spread = spread_of(weighed.ties, kinds, people=weighed.arrays.person_ids.size)
        self._members = weighed.members
        self._conflicts = weighed.conflicts
        self._relations = weighed.facts.relations
        self._relation_weight = weighed.policy.relation
        self._group_ids = weighed.arrays.group_ids

    def own(self, person: int) -> Mapping[int, Way]:
        """Give the person as the only source, whole."""
        return {person: Way(share=1.0, path=(person,), ties=(), ways=1)}

    def near(self, person: int) -> Mapping[int, Way]:
        """Give those directly tied to the person."""
        return {
            source: Way(
                share=share,
                path=(source, person),
                ties=(self._kinds_between(source, person),),
                ways=1,
            )
            for source, share in self._carried_to(person)
        }

    def far(self, person: int) -> Mapping[int, Way]:
        """Give those two steps away, the person themself left out."""
        found: Found = defaultdict(list)
        for between, last in self._carried_to(person):
            for source, first in self._carried_to(between):
                if source != person:
                    found[source].append((last * first, (source, between, person)))
        return {
            source: _strongest(
                ways, lambda p: (self._kinds_between(p[0], p[1]), self._kinds_between(p[1], p[2]))
            )
            for source, ways in found.items()
        }

    def group(self, person: int) -> Mapping[int, Way]:
        """Give the other members of the person's groups."""
        found: Found = defaultdict(list)
        for group, share in self._memberships_of(person):
            for source, within in self._members_in(group):
                if source != person:
                    found[source].append((within * share, (source, group, person)))
        return {
            source: _strongest(ways, lambda _: (MEMBERSHIP, MEMBERSHIP))
            for source, ways in found.items()
        }

    def conflict(self, person: int) -> Mapping[int, Way]:
        """Give the members of groups in conflict with the person's groups."""
        found: Found = defaultdict(list)
        for group, share in self._memberships_of(person):
            for opponent, weight in self._opponents_of(group):
                for source, within in self._members_in(opponent):
                    path = (source, opponent, group, person)
                    found[source].append((within * weight * share, path))
        return {
            source: _strongest(
                ways, lambda p: (MEMBERSHIP, self._relation_between(p[1], p[2]), MEMBERSHIP)
            )
            for source, ways in found.items()
        }

    def _carried_to(self, person: int) -> Iterator[tuple[int, float]]:
        """Give S[person, q] for each q tied to the person."""
        matrix = self._spread.matrix
        row = slice(matrix.indptr[person], matrix.indptr[person + 1])
        sources = matrix.indices[row]
        shares = matrix.data[row] / self._spread.divisor[sources]
        yield from zip(sources.tolist(), shares.tolist(), strict=True)

    def _kinds_between(self, one: int, other: int) -> tuple[str, ...]:
        a, b = min(one, other), max(one, other)
        rows = slice(*np.searchsorted(self._ties.a, [a, a + 1]))
        kinds = self._ties.kind[rows][self._ties.b[rows] == b]
        return tuple(TIE_KINDS[kind] for kind in kinds if TIE_KINDS[kind] in self._kinds)

    def _relation_between(self, one: int, other: int) -> tuple[str, ...]:
        """Give the kind of the relation that weighs most between two groups."""
        pair = {int(self._group_ids[one]), int(self._group_ids[other])}
        rows = zip(
            self._relations.group_a, self._relations.group_b, self._relations.kind, strict=True
        )
        kinds = sorted(kind for a, b, kind in rows if {a, b} == pair)
        return (max(kinds, key=lambda kind: self._relation_weight.get(kind, 0.0)),)

    def _memberships_of(self, person: int) -> Iterator[tuple[int, float]]:
        rows = np.flatnonzero(self._members.person == person)
        return _pairs(self._members.group, self._members.share, rows)

    def _members_in(self, group: int) -> Iterator[tuple[int, float]]:
        rows = np.flatnonzero(self._members.group == group)
        return _pairs(self._members.person, self._members.within, rows)

    def _opponents_of(self, group: int) -> Iterator[tuple[int, float]]:
        groups, opponents, weights = self._conflicts
        return _pairs(opponents, weights, np.flatnonzero(groups == group))


def _pairs(places: IntArray, amounts: FloatArray, rows: IntArray) -> Iterator[tuple[int, float]]:
    return zip(places[rows].tolist(), amounts[rows].tolist(), strict=True)


def _strongest(
    ways: list[tuple[float, tuple[int, ...]]],
    ties_along: Callable[[tuple[int, ...]], tuple[tuple[str, ...], ...]],
) -> Way:
    """Sum the ways up under the strongest; of equals, the one with the lowest ids."""
    _, path = min(ways, key=lambda way: (-way[0], way[1]))
    return Way(
        share=sum(share for share, _ in ways), path=path, ties=ties_along(path), ways=len(ways)
    )
