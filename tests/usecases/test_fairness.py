"""Whom lists and contacts fall on: counts by area and age; small ones hidden from the auditor."""

from datetime import date, timedelta
from functools import cache
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gvi.domain.access import Role
from gvi.domain.errors import NotAllowedError
from gvi.domain.fairness import SMALL, shares
from gvi.store.engine import reading, transaction
from gvi.store.wall import wall_of
from gvi.usecases.fairness import disparity
from tests.conftest import MONDAY, ZONE
from tests.factories import a_call_in, a_person, an_incident, an_invitee, an_involvement

A, P, D = Role.ANALYST, Role.COORDINATOR_POLICE, Role.AUDITOR


@pytest.fixture
def town(engine, programme):
    """In Norr seven of 20 suspected of group violence, in Söder six of 30, one of them long ago."""
    with transaction(engine) as db:
        for number in range(13):
            north = number < 7
            person = a_person(
                db,
                programme,
                MONDAY,
                f"Fågel {number}",
                area="Norr" if north else "Söder",
                birth_date=date(2005, 6, 1) if north else date(1995, 6, 1),
            )
            day = MONDAY - timedelta(days=500 if number == 12 else 20)
            gmi = "confirmed" if number != 11 else "unknown"
            incident = an_incident(db, programme, day, gmi=gmi)
            an_involvement(db, incident, person)
            if number < 2:
                held = a_call_in(db, programme, MONDAY - timedelta(days=30))
                an_invitee(db, held, person, status="attended")


def read(engine, viewer):
    with reading(engine, wall=wall_of(viewer)) as db:
        return disparity(db, viewer, MONDAY, ZONE)


def told(rows, column):
    return {key: row[column].number for key, row in rows.items()}


@pytest.mark.parametrize("role", [A, P])
def test_shares_of_the_list_stand_beside_shares_of_group_violence(engine, viewer, town, role):
    found = read(engine, viewer(role))

    assert told(found.areas, "listed") == {"Norr": 7, "Söder": 6}
    assert told(found.areas, "violence") == {"Norr": 7, "Söder": 4}, "known, and of the last year"
    assert told(found.areas, "invited") == {"Norr": 2, "Söder": 0}
    assert told(found.ages, "listed") == {"18_20": 7, "30_39": 6}
    assert found.areas["Norr"]["violence"].part == 7 / 11
    assert "top_20" in found.columns


def test_the_auditor_is_told_no_rank_and_no_small_number(engine, viewer, town):
    found = read(engine, viewer(D))

    assert told(found.areas, "listed") == {"Norr": 7, "Söder": 6}
    assert told(found.areas, "violence") == {"Norr": None, "Söder": None}, "4, and what tells it"
    assert told(found.areas, "invited")["Norr"] is None
    assert not any(name.startswith("top_") for name in found.columns)


@pytest.mark.parametrize("role", [role for role in Role if role not in (A, P, D)])
def test_nobody_else_reads_it(engine, viewer, town, role):
    with pytest.raises(NotAllowedError):
        read(engine, viewer(role))


def test_a_small_number_and_a_zero_are_hidden_alike_and_never_alone():
    areas, ages = shares({"a": 3, "b": 9, "c": 20, "d": 0}, {"x": 12, "y": 20}, hide_small=True)

    assert {key: each.number for key, each in areas.items()} == {
        "a": None,
        "b": None,
        "c": 20,
        "d": None,
    }
    assert {each.part for each in (*areas.values(), *ages.values())} == {None}, "no whole is told"
    assert shares({"a": 3}, hide_small=False)[0]["a"].part == 1.0
    assert shares({"a": 6, "b": 6}, {"x": 12}, hide_small=True)[0]["a"].part == 0.5


def test_two_ones_beside_twenty_are_not_told_through_the_other_table():
    areas, ages = shares({"a": 1, "b": 1, "c": 20}, {"x": 22}, hide_small=True)

    assert [each.number for each in areas.values()] == [None, None, None]
    assert [(each.number, each.part) for each in ages.values()] == [(22, None)]
    few = shares({"a": 9}, {"x": 5, "y": 4}, hide_small=True)
    assert [each.number for table in few for each in table.values()] == [None] * 3


counted = st.lists(st.integers(0, 9) | st.integers(0, 40), min_size=1, max_size=6)


@st.composite
def the_same_counted_twice(draw):
    """Two tables with one total, as the two of a column are."""
    first = draw(counted)
    cuts = sorted(draw(st.lists(st.integers(0, sum(first)), max_size=5)))
    second = [b - a for a, b in pairwise([0, *cuts, sum(first)])]
    return first, second


@cache
def can_make(cells, together, most):
    """Tell whether some cells, none above `most`, can come to a sum."""
    if not cells:
        return together == 0
    return any(can_make(cells - 1, together - n, most) for n in range(min(most, together) + 1))


@given(the_same_counted_twice())
def test_nobody_can_work_out_a_number_below_five(counts):
    """Even who knows the whole and that the smallest are hidden is left with several values."""
    told = shares(
        *({str(key): n for key, n in enumerate(each)} for each in counts), hide_small=True
    )

    shown = [[share.number for share in table.values()] for table in told]
    every = [number for table in shown for number in table]
    assert all(number is None or number >= SMALL for number in every)
    wholes = {share.whole for table in told for share in table.values()}
    assert wholes == ({None} if None in every else {sum(counts[0])})
    if set(every) == {None}:
        return
    for table, numbers in zip(shown, counts, strict=True):
        hidden = [n for n, said in zip(numbers, table, strict=True) if said is None]
        if not hidden:
            continue
        together = sum(hidden)
        most = min([together, *(said for said in table if said is not None)])
        possible = [n for n in range(most + 1) if can_make(len(hidden) - 1, together - n, most)]
        assert len(possible) > 1
        assert together >= 2 * SMALL
