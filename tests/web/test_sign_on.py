"""Single sign-on by a real provider: who is let in, who is not, and what it never changes."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pyotp
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import Engine, func, select, update

from gvi.domain.access import Role
from gvi.domain.log_in import FRESH_FOR, SESSION_IDLE, TOTP_STEP_S
from gvi.domain.sign_on import MOST_SIGN_ONS, SIGN_ON_LASTS
from gvi.settings import Settings
from gvi.store.engine import reading, transaction
from gvi.store.models import AuditEntry, Programme, ProviderLink, SignOn, User, UserSession
from gvi.usecases.passphrase import passphrase_hash, start_with
from gvi.web.app import create_app
from gvi.web.session import COOKIE
from gvi.web.sign_on import COOKIE as WAY_COOKIE
from tests.client import Page, address_of
from tests.conftest import Clock
from tests.provider import AtProvider, RunningProvider, new_key, running_provider

SITE = "http://testserver"
PASSPHRASE = "en lång mening om älvar"
START = "en annan mening om broar"
both = pytest.mark.both_databases


@pytest.fixture(scope="module")
def provider() -> Iterator[RunningProvider]:
    with running_provider(SITE) as running:
        yield running


@pytest.fixture
def clock() -> Clock:
    """The provider reads the machine's clock, so that the site begins with it too."""
    clock = Clock()
    clock.now = datetime.now(UTC)
    return clock


@pytest.fixture
def make_app(engine: Engine, programme: int, clock: Clock) -> Callable[..., FastAPI]:
    def make(settings: dict[str, str]) -> FastAPI:
        whole = Settings(database_url=str(engine.url), environment="production", **settings)
        return create_app(whole, engine=engine, clock=clock)

    with transaction(engine) as db:
        has_passphrase = {"password_hash": passphrase_hash(PASSPHRASE)}
        db.execute(update(User).where(User.username == "analyst").values(**has_passphrase))
        db.execute(update(Programme).values(is_invented=False))
    return make


@pytest.fixture
def app(make_app, provider) -> FastAPI:
    return make_app(provider.settings(SITE))


@pytest.fixture
def visitor(app) -> TestClient:
    return TestClient(app, follow_redirects=False)


@pytest.fixture
def there(provider) -> AtProvider:
    return provider.person()


@pytest.fixture
def linked(engine, provider, make_app) -> None:
    """The analyst is `anna` at the provider."""
    link_to(engine, "analyst", provider.issuer, "anna")


def link_to(engine: Engine, username: str, issuer: str, subject: str) -> None:
    with transaction(engine) as db:
        user = db.execute(select(User).where(User.username == username)).scalar_one()
        db.add(
            ProviderLink(
                programme_id=user.programme_id,
                user_id=user.id,
                issuer=issuer,
                subject=subject,
                linked_at=user.created_at,
            )
        )


def goes(client: TestClient, way: str = "/log-in/provider") -> str:
    """Begin a way to the provider; gives the address there."""
    answer = client.get(way)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def back(client: TestClient, address: str):
    """Follow the address by which the provider leads back."""
    assert address.startswith(f"{SITE}/log-in/provider/back?")
    return client.get(address.removeprefix(SITE))


def log_in(client: TestClient, there: AtProvider, name: str = "anna", **asked: str):
    way = "/log-in/provider" + (f"?next={asked['next']}" if asked else "")
    return back(client, there.log_in(goes(client, way), name))


def by_passphrase(client: TestClient, username: str = "analyst", passphrase: str = PASSPHRASE):
    answer = client.post("/log-in", data={"username": username, "passphrase": passphrase})
    assert answer.status_code == 303, answer.text
    return answer


def token_of(client: TestClient, page: str = "/method") -> str:
    shown = Page(client.get(page))
    return shown.all("input", name="csrf_token")[0].get("value")


def problem(answer) -> str:
    """Name why somebody was not let in: it stands in the address they are led to."""
    assert answer.status_code == 303
    return parse_qs(urlsplit(answer.headers["location"]).query)["provider"][0]


