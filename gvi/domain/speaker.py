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


WITHOUT_NAME = "–"
"""Stands, where somebody is recorded to have spoken, for a private person whose name went."""


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


def without_name(said_by: str, gone: Collection[str], instead: str) -> str:
    """Give who said something without a name that goes, where it stands by itself.

    >>> without_name("Eva, Rut Ekdal", ["Rut Ekdal"], "–"), without_name("Rut", ["Rut Ekdal"], "–")
    ('Eva, –', 'Rut')
    """
    names = {name.strip().casefold() for name in gone} - {""}
    if said_by.strip().casefold() in names:
        return instead
    parts = [part.strip() for part in said_by.split(",")]
    if not any(part.casefold() in names for part in parts):
        return said_by
    left = (instead if part.casefold() in names else part for part in parts)
    return ", ".join(dict.fromkeys(left))


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
