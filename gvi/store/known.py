"""Facts as they were known at an instant: the first step of every read about people."""

from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    Subquery,
    Table,
    TableClause,
    column,
    or_,
    select,
    table,
    union_all,
)

from gvi.store.models.base import Fact, revisions_of

Moment = datetime | ColumnElement[datetime]
"""An instant, or a place left open for one in a question that is asked more than once."""


def known(
    model: type[Fact],
    as_of: Moment | None,
    *,
    name: str | None = None,
    entered_by: Moment | None = None,
) -> Subquery:
    """Give a fact table as it was known at `as_of` (None: as known now).

    Facts recorded later are left out, withdrawn ones from the day they were withdrawn, and
    corrected ones show the values they had then. `entered_by` leaves out what came into this
    database later, also where a file says that it had been known before.

    Under whose secrecy a fact stands is never as of then: who may no longer read it reads no older
    version of it either (docs/decisions/0115).
    """
    label = name or model.__tablename__
    if as_of is None:
        return _present(model).subquery(label)
    now, old = _columns_of(_table(model)), _columns_of(revisions_of(model))
    present = select(now).where(now.c.revised_at <= as_of, *_counted(now, as_of, entered_by))
    was = {each.name: old.c[each.name] for each in now.c} | {"compartment": now.c.compartment}
    before = (
        select(*was.values())
        .select_from(old)
        .join(now, now.c.id == old.c.id)
        .where(
            old.c.revised_at <= as_of,
            old.c.superseded_at > as_of,
            *_counted(old, as_of, entered_by),
        )
    )
    return union_all(present, before).subquery(label)


@cache
def _present(model: type[Fact]) -> Select[Any]:
    rows = _columns_of(_table(model))
    return select(rows).where(rows.c.withdrawn_at.is_(None))


def _table(model: type[Fact]) -> Table:
    if not isinstance(model.__table__, Table):
        raise TypeError(model)
    return model.__table__


@cache
def _columns_of(whole: Table) -> TableClause:
    """Give a table's columns without keys and rules.

    Every question copies the columns it reads from; copying whole ones cost a page milliseconds.
    """
    return table(whole.name, *[column(each.name, each.type) for each in whole.columns])


def _counted(
    rows: TableClause, as_of: Moment, entered_by: Moment | None
) -> list[ColumnElement[Any]]:
    withdrawn = rows.c.withdrawn_at
    counted = [rows.c.recorded_at <= as_of, or_(withdrawn.is_(None), withdrawn > as_of)]
    return counted if entered_by is None else [*counted, rows.c.entered_at <= entered_by]


def valid_at(rows: Subquery, day_start: Moment) -> list[ColumnElement[Any]]:
    """Narrow to rows in force at an instant; `valid_to` is the first moment it no longer holds."""
    return [
        or_(rows.c.valid_from.is_(None), rows.c.valid_from <= day_start),
        or_(rows.c.valid_to.is_(None), rows.c.valid_to > day_start),
    ]
