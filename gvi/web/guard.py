"""Around every request: writes from other sites are refused, every answer carries its headers."""

from fastapi import Request
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gvi.web import errors
from gvi.web.headers import secure
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

        async def send_secured(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                secure(headers, scope["path"], message["status"])
                _lead_back(scope, headers)
            await send(message)

        request = Request(scope)
        if comes_from_elsewhere(request):
            await errors.from_elsewhere(request)(scope, receive, send_secured)
        else:
            await self.app(scope, receive, send_secured)


def _lead_back(scope: Scope, headers: MutableHeaders) -> None:
    """Say of an act that was only looked at that it was not done, wherever it would lead."""
    kept = scope.get("state", {}).get("only_looks")
    if kept and "location" in headers:
        headers["location"] = f"/kept/{kept}?act"
