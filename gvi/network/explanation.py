"""Why a person has the score they have: every amount, and the way it came, back to its incident.

A score that cannot be opened up must not be used. The amounts of an explanation add up to the score
exactly, in units of 1e-9; who may not be listed may not be explained either.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from gvi.domain.errors import NotFoundError, RuleError
from gvi.domain.facts import Facts
from gvi.domain.person import is_adult
from gvi.domain.policy import UNITS, ScoringPolicy
from gvi.domain.text import N_
from gvi.domain.tie import DRIVING_TIES, EXPOSURE_TIES
from gvi.network.arrays import ROLES, Arrays, FloatArray, IntArray, Involved, Weighed, weigh
from gvi.network.paths import Way, WayFinder
from gvi.network.ranking import (
    DrivingEntry,
    ExposedEntry,
    driving_order,
    exposed_order,
    rows,
)

PARTS_THROUGH_GROUPS = frozenset({"group", "conflict"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Contribution:
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """A score, its parts and everything behind them, in harm units.

    Contributions stand in the order of the parts, the largest amount first, then by incident and
    source. `under_18` are people in the paths who must be shown as "person under 18".
    """

    person_id: int
    score: float
    parts: Mapping[str, float]
    contributions: tuple[Contribution, ...]
    under_18: frozenset[int]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Part:
    """One part of a score: its ways, its β, and the rows of harm that travel along them."""

    name: str
    ways: Mapping[int, Way]
    factor: float
    rows: Involved
    amounts: FloatArray


def explain_driving(facts: Facts, policy: ScoringPolicy, person_id: int) -> Explanation:
    """Say why a person stands where they stand on the driving list.

    Raises `NotFoundError` for somebody who is not among the facts, and `RuleError` for somebody who
    is not on the list (under 18, or took part in nothing): they have no driving value to explain.
    """
    weighed = weigh(facts, policy)
    place = _place(facts, person_id)
    entry = DrivingEntry._make(_row(facts, *driving_order(weighed), place))
    ways = WayFinder(weighed, kinds=DRIVING_TIES)
    own = (weighed.arrays.doing, weighed.arrays.own_amounts())
    parts = [
        _part("own", ways.own(place), 1.0, own),
        _part("near", ways.near(place), policy.near, own),
        _part("far", ways.far(place), policy.far, own),
        _part("group", ways.group(place), policy.group, own),
    ]
    return _explanation(weighed, entry, parts)


def explain_exposed(facts: Facts, policy: ScoringPolicy, person_id: int) -> Explanation:
    """Say why a person stands where they stand on the exposed list; raises as `explain_driving`."""
    weighed = weigh(facts, policy)
    arrays, place = weighed.arrays, _place(facts, person_id)
    entry = ExposedEntry._make(_row(facts, *exposed_order(weighed), place))
    ways = WayFinder(weighed, kinds=EXPOSURE_TIES)
    own, hurt = (arrays.doing, arrays.own_amounts()), (arrays.suffering, arrays.hurt_amounts())
    parts = [
        _part("hurt", ways.own(place), 1.0, hurt),
        _part("near", ways.near(place), policy.exposed_near, hurt),
        _part("far", ways.far(place), policy.exposed_far, hurt),
        _part("conflict", ways.conflict(place), policy.conflict, own),
    ]
    return _explanation(weighed, entry, parts)


def _place(facts: Facts, person_id: int) -> int:
    """Find the person among the facts, or refuse."""
    at = int(np.searchsorted(facts.persons.id, person_id))
    if at == len(facts.persons.id) or facts.persons.id[at] != person_id:
        raise NotFoundError(N_("There is no such person."))
    if not is_adult(facts.persons.birth_date[at], facts.as_of_day):
        raise RuleError(N_("People under 18 are never ranked, so this may not be explained."))
    return at


def _row(facts: Facts, parts: IntArray, listed: list[int], place: int) -> tuple[object, ...]:
    """Give the person's row of the list, or refuse."""
    if place not in listed:
        raise RuleError(
            N_("This person is not on the list, so there is nothing that may be explained.")
        )
    return next(rows(facts, parts, [place], first=1 + listed.index(place)))


def _part(
    name: str, ways: Mapping[int, Way], factor: float, harm: tuple[Involved, FloatArray]
) -> _Part:
    return _Part(name=name, ways=ways, factor=factor, rows=harm[0], amounts=harm[1])


def _explanation(
    weighed: Weighed, entry: DrivingEntry | ExposedEntry, parts: list[_Part]
) -> Explanation:
    facts, arrays = weighed.facts, weighed.arrays
    found = [c for part in parts for c in _contributions(part, arrays, entry.parts[part.name])]
    births, day = facts.persons.birth_date, facts.as_of_day
    people = {person for contribution in found for person in contribution.people}
    places = np.searchsorted(arrays.person_ids, sorted(people)).tolist()
    return Explanation(
        person_id=entry.person_id,
        score=entry.score,
        parts=entry.parts,
        contributions=tuple(found),
        under_18=frozenset(facts.persons.id[at] for at in places if not is_adult(births[at], day)),
    )


def _contributions(part: _Part, arrays: Arrays, total: float) -> Iterator[Contribution]:
    """Give what adds up to one part, the largest amount first, then by incident and source."""
    share = np.zeros(arrays.person_ids.size)
    share[list(part.ways)] = [part.factor * way.share for way in part.ways.values()]
    amounts = part.amounts * share[part.rows.person]
    rows = np.flatnonzero(amounts > 0.0)
    units = _whole_units(amounts[rows], total)
    for at in np.lexsort((part.rows.person[rows], part.rows.incident[rows], -units)).tolist():
        row = rows[at]
        way = part.ways[int(part.rows.person[row])]
        yield Contribution(
            part=part.name,
            incident_id=int(arrays.incident_ids[part.rows.incident[row]]),
            role=ROLES[part.rows.role[row]],
            source_id=int(arrays.person_ids[way.path[0]]),
            path=_ids(way.path, part.name, arrays),
            paths=way.ways,
            ties=way.ties,
            amount=float(units[at] / UNITS),
        )


def _ids(path: tuple[int, ...], part: str, arrays: Arrays) -> tuple[int, ...]:
    """Turn places into ids: the inner ones of a part through groups are groups'."""
    inner = arrays.group_ids if part in PARTS_THROUGH_GROUPS else arrays.person_ids
    last = len(path) - 1
    return tuple(
        int((arrays.person_ids if step in {0, last} else inner)[at]) for step, at in enumerate(path)
    )


def _whole_units(amounts: FloatArray, total: float) -> FloatArray:
    """Round amounts to units of 1e-9 so that they add up to the total, itself in these units.

    All are rounded down, and the units still missing go to the largest remainders.
    """
    exact = amounts * UNITS
    units = np.floor(exact)
    missing = int(round(total * UNITS) - units.sum())
    units[np.argsort(units - exact, kind="stable")[:missing]] += 1.0
    return units
