"""The databases that are measured: the invented town, and a plain one of a stated size."""

import random
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Engine, insert, text
from sqlalchemy.orm import Session

from gvi.domain.access import Role, Viewer
from gvi.domain.naming import folded
from gvi.store.engine import make_engine, transaction, unlock
from gvi.store.keys import ensure_key
from gvi.store.migrate import upgrade
from gvi.store.models import (
    Group,
    GroupRelation,
    Identity,
    Incident,
    Involvement,
    Membership,
    Person,
    Programme,
    RiskDecision,
    Tie,
    User,
)
from gvi.store.sealing import numbered
from gvi.usecases.demo.growth import Size
from gvi.usecases.demo.load import load

ZONE = ZoneInfo("Europe/Stockholm")
NOW = datetime(2026, 3, 2, 8, 30, tzinfo=ZONE).astimezone(UTC)
SECRET_KEY = "a long text that stands for a random one, for the bench"
PEOPLE, TIES, INCIDENTS, GROUPS = 500, 1_500, 400, 24
FIRST = ("Adam", "Bengt", "Cilla", "Doris", "Elias", "Fatima", "Gösta", "Hanna", "Ivar", "Leila")
LAST = ("Alm", "Berg", "Dahl", "Ek", "Fors", "Gran", "Holm", "Lind", "Nord", "Sjö", "Ås", "Öberg")
KINDS = ("homicide", "shooting_with_injury", "explosion", "stabbing", "serious_assault", "threat")
DOING = ("suspect", "suspect", "convicted", "instigator", "accomplice", "present")


def invented(path: Path, size: Size | None = None) -> str:
    """Load the town that `gvi demo` loads, or as much around it; gives the database's URL."""
    url = f"sqlite:///{path}"
    engine = _ready(url)
    with transaction(engine) as db:
        load(db, _operator(_programme(db)), at=NOW, zone=ZONE, size=size)
    engine.dispose()
    return url


def synthetic(path: Path) -> str:
    """Fill a database of town size: 500 people, 1,500 ties, 400 incidents, heavy-tailed."""
    url = f"sqlite:///{path}"
    engine = _ready(url)
    with transaction(engine) as db:
        _fill(db, _programme(db), random.Random(4))  # noqa: S311 — the same town every time
    engine.dispose()
    return url


def _ready(url: str) -> Engine:
    engine = make_engine(url)
    upgrade(engine, secret_key=SECRET_KEY)
    with engine.begin() as connection:
        ensure_key(connection, SECRET_KEY, at=NOW)
    unlock(engine, SECRET_KEY)
    return engine


def analyst(programme: int = 1) -> Viewer:
    return Viewer(programme_id=programme, user_id=1, role=Role.ANALYST, name="Bench", source="")


def _operator(programme: int) -> Viewer:
    return Viewer(programme_id=programme, user_id=None, role=None, name="Bench", source="")


def _programme(db: Session) -> int:
    programme = Programme(
        code="default", display_name="Sluta skjut", town="Älvstad", is_invented=True, created_at=NOW
    )
    db.add(programme)
    db.flush()
    return programme.id


def _fill(db: Session, programme: int, rng: random.Random) -> None:
    long_ago = NOW - timedelta(days=900)
    fact = {
        "programme_id": programme,
        "compartment": "police",
        "source": "a report",
        "grade": "B2",
        "ground": "mapping",
        "recorded_at": long_ago,
        "entered_at": long_ago,
        "revised_at": long_ago,
    }
    user = {"programme_id": programme, "created_at": long_ago, "language": "en"}
    roles = [{**user, "username": r.value, "display_name": r.value, "role": r.value} for r in Role]
    _add(db, User, sorted(roles, key=lambda row: row["role"] != Role.ANALYST.value))
    _add(db, Person, (_person(fact, n, rng) for n in range(1, PEOPLE + 1)))
    names = {n: f"{rng.choice(FIRST)} {rng.choice(LAST)}" for n in range(1, PEOPLE + 1)}
    db.add_all(Identity(person_id=n, name=x) for n, x in names.items())
    _add_bare_names(db, names)
    _add(db, Group, ({**fact, "name": f"Group {n}", "status": "active"} for n in range(1, 25)))
    _add(db, Membership, _memberships(fact, rng))
    _add(db, Tie, _ties(fact, rng))
    pairs = [rng.sample(range(1, GROUPS + 1), 2) for _ in range(20)]
    kinds = ("open_conflict", "tension", "alliance")
    relations = ({**fact, "group_a_id": a, "group_b_id": b} for a, b in pairs)
    _add(db, GroupRelation, ({**row, "kind": rng.choice(kinds)} for row in relations))
    _add(db, Incident, (_incident(fact, rng) for _ in range(INCIDENTS)))
    _add(db, Involvement, _involvements(fact, rng))
    _add(db, RiskDecision, _colours(programme, rng))