def entries(engine: Engine) -> list[tuple[str, dict]]:
    with reading(engine) as db:
        rows = db.execute(select(AuditEntry.kind, AuditEntry.detail).order_by(AuditEntry.id))
        return [(row.kind, json.loads(row.detail)) for row in rows]


def count(engine: Engine, model) -> int:
    with reading(engine) as db:
        return db.execute(select(func.count()).select_from(model)).scalar_one()


# Getting in


@both
@pytest.mark.usefixtures("linked")
def test_who_is_linked_gets_in_and_to_where_they_wanted(visitor, there, engine):
    answer = log_in(visitor, there, next="/method")

    assert answer.headers["location"] == "/method"
    assert visitor.get("/method").status_code == 200
    assert entries(engine)[0] == ("session:opened", {"by": "provider"})
    assert count(engine, SignOn) == 0


@pytest.mark.usefixtures("linked")
def test_the_provider_is_asked_for_a_proof_now_and_for_nothing_about_the_person(visitor):
    asked = parse_qs(urlsplit(goes(visitor)).query)

    assert asked["scope"] == ["openid"]
    assert asked["response_type"] == ["code"]
    assert asked["code_challenge_method"] == ["S256"]
    assert (asked["prompt"], asked["max_age"]) == (["login"], ["0"])
    assert asked["redirect_uri"] == [f"{SITE}/log-in/provider/back"]


@pytest.mark.usefixtures("linked")
def test_the_way_back_does_not_follow_the_host_that_was_asked_for(visitor):
    answer = visitor.get("/log-in/provider", headers={"host": "localhost"})
    asked = parse_qs(urlsplit(answer.headers["location"]).query)

    assert asked["redirect_uri"] == [f"{SITE}/log-in/provider/back"]


@both
def test_nobody_is_made_a_user_by_the_provider(visitor, there, engine):
    before = count(engine, User)
    answer = log_in(visitor, there, "a stranger")

    assert problem(answer) == "unlinked"
    assert COOKIE not in visitor.cookies
    assert count(engine, User) == before
    assert entries(engine) == [("session:refused", {"by": "provider"})]
    page = Page(visitor.get(answer.headers["location"]))
    assert "Älvstad öppnar ingenting här" in page.text


@both
@pytest.mark.usefixtures("linked")
def test_who_has_left_is_told_the_same_as_a_stranger(visitor, there, engine):
    with transaction(engine) as db:
        db.execute(update(User).where(User.username == "analyst").values(is_active=False))

    left, stranger = log_in(visitor, there), log_in(visitor, there, "a stranger")

    assert left.headers["location"] == stranger.headers["location"]
    assert COOKIE not in visitor.cookies
    assert count(engine, UserSession) == 0


@pytest.mark.usefixtures("linked")
@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/", "/\\evil"])
def test_nobody_is_led_to_another_site(visitor, there, elsewhere):
    address = goes(visitor, f"/log-in/provider?next={elsewhere}")

    assert back(visitor, there.log_in(address, "anna")).headers["location"] == "/"


# The second step


def with_app(engine: Engine, clock: Clock) -> pyotp.TOTP:
    made = pyotp.TOTP(pyotp.random_base32(), interval=TOTP_STEP_S)
    with transaction(engine) as db:
        user = db.execute(select(User).where(User.username == "analyst")).scalar_one()
        user.totp_secret, user.totp_confirmed_at = made.secret, clock()
    return made


@both
@pytest.mark.usefixtures("linked")
def test_who_has_a_second_step_is_asked_for_its_code_after_the_provider(
    visitor, there, engine, clock
):
    made = with_app(engine, clock)
    answer = log_in(visitor, there, next="/method")

    assert answer.headers["location"] == "/log-in/code?next=/method"
    assert visitor.get("/method").status_code == 303
    form = {"csrf_token": token_of(visitor, "/log-in/code"), "next": "/method"}
    answer = visitor.post("/log-in/code", data={**form, "code": made.at(clock())})
    assert answer.headers["location"] == "/method"
    assert visitor.get("/method").status_code == 200
    assert ("session:opened", {"by": "provider"}) in entries(engine)


