"""Passkeys: added, logged in with, shown as proof, removed; and everything that is refused."""

import json
import re

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import select, text, update

from gvi.domain.access import Role
from gvi.domain.log_in import (
    CHALLENGE_LASTS,
    FRESH_FOR,
    MOST_PASSKEYS,
    PAUSE_ACCOUNT,
    PAUSE_ASKING,
    PAUSE_HERE,
    SESSION_IDLE,
)
from gvi.settings import Settings
from gvi.store.engine import reading, transaction
from gvi.store.models import Passkey, PasskeyChallenge, User
from gvi.usecases.passphrase import passphrase_hash
from gvi.web.app import create_app
from gvi.web.session import COOKIE
from tests.authenticator import Authenticator
from tests.client import Browser, Page
from tests.web.test_passphrase import (
    OTHER,
    PASSPHRASE,
    change,
    kinds,
    log_in,
    post,
    token_on,
)

pytestmark = pytest.mark.both_databases

NEW = "/account/passkeys/new"
NOT_ACCEPTED = "That passkey was not accepted."
TOO_LATE = "That took too long, or was used before."


@pytest.fixture(scope="module")
def kept() -> str:
    return passphrase_hash(PASSPHRASE)


@pytest.fixture
def app(engine, programme, clock, kept) -> FastAPI:
    with transaction(engine) as db:
        people = User.username.in_(["analyst", "coordinator_police"])
        db.execute(update(User).where(people).values(password_hash=kept))
    settings = Settings(database_url=str(engine.url), environment="production")
    return create_app(settings, engine=engine, clock=clock)


def visitor(app, source: str = "192.0.2.1") -> TestClient:
    headers = {"accept-language": "en"}
    return TestClient(app, follow_redirects=False, client=(source, 50000), headers=headers)


def form_of(client: TestClient, page: str) -> dict[str, str]:
    return {"csrf_token": token_on(Page(client.get(page)))}


def asked_for_new(client: TestClient) -> dict:
    answer = client.post("/account/passkeys/challenge", data=form_of(client, NEW))
    assert answer.status_code == 200, answer.text
    return answer.json()


def add(client: TestClient, device: Authenticator, name: str = "work phone", **given):
    made = device.make(asked_for_new(client), **given)
    return post(client, NEW, NEW, name=name, credential=made)


def entered(app, device: Authenticator, username: str = "analyst") -> TestClient:
    """Log in by passphrase and add a passkey."""
    client = visitor(app)
    assert log_in(client, username=username).status_code == 303
    assert add(client, device).headers["location"] == "/account?done=passkey_added"
    return client


@pytest.fixture
def device(app) -> Authenticator:
    """A security key that the analyst has added, and that counts."""
    made = Authenticator()
    entered(app, made)
    return made


def asked(client: TestClient) -> dict:
    return client.post("/log-in/passkey/challenge").json()


def show(client: TestClient, credential: str, **given: str):
    return client.post("/log-in/passkey", data={"credential": credential, **given})


def by_passkey(app, device: Authenticator, **given):
    """Log in with the device at another browser."""
    client = visitor(app)
    return show(client, device.sign(asked(client), **given)), client


def refused(answer, sentence: str = NOT_ACCEPTED) -> bool:
    page = Page(answer)
    return page.status == 422 and sentence in page.text and COOKIE not in answer.cookies


# The right way


def test_a_passkey_alone_opens_a_session_under_every_second_step(app, device, engine):
    Browser(app, Role.ADMIN).post("/users/second-step", roles=["analyst"])
    client = visitor(app)

    answer = show(client, device.sign(asked(client)), next="/method")

    assert answer.status_code == 303
    assert answer.headers["location"] == "/method"
    assert client.get("/method").status_code == 200
    assert kinds(engine)[-3:-1] == ["passkey:used", "session:opened"]


