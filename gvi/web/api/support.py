"""Support cases and contacts as JSON; police, analyst and probation get none of them."""

from datetime import date, datetime
from typing import Annotated

from fastapi import Query, Response
from pydantic import BaseModel, Field
from sqlalchemy.orm import Session

from gvi.domain.errors import NotFoundError
from gvi.domain.support import (
    ClosingReason,
    ContactMode,
    ContactOutcome,
    HeardThrough,
    NeedKind,
    NeedStatus,
    SupportCaseStatus,
)
from gvi.domain.text import N_
from gvi.store.queries.contact import contacts
from gvi.store.queries.support import CaseCard, case_card, list_cases
from gvi.web.api.ids import Id
from gvi.web.api.paging import Cursor, Limit, Page, page_of
from gvi.web.api.problems import MISSING, TAGGED
from gvi.web.api.routing import reads
from gvi.web.api.version import tagged
from gvi.web.visit import ReadDb, Visit, may

router = reads("support")

Note = Annotated[
    str | None, Field(description="Null for roles that may see the case but not its notes.")
]


class CaseSummary(BaseModel):
    """A row of the list."""

    id: int
    person_id: int
    name: str
    code_name: str
    status: SupportCaseStatus
    owner_id: int | None
    owner: str
    opened_on: date
    interval_days: int
    next_contact_on: date | None
    last_heard_at: datetime | None
    open_needs: list[NeedKind]
    is_late: bool


class CaseNeed(BaseModel):
    """Something the person needs help with."""

    id: int
    kind: NeedKind
    status: NeedStatus
    raised_on: date
    days_open: int | None
    note: Note


class CaseInFull(BaseModel):
    """One case."""

    id: int
    person_id: int
    name: str
    code_name: str
    status: SupportCaseStatus
    owner_id: int | None
    owner: str
    heard_through: HeardThrough | None
    opened_at: datetime
    interval_days: int
    next_contact_on: date | None
    last_heard_at: datetime | None
    closed_at: datetime | None
    closing_reason: ClosingReason | None
    note: Note
    needs: list[CaseNeed]


class ContactSummary(BaseModel):
    """One contact or attempt at one."""

    id: int
    case_id: int
    person_id: int
    contacted_at: datetime
    mode: ContactMode
    outcome: ContactOutcome
    minutes: int | None
    next_contact_on: date | None
    recorded_by: str
    note: Note


@router.get("/support-cases")
def cases(
    visit: Annotated[Visit, may("support:list")],
    db: ReadDb,
    *,
    status: SupportCaseStatus | None = None,
    person_id: Annotated[Id | None, Query(alias="person")] = None,
    owner_id: Annotated[Id | None, Query(alias="owner")] = None,
    late: bool | None = None,
    limit: Limit = 100,
    cursor: Cursor,
) -> Page[CaseSummary]:
    """List cases by id."""
    rows = [
        row
        for row in list_cases(db, visit.viewer, visit.now, visit.zone, person_id=person_id)
        if row.id > cursor
        and status in (None, row.status)
        and owner_id in (None, row.owner_id)
        and late in (None, row.is_late)
    ]
    page = sorted(rows, key=lambda row: row.id)[:limit]
    ids = [row.id for row in page]
    visit.shows("support_case", ids)
    visit.shows("person", [row.person_id for row in page])
    items = [CaseSummary.model_validate(row, from_attributes=True) for row in page]
    return page_of(items, ids, limit)


@router.get("/support-cases/{case_id}", responses=MISSING | TAGGED)
def case(
    visit: Annotated[Visit, may("support:read")], case_id: Id, db: ReadDb, response: Response
) -> CaseInFull:
    """Give one case with its needs."""
    return tagged(response, shown_case(db, visit, case_id))


def shown_case(db: Session, visit: Visit, case_id: int) -> CaseInFull:
    """Give a case as the visitor sees it."""
    card: CaseCard = case_card(db, visit.viewer, case_id, visit.now, visit.zone)
    visit.shows("support_case", [card.id])
    visit.shows("person", [card.person_id])
    return CaseInFull.model_validate(card, from_attributes=True)


@router.get("/contacts")
def all_contacts(
    visit: Annotated[Visit, may("support:read")],
    db: ReadDb,
    *,
    case_id: Annotated[Id | None, Query(alias="case")] = None,
    limit: Limit = 100,
    cursor: Cursor,
) -> Page[ContactSummary]:
    """List contacts by id, of one case where asked."""
    rows = contacts(
        db, visit.viewer, case_id=case_id, after=cursor, limit=limit, newest_first=False
    )
    visit.shows("support_case", [row.case_id for row in rows])
    visit.shows("person", [row.person_id for row in rows])
    items = [ContactSummary.model_validate(row, from_attributes=True) for row in rows]
    return page_of(items, [row.id for row in rows], limit)


@router.get("/contacts/{contact_id}", responses=MISSING | TAGGED)
def one_contact(
    visit: Annotated[Visit, may("support:read")], contact_id: Id, db: ReadDb, response: Response
) -> ContactSummary:
    """Give one contact."""
    return tagged(response, shown_contact(db, visit, contact_id))


def shown_contact(db: Session, visit: Visit, contact_id: int) -> ContactSummary:
    """Give a contact as the visitor sees it."""
    rows = contacts(db, visit.viewer, after=contact_id - 1, limit=1, newest_first=False)
    if not rows or rows[0].id != contact_id:
        raise NotFoundError(N_("There is no such record, or it is not for you."))
    visit.shows("support_case", [rows[0].case_id])
    visit.shows("person", [rows[0].person_id])
    return ContactSummary.model_validate(rows[0], from_attributes=True)
