"""Logging in and out, the first page for each role, and the choice of language."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.datastructures import FormData

from gvi.domain.access import Role
from gvi.domain.log_in import LONGEST_PASSPHRASE
from gvi.store.engine import reading, transaction
from gvi.store.queries.user import OneClickUser, invented_users, programme_names
from gvi.usecases.log_in import (
    WAIT,
    WRONG,
    account_name,
    check,
    enter,
    log_in_invented,
    refuse,
)
from gvi.usecases.session import SessionState, log_out
from gvi.usecases.user import choose_language
from gvi.usecases.wrong_tries import Try
from gvi.web import templating
from gvi.web.held import HeldForm, counted, said_clock
from gvi.web.kept import step_address
from gvi.web.outside import outside_page
from gvi.web.passkey import can_have_passkeys
from gvi.web.session import (
    Held,
    Known,
    NotSignedInError,
    Now,
    device_of,
    give_cookie,
    own_address,
    source_of,
    take_cookie,
)
from gvi.web.sign_on import offer, provider_of
from gvi.web.text import LANGUAGES, translate
from gvi.web.visit import Db, PageForm, ReadDb, submitted

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
        raise NotSignedInError
    role = known.viewer.role
    return RedirectResponse(FIRST_PAGE.get(role, "/today") if role else "/today", status_code=303)


@router.get("/log-in")
def log_in_page(request: Request, db: ReadDb) -> HTMLResponse:
    """Show the log-in form, and the one-click users of an invented town."""
    typed = {"next": request.query_params.get("next", "")}
    shown = offer(request, "/log-in/provider")
    if shown is None or not shown.problem:
        return log_in_form(request, db, typed)
    error, wrong = shown.problem, "by-provider"
    return log_in_form(request, db, typed, error=error, wrong=wrong, provider=shown.name)


def log_in_form(
    request: Request,
    db: ReadDb,
    typed: Mapping[str, object],
    *,
    error: str = "",
    wrong: str = "username",
    status_code: int = 200,
    **params: str,
) -> HTMLResponse:
    """Show the log-in form with what was typed; `error` says why nobody was let in.

    What is `wrong` is the user name's field, or the part of the page about passkeys or provider.
    """
    names = programme_names(db)
    users: tuple[OneClickUser, ...] = invented_users(db)
    wanted = own_address(str(typed.get("next", "")))
    page = outside_page(
        request, is_invented=bool(users), programme=names.display_name, town=names.town
    )
    return templating.render(
        page,
        "log_in.html",
        status_code=status_code,
        users=users,
        error=translate(error, page.language, **params) if error else "",
        wrong=wrong,
        username=str(typed.get("username", "")),
        next=wanted,
        takes_passkeys=can_have_passkeys(request),
        sign_on=offer(request, "/log-in/provider", wanted),
        has_left="left" in request.query_params,
    )


@router.post("/log-in", response_class=RedirectResponse)
def log_in_now(
    request: Request, data: Annotated[FormData, Depends(submitted)], at: Now
) -> Response:
    """Check the passphrase and open a session; a wrong one says so and is in the audit log.

    Each part has a transaction of its own: the try is counted whatever follows, and the slow check
    holds up nobody else's writing.
    """
    username, passphrase = str(data.get("username", "")), str(data.get("passphrase", ""))
    engine, source = request.app.state.engine, source_of(request)
    tried = counted(request, account_name(username), at)
    if tried.wait_until is not None:
        return wait_form(request, data, tried, at)
    with reading(engine) as db:
        checked = check(db, username, passphrase[: LONGEST_PASSPHRASE + 1], tried, at=at)
    if not checked.is_right:
        with transaction(engine) as db:
            refuse(db, checked, tried, at=at, source=source)
        with reading(engine) as db:
            return log_in_form(request, db, data, error=WRONG, status_code=422)
    with transaction(engine) as db:
        token, waits_for = enter(
            db, checked, tried, at=at, source=source, device=device_of(request)
        )
    return led_in(request, token, step_address(waits_for, str(data.get("next", ""))))


def wait_form(request: Request, data: FormData, tried: Try, at: datetime) -> HTMLResponse:
    """Show the log-in form, and until when this place must wait."""
    when = said_clock(outside_page(request), tried)
    with reading(request.app.state.engine) as db:
        answer = log_in_form(request, db, data, error=WAIT, status_code=429, when=when)
    length = (tried.wait_until or at) - at
    answer.headers["Retry-After"] = str(int(length.total_seconds()) + 1)
    return answer


@router.post("/log-in/invented", response_class=RedirectResponse)
def log_in_by_click(
    request: Request, data: Annotated[FormData, Depends(submitted)], at: Now, db: Db
) -> Response:
    """Log in as a one-click user of an invented town."""
    token = log_in_invented(
        db,
        str(data.get("username", "")),
        at=at,
        source=source_of(request),
        device=device_of(request),
    )
    return led_in(request, token, step_address("", str(data.get("next", ""))))


def led_in(request: Request, token: str, target: str) -> RedirectResponse:
    """Hand a session to the browser and lead on."""
    answer = RedirectResponse(target, status_code=303)
    give_cookie(request, answer, token)
    return answer


@router.post("/log-out", response_class=RedirectResponse)
def log_out_now(request: Request, held: Held, _form: HeldForm, at: Now, db: Db) -> Response:
    """End the session here and in the database, be it open, locked or half-way in."""
    if held is None or held.state is SessionState.OVER:
        raise NotSignedInError
    log_out(db, held.viewer, held.session_id, at=at)
    is_left = held.by_provider and provider_of(request) is not None
    answer = RedirectResponse("/log-in?left" if is_left else "/log-in", status_code=303)
    take_cookie(request, answer)
    return answer


@router.post("/language", response_class=RedirectResponse)
def speak(known: Known, form: PageForm, db: Db) -> Response:
    """Change the language of whoever is logged in, and stay on the page."""
    if known is None:
        raise NotSignedInError
    language = form.one_of("language", LANGUAGES, required=True)
    if not form.errors:
        choose_language(db, known.viewer, language)
    return RedirectResponse(own_address(form.value("next")) or "/", status_code=303)