def test_the_device_is_asked_to_verify_its_user_and_is_told_of_nobody(app, device):
    question = asked(visitor(app))
    assert question["userVerification"] == "required"
    assert question["rpId"] == "testserver"
    assert question["allowCredentials"] == []

    client = visitor(app)
    log_in(client)
    question = asked_for_new(client)
    chosen = question["authenticatorSelection"]
    assert (chosen["userVerification"], chosen["residentKey"]) == ("required", "required")
    assert question["attestation"] == "none"
    assert question["user"]["name"] == "analyst"
    assert len(question["excludeCredentials"]) == 1, "a device makes no second key"


def test_it_is_listed_with_its_name_and_when_it_was_used(app, device, engine, clock):
    _, client = by_passkey(app, device)
    page = Page(client.get("/account"))
    assert "work phone" in page.text
    with reading(engine) as db:
        row = db.execute(select(Passkey.last_used_at, Passkey.sign_count)).one()
        stored = db.execute(text("SELECT name FROM passkeys")).scalar_one()
    assert row.last_used_at == clock()
    assert row.sign_count == device.keys[0].count
    assert stored.startswith("1."), "what somebody calls a device is sealed"


def test_adding_and_removing_stand_in_the_log_in_words(app, device, engine):
    _, client = by_passkey(app, device)
    remove(client)
    assert {"passkey:added", "passkey:removed"} <= set(kinds(engine))
    log = Browser(app, Role.AUDITOR).get("/audit").text
    for words in ("added: passkeys", "showed a passkey", "removed: passkeys"):
        assert words in log, words


def test_a_device_that_never_counts_is_let_in_again_and_again(app):
    telephone = Authenticator(counts=False)
    entered(app, telephone)
    for _ in range(3):
        assert by_passkey(app, telephone)[0].status_code == 303


def test_a_challenge_of_one_process_is_taken_by_another(app, device, engine, clock):
    other = create_app(app.state.settings, engine=engine, clock=clock)
    here = visitor(app)
    answer = device.sign(asked(here))
    there = visitor(other)
    there.cookies = here.cookies
    assert show(there, answer).status_code == 303


def test_it_unlocks_a_session_and_proves_who_is_there(app, device, clock, engine):
    _, client = by_passkey(app, device)
    clock.move(seconds=SESSION_IDLE.total_seconds())
    assert client.get("/method").headers["location"].startswith("/unlock")

    assert prove(client, device, "/unlock", next="/method").headers["location"] == "/method"
    clock.move(seconds=FRESH_FOR.total_seconds())
    assert client.get(NEW).headers["location"].startswith("/confirm")
    assert prove(client, device, "/confirm", next=NEW).headers["location"] == NEW

    assert client.get(NEW).status_code == 200
    assert {"session:unlocked", "session:confirmed"} <= set(kinds(engine))


def prove(client: TestClient, device: Authenticator, page: str, key=None, **given: str):
    question = client.post("/confirm/passkey", data=form_of(client, page)).json()
    return post(client, page, page, credential=device.sign(question, key), **given)


# Refused


def test_an_answer_is_taken_once(app, device):
    client = visitor(app)
    answer = device.sign(asked(client))
    assert show(client, answer).status_code == 303
    client.cookies.delete(COOKIE)

    assert refused(show(client, answer), TOO_LATE)


def test_an_answer_that_was_refused_is_used_up_as_well(app, device):
    client = visitor(app)
    question = asked(client)
    assert refused(show(client, device.sign(question, origin="https://evil.example")))
    assert refused(show(client, device.sign(question)), TOO_LATE)


def test_an_answer_of_another_browser_opens_nothing_here(app, device):
    victim, thief = visitor(app), visitor(app)
    answer = device.sign(asked(victim))
    assert refused(show(thief, answer), TOO_LATE)
    asked(thief)
    assert refused(show(thief, answer), TOO_LATE)
    assert show(victim, answer).status_code == 303


