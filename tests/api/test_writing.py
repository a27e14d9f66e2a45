"""Writing over the API: rights, errors and log as on the pages; versions are guarded."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select

from gvi.domain.access import POLICY, Role
from gvi.domain.token import TokenScope
from gvi.store.engine import reading, transaction
from gvi.store.models import AuditEntry, Base, Incident, User
from gvi.usecases.token import make_token
from tests.codebase.routes import addresses
from tests.conftest import MONDAY
from tests.factories import a_client, a_group, a_person, an_incident

pytestmark = pytest.mark.both_databases

POLICE, ANALYST, OUTREACH = Role.COORDINATOR_POLICE, Role.ANALYST, Role.OUTREACH
SOURCED = {"source": "Field team", "ground": "Mapping"}
LATER = "2026-03-20T17:00:00Z"
SOON = (MONDAY + timedelta(days=2)).isoformat()


@pytest.fixture
def town(engine, programme):
    with transaction(engine) as db:
        users = {user.role: user.id for user in db.query(User)}
        lom = a_person(db, programme, MONDAY, "Lom", birth_date=date(1998, 5, 2))
        spov = a_person(db, programme, MONDAY, "Spov", birth_date=date(1999, 5, 2))
        a_client(db, MONDAY, lom, users["outreach"])
        a_client(db, MONDAY, spov, users["outreach"])
        return {
            "lom": lom.id,
            "spov": spov.id,
            "granit": a_group(db, programme, MONDAY).id,
            "lotsen": a_group(db, programme, MONDAY, "Lotsen").id,
            "incident": an_incident(db, programme, MONDAY, kind="shooting").id,
            "users": users,
        }


@pytest.fixture
def program(browser, engine, viewer):
    """Gives a client that shows a token of a role and every scope."""

    def of(role: Role) -> TestClient:
        with transaction(engine) as db:
            made = make_token(
                db, viewer(role), name="Phone", scopes=tuple(TokenScope), days=30, at=MONDAY
            )
        client = TestClient(browser(role).client.app)
        client.headers["Authorization"] = f"Bearer {made.secret}"
        return client

    return of


def things(town):
    """Each noun: who may make it, the body, a change that is allowed, and the act's kind."""
    case = {"person_id": town["lom"], "interval_days": 7, "next_contact_on": "2026-03-09"}
    return {
        "persons": (
            POLICE,
            {"code_name": "Ugglan", "compartment": "police", "is_another": True, **SOURCED},
            {"area": "Söder"},
        ),
        "groups": (ANALYST, {"name": "Sten", **SOURCED}, {"note": "Seen often"}),
        "group-relations": (
            POLICE,
            {
                "group_a_id": town["granit"],
                "group_b_id": town["lotsen"],
                "kind": "tension",
                **SOURCED,
            },
            {"note": "Since spring"},
        ),
        "memberships": (
            POLICE,
            {"person_id": town["lom"], "group_id": town["granit"], **SOURCED},
            {"role": "core"},
        ),
        "ties": (
            ANALYST,
            {
                "person_a_id": town["lom"],
                "person_b_id": town["spov"],
                "kind": "associate",
                **SOURCED,
            },
            {"strength": 2.5},
        ),
        "incidents": (
            POLICE,
            {
                "kind": "shooting",
                "occurred_at": (MONDAY - timedelta(hours=9)).isoformat(),
                "place": "Torggatan 4",
                "involved": [{"person_id": town["lom"], "role": "victim"}],
            },
            {"summary": "Two shots"},
        ),
        "involvements": (
            ANALYST,
            {"incident_id": town["incident"], "person_id": town["lom"], "role": "witness"},
            {"certainty": "confirmed"},
        ),
        "call-ins": (
            POLICE,
            {
                "name": "Call-in 4",
                "seats": 20,
                "starts_at": SOON,
                "group_ids": [town["granit"], town["lotsen"]],
            },
            {"seats": 24},
        ),
        "custom-notifications": (
            POLICE,
            {
                "person_id": town["lom"],
                "trigger": "round",
                "due_at": SOON,
                "owner_id": town["users"]["coordinator_police"],
            },
            {"place": "At home"},
        ),
        "support-cases": (OUTREACH, case, {"note": "Calls on Mondays"}),
        "actions": (
            POLICE,
            {
                "text": "Ask the landlord",
                "due_at": SOON,
                "compartment": "shared",
                "owner_id": town["users"]["coordinator_police"],
            },
            None,
        ),
    }


