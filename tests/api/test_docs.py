"""Every command on docs/api.md is run as it stands there, against a server of ours."""

import os
import re
import shutil
import subprocess
import threading
import time
from pathlib import Path

import pytest
import uvicorn

from gvi.domain.access import Role
from gvi.domain.token import TokenScope
from gvi.settings import Settings
from gvi.store.engine import reading, transaction
from gvi.store.models import Incident
from gvi.usecases.token import make_token
from gvi.web.app import create_app
from tests.codebase.routes import addresses
from tests.conftest import MONDAY
from tests.factories import a_group, a_person

PAGE = Path(__file__).parents[2] / "docs" / "api.md"


@pytest.fixture
def served(engine, programme, clock):
    app = create_app(
        Settings(database_url=str(engine.url), environment="demo"), engine=engine, clock=clock
    )
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="critical", lifespan="off"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    thread.join()


@pytest.mark.skipif(shutil.which("curl") is None, reason="the page is about curl")
def test_the_commands_do_what_the_page_says(served, engine, programme, viewer):
    with transaction(engine) as db:
        a_group(db, programme, MONDAY)
        a_person(db, programme, MONDAY, "Lom")
        token = make_token(
            db,
            viewer(Role.COORDINATOR_POLICE),
            name="Report",
            scopes=tuple(TokenScope),
            days=7,
            at=MONDAY,
        ).secret
    script = "\n".join(re.findall(r"```sh\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.S))
    script = script.replace("127.0.0.1:8000", f"127.0.0.1:{served}")

    run = subprocess.run(
        ["bash", "-eu", "-c", script],
        env={"TOKEN": token, "PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )

    said = run.stdout
    assert '"name":"Granit"' in said
    assert '"code_name":"Lom"' in said
    assert "HTTP/1.1 201" in said
    assert "location: /api/v1/incidents/1" in said.lower()
    assert '"gmi":"likely"' in said
    assert '"pointer":"#/place"' in said
    with reading(engine) as db:
        incident = db.get(Incident, 1)
    assert (incident.summary, incident.status) == ("Two shots heard", "reviewed")


def test_the_page_names_every_address_that_writes():
    page = PAGE.read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `([a-z-]+)` \|(.*)$", page, re.M))
    written: dict[str, set[str]] = {}
    for address in addresses():
        parts = address.path.split("/")
        if address.path.startswith("/api/") and address.method != "GET":
            words = [part for part in parts[5:] if not part.startswith("{")]
            written.setdefault(parts[3], set()).update(words or [address.method])
    written.pop("call-in-plans")

    assert set(written) == set(rows)
    for noun, ways in written.items():
        acts = set(re.findall(r"`([a-z-]+)`", rows[noun]))
        assert acts == ways - {"POST", "PATCH"}, noun
        assert ("| yes | yes |" in f"|{rows[noun]}") == ({"POST", "PATCH"} <= ways), noun
