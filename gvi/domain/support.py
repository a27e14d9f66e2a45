"""Support: offers of help, calls to the card number, cases and contacts; never read by police."""

from enum import StrEnum


class OfferResponse(StrEnum):
    """What the person said to an offer of help; blank until answered."""

    ACCEPTED = "accepted"
    CONSIDERING = "considering"
    DECLINED = "declined"
    NO_ANSWER = "no_answer"


class HeardThrough(StrEnum):
    """How a caller heard of the help."""

    CARD = "card"
    CALL_IN = "call_in"
    VISIT = "visit"
    FAMILY = "family"
    SCHOOL = "school"
    POLICE = "police"


class SupportCaseStatus(StrEnum):
    """The life of a support case; re-opening returns to contacted."""

    OFFERED = "offered"
    CONTACTED = "contacted"
    ASSESSING = "assessing"
    PLAN_AGREED = "plan_agreed"
    ACTIVE = "active"
    PAUSED = "paused"
    STEPPING_DOWN = "stepping_down"
    CLOSED = "closed"


class ClosingReason(StrEnum):
    """Why a case was closed; people try several times, so a case can be opened again."""

    GOALS_MET = "goals_met"
    MOVED = "moved"
    DECLINED = "declined"
    PRISON = "prison"
    LOST = "lost"
    DECEASED = "deceased"
    OTHER = "other"


class ContactMode(StrEnum):
    """How a contact was made."""

    IN_PERSON = "in_person"
    PHONE = "phone"
    TEXT = "text"


class ContactOutcome(StrEnum):
    """Whether the person was reached; an attempt is not a contact."""

    REACHED = "reached"
    ATTEMPTED = "attempted"


class NeedKind(StrEnum):
    """What the person needs help with."""

    HOUSING = "housing"
    SAFETY = "safety"
    INCOME = "income"
    WORK = "work"
    SCHOOL = "school"
    DEBT = "debt"
    ADDICTION = "addiction"
    MENTAL_HEALTH = "mental_health"
    HEALTH = "health"
    IDENTITY_DOCUMENT = "identity_document"
    FAMILY = "family"
    LEISURE = "leisure"


DEFAULT_CONTACT_INTERVAL_DAYS = 7
"""Days between contacts when the plan says nothing else (a setting of each case)."""
CALL_BACK_HOURS = 24
"""A call to the card number is answered the same day (domain §1.8: target same day)."""
