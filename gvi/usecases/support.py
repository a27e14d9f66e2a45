"""Support: offer help, open a case, carry it through its statuses, close and re-open it.

Nothing written here reaches a police role; what is about somebody under 18 lies in the child
compartment (design §7).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from gvi.domain.access import Role, Viewer, allows
from gvi.domain.errors import NotAllowedError, NotFoundError, RuleError
from gvi.domain.grading import Compartment
from gvi.domain.person import is_adult
from gvi.domain.support import (
    LONGEST_CONTACT_INTERVAL_DAYS,
    OPEN_NEEDS,
    ClosingReason,
    HeardThrough,
    NeedKind,
    NeedStatus,
    OfferResponse,
    SupportCaseStatus,
    next_statuses,
)
from gvi.domain.text import N_
from gvi.domain.time import end_of_day, local_day
from gvi.store.models import (
    ClientAssignment,
    ContactDraft,
    InboundCall,
    Need,
    Person,
    SupportCase,
    SupportOffer,
    User,
)
from gvi.usecases.changes import due_moved, reasoned, status_changed
from gvi.usecases.facts import log_change
from gvi.usecases.rights import require, the
from gvi.usecases.user import assign_client

NOUN = "support_case"
WORKERS = (Role.OUTREACH, Role.OUTREACH_LEAD)


def compartment_for(person: Person | None, on: date) -> str:
    """Give where a record about a person lies: apart, while the person is under 18."""
    if person is None or is_adult(person.birth_date, on):
        return Compartment.SOCIAL.value
    return Compartment.CHILD.value


def record_offer(
    db: Session,
    viewer: Viewer,
    person_id: int,
    *,
    what: str,
    offered_at: datetime,
    at: datetime,
    zone: ZoneInfo,
    response: OfferResponse | None = None,
) -> SupportOffer:
    """Record that help was offered to a person, and the answer where there is one."""
    require(viewer, "offer:write")
    person = the(db, viewer, Person, person_id, "person:read", person="id")
    if not what.strip():
        raise RuleError(N_("Say what was offered."), field="what")
    if offered_at > at:
        raise RuleError(N_("An offer cannot have been made later than now."), field="offered_at")
    offer = SupportOffer(
        programme_id=viewer.programme_id,
        person_id=person.id,
        compartment=compartment_for(person, local_day(at, zone)),
        what=what.strip(),
        offered_at=offered_at,
        offered_by_id=viewer.user_id,
        response=response.value if response else None,
        responded_at=at if response else None,
    )
    db.add(offer)
    db.flush()
    log_change(
        db, viewer, "offer:recorded", at=at, collected=True, offer=offer.id, person=person.id
    )
    return offer


def answer_offer(
    db: Session, viewer: Viewer, offer_id: int, *, response: OfferResponse, at: datetime
) -> SupportOffer:
    """Record what the person said to an offer; a later answer takes the place of an earlier one."""
    offer = the(db, viewer, SupportOffer, offer_id, "offer:write", person="person_id")
    if offer.response == response:
        return offer
    status_changed(
        db,
        viewer,
        "support_offer",
        offer.id,
        old=offer.response,
        new=response.value,
        at=at,
        field="response",
    )
    offer.response, offer.responded_at = response.value, at
    log_change(
        db,
        viewer,
        "offer:answered",
        at=at,
        fields=["response"],
        offer=offer.id,
        person=offer.person_id,
    )
    return offer


@dataclass(frozen=True, slots=True, kw_only=True)
class CasePlan:
    """Who works with the person, and how often."""

    owner_id: int | None
    interval_days: int
    next_contact_on: date


def open_case(
    db: Session,
    viewer: Viewer,
    person_id: int,
    plan: CasePlan,
    *,
    at: datetime,
    zone: ZoneInfo,
    heard_through: HeardThrough | None = None,
    needs: Iterable[NeedKind] = (),
    note: str = "",
    call_id: int | None = None,
    offer_id: int | None = None,
) -> SupportCase:
    """Open a case for a person, from a call, from an offer, or directly.

    The owner becomes the person's worker where that is not so yet. An offer it comes from is
    thereby accepted, and a call is linked to the person. Raises RuleError where the person has an
    open case already.
    """
    require(viewer, "support:write")
    person = the(db, viewer, Person, person_id, "person:read", person="id")
    today = local_day(at, zone)
    _check_no_open_case(db, viewer, person.id)
    _check_plan(plan, today)
    call = _linked_call(db, viewer, call_id, person, today)
    returned = call is not None and call.returned_at is not None
    case = SupportCase(
        programme_id=viewer.programme_id,
        person_id=person.id,
        compartment=compartment_for(person, today),
        owner_id=_own_worker(db, viewer, person.id, plan.owner_id, at=at),
        status=(SupportCaseStatus.CONTACTED if returned else SupportCaseStatus.OFFERED).value,
        heard_through=call.heard_through if call else heard_through,
        inbound_call_id=call.id if call else None,
        opened_at=at,
        contact_interval_days=plan.interval_days,
        next_contact_on=plan.next_contact_on,
        note=_note(viewer, note),
    )
    db.add(case)
    db.flush()
    for kind in dict.fromkeys(needs):
        db.add(Need(support_case_id=case.id, kind=kind.value, raised_on=today))
    if offer_id is not None:
        offer = the(db, viewer, SupportOffer, offer_id, "offer:write", person="person_id")
        if offer.person_id != person.id:
            raise NotFoundError(N_("That offer was made to somebody else."))
        answer_offer(db, viewer, offer.id, response=OfferResponse.ACCEPTED, at=at)
    status_changed(db, viewer, NOUN, case.id, old=None, new=case.status, at=at)
    log_change(
        db,
        viewer,
        "support_case:opened",
        at=at,
        collected=True,
        support_case=case.id,
        person=person.id,
    )
    return case


def _check_no_open_case(db: Session, viewer: Viewer, person_id: int) -> None:
    found = db.execute(
        select(SupportCase.id).where(
            SupportCase.programme_id == viewer.programme_id,
            SupportCase.person_id == person_id,
            SupportCase.status != SupportCaseStatus.CLOSED.value,
        )
    ).first()
    if found:
        raise RuleError(
            N_("This person has an open case already. Write in that one."), field="person"
        )


def _check_plan(plan: CasePlan, today: date) -> None:
    if not 1 <= plan.interval_days <= LONGEST_CONTACT_INTERVAL_DAYS:
        raise RuleError(
            N_("Give the days between contacts as a number from 1 to %(most)s."),
            field="interval_days",
            most=LONGEST_CONTACT_INTERVAL_DAYS,
        )
    check_next_contact(plan.next_contact_on, today)


def check_next_contact(day: date, today: date) -> None:
    """Refuse a next contact in the past, and one so far away that it is none."""
    if not today <= day <= today + timedelta(days=366):
        raise RuleError(
            N_("Choose a day for the next contact from today on, within a year."),
            field="next_contact_on",
        )


def _linked_call(
    db: Session, viewer: Viewer, call_id: int | None, person: Person, today: date
) -> InboundCall | None:
    if call_id is None:
        return None
    call = the(
        db, viewer, InboundCall, call_id, "inbound_call:write", person="person_id", owner="owner_id"
    )
    if call.person_id not in (None, person.id):
        raise RuleError(N_("That call is linked to somebody else."), field="person")
    call.person_id, call.compartment = person.id, compartment_for(person, today)
    return call


def _own_worker(
    db: Session, viewer: Viewer, person_id: int, owner_id: int | None, *, at: datetime
) -> int:
    """Check that somebody may own the person's case; makes the person their client if need be."""
    if viewer.role is Role.OUTREACH:
        owner_id = viewer.user_id
    if owner_id is None:
        raise RuleError(N_("Say who works with the person."), field="owner")
    owner = db.get(User, owner_id)
    if owner is None or owner.programme_id != viewer.programme_id or not owner.is_active:
        raise RuleError(N_("Choose somebody who works here."), field="owner")
    if owner.role not in WORKERS:
        raise RuleError(N_("Only outreach workers and leads own cases."), field="owner")
    held = db.execute(
        select(ClientAssignment.id).where(
            ClientAssignment.person_id == person_id,
            ClientAssignment.user_id == owner_id,
            ClientAssignment.ended_at.is_(None),
        )
    ).first()
    if held is None:
        assign_client(db, viewer, person_id, owner_id, at=at)
    return owner_id


