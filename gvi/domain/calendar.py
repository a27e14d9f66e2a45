"""What of a call-in stands in people's calendars: when, where and how sure; never who."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from gvi.domain.call_in import CallInStatus


class EventStatus(StrEnum):
    """How sure an entry of a calendar is, in the words of RFC 5545."""

    TENTATIVE = "TENTATIVE"
    CONFIRMED = "CONFIRMED"
    CANCELLED = "CANCELLED"


_NOT_SURE: Mapping[CallInStatus, EventStatus] = MappingProxyType(
    {
        CallInStatus.DRAFT: EventStatus.TENTATIVE,
        CallInStatus.POSTPONED: EventStatus.TENTATIVE,
        CallInStatus.CANCELLED: EventStatus.CANCELLED,
    }
)


def event_status(status: CallInStatus) -> EventStatus:
    """Say how sure a call-in is: tentative until it is approved, and again when it is postponed."""
    return _NOT_SURE.get(status, EventStatus.CONFIRMED)
