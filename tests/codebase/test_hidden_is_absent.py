"""What a viewer may not see leaves no trace: every page is that of a town that never had it.

Two databases are asked the same by each role: the invented town, with some facts moved into
compartments of other sides, and its copy without the rows that are hidden from the role. Whatever
is listed, counted, ranked, reached, found or drawn must be equal, letter for letter.
"""

import random
import re
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Connection, Table, create_engine, delete, or_, select, text, update

from gvi.domain.access import POLICY, Role, Viewer
from gvi.settings import Settings
from gvi.store.engine import make_engine, transaction
from gvi.store.migrate import upgrade
from gvi.store.models import (
    Base,
    ClientAssignment,
    CustomNotification,
    Invitee,
    NotificationVisitor,
    Programme,
    User,
    UserSession,
)
from gvi.usecases.demo.load import load
from gvi.web.app import create_app
from tests.client import address_of
from tests.codebase.routes import addresses
from tests.codebase.test_rights import ACTS, TABLES
from tests.conftest import MONDAY, SECRET_KEY, ZONE, ready_engine

pytestmark = pytest.mark.slow

SEED = 42
MOVED = {"memberships": 60, "ties": 150, "involvements": 40, "incidents": 15, "persons": 20}
"""How many facts of each table are moved to another side's compartment."""
OF_A_PERSON = ("supervisions", "identities", "person_aliases", "name_tokens")
OTHER_SIDES = ("social", "child", "probation")
SUPPORT = (
    "contact_drafts",
    "contacts",
    "needs",
    "support_cases",
    "inbound_calls",
    "support_offers",
)
COUNTED = ("/today", "/due")
"""Pages that say how much support there is, which some roles may know (`support_count:read`)."""
LOGS = ("/audit", "/my-record", "/access/review")
ASKED = {
    "/people": ("sort=name", "q=an", "q=mk-", "page=2"),
    "/search": ("q=an", "q=mk-"),
    "/people/driving": ("all=1", "as_of=2026-02-01"),
    "/people/exposed": ("all=1",),
    "/network": ("all=1", "as_of=2026-02-01"),
    "/groups": ("sort=-name", "q=a"),
    "/incidents": ("q=a", "page=2"),
    "/api/v1/persons": ("limit=200",),
    "/api/v1/ties": ("limit=200",),
    "/api/v1/rankings/driving": ("top=500",),
}


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The invented town, some of its facts moved to another side."""
    path = tmp_path_factory.mktemp("hidden") / "whole.db"
    empty = make_engine(f"sqlite:///{path}")
    upgrade(empty)
    empty.dispose()
    engine = ready_engine(f"sqlite:///{path}")
    with transaction(engine) as db:
        programme = Programme(code="default", display_name="", created_at=MONDAY)
        db.add(programme)
        db.flush()
        operator = Viewer(programme_id=programme.id, user_id=None, role=None, name="op")
        load(db, operator, at=MONDAY, zone=ZONE)
        _move_to_other_sides(db.connection())
    engine.dispose()
    return path


def _move_to_other_sides(connection: Connection) -> None:
    rng = random.Random(SEED)  # noqa: S311 — the same every time
    for name, number in MOVED.items():
        ids = _free_people(connection) if name == "persons" else _ids(connection, name)
        for row in rng.sample(sorted(ids), number):
            _move(connection, Base.metadata.tables[name], row, rng.choice(OTHER_SIDES))


def _move(connection: Connection, table: Table, row: int, side: str) -> None:
    """Move a row to another side, with the facts about it: whoever knows them knows it too."""
    connection.execute(update(table).where(table.c.id == row).values(compartment=side))
    for other in Base.metadata.sorted_tables:
        if "compartment" in other.c:
            for column in _columns_to(other, table.name):
                connection.execute(update(other).where(column == row).values(compartment=side))


def _free_people(connection: Connection) -> set[int]:
    """Give the people whom no invitation, visit, action or worker makes known to other sides."""
    known: set[int] = set()
    for table in Base.metadata.sorted_tables:
        if table.name not in (*MOVED, *OF_A_PERSON):
            for column in _columns_to(table, "persons"):
                known |= set(connection.execute(select(column).distinct()).scalars())
    return _ids(connection, "persons") - known


def _ids(connection: Connection, table: str) -> set[int]:
    return set(connection.execute(text(f"SELECT id FROM {table}")).scalars())


def _columns_to(table: Table, target: str) -> list:
    return [key.parent for key in table.foreign_keys if key.column.table.name == target]


def _remove(connection: Connection, table: Table, ids: Iterable[int]) -> None:
    """Delete rows by id, with all that points to them."""
    gone = sorted(set(ids))
    if not gone:
        return
    for other in Base.metadata.sorted_tables:
        for column in _columns_to(other, table.name):
            if "id" in other.c:
                found = select(other.c.id).where(column.in_(gone))
                _remove(connection, other, connection.execute(found).scalars().all())
            else:
                connection.execute(delete(other).where(column.in_(gone)))
    connection.execute(delete(table).where(table.c.id.in_(gone)))
    old = Base.metadata.tables.get(f"{table.name}_revisions")
    if old is not None:
        connection.execute(delete(old).where(old.c.id.in_(gone)))


def remove_hidden(connection: Connection, role: Role, username: str) -> None:
    """Delete what the rights table hides from a user, as if it had never been."""
    tables = Base.metadata.tables
    scope = POLICY.get("person:read", {}).get(role)
    if scope is not None and scope.scope == "all":
        for name, permission in (
            ("persons", "person:read"),
            ("memberships", "membership_group:read"),
            ("ties", "tie:read"),
            ("involvements", "involvement:read"),
            ("incidents", "incident:read"),
        ):
            held = POLICY[permission].get(role)
            table = tables[name]
            hidden = select(table.c.id)
            if held is not None:
                hidden = hidden.where(table.c.compartment.not_in(sorted(held.compartments)))
            _remove(connection, table, connection.execute(hidden).scalars().all())
    else:
        own = (
            select(ClientAssignment.person_id)
            .join(User, User.id == ClientAssignment.user_id)
            .where(User.username == username, ClientAssignment.ended_at.is_(None))
        )
        visited = (  # whoever goes along on a visit knows of it
            select(CustomNotification.person_id)
            .outerjoin(
                NotificationVisitor,
                NotificationVisitor.custom_notification_id == CustomNotification.id,
            )
            .join(
                User,
                or_(User.id == NotificationVisitor.user_id, User.id == CustomNotification.owner_id),
            )
            .where(User.username == username)
        )
        person = tables["persons"].c.id
        others = select(person).where(person.not_in(own), person.not_in(visited))
        if role in POLICY["invitee_count:read"]:
            others = others.where(person.not_in(select(Invitee.person_id)))
        _remove(connection, tables["persons"], connection.execute(others).scalars().all())
    if role not in POLICY["support:list"]:
        for name in SUPPORT:
            _remove(connection, tables[name], _ids(connection, name))


@pytest.mark.parametrize(
    ("role", "username"),
    [
        (Role.COORDINATOR_POLICE, "asa"),
        (Role.ANALYST, "henrik"),
        (Role.COORDINATOR_MUNICIPAL, "karin"),
        (Role.OUTREACH, "maja"),
        (Role.PROBATION, "sara"),
    ],
)
def test_every_page_is_that_of_a_town_without_what_is_hidden(whole, tmp_path, role, username):
    without = tmp_path / "without.db"
    shutil.copy(whole, without)
    bare = create_engine(f"sqlite:///{without}")  # no foreign keys while rows go one by one
    with bare.begin() as connection:
        before = {name: len(_ids(connection, name)) for name in MOVED}
        remove_hidden(connection, role, username)
        assert connection.execute(text("PRAGMA foreign_key_check")).all() == []
        after = {name: len(_ids(connection, name)) for name in MOVED}
        urls = list(_urls(connection, role))
    assert after != before, "something was hidden"

    shutil.copy(whole, tmp_path / "with.db")
    had = dict(_answers(tmp_path / "with.db", username, urls))
    never = dict(_answers(without, username, urls))

    assert {url for url in urls if had[url] != never[url]} == set()
    assert sum(answer[0] == 200 for answer in had.values()) > 15


def _urls(connection: Connection, role: Role) -> Iterator[str]:
    """Give every address that is read: lists and searches, and a few things of each sort."""
    rng = random.Random(SEED)  # noqa: S311 — the same every time
    for address in addresses():
        path = address.path
        if address.method != "GET" or path.startswith(LOGS) or path.endswith(ACTS):
            continue
        if path in COUNTED and role in POLICY["support_count:read"]:
            continue
        places = re.findall(r"{(\w+?)(?:_id)?}", path)
        if not places:
            yield path
            yield from (f"{path}?{query}" for query in ASKED.get(path, ()))
        elif len(places) == 1 and places[0] in TABLES:
            ids = sorted(_ids(connection, TABLES[places[0]]))
            for number in rng.sample(ids, min(2, len(ids))):
                yield re.sub(r"{\w+}", str(number), path)


def _answers(path: Path, username: str, urls: list[str]) -> Iterator[tuple[str, tuple[int, str]]]:
    engine = ready_engine(f"sqlite:///{path}")
    with transaction(engine) as db:
        db.execute(delete(UserSession))
    settings = Settings(database_url=str(engine.url), environment="demo", secret_key=SECRET_KEY)
    client = TestClient(
        create_app(settings, engine=engine, clock=lambda: MONDAY), raise_server_exceptions=False
    )
    client.post("/log-in/invented", data={"username": username}, follow_redirects=False)
    for url in urls:
        answer = client.get(address_of(client, url), follow_redirects=False)
        body = re.sub(r'(name="(csrf_token|form_key)" value|data-token)="[^"]+"', "", answer.text)
        body = re.sub(r"~[\w-]+", "", body)  # words, sealed for the session
        yield url, (answer.status_code, body)
    engine.dispose()
