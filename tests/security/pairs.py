"""Random pairs of a viewer and a record: what is hidden is answered as what never was."""

import random
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import Connection, Engine, select, text, update

from gvi.domain.access import Role, Viewer
from gvi.domain.errors import GviError
from gvi.domain.removal import Removable
from gvi.store.engine import transaction
from gvi.store.models import Base, Identity, Person, User
from gvi.usecases.removal import remove
from tests.client import address_of
from tests.security.oracle import Oracle, Row, table_of

NEVER = 900_001
"""An id that no record of any kind ever had."""
ADDRESSES: dict[str, tuple[str, ...]] = {
    "persons": ("/people/{}", "/api/v1/persons/{}"),
    "scores": ("/people/{}/why", "/people/{}/why?score=exposed"),
    "networks": ("/people/{}/network",),
    "groups": ("/groups/{}", "/api/v1/groups/{}"),
    "incidents": ("/incidents/{}", "/api/v1/incidents/{}"),
    "memberships": ("/api/v1/memberships/{}",),
    "ties": ("/api/v1/ties/{}",),
    "involvements": ("/api/v1/involvements/{}",),
    "group_relations": ("/api/v1/group-relations/{}",),
    "support_cases": ("/support/{}", "/api/v1/support-cases/{}"),
    "contacts": ("/api/v1/contacts/{}",),
    "custom_notifications": ("/notifications/{}", "/api/v1/custom-notifications/{}"),
    "call_ins": ("/call-ins/{}", "/api/v1/call-ins/{}"),
    "inbound_calls": ("/calls/{}",),
    "actions": ("/actions/{}", "/api/v1/actions/{}"),
}
"""Where one record of a kind is read; `{}` is its id."""
MOVED = ("persons", "incidents", "memberships", "ties", "involvements", "support_cases")
REMOVED = {
    "persons": Removable.PERSON,
    "incidents": Removable.INCIDENT,
    "memberships": Removable.MEMBERSHIP,
    "ties": Removable.TIE,
}
OWN = re.compile(
    r'(name="(?:csrf_token|form_key)" value|data-token)="[^"]*"'
    r"|~[\w-]+|nonce-[\w-]+|\b[a-z2-7]{26}\b"
)
"""What differs between any two answers: tokens, sealed words, keys of people."""


@dataclass
class Outcome:
    """What a run found, and how much of it was hidden and how much visible."""

    pairs: Counter[tuple[str, str]] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def of(self, what: str) -> int:
        return sum(number for (_, said), number in self.pairs.items() if said == what)

    def __str__(self) -> str:
        lines = [f"{'kind':<22}{'hidden':>8}{'visible':>9}"]
        lines += [
            f"{kind:<22}{self.pairs[kind, 'hidden']:>8}{self.pairs[kind, 'visible']:>9}"
            for kind in ADDRESSES
        ]
        lines.append(f"{'in all':<22}{self.of('hidden'):>8}{self.of('visible'):>9}")
        return "\n".join([*lines, *self.wrong[:40]])


