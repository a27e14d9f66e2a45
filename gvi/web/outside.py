"""The frame of a page for somebody who is not logged in."""

from fastapi import Request

from gvi.settings import Settings
from gvi.web import templating
from gvi.web.addresses import addresses_of, asked
from gvi.web.context import PageContext
from gvi.web.text import choose_language


def outside_page(request: Request, *, is_invented: bool = False, **names: str) -> PageContext:
    """Make the context of a page shown to somebody who is not logged in."""
    settings: Settings = request.app.state.settings
    path, query = asked(request)
    return PageContext(
        language=choose_language(
            request.query_params.get("lang"),
            request.cookies.get("gvi_language"),
            request.headers.get("accept-language"),
        ),
        programme=names.get("programme", "GVI Tracker"),
        town=names.get("town", ""),
        is_invented=is_invented,
        now=request.app.state.clock(),
        zone=settings.zone,
        csrf_token="",
        static=templating.static_prefix(),
        path=path,
        query=query,
        addresses=addresses_of(request),
    )