@pytest.mark.usefixtures("linked")
def test_a_role_that_must_have_a_second_step_sets_it_up_after_the_provider(visitor, there, engine):
    with transaction(engine) as db:
        db.execute(update(Programme).values(second_step_roles="analyst"))

    assert log_in(visitor, there).headers["location"] == "/log-in/second-step"


@pytest.fixture
def leads_to(make_app, provider, there, engine, clock) -> Callable[[dict[str, str], str], str]:
    """Where somebody with a second step is led who logs in at the provider under a name."""

    def log_in_as(setting: dict[str, str], name: str) -> str:
        link_to(engine, "analyst", provider.issuer, name)
        with_app(engine, clock)
        app = make_app(provider.settings(SITE) | setting)
        visitor = TestClient(app, follow_redirects=False)
        return log_in(visitor, there, name).headers["location"]

    return log_in_as


@pytest.mark.parametrize(
    ("setting", "name", "expected"),
    [
        ({"oidc_acr": "two-steps"}, "strong-anna", "/"),
        ({"oidc_amr": "hwk mfa"}, "strong-anna", "/"),
        ({"oidc_acr": "two-steps", "oidc_amr": "mfa"}, "strong-anna", "/"),
        ({"oidc_acr": "two-steps", "oidc_amr": "hwk"}, "strong-anna", "/log-in/code"),
        ({"oidc_acr": "two-steps"}, "anna", "/log-in/code"),
        ({"oidc_amr": "mfa"}, "anna", "/log-in/code"),
        ({}, "strong-anna", "/log-in/code"),
    ],
)
def test_two_steps_at_the_provider_count_only_where_the_site_says_how_they_are_called(
    leads_to, setting, name, expected
):
    assert leads_to(setting, name) == expected


# Once, from one browser, in time


@both
@pytest.mark.usefixtures("linked")
def test_what_leads_back_is_taken_once(visitor, there, app, engine):
    address = there.log_in(goes(visitor), "anna")
    first = back(visitor, address)
    visitor.cookies.delete(COOKIE)

    assert first.headers["location"] == "/"
    assert problem(back(visitor, address)) == "late"
    assert COOKIE not in visitor.cookies
    assert count(engine, UserSession) == 1


@pytest.mark.usefixtures("linked")
def test_who_is_in_already_and_goes_back_once_more_stays_in(visitor, there):
    address = there.log_in(goes(visitor), "anna")
    back(visitor, address)

    assert back(visitor, address).headers["location"] == "/"


@both
@pytest.mark.usefixtures("linked")
def test_another_browser_gets_nowhere_with_it(visitor, there, app):
    """Nobody is logged in as somebody else, be it by a stolen address or by one sent to them."""
    address = there.log_in(goes(visitor), "anna")
    other = TestClient(app, follow_redirects=False)

    assert problem(back(other, address)) == "late"
    other.get("/log-in/provider")
    assert problem(back(other, address)) == "late"
    assert back(visitor, address).headers["location"] == "/"


@pytest.mark.usefixtures("linked")
@pytest.mark.parametrize("state", ["", "x", "0" * 43, "å", "' OR 1=1 --"])
def test_a_made_up_state_leads_nowhere(visitor, there, state):
    goes(visitor)
    answer = visitor.get("/log-in/provider/back", params={"code": "any", "state": state})

    assert problem(answer) == "late"


@pytest.mark.usefixtures("linked")
def test_a_code_that_was_used_is_refused(visitor, there):
    address = there.log_in(goes(visitor), "anna")
    code = parse_qs(urlsplit(address).query)["code"][0]
    back(visitor, address)
    visitor.cookies.delete(COOKIE)
    state = parse_qs(urlsplit(goes(visitor)).query)["state"][0]
    issuer = parse_qs(urlsplit(address).query)["iss"][0]
    given = {"code": code, "state": state, "iss": issuer}

    assert problem(visitor.get("/log-in/provider/back", params=given)) == "refused"


