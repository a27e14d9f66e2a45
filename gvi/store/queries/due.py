"""Everything due: one list over call-ins, notifications, support and actions, late first.

Each part is read under its own right. Who may not see a case is given numbers only
(`gvi.store.queries.support.support_counts`).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from gvi.domain.access import Viewer, allows
from gvi.domain.action import ActionKind
from gvi.domain.custom_notification import NotificationTrigger
from gvi.domain.due import DueKind
from gvi.domain.support import SupportCaseStatus
from gvi.domain.time import end_of_day, local_day
from gvi.store.models import User
from gvi.store.queries.action import actions
from gvi.store.queries.call_in import due_call_ins
from gvi.store.queries.custom_notification import due_notifications
from gvi.store.queries.disclosure_request import requests_due
from gvi.store.queries.inbound_call import calls_to_return
from gvi.store.queries.person import names_of
from gvi.store.queries.rights import asker
from gvi.store.queries.support import cases_seen


@dataclass(frozen=True, slots=True, kw_only=True)
class DueRow:
    """One thing that is due; which of the texts it has depends on its kind."""

    kind: DueKind
    id: int
    due: date | datetime
    """A day, or an instant where the hour matters."""
    due_at: datetime
    """The same as an instant, to sort by: a day is due until it ends."""
    is_late: bool
    owner_id: int | None
    owner: str
    person_id: int | None = None
    person: str = ""
    """The name or code name; what a caller gave, for a call from somebody unknown."""
    text: str | None = None
    """An action's own words, or a call-in's name; None where the viewer may not read it."""
    action_kind: ActionKind | None = None
    call_in: str = ""
    """The call-in an action follows, for those who may see it."""
    trigger: NotificationTrigger | None = None
    """Why a visit was planned, for those who may know."""
    may_change: bool = False
    """Whether the viewer may say here that it is done, or move it."""


def everything_due(db: Session, viewer: Viewer, at: datetime, zone: ZoneInfo) -> tuple[DueRow, ...]:
    """List everything due that the viewer may see, late first, however far ahead."""
    parts: tuple[tuple[str, Callable[..., Iterator[DueRow]]], ...] = (
        ("call_in:list", _call_ins),
        ("custom_notification:list", _notifications),
        ("support:list", _contacts),
        ("inbound_call:read", _call_backs),
        ("disclosure_request:read", _requests),
        ("action:read", _actions),
    )
    rows = [
        row
        for permission, read in parts
        if allows(viewer, permission)
        for row in read(db, viewer, at, zone)
    ]
    return tuple(sorted(rows, key=lambda row: (row.due_at, row.kind.value, row.id)))


def _call_ins(db: Session, viewer: Viewer, at: datetime, _zone: ZoneInfo) -> Iterator[DueRow]:
    """Call-ins to hold, and those whose day has come and whose attendance is not recorded."""
    for row in due_call_ins(db, viewer, at):
        yield DueRow(
            kind=DueKind.CALL_IN,
            id=row.id,
            due=row.due_at,
            due_at=row.due_at,
            is_late=row.due_at < at,
            owner_id=row.owner_id,
            owner=row.owner,
            text=row.name,
        )


def _notifications(db: Session, viewer: Viewer, at: datetime, zone: ZoneInfo) -> Iterator[DueRow]:
    for row in due_notifications(db, viewer, at=at, on=local_day(at, zone)):
        yield DueRow(
            kind=DueKind.CUSTOM_NOTIFICATION,
            id=row.id,
            due=row.due_at,
            due_at=row.due_at,
            is_late=row.due_at < at,
            owner_id=row.owner_id,
            owner=row.owner,
            person_id=row.person_id,
            person=row.name,
            trigger=row.trigger,
        )


def _contacts(db: Session, viewer: Viewer, at: datetime, zone: ZoneInfo) -> Iterator[DueRow]:
    today = local_day(at, zone)
    rows = db.execute(_contacts_to_come(asker(viewer))).all()
    names = names_of(db, viewer, [row.person_id for row in rows], on=today)
    for row in rows:
        yield DueRow(
            kind=DueKind.CONTACT,
            id=row.id,
            due=row.next_contact_on,
            due_at=end_of_day(row.next_contact_on, zone),
            is_late=row.next_contact_on < today,
            owner_id=row.owner_id,
            owner=row.owner or "",
            person_id=row.person_id,
            person=names.get(row.person_id, ""),
        )


@lru_cache(maxsize=256)
def _contacts_to_come(viewer: Viewer) -> Select[Any]:
    cases, owner = cases_seen(viewer), User.__table__
    return (
        select(
            cases.c.id,
            cases.c.person_id,
            cases.c.next_contact_on,
            cases.c.owner_id,
            owner.c.display_name.label("owner"),
        )
        .join_from(cases, owner, owner.c.id == cases.c.owner_id, isouter=True)
        .where(
            cases.c.status != SupportCaseStatus.CLOSED.value,
            cases.c.next_contact_on.is_not(None),
        )
    )


def _call_backs(db: Session, viewer: Viewer, at: datetime, zone: ZoneInfo) -> Iterator[DueRow]:
    for call in calls_to_return(db, viewer, at, zone):
        yield DueRow(
            kind=DueKind.CALL_BACK,
            id=call.id,
            due=call.call_back_due_at,
            due_at=call.call_back_due_at,
            is_late=call.is_late,
            owner_id=call.owner_id,
            owner=call.owner,
            person_id=call.person_id,
            person=call.name,
        )


def _requests(db: Session, viewer: Viewer, at: datetime, zone: ZoneInfo) -> Iterator[DueRow]:
    for row in requests_due(db, viewer, at, local_day(at, zone)):
        yield DueRow(
            kind=DueKind.DISCLOSURE_REQUEST,
            id=row.id,
            due=row.due_at,
            due_at=row.due_at,
            is_late=row.is_late,
            owner_id=row.owner_id,
            owner=row.owner,
            person_id=row.person_id,
            person=row.person,
        )


def _actions(db: Session, viewer: Viewer, at: datetime, zone: ZoneInfo) -> Iterator[DueRow]:
    for row in actions(db, viewer, on=local_day(at, zone), open_only=True):
        yield DueRow(
            kind=DueKind.ACTION,
            id=row.id,
            due=row.due_at,
            due_at=row.due_at,
            is_late=row.due_at < at,
            owner_id=row.owner_id,
            owner=row.owner,
            person_id=row.person_id,
            person=row.person,
            text=row.text,
            action_kind=row.kind,
            call_in=row.call_in,
            may_change=row.may_change,
        )
