"""Actions: what somebody has promised to do by a day."""

from enum import StrEnum


class ActionStatus(StrEnum):
    """Where an action stands; dropping one takes a reason."""

    PROPOSED = "proposed"
    DECIDED = "decided"
    IN_PROGRESS = "in_progress"
    DONE = "done"
    DROPPED = "dropped"


OPEN_ACTIONS = frozenset({ActionStatus.PROPOSED, ActionStatus.DECIDED, ActionStatus.IN_PROGRESS})


class ActionKind(StrEnum):
    """What set the action off; follow-ups of a call-in are made by themselves."""

    DECISION = "decision"
    ATTENDEE_CONTACT = "attendee_contact"
    NO_SHOW_NOTIFICATION = "no_show_notification"
    DEBRIEF = "debrief"
    CORRECTION = "correction"
    """Something behind a score is said to be wrong; `domain.correction`."""
    WELLBEING = "wellbeing"
    """How those who spoke are afterwards: a mother, a former member."""
    PARTNERS = "partners"
    VENUE = "venue"
    SPEAKERS = "speakers"
    CLEARANCE = "clearance"
    INVITATIONS = "invitations"
    TRANSPORT = "transport"
    REHEARSAL = "rehearsal"
