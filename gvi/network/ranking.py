"""The two rankings of design section 4: who drives violence, and who is exposed to it.

They are two numbers and two lists, never one: being a victim raises nobody's `driving`. Neither may
decide anything by itself, neither may be used to choose whom to arrest, and neither knows anything
about a person but involvements, ties, memberships, and whether they are 18.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, NamedTuple, TypeVar

import numpy as np

from gvi.domain.facts import Facts
from gvi.domain.person import adult_born_by
from gvi.domain.policy import UNITS, ScoringPolicy
from gvi.domain.tie import DRIVING_TIES, EXPOSURE_TIES
from gvi.network.arrays import FloatArray, IntArray, Members, Weighed, added_up, weigh
from gvi.network.spread import Spread, spread_of


class DrivingEntry(NamedTuple):
    """One person on the driving list; the parts add up to the score exactly, in harm units."""

    rank: int
    person_id: int
    key: str
    code_name: str
    age_known: bool
    score: float
    own: float
    near: float
    far: float
    group: float

    @property
    def parts(self) -> dict[str, float]:
        """The parts of the score by name."""
        return {"own": self.own, "near": self.near, "far": self.far, "group": self.group}


class ExposedEntry(NamedTuple):
    """One person on the exposed list, which leads to protection and support only."""

    rank: int
    person_id: int
    key: str
    code_name: str
    age_known: bool
    score: float
    hurt: float
    near: float
    far: float
    conflict: float

    @property
    def parts(self) -> dict[str, float]:
        """The parts of the score by name."""
        return {"hurt": self.hurt, "near": self.near, "far": self.far, "conflict": self.conflict}


Entry = TypeVar("Entry", DrivingEntry, ExposedEntry)


@dataclass(frozen=True, slots=True, kw_only=True)
class DrivingList:
    """The driving list: score descending, then own, then code name.

    `unknown_kinds` are kinds of incident that the harm table lacks; they weigh 0 and are flagged.
    """

    as_of: datetime
    policy_version: int
    entries: tuple[DrivingEntry, ...]
    unknown_kinds: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExposedList:
    """The exposed list: score descending, then hurt, then code name; see `DrivingList`."""

    as_of: datetime
    policy_version: int
    entries: tuple[ExposedEntry, ...]
    unknown_kinds: tuple[str, ...]


def most_violence_driving(facts: Facts, policy: ScoringPolicy) -> DrivingList:
    """List the adults who took part in violence, those who drive most of it first.

    driving = own + near + far + group: the harm of incidents the person took part in, decayed by
    age and weighed by certainty and role (own); what runs through them from people they commit
    violence or associate with (near), and from these people's associates (far); and their part, by
    role, of what the rest of their groups did (group). A person without ties or groups has own
    only; an incident that lies ahead, or whose kind has no harm, adds nothing.

    Source: design, section 4. Must not be used alone, or for people under 18, who are never listed.
    """
    return driving_list(weigh(facts, policy))


def most_exposed(facts: Facts, policy: ScoringPolicy) -> ExposedList:
    """List the adults most exposed to violence, for protection and support only.

    exposed = hurt + near + far + conflict: harm done to the person, to the people they are tied to
    in any way but as rivals, to these people's ties, and what groups in conflict with theirs did.

    Source: design, section 4. Must never be added to driving, nor lower anybody's right to help.
    """
    return exposed_list(weigh(facts, policy))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Summed(Generic[Entry]):
    """Everybody's parts of one score, and the list in order: what list and explanation share.

    `parts` are score and parts in units of 1e-9, a column for each place among the facts; `listed`
    the places on the list. Who is not among these has no such score: they must never be shown one.
    """

    weighed: Weighed
    spread: Spread
    parts: IntArray
    listed: list[int]
    entry: type[Entry]

    def entries(self) -> tuple[Entry, ...]:
        """Give everybody on the list."""
        return tuple(map(self.entry._make, _rows(self.weighed.facts, self.parts, self.listed)))

    def entry_at(self, place: int) -> Entry | None:
        """Give the entry of one person, by place among the facts; None for who is not listed."""
        if place not in self.listed:
            return None
        rank = 1 + self.listed.index(place)
        [row] = _rows(self.weighed.facts, self.parts, [place], first=rank)
        return self.entry._make(row)


def driving_list(weighed: Weighed) -> DrivingList:
    """Give the driving list of facts that are weighed already; see `most_violence_driving`."""
    return DrivingList(
        as_of=weighed.facts.as_of,
        policy_version=weighed.policy.version,
        entries=driving_sums(weighed).entries(),
        unknown_kinds=weighed.arrays.incidents.unknown_kinds,
    )


def exposed_list(weighed: Weighed) -> ExposedList:
    """Give the exposed list of facts that are weighed already; see `most_exposed`."""
    return ExposedList(
        as_of=weighed.facts.as_of,
        policy_version=weighed.policy.version,
        entries=exposed_sums(weighed).entries(),
        unknown_kinds=weighed.arrays.incidents.unknown_kinds,
    )


def driving_sums(weighed: Weighed) -> Summed[DrivingEntry]:
    """Sum own, near, far and group up for everybody, and put the adults with own > 0 in order."""
    policy, own = weighed.policy, weighed.arrays.own()
    spread = spread_of(weighed.ties, DRIVING_TIES, people=own.size)
    near = spread.one_step(own)
    far = spread.two_steps(own, near)
    group = group_parts(weighed.members, own, groups=weighed.arrays.group_ids.size)
    parts = in_units(np.stack([own, policy.near * near, policy.far * far, policy.group * group]))
    return Summed(
        weighed=weighed,
        spread=spread,
        parts=parts,
        listed=_listed(weighed.facts, parts, np.flatnonzero(own > 0.0)),
        entry=DrivingEntry,
    )


def exposed_sums(weighed: Weighed) -> Summed[ExposedEntry]:
    """Sum hurt, near, far and conflict up for everybody, and put the exposed adults in order."""
    policy, hurt = weighed.policy, weighed.arrays.hurt()
    spread = spread_of(weighed.ties, EXPOSURE_TIES, people=hurt.size)
    near = spread.one_step(hurt)
    far = spread.two_steps(hurt, near)
    conflict = policy.conflict * conflict_parts(weighed)
    amounts = np.stack([hurt, policy.exposed_near * near, policy.exposed_far * far, conflict])
    parts = in_units(amounts)
    return Summed(
        weighed=weighed,
        spread=spread,
        parts=parts,
        listed=_listed(weighed.facts, parts, np.flatnonzero(amounts.sum(axis=0) > 0.0)),
        entry=ExposedEntry,
    )


def group_shares(members: Members, own: FloatArray, *, groups: int) -> FloatArray:
    """Give own(g) = Σ w(q,g)·own(q) of each group, the group share."""
    return added_up(members.group, members.within * own[members.person], size=groups)


def group_parts(members: Members, own: FloatArray, *, groups: int) -> FloatArray:
    """Give Σ_g (own(g) − w(p,g)·own(p))·share(p,g): the rest of the group's violence, by role."""
    of_others = group_shares(members, own, groups=groups)[members.group]
    of_others -= members.within * own[members.person]
    return added_up(members.person, of_others * members.share, size=own.size)


