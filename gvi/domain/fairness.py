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
    """How many of a whole; `number` is None where it is not told.

    `whole` is None where anything of the column is not told: with it, that could be worked out.
    """

    number: int | None
    whole: int | None

    @property
    def part(self) -> float | None:
        """The share, 0 to 1; None where the number or the whole is not told, or there is none."""
        return None if self.number is None or not self.whole else self.number / self.whole


def shares(*tables: Mapping[str, int], hide_small: bool) -> list[dict[str, Share]]:
    """Give each count with its whole; small ones hidden so that none can be worked out.

    The tables count the same things by different marks, so each tells the whole of the other: they
    are judged together. Zeros are hidden as small counts are. In each table with a small count the
    next smallest are hidden, too, until two or more are, of ten or more together; where that
    cannot be, nothing of any table is told.

    Example:
        >>> areas, ages = {"a": 3, "b": 9, "c": 20}, {"x": 12, "y": 20}
        >>> for table in shares(areas, ages, hide_small=True):
        ...     print([share.number for share in table.values()])
        [None, None, 20]
        [12, 20]
    """
    hidden = [_hidden(counts) if hide_small else frozenset[str]() for counts in tables]
    if None in hidden:
        hidden = [frozenset(counts) for counts in tables]
    whole = None if any(hidden) else sum(tables[0].values())
    return [
        {
            key: Share(number=None if key in (out or ()) else number, whole=whole)
            for key, number in counts.items()
        }
        for counts, out in zip(tables, hidden, strict=True)
    ]


def _hidden(counts: Mapping[str, int]) -> frozenset[str] | None:
    """Give what must be hidden of one table; None where hiding all of it is too little."""
    out: set[str] = set()
    for key in sorted(counts, key=lambda each: counts[each]):
        together = sum(counts[each] for each in out)
        if counts[key] >= SMALL and (not out or (len(out) > 1 and together >= 2 * SMALL)):
            return frozenset(out)
        out.add(key)
    return frozenset(out) if sum(counts.values()) >= 2 * SMALL else None