def test_an_answer_comes_within_five_minutes(app, device, engine, clock):
    client = visitor(app)
    answer = device.sign(asked(client))
    clock.move(seconds=CHALLENGE_LASTS.total_seconds())
    assert refused(show(client, answer), TOO_LATE)

    asked(client)
    with reading(engine) as db:
        assert len(db.execute(select(PasskeyChallenge.id)).all()) == 1, "those past are removed"


def test_a_made_up_challenge_opens_nothing(app, device):
    client = visitor(app)
    question = asked(client) | {"challenge": "AAAA"}
    assert refused(show(client, device.sign(question)), TOO_LATE)


@pytest.mark.parametrize(
    "given",
    [
        {"origin": "https://evil.example"},
        {"origin": "https://testserver"},
        {"origin": "http://testserver:81"},
        {"origin": "http://sub.testserver"},
        {"of": "evil.example"},
        {"verifies": False},
        {"cross_origin": True},
        {"handle": b"somebody else"},
        {"handle": b""},
    ],
    ids=str,
)
def test_what_was_signed_elsewhere_or_by_nobody_in_particular_is_refused(
    app, device, given, engine
):
    answer, client = by_passkey(app, device, **given)
    assert refused(answer)
    assert client.get("/method").status_code == 303
    assert kinds(engine)[-1] == "session:refused"


@pytest.mark.parametrize(
    "given",
    [
        {"origin": "https://evil.example"},
        {"of": "evil.example"},
        {"verifies": False},
        {"cross_origin": True},
    ],
    ids=str,
)
def test_a_key_made_elsewhere_or_by_nobody_in_particular_is_not_kept(app, engine, given):
    client = visitor(app)
    log_in(client)
    page = Page(add(client, Authenticator(), **given))
    assert page.status == 422
    assert "No passkey was made." in page.text
    with reading(engine) as db:
        assert db.execute(select(Passkey.id)).first() is None


def test_what_another_key_signed_is_refused(app, device):
    thief = Authenticator()
    entered(app, thief, "coordinator_police")
    forged = thief.keys[0]
    forged.id, forged.handle, forged.count = device.keys[0].id, device.keys[0].handle, 40
    assert refused(by_passkey(app, thief)[0])
    assert by_passkey(app, device)[0].status_code == 303, "and a forged counter changed nothing"


def test_another_users_passkey_proves_nothing_in_this_session(app, device, clock):
    other = Authenticator()
    colleague = entered(app, other, "coordinator_police")
    assert colleague.get("/method").status_code == 200
    _, client = by_passkey(app, device)
    clock.move(seconds=FRESH_FOR.total_seconds())

    page = Page(prove(client, other, "/confirm", next=NEW))

    assert page.status == 422
    assert NOT_ACCEPTED in page.text
    assert client.get(NEW).headers["location"].startswith("/confirm")


def test_a_challenge_of_the_log_in_page_proves_nothing_in_a_session(app, device, clock):
    _, client = by_passkey(app, device)
    clock.move(seconds=FRESH_FOR.total_seconds())
    signed = device.sign(asked(client))
    page = Page(post(client, "/confirm", "/confirm", credential=signed))
    assert page.status == 422
    assert TOO_LATE in page.text


def test_a_counter_that_goes_backwards_is_refused_and_is_a_sign(app, device, engine):
    assert by_passkey(app, device, count=10)[0].status_code == 303
    for count in (9, 10, 0):
        assert refused(by_passkey(app, device, count=count)[0])
    assert kinds(engine)[-2:] == ["passkey:counted_back", "session:refused"]
    signs = Browser(app, Role.AUDITOR).get("/audit/signs").text
    assert "A passkey may be copied" in signs
    assert by_passkey(app, device, count=11)[0].status_code == 303


def test_a_counter_in_what_nobody_signed_is_no_sign(app, device, engine):
    assert by_passkey(app, device, count=10)[0].status_code == 303
    client = visitor(app)
    given = json.loads(device.sign(asked(client), count=3))
    given["response"]["signature"] = given["response"]["signature"][::-1]
    assert refused(show(client, json.dumps(given)))
    assert "passkey:counted_back" not in kinds(engine)


