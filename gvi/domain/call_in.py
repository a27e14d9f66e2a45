"""Call-ins: one message to several groups, and what must follow each invitee afterwards."""

from enum import StrEnum


class CallInStatus(StrEnum):
    """The life of a call-in; postponed and cancelled carry a reason."""

    DRAFT = "draft"
    APPROVED = "approved"
    INVITED = "invited"
    REHEARSED = "rehearsed"
    HELD = "held"
    FOLLOWED_UP = "followed_up"
    CLOSED = "closed"
    POSTPONED = "postponed"
    CANCELLED = "cancelled"


class InviteeStatus(StrEnum):
    """The life of one invitation; who left early has not attended, but gets the contact too."""

    PROPOSED = "proposed"
    CLEARED = "cleared"
    INVITED = "invited"
    CONFIRMED = "confirmed"
    ATTENDED = "attended"
    LEFT_EARLY = "left_early"
    NO_SHOW = "no_show"
    EXCUSED = "excused"
    TURNED_AWAY = "turned_away"
    WITHDRAWN = "withdrawn"


ATTENDANCE_OUTCOMES = (
    InviteeStatus.ATTENDED,
    InviteeStatus.LEFT_EARLY,
    InviteeStatus.NO_SHOW,
    InviteeStatus.EXCUSED,
    InviteeStatus.TURNED_AWAY,
)

ATTENDEE_CONTACT_HOURS = 72
NO_SHOW_NOTIFICATION_DAYS = 14
DEBRIEF_DAYS = 7
OBLIGED_ATTENDANCE = 1.0
VOLUNTARY_ATTENDANCE = 1 / 6
"""Published: people nobody can oblige come about one time in six (Wheeler 2020)."""
