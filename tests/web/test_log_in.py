"""Getting in, staying in, getting out; what a stranger, a left screen and a forged form get."""

from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient
from sqlalchemy import select, update

from gvi.domain.access import Role
from gvi.domain.log_in import PAUSE_HERE, REMEMBERED_AFTER, SESSION_IDLE, SESSION_LENGTH
from gvi.settings import Settings
from gvi.store.engine import reading, transaction
from gvi.store.models import AuditEntry, Programme, User, UserSession
from gvi.usecases.passphrase import passphrase_hash
from gvi.usecases.session import hash_of
from gvi.web import pages
from gvi.web.app import create_app
from gvi.web.held import held_form
from gvi.web.session import COOKIE, SECURE_COOKIE
from gvi.web.visit import page_form
from tests.client import Browser, Page

PASSWORD = "en lång mening om älvar"


@pytest.fixture
def app(engine, programme, clock) -> FastAPI:
    with transaction(engine) as db:
        db.execute(
            update(User)
            .where(User.username == "analyst")
            .values(password_hash=passphrase_hash(PASSWORD))
        )
    settings = Settings(database_url=str(engine.url), environment="production")
    return create_app(settings, engine=engine, clock=clock)


@pytest.fixture
def visitor(app) -> TestClient:
    """Somebody who is not logged in and follows no redirects."""
    return TestClient(app, follow_redirects=False)


def log_in(client: TestClient, password: str = PASSWORD, **given: str):
    data = {"username": "analyst", "passphrase": password, **given}
    return client.post("/log-in", data=data)


def kinds(engine) -> list[str]:
    with reading(engine) as db:
        return list(db.execute(select(AuditEntry.kind).order_by(AuditEntry.id)).scalars())


def sessions(engine) -> list[str]:
    with reading(engine) as db:
        return list(db.execute(select(UserSession.token_hash)).scalars())


# By password


def test_the_right_password_opens_a_session(visitor, engine):
    answer = log_in(visitor)

    assert answer.status_code == 303
    assert answer.headers["location"] == "/"
    assert sessions(engine) == [hash_of(visitor.cookies[COOKIE])]
    assert kinds(engine) == ["session:opened"]
    assert visitor.get("/method").status_code == 200


def test_a_user_name_may_be_typed_with_capitals_and_spaces(visitor):
    assert log_in(visitor, username=" Analyst ").status_code == 303


@pytest.mark.parametrize(
    ("username", "password"),
    [
        pytest.param("analyst", "a wrong sentence", id="a wrong password"),
        pytest.param("analyst", "", id="no password"),
        pytest.param("nobody", PASSWORD, id="an unknown user"),
        pytest.param("auditor", "", id="a one-click user has no password"),
        pytest.param("auditor", "None", id="nor the word for none"),
        pytest.param("", "", id="nothing at all"),
    ],
)
def test_a_wrong_log_in_says_the_same_whoever_it_is(visitor, username, password):
    page = Page(visitor.post("/log-in", data={"username": username, "passphrase": password}))

    assert page.status == 422
    assert COOKIE not in visitor.cookies
    assert "Användarnamnet eller lösenfrasen är fel." in page.text
    assert page.one("input", id="username").get("value") == username
    assert page.one("input", id="passphrase").get("value") is None


def test_a_user_who_has_left_cannot_log_in(visitor, engine):
    with transaction(engine) as db:
        db.execute(update(User).where(User.username == "analyst").values(is_active=False))

    assert log_in(visitor).status_code == 422


def test_five_wrong_tries_from_one_place_pause_it_for_a_while(visitor, engine, clock):
    for _ in range(5):
        assert log_in(visitor, "wrong").status_code == 422
    paused = log_in(visitor)
    assert paused.status_code == 429, "the right passphrase does not help during the pause"
    assert paused.headers["retry-after"] == str(int(PAUSE_HERE.first.total_seconds()) + 1)
    assert "Vänta till 08:35" in Page(paused).text
    clock.move(seconds=PAUSE_HERE.first.total_seconds() - 1)
    assert log_in(visitor).status_code == 429

    clock.move(seconds=1)
    assert log_in(visitor).status_code == 303
    assert kinds(engine) == ["session:refused"] * 5 + ["session:paused", "session:opened"]


