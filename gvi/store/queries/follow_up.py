"""What must follow a call-in, and how far it has come: counts, never who needs what."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from gvi.domain.access import Scope, Viewer, grant
from gvi.domain.action import OPEN_ACTIONS, ActionKind, ActionStatus
from gvi.domain.custom_notification import OPEN_STATUSES, NotificationStatus
from gvi.store.models import Action, CustomNotification, User
from gvi.store.queries.rights import visible

BY_ACTION = (ActionKind.ATTENDEE_CONTACT, ActionKind.DEBRIEF, ActionKind.WELLBEING)


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUpLine:
    """One sort of follow-up of one call-in."""

    kind: ActionKind
    total: int
    done: int
    late: int
    next_due_at: datetime | None
    """When the first one that is still open is due."""
    owners: tuple[str, ...]
    """Who holds those still open."""


def follow_ups(
    db: Session, viewer: Viewer, call_in_id: int, at: datetime
) -> tuple[FollowUpLine, ...]:
    """Count the follow-ups of a call-in by sort; none for roles that do not see everybody's."""
    if not (_sees_all(viewer, "action:read") and _sees_all(viewer, "custom_notification:list")):
        return ()
    rows = [*_actions(db, viewer, call_in_id), *_notifications(db, viewer, call_in_id)]
    lines = (_line(kind, [row for row in rows if row.kind is kind], at) for kind in ActionKind)
    return tuple(line for line in lines if line.total)


def _sees_all(viewer: Viewer, permission: str) -> bool:
    held = grant(viewer, permission)
    return held is not None and held.scope is Scope.ALL


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    kind: ActionKind
    is_open: bool
    is_done: bool
    due_at: datetime
    owner: str


def _actions(db: Session, viewer: Viewer, call_in_id: int) -> Iterable[_Row]:
    a = Action.__table__.c
    rows = db.execute(
        select(a.kind, a.status, a.due_at, User.display_name)
        .join_from(Action, User, User.id == a.owner_id, isouter=True)
        .where(
            visible(a, viewer, "action:read", owner=a.owner_id),
            a.call_in_id == call_in_id,
            a.kind.in_(BY_ACTION),
            a.status != ActionStatus.DROPPED.value,
        )
    )
    return [
        _row(ActionKind(r.kind), r, r.status in OPEN_ACTIONS, r.status == ActionStatus.DONE)
        for r in rows
    ]


def _notifications(db: Session, viewer: Viewer, call_in_id: int) -> Iterable[_Row]:
    n = CustomNotification.__table__.c
    rows = db.execute(
        select(n.status, n.due_at, User.display_name)
        .join_from(CustomNotification, User, User.id == n.owner_id, isouter=True)
        .where(
            visible(n, viewer, "custom_notification:list", person=n.person_id),
            n.call_in_id == call_in_id,
            n.status != NotificationStatus.CANCELLED.value,
        )
    )
    kind = ActionKind.NO_SHOW_NOTIFICATION
    return [
        _row(kind, r, r.status in OPEN_STATUSES, r.status == NotificationStatus.DELIVERED)
        for r in rows
    ]


def _row(kind: ActionKind, row: Any, is_open: bool, is_done: bool) -> _Row:
    return _Row(
        kind=kind,
        is_open=is_open,
        is_done=is_done,
        due_at=row.due_at,
        owner=row.display_name or "",
    )


def _line(kind: ActionKind, rows: list[_Row], at: datetime) -> FollowUpLine:
    still = [row for row in rows if row.is_open]
    return FollowUpLine(
        kind=kind,
        total=len(rows),
        done=sum(row.is_done for row in rows),
        late=sum(row.due_at < at for row in still),
        next_due_at=min((row.due_at for row in still), default=None),
        owners=tuple(sorted({row.owner for row in still if row.owner})),
    )
