"""Who is logged in: the cookie, the session it opens, and where a request comes from."""

import re
from collections.abc import Callable
from datetime import datetime
from secrets import compare_digest
from typing import Annotated

from fastapi import Depends, Request
from fastapi.responses import Response

from gvi.domain.log_in import SESSION_LENGTH
from gvi.store.engine import asking, transaction
from gvi.usecases.session import SessionState, SignedIn, note_presence, signed_in
from gvi.web.bearer import shows_token, token_in_force
from gvi.web.cookie import Cookie

COOKIE = "gvi_session"
SECURE_COOKIE = "__Host-gvi"
SESSION = Cookie(plain=COOKIE, secure=SECURE_COOKIE, lasts=SESSION_LENGTH, same_site="lax")
NOTE_PRESENCE_EVERY_S = 60

Clock = Callable[[], datetime]


class NotSignedInError(Exception):
    """Nobody is logged in: pages lead to the log-in page, the API answers 401."""


class NotFreshError(Exception):
    """It was too long ago that the user proved to be there for what is asked now."""


def give_cookie(request: Request, answer: Response, token: str) -> None:
    """Hand a session's token to the browser, out of reach of scripts and of other sites."""
    SESSION.give(request, answer, token)


def take_cookie(request: Request, answer: Response) -> None:
    """Let the browser forget the session and everything it kept of the pages."""
    SESSION.take(request, answer)
    answer.headers["Clear-Site-Data"] = '"cache", "cookies", "storage"'


def source_of(request: Request) -> str:
    """Say where a request came from, for the audit log."""
    return request.client.host if request.client else ""


_BROWSERS = (
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


def device_of(request: Request) -> str:
    """Name the browser and its system in two words, as it names itself; blank for no browser."""
    agent = request.headers.get("user-agent", "")
    found = [
        next((name for mark, name in marks if mark in agent), "") for marks in (_BROWSERS, _SYSTEMS)
    ]
    return ", ".join(filter(None, found))


async def now(request: Request) -> datetime:
    """Ask the one clock; not a plain function, as that would cost a change of threads."""
    instant: datetime = request.app.state.clock()
    return instant


Now = Annotated[datetime, Depends(now)]


def session_held(request: Request, at: Now) -> SignedIn | None:
    """Find the session the cookie names, whatever it still opens."""
    token = SESSION.value(request)
    if not token:
        return None
    with asking(request.app.state.engine) as db:
        return signed_in(db, token, at=at, source=source_of(request))


Held = Annotated[SignedIn | None, Depends(session_held)]


def session_in_force(request: Request, at: Now) -> SignedIn | None:
    """Find who is logged in, once a request, and keep the session from falling idle."""
    if shows_token(request):
        return token_in_force(request, at, source_of(request))
    found = session_held(request, at)
    if found is None or found.state is not SessionState.OPEN:
        return None
    if (at - found.last_seen_at).total_seconds() >= NOTE_PRESENCE_EVERY_S:
        with transaction(request.app.state.engine) as db:
            note_presence(db, found.session_id, at=at)
    return found


Known = Annotated[SignedIn | None, Depends(session_in_force)]

_OWN_PATH = re.compile(r"/(?![/\\])[^\\\x00-\x20]*")


def is_form_token(given: object, token: str) -> bool:
    """Tell whether what a request shows is its session's form token, whatever it holds.

    Bytes are compared: of text beyond ASCII the comparison in constant time knows nothing.
    """
    return isinstance(given, str) and compare_digest(
        given.encode("utf-8", "surrogatepass"), token.encode()
    )


def own_address(target: str) -> str:
    r"""Keep an address only if it is a path of this site; blank otherwise.

    >>> own_address("/people?page=2"), own_address("//evil.example/"), own_address("/\\evil")
    ('/people?page=2', '', '')
    """
    return target if _OWN_PATH.fullmatch(target) else ""
