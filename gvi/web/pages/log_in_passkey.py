"""Logging in with a passkey: the device is asked, and what it signed opens a session."""

import secrets
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response
from starlette.datastructures import FormData

from gvi.store.engine import reading, transaction
from gvi.usecases.log_in import Checked, account_name, refuse
from gvi.usecases.passkey import (
    NOT_ACCEPTED,
    Holder,
    ask_at_log_in,
    enter_by_passkey,
    holder_of,
    use_passkey,
)
from gvi.usecases.passkey_answer import Answer, read_answer
from gvi.web.held import counted
from gvi.web.kept import step_address
from gvi.web.pages.log_in import led_in, log_in_form, wait_form
from gvi.web.passkey import CHALLENGED, site_of
from gvi.web.session import Now, device_of, source_of
from gvi.web.visit import Db, submitted

router = APIRouter(include_in_schema=False)


@router.post("/log-in/passkey/challenge", response_class=JSONResponse)
def ask_device(request: Request, at: Now, db: Db) -> JSONResponse:
    """Give what the browser asks its device, bound to this browser; a place has so many only."""
    browser = secrets.token_urlsafe(32)
    site, source = site_of(request), source_of(request)
    question = ask_at_log_in(db, site, browser=browser, source=source, at=at)
    if question is None:
        return JSONResponse({}, status_code=429)
    answer = JSONResponse(question)
    CHALLENGED.give(request, answer, browser)
    return answer


@router.post("/log-in/passkey", response_class=RedirectResponse)
def log_in_by_passkey(
    request: Request, data: Annotated[FormData, Depends(submitted)], at: Now
) -> Response:
    """Open a session for whoever's passkey answered; counted and refused as at the passphrase."""
    engine, source = request.app.state.engine, source_of(request)
    answer = read_answer(str(data.get("credential", "")))
    with reading(engine) as db:
        holder = holder_of(db, answer)
    tried = counted(request, _counted_as(answer, holder), at)
    if tried.wait_until is not None:
        return wait_form(request, data, tried, at)
    user_id = holder.user_id if holder else None
    with transaction(engine) as db:
        refusal = NOT_ACCEPTED
        if not tried.is_paused:
            refusal = use_passkey(
                db,
                answer,
                site_of(request),
                user_id=user_id,
                browser=CHALLENGED.value(request),
                source=source,
                at=at,
            )
        if not refusal and user_id is not None:
            token, waits_for = enter_by_passkey(
                db, user_id, tried, at=at, source=source, device=device_of(request)
            )
            return led_in(request, token, step_address(waits_for, str(data.get("next", ""))))
        refuse(db, Checked(is_right=False, user_id=user_id), tried, at=at, source=source)
    with reading(engine) as db:
        return log_in_form(request, db, data, error=refusal, wrong="by-passkey", status_code=422)


def _counted_as(answer: Answer | None, holder: Holder | None) -> str:
    """Give the name a try is counted under; a key nobody has is counted as one somebody has."""
    if holder is not None:
        return account_name(holder.username)
    return f"passkey:{answer.credential_id.hex() if answer else ''}"
