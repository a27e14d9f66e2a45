"""No address of any page says who somebody is: every page is crawled as every role."""

import re
from urllib.parse import parse_qsl, urlsplit

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session

from gvi.domain.access import Role
from gvi.settings import Settings
from gvi.store.models import Identity, Person, User
from gvi.web.addresses import Addresses
from gvi.web.app import create_app
from gvi.web.session import COOKIE
from tests.client import NS, Page
from tests.conftest import MONDAY, ZONE
from tests.town import invented_town

pytestmark = pytest.mark.slow

NUMBERED = re.compile(r"/(people|person|persons)/\d+(?=[/?#]|$)")
ADDRESSES = ("href", "action", "formaction", "src", "data-likely-url")
MOST_OF_A_SORT = 2


@pytest.fixture(scope="module")
def town(tmp_path_factory) -> Engine:
    engine = invented_town(tmp_path_factory.mktemp("town"), at=MONDAY, zone=ZONE)
    yield engine
    engine.dispose()


def sort_of(url: str) -> tuple[str, ...]:
    """Two addresses of one sort differ in numbers, keys and values only."""
    parts = urlsplit(url)
    path = re.sub(r"/(\d+|[a-z2-7]{26})(?=/|$)", "/0", parts.path)
    return (path, *sorted(name for name, _ in parse_qsl(parts.query)))


def crawl(client: TestClient, start: list[str]) -> list[Page]:
    """Follow every link, a few of each sort, and search for a name on every list."""
    waiting, seen, pages = list(start), {}, []
    while waiting:
        url = waiting.pop(0).partition("#")[0]
        known = seen.setdefault(sort_of(url), [])
        if url in known or len(known) >= MOST_OF_A_SORT or "/plan" in url:
            continue
        known.append(url)
        page = Page(client.get(url))
        pages.append(page)
        if page.tree is None:
            continue
        waiting += [link for link in page.links() if link.startswith("/")]
        waiting += searches(client, page) if len(known) == 1 else []
    return pages


def searches(client: TestClient, page: Page) -> list[str]:
    """Submit the search forms of a page as a browser does; gives where they lead."""
    found = []
    for form in page.all("form", action="/find"):
        given = {i.get("name"): i.get("value") or "" for i in form.iter(f"{NS}input")}
        words = {name: "Emil" for name in ("q", "person") if name in given}
        answer = client.post("/find", data=given | words, follow_redirects=False)
        assert answer.status_code == 303, answer.text
        found.append(answer.headers["location"])
    return found


def tells(url: str, names: set[str]) -> bool:
    parts = urlsplit(url)
    pairs = dict(parse_qsl(parts.query))
    said = any(name in " ".join(pairs.values()) for name in names)
    return bool(NUMBERED.search(url)) or pairs.get("person", "").isdigit() or said


@pytest.mark.parametrize("role", Role)
def test_no_address_holds_the_number_or_the_name_of_a_person(town, role):
    app = create_app(
        Settings(database_url=str(town.url), environment="demo"), engine=town, clock=lambda: MONDAY
    )
    client = TestClient(app, follow_redirects=True)
    with Session(town) as db:
        username = db.scalar(select(User.username).where(User.role == role.value).limit(1))
        people = db.scalars(select(Person.id).limit(400)).all()
        names = {"Emil", *db.scalars(select(Person.code_name)), *some_names(db)}
    client.post("/log-in/invented", data={"username": username})
    asked = Addresses(app.state.keys, client.cookies.get(COOKIE) or "")

    pages = crawl(client, ["/", *(asked.outward(f"/people/{each}") for each in people[:2])])

    assert len(pages) >= 8
    for page in pages:
        assert page.status < 500, page.url
        assert not tells(page.url, names), page.url
        for element in page.tree.iter() if page.tree is not None else ():
            for name in ADDRESSES if isinstance(element.tag, str) else ():
                assert not tells(element.get(name) or "", names), (page.url, element.get(name))
        for form in page.all("form") if page.tree is not None else ():
            by_address = (form.get("method") or "get").lower() == "get"
            inputs = [i for i in form.iter(f"{NS}input") if not i.get("value", "").startswith("~")]
            fields = {i.get("name") for i in inputs}
            assert not by_address or not fields & {"q", "person", "name"}, page.url


def some_names(db: Session) -> set[str]:
    return {name for name in db.scalars(select(Identity.name)) if name}


@pytest.mark.parametrize(
    "path",
    ["/people/1", "/people/1/why", "/remove/person/1", "/review/person/1", "/people/" + "a" * 26],
)
def test_a_number_or_a_made_up_key_is_nobody_as_somebody_hidden_is(town, path):
    app = create_app(
        Settings(database_url=str(town.url), environment="demo"), engine=town, clock=lambda: MONDAY
    )
    client = TestClient(app)
    client.post("/log-in/invented", data={"username": "asa"})
    with town.connect() as db:
        assert db.execute(text("SELECT id FROM persons WHERE id = 1")).all()

    assert client.get(path).status_code == 404
    assert client.get(Addresses(app.state.keys).outward("/people/1")).status_code == 200
