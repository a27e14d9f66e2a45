"""What a rank hangs on: sources, records and kinds, as the viewer may know them."""

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import delete

from gvi.domain.access import Role
from gvi.domain.errors import NotAllowedError, NotFoundError, RuleError
from gvi.network.leave_out import rank_without
from gvi.store.models import Organisation, User
from gvi.usecases.demo.load import load
from gvi.usecases.policy import in_force
from gvi.usecases.ranking import driving, exposed
from gvi.usecases.what_if import what_if
from tests.conftest import MONDAY, ZONE
from tests.factories import a_person, a_tie, an_incident, an_involvement


@pytest.fixture
def police(viewer):
    return viewer(Role.COORDINATOR_POLICE)


@pytest.fixture
def lom(db, programme):
    """First of three for a homicide one informant speaks of; two others stabbed somebody."""
    people = [a_person(db, programme, MONDAY, name) for name in ("Lom", "Mes", "Sik")]
    homicide = an_incident(db, programme, MONDAY, "homicide", source="Informant 7")
    an_involvement(db, homicide, people[0], "suspect", source="Informant 7")
    for person in people:
        stabbing = an_incident(db, programme, MONDAY, "stabbing", source="Report 12")
        certainty = "possible" if person is people[0] else "confirmed"
        an_involvement(db, stabbing, person, "convicted", certainty=certainty, source="Report 12")
    a_tie(db, MONDAY, people[0], people[1], kind="friend", source="Report 12")
    return people[0]


def named(found):
    return {each.name: each.rank for each in found}


def test_each_source_record_and_kind_is_left_out_in_turn(db, police, lom):
    found = what_if(db, police, MONDAY, ZONE, lom.id, top=1)

    assert found.rank == 1
    assert named(found.sources) == {"Informant 7": 3, "Report 12": 1}
    assert found.sources[0].name == "Informant 7"
    assert named(found.kinds) == {"homicide": 3, "stabbing": 1, "friend": 1}
    first = found.records[0]
    assert (first.rank, len(first.left_out.involvements)) == (3, 1)
    assert (found.smallest.records, found.smallest.rank, found.smallest.proved) == (1, 3, True)


def test_a_source_the_viewer_may_not_read_is_not_named(db, programme, police):
    doer = a_person(db, programme, MONDAY, "Lom")
    incident = an_incident(db, programme, MONDAY, "homicide", source="Informant 7")
    an_involvement(db, incident, doer, "convicted", source="Informant 7")
    an_involvement(db, incident, doer, "present", compartment="social", source="A colleague")

    found = what_if(db, police, MONDAY, ZONE, doer.id)

    assert {each.name for each in found.sources} == {"Informant 7"}


def test_somebody_not_listed_is_not_explained(db, programme, police):
    bystander = a_person(db, programme, MONDAY, "Lom")

    with pytest.raises(RuleError):
        what_if(db, police, MONDAY, ZONE, bystander.id)
    with pytest.raises(NotFoundError):
        what_if(db, police, MONDAY, ZONE, bystander.id + 1)


def test_roles_without_scores_are_told_nothing(db, viewer, lom):
    with pytest.raises(NotAllowedError):
        what_if(db, viewer(Role.OUTREACH), MONDAY, ZONE, lom.id)


def test_a_tie_that_a_rank_hangs_on_has_the_ranked_person_at_one_end(db, programme, police, lom):
    """So that its line always leads to somebody who is no child: nobody under 18 is ranked."""
    children = [
        a_person(db, programme, MONDAY, name, birth_date=date(2010, 1, 1)) for name in ("Ry", "Ål")
    ]
    between = a_tie(db, MONDAY, *children, source="Report 12")
    own = [a_tie(db, MONDAY, lom, child, source="Report 12") for child in children]
    fight = an_incident(db, programme, MONDAY, "stabbing")
    for child in children:
        an_involvement(db, fight, child, "suspect")

    an_involvement(db, fight, lom, "victim", certainty="possible")

    for score in ("driving", "exposed"):
        found = what_if(db, police, MONDAY, ZONE, lom.id, score=score)
        records = [*found.records, *found.sources]
        ties = {tie for each in found.records for tie in each.left_out.ties}
        assert {each.id for each in own} <= ties
        assert between.id not in {tie for each in records for tie in each.left_out.ties}
        if found.smallest:
            assert between.id not in found.smallest.left_out.ties


@pytest.mark.parametrize("ask", [driving, exposed])
def test_in_the_invented_town_every_rank_is_that_of_ranking_everybody_anew(db, operator, ask):
    """The slow way: facts made without the records, and the whole list summed up from them."""
    db.execute(delete(User))
    db.execute(delete(Organisation))
    load(db, operator, at=MONDAY, zone=ZONE)
    analyst = replace(operator, role=Role.ANALYST)
    known, listed = ask(db, analyst, MONDAY, ZONE)
    policy, score = in_force(db, analyst), ask.__name__
    first, middle = listed.entries[0], listed.entries[len(listed.entries) // 2]

    for entry in (first, middle):
        found = what_if(db, analyst, MONDAY, ZONE, entry.person_id, score=score)

        assert found.rank == entry.rank
        few = [*found.records[::8], *found.sources, *found.kinds]
        assert len(few) > 5
        for each in few:
            slowly = rank_without(known, policy, entry.person_id, each.left_out, score=score)
            assert (each.name, each.rank) == (each.name, slowly)
