"""Notes of a call-in's evening, as far as the viewer's side may read them."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from gvi.domain.access import Viewer, allows
from gvi.domain.grading import Compartment
from gvi.store.models import EveningNote, User
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


def evening_notes(db: Session, viewer: Viewer, call_in_id: int) -> tuple[EveningNoteRow, ...]:
    """List the notes of a call-in, the first one first; none for roles that may read none."""
    if not allows(viewer, "evening_note:read"):
        return ()
    n = EveningNote.__table__.c
    rows = db.execute(
        select(*n, User.display_name)
        .join_from(EveningNote, User, User.id == n.recorded_by_id, isouter=True)
        .where(
            visible(n, viewer, "evening_note:read"),
            n.call_in_id == call_in_id,
            n.withdrawn_at.is_(None),
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
        )
        for row in rows
    )
