"""Who may be expected to come: what the programme's own call-ins say, and what somebody knows."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.orm import Session

from gvi.domain.access import Viewer
from gvi.domain.call_in import ATTENDANCE_OUTCOMES, WAS_HELD, Attendance, InviteeStatus, Turnout
from gvi.store.models import AttendanceChance, CallIn, Invitee, StatusChange, User
from gvi.store.queries.rights import visible
from gvi.store.types import Instant

_AT = bindparam("at", type_=Instant)


def own_attendance(db: Session, viewer: Viewer, at: datetime) -> Attendance:
    """Count who was asked to call-ins begun by `at` and who stayed to the end, as known then.

    A call-in counts once it was held: not while it goes on, and never one that was called off.
    Whoever left early, was excused or was turned away has not attended (design §3.1). An outcome
    changed after `at` was not known as it stands, and is left out.
    """
    counted = {
        is_obliged: Turnout(came=came, invited=invited)
        for is_obliged, came, invited in db.execute(_counts(viewer), {"at": at})
    }
    return Attendance(obliged=counted.get(True, Turnout()), voluntary=counted.get(False, Turnout()))


def _counts(viewer: Viewer) -> Select[bool, int, int]:
    change = StatusChange.__table__.c
    later = select(change.id).where(
        change.thing == "invitee", change.thing_id == Invitee.id, change.changed_at > _AT
    )
    came = Invitee.status == InviteeStatus.ATTENDED.value
    return (
        select(Invitee.is_obliged, func.count().filter(came), func.count())
        .join(CallIn, CallIn.id == Invitee.call_in_id)
        .where(
            visible(CallIn.__table__.c, viewer, "call_in:read"),
            CallIn.status.in_([each.value for each in WAS_HELD]),
            CallIn.starts_at <= _AT,
            Invitee.status.in_([each.value for each in ATTENDANCE_OUTCOMES]),
            ~later.exists(),
        )
        .group_by(Invitee.is_obliged)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ChanceRow:
    """How likely somebody is to come to a call-in, as a person who knows them has said."""

    person_id: int
    probability: float
    reason: str
    set_at: datetime
    set_by: str


def chances_set(db: Session, viewer: Viewer, call_in_id: int) -> tuple[ChanceRow, ...]:
    """List the chances of coming that were set for single people."""
    chance, user = AttendanceChance.__table__.c, User.__table__.c
    rows = db.execute(
        select(*chance, user.display_name)
        .outerjoin_from(AttendanceChance, User, user.id == chance.set_by_id)
        .where(visible(chance, viewer, "call_in:plan"), chance.call_in_id == call_in_id)
        .order_by(chance.id)
    )
    return tuple(
        ChanceRow(
            person_id=row.person_id,
            probability=row.probability,
            reason=row.reason,
            set_at=row.set_at,
            set_by=row.display_name or "",
        )
        for row in rows
    )
