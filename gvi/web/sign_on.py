"""Single sign-on as pages meet it: the offer, the way to the provider, and what came back."""

import logging
import re
import secrets
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import quote, urlencode

from fastapi import Depends, Request
from fastapi.responses import RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from gvi.domain.access import Viewer
from gvi.domain.errors import GviError, NotAllowedError, NotFoundError
from gvi.domain.sign_on import (
    SIGN_ON_LASTS,
    NotProvedError,
    Shown,
    SignOnPurpose,
)
from gvi.domain.text import N_
from gvi.store.engine import reading, transaction
from gvi.store.queries.sign_on import link_of
from gvi.usecases.session import SessionState, SignedIn
from gvi.usecases.sign_on import Back, begin, take_back
from gvi.web.cookie import Cookie
from gvi.web.origin import is_gone_to
from gvi.web.provider import Described, Provider, SilentError
from gvi.web.session import Held, Now, own_address, source_of
from gvi.web.sign_on_words import PROBLEMS, SignOnProblem

COOKIE = "gvi_sign_on"
ON_THE_WAY = Cookie(plain=COOKIE, secure="__Host-gvi-sign-on", lasts=SIGN_ON_LASTS, same_site="lax")
_SECRET = re.compile(r"[A-Za-z0-9_-]{43}")

# What pages offer


def provider_of(request: Request) -> Provider | None:
    """Give the provider this site has, if it has one."""
    provider: Provider | None = request.app.state.provider
    return provider


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What a page says of the provider: its name, the way there, and why it did not work."""

    name: str
    address: str
    problem: str
    """A marked sentence with `%(provider)s` in it; blank for none."""


def offer(request: Request, page: str, wanted: str = "") -> Offer | None:
    """Give what a page offers; `page` is where the way to the provider begins."""
    provider = provider_of(request)
    if provider is None:
        return None
    given = request.query_params.get("provider", "")
    problem = PROBLEMS[SignOnProblem(given)] if given in set(SignOnProblem) else ""
    return Offer(name=provider.name, address=_with_wanted(page, wanted), problem=problem)


def offer_of_proof(request: Request, held: SignedIn, wanted: str) -> Offer | None:
    """Give the offer to prove at the provider who one is; None for whom it would not let in."""
    if not is_linked(request, held.viewer):
        return None
    return offer(request, "/confirm/provider", wanted)


def is_linked(request: Request, viewer: Viewer) -> bool:
    """Tell whether the provider this site has now lets a user in."""
    provider = provider_of(request)
    if provider is None or viewer.user_id is None:
        return False
    with reading(request.app.state.engine) as db:
        found = link_of(db, viewer, viewer.user_id)
    return found is not None and found.issuer == provider.issuer


def _with_wanted(page: str, wanted: str, **more: str) -> str:
    asked = {**more, **({"next": wanted} if wanted else {})}
    return f"{page}?{urlencode(asked, safe='/', quote_via=quote)}" if asked else page


def with_problem(page: str, problem: SignOnProblem, wanted: str = "") -> RedirectResponse:
    """Lead to a page that says why it did not work, and from which one goes on otherwise."""
    return RedirectResponse(_with_wanted(page, wanted, provider=problem), status_code=303)


# To the provider


def only_gone_to(request: Request) -> None:
    """Let no page begin ways to the provider in somebody's name, by an image or a frame.

    They are counted by place: thirty images on any page would shut single sign-on for an office.
    """
    if not is_gone_to(request):
        raise NotAllowedError(
            N_("This came from another site. Go to the page yourself and try again.")
        )


def the_provider(request: Request) -> Provider:
    """Let nobody in where the site has no provider: there is no such page then."""
    provider = provider_of(request)
    if provider is None:
        raise NotFoundError(N_("There is no such page. Go back, or start from the menu."))
    return provider


TheProvider = Annotated[Provider, Depends(the_provider)]


async def described(provider: TheProvider, at: Now) -> Described | None:
    """Ask the provider what it is, without a thread; None where it does not say."""
    try:
        return await provider.described(at=at)
    except GviError as error:
        _note(error)
        return None


IsDescribed = Annotated[Described | None, Depends(described)]


def _note(error: GviError) -> None:
    """Tell the server's log, and so its administrator, what the user need not know."""
    logging.getLogger("gvi").warning("Single sign-on: %s", error)


