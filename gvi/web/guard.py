"""Around every request: writes from other sites are refused, every answer carries its headers."""

from fastapi import Request
from starlette.datastructures import MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gvi.settings import Settings
from gvi.web import errors
from gvi.web.cookie import is_encrypted
from gvi.web.headers import ENCRYPTED_ONLY, secure
from gvi.web.limits import (
    TOO_LARGE,
    counted,
    is_our_host,
    most_bytes,
    says_too_much,
    says_two_lengths,
)
from gvi.web.origin import comes_from_elsewhere


class Guard:
    """Plain ASGI, as the framework's own base class for this costs a task for each request."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let one request through, or refuse it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        request = Request(scope)
        encrypted = is_encrypted(request)

        async def send_secured(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                secure(headers, scope["path"], message["status"])
                if encrypted:
                    headers["Strict-Transport-Security"] = ENCRYPTED_ONLY
                _lead_back(scope, headers)
            await send(message)

        answer = _refusal(request)
        if answer is not None:
            await answer(scope, receive, send_secured)
        else:
            limited = counted(receive, most_bytes(scope["path"]))
            await self.app(scope, limited, send_secured)


def _refusal(request: Request) -> Response | None:
    """Refuse what needs no page: the wrong site, too much at once, a write from elsewhere."""
    settings: Settings = request.app.state.settings
    if says_two_lengths(request):
        answer = errors.unread(request, 400, errors.TWO_LENGTHS)
        answer.headers["Connection"] = "close"
        return answer
    if not is_our_host(request.headers.get("host", ""), settings.public_url):
        return errors.unread(request, 421, errors.WRONG_HOST)
    if says_too_much(request):
        return errors.unread(request, 413, TOO_LARGE)
    return errors.from_elsewhere(request) if comes_from_elsewhere(request) else None


def _lead_back(scope: Scope, headers: MutableHeaders) -> None:
    """Say of an act that was only looked at that it was not done, wherever it would lead."""
    kept = scope.get("state", {}).get("only_looks")
    if kept and "location" in headers:
        headers["location"] = f"/kept/{kept}?act"