def _add(db: Session, model: type[Any], rows: Iterable[dict[str, Any]]) -> None:
    table = model.__table__
    db.execute(insert(table), numbered(db, table, list(rows)))


def _add_bare_names(db: Session, names: dict[int, str]) -> None:
    """Keep the names open beside the sealed ones, for the bare way that is measured against."""
    db.execute(text("CREATE TABLE bare_names (person_id INTEGER PRIMARY KEY, name, folded)"))
    rows = [{"id": n, "name": x, "folded": folded(x)} for n, x in names.items()]
    db.execute(text("INSERT INTO bare_names VALUES (:id, :name, :folded)"), rows)


def _person(fact: dict[str, Any], number: int, rng: random.Random) -> dict[str, Any]:
    born = date(1980, 1, 1) + timedelta(days=rng.randrange(31 * 365))
    return {**fact, "code_name": f"Code {number}", "birth_date": born}


def _memberships(fact: dict[str, Any], rng: random.Random) -> Iterable[dict[str, Any]]:
    for person in range(1, PEOPLE + 1):
        if rng.random() < 0.85:
            yield {
                **fact,
                "person_id": person,
                "group_id": _heavy(rng, GROUPS),
                "role": rng.choice(("leader", "core", "member", "member", "associate")),
                "certainty": rng.choice(("confirmed", "probable", "possible")),
                "status": "current",
            }


def _ties(fact: dict[str, Any], rng: random.Random) -> Iterable[dict[str, Any]]:
    for _ in range(TIES):
        a, b = rng.sample(range(1, PEOPLE + 1), 2)
        yield {
            **fact,
            "person_a_id": a,
            "person_b_id": b,
            "kind": rng.choice(("associate", "friend", "co_offending", "family", "online")),
            "strength": rng.choice((0.5, 1.0, 2.0)),
            "certainty": rng.choice(("confirmed", "probable", "possible")),
        }


def _incident(fact: dict[str, Any], rng: random.Random) -> dict[str, Any]:
    at = NOW - timedelta(days=rng.random() * 1400 + 1)
    known = {"recorded_at": at, "entered_at": at, "revised_at": at}
    rest = {"kind": rng.choice(KINDS), "gmi": rng.choice(("confirmed", "unknown", "known_not"))}
    place = {"place": f"Square {rng.randrange(40)}", "status": "reviewed"}
    return {**fact, **known, "occurred_at": at, **rest, **place}


def _involvements(fact: dict[str, Any], rng: random.Random) -> Iterable[dict[str, Any]]:
    for incident in range(1, INCIDENTS + 1):
        people = {_heavy(rng, PEOPLE) for _ in range(rng.randrange(1, 6))}
        for place, person in enumerate(sorted(people)):
            yield {
                **fact,
                "incident_id": incident,
                "person_id": person,
                "role": "victim" if place == 0 else rng.choice(DOING),
                "certainty": rng.choice(("confirmed", "probable", "possible")),
            }


def _colours(programme: int, rng: random.Random) -> Iterable[dict[str, Any]]:
    for person in range(1, PEOPLE + 1, 4):
        yield {
            "programme_id": programme,
            "person_id": person,
            "colour": rng.choice(("red", "yellow", "green")),
            "reason": "Decided on Monday.",
            "decided_by_id": 1,
            "decided_at": NOW - timedelta(days=rng.randrange(60)),
            "expires_on": date(2026, 2, 20) + timedelta(days=rng.randrange(40)),
        }


def _heavy(rng: random.Random, most: int) -> int:
    """Give a number up to `most`, the small ones far more often."""
    return min(most, 1 + int(most * rng.random() ** 3))
