"""Questions a plan cannot answer as they stand, asked of `gvi callin-plan`."""

from datetime import date

import pytest

from tests import factories as make
from tests.conftest import MONDAY


@pytest.fixture
def town(db, programme):
    """Granit of two adults in open conflict with Kajen of one; Både is in both; Tomt has nobody."""
    groups = {n: make.a_group(db, programme, MONDAY, n) for n in ("Granit", "Kajen", "Tomt")}
    make.a_relation(db, MONDAY, groups["Granit"], groups["Kajen"])
    for code_name, of in (
        ("Lom", ("Granit",)),
        ("Alka", ("Granit",)),
        ("Mes", ("Kajen",)),
        ("Både", ("Granit", "Kajen")),
    ):
        person = make.a_person(db, programme, MONDAY, code_name)
        for name in of:
            make.a_membership(db, MONDAY, person, groups[name])
    return groups


pytestmark = pytest.mark.usefixtures("town")


def ruled_by(found):
    return {clash["rule"] for clash in found["clashes"]}


def test_more_seats_to_fill_than_people_leave_the_rest_empty(ask):
    found, status = ask("--size", "4", "--exactly", "--group", "Kajen")

    assert (status, found["nearest"]["empty_seats"]) == (3, 3)
    assert "exactly" in ruled_by(found)


def test_with_everybody_locked_out_nobody_is_proposed(ask):
    names = ("Lom", "Alka", "Både")
    out = [word for name in names for word in ("--exclude", name)]

    found, status = ask("--size", "4", "--group", "Granit", *out)

    assert (found["invitees"], found["status"], status) == ([], "proved_best", 0)
    assert sorted(found["not_reached"]) == sorted(names)


def test_a_group_without_members_has_nobody_to_reach(ask):
    found, status = ask("--size", "4", "--group", "Tomt")
    least, refused = ask("--size", "4", "--least", "Tomt=1")

    assert (found["universe"], found["invitees"], status) == (0, [], 0)
    assert refused == 3
    assert [(clash["rule"], clash["ids"]) for clash in least["clashes"]] == [
        ("min_per_group", ["Tomt"])
    ]


def test_somebody_in_two_groups_in_conflict_sits_alone(ask):
    one_room, status = ask("--size", "4", "--lock", "Både", "--lock", "Lom")
    found, _ = ask("--size", "4", "--sessions", "2", "--lock", "Både", "--lock", "Lom")

    assert (status, ruled_by(one_room)) == (3, {"locked", "conflict"})
    assert ["Både"] in found["sessions"]


def test_a_chance_of_coming_is_set_for_one_person_with_a_reason(ask):
    published, _ = ask("--size", "1", "--lock", "Lom")
    known, _ = ask("--size", "1", "--lock", "Lom", "--chance", "Lom=0.5", "He said so")

    assert known["expected"] == pytest.approx(published["expected"] * 6 * 0.5)


def test_so_many_of_a_group_are_planned_or_the_minimum_is_named(ask):
    found, _ = ask("--size", "4", "--exclude", "Både", "--least", "Granit=2")
    many, status = ask("--size", "4", "--exclude", "Både", "--least", "Granit=3")

    assert {"Alka", "Lom"} <= set(found["invitees"])
    assert status == 3
    assert "min_per_group" in ruled_by(many)
    assert {"Alka", "Lom"} <= set(many["nearest"]["plan"]["invitees"])


@pytest.mark.parametrize(
    "case",
    [
        pytest.param((date(2008, 4, 8), "2026-04-09", True), id="18 since the day before"),
        pytest.param((date(2008, 4, 1), "2026-04-09", True), id="turns 18 before the date"),
        pytest.param((date(2008, 4, 10), "2026-04-09", False), id="18 on the day after"),
        pytest.param((date(2008, 3, 29), "2026-03-28", False), id="the evening the clocks go on"),
        pytest.param((date(2008, 3, 29), "2026-03-29", True), id="the day they have"),
        pytest.param((date(2008, 10, 25), "2026-10-24", False), id="the evening they go back"),
        pytest.param((date(2008, 10, 25), "2026-10-25", True), id="the day they have gone back"),
    ],
)
def test_who_is_18_on_the_local_day_may_be_invited(ask, db, programme, town, case):
    born, on, may_come = case
    person = make.a_person(db, programme, MONDAY, "Ung", birth_date=born)
    make.a_membership(db, MONDAY, person, town["Tomt"])

    found, _ = ask("--size", "1", "--group", "Tomt", "--on", on)

    assert found["invitees"] == (["Ung"] if may_come else [])
