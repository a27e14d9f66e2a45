"""The network as JSON: people, groups, ties, memberships and relations, as known at an instant."""

from typing import Annotated

from fastapi import Query
from pydantic import BaseModel

from gvi.domain.errors import NotFoundError
from gvi.domain.facts import Facts
from gvi.domain.text import N_
from gvi.network.ego import around, tied
from gvi.store.facts import shown_facts
from gvi.usecases.ranking import person_place
from gvi.web.api.ids import Id
from gvi.web.api.problems import MISSING
from gvi.web.api.routing import reads
from gvi.web.visit import ReadDb, Visit, may

router = reads("network")

MOST_STEPS = 3


class PersonNode(BaseModel):
    """A person, by external id or code name; never by name."""

    id: int
    key: str
    code_name: str


class GroupNode(BaseModel):
    """A group."""

    id: int
    key: str
    name: str


class TieEdge(BaseModel):
    """A recorded tie; `a` recruits `b` where the kind is recruiter, else it has no direction."""

    id: int
    a: int
    b: int
    kind: str
    strength: float
    certainty: str


class MembershipEdge(BaseModel):
    """A current membership."""

    person: int
    group: int
    role: str
    certainty: str


class RelationEdge(BaseModel):
    """A relation between two groups."""

    group_a: int
    group_b: int
    kind: str


class Network(BaseModel):
    """The part of the network that was asked for."""

    as_of: str
    persons: list[PersonNode]
    groups: list[GroupNode]
    ties: list[TieEdge]
    memberships: list[MembershipEdge]
    relations: list[RelationEdge]


@router.get("/network", responses=MISSING)
def network(
    visit: Annotated[Visit, may("network:see")],
    db: ReadDb,
    *,
    group: Annotated[Id | None, Query(description="Only this group's members.")] = None,
    ego: Annotated[Id | None, Query(description="Only people around this person.")] = None,
    steps: Annotated[int, Query(ge=1, le=MOST_STEPS, description="How far around.")] = 1,
    as_of: Annotated[
        str | None, Query(description="As known at this day (its end) or instant.")
    ] = None,
) -> Network:
    """Give people, groups, ties, memberships and relations as known at an instant."""
    known = shown_facts(db, visit.viewer, visit.instant, visit.zone)
    kept = _people(known, group, ego, steps)
    visit.shows("person", kept)
    visit.shows("group", known.groups.id)
    return Network(
        as_of=known.as_of.astimezone(visit.zone).isoformat(),
        persons=_persons(known, kept),
        groups=_groups(known),
        ties=_ties(known, kept),
        memberships=_memberships(known, kept, group),
        relations=_relations(known),
    )


def _people(known: Facts, group: int | None, ego: int | None, steps: int) -> set[int]:
    kept = set(known.persons.id)
    if group is not None:
        if group not in known.groups.id:
            raise NotFoundError(N_("There is no such record, or it is not for you."))
        rows = zip(known.memberships.person, known.memberships.group, strict=True)
        kept &= {person for person, of in rows if of == group}
    if ego is not None:
        places = around(tied(known), person_place(known, ego), steps=steps)
        kept &= {known.persons.id[at] for at in places.tolist()}
    return kept


def _persons(known: Facts, kept: set[int]) -> list[PersonNode]:
    table = known.persons
    return [
        PersonNode(id=id_, key=key, code_name=code)
        for id_, key, code in zip(table.id, table.key, table.code_name, strict=True)
        if id_ in kept
    ]


def _groups(known: Facts) -> list[GroupNode]:
    table = known.groups
    return [
        GroupNode(id=id_, key=key, name=name)
        for id_, key, name in zip(table.id, table.key, table.name, strict=True)
    ]


def _ties(known: Facts, kept: set[int]) -> list[TieEdge]:
    table = known.ties
    rows = zip(table.id, table.a, table.b, table.kind, table.strength, table.certainty, strict=True)
    return [
        TieEdge(id=id_, a=a, b=b, kind=kind, strength=strength, certainty=certainty)
        for id_, a, b, kind, strength, certainty in rows
        if a in kept and b in kept
    ]


def _memberships(known: Facts, kept: set[int], group: int | None) -> list[MembershipEdge]:
    table = known.memberships
    rows = zip(table.person, table.group, table.role, table.certainty, strict=True)
    return [
        MembershipEdge(person=person, group=of, role=role, certainty=certainty)
        for person, of, role, certainty in rows
        if person in kept and group in (None, of)
    ]


def _relations(known: Facts) -> list[RelationEdge]:
    table = known.relations
    return [
        RelationEdge(group_a=a, group_b=b, kind=kind)
        for a, b, kind in zip(table.group_a, table.group_b, table.kind, strict=True)
    ]
