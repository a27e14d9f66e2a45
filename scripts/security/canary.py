"""Pages with holes on purpose, beside the site: a tool that misses them has looked at nothing."""

import sqlite3
from typing import Any
from urllib.parse import parse_qs

CANARY = "/a-canary"
"""First by the alphabet: a tool stopped by the clock should have come to it."""
SENT = f"{CANARY}/sent"
KEPT = f"{CANARY}/kept"


class Canary:
    """Glues what is typed into a question and into pages: never do this."""

    def __init__(self) -> None:
        """Begin with nothing kept."""
        self._kept = ""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one request: what is sent to KEPT is shown by its page to whoever comes later."""
        sent = (await receive())["body"] if scope["method"] == "POST" else scope["query_string"]
        typed = parse_qs(sent.decode(), errors="replace").get("q", [""])[0]
        if scope["path"] == KEPT:
            status, body = self._keep(scope["method"], typed)
        else:
            status, body = _asked(typed)
        head = [(b"content-type", b"text/html; charset=utf-8")]
        head += [(b"location", KEPT.encode())] if status == 303 else []
        page = f"<html><body>{body}{_form(SENT)}{_form(KEPT)}</body></html>".encode()
        await send({"type": "http.response.start", "status": status, "headers": head})
        await send({"type": "http.response.body", "body": page})

    def _keep(self, method: str, typed: str) -> tuple[int, str]:
        if method == "POST":
            self._kept = typed
            return 303, ""
        return 200, f"<p>{self._kept}</p>"


def _asked(typed: str) -> tuple[int, str]:
    heading = f"<h1>Names with {typed}</h1>"
    with sqlite3.connect(":memory:") as database:
        database.executescript("CREATE TABLE n(name); INSERT INTO n VALUES ('a'), ('b'), ('c')")
        try:
            rows = database.execute(f"SELECT name FROM n WHERE name LIKE '%{typed}%'").fetchall()  # noqa: S608
        except sqlite3.Error as error:
            return 500, f"{heading}sqlite3.OperationalError: {error}"
    return 200, heading + "".join(f"<p>{name} is here</p>" for (name,) in rows)


def _form(action: str) -> str:
    return f'<form method="post" action="{action}"><input name="q" value="a"></form>'
