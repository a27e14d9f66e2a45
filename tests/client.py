"""A client that reads pages as a browser does and refuses pages that are not well made."""

import re
from typing import Any
from urllib.parse import urlencode

import html5lib
from fastapi import FastAPI
from fastapi.testclient import TestClient

from gvi.domain.access import Role
from gvi.web.addresses import Addresses
from gvi.web.session import COOKIE

NS = "{http://www.w3.org/1999/xhtml}"


class Page:
    """One answer, parsed; a made-up dialect of CSS is not needed: find by tag and attributes."""

    def __init__(self, answer: Any, addresses: Addresses | None = None) -> None:
        self.answer = answer
        self._inward = addresses.inward if addresses else str
        self._outward = addresses.outward if addresses else str
        self.status = answer.status_code
        self.html: str = answer.text
        self.url = str(answer.url)
        is_page = answer.headers.get("content-type", "").startswith("text/html")
        self.tree = html5lib.parse(self.html) if is_page else None
        if self.tree is not None:
            check(self)

    def all(self, tag: str, **attributes: str) -> list[Any]:
        """Find elements by tag and attribute values (`class_` for class, `_` for a dash)."""
        wanted = {key.rstrip("_").replace("_", "-"): value for key, value in attributes.items()}
        return [
            element
            for element in self.tree.iter(f"{NS}{tag}")
            if all(_has(element, key, self._written(key, value)) for key, value in wanted.items())
        ]

    def _written(self, key: str, value: str) -> str:
        return self._outward(value) if key in ("href", "action") else value

    def one(self, tag: str, **attributes: str) -> Any:
        found = self.all(tag, **attributes)
        assert len(found) == 1, f"{len(found)} × <{tag} {attributes}> in {self.url}"
        return found[0]

    @property
    def text(self) -> str:
        """All text of the page's main part, single-spaced."""
        main = self.all("main")
        root = main[0] if main else self.tree
        return re.sub(r"\s+", " ", "".join(root.itertext())).strip()

    @property
    def title(self) -> str:
        return "".join(self.one("h1").itertext()).strip()

    @property
    def address(self) -> str:
        """Where one is, with ids where the address has keys."""
        return self._inward(self.url)

    def links(self) -> list[str]:
        """All addresses it leads to, with ids where the page has keys."""
        return [self._inward(a.get("href")) for a in self.all("a") if a.get("href")]

    def scores(self) -> list[Any]:
        return [e for e in self.tree.iter() if isinstance(e.tag, str) and "data-score" in e.attrib]


def _has(element: Any, key: str, value: str) -> bool:
    given = element.get(key)
    return given is not None and (given == value or (key == "class" and value in given.split()))


def check(page: Page) -> None:
    """Refuse a page that breaks the rules every page keeps (style guide, section 6)."""
    where = f"{page.answer.request.method} {page.url}"
    headings = page.all("h1")
    assert len(headings) == 1, f"{len(headings)} h1 in {where}"
    assert page.all("html")[0].get("lang"), f"no language in {where}"
    title = page.all("title")[0].text or ""
    assert title.startswith("Error:") or page.title.split("\n")[0][:20] in title, f"{title} {where}"
    ids = [e.get("id") for e in page.tree.iter() if isinstance(e.tag, str) and e.get("id")]
    assert len(ids) == len(set(ids)), f"an id occurs twice in {where}: {sorted(ids)}"
    for form in page.all("form"):
        post = (form.get("method") or "get").lower() == "post"
        names = [i.get("name") for i in form.iter(f"{NS}input")]
        logging_in = (form.get("action") or "").startswith("/log-in")
        assert not post or logging_in or "csrf_token" in names, f"a form without token in {where}"
        taken_out = (form.get("action") or "").partition("?")[0].endswith(("/export", "/find"))
        assert not post or logging_in or taken_out or "form_key" in names, f"no key in {where}"
    labelled = {label.get("for") for label in page.all("label")}
    inside = {i for label in page.all("label") for i in label.iter() if i is not label}
    for tag in ("input", "select", "textarea"):
        for control in page.all(tag):
            hidden = control.get("type") in ("hidden", "submit")
            named = control.get("aria-label") or control.get("id") in labelled or control in inside
            assert hidden or named, f"{control.attrib} has no label in {where}"
    assert not page.all("style"), f"inline style sheet in {where}"
    for element in page.tree.iter():
        if isinstance(element.tag, str):
            assert "style" not in element.attrib, f"inline style in {where}"
    for script in page.all("script"):
        assert script.get("src"), f"inline script in {where}"


def address_of(client: TestClient, url: str) -> str:
    """Write an address as the pages of whoever is logged in write it: tests think in ids."""
    return Addresses(client.app.state.keys, client.cookies.get(COOKIE) or "").outward(url)


class Browser:
    """Somebody logged in by one click in a role; addresses may be given with ids in them."""

    def __init__(self, app: FastAPI, role: Role) -> None:
        self.role = role
        self.client = TestClient(app, follow_redirects=True, raise_server_exceptions=True)
        answer = self.client.post(
            "/log-in/invented", data={"username": role.value}, follow_redirects=False
        )
        assert answer.status_code == 303, answer.text

    def get(self, url: str, **params: str) -> Page:
        return self._page(self.client.get(self._address(url, params)))

    def _address(self, url: str, params: dict[str, str] | None = None) -> str:
        asked = urlencode(params) if params else ""
        mark = "&" if "?" in url else "?"
        return address_of(self.client, f"{url}{mark}{asked}" if asked else url)

    def _page(self, answer: Any) -> Page:
        addresses = Addresses(self.client.app.state.keys, self.client.cookies.get(COOKIE) or "")
        return Page(answer, addresses)

    def post(self, url: str, **data: Any) -> Page:
        """Submit to an address with this session's token, as the form on the page would."""
        data.setdefault("csrf_token", self.token())
        files = {k: data.pop(k) for k in list(data) if isinstance(data[k], tuple)}
        return self._page(self.client.post(self._address(url), data=data, files=files or None))

    def token(self) -> str:
        page = self.client.get("/method").text
        found = re.search(r'name="csrf_token" value="([^"]+)"', page)
        assert found, "no form token on the method page"
        return found.group(1)

    def json(self, url: str, **params: str) -> Any:
        answer = self.client.get(url, params=params or None)
        assert answer.headers["content-type"].startswith(
            ("application/json", "application/problem")
        )
        return answer.json()
