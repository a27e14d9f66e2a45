"""Limits of single sign-on: who may begin how many ways, and how often the provider is asked."""

import json

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select, update

from gvi.domain.sign_on import MOST_SIGN_ONS, SIGN_ON_LASTS
from gvi.settings import Settings
from gvi.store.engine import reading, transaction
from gvi.store.models import AuditEntry, ProviderLink, SignOn, User
from gvi.usecases.passphrase import passphrase_hash
from gvi.web.app import create_app
from gvi.web.provider import LEFT_ALONE_FOR
from tests.client import Page
from tests.lying_provider import asked_of
from tests.web.test_id_token import liar, log_in, visitor  # noqa: F401 — fixtures

PASSPHRASE = "en lång mening om älvar"
IMAGE = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors", "sec-fetch-dest": "image"}
FRAME = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "iframe"}
AHEAD = {"sec-fetch-mode": "navigate", "sec-fetch-dest": "document", "sec-purpose": "prefetch"}
VISIT = {"sec-fetch-site": "none", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}
WAY = "/log-in/provider"
PROOF = "/confirm/provider"


def led(answer) -> dict[str, str]:
    """Give what stands in the address that an answer leads to."""
    assert answer.status_code == 303, answer.text
    return asked_of(answer.headers["location"])


def by_passphrase(visitor, engine, username: str = "analyst") -> None:  # noqa: F811
    with transaction(engine) as db:
        has = {"password_hash": passphrase_hash(PASSPHRASE)}
        db.execute(update(User).where(User.username == username).values(**has))
    answer = visitor.post("/log-in", data={"username": username, "passphrase": PASSPHRASE})
    assert answer.status_code == 303


def token_of(client: TestClient) -> str:
    return Page(client.get("/method")).all("input", name="csrf_token")[0].get("value")


def entries(engine) -> list[str]:
    with reading(engine) as db:
        return list(db.execute(select(AuditEntry.kind).order_by(AuditEntry.id)).scalars())


def ways(engine) -> int:
    with reading(engine) as db:
        return db.execute(select(func.count()).select_from(SignOn)).scalar_one()


# Who begins a way


@pytest.mark.parametrize("headers", [IMAGE, FRAME, AHEAD], ids=["image", "frame", "ahead"])
def test_what_is_no_visit_begins_no_way_and_asks_the_provider_nothing(
    visitor,  # noqa: F811
    engine,
    liar,  # noqa: F811
    headers,
):
    by_passphrase(visitor, engine)
    for address in (WAY, PROOF):
        assert visitor.get(address, headers=headers).status_code == 403
        assert ways(engine) == 0
        assert liar.asked == []
    for address in (WAY, PROOF):
        assert "state" in led(visitor.get(address, headers=VISIT))


@pytest.mark.both_databases
def test_strangers_at_the_same_place_keep_nobody_from_proving(visitor, engine):  # noqa: F811
    by_passphrase(visitor, engine)
    stranger = TestClient(visitor.app, follow_redirects=False)
    for _ in range(MOST_SIGN_ONS):
        stranger.get(WAY)
    assert led(stranger.get(WAY))["provider"] == "many"

    for _ in range(MOST_SIGN_ONS):
        assert "state" in led(visitor.get(PROOF))
    assert led(visitor.get(PROOF))["provider"] == "many"


def test_proofs_of_one_log_in_keep_nobody_else_from_logging_in(visitor, engine):  # noqa: F811
    by_passphrase(visitor, engine)
    for _ in range(MOST_SIGN_ONS):
        visitor.get(PROOF)

    assert "state" in led(TestClient(visitor.app, follow_redirects=False).get(WAY))


# What came back


@pytest.mark.both_databases
def test_ways_that_were_refused_count_until_their_time_is_over(visitor, engine, clock):  # noqa: F811
    for _ in range(MOST_SIGN_ONS):
        state = led(visitor.get(WAY))["state"]
        junk = {"state": state, "code": "junk"}
        assert led(visitor.get(f"{WAY}/back", params=junk))["provider"] == "refused"
        assert led(visitor.get(f"{WAY}/back", params=junk))["provider"] == "late", "taken once"

    assert led(visitor.get(WAY))["provider"] == "many"
    assert entries(engine) == ["session:refused"] * MOST_SIGN_ONS
    clock.move(seconds=SIGN_ON_LASTS.total_seconds())
    assert "state" in led(visitor.get(WAY))


