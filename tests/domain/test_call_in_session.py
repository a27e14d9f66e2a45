"""When sessions begin: after one another, and moved together, through every change of the clock."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import example, given
from hypothesis import strategies as st

from gvi.domain.call_in_session import GAP, moved, next_start, too_early

ZONE = ZoneInfo("Europe/Stockholm")
YEARS = {"min_value": datetime(2020, 1, 1), "max_value": datetime(2030, 1, 1)}  # noqa: DTZ001
INSTANTS = st.datetimes(**YEARS, timezones=st.just(UTC)).map(
    lambda each: each.replace(second=0, microsecond=0)
)
LENGTHS = st.integers(1, 600).map(lambda minutes: timedelta(minutes=minutes))


def local(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=ZONE)


def clocks(starts):
    return [f"{each.astimezone(ZONE):%d %H:%M}" for each in starts]


@given(INSTANTS, LENGTHS)
def test_the_next_session_begins_at_a_full_quarter_after_the_gap(start, lasting):
    following = next_start(start, lasting)

    assert timedelta() <= following - (start + lasting + GAP) < timedelta(minutes=15)
    assert following.astimezone(ZONE).minute % 15 == 0
    assert too_early([start, following], lasting) is None


@st.composite
def evenings(draw):
    lasting = draw(LENGTHS)
    starts = [draw(INSTANTS)]
    for pause in draw(st.lists(st.integers(0, 4000), max_size=4)):
        starts.append(starts[-1] + lasting + timedelta(minutes=pause))
    return starts, lasting


@given(evenings(), INSTANTS)
@example(
    ([local(2026, 3, 28, 0, 30), local(2026, 3, 28, 3, 0)], timedelta(minutes=150)),
    local(2026, 3, 29, 0, 30).astimezone(UTC),
)
@example(
    ([local(2026, 10, 24, 17, 30), local(2026, 10, 25, 17, 30)], timedelta(minutes=120)),
    local(2026, 10, 31, 17, 30).astimezone(UTC),
)
def test_sessions_that_are_moved_stay_in_order_and_as_far_apart(evening, to):
    starts, lasting = evening

    new = moved(starts, to, lasting, ZONE)

    assert new[0] == to
    assert len(new) == len(starts)
    assert too_early(new, lasting) is None
    for (one, other), (first, second) in zip(pairwise(starts), pairwise(new), strict=True):
        assert abs((second - first) - (other - one)) <= timedelta(hours=1)


@given(evenings(), INSTANTS)
def test_a_session_keeps_its_hour_unless_that_would_let_two_overlap(evening, to):
    starts, lasting = evening

    new = moved(starts, to, lasting, ZONE)

    step = to.astimezone(ZONE).replace(tzinfo=None) - starts[0].astimezone(ZONE).replace(
        tzinfo=None
    )
    there = [(each.astimezone(ZONE).replace(tzinfo=None) + step) for each in starts[1:]]
    by_clock = [each.replace(tzinfo=ZONE).astimezone(UTC) for each in there]
    if too_early([to, *by_clock], lasting) is None:
        assert list(new[1:]) == by_clock
    else:
        assert {second - first for first, second in zip(starts, new, strict=True)} == {
            to - starts[0]
        }


def test_a_session_on_the_next_evening_keeps_its_hour_when_the_clock_went_back():
    both = [local(2026, 10, 24, 17, 30), local(2026, 10, 25, 17, 30)]

    assert clocks(moved(both, local(2026, 10, 31, 17, 30), timedelta(hours=2), ZONE)) == [
        "31 17:30",
        "01 17:30",
    ]


def test_sessions_in_the_night_the_clock_goes_forward_do_not_overlap():
    both = [local(2026, 3, 28, 0, 30), local(2026, 3, 28, 3, 0)]

    new = moved(both, local(2026, 3, 29, 0, 30), timedelta(minutes=150), ZONE)

    assert clocks(new) == ["29 00:30", "29 04:00"]


def test_a_session_that_begins_too_early_is_named_by_its_number():
    starts = [local(2026, 4, 9, 17, 30), local(2026, 4, 9, 20, 0), local(2026, 4, 9, 21, 0)]

    assert too_early(starts, timedelta(hours=2)) == 3
    assert too_early(starts, timedelta(minutes=60)) is None
