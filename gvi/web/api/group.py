"""Groups and how they stand to one another as JSON; what is shown depends on the role."""

from datetime import date, datetime
from typing import Annotated

from fastapi import Query, Response
from pydantic import BaseModel, Field
from sqlalchemy.orm import Session

from gvi.domain.errors import NotFoundError
from gvi.domain.grading import Certainty
from gvi.domain.group import GroupKind, GroupStatus, RelationKind
from gvi.domain.text import N_
from gvi.store.models import Group as GroupTable
from gvi.store.queries.fact_pages import FactFilter, found_one, relations_after
from gvi.store.queries.group import GroupRow, aliases_of_groups
from gvi.store.queries.group import groups as every_group
from gvi.store.queries.record import one_record
from gvi.web.api.ids import Id
from gvi.web.api.paging import AsOf, Cursor, Limit, Page, page_of
from gvi.web.api.problems import MISSING, TAGGED
from gvi.web.api.recorded import RecordedAt
from gvi.web.api.routing import reads
from gvi.web.api.version import tagged
from gvi.web.visit import ReadDb, Visit, may

router = reads("groups")


class Group(BaseModel):
    """One group; what the asker may not know is null."""

    id: int
    external_id: str | None
    name: str
    status: GroupStatus
    kind: GroupKind | None
    area: str
    aliases: list[str]
    members: int | None = Field(description="People in it now; null without the right to them.")
    in_open_conflict: bool


class GroupInFull(Group):
    """The same with what police and analysts may read besides."""

    note: str
    source: str | None
    grade: str | None
    ground: str | None
    review_due_on: date | None
    recorded_at: RecordedAt


class GroupRelation(BaseModel):
    """How two groups stand to one another; the pair has no direction."""

    id: int
    group_a_id: int
    group_b_id: int
    kind: RelationKind
    certainty: Certainty | None
    valid_from: datetime | None
    valid_to: datetime | None


class GroupRelationInFull(GroupRelation):
    """The same with what police and analysts may read besides."""

    source: str
    grade: str | None
    ground: str
    note: str
    review_due_on: date | None
    recorded_at: RecordedAt


@router.get("/groups")
def groups(
    visit: Annotated[Visit, may("group:list")],
    db: ReadDb,
    *,
    status: GroupStatus | None = None,
    limit: Limit = 100,
    cursor: Cursor,
    as_of: AsOf = None,
) -> Page[Group]:
    """List the groups the asker may see, by id."""
    del as_of  # read by the visit, for every page and answer alike
    rows = sorted(every_group(db, visit.viewer, visit.asked), key=lambda row: row.id)
    wanted = [row for row in rows if row.id > cursor and status in (None, row.status)][:limit]
    ids = [row.id for row in wanted]
    visit.shows("group", ids)
    aliases = aliases_of_groups(db, visit.viewer)
    return page_of([_group(row, aliases.get(row.id, ())) for row in wanted], ids, limit)


@router.get("/groups/{group_id}", responses=MISSING | TAGGED)
def group(
    visit: Annotated[Visit, may("group:read")],
    group_id: Id,
    db: ReadDb,
    response: Response,
    *,
    as_of: AsOf = None,
) -> GroupInFull | Group:
    """Give one group; police and analysts get it in full."""
    del as_of
    return tagged(response, shown_group(db, visit, group_id))


def shown_group(db: Session, visit: Visit, group_id: int) -> GroupInFull | Group:
    """Give a group as the visitor sees it."""
    for row in every_group(db, visit.viewer, visit.asked):
        if row.id == group_id:
            visit.shows("group", [group_id])
            shown = _group(row, aliases_of_groups(db, visit.viewer).get(row.id, ()))
            return _in_full(db, visit, shown) if visit.may("group_full:read") else shown
    raise NotFoundError(N_("There is no such group, or it is not for you."))


def _group(row: GroupRow, aliases: tuple[str, ...]) -> Group:
    return Group(
        id=row.id,
        external_id=row.external_id,
        name=row.name,
        status=row.status,
        kind=row.kind,
        area=row.area,
        aliases=list(aliases),
        members=row.members,
        in_open_conflict=row.conflict is RelationKind.OPEN_CONFLICT,
    )


def _in_full(db: Session, visit: Visit, shown: Group) -> GroupInFull:
    record = one_record(
        db, visit.viewer, GroupTable, shown.id, visit.asked, permission="group_full:read"
    )
    return GroupInFull(
        **shown.model_dump(),
        note=record.values["note"],
        source=record.source,
        grade=record.grade,
        ground=record.ground,
        review_due_on=record.review_due_on,
        recorded_at=record.recorded_at,
    )


@router.get("/group-relations")
def group_relations(
    visit: Annotated[Visit, may("group_relation:read")],
    db: ReadDb,
    *,
    group: Annotated[Id | None, Query(description="Only of this group.")] = None,
    kind: RelationKind | None = None,
    in_force: Annotated[
        bool, Query(description="Only what holds at the moment asked about.")
    ] = False,
    limit: Limit = 100,
    cursor: Cursor,
    as_of: AsOf = None,
) -> Page[GroupRelationInFull | GroupRelation]:
    """List relations between groups by id; roles without the full right get no source and note."""
    del as_of
    wanted = FactFilter(
        group_id=group,
        kind=kind.value if kind else None,
        in_force=in_force,
        after=cursor,
        limit=limit,
    )
    rows = relations_after(db, visit.viewer, visit.asked, wanted)
    visit.shows("group", {end for row in rows for end in (row.group_a_id, row.group_b_id)})
    model = GroupRelationInFull if visit.may("group_full:read") else GroupRelation
    items = [model.model_validate(row, from_attributes=True) for row in rows]
    return page_of(items, [row.id for row in rows], limit)


@router.get("/group-relations/{relation_id}", responses=MISSING | TAGGED)
def group_relation(
    visit: Annotated[Visit, may("group_relation:read")],
    relation_id: Id,
    db: ReadDb,
    response: Response,
) -> GroupRelationInFull | GroupRelation:
    """Give one relation, as known now."""
    return tagged(response, shown_relation(db, visit, relation_id))


def shown_relation(
    db: Session, visit: Visit, relation_id: int
) -> GroupRelationInFull | GroupRelation:
    """Give a relation between groups as the visitor sees it."""
    row = found_one(relations_after(db, visit.viewer, visit.asked, FactFilter(only=relation_id)))
    visit.shows("group", [row.group_a_id, row.group_b_id])
    model = GroupRelationInFull if visit.may("group_full:read") else GroupRelation
    return model.model_validate(row, from_attributes=True)
