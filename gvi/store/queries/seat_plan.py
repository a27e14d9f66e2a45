"""What a seat plan is made from: the room, places given by hand, who sits apart, the officers."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gvi.domain.access import Role, Viewer, allows
from gvi.domain.seat_plan import Given
from gvi.domain.seating import Room, Seat
from gvi.store.models import ClientAssignment, KeptApart, SeatPlace, SeatRoom, User
from gvi.store.queries.rights import visible

READ = "seat_plan:read"


def room_of(db: Session, viewer: Viewer, call_in_id: int) -> Room | None:
    """Give the room somebody entered for a call-in; None where nobody did."""
    t = SeatRoom.__table__.c
    row = db.execute(
        select(t.rows, t.width).where(visible(t, viewer, READ), t.call_in_id == call_in_id)
    ).first()
    return None if row is None else Room(rows=row.rows, width=row.width)


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """That the police looked at a session's plan and let it stand."""

    at: datetime
    by: str
    holds: bool
    """Whether guests, room, rules and places are still what was looked at."""


def last_look(db: Session, viewer: Viewer, call_in_id: int, session: int) -> Look | None:
    """Give the last look at a session's plan, holding while no place was changed since."""
    t = SeatPlace.__table__.c
    here = (visible(t, viewer, READ), t.call_in_id == call_in_id, t.session == session)
    last = select(func.max(t.move)).where(*here).scalar_subquery()
    row = db.execute(
        select(t.made_at, User.display_name, (t.move == last).label("is_last"))
        .outerjoin(User, User.id == t.made_by_id)
        .where(*here, t.is_let_stand)
        .order_by(t.move.desc())
        .limit(1)
    ).first()
    if row is None:
        return None
    return Look(at=row.made_at, by=row.display_name or "", holds=bool(row.is_last))


def given_places(db: Session, viewer: Viewer, call_in_id: int, session: int) -> Given | None:
    """Give everybody's place in a session after its last change by hand; None without one."""
    t = SeatPlace.__table__.c
    here = (t.call_in_id == call_in_id, t.session == session)
    last = select(func.max(t.move)).where(*here).scalar_subquery()
    rows = db.execute(
        select(t.person_id, t.seat_row, t.seat_number, t.by_hand, t.setting).where(
            visible(t, viewer, READ), *here, t.move == last
        )
    ).all()
    if not rows:
        return None
    return Given(
        places={row.person_id: Seat(row.seat_row, row.seat_number) for row in rows},
        by_hand=frozenset(row.person_id for row in rows if row.by_hand),
        setting=rows[0].setting,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ApartRow:
    """Two who are kept apart by name at a call-in."""

    id: int
    one_id: int
    other_id: int


def kept_apart(db: Session, viewer: Viewer, call_in_id: int) -> tuple[ApartRow, ...]:
    """List who is kept apart by name at a call-in, in the order it was said."""
    t = KeptApart.__table__.c
    rows = db.execute(
        select(t.id, t.person_a_id, t.person_b_id)
        .where(visible(t, viewer, READ), t.call_in_id == call_in_id)
        .order_by(t.id)
    )
    return tuple(
        ApartRow(id=row.id, one_id=row.person_a_id, other_id=row.person_b_id) for row in rows
    )


def officers_of(db: Session, viewer: Viewer, people: Collection[int]) -> dict[int, tuple[int, str]]:
    """Give each person's probation officer, number and name; only to who may read supervision.

    Of several, whoever took them on last.
    """
    if not allows(viewer, "supervision:read"):
        return {}
    t = ClientAssignment.__table__.c
    rows = db.execute(
        select(t.person_id, User.id, User.display_name)
        .join(User, User.id == t.user_id)
        .where(
            visible(t, viewer, "supervision:read", person=t.person_id),
            t.person_id.in_(sorted(people)),
            t.ended_at.is_(None),
            User.is_active,
            User.role == Role.PROBATION.value,
        )
        .order_by(t.assigned_at, t.id)
    )
    return {row.person_id: (row.id, row.display_name) for row in rows}
