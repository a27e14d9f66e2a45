"""The running order of a call-in as JSON: put together, rehearsed, and who spoke forgotten."""

from datetime import datetime
from functools import partial
from typing import Annotated, Literal

from fastapi import Response
from pydantic import BaseModel, Field
from sqlalchemy.orm import Session

from gvi.domain.errors import NotFoundError
from gvi.domain.message import MessagePart
from gvi.domain.speaker import MOST_MINUTES, SpeakerKind
from gvi.domain.text import N_
from gvi.store.models import CallIn
from gvi.store.queries.call_in import call_in_card
from gvi.store.queries.hold import hold
from gvi.store.queries.speaker import speakers
from gvi.usecases.speaker import (
    Point,
    add_speaker,
    change_speaker,
    forget_speaker,
    move_speaker,
    remove_speaker,
    tick_rehearsed,
)
from gvi.web.api.bodies import KEPT, Body, Short, over
from gvi.web.api.ids import Id
from gvi.web.api.making import Once
from gvi.web.api.problems import GUARDED, MADE, MISSING, TAGGED
from gvi.web.api.routing import reads, writes
from gvi.web.api.version import Guarded, tagged
from gvi.web.visit import Db, ReadDb, Visit, may

router = reads("call-ins")
changes = writes("call-ins")

Reader = Annotated[Visit, may("speaker:read")]
Writer = Annotated[Visit, may("speaker:write")]
Minutes = Annotated[int, Field(ge=1, le=MOST_MINUTES)]
Parts = Annotated[list[MessagePart], Field(max_length=20)]
Care = Annotated[str, Field(max_length=500, pattern=r"^[^\x00]*$")]
STEPS = {"earlier": -1, "later": 1}
POINT = ("kind", "role", "minutes", "name", "parts", "before", "after")
ANSWERS = GUARDED | TAGGED


class SpeakerItem(BaseModel):
    """One point of a running order; name and care are blank for who may not know them."""

    id: int
    position: int
    kind: SpeakerKind
    role: str
    name: str
    parts: list[MessagePart]
    minutes: int
    before: str
    after: str
    is_erased: bool
    rehearsed_at: datetime | None
    starts_at: Annotated[datetime | None, Field(description="Null while there is no time.")]
    ends_at: datetime | None


class RunningOrder(BaseModel):
    """The points of a call-in, in their order."""

    items: list[SpeakerItem]


class NewSpeaker(Body):
    """A point at the end of the running order; who speaks need not be found yet."""

    kind: SpeakerKind
    role: Short
    minutes: Minutes
    name: Short = ""
    parts: Parts = Field([])
    before: Care = ""
    after: Care = ""


class SpeakerChange(Body):
    """What is to be corrected in a point."""

    kind: SpeakerKind = KEPT
    role: Short = KEPT
    minutes: Minutes = KEPT
    name: Short = KEPT
    parts: Parts = KEPT
    before: Care = KEPT
    after: Care = KEPT


class SpeakerMove(Body):
    """Which neighbour a point changes places with."""

    to: Literal["earlier", "later"]


class Rehearsed(Body):
    """Whether somebody was through the dress rehearsal."""

    is_rehearsed: bool


@router.get("/call-ins/{call_in_id}/speakers", responses=MISSING)
def all_speakers(visit: Reader, call_in_id: Id, db: ReadDb) -> RunningOrder:
    """List who speaks at a call-in, in order."""
    return RunningOrder(items=_items(visit, db, call_in_id))


@router.get("/call-ins/{call_in_id}/speakers/{speaker_id}", responses=MISSING | TAGGED)
def one_speaker(
    visit: Reader, call_in_id: Id, speaker_id: Id, db: ReadDb, response: Response
) -> SpeakerItem:
    """Give one point of the running order."""
    return tagged(response, _shown(db, visit, call_in_id, speaker_id))


