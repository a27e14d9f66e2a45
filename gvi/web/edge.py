"""The very edge of the application: requests come in with ids, redirects leave without."""

from urllib.parse import quote

from fastapi import Request
from starlette.datastructures import MutableHeaders
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gvi.domain.text import N_
from gvi.web.addresses import Addresses, addresses_of, session_of
from gvi.web.errors import answer as refusal


class AtTheEdge:
    """Around the application: requests come in with ids, redirects leave without."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Translate one request, or lead it to an address that tells nothing."""
        if scope["type"] != "http" or scope["path"].startswith(("/api/", "/static/")):
            await self.app(scope, receive, send)
            return
        request = Request(scope)
        addresses = addresses_of(request)
        path, query = scope["path"], scope["query_string"].decode("latin-1")
        better = self._better_query(request, addresses, query)
        if better is not None:
            answer = _to(path, better) if request.method == "GET" else _refused(request)
            await answer(scope, receive, send)
            return
        if not session_of(request):
            query = addresses.readable(query) if not addresses.tells(query) else ""
        inner = {
            **scope,
            "gvi.asked": (path, query),
            "path": addresses.path_inward(path),
            "query_string": addresses.query_inward(query).encode("latin-1"),
        }

        async def send_outward(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if headers.get("location", "").startswith("/"):
                    headers["location"] = addresses.outward(headers["location"])
            await send(message)

        await self.app(inner, receive, send_outward)

    @staticmethod
    def _better_query(request: Request, addresses: Addresses, query: str) -> str | None:
        """Give what should be asked instead: names sealed, words of an earlier session gone."""
        if not session_of(request):
            return None
        if request.method == "GET" and addresses.tells(query):
            return addresses.outward(f"?{query}").removeprefix("?")
        readable = addresses.readable(query)
        return readable if readable != query else None


def _to(path: str, query: str) -> Response:
    return RedirectResponse(quote(path) + (f"?{query}" if query else ""), status_code=303)


def _refused(request: Request) -> Response:
    """Do not act on a whole list where only a part of it was meant."""
    message = N_("The search belongs to an earlier log-in. Search again, then do it again.")
    return refusal(request, 422, message, {})
