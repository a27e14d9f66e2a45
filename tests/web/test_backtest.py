"""The page on how past lists fared: counts, shares, and when it says nothing."""

from datetime import timedelta

import pytest

from gvi.domain.access import Role
from gvi.store.engine import transaction
from gvi.usecases import backtest
from tests.conftest import MONDAY
from tests.factories import a_person, an_incident, an_involvement

PAGE = "/method/backtest"


@pytest.fixture
def two_years(engine, programme):
    with transaction(engine) as db:
        people = [a_person(db, programme, MONDAY, name) for name in ("Lom", "Mes", "Sik")]
        for week in range(1, 104):
            when = MONDAY - timedelta(weeks=week)
            incident = an_incident(db, programme, when, "stabbing")
            an_involvement(db, incident, people[week % 3], "convicted")


def test_it_answers_in_one_sentence_with_counts_and_four_ways(browser, two_years):
    page = browser(Role.ANALYST).get(PAGE)

    assert "involvements in violence in the 90 days after a list" in page.text
    ways = ["".join(th.itertext()) for th in page.all("tbody")[0].iter() if th.tag.endswith("th")]
    assert ways == [
        "The list",
        "Past incidents",
        "People tied to",
        "Chance",
    ]
    assert "effect" not in page.text.lower()


def test_the_longer_window_is_one_click_away_and_anything_else_is_the_shorter(browser, two_years):
    analyst = browser(Role.ANALYST)

    assert "in the 180 days after a list" in analyst.get(f"{PAGE}?days=180").text
    assert "in the 90 days after a list" in analyst.get(f"{PAGE}?days=7").text


def test_as_of_an_earlier_day_only_what_was_known_then_is_used(browser, two_years):
    now, then = (
        browser(Role.ANALYST).get(f"{PAGE}{query}").text for query in ("", "?as_of=2025-06-01")
    )

    assert now != then


def test_too_few_incidents_say_nothing_and_what_to_do(browser):
    page = browser(Role.COORDINATOR_POLICE).get(PAGE)

    assert "too few to say anything" in page.text
    assert "%" not in page.text


@pytest.mark.parametrize("role", [Role.STEERING, Role.COORDINATOR_MUNICIPAL, Role.ADMIN])
def test_roles_without_scores_do_not_get_it(browser, role):
    assert browser(role).client.get(PAGE).status_code == 403


def test_where_it_would_keep_somebody_waiting_the_page_names_the_command(
    browser, two_years, monkeypatch
):
    analyst = browser(Role.ANALYST)
    involvements, readings = 103, 8
    monkeypatch.setattr(backtest, "MOST_WAITED_FOR", involvements * readings - 1)

    page = analyst.get(f"{PAGE}?days=180")

    assert page.status == 200
    assert "too many records to try past lists while you wait" in page.text
    assert "gvi backtest --days 180 --every 90" in page.text
    assert not page.all("table")
    monkeypatch.setattr(backtest, "MOST_WAITED_FOR", involvements * readings)
    assert analyst.get(f"{PAGE}?days=180").all("table")