@changes.post("/call-ins/{call_in_id}/speakers", status_code=201, responses=MADE)
def add(visit: Writer, call_in_id: Id, body: NewSpeaker, once: Once, db: Db) -> SpeakerItem:
    """Add a point at the end of the running order."""

    def act() -> int:
        hold(db, CallIn, call_in_id)
        point = Point(**{name: getattr(body, name) for name in POINT})
        return add_speaker(db, visit.viewer, call_in_id, point, at=visit.now).id

    return once.of(db, visit, body, act, partial(_shown, db, visit, call_in_id))


@changes.patch("/call-ins/{call_in_id}/speakers/{speaker_id}", responses=ANSWERS)
def correct(
    visit: Writer, call_in_id: Id, speaker_id: Id, *, body: SpeakerChange, change: Guarded, db: Db
) -> SpeakerItem:
    """Correct a point."""

    def act(was: SpeakerItem) -> None:
        values = over(was, body)
        point = Point(**{name: values[name] for name in POINT})
        change_speaker(db, visit.viewer, speaker_id, point, at=visit.now)

    read = partial(_shown, db, visit, call_in_id, speaker_id)
    return change.of(db, CallIn, call_in_id, read, act)


@changes.post("/call-ins/{call_in_id}/speakers/{speaker_id}/move", responses=ANSWERS)
def move(
    visit: Writer, call_in_id: Id, speaker_id: Id, *, body: SpeakerMove, change: Guarded, db: Db
) -> SpeakerItem:
    """Let a point change places with its neighbour."""

    def act(_was: SpeakerItem) -> None:
        move_speaker(db, visit.viewer, speaker_id, by=STEPS[body.to], at=visit.now)

    read = partial(_shown, db, visit, call_in_id, speaker_id)
    return change.of(db, CallIn, call_in_id, read, act)


@changes.post("/call-ins/{call_in_id}/speakers/{speaker_id}/rehearsed", responses=ANSWERS)
def rehearsed(
    visit: Writer, call_in_id: Id, speaker_id: Id, *, body: Rehearsed, change: Guarded, db: Db
) -> SpeakerItem:
    """Tick that somebody was through the dress rehearsal, or take that back."""

    def act(_was: SpeakerItem) -> None:
        to = body.is_rehearsed
        tick_rehearsed(db, visit.viewer, speaker_id, is_rehearsed=to, at=visit.now)

    read = partial(_shown, db, visit, call_in_id, speaker_id)
    return change.of(db, CallIn, call_in_id, read, act)


@changes.post("/call-ins/{call_in_id}/speakers/{speaker_id}/forget", responses=ANSWERS)
def forget(visit: Writer, call_in_id: Id, speaker_id: Id, change: Guarded, db: Db) -> SpeakerItem:
    """Erase who spoke; when, on what and how long stays."""

    def act(_was: SpeakerItem) -> None:
        forget_speaker(db, visit.viewer, speaker_id, at=visit.now)

    read = partial(_shown, db, visit, call_in_id, speaker_id)
    return change.of(db, CallIn, call_in_id, read, act)


@changes.post(
    "/call-ins/{call_in_id}/speakers/{speaker_id}/remove", status_code=204, responses=GUARDED
)
def remove(visit: Writer, call_in_id: Id, speaker_id: Id, change: Guarded, db: Db) -> None:
    """Take a point out of the running order for good."""

    def act(_was: SpeakerItem) -> None:
        remove_speaker(db, visit.viewer, speaker_id, at=visit.now)

    read = partial(_shown, db, visit, call_in_id, speaker_id)
    change.removes(db, CallIn, call_in_id, read, act)


def _shown(db: Session, visit: Visit, call_in_id: int, speaker_id: int) -> SpeakerItem:
    items = _items(visit, db, call_in_id)
    found = next((item for item in items if item.id == speaker_id), None)
    if found is None:
        raise NotFoundError(N_("There is no such speaker at this call-in."))
    return found


def _items(visit: Visit, db: Session, call_in_id: int) -> list[SpeakerItem]:
    card = call_in_card(db, visit.viewer, call_in_id)
    rows = speakers(db, visit.viewer, card.id, starts_at=card.starts_at)
    visit.shows("call_in", [card.id])
    visit.shows("speaker", [row.id for row in rows])
    return [SpeakerItem.model_validate(row, from_attributes=True) for row in rows]
