"""The scoring policy: every constant of the ranking, with its source; versioned, never edited."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from gvi.domain.errors import RuleError
from gvi.domain.grading import Certainty
from gvi.domain.group import RelationKind
from gvi.domain.incident import Gmi, InvolvementRole
from gvi.domain.membership import MembershipRole
from gvi.domain.text import N_

UNITS = 1e9
"""Amounts are rounded to 1e-9 harm units; as whole numbers of these they add up exactly."""

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


class PolicyStatus(StrEnum):
    """Where a version of the policy stands; the newest approved one is in force."""

    DRAFT = "draft"
    PROPOSED = "proposed"
    APPROVED = "approved"
    DROPPED = "dropped"


OPEN_POLICIES = (PolicyStatus.DRAFT, PolicyStatus.PROPOSED)
"""Versions nobody has decided about yet."""
FIRST_VERSION = 1
"""The example table of the design, in force until a programme approves a version of its own."""


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


Document = dict[str, float | dict[str, float]]
"""Every constant of a policy as plain numbers: a name, or a table and a code, to a number."""

TABLES = ("harm", "certainty", "gmi", "doing", "exposure", "membership_role", "relation")
"""Constants that are tables by code."""
NUMBERS = (
    "half_life_days",
    "tie_window_days",
    "near",
    "far",
    "group",
    "exposed_near",
    "exposed_far",
    "conflict",
)
"""Constants that are one number."""

_SHARE = (0.0, 1.0)
_DAYS = (1.0, 36_525.0)
NO_SUCH = N_("There is no such constant.")
LIMITS: Mapping[str, tuple[float, float]] = MappingProxyType(
    {
        "harm": (0.0, 10_000.0),
        "certainty": _SHARE,
        "gmi": _SHARE,
        "doing": _SHARE,
        "exposure": _SHARE,
        "membership_role": (0.0, 10.0),
        "relation": _SHARE,
        "half_life_days": _DAYS,
        "tie_window_days": _DAYS,
        "near": _SHARE,
        "far": _SHARE,
        "group": _SHARE,
        "exposed_near": _SHARE,
        "exposed_far": _SHARE,
        "conflict": _SHARE,
    }
)
"""The least and the most each constant may be: a share is at most the whole, nothing is negative,
and the half-life and the window are days, up to a hundred years."""


def constants_of(policy: ScoringPolicy) -> Document:
    """Give a policy's constants as a plain document, for storing and comparing."""
    found: Document = {name: getattr(policy, name) for name in NUMBERS}
    for table in TABLES:
        found[table] = {str(code): value for code, value in getattr(policy, table).items()}
    return found


def policy_of(constants: Document, *, version: int, source: str, decided_on: date) -> ScoringPolicy:
    """Make the policy a document describes; raises what `checked` raises."""
    values: dict[str, Any] = {
        name: _frozen(value) if isinstance(value, dict) else value
        for name, value in checked(constants).items()
    }
    return ScoringPolicy(version=version, source=source, decided_on=decided_on, **values)


def checked(constants: Document) -> Document:
    """Give the same document, every constant a number that it may be.

    Raises RuleError, by the field `table.code` or `name`, for a constant that is missing, is no
    number or lies outside `LIMITS`, and for a role, certainty or relation that is not in the
    field's vocabulary: an arrest without conviction, say, can be given no weight.
    """
    unknown = sorted(set(constants) - {*TABLES, *NUMBERS})
    if unknown:
        raise RuleError(NO_SUCH, field=unknown[0])
    found: Document = {name: _number(name, name, constants.get(name)) for name in NUMBERS}
    for table in TABLES:
        found[table] = _table(table, constants.get(table))
    return found


def _table(table: str, given: object) -> dict[str, float]:
    found = given if isinstance(given, dict) else {}
    usual = getattr(ScoringPolicy(), table)
    for code in found:
        if table != "harm" and code not in usual:
            raise RuleError(NO_SUCH, field=f"{table}.{code}")
    codes = found if table == "harm" else usual
    if not codes:
        raise RuleError(N_("The harm table needs at least one kind of incident."), field=table)
    return {str(code): _number(table, f"{table}.{code}", found.get(code)) for code in codes}


def _number(name: str, place: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise RuleError(N_("Give a number."), field=place)
    least, most = LIMITS[name]
    if not least <= value <= most:
        raise RuleError(
            N_("Give a number from %(least)s to %(most)s."),
            field=place,
            least=f"{least:g}",
            most=f"{most:g}",
        )
    return float(value)
