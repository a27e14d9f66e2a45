"""The invented town's people: unequal groups, members, ties, conflicts, supervision."""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import combinations

from gvi.domain.grading import Compartment
from gvi.domain.person import is_adult
from gvi.store.models import (
    ClientAssignment,
    Group,
    GroupAlias,
    GroupRelation,
    Identity,
    Membership,
    Person,
    Supervision,
    Tie,
)
from gvi.usecases.demo import names
from gvi.usecases.demo.town import MARKERS, Town

PEOPLE = 500
CHILDREN = 40
ONLY_SOCIAL = 14
TIES = 1500
SIZES = (23, 19, 17, 15, 14, 13, 12, 11, 10, 9, 9, 8, 8, 7, 7, 6, 6, 5, 5, 4)
"""Known members of each group: a few are large."""
RELATIONS = (
    (0, 1, "open_conflict", 49),
    (2, 3, "tension", 12),
    (4, 5, "truce", 110),
    (0, 6, "alliance", 400),
    (1, 7, "alliance", 300),
    (2, 0, "supplier", None),
    (8, 9, "tension", 75),
    (10, 2, "open_conflict", 20),
)


def add_groups(town: Town) -> None:
    """Map the groups, with aliases, statuses and how they stand to one another."""
    for place, name in enumerate(names.GROUPS):
        recorded = town.past(900 - place * 9)
        status = "dormant" if place in (16, 17) else "candidate" if place == 19 else "active"
        group = town.add(
            Group(
                name=name,
                kind=town.rng.choice(("loose_network", "area_group", "named_gang", "family_based")),
                status=status,
                area=names.AREAS[place % len(names.AREAS)],
                note="",
                **town.fact(recorded),
            )
        )
        town.changed(
            "group",
            group.id,
            None,
            status,
            when=recorded,
            by="henrik",
            reason="Gruppkartläggning",
        )
        town.groups.append(group)
    town.add(GroupAlias(group_id=town.groups[0].id, alias="Stenarna"))
    town.add(GroupAlias(group_id=town.groups[1].id, alias="Lotsgatan"))
    for a, b, kind, days in RELATIONS:
        since = None if days is None else town.at(days, 0)
        town.add(
            GroupRelation(
                group_a_id=town.groups[a].id,
                group_b_id=town.groups[b].id,
                kind=kind,
                certainty="confirmed" if kind == "open_conflict" else "probable",
                valid_from=since,
                **town.fact(town.past((days or 500) - 1)),
            )
        )


