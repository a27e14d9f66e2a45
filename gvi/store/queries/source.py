"""Which records come from which source, where the viewer may read whom they come from."""

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, false, or_, select
from sqlalchemy.orm import Session

from gvi.domain.access import Viewer, grant
from gvi.store.known import known
from gvi.store.models import Fact, Incident, Involvement, Membership, Tie
from gvi.store.queries.rights import Columns, visible

PERMISSION, WHOSE = "score:read", "source:read"


def sources_behind(
    db: Session,
    viewer: Viewer,
    as_of: datetime,
    *,
    person_id: int,
    incidents: Collection[int],
    ties: Collection[int],
) -> Iterator[tuple[str, str, Any]]:
    """Give source, table and row of incidents, all parts in them, a person's ties and memberships.

    A row has the ids that tell the record apart. As the scores read them: under the right to scores
    and as known at `as_of`. A record whose source is blank, or not for this viewer to read, is not
    given.
    """
    asked: tuple[tuple[type[Fact], tuple[str, ...], Collection[int]], ...] = (
        (Incident, ("id",), incidents),
        (Involvement, ("incident_id", "person_id", "role"), incidents),
        (Tie, ("id",), ties),
        (Membership, ("person_id", "group_id"), [person_id]),
    )
    for model, columns, wanted in asked:
        table = known(model, as_of)
        rows = db.execute(
            select(table.c.source, *(table.c[column] for column in columns))
            .where(
                visible(table.c, viewer, PERMISSION),
                _readable(table.c, viewer),
                table.c[columns[0]].in_(sorted(wanted)),
            )
            .order_by(table.c.id)
        )
        yield from ((row.source, model.__tablename__, row) for row in rows if row.source)


def _readable(columns: Columns, viewer: Viewer) -> ColumnElement[bool]:
    """Leave the records of compartments whose sources the viewer reads."""
    held = grant(viewer, WHOSE)
    if held is None:
        return false()
    return or_(*(columns.compartment == each.value for each in sorted(held.compartments)))
