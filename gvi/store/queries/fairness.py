"""People's areas and ages, and who was contacted: for counts, never shown one by one."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from gvi.domain.access import Viewer
from gvi.domain.call_in import InviteeStatus
from gvi.domain.custom_notification import NotificationStatus
from gvi.store.known import known
from gvi.store.models import CallIn, CustomNotification, Invitee, Person
from gvi.store.queries.rights import visible

_NOT_INVITED = (
    InviteeStatus.PROPOSED.value,
    InviteeStatus.CLEARED.value,
    InviteeStatus.WITHDRAWN.value,
)


class Counted(NamedTuple):
    """What is counted by."""

    area: str
    birth_date: date | None


def people(db: Session, viewer: Viewer) -> dict[int, Counted]:
    """Give area and birth date of everybody the viewer's scores are about."""
    p = known(Person, None)
    rows = db.execute(
        select(p.c.id, p.c.area, p.c.birth_date).where(visible(p.c, viewer, "score:read"))
    )
    return {row.id: Counted(row.area, row.birth_date) for row in rows}


def invited(db: Session, viewer: Viewer, *, since: datetime, until: datetime) -> Sequence[int]:
    """Give who was invited to call-ins held in a time, once for each invitation."""
    return db.scalars(
        select(Invitee.person_id)
        .join(CallIn, CallIn.id == Invitee.call_in_id)
        .where(
            visible(CallIn.__table__.c, viewer, "invitee:read"),
            CallIn.starts_at > since,
            CallIn.starts_at <= until,
            Invitee.status.not_in(_NOT_INVITED),
        )
    ).all()


def notified(db: Session, viewer: Viewer, *, since: datetime, until: datetime) -> Sequence[int]:
    """Give for whom custom notifications were due in a time, but for cancelled ones."""
    n = CustomNotification.__table__.c
    return db.scalars(
        select(n.person_id).where(
            visible(n, viewer, "custom_notification:list"),
            n.due_at > since,
            n.due_at <= until,
            n.status != NotificationStatus.CANCELLED.value,
        )
    ).all()
