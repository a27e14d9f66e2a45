"""Violent incidents, who was involved in which role, and whether a group stood behind it."""

from enum import StrEnum


class InvolvementRole(StrEnum):
    """What a person was in an incident; victim and doer are always kept apart."""

    CONVICTED = "convicted"
    SUSPECT = "suspect"
    INSTIGATOR = "instigator"
    ACCOMPLICE = "accomplice"
    PRESENT = "present"
    ARRESTED = "arrested"
    STOPPED = "stopped"
    VICTIM = "victim"
    INTENDED_VICTIM = "intended_victim"
    WITNESS = "witness"
    OTHER = "other"


DOING_ROLES = frozenset(
    {
        InvolvementRole.CONVICTED,
        InvolvementRole.SUSPECT,
        InvolvementRole.INSTIGATOR,
        InvolvementRole.ACCOMPLICE,
        InvolvementRole.PRESENT,
    }
)
VICTIM_ROLES = frozenset({InvolvementRole.VICTIM, InvolvementRole.INTENDED_VICTIM})


class IncidentStatus(StrEnum):
    """Where the incident stands in review; `on_hold` and `unfounded` count for nothing."""

    NEW = "new"
    REVIEWED = "reviewed"
    NEEDS_INFORMATION = "needs_information"
    ON_HOLD = "on_hold"
    CLOSED = "closed"
    UNFOUNDED = "unfounded"


UNCOUNTED_STATUSES = frozenset({IncidentStatus.ON_HOLD, IncidentStatus.UNFOUNDED})


class Gmi(StrEnum):
    """Group-member involvement; unknown is a value of its own and never means no."""

    CONFIRMED = "confirmed"
    LIKELY = "likely"
    UNKNOWN = "unknown"
    KNOWN_NOT = "known_not"


OTHER_KIND = "other"
"""A kind that is not in the harm table and was not named; it weighs 0."""


def kind_named(text: str) -> str:
    """Give the code of a kind somebody named in their own words; blank is just "other".

    Example:
        >>> kind_named(" Car  fire ")
        'car_fire'
        >>> kind_named("")
        'other'
    """
    return "_".join(text.casefold().split()) or OTHER_KIND


def side_of(role: InvolvementRole) -> str:
    """Give the side a role stands on: `doing`, `victim` or `other`.

    Example:
        >>> side_of(InvolvementRole.ARRESTED)
        'other'
    """
    if role in DOING_ROLES:
        return "doing"
    return "victim" if role in VICTIM_ROLES else "other"