def _note(viewer: Viewer, note: str) -> str:
    if note.strip() and not allows(viewer, "support_note:read"):
        raise NotAllowedError(N_("Only the worker and the lead write notes."))
    return note.strip()


def open_case_of(db: Session, viewer: Viewer, case_id: int, permission: str) -> SupportCase:
    """Load a case for changing; raises RuleError where it is closed."""
    case = the(db, viewer, SupportCase, case_id, permission, person="person_id")
    if case.status == SupportCaseStatus.CLOSED:
        raise RuleError(N_("The case is closed. Open it again first."))
    return case


def change_case_status(
    db: Session,
    viewer: Viewer,
    case_id: int,
    *,
    status: SupportCaseStatus,
    reason: str,
    at: datetime,
) -> SupportCase:
    """Move an open case to another status, with a reason."""
    said = reasoned(reason)
    case = open_case_of(db, viewer, case_id, "support:write")
    if status not in next_statuses(SupportCaseStatus(case.status)):
        raise RuleError(N_("Choose another status than the one it has."), field="status")
    move_case(db, viewer, case, status, reason=said, at=at)
    return case


def move_case(
    db: Session,
    viewer: Viewer,
    case: SupportCase,
    status: SupportCaseStatus,
    *,
    reason: str,
    at: datetime,
) -> None:
    """Write a change of status that has been decided on and checked."""
    status_changed(
        db, viewer, NOUN, case.id, old=case.status, new=status.value, at=at, reason=reason
    )
    case.status = status.value
    _log(db, viewer, f"support_case:{status.value}", case, at=at, fields=["status"])


