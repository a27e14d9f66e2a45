"""Looking at records again: when each kind is due, for how long, and what happens when nobody does.

The periods are this tool's defaults, not the law's: no fact is kept on because nobody looked
(docs/retention.md, docs/decisions/0046).
"""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from enum import StrEnum
from types import MappingProxyType

from gvi.domain.person import is_adult

SOON_DAYS = 30
"""Records due within so many days stand in the list."""
GRACE_DAYS = 60
"""So long after its review day a record that nobody looked at is removed by itself."""
_USUAL_DAYS = 365
_YOUNG_DAYS = 182
"""Half a year for everything about somebody under 18 (domain §3: children, shorter reviews)."""


class Reviewed(StrEnum):
    """The kinds of records that have a day on which they are looked at again."""

    PERSON = "person"
    MEMBERSHIP = "membership"
    TIE = "tie"
    SUPERVISION = "supervision"
    INVOLVEMENT = "involvement"
    INCIDENT = "incident"
    GROUP = "group"
    GROUP_RELATION = "group_relation"


class ExtensionOutcome(StrEnum):
    """What the second person said to a longer time."""

    APPROVED = "approved"
    REFUSED = "refused"


PERIOD_DAYS: Mapping[Reviewed, int] = MappingProxyType(
    {
        **dict.fromkeys(Reviewed, _USUAL_DAYS),
        # As long as shared incidents make ties (design §4).
        Reviewed.INCIDENT: 3 * _USUAL_DAYS,
        Reviewed.INVOLVEMENT: 3 * _USUAL_DAYS,
    }
)
"""Kind → days from entry, or from an extension, to the next look at most."""


def is_young(births: Iterable[date | None], on: date) -> bool:
    """Tell whether anybody a record is about is under 18 on a day."""
    return any(not is_adult(born, on) for born in births)


def latest_review(kind: Reviewed, on: date, *, young: bool = False) -> date:
    """Give the latest day for which a review may be set on a day; also the usual one.

    Example:
        >>> latest_review(Reviewed.TIE, date(2026, 3, 2))
        datetime.date(2027, 3, 2)
        >>> latest_review(Reviewed.TIE, date(2026, 3, 2), young=True)
        datetime.date(2026, 8, 31)
    """
    days = PERIOD_DAYS[kind]
    return on + timedelta(days=min(days, _YOUNG_DAYS) if young else days)


def removed_on(due: date) -> date:
    """Give the first day on which the retention rule removes a record by itself."""
    return due + timedelta(days=GRACE_DAYS + 1)
