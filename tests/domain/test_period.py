from datetime import UTC, datetime, timedelta

import pytest

from gvi.domain.errors import RuleError
from gvi.domain.period import Period

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
FRIDAY, SUNDAY = MONDAY + timedelta(days=4), MONDAY + timedelta(days=6)


@pytest.mark.parametrize(
    ("one", "other", "overlap"),
    [
        pytest.param((None, None), (MONDAY, FRIDAY), True, id="always holds with everything"),
        pytest.param((MONDAY, None), (FRIDAY, None), True, id="two that still hold"),
        pytest.param((None, FRIDAY), (MONDAY, None), True, id="one begins before the other ends"),
        pytest.param((MONDAY, FRIDAY), (FRIDAY, SUNDAY), False, id="they only meet"),
        pytest.param((None, MONDAY), (FRIDAY, None), False, id="days between"),
    ],
)
def test_two_periods_overlap_when_both_hold_at_some_moment(one, other, overlap):
    assert Period(*one).overlaps(Period(*other)) is overlap
    assert Period(*other).overlaps(Period(*one)) is overlap


@pytest.mark.parametrize("until", [MONDAY, MONDAY - timedelta(days=1)], ids=["at once", "before"])
def test_a_period_ends_after_it_begins(until):
    with pytest.raises(RuleError) as refused:
        Period(MONDAY, until).check()

    assert refused.value.field == "valid_to"


@pytest.mark.parametrize("period", [Period(None, MONDAY), Period(MONDAY, None)])
def test_an_open_period_is_right(period):
    assert period.check() is None
