"""The second step: an app's codes, each once; recovery codes; demanded, lost and taken away."""

import io
import re
import sys

import pyotp
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import select, text, update

from gvi.cli.main import main
from gvi.domain.access import Role
from gvi.settings import Settings
from gvi.store.engine import make_engine, reading, transaction, unlock
from gvi.store.keys import SealError
from gvi.store.migrate import downgrade, upgrade
from gvi.store.models import RecoveryCode, User
from gvi.usecases.passphrase import passphrase_hash
from gvi.web.app import create_app
from gvi.web.session import COOKIE
from tests.client import Browser, Page
from tests.conftest import SECRET_KEY
from tests.web.test_passphrase import PASSPHRASE, kinds, log_in, post, visitor

pytestmark = pytest.mark.both_databases

OTHER_KEY = "another long text that stands for a random one"
STEP = "/account/second-step"
SECRET = "SELECT totp_secret FROM users WHERE username = 'analyst'"


@pytest.fixture
def app(engine, programme, clock) -> FastAPI:
    kept = passphrase_hash(PASSPHRASE)
    with transaction(engine) as db:
        db.execute(update(User).where(User.username == "analyst").values(password_hash=kept))
    settings = Settings(
        database_url=str(engine.url), environment="production", secret_key="a key of this site"
    )
    return create_app(settings, engine=engine, clock=clock)


class App:
    """The user's telephone."""

    def __init__(self, page: Page, clock) -> None:
        self.totp = pyotp.TOTP(re.sub(r"\s", "", "".join(page.one("code").itertext())))
        self.clock = clock

    def code(self, later: int = 0) -> str:
        return self.totp.at(int(self.clock().timestamp()) + later)


def set_up(client: TestClient, clock, start: str = STEP) -> tuple[App, list[str]]:
    assert post(client, f"{start}/start", start).status_code == 303
    phone = App(Page(client.get(start)), clock)
    page = Page(post(client, start, start, code=phone.code()))
    assert page.status == 200, page.text
    return phone, ["".join(code.itertext()) for code in page.all("code")]


@pytest.fixture
def phone(app, clock) -> tuple[App, list[str]]:
    """The analyst has turned the second step on, a minute ago."""
    client = visitor(app)
    log_in(client)
    made = set_up(client, clock)
    clock.move(minutes=1)
    return made


def with_code(app, code: str, **given: str):
    client = visitor(app)
    assert log_in(client).headers["location"] == "/log-in/code"
    return post(client, "/log-in/code", "/log-in/code", code=code, **given), client


def test_the_square_code_is_drawn_here_and_the_secret_is_sealed(app, engine, clock):
    client = visitor(app)
    log_in(client)
    post(client, f"{STEP}/start", STEP)
    page = Page(client.get(STEP))

    drawing = page.one("div", class_="square-code")
    assert [e.tag.rpartition("}")[2] for e in drawing] == ["svg"]
    secret = App(page, clock).totp.secret
    with reading(engine) as db:
        kept = db.execute(text(SECRET)).scalar_one()
    assert kept.startswith("1.1.")
    assert secret not in kept
    assert secret.lower() not in kept.lower()
    assert log_in(visitor(app)).headers["location"] == "/", "not in force before a code proves it"


def test_after_the_passphrase_comes_the_code_and_then_a_new_session(app, phone):
    client = visitor(app)
    log_in(client)
    half = client.cookies[COOKIE]
    assert client.get("/method").headers["location"] == "/log-in/code"
    assert client.get("/api/v1/persons").status_code == 401

    answer = post(client, "/log-in/code", "/log-in/code", code=phone[0].code(), next="/method")

    assert answer.headers["location"] == "/method"
    assert client.cookies[COOKIE] != half
    thief = TestClient(app, cookies={COOKIE: half}, follow_redirects=False)
    assert thief.get("/method").status_code == 303
    assert client.get("/method").status_code == 200


@pytest.mark.parametrize(("later", "status"), [(-60, 422), (-30, 303), (30, 303), (60, 422)])
def test_a_clock_that_is_one_step_off_is_forgiven_and_no_more(app, phone, later, status):
    answer, _ = with_code(app, phone[0].code(later))
    assert answer.status_code == status


def test_each_step_is_accepted_once_and_no_earlier_one_after_it(app, phone, clock):
    code, earlier = phone[0].code(), phone[0].code(-30)
    assert with_code(app, code)[0].status_code == 303
    assert with_code(app, code)[0].status_code == 422
    assert with_code(app, earlier)[0].status_code == 422
    clock.move(seconds=30)
    assert with_code(app, phone[0].code())[0].status_code == 303


@pytest.mark.parametrize("code", ["", "000000", "12345", "\u0661" * 6, "abcdef", "0" * 500])
def test_a_wrong_code_is_refused_and_logged(app, phone, engine, code):
    answer, client = with_code(app, code)
    assert answer.status_code == 422
    assert client.get("/method").status_code == 303
    assert kinds(engine)[-1] == "session:refused"


def test_codes_cannot_be_tried_one_after_the_other(app, phone):
    for _ in range(5):
        assert with_code(app, "000000")[0].status_code == 422
    assert with_code(app, phone[0].code())[0].status_code == 429


