"""Periods a fact holds for: from an instant (or always) up to, but not at, another (or open)."""

from dataclasses import dataclass
from datetime import datetime

from gvi.domain.errors import RuleError
from gvi.domain.text import N_


@dataclass(frozen=True, slots=True)
class Period:
    """From when, and the first moment at which it no longer holds; None is open.

    Example:
        >>> Period(None, None).overlaps(Period(None, None))
        True
    """

    since: datetime | None
    until: datetime | None

    def overlaps(self, other: "Period") -> bool:
        """Tell whether both hold at some moment; periods that only meet do not overlap."""
        return _begins_in_time(self, other) and _begins_in_time(other, self)

    def check(self, field: str = "valid_to") -> None:
        """Refuse a period that ends before it begins."""
        if self.since is not None and self.until is not None and self.until <= self.since:
            raise RuleError(
                N_("It cannot end before it begins: give a later day, or none."), field=field
            )


def _begins_in_time(one: Period, other: Period) -> bool:
    return one.since is None or other.until is None or one.since < other.until
