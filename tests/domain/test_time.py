from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from gvi.domain.time import read_as_of, read_day, read_instant

ZONE = ZoneInfo("Europe/Stockholm")
EASILY_MISREAD = [
    "2026-W47",
    "2026-W47-1",
    "2026-325",
    "20260302",
    "2026-3-2",
    "1772409600",
    "2026-02-30",
    "２０２６-03-02",  # noqa: RUF001
    "2026-03-02 ",
    "",
]


def is_refused(read, *given) -> bool:
    try:
        read(*given)
    except ValueError:
        return True
    return False


@pytest.mark.parametrize("text", EASILY_MISREAD)
def test_a_week_a_number_or_another_spelling_is_no_day(text):
    assert is_refused(read_day, text)
    assert is_refused(read_as_of, text, ZONE)


@pytest.mark.parametrize("text", [*(f"{day}T14:30" for day in EASILY_MISREAD), "2026-03-02"])
def test_nor_is_it_with_a_time(text):
    assert is_refused(read_instant, text, ZONE)


def test_a_day_alone_is_its_end_and_a_time_is_local_unless_it_says_otherwise():
    assert read_day("2026-03-02") == date(2026, 3, 2)
    assert read_as_of("2026-03-02", ZONE) == datetime(2026, 3, 2, 22, 59, 59, 999999, tzinfo=UTC)
    assert read_as_of("2026-03-02T14:30", ZONE) == datetime(2026, 3, 2, 13, 30, tzinfo=UTC)
    assert read_as_of("2026-03-02 14:30Z", ZONE) == datetime(2026, 3, 2, 14, 30, tzinfo=UTC)


def test_a_time_before_all_times_is_none():
    assert is_refused(read_as_of, "0001-01-01T00:00+14:00", ZONE)