NOUNS = [
    "persons", "groups", "group-relations", "memberships", "ties", "incidents", "involvements",
    "call-ins", "custom-notifications", "support-cases", "actions",
]  # fmt: skip


@pytest.mark.parametrize("noun", NOUNS)
def test_a_record_is_made_read_and_changed_as_it_was_read(program, town, engine, noun):
    role, body, change = things(town)[noun]
    client = program(role)

    made = client.post(f"/api/v1/{noun}", json=body)

    assert made.status_code == 201, made.text
    url, first = made.headers["location"], made.headers["etag"]
    assert url == f"/api/v1/{noun}/{made.json()['id']}"
    again = client.get(url)
    assert again.json() == made.json()
    assert again.headers["etag"] == first
    assert first.startswith('"')
    if change is None:
        return
    assert client.patch(url, json=change).status_code == 428
    stale = client.patch(url, json=change, headers={"If-Match": '"0123"'})
    assert stale.status_code == 412
    assert stale.headers["content-type"] == "application/problem+json"
    changed = client.patch(url, json=change, headers={"If-Match": first})
    assert changed.status_code == 200, changed.text
    assert {name: changed.json()[name] for name in change} == change
    kept = {name: value for name, value in made.json().items() if name not in change}
    assert {name: changed.json()[name] for name in kept} == kept
    assert changed.headers["etag"] not in ("", first)
    assert client.get(url).headers["etag"] == changed.headers["etag"]
    assert client.patch(url, json=change, headers={"If-Match": first}).status_code == 412
    with reading(engine) as db:
        entries = db.execute(select(AuditEntry).order_by(AuditEntry.id)).scalars().all()
    ours = [entry for entry in entries if entry.source.endswith("token 1")]
    assert {"collected", "changed"} <= {entry.verb for entry in ours}
    assert {entry.user_id for entry in ours} == {town["users"][role.value]}


def test_a_contact_is_logged_once_and_the_case_moves(program, town):
    client = program(OUTREACH)
    case = client.post("/api/v1/support-cases", json=things(town)["support-cases"][1]).json()
    body = {"case_id": case["id"], "mode": "phone", "outcome": "reached"}
    body |= {"next_contact_on": "2026-03-05", "note": "Will come"}

    made = client.post("/api/v1/contacts", json=body)

    assert made.status_code == 201, made.text
    assert client.get(made.headers["location"]).json() == made.json()
    assert client.get(f"/api/v1/support-cases/{case['id']}").json()["status"] == "contacted"


