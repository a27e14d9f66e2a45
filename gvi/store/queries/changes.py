"""How a thing came to stand where it stands: its changes of status, owner and due date."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from gvi.domain.access import Viewer
from gvi.domain.time import local_day
from gvi.store.models import DueChange, StatusChange, User

DUE = "due"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One line of a history."""

    at: datetime
    by: str
    field: str
    """`status`, `owner`, or `due` for a moved date."""
    old: str
    new: str
    """A code for a status, a name for an owner; blank for a moved date."""
    reason: str | None
    """None where the viewer may know that it changed but not why."""
    old_day: date | None = None
    new_day: date | None = None
    old_at: datetime | None = None
    new_at: datetime | None = None


def changes_of(
    db: Session,
    viewer: Viewer,
    thing: str,
    thing_id: int,
    zone: ZoneInfo,
    *,
    with_reasons: bool = True,
) -> tuple[Change, ...]:
    """Give the history of one thing, the latest first.

    The caller has read the thing itself under the viewer's right; this adds no right of its own.
    """
    users = {
        row.id: row.display_name
        for row in db.execute(
            select(User.id, User.display_name).where(User.programme_id == viewer.programme_id)
        )
    }
    s, d = StatusChange.__table__.c, DueChange.__table__.c
    statuses = db.execute(
        select(s.changed_at, s.changed_by_id, s.field, s.old, s.new, s.reason)
        .where(s.programme_id == viewer.programme_id, s.thing == thing, s.thing_id == thing_id)
        .order_by(s.id)
    )
    moves = db.execute(
        select(d.changed_at, d.changed_by_id, d.old_due_at, d.new_due_at, d.reason)
        .where(d.programme_id == viewer.programme_id, d.thing == thing, d.thing_id == thing_id)
        .order_by(d.id)
    )
    changes = [_status(row, users, with_reasons=with_reasons) for row in statuses]
    changes += [_move(row, users, zone, with_reasons=with_reasons) for row in moves]
    return tuple(sorted(changes, key=lambda change: change.at)[::-1])


def _status(row: Any, users: dict[int, str], *, with_reasons: bool) -> Change:
    is_owner = row.field == "owner"
    old, new = row.old or "", row.new
    return Change(
        at=row.changed_at,
        by=users.get(row.changed_by_id, ""),
        field=row.field,
        old=_name(users, old) if is_owner else old,
        new=_name(users, new) if is_owner else new,
        reason=row.reason if with_reasons else None,
    )


def _name(users: dict[int, str], user_id: str) -> str:
    return users.get(int(user_id), "") if user_id else ""


def _move(row: Any, users: dict[int, str], zone: ZoneInfo, *, with_reasons: bool) -> Change:
    return Change(
        at=row.changed_at,
        by=users.get(row.changed_by_id, ""),
        field=DUE,
        old="",
        new="",
        reason=row.reason if with_reasons else None,
        old_day=local_day(row.old_due_at, zone) if row.old_due_at else None,
        new_day=local_day(row.new_due_at, zone),
        old_at=row.old_due_at,
        new_at=row.new_due_at,
    )
