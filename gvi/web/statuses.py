"""Which sign stands by a status: red, yellow, green, off or unknown; open for all others."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from gvi.domain.action import ActionStatus
from gvi.domain.call_in import CallInStatus, InviteeStatus
from gvi.domain.custom_notification import (
    AttemptOutcome,
    NotificationStatus,
    RiskOutcome,
)
from gvi.domain.group import GroupStatus, RelationKind
from gvi.domain.incident import Gmi, IncidentStatus
from gvi.domain.membership import MembershipStatus
from gvi.domain.risk import RiskColour
from gvi.domain.round import RoundStatus
from gvi.domain.support import (
    ContactOutcome,
    NeedStatus,
    OfferResponse,
    SupportCaseStatus,
)

STATUSES: Mapping[tuple[type[StrEnum], str], str] = MappingProxyType(
    {
        (type(code), code.value): sign
        for sign, codes in {
            "red": (RiskOutcome.NO_GO, RiskColour.RED, RelationKind.OPEN_CONFLICT),
            "yellow": (
                RiskColour.YELLOW,
                RelationKind.TENSION,
                MembershipStatus.DISPUTED,
                IncidentStatus.NEEDS_INFORMATION,
                NotificationStatus.PARTLY_FAMILY,
                RiskOutcome.NOTED,
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
                RiskOutcome.GO,
                OfferResponse.ACCEPTED,
                SupportCaseStatus.ACTIVE,
                AttemptOutcome.MET,
                ActionStatus.DONE,
                ContactOutcome.REACHED,
                NeedStatus.MET,
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
                RoundStatus.CLOSED,
                CallInStatus.CANCELLED,
                InviteeStatus.EXCUSED,
                InviteeStatus.WITHDRAWN,
                NotificationStatus.NOT_DELIVERABLE,
                NotificationStatus.CANCELLED,
                SupportCaseStatus.CLOSED,
                ActionStatus.DROPPED,
                NeedStatus.CANNOT_BE_MET,
            ),
            "unknown": (Gmi.UNKNOWN, OfferResponse.NO_ANSWER),
        }.items()
        for code in codes
    }
)
