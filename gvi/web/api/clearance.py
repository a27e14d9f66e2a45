"""Secrecy and safety of a call-in's invitees as JSON: how each stands, and judging one."""

from datetime import datetime
from functools import partial
from typing import Annotated

from fastapi import Response
from pydantic import BaseModel, Field
from sqlalchemy.orm import Session

from gvi.domain.call_in import InviteeStatus
from gvi.domain.clearance import ClearanceKind, LookAgain
from gvi.domain.errors import NotFoundError
from gvi.domain.text import N_
from gvi.store.models import CallIn
from gvi.store.queries.call_in import CallInCard, call_in_card
from gvi.store.queries.clearance import NOT_JUDGED, Cleared, clearances
from gvi.store.queries.invitee import InviteeRow, invitees
from gvi.usecases.clearance import judge_invitee
from gvi.web.api.bodies import Reasoned
from gvi.web.api.ids import Id
from gvi.web.api.problems import GUARDED, MISSING, TAGGED
from gvi.web.api.routing import reads, writes
from gvi.web.api.version import Guarded, tagged
from gvi.web.visit import Db, ReadDb, Visit, may

router = reads("call-ins")
changes = writes("call-ins")

Reader = Annotated[Visit, may("clearance:read")]


class JudgementItem(BaseModel):
    """One judgement of an invitee."""

    kind: ClearanceKind
    is_cleared: bool
    reason: Annotated[str, Field(description="Blank for whoever does not judge that kind.")]
    judged_at: datetime
    judged_by: str
    counts: Annotated[bool, Field(description="Whether no other took its place since.")]


class InviteeClearance(BaseModel):
    """How one invitee stands."""

    invitee_id: int
    person_id: int
    status: InviteeStatus
    session: Annotated[int, Field(description="A judgement is for this session, as it was read.")]
    starts_at: Annotated[datetime | None, Field(description="When that session begins.")]
    missing: Annotated[list[ClearanceKind], Field(description="Not judged, or with a no.")]
    look_again: Annotated[list[LookAgain], Field(description="For those who judge safety.")]
    judgements: list[JudgementItem]


class Clearances(BaseModel):
    """How all invitees of a call-in stand, as far as the asker may see them."""

    items: list[InviteeClearance]


class Judged(Reasoned):
    """A judgement of secrecy or safety."""

    is_cleared: bool


@router.get("/call-ins/{call_in_id}/clearances", responses=MISSING)
def all_clearances(visit: Reader, call_in_id: Id, db: ReadDb) -> Clearances:
    """List how the invitees of a call-in are cleared."""
    return Clearances(items=_items(visit, db, call_in_id))


@router.get("/call-ins/{call_in_id}/invitees/{invitee_id}/clearance", responses=MISSING | TAGGED)
def one_clearance(
    visit: Reader, call_in_id: Id, invitee_id: Id, db: ReadDb, response: Response
) -> InviteeClearance:
    """Give how one invitee is cleared."""
    return tagged(response, _shown(db, visit, call_in_id, invitee_id))


@changes.post(
    "/call-ins/{call_in_id}/invitees/{invitee_id}/clearance/secrecy", responses=GUARDED | TAGGED
)
def judge_secrecy(
    visit: Annotated[Visit, may("clearance_secrecy:write")],
    call_in_id: Id,
    invitee_id: Id,
    *,
    body: Judged,
    change: Guarded,
    db: Db,
) -> InviteeClearance:
    """Judge whether it may be known that somebody is invited."""
    return _judge((visit, db, change), call_in_id, invitee_id, ClearanceKind.SECRECY, body)


@changes.post(
    "/call-ins/{call_in_id}/invitees/{invitee_id}/clearance/safety", responses=GUARDED | TAGGED
)
def judge_safety(
    visit: Annotated[Visit, may("clearance_safety:write")],
    call_in_id: Id,
    invitee_id: Id,
    *,
    body: Judged,
    change: Guarded,
    db: Db,
) -> InviteeClearance:
    """Judge whether there is a threat in the room."""
    return _judge((visit, db, change), call_in_id, invitee_id, ClearanceKind.SAFETY, body)


def _judge(
    asked: tuple[Visit, Session, Guarded],
    call_in_id: int,
    invitee_id: int,
    kind: ClearanceKind,
    body: Judged,
) -> InviteeClearance:
    visit, db, change = asked

    def act(_was: InviteeClearance) -> None:
        judge_invitee(
            db,
            visit.viewer,
            invitee_id,
            kind,
            is_cleared=body.is_cleared,
            reason=body.reason,
            at=visit.now,
            zone=visit.zone,
        )

    read = partial(_shown, db, visit, call_in_id, invitee_id)
    return change.of(db, CallIn, call_in_id, read, act)


def _shown(db: Session, visit: Visit, call_in_id: int, invitee_id: int) -> InviteeClearance:
    found = (each for each in _items(visit, db, call_in_id) if each.invitee_id == invitee_id)
    item = next(found, None)
    if item is None:
        raise NotFoundError(N_("There is no such invitee, or they are not for you."))
    return item


def _items(visit: Visit, db: Session, call_in_id: int) -> list[InviteeClearance]:
    card = call_in_card(db, visit.viewer, call_in_id)
    rows = invitees(db, visit.viewer, card, at=visit.now, zone=visit.zone)
    stand = clearances(db, visit.viewer, rows, at=visit.now, zone=visit.zone)
    visit.shows("call_in", [card.id])
    visit.shows("person", [row.person_id for row in rows])
    return [_item(card, row, stand.get(row.id, NOT_JUDGED)) for row in rows]


def _item(card: CallInCard, row: InviteeRow, stands: Cleared) -> InviteeClearance:
    return InviteeClearance(
        invitee_id=row.id,
        person_id=row.person_id,
        status=row.status,
        session=row.session,
        starts_at=card.session(row.session).starts_at,
        missing=list(stands.missing),
        look_again=list(stands.look_again),
        judgements=[
            JudgementItem.model_validate(each, from_attributes=True) for each in stands.judgements
        ],
    )