def conflict_parts(weighed: Weighed) -> FloatArray:
    """Give Σ_g share(p,g)·Σ_g' own(g')·i(g,g'): what opposing groups did, by role in one's own."""
    arrays, members = weighed.arrays, weighed.members
    groups = arrays.group_ids.size
    own_of_group = group_shares(members, arrays.own(), groups=groups)
    group, opponent, weight = weighed.conflicts
    threat = added_up(group, own_of_group[opponent] * weight, size=groups)
    return added_up(
        members.person, members.share * threat[members.group], size=arrays.person_ids.size
    )


def in_units(parts: FloatArray) -> IntArray:
    """Round parts (one row each) to whole units of 1e-9, and put their sum, the score, in front."""
    rounded = np.rint(parts * UNITS).astype(np.int64)
    return np.concatenate([rounded.sum(axis=0, keepdims=True), rounded])


def _listed(facts: Facts, parts: IntArray, scored: IntArray) -> list[int]:
    """Give the places of the adults among the scored, in the order of the list."""
    births, latest = facts.persons.birth_date, adult_born_by(facts.as_of_day)
    born = ((at, births[at]) for at in scored.tolist())
    adults = np.array([at for at, day in born if day is None or day <= latest], dtype=np.int64)
    score, first_part = parts[0][adults], parts[1][adults]
    order = np.lexsort((-first_part, -score))
    places: list[int] = adults[order].tolist()
    same = np.flatnonzero((np.diff(score[order]) == 0) & (np.diff(first_part[order]) == 0))
    return _by_code_name(places, same.tolist(), facts.persons.code_name)


def _by_code_name(places: list[int], same: Sequence[int], code_name: Sequence[str]) -> list[int]:
    """Order runs of equals by code name; `same` are the places equal to the one after them."""
    start = 0
    while start < len(same):
        end = start + 1
        while end < len(same) and same[end] == same[end - 1] + 1:
            end += 1
        run = slice(same[start], same[end - 1] + 2)
        places[run] = sorted(places[run], key=code_name.__getitem__)
        start = end
    return places


def _rows(
    facts: Facts, parts: IntArray, listed: Sequence[int], *, first: int = 1
) -> "zip[tuple[object, ...]]":
    """Give rank, id, key, code name, whether the age is known, score and parts of each listed.

    `first` is the rank of the first of them.
    """
    persons = facts.persons
    amounts = (parts[:, listed] / UNITS).tolist()
    return zip(
        range(first, first + len(listed)),
        map(persons.id.__getitem__, listed),
        map(persons.key.__getitem__, listed),
        map(persons.code_name.__getitem__, listed),
        [persons.birth_date[at] is not None for at in listed],
        *amounts,
        strict=True,
    )
