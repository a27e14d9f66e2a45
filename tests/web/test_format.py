from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from gvi.web.format import (
    Due,
    Manner,
    adding_up,
    say_count,
    say_date,
    say_days,
    say_due,
    say_full,
    say_known,
    say_number,
    say_ordinal,
    say_since,
    say_time,
    say_week,
    sentence_start,
)

STOCKHOLM = ZoneInfo("Europe/Stockholm")
NOW = datetime(2026, 3, 2, 8, 31, tzinfo=STOCKHOLM)


def manner(language: str = "en", now: datetime = NOW) -> Manner:
    return Manner(language, STOCKHOLM, now)


@pytest.mark.parametrize(
    ("day", "english", "swedish"),
    [
        pytest.param(date(2026, 3, 2), "today", "i dag", id="today"),
        pytest.param(date(2026, 3, 3), "Tue 3 Mar", "tis 3 mars", id="this year"),
        pytest.param(date(2025, 11, 14), "14 Nov 2025", "14 nov 2025", id="another year"),
        pytest.param(None, "", "", id="no day"),
    ],
)
def test_days_are_said_as_people_say_them(day, english, swedish):
    assert say_date(day, manner()) == english
    assert say_date(day, manner("sv")) == swedish


def test_an_instant_is_said_in_the_towns_own_time():
    late = datetime(2026, 3, 1, 23, 30, tzinfo=UTC)  # half past midnight in Stockholm

    assert say_time(late, manner()) == "today 00:30"
    assert say_full(late, manner("sv")) == "mån 2 mars 2026 00:30"


def test_summer_time_is_kept():
    assert say_time(datetime(2026, 7, 1, 12, tzinfo=UTC), manner()) == "Wed 1 Jul 14:00"


def test_the_end_of_a_day_is_known_as_the_day():
    end = datetime(2026, 1, 21, 23, 59, 59, 999999, tzinfo=STOCKHOLM)

    assert say_known(end, manner()) == "Wed 21 Jan 2026"
    assert say_known(NOW, manner()) == "Mon 2 Mar 2026 08:31"


def test_weeks_are_numbered_as_in_sweden():
    assert say_week(date(2026, 3, 2), manner()) == "v. 10"
    assert say_week(date(2027, 1, 1), manner()) == "v. 53"


@pytest.mark.parametrize(
    ("ago", "said"),
    [
        (timedelta(seconds=-5), "0 min"),
        (timedelta(minutes=40), "40 min"),
        (timedelta(hours=16), "16 h"),
        (timedelta(days=9), "9 d"),
    ],
)
def test_silence_is_said_short(ago, said):
    assert say_since(NOW - ago, manner()) == said


@pytest.mark.parametrize(
    ("due", "sign"),
    [
        pytest.param(date(2026, 2, 27), Due("red", "3 days late"), id="late"),
        pytest.param(date(2026, 3, 1), Due("red", "1 day late"), id="late since yesterday"),
        pytest.param(NOW - timedelta(minutes=1), Due("red", "Late, today 08:30"), id="just missed"),
        pytest.param(NOW + timedelta(hours=6), Due("yellow", "Today 14:31"), id="later today"),
        pytest.param(date(2026, 3, 2), Due("yellow", "Today"), id="some time today"),
        pytest.param(date(2026, 3, 3), Due("open", "Tue 3 Mar"), id="tomorrow"),
        pytest.param(None, Due("unknown", "No date"), id="no date"),
    ],
)
def test_a_due_date_is_a_sign_with_its_words(due, sign):
    assert say_due(due, manner()) == sign


def test_swedish_lateness():
    assert say_due(date(2026, 2, 27), manner("sv")) == Due("red", "3 dagar sen")
    assert say_days(14, manner("sv")) == "14 dagar"


def test_numbers_have_one_decimal_and_the_languages_own_comma():
    assert say_number(80.44, manner()) == "80.4"
    assert say_number(80.44, manner("sv")) == "80,4"
    assert say_number(0.0, manner("sv")) == "0"
    assert say_number(None, manner("sv")) == "okänt"
    assert say_number(12.4, manner(), decimals=0) == "12"


def test_parts_shown_add_up_to_the_sum_shown():
    parts = {"own": 263.04, "near": 34.24, "far": 8.14, "group": 3.68}

    shown = adding_up(parts)

    assert round(sum(shown.values()), 1) == 309.1
    assert all(abs(shown[key] - parts[key]) < 0.1 for key in parts)
    assert adding_up({}) == {}
    assert adding_up({"own": 2.04, "near": 0.0}, total=1.9) == {"own": 1.9, "near": 0.0}


def test_counts_stand_with_thousands_apart():
    assert say_count(1528, manner()) == "1,528"
    assert say_count(1528, manner("sv")) == "1\xa0528"


def test_places_in_a_row():
    assert [say_ordinal(n, manner()) for n in (1, 2, 3, 4, 11, 22)] == [
        "1st", "2nd", "3rd", "4th", "11th", "22nd",
    ]  # fmt: skip
    assert [say_ordinal(n, manner("sv")) for n in (1, 2, 3, 12, 21)] == [
        "1:a", "2:a", "3:e", "12:e", "21:a",
    ]  # fmt: skip


def test_a_sentence_starts_with_a_capital_and_keeps_the_rest():
    assert sentence_start("öppen konflikt med Granit") == "Öppen konflikt med Granit"
    assert sentence_start("") == ""
