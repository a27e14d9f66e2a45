"""A request is one transaction: all of it is stored before the answer leaves, or nothing is.

Small routes are added to the real application; they use its own database dependencies.
"""

import re
from typing import Annotated

import pytest
from fastapi import FastAPI
from fastapi.responses import HTMLResponse, Response
from fastapi.testclient import TestClient
from sqlalchemy import event, select, text

from gvi.domain.access import Role
from gvi.domain.errors import NotAllowedError, NotFoundError, RuleError
from gvi.settings import Settings
from gvi.store.engine import reading
from gvi.store.models import Organisation
from gvi.web.app import create_app
from gvi.web.visit import Db, PageForm, ReadDb, Visit, attempt, done, may
from tests.client import Browser, Page
from tests.tamper import as_owner

pytestmark = pytest.mark.both_databases

MayWrite = Annotated[Visit, may("group:write")]
MayRead = Annotated[Visit, may("group:list")]
ERRORS = {"rule": RuleError, "found": NotFoundError, "allowed": NotAllowedError}


@pytest.fixture
def app(engine, programme, clock) -> FastAPI:
    settings = Settings(database_url=str(engine.url), environment="demo")
    app = create_app(settings, engine=engine, clock=clock)

    def add(db: Db, name: str) -> None:
        db.add(Organisation(programme_id=programme, name=name, compartment="shared"))
        db.flush()

    @app.post("/probe/write")
    def write(visit: MayWrite, form: PageForm, db: Db) -> Response:
        add(db, form.value("name"))
        return done("/method")

    @app.post("/probe/commit-fails")
    def commit_fails(visit: MayWrite, form: PageForm, db: Db) -> Response:
        add(db, "Half")
        db.execute(text("INSERT INTO probes (id, programme_id) VALUES (1, 999)"))
        return done("/method")

    @app.post("/probe/raises/{error}")
    def raises(visit: MayWrite, error: str, form: PageForm, db: Db) -> Response:
        add(db, "Half")
        raise ERRORS.get(error, RuntimeError)("This cannot be.")

    @app.post("/probe/refused")
    def refused(visit: MayWrite, form: PageForm, db: Db) -> Response:
        def act() -> None:
            add(db, "Half")
            raise RuleError("This cannot be.", field="name")

        assert attempt(db, form, act) is None
        assert form.errors
        return visit.render("error.html", status_code=422, title="Wrong", message="See the field.")

    @app.get("/probe/read")
    def read(visit: MayRead, db: ReadDb) -> HTMLResponse:
        add(db, "Written by a page that reads")
        return visit.render("error.html", title="Right", message="Never shown.")

    _add_probes(engine)
    return app


def _add_probes(engine) -> None:
    with as_owner(engine) as owner, owner.begin() as connection:
        connection.execute(
            text(
                "CREATE TABLE probes (id INTEGER PRIMARY KEY, programme_id INTEGER NOT NULL "
                "REFERENCES programmes (id) DEFERRABLE INITIALLY DEFERRED)"
            )
        )
        if engine.dialect.name == "postgresql":
            role = engine.dialect.identifier_preparer.quote(engine.url.username)
            connection.exec_driver_sql(f"GRANT INSERT ON probes TO {role}")


@pytest.fixture
def analyst(app) -> Browser:
    browser = Browser(app, Role.ANALYST)
    browser.client = TestClient(app, raise_server_exceptions=False, cookies=browser.client.cookies)
    return browser


def stored(engine) -> list[str]:
    with reading(engine) as db:
        return list(db.execute(select(Organisation.name).order_by(Organisation.id)).scalars())


def test_what_a_request_wrote_is_stored(analyst, engine):
    assert analyst.post("/probe/write", name="Frivården").status == 200
    assert stored(engine) == ["Polisen", "Frivården"]


def test_a_commit_that_fails_is_not_called_saved(analyst, engine):
    page = analyst.post("/probe/commit-fails")

    assert page.status == 409
    assert "Nothing was saved" in page.text
    assert stored(engine) == ["Polisen"]


def test_a_disk_that_fails_at_the_commit_is_not_called_saved(analyst, engine):
    token = analyst.token()

    def fail(_connection) -> None:
        raise OSError("no space left on device")

    event.listen(engine, "commit", fail)
    try:
        answer = analyst.client.post(
            "/probe/write", data={"csrf_token": token, "name": "Half"}, follow_redirects=False
        )
    finally:
        event.remove(engine, "commit", fail)

    page = Page(answer)
    assert page.status == 500
    assert re.search("Nothing was saved|Inget sparades", page.text)
    assert stored(engine) == ["Polisen"]


@pytest.mark.parametrize(
    ("error", "status"), [("rule", 422), ("found", 404), ("allowed", 403), ("mistake", 500)]
)
def test_a_request_that_ends_in_an_error_stores_nothing(analyst, engine, error, status):
    assert analyst.post(f"/probe/raises/{error}").status == status
    assert stored(engine) == ["Polisen"]


def test_a_refused_act_leaves_nothing_half_written(analyst, engine):
    """The page that shows the error is answered, so its transaction is committed: without it."""
    assert analyst.post("/probe/refused").status == 422
    assert stored(engine) == ["Polisen"]


def test_a_page_that_reads_cannot_write(analyst, engine):
    page = analyst.get("/probe/read")

    assert page.status == 500
    assert stored(engine) == ["Polisen"]


def test_a_request_that_writes_commits_once(analyst, engine):
    token, commits = analyst.token(), []

    def count(_connection) -> None:
        commits.append(1)

    event.listen(engine, "commit", count)
    try:
        answer = analyst.client.post(
            "/probe/write", data={"csrf_token": token, "name": "Skolan"}, follow_redirects=False
        )
    finally:
        event.remove(engine, "commit", count)

    assert answer.status_code == 303
    assert len(commits) == 1
    assert stored(engine) == ["Polisen", "Skolan"]
