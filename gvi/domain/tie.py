"""Ties between two people: what they are, and which computation may use them."""

from enum import StrEnum


class TieKind(StrEnum):
    """Kinds of tie; all undirected but `recruiter`, where the first person recruits the second."""

    CO_OFFENDING = "co_offending"
    ASSOCIATE = "associate"
    FRIEND = "friend"
    ONLINE = "online"
    RECRUITER = "recruiter"
    FAMILY = "family"
    HOUSEHOLD = "household"
    CO_STOP = "co_stop"
    CO_VICTIM = "co_victim"
    RIVAL = "rival"


DIRECTED_TIES = frozenset({TieKind.RECRUITER})
DRIVING_TIES = frozenset(
    {
        TieKind.CO_OFFENDING,
        TieKind.ASSOCIATE,
        TieKind.FRIEND,
        TieKind.ONLINE,
        TieKind.RECRUITER,
    }
)
"""Ties through which violence may be said to run (A of design §4)."""
EXPOSURE_TIES = DRIVING_TIES | {
    TieKind.FAMILY,
    TieKind.HOUSEHOLD,
    TieKind.CO_STOP,
    TieKind.CO_VICTIM,
}
"""Ties along which harm and a message spread (A' of design §4); rivals never count."""

MAX_STRENGTH = 5.0
DEFAULT_STRENGTH = 1.0
