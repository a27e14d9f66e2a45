"""Calendar files (RFC 5545), for calendars that subscribe or open one event."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, Timezone, TimezoneDaylight, TimezoneStandard

from gvi.domain.calendar import EventStatus

MEDIA_TYPE = "text/calendar"
ASK_AGAIN = timedelta(hours=1)
_PRODUCT = "-//GVI Tracker//Call-ins//EN"


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarEntry:
    """One event. The same `uid` with a higher `sequence` takes the place of what a calendar has."""

    uid: str
    sequence: int
    changed_at: datetime
    starts_at: datetime
    ends_at: datetime
    summary: str
    location: str
    status: EventStatus
    url: str = ""


def calendar_file(entries: Sequence[CalendarEntry], *, name: str, zone: ZoneInfo) -> bytes:
    """Write events in local time, with the rules of the zone; the same events, the same bytes.

    Nothing in it tells when it was asked for, so that a hash of it says whether it changed.
    """
    calendar = Calendar()
    calendar.add("prodid", _PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("name", name)
    calendar.add("x-wr-calname", name)
    calendar.add("refresh-interval", ASK_AGAIN, parameters={"value": "DURATION"})
    calendar.add("x-published-ttl", "PT1H")
    if entries:
        first = min(entry.starts_at for entry in entries)
        last = max(entry.ends_at for entry in entries)
        calendar.add_component(_timezone(zone, first - _YEAR, last + _YEAR))
    for entry in entries:
        calendar.add_component(_event(entry, zone))
    content: bytes = calendar.to_ical()
    return content


_DAY, _YEAR = timedelta(days=1), timedelta(days=366)


def _timezone(zone: ZoneInfo, first: datetime, last: datetime) -> Timezone:
    """Write a zone's rules as the changes of the clock between two instants.

    The library's own has the clock go forward an hour late: it gives the time after the change,
    where RFC 5545 (3.6.5) asks for the time before it.
    """
    timezone = Timezone()
    timezone.add("tzid", zone.key)
    before = first.astimezone(zone)
    timezone.add_component(_observance(before, before, before.replace(tzinfo=None)))
    for after in _changes(zone, first, last):
        was = (after.astimezone(UTC) - timedelta(seconds=1)).astimezone(zone)
        onset = was.replace(tzinfo=None) + timedelta(seconds=1)
        timezone.add_component(_observance(was, after, onset))
    return timezone


def _observance(
    before: datetime, after: datetime, onset: datetime
) -> TimezoneStandard | TimezoneDaylight:
    part = TimezoneDaylight() if after.dst() else TimezoneStandard()
    part.add("dtstart", onset.replace(microsecond=0))
    part.add("tzoffsetfrom", before.utcoffset())
    part.add("tzoffsetto", after.utcoffset())
    part.add("tzname", after.tzname())
    return part


def _changes(zone: ZoneInfo, first: datetime, last: datetime) -> Iterator[datetime]:
    """Give the first second under each new offset between two instants, in the zone's time."""
    day = first.astimezone(UTC).replace(microsecond=0)
    while day < last:
        if _offset(day, zone) != _offset(day + _DAY, zone):
            low, high = 0, int(_DAY.total_seconds())
            while high - low > 1:
                middle = (low + high) // 2
                is_old = _offset(day + timedelta(seconds=middle), zone) == _offset(day, zone)
                low, high = (middle, high) if is_old else (low, middle)
            yield (day + timedelta(seconds=high)).astimezone(zone)
        day += _DAY


def _offset(instant: datetime, zone: ZoneInfo) -> timedelta | None:
    return instant.astimezone(zone).utcoffset()


def _local(instant: datetime, zone: ZoneInfo) -> datetime:
    """Give the zone's time; UTC within the hour that comes twice, whose second time has no name."""
    local = instant.astimezone(zone)
    return instant.astimezone(UTC) if local.fold else local


def _event(entry: CalendarEntry, zone: ZoneInfo) -> Event:
    event = Event()
    changed_at = entry.changed_at.astimezone(UTC).replace(microsecond=0)
    event.add("uid", entry.uid)
    event.add("dtstamp", changed_at)
    event.add("last-modified", changed_at)
    event.add("sequence", entry.sequence)
    event.add("dtstart", _local(entry.starts_at, zone))
    event.add("dtend", _local(entry.ends_at, zone))
    event.add("summary", entry.summary)
    if entry.location:
        event.add("location", entry.location)
    if entry.url:
        event.add("url", entry.url)
    event.add("status", entry.status.value)
    is_held = entry.status is not EventStatus.CANCELLED
    event.add("transp", "OPAQUE" if is_held else "TRANSPARENT")
    event.add("class", "PRIVATE")
    return event
