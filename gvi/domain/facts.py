"""The facts one viewer may know at one instant, as columns; what every analysis starts from.

The store fills these tables with the viewer's rights and the as-of instant already applied, so
nothing that computes on them can see a record the viewer may not see. Tables are columns of equal
length rather than objects: a nation has 400,000 ties, and arrays are built from columns.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonFacts:
    """People, ordered by id. `key` is the external id, or the code name where there is none."""

    id: Sequence[int]
    key: Sequence[str]
    code_name: Sequence[str]
    birth_date: Sequence[date | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupFacts:
    """Groups that count (not rejected, not merged), ordered by id."""

    id: Sequence[int]
    key: Sequence[str]
    name: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class MembershipFacts:
    """Current memberships valid at the instant; former, disputed and ended ones are left out."""

    person: Sequence[int]
    group: Sequence[int]
    role: Sequence[str]
    certainty: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class TieFacts:
    """Recorded ties valid at the instant; `id` leads back to the dated, graded record."""

    id: Sequence[int]
    a: Sequence[int]
    b: Sequence[int]
    kind: Sequence[str]
    strength: Sequence[float]
    certainty: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class RelationFacts:
    """Relations between groups valid at the instant."""

    group_a: Sequence[int]
    group_b: Sequence[int]
    kind: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentFacts:
    """Incidents that count (not unfounded, not on hold), ordered by id."""

    id: Sequence[int]
    key: Sequence[str]
    occurred_at: Sequence[datetime]
    kind: Sequence[str]
    gmi: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class InvolvementFacts:
    """Who was what in which incident; one person may hold several roles in one incident."""

    incident: Sequence[int]
    person: Sequence[int]
    role: Sequence[str]
    certainty: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Everything the scores need, as known to one viewer at `as_of` (UTC).

    `as_of_day` is the local day of `as_of` in the programme's time zone; ages are judged on it.
    Certainty, role and gmi are never blank here: the store puts the default of design §3.1.
    """

    as_of: datetime
    as_of_day: date
    persons: PersonFacts
    groups: GroupFacts
    memberships: MembershipFacts
    ties: TieFacts
    relations: RelationFacts
    incidents: IncidentFacts
    involvements: InvolvementFacts
