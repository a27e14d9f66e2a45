"""What the vocabularies of call-ins are called; `gvi.web.labels` holds all others."""

from collections.abc import Mapping
from enum import StrEnum

from gvi.domain.call_in import Bar, CallInStatus, InviteeStatus
from gvi.domain.call_in_session import Apart
from gvi.domain.clearance import ClearanceKind, LookAgain
from gvi.domain.speaker import SpeakerKind

LABELS: tuple[Mapping[StrEnum, str], ...] = (
    {
        CallInStatus.DRAFT: "Draft",
        CallInStatus.APPROVED: "Approved",
        CallInStatus.INVITED: "Invited",
        CallInStatus.REHEARSED: "Rehearsed",
        CallInStatus.HELD: "Held",
        CallInStatus.FOLLOWED_UP: "Followed up",
        CallInStatus.CLOSED: "Closed",
        CallInStatus.POSTPONED: "Postponed",
        CallInStatus.CANCELLED: "Cancelled",
    },
    {
        InviteeStatus.PROPOSED: "Proposed",
        InviteeStatus.CLEARED: "Cleared",
        InviteeStatus.INVITED: "Invited",
        InviteeStatus.CONFIRMED: "Said yes",
        InviteeStatus.ATTENDED: "Attended",
        InviteeStatus.LEFT_EARLY: "Left early",
        InviteeStatus.NO_SHOW: "Did not come",
        InviteeStatus.EXCUSED: "Excused",
        InviteeStatus.TURNED_AWAY: "Turned away",
        InviteeStatus.WITHDRAWN: "Withdrawn",
    },
    {
        SpeakerKind.PARTNER: "Somebody for an organisation",
        SpeakerKind.MORAL_VOICE: "A private person: the moral voice",
        SpeakerKind.NOBODY: "Nobody: doors, a pause, food",
    },
    {ClearanceKind.SECRECY: "Secrecy", ClearanceKind.SAFETY: "Safety"},
    {
        LookAgain.VIOLENCE: "Violence that became known since",
        LookAgain.CONFLICT: "A conflict with somebody invited: known since, or they meet since",
        LookAgain.POSTPONED: "The call-in was moved to another time since",
        LookAgain.SESSION: "Sits in another session since, or that session was moved",
    },
    {
        Apart.GROUPS: "Groups in open conflict",
        Apart.BY_NAME: "Kept apart by name",
        Apart.TIE: "Rivals, by a recorded tie",
    },
    {
        Bar.UNDER_18: "Under 18",
        Bar.IN_CUSTODY: "In custody",
        Bar.LEFT_OUT: "Left out",
    },
)
