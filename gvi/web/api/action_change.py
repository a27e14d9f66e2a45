"""Actions decided, started, done, moved, handed over and dropped over the API."""

from functools import partial
from typing import Annotated

from pydantic import Field

from gvi.domain.grading import Compartment
from gvi.store.models import Action
from gvi.usecases.action import (
    About,
    add_action,
    drop_action,
    finish_action,
    hand_over_action,
    move_action,
    start_action,
    undo_end,
)
from gvi.web.api.action import ActionItem, shown_action
from gvi.web.api.bodies import Body, Moment, Reasoned, Text
from gvi.web.api.ids import Id, PersonId
from gvi.web.api.making import Once
from gvi.web.api.problems import GUARDED, MADE, TAGGED
from gvi.web.api.routing import writes
from gvi.web.api.version import Guarded
from gvi.web.visit import Db, Visit, may

router = writes("actions")

Writer = Annotated[Visit, may("action:write")]
ANSWERS = GUARDED | TAGGED


class NewAction(Body):
    """Something somebody does by a time, in the secrecy it belongs to."""

    text: Text
    due_at: Moment
    owner_id: Id
    compartment: Compartment
    person_id: PersonId | None = None
    group_id: Id | None = None
    incident_id: Id | None = None
    call_in_id: Id | None = None


class Outcome(Body):
    """What came of it."""

    outcome: Text = ""


class ActionMoved(Reasoned):
    """Another time, and why."""

    due_at: Moment


class HandedOver(Body):
    """Whose it is from now on."""

    owner_id: Id
    reason: Annotated[Text, Field(description="Why; may stay blank.")] = ""


@router.post("/actions", status_code=201, responses=MADE)
def add(visit: Writer, body: NewAction, once: Once, db: Db) -> ActionItem:
    """Decide that somebody does something by a time."""

    def act() -> int:
        return add_action(
            db,
            visit.viewer,
            text=body.text,
            due_at=body.due_at,
            owner_id=body.owner_id,
            compartment=body.compartment.value,
            about=About(
                person_id=body.person_id,
                group_id=body.group_id,
                incident_id=body.incident_id,
                call_in_id=body.call_in_id,
            ),
            at=visit.now,
        ).id

    return once.of(db, visit, body, act, partial(shown_action, db, visit))


@router.post("/actions/{action_id}/start", responses=ANSWERS)
def start(visit: Writer, action_id: Id, change: Guarded, db: Db) -> ActionItem:
    """Say that somebody is at it."""

    def act(_was: ActionItem) -> None:
        start_action(db, visit.viewer, action_id, at=visit.now)

    return change.of(db, Action, action_id, partial(shown_action, db, visit, action_id), act)


@router.post("/actions/{action_id}/finish", responses=ANSWERS)
def finish(visit: Writer, action_id: Id, body: Outcome, change: Guarded, db: Db) -> ActionItem:
    """Say that it is done, and what came of it."""

    def act(_was: ActionItem) -> None:
        finish_action(db, visit.viewer, action_id, outcome=body.outcome, at=visit.now)

    return change.of(db, Action, action_id, partial(shown_action, db, visit, action_id), act)


@router.post("/actions/{action_id}/drop", responses=ANSWERS)
def drop(visit: Writer, action_id: Id, body: Reasoned, change: Guarded, db: Db) -> ActionItem:
    """Say that it will not be done, and why."""

    def act(_was: ActionItem) -> None:
        drop_action(db, visit.viewer, action_id, reason=body.reason, at=visit.now)

    return change.of(db, Action, action_id, partial(shown_action, db, visit, action_id), act)


@router.post("/actions/{action_id}/undo", responses=ANSWERS)
def undo(visit: Writer, action_id: Id, change: Guarded, db: Db) -> ActionItem:
    """Take a "done" or "dropped" back."""

    def act(_was: ActionItem) -> None:
        undo_end(db, visit.viewer, action_id, at=visit.now)

    return change.of(db, Action, action_id, partial(shown_action, db, visit, action_id), act)


@router.post("/actions/{action_id}/move", responses=ANSWERS)
def move(visit: Writer, action_id: Id, body: ActionMoved, change: Guarded, db: Db) -> ActionItem:
    """Move it to another time; the old time and the reason stay."""

    def act(_was: ActionItem) -> None:
        move_action(
            db, visit.viewer, action_id, due_at=body.due_at, reason=body.reason, at=visit.now
        )

    return change.of(db, Action, action_id, partial(shown_action, db, visit, action_id), act)


@router.post("/actions/{action_id}/hand-over", responses=ANSWERS)
def hand_over(
    visit: Writer, action_id: Id, body: HandedOver, change: Guarded, db: Db
) -> ActionItem:
    """Give it to somebody else, who may read it."""

    def act(_was: ActionItem) -> None:
        hand_over_action(
            db, visit.viewer, action_id, owner_id=body.owner_id, reason=body.reason, at=visit.now
        )

    return change.of(db, Action, action_id, partial(shown_action, db, visit, action_id), act)
