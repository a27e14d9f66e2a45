"""The OpenAPI document is true: it is valid, its examples fit, and no request of any shape gets an
answer it does not name. schemathesis makes the requests, as three roles on the invented town.

`GVI_API_EXAMPLES` says how many requests for each operation and role; `make security` asks more.
"""

import os
import shutil
from collections.abc import Iterator
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest
import requests
import schemathesis
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, Phase, given, settings
from openapi_spec_validator import validate
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from sqlalchemy import Engine, text

from gvi.domain.access import Role, Viewer
from gvi.domain.token import TokenScope
from gvi.settings import Settings
from gvi.store.engine import make_engine, reading, transaction
from gvi.store.migrate import upgrade
from gvi.store.models import Programme
from gvi.usecases.demo.load import load
from gvi.web.api.examples import EXAMPLES
from gvi.web.app import create_app
from tests.conftest import MONDAY, ZONE, ready_engine

EACH = int(os.environ.get("GVI_API_EXAMPLES", "2"))
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
BOUNDED = settings(
    max_examples=EACH,
    deadline=None,
    database=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
ROLES = (Role.COORDINATOR_POLICE, Role.OUTREACH, Role.AUDITOR)
NEVER_READS = {
    Role.COORDINATOR_POLICE: ("mk-social", "mk-child", "mk-probation"),
    Role.OUTREACH: ("mk-police", "mk-probation", '"rank"'),
    Role.AUDITOR: ("mk-police", "mk-social", "mk-child", "mk-probation", '"rank"'),
}
TABLES = {
    "person_id": "persons",
    "group_id": "groups",
    "relation_id": "group_relations",
    "membership_id": "memberships",
    "tie_id": "ties",
    "incident_id": "incidents",
    "involvement_id": "involvements",
    "call_in_id": "call_ins",
    "invitee_id": "invitees",
    "speaker_id": "speakers",
    "notification_id": "custom_notifications",
    "case_id": "support_cases",
    "contact_id": "contacts",
    "action_id": "actions",
}


@pytest.fixture(scope="module")
def document():
    engine = make_engine("sqlite://")
    settings = Settings(database_url="sqlite://", environment="demo")
    return create_app(settings, engine=engine).openapi()


@pytest.fixture(scope="module")
def loaded(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("town") / "gvi.db"
    bare = make_engine(f"sqlite:///{path}")
    upgrade(bare)
    bare.dispose()
    engine = ready_engine(f"sqlite:///{path}")
    with transaction(engine) as db:
        programme = Programme(code="default", display_name="", created_at=MONDAY, is_invented=True)
        db.add(programme)
        db.flush()
        operator = Viewer(programme_id=programme.id, user_id=None, role=None, name="op")
        load(db, operator, at=MONDAY, zone=ZONE)
    engine.dispose()
    return path


@pytest.fixture
def town(loaded, tmp_path) -> Iterator[Engine]:
    for part in loaded.parent.glob("gvi.db*"):
        shutil.copy(part, tmp_path / part.name)
    engine = ready_engine(f"sqlite:///{tmp_path / 'gvi.db'}")
    yield engine
    engine.dispose()


def test_the_document_is_valid(document):
    validate(document)


def operations(document):
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if path.startswith("/api/"):
                yield f"{method.upper()} {path}", operation


def test_every_operation_names_who_may_ask_and_what_is_answered(document):
    scopes = set()
    for name, operation in operations(document):
        ways = operation["security"]
        cookie = {"session": [], "formToken": []} if "428" in operation["responses"] else None
        assert any("session" in way for way in ways), name
        assert cookie is None or cookie in ways, name
        scopes |= {scope for way in ways for scope in way.get("bearer", ())}
        assert {"401", "403", "422"} <= set(operation["responses"]), name
        good = [code for code in operation["responses"] if code.startswith("2")]
        assert len(good) == 1, name
        for code, answer in operation["responses"].items():
            if code.startswith("4"):
                assert list(answer["content"]) == ["application/problem+json"], (name, code)
    assert scopes == set(TokenScope)


def test_every_body_that_makes_something_has_an_example_that_fits(document):
    models = document["components"]["schemas"]
    made = {name for name in models if name.startswith("New")} - {"NewNeed"}
    assert made == set(EXAMPLES)
    everything = {"$defs": models}
    from jsonschema import Draft202012Validator  # noqa: PLC0415 — comes with the validator above

    for name, example in EXAMPLES.items():
        schema = {**everything, **models[name]}
        schema = eval(repr(schema).replace("#/components/schemas/", "#/$defs/"))  # noqa: S307
        Draft202012Validator(schema).validate(example)


@pytest.mark.slow
@pytest.mark.parametrize("role", ROLES)
def test_no_request_gets_an_answer_the_document_does_not_name(town, document, role):
    client = client_of(town, role)
    schema = schemathesis.openapi.from_dict(document)
    asked, faults, seen = count(), [], set()

    for found in schema.get_all_operations():
        operation = found.ok()
        if not operation.path.startswith("/api/"):
            continue

        def ask(case):
            answer = send(client, town, case, real=next(asked) % 3 != 0)
            seen.add(answer.status_code)
            case.validate_response(answer, checks=CHECKS)
            said = [word for word in NEVER_READS[role] if word in answer.text]
            assert said == [], f"{said} in {case.operation.label}"

        try:
            BOUNDED(given(case=operation.as_strategy())(ask))()
        except (Exception, BaseExceptionGroup) as error:  # all of them, not the first alone
            faults.append(f"{operation.label}: {error!r} {error}"[:1500])

    assert faults == [], "\n\n".join(faults)
    assert next(asked) >= 70 * min(EACH, 2)
    # Else nothing was tried.
    assert seen >= ({403} if role is Role.AUDITOR else {200, 404, 422, 428})


def client_of(engine: Engine, role: Role) -> TestClient:
    ticks = count()
    app = create_app(
        Settings(database_url=str(engine.url), environment="demo"),
        engine=engine,
        clock=lambda: MONDAY + timedelta(milliseconds=next(ticks)),
    )
    client = TestClient(app, raise_server_exceptions=False, follow_redirects=False)
    first = text("SELECT username FROM users WHERE role = :role ORDER BY id LIMIT 1")
    with reading(engine) as db:
        name = db.execute(first, {"role": role.value}).scalar_one()
    client.post("/log-in/invented", data={"username": name})
    with reading(engine) as db:
        token = db.execute(text("SELECT csrf_token FROM user_sessions ORDER BY id DESC")).scalar()
    client.headers["X-CSRF-Token"] = token
    return client


def send(client: TestClient, engine: Engine, case, *, real: bool):
    """Send a made-up request; a real one is about a record that is there, in its version."""
    if real and case.path_parameters:
        with reading(engine) as db:
            for name in case.path_parameters:
                query = text(f"SELECT min(id) FROM {TABLES[name]}")
                case.path_parameters[name] = db.execute(query).scalar() or 1
    given = case.as_transport_kwargs(base_url="http://testserver")
    given["headers"] = {
        name: value
        for name, value in (given.get("headers") or {}).items()
        if name.lower() not in ("authorization", "cookie", "x-csrf-token")
    }
    given.pop("cookies", None)
    if real and case.method != "GET" and case.path_parameters:
        plain = case.operation.path.split("}")[0] + "}"
        record = client.get(plain.format(**case.path_parameters))
        given["headers"]["If-Match"] = record.headers.get("etag", '"none"')
    allowed = {"method", "url", "params", "headers", "json", "data", "files", "auth"}
    prepared = requests.Request(
        **{key: value for key, value in given.items() if key in allowed}
    ).prepare()
    headers = {
        name: value for name, value in prepared.headers.items() if name.lower() != "content-length"
    }
    return client.request(
        prepared.method, prepared.url, content=prepared.body or b"", headers=headers
    )
