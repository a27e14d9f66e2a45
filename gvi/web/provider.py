"""The provider of single sign-on (OpenID Connect): found, asked for codes and keys, within limits.

Everything is asked without a thread: a provider that is slow holds up nobody's pages. What it says
of itself is kept for an hour, and its keys are asked for anew when one is missing.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

import anyio
import httpx2
from joserfc.jwk import KeySet

from gvi.domain.errors import GviError
from gvi.domain.sign_on import Asked, Shown, TwoSteps, shown_by
from gvi.settings import Settings
from gvi.usecases.sign_on import Begun
from gvi.web.id_token import KeysError, claims_of, keys_of

PATIENCE_S = 5.0
"""For one question and its whole answer."""
MOST_OF_AN_ANSWER = 1_000_000
"""Bytes."""
KEPT_FOR = timedelta(hours=1)
LEFT_ALONE_FOR = timedelta(seconds=15)
"""After it did not say what it is: whoever asks for the page meanwhile is told so at once."""
WELL_KNOWN = "/.well-known/openid-configuration"
COMES_BACK_TO = "/log-in/provider/back"
_OK = 200


class SilentError(GviError):
    """The provider does not answer, or not in time; for the server's log."""


class AnswerError(GviError):
    """The provider answers something that cannot be used; for the server's log."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """What the provider says of itself, as far as it is needed."""

    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    end_session_endpoint: str
    takes_basic: bool
    """The secret may be sent as a password (RFC 6749, section 2.3.1), and not in the form."""
    names_itself: bool
    """It says who it is in the address that leads back (RFC 9207)."""


class Provider:
    """One provider, as the settings name it."""

    def __init__(self, settings: Settings) -> None:
        """Take the settings; nothing is asked before somebody wants to log in."""
        self.issuer = settings.oidc_issuer
        self.client_id = settings.oidc_client_id
        self._secret = settings.oidc_client_secret
        self.name = settings.oidc_name or urlsplit(self.issuer).netloc
        self._site = settings.public_url
        self._levels = settings.oidc_acr
        self._two_steps = TwoSteps(
            levels=frozenset(settings.oidc_acr.split()), ways=frozenset(settings.oidc_amr.split())
        )
        self._described: tuple[datetime, Described] | None = None
        self._failed: tuple[datetime, GviError] | None = None
        self._asking = anyio.Lock()
        self._keys: tuple[datetime, KeySet] | None = None

    @property
    def redirect_uri(self) -> str:
        """Where the provider sends people back: of the site's own address, whatever is asked."""
        return self._site + COMES_BACK_TO

    async def described(self, *, at: datetime) -> Described:
        """Give what the provider says of itself; raises SilentError or AnswerError.

        One asks for all: anybody may call for the page on which this is asked, as often as they
        like, and a provider that is down is not to be asked each time.
        """
        async with self._asking:
            if self._described is not None and at < self._described[0] + KEPT_FOR:
                return self._described[1]
            if self._failed is not None and at < self._failed[0] + LEFT_ALONE_FOR:
                raise self._failed[1]
            try:
                said = await _asked("GET", self.issuer.rstrip("/") + WELL_KNOWN)
                self._described = at, _description(said, self.issuer)
            except GviError as error:
                self._failed = at, error
                raise
            return self._described[1]

    def address_for(self, described: Described, begun: Begun, *, language: str) -> str:
        """Give the address at which somebody proves to the provider who they are, now."""
        asked = {
            "client_id": self.client_id,
            "redirect_uri": self.redirect_uri,
            "response_type": "code",
            "scope": "openid",
            "state": begun.state,
            "nonce": begun.nonce,
            "code_challenge": begun.challenge,
            "code_challenge_method": "S256",
            "prompt": "login",
            "max_age": "0",
            "ui_locales": language,
        }
        if self._levels:
            asked["acr_values"] = self._levels
        return _with(described.authorization_endpoint, asked)

    def address_to_leave(self, described: Described) -> str:
        """Give the address at which one logs out of the provider; blank where it has none."""
        if not described.end_session_endpoint:
            return ""
        back = {"client_id": self.client_id, "post_logout_redirect_uri": f"{self._site}/log-in"}
        return _with(described.end_session_endpoint, back)

    async def shown(self, code: str, begun: Begun, *, since: datetime, at: datetime) -> Shown:
        """Fetch the ID token of a code and give who it is about.

        Raises SilentError, AnswerError, KeysError or ClaimsError.
        """
        described = await self.described(at=at)
        token = await self._token(described, code, begun)
        asked = Asked(issuer=self.issuer, client_id=self.client_id, nonce=begun.nonce, since=since)
        return shown_by(await self._claims(described, token, at), asked, self._two_steps, at=at)

    async def _token(self, described: Described, code: str, begun: Begun) -> str:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.redirect_uri,
            "code_verifier": begun.verifier,
        }
        login = None
        if described.takes_basic:
            # Written as in a form first: RFC 6749, section 2.3.1.
            both = (_as_in_form(self.client_id), _as_in_form(self._secret))
            login = httpx2.BasicAuth(*both)
        else:
            form |= {"client_id": self.client_id, "client_secret": self._secret}
        said = await _asked("POST", described.token_endpoint, data=form, auth=login)
        return _text(said, "id_token")

    async def _claims(self, described: Described, token: str, at: datetime) -> Mapping[str, Any]:
        """Check the signature; keys that are kept may be older than the one that signed."""
        if self._keys is not None and self._keys[0] + KEPT_FOR > at:
            try:
                return claims_of(token, self._keys[1])
            except KeysError:
                pass
        keys = keys_of(await _asked("GET", described.jwks_uri))
        self._keys = at, keys
        return claims_of(token, keys)