@both
@pytest.mark.usefixtures("linked")
def test_who_takes_too_long_starts_again(visitor, there, clock):
    address = there.log_in(goes(visitor), "anna")
    clock.move(seconds=SIGN_ON_LASTS.total_seconds())

    assert problem(back(visitor, address)) == "late"


@pytest.mark.usefixtures("linked")
def test_two_tabs_each_get_in(visitor, there):
    first, second = goes(visitor), goes(visitor)

    assert back(visitor, there.log_in(second, "anna")).headers["location"] == "/"
    assert back(visitor, there.log_in(first, "anna")).headers["location"] == "/"


@both
@pytest.mark.usefixtures("linked")
def test_two_processes_share_the_way(make_app, provider, visitor, there):
    other = TestClient(make_app(provider.settings(SITE)), follow_redirects=False)
    address = there.log_in(goes(visitor), "anna")
    other.cookies.update(visitor.cookies)

    assert back(other, address).headers["location"] == "/"


@pytest.mark.usefixtures("linked")
def test_an_answer_of_another_provider_is_refused(visitor, there):
    """Mix-up: RFC 9207 has a provider say who it is; this one always does."""
    address = there.log_in(goes(visitor), "anna")
    honest = parse_qs(urlsplit(address).query)["iss"][0]

    other = address.replace(urlsplit(address).query.split("iss=")[1], "https://evil.example")
    assert honest not in other
    assert problem(back(visitor, other)) == "refused"
    address = there.log_in(goes(visitor), "anna")
    assert problem(back(visitor, address.partition("&iss=")[0])) == "refused"


def test_who_gives_up_there_is_told_so_here(visitor, there, engine):
    answer = back(visitor, there.give_up(goes(visitor, "/log-in/provider?next=/method")))

    assert problem(answer) == "cancelled"
    page = Page(visitor.get(answer.headers["location"]))
    assert "Du blev inte klar hos Älvstad." in page.text
    assert {i.get("value") for i in page.all("input", name="next")} == {"/method"}
    assert entries(engine) == []


@both
def test_from_one_place_not_too_many_ways_are_begun(app, visitor, engine, clock):
    for _ in range(MOST_SIGN_ONS):
        goes(TestClient(app, follow_redirects=False))

    assert problem(visitor.get("/log-in/provider")) == "many"
    assert count(engine, SignOn) == MOST_SIGN_ONS
    clock.move(seconds=SIGN_ON_LASTS.total_seconds())
    goes(visitor)
    assert count(engine, SignOn) == 1


@pytest.mark.usefixtures("linked")
def test_the_database_holds_nothing_by_which_a_way_can_be_ended(visitor, there, engine):
    asked = parse_qs(urlsplit(goes(visitor)).query)
    secret = visitor.cookies[WAY_COOKIE]
    with reading(engine) as db:
        row = db.execute(select(SignOn.__table__)).mappings().one()

    kept = " ".join(str(value) for value in row.values())
    assert secret not in kept
    assert asked["state"][0] not in kept
    assert asked["nonce"][0] not in kept


# The provider's own trouble


@both
def test_a_new_key_of_the_provider_is_asked_for_when_it_signs(make_app, engine):
    with running_provider(SITE) as first:
        port = urlsplit(first.issuer).port
        link_to(engine, "analyst", first.issuer, "anna")
        visitor = TestClient(make_app(first.settings(SITE)), follow_redirects=False)
        assert log_in(visitor, first.person()).headers["location"] == "/"
    with running_provider(SITE, keys=(new_key("second"),), port=port) as second:
        visitor.cookies.clear()
        assert log_in(visitor, second.person()).headers["location"] == "/"


def test_while_the_provider_is_down_passphrases_work_and_the_page_says_so(make_app, engine):
    with running_provider(SITE) as gone:
        settings = gone.settings(SITE)
    visitor = TestClient(make_app(settings), follow_redirects=False)

    answer = visitor.get("/log-in/provider?next=/method")
    page = Page(visitor.get(answer.headers["location"]))
    assert problem(answer) == "silent"
    assert "Älvstad svarar inte." in page.text
    by_passphrase(visitor)
    assert visitor.get("/method").status_code == 200


