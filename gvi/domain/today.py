"""The page Today: since when it tells, and for how long an incident is watched."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

WATCH_DAYS = 14
"""Retaliation and near repeats come within two weeks (domain §1.13: 14 days, 100 m)."""
COLOURS_ASKED_DAYS = 7
"""Colours that expire within so many days are decided again at the next meeting (domain §5)."""
CLOSING_TIME = time(16, 0)
"""The Friday check-in is at 16:00 (domain §5); the other days follow it."""

_SATURDAY = 5


def last_time(at: datetime, zone: ZoneInfo) -> datetime:
    """Give the close of the last working day before today: what "since last time" means.

    On a Monday, and through the weekend, that is Friday 16:00. Public holidays are not known.

    Example:
        >>> from datetime import UTC
        >>> last_time(datetime(2026, 3, 2, 7, 30, tzinfo=UTC), ZoneInfo("Europe/Stockholm"))
        datetime.datetime(2026, 2, 27, 16, 0, tzinfo=zoneinfo.ZoneInfo(key='Europe/Stockholm'))
    """
    day = at.astimezone(zone).date() - timedelta(days=1)
    while day.weekday() >= _SATURDAY:
        day -= timedelta(days=1)
    return datetime.combine(day, CLOSING_TIME, zone)


def watch_day(occurred_on: date, today: date) -> int:
    """Give the day of the watch, the day of the incident being the first.

    Example:
        >>> watch_day(date(2026, 2, 27), date(2026, 3, 1))
        3
    """
    return (today - occurred_on).days + 1
