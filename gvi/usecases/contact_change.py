"""Correcting a logged contact, or withdrawing one that never was: what it set off follows.

Only who logged it may, under the same rights as for logging. What it said before stays.
"""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from gvi.domain.access import Viewer
from gvi.domain.action import OPEN_ACTIONS, ActionKind, ActionStatus
from gvi.domain.errors import NotAllowedError, NotFoundError
from gvi.domain.support import ContactMode, ContactOutcome, SupportCaseStatus
from gvi.domain.text import N_
from gvi.domain.time import local_day
from gvi.store.models import (
    Action,
    CallIn,
    Contact,
    ContactRevision,
    StatusChange,
    SupportCase,
)
from gvi.usecases.action import drop_action, undo_end
from gvi.usecases.changes import reasoned
from gvi.usecases.contact import check_contact, finish_attendee_contacts
from gvi.usecases.facts import log_change
from gvi.usecases.support import NOUN, check_next_contact, move_case, open_case_of

KEPT = (
    "support_case_id",
    "contacted_at",
    "mode",
    "outcome",
    "minutes",
    "note",
    "next_contact_on",
    "recorded_at",
    "recorded_by_id",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a contact says after its correction."""

    mode: ContactMode
    outcome: ContactOutcome
    contacted_at: datetime
    minutes: int | None
    note: str
    next_contact_on: date | None


def correct_contact(
    db: Session,
    viewer: Viewer,
    contact_id: int,
    said: Said,
    *,
    recorded_at: datetime,
    reason: str,
    at: datetime,
    zone: ZoneInfo,
) -> Contact:
    """Correct one's own contact; the words before, and why they were wrong, are kept.

    The day for the next contact moves the case's too, where this contact set it. Whether somebody
    was reached is told again to what hangs on it. `recorded_at` tells the contact from a later one
    that was given the same number.
    """
    why = reasoned(reason)
    contact, case = _own(db, viewer, contact_id, recorded_at)
    check_contact(said.contacted_at, said.minutes, at=at)
    if said.next_contact_on and said.next_contact_on != contact.next_contact_on:
        check_next_contact(said.next_contact_on, local_day(at, zone))
    was, is_now = _reached(contact), said.outcome is ContactOutcome.REACHED
    moved = (was, contact.contacted_at) != (is_now, said.contacted_at)
    _keep(db, viewer, contact, reason=why, at=at)
    if moved and was:
        _reopen_attendee_contacts(db, viewer, case, contact, at=at)
    if said.next_contact_on is not None:
        _set_day(db, case, contact, said.next_contact_on)
        contact.next_contact_on = said.next_contact_on
    contact.mode, contact.outcome = said.mode.value, said.outcome.value
    contact.contacted_at, contact.minutes = said.contacted_at, said.minutes
    contact.note = said.note.strip()
    db.flush()
    if was and not is_now:
        _back_to_offered(db, viewer, case, at=at)
    if moved and is_now:
        if case.status == SupportCaseStatus.OFFERED:
            move_case(db, viewer, case, SupportCaseStatus.CONTACTED, reason="", at=at)
        finish_attendee_contacts(db, viewer, case.person_id, contact.contacted_at, at=at)
    _log(db, viewer, "contact:corrected", contact, case, at=at)
    return contact


def withdraw_contact(
    db: Session,
    viewer: Viewer,
    contact_id: int,
    *,
    recorded_at: datetime,
    reason: str,
    at: datetime,
) -> SupportCase:
    """Take back one's own contact that never was: the case stands as without it.

    The day for the next contact returns to what it was, the status to `offered` where only this
    contact had moved it, a contact owed after a call-in is owed again, and what was promised in it
    is dropped while it is open.
    """
    why = reasoned(reason)
    contact, case = _own(db, viewer, contact_id, recorded_at)
    was_reached = _reached(contact)
    _keep(db, viewer, contact, reason=why, at=at, is_withdrawn=True)
    if was_reached:
        _reopen_attendee_contacts(db, viewer, case, contact, at=at)
    _drop_promises(db, viewer, case, contact, reason=why, at=at)
    if contact.replaced_next_contact_on is not None:
        _set_day(db, case, contact, contact.replaced_next_contact_on)
    _log(db, viewer, "contact:withdrawn", contact, case, at=at)
    db.delete(contact)
    db.flush()
    if was_reached:
        _back_to_offered(db, viewer, case, at=at)
    return case


def _own(
    db: Session, viewer: Viewer, contact_id: int, recorded_at: datetime
) -> tuple[Contact, SupportCase]:
    contact = db.get(Contact, contact_id)
    if contact is None or contact.recorded_at != recorded_at:
        raise NotFoundError(N_("There is no such contact, or it is not for you."))
    case = open_case_of(db, viewer, contact.support_case_id, "contact:write")
    if contact.recorded_by_id != viewer.user_id:
        raise NotAllowedError(N_("Only who logged a contact corrects or withdraws it."))
    return contact, case


def _reached(contact: Contact) -> bool:
    return contact.outcome == ContactOutcome.REACHED


def _keep(
    db: Session,
    viewer: Viewer,
    contact: Contact,
    *,
    reason: str,
    at: datetime,
    is_withdrawn: bool = False,
) -> None:
    db.add(
        ContactRevision(
            contact_id=contact.id,
            superseded_at=at,
            superseded_by_id=viewer.user_id,
            reason=reason,
            is_withdrawn=is_withdrawn,
            **{name: getattr(contact, name) for name in KEPT},
        )
    )
    db.flush()


def _set_day(db: Session, case: SupportCase, contact: Contact, day: date) -> None:
    """Put a day in place of the one a contact set: in the case, or in what came after it."""
    later = db.scalars(
        select(Contact)
        .where(
            Contact.support_case_id == case.id,
            Contact.id != contact.id,
            Contact.recorded_at >= contact.recorded_at,
        )
        .order_by(Contact.recorded_at, Contact.id)
    ).first()
    if later is not None and (later.recorded_at, later.id) > (contact.recorded_at, contact.id):
        if later.replaced_next_contact_on == contact.next_contact_on:
            later.replaced_next_contact_on = day
    elif case.next_contact_on == contact.next_contact_on:
        case.next_contact_on = day


def _back_to_offered(db: Session, viewer: Viewer, case: SupportCase, *, at: datetime) -> None:
    """Undo that a contact made an offered case `contacted`, where no other contact does.

    The reason stays with the contact: it is in the worker's words, which not all read who see the
    case's history.
    """
    others = db.scalars(
        select(Contact.id).where(
            Contact.support_case_id == case.id,
            Contact.outcome == ContactOutcome.REACHED.value,
        )
    ).first()
    change = StatusChange
    last = db.scalars(
        select(change)
        .where(change.thing == NOUN, change.thing_id == case.id, change.field == "status")
        .order_by(change.id.desc())
        .limit(1)
    ).first()
    by_contact = (
        last is not None
        and last.old == SupportCaseStatus.OFFERED
        and last.new == SupportCaseStatus.CONTACTED
    )
    if by_contact and others is None:
        move_case(db, viewer, case, SupportCaseStatus.OFFERED, reason="", at=at)


def _reopen_attendee_contacts(
    db: Session, viewer: Viewer, case: SupportCase, contact: Contact, *, at: datetime
) -> None:
    """Owe again the contacts after call-ins that this one had settled, unless another one did."""
    acts = select(ContactRevision.superseded_at).where(
        ContactRevision.contact_id == contact.id,
        ContactRevision.recorded_at == contact.recorded_at,
    )
    settled = db.execute(
        select(Action.id, CallIn.starts_at)
        .join(CallIn, CallIn.id == Action.call_in_id)
        .where(
            Action.kind == ActionKind.ATTENDEE_CONTACT.value,
            Action.person_id == case.person_id,
            Action.owner_id == viewer.user_id,
            Action.status == ActionStatus.DONE.value,
            Action.ended_by_id == viewer.user_id,
            Action.ended_at.in_([contact.recorded_at, *db.scalars(acts)]),
        )
    ).all()
    for action_id, starts_at in settled:
        if starts_at is not None and not _met_since(db, viewer, case, contact, starts_at):
            undo_end(db, viewer, action_id, at=at)


def _met_since(
    db: Session, viewer: Viewer, case: SupportCase, contact: Contact, starts_at: datetime
) -> bool:
    other = db.scalars(
        select(Contact.id)
        .join(SupportCase, SupportCase.id == Contact.support_case_id)
        .where(
            SupportCase.person_id == case.person_id,
            Contact.id != contact.id,
            Contact.recorded_by_id == viewer.user_id,
            Contact.outcome == ContactOutcome.REACHED.value,
            Contact.contacted_at >= starts_at,
        )
    ).first()
    return other is not None


def _drop_promises(
    db: Session, viewer: Viewer, case: SupportCase, contact: Contact, *, reason: str, at: datetime
) -> None:
    """Drop what was promised in the contact: the worker's own action of the same act."""
    promised = db.scalars(
        select(Action.id).where(
            Action.kind == ActionKind.DECISION.value,
            Action.person_id == case.person_id,
            Action.owner_id == viewer.user_id,
            Action.created_by_id == viewer.user_id,
            Action.created_at == contact.recorded_at,
            Action.status.in_(sorted(OPEN_ACTIONS)),
        )
    ).all()
    for action_id in promised:
        drop_action(db, viewer, action_id, at=at, reason=reason)


def _log(
    db: Session,
    viewer: Viewer,
    kind: str,
    contact: Contact,
    case: SupportCase,
    *,
    at: datetime,
) -> None:
    log_change(
        db,
        viewer,
        kind,
        at=at,
        contact=contact.id,
        support_case=case.id,
        person=case.person_id,
    )
