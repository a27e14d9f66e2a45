"""Away and back: what was typed is never lost and never another's; proof before what leaves."""

import re
from datetime import timedelta

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import select, text, update

from gvi.domain.access import FRESH, Role
from gvi.domain.log_in import FRESH_FOR, SESSION_IDLE, SESSION_LENGTH
from gvi.settings import Settings
from gvi.store.engine import reading, transaction
from gvi.store.models import Group, KeptForm, Person, User
from gvi.usecases.passphrase import passphrase_hash
from gvi.web.app import create_app
from gvi.web.session import COOKIE, SECURE_COOKIE
from tests.client import Browser, Page, address_of
from tests.codebase.routes import addresses
from tests.conftest import MONDAY
from tests.factories import a_person
from tests.web.test_passphrase import PASSPHRASE, kinds, log_in, post, token_on, visitor

pytestmark = pytest.mark.both_databases

TYPED = {
    "name": "Älvens <b>vänner</b>",
    "ground": "a report, read twice",
    "source": "a long note that took an hour",
    "status": "active",
}


@pytest.fixture
def app(engine, programme, clock) -> FastAPI:
    kept = passphrase_hash(PASSPHRASE)
    with transaction(engine) as db:
        people = User.username.in_(["analyst", "coordinator_police", "admin"])
        db.execute(update(User).where(people).values(password_hash=kept))
    settings = Settings(
        database_url=str(engine.url), environment="production", secret_key="a key of this site"
    )
    return create_app(settings, engine=engine, clock=clock)


def entered(app, username: str = "analyst") -> TestClient:
    client = visitor(app)
    assert log_in(client, username=username).status_code == 303
    return client


def unlock(client: TestClient, passphrase: str = PASSPHRASE, **given: str):
    return post(client, "/unlock", "/unlock", passphrase=passphrase, **given)


def send_late(client: TestClient, clock, **delta: float):
    """Open the form, type for long, and send it."""
    token = token_on(Page(client.get("/groups/new")))
    clock.move(**delta)
    return client.post("/groups/new", data={**TYPED, "csrf_token": token})


def filled_again(client: TestClient, kept: str) -> Page:
    """Press the button of the page on which a form is kept."""
    page = Page(client.get(kept))
    form = next(f for f in page.all("form") if f.get("action") == "/groups/new")
    ns = "{http://www.w3.org/1999/xhtml}"
    data = {i.get("name"): i.get("value") for i in form.iter(f"{ns}input")}
    return Page(client.post(form.get("action"), data=data))


def groups(engine) -> list[str]:
    with reading(engine) as db:
        return list(db.execute(select(Group.name)).scalars())


IDLE = {"seconds": SESSION_IDLE.total_seconds()}
OVER = {"seconds": SESSION_LENGTH.total_seconds()}


@pytest.mark.parametrize("away", [IDLE, OVER], ids=["idle", "over"])
def test_what_is_sent_after_the_time_is_in_the_form_again_after_the_log_in(
    app, engine, clock, away
):
    client = entered(app)

    asked = send_late(client, clock, **away).headers["location"]
    page, _, wanted = asked.partition("?next=")
    assert page == ("/unlock" if away is IDLE else "/log-in")
    assert re.fullmatch(r"/kept/\d+", wanted)
    if away is IDLE:
        answer = unlock(client, next=wanted)
    else:
        answer = client.post(
            "/log-in", data={"username": "analyst", "passphrase": PASSPHRASE, "next": wanted}
        )
    assert answer.headers["location"] == wanted

    form = filled_again(client, wanted)
    assert form.status == 422
    assert form.title == "Add a group"
    assert "Nothing was saved" in form.text
    assert form.one("input", name="name").get("value") == TYPED["name"]
    assert form.one("input", name="source").get("value") == TYPED["source"]
    assert groups(engine) == []

    again = {**TYPED, "csrf_token": token_on(form)}
    assert client.post("/groups/new", data=again).status_code == 303
    assert groups(engine) == [TYPED["name"]]


def test_what_one_user_typed_is_never_shown_to_another(app, engine, clock):
    client = entered(app)
    wanted = send_late(client, clock, **IDLE).headers["location"].partition("?next=")[2]

    # Somebody else sits down at the same browser.
    other = client.post(
        "/log-in", data={"username": "coordinator_police", "passphrase": PASSPHRASE, "next": wanted}
    )
    assert other.status_code == 303
    page = Page(client.get(wanted))
    assert page.status == 404
    assert TYPED["source"] not in page.html

    with reading(engine) as db:
        kept = db.execute(text("SELECT sealed FROM kept_forms")).scalar_one()
    assert kept.startswith("1.1.")
    assert Page(entered(app).get(wanted)).status == 200