def test_four_wrong_tries_are_forgotten_after_a_right_one(visitor):
    for _ in range(2):
        for _ in range(4):
            assert log_in(visitor, "wrong").status_code == 422
        assert log_in(visitor).status_code == 303


# By one click


@pytest.mark.parametrize("environment", ["production", "demo"])
@pytest.mark.parametrize("is_invented", [True, False])
def test_one_click_works_on_an_invented_database_only_whatever_the_environment(
    engine, programme, clock, environment, is_invented
):
    with transaction(engine) as db:
        db.execute(update(Programme).values(is_invented=is_invented))
    settings = Settings(database_url=str(engine.url), environment=environment)
    client = TestClient(create_app(settings, engine=engine, clock=clock), follow_redirects=False)

    page = Page(client.get("/log-in"))
    answer = client.post("/log-in/invented", data={"username": "analyst"})

    assert bool(page.all("button", name="username")) == is_invented
    assert answer.status_code == (303 if is_invented else 404)
    assert (COOKIE in client.cookies) == is_invented
    assert len(sessions(engine)) == is_invented


# The session


def test_the_cookie_is_out_of_reach_of_scripts_and_of_other_sites(visitor):
    parts = {part.strip().lower() for part in log_in(visitor).headers["set-cookie"].split(";")}

    assert {"httponly", "samesite=lax", "path=/"} <= parts
    assert f"max-age={int(SESSION_LENGTH.total_seconds())}" in parts
    assert not any(part.startswith("domain=") for part in parts)


def test_where_the_connection_is_encrypted_the_cookie_never_leaves_it(app):
    client = TestClient(app, base_url="https://testserver", follow_redirects=False)
    cookie = log_in(client).headers["set-cookie"]

    assert cookie.startswith(f"{SECURE_COOKIE}=")
    assert "; Secure" in cookie
    assert client.get("/method").status_code == 200


def test_a_session_nobody_uses_locks_after_half_an_hour(visitor, clock):
    log_in(visitor)
    for _ in range(3):
        clock.move(seconds=SESSION_IDLE.total_seconds() - 1)
        assert visitor.get("/method").status_code == 200

    clock.move(seconds=SESSION_IDLE.total_seconds())
    assert visitor.get("/method").status_code == 303


def test_a_session_in_constant_use_ends_after_its_day(visitor, clock):
    log_in(visitor)
    for _ in range(47):
        clock.move(minutes=15)
        assert visitor.get("/method").status_code == 200

    clock.move(minutes=15)
    answer = visitor.get("/method")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/log-in?next=/method"


def test_logging_out_ends_the_session_in_the_database(app, engine):
    browser = Browser(app, Role.ANALYST)
    token, cookie = browser.token(), browser.client.cookies[COOKIE]
    thief = TestClient(app, cookies={COOKIE: cookie}, follow_redirects=False)
    assert thief.get("/method").status_code == 200

    answer = browser.client.post("/log-out", data={"csrf_token": token}, follow_redirects=False)

    assert answer.headers["location"] == "/log-in"
    assert COOKIE not in browser.client.cookies
    assert sessions(engine) == []
    assert thief.get("/method").status_code == 303
    assert kinds(engine)[-1] == "session:closed"


def test_a_user_made_inactive_is_out_at_once(visitor, engine):
    log_in(visitor)
    with transaction(engine) as db:
        db.execute(update(User).where(User.username == "analyst").values(is_active=False))

    assert visitor.get("/method").status_code == 303


def test_sessions_that_are_over_do_not_stay_in_the_database(visitor, engine, clock):
    log_in(visitor)
    clock.move(hours=(SESSION_LENGTH + REMEMBERED_AFTER) / timedelta(hours=1))
    log_in(visitor)

    assert sessions(engine) == [hash_of(visitor.cookies[COOKIE])]


@pytest.mark.parametrize("cookie", ["", "x", "0" * 43, "å", "' OR 1=1 --"])
def test_a_made_up_cookie_is_nobody(app, cookie):
    client = TestClient(app, follow_redirects=False)
    answer = client.get("/method", headers={"Cookie": f"{COOKIE}={cookie}".encode()})

    assert answer.status_code == 303


# Where it leads


