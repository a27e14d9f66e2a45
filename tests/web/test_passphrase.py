"""Passphrases: how long, which not, how they begin, change, and what guessing meets."""

import re
import socket
import unicodedata
from datetime import timedelta

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import select, update

from gvi.domain.access import Role
from gvi.domain.log_in import PAUSE_ACCOUNT, PAUSE_HERE, START_PASSPHRASE_LASTS
from gvi.domain.token import TokenScope
from gvi.settings import Settings
from gvi.store.engine import reading, transaction
from gvi.store.models import ApiToken, AuditEntry, Programme, User, UserSession, WrongTries
from gvi.usecases.passphrase import is_stolen, passphrase_hash
from gvi.usecases.token import make_token
from gvi.web.app import create_app
from gvi.web.session import COOKIE
from tests.client import Browser, Page
from tests.conftest import MONDAY

pytestmark = pytest.mark.both_databases

PASSPHRASE = "en lång mening om älvar"
OTHER = "sju grå katter på ett tak av halm"


@pytest.fixture
def app(engine, programme, clock) -> FastAPI:
    give(engine, "analyst", PASSPHRASE)
    settings = Settings(database_url=str(engine.url), environment="production")
    return create_app(settings, engine=engine, clock=clock)


def give(engine, username: str, passphrase: str, *, weak: bool = False) -> None:
    from argon2 import PasswordHasher  # noqa: PLC0415 — a passphrase from before it was refused

    kept = PasswordHasher().hash(passphrase) if weak else passphrase_hash(passphrase)
    with transaction(engine) as db:
        db.execute(update(User).where(User.username == username).values(password_hash=kept))


def visitor(app, source: str = "192.0.2.1") -> TestClient:
    return TestClient(app, follow_redirects=False, client=(source, 50000))


def log_in(client: TestClient, passphrase: str = PASSPHRASE, username: str = "analyst"):
    return client.post("/log-in", data={"username": username, "passphrase": passphrase})


def token_on(page: Page) -> str:
    return page.all("input", name="csrf_token")[0].get("value")


def post(client: TestClient, url: str, page: str = "/account", **data: str):
    data["csrf_token"] = token_on(Page(client.get(page)))
    return client.post(url, data=data)


def kinds(engine) -> list[str]:
    with reading(engine) as db:
        return list(db.execute(select(AuditEntry.kind).order_by(AuditEntry.id)).scalars())


def change(client: TestClient, new: str, *, current: str = PASSPHRASE, again: str | None = None):
    data = {"current": current, "passphrase": new, "again": new if again is None else again}
    return post(client, "/account/passphrase", **data)


# Tokens of programs


def choose_another(app) -> None:
    client = visitor(app)
    log_in(client)
    assert change(client, OTHER).status_code == 303


def by_admin(path: str = "", **values: str):
    def act(app) -> None:
        admin = Browser(app, Role.ADMIN)
        links = admin.get("/users", q="analyst").links()
        row = next(link for link in links if re.fullmatch(r"/users/\d+", link))
        assert admin.post(row + path, **values).status == 200

    return act


@pytest.mark.parametrize(
    ("act", "reason"),
    [
        (choose_another, "The passphrase was changed."),
        (by_admin("/start-passphrase"), "A start passphrase was given."),
        (by_admin(role="auditor", is_active="1"), "The user got another role."),
        (by_admin(role="analyst"), "The user was stopped."),
        (by_admin(role="analyst", team="North", is_active="1"), None),
    ],
    ids=["changed", "given", "role", "stopped", "another team"],
)
def test_what_changes_how_a_user_gets_in_revokes_the_users_tokens(app, engine, viewer, act, reason):
    made = {}
    with transaction(engine) as db:
        for role in (Role.ANALYST, Role.COORDINATOR_POLICE):
            given = {"name": "Report", "scopes": tuple(TokenScope), "days": 30, "at": MONDAY}
            made[role] = make_token(db, viewer(role), **given)

    act(app)

    def status(role: Role) -> int:
        bearer = {"Authorization": f"Bearer {made[role].secret}"}
        return TestClient(app, headers=bearer).get("/api/v1/groups").status_code

    assert status(Role.ANALYST) == (401 if reason else 200)
    assert status(Role.COORDINATOR_POLICE) == 200
    with reading(engine) as db:
        kept = select(ApiToken.revoked_reason).where(ApiToken.id == made[Role.ANALYST].id)
        assert db.execute(kept).scalar_one() == reason
    assert kinds(engine).count("token:revoked") == (1 if reason else 0)


