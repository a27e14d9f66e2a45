"""Single sign-on where the provider says what it should not: nobody is let in by it.

The provider here is one of the tests' own on this machine, which says what a test has it say.
"""

import base64
import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from fastapi.testclient import TestClient
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey
from sqlalchemy import Engine, func, select, update

from gvi.domain.sign_on import CLOCKS_DIFFER
from gvi.settings import Settings, SettingsError, from_environment
from gvi.store.engine import reading, transaction
from gvi.store.models import AuditEntry, Programme, ProviderLink, User
from gvi.web import provider as provider_module
from gvi.web.app import create_app
from gvi.web.session import COOKIE
from tests.conftest import MONDAY
from tests.lying_provider import OWN_KEY, LyingProvider, asked_of, lying_provider, public
from tests.provider import new_key

NOW = int(MONDAY.timestamp())
MINUTE = int(CLOCKS_DIFFER.total_seconds())


@pytest.fixture
def liar(clock) -> Iterator[LyingProvider]:
    with lying_provider(clock) as provider:
        yield provider


@pytest.fixture
def visitor(engine: Engine, programme: int, clock, liar) -> TestClient:
    """Somebody before a site whose analyst is `anna` at the provider."""
    with transaction(engine) as db:
        db.execute(update(Programme).values(is_invented=False))
        user = db.execute(select(User).where(User.username == "analyst")).scalar_one()
        link = {"issuer": liar.issuer, "subject": "anna", "linked_at": MONDAY}
        db.add(ProviderLink(programme_id=programme, user_id=user.id, **link))
    settings = Settings(database_url=str(engine.url), environment="production", **liar.settings())
    return TestClient(create_app(settings, engine=engine, clock=clock), follow_redirects=False)


@pytest.fixture
def log_in(visitor, liar) -> Callable[..., str]:
    """Log in by a token that says this; gives what is wrong with it, blank for nothing."""

    def by(*, sign: Callable[[str], None] | None = None, **claims: object) -> str:
        asked = asked_of(visitor.get("/log-in/provider").headers["location"])
        if sign is None:
            liar.signs(asked["nonce"], **claims)
        else:
            sign(asked["nonce"])
        given = {"code": "any", "state": asked["state"]}
        answer = visitor.get("/log-in/provider/back", params=given)
        assert answer.status_code == 303, answer.text
        told = parse_qs(urlsplit(answer.headers["location"]).query).get("provider", [""])
        assert (COOKIE in visitor.cookies) == (told == [""])
        return told[0]

    return by


def test_an_honest_token_lets_in(log_in):
    assert log_in() == ""


@pytest.mark.parametrize(
    "claims",
    [
        pytest.param({"iss": "https://evil.example"}, id="another issuer"),
        pytest.param({"iss": None}, id="no issuer"),
        pytest.param({"aud": "another site"}, id="for another site"),
        pytest.param({"aud": ["another site", "a third"]}, id="for two others"),
        pytest.param({"aud": ["gvi", "another site"]}, id="for others, too, and made for nobody"),
        pytest.param(
            {"aud": ["gvi", "another site"], "azp": "another site"}, id="made for another site"
        ),
        pytest.param({"azp": "another site"}, id="asked for by another site"),
        pytest.param({"aud": None}, id="for nobody"),
        pytest.param({"aud": {"gvi": 1}}, id="for what is no name"),
        pytest.param({"nonce": "another"}, id="the answer to another question"),
        pytest.param({"nonce": None}, id="the answer to no question"),
        pytest.param({"exp": NOW - MINUTE}, id="over"),
        pytest.param({"exp": None}, id="never over"),
        pytest.param({"exp": "tomorrow"}, id="over at no time"),
        pytest.param({"exp": True}, id="over at what is no number"),
        pytest.param({"exp": 10**30}, id="over in no year"),
        pytest.param({"iat": NOW + MINUTE + 1}, id="made in the future"),
        pytest.param({"iat": None}, id="made at no time"),
        pytest.param({"nbf": NOW + MINUTE + 1}, id="not yet true"),
        pytest.param({"sub": None}, id="about nobody"),
        pytest.param({"sub": ""}, id="about a blank"),
        pytest.param({"sub": ["anna"]}, id="about several"),
    ],
)
def test_a_token_with_a_wrong_claim_lets_nobody_in(log_in, engine, claims):
    assert log_in(**claims) == "refused"
    with reading(engine) as db:
        assert db.execute(select(AuditEntry.kind)).scalars().all() == ["session:refused"]
    assert log_in() == "", "it is that claim"


