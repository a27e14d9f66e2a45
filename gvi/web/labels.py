"""What the codes of design §3.1 are called, and which sign stands by a status.

One vocabulary, one table; English here, other languages in the `labels.po` of each.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from gvi.domain.access import Role, Scope
from gvi.domain.action import ActionKind, ActionStatus
from gvi.domain.audit import AuditVerb
from gvi.domain.call_in import CallInStatus, InviteeStatus
from gvi.domain.custom_notification import (
    AttemptOutcome,
    NotificationStatus,
    NotificationTrigger,
)
from gvi.domain.grading import Certainty, Compartment
from gvi.domain.group import GroupKind, GroupStatus, RelationKind
from gvi.domain.incident import Gmi, IncidentStatus, InvolvementRole
from gvi.domain.membership import MembershipRole, MembershipStatus
from gvi.domain.message import MessagePart
from gvi.domain.risk import RiskColour
from gvi.domain.supervision import SupervisionKind
from gvi.domain.support import (
    ClosingReason,
    ContactMode,
    ContactOutcome,
    HeardThrough,
    NeedKind,
    OfferResponse,
    SupportCaseStatus,
)
from gvi.domain.text import N_
from gvi.domain.tie import TieKind
from gvi.web.text import translate

_TABLES: tuple[Mapping[StrEnum, str], ...] = (
    {
        Role.COORDINATOR_POLICE: N_("Coordinator, police"),
        Role.COORDINATOR_MUNICIPAL: N_("Coordinator, municipality"),
        Role.ANALYST: N_("Analyst"),
        Role.OUTREACH: N_("Outreach worker"),
        Role.OUTREACH_LEAD: N_("Outreach lead"),
        Role.PROBATION: N_("Probation"),
        Role.COMMUNITY: N_("Community voice"),
        Role.STEERING: N_("Steering group"),
        Role.AUDITOR: N_("Data protection officer"),
        Role.ADMIN: N_("Administrator"),
    },
    {Scope.ALL: N_("All"), Scope.OWN: N_("Own clients"), Scope.TEAM: N_("The team’s clients")},
    {
        Certainty.CONFIRMED: N_("Confirmed"),
        Certainty.PROBABLE: N_("Probable"),
        Certainty.POSSIBLE: N_("Possible"),
    },
    {
        Compartment.POLICE: N_("Police"),
        Compartment.SOCIAL: N_("Social services"),
        Compartment.PROBATION: N_("Probation"),
        Compartment.CHILD: N_("Under 18"),
        Compartment.SHARED: N_("Shared"),
    },
    {
        GroupStatus.CANDIDATE: N_("Candidate"),
        GroupStatus.ACTIVE: N_("Active"),
        GroupStatus.DORMANT: N_("Dormant"),
        GroupStatus.HISTORICAL: N_("Historical"),
        GroupStatus.MERGED: N_("Merged"),
        GroupStatus.SPLIT: N_("Split"),
        GroupStatus.REJECTED: N_("Rejected"),
    },
    {
        GroupKind.NAMED_GANG: N_("Named group"),
        GroupKind.AREA_GROUP: N_("Area group"),
        GroupKind.FAMILY_BASED: N_("Family-based"),
        GroupKind.LOOSE_NETWORK: N_("Loose network"),
        GroupKind.TEMPORARY: N_("Temporary"),
    },
    {
        RelationKind.OPEN_CONFLICT: N_("Open conflict"),
        RelationKind.TENSION: N_("Tension"),
        RelationKind.TRUCE: N_("Truce"),
        RelationKind.ALLIANCE: N_("Alliance"),
        RelationKind.SUPPLIER: N_("Supplies"),
    },
    {
        MembershipRole.LEADER: N_("Leader"),
        MembershipRole.CORE: N_("Core"),
        MembershipRole.MEMBER: N_("Member"),
        MembershipRole.ASSOCIATE: N_("Associate"),
        MembershipRole.RECRUIT: N_("Recruit"),
        MembershipRole.FORMER: N_("Former"),
    },
    {
        MembershipStatus.CURRENT: N_("Current"),
        MembershipStatus.DISPUTED: N_("Disputed"),
        MembershipStatus.ENDED: N_("Ended"),
    },
    {
        TieKind.CO_OFFENDING: N_("Offended together"),
        TieKind.ASSOCIATE: N_("Associates"),
        TieKind.FRIEND: N_("Friends"),
        TieKind.ONLINE: N_("Online contact"),
        TieKind.RECRUITER: N_("Recruiter and recruit"),
        TieKind.FAMILY: N_("Family"),
        TieKind.HOUSEHOLD: N_("Same household"),
        TieKind.CO_STOP: N_("Stopped together"),
        TieKind.CO_VICTIM: N_("Hurt together"),
        TieKind.RIVAL: N_("Rivals"),
    },
    {
        InvolvementRole.CONVICTED: N_("Convicted"),
        InvolvementRole.SUSPECT: N_("Suspect"),
        InvolvementRole.INSTIGATOR: N_("Instigator"),
        InvolvementRole.ACCOMPLICE: N_("Accomplice"),
        InvolvementRole.PRESENT: N_("Present"),
        InvolvementRole.ARRESTED: N_("Arrested"),
        InvolvementRole.STOPPED: N_("Stopped"),
        InvolvementRole.VICTIM: N_("Victim"),
        InvolvementRole.INTENDED_VICTIM: N_("Intended victim"),
        InvolvementRole.WITNESS: N_("Witness"),
        InvolvementRole.OTHER: N_("Other part"),
    },
    {
        IncidentStatus.NEW: N_("New"),
        IncidentStatus.REVIEWED: N_("Reviewed"),
        IncidentStatus.NEEDS_INFORMATION: N_("Needs information"),
        IncidentStatus.ON_HOLD: N_("On hold"),
        IncidentStatus.CLOSED: N_("Closed"),
        IncidentStatus.UNFOUNDED: N_("Unfounded"),
    },
    {
        Gmi.CONFIRMED: N_("Confirmed"),
        Gmi.LIKELY: N_("Likely"),
        Gmi.UNKNOWN: N_("Unknown"),
        Gmi.KNOWN_NOT: N_("Known not"),
    },
    {
        RiskColour.RED: N_("Red"),
        RiskColour.YELLOW: N_("Yellow"),
        RiskColour.GREEN: N_("Green"),
        RiskColour.OFF_LIST: N_("Off the list"),
    },
    {
        CallInStatus.DRAFT: N_("Draft"),
        CallInStatus.APPROVED: N_("Approved"),
        CallInStatus.INVITED: N_("Invited"),
        CallInStatus.REHEARSED: N_("Rehearsed"),
        CallInStatus.HELD: N_("Held"),
        CallInStatus.FOLLOWED_UP: N_("Followed up"),
        CallInStatus.CLOSED: N_("Closed"),
        CallInStatus.POSTPONED: N_("Postponed"),
        CallInStatus.CANCELLED: N_("Cancelled"),
    },
    {
        InviteeStatus.PROPOSED: N_("Proposed"),
        InviteeStatus.CLEARED: N_("Cleared"),
        InviteeStatus.INVITED: N_("Invited"),
        InviteeStatus.CONFIRMED: N_("Said yes"),
        InviteeStatus.ATTENDED: N_("Attended"),
        InviteeStatus.LEFT_EARLY: N_("Left early"),
        InviteeStatus.NO_SHOW: N_("Did not come"),
        InviteeStatus.EXCUSED: N_("Excused"),
        InviteeStatus.TURNED_AWAY: N_("Turned away"),
        InviteeStatus.WITHDRAWN: N_("Withdrawn"),
    },
    {
        NotificationStatus.PLANNED: N_("Planned"),
        NotificationStatus.APPROVED: N_("Approved"),
        NotificationStatus.ATTEMPTED: N_("Attempted"),
        NotificationStatus.DELIVERED: N_("Delivered"),
        NotificationStatus.PARTLY_FAMILY: N_("Partly, to the family"),
        NotificationStatus.NOT_DELIVERABLE: N_("Cannot be delivered"),
        NotificationStatus.CANCELLED: N_("Cancelled"),
    },
    {
        NotificationTrigger.ROUND: N_("Round"),
        NotificationTrigger.AFTER_INCIDENT: N_("After an incident"),
        NotificationTrigger.RELEASE_FROM_PRISON: N_("Release from prison"),
        NotificationTrigger.AFTER_CALL_IN_NO_SHOW: N_("Did not come to a call-in"),
        NotificationTrigger.THREAT_INFO: N_("Information about a threat"),
        NotificationTrigger.TRANSITION: N_("A change in life"),
    },
    {
        AttemptOutcome.MET: N_("Met"),
        AttemptOutcome.FAMILY_ONLY: N_("Family only"),
        AttemptOutcome.NOT_HOME: N_("Not home"),
        AttemptOutcome.REFUSED_DOOR: N_("Refused at the door"),
        AttemptOutcome.MOVED: N_("Moved"),
        AttemptOutcome.IN_CUSTODY: N_("In custody"),
        AttemptOutcome.ABROAD: N_("Abroad"),
        AttemptOutcome.PHONE_ONLY: N_("By phone only"),
    },
    {
        MessagePart.NOT_DIE: N_("We do not want you to die"),
        MessagePart.NOT_KILL: N_("We do not want you to kill"),
        MessagePart.CONSEQUENCES: N_("If the violence goes on, it will have consequences"),
        MessagePart.HELP: N_("We want you to take the help we offer"),
    },
    {
        OfferResponse.ACCEPTED: N_("Accepted"),
        OfferResponse.CONSIDERING: N_("Considering"),
        OfferResponse.DECLINED: N_("Declined"),
        OfferResponse.NO_ANSWER: N_("No answer"),
    },
    {
        HeardThrough.CARD: N_("The card"),
        HeardThrough.CALL_IN: N_("A call-in"),
        HeardThrough.VISIT: N_("A visit"),
        HeardThrough.FAMILY: N_("Family"),
        HeardThrough.SCHOOL: N_("School"),
        HeardThrough.POLICE: N_("Police"),
    },
    {
        SupportCaseStatus.OFFERED: N_("Offered"),
        SupportCaseStatus.CONTACTED: N_("Contacted"),
        SupportCaseStatus.ASSESSING: N_("Assessing"),
        SupportCaseStatus.PLAN_AGREED: N_("Plan agreed"),
        SupportCaseStatus.ACTIVE: N_("Active"),
        SupportCaseStatus.PAUSED: N_("Paused"),
        SupportCaseStatus.STEPPING_DOWN: N_("Stepping down"),
        SupportCaseStatus.CLOSED: N_("Closed"),
    },
    {
        ClosingReason.GOALS_MET: N_("Goals met"),
        ClosingReason.MOVED: N_("Moved"),
        ClosingReason.DECLINED: N_("Declined"),
        ClosingReason.PRISON: N_("In prison"),
        ClosingReason.LOST: N_("Lost contact"),
        ClosingReason.DECEASED: N_("Deceased"),
        ClosingReason.OTHER: N_("Other reason"),
    },
    {
        ContactMode.IN_PERSON: N_("Met"),
        ContactMode.PHONE: N_("Phone"),
        ContactMode.TEXT: N_("Text"),
    },
    {ContactOutcome.REACHED: N_("Reached"), ContactOutcome.ATTEMPTED: N_("Tried, no answer")},
    {
        NeedKind.HOUSING: N_("Housing"),
        NeedKind.SAFETY: N_("Safety"),
        NeedKind.INCOME: N_("Income"),
        NeedKind.WORK: N_("Work"),
        NeedKind.SCHOOL: N_("School"),
        NeedKind.DEBT: N_("Debt"),
        NeedKind.ADDICTION: N_("Addiction"),
        NeedKind.MENTAL_HEALTH: N_("Mental health"),
        NeedKind.HEALTH: N_("Health"),
        NeedKind.IDENTITY_DOCUMENT: N_("Identity document"),
        NeedKind.FAMILY: N_("Family"),
        NeedKind.LEISURE: N_("Leisure"),
    },
    {
        SupervisionKind.PROBATION: N_("Probation"),
        SupervisionKind.CONDITIONAL_RELEASE: N_("Conditional release"),
        SupervisionKind.YOUTH_SUPERVISION: N_("Youth supervision"),
        SupervisionKind.CUSTODY: N_("Custody"),
        SupervisionKind.OTHER: N_("Other supervision"),
    },
    {
        ActionStatus.PROPOSED: N_("Proposed"),
        ActionStatus.DECIDED: N_("Decided"),
        ActionStatus.IN_PROGRESS: N_("In progress"),
        ActionStatus.DONE: N_("Done"),
        ActionStatus.DROPPED: N_("Dropped"),
    },
    {
        ActionKind.DECISION: N_("Decision"),
        ActionKind.ATTENDEE_CONTACT: N_("Contact with an attendee"),
        ActionKind.NO_SHOW_NOTIFICATION: N_("Notification after a no-show"),
        ActionKind.DEBRIEF: N_("Debrief"),
    },
    {
        AuditVerb.COLLECTED: N_("Collected"),
        AuditVerb.CHANGED: N_("Changed"),
        AuditVerb.CONSULTED: N_("Read"),
        AuditVerb.DISCLOSED: N_("Disclosed"),
        AuditVerb.COMBINED: N_("Combined"),
        AuditVerb.ERASED: N_("Erased"),
        AuditVerb.ACCESS: N_("Access"),
    },
)

# Codes of different vocabularies may be the same word, so the vocabulary is part of the key.
_LABELS: Mapping[tuple[type[StrEnum], str], str] = MappingProxyType(
    {(type(code), code.value): text for table in _TABLES for code, text in table.items()}
)

INCIDENT_KINDS: Mapping[str, str] = MappingProxyType(
    {
        "homicide": N_("Homicide"),
        "attempted_homicide": N_("Attempted homicide"),
        "shooting_with_injury": N_("Shooting, someone hurt"),
        "shooting_at_person": N_("Shooting at a person"),
        "explosion": N_("Explosion"),
        "kidnapping": N_("Kidnapping"),
        "stabbing": N_("Stabbing"),
        "shooting_at_building_or_vehicle": N_("Shots at a house or car"),
        "grenade_or_attempted_explosion": N_("Grenade or attempted explosion"),
        "serious_assault": N_("Serious assault"),
        "arson": N_("Arson"),
        "robbery": N_("Robbery"),
        "threat": N_("Threat"),
        "weapon": N_("Weapon"),
    }
)
"""Kinds of incident are rows of the harm table; these are the names of its usual rows."""

_STATUSES: Mapping[tuple[type[StrEnum], str], str] = MappingProxyType(
    {
        (type(code), code.value): sign
        for sign, codes in {
            "red": (RiskColour.RED, RelationKind.OPEN_CONFLICT),
            "yellow": (
                RiskColour.YELLOW,
                RelationKind.TENSION,
                MembershipStatus.DISPUTED,
                IncidentStatus.NEEDS_INFORMATION,
                NotificationStatus.PARTLY_FAMILY,
                InviteeStatus.LEFT_EARLY,
            ),
            "green": (
                RiskColour.GREEN,
                RelationKind.TRUCE,
                CallInStatus.FOLLOWED_UP,
                InviteeStatus.CLEARED,
                InviteeStatus.CONFIRMED,
                InviteeStatus.ATTENDED,
                NotificationStatus.DELIVERED,
                OfferResponse.ACCEPTED,
                SupportCaseStatus.ACTIVE,
                AttemptOutcome.MET,
                ActionStatus.DONE,
                ContactOutcome.REACHED,
            ),
            "off": (
                RiskColour.OFF_LIST,
                GroupStatus.HISTORICAL,
                GroupStatus.MERGED,
                GroupStatus.REJECTED,
                MembershipStatus.ENDED,
                IncidentStatus.CLOSED,
                IncidentStatus.UNFOUNDED,
                CallInStatus.CLOSED,
                CallInStatus.CANCELLED,
                InviteeStatus.EXCUSED,
                InviteeStatus.WITHDRAWN,
                NotificationStatus.NOT_DELIVERABLE,
                NotificationStatus.CANCELLED,
                SupportCaseStatus.CLOSED,
                ActionStatus.DROPPED,
            ),
            "unknown": (Gmi.UNKNOWN, OfferResponse.NO_ANSWER),
        }.items()
        for code in codes
    }
)


def label(code: StrEnum | str | None, language: str) -> str:
    """Say what a code is called; nothing for None, and the kind itself for an unknown kind.

    A plain text is taken for a kind of incident; a code without a label is a mistake (KeyError).
    """
    if code is None:
        return ""
    if isinstance(code, StrEnum):
        return translate(_LABELS[type(code), code.value], language)
    if code in INCIDENT_KINDS:
        return translate(INCIDENT_KINDS[code], language)
    return code.replace("_", " ").capitalize()


def status(code: StrEnum | None) -> str:
    """Give the sign of a status: red, yellow, green, off, unknown, or open for all others."""
    if code is None:
        return "unknown"
    return _STATUSES.get((type(code), code.value), "open")


def options(codes: type[StrEnum], language: str) -> list[tuple[str, str]]:
    """Give a vocabulary as value and label, in its own order, for a select or a filter."""
    return [(code.value, label(code, language)) for code in codes]


def kind_options(language: str) -> list[tuple[str, str]]:
    """Give the usual kinds of incident as value and label, gravest first."""
    return [(kind, label(kind, language)) for kind in INCIDENT_KINDS]
