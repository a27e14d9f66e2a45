"""More requests at once than the server has connections: they wait for one another, and come."""

import http.client
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
import uvicorn

from gvi.domain.access import Role
from gvi.settings import Settings
from gvi.web.app import create_app
from gvi.web.session import COOKIE
from tests.client import Browser
from tests.conftest import SECRET_KEY
from tests.journeys.live import in_a_thread

pytestmark = pytest.mark.slow

AT_ONCE = 60
"""Four times the connections of the pool."""


@pytest.mark.both_databases
def test_many_pages_asked_for_at_once_all_come(engine, programme, clock):
    settings = Settings(database_url=str(engine.url), environment="demo", secret_key=SECRET_KEY)
    app = create_app(settings, engine=engine, clock=clock)
    cookie = f"{COOKIE}={Browser(app, Role.ANALYST).client.cookies[COOKIE]}"

    def visit(address: str) -> int:
        connection = http.client.HTTPConnection(address.removeprefix("http://"), timeout=90)
        connection.request("GET", "/people", headers={"Cookie": cookie})
        status = connection.getresponse().status
        connection.close()
        return status

    with (
        in_a_thread(uvicorn.Config(app, log_level="critical")) as address,
        ThreadPoolExecutor(AT_ONCE) as people,
    ):
        statuses = Counter(people.map(visit, [address] * AT_ONCE * 2))

    assert statuses == {200: AT_ONCE * 2}
