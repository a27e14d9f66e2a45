"""Cookies: out of reach of scripts, and bound to this host wherever the connection is encrypted."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from fastapi import Request
from fastapi.responses import Response

from gvi.settings import Settings


def is_encrypted(request: Request) -> bool:
    """Tell whether the browser's connection is encrypted.

    Either it reaches us so, or the site's public address says that a proxy before us does it. What
    a request claims in its headers is not asked.
    """
    settings: Settings = request.app.state.settings
    return request.url.scheme == "https" or settings.public_url.startswith("https://")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cookie:
    """One cookie: its two names, how long it lasts, and whether other sites' links bring it."""

    plain: str
    secure: str
    """Begins with `__Host-`: the browser takes it from this host alone, encrypted."""
    lasts: timedelta
    same_site: Literal["lax", "strict"]

    def name(self, request: Request) -> str:
        """Name it as this connection demands."""
        return self.secure if is_encrypted(request) else self.plain

    def give(self, request: Request, answer: Response, value: str) -> None:
        """Hand it to the browser."""
        answer.set_cookie(
            self.name(request),
            value,
            max_age=int(self.lasts.total_seconds()),
            httponly=True,
            samesite=self.same_site,
            secure=is_encrypted(request),
            path="/",
        )

    def value(self, request: Request) -> str:
        """Read it; blank for a browser that has none."""
        return request.cookies.get(self.name(request), "")

    def take(self, request: Request, answer: Response) -> None:
        """Let the browser forget it."""
        answer.delete_cookie(self.name(request), path="/", secure=is_encrypted(request))