def test_a_form_with_a_false_token_is_not_kept(app, engine, clock):
    client = entered(app)
    clock.move(**IDLE)
    answer = client.post("/groups/new", data={**TYPED, "csrf_token": "made up"})
    assert answer.headers["location"] == "/unlock?next=/"
    with reading(engine) as db:
        assert db.execute(select(KeptForm.id)).first() is None


def test_passphrases_are_never_kept(app, engine, clock):
    client = entered(app)
    token = token_on(Page(client.get("/account/passphrase")))
    clock.move(**IDLE)
    client.post("/account/passphrase", data={"csrf_token": token, "current": PASSPHRASE})
    with reading(engine) as db:
        assert db.execute(select(KeptForm.id)).first() is None


def test_an_act_without_a_form_is_not_done_by_being_looked_at(app, engine, clock):
    client = entered(app)
    token = token_on(Page(client.get("/method")))
    answer = client.post("/language", data={"csrf_token": token, "language": "sv", "_look": "7"})
    assert answer.headers["location"] == "/kept/7?act"
    with reading(engine) as db:
        language = db.execute(select(User.language).where(User.username == "analyst")).scalar_one()
    assert language == "en"


def test_what_is_kept_goes_with_the_log_out_and_after_a_day(app, engine, clock):
    client = entered(app)
    wanted = send_late(client, clock, **IDLE).headers["location"].partition("?next=")[2]
    unlock(client)
    post(client, "/log-out")
    with reading(engine) as db:
        assert db.execute(select(KeptForm.id)).first() is None
    client = entered(app)
    wanted = send_late(client, clock, **IDLE).headers["location"].partition("?next=")[2]
    clock.move(hours=24)
    assert entered(app).get(wanted).status_code == 404


# Locked


def test_a_session_left_alone_is_locked_and_the_same_user_unlocks_it(app, engine, clock):
    client = entered(app)
    before = client.cookies[COOKIE]
    clock.move(**IDLE)

    assert (
        client.get("/people?sort=code").headers["location"] == "/unlock?next=/people%3Fsort%3Dcode"
    )
    assert client.get("/api/v1/persons").status_code == 401
    assert unlock(client, "wrong").status_code == 422
    assert client.get("/people").status_code == 303
    assert unlock(client, next="/people?sort=code").headers["location"] == "/people?sort=code"

    assert client.get("/people").status_code == 200
    assert client.cookies[COOKIE] != before
    assert kinds(engine).count("session:unlocked") == 1
    assert kinds(engine).count("session:refused") == 1


def test_guessing_at_a_locked_screen_pauses(app, clock):
    client = entered(app)
    clock.move(**IDLE)
    for _ in range(5):
        assert unlock(client, "wrong").status_code == 422
    assert unlock(client).status_code == 429


def test_one_locks_at_once_by_hand(app):
    client = entered(app)
    assert post(client, "/lock").headers["location"] == "/unlock"
    assert client.get("/method").status_code == 303
    assert unlock(client).status_code == 303
    assert client.get("/method").status_code == 200


def test_writing_for_long_keeps_the_session_by_telling_that_one_is_there(app, clock):
    client = entered(app)
    token = token_on(Page(client.get("/method")))
    for _ in range(3):
        clock.move(seconds=SESSION_IDLE.total_seconds() - 1)
        assert client.post("/still-here", data={"csrf_token": token}).status_code == 204
    assert client.get("/method").status_code == 200


def test_somebody_invented_unlocks_by_a_click(browser, clock):
    somebody = browser(Role.OUTREACH)
    clock.move(**IDLE)
    page = somebody.get("/method")
    assert page.title == "Locked"
    assert page.all("input", type="password") == []
    page = Page(
        somebody.client.post("/unlock", data={"csrf_token": token_on(page), "next": "/method"})
    )
    assert page.url.endswith("/method")


# Once more


