"""Every answer tells the browser what it may do with it, whatever kind of answer it is."""

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from gvi.domain.access import Role
from gvi.settings import Settings
from gvi.web.app import create_app
from gvi.web.templating import static_prefix
from tests.client import Browser

EXPECTED = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}


@pytest.fixture
def app(engine, programme, clock) -> FastAPI:
    settings = Settings(database_url=str(engine.url), environment="demo")
    app = create_app(settings, engine=engine, clock=clock)

    @app.get("/probe/mistake")
    def mistake() -> None:
        raise RuntimeError("A mistake of ours.")

    return app


@pytest.fixture
def client(app) -> TestClient:
    """Somebody logged in, who follows no redirects."""
    cookies = Browser(app, Role.ANALYST).client.cookies
    return TestClient(app, cookies=cookies, follow_redirects=False, raise_server_exceptions=False)


ANSWERS = [
    pytest.param("GET", "/method", 200, id="a page"),
    pytest.param("GET", "/", 303, id="a redirect"),
    pytest.param("GET", "/nowhere", 404, id="no such page"),
    pytest.param("DELETE", "/method", 405, id="not possible there"),
    pytest.param("GET", "/users", 403, id="not for the role"),
    pytest.param("GET", "/groups/many", 404, id="no number"),
    pytest.param("POST", "/language", 403, id="a form without token"),
    pytest.param("GET", "/probe/mistake", 500, id="a mistake of ours"),
    pytest.param("GET", "/api/v1/nowhere", 404, id="no such resource"),
    pytest.param("GET", "/healthz", 200, id="the health check"),
    pytest.param("GET", "/openapi.json", 200, id="the API's description"),
]


@pytest.mark.parametrize(("method", "path", "status"), ANSWERS)
def test_every_answer_carries_the_security_headers(client, method, path, status):
    answer = client.request(method, path)

    assert answer.status_code == status
    assert {name: answer.headers.get(name) for name in EXPECTED} == EXPECTED
    policy = answer.headers["content-security-policy"]
    for rule in ("default-src 'self'", "frame-ancestors 'none'", "form-action 'self'"):
        assert rule in policy
    assert "unsafe" not in policy
    assert answer.headers["cache-control"] == "no-store"


def test_a_refused_write_from_another_site_carries_them_too(client):
    answer = client.post("/language", headers={"Sec-Fetch-Site": "cross-site"})

    assert answer.status_code == 403
    assert {name: answer.headers.get(name) for name in EXPECTED} == EXPECTED


def test_static_files_are_kept_for_ever_under_an_address_of_their_content(client):
    answer = client.get(f"{static_prefix()}/app.css")

    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("path", [f"{static_prefix()}/missing.css", "/static/old/app.css"])
def test_a_static_file_that_is_not_there_is_not_remembered(client, path):
    answer = client.get(path)

    assert answer.status_code == 404
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("path", ["/static/../settings.py", "/static/%2e%2e/%2e%2e/settings.py"])
def test_nothing_but_static_files_is_served_there(client, path):
    assert client.get(path).status_code == 404
    assert client.get(f"{static_prefix()}/{path.removeprefix('/static/')}").status_code == 404
