"""Contacts: log one in half a minute, or keep what was typed so far as a draft."""

import json
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from gvi.domain.access import Viewer
from gvi.domain.action import OPEN_ACTIONS, ActionKind
from gvi.domain.errors import NotAllowedError, RuleError
from gvi.domain.support import ContactMode, ContactOutcome, SupportCaseStatus
from gvi.domain.text import N_
from gvi.domain.time import end_of_day, local_day
from gvi.store.models import Action, CallIn, Contact, ContactDraft, SupportCase
from gvi.usecases.action import About, add_action, finish_action
from gvi.usecases.facts import log_change
from gvi.usecases.rights import the
from gvi.usecases.support import check_next_contact, move_case, open_case_of

MOST_MINUTES = 24 * 60
CLOCK_SLACK = timedelta(minutes=5)
"""Phones are a few minutes fast; a contact "now" by such a clock is not in the future."""
DRAFT_FIELDS = (
    "mode",
    "outcome",
    "minutes",
    "next",
    "next_contact_on",
    "promise",
    "note",
    "contacted_at",
)


def log_contact(
    db: Session,
    viewer: Viewer,
    case_id: int,
    *,
    mode: ContactMode,
    outcome: ContactOutcome,
    next_contact_on: date,
    contacted_at: datetime,
    at: datetime,
    zone: ZoneInfo,
    minutes: int | None = None,
    note: str = "",
    promise: str = "",
) -> Contact:
    """Log a contact, or an attempt at one, and when the next is.

    The first time an offered case's person is reached, the case is `contacted`, and whoever is
    reached after a call-in has had the contact that follows it. What was promised becomes the
    worker's own action, due by the next contact. The worker's draft is used up.
    """
    case = open_case_of(db, viewer, case_id, "contact:write")
    today = local_day(at, zone)
    check_contact(contacted_at, minutes, at=at)
    check_next_contact(next_contact_on, today)
    contact = Contact(
        support_case_id=case.id,
        contacted_at=contacted_at,
        mode=mode.value,
        outcome=outcome.value,
        minutes=minutes,
        note=note.strip(),
        next_contact_on=next_contact_on,
        replaced_next_contact_on=case.next_contact_on,
        recorded_at=at,
        recorded_by_id=viewer.user_id,
    )
    db.add(contact)
    case.next_contact_on = next_contact_on
    db.flush()
    _forget_draft(db, viewer, case.id)
    log_change(
        db,
        viewer,
        "contact:logged",
        at=at,
        collected=True,
        contact=contact.id,
        support_case=case.id,
        person=case.person_id,
    )
    if outcome is ContactOutcome.REACHED:
        if case.status == SupportCaseStatus.OFFERED:
            move_case(db, viewer, case, SupportCaseStatus.CONTACTED, reason="", at=at)
        finish_attendee_contacts(db, viewer, case.person_id, contacted_at, at=at)
    if promise.strip():
        _promise(db, viewer, case, promise, end_of_day(next_contact_on, zone), at=at)
    return contact


def check_contact(contacted_at: datetime, minutes: int | None, *, at: datetime) -> None:
    """Refuse a contact that is still to come, and minutes that no contact lasts."""
    if contacted_at > at + CLOCK_SLACK:
        raise RuleError(N_("A contact cannot have been later than now."), field="contacted_at")
    if minutes is not None and not 0 <= minutes <= MOST_MINUTES:
        raise RuleError(N_("Give the minutes of one contact."), field="minutes")


def finish_attendee_contacts(
    db: Session, viewer: Viewer, person_id: int, contacted_at: datetime, *, at: datetime
) -> None:
    """Take the worker's own contacts after call-ins held before this one off the list."""
    owed = db.scalars(
        select(Action.id)
        .join(CallIn, CallIn.id == Action.call_in_id)
        .where(
            Action.kind == ActionKind.ATTENDEE_CONTACT.value,
            Action.person_id == person_id,
            Action.owner_id == viewer.user_id,
            Action.status.in_(sorted(OPEN_ACTIONS)),
            CallIn.starts_at <= contacted_at,
        )
    ).all()
    for action_id in owed:
        finish_action(db, viewer, action_id, at=at)


def _promise(
    db: Session, viewer: Viewer, case: SupportCase, text: str, due_at: datetime, *, at: datetime
) -> None:
    add_action(
        db,
        viewer,
        text=text,
        due_at=due_at,
        owner_id=viewer.user_id,
        at=at,
        compartment=case.compartment,
        about=About(person_id=case.person_id),
    )


def save_draft(
    db: Session, viewer: Viewer, case_id: int, *, typed: Mapping[str, str], at: datetime
) -> None:
    """Keep what was typed so far, one draft for each worker and case; the latest wins."""
    case = open_case_of(db, viewer, case_id, "contact:write")
    if viewer.user_id is None:
        raise NotAllowedError(N_("Only somebody who is logged in keeps drafts."))
    kept = {name: typed[name][:10_000] for name in DRAFT_FIELDS if typed.get(name)}
    draft = db.execute(
        select(ContactDraft).where(
            ContactDraft.user_id == viewer.user_id, ContactDraft.support_case_id == case.id
        )
    ).scalar_one_or_none()
    if draft is None:
        draft = ContactDraft(
            user_id=viewer.user_id, support_case_id=case.id, fields="", saved_at=at
        )
        db.add(draft)
    draft.fields, draft.saved_at = json.dumps(kept), at
    log_change(db, viewer, "contact:drafted", at=at, support_case=case.id, person=case.person_id)


def discard_draft(db: Session, viewer: Viewer, case_id: int, *, at: datetime) -> None:
    """Throw the viewer's own draft away."""
    case = the(db, viewer, SupportCase, case_id, "contact:write", person="person_id")
    if not _forget_draft(db, viewer, case.id):
        raise RuleError(N_("There is no draft to discard."))
    log_change(
        db,
        viewer,
        "contact:draft_discarded",
        at=at,
        support_case=case.id,
        person=case.person_id,
    )


def _forget_draft(db: Session, viewer: Viewer, case_id: int) -> bool:
    gone = db.execute(
        delete(ContactDraft).where(
            ContactDraft.user_id == viewer.user_id, ContactDraft.support_case_id == case_id
        )
    )
    return bool(gone.rowcount)  # type: ignore[attr-defined]
