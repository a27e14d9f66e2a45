"""The head of the audit log as a line of a file: when, which entry, its hash.

Kept where whoever could rewrite the log cannot reach it, it shows that the log was cut or remade.
"""

import re
from datetime import UTC, datetime

from gvi.domain.audit import Head

_LINE = re.compile(r"(\S+) (\d{1,18}) ([0-9a-f]{64})")


def write_head(head: Head, at: datetime) -> str:
    """Give the line, ended."""
    return f"{at.astimezone(UTC).isoformat(timespec='seconds')} {head.number} {head.hash}\n"


def read_head(line: str) -> Head:
    """Read a line; raises ValueError for one that is none."""
    found = _LINE.fullmatch(line.strip())
    if found is None:
        raise ValueError(line)
    return Head(number=int(found[2]), hash=found[3])
