"""The invented town grown to a city or a nation: the same week in its middle, many more around it.

Only what lists, rankings, search, import and export work on grows: groups, people, ties, incidents
and who was involved. Activity is heavy-tailed, most violence stays between a few groups and their
rivals, and four people of five are tied to members without being members.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import accumulate, islice
from typing import Any

from sqlalchemy import func, insert, select

from gvi.store.models import (
    Base,
    Group,
    Identity,
    Incident,
    Involvement,
    Membership,
    Person,
    Tie,
)
from gvi.store.names import index_names
from gvi.store.sealing import bound, numbered
from gvi.usecases.demo import names
from gvi.usecases.demo.people import code_names
from gvi.usecases.demo.town import Town
from gvi.usecases.demo.violence import KINDS

AT_ONCE = 10_000
"""Rows written in one go."""
RIVALS = 3
MEMBERS = 0.26
"""Share of the people who are members; the others are tied to them."""
AT_HOME = 0.8
"""Share of ties, and of incidents' doers, that stay within a group and those around it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How much there is in all, the town in the middle included (design §10)."""

    groups: int
    people: int
    ties: int
    incidents: int


SIZES = {
    "city": Size(groups=150, people=10_000, ties=60_000, incidents=20_000),
    "nation": Size(groups=1_000, people=67_500, ties=400_000, incidents=150_000),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Circle:
    """One group, its members before the people around them, the most active first."""

    group_id: int
    area: str
    people: tuple[int, ...]
    members: int


def grow(town: Town, size: Size) -> None:
    """Put groups, people, ties and incidents around the town until the size is reached."""
    groups = _add_groups(town, size.groups - len(town.groups))
    people = _add_people(town, size.people - town.db.query(Person).count())
    circles = list(_circles(town, groups, people))
    _write(town, Membership, (row for circle in circles for row in _memberships(town, circle)))
    missing = size.ties - town.db.query(Tie).count()
    _write(town, Tie, islice(_ties(town, circles), missing))
    number, last = size.incidents - town.db.query(Incident).count(), _last(town, Incident)
    _write(town, Incident, islice(_incidents(town, circles), number))
    _write(town, Involvement, _involvements(town, circles, after=last))


def _write(town: Town, model: type[Any], rows: Iterator[dict[str, Any]]) -> None:
    table = Base.metadata.tables[model.__tablename__]
    while some := list(islice(rows, AT_ONCE)):
        town.db.execute(insert(table), numbered(town.db, table, some))


def _last(town: Town, model: type[Any]) -> int:
    return int(town.db.execute(select(func.max(model.id))).scalar_one())


def _add_groups(town: Town, number: int) -> list[tuple[int, str]]:
    first = len(town.groups) + 1
    rows = (
        {
            "name": f"{town.rng.choice(names.STREETS)} {place}",
            "kind": "loose_network",
            "status": "active",
            "area": f"{names.AREAS[place % len(names.AREAS)]} {place // len(names.AREAS)}",
            "note": "",
            **town.fact(town.past(town.rng.uniform(600, 1100))),
        }
        for place in range(first, first + number)
    )
    last = _last(town, Group)
    _write(town, Group, rows)
    new = select(Group.id, Group.area).where(Group.id > last).order_by(Group.id)
    return [(row.id, row.area) for row in town.db.execute(new)]


def _add_people(town: Town, number: int) -> list[int]:
    """Add adults by code name and name; gives their ids."""
    taken = set(town.db.execute(select(Person.code_name)).scalars())
    codes = (name for name in code_names() if name not in taken)
    last = _last(town, Person)
    _write(town, Person, (_person(town, next(codes)) for _ in range(number)))
    new = select(Person.id).where(Person.id > last).order_by(Person.id)
    people = list(town.db.execute(new).scalars())
    table = Base.metadata.tables[Identity.__tablename__]
    for start in range(0, len(people), AT_ONCE):
        called = [(person, _name(town)) for person in people[start : start + AT_ONCE]]
        rows = [bound(table, {"person_id": person, "name": name}) for person, name in called]
        town.db.execute(insert(table), rows)
        index_names(town.db, town.programme_id, called)
    return people


def _person(town: Town, code_name: str) -> dict[str, Any]:
    years = town.rng.triangular(18.2, 46, 22)
    return {
        "code_name": code_name,
        "birth_date": town.today - timedelta(days=int(years * 365.25)),
        "sex": "kvinna" if town.rng.random() < 0.08 else "man",
        "area": town.rng.choice(names.AREAS),
        **town.fact(town.past(town.rng.uniform(1100, 1500))),
    }


def _name(town: Town) -> str:
    return f"{town.rng.choice(names.FIRST_NAMES)} {town.rng.choice(names.LAST_NAMES)}"


def _circles(town: Town, groups: list[tuple[int, str]], people: list[int]) -> Iterator[_Circle]:
    """Share the people out among the groups: a few groups are large."""
    weights = [town.rng.paretovariate(1.3) for _ in groups]
    ends = [round(end * len(people) / sum(weights)) for end in accumulate(weights)]
    for (group_id, area), start, end in zip(groups, [0, *ends[:-1]], ends, strict=True):
        if end > start:
            members = max(1, round((end - start) * MEMBERS))
            yield _Circle(
                group_id=group_id, area=area, people=tuple(people[start:end]), members=members
            )


def _memberships(town: Town, circle: _Circle) -> Iterator[dict[str, Any]]:
    for rank, person in enumerate(circle.people[: circle.members]):
        days = town.rng.uniform(60, 1000)
        yield {
            "person_id": person,
            "group_id": circle.group_id,
            "role": "leader" if not rank else "core" if rank < circle.members / 5 else "member",
            "certainty": _certainty(town),
            "status": "current",
            "valid_from": town.at(days, 0),
            **town.fact(town.past(days - 1)),
        }


def _certainty(town: Town) -> str:
    return town.rng.choices(("confirmed", "probable", "possible"), (5, 3, 2))[0]


def _active(town: Town, circle: _Circle) -> int:
    """Draw somebody, the first of the circle far more often."""
    return circle.people[int(len(circle.people) * town.rng.random() ** 1.7)]


def _rival(town: Town, circles: list[_Circle], place: int) -> _Circle:
    return circles[(place + town.rng.randint(1, RIVALS)) % len(circles)]


def _ties(town: Town, circles: list[_Circle]) -> Iterator[dict[str, Any]]:
    """Give ties without end, no pair twice; each circle's share goes by its people."""
    drawn: set[tuple[int, int]] = set()
    ends = list(accumulate(len(circle.people) for circle in circles))
    while True:
        place = town.rng.choices(range(len(circles)), cum_weights=ends)[0]
        home = circles[place]
        other = home if town.rng.random() < AT_HOME else _rival(town, circles, place)
        a, b = town.rng.choice(home.people), _active(town, other)
        pair = (min(a, b), max(a, b))
        if a != b and pair not in drawn:
            drawn.add(pair)
            days = town.rng.uniform(20, 900)
            yield {
                "person_a_id": a,
                "person_b_id": b,
                "kind": town.rng.choices(
                    ("associate", "friend", "co_offending", "online", "family"), (5, 3, 2, 1, 1)
                )[0],
                "strength": town.rng.choice((0.5, 1.0, 1.0, 2.0)),
                "certainty": _certainty(town),
                "valid_from": town.at(days, 0),
                **town.fact(town.past(days - 1)),
            }


def _incidents(town: Town, circles: list[_Circle]) -> Iterator[dict[str, Any]]:
    """Give incidents without end; the first groups commit more than their people account for."""
    violence = accumulate(len(each.people) / (at + 1) ** 0.3 for at, each in enumerate(circles))
    areas, ends = [circle.area for circle in circles], list(violence)
    kinds, often = [kind for kind, _ in KINDS], [weight for _, weight in KINDS]
    while True:
        occurred = town.past(town.rng.uniform(4, 1400))
        yield {
            "occurred_at": occurred,
            "kind": town.rng.choices(kinds, often)[0],
            "status": "reviewed",
            "gmi": town.rng.choices(("confirmed", "likely", "unknown", "known_not"), (4, 2, 3, 1))[
                0
            ],
            "place": f"{town.rng.choice(names.STREETS)} {town.rng.randint(1, 60)}",
            "area": town.rng.choices(areas, cum_weights=ends)[0],
            **town.fact(occurred + timedelta(hours=20)),
        }


def _involvements(town: Town, circles: list[_Circle], *, after: int) -> Iterator[dict[str, Any]]:
    """Give those involved in each later incident: doers of its area's group, a rival's victims."""
    places = {circle.area: place for place, circle in enumerate(circles)}
    new = select(Incident.id, Incident.area, Incident.recorded_at).where(Incident.id > after)
    for incident in town.db.execute(new.order_by(Incident.id)).all():
        place = places[incident.area]
        doers = {_active(town, circles[place]) for _ in range(town.rng.choice((1, 1, 2, 2, 3)))}
        others = _rival(town, circles, place)
        victims = {_active(town, others) for _ in range(town.rng.choice((0, 1, 1, 2)))} - doers
        roles = ("suspect", "suspect", "convicted", "accomplice", "instigator", "present")
        for person in sorted(doers | victims):
            role = town.rng.choice(roles) if person in doers else "victim"
            yield {
                "incident_id": incident.id,
                "person_id": person,
                "role": role,
                "certainty": _certainty(town),
                **town.fact(incident.recorded_at + timedelta(hours=2)),
            }
