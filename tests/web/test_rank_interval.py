"""Where a rank may lie stands beside it on the lists, in their files and in the API."""

import pytest

from gvi.domain.access import Role
from gvi.store.engine import transaction
from gvi.usecases import interval
from tests.conftest import MONDAY
from tests.factories import a_person, an_incident, an_involvement


@pytest.fixture
def two_doers(engine, programme):
    with transaction(engine) as db:
        for days, name in enumerate(("Lom", "Mes")):
            doer = a_person(db, programme, MONDAY, name)
            for _ in range(6):
                kind = "threat" if days else "homicide"
                an_involvement(db, an_incident(db, programme, MONDAY, kind), doer, "convicted")


@pytest.mark.parametrize("score", ["driving", "exposed"])
def test_the_list_shows_an_interval_only_as_a_score(browser, two_doers, score):
    page = browser(Role.ANALYST).get(f"/people/{score}")

    shown = page.all("span", class_="interval")
    assert ["".join(each.itertext()).strip() for each in shown] == (
        ["1–1", "2–2"] if score == "driving" else []
    )
    assert all(each.get("data-score") is not None for each in shown)


def test_the_file_of_the_list_has_the_interval(browser, two_doers):
    file = browser(Role.ANALYST).post("/people/driving/export", purpose="weekly review").html

    assert ",1–1," in next(line for line in file.splitlines() if "Lom" in line)
    assert ",2–2," in next(line for line in file.splitlines() if "Mes" in line)


def test_the_api_gives_the_interval(browser, two_doers):
    answer = browser(Role.ANALYST).json("/api/v1/rankings/driving")

    assert [entry["interval"] for entry in answer["entries"]] == [[1, 1], [2, 2]]


def test_beyond_what_one_can_wait_for_the_page_says_who_draws_it(browser, two_doers, monkeypatch):
    monkeypatch.setattr(interval, "WHILE_SOMEBODY_WAITS", 1)

    page = browser(Role.ANALYST).get("/people/driving")

    assert not page.all("span", class_="interval")
    assert "too many records" in page.text
    assert "gvi rank" in page.text
    why = browser(Role.ANALYST).get("/people/1/why")
    assert "Rank 1 of 2; " in why.text
    assert "gvi rank" in why.text
    answer = browser(Role.ANALYST).json("/api/v1/rankings/driving")
    assert [entry["interval"] for entry in answer["entries"]] == [None, None]
