"""Every role at every address: let in where the table of rights says so, and nowhere else."""

import re
from collections import Counter

import pytest
from fastapi.testclient import TestClient

from gvi.domain.access import POLICY, Role
from gvi.settings import Settings
from gvi.web.app import create_app
from tests.client import address_of
from tests.codebase.routes import Address, addresses
from tests.conftest import SECRET_KEY
from tests.security.pairs import NEVER

pytestmark = pytest.mark.slow

REFUSED = re.compile("Your role does not give access to this page")
WORDS = {"thing": "person", "kind": "person", "to": "cleared"}
TRIED: Counter[str] = Counter()


@pytest.fixture
def app(engine, programme, clock):
    settings = Settings(database_url=str(engine.url), environment="demo", secret_key=SECRET_KEY)
    return create_app(settings, engine=engine, clock=clock)


class Visitor:
    """Somebody of a role, logged in anew wherever a page has ended the log-in."""

    def __init__(self, app, role: Role) -> None:
        self.role = role
        self.client = TestClient(app, follow_redirects=False, raise_server_exceptions=False)
        self.log_in()

    def log_in(self) -> None:
        answer = self.client.post("/log-in/invented", data={"username": self.role.value})
        assert answer.status_code == 303
        page = self.client.get("/account")
        assert f"Test {self.role.value}" in page.text
        self.token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)[1]

    def ask(self, address: Address):
        path = re.sub(
            r"{(\w+?)(_id)?}", lambda found: WORDS.get(found[1], str(NEVER)), address.path
        )
        given = self._send(address, path)
        if given.headers.get("location", "").startswith("/log-in"):
            self.log_in()
            given = self._send(address, path)
        return given

    def _send(self, address: Address, path: str):
        url = address_of(self.client, path)
        if address.method in ("GET", "HEAD"):
            return self.client.request(address.method, url)
        if path.startswith("/api/"):
            head = {"x-csrf-token": self.token}
            return self.client.request(address.method, url, json={}, headers=head)
        return self.client.request(address.method, url, data={"csrf_token": self.token})


@pytest.mark.parametrize("role", Role)
def test_each_role_is_let_in_where_the_table_says_so_and_nowhere_else(app, role):
    visitor, wrong = Visitor(app, role), []
    for address in addresses():
        if not address.permissions:
            continue
        [permission] = address.permissions
        answer = visitor.ask(address)
        is_in = role in POLICY[permission]
        TRIED["let in" if is_in else "refused"] += 1
        refused = answer.status_code == 403 and REFUSED.search(answer.text) is not None
        led_away = answer.headers.get("location", "").startswith("/log-in")
        if refused is is_in or led_away or answer.status_code >= 500:
            wrong.append((str(address), permission, answer.status_code))

    print(f"\n{role.value}: {sum(TRIED.values())} pairs so far, {dict(TRIED)}")  # noqa: T201
    assert wrong == []


def test_nobody_who_is_not_logged_in_is_let_in_anywhere(app):
    client = TestClient(app, follow_redirects=False, raise_server_exceptions=False)
    let_in = []
    for address in addresses():
        if address.permissions:
            path = re.sub(r"{\w+}", "1", address.path)
            given = client.request(address.method, path)
            away = given.headers.get("location", "").startswith("/log-in")
            if not (given.status_code in (401, 403) or (given.status_code == 303 and away)):
                let_in.append((str(address), given.status_code))

    assert let_in == []
