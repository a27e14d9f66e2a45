"""Notes of a call-in's evening: what was seen, and apart from it what somebody makes of it."""

from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from gvi.domain.access import Viewer
from gvi.domain.audit import AuditVerb
from gvi.domain.call_in import CallInStatus
from gvi.domain.errors import RuleError
from gvi.domain.evening_note import NOTES_KEPT
from gvi.domain.grading import Compartment
from gvi.domain.removal import RESTORABLE
from gvi.domain.text import N_
from gvi.store import audit
from gvi.store.models import CallIn, EveningNote
from gvi.store.wall import behind_the_wall
from gvi.usecases.facts import log_change
from gvi.usecases.rights import require, require_compartment, the

NOUN = "evening_note"
_NO_EVENING = frozenset({CallInStatus.DRAFT, CallInStatus.POSTPONED, CallInStatus.CANCELLED})


def add_evening_note(
    db: Session,
    viewer: Viewer,
    call_in_id: int,
    *,
    observed: str,
    assessed: str,
    compartment: Compartment,
    at: datetime,
) -> EveningNote:
    """Write down what was observed at a call-in and how it is judged, each in its own field.

    Raises RuleError for an empty note, before the call-in has begun, and for one not held.
    """
    require_compartment(viewer, "evening_note:write", compartment)
    call_in = the(db, viewer, CallIn, call_in_id, "call_in:read")
    if call_in.starts_at is None or call_in.starts_at > at:
        raise RuleError(N_("The call-in has not begun. Write down what was seen once it has."))
    if call_in.status in _NO_EVENING:
        raise RuleError(N_("There was no evening: the call-in was not approved, or is called off."))
    if not observed.strip() and not assessed.strip():
        raise RuleError(N_("Write what was seen, or what you make of it."), field="observed")
    note = EveningNote(
        programme_id=viewer.programme_id,
        call_in_id=call_in.id,
        compartment=compartment.value,
        observed=observed.strip(),
        assessed=assessed.strip(),
        recorded_at=at,
        recorded_by_id=viewer.user_id,
    )
    db.add(note)
    db.flush()
    log_change(
        db,
        viewer,
        f"{NOUN}:added",
        at=at,
        collected=True,
        call_in=call_in.id,
        evening_note=note.id,
    )
    return note


def withdraw_evening_note(
    db: Session, viewer: Viewer, call_in_id: int, note_id: int, *, at: datetime
) -> None:
    """Take back a note of one's own: nobody else is shown it from then on, and it is erased."""
    note = _own(db, viewer, call_in_id, note_id)
    if note.withdrawn_at is not None:
        raise RuleError(N_("That note is withdrawn already."))
    note.withdrawn_at, note.withdrawn_by_id = at, viewer.user_id
    log_change(
        db, viewer, f"{NOUN}:withdrawn", at=at, call_in=note.call_in_id, evening_note=note.id
    )


def put_evening_note_back(
    db: Session, viewer: Viewer, call_in_id: int, note_id: int, *, at: datetime
) -> None:
    """Let a note of one's own that was taken back stand again, while it is not erased."""
    note = _own(db, viewer, call_in_id, note_id)
    if note.withdrawn_at is None:
        raise RuleError(N_("That note stands."))
    note.withdrawn_at, note.withdrawn_by_id = None, None
    log_change(db, viewer, f"{NOUN}:put_back", at=at, call_in=note.call_in_id, evening_note=note.id)


def erase_evening_notes(db: Session, viewer: Viewer, *, at: datetime) -> int:
    """Erase for good the notes whose time is over, and what was taken back; gives how many."""
    n = EveningNote
    gone = (n.recorded_at <= at - NOTES_KEPT) | (n.withdrawn_at <= at - RESTORABLE)
    with behind_the_wall(db, "notes go by their age alone, whosever they are"):
        ids = db.scalars(
            delete(n).where(n.programme_id == viewer.programme_id, gone).returning(n.id)
        ).all()
    if ids:
        subjects = {NOUN: sorted(ids)}
        audit.append(db, viewer, AuditVerb.ERASED, f"{NOUN}:erased", at=at, subjects=subjects)
    return len(ids)


def _own(db: Session, viewer: Viewer, call_in_id: int, note_id: int) -> EveningNote:
    require(viewer, "evening_note:write")
    note = the(db, viewer, EveningNote, note_id, "evening_note:write")
    is_own = viewer.user_id is not None and note.recorded_by_id == viewer.user_id
    if note.call_in_id != call_in_id or not is_own:
        raise RuleError(N_("Only who wrote a note takes it back. Write another beside it."))
    return note
