"""The backward plan of a call-in: what is to be ready before it, by when, by whom."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from gvi.domain.access import Viewer, allows
from gvi.domain.action import OPEN_ACTIONS, ActionKind, ActionStatus
from gvi.domain.preparation import PREPARATION
from gvi.store.models import Action, User
from gvi.store.queries.rights import visible


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparationLine:
    """One thing to have done before a call-in."""

    action_id: int
    kind: ActionKind
    status: ActionStatus
    due_at: datetime
    owner: str

    @property
    def is_open(self) -> bool:
        """Whether it is still to be done."""
        return self.status in OPEN_ACTIONS


def preparation(db: Session, viewer: Viewer, call_in_id: int) -> tuple[PreparationLine, ...]:
    """List what was booked to prepare a call-in, in the order of doing; what was dropped is out.

    A role that sees only its own actions is given only those.
    """
    if not allows(viewer, "action:read"):
        return ()
    a, order = Action.__table__.c, [task.kind for task in PREPARATION]
    rows = db.execute(
        select(a.id, a.kind, a.status, a.due_at, User.display_name)
        .join_from(Action, User, User.id == a.owner_id, isouter=True)
        .where(
            visible(a, viewer, "action:read", owner=a.owner_id),
            a.call_in_id == call_in_id,
            a.kind.in_([kind.value for kind in order]),
            a.status != ActionStatus.DROPPED.value,
        )
        .order_by(a.id)
    )
    lines = (
        PreparationLine(
            action_id=row.id,
            kind=ActionKind(row.kind),
            status=ActionStatus(row.status),
            due_at=row.due_at,
            owner=row.display_name or "",
        )
        for row in rows
    )
    return tuple(sorted(lines, key=lambda line: order.index(line.kind)))
