"""The invented town behind a real server: for the journeys and for the README's pictures."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import uvicorn
from sqlalchemy import update

from gvi.domain.access import Viewer
from gvi.settings import Settings
from gvi.store.engine import make_engine, transaction
from gvi.store.migrate import upgrade
from gvi.store.models import Programme, User
from gvi.usecases.demo import load
from gvi.web.app import create_app
from tests.conftest import MONDAY, SECRET_KEY, ZONE, ready_engine

START_WITHIN_S = 20


def make_town(path: Path) -> None:
    """Fill a new database with the town as it is on the tests' Monday, to be read in English."""
    bare = make_engine(f"sqlite:///{path}")
    upgrade(bare)
    bare.dispose()
    engine = ready_engine(f"sqlite:///{path}")
    with transaction(engine) as db:
        programme = Programme(code="default", display_name="GVI", created_at=MONDAY)
        db.add(programme)
        db.flush()
        operator = Viewer(programme_id=programme.id, user_id=None, role=None, name="tests")
        load(db, operator, at=MONDAY, zone=ZONE)
        db.execute(update(User).values(language="en"))
    engine.dispose()


@contextmanager
def served(
    database: Path, clock: Callable[[], datetime], *, port: int = 0, **more: str
) -> Iterator[str]:
    """Serve a town, on a port of its own where none is named; gives the address."""
    url = f"sqlite:///{database}"
    settings = Settings(database_url=url, environment="demo", secret_key=SECRET_KEY, **more)
    app = create_app(settings, engine=ready_engine(url), clock=clock)
    with in_a_thread(uvicorn.Config(app, log_level="warning"), port) as address:
        yield address
    app.state.engine.dispose()


@contextmanager
def in_a_thread(config: uvicorn.Config, port: int = 0) -> Iterator[str]:
    """Serve on a port of this machine, a free one where none is named; gives the address."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", port))
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
        thread.start()
        _wait_for(server)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        thread.join(10)


def _wait_for(server: uvicorn.Server) -> None:
    deadline = time.monotonic() + START_WITHIN_S
    while not server.started:
        if time.monotonic() > deadline:
            raise TimeoutError("the server did not start")
        time.sleep(0.02)
