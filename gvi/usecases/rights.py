"""Checks every use case starts with: may the viewer do this, and to this thing."""

from typing import Any, TypeVar

from sqlalchemy import Table, select
from sqlalchemy.orm import Session

from gvi.domain.access import Grant, Viewer, grant
from gvi.domain.errors import NotAllowedError, NotFoundError
from gvi.domain.text import N_
from gvi.store.models import Base, Fact
from gvi.store.queries.rights import visible

T = TypeVar("T", bound=Base)


def require(viewer: Viewer, permission: str) -> Grant:
    """Give the viewer's grant for a permission; raises NotAllowedError where there is none."""
    held = grant(viewer, permission)
    if held is None:
        raise NotAllowedError(N_("Your role does not give the right to do this."))
    return held


def require_compartment(viewer: Viewer, permission: str, compartment: str) -> None:
    """Refuse to write a record into a compartment the viewer's right does not cover."""
    held = require(viewer, permission)
    if compartment not in held.compartments:
        raise NotAllowedError(N_("Your role may not write records of that secrecy."))


def the(
    db: Session,
    viewer: Viewer,
    model: type[T],
    thing_id: int,
    permission: str,
    *,
    person: str | None = None,
    owner: str | None = None,
) -> T:
    """Load one row for changing, if the viewer may see it under the permission.

    `person` and `owner` name the columns that make a row the viewer's own. A withdrawn fact, a row
    of another programme or one the viewer may not see raise the same NotFoundError, so that the
    answer does not tell whether the thing exists.
    """
    table = model.__table__
    if not isinstance(table, Table):
        raise TypeError(table)
    query = select(model).where(
        table.c.id == thing_id,
        visible(
            table.c,
            viewer,
            permission,
            person=_column(table, person),
            owner=_column(table, owner),
        ),
    )
    if issubclass(model, Fact):
        query = query.where(table.c.withdrawn_at.is_(None))
    found = db.execute(query).scalar_one_or_none()
    if found is None:
        raise NotFoundError(N_("There is no such record, or it is not for you."))
    return found


def _column(table: Table, name: str | None) -> Any:
    return None if name is None else table.c[name]
