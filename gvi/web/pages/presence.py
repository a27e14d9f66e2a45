"""Away and back: locking, unlocking, proving to be there, and finding again what was typed."""

from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from gvi.domain.text import N_
from gvi.store.engine import reading, transaction
from gvi.store.models import User
from gvi.store.queries.passkey import passkeys_of
from gvi.usecases.kept_form import kept_form
from gvi.usecases.log_in import Checked, account_name, check, refuse
from gvi.usecases.passkey import NOT_ACCEPTED, ask_any, use_passkey
from gvi.usecases.passkey_answer import read_answer
from gvi.usecases.second_step import accept_code
from gvi.usecases.session import SessionState, SignedIn, lock, prove
from gvi.usecases.wrong_tries import Try, was_right
from gvi.web import templating
from gvi.web.forms import Form
from gvi.web.held import HeldForm, counted, empty_form, held_page, say_wait
from gvi.web.passkey import can_have_passkeys, site_of
from gvi.web.session import Held, Known, NotSignedInError, Now, give_cookie, own_address, source_of
from gvi.web.sign_on import offer_of_proof
from gvi.web.visit import Db, PageForm, ReadDb, Visit, may

router = APIRouter(include_in_schema=False)

WRONG_PROOF = N_("That is not right. Try again.")


def _render(
    request: Request, held: SignedIn, name: str, form: Form, *, status_code: int = 200
) -> HTMLResponse:
    target = form.value("next") or request.query_params.get("next", "")
    with reading(request.app.state.engine) as db:
        has_passkey = bool(passkeys_of(db, held.viewer.user_id or 0))
    return templating.render(
        held_page(request, held),
        f"log_in/{name}.html",
        status_code=status_code,
        form=form,
        held=held,
        next=own_address(target),
        takes_passkeys=has_passkey and can_have_passkeys(request),
        sign_on=offer_of_proof(request, held, own_address(target)),
    )


# Locked


@router.get("/unlock", response_class=HTMLResponse)
def ask_unlock(request: Request, held: Held) -> Response:
    """Ask whoever was here before to unlock the session."""
    if held is None or held.state in (SessionState.OVER, SessionState.WAITING):
        raise NotSignedInError
    if held.state is SessionState.OPEN:
        target = own_address(request.query_params.get("next", ""))
        return RedirectResponse(target or "/", status_code=303)
    return _render(request, held, "unlock", empty_form(request, held))


@router.post("/unlock", response_class=HTMLResponse)
def unlock(request: Request, held: Held, form: HeldForm, at: Now) -> Response:
    """Unlock the session for the user it belongs to, under a new token."""
    if held is None or held.state in (SessionState.OVER, SessionState.WAITING):
        raise NotSignedInError
    return _prove(request, held, form, at, page="unlock", kind="session:unlocked")


@router.post("/lock", response_class=RedirectResponse)
def lock_now(known: Known, _form: PageForm, at: Now, db: Db) -> Response:
    """Lock the session at once, as it does by itself when nobody does anything."""
    if known is None:
        raise NotSignedInError
    lock(db, known.session_id, at=at)
    return RedirectResponse("/unlock", status_code=303)


@router.post("/still-here", response_class=Response)
def still_here(known: Known, _form: PageForm) -> Response:
    """Keep the session from falling idle while somebody types a long text."""
    if known is None:
        raise NotSignedInError
    return Response(status_code=204)


# Once more


@router.get("/confirm", response_class=HTMLResponse)
def ask_confirm(request: Request, held: Held) -> HTMLResponse:
    """Ask once more who it is, before something that leaves the house or changes users."""
    if held is None or held.state is not SessionState.OPEN:
        raise NotSignedInError
    return _render(request, held, "confirm", empty_form(request, held))


@router.post("/confirm", response_class=HTMLResponse)
def confirm(request: Request, held: Held, form: HeldForm, at: Now) -> Response:
    """Take the passphrase or a code as proof, and lead on."""
    if held is None or held.state is not SessionState.OPEN:
        raise NotSignedInError
    return _prove(request, held, form, at, page="confirm", kind="session:confirmed")


def _prove(
    request: Request, held: SignedIn, form: Form, at: Now, *, page: str, kind: str
) -> Response:
    engine = request.app.state.engine
    tried = counted(request, account_name(held.username), at)
    if tried.wait_until is not None:
        say_wait(form, "passphrase", held_page(request, held), tried)
        return _render(request, held, page, form, status_code=429)
    refusal = _refusal(request, held, form, tried, at)
    with transaction(engine) as db:
        if not refusal:
            was_right(db, tried)
            token = prove(db, held.viewer, held.session_id, at=at, kind=kind)
        else:
            refused = Checked(is_right=False, user_id=held.viewer.user_id)
            refuse(db, refused, tried, at=at, source=source_of(request))
    if refusal:
        form.add_error("" if form.value("credential") else "passphrase", refusal)
        return _render(request, held, page, form, status_code=422)
    answer = RedirectResponse(own_address(form.value("next")) or "/", status_code=303)
    give_cookie(request, answer, token)
    return answer


def _refusal(request: Request, held: SignedIn, form: Form, tried: Try, at: Now) -> str:
    """Say why what was given is no proof; blank where it is."""
    if form.value("credential"):
        return _refused_passkey(request, held, form, tried, at)
    right = held.by_one_click or _is_right(request, held, form, tried, at)
    return "" if right else WRONG_PROOF


def _refused_passkey(request: Request, held: SignedIn, form: Form, tried: Try, at: Now) -> str:
    if tried.is_paused:
        return NOT_ACCEPTED
    answer = read_answer(form.value("credential"))
    with transaction(request.app.state.engine) as db:
        return use_passkey(
            db,
            answer,
            site_of(request),
            user_id=held.viewer.user_id,
            browser=held.csrf_token,
            source=source_of(request),
            at=at,
        )


def _is_right(request: Request, held: SignedIn, form: Form, tried: Try, at: Now) -> bool:
    engine, typed = request.app.state.engine, form.value("passphrase")
    with reading(engine) as db:
        if check(db, held.username, typed, tried, at=at).is_right:
            return True
    if tried.is_paused:
        return False
    with transaction(engine) as db:
        user = db.get_one(User, held.viewer.user_id)
        confirmed = user.totp_confirmed_at is not None
        return confirmed and accept_code(db, user, typed, at=at)


@router.post("/confirm/passkey", response_class=JSONResponse)
def ask_device(request: Request, held: Held, _form: HeldForm, at: Now, db: Db) -> JSONResponse:
    """Give what the browser asks its device, to unlock the session or to prove who is there."""
    if held is None or held.state not in (SessionState.OPEN, SessionState.LOCKED):
        raise NotSignedInError
    return JSONResponse(ask_any(db, site_of(request), browser=held.csrf_token, at=at))


# What was typed


@router.get("/kept/{kept_id}", response_class=HTMLResponse)
def show_kept(
    visit: Annotated[Visit, may("own_account:use")], kept_id: int, db: ReadDb
) -> HTMLResponse:
    """Lead back to a form that was sent when the log-in was over, filled in as it was sent."""
    kept = kept_form(db, visit.viewer, kept_id, at=visit.now)
    return visit.render(
        "log_in/kept.html",
        kept=kept,
        is_act="act" in visit.request.query_params,
        from_page=urlsplit(kept.path).path.rpartition("/")[0] or "/",
    )
