"""What the codes of design §3.1 are called, and which sign stands by a status.

One vocabulary, one table; English here, other languages in the `labels.po` of each, under the
vocabulary's name as context: the same English word is another Swedish one for a group than for a
case, and the certainty of a fact is not the certainty of an invitation.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType

from gvi.domain.access import Role, Scope
from gvi.domain.action import ActionKind, ActionStatus
from gvi.domain.audit import AuditVerb
from gvi.domain.correction import Disputed, DisputedScore
from gvi.domain.custom_notification import (
    Answer,
    AttemptOutcome,
    NotificationStatus,
    NotificationTrigger,
    Reaction,
    RiskOutcome,
)
from gvi.domain.disclosure import OWN_WORDS
from gvi.domain.due import DueKind
from gvi.domain.grading import Certainty, Compartment
from gvi.domain.group import GroupKind, GroupStatus, RelationKind
from gvi.domain.incident import OTHER_KIND, Gmi, IncidentStatus, InvolvementRole
from gvi.domain.membership import MembershipRole, MembershipStatus
from gvi.domain.message import MessagePart, Occasion, SpokenLanguage
from gvi.domain.paper import LetterLanguage
from gvi.domain.risk import RiskColour
from gvi.domain.round import Remains, RoundStatus
from gvi.domain.section import AccessKind, Section
from gvi.domain.supervision import SupervisionKind
from gvi.domain.support import (
    ClosingReason,
    ContactMode,
    ContactOutcome,
    HeardThrough,
    NeedKind,
    NeedStatus,
    OfferResponse,
    SupportCaseStatus,
)
from gvi.domain.text import N_
from gvi.domain.tie import TieKind
from gvi.web.call_in_words import LABELS as CALL_IN
from gvi.web.disclosure_words import LABELS as DISCLOSURE
from gvi.web.statuses import STATUSES
from gvi.web.text import translate, translations
from gvi.web.token_words import SCOPES

_TABLES: tuple[Mapping[StrEnum, str], ...] = (
    {
        Role.COORDINATOR_POLICE: "Coordinator, police",
        Role.COORDINATOR_MUNICIPAL: "Coordinator, municipality",
        Role.ANALYST: "Analyst",
        Role.OUTREACH: "Outreach worker",
        Role.OUTREACH_LEAD: "Outreach lead",
        Role.PROBATION: "Probation",
        Role.COMMUNITY: "Community voice",
        Role.STEERING: "Steering group",
        Role.AUDITOR: "Data protection officer",
        Role.ADMIN: "Administrator",
    },
    {Scope.ALL: "All", Scope.OWN: "Own clients", Scope.TEAM: "The team’s clients"},
    {AccessKind.NAMED: "Given", AccessKind.BREAK_GLASS: "Glass broken"},
    {
        Section.NAME: "The name",
        Section.GROUPS: "Groups",
        Section.INCIDENTS: "Parts in incidents",
        Section.SUPERVISION: "Supervision and custody",
        Section.RISK: "The decided colour",
        Section.VISITS: "Custom notifications: time and place",
        Section.OFFERS: "Whether help was offered",
        Section.CONTACT_NOTES: "Contacts and their notes",
    },
    SCOPES,
    *DISCLOSURE,
    {
        Certainty.CONFIRMED: "Confirmed",
        Certainty.PROBABLE: "Probable",
        Certainty.POSSIBLE: "Possible",
    },
    {
        Compartment.POLICE: "Police",
        Compartment.SOCIAL: "Social services",
        Compartment.PROBATION: "Probation",
        Compartment.CHILD: "Under 18",
        Compartment.SHARED: "Shared",
    },
    {
        GroupStatus.CANDIDATE: "Candidate",
        GroupStatus.ACTIVE: "Active",
        GroupStatus.DORMANT: "Dormant",
        GroupStatus.HISTORICAL: "Historical",
        GroupStatus.MERGED: "Merged",
        GroupStatus.SPLIT: "Split",
        GroupStatus.REJECTED: "Rejected",
    },
    {
        GroupKind.NAMED_GANG: "Named group",
        GroupKind.AREA_GROUP: "Area group",
        GroupKind.FAMILY_BASED: "Family-based",
        GroupKind.LOOSE_NETWORK: "Loose network",
        GroupKind.TEMPORARY: "Temporary",
    },
    {
        RelationKind.OPEN_CONFLICT: "Open conflict",
        RelationKind.TENSION: "Tension",
        RelationKind.TRUCE: "Truce",
        RelationKind.ALLIANCE: "Alliance",
        RelationKind.SUPPLIER: "Supplies",
    },
    {
        MembershipRole.LEADER: "Leader",
        MembershipRole.CORE: "Core",
        MembershipRole.MEMBER: "Member",
        MembershipRole.ASSOCIATE: "Associate",
        MembershipRole.RECRUIT: "Recruit",
        MembershipRole.FORMER: "Former",
    },
    {
        Disputed.SCORE: "The score as a whole",
        Disputed.INCIDENT: "The incident",
        Disputed.INVOLVEMENT: "The role in the incident",
        Disputed.TIE: "The tie",
        Disputed.MEMBERSHIP: "The membership",
    },
    {DisputedScore.DRIVING: "Driving", DisputedScore.EXPOSED: "Exposed"},
    {
        MembershipStatus.CURRENT: "Current",
        MembershipStatus.DISPUTED: "Disputed",
        MembershipStatus.ENDED: "Ended",
    },
    {
        TieKind.CO_OFFENDING: "Offended together",
        TieKind.ASSOCIATE: "Associates",
        TieKind.FRIEND: "Friends",
        TieKind.ONLINE: "Online contact",
        TieKind.RECRUITER: "Recruiter and recruit",
        TieKind.FAMILY: "Family",
        TieKind.HOUSEHOLD: "Same household",
        TieKind.CO_STOP: "Stopped together",
        TieKind.CO_VICTIM: "Hurt together",
        TieKind.RIVAL: "Rivals",
    },
    {
        InvolvementRole.CONVICTED: "Convicted",
        InvolvementRole.SUSPECT: "Suspect",
        InvolvementRole.INSTIGATOR: "Instigator",
        InvolvementRole.ACCOMPLICE: "Accomplice",
        InvolvementRole.PRESENT: "Present",
        InvolvementRole.ARRESTED: "Arrested",
        InvolvementRole.STOPPED: "Stopped",
        InvolvementRole.VICTIM: "Victim",
        InvolvementRole.INTENDED_VICTIM: "Intended victim",
        InvolvementRole.WITNESS: "Witness",
        InvolvementRole.OTHER: "Other part",
    },
    {
        IncidentStatus.NEW: "New",
        IncidentStatus.REVIEWED: "Reviewed",
        IncidentStatus.NEEDS_INFORMATION: "Needs information",
        IncidentStatus.ON_HOLD: "On hold",
        IncidentStatus.CLOSED: "Closed",
        IncidentStatus.UNFOUNDED: "Unfounded",
    },
    {
        Gmi.CONFIRMED: "Confirmed",
        Gmi.LIKELY: "Likely",
        Gmi.UNKNOWN: "Unknown",
        Gmi.KNOWN_NOT: "Known not",
    },
    {
        RiskColour.RED: "Red",
        RiskColour.YELLOW: "Yellow",
        RiskColour.GREEN: "Green",
        RiskColour.OFF_LIST: "Off the list",
    },
    *CALL_IN,
    {
        NotificationStatus.PLANNED: "Planned",
        NotificationStatus.APPROVED: "Approved",
        NotificationStatus.ATTEMPTED: "Attempted",
        NotificationStatus.DELIVERED: "Delivered",
        NotificationStatus.PARTLY_FAMILY: "Partly, to the family",
        NotificationStatus.NOT_DELIVERABLE: "Cannot be delivered",
        NotificationStatus.CANCELLED: "Cancelled",
    },
    {
        NotificationTrigger.ROUND: "Round",
        NotificationTrigger.AFTER_INCIDENT: "After an incident",
        NotificationTrigger.RELEASE_FROM_PRISON: "Release from prison",
        NotificationTrigger.AFTER_CALL_IN_NO_SHOW: "Did not come to a call-in",
        NotificationTrigger.THREAT_INFO: "Information about a threat",
        NotificationTrigger.TRANSITION: "A change in life",
    },
    {
        AttemptOutcome.MET: "Met",
        AttemptOutcome.FAMILY_ONLY: "Family only",
        AttemptOutcome.NOT_HOME: "Not home",
        AttemptOutcome.REFUSED_DOOR: "Refused at the door",
        AttemptOutcome.MOVED: "Moved",
        AttemptOutcome.IN_CUSTODY: "In custody",
        AttemptOutcome.ABROAD: "Abroad",
        AttemptOutcome.PHONE_ONLY: "By phone only",
    },
    {Answer.YES: "Yes", Answer.NO: "No", Answer.UNKNOWN: "Not known"},
    {RiskOutcome.GO: "Go", RiskOutcome.NO_GO: "No-go", RiskOutcome.NOTED: "Noted, not judged"},
    {
        Reaction.TAKES_HELP: "Wants the help",
        Reaction.LISTENS: "Listens",
        Reaction.UNMOVED: "Unmoved",
        Reaction.REJECTS: "Rejects it",
        Reaction.THREATENS: "Threatens",
    },
    {
        LetterLanguage.SV: "Swedish",
        LetterLanguage.NB: "Norwegian (bokmål)",
        LetterLanguage.EN: "English",
    },
    {RoundStatus.OPEN: "Under way", RoundStatus.CLOSED: "Closed"},
    {
        Remains.STAYS: "Stays, as a single custom notification",
        Remains.NOT_DELIVERABLE: "Cannot be delivered",
        Remains.CANCELLED: "Cancelled",
    },
    {
        MessagePart.NOT_DIE: "We do not want you to die",
        MessagePart.NOT_KILL: "We do not want you to kill",
        MessagePart.CONSEQUENCES: "If the violence goes on, it will have consequences",
        MessagePart.HELP: "We want you to take the help we offer",
    },
    {Occasion.CALL_IN: "Call-in", Occasion.CUSTOM_NOTIFICATION: "Custom notification"},
    {
        OfferResponse.ACCEPTED: "Accepted",
        OfferResponse.CONSIDERING: "Considering",
        OfferResponse.DECLINED: "Declined",
        OfferResponse.NO_ANSWER: "No answer",
    },
    {
        HeardThrough.CARD: "The card",
        HeardThrough.CALL_IN: "A call-in",
        HeardThrough.VISIT: "A visit",
        HeardThrough.FAMILY: "Family",
        HeardThrough.SCHOOL: "School",
        HeardThrough.POLICE: "Police",
    },
    {
        SupportCaseStatus.OFFERED: "Offered",
        SupportCaseStatus.CONTACTED: "Contacted",
        SupportCaseStatus.ASSESSING: "Assessing",
        SupportCaseStatus.PLAN_AGREED: "Plan agreed",
        SupportCaseStatus.ACTIVE: "Active",
        SupportCaseStatus.PAUSED: "Paused",
        SupportCaseStatus.STEPPING_DOWN: "Stepping down",
        SupportCaseStatus.CLOSED: "Closed",
    },
    {
        ClosingReason.GOALS_MET: "Goals met",
        ClosingReason.MOVED: "Moved",
        ClosingReason.DECLINED: "Declined",
        ClosingReason.PRISON: "In prison",
        ClosingReason.LOST: "Lost contact",
        ClosingReason.DECEASED: "Deceased",
        ClosingReason.OTHER: "Other reason",
    },
    {
        ContactMode.IN_PERSON: "Met",
        ContactMode.PHONE: "Phone",
        ContactMode.TEXT: "Text",
    },
    {ContactOutcome.REACHED: "Reached", ContactOutcome.ATTEMPTED: "Tried, no answer"},
    {
        NeedKind.HOUSING: "Housing",
        NeedKind.SAFETY: "Safety",
        NeedKind.INCOME: "Income",
        NeedKind.WORK: "Work",
        NeedKind.SCHOOL: "School",
        NeedKind.DEBT: "Debt",
        NeedKind.ADDICTION: "Addiction",
        NeedKind.MENTAL_HEALTH: "Mental health",
        NeedKind.HEALTH: "Health",
        NeedKind.IDENTITY_DOCUMENT: "Identity document",
        NeedKind.FAMILY: "Family",
        NeedKind.LEISURE: "Leisure",
    },
    {
        NeedStatus.OPEN: "Open",
        NeedStatus.IN_WORK: "In work",
        NeedStatus.MET: "Met",
        NeedStatus.CANNOT_BE_MET: "Cannot be met",
    },
    {
        DueKind.CALL_IN: "Call-in",
        DueKind.CUSTOM_NOTIFICATION: "Custom notification",
        DueKind.CONTACT: "Contact",
        DueKind.CALL_BACK: "Call to return",
        DueKind.DISCLOSURE_REQUEST: "Requests to disclose",
        DueKind.ACTION: "Action",
    },
    {
        SupervisionKind.PROBATION: "Probation",
        SupervisionKind.CONDITIONAL_RELEASE: "Conditional release",
        SupervisionKind.YOUTH_SUPERVISION: "Youth supervision",
        SupervisionKind.CUSTODY: "Custody",
        SupervisionKind.OTHER: "Other supervision",
    },
    {
        ActionStatus.PROPOSED: "Proposed",
        ActionStatus.DECIDED: "Decided",
        ActionStatus.IN_PROGRESS: "In progress",
        ActionStatus.DONE: "Done",
        ActionStatus.DROPPED: "Dropped",
    },
    {
        ActionKind.DECISION: "Decision",
        ActionKind.ATTENDEE_CONTACT: "Contact with an attendee",
        ActionKind.NO_SHOW_NOTIFICATION: "Notification after a no-show",
        ActionKind.DEBRIEF: "Debrief",
        ActionKind.WELLBEING: "Ask the speakers how they are",
        ActionKind.PARTNERS: "Partners asked, and who does what agreed",
        ActionKind.VENUE: "Venue booked, and found to be neutral ground",
        ActionKind.SPEAKERS: "Speakers, with their part of the message, order and minutes",
        ActionKind.CLEARANCE: "Each invitee cleared for secrecy and safety",
        ActionKind.INVITATIONS: "Invitations handed over",
        ActionKind.TRANSPORT: "Transport there and home, rivals apart",
        ActionKind.REHEARSAL: "Dress rehearsal, the same without the invitees",
        ActionKind.CORRECTION: "Correction",
    },
    {
        SpokenLanguage.SV: "Swedish",
        SpokenLanguage.NB: "Norwegian",
        SpokenLanguage.EN: "English",
        SpokenLanguage.AR: "Arabic",
        SpokenLanguage.BS: "Bosnian, Croatian or Serbian",
        SpokenLanguage.FA: "Persian or Dari",
        SpokenLanguage.KU: "Kurdish",
        SpokenLanguage.PL: "Polish",
        SpokenLanguage.RO: "Romanian",
        SpokenLanguage.SO: "Somali",
        SpokenLanguage.SQ: "Albanian",
        SpokenLanguage.TI: "Tigrinya",
        SpokenLanguage.TR: "Turkish",
        SpokenLanguage.OTHER: "Another language",
    },
    {
        AuditVerb.COLLECTED: "Collected",
        AuditVerb.CHANGED: "Changed",
        AuditVerb.CONSULTED: "Read",
        AuditVerb.DISCLOSED: "Disclosed",
        AuditVerb.COMBINED: "Combined",
        AuditVerb.ERASED: "Erased",
        AuditVerb.ACCESS: "Access",
    },
)

# Codes of different vocabularies may be the same word, so the vocabulary is part of the key.
_LABELS: Mapping[tuple[type[StrEnum], str], str] = MappingProxyType(
    {(type(code), code.value): text for table in _TABLES for code, text in table.items()}
)

KIND_CONTEXT = "IncidentKind"

INCIDENT_KINDS: Mapping[str, str] = MappingProxyType(
    {
        "homicide": "Homicide",
        "attempted_homicide": "Attempted homicide",
        "shooting_with_injury": "Shooting, someone hurt",
        "shooting_at_person": "Shooting at a person",
        "explosion": "Explosion",
        "kidnapping": "Kidnapping",
        "stabbing": "Stabbing",
        "shooting_at_building_or_vehicle": "Shots at a house or car",
        "grenade_or_attempted_explosion": "Grenade or attempted explosion",
        "serious_assault": "Serious assault",
        "arson": "Arson",
        "robbery": "Robbery",
        "threat": "Threat",
        "weapon": "Weapon",
        OTHER_KIND: "Other kind",
    }
)
"""Kinds of incident are rows of the harm table; these are the names of its usual rows, and last of
what is in no row."""

VOCABULARIES: Mapping[str, type[StrEnum]] = MappingProxyType(
    {vocabulary.__name__: vocabulary for vocabulary, _ in _LABELS}
)
"""Every vocabulary that has labels, by its name."""


def label(
    code: StrEnum | str | None, language: str, vocabulary: type[StrEnum] | None = None
) -> str:
    """Say what a code is called; nothing for None or a blank.

    Rows hold codes as plain text, and one word stands in several vocabularies, so say which one is
    meant. Raises ValueError for a code that is not in it.
    """
    if not code:
        return ""
    if vocabulary is not None:
        code = vocabulary(code)
    if isinstance(code, StrEnum):
        context, text = type(code).__name__, _LABELS[type(code), code.value]
        return translations(language).pgettext(context, text)
    return kind_label(code, language)


def kind_label(kind: str, language: str) -> str:
    """Say what a kind of incident is called; one a programme added is said as it is written."""
    if kind in INCIDENT_KINDS:
        return translations(language).pgettext(KIND_CONTEXT, INCIDENT_KINDS[kind])
    return kind.replace("_", " ").capitalize()


def contexts() -> list[tuple[str, str]]:
    """Give every label with its context, for the catalogues to be complete."""
    own = [(vocabulary.__name__, text) for (vocabulary, _), text in _LABELS.items()]
    return own + [(KIND_CONTEXT, text) for text in INCIDENT_KINDS.values()]


def status(code: StrEnum | str | None, vocabulary: type[StrEnum] | None = None) -> str:
    """Give the sign of a status: red, yellow, green, off, unknown, or open for all others."""
    if not code:
        return "unknown"
    if vocabulary is not None:
        code = vocabulary(code)
    return STATUSES.get((type(code), str(code)), "open") if isinstance(code, StrEnum) else "open"


def options(codes: Iterable[StrEnum], language: str) -> list[tuple[str, str]]:
    """Give a vocabulary, or some of its codes, as value and label for a select or a filter."""
    return [(code.value, label(code, language)) for code in codes]


def kind_options(language: str) -> list[tuple[str, str]]:
    """Give the usual kinds of incident as value and label, gravest first."""
    return [(kind, kind_label(kind, language)) for kind in INCIDENT_KINDS]


def part_called(part: str, language: str) -> str:
    """Say what a part of a disclosure is called: of the record, or written for the recipient."""
    if part == OWN_WORDS:
        return translate(N_("Written for the recipient"), language)
    return label(Section(part), language)
