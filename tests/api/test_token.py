"""Tokens with which programs use the API: within the user's rights, scopes and time."""

import re
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select, text

from gvi.domain.access import Role
from gvi.domain.token import TokenScope, is_token, new_token
from gvi.store.engine import reading, transaction
from gvi.store.models import ApiToken, AuditEntry, User
from gvi.usecases.token import make_token
from tests.client import Page
from tests.conftest import MONDAY
from tests.factories import a_group, a_person

EVERY = tuple(TokenScope)


@pytest.fixture
def bearer(browser, engine, viewer):
    """Gives a client that shows a token of a role: `bearer(Role.ANALYST, "people:read")`."""

    def of(role: Role, *scopes: str, days: int = 30) -> TestClient:
        with transaction(engine) as db:
            made = make_token(
                db,
                viewer(role),
                name="Report",
                scopes=[TokenScope(each) for each in scopes] or EVERY,
                days=days,
                at=MONDAY,
            )
        client = TestClient(browser(role).client.app)
        client.headers["Authorization"] = f"Bearer {made.secret}"
        return client

    return of


def test_a_token_is_written_so_that_scanners_and_typing_mistakes_are_caught():
    token = new_token()

    assert re.fullmatch(r"gvi_[A-Za-z0-9]{46}", token)
    assert is_token(token)
    for place in range(4, len(token)):
        other = "a" if token[place] != "a" else "b"
        assert not is_token(token[:place] + other + token[place + 1 :])


def test_a_user_makes_a_token_sees_it_once_and_a_program_reads_with_it(browser, engine, programme):
    with transaction(engine) as db:
        a_group(db, programme, MONDAY, "Granit")
    analyst = browser(Role.ANALYST)
    assert "You have no tokens" in analyst.get("/tokens").text

    page = analyst.post("/tokens/new", name="Report", scopes=["groups:read"], days="30")
    secret = re.search(r"gvi_\w+", page.text)[0]

    program = TestClient(analyst.client.app, headers={"Authorization": f"Bearer {secret}"})
    answer = program.get("/api/v1/groups")
    assert [each["name"] for each in answer.json()["items"]] == ["Granit"]
    again = analyst.get("/tokens")
    assert secret not in again.html
    assert secret[-4:] in again.text
    assert "Read groups" in again.text
    with reading(engine) as db:
        stored = [str(each) for row in db.execute(select(ApiToken.__table__)) for each in row]
    assert not any(secret in each or secret[4:44] in each for each in stored)


def test_a_token_enters_only_what_its_scopes_name(bearer):
    program = bearer(Role.ANALYST, "groups:read")

    assert program.get("/api/v1/groups").status_code == 200
    refused = program.get("/api/v1/persons")
    assert refused.status_code == 403
    assert "does not cover" in refused.json()["detail"]
    assert program.get("/api/v1/rankings/driving").status_code == 403


def test_a_token_never_may_more_than_its_users_role_has_now(bearer, engine):
    program = bearer(Role.ANALYST)
    assert program.get("/api/v1/persons").status_code == 200

    with transaction(engine) as db:
        db.execute(text("UPDATE users SET role = 'auditor' WHERE username = 'analyst'"))
    assert program.get("/api/v1/persons").status_code == 403

    with transaction(engine) as db:
        db.execute(text("UPDATE users SET is_active = false WHERE username = 'analyst'"))
    assert program.get("/api/v1/persons").status_code == 401


def test_a_token_ends_by_itself(bearer, clock):
    program = bearer(Role.ANALYST, days=7)

    clock.move(days=7, seconds=-1)
    assert program.get("/api/v1/groups").status_code == 200
    clock.move(seconds=1)
    assert program.get("/api/v1/groups").status_code == 401


@pytest.mark.parametrize("days", ["0", "181", "-1", ""])
def test_no_token_is_made_without_an_end_or_with_one_too_far_away(browser, engine, days):
    page = browser(Role.ANALYST).post("/tokens/new", name="R", scopes=["groups:read"], days=days)

    assert page.status == 422
    with reading(engine) as db:
        assert db.execute(select(ApiToken.id)).first() is None


