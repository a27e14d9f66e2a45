"""A refusal is a page that says what to do, or a problem document; nothing shows a traceback."""

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import text

from gvi.domain.access import Role
from gvi.settings import Settings
from gvi.store.engine import make_engine
from gvi.web.app import create_app
from tests.client import Browser, Page

pytestmark = pytest.mark.both_databases

HUGE = "9" * 30


@pytest.fixture
def app(engine, programme, clock) -> FastAPI:
    settings = Settings(database_url=str(engine.url), environment="demo")
    app = create_app(settings, engine=engine, clock=clock)

    @app.get("/probe/mistake")
    @app.get("/api/v1/probe/mistake")
    def mistake() -> None:
        secret = "a-secret-value"
        raise RuntimeError(secret)

    return app


def client_of(app: FastAPI, role: Role | None) -> TestClient:
    cookies = Browser(app, role).client.cookies if role else None
    return TestClient(
        app,
        cookies=cookies,
        headers={"Accept-Language": "en"},
        follow_redirects=False,
        raise_server_exceptions=False,
    )


@pytest.fixture
def analyst(app) -> TestClient:
    return client_of(app, Role.ANALYST)


def check_says_nothing_of_us(body: str) -> None:
    for word in ("Traceback", "site-packages", "sqlalchemy", "psycopg", "a-secret-value", ".py"):
        assert word not in body


PAGES = [
    pytest.param("GET", "/nowhere", 404, "Not found", id="no such page"),
    pytest.param("GET", "/groups/999", 404, "Not found", id="no such group"),
    pytest.param("GET", "/groups/many", 404, "Not found", id="no number"),
    pytest.param("GET", f"/groups/{HUGE}", 404, "Not found", id="a number no row can have"),
    pytest.param("GET", f"/people/-{HUGE}", 404, "Not found", id="a negative one"),
    pytest.param("DELETE", "/method", 405, "Not possible here", id="not possible there"),
    pytest.param("POST", "/method", 405, "Not possible here", id="a page that takes no form"),
    pytest.param("GET", "/users", 403, "Not for your role", id="not for the role"),
    pytest.param("GET", "/groups?as_of=soon", 422, "Something is missing", id="an impossible day"),
    pytest.param("GET", "/probe/mistake", 500, "Something went wrong here", id="a mistake of ours"),
]


@pytest.mark.parametrize(("method", "path", "status", "title"), PAGES)
def test_a_refusal_is_a_page_that_leads_on(analyst, method, path, status, title):
    page = Page(analyst.request(method, path))

    assert page.status == status
    assert page.title.startswith(title)
    assert "/" in page.links()
    check_says_nothing_of_us(page.html)


WORDS = ["\x00", "%", "_", "'", "å" * 5000, b"\xff\xe5", "-1", HUGE, "0001-01-01", "9999-12-31"]


@pytest.mark.parametrize("path", ["/people", "/groups", "/incidents", "/search"])
def test_nothing_in_an_address_breaks_a_list(analyst, path):
    for parameter in ("q", "page", "sort", "status", "kind", "as_of"):
        for word in WORDS:
            page = Page(analyst.get(path, params={parameter: word}, follow_redirects=True))
            assert page.status in (200, 404, 422), (parameter, word)
            check_says_nothing_of_us(page.html)


def test_a_method_that_is_not_possible_names_those_that_are(analyst):
    answer = analyst.delete("/method")
    assert answer.headers["allow"] == "GET"


def test_a_mistake_is_a_page_also_when_the_database_is_gone(analyst, owner_url):
    owner = make_engine(owner_url)
    with owner.begin() as connection:
        connection.execute(text("ALTER TABLE user_sessions RENAME TO elsewhere"))
    owner.dispose()

    page = Page(analyst.get("/method"))

    assert page.status == 500
    assert page.title == "Something went wrong here"
    check_says_nothing_of_us(page.html)


PROBLEMS = [
    pytest.param(None, "/api/v1/groups", 401, id="nobody is logged in"),
    pytest.param(None, "/api/v1/rankings/driving", 401, id="nobody asks for scores"),
    pytest.param(Role.COMMUNITY, "/api/v1/groups", 403, id="not for the role"),
    pytest.param(Role.ANALYST, "/api/v1/nowhere", 404, id="no such resource"),
    pytest.param(Role.ANALYST, "/api/v1/groups/999", 404, id="no such group"),
    pytest.param(Role.ANALYST, f"/api/v1/groups/{HUGE}", 422, id="a number no row can have"),
    pytest.param(Role.ANALYST, "/api/v1/groups/many", 422, id="no number"),
    pytest.param(Role.ANALYST, "/api/v1/groups?as_of=soon", 422, id="an impossible day"),
    pytest.param(Role.ANALYST, "/api/v1/probe/mistake", 500, id="a mistake of ours"),
]


@pytest.mark.parametrize(("role", "path", "status"), PROBLEMS)
def test_the_api_answers_with_problem_documents(app, role, path, status):
    answer = client_of(app, role).get(path)

    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert set(problem) - {"errors"} == {"type", "title", "status", "detail", "instance"}
    assert problem["status"] == status
    assert problem["instance"] == path.split("?")[0]
    assert problem["detail"]
    assert "%(" not in problem["detail"]
    check_says_nothing_of_us(answer.text)


def test_nothing_is_deleted_over_the_api(analyst):
    answer = analyst.delete("/api/v1/groups")
    assert answer.status_code == 405
    assert answer.headers["content-type"] == "application/problem+json"
