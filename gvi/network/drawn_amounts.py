"""Own, hurt, group and conflict of everybody in many draws at once: people down, draws across.

The sums are those of `ranking`, each written for a block of draws; `drawn_ties` has what runs along
ties. Weights are looked up for each distinct set of roles, not for each person in each incident.
"""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from gvi.domain.facts import Facts
from gvi.domain.grading import Certainty
from gvi.domain.incident import DOING_ROLES, VICTIM_ROLES
from gvi.domain.membership import MembershipRole
from gvi.domain.policy import ScoringPolicy
from gvi.network.arrays import (
    ROLES,
    SECONDS_A_DAY,
    FloatArray,
    IntArray,
    coded,
    first_of_each,
    positions,
    whole_numbers,
)
from gvi.network.draws import DrawnPolicy, Streams

CERTAINTIES: tuple[str, ...] = tuple(str(certainty) for certainty in Certainty)
MEMBER_ROLES: tuple[str, ...] = tuple(str(role) for role in MembershipRole)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Block:
    """Some of the draws: their constants, and how often each incident counts, decayed."""

    policy: DrawnPolicy
    draws: slice
    age_days: FloatArray
    counted: FloatArray
    """2^(−Δ/half-life) times the number of times, incidents down."""

    def constant(self, name: str) -> FloatArray:
        """Give a constant in each draw."""
        return self.policy.constants[name][self.draws]

    def table(self, field: str, codes: Collection[str], *, otherwise: float = 0.0) -> FloatArray:
        """Give the weights of some codes, codes down."""
        return self.policy.table(field, tuple(codes), self.draws, otherwise=otherwise)


def block_of(policy: DrawnPolicy, streams: Streams, age_days: FloatArray, draws: slice) -> Block:
    """Draw how often incidents count, and decay them by the half-life of each draw."""
    age = age_days[:, np.newaxis]
    decay = np.exp2(-np.maximum(age, 0.0) / policy.constants["half_life_days"][draws])
    decay *= streams.counts(draws)
    decay[age_days < 0.0] = 0.0
    return Block(policy=policy, draws=draws, age_days=age_days, counted=decay)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Involved:
    """One row for each incident and person in it, in that order, with its set of roles."""

    incident: IntArray
    person: IntArray
    of_person: csr_array
    which: IntArray
    """Which of the distinct sets of role and certainty."""
    set_of: IntArray
    member: IntArray
    """The distinct sets, one row for each member: role · 3 + certainty."""

    def weights(self, block: Block, field: str) -> FloatArray:
        """Give the largest role weight times certainty of each distinct set."""
        certainty = block.table("certainty", CERTAINTIES)
        both = block.table(field, ROLES)[:, np.newaxis] * certainty[np.newaxis]
        return self._largest(both.reshape(-1, certainty.shape[1]))

    def certainties(self, block: Block) -> FloatArray:
        """Give the largest certainty of each distinct set."""
        return self._largest(np.tile(block.table("certainty", CERTAINTIES), (len(ROLES), 1)))

    def _largest(self, table: FloatArray) -> FloatArray:
        first = first_of_each(self.set_of)
        of_members = table[self.member]
        return np.maximum.reduceat(of_members, first) if first.size else of_members


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Incidents:
    """Who took part in what and to whom it was done; incidents by kind and GMI."""

    age_days: FloatArray
    kinds: tuple[str, ...]
    kind: IntArray
    gmis: tuple[str, ...]
    gmi: IntArray
    doing: Involved
    suffering: Involved

    @property
    def rows(self) -> int:
        """How many rows the widest array of a block has."""
        return max(self.age_days.size, self.doing.incident.size, self.suffering.incident.size)

    def own(self, block: Block) -> FloatArray:
        """Give the violence each person took part in."""
        harm = self._harm(block)
        harm *= block.table("gmi", self.gmis, otherwise=1.0)[self.gmi]
        amounts = _amounts(self.doing, harm, self.doing.weights(block, "doing"))
        total: FloatArray = self.doing.of_person @ amounts
        return total

    def hurt(self, block: Block) -> FloatArray:
        """Give the violence done to each person."""
        weights = self.suffering.weights(block, "exposure")
        amounts = _amounts(self.suffering, self._harm(block), weights)
        total: FloatArray = self.suffering.of_person @ amounts
        return total

    def _harm(self, block: Block) -> FloatArray:
        harm: FloatArray = block.table("harm", self.kinds)[self.kind] * block.counted
        return harm