def mix_up(engine: Engine, *, at: datetime, seed: int) -> dict[str, list[int]]:
    """Put facts under other secrecies, protect some people, and remove records; gives these."""
    rng = random.Random(seed)  # noqa: S311 — the same every time
    with transaction(engine) as db:
        connection = db.connection()
        for name in MOVED:
            table = Base.metadata.tables[name]
            ids = sorted(connection.execute(select(table.c.id)).scalars())
            sides = ("social", "child", "shared", "probation", "police")
            for row in rng.sample(ids, len(ids) // 5):
                side = rng.choice(sides[:2] if name == "support_cases" else sides)
                connection.execute(update(table).where(table.c.id == row).values(compartment=side))
        people = sorted(connection.execute(select(Person.id)).scalars())
        protected = rng.sample(people, 12)
        db.execute(update(Person).where(Person.id.in_(protected)).values(is_protected=True))
    return {kind: _some_removed(engine, kind, rng, at) for kind in REMOVED}


def _some_removed(engine: Engine, kind: str, rng: random.Random, at: datetime) -> list[int]:
    removed = []
    with transaction(engine) as db:
        user = db.execute(select(User).where(User.role == "coordinator_police")).scalars().first()
        role = Role.COORDINATOR_POLICE
        viewer = Viewer(
            programme_id=user.programme_id, user_id=user.id, role=role, name="", source="test"
        )
        ids = sorted(
            db.execute(text(f"SELECT id FROM {kind} WHERE compartment = 'police'")).scalars()
        )
        for each in rng.sample(ids, min(5, len(ids))):
            try:
                with db.begin_nested():
                    remove(db, viewer, REMOVED[kind], each, reason="To see it gone.", at=at)
            except GviError:
                continue
            removed.append(each)
    return removed


class Asked:
    """Every user of the town, logged in, with what never was kept for comparison."""

    def __init__(self, app: FastAPI, oracle: Oracle, names: dict[int, str]) -> None:
        self.app, self.oracle, self.names = app, oracle, names
        self.clients: dict[int, TestClient] = {}
        self.never: dict[tuple[int, str], tuple[object, ...]] = {}

    def client(self, user: Row) -> TestClient:
        """Give a user's own client, of whom it is certain who is logged in."""
        if user["id"] not in self.clients:
            client = TestClient(self.app, raise_server_exceptions=False, follow_redirects=False)
            answer = client.post("/log-in/invented", data={"username": user["username"]})
            assert answer.status_code == 303, (user["username"], answer.text)
            page = client.get("/account")
            assert page.status_code == 200, user["username"]
            assert user["display_name"] in page.text, user["username"]
            self.clients[user["id"]] = client
        return self.clients[user["id"]]

    def answer(self, user: Row, address: str, record_id: int) -> tuple[object, ...]:
        """Give status, headers and text, without what is of this very answer and id."""
        client = self.client(user)
        url = address_of(client, address.format(record_id))
        given = client.get(url)
        body = OWN.sub("", given.text.replace(url, address))
        head = {k: v for k, v in given.headers.items() if k not in ("date", "content-length")}
        head = {k: OWN.sub("", v) for k, v in head.items()}
        return given.status_code, body, len(body), tuple(sorted(head.items()))

    def as_never(self, user: Row, address: str) -> tuple[object, ...]:
        """Give the answer about what never was, in the same words."""
        key = user["id"], address
        if key not in self.never:
            self.never[key] = self.answer(user, address, NEVER)
            assert self.never[key][0] in (403, 404), (user["username"], self.never[key][:2])
        return self.never[key]

    def wrong(
        self, kind: str, user: Row, record_id: int, address: str, *, seen: bool
    ) -> Iterator[str]:
        """Say where the answer is not what it must be for a record that is seen or hidden."""
        given = self.answer(user, address, record_id)
        who = f"{user['role']} {user['username']} {address.format(record_id)}"
        if not seen and given != self.as_never(user, address):
            yield f"{who}: hidden, but answered {given[0]} unlike what never was"
        elif seen and given[0] != 200:
            yield f"{who}: may be seen, but answered {given[0]}"
        elif seen:
            yield from (f"{who}: {each}" for each in self._told(kind, user, record_id, given[1]))

    def _told(self, kind: str, user: Row, record_id: int, body: object) -> Iterator[str]:
        """Say what a page lacks, or tells too much of."""
        said, row = str(body), self.oracle.by_id[table_of(kind)][record_id]
        called = {"persons": "code_name", "groups": "name"}.get(kind)
        if called and row[called] not in said:
            yield "does not say what it is called"
        if kind == "scores" and "data-score" in said and self.oracle.is_child(row):
            yield "tells a score of somebody under 18"
        about = record_id if table_of(kind) == "persons" else row.get("person_id")
        person, name = self.oracle.by_id["persons"].get(about), self.names.get(about)
        if person and name and not self.oracle.named(user, person) and name in said:
            yield "tells a name that is not for this user"


def run(
    engine: Engine,
    app: FastAPI,
    removed: dict[str, list[int]],
    *,
    at: datetime,
    pairs: int,
    seed: int,
) -> Outcome:
    """Ask so many pairs; whatever the oracle and the application disagree about is wrong."""
    rng, outcome = random.Random(seed), Outcome()  # noqa: S311 — the same every time
    with engine.connect() as connection:
        oracle = Oracle(connection, at.date())
        asked = Asked(app, oracle, _names(connection))
    for _ in range(pairs):
        kind = rng.choice(list(ADDRESSES))
        user = rng.choice(oracle.rows["users"])
        record_id = _record(rng, oracle, kind, user, removed)
        seen = oracle.sees(kind, user, record_id)
        outcome.pairs[kind, "visible" if seen else "hidden"] += 1
        outcome.wrong += asked.wrong(kind, user, record_id, rng.choice(ADDRESSES[kind]), seen=seen)
    return outcome


def _names(connection: Connection) -> dict[int, str]:
    """Give everybody's name but namesakes': a page may tell of the other one."""
    table = Identity.__table__
    names = dict(connection.execute(select(table.c.person_id, table.c.name)).all())
    bearers = Counter(names.values())
    return {person: name for person, name in names.items() if bearers[name] == 1}


def _record(
    rng: random.Random, oracle: Oracle, kind: str, user: Row, removed: dict[str, list[int]]
) -> int:
    """Choose a record; often one of the user's own clients, now and then one that was removed."""
    table = table_of(kind)
    gone, clients = removed.get(table, []), oracle.clients(user)
    if gone and rng.random() < 0.1:
        return rng.choice(gone)
    rows = oracle.rows[table]
    if clients and rng.random() < 0.5:
        near = [row for row in rows if row.get("person_id", row["id"]) in clients]
        rows = near or rows
    return rng.choice(rows)["id"]
