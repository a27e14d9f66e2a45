"""Signs in the log: each rule just below and just above its threshold."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from gvi.domain.anomaly import AnomalyKind, Ground, Look, signs

ZONE = ZoneInfo("Europe/Stockholm")
MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=ZONE).astimezone(UTC)
DAY = timedelta(days=1)


def look(entry: int = 1, at: datetime = MONDAY, people=(7,), **given) -> Look:
    usual = {
        "entry": entry,
        "at": at,
        "user_id": 3,
        "actor": "Åsa Öberg",
        "role": "outreach",
        "verb": "consulted",
        "kind": "person:read",
        "people": frozenset(people),
    }
    return Look(**{**usual, **given})


def found(*looks: Look, since: date = date(2026, 1, 1), **ground) -> list[AnomalyKind]:
    known = Ground(everybodys=frozenset(range(1000)), **ground)
    return [sign.kind for sign in signs(looks, known, since=since, zone=ZONE)]


def test_many_people_in_a_day_and_hour_against_ones_own_median():
    usual = [look(n, MONDAY - n * 7 * DAY, range(30)) for n in range(1, 6)]

    assert found(*usual, look(9, people=range(59))) == []
    assert found(*usual, look(9, people=range(90))) == []
    assert found(*usual, look(9, people=range(91))) == [AnomalyKind.MANY_IN_AN_HOUR]
    assert set(found(*usual, look(9, people=range(100)))) == {
        AnomalyKind.MANY_IN_A_DAY,
        AnomalyKind.MANY_IN_AN_HOUR,
    }
    often = [replace(each, people=frozenset(range(100))) for each in usual]
    assert found(*often, look(9, people=range(200)), since=date(2026, 3, 1)) == []


def test_the_same_person_seen_often_is_one_person():
    assert found(*(look(n, people=range(50)) for n in range(1, 9))) == []


def test_the_page_of_a_namesake_with_many_around_is_opened_too():
    pair = frozenset({(3, 7)})
    assert found(look(people=range(20), asked=7), own_names=pair) == [AnomalyKind.OWN_NAME]
    assert found(look(people=range(20), asked=8), own_names=pair) == []


def test_a_namesake_that_is_opened_but_not_one_in_a_list():
    pair = frozenset({(3, 7)})
    assert found(look(), own_names=pair) == [AnomalyKind.OWN_NAME]
    assert found(look(), own_areas=pair) == [AnomalyKind.OWN_AREA]
    assert found(look(people=range(2, 8)), own_names=pair) == []
    assert found(look(user_id=4), own_names=pair) == []
    assert found(look(verb="access", kind="page:refused"), own_names=pair) == []


@pytest.mark.parametrize(
    ("local", "expected"),
    [
        ("2026-03-02T05:59", [AnomalyKind.OUT_OF_HOURS]),
        ("2026-03-02T06:00", []),
        ("2026-03-02T20:59", []),
        ("2026-03-02T21:00", [AnomalyKind.OUT_OF_HOURS]),
        ("2026-03-07T12:00", [AnomalyKind.OUT_OF_HOURS]),
    ],
)
def test_out_of_hours_is_judged_by_the_local_clock(local, expected):
    at = datetime.fromisoformat(local).replace(tzinfo=ZONE).astimezone(UTC)
    assert found(look(at=at)) == expected


def test_whoever_always_works_late_does_nothing_unusual():
    late = [look(n, MONDAY + timedelta(days=n, hours=13)) for n in range(4)]
    day = [look(9 + n, MONDAY - n * DAY) for n in (3, 4, 5)]
    assert found(*late, *day) == []


def test_five_refusals_in_a_day():
    refused = [look(n, verb="access", kind="page:refused") for n in range(1, 6)]
    assert found(*refused[:4]) == []
    assert found(*refused) == [AnomalyKind.DENIED]


def test_a_counter_that_went_backwards():
    assert found(look(1, verb="access", kind="passkey:used")) == []
    back = look(1, verb="access", kind="passkey:counted_back")
    assert found(back) == [AnomalyKind.PASSKEY_COPIED]


def test_every_access_beyond_the_role_is_a_sign_of_its_own():
    looks = [
        look(n, verb="access", kind=kind)
        for n, kind in ((1, "access:granted"), (2, "access:break_glass"), (3, "access:ended"))
    ]
    given = signs(looks, Ground(), since=date(2026, 1, 1), zone=ZONE)
    assert [sign.kind for sign in given] == [AnomalyKind.ACCESS_BEYOND] * 2
    assert len({sign.key for sign in given}) == 2


def test_a_look_without_a_task():
    def without(looks, **ground):
        known = Ground(**ground)
        return [s.kind for s in signs(looks, known, since=date(2026, 1, 1), zone=ZONE)]

    assert without([look()]) == [AnomalyKind.NO_TASK]
    assert without([look()], tasks=frozenset({(3, 7)})) == []
    assert without([look()], tasks=frozenset({(4, 7)})) == [AnomalyKind.NO_TASK]
    assert without([look()], everybodys=frozenset({7})) == []
    assert without([look(), look(2, verb="changed", kind="tie:added")]) == []
    analyst = [look(n, people=(n,), role="analyst") for n in range(1, 11)]
    assert without(analyst[:9]) == []
    assert without(analyst) == [AnomalyKind.NO_TASK]