def test_a_recovery_code_stands_in_once(app, phone, engine):
    code = phone[1][3]
    assert len(set(phone[1])) == 10
    with reading(engine) as db:
        kept = list(db.execute(select(RecoveryCode.code_hash)).scalars())
    assert not set(kept) & set(phone[1])

    typed = code.upper().replace("-", " ")
    assert with_code(app, typed)[0].status_code == 303
    assert with_code(app, code)[0].status_code == 422
    assert "recovery_code:used" in kinds(engine)


def test_new_recovery_codes_take_the_place_of_the_old(app, phone):
    _, client = with_code(app, phone[0].code())
    assert "10 recovery codes are left" in Page(client.get("/account")).text

    page = Page(post(client, "/account/recovery-codes"))

    new = ["".join(code.itertext()) for code in page.all("code")]
    assert len(new) == 10
    assert not set(new) & set(phone[1])
    assert with_code(app, phone[1][0])[0].status_code == 422
    assert with_code(app, new[0])[0].status_code == 303


def test_an_administrator_turns_it_off_with_a_trace_and_ends_the_log_ins(app, phone, engine):
    _, client = with_code(app, phone[0].code())
    with reading(engine) as db:
        user = db.execute(select(User.id).where(User.username == "analyst")).scalar_one()
    admin = Browser(app, Role.ADMIN)
    assert "Second step: on." in admin.get(f"/users/{user}").html

    admin.post(f"/users/{user}/second-step/off")

    assert "second_step:turned_off" in kinds(engine)
    assert client.get("/method").status_code == 303
    assert log_in(visitor(app)).headers["location"] == "/"
    for role in set(Role) - {Role.ADMIN}:
        assert Browser(app, role).post(f"/users/{user}/second-step/off").status == 403, role


def test_a_role_that_needs_it_sets_it_up_before_anything_opens(app, engine, clock):
    admin = Browser(app, Role.ADMIN)
    admin.post("/users/second-step", roles=["analyst", "admin"])
    client = visitor(app)

    assert log_in(client).headers["location"] == "/log-in/second-step"
    assert client.get("/method").headers["location"] == "/log-in/second-step"
    phone, codes = set_up(client, clock, "/log-in/second-step")

    assert len(codes) == 10
    assert client.get("/method").status_code == 200
    assert {"second_step:demanded", "second_step:turned_on"} <= set(kinds(engine))
    clock.move(minutes=1)
    assert with_code(app, phone.code())[0].status_code == 303


def test_a_new_key_and_a_new_secret_key_leave_second_steps_and_kept_forms_as_they_were(
    app, phone, engine, clock, monkeypatch
):
    _, client = with_code(app, phone[0].code())
    token = Page(client.get("/groups/new")).all("input", name="csrf_token")[0].get("value")
    clock.move(hours=1)
    typed = {"csrf_token": token, "name": "Granit"}
    kept = client.post("/groups/new", data=typed).headers["location"].partition("next=")[2]
    url = engine.url.render_as_string(hide_password=False)

    def gvi(*words, secret=SECRET_KEY):
        environ = {"GVI_DATABASE_URL": url, "GVI_SECRET_KEY": secret}
        return main(["keys", *words], environ=environ, clock=clock)

    monkeypatch.setattr(sys, "stdin", io.StringIO(OTHER_KEY + "\n"))
    assert gvi("rewrap") == 0
    assert gvi("rotate", secret=OTHER_KEY) == 0
    assert gvi("retire", secret=OTHER_KEY) == 0

    restarted = make_engine(url)
    unlock(restarted, OTHER_KEY)
    with reading(restarted) as db:
        texts = db.execute(text(f"{SECRET} UNION ALL SELECT sealed FROM kept_forms")).scalars()
        assert [each.split(".")[1] for each in texts] == ["2", "2"]
    settings = Settings(database_url=url, environment="production", secret_key=OTHER_KEY)
    later = create_app(settings, engine=restarted, clock=clock)
    answer, client = with_code(later, phone[0].code())
    assert answer.status_code == 303
    assert Page(client.get(kept)).one("input", name="name").get("value") == "Granit"
    restarted.dispose()


def test_a_secret_copied_to_another_user_opens_nothing(app, phone, engine):
    with transaction(engine) as db:
        secret = db.execute(text(SECRET)).scalar_one()
        copied = text("UPDATE users SET totp_secret = :it WHERE username = 'admin'")
        db.execute(copied, {"it": secret})
    with reading(engine) as db, pytest.raises(SealError):
        db.execute(select(User.totp_secret).where(User.username == "admin")).scalar_one()


def test_the_secret_of_an_app_goes_under_the_ring_with_the_migration_and_back(
    app, phone, engine, owner_url
):
    owner = make_engine(owner_url)
    with reading(engine) as db:
        secret = db.execute(select(User.totp_secret).where(User.username == "analyst")).scalar_one()
    downgrade(owner, "0009_disclosures", secret_key=SECRET_KEY)
    with transaction(engine) as db:
        assert not db.execute(text(SECRET)).scalar_one().startswith("1.")
        spoilt = "UPDATE users SET totp_secret = 'AAAA', totp_confirmed_at = created_at"
        db.execute(text(f"{spoilt} WHERE username = 'admin'"))

    upgrade(owner, secret_key=SECRET_KEY)
    owner.dispose()

    with reading(engine) as db:
        held = dict(db.execute(select(User.username, User.totp_secret)).all())
    assert held["analyst"] == secret
    assert held["admin"] not in (None, secret), "still demanded, but of an app that nobody has"
    assert with_code(app, phone[0].code())[0].status_code == 303
