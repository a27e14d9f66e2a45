"""The head of the audit log as a line of a file: when, which entry, its hash.

Kept where whoever could rewrite the log cannot reach it, it shows that the log was cut or remade.
"""

import re
from datetime import UTC, datetime

from gvi.domain.audit import Head
from gvi.exchange.reading import SourceFile

FILE = ".audit-head"
"""Its name among the files of an export; an import passes over names that begin with a dot."""
_LINE = re.compile(r"(\S+) (\d{1,18}) ([0-9a-f]{64})")


def write_head(head: Head, at: datetime) -> str:
    """Give the line, ended."""
    return f"{at.astimezone(UTC).isoformat(timespec='seconds')} {head.number} {head.hash}\n"


def head_file(head: Head, at: datetime) -> SourceFile:
    """Give the file that goes with an export."""
    return SourceFile(name=FILE, content=write_head(head, at).encode())


def read_head(line: str) -> Head:
    """Read a line; raises ValueError for one that is none."""
    found = _LINE.fullmatch(line.strip())
    if found is None:
        raise ValueError(line)
    return Head(number=int(found[2]), hash=found[3])
