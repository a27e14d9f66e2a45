"""Storing where everybody stands on a list that is kept."""

import json
from collections.abc import Iterator, Sequence
from itertools import islice
from operator import attrgetter

import numpy as np
from sqlalchemy import insert
from sqlalchemy.orm import Session

from gvi.domain.policy import UNITS
from gvi.store.models import Base, ListSnapshotEntry
from gvi.usecases.interval import Intervals
from gvi.usecases.ranking import Entry, Ranked

_ADD = insert(Base.metadata.tables[ListSnapshotEntry.__tablename__])
_ROWS_AT_ONCE = 500


def billionths(amount: float) -> int:
    """Give harm units in whole billionths."""
    return round(amount * UNITS)


def store_entries(db: Session, snapshot_id: int, found: Ranked, intervals: Intervals) -> None:
    """Store everybody's rank, score, parts and interval.

    By person and in blocks, without an object for each row: at a nation that is an eighth of the
    work.
    """
    rows = _rows(snapshot_id, found, intervals)
    while some := list(islice(rows, _ROWS_AT_ONCE)):
        db.execute(_ADD, some)


def _rows(snapshot_id: int, found: Ranked, intervals: Intervals) -> Iterator[dict[str, object]]:
    entries: Sequence[Entry] = sorted(found.entries, key=attrgetter("person_id"))
    names = tuple(entries[0].parts) if entries else ()
    amounts = np.array(list(map(attrgetter("score", *names), entries)))
    in_units = np.rint(amounts * UNITS).astype(np.int64).tolist()
    # as json.dumps would write whole numbers, without a dictionary for each person
    text = "{" + ", ".join(f"{json.dumps(name)}: %d" for name in names) + "}"
    for entry, units in zip(entries, in_units, strict=True):
        low, high = intervals.get(entry.person_id, (None, None))
        yield {
            "snapshot_id": snapshot_id,
            "person_id": entry.person_id,
            "rank": entry.rank,
            "units": units[0],
            "parts": text % tuple(units[1:]),
            "low": low,
            "high": high,
        }
