"""The invented town on a loopback port, with a count of what reached it and what it asked."""

import contextvars
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import uvicorn
from sqlalchemy import event
from sqlalchemy.engine import Engine

from gvi.settings import Settings
from gvi.web.addresses import SEALED, WORDS, Addresses
from gvi.web.app import create_app
from gvi.web.forms import KEY, new_key
from gvi.web.listing import ListQuery
from gvi.web.session import COOKIE
from gvi.web.templating import environment
from scripts.security.canary import CANARY, Canary
from tests.conftest import MONDAY, SECRET_KEY, ready_engine
from tests.journeys.live import in_a_thread, make_town

ROWS = 5
"""Rows of a list page here: tools compare whole pages, thousands of times."""
_PAYLOAD = re.compile(r"(?=.*\d{3})(?=.*[^\w.:-]).{5,}")
"""A word that nobody types and no statement of ours holds, such as 4821=4821."""
_KEY_SENT = re.compile(rb'(\b%b(?:=|"\r\n\r\n))[\w-]{16}' % KEY.encode())
"""A form's key as it is sent, as one line or in parts."""
_NOW: contextvars.ContextVar["Counter[str] | None"] = contextvars.ContextVar("asked", default=None)
_TYPED: contextvars.ContextVar[frozenset[str]] = contextvars.ContextVar(
    "typed", default=frozenset()
)


class Watched:
    """The application, with a count for each path of answers, statements and what they carried."""

    def __init__(self, app: Any) -> None:
        """Take the application to be watched."""
        self.app = app
        self.canary = Canary()
        self.seen: dict[str, Counter[str]] = defaultdict(Counter)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one request as a browser would have sent it, and count it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        seen = self.seen[scope["path"]]
        seen["requests"] += 1
        words = (word for _, value in _pairs(scope) for word in value.split())
        typed = frozenset(word for word in words if _PAYLOAD.fullmatch(word))
        marks = _NOW.set(seen), _TYPED.set(typed)
        if not scope["path"].startswith(("/api/", CANARY)):
            scope = self._as_a_page_would(scope)
        if scope["method"] == "POST":
            receive = _with_fresh_key(receive)

        async def counted(message: Any) -> None:
            if message["type"] == "http.response.start":
                seen[str(message["status"])] += 1
                seen[f"{scope['method']} {message['status']}"] += 1
                headers = dict(message["headers"])
                seen["led to log in"] += headers.get(b"location", b"").startswith(b"/log-in")
            await send(message)

        try:
            answers = self.canary if scope["path"].startswith(CANARY) else self.app
            await answers(scope, receive, counted)
        finally:
            _NOW.reset(marks[0])
            _TYPED.reset(marks[1])

    def _as_a_page_would(self, scope: Any) -> Any:
        """Seal typed words for the session, as the search form's own way through /find does."""
        cookies = dict(scope["headers"]).get(b"cookie", b"").decode("latin-1")
        session = dict(p.strip().partition("=")[::2] for p in cookies.split(";")).get(COOKIE, "")
        query = scope["query_string"].decode("latin-1")
        if any(name in WORDS and not value.startswith(SEALED) for name, value in _pairs(scope)):
            query = Addresses(self.app.state.keys, session).outward(f"?{query}").removeprefix("?")
        return {**scope, "query_string": query.encode("latin-1")}


def _pairs(scope: Any) -> list[tuple[str, str]]:
    return parse_qsl(scope["query_string"].decode("latin-1"), errors="replace")


@event.listens_for(Engine, "before_cursor_execute")
def _count(_connection: Any, _cursor: Any, statement: str, given: Any, *_more: Any) -> None:
    seen = _NOW.get()
    if seen is None:
        return
    seen["statements"] += 1
    values = given.values() if isinstance(given, dict) else given
    said = " ".join(str(value) for value in values)
    seen["bound"] += any(typed in said for typed in _TYPED.get())
    seen["in the statement"] += any(typed in statement for typed in _TYPED.get())


def _with_fresh_key(receive: Any) -> Any:
    """Give each sent form a key of its own, as each look at its page does: one key acts once."""

    async def fresh() -> Any:
        message = await receive()
        key = new_key().encode()
        body = _KEY_SENT.sub(lambda found: found[1] + key, message.get("body", b""))
        return {**message, "body": body} if message["type"] == "http.request" else message

    return fresh


@contextmanager
def watched(folder: Path) -> Iterator[tuple[Watched, str]]:
    """Serve the town of a Monday morning; gives the watch and the address."""
    ListQuery.parse.__func__.__kwdefaults__["page_size"] = ROWS  # type: ignore[attr-defined]
    # Each form's key is another at each look: two equal questions would have different answers,
    # and a tool that compares pages would call any filter a hole.
    environment().globals["form_key"] = lambda: "the-same-at-each-look"
    database = folder / "town.db"
    make_town(database)
    url = f"sqlite:///{database}"
    settings = Settings(database_url=url, environment="demo", secret_key=SECRET_KEY)
    engine = ready_engine(url)
    app = create_app(settings, engine=engine, clock=lambda: MONDAY)
    watch = Watched(app)
    config = uvicorn.Config(watch, log_level="critical", server_header=False)
    with in_a_thread(config) as address:
        yield watch, address
    engine.dispose()
