"""Random viewers and records: a record that is hidden is answered as one that never was.

Both are asked over HTTP by number or key; status, headers and body are compared, form tokens and
the address that was asked taken out. Whether a record is hidden is read off the first answer: what
may be seen says 200, what the role may not open at all says 403 for both.
"""

import random
import re
from collections import Counter
from collections.abc import Iterator

from fastapi.testclient import TestClient
from sqlalchemy import Engine, text

from gvi.domain.access import Role
from gvi.settings import Settings
from gvi.web.app import create_app
from tests.client import address_of
from tests.codebase.routes import addresses
from tests.codebase.test_rights import TABLES
from tests.conftest import MONDAY, SECRET_KEY

NEVER = 2_000_000_000
_OWN = re.compile(r'name="csrf_token" value="[^"]+"')
_PLACE = re.compile(r"{(\w+?)(?:_id)?}")


def visitors(engine: Engine) -> list[TestClient]:
    """Log one user of each role in."""
    settings = Settings(database_url=str(engine.url), environment="demo", secret_key=SECRET_KEY)
    app = create_app(settings, engine=engine, clock=lambda: MONDAY)
    found = []
    with engine.connect() as connection:
        for role in Role:
            question = text("SELECT username FROM users WHERE role = :role ORDER BY id")
            username = connection.execute(question, {"role": role.value}).scalars().first()
            client = TestClient(app, follow_redirects=False, raise_server_exceptions=False)
            client.post("/log-in/invented", data={"username": username})
            found.append(client)
    return found


def pairs(engine: Engine, number: int, seed: int) -> Iterator[tuple[TestClient, str, int]]:
    """Give visitors, paths with one place for an id, and ids of records that are there."""
    rng = random.Random(seed)  # noqa: S311 — the same every time
    paths = [
        each.path
        for each in addresses()
        if each.method == "GET" and len(_PLACE.findall(each.path)) == 1
    ]
    paths = [path for path in paths if _PLACE.findall(path)[0] in TABLES]
    with engine.connect() as connection:
        ids = {
            name: connection.execute(text(f"SELECT id FROM {table}")).scalars().all() or [1]
            for name, table in TABLES.items()
        }
    clients = visitors(engine)
    for _ in range(number):
        path = rng.choice(paths)
        yield rng.choice(clients), path, rng.choice(ids[_PLACE.findall(path)[0]])


def differing(engine: Engine, number: int, seed: int) -> tuple[Counter[str], list[str]]:
    """Ask for each pair twice; gives what was answered how often, and where a difference shows."""
    said: Counter[str] = Counter()
    wrong: list[str] = []
    for client, path, record in pairs(engine, number, seed):
        answer = _asked(client, path, record)
        if answer[0] in (200, 303):
            said["seen"] += 1
            continue
        said["hidden" if answer[0] == 404 else "not for the role"] += 1
        if answer != _asked(client, path, NEVER):
            wrong.append(f"{path} {record} {answer[0]}")
    return said, wrong


def _asked(client: TestClient, path: str, record: int) -> tuple[int, dict[str, str], str]:
    url = address_of(client, _PLACE.sub(str(record), path))
    answer = client.get(url)
    body = _OWN.sub("", answer.text).replace(url, "")
    headers = {name: value for name, value in answer.headers.items() if name != "content-length"}
    return answer.status_code, headers, body