JUNK = [
    "",
    "null",
    "[]",
    "{}",
    "[" * 15_000,
    "é",
    '{"rawId": "é", "response": {"clientDataJSON": "é"}}',
    '{"rawId": 1, "response": []}',
    "x" * 30_000,
]


@pytest.mark.parametrize("credential", JUNK, ids=lambda each: each[:12])
def test_anything_else_is_refused_in_a_sentence(app, credential):
    client = visitor(app)
    asked(client)
    assert refused(show(client, credential))


def spoilt(credential: str, **changes: object) -> str:
    given = json.loads(credential)
    for place, value in changes.items():
        (given["response"] if place in given["response"] else given)[place] = value
    return json.dumps(given)


@pytest.mark.parametrize(
    "changes",
    [
        {"type": "password"},
        {"id": "AAAA"},
        {"signature": ""},
        {"signature": 7},
        {"authenticatorData": "AAAA"},
        {"authenticatorData": "é"},
        {"userHandle": 7},
        {"userHandle": "é"},
    ],
    ids=str,
)
def test_half_an_answer_is_refused_in_a_sentence(app, device, changes):
    client = visitor(app)
    assert refused(show(client, spoilt(device.sign(asked(client)), **changes)))


def test_a_key_that_cannot_be_read_is_not_kept(app, engine):
    client = visitor(app)
    log_in(client)
    made = Authenticator().make(asked_for_new(client))
    page = Page(post(client, NEW, NEW, name="x", credential=spoilt(made, attestationObject="oA")))
    assert page.status == 422
    with reading(engine) as db:
        assert db.execute(select(Passkey.id)).first() is None


# Who is let in, and how often it is tried


def test_the_refusal_tells_nothing_about_who_has_a_passkey(app, device):
    stranger = Authenticator()
    stranger.keys = [type(device.keys[0])(b"x" * 20, device.keys[0].private, b"nobody")]
    texts = [
        Page(by_passkey(app, each, origin="https://evil.example")[0]).html
        for each in (device, stranger)
    ]
    assert texts[0] == texts[1]


@pytest.mark.parametrize("is_known", [True, False], ids=["a passkey", "nobody's passkey"])
def test_wrong_tries_pause_the_place_as_at_the_passphrase(app, device, is_known):
    if not is_known:
        device.keys[0].id = b"nobody has this one"
    for _ in range(PAUSE_HERE.tries):
        assert refused(by_passkey(app, device, verifies=False)[0])
    answer, _ = by_passkey(app, device)
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) == PAUSE_HERE.first.total_seconds() + 1


def test_who_is_locked_out_by_passphrase_is_locked_out_by_passkey(app, device):
    for _ in range(PAUSE_HERE.tries):
        log_in(visitor(app), "wrong")
    assert by_passkey(app, device)[0].status_code == 429
    for place in range(PAUSE_ACCOUNT.tries):
        log_in(visitor(app, f"198.51.100.{place}"), "wrong")
    client = visitor(app, "203.0.113.9")
    assert refused(show(client, device.sign(asked(client))))


def of_analyst(app) -> str:
    links = Browser(app, Role.ADMIN).get("/users", q="analyst").links()
    return next(link for link in links if re.fullmatch(r"/users/\d+", link))


def test_a_user_who_was_stopped_is_refused_like_anybody(app, device, engine):
    with transaction(engine) as db:
        db.execute(update(User).where(User.username == "analyst").values(is_active=False))
    assert refused(by_passkey(app, device)[0])


def test_a_passkey_of_before_a_stop_opens_nothing_when_the_user_is_let_in_again(
    app, device, engine
):
    admin, user = Browser(app, Role.ADMIN), of_analyst(app)
    assert admin.post(user, role="analyst", team="", is_active="1").status == 200
    assert by_passkey(app, device)[0].status_code == 303, "another change leaves it"

    admin.post(user, role="analyst", team="")
    admin.post(user, role="analyst", team="", is_active="1")

    assert log_in(visitor(app)).status_code == 303, "let in again"
    assert refused(by_passkey(app, device)[0])
    assert "passkey:removed" in kinds(engine)


