"""Custom notifications: the message given to one person; an attempt is not a delivery."""

from enum import StrEnum


class NotificationStatus(StrEnum):
    """Where a custom notification stands."""

    PLANNED = "planned"
    APPROVED = "approved"
    ATTEMPTED = "attempted"
    DELIVERED = "delivered"
    PARTLY_FAMILY = "partly_family"
    NOT_DELIVERABLE = "not_deliverable"
    CANCELLED = "cancelled"


class AttemptOutcome(StrEnum):
    """What came of one try to meet the person."""

    MET = "met"
    FAMILY_ONLY = "family_only"
    NOT_HOME = "not_home"
    REFUSED_DOOR = "refused_door"
    MOVED = "moved"
    IN_CUSTODY = "in_custody"
    ABROAD = "abroad"
    PHONE_ONLY = "phone_only"


class NotificationTrigger(StrEnum):
    """Why the notification was planned."""

    ROUND = "round"
    AFTER_INCIDENT = "after_incident"
    RELEASE_FROM_PRISON = "release_from_prison"
    AFTER_CALL_IN_NO_SHOW = "after_call_in_no_show"
    THREAT_INFO = "threat_info"
    TRANSITION = "transition"


class Answer(StrEnum):
    """An answer in which not to know is one of its own."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class RiskOutcome(StrEnum):
    """What a risk check came to."""

    GO = "go"
    NO_GO = "no_go"
    NOTED = "noted"
    """Written down before risk was judged by go or no-go; lets nobody go."""


class Reaction(StrEnum):
    """How the message was taken: an assessment of those who gave it, on a short scale."""

    TAKES_HELP = "takes_help"
    LISTENS = "listens"
    UNMOVED = "unmoved"
    REJECTS = "rejects"
    THREATENS = "threatens"


TELLS_SOMEBODY = frozenset(
    {AttemptOutcome.MET, AttemptOutcome.FAMILY_ONLY, AttemptOutcome.PHONE_ONLY}
)
"""Outcomes of an attempt after which parts of the message may have been delivered."""
OPEN_STATUSES = frozenset(
    {NotificationStatus.PLANNED, NotificationStatus.APPROVED, NotificationStatus.ATTEMPTED}
)
STILL_POSSIBLE = OPEN_STATUSES | {NotificationStatus.PARTLY_FAMILY}
"""Also after the family was told the person can still be met."""
ENDED_BY_HAND = frozenset({NotificationStatus.NOT_DELIVERABLE, NotificationStatus.CANCELLED})
"""Ends that somebody decided, with a reason; no try brings one about."""
MAX_ATTEMPTS_BEFORE_REVIEW = 4
"""After four attempts the plan itself is looked at again (domain §1.7, a recommendation)."""
AFTER_INCIDENT_HOURS = 48
"""Within 48 hours of a shooting (domain §1.3, Chicago)."""


def status_after(
    before: NotificationStatus, outcome: AttemptOutcome, *, was_told: bool
) -> NotificationStatus:
    """Say where a notification stands after a try in which parts of the message were said or not.

    What only the family was told is partly delivered, and stays so after a try that met nobody.

    Example:
        >>> status_after(NotificationStatus.APPROVED, AttemptOutcome.NOT_HOME, was_told=False)
        <NotificationStatus.ATTEMPTED: 'attempted'>
    """
    if was_told and outcome is not AttemptOutcome.FAMILY_ONLY:
        return NotificationStatus.DELIVERED
    if was_told or before is NotificationStatus.PARTLY_FAMILY:
        return NotificationStatus.PARTLY_FAMILY
    return NotificationStatus.ATTEMPTED