def test_what_leaves_comes_in_opens_goes_or_changes_users_asks_for_fresh_proof():
    asking = [
        str(address)
        for address in addresses()
        if any(getattr(each, "is_fresh", False) for each in address.depends_deeply)
    ]
    exports = {str(a) for a in addresses() if a.method == "POST" and a.path.endswith("/export")} - {
        "POST /patterns/export"
    }  # invented rows of the page that shows the parts of pages
    users = {str(a) for a in addresses() if a.path.startswith("/users/")}
    tokens = {"GET /tokens/new", "POST /tokens/new"}
    files = {"GET /import"} | {
        str(a) for a in addresses() if a.path.startswith("/import/drafts/")
    }  # sending them asks nothing: the page they lead to does
    removals = {
        str(a)
        for a in addresses()
        if a.path.startswith(("/remove/", "/removals/")) and a.path != "/removals"
    }
    access = {"GET /people/{person_id}/access", "POST /people/{person_id}/access"}
    paper = {"GET /disclosures/print", "POST /disclosures/export"}
    disclosing = {
        "POST /people/{person_id}/disclose/write",
        "POST /disclosures/{disclosure_id}/decide",
    }
    for those in (exports, users, tokens, files, removals, access, paper, disclosing):
        assert those
        assert those <= set(asking)
    assert {p for a in addresses() if str(a) in asking for p in a.permissions} >= FRESH


def test_an_export_asks_once_more_after_ten_minutes_and_then_goes_on(app, engine, clock):
    client = entered(app)
    assert client.get("/export").status_code == 200
    clock.move(seconds=FRESH_FOR.total_seconds())

    assert client.get("/export").headers["location"] == "/confirm?next=/export"
    assert post(client, "/confirm", "/confirm", passphrase="wrong").status_code == 422
    before = client.cookies[COOKIE]
    answer = post(client, "/confirm", "/confirm", passphrase=PASSPHRASE, next="/export")
    assert answer.headers["location"] == "/export"
    assert client.cookies[COOKIE] != before
    assert client.get("/export").status_code == 200
    assert "session:confirmed" in kinds(engine)


def test_files_sent_after_the_proof_has_run_out_wait_for_the_next_one(app, clock):
    client = entered(app)
    data = {"csrf_token": token_on(Page(client.get("/import")))}
    clock.move(seconds=FRESH_FOR.total_seconds())
    files = {"files": ("groups.csv", b"id,name\nG1,Granit\n", "text/csv")}

    draft = client.post("/import", data=data, files=files).headers["location"]
    asked = client.get(draft).headers["location"]
    post(client, "/confirm", "/confirm", passphrase=PASSPHRASE, next=asked.partition("?next=")[2])

    assert asked.startswith("/confirm?next=/import/drafts/")
    assert "groups.csv" in client.get(draft).text


def test_a_purpose_typed_before_the_question_is_there_after_it(app, clock):
    client = entered(app)
    token = token_on(Page(client.get("/export")))
    clock.move(seconds=FRESH_FOR.total_seconds())
    data = {"csrf_token": token, "purpose": "the steering group's yearly report"}

    wanted = client.post("/export", data=data).headers["location"].partition("?next=")[2]
    post(client, "/confirm", "/confirm", passphrase=PASSPHRASE, next=wanted)

    page = Page(client.get(wanted))
    assert page.one("input", name="purpose").get("value") == data["purpose"]


@pytest.mark.parametrize(
    "address",
    ["/people/1/access", "/remove/person/1", "/removals/1/let-in"],
    ids=["giving access", "removing", "letting in again"],
)
def test_what_was_typed_into_an_act_stands_there_after_the_proof(
    browser, engine, programme, clock, address
):
    with transaction(engine) as db:
        a_person(db, programme, MONDAY, "Lom")
        a_person(db, programme, MONDAY, "Siska", external_id="P7")
    police = browser(Role.COORDINATOR_POLICE)
    police.post("/remove/person/2", reason="a mistake")
    token = police.token()
    clock.move(seconds=FRESH_FOR.total_seconds())
    data = {"csrf_token": token, "reason": "needed on Thursday"}

    url = address_of(police.client, address)
    answer = police.client.post(url, data=data, follow_redirects=False)

    page, _, wanted = answer.headers["location"].partition("?next=")
    assert page == "/confirm"
    assert re.fullmatch(r"/kept/\d+", wanted)
    police.client.post("/confirm", data={"csrf_token": token, "next": wanted})
    again = form_sent(police, wanted)
    assert "Nothing was saved" in again.text
    assert "needed on Thursday" in again.html


def form_sent(who: Browser, kept: str) -> Page:
    """Press the button under what was kept."""
    page = who.get(kept)
    ns = "{http://www.w3.org/1999/xhtml}"
    form = next(f for f in page.all("form") if any(i.get("name") == "_look" for i in f.iter()))
    data = {i.get("name"): i.get("value") for i in form.iter(f"{ns}input")}
    return Page(who.client.post(form.get("action"), data=data))


