"""What a page says of one score: its parts, and the dated records behind each of them, as rows."""

from dataclasses import dataclass

from gvi.domain.tie import TieKind
from gvi.store.queries.why import (
    IncidentBehind,
    InvolvementBehind,
    MembershipBehind,
    RelationBehind,
    TieBehind,
)
from gvi.usecases.ranking import Entry
from gvi.web.why_sums import Amounts


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleLine:
    """Who was what in an incident."""

    person_id: int | None
    """None for the person explained, and for somebody under 18, to whom nothing leads."""
    name: str
    """Blank for the person explained."""
    role: str
    record: InvolvementBehind | None
    """None where only the role may be told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentRow:
    """One incident behind the score: who was what in it, and how it enters each part."""

    detail: IncidentBehind
    roles: tuple[RoleLine, ...]
    more_roles: int
    amounts: Amounts
    total: float

    @property
    def tone(self) -> str:
        """Grey for what weighs nothing."""
        return "" if self.total else "quiet"


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """The incident that brings most along a tie or through a group, and who took part in it."""

    incident: IncidentBehind
    person_id: int | None
    name: str
    kinds: tuple[TieKind, ...]
    """What ties that person to the associate, where they are two steps away."""
    ties: tuple[TieBehind, ...]
    """The records of that; a tie that shared incidents make has none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TieRow:
    """One direct associate: what ties them, and what runs through it."""

    person_id: int | None
    """None for somebody under 18."""
    name: str
    kinds: tuple[TieKind, ...]
    records: tuple[TieBehind, ...]
    together: tuple[IncidentBehind, ...]
    """Incidents in which both took part: they tie as a record does."""
    total: float
    brought: tuple[Brought, ...]
    """Of each part, near and far apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupRow:
    """What comes through one group: the person's own, or one in conflict with it."""

    group_id: int
    name: str
    memberships: tuple[MembershipBehind, ...]
    relations: tuple[RelationBehind, ...]
    people: int
    """How many people's violence enters here."""
    total: float
    brought: tuple[Brought, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubts:
    """What the score rests on that is not certain: how many records of each sort."""

    gmi_unknown: int
    possible_roles: int
    ungraded_roles: int
    possible_ties: int
    ungraded_ties: int
    possible_memberships: int
    ungraded_memberships: int
    recorded_assumed: int
    age_unknown: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """Everything that is said of one score."""

    entry: Entry
    listed: int
    parts: Amounts
    incidents: tuple[IncidentRow, ...]
    more: int
    """Incidents left out of the table until the whole list is asked for."""
    rest: Amounts
    rest_total: float
    ties: tuple[TieRow, ...]
    more_ties: int
    rest_of_ties: float
    groups: tuple[GroupRow, ...]
    doubts: Doubts
