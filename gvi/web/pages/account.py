"""My log-in: one's own passphrase, second step and open log-ins."""

from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy.orm import Session

from gvi.domain.errors import NotFoundError, RuleError
from gvi.domain.log_in import MOST_PASSKEYS
from gvi.domain.text import N_
from gvi.store.engine import reading, transaction
from gvi.store.queries.passkey import own_passkeys
from gvi.store.queries.session import Account, account_of, own_sessions
from gvi.usecases.log_in import account_name, check, refuse
from gvi.usecases.passphrase import choose_passphrase
from gvi.usecases.second_step import (
    app_address,
    confirm_second_step,
    make_recovery_codes,
    recovery_codes_left,
    start_second_step,
)
from gvi.usecases.session import end_own_session
from gvi.usecases.wrong_tries import was_right
from gvi.web.drawing_code import drawn
from gvi.web.forms import Form
from gvi.web.held import counted, say_wait
from gvi.web.session import source_of
from gvi.web.sign_on import offer
from gvi.web.visit import Db, PageForm, ReadDb, Visit, attempt, done, may

router = APIRouter(include_in_schema=False)

Own = Annotated[Visit, may("own_account:use")]
OwnFresh = Annotated[Visit, may("own_account:use", fresh=True)]


def _account(visit: Visit, db: ReadDb) -> Account:
    found = account_of(db, visit.viewer, visit.viewer.user_id or 0, at=visit.now)
    if found is None:
        raise NotFoundError(N_("There is no such user."))
    return found


@router.get("/account", response_class=HTMLResponse)
def show_account(visit: Own, db: ReadDb) -> HTMLResponse:
    """Show how one logs in, and where one is logged in now."""
    return visit.render(
        "account/show.html",
        account=_account(visit, db),
        codes_left=recovery_codes_left(db, visit.viewer),
        passkeys=own_passkeys(db, visit.viewer),
        most_passkeys=MOST_PASSKEYS,
        sessions=own_sessions(db, visit.viewer, at=visit.now),
        this_session=visit.signed_in.session_id,
        sign_on=offer(visit.request, "/account/provider"),
    )


@router.post("/account/log-ins/end", response_class=RedirectResponse)
def end_log_ins(visit: Own, form: PageForm, db: Db) -> Response:
    """End one of one's own log-ins, or all others."""
    number = form.integer("session_id")
    if form.errors:
        raise RuleError(N_("That log-in is over already."))
    end_own_session(db, visit.viewer, number, own=visit.signed_in.session_id, at=visit.now)
    return done("/account", "log_ins_ended")


# Passphrase


@router.get("/account/passphrase", response_class=HTMLResponse)
def ask_passphrase(visit: Own) -> HTMLResponse:
    """Show the form for a new passphrase."""
    return visit.render("account/passphrase.html", form=visit.form())


@router.post("/account/passphrase", response_class=HTMLResponse)
def change_passphrase(visit: Own, form: PageForm) -> Response:
    """Change one's own passphrase, given the one until now; other log-ins end."""
    refused = _wrong_until_now(visit, form)
    if not refused:
        with transaction(visit.request.app.state.engine) as db:
            if attempt(db, form, lambda: _choose(visit, db, form)):
                return done("/account", "passphrase")
    return visit.render("account/passphrase.html", form=form, status_code=refused or 422)


def _choose(visit: Visit, db: Session, form: Form) -> bool:
    choose_passphrase(
        db,
        visit.viewer,
        passphrase=form.value("passphrase"),
        again=form.value("again"),
        session_id=visit.signed_in.session_id,
        at=visit.now,
    )
    return True


def _wrong_until_now(visit: Visit, form: Form) -> int:
    """Check the passphrase until now, each try counted; gives the status of a refusal, or 0."""
    request, username = visit.request, visit.signed_in.username
    engine = request.app.state.engine
    tried = counted(request, account_name(username), visit.now)
    if tried.wait_until is not None:
        say_wait(form, "current", visit.page(), tried)
        return 429
    with reading(engine) as db:
        checked = check(db, username, form.value("current"), tried, at=visit.now)
    with transaction(engine) as db:
        if checked.is_right:
            was_right(db, tried)
            return 0
        refuse(db, checked, tried, at=visit.now, source=source_of(request))
    form.add_error("current", N_("That is not your passphrase until now."))
    return 422


# Second step


@router.get("/account/second-step", response_class=HTMLResponse)
def show_second_step(visit: OwnFresh, db: ReadDb) -> HTMLResponse:
    """Show how to set an app up, and its code while that is being done."""
    return _second_step(visit, db, visit.form())


def _second_step(visit: Visit, db: ReadDb, form: Form, *, status_code: int = 200) -> HTMLResponse:
    account = _account(visit, db)
    app = None
    if account.is_setting_up:
        app = drawn(*app_address(db, visit.viewer))
    return visit.render(
        "account/second_step.html", status_code=status_code, form=form, account=account, app=app
    )


@router.post("/account/second-step/start", response_class=RedirectResponse)
def start(visit: OwnFresh, _form: PageForm, db: Db) -> Response:
    """Make the secret an app is to hold."""
    start_second_step(db, visit.viewer)
    return RedirectResponse("/account/second-step", status_code=303)


@router.post("/account/second-step", response_class=HTMLResponse)
def turn_on(visit: OwnFresh, form: PageForm, db: Db) -> Response:
    """Turn the second step on by a first code, and show the recovery codes once."""
    codes = attempt(
        db,
        form,
        lambda: confirm_second_step(
            db,
            visit.viewer,
            code=form.value("code"),
            at=visit.now,
            session_id=visit.signed_in.session_id,
        ),
    )
    if codes is None:
        return _second_step(visit, db, form, status_code=422)
    return visit.render("account/recovery_codes.html", codes=codes)


@router.post("/account/recovery-codes", response_class=HTMLResponse)
def new_recovery_codes(visit: OwnFresh, _form: PageForm, db: Db) -> HTMLResponse:
    """Make new recovery codes in place of the older ones, and show them once."""
    if _account(visit, db).second_step_at is None:
        raise RuleError(N_("Turn the second step on first."))
    codes = make_recovery_codes(db, visit.viewer, at=visit.now)
    return visit.render("account/recovery_codes.html", codes=codes)
