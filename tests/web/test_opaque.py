"""What stands in an address tells nobody who is meant or what was typed."""

import pytest

from gvi.domain.access import Role
from gvi.web.addresses import Addresses
from gvi.web.opaque import NOBODY, Keys
from gvi.web.session import own_address
from tests.client import Page
from tests.conftest import MONDAY
from tests.factories import a_person

KEYS = Keys("a secret")
POLICE = Role.COORDINATOR_POLICE


@pytest.mark.parametrize("person_id", [1, 2, 12, 2**31 - 1])
def test_a_key_leads_back_to_its_person_and_to_nobody_under_another_secret(person_id):
    key = KEYS.of(person_id)

    assert KEYS.id_of(key) == person_id
    assert Keys("another secret").id_of(key) == NOBODY
    assert str(person_id) not in key or len(str(person_id)) < 3


@pytest.mark.parametrize("key", ["12", "a" * 26, "a" * 25, KEYS.of(3).upper(), KEYS.of(3) + "a"])
def test_a_key_nobody_made_is_nobody(key):
    assert KEYS.id_of(key) == NOBODY


@pytest.mark.parametrize("words", ["Viktor", "Åsa Öberg", "x" * 500, "lom"])
def test_sealed_words_are_read_in_their_session_only(words):
    sealed = KEYS.seal(words, "session")

    assert words not in sealed
    assert KEYS.unseal(sealed, "session") == words
    assert KEYS.unseal(sealed, "another") == ""
    assert KEYS.unseal(sealed[:-2], "session") == ""
    assert len(sealed) == len(KEYS.seal(words[:-1], "session"))


@pytest.mark.parametrize(
    "url",
    [
        "/people/12",
        "/people/12/why?score=driving&all=1",
        "/remove/person/12",
        "/review/person/12?done=saved",
        "/ties/new?person=12&done=saved",
        "/people?q=Viktor+%C3%85&page=2",
        "/call-ins/4/plan?lock=1&lock=2&accept=3-4&apart=1-2&p=5&was=6&draft=1-2-3",
        "/audit?person=Viktor&q=12",
        "/people/new",
        "/people",
    ],
)
def test_an_address_comes_back_as_it_left(url):
    addresses = Addresses(KEYS, "session")

    left = addresses.outward(url)

    assert addresses.inward(left) == url
    assert addresses.outward(left) == left
    assert "12" not in left or "q=12" not in left
    assert "Viktor" not in left


def test_only_addresses_are_changed_in_a_page():
    page = '<a href="/people/12?a=1&amp;b=2">/people/12</a> title="/people/12"'

    changed = Addresses(KEYS, "session").in_page(page)

    key = KEYS.of(12)
    assert changed == f'<a href="/people/{key}?a=1&amp;b=2">/people/12</a> title="/people/12"'


def test_a_search_is_kept_in_the_address_of_its_session_only(browser, db, programme):
    a_person(db, programme, MONDAY, "Lom", name="Viktor Älgmark")
    db.commit()
    police, analyst = browser(POLICE), browser(Role.ANALYST)

    page = police.post("/find", find_in="/people", q="viktor älg", age="no")

    assert "viktor" not in page.url.lower()
    assert page.url.split("?")[0].endswith("/people")
    assert "age=no" in page.url
    assert page.one("input", id="l-q").get("value") == "viktor älg"
    path = page.url.removeprefix("http://testserver")
    elsewhere = Page(analyst.client.get(path))
    assert (elsewhere.status, elsewhere.one("input", id="l-q").get("value")) == (200, "")
    assert "q=" not in elsewhere.url
    export = {"csrf_token": analyst.token(), "purpose": "Weekly review"}
    refused = Page(analyst.client.post(path.replace("/people?", "/people/export?"), data=export))
    assert (refused.status, refused.title) == (422, "Something is missing or wrong")


def test_a_name_typed_into_an_address_is_left_at_once(browser):
    police = browser(POLICE)

    answer = police.client.get("/people?q=Viktor&sort=age", follow_redirects=False)

    assert answer.status_code == 303
    assert "Viktor" not in answer.headers["location"]
    assert "sort=age" in answer.headers["location"]


@pytest.mark.parametrize("page", ["/remove/person", "/review/person"])
def test_the_pages_of_a_persons_record_go_by_the_persons_key_too(browser, db, programme, page):
    lom = a_person(db, programme, MONDAY, "Lom", name="Viktor Älgmark", review_due_on=MONDAY.date())
    db.commit()
    police = browser(POLICE)

    records = police.get(f"/people/{lom.id}/records")

    assert f"{page}/{lom.id}" in records.links()
    assert f"{page}/{lom.id}" not in records.html
    assert f"{page}/{lom.id}" not in police.get("/review").html
    assert police.client.get(f"{page}/{lom.id}").status_code == 404
    shown = police.get(f"{page}/{lom.id}")
    assert shown.status == 200
    assert f"/person/{lom.id}" not in shown.html
    said = {"csrf_token": police.token(), "reason": "mixed up", "until": "2026-09-01"}
    assert police.client.post(f"{page}/{lom.id}", data=said).status_code == 404
    assert police.post(f"{page}/{lom.id}", **said).status == 200


@pytest.mark.parametrize(
    "target",
    [
        "https://elsewhere.example",
        "//elsewhere.example",
        "/\\elsewhere.example",
        "\\\\elsewhere.example",
        "/\telsewhere",
        "/\n//elsewhere.example",
        "javascript:alert(1)",
        "people",
        "",
        "/people\r\nSet-Cookie: a=b",
    ],
)
def test_no_parameter_leads_away_from_the_site(browser, target):
    police = browser(POLICE)
    assert own_address(target) == ""

    for path, name in (("/find", "find_in"), ("/language", "next")):
        data = {"csrf_token": police.token(), name: target}
        answer = police.client.post(path, data=data, follow_redirects=False)
        assert answer.status_code == 303
        assert answer.headers["location"] in ("/", "/search")
        assert "set-cookie" not in answer.headers