def test_after_the_log_in_one_is_where_one_wanted_to_go(visitor):
    wanted = "/method?as_of=2026-02-01&done=saved"
    asked = visitor.get(wanted).headers["location"]
    page = Page(visitor.get(asked))
    given = [i.get("value") for i in page.all("input", name="next")]

    assert urlsplit(asked).path == "/log-in"
    assert parse_qs(urlsplit(asked).query)["next"] == [wanted]
    assert set(given) == {wanted}
    assert log_in(visitor, next=given[0]).headers["location"] == wanted


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/",
        "//evil.example/",
        "///evil.example/",
        "/\\evil.example/",
        "\\\\evil.example/",
        "/\t/evil.example/",
        "/\n/evil.example/",
        " //evil.example/",
        "javascript:alert(1)",
        "evil.example",
        "http:evil.example",
        "/\u2028/evil.example",
    ],
)
def test_nobody_is_led_to_another_site(visitor, elsewhere):
    shown = Page(visitor.get("/log-in", params={"next": elsewhere}))
    location = log_in(visitor, next=elsewhere).headers["location"]

    assert {i.get("value") for i in shown.all("input", name="next")} <= {"", unquote(location)}
    assert location.startswith("/")
    assert not location.startswith(("//", "/\\"))
    assert "%" in location or "evil" not in location


# Forms of other people


def test_a_form_without_its_sessions_token_is_refused(app, engine):
    browser, other = Browser(app, Role.ANALYST), Browser(app, Role.ADMIN)
    for token in ("", "made up", other.token()):
        page = browser.post("/language", language="sv", csrf_token=token)
        assert page.status == 403
    answer = browser.client.post("/language", data={"language": "sv"})
    assert answer.status_code == 403

    with reading(engine) as db:
        languages = db.execute(select(User.language).where(User.username == "analyst"))
        assert languages.scalar_one() == "en"


def test_every_form_of_every_page_asks_for_the_token():
    def needs(dependant) -> set:
        return {dependant.call}.union(*(needs(part) for part in dependant.dependencies))

    passkey = "/log-in/passkey"
    before_any_session = {"/log-in", "/log-in/invented", passkey, f"{passkey}/challenge"}
    writes = [
        route
        for router in pages.ROUTERS
        for route in _routes(router)
        if route.methods - {"GET", "HEAD"} and route.path not in before_any_session
    ]
    assert len(writes) > 10
    assert [
        route.path for route in writes if not {page_form, held_form} & needs(route.dependant)
    ] == []


def _routes(router: APIRouter) -> Iterator[APIRoute]:
    for route in router.routes:
        if isinstance(route, APIRoute):
            yield route
        else:
            yield from _routes(route.original_router)


FOREIGN = [
    pytest.param({"Sec-Fetch-Site": "cross-site"}, id="another site"),
    pytest.param({"Sec-Fetch-Site": "same-site"}, id="a neighbour under the same domain"),
    pytest.param({"Origin": "https://evil.example"}, id="a foreign origin"),
    pytest.param({"Origin": "null"}, id="an origin that hides"),
    pytest.param({"Origin": "http://testserver.evil.example"}, id="an origin that looks alike"),
]


@pytest.mark.parametrize("headers", FOREIGN)
def test_a_write_that_another_site_started_is_refused_even_with_the_token(app, engine, headers):
    browser = Browser(app, Role.ANALYST)
    data = {"csrf_token": browser.token(), "language": "sv"}

    page = Page(browser.client.post("/language", data=data, headers=headers))

    assert page.status == 403
    with reading(engine) as db:
        languages = db.execute(select(User.language).where(User.username == "analyst"))
        assert languages.scalar_one() == "en"


@pytest.mark.parametrize("headers", FOREIGN)
def test_another_site_cannot_log_somebody_in(visitor, engine, headers):
    answer = visitor.post(
        "/log-in", data={"username": "analyst", "passphrase": PASSWORD}, headers=headers
    )

    assert answer.status_code == 403
    assert sessions(engine) == []


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "http://testserver"},
    ],
)
def test_a_write_from_our_own_pages_goes_through(visitor, headers):
    data = {"username": "analyst", "passphrase": PASSWORD}
    assert visitor.post("/log-in", data=data, headers=headers).status_code == 303


def test_a_link_from_elsewhere_may_be_followed(visitor):
    log_in(visitor)
    assert visitor.get("/method", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 200