def test_a_user_revokes_an_own_token_and_nobody_elses(browser, bearer, engine):
    program = bearer(Role.ANALYST)
    with reading(engine) as db:
        number = db.execute(select(ApiToken.id)).scalar_one()

    other = browser(Role.COORDINATOR_POLICE)
    assert other.get(f"/tokens/{number}/revoke").status == 404
    assert other.post(f"/tokens/{number}/revoke").status == 404
    assert program.get("/api/v1/groups").status_code == 200

    own = browser(Role.ANALYST)
    assert "stops working at once" in own.get(f"/tokens/{number}/revoke").text
    assert "Revoked" in own.post(f"/tokens/{number}/revoke").text
    assert program.get("/api/v1/groups").status_code == 401


def test_the_administrator_sees_all_tokens_and_revokes_with_a_reason(browser, bearer, engine):
    program = bearer(Role.OUTREACH)
    admin = browser(Role.ADMIN)
    page = admin.get("/tokens/all")
    assert "Test outreach" in page.text
    with reading(engine) as db:
        number = db.execute(select(ApiToken.id)).scalar_one()

    assert admin.post(f"/tokens/all/{number}/revoke", reason="").status == 422
    assert admin.post(f"/tokens/all/{number}/revoke", reason="Phone lost").status == 200
    assert program.get("/api/v1/support-cases").status_code == 401
    with reading(engine) as db:
        kinds = db.execute(select(AuditEntry.kind)).scalars().all()
    assert {"token:added", "token:revoked"} <= set(kinds)


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.COMMUNITY, Role.STEERING, Role.ADMIN])
def test_roles_without_use_for_tokens_cannot_make_one(browser, role):
    page = browser(role)
    assert page.get("/tokens").status == 403
    assert page.post("/tokens/new", name="R", scopes=["groups:read"], days="30").status == 403
    assert "/tokens" not in page.get("/method").links()


def test_a_token_opens_no_page(bearer):
    program = bearer(Role.ANALYST)
    program.cookies.clear()

    answer = program.get("/people", follow_redirects=False)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/log-in")


@pytest.mark.parametrize(
    "header", ["Bearer gvi_wrong", "Bearer", "Basic YTpi", f"Bearer {'x' * 5000}"]
)
def test_a_bad_token_is_refused_also_beside_a_good_cookie(browser, header):
    analyst = browser(Role.ANALYST)

    answer = analyst.client.get("/api/v1/groups", headers={"Authorization": header})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.headers["content-type"] == "application/problem+json"


def test_use_is_noted_at_most_once_a_minute(bearer, engine, clock):
    program = bearer(Role.ANALYST)

    def used():
        with reading(engine) as db:
            return db.execute(select(ApiToken.last_used_at)).scalar_one()

    assert used() is None
    program.get("/api/v1/groups")
    clock.move(seconds=59)
    program.get("/api/v1/groups")
    assert used() == MONDAY
    clock.move(seconds=1)
    program.get("/api/v1/groups")
    assert used() == MONDAY + timedelta(minutes=1)


def test_the_log_says_through_which_token_something_was_read(bearer, engine, programme):
    with transaction(engine) as db:
        person = a_person(db, programme, MONDAY, "Tärna").id
    bearer(Role.ANALYST).get(f"/api/v1/persons/{person}")

    with reading(engine) as db:
        entry = db.execute(select(AuditEntry).order_by(AuditEntry.id.desc())).scalars().first()
        analyst = db.execute(select(User.id).where(User.role == "analyst")).scalar_one()
    assert entry.kind == "person:read"
    assert entry.user_id == analyst
    assert entry.source.endswith("token 1")


def test_no_user_hoards_tokens(bearer, browser):
    for _ in range(10):
        bearer(Role.ANALYST)

    page = browser(Role.ANALYST).post("/tokens/new", name="R", scopes=["groups:read"], days="30")
    assert isinstance(page, Page)
    assert page.status == 422
    assert "10 tokens already" in page.text
