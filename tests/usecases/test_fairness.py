"""Whom lists and contacts fall on: counts by area and age; small ones hidden from the auditor."""

from datetime import date, timedelta

import pytest

from gvi.domain.access import Role
from gvi.domain.errors import NotAllowedError
from gvi.domain.fairness import shares
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


def test_a_number_is_never_hidden_alone():
    hidden = shares({"a": 3, "b": 9, "c": 20, "d": 0}, hide_small=True)

    assert {key: each.number for key, each in hidden.items()} == {
        "a": None,
        "b": None,
        "c": 20,
        "d": 0,
    }
    assert shares({"a": 3}, hide_small=False)["a"].part == 1.0
