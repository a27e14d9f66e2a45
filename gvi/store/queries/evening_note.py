"""Notes of a call-in's evening, as far as the viewer's side may read them."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from gvi.domain.access import Viewer, allows
from gvi.domain.call_in import WERE_ASKED
from gvi.domain.evening_note import kept_until
from gvi.domain.grading import Compartment
from gvi.store.models import CallIn, EveningNote, Invitee, User
from gvi.store.queries.rights import visible


@dataclass(frozen=True, slots=True, kw_only=True)
class EveningNoteRow:
    """One note: facts and judgements apart."""

    id: int
    observed: str
    assessed: str
    compartment: Compartment
    at: datetime
    by: str
    is_own: bool
    is_withdrawn: bool
    """Taken back: its author alone is shown it, to put it back while it is not erased."""
    kept_until: datetime


def evening_notes(db: Session, viewer: Viewer, call_in_id: int) -> tuple[EveningNoteRow, ...]:
    """List the notes of a call-in, the first one first; none for roles that may read none.

    Of those that were taken back, the viewer's own.
    """
    if not allows(viewer, "evening_note:read"):
        return ()
    n = EveningNote.__table__.c
    rows = db.execute(
        select(*n, User.display_name)
        .join_from(EveningNote, User, User.id == n.recorded_by_id, isouter=True)
        .where(
            visible(n, viewer, "evening_note:read"),
            n.call_in_id == call_in_id,
            or_(n.withdrawn_at.is_(None), n.recorded_by_id == viewer.user_id),
        )
        .order_by(n.recorded_at, n.id)
    )
    return tuple(
        EveningNoteRow(
            id=row.id,
            observed=row.observed,
            assessed=row.assessed,
            compartment=Compartment(row.compartment),
            at=row.recorded_at,
            by=row.display_name or "",
            is_own=row.recorded_by_id is not None and row.recorded_by_id == viewer.user_id,
            is_withdrawn=row.withdrawn_at is not None,
            kept_until=kept_until(row.recorded_at, row.withdrawn_at),
        )
        for row in rows
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class NotedEvening:
    """A call-in somebody was asked to, of whose evening there are notes."""

    call_in_id: int
    name: str
    notes: int


def noted_evenings(db: Session, viewer: Viewer, person_id: int) -> tuple[NotedEvening, ...]:
    """List the evenings whose notes may speak of a person, as far as the viewer may read any.

    Notes name nobody by rule, so that neither extract nor removal finds anybody in them.
    """
    if not allows(viewer, "evening_note:read") or not allows(viewer, "invitee:read"):
        return ()
    n, i = EveningNote.__table__.c, Invitee.__table__.c
    rows = db.execute(
        select(CallIn.id, CallIn.name, func.count())
        .join_from(CallIn, EveningNote, n.call_in_id == CallIn.id)
        .join(Invitee, i.call_in_id == CallIn.id)
        .where(
            visible(n, viewer, "evening_note:read"),
            visible(CallIn.__table__.c, viewer, "invitee:read", person=i.person_id),
            i.person_id == person_id,
            i.status.in_(sorted(WERE_ASKED)),
            or_(n.withdrawn_at.is_(None), n.recorded_by_id == viewer.user_id),
        )
        .group_by(CallIn.id, CallIn.name, CallIn.starts_at)
        .order_by(CallIn.starts_at, CallIn.id)
    )
    return tuple(NotedEvening(call_in_id=row[0], name=row[1], notes=row[2]) for row in rows)
