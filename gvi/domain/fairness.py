"""Whom lists and contacts fall on: shares by area and age band, and what is too small to show."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from gvi.domain.person import age_on

SMALL = 5
"""Counts below it are not shown to those who may not see scores: they could point to somebody."""
BANDS = ("under_18", "18_20", "21_24", "25_29", "30_39", "40_and_over", "unknown")
_UPPER = ((18, "under_18"), (21, "18_20"), (25, "21_24"), (30, "25_29"), (40, "30_39"))


def age_band(birth_date: date | None, day: date) -> str:
    """Give the band of a person's age on a day.

    Example:
        >>> age_band(date(2008, 3, 3), date(2026, 3, 2))
        'under_18'
        >>> age_band(None, date(2026, 3, 2))
        'unknown'
    """
    if birth_date is None:
        return "unknown"
    age = age_on(birth_date, day)
    return next((band for upper, band in _UPPER if age < upper), "40_and_over")


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """How many of a whole; `number` is None where it is too small to be told."""

    number: int | None
    whole: int

    @property
    def part(self) -> float | None:
        """The share, 0 to 1; None where the number is not told or there is no whole."""
        return None if self.number is None or not self.whole else self.number / self.whole


def shares(counts: Mapping[str, int], *, hide_small: bool) -> dict[str, Share]:
    """Give each count with its whole; small ones hidden, and never one alone.

    One number hidden alone would follow from the others and the whole, so the next smallest is
    hidden with it.

    Example:
        >>> [s.number for s in shares({"a": 3, "b": 9, "c": 20}, hide_small=True).values()]
        [None, None, 20]
    """
    whole = sum(counts.values())
    hidden = {key for key, number in counts.items() if hide_small and 0 < number < SMALL}
    if len(hidden) == 1:
        others = [key for key in counts if counts[key] and key not in hidden]
        hidden |= set(sorted(others, key=lambda key: counts[key])[:1])
    return {
        key: Share(number=None if key in hidden else number, whole=whole)
        for key, number in counts.items()
    }
