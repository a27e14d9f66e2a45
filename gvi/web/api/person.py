"""People, their memberships and ties as JSON; names only for those who may know them."""

from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from gvi.domain.grading import Certainty
from gvi.domain.membership import MembershipRole, MembershipStatus
from gvi.domain.tie import TieKind
from gvi.store.queries.fact_pages import FactFilter, memberships_after, ties_after
from gvi.store.queries.membership import GroupPart, groups_of
from gvi.store.queries.person_card import PersonHead, person_head, person_heads
from gvi.web.api.paging import AsOf, Cursor, Limit, Page, page_of
from gvi.web.api.problems import MISSING, REFUSALS
from gvi.web.visit import ReadDb, Visit, may

router = APIRouter(prefix="/api/v1", tags=["people"], responses=REFUSALS)

PersonId = Annotated[int | None, Query(description="Only facts about this person.")]
GroupId = Annotated[int | None, Query(description="Only of this group.")]
InForce = Annotated[bool, Query(description="Only what holds at the moment asked about.")]


class PersonGroup(BaseModel):
    """A group somebody is in; the part is null for those who may know the group's name only."""

    id: int
    name: str
    role: MembershipRole | None


class Person(BaseModel):
    """One person, as far as the asker may know."""

    id: int
    external_id: str | None
    code_name: str
    name: str | None = Field(description="Null where it is unknown or not for the asker.")
    aliases: list[str]
    birth_date: date | None
    under_18: bool
    area: str
    groups: list[PersonGroup]


class Membership(BaseModel):
    """A person's part in a group; a blank role counts as member, a blank certainty as possible."""

    id: int
    person_id: int
    group_id: int
    role: MembershipRole | None
    certainty: Certainty | None
    status: MembershipStatus
    valid_from: datetime | None
    valid_to: datetime | None
    source: str
    grade: str | None
    recorded_at: datetime


class Tie(BaseModel):
    """A tie; of a recruiter `person_a_id` recruits `person_b_id`, others have no direction."""

    id: int
    person_a_id: int
    person_b_id: int
    kind: TieKind
    strength: float | None = Field(description="Above 0, at most 5; null counts as 1.")
    certainty: Certainty | None
    valid_from: datetime | None
    valid_to: datetime | None
    source: str
    grade: str | None
    recorded_at: datetime


@router.get("/persons")
def persons(
    visit: Annotated[Visit, may("person:list")],
    db: ReadDb,
    *,
    group: GroupId = None,
    limit: Limit = 100,
    cursor: Cursor = 0,
    as_of: AsOf = None,
) -> Page[Person]:
    """List the people the asker may see, by id."""
    del as_of  # read by the visit, for every page and answer alike
    heads = person_heads(db, visit.viewer, visit.asked, group_id=group, after=cursor, limit=limit)
    ids = [head.id for head in heads]
    visit.shows("person", ids)
    groups = groups_of(db, visit.viewer, ids, visit.asked)
    return page_of([_person(head, groups.get(head.id, ())) for head in heads], ids, limit)


@router.get("/persons/{person_id}", responses=MISSING)
def person(
    visit: Annotated[Visit, may("person:read")],
    person_id: int,
    db: ReadDb,
    *,
    as_of: AsOf = None,
) -> Person:
    """Give one person."""
    del as_of
    head = person_head(db, visit.viewer, person_id, visit.asked)
    visit.shows("person", [person_id])
    return _person(head, groups_of(db, visit.viewer, [person_id], visit.asked).get(person_id, ()))


def _person(head: PersonHead, groups: tuple[GroupPart, ...]) -> Person:
    return Person(
        id=head.id,
        external_id=head.external_id,
        code_name=head.code_name,
        name=head.name,
        aliases=list(head.aliases),
        birth_date=head.birth_date,
        under_18=head.is_under_18,
        area=head.area,
        groups=[PersonGroup(id=each.group_id, name=each.name, role=each.role) for each in groups],
    )


@router.get("/memberships")
def memberships(
    visit: Annotated[Visit, may("membership:read")],
    db: ReadDb,
    *,
    person: PersonId = None,
    group: GroupId = None,
    in_force: InForce = False,
    limit: Limit = 100,
    cursor: Cursor = 0,
    as_of: AsOf = None,
) -> Page[Membership]:
    """List memberships by id, those of under-18s left out for police and analysts."""
    del as_of
    wanted = FactFilter(
        person_id=person, group_id=group, in_force=in_force, after=cursor, limit=limit
    )
    rows = memberships_after(db, visit.viewer, visit.asked, wanted)
    visit.shows("person", [row.person_id for row in rows])
    visit.shows("group", [row.group_id for row in rows])
    items = [Membership.model_validate(row, from_attributes=True) for row in rows]
    return page_of(items, [row.id for row in rows], limit)


@router.get("/ties")
def ties(
    visit: Annotated[Visit, may("tie:read")],
    db: ReadDb,
    *,
    person: PersonId = None,
    kind: TieKind | None = None,
    in_force: InForce = False,
    limit: Limit = 100,
    cursor: Cursor = 0,
    as_of: AsOf = None,
) -> Page[Tie]:
    """List recorded ties by id, those with under-18s left out for police and analysts."""
    del as_of
    wanted = FactFilter(
        person_id=person,
        kind=kind.value if kind else None,
        in_force=in_force,
        after=cursor,
        limit=limit,
    )
    rows = ties_after(db, visit.viewer, visit.asked, wanted)
    visit.shows("person", {end for row in rows for end in (row.person_a_id, row.person_b_id)})
    items = [Tie.model_validate(row, from_attributes=True) for row in rows]
    return page_of(items, [row.id for row in rows], limit)
