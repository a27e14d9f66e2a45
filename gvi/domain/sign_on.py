"""Single sign-on: what a provider must say of somebody before they are let in.

The rules follow OpenID Connect Core 1.0, section 3.1.3.7, and RFC 9700; docs/decisions/0063 says
why a provider is asked to have its user prove who they are each time.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from gvi.domain.errors import GviError

SIGN_ON_LASTS = timedelta(minutes=10)
"""How long somebody may take at the provider."""
MOST_SIGN_ONS = 30
"""From one place, or of one log-in that is open already, within the time one may take.

What led to where it should does not count; what was refused does. Then one has to wait."""
CLOCKS_DIFFER = timedelta(minutes=1)
"""By how much the provider's clock may be early or late."""


class SignOnPurpose(StrEnum):
    """What somebody goes to the provider for."""

    ENTER = "enter"
    PROVE = "prove"
    """To show that it is still they: to unlock, or before something that leaves the house."""
    LINK = "link"
    """To have the provider let them in from now on."""


class ClaimsError(GviError):
    """What the provider says of somebody is not to be relied on; for the server's log."""


class NotProvedError(ClaimsError):
    """The provider does not say that its user has just proved who they are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What an ID token must answer: who is asked, by whom, and when."""

    issuer: str
    client_id: str
    nonce: str
    since: datetime
    """When somebody was sent to the provider."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """Who somebody is at the provider; nothing else about them is asked for or kept."""

    issuer: str
    subject: str
    by_two_steps: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TwoSteps:
    """What a provider says of a log-in that took two steps; nothing given: none did."""

    levels: frozenset[str] = frozenset()
    """Values of `acr`; one of them must be said, where there are any."""
    ways: frozenset[str] = frozenset()
    """Values of `amr`; one of them must be among those said, where there are any."""

    def are_in(self, claims: Mapping[str, object]) -> bool:
        """Tell whether claims say that two steps were taken.

        >>> TwoSteps(ways=frozenset({"mfa"})).are_in({"amr": ["pwd", "mfa"]})
        True
        >>> TwoSteps().are_in({"amr": ["pwd", "mfa"]})
        False
        """
        if not self.levels and not self.ways:
            return False
        said = claims.get("amr")
        ways = {way for way in said if isinstance(way, str)} if isinstance(said, list) else set()
        level = claims.get("acr")
        is_level = not self.levels or (isinstance(level, str) and level in self.levels)
        return is_level and (not self.ways or bool(self.ways & ways))


def shown_by(
    claims: Mapping[str, object], asked: Asked, two_steps: TwoSteps, *, at: datetime
) -> Shown:
    """Give who the claims of a checked signature are about.

    Raises ClaimsError for claims that are for somebody else, from somebody else, old or not yet
    true; NotProvedError where the user did not prove at the provider who they are.
    """
    _check(claims.get("iss") == asked.issuer, "iss is not the issuer")
    subject = claims.get("sub")
    if not isinstance(subject, str) or not subject:
        raise ClaimsError("sub is missing")
    _check_audience(claims, asked.client_id)
    _check(claims.get("nonce") == asked.nonce, "nonce is not the one that was sent")
    _check(_instant(claims, "exp") > at - CLOCKS_DIFFER, "exp is over")
    _check(_instant(claims, "iat") <= at + CLOCKS_DIFFER, "iat lies ahead; compare the clocks")
    if "nbf" in claims:
        _check(_instant(claims, "nbf") <= at + CLOCKS_DIFFER, "nbf lies ahead")
    if "auth_time" not in claims:
        raise NotProvedError("auth_time is missing; the provider must be set to give it")
    if not asked.since - CLOCKS_DIFFER <= _instant(claims, "auth_time") <= at + CLOCKS_DIFFER:
        raise NotProvedError("auth_time is not of now: max_age=0 was not kept")
    return Shown(issuer=asked.issuer, subject=subject, by_two_steps=two_steps.are_in(claims))


def _check(is_so: bool, otherwise: str) -> None:
    if not is_so:
        raise ClaimsError(otherwise)


def _check_audience(claims: Mapping[str, object], client_id: str) -> None:
    """Others may be meant, too, only where the token says that it was made for this site."""
    audience = claims.get("aud")
    meant = audience if isinstance(audience, list) else [audience]
    _check(client_id in meant, "aud is not the client")
    maker = claims.get("azp", client_id if len(meant) == 1 else None)
    _check(maker == client_id, "azp is not the client")


def _instant(claims: Mapping[str, object], name: str) -> datetime:
    seconds = claims.get(name)
    if not isinstance(seconds, (int, float)) or isinstance(seconds, bool):
        raise ClaimsError(f"{name} is no time")
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, OSError, ValueError):
        raise ClaimsError(f"{name} is no time") from None
