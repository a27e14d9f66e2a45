"""One address for each kind of page: 200 people have the same pages, and the same forms."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx2

from tests.client import NS, Page
from tests.codebase.routes import addresses


@dataclass
class Site:
    """What one user may read, found as links lead to it; a kind is a route, `/people/{id}`."""

    starts: dict[str, str] = field(default_factory=dict)
    """Kind of page → one address of it."""
    asked: dict[tuple[str, ...], str] = field(default_factory=dict)
    """Kind of page and the names in its address → one address that asks so, each name once."""
    forms: dict[str, str] = field(default_factory=dict)
    """Kind of form → one address it is sent to."""
    unlinked: set[str] = field(default_factory=set)
    """What no link leads to: a word to look for in a list, which its form brings by way of /find,
    and each name once where links have it often."""
    more: set[str] = field(default_factory=set)
    """What is left out, `*` for anything."""

    @property
    def others(self) -> set[str]:
        """Give the addresses that are one more of a kind."""
        return self.more - {urlsplit(e).path for e in (*self.starts.values(), *self.forms.values())}


def read(client: httpx2.Client, left_alone: tuple[str, ...]) -> Site:
    """Follow the links of every page, to each kind once; leaves alone what starts so."""
    site, kinds = Site(), _kinds("GET")
    left = [each for each in kinds if "{" not in each]
    while left:
        url = left.pop(0)
        path = urlsplit(url).path
        kind = _kind(path, kinds)
        if kind is None or path.startswith(left_alone):
            continue
        if kind not in site.starts:
            answer = client.get(url)
            if answer.status_code != 200:
                continue
            site.starts[kind] = url
            left += _leads_to(site, answer, path)
        _one_of_a_kind(site, kind, url)
    return site


def _one_of_a_kind(site: Site, kind: str, url: str) -> None:
    """Keep the first page, and the first address for each set of names; note what is more."""
    parts = urlsplit(url)
    asked = dict(parse_qsl(parts.query))
    if parts.path != urlsplit(site.starts[kind]).path:
        site.more.add(parts.path)
    elif asked:
        once = f"{parts.path}?{urlencode(asked)}"
        if site.asked.setdefault((kind, *sorted(asked)), once) != url:
            site.more.add(url)
        times = Counter(name for name, _ in parse_qsl(parts.query))
        for name in (name for name, n in times.items() if n > 1):
            site.more.add(f"{parts.path}?*&{name}=*&{name}=*")
            site.unlinked.add(site.asked[kind, *sorted(asked)])


def _leads_to(site: Site, answer: httpx2.Response, path: str) -> list[str]:
    """Note the forms of a page; gives its links."""
    page, sending = Page(answer), _kinds("POST")
    if page.tree is None:
        return []
    for form in page.all("form", method="post"):
        action = urlsplit(form.get("action") or path).path
        leads_to = [each.get("value") or "" for each in form.iter(f"{NS}input")]
        if action == "/find" and path in (each.partition("?")[0] for each in leads_to):
            site.unlinked.add(f"{path}?q=a")
        first = site.forms.setdefault(_kind(action, sending) or action, action)
        site.more |= {action} - {first}
    return [str(each.get("href")) for each in page.all("a") if each.get("href")]


def answered(seen: Mapping[str, "Counter[str]"], method: str, *statuses: int) -> "Counter[str]":
    """Count such answers for each kind of address."""
    kinds, counted = _kinds(method), Counter[str]()
    for path, each in seen.items():
        kind = _kind(path, kinds)
        if kind:
            counted[kind] += sum(each[f"{method} {status}"] for status in statuses)
    return +counted


@cache
def _kinds(method: str) -> dict[str, re.Pattern[str]]:
    """Give each route with what fits it, those without parameters first."""
    paths = {each.path for each in addresses() if each.method == method}
    ordered = sorted(paths, key=lambda path: (path.count("{"), path))
    return {each: re.compile(re.sub(r"\{[^}]*\}", "[^/]+", each)) for each in ordered}


def _kind(path: str, kinds: Mapping[str, re.Pattern[str]]) -> str | None:
    return next((kind for kind, pattern in kinds.items() if pattern.fullmatch(path)), None)
