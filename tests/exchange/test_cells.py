from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gvi.domain.exchange import INCIDENTS, PERSONS, SUPERVISIONS, TIES, Column, tidy
from gvi.exchange.cells import CellError, readers, writers

STOCKHOLM = ZoneInfo("Europe/Stockholm")


def column(layout, name) -> Column:
    return layout.columns[layout.places[name]]


def read(text, layout=TIES, name="valid_from", zone=STOCKHOLM):
    return readers([column(layout, name)], zone)[0](text)


def write(value, layout=TIES, name="valid_from", zone=STOCKHOLM):
    return writers([column(layout, name)], zone)[0](value)


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        pytest.param(
            "2026-03-02", datetime(2026, 3, 1, 23, tzinfo=UTC), id="bare date, 00:00 here"
        ),
        pytest.param("2026-07-01", datetime(2026, 6, 30, 22, tzinfo=UTC), id="bare date in summer"),
        pytest.param("2026-03-02T14:30", datetime(2026, 3, 2, 13, 30, tzinfo=UTC), id="local time"),
        pytest.param(
            "2026-03-02 14:30", datetime(2026, 3, 2, 13, 30, tzinfo=UTC), id="with a space"
        ),
        pytest.param("2026-03-02T14:30Z", datetime(2026, 3, 2, 14, 30, tzinfo=UTC), id="in UTC"),
        pytest.param(
            "2026-03-02T14:30-05:00", datetime(2026, 3, 2, 19, 30, tzinfo=UTC), id="offset"
        ),
    ],
)
def test_times_are_read_in_the_programmes_zone(text, instant):
    assert read(text) == instant


@pytest.mark.parametrize(
    ("text", "suggestion"),
    [
        pytest.param("2026-02-30", "2026-02-28", id="a day that is not there"),
        pytest.param("2026/3/2", "2026-03-02", id="slashes"),
        pytest.param("2026-03-02T25:00", None, id="an hour that is not there"),
        pytest.param("31.12.2025", "2025-12-31", id="day first, certain"),
        pytest.param("3/4/2026", None, id="day or month first, nobody knows"),
        pytest.param("2026-13-01", None, id="a month that is not there"),
        pytest.param("0026-03-02", None, id="a year that cannot be meant"),
        pytest.param("0001-01-01", None, id="before all time zones"),
        pytest.param("9999-12-31T23:59Z", None, id="after all time zones"),
        pytest.param("igår", None, id="a word"),
        pytest.param("2026-W10-1", None, id="a day of a week"),
        pytest.param("2026-W10", None, id="a week"),
        pytest.param("2026-061", None, id="a day of the year"),
        pytest.param("20260302", "2026-03-02", id="without hyphens"),
        pytest.param("20260302T1430", None, id="without hyphens and colon"),
        pytest.param("2026-02-30T14:30", None, id="a time on a day that is not there"),
        pytest.param("2026-03-02T14", None, id="an hour without minutes"),
        pytest.param("2026-03-02x14:30", None, id="a strange letter between"),
    ],
)
def test_impossible_times_are_refused_with_the_right_way_to_write_them(text, suggestion):
    with pytest.raises(CellError) as refusal:
        read(text)

    assert refusal.value.suggestion
    assert refusal.value.params.get("instead") == suggestion


def test_a_birth_date_is_a_day_without_a_time():
    assert read("1998-05-17", PERSONS, "birth_date") == date(1998, 5, 17)
    with pytest.raises(CellError):
        read("1998-05-17T12:00", PERSONS, "birth_date")


@pytest.mark.parametrize("text", ["1998-W20-7", "19980517", "1998-137"])
def test_a_birth_date_is_written_in_one_way_only_and_the_refusal_says_which(text):
    with pytest.raises(CellError) as refusal:
        read(text, PERSONS, "birth_date")

    said = refusal.value.suggestion % refusal.value.params
    assert "year-month-day, for example 2026-03-02" in said or "Write 1998-05-17" in said


def test_offsets_are_read_as_programs_write_them():
    at = datetime(2026, 3, 2, 13, 30, tzinfo=UTC)

    for offset in ("+01", "+0100", "+01:00"):
        assert read(f"2026-03-02 14:30:00{offset}") == at
    assert read("2026-03-02T14:30:00.000000+01:00") == at


@pytest.mark.parametrize("text", ["-1", "0", "5.1", "nan", "inf", "1e400", "1_0", "två", "٣"])
def test_a_strength_outside_its_range_is_refused(text):
    with pytest.raises(CellError):
        read(text, TIES, "strength")


@pytest.mark.parametrize(
    ("text", "number"), [("5", 5.0), ("0,5", 0.5), (".25", 0.25), ("1e-3", 0.001)]
)
def test_a_strength_may_have_a_decimal_comma(text, number):
    assert read(text, TIES, "strength") == number


def test_degrees_outside_the_globe_are_refused():
    assert read("-15.2", INCIDENTS, "longitude") == -15.2
    with pytest.raises(CellError):
        read("115.2", INCIDENTS, "latitude")


def test_a_misspelt_code_is_refused_with_the_nearest_one():
    with pytest.raises(CellError) as refusal:
        read("Co-offending", TIES, "kind")

    assert refusal.value.params["nearest"] == "co_offending"


@pytest.mark.parametrize(
    ("text", "flag"), [("true", True), ("Yes", True), ("1", True), ("no", False), ("0", False)]
)
def test_flags_are_read_in_the_usual_spellings(text, flag):
    assert read(text, SUPERVISIONS, "obliges_attendance") is flag


def test_a_day_is_written_as_a_day_and_anything_else_with_its_offset():
    assert write(read("2026-03-02")) == "2026-03-02"
    assert write(read("2026-03-02T14:30")) == "2026-03-02T14:30:00+01:00"
    assert write(None) == ""


def test_the_hour_that_comes_twice_is_told_apart():
    summer, winter = read("2026-10-25T02:30+02:00"), read("2026-10-25T02:30+01:00")

    assert summer != winter
    assert {read(write(summer)), read(write(winter))} == {summer, winter}


@pytest.mark.parametrize("zone", ["Europe/Stockholm", "America/Sao_Paulo", "Asia/Beirut"])
@given(instant=st.datetimes(datetime(1930, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_every_instant_is_read_back_as_it_was_written(instant, zone):
    local = ZoneInfo(zone)

    assert read(write(instant, zone=local), zone=local) == instant


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"])))
def test_every_text_is_read_back_as_it_was_written(text):
    written = write(text, PERSONS, "name").strip()

    assert not written.startswith(("=", "+", "-", "@"))
    assert (read(written, PERSONS, "name") if written else "") == tidy(text)


@given(st.floats(min_value=1e-6, max_value=5))
def test_every_strength_is_read_back_as_it_was_written(strength):
    assert read(write(strength, TIES, "strength"), TIES, "strength") == strength
