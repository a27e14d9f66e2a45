"""The application as `gvi serve` runs it, and beside it bare answers to the same questions.

`/bench/...` is answered by a few lines of plain ASGI: no framework, no session, no rights.
Started by `pages.py` as a process of its own: `python -m tests.bench.server <url> <port>`.
"""

import sqlite3
import sys
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from datetime import datetime
from time import process_time_ns
from typing import Any
from urllib.parse import parse_qs

import uvicorn

from gvi.domain.time import local_day
from gvi.settings import Settings
from gvi.store.engine import make_engine, refresh_statistics, unlock
from gvi.web import templating, visit
from gvi.web.app import create_app
from gvi.web.context import PageContext
from tests.bench import bare_people, secrecy
from tests.bench.town import NOW, SECRET_KEY, ZONE

Page = tuple[PageContext, str, dict[str, Any]]


def clock() -> datetime:
    return NOW


class Server:
    """Ours, and what is measured beside it; `/bench/cpu` tells what this process has spent."""

    def __init__(self, url: str) -> None:
        engine = make_engine(url)
        unlock(engine, SECRET_KEY)
        refresh_statistics(engine)
        settings = Settings(database_url=url, environment="demo", secret_key=SECRET_KEY)
        self.ours = create_app(settings, engine=engine, clock=clock)
        self.connection = sqlite3.connect(url.removeprefix("sqlite:///"), check_same_thread=False)
        self.seen: dict[str, Page] = {}
        self.render = templating.render
        self.note_reading = visit._note_reading
        self.answers: dict[str, Callable[[str], str]] = {
            "/bench/cpu": lambda _query: str(process_time_ns()),
            "/bench/remember": self.remember,
            "/bench/audit": self.audit,
            "/bench/memory": self.memory,
            "/bench/people": self.people,
        }

    def remember(self, query: str) -> str:
        """Keep what the next pages hand to their templates (on), or stop (off)."""

        def render(page: PageContext, name: str, /, **values: Any) -> Any:
            self.seen[page.path] = (page, name, values)
            return self.render(page, name, **values)

        templating.render = render if query == "on" else self.render
        return query

    def audit(self, query: str) -> str:
        """Log what is read, as always (on), or not, to see what the rest costs (off)."""
        visit._note_reading = self.note_reading if query == "on" else _nothing
        return query

    def memory(self, query: str) -> str:
        """Render a page that was remembered from the rows it had."""
        page, name, values = self.seen[query]
        return _text(page, name, values)

    def people(self, query: str) -> str:
        """Render the people list from rows that raw SQL gave."""
        page, name, values = self.seen["/people"]
        q = parse_qs(page.addresses.query_inward(query)).get("q", [""])[0]
        today = local_day(NOW, ZONE)
        made = bare_people.answer(self.connection, values, q, NOW, today)
        return _text(replace(page, query=query), name, made)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        own = self.answers.get(scope["path"]) if scope["type"] == "http" else None
        if own is None:
            await self.ours(scope, receive, send)
            return
        body = own(scope["query_string"].decode()).encode()
        headers = [
            (b"content-type", b"text/html; charset=utf-8"),
            (b"content-length", str(len(body)).encode()),
        ]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})


def _text(page: PageContext, name: str, values: dict[str, Any]) -> str:
    return bytes(templating.render(page, name, **values).body).decode()


def _nothing(_visit: object) -> Any:
    return nullcontext()


if __name__ == "__main__":
    if secrecy.OPEN in sys.argv[3:]:
        secrecy.open_everything()
    uvicorn.run(
        Server(sys.argv[1]),
        host="127.0.0.1",
        port=int(sys.argv[2]),
        log_level="warning",
        access_log=False,
        server_header=False,
    )
