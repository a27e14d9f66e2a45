"""The running order of a call-in: who speaks when, on which part of the message, how long."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from gvi.domain.message import MessagePart

USUAL_MINUTES = 120
"""How long a call-in lasts unless somebody says otherwise, with the talks after it."""
MOST_MINUTES = 600
NAMES_KEPT = timedelta(days=90)
"""So long after a call-in the names of its speakers are kept (docs/decisions/0103)."""


class SpeakerKind(StrEnum):
    """For whom somebody speaks; the moral voice are private people: a mother, a former member."""

    PARTNER = "partner"
    MORAL_VOICE = "moral_voice"
    NOBODY = "nobody"
    """Nobody speaks: doors open, a pause, food."""


def times(starts_at: datetime, minutes: Iterable[int]) -> tuple[tuple[datetime, datetime], ...]:
    """Give from when to when each point of a running order lasts, one after the other.

    >>> from datetime import UTC
    >>> both = times(datetime(2026, 4, 9, 15, tzinfo=UTC), [10, 5])
    >>> [f"{start:%H:%M}-{end:%H:%M}" for start, end in both]
    ['15:00-15:10', '15:10-15:15']
    """
    slots = []
    for each in minutes:
        ends_at = starts_at + timedelta(minutes=each)
        slots.append((starts_at, ends_at))
        starts_at = ends_at
    return tuple(slots)


def unspoken(points: Iterable[Collection[MessagePart]]) -> tuple[MessagePart, ...]:
    """Name the parts of the message that nobody is to speak on.

    >>> unspoken([{MessagePart.HELP}, {MessagePart.NOT_DIE, MessagePart.NOT_KILL}])
    (<MessagePart.CONSEQUENCES: 'consequences'>,)
    """
    said = {part for parts in points for part in parts}
    return tuple(part for part in MessagePart if part not in said)


def swapped(order: Sequence[int], one: int, *, by: int) -> list[int]:
    """Give an order in which one has changed places with a neighbour; at an end it stays.

    >>> swapped([7, 8, 9], 9, by=-1), swapped([7, 8, 9], 9, by=1)
    ([7, 9, 8], [7, 8, 9])
    """
    now, there = list(order), order.index(one) + by
    if 0 <= there < len(now):
        here = there - by
        now[here], now[there] = now[there], now[here]
    return now