@dataclass(frozen=True, slots=True, kw_only=True)
class Away:
    """A way to the provider that begins now."""

    address: str
    browser: str

    def keep(self, request: Request, answer: Response) -> Response:
        """Let the browser keep by what it is known when it comes back."""
        ON_THE_WAY.give(request, answer, self.browser)
        return answer


def go(
    request: Request,
    said: Described,
    purpose: SignOnPurpose,
    *,
    wanted: str,
    at: Now,
    language: str,
    session_id: int | None = None,
) -> Away | None:
    """Begin a way to the provider; None where too many from there are on the way."""
    kept = ON_THE_WAY.value(request)
    # Kept from one try to the next: two tabs, or a click too many, end no other's way back.
    browser = kept if _SECRET.fullmatch(kept) else secrets.token_urlsafe(32)
    with transaction(request.app.state.engine) as db:
        begun = begin(
            db,
            browser,
            purpose,
            session_id=session_id,
            wanted=own_address(wanted),
            source=source_of(request),
            at=at,
        )
    if begun is None:
        return None
    provider = the_provider(request)
    address = provider.address_for(said, begun, language=language)
    return Away(address=address, browser=browser)


# Back from the provider


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned:
    """What came back from the provider: for which way, and who it showed or what went wrong."""

    back: Back | None
    shown: Shown | None = None
    problem: SignOnProblem = SignOnProblem.LATE


async def returned(request: Request, provider: TheProvider, at: Now) -> Returned:
    """Take what the provider sent somebody back with, once, and ask it who that is."""
    given = request.query_params
    back = await run_in_threadpool(_take, request, given.get("state", ""), at)
    if back is None:
        return Returned(back=None)
    if given.get("iss", provider.issuer) != provider.issuer:
        return Returned(back=back, problem=SignOnProblem.REFUSED)
    if "code" not in given:
        declined = given.get("error") == "access_denied"
        problem = SignOnProblem.CANCELLED if declined else SignOnProblem.REFUSED
        return Returned(back=back, problem=problem)
    return await _asked_who(request, provider, back, at)


async def _asked_who(request: Request, provider: Provider, back: Back, at: Now) -> Returned:
    given = request.query_params
    try:
        said = await provider.described(at=at)
        if said.names_itself and "iss" not in given:
            return Returned(back=back, problem=SignOnProblem.REFUSED)
        shown = await provider.shown(given["code"], back.begun, since=back.begun_at, at=at)
    except SilentError as error:
        _note(error)
        return Returned(back=back, problem=SignOnProblem.SILENT)
    except NotProvedError as error:
        _note(error)
        return Returned(back=back, problem=SignOnProblem.NOT_PROVED)
    except GviError as error:
        _note(error)
        return Returned(back=back, problem=SignOnProblem.REFUSED)
    return Returned(back=back, shown=shown)


def _take(request: Request, state: str, at: Now) -> Back | None:
    browser = ON_THE_WAY.value(request)
    if not _SECRET.fullmatch(browser) or not _SECRET.fullmatch(state):
        return None
    with transaction(request.app.state.engine) as db:
        return take_back(db, browser, state, at=at)


IsReturned = Annotated[Returned, Depends(returned)]


def is_for(back: Back, held: Held) -> bool:
    """Tell whether what came back is for the log-in that the browser still has."""
    if held is None or back.session_id != held.session_id:
        return False
    if held.state is SessionState.OPEN:
        return True
    if back.purpose is SignOnPurpose.LINK:
        return held.state is SessionState.WAITING and held.waits_for == "passphrase"
    return held.state is SessionState.LOCKED


def page_of(back: Back, held: Held) -> str:
    """Name the page from which somebody went to the provider, and on which they go on."""
    if held is None or not is_for(back, held):
        return "/log-in"
    if back.purpose is SignOnPurpose.LINK:
        return "/log-in/passphrase" if held.state is SessionState.WAITING else "/account"
    return "/unlock" if held.state is SessionState.LOCKED else "/confirm"
