"""Actions as JSON; text only for those who may read it."""

from datetime import datetime
from typing import Annotated

from fastapi import Response
from pydantic import BaseModel, Field
from sqlalchemy.orm import Session

from gvi.domain.action import ActionKind, ActionStatus
from gvi.store.queries.action import action, actions
from gvi.web.api.ids import Id
from gvi.web.api.paging import Cursor, Limit, Page, page_of
from gvi.web.api.problems import MISSING, TAGGED
from gvi.web.api.routing import reads
from gvi.web.api.version import tagged
from gvi.web.visit import ReadDb, Visit, may

router = reads("actions")

Reader = Annotated[Visit, may("action:read")]


class ActionItem(BaseModel):
    """One action."""

    id: int
    kind: ActionKind
    status: ActionStatus
    text: Annotated[
        str | None, Field(description="Null where only that the action exists may be known.")
    ]
    outcome: str | None
    owner_id: int | None
    owner: str
    due_at: datetime
    person_id: int | None
    group_id: int | None
    incident_id: int | None
    call_in_id: int | None
    created_at: datetime
    ended_at: datetime | None


@router.get("/actions")
def all_actions(
    visit: Reader,
    db: ReadDb,
    *,
    status: ActionStatus | None = None,
    limit: Limit = 100,
    cursor: Cursor,
) -> Page[ActionItem]:
    """List actions by id."""
    rows = actions(
        db,
        visit.viewer,
        on=visit.today,
        status=status.value if status else "",
        after=cursor,
        limit=limit,
    )
    ids = [row.id for row in rows]
    visit.shows("action", ids)
    visit.shows("person", [row.person_id for row in rows if row.person_id is not None])
    items = [ActionItem.model_validate(row, from_attributes=True) for row in rows]
    return page_of(items, ids, limit)


@router.get("/actions/{action_id}", responses=MISSING | TAGGED)
def one_action(visit: Reader, action_id: Id, db: ReadDb, response: Response) -> ActionItem:
    """Give one action."""
    return tagged(response, shown_action(db, visit, action_id))


def shown_action(db: Session, visit: Visit, action_id: int) -> ActionItem:
    """Give an action as the visitor sees it."""
    row = action(db, visit.viewer, action_id, on=visit.today)
    visit.shows("action", [row.id])
    visit.shows("person", [row.person_id] if row.person_id is not None else [])
    return ActionItem.model_validate(row, from_attributes=True)