def test_the_register_on_paper_asks_once_more(browser, clock):
    auditor = browser(Role.AUDITOR)
    assert auditor.get("/disclosures/print").title.startswith("Register of disclosures")
    clock.move(seconds=FRESH_FOR.total_seconds())
    assert auditor.get("/disclosures").title == "Register of disclosures"
    assert auditor.get("/disclosures/print").title == "Is it still you?"


def test_files_looked_at_before_are_brought_in_after_the_proof_only(browser, engine, clock):
    analyst = browser(Role.ANALYST)
    file = ("persons.csv", b"id,name\nP1,Lom\n", "text/csv")
    look = analyst.post("/import", files=file)
    draft = look.url.removeprefix("http://testserver")
    clock.move(seconds=FRESH_FOR.total_seconds())

    assert analyst.post(draft, skip_rejected="on").title == "Is it still you?"
    with reading(engine) as db:
        assert db.execute(select(Person.id)).first() is None

    analyst.post("/confirm", next=draft)
    assert analyst.post(draft).title == "Imported"


def test_somebody_invented_confirms_by_a_click_that_says_so(browser, clock):
    admin = browser(Role.ADMIN)
    clock.move(seconds=FRESH_FOR.total_seconds())
    page = admin.get("/users/new")
    assert page.title == "Is it still you?"
    assert "invented town" in page.text
    data = {"csrf_token": token_on(page), "next": "/users/new"}
    assert Page(admin.client.post("/confirm", data=data)).title == "Add a user"


# Where one is logged in


def test_one_sees_and_ends_ones_own_log_ins_only(app, engine, clock):
    here, there = entered(app), visitor(app, "192.0.2.2")
    agent = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
    there.headers["user-agent"] = agent
    log_in(there)
    stranger = entered(app, "coordinator_police")
    page = Page(here.get("/account"))
    assert "2 places" in page.text
    assert "Firefox, Windows" in page.text
    assert "192.0.2.2" in page.text
    number = page.one("button", name="session_id").get("value")

    assert post(stranger, "/account/log-ins/end", session_id=number).status_code == 404
    assert there.get("/method").status_code == 200
    assert post(here, "/account/log-ins/end", session_id=number).status_code == 303

    assert there.get("/method").status_code == 303
    assert here.get("/method").status_code == 200
    log_in(there)
    assert post(here, "/account/log-ins/end").status_code == 303
    assert there.get("/method").status_code == 303
    assert here.get("/method").status_code == 200
    assert stranger.get("/method").status_code == 200
    assert kinds(engine).count("session:ended") == 2


def test_an_administrator_ends_every_log_in_of_a_user(app, engine):
    client = entered(app)
    admin = Browser(app, Role.ADMIN)
    with reading(engine) as db:
        user = db.execute(select(User.id).where(User.username == "analyst")).scalar_one()
    admin.post(f"/users/{user}/log-ins/end")
    assert client.get("/method").status_code == 303
    assert "session:ended" in kinds(engine)


# The cookie


def test_behind_a_proxy_the_public_address_decides_and_not_what_a_request_claims(
    engine, programme, clock
):
    def cookie(headers: dict[str, str], **given: str) -> str:
        settings = Settings(database_url=str(engine.url), **given)
        client = TestClient(
            create_app(settings, engine=engine, clock=clock), follow_redirects=False
        )
        answer = client.post("/log-in/invented", data={"username": "analyst"}, headers=headers)
        return answer.headers["set-cookie"]

    claims = {"X-Forwarded-Proto": "https", "Forwarded": "proto=https"}
    assert cookie(claims).startswith(f"{COOKIE}=")
    assert "Secure" not in cookie(claims)
    behind = cookie({"Host": "gvi.example"}, public_url="https://gvi.example")
    assert behind.startswith(f"{SECURE_COOKIE}=")
    parts = {part.strip().lower() for part in behind.split(";")}
    assert {"secure", "httponly", "path=/", "samesite=lax"} <= parts
    assert not any(part.startswith("domain") for part in parts)


def test_logging_out_clears_what_the_browser_kept(app, engine):
    client = entered(app)
    answer = post(client, "/log-out")
    assert answer.headers["clear-site-data"] == '"cache", "cookies", "storage"'
    assert COOKIE not in client.cookies


def test_the_session_lasts_half_a_day_at_most(app, clock):
    client = entered(app)
    until = clock() + SESSION_LENGTH
    while clock() + timedelta(minutes=20) < until:
        clock.move(minutes=20)
        assert client.get("/method").status_code == 200
    clock.move(minutes=20)
    assert client.get("/method").headers["location"].startswith("/log-in")
