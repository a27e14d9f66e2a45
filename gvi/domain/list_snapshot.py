"""Lists that somebody acted on: what they were made from, and whether they can be made again."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import fields
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import NamedTuple

from gvi.domain.facts import Facts

TABLES = (
    "persons",
    "groups",
    "memberships",
    "ties",
    "relations",
    "incidents",
    "involvements",
)
"""The tables of `Facts`."""
OPERATOR = "operator"
"""Stands where a role would for a list made on the command line."""


class ListAct(StrEnum):
    """What somebody did with a list, so that it is kept."""

    EXPORTED = "exported"
    KEPT = "kept"
    PRINTED = "printed"
    DECIDED = "decided"
    """A colour was decided about somebody on it."""


class Verdict(StrEnum):
    """What came of making a kept list again."""

    SAME = "same"
    ERASED = "erased"
    DIFFERS = "differs"


class Cause(StrEnum):
    """Why a score is another on a later list, each with its amount in harm units."""

    ERASED = "erased"
    POLICY = "policy"
    TIME = "time"
    CORRECTED = "corrected"
    INCIDENTS = "incidents"
    TIES = "ties"
    GROUPS = "groups"
    PERSON = "person"


class Inputs(NamedTuple):
    """How many facts of one table stood behind a list, and their digest."""

    rows: int
    sha256: str


def inputs_of(facts: Facts) -> dict[str, Inputs]:
    """Give count and SHA-256 of each table's rows.

    Rows are written as JSON, instants in UTC, and sorted as written: the same facts give the same
    bytes from any database, whatever order it answered in.
    """
    return {name: _digest(getattr(facts, name)) for name in TABLES}


def digest_of(inputs: Mapping[str, Inputs]) -> str:
    """Give one SHA-256 over those of all tables, in their order."""
    lines = [f"{name} {inputs[name].rows} {inputs[name].sha256}" for name in TABLES]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _digest(table: object) -> Inputs:
    columns = [getattr(table, field.name) for field in fields(table)]  # type: ignore[arg-type]
    rows = sorted(
        json.dumps(row, default=_plain, separators=(",", ":")) for row in zip(*columns, strict=True)
    )
    return Inputs(len(rows), hashlib.sha256("\n".join(rows).encode()).hexdigest())


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(value)
