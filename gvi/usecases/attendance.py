"""Attendance: who came to a call-in, what they heard, and what follows from it by itself."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from gvi.domain.access import Viewer, allows
from gvi.domain.audit import AuditVerb
from gvi.domain.call_in import (
    ATTENDANCE_OUTCOMES,
    ATTENDANCE_POSSIBLE,
    HEARD,
    CallInStatus,
    InviteeStatus,
)
from gvi.domain.errors import NotFoundError, RuleError
from gvi.domain.message import MessagePart, SpokenLanguage
from gvi.domain.text import N_
from gvi.store import audit
from gvi.store.models import CallIn, Invitee, MessageDelivery
from gvi.store.queries.rights import visible
from gvi.usecases.call_in import set_status
from gvi.usecases.follow_up import book_afterwards, follow_attendance, open_follow_ups
from gvi.usecases.invitee import move_invitee
from gvi.usecases.rights import require, the


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one invitee; `heard` counts for who left early, who stayed heard it all."""

    status: InviteeStatus
    heard: Collection[MessagePart] = ()


@dataclass(frozen=True, slots=True)
class _Message:
    """What was said to everybody who stayed, by whom and in what language."""

    parts: Collection[MessagePart]
    by: str
    language: SpokenLanguage | None


def record_attendance(
    db: Session,
    viewer: Viewer,
    call_in_id: int,
    outcomes: Mapping[int, Outcome],
    *,
    parts: Collection[MessagePart],
    delivered_by: str,
    at: datetime,
    correction: str,
    language: SpokenLanguage | None = None,
) -> CallIn:
    """Record or correct who came to a call-in (invitee id → outcome), and who heard what.

    `parts` were said to everybody who stayed. The call-in is then held; what follows appears, is
    corrected or taken back by itself (with `correction` as the reason kept), and saving the same
    again changes nothing. Who may not read the ledger records outcomes only; what was said is then
    for the coordinators to add. Raises RuleError before the call-in has begun, or where nobody says
    what was said and by whom.
    """
    require(viewer, "attendance:write")
    call_in = the(db, viewer, CallIn, call_in_id, "call_in:read")
    starts_at = _begun(call_in, at)
    invitees = _theirs(db, viewer, call_in)
    if outcomes.keys() - invitees.keys():
        raise NotFoundError(N_("There is no such invitee, or they are not for you."))
    keeps_ledger = allows(viewer, "message:read")
    _check(outcomes)
    if keeps_ledger:
        _check_message(outcomes, parts, delivered_by)
    changed = []
    message = _Message(tuple(parts), delivered_by.strip(), language) if keeps_ledger else None
    for invitee_id, outcome in sorted(outcomes.items()):
        invitee, before = invitees[invitee_id], InviteeStatus(invitees[invitee_id].status)
        if before is not outcome.status:
            move_invitee(db, viewer, invitee, outcome.status, at=at)
        told = _note_delivery(
            db, viewer, call_in, invitee, outcome, message=message, starts_at=starts_at, at=at
        )
        follow_attendance(
            db,
            viewer,
            call_in,
            invitee,
            before=before,
            starts_at=starts_at,
            at=at,
            correction=correction,
        )
        if told or before is not outcome.status:
            changed.append(invitee.person_id)
    book_afterwards(db, viewer, call_in, at=at)
    _note_held(db, viewer, call_in, at=at)
    subjects = {"call_in": [call_in.id], "person": changed}
    audit.append(
        db, viewer, AuditVerb.COLLECTED, "call_in:attendance_recorded", at=at, subjects=subjects
    )
    return call_in


def _begun(call_in: CallIn, at: datetime) -> datetime:
    if call_in.status not in ATTENDANCE_POSSIBLE:
        raise RuleError(
            N_("Attendance is recorded for a call-in that was approved and not closed.")
        )
    if call_in.starts_at is None or call_in.starts_at > at:
        raise RuleError(N_("The call-in has not begun. Record who came once it has."))
    return call_in.starts_at


def _theirs(db: Session, viewer: Viewer, call_in: CallIn) -> dict[int, Invitee]:
    """Load the invitees whose attendance the viewer may record: all, or the own clients."""
    table = Invitee.__table__.c
    found: Sequence[Invitee] = db.scalars(
        select(Invitee)
        .join(CallIn, CallIn.id == Invitee.call_in_id)
        .where(
            Invitee.call_in_id == call_in.id,
            Invitee.status != InviteeStatus.WITHDRAWN.value,
            visible(CallIn.__table__.c, viewer, "attendance:write", person=table.person_id),
        )
    ).all()
    return {invitee.id: invitee for invitee in found}


def _check(outcomes: Mapping[int, Outcome]) -> None:
    if not outcomes:
        raise RuleError(N_("Say of at least one invitee whether they came."))
    if {outcome.status for outcome in outcomes.values()} - set(ATTENDANCE_OUTCOMES):
        raise RuleError(N_("Choose one of the outcomes for each invitee."))


def _check_message(
    outcomes: Mapping[int, Outcome], parts: Collection[MessagePart], delivered_by: str
) -> None:
    statuses = {outcome.status for outcome in outcomes.values()}
    if InviteeStatus.ATTENDED in statuses and not parts:
        raise RuleError(N_("Tick which parts of the message were said."), field="parts")
    if statuses & HEARD and not delivered_by.strip():
        raise RuleError(N_("Say who gave the message."), field="delivered_by")


def _note_delivery(
    db: Session,
    viewer: Viewer,
    call_in: CallIn,
    invitee: Invitee,
    outcome: Outcome,
    *,
    message: _Message | None,
    starts_at: datetime,
    at: datetime,
) -> bool:
    """Bring the ledger in line with what one invitee heard; tells whether it changed.

    Without a `message`, from who may not read the ledger, what somebody heard stays as it is.
    """
    if message is None and outcome.status in HEARD:
        return False
    line = db.scalars(
        select(MessageDelivery).where(
            MessageDelivery.call_in_id == call_in.id,
            MessageDelivery.person_id == invitee.person_id,
        )
    ).one_or_none()
    said = _said(outcome, message)
    if not said:
        if line is not None:
            db.delete(line)
        return line is not None
    if line is not None and all(getattr(line, name) == value for name, value in said.items()):
        return False
    if line is None:
        line = MessageDelivery(
            programme_id=call_in.programme_id,
            person_id=invitee.person_id,
            call_in_id=call_in.id,
            delivered_at=starts_at,
        )
        db.add(line)
    for name, value in said.items():
        setattr(line, name, value)
    line.recorded_at, line.recorded_by_id = at, viewer.user_id
    return True


def _said(outcome: Outcome, message: _Message | None) -> dict[str, object]:
    """Give what the ledger says of one invitee; empty for who heard nothing."""
    if message is None or outcome.status not in HEARD:
        return {}
    heard = message.parts if outcome.status is InviteeStatus.ATTENDED else outcome.heard
    if not heard:
        return {}
    language = message.language.value if message.language else None
    said: dict[str, object] = {part.value: part in heard for part in MessagePart}
    return said | {"delivered_by": message.by, "language": language}


def _note_held(db: Session, viewer: Viewer, call_in: CallIn, *, at: datetime) -> None:
    """The call-in is held; one that was followed up is open again where something new follows."""
    db.flush()
    followed_up = call_in.status == CallInStatus.FOLLOWED_UP
    if call_in.status == CallInStatus.HELD or (followed_up and not open_follow_ups(db, call_in)):
        return
    set_status(db, viewer, call_in, CallInStatus.HELD, at=at, reason="")