def test_where_the_provider_goes_down_meanwhile_nobody_is_let_in(make_app):
    with running_provider(SITE) as gone:
        visitor = TestClient(make_app(gone.settings(SITE)), follow_redirects=False)
        address = gone.person().log_in(goes(visitor), "anna")

    assert problem(back(visitor, address)) == "silent"
    assert COOKIE not in visitor.cookies


# Without a provider


@pytest.mark.parametrize(
    "address",
    ["/log-in/provider", "/log-in/provider/back", "/confirm/provider", "/log-out/provider"],
)
def test_a_site_without_a_provider_has_no_such_page_and_no_button(make_app, address):
    visitor = TestClient(make_app({}), follow_redirects=False)

    assert visitor.get(address).status_code == 404
    assert not [a for a in Page(visitor.get("/log-in")).links() if "provider" in a]
    by_passphrase(visitor)
    for page in ("/account", "/confirm"):
        assert "provider" not in visitor.get(page).text
    token = token_of(visitor)
    for act in ("/account/provider", "/account/provider/end"):
        assert visitor.post(act, data={"csrf_token": token}).status_code == 404


# Linking


@both
def test_one_links_oneself_after_a_fresh_proof_and_gets_in_that_way(visitor, there, app, engine):
    by_passphrase(visitor)
    elsewhere = TestClient(app, follow_redirects=False)
    by_passphrase(elsewhere)
    page = Page(visitor.post("/account/provider", data={"csrf_token": token_of(visitor)}))
    way = [a for a in page.links() if a.startswith("http")]

    answer = back(visitor, there.log_in(way[0], "anna"))

    assert answer.headers["location"] == "/account?done=linked"
    shown = Page(visitor.get("/account?done=linked"))
    assert "you can log in with Älvstad" in shown.text
    assert elsewhere.get("/method").status_code == 303, "log-ins elsewhere end"
    assert "provider_link:made" in [kind for kind, _ in entries(engine)]
    stranger = TestClient(app, follow_redirects=False)
    assert log_in(stranger, there).headers["location"] == "/"


def test_linking_asks_first_who_it_is(visitor, clock):
    by_passphrase(visitor)
    token = token_of(visitor)
    clock.move(seconds=FRESH_FOR.total_seconds())

    answer = visitor.post("/account/provider", data={"csrf_token": token})

    assert answer.headers["location"].startswith("/confirm")


def test_another_site_cannot_have_somebody_linked(visitor, there, engine):
    """The way is begun by a form with its token only; what began as a log-in links nothing."""
    by_passphrase(visitor)
    assert visitor.post("/account/provider", data={"csrf_token": "made up"}).status_code == 403
    assert visitor.get("/account/provider").status_code == 405

    log_in(visitor, there, "mallory")
    assert count(engine, ProviderLink) == 0


@both
@pytest.mark.usefixtures("linked")
def test_a_log_in_of_another_user_is_not_taken_over(visitor, there, engine):
    with transaction(engine) as db:
        has = {"password_hash": passphrase_hash(PASSPHRASE)}
        db.execute(update(User).where(User.username == "auditor").values(**has))
    by_passphrase(visitor, "auditor")
    page = Page(visitor.post("/account/provider", data={"csrf_token": token_of(visitor)}))
    way = next(a for a in page.links() if a.startswith("http"))

    assert problem(back(visitor, there.log_in(way, "anna"))) == "taken"
    assert count(engine, ProviderLink) == 1


def test_a_way_to_be_linked_holds_for_the_log_in_that_began_it(visitor, there, app, engine):
    by_passphrase(visitor)
    page = Page(visitor.post("/account/provider", data={"csrf_token": token_of(visitor)}))
    way = next(a for a in page.links() if a.startswith("http"))
    address = there.log_in(way, "anna")
    by_passphrase(visitor)

    assert problem(back(visitor, address)) == "late"
    assert count(engine, ProviderLink) == 0


