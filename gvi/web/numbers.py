"""Whole numbers that stand in an address or in a hidden field, where anything may be written."""

from gvi.web.forms import LARGEST

_MOST_DIGITS = len(str(LARGEST))


def whole_number(text: str) -> int | None:
    """Read a whole number from 0 up; None where there is none or no id could be as large.

    Example:
        >>> whole_number("42"), whole_number("-1"), whole_number("9" * 5000)
        (42, None, None)
    """
    if not text.isdecimal() or len(text) > _MOST_DIGITS:
        return None
    number = int(text)
    return number if number <= LARGEST else None
