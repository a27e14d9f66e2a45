"""Does a write come from our own pages? Decided from what browsers say of the request's origin."""

from urllib.parse import urlsplit

from fastapi import Request

from gvi.settings import Settings

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def comes_from_elsewhere(request: Request) -> bool:
    """Tell whether a write was started by another site (Fetch Metadata, else the Origin header).

    A request without either header is no browser's; it cannot carry somebody else's cookies.
    """
    if request.method in _SAFE:
        return False
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = request.headers.get("origin")
    if origin is None:
        return False
    return urlsplit(origin).netloc != request.headers.get("host", "")


def is_gone_to(request: Request) -> bool:
    """Tell whether somebody goes to a page: an image, a frame or a look ahead is no visit.

    Requests that say nothing of it (Fetch Metadata) are let through: they are no browser's, an old
    one's, or come over a connection that is not encrypted.
    """
    asked = request.headers
    if "prefetch" in asked.get("sec-purpose", ""):
        return False
    mode, shown_as = asked.get("sec-fetch-mode"), asked.get("sec-fetch-dest")
    return mode in (None, "navigate") and shown_as in (None, "document")


def own_origin(request: Request) -> str:
    """Give the origin of our own pages: the public address where one is set, else as asked for.

    Without a public address a request is taken by its own Host, as the check above takes it.
    """
    settings: Settings = request.app.state.settings
    return settings.public_url or f"{request.url.scheme}://{request.headers.get('host', '')}"