def started(engine: Engine, clock: Clock) -> None:
    with transaction(engine) as db:
        user = db.execute(select(User).where(User.username == "outreach")).scalar_one()
        start_with(user, START, at=clock())


@both
def test_somebody_new_links_in_place_of_choosing_a_passphrase(visitor, there, app, engine, clock):
    started(engine, clock)
    by_passphrase(visitor, "outreach", START)
    token = token_of(visitor, "/log-in/passphrase")
    form = {"csrf_token": token, "next": "/my-people"}
    page = Page(visitor.post("/log-in/passphrase/provider", data=form))
    way = next(a for a in page.links() if a.startswith("http"))

    answer = back(visitor, there.log_in(way, "maja"))

    assert answer.headers["location"] == "/my-people"
    assert visitor.get("/my-people").status_code == 200
    again = TestClient(app, follow_redirects=False)
    wrong = again.post("/log-in", data={"username": "outreach", "passphrase": START})
    assert wrong.status_code == 422, "what an administrator knows opens nothing any more"
    assert log_in(again, there, "maja").headers["location"] == "/"
    assert "Nothing else lets you in." in Page(again.get("/account")).text


@both
@pytest.mark.usefixtures("linked")
def test_a_start_passphrase_and_the_administrator_end_the_link(visitor, there, app, engine, clock):
    with transaction(engine) as db:
        has = {"password_hash": passphrase_hash(PASSPHRASE)}
        db.execute(update(User).where(User.username == "admin").values(**has))
        analyst = db.scalar(select(User.id).where(User.username == "analyst"))
        provider = db.scalar(select(ProviderLink.issuer))
    by_passphrase(visitor, "admin")
    token = token_of(visitor)
    page = Page(visitor.get(f"/users/{analyst}"))
    assert "Älvstad" in page.text
    worker = TestClient(app, follow_redirects=False)
    log_in(worker, there)

    ended = visitor.post(f"/users/{analyst}/provider/end", data={"csrf_token": token})

    assert ended.headers["location"] == f"/users/{analyst}?done=done"
    assert worker.get("/method").status_code == 303
    assert problem(log_in(worker, there)) == "unlinked"
    link_to(engine, "analyst", provider, "anna")
    visitor.post(f"/users/{analyst}/start-passphrase", data={"csrf_token": token})
    assert count(engine, ProviderLink) == 0


@pytest.mark.usefixtures("linked")
def test_one_ends_ones_own_link_only_where_a_passphrase_is_left(visitor, there, engine):
    log_in(visitor, there)
    token = token_of(visitor)
    with transaction(engine) as db:
        kept = db.scalar(select(User.password_hash).where(User.username == "analyst"))
        db.execute(update(User).where(User.username == "analyst").values(password_hash=None))
    assert visitor.post("/account/provider/end", data={"csrf_token": token}).status_code == 422

    with transaction(engine) as db:
        db.execute(update(User).where(User.username == "analyst").values(password_hash=kept))
    answer = visitor.post("/account/provider/end", data={"csrf_token": token})
    assert answer.headers["location"] == "/account?done=done"
    assert count(engine, ProviderLink) == 0


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMIN])
def test_only_an_administrator_ends_the_link_of_another(make_app, provider, engine, role):
    with transaction(engine) as db:
        db.execute(update(Programme).values(is_invented=True))
        admin = db.scalar(select(User.id).where(User.username == "admin"))
    client = TestClient(make_app(provider.settings(SITE)), follow_redirects=False)
    with transaction(engine) as db:
        db.execute(update(Programme).values(is_invented=True))
    client.post("/log-in/invented", data={"username": role.value})
    address = address_of(client, f"/users/{admin}/provider/end")

    assert client.post(address, data={"csrf_token": token_of(client)}).status_code == 403


# Still oneself


