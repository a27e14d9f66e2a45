"""Passkeys at the edge: which site a device is told of, and which browser a challenge is for."""

import ipaddress
from urllib.parse import urlsplit

from fastapi import Request

from gvi.domain.errors import RuleError
from gvi.domain.log_in import CHALLENGE_LASTS
from gvi.domain.text import N_
from gvi.usecases.passkey_answer import Site
from gvi.web.cookie import Cookie
from gvi.web.origin import own_origin

CHALLENGED = Cookie(
    plain="gvi_passkey",
    secure="__Host-gvi-passkey",
    lasts=CHALLENGE_LASTS,
    same_site="strict",
)
"""The secret of a browser that is not logged in: what its challenge is bound to."""


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