# Which


@pytest.mark.parametrize(
    "new",
    [
        pytest.param("fyra ord och ett", id="fifteen and no more"),
        pytest.param("e" * 3 + " då är det så att vi ses vid ån " * 4, id="above 64"),
        pytest.param("många hundra ord om ån " * 30, id="very long"),
        pytest.param("  mellan slag  före och efter  ", id="spaces at the ends"),
        pytest.param("Ⅷ åttonde ﬁnalen i maj", id="letters that NFKC folds"),
        pytest.param("雪が降る町を過ぎてゆく思い出だけが", id="another script"),
        pytest.param("🦊 tolv rävar under en bro 🦊", id="signs"),
    ],
)
def test_any_long_passphrase_is_taken_and_opens_again_however_it_is_encoded(app, new):
    client = visitor(app)
    log_in(client)

    assert change(client, new).headers["location"] == "/account?done=passphrase"

    for form in ("NFC", "NFD"):
        assert log_in(visitor(app), unicodedata.normalize(form, new)).status_code == 303
    assert log_in(visitor(app), new + "x").status_code == 422
    assert log_in(visitor(app), new.upper()).status_code == (303 if new.upper() == new else 422)


@pytest.mark.parametrize(
    ("new", "said"),
    [
        ("fjorton tecken", "at least 15 characters"),
        ("x" * 1001, "at most 1000 characters"),
        ("passwordpassword", "thefts of passwords"),
        ("qwertyuiopasdfgh", "thefts of passwords"),
        ("1234567890123456", "thefts of passwords"),
        ("Correct Horse Battery Staple", "thefts of passwords"),
        ("youllneverwalkalone", "thefts of passwords"),
        ("aaaaaaaaaaaaaaaaaaaaaaaa", "guessed first"),
        ("98765432109876543210", "guessed first"),
        ("lösenordlösenord", "guessed first"),
        ("Test analyst 2026", "guessed first"),
        ("slutaskjut älvstad", "guessed first"),
        (PASSPHRASE, "until now"),
    ],
)
def test_a_short_or_easily_guessed_passphrase_is_refused_by_the_field(app, engine, new, said):
    client = visitor(app)
    log_in(client)

    page = Page(change(client, new))

    assert page.status == 422
    assert said in page.text
    assert page.one("input", name="passphrase").get("value") is None
    assert "passphrase:changed" not in kinds(engine)
    assert log_in(visitor(app)).status_code == 303


def test_a_stolen_passphrase_is_refused_in_swedish_too(app, engine):
    with transaction(engine) as db:
        db.execute(update(User).values(language="sv"))
    client = visitor(app)
    log_in(client)

    page = Page(change(client, "passwordpassword"))

    assert page.status == 422
    assert "känd från stölder av lösenord" in page.text


@pytest.mark.parametrize("network", [socket.socket, socket.create_connection, socket.getaddrinfo])
def test_the_list_of_stolen_ones_lies_on_this_machine(monkeypatch, network):
    def refuse(*_given, **_named):
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket, network.__name__, refuse)

    assert is_stolen("to be or not to be")
    assert not is_stolen(OTHER)


def test_whoever_logs_in_with_a_stolen_one_is_warned_until_it_is_changed(app, engine):
    give(engine, "analyst", "youllneverwalkalone", weak=True)
    client = visitor(app)
    log_in(client, "youllneverwalkalone")

    assert "guessed first" in Page(client.get("/account")).text


def test_whoever_logs_in_with_an_easily_guessed_one_is_warned_until_it_is_changed(app, engine):
    give(engine, "analyst", "sommar2026", weak=True)
    client = visitor(app)
    assert log_in(client, "sommar2026").status_code == 303

    assert "guessed first" in Page(client.get("/account")).text
    change(client, OTHER, current="sommar2026")
    assert "guessed first" not in Page(client.get("/account")).text


