"""Call-ins: one message to several groups, and what must follow each invitee afterwards."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from gvi.domain.message import MessagePart


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

TICKED = frozenset(ATTENDANCE_OUTCOMES) - {InviteeStatus.EXCUSED}
"""Outcomes that are ticked at the door: excused is who said so before."""
AWAITS_OUTCOME = frozenset({InviteeStatus.INVITED, InviteeStatus.CONFIRMED})
"""Invitees who were asked, and of whom nobody has said whether they came."""
HEARD = frozenset({InviteeStatus.ATTENDED, InviteeStatus.LEFT_EARLY})
"""Outcomes after which the person has heard at least a part, and gets the attendee's contact."""
WERE_ASKED = frozenset({InviteeStatus.INVITED, InviteeStatus.CONFIRMED, *ATTENDANCE_OUTCOMES})
"""Invitees whom the invitation reached, whatever came of it: what was planned for."""
AT_THE_DOOR = frozenset(
    {
        InviteeStatus.CLEARED,
        InviteeStatus.INVITED,
        InviteeStatus.CONFIRMED,
        *ATTENDANCE_OUTCOMES,
    }
)
"""Invitees whom those at the door expect: cleared for secrecy and safety, or with an outcome."""
TAKES_A_SEAT = frozenset(InviteeStatus) - {InviteeStatus.WITHDRAWN, InviteeStatus.EXCUSED}
"""Invitees who count against the seats."""

BEFORE_HELD = frozenset(
    {
        CallInStatus.DRAFT,
        CallInStatus.APPROVED,
        CallInStatus.INVITED,
        CallInStatus.REHEARSED,
        CallInStatus.POSTPONED,
    }
)
"""While the call-in is still to come: it can be changed, postponed and cancelled."""
WAS_HELD = frozenset({CallInStatus.HELD, CallInStatus.FOLLOWED_UP, CallInStatus.CLOSED})
ATTENDANCE_POSSIBLE = frozenset(
    {
        CallInStatus.APPROVED,
        CallInStatus.INVITED,
        CallInStatus.REHEARSED,
        CallInStatus.HELD,
        CallInStatus.FOLLOWED_UP,
    }
)

NEXT_STATUS: Mapping[CallInStatus, CallInStatus] = MappingProxyType(
    {
        CallInStatus.DRAFT: CallInStatus.APPROVED,
        CallInStatus.POSTPONED: CallInStatus.APPROVED,
        CallInStatus.APPROVED: CallInStatus.INVITED,
        CallInStatus.INVITED: CallInStatus.REHEARSED,
        CallInStatus.HELD: CallInStatus.FOLLOWED_UP,
        CallInStatus.FOLLOWED_UP: CallInStatus.CLOSED,
    }
)
"""The one step forward from each status; held comes with the attendance, not by a step, and needs
somebody who keeps the ledger. None leads on from there while somebody asked has no outcome."""

NEXT_INVITEE_STATUSES: Mapping[InviteeStatus, tuple[InviteeStatus, ...]] = MappingProxyType(
    {
        InviteeStatus.PROPOSED: (InviteeStatus.WITHDRAWN,),
        InviteeStatus.CLEARED: (InviteeStatus.INVITED, InviteeStatus.WITHDRAWN),
        InviteeStatus.INVITED: (
            InviteeStatus.CONFIRMED,
            InviteeStatus.EXCUSED,
            InviteeStatus.WITHDRAWN,
        ),
        InviteeStatus.CONFIRMED: (InviteeStatus.EXCUSED, InviteeStatus.WITHDRAWN),
        InviteeStatus.WITHDRAWN: (InviteeStatus.PROPOSED,),
    }
)
"""What may be decided about an invitation before the call-in: cleared is who was judged so twice
(`domain.clearance`), and outcomes come with attendance."""


class Bar(StrEnum):
    """Why somebody can never be an invitee, on the day of the call-in."""

    UNDER_18 = "under_18"
    IN_CUSTODY = "in_custody"
    LEFT_OUT = "left_out"
    """Protected identity, or in the exit programme: not said which."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turnout:
    """How many were asked to call-ins and how many of them stayed to the end."""

    came: int = 0
    invited: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Attendance:
    """The programme's own attendance so far, of those who must come and of the others."""

    obliged: Turnout = Turnout()
    voluntary: Turnout = Turnout()

    def of(self, *, obliged: bool) -> Turnout:
        """Give the turnout of one of the two sorts."""
        return self.obliged if obliged else self.voluntary


DOORS_OPEN = timedelta(hours=3)
"""How long before a call-in begins somebody may be ticked as having come."""
ATTENDEE_CONTACT_HOURS = 72
NO_SHOW_NOTIFICATION_DAYS = 14
DEBRIEF_DAYS = 7
WELLBEING_DAYS = 3
OBLIGED_ATTENDANCE = 1.0
VOLUNTARY_ATTENDANCE = 1 / 6
"""Published: people nobody can oblige come about one time in six (Wheeler 2020)."""


def attendee_contact_due(starts_at: datetime) -> datetime:
    """Give the instant by which everybody who came is contacted: 72 hours (domain §1.6)."""
    return starts_at + timedelta(hours=ATTENDEE_CONTACT_HOURS)


def no_show_notification_due(starts_at: datetime) -> datetime:
    """Give the instant by which somebody who did not come hears the message: 14 days."""
    return starts_at + timedelta(days=NO_SHOW_NOTIFICATION_DAYS)


def debrief_due(starts_at: datetime) -> datetime:
    """Give the instant by which the team has gone through the call-in: 7 days."""
    return starts_at + timedelta(days=DEBRIEF_DAYS)


def wellbeing_due(starts_at: datetime) -> datetime:
    """Give the instant by which somebody has asked the speakers how they are: 3 days."""
    return starts_at + timedelta(days=WELLBEING_DAYS)


def parts_heard(
    status: InviteeStatus, spoken: Collection[MessagePart], confirmed: Collection[MessagePart]
) -> tuple[MessagePart, ...]:
    """Give what one invitee heard of what was said, in the order it is said.

    Who stayed heard it all; who left early only what somebody confirmed.

    Example:
        >>> said = {MessagePart.HELP, MessagePart.NOT_DIE}
        >>> [part.value for part in parts_heard(InviteeStatus.ATTENDED, said, ())]
        ['not_die', 'help']
        >>> parts_heard(InviteeStatus.LEFT_EARLY, said, ())
        ()
    """
    if status is InviteeStatus.ATTENDED:
        return tuple(part for part in MessagePart if part in spoken)
    if status is InviteeStatus.LEFT_EARLY:
        return tuple(part for part in MessagePart if part in spoken and part in confirmed)
    return ()