@pytest.mark.parametrize(
    "auth_time", [None, NOW - MINUTE - 1, NOW - 86400, NOW + MINUTE + 1], ids=str
)
def test_who_did_not_prove_at_the_provider_just_now_who_they_are_is_not_let_in(log_in, auth_time):
    assert log_in(auth_time=auth_time) == "not-proved"


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": NOW - MINUTE + 1},
        {"iat": NOW + MINUTE},
        {"auth_time": NOW - MINUTE},
        {"aud": ["gvi"]},
        {"aud": ["gvi", "another site"], "azp": "gvi"},
        {"azp": "gvi"},
    ],
    ids=str,
)
def test_clocks_may_differ_a_little_and_others_may_be_meant_too(log_in, claims):
    assert log_in(**claims) == ""


# The signature


def _part(said: dict[str, object]) -> str:
    return base64.urlsafe_b64encode(json.dumps(said).encode()).decode().rstrip("=")


def test_an_unsigned_token_lets_nobody_in(log_in, liar):
    def unsigned(nonce: str) -> None:
        liar.signs(nonce)
        for alg in ("none", "None", "NONE"):
            body = liar.token.split(".")[1]
            liar.token = f"{_part({'alg': alg, 'kid': 'own'})}.{body}."

    assert log_in(sign=unsigned) == "refused"


def test_a_token_signed_with_the_public_key_as_a_secret_lets_nobody_in(log_in, liar):
    def confused(nonce: str) -> None:
        liar.signs(nonce)
        claims = json.loads(base64.urlsafe_b64decode(liar.token.split(".")[1] + "=="))
        secret = OctKey.import_key(json.dumps(public(OWN_KEY)).ljust(64))
        header = {"alg": "HS256", "kid": "own"}
        liar.token = jwt.encode(header, claims, secret, algorithms=["HS256"])

    assert log_in(sign=confused) == "refused"


def test_a_secret_among_the_providers_keys_signs_nothing(log_in, liar):
    shared = OctKey.import_key("a secret that everybody may read, as it is published")
    liar.keys = [{**shared.as_dict(private=True), "kid": "shared"}]

    def confused(nonce: str) -> None:
        liar.signs(nonce)
        claims = json.loads(base64.urlsafe_b64decode(liar.token.split(".")[1] + "=="))
        header = {"alg": "HS256", "kid": "shared"}
        liar.token = jwt.encode(header, claims, shared, algorithms=["HS256"])

    assert log_in(sign=confused) == "refused"


def test_a_key_that_the_token_brings_along_signs_nothing(log_in, liar):
    stranger = new_key("own")

    def bringing(nonce: str) -> None:
        liar.signs(nonce, key=stranger)

    assert log_in(sign=bringing) == "refused"


def test_a_changed_token_lets_nobody_in(log_in, liar):
    def changed(nonce: str) -> None:
        liar.signs(nonce, sub="bertil")
        claims = json.loads(base64.urlsafe_b64decode(liar.token.split(".")[1] + "=="))
        head, _, signature = liar.token.split(".")
        liar.token = f"{head}.{_part({**claims, 'sub': 'anna'})}.{signature}"

    assert log_in(sign=changed) == "refused"


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "....", "é.é.é"])
def test_what_is_no_token_lets_nobody_in(log_in, liar, token):
    def broken(_nonce: str) -> None:
        liar.token = token

    assert log_in(sign=broken) == "refused"


def test_other_kinds_of_keys_beside_the_right_one_are_passed_over(log_in, liar):
    later = {"kty": "AKP", "alg": "ML-DSA-44", "kid": "later", "pub": "AA"}
    sealing = {**public(new_key("seals")), "use": "enc"}
    liar.keys = [later, sealing, {"kty": "RSA", "kid": "broken"}, {}, *liar.keys]

    assert log_in() == ""


def test_a_key_on_a_curve_signs_as_well(log_in, liar):
    key = {**ECKey.generate_key("P-256").as_dict(private=True), "kid": "curve"}
    liar.keys.append(public(key))

    assert log_in(key=key, alg="ES256") == ""


def test_keys_are_asked_for_anew_only_where_one_is_missing_or_an_hour_is_over(
    log_in, liar, visitor, clock
):
    def asked_for_keys() -> int:
        return liar.asked.count("/jwks")

    assert [log_in(), asked_for_keys()] == ["", 1]
    visitor.cookies.delete(COOKIE)
    assert [log_in(), asked_for_keys()] == ["", 1]
    visitor.cookies.delete(COOKIE)
    other = new_key("other")
    liar.keys = [public(other)]
    assert [log_in(key=other), asked_for_keys()] == ["", 2]
    visitor.cookies.delete(COOKIE)
    assert [log_in(), asked_for_keys()] == ["refused", 3], "an old key signs nothing any more"
    clock.now += timedelta(hours=1)
    assert [log_in(key=other), asked_for_keys()] == ["", 4]


