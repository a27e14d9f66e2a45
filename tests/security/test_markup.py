"""What looks like a template, markup or a placeholder goes through every form and stays text."""

import re
from collections import Counter
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from gvi.settings import Settings
from gvi.web.app import create_app
from tests.client import NS, Page, address_of
from tests.codebase.test_addresses import crawl
from tests.codebase.test_rights import _to_read
from tests.conftest import MONDAY, SECRET_KEY, ZONE
from tests.town import invented_town

pytestmark = pytest.mark.slow

MARK = (
    "zq{{7*7}}zq${7*7}zq<%= 7*7 %>zq#{7*7}zq<script>alert(1)</script>zq%(name)s{0}{viewer}%d\"'zq"
)
SHOWN = re.compile(r"zq\{\{7\*7\}\}zq\$\{7\*7\}zq&lt;%= 7\*7 %&gt;zq#\{7\*7\}zq&lt;script&gt;")
SUM = re.compile(r"zq49|49zq")
BROKEN = re.compile(r"zq49|49zq|zq<(script|%)|\"'zq", re.IGNORECASE)
"""A sum that was done, markup that is markup, a quote left open."""
USERS = ("asa", "karin", "bjorn")
ELSEWHERE = ("/log-", "/lock", "/find", "/language", "/unlock", "/confirm", "/still", "/account")
FREE = {"text", "search", "tel", "email", "url"}


@pytest.fixture(scope="module")
def town(tmp_path_factory) -> Iterator[Engine]:
    engine = invented_town(tmp_path_factory.mktemp("markup"), at=MONDAY, zone=ZONE)
    yield engine
    engine.dispose()


def filled(form) -> tuple[dict[str, str], set[str]]:
    """Fill a form as somebody hostile would: the mark wherever one can write freely."""
    data, written = {}, set()
    for field in form.iter(f"{NS}input"):
        name, kind = field.get("name"), field.get("type", "text")
        if not name or kind == "file" or (kind == "radio" and name in data):
            continue
        data[name] = field.get("value") or ("on" if kind == "checkbox" else "")
        if kind in FREE and not field.get("inputmode") and not _is_moment(name):
            data[name] = MARK
            written.add(name)
        elif kind in ("date", "number") and not data[name]:
            data[name] = MONDAY.date().isoformat() if kind == "date" else "1"
    for field in form.iter(f"{NS}textarea"):
        data[field.get("name")] = MARK
        written.add(field.get("name"))
    for field in form.iter(f"{NS}select"):
        options = [each.get("value") or "" for each in field.iter(f"{NS}option")]
        data[field.get("name")] = next(filter(None, options), "")
    return data, written


def _is_moment(name: str) -> bool:
    return bool(re.search(r"_(on|at|from|to)$|^(when|day|time|as_of|born|birth)", name))


@pytest.mark.parametrize("username", USERS)
def test_what_looks_like_a_template_stays_text_in_every_form_and_on_every_page(town, username):
    settings = Settings(database_url=str(town.url), environment="demo", secret_key=SECRET_KEY)
    app = create_app(settings, engine=town, clock=lambda: MONDAY)
    client = TestClient(app, raise_server_exceptions=False, follow_redirects=True)
    assert client.post("/log-in/invented", data={"username": username}).status_code == 200
    answers, fields, forms = Counter(), set(), set()

    for url in _pages(town):
        page = client.get(address_of(client, url))
        assert page.status_code < 500, url
        for form in Page(page).all("form", method="post") if "<form" in page.text else ():
            action = form.get("action") or str(page.url)
            kind = re.sub(r"/(\d+|[a-z2-7]{26})(?=/|$)", "/0", action)
            data, written = filled(form)
            if not written or kind in forms or action.startswith(ELSEWHERE):
                continue
            forms.add(kind)
            fields |= {(kind, name) for name in written}
            answer = client.post(action, data=data)
            answers[answer.status_code] += 1
            assert answer.status_code < 500, (action, written)
            wrong = _wrong(answer)
            assert not wrong, (action, wrong)

    pages = crawl(client, ["/"])
    shown = [page.url for page in pages if SHOWN.search(page.html)]
    print(  # noqa: T201
        f"\n{username}: {len(fields)} free texts of {len(forms)} forms, answers {dict(answers)};"
        f" {len(pages)} pages read, the text stands on {len(shown)}"
    )
    assert [page.url for page in pages if page.status >= 500] == []
    assert {page.url: _wrong(page.answer) for page in pages if _wrong(page.answer)} == {}
    assert len(fields) >= 10
    assert shown


def _wrong(answer) -> re.Match[str] | None:
    is_page = answer.headers.get("content-type", "").startswith("text/html")
    return (BROKEN if is_page else SUM).search(answer.text)


def _pages(engine: Engine) -> list[str]:
    """Give every page once, with an id that is there."""
    seen, urls = set(), []
    for url in _to_read(engine):
        kind = re.sub(r"/\d+", "/0", url)
        if kind not in seen and "as_of" not in url and not url.startswith(("/api/", "/plan")):
            seen.add(kind)
            urls.append(url)
    return urls