def incidents_of(facts: Facts) -> Incidents:
    """Sort out the incidents and who was what in them."""
    table, rows = facts.incidents, facts.involvements
    seconds = [(facts.as_of - moment).total_seconds() for moment in table.occurred_at]
    age = np.array(seconds, dtype=np.float64) / SECONDS_A_DAY
    person_ids = whole_numbers(facts.persons.id)
    incident = positions(whole_numbers(table.id), whole_numbers(rows.incident))
    person = positions(person_ids, whole_numbers(rows.person))
    role = coded(rows.role, ROLES)
    code = role * len(CERTAINTIES) + coded(rows.certainty, CERTAINTIES)
    there = (incident >= 0) & (person >= 0)
    there[there] = age[incident[there]] >= 0.0

    def involved(roles: Collection[str]) -> Involved:
        of_role = np.array([name in roles for name in ROLES])
        kept = np.flatnonzero(there & of_role[role])
        return _involved(incident[kept], person[kept], code[kept], people=person_ids.size)

    kinds, gmis = tuple(sorted(set(table.kind))), tuple(sorted(set(table.gmi)))
    return Incidents(
        age_days=age,
        kinds=kinds,
        kind=coded(table.kind, kinds),
        gmis=gmis,
        gmi=coded(table.gmi, gmis),
        doing=involved(DOING_ROLES),
        suffering=involved(VICTIM_ROLES),
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Groups:
    """Memberships that count, and relations between groups that weigh something."""

    person: IntArray
    group: IntArray
    role: IntArray
    certainty: IntArray
    of_person: csr_array
    of_group: csr_array
    opponent: IntArray
    of_opposed: csr_array
    kinds: tuple[str, ...]
    kind: IntArray
    pair: IntArray
    """Relations both ways round, one row each; `pair` starts anew with each pair of groups."""

    def group_parts(self, block: Block, own: FloatArray) -> FloatArray:
        """Give Σ_g (own(g) − w(p,g)·own(p))·share(p,g)."""
        within, share = self._within_and_share(block)
        brought = within * own[self.person]
        of_others = (self.of_group @ brought)[self.group] - brought
        parts: FloatArray = self.of_person @ (of_others * share)
        return parts

    def conflict_parts(self, block: Block, own: FloatArray) -> FloatArray:
        """Give Σ_g share(p,g)·Σ_g' own(g')·i(g,g')."""
        within, share = self._within_and_share(block)
        of_group = self.of_group @ (within * own[self.person])
        weight = block.table("relation", self.kinds)[self.kind]
        first = first_of_each(self.pair)
        weight = np.maximum.reduceat(weight, first) if first.size else weight
        threat = self.of_opposed @ (of_group[self.opponent[first]] * weight)
        parts: FloatArray = self.of_person @ (share * threat[self.group])
        return parts

    def _within_and_share(self, block: Block) -> tuple[FloatArray, FloatArray]:
        certainty = block.table("certainty", CERTAINTIES)[self.certainty]
        stake = block.table("membership_role", MEMBER_ROLES)[self.role] * certainty
        of_all = (self.of_group @ stake)[self.group]
        share = np.divide(stake, of_all, out=np.zeros_like(stake), where=stake > 0.0)
        return certainty / np.maximum(1.0, self.of_person @ certainty)[self.person], share


def groups_of(facts: Facts, policy: ScoringPolicy) -> Groups:
    """Sort out who is in which group, and which groups are at odds."""
    person_ids, group_ids = whole_numbers(facts.persons.id), whole_numbers(facts.groups.id)
    rows = facts.memberships
    person = positions(person_ids, whole_numbers(rows.person))
    group = positions(group_ids, whole_numbers(rows.group))
    role = coded(rows.role, MEMBER_ROLES)
    kept = (person >= 0) & (group >= 0) & (role != MEMBER_ROLES.index(MembershipRole.FORMER))
    kept = np.flatnonzero(kept)
    kept = kept[np.argsort(group[kept] * person_ids.size + person[kept], kind="stable")]
    pair, kinds, kind = _relations(facts, policy, group_ids)
    side, opponent = np.divmod(pair, max(group_ids.size, 1))
    return Groups(
        person=person[kept],
        group=group[kept],
        role=role[kept],
        certainty=coded(rows.certainty, CERTAINTIES)[kept],
        of_person=adding(person[kept], size=person_ids.size),
        of_group=adding(group[kept], size=group_ids.size),
        opponent=opponent,
        of_opposed=adding(side[first_of_each(pair)], size=group_ids.size),
        kinds=kinds,
        kind=kind,
        pair=pair,
    )


def adding(places: IntArray, *, size: int) -> csr_array:
    """Give the matrix that adds up rows by place: result[place] = Σ rows that fall on it."""
    starts = np.zeros(size + 1, dtype=np.int64)
    np.cumsum(np.bincount(places, minlength=size), out=starts[1:])
    rows = np.argsort(places, kind="stable")
    return csr_array((np.ones(places.size), rows, starts), shape=(size, places.size))


def _relations(
    facts: Facts, policy: ScoringPolicy, group_ids: IntArray
) -> tuple[IntArray, tuple[str, ...], IntArray]:
    """Give both ways round of each relation that weighs something, by pair of groups."""
    table = facts.relations
    kinds = tuple(str(kind) for kind, weight in policy.relation.items() if weight > 0.0)
    place = {kind: at for at, kind in enumerate(kinds)}
    kind = np.array([place.get(each, -1) for each in table.kind], dtype=np.int64)
    a = positions(group_ids, whole_numbers(table.group_a))
    b = positions(group_ids, whole_numbers(table.group_b))
    kept = (a >= 0) & (b >= 0) & (a != b) & (kind >= 0)
    a, b, kind = a[kept], b[kept], kind[kept]
    pair = np.concatenate([a * group_ids.size + b, b * group_ids.size + a])
    order = np.argsort(pair, kind="stable")
    return pair[order], kinds, np.concatenate([kind, kind])[order]


def _involved(incident: IntArray, person: IntArray, code: IntArray, *, people: int) -> Involved:
    key = incident * people + person
    order = np.argsort(key, kind="stable")
    first = first_of_each(key[order])
    bits = np.left_shift(1, code[order])
    bits = np.bitwise_or.reduceat(bits, first) if first.size else bits
    distinct, which = np.unique(bits, return_inverse=True)
    codes = np.arange(len(ROLES) * len(CERTAINTIES))
    set_of, member = np.nonzero(distinct[:, np.newaxis] >> codes & 1)
    incident, person = incident[order][first], person[order][first]
    return Involved(
        incident=incident,
        person=person,
        of_person=adding(person, size=people),
        which=which,
        set_of=set_of,
        member=member,
    )


def _amounts(rows: Involved, harm: FloatArray, weights: FloatArray) -> FloatArray:
    """Give harm times weight of each row."""
    amounts: FloatArray = harm[rows.incident]
    amounts *= weights[rows.which]
    return amounts