# What it says of itself


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"issuer": "https://evil.example"}, id="it is another one"),
        pytest.param({"issuer": None}, id="it is none"),
        pytest.param({"token_endpoint": "http://evil.example/token"}, id="not encrypted"),
        pytest.param({"jwks_uri": "ftp://evil.example/"}, id="no web address"),
        pytest.param({"authorization_endpoint": None}, id="nowhere to go"),
        pytest.param({"authorization_endpoint": "javascript:alert(1)"}, id="a script"),
    ],
)
def test_a_provider_that_describes_itself_wrongly_is_not_gone_to(visitor, liar, change):
    liar.description |= change

    location = visitor.get("/log-in/provider").headers["location"]
    assert location.startswith("/log-in?provider=silent")


@pytest.mark.parametrize(
    "raw", [b"", b"no JSON", b"[]", b"[" * 100_000, b"{" * 2_000_000, b"\xff\xfe"]
)
def test_an_answer_that_cannot_be_read_stops_nobody_else(visitor, liar, raw):
    liar.raw = raw

    answer = visitor.get("/log-in/provider")
    assert answer.headers["location"].startswith("/log-in?provider=silent")
    assert visitor.get(answer.headers["location"]).status_code == 200


@pytest.mark.parametrize("status", [302, 404, 429, 500, 503])
def test_a_refusal_is_no_answer(visitor, liar, status):
    liar.status = status

    assert visitor.get("/log-in/provider").headers["location"].startswith("/log-in?provider=silent")


def test_a_slow_provider_is_waited_for_no_longer_than_it_takes(visitor, liar, monkeypatch):
    monkeypatch.setattr(provider_module, "PATIENCE_S", 0.2)
    liar.delay_s = 1.0

    assert visitor.get("/log-in/provider").headers["location"].startswith("/log-in?provider=silent")


def test_the_provider_is_asked_for_its_description_once_an_hour(visitor, liar, clock):
    for _ in range(3):
        visitor.get("/log-in/provider")
    assert len(liar.asked) == 1
    clock.now += timedelta(hours=1)
    visitor.get("/log-in/provider")
    assert len(liar.asked) == 2


def test_where_it_has_no_way_out_the_page_says_so(visitor):
    assert visitor.get("/log-out/provider").headers["location"] == "/log-in?provider=stays"
    assert visitor.get("/log-in?provider=stays").status_code == 200


def test_a_made_up_problem_is_none(visitor, engine):
    assert visitor.get("/log-in?provider=<script>").status_code == 200
    with reading(engine) as db:
        assert db.scalar(select(func.count()).select_from(AuditEntry)) == 0


# The settings

WHOLE = {
    "GVI_OIDC_ISSUER": "https://log-in.example.se",
    "GVI_OIDC_CLIENT_ID": "gvi",
    "GVI_OIDC_CLIENT_SECRET": "between us",
    "GVI_PUBLIC_URL": "https://gvi.example.se",
}


def test_single_sign_on_is_set_by_the_environment():
    settings = from_environment(WHOLE | {"GVI_OIDC_NAME": "Älvstad"})

    assert settings.oidc_issuer == "https://log-in.example.se"
    assert "between us" not in repr(settings)


@pytest.mark.parametrize("missing", WHOLE)
def test_half_of_the_settings_is_refused_by_name(missing):
    with pytest.raises(SettingsError, match=missing):
        from_environment({name: value for name, value in WHOLE.items() if name != missing})


@pytest.mark.parametrize(
    "change",
    [
        {"GVI_OIDC_ISSUER": "http://log-in.example.se"},
        {"GVI_OIDC_ISSUER": "http://localhost.evil.example"},
        {"GVI_OIDC_ISSUER": "https://log-in.example.se?x"},
        {"GVI_PUBLIC_URL": "http://gvi.example.se"},
        {"GVI_PUBLIC_URL": "http://localhost.evil.example"},
    ],
    ids=str,
)
def test_nothing_goes_unencrypted_beyond_this_machine(change):
    with pytest.raises(SettingsError, match=next(iter(change))):
        from_environment(WHOLE | change)


def test_on_this_machine_it_may():
    local = {"GVI_OIDC_ISSUER": "http://127.0.0.1:9000", "GVI_PUBLIC_URL": "http://localhost:8000"}
    assert from_environment(WHOLE | local).oidc_issuer == local["GVI_OIDC_ISSUER"]
