"""Typed tables, one module for each noun."""

from gvi.store.models.access import AccessGrant, AccessNotice, AccessSection
from gvi.store.models.action import Action
from gvi.store.models.audit import AnomalyReview, AuditEntry, AuditSubject, AuditWatch, ChangedValue
from gvi.store.models.base import Base, Fact, revisions_of
from gvi.store.models.calendar import CalendarFeed
from gvi.store.models.call_in import (
    AttendanceChance,
    CallIn,
    CallInGroup,
    CallInSession,
    EveningNote,
    Invitee,
    SpokenPart,
)
from gvi.store.models.clearance import Clearance
from gvi.store.models.custom_notification import (
    CustomNotification,
    MessageDelivery,
    NotificationAttempt,
    NotificationVisitor,
    RiskCheck,
    VisitLetter,
    WithdrawnAttempt,
)
from gvi.store.models.disclosure import Consent, Disclosure, DisclosureLine, DisclosureRequest
from gvi.store.models.exchange import ImportDraft
from gvi.store.models.group import Group, GroupAlias, GroupRelation
from gvi.store.models.incident import Incident, Involvement
from gvi.store.models.list_snapshot import (
    ListSnapshot,
    ListSnapshotEntry,
    ListSnapshotUse,
    RiskDecisionList,
)
from gvi.store.models.log_in import (
    FamiliarPlace,
    KeptForm,
    RecoveryCode,
    SentForm,
    WrongTries,
)
from gvi.store.models.paper import LetterText, Paper
from gvi.store.models.passkey import Passkey, PasskeyChallenge
from gvi.store.models.person import (
    Identity,
    Membership,
    NameToken,
    Person,
    PersonAlias,
    Supervision,
    Tie,
)
from gvi.store.models.policy import StoredPolicy
from gvi.store.models.programme import DueChange, Organisation, Programme, StatusChange
from gvi.store.models.removal import Removal, ReviewExtension
from gvi.store.models.risk import RiskDecision
from gvi.store.models.round import Round, RoundGroup, RoundVisit
from gvi.store.models.seal import SealKey
from gvi.store.models.seat_plan import KeptApart, SeatPlace, SeatRoom
from gvi.store.models.sign_on import ProviderLink, SignOn
from gvi.store.models.speaker import Speaker
from gvi.store.models.support import (
    Contact,
    ContactDraft,
    ContactRevision,
    InboundCall,
    Need,
    SupportCase,
    SupportOffer,
)
from gvi.store.models.token import ApiToken, ApiWrite
from gvi.store.models.user import ClientAssignment, User, UserSession

__all__ = [
    "AccessGrant",
    "AccessNotice",
    "AccessSection",
    "Action",
    "AnomalyReview",
    "ApiToken",
    "ApiWrite",
    "AttendanceChance",
    "AuditEntry",
    "AuditSubject",
    "AuditWatch",
    "Base",
    "CalendarFeed",
    "CallIn",
    "CallInGroup",
    "CallInSession",
    "ChangedValue",
    "Clearance",
    "ClientAssignment",
    "Consent",
    "Contact",
    "ContactDraft",
    "ContactRevision",
    "CustomNotification",
    "Disclosure",
    "DisclosureLine",
    "DisclosureRequest",
    "DueChange",
    "EveningNote",
    "Fact",
    "FamiliarPlace",
    "Group",
    "GroupAlias",
    "GroupRelation",
    "Identity",
    "ImportDraft",
    "InboundCall",
    "Incident",
    "Invitee",
    "Involvement",
    "KeptApart",
    "KeptForm",
    "LetterText",
    "ListSnapshot",
    "ListSnapshotEntry",
    "ListSnapshotUse",
    "Membership",
    "MessageDelivery",
    "NameToken",
    "Need",
    "NotificationAttempt",
    "NotificationVisitor",
    "Organisation",
    "Paper",
    "Passkey",
    "PasskeyChallenge",
    "Person",
    "PersonAlias",
    "Programme",
    "ProviderLink",
    "RecoveryCode",
    "Removal",
    "ReviewExtension",
    "RiskCheck",
    "RiskDecision",
    "RiskDecisionList",
    "Round",
    "RoundGroup",
    "RoundVisit",
    "SealKey",
    "SeatPlace",
    "SeatRoom",
    "SentForm",
    "SignOn",
    "Speaker",
    "SpokenPart",
    "StatusChange",
    "StoredPolicy",
    "Supervision",
    "SupportCase",
    "SupportOffer",
    "Tie",
    "User",
    "UserSession",
    "VisitLetter",
    "WithdrawnAttempt",
    "WrongTries",
    "revisions_of",
]