def test_the_administrator_sees_that_there_is_one_and_removes_it(app, device, engine):
    _, client = by_passkey(app, device)
    admin, user = Browser(app, Role.ADMIN), of_analyst(app)
    assert "Has one passkey." in admin.get(user).text

    page = admin.post(f"{user}/passkeys/remove")

    assert "Has no passkey." in page.text
    assert client.get("/method").status_code == 303
    assert refused(by_passkey(app, device)[0])
    assert "passkey:removed" in kinds(engine)
    for role in set(Role) - {Role.ADMIN}:
        assert Browser(app, role).post(f"{user}/passkeys/remove").status == 403, role


def test_a_start_passphrase_removes_every_passkey(app, device):
    Browser(app, Role.ADMIN).post(f"{of_analyst(app)}/start-passphrase")
    assert refused(by_passkey(app, device)[0])


def test_turning_the_second_step_off_removes_every_passkey(app, device, engine):
    with transaction(engine) as db:
        user = db.execute(select(User).where(User.username == "analyst")).scalar_one()
        user.totp_secret, user.totp_confirmed_at = "A" * 32, user.created_at
    Browser(app, Role.ADMIN).post(f"{of_analyst(app)}/second-step/off")
    assert refused(by_passkey(app, device)[0])


def test_ones_own_new_passphrase_and_ending_log_ins_leave_passkeys_alone(app, device):
    _, client = by_passkey(app, device)
    assert change(client, OTHER).status_code == 303
    assert post(client, "/account/log-ins/end").status_code == 303
    assert by_passkey(app, device)[0].status_code == 303


# One's own


def number_on(client: TestClient) -> str:
    found = re.search(r"/account/passkeys/(\d+)/remove", client.get("/account").text)
    return found[1]


def remove(client: TestClient, number: str | None = None):
    page = f"/account/passkeys/{number or number_on(client)}/remove"
    return post(client, page, page if number is None else "/account")


def test_a_removed_passkey_opens_nothing_and_other_log_ins_end(app, device):
    _, lost = by_passkey(app, device)
    _, client = by_passkey(app, device)
    question = Page(client.get(f"/account/passkeys/{number_on(client)}/remove"))
    assert question.title == "Remove: work phone?"

    assert remove(client).headers["location"] == "/account?done=passkey_removed"

    assert client.get("/method").status_code == 200
    assert lost.get("/method").status_code == 303
    assert refused(by_passkey(app, device)[0])


def test_nobody_removes_anothers_passkey(app, device):
    _, client = by_passkey(app, device)
    colleague = visitor(app)
    log_in(colleague, username="coordinator_police")
    number = number_on(client)
    assert colleague.get(f"/account/passkeys/{number}/remove").status_code == 404
    assert remove(colleague, number).status_code == 404
    assert by_passkey(app, device)[0].status_code == 303


def test_adding_and_removing_ask_who_it_is(app, device, clock):
    _, client = by_passkey(app, device)
    number = number_on(client)
    clock.move(seconds=FRESH_FOR.total_seconds())
    data = form_of(client, "/account")
    for url in (NEW, "/account/passkeys/challenge", f"/account/passkeys/{number}/remove"):
        asked_for = client.post(url, data=data).headers["location"]
        assert asked_for.startswith("/confirm"), url


def test_a_passkey_has_a_name_and_there_are_ten_at_most(app, device, engine):
    _, client = by_passkey(app, device)
    page = Page(add(client, Authenticator(), "  "))
    assert page.status == 422
    assert "Fill this in." in page.text
    for _ in range(MOST_PASSKEYS - 1):
        assert add(client, Authenticator()).status_code == 303

    assert "which is the most" in Page(client.get("/account")).text
    refusal = client.post("/account/passkeys/challenge", data=form_of(client, "/account"))
    assert refusal.status_code == 422
    with reading(engine) as db:
        assert len(db.execute(select(Passkey.id)).all()) == MOST_PASSKEYS


