"""Text that a spreadsheet would run as a formula (CSV injection), and how it is made harmless.

Two ways: what comes back by import is written so that reading it gives the same text again; what
only leaves, such as a list for the steering group, is made harmless inside as well.
"""

import re

_SIGNS = "=+\\-@＝＋－＠"  # noqa: RUF001 — some spreadsheets take the wide ones too
_FORMULA = re.compile(rf"[\s']*[{_SIGNS}]")
# A spreadsheet set to semicolons parts a cell there, or at its line breaks, whatever was quoted.
_INSIDE = re.compile(rf"([;\t\r\n][\s\"]*)(?=[{_SIGNS}])")


def harmless(text: str) -> str:
    """Keep a spreadsheet from running a cell; `as_written` gives the same text back.

    >>> harmless("=1+1"), harmless("'=1+1"), harmless("1+1")
    ("'=1+1", "''=1+1", '1+1')
    """
    return f"'{text}" if _FORMULA.match(text) else text


def as_written(text: str) -> str:
    """Take away the apostrophe that `harmless` put before a formula.

    >>> as_written("'=1+1"), as_written("'t Hart")
    ('=1+1', "'t Hart")
    """
    return text[1:] if text.startswith("'") and _FORMULA.match(text[1:]) else text


def harmless_for_good(text: str) -> str:
    r"""Keep a spreadsheet from running a cell, or what it makes of its inside.

    >>> harmless_for_good("a;=1+1"), harmless_for_good("\tB"), harmless_for_good("\r=1")
    ("a;'=1+1", "'\tB", "'\r'=1")
    """
    inside = _INSIDE.sub(r"\1'", text)
    return f"'{inside}" if text[:1] in {"\t", "\r", "\n"} or _FORMULA.match(text) else inside