@both
@pytest.mark.usefixtures("linked")
def test_the_provider_unlocks_and_proves(visitor, there, engine, clock):
    log_in(visitor, there)
    before = visitor.cookies[COOKIE]
    clock.move(seconds=SESSION_IDLE.total_seconds())
    locked = visitor.get("/method").headers["location"]
    page = Page(visitor.get(locked))
    way = next(a for a in page.links() if a.startswith("/confirm/provider"))
    assert locked == "/unlock?next=/method"

    clock.now = datetime.now(UTC)  # the provider did not wait for half an hour
    with transaction(engine) as db:
        db.execute(update(UserSession).values(last_seen_at=clock() - SESSION_IDLE))
    answer = back(visitor, there.log_in(goes(visitor, way), "anna"))

    assert answer.headers["location"] == "/method"
    assert visitor.get("/method").status_code == 200
    assert visitor.cookies[COOKIE] != before, "a new token after each proof"
    assert entries(engine)[-2][0] == "session:unlocked"


@both
@pytest.mark.usefixtures("linked")
def test_before_what_leaves_the_house_the_provider_proves_who_it_is(visitor, there, engine, clock):
    log_in(visitor, there)
    with transaction(engine) as db:
        db.execute(update(UserSession).values(proved_at=clock() - FRESH_FOR))
    asked = visitor.get("/account/second-step").headers["location"]
    assert asked == "/confirm?next=/account/second-step"
    way = next(a for a in Page(visitor.get(asked)).links() if a.startswith("/confirm/provider"))

    answer = back(visitor, there.log_in(goes(visitor, way), "anna"))

    assert answer.headers["location"] == "/account/second-step"
    assert visitor.get("/account/second-step").status_code == 200
    assert "session:confirmed" in [kind for kind, _ in entries(engine)]


@both
@pytest.mark.usefixtures("linked")
def test_somebody_else_at_the_provider_proves_nothing(visitor, there, provider, engine, clock):
    log_in(visitor, there)
    link_to(engine, "auditor", provider.issuer, "bertil")
    with transaction(engine) as db:
        db.execute(update(UserSession).values(proved_at=clock() - FRESH_FOR))

    for name in ("bertil", "a stranger"):
        answer = back(visitor, there.log_in(goes(visitor, "/confirm/provider"), name))
        assert problem(answer) == "other"
        assert answer.headers["location"].startswith("/confirm?")
    assert visitor.get("/account/second-step").status_code == 303
    assert entries(engine)[-1] == ("session:refused", {"by": "provider"})


@pytest.mark.usefixtures("linked")
def test_a_log_in_there_of_yesterday_does_not_let_in_today(visitor, there, clock):
    """A provider asks again as it is told to; here the request is led astray on its way."""
    there.log_in(goes(visitor), "anna")
    clock.move(minutes=5)
    address = goes(visitor).replace("prompt=login", "prompt=none")
    address = address.replace("max_age=0", "max_age=9999")

    answer = back(visitor, there.log_in(address, "anna"))

    assert problem(answer) == "not-proved"
    assert COOKIE not in visitor.cookies


# Out


@pytest.mark.usefixtures("linked")
def test_after_the_log_out_one_is_shown_the_way_out_at_the_provider(visitor, there, provider):
    log_in(visitor, there)
    answer = visitor.post("/log-out", data={"csrf_token": token_of(visitor)})
    assert answer.headers["location"] == "/log-in?left"
    page = Page(visitor.get("/log-in?left"))
    assert "/log-out/provider" in page.links()

    out = visitor.get("/log-out/provider").headers["location"]

    assert out.startswith(f"{provider.issuer}/session/end?")
    assert there.client.get(out).status_code == 200
    by_passphrase(visitor)
    answer = visitor.post("/log-out", data={"csrf_token": token_of(visitor)})
    assert answer.headers["location"] == "/log-in", "who came otherwise is not sent there"


def test_the_session_is_as_short_as_any_other(visitor, there, linked, clock):
    log_in(visitor, there)
    clock.move(seconds=(SESSION_IDLE - timedelta(seconds=1)).total_seconds())
    assert visitor.get("/method").status_code == 200
    clock.move(seconds=SESSION_IDLE.total_seconds())
    assert visitor.get("/method").status_code == 303