def test_no_passkey_is_taken_over_and_a_user_is_one_to_every_device(app, device):
    _, client = by_passkey(app, device)
    page = Page(add(client, Authenticator(), id=device.keys[0].id))
    assert page.status == 422
    assert "No passkey was made." in page.text

    remove(client)
    assert add(client, device).status_code == 303
    assert device.keys[0].handle == device.keys[1].handle, "the new one takes the old one's place"


# Where the site is


def test_behind_a_proxy_the_public_address_is_the_site(engine, programme, clock, app, kept):
    settings = Settings(database_url=str(engine.url), public_url="https://gvi.example.se")
    behind = create_app(settings, engine=engine, clock=clock)
    device = Authenticator("https://gvi.example.se")

    def at_the_proxy() -> TestClient:
        address = "https://gvi.example.se"
        client = TestClient(behind, base_url=address, follow_redirects=False)
        client.headers["accept-language"] = "en"
        return client

    client = at_the_proxy()
    log_in(client)
    assert add(client, device).status_code == 303
    client = at_the_proxy()
    answer = client.post("/log-in/passkey/challenge")
    assert answer.json()["rpId"] == "gvi.example.se"
    cookie = answer.headers["set-cookie"].lower()
    assert cookie.startswith("__host-gvi-passkey=")
    for part in ("secure", "httponly", "samesite=strict", "path=/"):
        assert part in cookie, part
    assert show(client, device.sign(answer.json())).status_code == 303
    client = at_the_proxy()
    plain = device.sign(asked(client), origin="http://gvi.example.se")
    assert refused(show(client, plain))


def test_a_site_opened_by_its_number_offers_none_and_says_why(app):
    client = TestClient(app, base_url="http://127.0.0.1:8000", follow_redirects=False)
    assert "passkey" not in client.get("/log-in").text
    assert client.post("/log-in/passkey/challenge").status_code == 422
    log_in(client)
    assert "by its number" in Page(client.get(NEW)).text


def test_the_log_in_page_offers_it_where_scripts_find_that_it_can_be_used(app):
    page = Page(visitor(app).get("/log-in"))
    form = page.one("form", action="/log-in/passkey")
    assert "hidden" in form.attrib, "without scripts the page is as it was"
    assert any(each.get("src").endswith("/passkey.js") for each in page.all("script"))


def test_another_site_neither_asks_nor_answers(app, device):
    client = visitor(app)
    elsewhere = {"origin": "https://evil.example"}
    assert client.post("/log-in/passkey/challenge", headers=elsewhere).status_code == 403
    signed = {"credential": device.sign(asked(client))}
    assert client.post("/log-in/passkey", data=signed, headers=elsewhere).status_code == 403


def ask(app, source: str = "192.0.2.1") -> int:
    return visitor(app, source).post("/log-in/passkey/challenge").status_code


def test_from_one_place_not_too_many_challenges_are_asked_for(app, device, engine, clock):
    for _ in range(PAUSE_ASKING.tries):
        assert ask(app) == 200
    for _ in range(3):
        assert ask(app) == 429
    with reading(engine) as db:
        assert len(db.execute(select(PasskeyChallenge.id)).all()) == PAUSE_ASKING.tries
    assert ask(app, "203.0.113.9") == 200, "others go on"
    assert log_in(visitor(app)).status_code == 303, "and the passphrase does"

    clock.move(seconds=PAUSE_ASKING.first.total_seconds())
    assert ask(app) == 200


def test_challenges_that_somebody_logged_in_with_do_not_count(app, device):
    for _ in range(PAUSE_ASKING.tries - 1):
        assert ask(app) == 200
    for _ in range(3):
        assert by_passkey(app, device)[0].status_code == 303
    assert ask(app) == 200
    assert ask(app) == 429
