"""Parts of a person's record that can be opened to one named user beyond the table of rights.

The table (`gvi.domain.access`) is the rule; this is the exception, kept narrow. It says which part
may be opened to which role at all, who answers for it, and which may be opened in an emergency.
What it does not name can never be opened: no score to anybody, no support note to the police, no
need, plan or contact to police, analyst or probation (design §7).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from gvi.domain.access import POLICY, Role
from gvi.domain.grading import Compartment


class Section(StrEnum):
    """A part of a person's record that is opened as a whole."""

    NAME = "name"
    GROUPS = "groups"
    INCIDENTS = "incidents"
    SUPERVISION = "supervision"
    RISK = "risk"
    VISITS = "visits"
    OFFERS = "offers"
    CONTACT_NOTES = "contact_notes"


class AccessKind(StrEnum):
    """Given by somebody who answers for the record, or taken in an emergency."""

    NAMED = "named"
    BREAK_GLASS = "break_glass"


LONGEST_DAYS = 90
"""A named grant ends after so many days at most; it can be given again, with a new reason."""
BREAK_GLASS_HOURS = 4
"""Long enough for one evening's danger, too short to get used to."""
FAILED_TRIES_A_DAY = 5
"""Whoever guesses names in vain so often must call the coordinator instead."""
SHORTEST_REASON = 20
"""Characters; a reason that a data-protection officer can judge takes a sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionRule:
    """To whom one part may be opened, and whose it is."""

    side: Compartment
    """Whose right decides: who gives access must hold `access:give` in this compartment."""
    reads: frozenset[Compartment]
    roles: frozenset[Role]
    in_emergency: bool


_P, _M, _A = Role.COORDINATOR_POLICE, Role.COORDINATOR_MUNICIPAL, Role.ANALYST
_O, _L, _F = Role.OUTREACH, Role.OUTREACH_LEAD, Role.PROBATION

_POLICE = frozenset({Compartment.POLICE, Compartment.SHARED})
_CUSTODIAL = _POLICE | {Compartment.PROBATION}
_SOCIAL = frozenset({Compartment.SOCIAL, Compartment.CHILD, Compartment.SHARED})


def _rule(
    side: Compartment,
    reads: frozenset[Compartment],
    *roles: Role,
    in_emergency: bool = True,
) -> SectionRule:
    return SectionRule(side=side, reads=reads, roles=frozenset(roles), in_emergency=in_emergency)


SECTIONS: Mapping[Section, SectionRule] = MappingProxyType(
    {
        Section.NAME: _rule(Compartment.SHARED, _POLICE | _SOCIAL, _P, _M, _A, _O, _L, _F),
        Section.GROUPS: _rule(Compartment.POLICE, _POLICE, _M, _O, _L, _F),
        Section.INCIDENTS: _rule(Compartment.POLICE, _POLICE, _M, _O, _L, _F),
        Section.SUPERVISION: _rule(Compartment.PROBATION, _CUSTODIAL, _A, _O, _L),
        Section.RISK: _rule(Compartment.SHARED, _POLICE | _SOCIAL, _O, _L, _F),
        Section.VISITS: _rule(Compartment.SHARED, _POLICE | _SOCIAL, _O, _L, _F),
        Section.OFFERS: _rule(Compartment.SOCIAL, _SOCIAL - {Compartment.CHILD}, _P, _F),
        Section.CONTACT_NOTES: _rule(Compartment.SOCIAL, _SOCIAL, _O, _L, in_emergency=False),
    }
)


def openable(role: Role, *, is_child: bool = False, in_emergency: bool = False) -> list[Section]:
    """List what may be opened to a role at all, of an adult or of somebody under 18.

    Records of people under 18 are opened only to the roles that work with children (design §7).
    """
    if is_child and role not in POLICY["under_18:read"]:
        return []
    return [
        section
        for section, rule in SECTIONS.items()
        if role in rule.roles and (rule.in_emergency or not in_emergency)
    ]