REVIEWED = {"status": "reviewed", "gmi": "likely", "reason": "Review"}
ACTS = {
    "memberships": [
        ("dispute", {"reason": "Left"}, {"status": "disputed"}),
        ("uphold", {"reason": "Seen again"}, {"status": "current"}),
        ("end", {"reason": "Moved", "valid_to": "2026-02-20T00:00:00Z"}, {"status": "ended"}),
        ("withdraw", {"reason": "Another person"}, None),
    ],
    "ties": [
        ("end", {"reason": "Fell out", "valid_to": "2026-02-20T00:00:00Z"}, {}),
        ("withdraw", {"reason": "Never was"}, None),
    ],
    "groups": [
        ("status", {"status": "active", "reason": "Confirmed"}, {"status": "active"}),
        ("withdraw", {"reason": "Never was"}, None),
    ],
    "group-relations": [
        ("end", {"reason": "Truce", "valid_to": "2026-02-20T00:00:00Z"}, {}),
        ("withdraw", {"reason": "Never was"}, None),
    ],
    "incidents": [
        ("review", REVIEWED, {"gmi": "likely"}),
    ],
    "involvements": [("withdraw", {"reason": "Never was"}, None)],
    "persons": [("withdraw", {"reason": "Entered twice"}, None)],
    "call-ins": [
        ("advance", {"to": "approved"}, {"status": "approved"}),
        ("postpone", {"starts_at": LATER, "reason": "Ill"}, {"status": "postponed"}),
        ("cancel", {"reason": "No room"}, {"status": "cancelled"}),
    ],
    "custom-notifications": [
        ("move", {"due_at": "2026-03-09T17:00:00Z", "reason": "Away"}, {}),
        ("end", {"to": "cancelled", "reason": "Moved away"}, {"status": "cancelled"}),
    ],
    "support-cases": [
        ("needs", {"kind": "work"}, {}),
        ("status", {"status": "active", "reason": "Met"}, {"status": "active"}),
        ("close", {"closing_reason": "other", "reason": "Moved"}, {"status": "closed"}),
        ("reopen", {"next_contact_on": "2026-03-09", "reason": "Back"}, {"status": "contacted"}),
    ],
    "actions": [
        ("start", None, {"status": "in_progress"}),
        ("move", {"due_at": "2026-03-09T17:00:00Z", "reason": "Away"}, {}),
        ("finish", {"outcome": "Asked"}, {"status": "done"}),
        ("undo", None, {"status": "in_progress"}),
        ("drop", {"reason": "Not needed"}, {"status": "dropped"}),
    ],
}  # fmt: skip


@pytest.mark.parametrize("noun", ACTS)
def test_acts_have_addresses_of_their_own_and_hold_for_the_version_read(program, town, noun):
    role, body, _ = things(town)[noun]
    client = program(role)
    made = client.post(f"/api/v1/{noun}", json=body)
    url, tag = made.headers["location"], made.headers["etag"]

    for act, said, becomes in ACTS[noun]:
        sent = {"json": said} if said is not None else {}
        assert client.post(f"{url}/{act}", **sent).status_code == 428
        assert client.post(f"{url}/{act}", headers={"If-Match": '"x"'}, **sent).status_code == 412
        answer = client.post(f"{url}/{act}", headers={"If-Match": tag}, **sent)
        if becomes is None:
            assert answer.status_code == 204, answer.text
            assert client.get(url).status_code == 404
        else:
            assert answer.status_code == 200, (act, answer.text)
            assert {name: answer.json()[name] for name in becomes} == becomes
            assert answer.headers["etag"] != tag
            tag = answer.headers["etag"]


def test_what_a_rule_refuses_is_said_by_the_field_and_nothing_is_kept(program, town, engine):
    client = program(POLICE)
    tie = {"person_a_id": town["lom"], "person_b_id": town["lom"], "kind": "friend", **SOURCED}

    answer = client.post("/api/v1/ties", json=tie)
    assert answer.status_code == 422
    assert [each["pointer"] for each in answer.json()["errors"]] == ["#/person_b_id"]

    answer = client.post("/api/v1/ties", json={"kind": "no", "other": 1})
    pointers = {each["pointer"] for each in answer.json()["errors"]}
    assert {"#/kind", "#/other", "#/person_a_id", "#/source"} <= pointers
    # An incident is kept whole or not at all, its people with it.
    body = things(town)["incidents"][1] | {"involved": [{"person_id": 9999, "role": "victim"}]}
    assert client.post("/api/v1/incidents", json=body).status_code == 404
    with reading(engine) as db:
        assert db.execute(select(func.count()).select_from(Incident)).scalar_one() == 1


