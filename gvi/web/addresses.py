"""Pages think in ids and words, addresses hold neither: both ways are here, at the very edge.

`/people/12/why?q=Viktor` leaves as `/people/<key>/why?q=~<sealed>` in every page and redirect, and
comes back as it was before any page sees it. So no template can forget it. The API is left alone:
its addresses are in no browser's history.
"""

import html
import re
from collections.abc import Callable
from urllib.parse import parse_qsl, urlencode

from fastapi import Request

from gvi.web.opaque import KEY, NOBODY, Keys
from gvi.web.session import SESSION

PEOPLE = frozenset({"person", "lock", "exclude", "accept", "apart", "p", "was", "draft", "called"})
"""Parameters that name people; several in one value stand with a dash between them."""
WORDS = frozenset({"q", "person"})
"""Parameters that hold what somebody typed, which may be a name."""
SEALED = "~"
_BEFORE_PERSON = r"^(/people/|/remove/person/|/review/person/)"
"""What stands before a person in a path: their page, and the pages of any record of that kind."""
_PERSON = re.compile(rf"{_BEFORE_PERSON}([0-9]{{1,18}})(?=/|$)")
_SEGMENT = re.compile(rf"{_BEFORE_PERSON}([^/]+)")
_IN_PAGE = re.compile(r' (href|action|formaction|src)="(/[^"]*)"')
_NUMBERS = re.compile(r"[0-9]{1,18}(-[0-9]{1,18})*")
_KEYS = re.compile(rf"{KEY.pattern}(-{KEY.pattern})*")


class Addresses:
    """How one session of one site writes its addresses."""

    def __init__(self, keys: Keys, session: str = "") -> None:
        """Take the site's keys and the session's token."""
        self._keys, self._session = keys, session

    # Out: what a page writes

    def outward(self, url: str) -> str:
        """Give an address of this site as it may stand in a page, a history or a log."""
        path, mark, query = url.partition("?")
        query, hash_mark, fragment = query.partition("#")
        path = _PERSON.sub(lambda found: f"{found[1]}{self._keys.of(int(found[2]))}", path)
        if mark and query:
            query = _changed(query, self._value_outward)
        return f"{path}{mark}{query}{hash_mark}{fragment}"

    def _value_outward(self, name: str, value: str) -> str:
        if name in PEOPLE and _NUMBERS.fullmatch(value):
            return "-".join(self._keys.of(int(each)) for each in value.split("-"))
        if name in WORDS and value and not value.startswith(SEALED) and not _KEYS.fullmatch(value):
            return SEALED + self._keys.seal(value, self._session)
        return value

    def in_page(self, page: str) -> str:
        """Give a page with every address in it as it may stand there."""

        def changed(found: re.Match[str]) -> str:
            if "?" not in found[2] and not _PERSON.match(found[2]):
                return found[0]
            return f' {found[1]}="{html.escape(self.outward(html.unescape(found[2])))}"'

        return _IN_PAGE.sub(changed, page)

    # In: what a browser asks

    def inward(self, url: str) -> str:
        """Give an address of a page as pages know it."""
        path, mark, query = url.partition("?")
        return f"{self.path_inward(path)}{mark}{self.query_inward(query)}"

    def path_inward(self, path: str) -> str:
        """Give a path as pages know it; a number in it, or a key nobody made, is nobody."""
        found = _SEGMENT.match(path)
        if not found or not (found[2].isdigit() or KEY.fullmatch(found[2])):
            return path
        return f"{found[1]}{self._keys.id_of(found[2])}{path[found.end() :]}"

    def query_inward(self, query: str) -> str:
        """Give a query as pages know it."""
        return _changed(query, self._value_inward) if query else query

    def _value_inward(self, name: str, value: str) -> str:
        if name in WORDS and value.startswith(SEALED):
            return self._keys.unseal(value.removeprefix(SEALED), self._session)
        if name in PEOPLE and _KEYS.fullmatch(value):
            return "-".join(str(self._keys.id_of(each)) for each in value.split("-"))
        if name in PEOPLE and _NUMBERS.fullmatch(value):
            return str(NOBODY)
        return value

    def readable(self, query: str) -> str:
        """Give a query without the words that were sealed for another session."""
        return _changed(query, lambda name, value: value if self._reads(name, value) else None)

    def _reads(self, name: str, value: str) -> bool:
        sealed = name in WORDS and value.startswith(SEALED)
        return not sealed or bool(self._value_inward(name, value))

    def tells(self, query: str) -> bool:
        """Tell whether a query holds words that should be sealed."""
        return any(
            name in WORDS
            and value.strip()
            and not value.startswith(SEALED)
            and not _KEYS.fullmatch(value)
            and not _NUMBERS.fullmatch(value)
            for name, value in _pairs(query)
        )


def _pairs(query: str) -> list[tuple[str, str]]:
    return parse_qsl(query, keep_blank_values=True, errors="replace")


def _changed(query: str, change: Callable[[str, str], str | None]) -> str:
    """Give a query with every value changed; None takes it away."""
    before = _pairs(query)
    changed = [(name, change(name, value)) for name, value in before]
    after = [(name, value) for name, value in changed if value is not None]
    return query if after == before else urlencode(after, safe="~")


def session_of(request: Request) -> str:
    """Give the token of the session that asks; blank where nobody is logged in."""
    return SESSION.value(request)


def addresses_of(request: Request) -> Addresses:
    """Give how the session that asks writes its addresses."""
    return Addresses(request.app.state.keys, session_of(request))


def asked(request: Request) -> tuple[str, str]:
    """Give path and query as the browser asked them: what may be written into a page again."""
    came = request.scope.get("gvi.asked")
    return came if came else (request.url.path, request.url.query)
