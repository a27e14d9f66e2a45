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
                secure(MutableHeaders(scope=message), scope["path"], message["status"])
            await send(message)

        request = Request(scope)
        if comes_from_elsewhere(request):
            await errors.from_elsewhere(request)(scope, receive, send_secured)
        else:
            await self.app(scope, receive, send_secured)
