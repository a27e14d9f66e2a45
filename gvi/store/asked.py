"""The moment a question is about: as known when, at which instant, on which local day."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from zoneinfo import ZoneInfo

from sqlalchemy import Subquery

from gvi.domain.time import local_day
from gvi.store.known import known
from gvi.store.models import Fact


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

    def known(self, model: type[Fact]) -> Subquery:
        """Give a fact table as known at the moment asked about, for a list that must be fast.

        As known now it is the same object each time, as building one costs more than asking it:
        let it stand at most once in a question, its inner questions included.
        """
        return _known_now(model) if self.as_of is None else known(model, self.as_of)


@cache
def _known_now(model: type[Fact]) -> Subquery:
    return known(model, None)
