"""The network: groups and conflicts as a map, one group opened to its members, tables beside."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from gvi.domain.facts import Facts
from gvi.domain.group import RelationKind
from gvi.domain.membership import MembershipRole
from gvi.domain.policy import ScoringPolicy
from gvi.domain.text import N_
from gvi.network.layout import NetworkMap, network_map
from gvi.network.messengers import best_messengers
from gvi.store.facts import shown_facts
from gvi.store.queries.network import changes_lately, relations_in_force, thin_places
from gvi.store.queries.person import names_of
from gvi.usecases.policy import in_force
from gvi.web.drawing import draw
from gvi.web.numbers import whole_number
from gvi.web.text import translate_plural
from gvi.web.visit import ReadDb, Visit, may

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberRow:
    """One member of the opened group: connected is not the same as violent."""

    id: int
    name: str
    code_name: str
    role: str
    ties: int
    bridges: int


@router.get("/network", response_class=HTMLResponse)
def network(visit: Annotated[Visit, may("network:see")], db: ReadDb) -> HTMLResponse:
    """Draw the groups, their relations, and the members of the group that is opened."""
    known = shown_facts(db, visit.viewer, visit.instant, visit.zone)
    names = dict(zip(known.groups.id, known.groups.name, strict=True))
    opened = _opened(visit, names)
    policy = in_force(db, visit.viewer)
    places = network_map(known, policy, open_group=opened)
    relations = [
        row
        for row in relations_in_force(db, visit.viewer, visit.instant)
        if row.group_a_id in names and row.group_b_id in names
    ]
    people = names_of(db, visit.viewer, [place.person_id for place in places.people], on=visit.day)
    members = _members(known, policy, places, people)
    visit.shows("group", names)
    visit.shows("person", [row.id for row in members])
    return visit.render(
        "network/show.html",
        answer=_answer(
            visit, [(row.group_a_id, row.group_b_id, row.kind) for row in relations], names
        ),
        names=names,
        opened=opened,
        places=places,
        drawing=draw(places, [(row.group_a_id, row.group_b_id, row.kind) for row in relations]),
        relations=relations,
        members=members,
        codes=dict(zip(known.persons.id, known.persons.code_name, strict=True)),
        people=people,
        changes=changes_lately(db, visit.viewer, visit.asked),
        thin=thin_places(db, visit.viewer, visit.asked),
    )


def _opened(visit: Visit, names: dict[int, str]) -> int | None:
    asked = whole_number(visit.request.query_params.get("group", ""))
    return asked if asked in names else None


def _members(
    known: Facts, policy: ScoringPolicy, places: NetworkMap, people: dict[int, str]
) -> tuple[MemberRow, ...]:
    if not places.people:
        return ()
    messengers = {row.person_id: row for row in best_messengers(known, policy)}
    codes = dict(zip(known.persons.id, known.persons.code_name, strict=True))
    rows = [
        MemberRow(
            id=place.person_id,
            name=people.get(place.person_id, codes[place.person_id]),
            code_name=codes[place.person_id],
            role=MembershipRole(place.role),
            ties=messengers[place.person_id].degree,
            bridges=messengers[place.person_id].bridges,
        )
        for place in places.people
    ]
    return tuple(sorted(rows, key=_most_connected))


def _most_connected(row: MemberRow) -> tuple[int, int, str]:
    return (-row.ties, -row.bridges, row.code_name)


def _answer(visit: Visit, relations: list[tuple[int, int, str]], names: dict[int, str]) -> str:
    open_ = [(a, b) for a, b, kind in relations if kind == RelationKind.OPEN_CONFLICT]
    language = visit.viewer.language
    groups = translate_plural("%(num)s group", "%(num)s groups", len(names), language)
    if not open_:
        return visit.say(N_("No open conflict is known between %(groups)s."), groups=groups)
    conflicts = translate_plural(
        "%(num)s open conflict", "%(num)s open conflicts", len(open_), language
    )
    a, b = open_[0]
    if len(open_) == 1:
        return visit.say(
            N_("%(conflicts)s among %(groups)s, between %(first)s and %(second)s."),
            conflicts=conflicts,
            groups=groups,
            first=names[a],
            second=names[b],
        )
    return visit.say(
        N_("%(conflicts)s among %(groups)s; the latest between %(first)s and %(second)s."),
        conflicts=conflicts,
        groups=groups,
        first=names[a],
        second=names[b],
    )