def add_people(town: Town) -> None:
    """Invent the people, some under 18, a few known to social services only."""
    codes = code_names()
    for place in range(PEOPLE):
        child = place >= PEOPLE - CHILDREN
        compartment = Compartment.SHARED if place % 3 else Compartment.POLICE
        person = _person(town, next(codes), child=child, compartment=compartment.value)
        town.people.append(person)
    for place in range(ONLY_SOCIAL):
        compartment = Compartment.CHILD if place < ONLY_SOCIAL // 2 else Compartment.SOCIAL
        _person(town, next(codes), child=place < ONLY_SOCIAL // 2, compartment=compartment.value)


def code_names() -> Iterator[str]:
    """Give birds' names without end, numbered from the second round on."""
    rounds = 1
    while True:
        for bird in names.BIRDS:
            yield bird if rounds == 1 else f"{bird} {rounds}"
        rounds += 1


def _person(town: Town, code_name: str, *, child: bool, compartment: str) -> Person:
    years = town.rng.uniform(12.5, 17.6) if child else town.rng.triangular(18.2, 46, 22)
    born: date | None = town.today - timedelta(days=int(years * 365.25))
    if not child and town.rng.random() < 0.02:
        born = None
    person = town.add(
        Person(
            code_name=code_name,
            birth_date=born,
            sex="kvinna" if town.rng.random() < 0.08 else "man",
            area=town.rng.choice(names.AREAS),
            **town.fact(town.past(town.rng.uniform(200, 900)), compartment=compartment),
        )
    )
    name = f"{town.rng.choice(names.FIRST_NAMES)} {town.rng.choice(names.LAST_NAMES)}"
    town.add(Identity(person_id=person.id, name=name))
    return person


def add_memberships(town: Town) -> None:
    """Put people into groups: a leader, a core, members, associates; children as recruits."""
    adults = [person for person in town.people if is_adult(person.birth_date, town.today)]
    children = [person for person in town.people if person not in adults]
    for place, group in enumerate(town.groups):
        chosen, adults = adults[: SIZES[place]], adults[SIZES[place] :]
        town.members[group.id] = chosen
        for rank, person in enumerate(chosen):
            _membership(town, group, person, _role(rank, len(chosen)))
        for child in town.pick(children, 2 if place < 8 else 0):
            _membership(town, group, child, "recruit")
            town.members[group.id].append(child)
    for person in town.pick(town.members[town.groups[0].id], 2):
        _membership(town, town.groups[6], person, "associate")
    for person in town.pick(adults, 12):
        group = town.rng.choice(town.groups)
        role, status = town.rng.choice((("former", "current"), ("member", "disputed")))
        _membership(town, group, person, role, status=status)


def _role(rank: int, size: int) -> str:
    if rank == 0:
        return "leader"
    if rank <= max(1, size // 5):
        return "core"
    return "member" if rank < size * 0.75 else "associate"


def _membership(
    town: Town, group: Group, person: Person, role: str, *, status: str = "current"
) -> None:
    days = town.rng.uniform(60, 1100)
    certainty = town.rng.choices(("confirmed", "probable", "possible", None), (5, 3, 1.5, 0.5))[0]
    town.add(
        Membership(
            person_id=person.id,
            group_id=group.id,
            role=role,
            certainty=certainty,
            status=status,
            valid_from=town.at(days, 0),
            **town.fact(town.past(days - town.rng.uniform(0, 20))),
        )
    )


def add_ties(town: Town) -> None:
    """Tie people together: densest within a group, a few bridges, family at home."""
    pairs: set[tuple[int, int]] = set()
    for group in town.groups:
        members = town.members[group.id]
        inside = list(combinations(range(len(members)), 2))
        for a, b in town.pick(inside, int(len(members) * 3.2)):
            _tie(town, pairs, members[a], members[b], group=True)
    while len(pairs) < TIES:
        first, second = town.pick(town.people, 2)
        _tie(town, pairs, first, second, group=False)


def _tie(town: Town, pairs: set[tuple[int, int]], a: Person, b: Person, *, group: bool) -> None:
    key = (min(a.id, b.id), max(a.id, b.id))
    if key in pairs or a.id == b.id:
        return
    pairs.add(key)
    kinds = ("associate", "friend", "co_offending", "online", "co_stop")
    weights = (5, 3, 2, 1, 1)
    if not group:
        kinds, weights = ("associate", "friend", "family", "household", "rival"), (4, 3, 2, 1, 1)
    recruits = group and not is_adult(b.birth_date, town.today)
    kind = "recruiter" if recruits else town.rng.choices(kinds, weights)[0]
    days = town.rng.uniform(20, 900)
    town.add(
        Tie(
            person_a_id=a.id,
            person_b_id=b.id,
            kind=kind,
            strength=town.rng.choice((None, 1.0, 1.0, 2.0, 3.0, 0.5)),
            certainty=town.rng.choices(("confirmed", "probable", "possible", None), (4, 3, 2, 1))[
                0
            ],
            valid_from=town.at(days, 0),
            **town.fact(town.past(days - 2)),
        )
    )


def add_supervision(town: Town) -> None:
    """Put some under supervision and a few in custody, with probation's own notes."""
    adults = [person for person in town.people if is_adult(person.birth_date, town.today)]
    for place, person in enumerate(town.pick(adults, 90)):
        custody = place < 9
        days = town.rng.uniform(30, 500)
        ends = town.at(-town.rng.uniform(15, 400), 0)
        marker = MARKERS[Compartment.PROBATION]
        town.add(
            Supervision(
                person_id=person.id,
                kind="custody"
                if custody
                else town.rng.choice(("probation", "conditional_release")),
                obliges_attendance=not custody and town.rng.random() < 0.8,
                note=f"Kommer i regel till avtalade möten. {marker}",
                valid_from=town.at(days, 0),
                valid_to=ends,
                **town.fact(town.past(days - 1), compartment="probation"),
            )
        )
    supervised = town.db.query(Supervision).order_by(Supervision.id).limit(40)
    for place, row in enumerate(supervised):
        assign(town, row.person_id, "sara" if place % 2 else "jonas")


def assign(town: Town, person_id: int, username: str) -> None:
    """Make a person a worker's own client."""
    town.add(
        ClientAssignment(
            programme_id=town.programme_id,
            person_id=person_id,
            user_id=town.users[username].id,
            assigned_at=town.past(60),
            assigned_by_id=town.users["karin"].id,
            reason="Handläggare",
        )
    )


def assign_once(town: Town, person_id: int, username: str) -> None:
    """Make a person a worker's own client, unless so already."""
    held = town.db.query(ClientAssignment).filter_by(
        person_id=person_id, user_id=town.users[username].id
    )
    if held.first() is None:
        assign(town, person_id, username)
