"""Where somebody is led who must log in, unlock or prove to be there; what was sent is kept.

A form is kept only if it came with the session's own token, and only for the session's user.
"""

from urllib.parse import quote, urlsplit

from fastapi import Request
from fastapi.responses import RedirectResponse
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData

from gvi.store.engine import transaction
from gvi.usecases.kept_form import keep_form
from gvi.usecases.session import SessionState, SignedIn
from gvi.web.addresses import asked
from gvi.web.forms import KEY
from gvi.web.limits import FORM_LIMITS
from gvi.web.session import is_form_token, own_address, session_held

STEPS = {
    "code": "/log-in/code",
    "passphrase": "/log-in/passphrase",
    "second_step": "/log-in/second-step",
}
"""The page of each thing a log-in may still wait for."""
NEVER_KEPT = frozenset({"csrf_token", KEY, "passphrase", "again", "current", "code"})
"""Fields that are worth nothing later or are nobody's to keep."""
_NOT_FROM = ("/account", "/log-in", "/log-out", "/language", "/unlock", "/confirm", "/still-here")


async def lead_to_log_in(request: Request) -> RedirectResponse:
    """Lead to the log-in, or to the unlocking of a session that fell idle, and back."""
    held = await run_in_threadpool(session_held, request, request.app.state.clock())
    if held is not None and held.state is SessionState.WAITING:
        return RedirectResponse(step_address(held.waits_for, ""), status_code=303)
    wanted = await _wanted(request, held)
    locked = held is not None and held.state is SessionState.LOCKED
    if wanted == "/" and not locked:
        return RedirectResponse("/log-in", status_code=303)
    return _to("/unlock" if locked else "/log-in", wanted)


async def lead_to_proof(request: Request) -> RedirectResponse:
    """Lead to the page that asks once more who it is, and back."""
    held = await run_in_threadpool(session_held, request, request.app.state.clock())
    return _to("/confirm", await _wanted(request, held))


def step_address(waits_for: str, target: str) -> str:
    """Give where a log-in goes on: the step it still waits for, or where one wanted to go."""
    wanted = own_address(target)
    if not waits_for:
        return wanted or "/"
    return STEPS[waits_for] + (f"?next={quote(wanted, safe='/')}" if wanted else "")


def _to(page: str, wanted: str) -> RedirectResponse:
    return RedirectResponse(f"{page}?next={quote(wanted, safe='/')}", status_code=303)


async def _wanted(request: Request, held: SignedIn | None) -> str:
    """Give the page to be led back to; for something sent, the page on which it is kept."""
    if request.method == "GET":
        return own_address(_with_query(*asked(request))) or "/"
    if held is not None and not request.url.path.startswith(_NOT_FROM):
        data = await request.form(**FORM_LIMITS)
        if is_form_token(data.get("csrf_token"), held.csrf_token):
            kept = await run_in_threadpool(_keep, request, held, data)
            if kept is not None:
                return f"/kept/{kept}"
    return _came_from(request)


def _with_query(path: str, query: str) -> str:
    return f"{path}?{query}" if query else path


def _keep(request: Request, held: SignedIn, data: FormData) -> int | None:
    fields = [
        (name, value)
        for name, value in data.multi_items()
        if isinstance(value, str) and name not in NEVER_KEPT
    ]
    if not fields:
        return None
    with transaction(request.app.state.engine) as db:
        return keep_form(
            db,
            held.viewer,
            _with_query(request.url.path, request.url.query),
            fields,
            at=request.app.state.clock(),
        )


def _came_from(request: Request) -> str:
    """Give the page a form was on, as the browser tells it; the first page if it does not."""
    parts = urlsplit(request.headers.get("referer", ""))
    if parts.netloc != request.headers.get("host", ""):
        return "/"
    return own_address(_with_query(parts.path, parts.query)) or "/"
