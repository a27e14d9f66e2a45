"""Clearing an invitee: two judgements apart, of secrecy and of safety, and what opens one again."""

from collections.abc import Collection, Mapping
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType

from gvi.domain.removal import Side


class ClearanceKind(StrEnum):
    """What is judged of an invitee before anybody may ask them."""

    SECRECY = "secrecy"
    """May each organisation present know that this person is invited?"""
    SAFETY = "safety"
    """Is there a threat in the room, to them or by them?"""


class LookAgain(StrEnum):
    """Why a judgement of safety is to be looked at again."""

    VIOLENCE = "violence"
    CONFLICT = "conflict"
    POSTPONED = "postponed"
    SESSION = "session"


RIGHT_TO_JUDGE: Mapping[ClearanceKind, str] = MappingProxyType(
    {
        ClearanceKind.SECRECY: "clearance_secrecy:write",
        ClearanceKind.SAFETY: "clearance_safety:write",
    }
)
"""Who judges one may read its reason; of the other only the outcome."""
SIDE_OF_JUDGEMENT: Mapping[ClearanceKind, Side] = MappingProxyType(
    {ClearanceKind.SECRECY: Side.SOCIAL, ClearanceKind.SAFETY: Side.POLICE}
)
"""Whose a judgement is, with its reason: the side's that judges."""
LATELY = timedelta(days=7)
"""Violence that long ago asks for go or no-go (domain §1.6), also where it became known late."""


def missing(cleared: Collection[ClearanceKind]) -> tuple[ClearanceKind, ...]:
    """Name the judgements that still stand between an invitee and the invitation.

    >>> missing({ClearanceKind.SAFETY})
    (<ClearanceKind.SECRECY: 'secrecy'>,)
    """
    return tuple(kind for kind in ClearanceKind if kind not in cleared)
