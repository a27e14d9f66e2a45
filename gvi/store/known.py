"""Facts as they were known at an instant: the first step of every read about people."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Subquery, Table, or_, select, union_all

from gvi.store.models.base import Fact, revisions_of

Moment = datetime | ColumnElement[datetime]
"""An instant, or a place left open for one in a question that is asked more than once."""


def known(model: type[Fact], as_of: Moment | None, *, name: str | None = None) -> Subquery:
    """Give a fact table as it was known at `as_of` (None: as known now).

    Facts recorded later are left out, withdrawn ones from the day they were withdrawn, and
    corrected ones show the values they had then.
    """
    table = model.__table__
    if not isinstance(table, Table):
        raise TypeError(table)
    label = name or table.name
    if as_of is None:
        return select(table).where(table.c.withdrawn_at.is_(None)).subquery(label)
    old = revisions_of(model)
    present = select(table).where(table.c.revised_at <= as_of, *_counted(table, as_of))
    before = select(*[old.c[column.name] for column in table.columns]).where(
        old.c.revised_at <= as_of, old.c.superseded_at > as_of, *_counted(old, as_of)
    )
    return union_all(present, before).subquery(label)


def _counted(table: Table, as_of: Moment) -> list[ColumnElement[Any]]:
    withdrawn = table.c.withdrawn_at
    return [table.c.recorded_at <= as_of, or_(withdrawn.is_(None), withdrawn > as_of)]


def valid_at(table: Subquery, day_start: Moment) -> list[ColumnElement[Any]]:
    """Narrow to rows in force at an instant; `valid_to` is the first moment it no longer holds."""
    return [
        or_(table.c.valid_from.is_(None), table.c.valid_from <= day_start),
        or_(table.c.valid_to.is_(None), table.c.valid_to > day_start),
    ]
