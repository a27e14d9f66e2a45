"""Ties recorded, corrected, ended and withdrawn over the API."""

from functools import partial
from typing import Annotated

from fastapi import Response
from pydantic import Field

from gvi.domain.grading import Certainty
from gvi.domain.tie import MAX_STRENGTH, TieKind
from gvi.store.models import Tie as TieTable
from gvi.usecases.tie import add_tie, correct_tie, end_tie, withdraw_tie
from gvi.web.api.bodies import KEPT, Ended, Moment, Reasoned, SourceChange, Sourced, provenance_of
from gvi.web.api.ids import Id, PersonId
from gvi.web.api.making import Once
from gvi.web.api.person import Tie, shown_tie
from gvi.web.api.problems import GUARDED, MADE, TAGGED
from gvi.web.api.routing import writes
from gvi.web.api.version import Guarded
from gvi.web.visit import Db, Visit, may

router = writes("people")

Writer = Annotated[Visit, may("tie:write")]
Strength = Annotated[float, Field(gt=0, le=MAX_STRENGTH, allow_inf_nan=False)]
ANSWERS = GUARDED | TAGGED


class NewTie(Sourced):
    """A tie between two people; of a recruiter the first recruits the second."""

    person_a_id: PersonId
    person_b_id: PersonId
    kind: TieKind
    strength: Strength | None = None
    certainty: Certainty | None = None
    valid_from: Moment | None = None
    valid_to: Moment | None = None


class TieChange(SourceChange):
    """What is to be corrected of a tie."""

    kind: TieKind = KEPT
    strength: Strength | None = KEPT
    certainty: Certainty | None = KEPT
    valid_from: Moment | None = KEPT
    valid_to: Moment | None = KEPT
    turned: Annotated[
        bool, Field(description="True where the second person recruits the first.")
    ] = False


@router.post("/ties", status_code=201, responses=MADE)
def add(visit: Writer, body: NewTie, once: Once, db: Db) -> Tie:
    """Record a tie."""

    def act() -> int:
        return add_tie(
            db,
            visit.viewer,
            person_a_id=body.person_a_id,
            person_b_id=body.person_b_id,
            kind=body.kind,
            strength=body.strength,
            certainty=body.certainty,
            valid_from=body.valid_from,
            valid_to=body.valid_to,
            given=body.provenance(),
            at=visit.now,
        ).id

    return once.of(db, visit, body, act, partial(shown_tie, db, visit))


@router.patch("/ties/{tie_id}", responses=ANSWERS)
def correct(visit: Writer, tie_id: Id, body: TieChange, change: Guarded, db: Db) -> Tie:
    """Correct a tie; the values before are kept."""

    def act(was: Tie) -> None:
        values = body.over(was.model_dump())
        names = ("kind", "strength", "certainty", "valid_from", "valid_to")
        correct_tie(
            db,
            visit.viewer,
            tie_id,
            **{name: values[name] for name in names},
            given=provenance_of(values),
            at=visit.now,
            turned=body.turned,
        )

    return change.of(db, TieTable, tie_id, partial(shown_tie, db, visit, tie_id), act)


@router.post("/ties/{tie_id}/end", responses=ANSWERS)
def end(visit: Writer, tie_id: Id, body: Ended, change: Guarded, db: Db) -> Tie:
    """End a tie on a day; what was before stays."""

    def act(_was: Tie) -> None:
        end_tie(db, visit.viewer, tie_id, valid_to=body.valid_to, reason=body.reason, at=visit.now)

    return change.of(db, TieTable, tie_id, partial(shown_tie, db, visit, tie_id), act)


@router.post("/ties/{tie_id}/withdraw", status_code=204, responses=GUARDED)
def withdraw(visit: Writer, tie_id: Id, body: Reasoned, change: Guarded, db: Db) -> Response:
    """Withdraw a tie that never was."""

    def act(_was: Tie) -> None:
        withdraw_tie(db, visit.viewer, tie_id, reason=body.reason, at=visit.now)

    change.removes(db, TieTable, tie_id, partial(shown_tie, db, visit, tie_id), act)
    return Response(status_code=204)
