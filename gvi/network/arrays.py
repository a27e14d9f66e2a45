"""Columns of facts turned into arrays of numbers; every sum over the network starts from these.

Here is what the sums share: amounts for each person and incident, strengths for each pair and kind
of tie, shares for each membership. What is added up for which list is `ranking`'s.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gvi.domain.facts import Facts, IncidentFacts, TieFacts
from gvi.domain.incident import DOING_ROLES, VICTIM_ROLES, InvolvementRole
from gvi.domain.membership import MembershipRole
from gvi.domain.policy import ScoringPolicy
from gvi.domain.tie import EXPOSURE_TIES, TieKind

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

SECONDS_A_DAY = 86_400.0
ROLES: tuple[str, ...] = tuple(str(role) for role in InvolvementRole)
TIE_KINDS: tuple[str, ...] = tuple(str(kind) for kind in TieKind)
CO_OFFENDING = TIE_KINDS.index(TieKind.CO_OFFENDING)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Incidents:
    """Incidents by position: age in days, decay (0 for what lies ahead), harm and GMI factor."""

    age_days: FloatArray
    decay: FloatArray
    harm: FloatArray
    gmi: FloatArray
    unknown_kinds: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Involved:
    """One row for each incident and person in it, in that order, by position.

    `weight` is the largest role weight times certainty among the person's roles, `role` the code of
    the role that gives it, `certainty` the largest certainty among these roles.
    """

    incident: IntArray
    person: IntArray
    weight: FloatArray
    role: IntArray
    certainty: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ties:
    """One row for each pair (a before b) and kind of tie that counts anywhere, in that order."""

    a: IntArray
    b: IntArray
    kind: IntArray
    strength: FloatArray


class Recorded(NamedTuple):
    """Recorded ties: pair · kinds + kind, strength·c, and the row among the facts."""

    key: IntArray
    strength: FloatArray
    row: IntArray


class Shared(NamedTuple):
    """One row for each incident and pair with a doing role in it, by pair.

    `left` and `right` are rows of `Arrays.doing`, the pair is left's person · people + right's.
    """

    pair: IntArray
    incident: IntArray
    left: IntArray
    right: IntArray
    strength: FloatArray
    """min(c_p, c_q)·d/(n−1)"""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Members:
    """One row for each membership, by group and person: w(q,g) as `within`, and share(p,g).

    `stake` is the weight of the role times the certainty.
    """

    person: IntArray
    group: IntArray
    certainty: FloatArray
    stake: FloatArray
    within: FloatArray
    share: FloatArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Arrays:
    """The facts of one viewer at one instant under one policy, as numbers."""

    person_ids: IntArray
    group_ids: IntArray
    incident_ids: IntArray
    incidents: Incidents
    doing: Involved
    suffering: Involved

    def own_amounts(self) -> FloatArray:
        """Give harm · GMI factor · decay · role weight and certainty for each row of `doing`."""
        at = self.doing.incident
        whole = self.incidents.harm * self.incidents.gmi * self.incidents.decay
        amounts: FloatArray = whole[at] * self.doing.weight
        return amounts

    def hurt_amounts(self) -> FloatArray:
        """Give harm · decay · exposure weight and certainty for each row of `suffering`."""
        whole = self.incidents.harm * self.incidents.decay
        amounts: FloatArray = whole[self.suffering.incident] * self.suffering.weight
        return amounts

    def own(self) -> FloatArray:
        """Give the violence each person took part in."""
        return added_up(self.doing.person, self.own_amounts(), size=self.person_ids.size)

    def hurt(self) -> FloatArray:
        """Give the violence done to each person."""
        return added_up(self.suffering.person, self.hurt_amounts(), size=self.person_ids.size)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Weighed:
    """Facts under a policy with everything the sums share, worked out once for both lists.

    `conflicts` are groups, opponents and i(g, g'), both ways round.
    """

    facts: Facts
    policy: ScoringPolicy
    arrays: Arrays
    ties: Ties
    members: Members
    conflicts: tuple[IntArray, IntArray, FloatArray]


def weigh(facts: Facts, policy: ScoringPolicy) -> Weighed:
    """Work out what both lists and every explanation start from."""
    arrays = arrays_of(facts, policy)
    return Weighed(
        facts=facts,
        policy=policy,
        arrays=arrays,
        ties=ties_of(facts, policy, arrays),
        members=members_of(facts, policy, arrays),
        conflicts=conflicts_of(facts, policy, arrays),
    )


def arrays_of(facts: Facts, policy: ScoringPolicy) -> Arrays:
    """Turn facts into arrays; rows about people or incidents that are not there are left out."""
    person_ids = whole_numbers(facts.persons.id)
    incident_ids = whole_numbers(facts.incidents.id)
    rows = facts.involvements
    incident = positions(incident_ids, whole_numbers(rows.incident))
    person = positions(person_ids, whole_numbers(rows.person))
    role = coded(rows.role, ROLES)
    certainty = weighed(rows.certainty, policy.certainty)
    incidents = _incidents(facts.incidents, policy, facts.as_of)
    there = (incident >= 0) & (person >= 0)
    there[there] = incidents.age_days[incident[there]] >= 0.0

    def involved(roles: Collection[str], weights: Mapping[str, float]) -> Involved:
        of_role = np.array([name in roles for name in ROLES])
        weight_of_role = np.array([weights.get(name, 0.0) for name in ROLES])
        rows = np.flatnonzero(there & of_role[role])
        return _strongest(
            incident[rows],
            person[rows],
            role=role[rows],
            certainty=certainty[rows],
            weight=weight_of_role[role[rows]] * certainty[rows],
            people=person_ids.size,
        )

    return Arrays(
        person_ids=person_ids,
        group_ids=whole_numbers(facts.groups.id),
        incident_ids=incident_ids,
        incidents=incidents,
        doing=involved(DOING_ROLES, policy.doing),
        suffering=involved(VICTIM_ROLES, policy.exposure),
    )


def ties_of(facts: Facts, policy: ScoringPolicy, arrays: Arrays) -> Ties:
    """Give the strength of every pair and kind: the largest of its records and shared incidents.

    Shared incidents count as `co_offending`: the larger of their sum and the recorded tie holds.
    """
    size = arrays.person_ids.size
    shared = shared_incidents(arrays, policy)
    first = first_of_each(shared.pair)
    sums = np.add.reduceat(shared.strength, first) if first.size else shared.strength
    recorded = recorded_ties(facts.ties, policy, arrays.person_ids)
    kinds = len(TIE_KINDS)
    key, strength = largest(
        np.concatenate([recorded.key, shared.pair[first] * kinds + CO_OFFENDING]),
        np.concatenate([recorded.strength, sums]),
    )
    key, strength = key[strength > 0.0], strength[strength > 0.0]
    pair, kind = np.divmod(key, kinds)
    a, b = np.divmod(pair, max(size, 1))
    return Ties(a=a, b=b, kind=kind, strength=strength)


def recorded_ties(ties: TieFacts, policy: ScoringPolicy, person_ids: IntArray) -> Recorded:
    """Give the recorded ties of the kinds that count, between two people who are there."""
    a = positions(person_ids, whole_numbers(ties.a))
    b = positions(person_ids, whole_numbers(ties.b))
    kind = coded(ties.kind, TIE_KINDS)
    strength = np.array(ties.strength, dtype=np.float64)
    strength = strength * weighed(ties.certainty, policy.certainty)
    counts = np.array([name in EXPOSURE_TIES for name in TIE_KINDS])[kind]
    row = np.flatnonzero((a >= 0) & (b >= 0) & (a != b) & counts)
    a, b, kind = a[row], b[row], kind[row]
    pair = np.minimum(a, b) * person_ids.size + np.maximum(a, b)
    return Recorded(key=pair * len(TIE_KINDS) + kind, strength=strength[row], row=row)


def shared_incidents(arrays: Arrays, policy: ScoringPolicy) -> Shared:
    """Give each pair with a doing role in the same incident, for each incident that ties."""
    doing, incidents = arrays.doing, arrays.incidents
    recent = (incidents.gmi > 0.0) & (incidents.age_days <= policy.tie_window_days)
    rows = np.flatnonzero(recent[doing.incident])
    left, right, present = pairs_within(doing.incident[rows])
    left, right = rows[left], rows[right]
    weakest = np.minimum(doing.certainty[left], doing.certainty[right])
    incident = doing.incident[left]
    strength = weakest * incidents.decay[incident] / (present - 1.0)
    pair = doing.person[left] * arrays.person_ids.size + doing.person[right]
    order = np.argsort(pair, kind="stable")
    return Shared(pair[order], incident[order], left[order], right[order], strength[order])


def members_of(facts: Facts, policy: ScoringPolicy, arrays: Arrays) -> Members:
    """Give the memberships that count, with w(q,g) and share(p,g) of the design, section 4."""
    rows = facts.memberships
    person = positions(arrays.person_ids, whole_numbers(rows.person))
    group = positions(arrays.group_ids, whole_numbers(rows.group))
    is_member = np.fromiter((r != MembershipRole.FORMER for r in rows.role), bool, len(rows.role))
    kept = np.flatnonzero((person >= 0) & (group >= 0) & is_member)
    kept = kept[np.argsort(group[kept] * arrays.person_ids.size + person[kept], kind="stable")]
    person, group = person[kept], group[kept]
    certainty = weighed(rows.certainty, policy.certainty)[kept]
    stake = weighed(rows.role, policy.membership_role, otherwise=0.0)[kept] * certainty
    of_person = added_up(person, certainty, size=arrays.person_ids.size)
    of_group = added_up(group, stake, size=arrays.group_ids.size)
    return Members(
        person=person,
        group=group,
        certainty=certainty,
        stake=stake,
        within=certainty / np.maximum(1.0, of_person)[person],
        share=np.divide(stake, of_group[group], out=np.zeros_like(stake), where=stake > 0.0),
    )


def conflicts_of(
    facts: Facts, policy: ScoringPolicy, arrays: Arrays
) -> tuple[IntArray, IntArray, FloatArray]:
    """Give groups, opponents and i(g, g'), both ways round, the largest relation of each pair."""
    size = arrays.group_ids.size
    a = positions(arrays.group_ids, whole_numbers(facts.relations.group_a))
    b = positions(arrays.group_ids, whole_numbers(facts.relations.group_b))
    weight = weighed(facts.relations.kind, policy.relation, otherwise=0.0)
    kept = (a >= 0) & (b >= 0) & (a != b) & (weight > 0.0)
    a, b, weight = a[kept], b[kept], weight[kept]
    key, most = largest(np.concatenate([a * size + b, b * size + a]), np.concatenate([weight] * 2))
    group, opponent = np.divmod(key, max(size, 1))
    return group, opponent, most


def whole_numbers(column: Sequence[int]) -> IntArray:
    """Turn a column of ids into an array."""
    return np.array(column, dtype=np.int64)


def positions(known: IntArray, wanted: IntArray) -> IntArray:
    """Give the place of each wanted id among the known (ascending), -1 where it is absent."""
    if not known.size or not wanted.size:
        return np.full(wanted.shape, -1, dtype=np.int64)
    lowest, highest = int(known[0]), int(known[-1])
    if highest - lowest < 16 * known.size + 1024:
        # ids handed out by a database lie close together: one table beats a binary search
        place = np.full(highest - lowest + 2, -1, dtype=np.int64)
        place[known - lowest] = np.arange(known.size)
        outside = (wanted < lowest) | (wanted > highest)
        return np.asarray(place[np.where(outside, -1, wanted - lowest)])
    at = np.minimum(np.searchsorted(known, wanted), known.size - 1)
    return np.asarray(np.where(known[at] == wanted, at, -1))


def coded(column: Sequence[str], names: Sequence[str]) -> IntArray:
    """Turn a column of codes into their places in `names`; a code that is not there is an error."""
    place = {name: at for at, name in enumerate(names)}
    return np.fromiter(map(place.__getitem__, column), np.int64, len(column))


def weighed(
    column: Sequence[str], table: Mapping[str, float], otherwise: float | None = None
) -> FloatArray:
    """Look up the weight of each code; what the table lacks weighs `otherwise`, or is an error."""
    weight_of: dict[str, float] = {str(code): weight for code, weight in table.items()}
    if otherwise is not None:
        weight_of.update(dict.fromkeys(set(column) - weight_of.keys(), otherwise))
    return np.fromiter(map(weight_of.__getitem__, column), np.float64, len(column))


def added_up(places: IntArray, amounts: FloatArray, *, size: int) -> FloatArray:
    """Add the amounts that fall on each place, in the order of the rows."""
    return np.bincount(places, weights=amounts, minlength=size).astype(np.float64, copy=False)


def largest(keys: IntArray, values: FloatArray) -> tuple[IntArray, FloatArray]:
    """Give each key once, ascending, with the largest of its values."""
    order = np.argsort(keys, kind="stable")
    keys = keys[order]
    first = first_of_each(keys)
    return keys[first], np.maximum.reduceat(values[order], first) if first.size else values[:0]


def first_of_each(keys: IntArray) -> IntArray:
    """Give the row where each run of equal keys starts."""
    if not keys.size:
        return np.zeros(0, dtype=np.int64)
    return np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1]]))