def close_case(
    db: Session,
    viewer: Viewer,
    case_id: int,
    *,
    closing_reason: ClosingReason,
    reason: str,
    at: datetime,
) -> SupportCase:
    """Close a case with its reason; it can be opened again, since people try several times."""
    if closing_reason is ClosingReason.OTHER:
        reasoned(reason)
    case = open_case_of(db, viewer, case_id, "support:write")
    case.closed_at, case.closing_reason, case.next_contact_on = at, closing_reason.value, None
    move_case(db, viewer, case, SupportCaseStatus.CLOSED, reason=reason.strip(), at=at)
    db.execute(delete(ContactDraft).where(ContactDraft.support_case_id == case.id))
    return case


def reopen_case(
    db: Session,
    viewer: Viewer,
    case_id: int,
    *,
    reason: str,
    next_contact_on: date,
    at: datetime,
    zone: ZoneInfo,
) -> SupportCase:
    """Open a closed case again: it returns to `contacted`, with a day for the next contact."""
    said = reasoned(reason)
    case = the(db, viewer, SupportCase, case_id, "support:write", person="person_id")
    if case.status != SupportCaseStatus.CLOSED:
        raise RuleError(N_("The case is open."))
    _check_no_open_case(db, viewer, case.person_id)
    check_next_contact(next_contact_on, local_day(at, zone))
    case.closed_at, case.closing_reason = None, None
    case.next_contact_on = next_contact_on
    move_case(db, viewer, case, SupportCaseStatus.CONTACTED, reason=said, at=at)
    return case