def test_the_fields_help_managers_and_hinder_no_pasting(app):
    client = visitor(app)
    page = Page(client.get("/log-in"))
    assert page.one("input", id="username").get("autocomplete") == "username"
    assert page.one("input", id="passphrase").get("autocomplete") == "current-password"
    log_in(client)
    page = Page(client.get("/account/passphrase"))
    uses = {i.get("name"): i.get("autocomplete") for i in page.all("input", type="password")}
    assert uses == {
        "current": "current-password",
        "passphrase": "new-password",
        "again": "new-password",
    }
    for field in page.all("input", type="password"):
        assert {"maxlength", "onpaste", "pattern"}.isdisjoint(field.attrib)


# Changing


def test_changing_asks_for_the_present_one_and_ends_the_other_log_ins(app, engine):
    client, elsewhere = visitor(app), visitor(app, "192.0.2.2")
    log_in(client)
    log_in(elsewhere)

    assert change(client, OTHER, current="not this one at all").status_code == 422
    assert change(client, OTHER, again="something else then").status_code == 422
    assert elsewhere.get("/method").status_code == 200
    assert change(client, OTHER).status_code == 303

    assert client.get("/method").status_code == 200
    assert elsewhere.get("/method").status_code == 303
    assert log_in(visitor(app)).status_code == 422
    assert log_in(visitor(app), OTHER).status_code == 303
    assert kinds(engine).count("passphrase:changed") == 1


def test_guessing_the_present_one_pauses_too(app):
    client = visitor(app)
    log_in(client)
    for _ in range(5):
        assert change(client, OTHER, current="wrong").status_code == 422
    assert change(client, OTHER).status_code == 429


# Starting


def start(app, engine) -> str:
    admin = Browser(app, Role.ADMIN)
    page = admin.post(
        "/users/new", username="ny", display_name="Ny", role="analyst", team="", language="en"
    )
    assert page.status == 200
    return re.search(r"Start passphrase\s*(\S+(?:-\S+){4})", page.text)[1]


def test_a_start_passphrase_opens_only_the_choice_of_an_own_one(app, engine, clock):
    given = start(app, engine)
    client = visitor(app)

    answer = log_in(client, given, "ny")
    assert answer.headers["location"] == "/log-in/passphrase"
    first = client.cookies[COOKIE]
    for url in ("/method", "/account", "/", "/people", "/log-in/code", "/unlock"):
        assert client.get(url).headers["location"].startswith("/log-in"), url
    assert client.get("/api/v1/persons").status_code == 401

    page = "/log-in/passphrase"
    assert post(client, page, page, passphrase=given, again=given).status_code == 422
    assert post(client, page, page, passphrase=OTHER, again=OTHER).headers["location"] == "/"
    assert client.cookies[COOKIE] != first
    assert client.get("/method").status_code == 200
    assert log_in(visitor(app), given, "ny").status_code == 422
    assert log_in(visitor(app), OTHER, "ny").headers["location"] == "/"


def test_a_start_passphrase_is_of_no_use_after_a_week(app, engine, clock):
    given = start(app, engine)
    clock.move(seconds=START_PASSPHRASE_LASTS.total_seconds())
    assert log_in(visitor(app), given, "ny").status_code == 422


def test_a_log_in_that_waits_is_over_after_ten_minutes(app, engine, clock):
    given = start(app, engine)
    client = visitor(app)
    log_in(client, given, "ny")
    clock.move(minutes=10)
    assert client.get("/log-in/passphrase").headers["location"].startswith("/log-in")
    page = Page(client.get("/log-in"))
    assert page.status == 200


def test_an_administrator_gives_a_new_start_passphrase_and_never_learns_the_own_one(app, engine):
    client = visitor(app)
    log_in(client)
    admin = Browser(app, Role.ADMIN)
    with reading(engine) as db:
        user = db.execute(select(User.id).where(User.username == "analyst")).scalar_one()

    page = admin.post(f"/users/{user}/start-passphrase")

    given = re.search(r"Start passphrase\s*(\S+(?:-\S+){4})", page.text)[1]
    assert client.get("/method").status_code == 303
    assert log_in(visitor(app)).status_code == 422
    assert log_in(visitor(app), given).headers["location"] == "/log-in/passphrase"
    assert "passphrase:given" in kinds(engine)
    assert given not in admin.get(f"/users/{user}").html


