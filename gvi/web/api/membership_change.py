"""Memberships recorded, corrected, disputed, ended and withdrawn over the API."""

from functools import partial
from typing import Annotated

from fastapi import Response

from gvi.domain.grading import Certainty
from gvi.domain.membership import MembershipRole
from gvi.store.models import Membership as MembershipTable
from gvi.usecases.membership import (
    add_membership,
    correct_membership,
    dispute_membership,
    end_membership,
    uphold_membership,
    withdraw_membership,
)
from gvi.web.api.bodies import KEPT, Ended, Moment, Reasoned, SourceChange, Sourced, provenance_of
from gvi.web.api.ids import Id, PersonId
from gvi.web.api.making import Once
from gvi.web.api.person import Membership, shown_membership
from gvi.web.api.problems import GUARDED, MADE, TAGGED
from gvi.web.api.routing import writes
from gvi.web.api.version import Guarded
from gvi.web.visit import Db, Visit, may

router = writes("people")

Writer = Annotated[Visit, may("membership:write")]
ANSWERS = GUARDED | TAGGED


class NewMembership(Sourced):
    """A person's part in a group."""

    person_id: PersonId
    group_id: Id
    role: MembershipRole | None = None
    certainty: Certainty | None = None
    valid_from: Moment | None = None
    valid_to: Moment | None = None


class MembershipChange(SourceChange):
    """What is to be corrected; person and group stay."""

    role: MembershipRole | None = KEPT
    certainty: Certainty | None = KEPT
    valid_from: Moment | None = KEPT
    valid_to: Moment | None = KEPT


@router.post("/memberships", status_code=201, responses=MADE)
def add(visit: Writer, body: NewMembership, once: Once, db: Db) -> Membership:
    """Record a membership."""

    def act() -> int:
        return add_membership(
            db,
            visit.viewer,
            person_id=body.person_id,
            group_id=body.group_id,
            role=body.role,
            certainty=body.certainty,
            valid_from=body.valid_from,
            valid_to=body.valid_to,
            given=body.provenance(),
            at=visit.now,
        ).id

    return once.of(db, visit, body, act, lambda made: shown_membership(db, visit, made))


@router.patch("/memberships/{membership_id}", responses=ANSWERS)
def correct(
    visit: Writer, membership_id: Id, body: MembershipChange, change: Guarded, db: Db
) -> Membership:
    """Correct a membership; the values before are kept."""

    def act(was: Membership) -> None:
        values = body.over(was.model_dump())
        correct_membership(
            db,
            visit.viewer,
            membership_id,
            **{name: values[name] for name in ("role", "certainty", "valid_from", "valid_to")},
            given=provenance_of(values),
            at=visit.now,
        )

    read = partial(shown_membership, db, visit, membership_id)
    return change.of(db, MembershipTable, membership_id, read, act)


@router.post("/memberships/{membership_id}/dispute", responses=ANSWERS)
def dispute(
    visit: Writer, membership_id: Id, body: Reasoned, change: Guarded, db: Db
) -> Membership:
    """Mark a membership as disputed: it counts for nothing until that is settled."""

    def act(_was: Membership) -> None:
        dispute_membership(db, visit.viewer, membership_id, reason=body.reason, at=visit.now)

    read = partial(shown_membership, db, visit, membership_id)
    return change.of(db, MembershipTable, membership_id, read, act)


@router.post("/memberships/{membership_id}/uphold", responses=ANSWERS)
def uphold(visit: Writer, membership_id: Id, body: Reasoned, change: Guarded, db: Db) -> Membership:
    """Settle a dispute in favour of the membership."""

    def act(_was: Membership) -> None:
        uphold_membership(db, visit.viewer, membership_id, reason=body.reason, at=visit.now)

    read = partial(shown_membership, db, visit, membership_id)
    return change.of(db, MembershipTable, membership_id, read, act)


@router.post("/memberships/{membership_id}/end", responses=ANSWERS)
def end(visit: Writer, membership_id: Id, body: Ended, change: Guarded, db: Db) -> Membership:
    """End a membership on a day; what was before stays."""

    def act(_was: Membership) -> None:
        end_membership(
            db,
            visit.viewer,
            membership_id,
            valid_to=body.valid_to,
            reason=body.reason,
            at=visit.now,
        )

    read = partial(shown_membership, db, visit, membership_id)
    return change.of(db, MembershipTable, membership_id, read, act)


@router.post("/memberships/{membership_id}/withdraw", status_code=204, responses=GUARDED)
def withdraw(visit: Writer, membership_id: Id, body: Reasoned, change: Guarded, db: Db) -> Response:
    """Withdraw a membership that never was."""

    def act(_was: Membership) -> None:
        withdraw_membership(db, visit.viewer, membership_id, reason=body.reason, at=visit.now)

    read = partial(shown_membership, db, visit, membership_id)
    change.removes(db, MembershipTable, membership_id, read, act)
    return Response(status_code=204)
