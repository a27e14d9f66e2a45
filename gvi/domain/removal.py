"""Removing records: each side its own, back within a month, and after that erased for good.

The police side removes what stands under the police's, probation's or everybody's secrecy; the
social side what stands under its own. A person known to both sides goes as a whole only when
nothing of the other side is left (docs/decisions/0045).
"""

from collections.abc import Iterable
from datetime import timedelta
from enum import StrEnum

from gvi.domain.grading import Compartment

RESTORABLE_DAYS = 30
"""For so long a removed record can be put back; then the retention rule erases it."""
RESTORABLE = timedelta(days=RESTORABLE_DAYS)


class Side(StrEnum):
    """Whose records: two authorities with a wall of secrecy between them."""

    POLICE = "police"
    SOCIAL = "social"


class RemovalCause(StrEnum):
    """Whether somebody removed it, or its review day had long passed."""

    BY_HAND = "by_hand"
    REVIEW_OVERDUE = "review_overdue"


class Removable(StrEnum):
    """What can be removed; everything that belongs to it goes with it."""

    PERSON = "person"
    INCIDENT = "incident"
    SUPPORT_CASE = "support_case"
    GROUP = "group"
    GROUP_RELATION = "group_relation"
    MEMBERSHIP = "membership"
    TIE = "tie"
    SUPERVISION = "supervision"
    INVOLVEMENT = "involvement"


_SOCIAL = frozenset({Compartment.SOCIAL.value, Compartment.CHILD.value})


def side_of(compartment: str) -> Side:
    """Tell which side removes a record; what both sides work with goes with the police side.

    Example:
        >>> side_of("probation"), side_of("child")
        (<Side.POLICE: 'police'>, <Side.SOCIAL: 'social'>)
    """
    return Side.SOCIAL if compartment in _SOCIAL else Side.POLICE


def sides_of(compartments: Iterable[Compartment]) -> frozenset[Side]:
    """Tell for which sides somebody may act whose right covers these compartments.

    Everybody's secrecy alone makes nobody a side.
    """
    return frozenset(side_of(each) for each in compartments if each is not Compartment.SHARED)
