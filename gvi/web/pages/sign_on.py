"""Single sign-on: to the provider and back, linked to a user and no more, and out there too."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from gvi.domain.sign_on import Shown, SignOnPurpose
from gvi.store.engine import transaction
from gvi.store.models import User
from gvi.usecases.log_in import what_is_missing
from gvi.usecases.session import SessionState, SignedIn, go_on, prove
from gvi.usecases.sign_on import (
    Back,
    end_link_of,
    end_own_link,
    enter_shown,
    forget_way,
    link,
    refuse_shown,
    user_shown,
)
from gvi.web import templating
from gvi.web.held import HeldForm, held_page
from gvi.web.kept import step_address
from gvi.web.outside import outside_page
from gvi.web.pages.log_in_step import WaitsForPassphrase
from gvi.web.provider import Described
from gvi.web.session import (
    Held,
    NotSignedInError,
    Now,
    device_of,
    give_cookie,
    own_address,
    source_of,
)
from gvi.web.sign_on import (
    IsDescribed,
    IsReturned,
    Returned,
    TheProvider,
    go,
    is_for,
    only_gone_to,
    page_of,
    with_problem,
)
from gvi.web.sign_on_words import SignOnProblem
from gvi.web.visit import Db, PageForm, Visit, done, may

router = APIRouter(include_in_schema=False)

OwnFresh = Annotated[Visit, may("own_account:use", fresh=True)]


# To the provider: links, not forms. A form's redirects are held to `form-action`, and a provider
# may lead on to any address of its own.


@router.get("/log-in/provider", dependencies=[Depends(only_gone_to)])
def go_to_enter(request: Request, said: IsDescribed, at: Now) -> Response:
    """Lead somebody who is not logged in to the provider."""
    wanted = own_address(request.query_params.get("next", ""))
    if said is None:
        return with_problem("/log-in", SignOnProblem.SILENT, wanted)
    language = outside_page(request).language
    away = go(request, said, SignOnPurpose.ENTER, wanted=wanted, at=at, language=language)
    if away is None:
        return with_problem("/log-in", SignOnProblem.MANY, wanted)
    return away.keep(request, RedirectResponse(away.address, status_code=303))


@router.get("/confirm/provider", dependencies=[Depends(only_gone_to)])
def go_to_prove(request: Request, held: Held, said: IsDescribed, at: Now) -> Response:
    """Lead somebody to the provider to prove that it is still they."""
    if held is None or held.state not in (SessionState.OPEN, SessionState.LOCKED):
        raise NotSignedInError
    wanted = own_address(request.query_params.get("next", ""))
    page = "/unlock" if held.state is SessionState.LOCKED else "/confirm"
    if said is None:
        return with_problem(page, SignOnProblem.SILENT, wanted)
    away = go(
        request,
        said,
        SignOnPurpose.PROVE,
        wanted=wanted,
        at=at,
        language=held.viewer.language,
        session_id=held.session_id,
    )
    if away is None:
        return with_problem(page, SignOnProblem.MANY, wanted)
    return away.keep(request, RedirectResponse(away.address, status_code=303))


# Back


@router.get("/log-in/provider/back")
def come_back(request: Request, came: IsReturned, held: Held, at: Now) -> Response:
    """Let in, unlock, confirm or link whom the provider shows; or say why not."""
    back = came.back
    if back is None:
        is_in = held is not None and held.state is SessionState.OPEN
        return (
            RedirectResponse("/", status_code=303)
            if is_in
            else with_problem("/log-in", came.problem)
        )
    if came.shown is None:
        _note_unreliable(request, came, at)
        return with_problem(page_of(back, held), came.problem, back.wanted)
    if back.purpose is SignOnPurpose.ENTER:
        return _enter(request, back, came.shown, at)
    if held is None or not is_for(back, held):
        return with_problem("/log-in", SignOnProblem.LATE, back.wanted)
    go_on_there = _link if back.purpose is SignOnPurpose.LINK else _prove
    return go_on_there(request, held, back, came.shown, at)


def _note_unreliable(request: Request, came: Returned, at: Now) -> None:
    """Put an answer that cannot be relied on into the log; whose it is nobody knows."""
    if came.problem in (SignOnProblem.REFUSED, SignOnProblem.NOT_PROVED):
        with transaction(request.app.state.engine) as db:
            refuse_shown(db, None, at=at, source=source_of(request))


def _enter(request: Request, back: Back, shown: Shown, at: Now) -> Response:
    with transaction(request.app.state.engine) as db:
        entered = enter_shown(
            db, shown, at=at, source=source_of(request), device=device_of(request)
        )
        if entered is not None:
            forget_way(db, back)
    if entered is None:
        return with_problem("/log-in", SignOnProblem.UNLINKED, back.wanted)
    token, waits_for = entered
    return _lead_on(request, token, step_address(waits_for, back.wanted))


def _prove(request: Request, held: SignedIn, back: Back, shown: Shown, at: Now) -> Response:
    is_locked = held.state is SessionState.LOCKED
    kind = "session:unlocked" if is_locked else "session:confirmed"
    with transaction(request.app.state.engine) as db:
        user = user_shown(db, shown)
        if user is None or user.id != held.viewer.user_id:
            refuse_shown(db, held.viewer.user_id, at=at, source=source_of(request))
            return with_problem(page_of(back, held), SignOnProblem.OTHER, back.wanted)
        forget_way(db, back)
        token = prove(db, held.viewer, held.session_id, at=at, kind=kind, by_provider=True)
    return _lead_on(request, token, own_address(back.wanted) or "/")


def _link(request: Request, held: SignedIn, back: Back, shown: Shown, at: Now) -> Response:
    with transaction(request.app.state.engine) as db:
        if not link(db, held.viewer, shown, session_id=held.session_id, at=at):
            refuse_shown(db, held.viewer.user_id, at=at, source=source_of(request))
            return with_problem(page_of(back, held), SignOnProblem.TAKEN, back.wanted)
        forget_way(db, back)
        if held.state is not SessionState.WAITING:
            return done("/account", "linked")
        user = db.get_one(User, held.viewer.user_id)
        missing = what_is_missing(db, user, code_given=True)
        token = go_on(
            db, user, held.session_id, at=at, source=source_of(request), waits_for=missing
        )
    return _lead_on(request, token, step_address(missing, back.wanted))


def _lead_on(request: Request, token: str, target: str) -> Response:
    answer = RedirectResponse(target, status_code=303)
    give_cookie(request, answer, token)
    return answer


# Linked to a user


@router.post("/account/provider", response_class=HTMLResponse)
def go_to_link(visit: OwnFresh, said: IsDescribed, _form: PageForm) -> Response:
    """Give a user the way to the provider, to be let in by it from now on."""
    if said is None:
        return with_problem("/account", SignOnProblem.SILENT)
    return _way(visit.request, visit.signed_in, said, "", visit.now)


@router.post("/log-in/passphrase/provider", response_class=HTMLResponse)
def go_to_link_at_start(
    request: Request, held: WaitsForPassphrase, said: IsDescribed, form: HeldForm, at: Now
) -> Response:
    """Give somebody new the way to the provider, in place of choosing a passphrase."""
    wanted = own_address(form.value("next"))
    if said is None:
        return with_problem("/log-in/passphrase", SignOnProblem.SILENT, wanted)
    return _way(request, held, said, wanted, at)


def _way(request: Request, held: SignedIn, said: Described, wanted: str, at: Now) -> Response:
    """Show the way as a link; only what a form with its token led to can be linked."""
    away = go(
        request,
        said,
        SignOnPurpose.LINK,
        wanted=wanted,
        at=at,
        language=held.viewer.language,
        session_id=held.session_id,
    )
    waits = held.state is SessionState.WAITING
    page = "/log-in/passphrase" if waits else "/account"
    if away is None:
        return with_problem(page, SignOnProblem.MANY, wanted)
    shown = templating.render(
        held_page(request, held),
        "log_in/to_provider.html",
        held=held,
        provider=request.app.state.provider.name,
        address=away.address,
        back=page,
    )
    return away.keep(request, shown)


@router.post("/account/provider/end", response_class=RedirectResponse)
def end_link(visit: OwnFresh, _site: TheProvider, _form: PageForm, db: Db) -> Response:
    """Let the provider open one's user no more."""
    end_own_link(db, visit.viewer, session_id=visit.signed_in.session_id, at=visit.now)
    return done("/account", "done")


@router.post("/users/{user_id}/provider/end", response_class=RedirectResponse)
def end_link_for(
    visit: Annotated[Visit, may("user:write")],
    user_id: int,
    _site: TheProvider,
    _form: PageForm,
    db: Db,
) -> Response:
    """Let the provider open a user no more, as an administrator."""
    end_link_of(db, visit.viewer, user_id, at=visit.now)
    return done(f"/users/{user_id}", "done")


# Out


@router.get("/log-out/provider")
def leave_provider(provider: TheProvider, said: IsDescribed) -> RedirectResponse:
    """Lead somebody who has logged out here to the provider, to log out there, too."""
    if said is None:
        return with_problem("/log-in", SignOnProblem.SILENT)
    address = provider.address_to_leave(said)
    if not address:
        return with_problem("/log-in", SignOnProblem.STAYS)
    return RedirectResponse(address, status_code=303)
