"""`gvi rank` and `gvi backtest` on the invented town."""

import json

import pytest

from gvi.cli.main import main
from tests.conftest import MONDAY, SECRET_KEY, ZONE
from tests.town import invented_town


@pytest.fixture(scope="module")
def environ(tmp_path_factory):
    folder = tmp_path_factory.mktemp("town")
    invented_town(folder, at=MONDAY, zone=ZONE).dispose()
    return {
        "GVI_DATABASE_URL": f"sqlite:///{folder / 'gvi.db'}",
        "GVI_TIME_ZONE": "Europe/Stockholm",
        "GVI_SECRET_KEY": SECRET_KEY,
    }


@pytest.fixture
def answer(environ, capsys):
    """Gives what a command prints: `answer("rank", "--top", 3)`."""

    def run(*words):
        assert main([str(w) for w in words], environ=environ, clock=lambda: MONDAY) == 0
        return capsys.readouterr().out

    return run


@pytest.mark.parametrize("score", ["driving", "exposed"])
def test_every_rank_has_an_interval_and_the_same_one_again(answer, score):
    words = ("rank", "--score", score, "--top", 100_000, "--format", "json")

    entries = json.loads(answer(*words))["entries"]

    assert all(1 <= low <= high <= len(entries) for low, high in (e["interval"] for e in entries))
    assert sum(e["interval"][0] <= e["rank"] <= e["interval"][1] for e in entries) > 0.9 * len(
        entries
    )
    assert json.loads(answer(*words))["entries"] == entries


def test_past_lists_are_held_against_what_came_after(answer):
    found = json.loads(answer("backtest", "--every", 90, "--format", "json"))

    assert found["enough"]
    assert found["windows_not_over"] == 1
    assert len(found["windows"]) == 8
    for share in found["shares"].values():
        low, high = share["interval"]
        assert 0 <= low <= share["share"] <= high <= 1
    parts = sum(window["involvements"] for window in found["windows"])
    assert {share["involvements"] for share in found["shares"].values()} == {parts}
    assert found["shares"]["random"]["share"] < found["shares"]["list"]["share"]


def test_the_table_says_what_was_compared_and_never_more(answer):
    table = answer("backtest", "--every", 90, "--days", 180, "--top", 10)

    assert "the driving list" in table
    assert "chance (expected)" in table
    assert "not over yet" in table
    assert "effect" not in table


def test_too_few_incidents_say_nothing(answer):
    table = answer("backtest", "--from", "2025-12-03", "--every", 400)

    assert "too few incidents to say anything" in table
    assert "%" not in table


def test_a_day_that_is_none_is_refused(environ, capsys):
    words = ["backtest", "--from", "2025-W10"]

    assert main(words, environ=environ, clock=lambda: MONDAY) == 2
    assert "year-month-day" in capsys.readouterr().err
