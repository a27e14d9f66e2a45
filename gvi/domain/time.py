"""Days and instants: dates are local days of the programme, instants are UTC.

What people and programs write as a day or a time is read here and nowhere else.
"""

import re
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

# Of ISO 8601 only this: weeks (2026-W10-1), days of the year and 20260302 are easily misread.
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_MOMENT = re.compile(
    r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}([.,]\d+)?)?"
    r"(Z|[+-]\d{2}(:?\d{2}(:\d{2}(\.\d+)?)?)?)?",
    re.ASCII,
)
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


def is_day(text: str) -> bool:
    """Tell whether a text is written as a bare day, whether or not there is such a day."""
    return _DAY.fullmatch(text) is not None


def read_day(text: str) -> date:
    """Read a day written year-month-day; raises ValueError for anything else.

    >>> read_day("2026-03-02")
    datetime.date(2026, 3, 2)
    """
    if not is_day(text):
        raise ValueError(text)
    return date.fromisoformat(text)


def read_time(text: str) -> datetime:
    """Read a day with a time, with its offset where it has one; raises ValueError.

    >>> read_time("2026-03-02 14:30")
    datetime.datetime(2026, 3, 2, 14, 30)
    """
    if not _MOMENT.fullmatch(text):
        raise ValueError(text)
    return datetime.fromisoformat(text)


def read_instant(text: str, zone: ZoneInfo) -> datetime:
    """Read a day with a time as an instant, local where no offset stands; raises ValueError."""
    given = read_time(text)
    try:
        return (given if given.tzinfo else given.replace(tzinfo=zone)).astimezone(UTC)
    except OverflowError:
        raise ValueError(text) from None


def read_as_of(text: str, zone: ZoneInfo) -> datetime:
    """Read an as-of moment: a bare day is its end (design §4), a time is as given.

    Raises ValueError for what is neither.
    """
    try:
        return end_of_day(read_day(text), zone) if is_day(text) else read_instant(text, zone)
    except OverflowError:
        raise ValueError(text) from None
