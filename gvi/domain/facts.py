"""The facts one viewer may know at one instant, as columns; what every analysis starts from.

The store fills these tables with the viewer's rights and the as-of instant already applied, so
nothing that computes on them can see a record the viewer may not see. Tables are columns of equal
length rather than objects: a nation has 400,000 ties, and arrays are built from columns.
"""

from collections.abc import Sequence, Set
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from itertools import compress
from typing import TypeVar

from gvi.domain.person import is_adult


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

    def of_adults(self) -> "Facts":
        """Give the same without people under 18 and all that names them.

        What is computed from children counts for others (design §4); what is shown of them to those
        who do not work with children is their involvements only (design §7).
        """
        born = zip(self.persons.id, self.persons.birth_date, strict=True)
        adults = {person for person, day in born if is_adult(day, self.as_of_day)}
        return replace(
            self,
            persons=_kept(self.persons, adults, "id"),
            memberships=_kept(self.memberships, adults, "person"),
            ties=_kept(self.ties, adults, "a", "b"),
            involvements=_kept(self.involvements, adults, "person"),
        )


Columns = TypeVar("Columns", PersonFacts, MembershipFacts, TieFacts, InvolvementFacts)


def _kept(table: Columns, people: Set[int], *named_in: str) -> Columns:
    """Keep the rows whose people are all among those given."""
    pointers = [getattr(table, name) for name in named_in]
    rows = [each <= people for each in map(set, zip(*pointers, strict=True))]
    columns = {
        field.name: tuple(compress(getattr(table, field.name), rows)) for field in fields(table)
    }
    return replace(table, **columns)
