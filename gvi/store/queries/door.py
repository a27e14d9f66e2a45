"""The door list of a call-in: who is expected, and what was ticked of whom, when and by whom."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from gvi.domain.access import Viewer
from gvi.domain.call_in import AT_THE_DOOR, ATTENDANCE_OUTCOMES, InviteeStatus
from gvi.store.models import StatusChange, User
from gvi.store.queries.call_in import CallInCard
from gvi.store.queries.invitee import InviteeRow, invitees


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorRow:
    """One person whom those at the door expect."""

    invitee_id: int
    person_id: int
    name: str
    session: int
    outcome: InviteeStatus | None
    """None while nobody has ticked anything."""
    at: datetime | None
    by: str
    by_id: int | None
    """Who ticked last; None while nobody has, or where the outcome is older than the door."""
    is_to_confirm: bool
    """Left early, and nobody has said what was heard."""

    @property
    def has_come(self) -> bool:
        """Whether the person is in the room."""
        return self.outcome is InviteeStatus.ATTENDED


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorList:
    """Whom the door expects, and how many it is not to let in."""

    rows: tuple[DoorRow, ...]
    kept_out: Counter[int]
    """Barred by now, or held back, by session: the door is told how many, never who or why."""


def door_list(
    db: Session, viewer: Viewer, card: CallInCard, *, at: datetime, zone: ZoneInfo
) -> DoorList:
    """List whom the viewer may tick at the door, by session and name: no row moves by a tick."""
    found = invitees(
        db,
        viewer,
        card,
        at=at,
        zone=zone,
        permission="attendance:write",
    )
    asked = [row for row in found if row.status in AT_THE_DOOR]
    expected = sorted(
        (row for row in asked if row.may_be_let_in),
        key=lambda row: (row.session, row.name, row.id),
    )
    ticked = _ticks(db, viewer, [row.id for row in expected])
    return DoorList(
        rows=tuple(_row(row, ticked.get(row.id)) for row in expected),
        kept_out=Counter(row.session for row in asked if not row.may_be_let_in),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tick:
    at: datetime
    by: str
    by_id: int | None


def _row(row: InviteeRow, tick: _Tick | None) -> DoorRow:
    outcome = row.status if row.status in ATTENDANCE_OUTCOMES else None
    last = tick if outcome else None
    return DoorRow(
        invitee_id=row.id,
        person_id=row.person_id,
        name=row.name,
        session=row.session,
        outcome=outcome,
        at=last.at if last else None,
        by=last.by if last else "",
        by_id=last.by_id if last else None,
        is_to_confirm=row.is_to_confirm,
    )


def _ticks(db: Session, viewer: Viewer, ids: list[int]) -> dict[int, _Tick]:
    """Say when each invitation got the status it has, and by whom."""
    change = StatusChange.__table__.c
    rows = db.execute(
        select(change.thing_id, change.changed_at, change.changed_by_id, User.display_name)
        .join_from(StatusChange, User, User.id == change.changed_by_id, isouter=True)
        .where(
            change.programme_id == viewer.programme_id,
            change.thing == "invitee",
            change.field == "status",
            change.thing_id.in_(ids),
        )
        .order_by(change.id)
    )
    return {
        row.thing_id: _Tick(at=row.changed_at, by=row.display_name or "", by_id=row.changed_by_id)
        for row in rows
    }