def _incidents(incidents: IncidentFacts, policy: ScoringPolicy, as_of: datetime) -> Incidents:
    seconds = [(as_of - moment).total_seconds() for moment in incidents.occurred_at]
    age = np.array(seconds, dtype=np.float64) / SECONDS_A_DAY
    decay = np.where(age >= 0.0, np.exp2(-np.maximum(age, 0.0) / policy.half_life_days), 0.0)
    return Incidents(
        age_days=age,
        decay=decay,
        harm=weighed(incidents.kind, policy.harm, otherwise=0.0),
        gmi=weighed(incidents.gmi, policy.gmi, otherwise=1.0),
        unknown_kinds=tuple(sorted(str(kind) for kind in set(incidents.kind) - policy.harm.keys())),
    )


def _strongest(
    incident: IntArray,
    person: IntArray,
    *,
    role: IntArray,
    certainty: FloatArray,
    weight: FloatArray,
    people: int,
) -> Involved:
    """Give one row for each incident and person; of equally heavy roles, the first code."""
    order = np.argsort((incident * people + person) * len(ROLES) + role, kind="stable")
    incident, person, weight = incident[order], person[order], weight[order]
    first = first_of_each(incident * people + person)
    if not first.size:
        return Involved(
            incident=incident, person=person, weight=weight, role=role, certainty=certainty
        )
    most = np.maximum.reduceat(weight, first)
    rows = np.diff(np.append(first, incident.size))
    gives_most = np.flatnonzero(weight == np.repeat(most, rows))
    run = np.repeat(np.arange(first.size), rows)[gives_most]
    return Involved(
        incident=incident[first],
        person=person[first],
        weight=most,
        role=role[order][gives_most[first_of_each(run)]],
        certainty=np.maximum.reduceat(certainty[order], first),
    )


def pairs_within(runs: IntArray) -> tuple[IntArray, IntArray, FloatArray]:
    """Give all pairs of rows (left before right) of the same run, and the length of that run."""
    first = first_of_each(runs)
    length = np.diff(np.append(first, runs.size))
    row = np.arange(runs.size)
    partners = np.repeat(first + length, length) - row - 1
    left = np.repeat(row, partners)
    nth = np.arange(left.size) - np.repeat(np.cumsum(partners) - partners, partners)
    return left, left + 1 + nth, np.repeat(np.repeat(length, length), partners).astype(np.float64)
