"""Whoever a person is and wherever things happened: no score changes by it."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from gvi.domain.access import Role
from gvi.store.models import Group, Identity, Incident, Person, PersonAlias
from gvi.usecases.ranking import driving, exposed
from tests.conftest import MONDAY, ZONE
from tests.factories import (
    a_group,
    a_membership,
    a_person,
    a_relation,
    a_tie,
    an_incident,
    an_involvement,
)


@pytest.fixture
def police(viewer):
    return viewer(Role.COORDINATOR_POLICE)


@pytest.fixture
def town(police, db, programme):
    people = [a_person(db, programme, MONDAY, name, name=f"{name} Ek") for name in ("Lom", "Gös")]
    granit, lotsen = (a_group(db, programme, MONDAY, name) for name in ("Granit", "Lotsen"))
    a_membership(db, MONDAY, people[0], granit)
    a_membership(db, MONDAY, people[1], lotsen)
    a_relation(db, MONDAY, granit, lotsen)
    a_tie(db, MONDAY, *people)
    for days, role in ((3, "suspect"), (200, "victim")):
        for person in people:
            incident = an_incident(db, programme, MONDAY - timedelta(days=days))
            an_involvement(db, incident, person, role)
    return people


def scores(db, viewer):
    lists = [ask(db, viewer, MONDAY, ZONE)[1].entries for ask in (driving, exposed)]
    return [[(entry.person_id, entry.rank, entry.parts) for entry in found] for found in lists]


CHANGES = {
    "sex": lambda: update(Person).values(sex="female"),
    "area of people": lambda: update(Person).values(area="Norr"),
    "protected identity": lambda: update(Person).values(is_protected=True),
    "exit programme": lambda: update(Person).values(is_exit_client=True),
    "older than 18 or much older": lambda: update(Person).values(
        birth_date=MONDAY.date() - timedelta(days=60 * 365)
    ),
    "place of incidents": lambda: update(Incident).values(
        place="Torget", area="Norr", latitude=59.0, longitude=18.0, summary="at the mosque"
    ),
    "names of groups": lambda: update(Group).values(area="Norr"),
}


@pytest.mark.parametrize("what", CHANGES)
def test_changing_it_changes_no_score(db, police, town, what):
    before = scores(db, police)
    assert all(before), "both lists hold somebody"
    db.execute(CHANGES[what]().execution_options(synchronize_session=False))

    assert scores(db, police) == before


def test_another_name_changes_no_score(db, police, town):
    before = scores(db, police)
    for identity in db.scalars(select(Identity)):
        identity.name = "Another Name"
    db.add(PersonAlias(person_id=town[0].id, alias="Nicke"))
    db.flush()

    assert scores(db, police) == before
