"""Between the right passphrase and an open session: a code, an own passphrase, an app set up."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from gvi.store.engine import transaction
from gvi.store.models import User
from gvi.usecases.log_in import Checked, refuse, what_is_missing
from gvi.usecases.passphrase import choose_passphrase
from gvi.usecases.second_step import (
    WRONG_CODE,
    accept_code,
    accept_recovery_code,
    app_address,
    confirm_second_step,
    start_second_step,
)
from gvi.usecases.session import SessionState, SignedIn, go_on
from gvi.usecases.wrong_tries import was_right
from gvi.web import templating
from gvi.web.drawing_code import DrawnCode, drawn
from gvi.web.forms import Form
from gvi.web.held import HeldForm, counted, empty_form, held_page, say_wait
from gvi.web.kept import step_address
from gvi.web.session import Held, NotSignedInError, Now, give_cookie, own_address, source_of
from gvi.web.sign_on import offer
from gvi.web.visit import Db, ReadDb, attempt

router = APIRouter(include_in_schema=False)


def waiting_for(step: str) -> Any:
    """Make the dependency that lets in only a log-in that waits for this step."""

    def enter(held: Held) -> SignedIn:
        if held is None or held.state is not SessionState.WAITING or held.waits_for != step:
            raise NotSignedInError
        return held

    return Depends(enter)


WaitsForCode = Annotated[SignedIn, waiting_for("code")]
WaitsForPassphrase = Annotated[SignedIn, waiting_for("passphrase")]
WaitsForApp = Annotated[SignedIn, waiting_for("second_step")]


def _render(
    request: Request,
    held: SignedIn,
    name: str,
    form: Form,
    *,
    status_code: int = 200,
    **more: object,
) -> HTMLResponse:
    target = form.value("next") or request.query_params.get("next", "")
    return templating.render(
        held_page(request, held),
        f"log_in/{name}.html",
        status_code=status_code,
        form=form,
        held=held,
        next=own_address(target),
        **more,
    )


def _further(request: Request, db: Db, held: SignedIn, form: Form, *, at: Now) -> RedirectResponse:
    """Take the log-in to its next step, or in, under a new token."""
    user = db.get_one(User, held.viewer.user_id)
    missing = what_is_missing(db, user, code_given=True)
    token = go_on(db, user, held.session_id, at=at, source=source_of(request), waits_for=missing)
    answer = RedirectResponse(step_address(missing, form.value("next")), status_code=303)
    give_cookie(request, answer, token)
    return answer


# A code


@router.get("/log-in/code", response_class=HTMLResponse)
def ask_code(request: Request, held: WaitsForCode) -> HTMLResponse:
    """Ask for the code of the app, or a recovery code."""
    return _render(request, held, "code", empty_form(request, held))


@router.post("/log-in/code", response_class=HTMLResponse)
def take_code(request: Request, held: WaitsForCode, form: HeldForm, at: Now) -> Response:
    """Check the code, each once; after some wrong ones there is a pause."""
    tried = counted(request, f"code:{held.username}", at)
    if tried.wait_until is not None:
        say_wait(form, "code", held_page(request, held), tried)
        return _render(request, held, "code", form, status_code=429)
    with transaction(request.app.state.engine) as db:
        if not tried.is_paused and _is_right(request, db, held, form, at):
            was_right(db, tried)
            return _further(request, db, held, form, at=at)
        refused = Checked(is_right=False, user_id=held.viewer.user_id)
        refuse(db, refused, tried, at=at, source=source_of(request))
    form.add_error("code", WRONG_CODE)
    return _render(request, held, "code", form, status_code=422)


def _is_right(request: Request, db: Db, held: SignedIn, form: Form, at: Now) -> bool:
    user, code = db.get_one(User, held.viewer.user_id), form.value("code")
    return accept_code(db, user, code, at=at) or accept_recovery_code(
        db, user, code, at=at, source=source_of(request)
    )


# An own passphrase


@router.get("/log-in/passphrase", response_class=HTMLResponse)
def ask_own_passphrase(request: Request, held: WaitsForPassphrase) -> HTMLResponse:
    """Ask for an own passphrase in place of the one an administrator gave."""
    return _own_passphrase(request, held, empty_form(request, held))


def _own_passphrase(
    request: Request, held: SignedIn, form: Form, *, status_code: int = 200
) -> HTMLResponse:
    sign_on = offer(request, "/log-in/passphrase/provider")
    return _render(request, held, "passphrase", form, status_code=status_code, sign_on=sign_on)


@router.post("/log-in/passphrase", response_class=HTMLResponse)
def take_own_passphrase(
    request: Request, held: WaitsForPassphrase, form: HeldForm, at: Now, db: Db
) -> Response:
    """Take the own passphrase and go on."""

    def choose() -> bool:
        choose_passphrase(
            db,
            held.viewer,
            passphrase=form.value("passphrase"),
            again=form.value("again"),
            session_id=held.session_id,
            at=at,
        )
        return True

    if attempt(db, form, choose) is None:
        return _own_passphrase(request, held, form, status_code=422)
    return _further(request, db, held, form, at=at)


# An app, where the role demands one


@router.get("/log-in/second-step", response_class=HTMLResponse)
def ask_app(request: Request, held: WaitsForApp, db: ReadDb) -> HTMLResponse:
    """Ask to set up an app for the second step, which this role needs."""
    return _app_page(request, held, db, empty_form(request, held))


def _app_page(
    request: Request, held: SignedIn, db: ReadDb, form: Form, *, status_code: int = 200
) -> HTMLResponse:
    code = _app_code(request, db, held)
    return _render(request, held, "second_step", form, status_code=status_code, app=code)


def _app_code(request: Request, db: ReadDb, held: SignedIn) -> DrawnCode | None:
    """Draw the code an app reads, where one is being set up; None otherwise."""
    user = db.get_one(User, held.viewer.user_id)
    if user.totp_secret is None:
        return None
    return drawn(*app_address(db, held.viewer))


@router.post("/log-in/second-step/start", response_class=RedirectResponse)
def start_app(request: Request, held: WaitsForApp, form: HeldForm, db: Db) -> Response:
    """Make the secret an app is to hold."""
    start_second_step(db, held.viewer)
    return RedirectResponse(step_address("second_step", form.value("next")), status_code=303)


@router.post("/log-in/second-step", response_class=HTMLResponse)
def confirm_app(request: Request, held: WaitsForApp, form: HeldForm, at: Now, db: Db) -> Response:
    """Turn the second step on, log in, and show the recovery codes once."""
    codes = attempt(
        db,
        form,
        lambda: confirm_second_step(
            db,
            held.viewer,
            code=form.value("code"),
            at=at,
            session_id=held.session_id,
        ),
    )
    if codes is None:
        return _app_page(request, held, db, form, status_code=422)
    led = _further(request, db, held, form, at=at)
    answer = _render(
        request, held, "recovery_codes", form, codes=codes, target=led.headers["location"]
    )
    answer.headers.append("set-cookie", led.headers["set-cookie"])
    return answer
