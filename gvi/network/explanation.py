"""Why a person has the score they have: every amount, and the way it came, back to its incident.

A score that cannot be opened up must not be used. The amounts of an explanation add up to the score
exactly, in units of 1e-9; who may not be listed may not be explained either.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import NamedTuple

import numpy as np

from gvi.domain.errors import NotFoundError, RuleError
from gvi.domain.facts import Facts
from gvi.domain.person import adult_born_by, is_adult
from gvi.domain.policy import UNITS, ScoringPolicy
from gvi.domain.text import N_
from gvi.domain.tie import DRIVING_TIES, EXPOSURE_TIES
from gvi.network.arrays import (
    ROLES,
    Arrays,
    FloatArray,
    IntArray,
    Involved,
    first_of_each,
    weigh,
)
from gvi.network.paths import Kinds, WayFinder, Ways
from gvi.network.ranking import (
    DrivingEntry,
    Entry,
    ExposedEntry,
    Summed,
    driving_sums,
    exposed_sums,
)

PARTS_THROUGH_GROUPS = frozenset({"group", "conflict"})


class Contribution(NamedTuple):
    """What one person's role in one incident adds to one part of a score, and along what.

    `path` leads from the source to the person explained: (p) for own and hurt, (q, p) for near,
    (r, q, p) for far; (q, g, p) for group and (q, g', g, p) for conflict, where the inner ids are
    groups. It is the strongest of `paths` ways; `amount`, in harm units, is the sum over all of
    them. `ties` has the kinds of tie of each step.
    """

    part: str
    incident_id: int
    role: str
    source_id: int
    path: tuple[int, ...]
    paths: int
    ties: tuple[tuple[str, ...], ...]
    amount: float

    @property
    def people(self) -> tuple[int, ...]:
        """The ids in the path that are people's."""
        if self.part in PARTS_THROUGH_GROUPS:
            return (self.path[0], self.path[-1])
        return self.path

    @property
    def groups(self) -> tuple[int, ...]:
        """The ids in the path that are groups'."""
        return self.path[1:-1] if self.part in PARTS_THROUGH_GROUPS else ()


@dataclass(frozen=True, kw_only=True, eq=False)
class Explanation:
    """A score, its parts and everything behind them, in harm units.

    `under_18` are people in the paths who must be shown as "person under 18". `rows` is what the
    contributions are made of, a part each.
    """

    person_id: int
    score: float
    parts: Mapping[str, float]
    under_18: frozenset[int]
    rows: "Sequence[Rows]"
    arrays: Arrays

    @cached_property
    def contributions(self) -> tuple[Contribution, ...]:
        """Every contribution, made when first asked for: there may be tens of thousands.

        They stand in the order of the parts, the largest amount first, then by incident and source.
        """
        return tuple(chain.from_iterable(_contributions(rows, self.arrays) for rows in self.rows))

    def by_incident(self) -> dict[str, dict[int, float]]:
        """Give, for each part, what each incident brings; one may enter through several parts."""
        return {rows.part: _by_incident(rows, self.arrays) for rows in self.rows}


class Rows(NamedTuple):
    """What adds up to one part: a row for each incident and source, in this order.

    `incident` is a place among the facts, `role` a place in `ROLES`, `way` the row of the source's
    way among the `ways`, `units` an amount in units of 1e-9; `kinds` gives the kinds of tie of
    each step of paths.
    """

    part: str
    incident: IntArray
    role: IntArray
    way: IntArray
    units: FloatArray
    ways: Ways
    kinds: Callable[[Sequence[IntArray]], list[Kinds]]


def explain_driving(facts: Facts, policy: ScoringPolicy, person_id: int) -> Explanation:
    """Say why a person stands where they stand on the driving list.

    Raises `NotFoundError` for somebody who is not among the facts, and `RuleError` for somebody who
    is not on the list (under 18, or took part in nothing): they have no driving value to explain.
    """
    return driving_explained(driving_sums(weigh(facts, policy)), person_id)


def explain_exposed(facts: Facts, policy: ScoringPolicy, person_id: int) -> Explanation:
    """Say why a person stands where they stand on the exposed list; raises as `explain_driving`."""
    return exposed_explained(exposed_sums(weigh(facts, policy)), person_id)


def driving_explained(summed: Summed[DrivingEntry], person_id: int) -> Explanation:
    """Explain one person of a driving list that is summed up already; see `explain_driving`."""
    weighed, policy, arrays = summed.weighed, summed.weighed.policy, summed.weighed.arrays
    place = _place(weighed.facts, person_id)
    finder = WayFinder(weighed, summed.spread, kinds=DRIVING_TIES, person=place)
    ways = (finder.own(), finder.near(), finder.far(), finder.group())
    own = _reaching(arrays, arrays.doing, arrays.own_amounts(), ways)
    return _explanation(
        summed,
        place,
        [
            _Part("own", ways[0], 1.0, own, finder.kinds_of_ties),
            _Part("near", ways[1], policy.near, own, finder.kinds_of_ties),
            _Part("far", ways[2], policy.far, own, finder.kinds_of_ties),
            _Part("group", ways[3], policy.group, own, finder.kinds_through_groups),
        ],
    )


def exposed_explained(summed: Summed[ExposedEntry], person_id: int) -> Explanation:
    """Explain one person of an exposed list that is summed up already; see `explain_exposed`."""
    weighed, policy, arrays = summed.weighed, summed.weighed.policy, summed.weighed.arrays
    place = _place(weighed.facts, person_id)
    finder = WayFinder(weighed, summed.spread, kinds=EXPOSURE_TIES, person=place)
    ways = (finder.own(), finder.near(), finder.far())
    conflict = finder.conflict()
    hurt = _reaching(arrays, arrays.suffering, arrays.hurt_amounts(), ways)
    own = _reaching(arrays, arrays.doing, arrays.own_amounts(), [conflict])
    return _explanation(
        summed,
        place,
        [
            _Part("hurt", ways[0], 1.0, hurt, finder.kinds_of_ties),
            _Part("near", ways[1], policy.exposed_near, hurt, finder.kinds_of_ties),
            _Part("far", ways[2], policy.exposed_far, hurt, finder.kinds_of_ties),
            _Part("conflict", conflict, policy.conflict, own, finder.kinds_through_groups),
        ],
    )


class _Harm(NamedTuple):
    """Harm that people did or suffered: a row for each incident and person, in this order."""

    incident: IntArray
    person: IntArray
    role: IntArray
    amount: FloatArray


class _Part(NamedTuple):
    """One part of a score: its ways, its β, the harm that travels along them, and their ties."""

    name: str
    ways: Ways
    factor: float
    harm: _Harm
    kinds: Callable[[Sequence[IntArray]], list[Kinds]]


def _place(facts: Facts, person_id: int) -> int:
    """Find the person among the facts, or refuse."""
    at = bisect_left(facts.persons.id, person_id)
    if at == len(facts.persons.id) or facts.persons.id[at] != person_id:
        raise NotFoundError(N_("There is no such person."))
    if not is_adult(facts.persons.birth_date[at], facts.as_of_day):
        raise RuleError(N_("People under 18 are never ranked, so this may not be explained."))
    return at


def _explanation(summed: Summed[Entry], place: int, parts: Sequence[_Part]) -> Explanation:
    """Give every contribution to the score, or refuse who is not on the list."""
    entry, arrays = summed.entry_at(place), summed.weighed.arrays
    if entry is None:
        raise RuleError(
            N_("This person is not on the list, so there is nothing that may be explained.")
        )
    rows = [_rows(part, arrays, entry.parts[part.name]) for part in parts]
    return Explanation(
        person_id=entry.person_id,
        score=entry.score,
        parts=entry.parts,
        under_18=_under_18(summed.weighed.facts, rows),
        rows=rows,
        arrays=arrays,
    )


def _reaching(
    arrays: Arrays, involved: Involved, amounts: FloatArray, ways: Sequence[Ways]
) -> _Harm:
    """Give the harm that travels along any of the ways, of all that was done or suffered."""
    is_source = np.zeros(arrays.person_ids.size, dtype=np.bool_)
    is_source[np.concatenate([each.source for each in ways])] = True
    row = np.flatnonzero(is_source[involved.person] & (amounts > 0.0))
    return _Harm(involved.incident[row], involved.person[row], involved.role[row], amounts[row])


def _rows(part: _Part, arrays: Arrays, total: float) -> Rows:
    """Find what adds up to one part."""
    harm, source = part.harm, part.ways.source
    share, way = np.zeros(arrays.person_ids.size), np.zeros(arrays.person_ids.size, dtype=np.int64)
    share[source], way[source] = part.factor * part.ways.share, np.arange(source.size)
    amount = harm.amount * share[harm.person]
    row = np.flatnonzero(amount > 0.0)
    return Rows(
        part=part.name,
        incident=harm.incident[row],
        role=harm.role[row],
        way=way[harm.person[row]],
        units=_whole_units(amount[row], total),
        ways=part.ways,
        kinds=part.kinds,
    )


def _by_incident(rows: Rows, arrays: Arrays) -> dict[int, float]:
    first = first_of_each(rows.incident)
    amounts = np.add.reduceat(rows.units, first) / UNITS if first.size else rows.units
    ids = arrays.incident_ids[rows.incident[first]]
    return dict(zip(ids.tolist(), amounts.tolist(), strict=True))


def _contributions(rows: Rows, arrays: Arrays) -> Iterator[Contribution]:
    """Make the contributions of one part; what each way has in common is made once."""
    of_inner = arrays.group_ids if rows.part in PARTS_THROUGH_GROUPS else arrays.person_ids
    stops, ends = rows.ways.path, {0, len(rows.ways.path) - 1}
    ids = [(arrays.person_ids if at in ends else of_inner)[each] for at, each in enumerate(stops)]
    paths = zip(*(each.tolist() for each in ids), strict=True)
    found = zip(paths, rows.ways.ways.tolist(), rows.kinds(stops), strict=True)
    ways = [(path[0], path, count, kinds) for path, count, kinds in found]
    order = np.argsort(-rows.units, kind="stable")
    columns = (
        arrays.incident_ids[rows.incident[order]],
        rows.role[order],
        rows.way[order],
        rows.units[order] / UNITS,
    )
    for incident, role, way, amount in zip(*(each.tolist() for each in columns), strict=True):
        source, path, count, kinds = ways[way]
        yield Contribution(rows.part, incident, ROLES[role], source, path, count, kinds, amount)


def _under_18(facts: Facts, found: Sequence[Rows]) -> frozenset[int]:
    """Find who in the paths is under 18."""
    there = np.zeros(len(facts.persons.id), dtype=np.bool_)
    for rows in found:
        for at, stop in enumerate(rows.ways.path):
            if rows.part not in PARTS_THROUGH_GROUPS or at in {0, len(rows.ways.path) - 1}:
                there[stop[rows.way]] = True
    births, latest = facts.persons.birth_date, adult_born_by(facts.as_of_day)
    born = ((at, births[at]) for at in np.flatnonzero(there).tolist())
    return frozenset(facts.persons.id[at] for at, day in born if day is not None and day > latest)


def _whole_units(amounts: FloatArray, total: float) -> FloatArray:
    """Round amounts to units of 1e-9 so that they add up to the total, itself in these units.

    All are rounded down, and the units still missing go to the largest remainders.
    """
    exact = amounts * UNITS
    units = np.floor(exact)
    missing = int(round(total * UNITS) - units.sum())
    units[np.argsort(units - exact, kind="stable")[:missing]] += 1.0
    return units
