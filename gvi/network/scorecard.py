"""The group table: what the members of each group did and suffered, lately and in all.

Groups come before people on every first screen; these totals are about groups and say nothing
about any one member.
"""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from gvi.domain.facts import Facts
from gvi.domain.group import RelationKind
from gvi.domain.policy import UNITS, ScoringPolicy
from gvi.network.arrays import (
    Arrays,
    FloatArray,
    IntArray,
    Involved,
    Members,
    added_up,
    arrays_of,
    members_of,
)
from gvi.network.ranking import group_shares

MONTHS = 12
YEAR_DAYS = 365.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """Harm units over the members: of the last days as it was, and of all time decayed."""

    days_30: float
    days_90: float
    days_365: float
    decayed: float


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupRow:
    """One group. A person counts in each of their groups.

    What under-18s did or suffered is in the sums, unnamed; `members` are those of 18 or more.
    `share` is the group share own(g), in which a person's violence is divided among their groups.
    `incidents` are those in which a member had a doing role, in twelfths of the last 365 days, the
    oldest first; incidents known not to involve a group are left out.
    """

    group_id: int
    key: str
    name: str
    members: int
    share: float
    doing: Totals
    suffered: Totals
    open_conflicts: tuple[int, ...]
    tensions: tuple[int, ...]
    incidents: tuple[int, ...]


def group_scorecard(facts: Facts, policy: ScoringPolicy) -> tuple[GroupRow, ...]:
    """List the groups, those whose members do most violence first, then suffer most, then by name.

    group total = Σ own (or hurt) over the members at the instant, whenever they joined.
    """
    arrays = arrays_of(facts, policy)
    members = members_of(facts, policy, arrays)
    groups = arrays.group_ids.size
    harm = arrays.incidents.harm
    doing = _totals(members, arrays, arrays.doing, harm * arrays.incidents.gmi)
    suffered = _totals(members, arrays, arrays.suffering, harm)
    share = np.rint(group_shares(members, arrays.own(), groups=groups) * UNITS) / UNITS
    adults = members_of(facts.of_adults(), policy, arrays)
    number = np.bincount(adults.group, minlength=groups)
    months = _incidents_by_month(members, arrays)
    rows = [
        GroupRow(
            group_id=facts.groups.id[at],
            key=facts.groups.key[at],
            name=facts.groups.name[at],
            members=int(number[at]),
            share=float(share[at]),
            doing=_as_totals(doing[:, at]),
            suffered=_as_totals(suffered[:, at]),
            open_conflicts=_related(facts, facts.groups.id[at], RelationKind.OPEN_CONFLICT),
            tensions=_related(facts, facts.groups.id[at], RelationKind.TENSION),
            incidents=tuple(months[at].tolist()),
        )
        for at in range(groups)
    ]
    return tuple(sorted(rows, key=lambda g: (-g.doing.decayed, -g.suffered.decayed, g.name)))


def _totals(members: Members, arrays: Arrays, involved: Involved, harm: FloatArray) -> FloatArray:
    """Give a row each for 30, 90 and 365 days and for all time decayed, a column for each group."""
    age = arrays.incidents.age_days
    weights = [np.where(age <= days, 1.0, 0.0) for days in (30.0, 90.0, YEAR_DAYS)]
    people, groups = arrays.person_ids.size, arrays.group_ids.size
    totals = []
    for weight in (*weights, arrays.incidents.decay):
        amounts = (harm * weight)[involved.incident] * involved.weight
        of_person = added_up(involved.person, amounts, size=people)
        totals.append(added_up(members.group, of_person[members.person], size=groups))
    rounded: FloatArray = np.rint(np.stack(totals) * UNITS) / UNITS
    return rounded


def _as_totals(amounts: FloatArray) -> Totals:
    days_30, days_90, days_365, decayed = amounts.tolist()
    return Totals(days_30=days_30, days_90=days_90, days_365=days_365, decayed=decayed)


def _incidents_by_month(members: Members, arrays: Arrays) -> IntArray:
    """Count the incidents of each group (row) in each twelfth of the last 365 days (column)."""
    incidents, doing = arrays.incidents, arrays.doing
    lately = (incidents.age_days < YEAR_DAYS) & (incidents.gmi > 0.0)
    in_group = csr_array(
        (np.ones(members.person.size), (members.person, members.group)),
        shape=(arrays.person_ids.size, arrays.group_ids.size),
    )
    took_part = csr_array(
        (np.ones(doing.person.size), (doing.incident, doing.person)),
        shape=(arrays.incident_ids.size, arrays.person_ids.size),
    )
    incident, group = (took_part @ in_group).nonzero()
    kept = lately[incident]
    incident, group = incident[kept], group[kept]
    month = MONTHS - 1 - (incidents.age_days[incident] * MONTHS // YEAR_DAYS).astype(np.int64)
    counts = np.zeros((arrays.group_ids.size, MONTHS), dtype=np.int64)
    np.add.at(counts, (group, month), 1)
    return counts


def _related(facts: Facts, group_id: int, kind: RelationKind) -> tuple[int, ...]:
    """Give the ids of the groups that stand in this relation to a group."""
    pairs = zip(facts.relations.group_a, facts.relations.group_b, facts.relations.kind, strict=True)
    known = set(facts.groups.id)
    others = {
        b if a == group_id else a
        for a, b, k in pairs
        if k == kind and group_id in {a, b} and a != b
    }
    return tuple(sorted(others & known))
