"""Of everybody ranked in the invented town, three clicks lead from the list to a dated incident.

Without a browser: there are hundreds of pages. `test_why.py` walks the same way in one.
"""

import re
import shutil
from collections.abc import Iterator
from functools import cache
from html import unescape
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from gvi.settings import Settings
from gvi.web.app import create_app
from tests.conftest import MONDAY, SECRET_KEY, ready_engine

pytestmark = pytest.mark.journey

WHY = re.compile(r'href="(/people/[a-z2-7]{26}/why[^"]*)"')
INCIDENT = re.compile(
    r'<th role="rowheader" scope="row"><a href="(/incidents/\d+)">[^<]+</a>.{0,60}'
    r'<time datetime="([^"]+)"',
    re.DOTALL,
)
PAGE = re.compile(r'href="([^"]+)"[^>]* aria-label="Page \d+"')
NEXT = re.compile(r'href="([^"]+)" rel="next"')
LISTED = re.compile(r"<p>1–\d+ of (\d+)</p>")


@pytest.fixture
def analyst(town_template: Path, tmp_path: Path) -> Iterator[TestClient]:
    url = f"sqlite:///{shutil.copy(town_template, tmp_path / 'town.db')}"
    settings = Settings(database_url=url, environment="demo", secret_key=SECRET_KEY)
    app = create_app(settings, engine=ready_engine(url), clock=lambda: MONDAY)
    client = TestClient(app)
    client.post("/log-in/invented", data={"username": "henrik"}).raise_for_status()
    yield client
    app.state.engine.dispose()


@pytest.mark.parametrize("score", ["driving", "exposed"])
def test_everybody_on_a_list_is_followed_down_to_a_dated_incident(analyst, score):
    opened = cache(lambda address: analyst.get(address).raise_for_status().text)
    first = f"/people/{score}"
    clicks = {}
    for so_far, page in pages_from(first, opened):
        for why in WHY.findall(page):
            clicks[why] = so_far + len(("the person", "the incident"))
            (incident, moment), *_ = INCIDENT.findall(opened(why))
            assert f'datetime="{moment}"' in opened(incident), f"{incident} does not tell {moment}"

    assert len(clicks) == int(LISTED.search(opened(first))[1]) > 80, "everybody was found"
    if score == "driving":
        assert max(clicks.values()) <= 3


def pages_from(first, opened):
    """Give the pages of a list, each with the clicks from the first page; 2 is more than one."""
    linked = {unescape(link) for link in PAGE.findall(opened(first))}
    address = first
    while True:
        page = opened(address)
        yield (0 if address == first else 1 if address in linked else 2), page
        further = NEXT.search(page)
        if further is None:
            return
        address = unescape(further[1])
