"""The days of records that changed a list: since when they could count, and when they stopped."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from gvi.domain.access import Viewer
from gvi.store.models import Membership, Person, Tie
from gvi.store.queries.rights import visible

PERMISSION = "score:read"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordDays:
    """When one record came to count, was last changed, and ended or was withdrawn."""

    added: datetime
    """The first moment at which it was true, known and entered here."""
    changed: datetime
    ended: datetime


def days_of_ties(db: Session, viewer: Viewer, ids: Collection[int]) -> dict[int, RecordDays]:
    """Give the days of ties by id; ties that were removed have none."""
    t = Tie.__table__.c
    rows = db.execute(
        select(*_columns(t)).where(visible(t, viewer, PERMISSION), t.id.in_(sorted(ids)))
    )
    return {row.id: _days(row) for row in rows}


def days_of_memberships(
    db: Session, viewer: Viewer, people: Collection[int]
) -> dict[tuple[int, int], RecordDays]:
    """Give the days of people's memberships by person and group, of several the last changed."""
    m = Membership.__table__.c
    rows = db.execute(
        select(*_columns(m), m.person_id, m.group_id)
        .where(visible(m, viewer, PERMISSION), m.person_id.in_(sorted(people)))
        .order_by(m.revised_at, m.id)
    )
    return {(row.person_id, row.group_id): _days(row) for row in rows}


def born_after(db: Session, people: Collection[int], last: Any) -> frozenset[int]:
    """Give those of some people who are known by now to be born after a day."""
    p = Person.__table__.c
    return frozenset(
        db.execute(select(p.id).where(p.id.in_(sorted(people)), p.birth_date > last)).scalars()
    )


def _columns(c: Any) -> list[Any]:
    names = ("id", "valid_from", "valid_to", "recorded_at", "entered_at", "revised_at")
    return [*(c[name] for name in names), c.withdrawn_at]


def _days(row: Any) -> RecordDays:
    start = [row.recorded_at, row.entered_at, *([row.valid_from] if row.valid_from else [])]
    return RecordDays(
        added=max(start),
        changed=row.revised_at,
        ended=row.withdrawn_at or row.valid_to or row.revised_at,
    )
