"""The door of a call-in as JSON: whom it expects, and one tick at a time."""

from datetime import datetime
from functools import partial
from typing import Annotated

from fastapi import Response
from pydantic import BaseModel, Field
from sqlalchemy.orm import Session

from gvi.domain.call_in import InviteeStatus
from gvi.domain.errors import NotFoundError
from gvi.store.models import CallIn
from gvi.store.queries.call_in import call_in_card
from gvi.store.queries.door import DoorRow, door_list
from gvi.usecases.attendance import CORRECTION, NO_SUCH, tick_at_door
from gvi.web.api.bodies import Body
from gvi.web.api.ids import Id, PersonId
from gvi.web.api.problems import GUARDED, MISSING, TAGGED
from gvi.web.api.routing import reads, writes
from gvi.web.api.version import Guarded, tagged
from gvi.web.visit import Db, ReadDb, Visit, may

router = reads("call-ins")
changes = writes("call-ins")

Keeper = Annotated[Visit, may("attendance:write")]
Outcome = Annotated[
    InviteeStatus | None, Field(description="Null while nobody has ticked anything.")
]


class DoorItem(BaseModel):
    """One person whom those at the door expect."""

    person_id: int
    name: str
    session: int
    outcome: Outcome
    ticked_at: datetime | None
    ticked_by: str


class Door(BaseModel):
    """Whom the door expects, as far as the asker may tick them."""

    items: list[DoorItem]
    kept_out: Annotated[int, Field(description="How many are not to be let in; never who.")]


class Tick(Body):
    """What became of somebody; null takes the tick back."""

    outcome: InviteeStatus | None


@router.get("/call-ins/{call_in_id}/door", responses=MISSING)
def the_door(visit: Keeper, call_in_id: Id, db: ReadDb) -> Door:
    """List whom the door expects and who has come."""
    return _door(visit, db, call_in_id)


@router.get("/call-ins/{call_in_id}/door/{person_id}", responses=MISSING | TAGGED)
def one_at_the_door(
    visit: Keeper, call_in_id: Id, person_id: PersonId, db: ReadDb, response: Response
) -> DoorItem:
    """Give what is ticked of one person."""
    return tagged(response, _shown(db, visit, call_in_id, person_id))


@changes.post("/call-ins/{call_in_id}/door/{person_id}/tick", responses=GUARDED | TAGGED)
def tick(
    visit: Keeper, call_in_id: Id, person_id: PersonId, *, body: Tick, change: Guarded, db: Db
) -> DoorItem:
    """Tick one person, or take that back, with all that follows."""

    def act(_was: DoorItem) -> None:
        tick_at_door(
            db,
            visit.viewer,
            call_in_id,
            person_id,
            to=body.outcome,
            at=visit.now,
            zone=visit.zone,
            correction=visit.say(CORRECTION),
        )

    read = partial(_shown, db, visit, call_in_id, person_id)
    return change.of(db, CallIn, call_in_id, read, act)


def _shown(db: Session, visit: Visit, call_in_id: int, person_id: int) -> DoorItem:
    items = _door(visit, db, call_in_id).items
    found = next((item for item in items if item.person_id == person_id), None)
    if found is None:
        raise NotFoundError(NO_SUCH)
    return found


def _door(visit: Visit, db: Session, call_in_id: int) -> Door:
    card = call_in_card(db, visit.viewer, call_in_id)
    door = door_list(db, visit.viewer, card, at=visit.now, zone=visit.zone)
    visit.shows("call_in", [card.id])
    visit.shows("person", [row.person_id for row in door.rows])
    return Door(items=[_item(row) for row in door.rows], kept_out=door.kept_out.total())


def _item(row: DoorRow) -> DoorItem:
    return DoorItem(
        person_id=row.person_id,
        name=row.name,
        session=row.session,
        outcome=row.outcome,
        ticked_at=row.at,
        ticked_by=row.by,
    )
