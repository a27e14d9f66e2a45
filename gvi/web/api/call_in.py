"""Call-ins as JSON; invitees by name only for those who may know them."""

from datetime import datetime
from typing import Annotated

from fastapi import Response
from pydantic import BaseModel, Field
from sqlalchemy.orm import Session

from gvi.domain.call_in import CallInStatus, InviteeStatus
from gvi.store.queries.call_in import CallInRow, call_in_card, call_ins
from gvi.store.queries.invitee import InviteeRow, invitees
from gvi.web.api.ids import Id
from gvi.web.api.paging import Cursor, Limit, Page, page_of
from gvi.web.api.problems import MISSING, TAGGED
from gvi.web.api.routing import reads
from gvi.web.api.version import tagged
from gvi.web.visit import ReadDb, Visit, may

router = reads("call-ins")


class CallInItem(BaseModel):
    """One call-in with its counts."""

    id: int
    name: str
    status: CallInStatus
    starts_at: datetime | None
    venue: str
    seats: int
    invited: Annotated[int, Field(description="Everybody who takes a seat.")]
    said_yes: int
    came: Annotated[int, Field(description="Attended or left early.")]
    no_show: int
    groups: Annotated[list[str], Field(description="Empty for roles that do not see all groups.")]


class SessionItem(BaseModel):
    """When and where one session is held."""

    number: int
    starts_at: datetime | None
    ends_at: datetime | None
    venue: str


class InviteeItem(BaseModel):
    """One invitee the asker may see."""

    id: int
    person_id: int
    name: str
    code_name: str
    group_id: int | None
    status: InviteeStatus
    is_obliged: Annotated[bool | None, Field(description="Null without the right to know.")]
    session: Annotated[int, Field(description="In which session the person sits, from 1.")]


class CallInWhole(CallInItem):
    """One call-in with its invitees, as far as the asker may see them."""

    purpose: str
    sessions: Annotated[int, Field(description="Sessions that share the seats evenly.")]
    session_times: Annotated[list[SessionItem], Field(description="The first as the call-in.")]
    group_ids: Annotated[list[int], Field(description="Empty where `groups` is.")]
    approved_at: datetime | None
    approved_by: str
    invitees: list[InviteeItem]


@router.get("/call-ins")
def all_call_ins(
    visit: Annotated[Visit, may("call_in:list")],
    db: ReadDb,
    *,
    status: CallInStatus | None = None,
    limit: Limit = 100,
    cursor: Cursor,
) -> Page[CallInItem]:
    """List call-ins by id."""
    rows = sorted(call_ins(db, visit.viewer), key=lambda row: row.id)
    wanted = [row for row in rows if row.id > cursor and status in (None, row.status)][:limit]
    ids = [row.id for row in wanted]
    visit.shows("call_in", ids)
    return page_of([CallInItem.model_validate(_counted(row)) for row in wanted], ids, limit)


def _counted(row: CallInRow) -> dict[str, object]:
    return {
        "id": row.id,
        "name": row.name,
        "status": row.status,
        "starts_at": row.starts_at,
        "venue": row.venue,
        "seats": row.seats,
        "invited": row.numbers.invited,
        "said_yes": row.numbers.said_yes,
        "came": row.numbers.came,
        "no_show": row.numbers.no_show,
        "groups": list(row.groups),
    }


@router.get("/call-ins/{call_in_id}", responses=MISSING | TAGGED)
def one_call_in(
    visit: Annotated[Visit, may("call_in:read")], call_in_id: Id, db: ReadDb, response: Response
) -> CallInWhole:
    """Give one call-in and its invitees."""
    return tagged(response, shown_call_in(db, visit, call_in_id))


def shown_call_in(db: Session, visit: Visit, call_in_id: int) -> CallInWhole:
    """Give a call-in as the visitor sees it."""
    card = call_in_card(db, visit.viewer, call_in_id)
    rows = invitees(db, visit.viewer, card, at=visit.now, zone=visit.zone)
    visit.shows("call_in", [card.id])
    visit.shows("person", [row.person_id for row in rows])
    return CallInWhole(
        id=card.id,
        name=card.name,
        status=card.status,
        starts_at=card.starts_at,
        venue=card.venue,
        seats=card.seats,
        invited=card.numbers.invited,
        said_yes=card.numbers.said_yes,
        came=card.numbers.came,
        no_show=card.numbers.no_show,
        groups=[name for _, name in card.groups],
        purpose=card.purpose,
        sessions=len(card.sessions),
        session_times=[
            SessionItem.model_validate(each, from_attributes=True) for each in card.sessions
        ],
        group_ids=[group_id for group_id, _ in card.groups],
        approved_at=card.approved_at,
        approved_by=card.approved_by,
        invitees=[_invitee(row) for row in rows],
    )


def _invitee(row: InviteeRow) -> InviteeItem:
    return InviteeItem.model_validate(row, from_attributes=True)