def replan_case(
    db: Session,
    viewer: Viewer,
    case_id: int,
    plan: CasePlan,
    *,
    reason: str,
    at: datetime,
    zone: ZoneInfo,
) -> SupportCase:
    """Change who owns a case, how often to meet, or when next; a moved day keeps its reason."""
    case = open_case_of(db, viewer, case_id, "support:write")
    if plan.next_contact_on != case.next_contact_on:
        _move_next_contact(db, viewer, case, plan.next_contact_on, reason=reason, at=at, zone=zone)
    _check_plan(plan, local_day(at, zone))
    if plan.owner_id != case.owner_id:
        _hand_over(db, viewer, case, plan.owner_id, reason=reason, at=at)
    case.contact_interval_days = plan.interval_days
    fields = ["owner", "contact_interval_days", "next_contact_on"]
    _log(db, viewer, "support_case:replanned", case, at=at, fields=fields)
    return case


def _move_next_contact(
    db: Session,
    viewer: Viewer,
    case: SupportCase,
    day: date,
    *,
    reason: str,
    at: datetime,
    zone: ZoneInfo,
) -> None:
    check_next_contact(day, local_day(at, zone))
    old = case.next_contact_on
    due_moved(
        db,
        viewer,
        NOUN,
        case.id,
        old=None if old is None else end_of_day(old, zone),
        new=end_of_day(day, zone),
        at=at,
        reason=reasoned(reason),
    )
    case.next_contact_on = day


def _hand_over(
    db: Session,
    viewer: Viewer,
    case: SupportCase,
    owner_id: int | None,
    *,
    reason: str,
    at: datetime,
) -> None:
    """Give a case to another worker; only those who assign clients may do that."""
    require(viewer, "client:assign")
    said = reasoned(reason)
    new = _own_worker(db, viewer, case.person_id, owner_id, at=at)
    old = None if case.owner_id is None else str(case.owner_id)
    status_changed(
        db, viewer, NOUN, case.id, old=old, new=str(new), at=at, reason=said, field="owner"
    )
    case.owner_id = new


def write_case_note(
    db: Session, viewer: Viewer, case_id: int, *, note: str, at: datetime
) -> SupportCase:
    """Change the case's note, which only its worker and lead read."""
    case = the(db, viewer, SupportCase, case_id, "support:write", person="person_id")
    require(viewer, "support_note:read")
    case.note = note.strip()
    _log(db, viewer, "support_case:noted", case, at=at, fields=["note"])
    return case


def add_need(
    db: Session,
    viewer: Viewer,
    case_id: int,
    *,
    kind: NeedKind,
    at: datetime,
    zone: ZoneInfo,
    note: str = "",
) -> Need:
    """Note something the person needs help with; its days are counted from now."""
    case = open_case_of(db, viewer, case_id, "support:write")
    held = db.execute(
        select(Need.id).where(
            Need.support_case_id == case.id,
            Need.kind == kind.value,
            Need.status.in_(sorted(OPEN_NEEDS)),
        )
    ).first()
    if held:
        raise RuleError(N_("That need is open already."), field="kind")
    need = Need(
        support_case_id=case.id,
        kind=kind.value,
        raised_on=local_day(at, zone),
        note=_note(viewer, note),
    )
    db.add(need)
    db.flush()
    _log(db, viewer, "need:added", case, at=at, need=need.id)
    return need


def change_need(
    db: Session, viewer: Viewer, need_id: int, *, status: NeedStatus, at: datetime
) -> SupportCase:
    """Say where a need stands now; gives its case."""
    need = db.get(Need, need_id)
    if need is None:
        raise NotFoundError(N_("There is no such need, or it is not for you."))
    case = open_case_of(db, viewer, need.support_case_id, "support:write")
    if need.status != status:
        status_changed(
            db, viewer, "need", need.id, old=need.status, new=status.value, at=at, reason=""
        )
        need.status = status.value
        _log(db, viewer, "need:changed", case, at=at, fields=["status"], need=need.id)
    return case


def _log(
    db: Session,
    viewer: Viewer,
    kind: str,
    case: SupportCase,
    *,
    at: datetime,
    fields: list[str] | None = None,
    need: int | None = None,
) -> None:
    log_change(
        db,
        viewer,
        kind,
        at=at,
        fields=fields,
        support_case=case.id,
        person=case.person_id,
        need=need,
    )