def test_a_new_installation_has_nobody_who_could_log_in(engine, clock):
    with transaction(engine) as db:
        db.add(Programme(code="default", display_name="", created_at=clock()))
    app = create_app(Settings(database_url=str(engine.url)), engine=engine, clock=clock)
    with reading(engine) as db:
        assert db.execute(select(User.id)).first() is None
    page = Page(visitor(app).get("/log-in"))
    assert page.all("button", name="username") == []


# Guessing


def test_an_unknown_user_name_pauses_just_the_same(app, engine):
    for username in ("analyst", "nobody"):
        client = visitor(app, f"192.0.2.{len(username)}")
        answers = [log_in(client, "wrong", username) for _ in range(6)]
        assert [a.status_code for a in answers] == [422] * 5 + [429]
        texts = {Page(a).text for a in answers[:5]}
        assert len(texts) == 1
    assert kinds(engine).count("session:refused") == 10


def test_a_pause_doubles_up_to_an_hour(app, clock):
    client = visitor(app)
    for minutes in (5, 10, 20, 40, 60, 60):
        for _ in range(5):
            assert log_in(client, "wrong").status_code == 422
        clock.move(minutes=minutes - 1)
        assert log_in(client, "wrong").status_code == 429
        clock.move(minutes=1)


def test_strangers_cannot_keep_the_owner_out_of_a_place_that_is_familiar(app, engine, clock):
    owner = visitor(app, "192.0.2.1")
    assert log_in(owner).status_code == 303
    for number in range(10):
        stranger = visitor(app, f"198.51.100.{number}")
        for _ in range(4):
            assert log_in(stranger, "wrong").status_code == 422

    unfamiliar = visitor(app, "203.0.113.9")
    assert log_in(unfamiliar).status_code == 422, "tried from too many places: not even the right"
    assert log_in(visitor(app, "192.0.2.1")).status_code == 303
    clock.move(seconds=PAUSE_ACCOUNT.longest.total_seconds())
    assert log_in(visitor(app, "203.0.113.9")).status_code == 303


def test_one_place_cannot_try_many_user_names(app):
    client = visitor(app)
    for number in range(30):
        assert log_in(client, "wrong", f"somebody{number}").status_code == 422
    assert log_in(client, "wrong", "one more").status_code == 429
    assert log_in(visitor(app, "192.0.2.77")).status_code == 303


def test_several_processes_count_together(app, engine, clock):
    """Two applications on one database stand for two processes."""
    settings = Settings(database_url=str(engine.url), environment="production")
    other = create_app(settings, engine=engine, clock=clock)
    for number in range(5):
        assert log_in(visitor(app if number % 2 else other), "wrong").status_code == 422
    assert log_in(visitor(app)).status_code == 429
    assert log_in(visitor(other)).status_code == 429


def test_what_is_counted_names_nobody_and_is_forgotten(app, engine, clock):
    log_in(visitor(app), "wrong", "nobody at all")
    with reading(engine) as db:
        keys = list(db.execute(select(WrongTries.key_hash)).scalars())
    assert len(keys) == 3
    assert all(re.fullmatch("[0-9a-f]{64}", key) for key in keys)
    clock.move(hours=49)
    log_in(visitor(app, "192.0.2.9"), "wrong", "somebody else")
    with reading(engine) as db:
        assert set(db.execute(select(WrongTries.key_hash)).scalars()).isdisjoint(keys)


def test_four_wrong_tries_do_not_add_up_over_days(app, clock):
    for _ in range(3):
        for _ in range(4):
            assert log_in(visitor(app), "wrong").status_code == 422
        clock.move(seconds=(PAUSE_HERE.forgotten_after + timedelta(seconds=1)).total_seconds())
    assert log_in(visitor(app)).status_code == 303


def test_only_hashes_are_kept(app, engine):
    log_in(visitor(app))
    with reading(engine) as db:
        stored = db.execute(select(User.password_hash).where(User.username == "analyst")).scalar()
        tokens = db.execute(select(UserSession.token_hash)).scalars().all()
    assert stored.startswith("$argon2id$")
    assert all(re.fullmatch("[0-9a-f]{64}", token) for token in tokens)