def provider_of(settings: Settings) -> Provider | None:
    """Give the provider the settings name; None where there is no single sign-on."""
    return Provider(settings) if settings.oidc_issuer else None


def _description(said: Mapping[str, Any], issuer: str) -> Described:
    if said.get("issuer") != issuer:
        # Else any site could pass for this provider (OpenID Connect Discovery, section 4.3).
        raise AnswerError(f"it names itself {said.get('issuer')!r}, and GVI_OIDC_ISSUER another")
    leave = "end_session_endpoint"
    methods = said.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
    return Described(
        authorization_endpoint=_address(said, "authorization_endpoint", issuer),
        token_endpoint=_address(said, "token_endpoint", issuer),
        jwks_uri=_address(said, "jwks_uri", issuer),
        end_session_endpoint=_address(said, leave, issuer) if said.get(leave) else "",
        takes_basic="client_secret_basic" in methods,
        names_itself=said.get("authorization_response_iss_parameter_supported") is True,
    )


def _address(said: Mapping[str, Any], name: str, issuer: str) -> str:
    """Give an address of the provider: encrypted, or on this machine as the issuer itself is."""
    address = _text(said, name)
    issued, at = urlsplit(issuer), urlsplit(address)
    if at.scheme != "https" and (at.scheme, at.netloc) != (issued.scheme, issued.netloc):
        raise AnswerError(f"{name} is not encrypted")
    return address


def _text(said: Mapping[str, Any], name: str) -> str:
    value = said.get(name)
    if not isinstance(value, str) or not value:
        raise AnswerError(f"{name} is missing")
    return value


def _with(address: str, asked: Mapping[str, str]) -> str:
    return f"{address}{'&' if '?' in address else '?'}{urlencode(asked)}"


def _as_in_form(text: str) -> str:
    return urlencode({"": text}).removeprefix("=")


async def _asked(method: str, address: str, **given: Any) -> Mapping[str, Any]:
    """Ask the provider once, following nothing; gives the JSON object it answers."""
    where = f"{method} {address.partition('?')[0]}"
    try:
        with anyio.fail_after(PATIENCE_S):
            status, body = await _read(method, address, **given)
    except (TimeoutError, OSError, httpx2.HTTPError) as error:
        raise SilentError(f"{where}: {type(error).__name__} {error}") from error
    except (httpx2.InvalidURL, ValueError) as error:
        raise AnswerError(f"{where}: {error}") from error
    if status >= 500:
        raise SilentError(f"{where}: status {status}")
    if status != _OK:
        raise AnswerError(f"{where}: status {status}{_said_error(body)}")
    said = _object(body)
    if said is None:
        raise AnswerError(f"{where}: no JSON object")
    return said


def _object(body: bytes) -> dict[str, Any] | None:
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return said if isinstance(said, dict) else None


async def _read(method: str, address: str, **given: Any) -> tuple[int, bytes]:
    body = b""
    client = httpx2.AsyncClient(follow_redirects=False, timeout=PATIENCE_S)
    async with client, client.stream(method, address, **given) as answer:
        async for some in answer.aiter_bytes():
            body += some
            if len(body) > MOST_OF_AN_ANSWER:
                raise AnswerError(f"{method} {address}: more than {MOST_OF_AN_ANSWER} bytes")
        return answer.status_code, body


def _said_error(body: bytes) -> str:
    """Give the error code of OAuth, which says what is set up wrongly; nothing else of it."""
    error = (_object(body) or {}).get("error")
    return f", {error[:100]!r}" if isinstance(error, str) else ""
