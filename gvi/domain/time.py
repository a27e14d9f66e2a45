"""Days and instants: dates are local days of the programme, instants are UTC."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

END_OF_DAY = time(23, 59, 59, 999999)


def end_of_day(day: date, zone: ZoneInfo) -> datetime:
    """Give the last microsecond of a local day: what a bare as-of date means (design §4)."""
    return datetime.combine(day, END_OF_DAY, zone).astimezone(UTC)


def start_of_day(day: date, zone: ZoneInfo) -> datetime:
    """Give midnight at the start of a local day: what a bare date in a file means (design §4)."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def local_day(instant: datetime, zone: ZoneInfo) -> date:
    """Give the local day on which an instant falls."""
    return instant.astimezone(zone).date()
