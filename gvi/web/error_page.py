"""The page that says what was refused, for who is logged in and for anybody else."""

from datetime import datetime

from fastapi import Request
from fastapi.responses import HTMLResponse

from gvi.web import templating
from gvi.web.context import PageContext
from gvi.web.outside import outside_page
from gvi.web.session import session_in_force
from gvi.web.text import translate
from gvi.web.visit import NOT_FOUND, Visit


def error_page(
    request: Request, status: int, title: str, message: str, params: dict[str, object]
) -> HTMLResponse:
    """Answer with the page that says what was refused and what to do."""
    at: datetime = request.app.state.clock()
    found = session_in_force(request, at)
    if found is None:
        return plain_error_page(request, status, title, message, **params)
    visit = Visit(
        request=request,
        signed_in=found,
        permission="",
        now=at,
        as_of=None,
        settings=request.app.state.settings,
    )
    may_break = status == NOT_FOUND and visit.may("break_glass:use")
    return _error_page(visit.page(), status, title, message, params, may_break=may_break)


def plain_error_page(
    request: Request, status: int, title: str, message: str, **params: object
) -> HTMLResponse:
    """Answer with the same page for nobody in particular, without the database."""
    return _error_page(outside_page(request), status, title, message, params)


def _error_page(
    page: PageContext,
    status: int,
    title: str,
    message: str,
    params: dict[str, object],
    *,
    may_break: bool = False,
) -> HTMLResponse:
    return templating.render(
        page,
        "error.html",
        status_code=status,
        title=translate(title, page.language),
        message=translate(message, page.language, **params),
        may_break=may_break,
    )
