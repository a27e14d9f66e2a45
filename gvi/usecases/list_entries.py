"""Storing where everybody stands on a list that is kept."""

import json
from itertools import repeat
from operator import attrgetter
from typing import Any

import numpy as np
from sqlalchemy.orm import Session

from gvi.domain.policy import UNITS
from gvi.store.many_rows import add_rows
from gvi.store.models import Base, ListSnapshotEntry
from gvi.usecases.interval import Intervals
from gvi.usecases.ranking import Ranked

_TABLE = Base.metadata.tables[ListSnapshotEntry.__tablename__]
_COLUMNS = ("snapshot_id", "person_id", "rank", "units", "parts", "low", "high")
_UNKNOWN = (None, None)


def billionths(amount: float) -> int:
    """Give harm units in whole billionths."""
    return round(amount * UNITS)


def store_entries(db: Session, snapshot_id: int, found: Ranked, intervals: Intervals) -> None:
    """Store everybody's rank, score, parts and interval, by person."""
    if not found.entries:
        return
    names = tuple(found.entries[0].parts)
    by_person = np.argsort(_column(found, "person_id"))
    people, ranks, score, *parts = (
        column[by_person].tolist()
        for column in (
            _column(found, "person_id"),
            _column(found, "rank"),
            *(_in_units(_column(found, name)) for name in ("score", *names)),
        )
    )
    # as json.dumps would write whole numbers, without a dictionary for each person
    text = "{" + ", ".join(f"{json.dumps(name)}: %d" for name in names) + "}"
    texts = map(text.__mod__, zip(*parts, strict=True))
    low, high = zip(*map(intervals.get, people, repeat(_UNKNOWN)), strict=True)
    rows = zip(repeat(snapshot_id), people, ranks, score, texts, low, high)
    add_rows(db, _TABLE, _COLUMNS, rows)


def _column(found: Ranked, name: str) -> Any:
    return np.array(list(map(attrgetter(name), found.entries)))


def _in_units(amounts: Any) -> Any:
    return np.rint(amounts * UNITS).astype(np.int64)
