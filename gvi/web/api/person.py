"""People, their memberships and ties as JSON; names only for those who may know them."""

from datetime import date, datetime
from typing import Annotated

from fastapi import Query, Response
from pydantic import BaseModel, Field
from sqlalchemy.orm import Session

from gvi.domain.access import grant
from gvi.domain.grading import Certainty, Compartment
from gvi.domain.membership import MembershipRole, MembershipStatus
from gvi.domain.tie import TieKind
from gvi.store.models import Person as PersonTable
from gvi.store.queries.fact_pages import FactFilter, found_one, memberships_after, ties_after
from gvi.store.queries.membership import GroupPart, groups_of
from gvi.store.queries.person_card import PersonHead, person_head, person_heads
from gvi.store.queries.record import one_record
from gvi.web.api.ids import Id
from gvi.web.api.ids import PersonId as PersonKey
from gvi.web.api.paging import AsOf, Cursor, Limit, Page, page_of
from gvi.web.api.problems import MISSING, TAGGED
from gvi.web.api.recorded import RecordedAt
from gvi.web.api.routing import reads
from gvi.web.api.version import tagged
from gvi.web.visit import ReadDb, Visit, may

router = reads("people")

PersonId = Annotated[PersonKey | None, Query(description="Only facts about this person.")]
GroupId = Annotated[Id | None, Query(description="Only of this group.")]
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


class PersonInFull(Person):
    """The same with all that its readers may correct, for who may write it."""

    sex: str | None
    is_protected: bool
    is_exit_client: bool
    compartment: Compartment
    source: str | None
    grade: str | None
    ground: str | None
    review_due_on: date | None


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
    ground: str
    review_due_on: date | None
    recorded_at: RecordedAt


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
    ground: str
    review_due_on: date | None
    recorded_at: RecordedAt


@router.get("/persons")
def persons(
    visit: Annotated[Visit, may("person:list")],
    db: ReadDb,
    *,
    group: GroupId = None,
    limit: Limit = 100,
    cursor: Cursor,
    as_of: AsOf = None,
) -> Page[Person]:
    """List the people the asker may see, by id."""
    del as_of  # read by the visit, for every page and answer alike
    heads = person_heads(db, visit.viewer, visit.asked, group_id=group, after=cursor, limit=limit)
    ids = [head.id for head in heads]
    visit.shows("person", ids)
    groups = groups_of(db, visit.viewer, ids, visit.asked)
    return page_of([_person(head, groups.get(head.id, ())) for head in heads], ids, limit)


@router.get("/persons/{person_id}", responses=MISSING | TAGGED)
def person(
    visit: Annotated[Visit, may("person:read")],
    person_id: PersonKey,
    db: ReadDb,
    response: Response,
    *,
    as_of: AsOf = None,
) -> PersonInFull | Person:
    """Give one person; who may correct the person gets all that can be corrected."""
    del as_of
    return tagged(response, shown_person(db, visit, person_id))


def shown_person(db: Session, visit: Visit, person_id: int) -> PersonInFull | Person:
    """Give a person as the visitor sees them."""
    head = person_head(db, visit.viewer, person_id, visit.asked)
    visit.shows("person", [person_id])
    shown = _person(head, groups_of(db, visit.viewer, [person_id], visit.asked).get(person_id, ()))
    held = grant(visit.viewer, "person:write")
    if held is None or head.compartment not in held.compartments or not head.is_seen_whole:
        return shown
    record = one_record(
        db, visit.viewer, PersonTable, person_id, visit.asked, permission="person:write"
    )
    return PersonInFull(
        **shown.model_dump(),
        sex=head.sex,
        is_protected=head.is_protected,
        is_exit_client=head.is_exit_client,
        compartment=head.compartment,
        source=record.source,
        grade=record.grade,
        ground=record.ground,
        review_due_on=record.review_due_on,
    )


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
    cursor: Cursor,
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
    cursor: Cursor,
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


@router.get("/memberships/{membership_id}", responses=MISSING | TAGGED)
def membership(
    visit: Annotated[Visit, may("membership:read")],
    membership_id: Id,
    db: ReadDb,
    response: Response,
) -> Membership:
    """Give one membership, as known now."""
    return tagged(response, shown_membership(db, visit, membership_id))


def shown_membership(db: Session, visit: Visit, membership_id: int) -> Membership:
    """Give a membership as the visitor sees it."""
    wanted = FactFilter(only=membership_id)
    row = found_one(memberships_after(db, visit.viewer, visit.asked, wanted))
    visit.shows("person", [row.person_id])
    visit.shows("group", [row.group_id])
    return Membership.model_validate(row, from_attributes=True)


@router.get("/ties/{tie_id}", responses=MISSING | TAGGED)
def tie(
    visit: Annotated[Visit, may("tie:read")], tie_id: Id, db: ReadDb, response: Response
) -> Tie:
    """Give one tie, as known now."""
    return tagged(response, shown_tie(db, visit, tie_id))


def shown_tie(db: Session, visit: Visit, tie_id: int) -> Tie:
    """Give a tie as the visitor sees it."""
    row = found_one(ties_after(db, visit.viewer, visit.asked, FactFilter(only=tie_id)))
    visit.shows("person", [row.person_a_id, row.person_b_id])
    return Tie.model_validate(row, from_attributes=True)
