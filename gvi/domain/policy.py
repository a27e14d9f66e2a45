"""The scoring policy: every constant of the ranking, with its source; versioned, never edited."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType

from gvi.domain.grading import Certainty
from gvi.domain.group import RelationKind
from gvi.domain.incident import Gmi, InvolvementRole
from gvi.domain.membership import MembershipRole
from gvi.domain.text import N_

EXAMPLE_HARM: Mapping[str, float] = MappingProxyType(
    {
        "homicide": 100.0,
        "attempted_homicide": 60.0,
        "shooting_with_injury": 60.0,
        "shooting_at_person": 40.0,
        "explosion": 40.0,
        "kidnapping": 40.0,
        "stabbing": 30.0,
        "shooting_at_building_or_vehicle": 20.0,
        "grenade_or_attempted_explosion": 20.0,
        "serious_assault": 15.0,
        "arson": 15.0,
        "robbery": 10.0,
        "threat": 5.0,
        "weapon": 0.0,
    }
)
"""Harm units of each kind of incident: an example table (design §4), to be replaced."""


def _frozen(values: Mapping[str, float]) -> Mapping[str, float]:
    return MappingProxyType(dict(values))


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoringPolicy:
    """All constants of `driving` and `exposed` (design §4); amounts are harm units, times days."""

    version: int = 1
    source: str = N_("Example table of the GVI Tracker design, section 4")
    decided_on: date = date(2026, 11, 1)
    harm: Mapping[str, float] = field(default_factory=lambda: EXAMPLE_HARM)
    certainty: Mapping[str, float] = field(
        default_factory=lambda: _frozen(
            {Certainty.CONFIRMED: 1.0, Certainty.PROBABLE: 0.6, Certainty.POSSIBLE: 0.3}
        )
    )
    half_life_days: float = 365.0
    gmi: Mapping[str, float] = field(
        default_factory=lambda: _frozen(
            {Gmi.KNOWN_NOT: 0.0, Gmi.CONFIRMED: 1.0, Gmi.LIKELY: 1.0, Gmi.UNKNOWN: 1.0}
        )
    )
    doing: Mapping[str, float] = field(
        default_factory=lambda: _frozen(
            {
                InvolvementRole.CONVICTED: 1.0,
                InvolvementRole.INSTIGATOR: 1.0,
                InvolvementRole.SUSPECT: 0.7,
                InvolvementRole.ACCOMPLICE: 0.5,
                InvolvementRole.PRESENT: 0.1,
            }
        )
    )
    exposure: Mapping[str, float] = field(
        default_factory=lambda: _frozen(
            {InvolvementRole.VICTIM: 1.0, InvolvementRole.INTENDED_VICTIM: 0.7}
        )
    )
    tie_window_days: float = 1095.75
    near: float = 0.5
    far: float = 0.25
    group: float = 0.25
    exposed_near: float = 0.5
    exposed_far: float = 0.25
    conflict: float = 0.25
    membership_role: Mapping[str, float] = field(
        default_factory=lambda: _frozen(
            {
                MembershipRole.LEADER: 3.0,
                MembershipRole.CORE: 2.0,
                MembershipRole.MEMBER: 1.0,
                MembershipRole.ASSOCIATE: 0.5,
                MembershipRole.RECRUIT: 0.5,
            }
        )
    )
    relation: Mapping[str, float] = field(
        default_factory=lambda: _frozen(
            {RelationKind.OPEN_CONFLICT: 1.0, RelationKind.TENSION: 0.3}
        )
    )