@pytest.mark.parametrize("role", Role)
def test_only_roles_with_the_right_get_past_the_door(browser, town, engine, role):
    """Every address that writes, entered with the cookie and its form token as each role."""
    user = browser(role)
    token = {"X-CSRF-Token": user.token()}
    with reading(engine) as db:
        before = counts(db)
    tried = 0
    for address in addresses():
        if not address.path.startswith("/api/") or address.method in ("GET", "HEAD"):
            continue
        [permission] = address.permissions
        if role in POLICY[permission]:
            continue
        path = address.path.replace("{", "").replace("}", "")
        path = "/".join("1" if part.endswith("_id") else part for part in path.split("/"))
        answer = user.client.request(address.method, path, json={}, headers=token)
        assert answer.status_code == 403, f"{role} {address}: {answer.status_code}"
        tried += 1
    with reading(engine) as db:
        assert counts(db) == before
    assert tried >= 5


def counts(db):
    left_out = ("audit_entries", "audit_subjects", "user_sessions")
    return {
        table.name: db.execute(select(func.count()).select_from(table)).scalar_one()
        for table in Base.metadata.sorted_tables
        if table.name not in left_out
    }


def test_a_cookie_alone_writes_nothing(browser, town):
    user = browser(POLICE)
    body = {"name": "Sten", **SOURCED}

    assert user.client.post("/api/v1/groups", json=body).status_code == 403
    wrong = user.client.post("/api/v1/groups", json=body, headers={"X-CSRF-Token": "no"})
    assert wrong.status_code == 403
    for header in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://elsewhere.example"}):
        headers = header | {"X-CSRF-Token": user.token()}
        assert user.client.post("/api/v1/groups", json=body, headers=headers).status_code == 403
    right = user.client.post("/api/v1/groups", json=body, headers={"X-CSRF-Token": user.token()})
    assert right.status_code == 201


@pytest.mark.parametrize("token", ["é", "", "no", "\xff\x00x"], ids=["é", "none", "no", "bytes"])
def test_a_false_form_token_is_refused_whatever_it_holds_and_the_refusal_is_logged(
    browser, town, engine, token
):
    user = browser(POLICE)
    sent = {"X-CSRF-Token": token.encode()}

    by_api = user.client.post("/api/v1/groups", json={"name": "Sten", **SOURCED}, headers=sent)
    by_page = user.post("/groups/new", name="Sten", csrf_token=token)

    assert (by_api.status_code, by_page.status) == (403, 403)
    with reading(engine) as db:
        rows = db.execute(select(AuditEntry).order_by(AuditEntry.id.desc()).limit(9)).scalars()
        said = [json.loads(row.detail) for row in rows if row.kind == "page:refused"]
    assert {(each["path"], each["permission"], each["method"]) for each in said} == {
        ("/api/v1/groups", "group:write", "POST"),
        ("/groups/new", "group:write", "POST"),
    }


def test_somebody_elses_client_is_not_there_to_be_written_about(program, town, engine, programme):
    with transaction(engine) as db:
        other = a_person(db, programme, MONDAY, "Mes").id
    body = things(town)["support-cases"][1] | {"person_id": other}

    hidden = program(OUTREACH).post("/api/v1/support-cases", json=body)
    absent = program(OUTREACH).post("/api/v1/support-cases", json=body | {"person_id": 9999})
    assert hidden.status_code == absent.status_code == 404
    assert hidden.json() == absent.json()


def test_a_phone_that_retries_logs_one_incident(program, town, engine):
    client = program(POLICE)
    body, key = things(town)["incidents"][1], {"Idempotency-Key": "7f2a"}

    first = client.post("/api/v1/incidents", json=body, headers=key)
    second = client.post("/api/v1/incidents", json=body, headers=key)

    assert first.status_code == second.status_code == 201
    assert first.headers["location"] == second.headers["location"]
    assert first.json() == second.json()
    other = client.post("/api/v1/incidents", json=body | {"place": "Elsewhere"}, headers=key)
    assert other.status_code == 422
    with reading(engine) as db:
        assert db.execute(select(func.count()).select_from(Incident)).scalar_one() == 2
    # A key is its user's own.
    mine = program(ANALYST).post(
        "/api/v1/incidents", json=body | {"place": "Elsewhere"}, headers=key
    )
    assert mine.status_code == 201
    assert mine.headers["location"] != first.headers["location"]


