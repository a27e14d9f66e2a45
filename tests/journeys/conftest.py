"""A live server with the invented town, a clock that can be moved, and a real browser."""

import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import Browser, Page, sync_playwright
from sqlalchemy import update

from gvi.domain.access import Viewer
from gvi.settings import Settings
from gvi.store.engine import make_engine, transaction
from gvi.store.migrate import upgrade
from gvi.store.models import Programme, User
from gvi.usecases.demo import load
from gvi.web.app import create_app
from tests.browser import chromium_arguments, chromium_path, must_have_browser
from tests.conftest import MONDAY, ZONE, Clock

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}


@pytest.fixture(scope="session")
def town_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The invented town on the Monday morning on which the tests' week begins, read in English."""
    path = tmp_path_factory.mktemp("town") / "town.db"
    engine = make_engine(f"sqlite:///{path}")
    upgrade(engine)
    with transaction(engine) as db:
        programme = Programme(code="default", display_name="GVI", created_at=MONDAY)
        db.add(programme)
        db.flush()
        operator = Viewer(programme_id=programme.id, user_id=None, role=None, name="tests")
        load(db, operator, at=MONDAY, zone=ZONE)
        db.execute(update(User).values(language="en"))
    engine.dispose()
    return path


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    path = chromium_path()
    if path is None:
        if must_have_browser():
            pytest.fail("No Chromium: the journeys cannot be walked.")
        pytest.skip("NO CHROMIUM FOUND: the journeys in a browser are not tested here.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=chromium_arguments())
        yield browser
        browser.close()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def site(town_template: Path, tmp_path: Path, clock: Clock) -> Iterator[str]:
    """The address of a server of the test's own, with the invented town."""
    database = tmp_path / "town.db"
    shutil.copy(town_template, database)
    settings = Settings(database_url=f"sqlite:///{database}", environment="demo")
    app = create_app(settings, clock=clock)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="warning"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 20
    while not server.started and time.monotonic() < deadline:
        time.sleep(0.02)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(10)
    app.state.engine.dispose()


@pytest.fixture
def as_user(chromium: Browser, site: str) -> Iterator[Callable[..., Page]]:
    """Gives a page logged in by one click: `as_user("asa")`, `as_user("maja", PHONE)`."""
    contexts = []

    def enter(username: str, size: dict[str, int] = DESK, **options: object) -> Page:
        context = chromium.new_context(
            viewport=size, base_url=site, locale="en-GB", timezone_id="Europe/Stockholm", **options
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.goto("/log-in")
        page.locator(f'button[name="username"][value="{username}"]').click()
        page.wait_for_load_state()
        return page

    yield enter
    for context in contexts:
        context.close()
