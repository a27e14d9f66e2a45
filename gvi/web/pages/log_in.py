"""Logging in and out, the first page for each role, and the choice of language."""

from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.datastructures import FormData

from gvi.domain.access import Role
from gvi.store.queries.user import OneClickUser, invented_users, programme_names
from gvi.usecases.user import SESSION_LENGTH, choose_language, log_in, log_in_invented, log_out
from gvi.usecases.user import WRONG as WRONG_PASSWORD
from gvi.web import templating
from gvi.web.errors import NotSignedInError
from gvi.web.text import LANGUAGES, translate
from gvi.web.visit import (
    Db,
    Known,
    Now,
    PageForm,
    ReadDb,
    cookie_name,
    outside_page,
    source_of,
    submitted,
)

router = APIRouter(include_in_schema=False)

FIRST_PAGE = {
    Role.OUTREACH: "/my-people",
    Role.OUTREACH_LEAD: "/my-people",
    Role.PROBATION: "/my-people",
    Role.ANALYST: "/network",
    Role.COMMUNITY: "/notifications",
    Role.AUDITOR: "/audit",
    Role.ADMIN: "/users",
}
"""The first screen of each role; the others start on Today (design §1)."""


@router.get("/")
def home(known: Known) -> RedirectResponse:
    """Lead to the first screen of whoever is logged in."""
    if known is None:
        return RedirectResponse("/log-in", status_code=303)
    role = known.viewer.role
    return RedirectResponse(FIRST_PAGE.get(role, "/today") if role else "/today", status_code=303)


@router.get("/log-in")
def log_in_page(request: Request, db: ReadDb) -> HTMLResponse:
    """Show the log-in form, and the one-click users of an invented town."""
    return _page(request, db, error="", username="", status_code=200)


def _page(
    request: Request, db: ReadDb, *, error: str, username: str, status_code: int
) -> HTMLResponse:
    names = programme_names(db)
    users: tuple[OneClickUser, ...] = invented_users(db)
    page = outside_page(
        request, is_invented=bool(users), programme=names.display_name, town=names.town
    )
    return templating.render(
        page,
        "log_in.html",
        status_code=status_code,
        users=users,
        error=translate(error, page.language) if error else "",
        username=username,
        next=_own_address(request.query_params.get("next", "")),
    )


@router.post("/log-in", response_class=RedirectResponse)
def log_in_now(
    request: Request, data: Annotated[FormData, Depends(submitted)], at: Now, db: Db
) -> Response:
    """Check the password and open a session; a wrong one says so and is in the audit log."""
    username, password = str(data.get("username", "")), str(data.get("password", ""))
    token = log_in(db, username, password, at=at, source=source_of(request))
    if token is None:
        return _page(request, db, error=WRONG_PASSWORD, username=username, status_code=422)
    return _enter(request, token, str(data.get("next", "")))


@router.post("/log-in/invented", response_class=RedirectResponse)
def log_in_by_click(
    request: Request, data: Annotated[FormData, Depends(submitted)], at: Now, db: Db
) -> Response:
    """Log in as a one-click user of an invented town."""
    token = log_in_invented(db, str(data.get("username", "")), at=at, source=source_of(request))
    return _enter(request, token, str(data.get("next", "")))


def _enter(request: Request, token: str, target: str) -> RedirectResponse:
    answer = RedirectResponse(_own_address(target) or "/", status_code=303)
    answer.set_cookie(
        cookie_name(request),
        token,
        max_age=int(SESSION_LENGTH.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
        path="/",
    )
    return answer


def _own_address(target: str) -> str:
    """Keep an address only if it is a path of this site."""
    parts = urlsplit(target)
    plain = not parts.scheme and not parts.netloc and "\\" not in target
    return target if plain and target.startswith("/") and not target.startswith("//") else ""


@router.post("/log-out", response_class=RedirectResponse)
def log_out_now(request: Request, known: Known, _form: PageForm, at: Now, db: Db) -> Response:
    """End the session here and in the database."""
    if known is None:
        raise NotSignedInError
    log_out(db, known.viewer, known.session_id, at=at)
    answer = RedirectResponse("/log-in", status_code=303)
    answer.delete_cookie(cookie_name(request), path="/")
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    return answer


@router.post("/language", response_class=RedirectResponse)
def speak(known: Known, form: PageForm, db: Db) -> Response:
    """Change the language of whoever is logged in, and stay on the page."""
    if known is None:
        raise NotSignedInError
    language = form.one_of("language", LANGUAGES, required=True)
    if not form.errors:
        choose_language(db, known.viewer, language)
    return RedirectResponse(_own_address(form.value("next")) or "/", status_code=303)
