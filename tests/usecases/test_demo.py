import pytest
from sqlalchemy import delete, func, select

from gvi.domain.access import Role, Viewer
from gvi.store.models import Group, Identity, Incident, Involvement, Organisation, Person, Tie, User
from gvi.usecases.demo.growth import Size
from gvi.usecases.demo.load import load
from gvi.usecases.ranking import driving
from tests.conftest import MONDAY, ZONE

SMALL = Size(groups=26, people=700, ties=2_000, incidents=600)


@pytest.fixture
def grown(db, operator):
    db.execute(delete(User))
    db.execute(delete(Organisation))
    load(db, operator, at=MONDAY, zone=ZONE, size=SMALL)
    return db


def count(db, model):
    return db.execute(select(func.count()).select_from(model)).scalar_one()


def test_a_grown_town_has_exactly_the_size_asked_for(grown):
    assert count(grown, Group) == SMALL.groups
    assert count(grown, Person) == SMALL.people
    assert count(grown, Tie) == SMALL.ties
    assert count(grown, Incident) == SMALL.incidents
    alone = select(Incident.id).where(~Incident.id.in_(select(Involvement.incident_id)))
    assert len(grown.execute(alone).all()) < SMALL.incidents / 20
    nameless = select(Person.id).where(~Person.id.in_(select(Identity.person_id)))
    assert grown.execute(nameless).first() is None


def test_those_around_the_town_are_ranked_like_its_own(grown, operator):
    analyst = Viewer(
        programme_id=operator.programme_id, user_id=None, role=Role.ANALYST, name="Bo", source=""
    )
    newest = select(Person.id).order_by(Person.id.desc()).limit(150)

    _, found = driving(grown, analyst, MONDAY, ZONE)

    ranked = {entry.person_id for entry in found.entries}
    assert len(ranked & set(grown.execute(newest).scalars())) > 75
