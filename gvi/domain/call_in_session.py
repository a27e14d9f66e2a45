"""Sessions of a call-in: when each is held, so that nobody meets a rival at the door."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from zoneinfo import ZoneInfo

GAP = timedelta(minutes=30)
"""Between the end of one session and the next: rivals do not arrive when others leave."""
_QUARTER = timedelta(minutes=15)


class Apart(StrEnum):
    """Why two are to be kept apart."""

    GROUPS = "groups"
    """Groups they are in, or are asked for, are in open conflict."""
    BY_NAME = "by_name"
    TIE = "tie"
    """A rival tie between the two: known to police only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionTime:
    """When and where one session is held, counted from 1; no time while the call-in has none."""

    number: int
    starts_at: datetime | None
    ends_at: datetime | None
    venue: str


def next_start(starts_at: datetime, lasting: timedelta) -> datetime:
    """Give when the next session begins unless somebody says otherwise: at a full quarter.

    >>> next_start(datetime(2026, 4, 9, 15, 30, tzinfo=UTC), timedelta(minutes=125)).isoformat()
    '2026-04-09T18:15:00+00:00'
    """
    free = starts_at + lasting + GAP
    midnight = free.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight + -(-(free - midnight) // _QUARTER) * _QUARTER


def too_early(starts: Sequence[datetime], lasting: timedelta) -> int | None:
    """Give the number of the first session that begins before the one before it has ended.

    >>> nine = datetime(2026, 4, 9, 9, tzinfo=UTC)
    >>> too_early([nine, nine + timedelta(hours=1)], timedelta(hours=2))
    2
    """
    pairs = pairwise(starts)
    clashes = (number for number, (one, other) in enumerate(pairs, 2) if other - one < lasting)
    return next(clashes, None)


def moved(
    starts: Sequence[datetime], to: datetime, lasting: timedelta, zone: ZoneInfo
) -> tuple[datetime, ...]:
    """Give the starts of all sessions when the first is moved: each by the same time on the clock.

    Where the clock changes in between, a session next day keeps its hour. Where sessions would
    then overlap, each is moved by the same time that passes.

    >>> stockholm = ZoneInfo("Europe/Stockholm")
    >>> both = [datetime(2026, 10, 24 + day, 17, 30, tzinfo=stockholm) for day in (0, 1)]
    >>> week = datetime(2026, 10, 31, 17, 30, tzinfo=stockholm)
    >>> [f"{each.astimezone(stockholm):%d %H:%M}" for each in moved(both, week, GAP, stockholm)]
    ['31 17:30', '01 17:30']
    """
    step = _on_clock(to, zone) - _on_clock(starts[0], zone)
    later = ((_on_clock(each, zone) + step).replace(tzinfo=zone) for each in starts[1:])
    by_clock = (to, *(each.astimezone(UTC) for each in later))
    if too_early(by_clock, lasting) is None:
        return by_clock
    passed = to.astimezone(UTC) - starts[0].astimezone(UTC)
    return (to, *(each.astimezone(UTC) + passed for each in starts[1:]))


def _on_clock(instant: datetime, zone: ZoneInfo) -> datetime:
    return instant.astimezone(zone).replace(tzinfo=None)
