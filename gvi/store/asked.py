"""The moment a question is about: as known when, at which instant, on which local day."""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from gvi.domain.time import local_day


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The same for every query of one page; `as_of` None is as known now."""

    as_of: datetime | None
    at: datetime
    """The instant at which facts must hold."""
    on: date
    """The local day of that instant, on which ages are judged."""
    zone: ZoneInfo

    @classmethod
    def of(cls, as_of: datetime | None, *, now: datetime, zone: ZoneInfo) -> "Asked":
        """Make the moment from what the address asks and the clock."""
        at = as_of or now
        return cls(as_of=as_of, at=at, on=local_day(at, zone), zone=zone)
