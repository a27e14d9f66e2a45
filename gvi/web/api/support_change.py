"""Support cases opened, planned anew, closed and re-opened over the API, and contacts logged."""

from functools import partial
from typing import Annotated

from pydantic import Field

from gvi.domain.support import (
    LONGEST_CONTACT_INTERVAL_DAYS,
    ClosingReason,
    ContactMode,
    ContactOutcome,
    HeardThrough,
    NeedKind,
    SupportCaseStatus,
)
from gvi.store.models import SupportCase
from gvi.usecases.contact import MOST_MINUTES, log_contact
from gvi.usecases.support import (
    CasePlan,
    add_need,
    change_case_status,
    close_case,
    open_case,
    reopen_case,
    replan_case,
    write_case_note,
)
from gvi.web.api.bodies import KEPT, Body, Day, Long, Moment, Reasoned, Text, over
from gvi.web.api.ids import Id, PersonId
from gvi.web.api.making import Once
from gvi.web.api.problems import GUARDED, MADE, TAGGED
from gvi.web.api.routing import writes
from gvi.web.api.support import CaseInFull, ContactSummary, shown_case, shown_contact
from gvi.web.api.version import Guarded
from gvi.web.visit import Db, Visit, may

router = writes("support")

Writer = Annotated[Visit, may("support:write")]
Interval = Annotated[int, Field(ge=1, le=LONGEST_CONTACT_INTERVAL_DAYS)]
ANSWERS = GUARDED | TAGGED
PLAN = ("owner_id", "interval_days", "next_contact_on")


class NewCase(Body):
    """A case to open for a person."""

    person_id: PersonId
    owner_id: Annotated[
        Id | None, Field(description="Who works with the person; oneself for outreach.")
    ] = None
    interval_days: Interval
    next_contact_on: Day
    heard_through: HeardThrough | None = None
    needs: Annotated[list[NeedKind], Field(max_length=20)] = Field([])
    note: Long = ""
    call_id: Id | None = None
    offer_id: Id | None = None


class CaseChange(Body):
    """What is to be changed of a case; a moved day and another owner need the reason."""

    owner_id: Id = KEPT
    interval_days: Interval = KEPT
    next_contact_on: Day = KEPT
    note: Long = KEPT
    reason: Text = ""


class CaseStatusChange(Reasoned):
    """Another status of an open case."""

    status: SupportCaseStatus


class Closing(Body):
    """Why a case is closed; `other` is explained in words."""

    closing_reason: ClosingReason
    reason: Text = ""


class Reopening(Reasoned):
    """A closed case opened again."""

    next_contact_on: Day


class NewNeed(Body):
    """Something the person needs help with."""

    kind: NeedKind
    note: Long = ""


class NewContact(Body):
    """A contact, or an attempt at one, and when the next is."""

    case_id: Id
    mode: ContactMode
    outcome: ContactOutcome
    next_contact_on: Day
    contacted_at: Annotated[Moment | None, Field(description="Now, where left out.")] = None
    minutes: Annotated[int | None, Field(ge=0, le=MOST_MINUTES)] = None
    note: Long = ""
    promise: Annotated[
        Text, Field(description="Becomes the worker's own action, due by the next contact.")
    ] = ""


@router.post("/support-cases", status_code=201, responses=MADE)
def open_one(visit: Writer, body: NewCase, once: Once, db: Db) -> CaseInFull:
    """Open a case for a person."""

    def act() -> int:
        return open_case(
            db,
            visit.viewer,
            body.person_id,
            CasePlan(**{name: getattr(body, name) for name in PLAN}),
            heard_through=body.heard_through,
            needs=body.needs,
            note=body.note,
            call_id=body.call_id,
            offer_id=body.offer_id,
            at=visit.now,
            zone=visit.zone,
        ).id

    return once.of(db, visit, body, act, partial(shown_case, db, visit))


@router.patch("/support-cases/{case_id}", responses=ANSWERS)
def replan(visit: Writer, case_id: Id, body: CaseChange, change: Guarded, db: Db) -> CaseInFull:
    """Change who works with the person, how often and when next, or the case's note."""

    def act(was: CaseInFull) -> None:
        sent = body.model_fields_set
        if sent & set(PLAN):
            values = over(was, body)
            replan_case(
                db,
                visit.viewer,
                case_id,
                CasePlan(**{name: values[name] for name in PLAN}),
                reason=body.reason,
                at=visit.now,
                zone=visit.zone,
            )
        if "note" in sent:
            write_case_note(db, visit.viewer, case_id, note=body.note, at=visit.now)

    return change.of(db, SupportCase, case_id, partial(shown_case, db, visit, case_id), act)


@router.post("/support-cases/{case_id}/status", responses=ANSWERS)
def change_status(
    visit: Writer, case_id: Id, body: CaseStatusChange, change: Guarded, db: Db
) -> CaseInFull:
    """Move an open case to another status."""

    def act(_was: CaseInFull) -> None:
        change_case_status(
            db, visit.viewer, case_id, status=body.status, reason=body.reason, at=visit.now
        )

    return change.of(db, SupportCase, case_id, partial(shown_case, db, visit, case_id), act)


@router.post("/support-cases/{case_id}/close", responses=ANSWERS)
def close(visit: Writer, case_id: Id, body: Closing, change: Guarded, db: Db) -> CaseInFull:
    """Close a case; it can be opened again."""

    def act(_was: CaseInFull) -> None:
        close_case(
            db,
            visit.viewer,
            case_id,
            closing_reason=body.closing_reason,
            reason=body.reason,
            at=visit.now,
        )

    return change.of(db, SupportCase, case_id, partial(shown_case, db, visit, case_id), act)


@router.post("/support-cases/{case_id}/reopen", responses=ANSWERS)
def reopen(visit: Writer, case_id: Id, body: Reopening, change: Guarded, db: Db) -> CaseInFull:
    """Open a closed case again."""

    def act(_was: CaseInFull) -> None:
        reopen_case(
            db,
            visit.viewer,
            case_id,
            reason=body.reason,
            next_contact_on=body.next_contact_on,
            at=visit.now,
            zone=visit.zone,
        )

    return change.of(db, SupportCase, case_id, partial(shown_case, db, visit, case_id), act)


@router.post("/support-cases/{case_id}/needs", responses=ANSWERS)
def note_need(visit: Writer, case_id: Id, body: NewNeed, change: Guarded, db: Db) -> CaseInFull:
    """Note something the person needs help with."""

    def act(_was: CaseInFull) -> None:
        add_need(
            db,
            visit.viewer,
            case_id,
            kind=body.kind,
            note=body.note,
            at=visit.now,
            zone=visit.zone,
        )

    return change.of(db, SupportCase, case_id, partial(shown_case, db, visit, case_id), act)


@router.post("/contacts", status_code=201, responses=MADE)
def log(
    visit: Annotated[Visit, may("contact:write")], body: NewContact, once: Once, db: Db
) -> ContactSummary:
    """Log a contact, or an attempt at one."""

    def act() -> int:
        return log_contact(
            db,
            visit.viewer,
            body.case_id,
            mode=body.mode,
            outcome=body.outcome,
            next_contact_on=body.next_contact_on,
            contacted_at=body.contacted_at or visit.now,
            minutes=body.minutes,
            note=body.note,
            promise=body.promise,
            at=visit.now,
            zone=visit.zone,
        ).id

    return once.of(db, visit, body, act, partial(shown_contact, db, visit))
