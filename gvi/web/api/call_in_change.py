"""Call-ins drafted, corrected, taken step by step, postponed and cancelled over the API."""

from functools import partial
from typing import Annotated

from pydantic import Field

from gvi.domain.call_in import CallInStatus
from gvi.store.models import CallIn as CallInTable
from gvi.usecases.call_in import (
    MOST_SEATS,
    Outline,
    add_call_in,
    advance_call_in,
    cancel_call_in,
    change_call_in,
    postpone_call_in,
)
from gvi.web.api.bodies import KEPT, Body, Long, Moment, Reasoned, Short, Text, over
from gvi.web.api.call_in import CallInWhole, shown_call_in
from gvi.web.api.ids import Id
from gvi.web.api.making import Once
from gvi.web.api.problems import GUARDED, MADE, TAGGED
from gvi.web.api.routing import writes
from gvi.web.api.version import Guarded
from gvi.web.visit import Db, Visit, may

router = writes("call-ins")

Writer = Annotated[Visit, may("call_in:write")]
Seats = Annotated[int, Field(ge=1, le=MOST_SEATS)]
Groups = Annotated[list[Id], Field(max_length=200)]
ANSWERS = GUARDED | TAGGED
OUTLINE = ("name", "venue", "purpose", "seats", "group_ids")


class NewCallIn(Body):
    """A call-in for some groups; nobody is invited by that."""

    name: Short
    seats: Seats
    group_ids: Groups
    venue: Short = ""
    purpose: Long = ""
    starts_at: Moment | None = None


class CallInChange(Body):
    """What is to be corrected; a time that was set is moved by postponing."""

    name: Short = KEPT
    seats: Seats = KEPT
    group_ids: Groups = KEPT
    venue: Short = KEPT
    purpose: Long = KEPT
    starts_at: Moment | None = KEPT


class Step(Body):
    """The next step of a call-in."""

    to: CallInStatus
    note: Text = ""


class Postponed(Reasoned):
    """Another time for a call-in."""

    starts_at: Moment


@router.post("/call-ins", status_code=201, responses=MADE)
def add(visit: Writer, body: NewCallIn, once: Once, db: Db) -> CallInWhole:
    """Draft a call-in."""

    def act() -> int:
        outline = Outline(**{name: getattr(body, name) for name in OUTLINE})
        return add_call_in(db, visit.viewer, outline, starts_at=body.starts_at, at=visit.now).id

    return once.of(db, visit, body, act, partial(shown_call_in, db, visit))


@router.patch("/call-ins/{call_in_id}", responses=ANSWERS)
def correct(
    visit: Writer, call_in_id: Id, body: CallInChange, change: Guarded, db: Db
) -> CallInWhole:
    """Correct what a call-in that is still to come is about."""

    def act(was: CallInWhole) -> None:
        values = over(was, body)
        change_call_in(
            db,
            visit.viewer,
            call_in_id,
            Outline(**{name: values[name] for name in OUTLINE}),
            starts_at=values["starts_at"],
            at=visit.now,
        )

    read = partial(shown_call_in, db, visit, call_in_id)
    return change.of(db, CallInTable, call_in_id, read, act)


@router.post("/call-ins/{call_in_id}/advance", responses=ANSWERS)
def advance(visit: Writer, call_in_id: Id, body: Step, change: Guarded, db: Db) -> CallInWhole:
    """Take a call-in one step on: approve it, say that invitations are out, and so on."""

    def act(_was: CallInWhole) -> None:
        advance_call_in(
            db,
            visit.viewer,
            call_in_id,
            to=body.to,
            note=body.note,
            at=visit.now,
            zone=visit.zone,
        )

    read = partial(shown_call_in, db, visit, call_in_id)
    return change.of(db, CallInTable, call_in_id, read, act)


@router.post("/call-ins/{call_in_id}/postpone", responses=ANSWERS)
def postpone(
    visit: Writer, call_in_id: Id, body: Postponed, change: Guarded, db: Db
) -> CallInWhole:
    """Move a call-in to another time; what follows it moves along."""

    def act(_was: CallInWhole) -> None:
        postpone_call_in(
            db,
            visit.viewer,
            call_in_id,
            starts_at=body.starts_at,
            reason=body.reason,
            at=visit.now,
            zone=visit.zone,
        )

    read = partial(shown_call_in, db, visit, call_in_id)
    return change.of(db, CallInTable, call_in_id, read, act)


@router.post("/call-ins/{call_in_id}/cancel", responses=ANSWERS)
def cancel(visit: Writer, call_in_id: Id, body: Reasoned, change: Guarded, db: Db) -> CallInWhole:
    """Call a call-in off for good."""

    def act(_was: CallInWhole) -> None:
        cancel_call_in(db, visit.viewer, call_in_id, reason=body.reason, at=visit.now)

    read = partial(shown_call_in, db, visit, call_in_id)
    return change.of(db, CallInTable, call_in_id, read, act)