def test_a_key_is_forgotten_after_a_day(program, town, clock):
    client, key = program(POLICE), {"Idempotency-Key": "7f2a"}
    made = client.post("/api/v1/groups", json={"name": "Sten", **SOURCED}, headers=key)
    clock.move(days=1)
    again = client.post("/api/v1/groups", json={"name": "Grus", **SOURCED}, headers=key)
    assert again.status_code == 201
    assert again.headers["location"] != made.headers["location"]


def test_the_version_tells_nothing_of_what_is_hidden(program, browser, town, engine):
    """The case's note is the worker's; the municipality's version does not change with it."""
    worker = program(OUTREACH)
    made = worker.post("/api/v1/support-cases", json=things(town)["support-cases"][1])
    url = made.headers["location"]
    municipal = browser(Role.COORDINATOR_MUNICIPAL).client
    before = municipal.get(url)
    assert before.json()["note"] is None

    tag = {"If-Match": made.headers["etag"]}
    assert worker.patch(url, json={"note": "A secret"}, headers=tag).status_code == 200

    after = municipal.get(url)
    assert after.headers["etag"] == before.headers["etag"]
    assert after.json() == before.json()


def test_a_name_one_does_not_see_cannot_be_overwritten(program, engine, programme):
    with transaction(engine) as db:
        child = a_person(
            db, programme, MONDAY, "Mes", name="Adam Liten", birth_date=date(2010, 6, 1)
        ).id
    client, url = program(POLICE), f"/api/v1/persons/{child}"
    tag = {"If-Match": client.get(url).headers["etag"]}

    assert client.patch(url, json={"name": "Another"}, headers=tag).status_code == 403


def test_somebody_likely_the_same_is_asked_about_first(program, engine, programme):
    with transaction(engine) as db:
        a_person(db, programme, MONDAY, "Lom", name="Viktor Älgmark", birth_date=date(1998, 5, 2))
    client = program(POLICE)
    body = {"name": "Viktor Älgmark", "birth_date": "1998-05-02", "compartment": "police"}
    body |= SOURCED

    answer = client.post("/api/v1/persons", json=body)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "#/is_another"
    assert "Lom" in answer.json()["detail"]
    assert client.post("/api/v1/persons", json=body | {"is_another": True}).status_code == 201


@pytest.mark.parametrize(
    "query", ["cursor=x", "cursor=AAAAAAAAAAA", "limit=501", "limit=0", "stauts=active", "q=a"]
)
def test_a_list_refuses_what_it_does_not_understand(browser, town, query):
    answer = browser(POLICE).client.get(f"/api/v1/groups?{query}")

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["parameter"] == query.split("=")[0]


def test_pages_stand_still_while_others_enter(program, town):
    client = program(POLICE)
    first = client.get("/api/v1/groups?limit=1").json()
    client.post("/api/v1/groups", json={"name": "Aaa first by name", **SOURCED})

    rest = client.get("/api/v1/groups", params={"cursor": first["next_cursor"]}).json()
    names = [each["name"] for each in first["items"] + rest["items"]]
    assert names == ["Granit", "Lotsen", "Aaa first by name"]


def test_of_many_who_change_the_same_version_at_once_one_wins(program, town):
    client = program(POLICE)
    made = client.post("/api/v1/groups", json={"name": "Sten", **SOURCED})
    url, tag = made.headers["location"], {"If-Match": made.headers["etag"]}

    def change(number: int) -> int:
        return client.patch(url, json={"note": f"By {number}"}, headers=tag).status_code

    with ThreadPoolExecutor(4) as pool:
        answers = sorted(pool.map(change, range(8)))
    assert answers == [200] + [412] * 7
