"""Keeping the audit log's head outside the database, once a day, and comparing the log with it."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from gvi.domain.audit import Flaw, Head
from gvi.domain.time import local_day
from gvi.exchange.audit_head import read_head, write_head
from gvi.store import audit
from gvi.store.audit_check import first_flaw, first_unlike

PREFIX = "audit-head-"


class UnreadableHeadError(Exception):
    """A file of heads holds a line that is none; says which file and line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedHead:
    """A head as it was kept, and in which file."""

    head: Head
    file: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """What comparing the log with itself and with its exported heads found."""

    flaw: Flaw | None
    heads: int
    contradicts: ExportedHead | None = None
    """The exported head the log does not agree with."""


def keep_head(db: Session, folder: Path, *, at: datetime, zone: ZoneInfo) -> Path:
    """Add the newest entry's number and hash to the day's file in a folder; gives the file.

    Raises OSError where the folder cannot be written.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / f"{PREFIX}{local_day(at, zone)}.txt"
    with path.open("a", encoding="ascii") as file:
        file.write(write_head(audit.head(db), at))
    return path


def kept_heads(place: Path) -> list[ExportedHead]:
    """Read every head in a folder, or in one file; empty where nothing is there.

    Raises UnreadableHeadError.
    """
    files = sorted(place.glob(f"{PREFIX}*.txt")) if place.is_dir() else []
    found = []
    for file in [place] if place.is_file() else files:
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
            try:
                found.append(ExportedHead(head=read_head(line), file=file))
            except ValueError:
                raise UnreadableHeadError(f"{file}, line {number}") from None
    return found


def examine(db: Session, heads: list[ExportedHead]) -> Examination:
    """Walk the whole log, then compare it with heads kept elsewhere."""
    flaw = first_flaw(db)
    if flaw is not None:
        return Examination(flaw=flaw, heads=len(heads))
    unlike = first_unlike(db, [each.head for each in heads])
    if unlike is None:
        return Examination(flaw=None, heads=len(heads))
    found, head = unlike
    where = next(each for each in heads if each.head == head)
    return Examination(flaw=found, heads=len(heads), contradicts=where)
