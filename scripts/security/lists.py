"""Every list and what it can be narrowed by, read from the pages and the API's description."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx2

from gvi.web.session import COOKIE
from tests.client import NS, Page
from tests.codebase.routes import addresses

DAY = "2026-03-01"
READERS = ("asa", "karin", "bjorn", "sara", "tor", "inga-lill")
"""Users of the invented town who between them see every list: the first who may is asked."""
STILL = {"/audit": {"to": DAY}}
"""The log would grow by each look at it: a tool that compares pages is shown the days before."""
NO_LISTS = {"/log-in", "/patterns"}
"""What is read before anybody is known, and the page of building blocks, which asks nothing."""
NO_FILTERS = frozenset({"csrf_token", "find_in", "done", "act", "next"})


@dataclass(frozen=True)
class Target:
    """One list and its reader."""

    username: str
    cookie: str
    path: str
    filters: tuple[tuple[str, str], ...]
    """Name and a value that narrows nothing away."""

    def urls(self, address: str) -> list[str]:
        """Give one address for each filter: beside others it might find nobody to show."""
        still = STILL.get(self.path, {})
        return [f"{address}{self.path}?{urlencode({**still, **dict([e])})}" for e in self.filters]


def log_in(address: str, username: str) -> httpx2.Client:
    """Log in by one click, and make sure of it."""
    client = httpx2.Client(base_url=address, timeout=60)
    answer = client.post("/log-in/invented", data={"username": username})
    session = client.cookies.get(COOKIE)
    if answer.status_code != 303 or not session or client.get("/method").status_code != 200:
        raise SystemExit(f"{username} could not log in: {answer.status_code}")
    return client


def targets(address: str) -> Iterator[Target]:
    """Give every list page and every list of the API, each with the first user who may read it."""
    clients = {username: log_in(address, username) for username in READERS}
    of_api = _of_api(clients["asa"])
    for each in addresses():
        if each.method != "GET" or "{" in each.path or each.path in NO_LISTS:
            continue
        for username, client in clients.items():
            answer = client.get(each.path)
            if answer.status_code != 200:
                continue
            filters = of_api.get(each.path) or _of_page(answer, each.path)
            if "cursor" in filters:
                first = client.get(each.path, params={"limit": 1}).json()
                filters["cursor"] = first["next_cursor"] or "1"
            if filters:
                cookie = f"{COOKIE}={client.cookies.get(COOKIE)}"
                yield Target(username, cookie, each.path, tuple(sorted(filters.items())))
            break


def _of_page(answer: httpx2.Response, path: str) -> dict[str, str]:
    """Give what the search form and the links of a list's own page narrow or sort it by."""
    page, found = Page(answer), dict[str, str]()
    if page.tree is None:
        return {}
    for form in page.all("form"):
        fields = [
            each
            for tag in ("input", "select")
            for each in form.iter(f"{NS}{tag}")
            if each.get("name")
        ]
        leads_to = {each.get("value") for each in fields if each.get("name") == "find_in"}
        by_address = (form.get("method") or "get").lower() == "get"
        if path in {str(each).partition("?")[0] for each in leads_to} or by_address:
            found |= {each.get("name"): _first_value(each) for each in fields}
    for link in page.all("a"):
        parts = urlsplit(link.get("href") or "")
        if parts.path == path:
            found |= {name: value for name, value in parse_qsl(parts.query) if not found.get(name)}
    return {name: value or "a" for name, value in found.items() if name not in NO_FILTERS}


def _first_value(field: Any) -> str:
    """Give a value the field takes: its own, a select's first choice, the day of a date."""
    values = [option.get("value") or "" for option in field.iter(f"{NS}option")]
    given = field.get("value") or next(filter(None, values), "")
    return given or (DAY if field.get("type") == "date" or field.get("name") == "as_of" else "")


def _of_api(client: httpx2.Client) -> dict[str, dict[str, str]]:
    described = client.get("/openapi.json").json()
    kinds = described["components"]["schemas"]
    return {
        path: {
            each["name"]: _sample(each, kinds)
            for each in methods["get"].get("parameters", ())
            if each["in"] == "query"
        }
        for path, methods in described["paths"].items()
        if "get" in methods
    }


def _sample(parameter: dict[str, Any], kinds: dict[str, Any]) -> str:
    """Give a value the API's own description allows."""
    said = repr(parameter["schema"])
    named = re.search(r"schemas/(\w+)", said)
    first = re.search(r"'enum': \['(\w+)'", repr(kinds[named[1]]) if named else said)
    if first:
        return first[1]
    is_day = "date" in said or parameter["name"] == "as_of"
    return DAY if is_day else "true" if "boolean" in said else "1"
