"""Passkeys at the edge: which site a device is told of, and which browser a challenge is for."""

import ipaddress
from urllib.parse import urlsplit

from fastapi import Request
from fastapi.responses import Response

from gvi.domain.errors import RuleError
from gvi.domain.log_in import CHALLENGE_LASTS
from gvi.domain.text import N_
from gvi.usecases.passkey_answer import Site
from gvi.web.origin import own_origin
from gvi.web.session import is_encrypted

COOKIE = "gvi_passkey"
SECURE_COOKIE = "__Host-gvi-passkey"


def can_have_passkeys(request: Request) -> bool:
    """Tell whether browsers make passkeys for this address: for names, never for numbers."""
    host = _host(own_origin(request))
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return bool(host)
    return False


def site_of(request: Request) -> Site:
    """Give the site as devices know it; raises RuleError where browsers make no passkeys for it."""
    if not can_have_passkeys(request):
        raise RuleError(N_("A passkey belongs to the site’s name. Open the site by its name."))
    origin = own_origin(request)
    return Site(host=_host(origin), origin=origin)


def _host(origin: str) -> str:
    try:
        return urlsplit(origin).hostname or ""
    except ValueError:
        return ""


# A browser that is not logged in


def _cookie_name(request: Request) -> str:
    return SECURE_COOKIE if is_encrypted(request) else COOKIE


def give_browser(request: Request, answer: Response, secret: str) -> None:
    """Hand a browser the secret its challenge is bound to, for as long as the challenge lasts."""
    answer.set_cookie(
        _cookie_name(request),
        secret,
        max_age=int(CHALLENGE_LASTS.total_seconds()),
        httponly=True,
        samesite="strict",
        secure=is_encrypted(request),
        path="/",
    )


def browser_of(request: Request) -> str:
    """Give the secret of a browser that is not logged in; blank for one that has none."""
    return request.cookies.get(_cookie_name(request), "")
