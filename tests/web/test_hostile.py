"""Hostile requests, too large, too deep, misnamed or malformed, are refused without internals."""

import io
import re
import zipfile

import pytest
from fastapi.testclient import TestClient

from gvi.domain.access import Role
from gvi.settings import Settings
from gvi.web import limits
from gvi.web.app import create_app
from tests.client import Page

ANALYST = Role.ANALYST
INTERNALS = re.compile(r"Traceback|sqlalchemy|sqlite3|psycopg|starlette|SELECT |/gvi/|\.py\b", re.I)


@pytest.fixture
def analyst(browser):
    client = browser(ANALYST)
    client.client = TestClient(
        client.client.app,
        cookies=client.client.cookies,
        follow_redirects=False,
        raise_server_exceptions=False,
    )
    return client


def site(engine, clock, public_url: str) -> TestClient:
    settings = Settings(
        database_url=str(engine.url), environment="demo", public_url=public_url, secret_key="x"
    )
    app = create_app(settings, engine=engine, clock=clock)
    return TestClient(app, raise_server_exceptions=False, follow_redirects=False)


def test_a_body_that_announces_too_much_is_refused_before_it_is_read(analyst):
    body = b"a" * (limits.MOST_OF_A_FORM + 1)
    for path in ("/find", "/log-in", "/people/new", "/api/v1/persons"):
        answer = analyst.client.post(path, content=body)
        assert answer.status_code == 413, path
        assert not INTERNALS.search(answer.text)


def test_a_body_that_announces_nothing_is_stopped_where_it_is_too_much(analyst):
    def much():
        for _ in range(limits.MOST_OF_A_FORM // 100_000 + 1):
            yield b"name=" + b"a" * 100_000 + b"&"

    head = {"content-type": "application/x-www-form-urlencoded"}
    answer = analyst.client.post("/people/new", content=much(), headers=head)

    assert answer.status_code == 413


def test_a_form_of_too_many_parts_or_too_large_a_field_is_refused(analyst):
    many = [("files", (f"{n}.csv", b"id\n", "text/csv")) for n in range(limits.MOST_FILES + 1)]
    assert analyst.client.post("/import", files=many).status_code == 400

    one = {"name": (None, b"a" * (limits.MOST_OF_A_FIELD + 1))}
    assert analyst.client.post("/people/new", files=one).status_code == 400


@pytest.mark.parametrize("body", [b"[" * 200_000, b'{"a":' * 100_000, b"\xff\xfe{", b"{", b"NaN"])
def test_json_too_deep_or_broken_is_refused(analyst, body):
    head = {"content-type": "application/json", "x-csrf-token": "x"}
    answer = analyst.client.post("/api/v1/call-in-plans", content=body, headers=head)

    assert answer.status_code in (400, 413, 415, 422)
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert not INTERNALS.search(answer.text)


def bomb() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as file:
        file.writestr("persons.csv", b"id,name\n" + b"0" * 300_000_000)
    return packed.getvalue()


XML = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c"><!ENTITY d "&b;&b;">]><a>&d;</a>'


@pytest.mark.parametrize(
    ("name", "content"),
    [
        pytest.param("all.zip", bomb(), id="a zip bomb"),
        pytest.param("persons.csv", bomb(), id="a zip bomb called CSV"),
        pytest.param("persons.xlsx", b"PK\x03\x04" + b"\0" * 99, id="a spreadsheet"),
        pytest.param("persons.xml", XML, id="an XML bomb"),
        pytest.param("persons.csv", XML, id="an XML bomb called CSV"),
        pytest.param("../../../etc/persons.csv", b"\0\xff", id="a path"),
        pytest.param("..\\..\\persons.csv\x00.png", b"\0", id="a path and a NUL"),
    ],
)
def test_a_file_that_is_no_table_is_refused_and_nothing_of_it_is_kept(analyst, name, content):
    data = {"csrf_token": analyst.token()}
    answer = analyst.client.post("/import", data=data, files={"files": (name, content)})

    if answer.status_code == 303:
        answer = analyst.client.get(answer.headers["location"])
        assert "etc/" not in answer.text
        assert "..\\" not in answer.text
    assert answer.status_code in (200, 413, 422)
    assert not INTERNALS.search(Page(answer).text)


@pytest.mark.parametrize(
    "host", ["evil.example", "gvi.example.se.evil.example", "gvi.example.se:1", ""]
)
def test_another_name_than_the_sites_own_is_not_answered(engine, programme, clock, host):
    client = site(engine, clock, "https://gvi.example.se")

    answer = client.get("/log-in", headers={"host": host})

    assert answer.status_code == 421
    assert host not in answer.text or not host
    assert client.get("/log-in", headers={"host": "gvi.example.se"}).status_code == 200
    assert client.get("/healthz", headers={"host": "127.0.0.1:8000"}).status_code == 200


def test_an_encrypted_site_is_never_asked_for_openly_again(engine, programme, clock):
    head = {"host": "gvi.example.se"}
    encrypted = site(engine, clock, "https://gvi.example.se").get("/log-in", headers=head)
    openly = site(engine, clock, "").get("/log-in", headers=head)

    assert encrypted.headers["strict-transport-security"].startswith("max-age=63072000")
    assert "strict-transport-security" not in openly.headers


@pytest.mark.parametrize(
    "method", ["HEAD", "OPTIONS", "TRACE", "PUT", "PATCH", "DELETE", "PROPFIND", "X"]
)
def test_no_other_method_does_anything(analyst, method):
    for path in ("/people", "/people/new", "/log-out", "/find", "/api/v1/persons"):
        head = {"x-http-method-override": "POST", "content-type": "application/json"}
        answer = analyst.client.request(method, path, headers=head)
        assert answer.status_code in (401, 403, 405), (method, path)
        assert not INTERNALS.search(answer.text)
    assert analyst.client.get("/method").status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/people/%ff%fe",
        "/groups/%00",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/people?q=%ff",
        "/people?page=%ff&sort=%00&group='\"--",
        "/people?" + "a=1&" * 3000,
        "/api/v1/persons?cursor=%ff",
        "/log-in?next=%0d%0aSet-Cookie:%20a=b",
        "/log-in?lang=%0d%0aX:y",
    ],
)
def test_a_malformed_address_is_answered_without_anything_of_the_inside(analyst, path):
    answer = analyst.client.get(path)

    assert answer.status_code in (200, 303, 400, 404, 422)
    assert not INTERNALS.search(answer.text)
    assert "a=b" not in answer.headers.get("set-cookie", "")


@pytest.mark.parametrize(
    "header", ["x-forwarded-host", "x-forwarded-proto", "forwarded", "x-original-url"]
)
def test_headers_only_a_proxy_may_set_change_nothing(analyst, header):
    answer = analyst.client.get("/users", headers={header: "evil.example"})

    assert answer.status_code == 403
    assert "evil.example" not in answer.text


def test_a_form_token_of_another_session_opens_nothing(browser, analyst):
    other = browser(Role.COORDINATOR_POLICE).token()
    for data in ({}, {"csrf_token": ""}, {"csrf_token": other}, {"csrf_token": "å"}):
        assert analyst.client.post("/find", data=data).status_code == 403
    as_json = analyst.client.post("/find", json={"csrf_token": analyst.token()})
    assert as_json.status_code == 403
