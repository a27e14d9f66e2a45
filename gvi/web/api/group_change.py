"""Groups and their relations entered, corrected, decided on and withdrawn over the API."""

from functools import partial
from typing import Annotated

from fastapi import Response
from pydantic import Field

from gvi.domain.grading import Certainty
from gvi.domain.group import GroupKind, GroupStatus, RelationKind
from gvi.store.models import Group as GroupTable
from gvi.store.models import GroupRelation as RelationTable
from gvi.usecases.group import add_group, change_group_status, correct_group, withdraw_group
from gvi.usecases.group_relation import (
    add_relation,
    correct_relation,
    end_relation,
    withdraw_relation,
)
from gvi.web.api.bodies import (
    KEPT,
    Ended,
    Long,
    Moment,
    Reasoned,
    Short,
    SourceChange,
    Sourced,
    provenance_of,
)
from gvi.web.api.group import (
    Group,
    GroupInFull,
    GroupRelation,
    GroupRelationInFull,
    shown_group,
    shown_relation,
)
from gvi.web.api.ids import Id
from gvi.web.api.making import Once
from gvi.web.api.problems import GUARDED, MADE, TAGGED
from gvi.web.api.routing import writes
from gvi.web.api.version import Guarded
from gvi.web.visit import Db, Visit, may

router = writes("groups")

Writer = Annotated[Visit, may("group:write")]
RelationWriter = Annotated[Visit, may("group_relation:write")]
Aliases = Annotated[list[Short], Field(max_length=50)]
ANSWERS = GUARDED | TAGGED


class NewGroup(Sourced):
    """A group for the map."""

    name: Short
    kind: GroupKind | None = None
    status: GroupStatus = GroupStatus.CANDIDATE
    area: Short = ""
    note: Long = ""
    aliases: Aliases = Field([])


class GroupChange(SourceChange):
    """What is to be corrected; where the group stands is changed by an act of its own."""

    name: Short = KEPT
    kind: GroupKind | None = KEPT
    area: Short = KEPT
    note: Long = KEPT
    aliases: Aliases = KEPT


class GroupDecision(Reasoned):
    """Where a group stands now, and why."""

    status: GroupStatus


class NewRelation(Sourced):
    """How two groups stand to one another."""

    group_a_id: Id
    group_b_id: Id
    kind: RelationKind
    certainty: Certainty | None = None
    valid_from: Moment | None = None
    valid_to: Moment | None = None
    note: Long = ""


class RelationChange(SourceChange):
    """What is to be corrected of a relation; between other groups it is another relation."""

    kind: RelationKind = KEPT
    certainty: Certainty | None = KEPT
    valid_from: Moment | None = KEPT
    valid_to: Moment | None = KEPT
    note: Long = KEPT


@router.post("/groups", status_code=201, responses=MADE)
def add(visit: Writer, body: NewGroup, once: Once, db: Db) -> GroupInFull | Group:
    """Add a group to the map."""

    def act() -> int:
        return add_group(
            db,
            visit.viewer,
            name=body.name,
            kind=body.kind,
            status=body.status,
            area=body.area,
            note=body.note,
            aliases=body.aliases,
            given=body.provenance(),
            at=visit.now,
        ).id

    return once.of(db, visit, body, act, partial(shown_group, db, visit))


@router.patch("/groups/{group_id}", responses=ANSWERS)
def correct(
    visit: Writer, group_id: Id, body: GroupChange, change: Guarded, db: Db
) -> GroupInFull | Group:
    """Correct a group; the values before are kept."""

    def act(was: Group) -> None:
        values = body.over(was.model_dump())
        correct_group(
            db,
            visit.viewer,
            group_id,
            **{name: values[name] for name in ("name", "kind", "area", "note", "aliases")},
            given=provenance_of(values),
            at=visit.now,
        )

    return change.of(db, GroupTable, group_id, partial(shown_group, db, visit, group_id), act)


@router.post("/groups/{group_id}/status", responses=ANSWERS)
def decide(
    visit: Writer, group_id: Id, body: GroupDecision, change: Guarded, db: Db
) -> GroupInFull | Group:
    """Say where a group stands now, and why."""

    def act(_was: Group) -> None:
        change_group_status(
            db, visit.viewer, group_id, status=body.status, reason=body.reason, at=visit.now
        )

    return change.of(db, GroupTable, group_id, partial(shown_group, db, visit, group_id), act)


@router.post("/groups/{group_id}/withdraw", status_code=204, responses=GUARDED)
def withdraw(visit: Writer, group_id: Id, body: Reasoned, change: Guarded, db: Db) -> Response:
    """Withdraw a group that was never one."""

    def act(_was: Group) -> None:
        withdraw_group(db, visit.viewer, group_id, reason=body.reason, at=visit.now)

    change.removes(db, GroupTable, group_id, partial(shown_group, db, visit, group_id), act)
    return Response(status_code=204)


@router.post("/group-relations", status_code=201, responses=MADE)
def add_one_relation(
    visit: RelationWriter, body: NewRelation, once: Once, db: Db
) -> GroupRelationInFull | GroupRelation:
    """Record how two groups stand to one another."""

    def act() -> int:
        return add_relation(
            db,
            visit.viewer,
            group_a_id=body.group_a_id,
            group_b_id=body.group_b_id,
            kind=body.kind,
            certainty=body.certainty,
            valid_from=body.valid_from,
            valid_to=body.valid_to,
            note=body.note,
            given=body.provenance(),
            at=visit.now,
        ).id

    return once.of(db, visit, body, act, partial(shown_relation, db, visit))


@router.patch("/group-relations/{relation_id}", responses=ANSWERS)
def correct_one_relation(
    visit: RelationWriter, relation_id: Id, body: RelationChange, change: Guarded, db: Db
) -> GroupRelationInFull | GroupRelation:
    """Correct a relation; the values before are kept."""

    def act(was: GroupRelation) -> None:
        values = body.over(was.model_dump())
        names = ("kind", "certainty", "valid_from", "valid_to", "note")
        correct_relation(
            db,
            visit.viewer,
            relation_id,
            **{name: values[name] for name in names},
            given=provenance_of(values),
            at=visit.now,
        )

    read = partial(shown_relation, db, visit, relation_id)
    return change.of(db, RelationTable, relation_id, read, act)


@router.post("/group-relations/{relation_id}/end", responses=ANSWERS)
def end_one_relation(
    visit: RelationWriter, relation_id: Id, body: Ended, change: Guarded, db: Db
) -> GroupRelationInFull | GroupRelation:
    """End a relation on a day; what was before stays."""

    def act(_was: GroupRelation) -> None:
        end_relation(
            db, visit.viewer, relation_id, valid_to=body.valid_to, reason=body.reason, at=visit.now
        )

    read = partial(shown_relation, db, visit, relation_id)
    return change.of(db, RelationTable, relation_id, read, act)


@router.post("/group-relations/{relation_id}/withdraw", status_code=204, responses=GUARDED)
def withdraw_one_relation(
    visit: RelationWriter, relation_id: Id, body: Reasoned, change: Guarded, db: Db
) -> Response:
    """Withdraw a relation that never was."""

    def act(_was: GroupRelation) -> None:
        withdraw_relation(db, visit.viewer, relation_id, reason=body.reason, at=visit.now)

    read = partial(shown_relation, db, visit, relation_id)
    change.removes(db, RelationTable, relation_id, read, act)
    return Response(status_code=204)