def test_ways_that_let_somebody_in_count_no_more(visitor, log_in, engine):  # noqa: F811
    for _ in range(3):
        assert log_in() == ""
        visitor.cookies.clear()
    assert ways(engine) == 0


@pytest.mark.parametrize("acr", [["high"], {"high": 1}, 1, None], ids=str)
def test_a_level_that_is_no_text_is_none(visitor, engine, liar, clock, acr):  # noqa: F811
    told = liar.settings() | {"oidc_acr": "high"}
    settings = Settings(database_url=str(engine.url), environment="production", **told)
    client = TestClient(create_app(settings, engine=engine, clock=clock), follow_redirects=False)
    with transaction(engine) as db:
        user = db.execute(select(User).where(User.username == "analyst")).scalar_one()
        user.totp_secret, user.totp_confirmed_at = "JBSWY3DPEHPK3PXP", clock()

    def leads_to(level: object) -> str:
        asked = led(client.get(WAY))
        liar.signs(asked["nonce"], acr=level)
        given = {"code": "any", "state": asked["state"]}
        return client.get(f"{WAY}/back", params=given).headers["location"]

    assert leads_to(acr) == "/log-in/code"
    assert leads_to("high") == "/"


# Links


def linked_as(visitor, liar, subject: str):  # noqa: F811
    """Have who is logged in link themselves; gives the answer they come back to."""
    page = Page(visitor.post("/account/provider", data={"csrf_token": token_of(visitor)}))
    asked = asked_of(next(a for a in page.links() if a.startswith("http")))
    liar.signs(asked["nonce"], sub=subject)
    return visitor.get(f"{WAY}/back", params={"code": "any", "state": asked["state"]})


@pytest.mark.both_databases
def test_linking_anew_stands_in_the_log_as_an_end_and_a_beginning(visitor, liar, engine):  # noqa: F811
    by_passphrase(visitor, engine)
    linked_as(visitor, liar, "another")

    kinds = [kind for kind in entries(engine) if kind.startswith("provider_link")]
    assert kinds == ["provider_link:ended", "provider_link:made"]


def test_trying_to_link_what_is_anothers_stands_in_the_log(visitor, liar, engine):  # noqa: F811
    by_passphrase(visitor, engine, "auditor")

    assert led(linked_as(visitor, liar, "anna"))["provider"] == "taken"
    query = select(AuditEntry.kind, AuditEntry.detail, AuditEntry.user_id)
    with reading(engine) as db:
        last = db.execute(query.order_by(AuditEntry.id.desc())).first()
        auditor = db.scalar(select(User.id).where(User.username == "auditor"))
    assert last is not None
    assert (last.kind, last.user_id) == ("session:refused", auditor)
    assert json.loads(last.detail)["by"] == "provider"


@pytest.mark.both_databases
@pytest.mark.parametrize("act", ["stop", "second step off"])
def test_a_stop_and_turning_the_second_step_off_end_the_link(visitor, engine, clock, act):  # noqa: F811
    with transaction(engine) as db:
        user = db.execute(select(User).where(User.username == "analyst")).scalar_one()
        user.totp_secret, user.totp_confirmed_at = "JBSWY3DPEHPK3PXP", clock()
        analyst = user.id
    by_passphrase(visitor, engine, "admin")
    form = {"csrf_token": token_of(visitor)}
    role = {"role": "analyst", "team": ""}
    still = visitor.post(f"/users/{analyst}", data=form | role | {"is_active": "1"})
    assert still.status_code == 303
    assert "provider_link:ended" not in entries(engine), "not by every change"

    if act == "stop":
        answer = visitor.post(f"/users/{analyst}", data=form | role)
    else:
        answer = visitor.post(f"/users/{analyst}/second-step/off", data=form)

    assert answer.status_code == 303
    with reading(engine) as db:
        assert db.scalar(select(func.count()).select_from(ProviderLink)) == 0
    assert entries(engine).count("provider_link:ended") == 1


# A provider that is down


def test_a_provider_that_is_down_is_left_alone_for_a_while(visitor, liar, clock):  # noqa: F811
    liar.status = 503
    for _ in range(5):
        assert led(visitor.get(WAY))["provider"] == "silent"
    assert len(liar.asked) == 1

    liar.status = 200
    clock.move(seconds=LEFT_ALONE_FOR.total_seconds())
    assert "state" in led(visitor.get(WAY))
