"""Support: offers of help, calls to the card number, cases and contacts; never read by police."""

from datetime import date, datetime, timedelta
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


class NeedStatus(StrEnum):
    """Where a need stands; both last ones end it."""

    OPEN = "open"
    IN_WORK = "in_work"
    MET = "met"
    CANNOT_BE_MET = "cannot_be_met"


OPEN_NEEDS = frozenset({NeedStatus.OPEN, NeedStatus.IN_WORK})

DEFAULT_CONTACT_INTERVAL_DAYS = 7
"""Days between contacts when the plan says nothing else (a setting of each case)."""
LONGEST_CONTACT_INTERVAL_DAYS = 90
"""A case with a quarter between contacts is paused or closed instead."""
CALL_BACK_HOURS = 24
"""A call to the card number is answered the same day (domain §1.8: target same day)."""
STUCK_AFTER_DAYS = 30
"""A need open for longer needs the worker's lead (domain §1.8: needs open > 30 days)."""


def call_back_due(called_at: datetime) -> datetime:
    """Give the instant by which a call must have been returned."""
    return called_at + timedelta(hours=CALL_BACK_HOURS)


def next_statuses(status: SupportCaseStatus) -> tuple[SupportCaseStatus, ...]:
    """Give the statuses a case may be moved to by a plain, reasoned change.

    Lives do not follow the order of the list, so an open case may move to any later or earlier
    open status, but never back to a mere offer. Closing and re-opening are acts of their own.

    Example:
        >>> next_statuses(SupportCaseStatus.CLOSED)
        ()
    """
    if status is SupportCaseStatus.CLOSED:
        return ()
    ends = (status, SupportCaseStatus.OFFERED, SupportCaseStatus.CLOSED)
    return tuple(each for each in SupportCaseStatus if each not in ends)


def is_stuck(raised_on: date, today: date, status: NeedStatus) -> bool:
    """Tell whether a need has been open for so long that the lead must take it up."""
    return status in OPEN_NEEDS and (today - raised_on).days > STUCK_AFTER_DAYS
