"""What is done after a day changes no list as of it, whatever the act: a list is what was known."""

from datetime import date, timedelta
from types import SimpleNamespace

import pytest

from gvi.domain.access import Role
from gvi.domain.correction import Disputed, DisputedScore
from gvi.domain.grading import Certainty
from gvi.domain.group import GroupStatus, RelationKind
from gvi.domain.incident import Gmi, IncidentStatus, InvolvementRole
from gvi.domain.membership import MembershipRole
from gvi.domain.risk import RiskColour
from gvi.domain.supervision import SupervisionKind
from gvi.domain.tie import TieKind
from gvi.network.interval import driving_intervals, exposed_intervals
from gvi.network.ranking import most_exposed, most_violence_driving
from gvi.store.engine import transaction
from gvi.store.facts import facts
from gvi.store.models import Person
from gvi.usecases import correction, group, group_relation, incident, membership, risk, supervision
from gvi.usecases import person as people
from gvi.usecases import tie as ties
from gvi.usecases.facts import Provenance
from gvi.usecases.policy import in_force
from gvi.usecases.what_if import what_if
from tests import factories as make
from tests.conftest import MONDAY, ZONE

DAY = timedelta(days=1)
LATER = MONDAY + 7 * DAY
BEFORE = MONDAY - 90 * DAY
GIVEN = Provenance(source="a later report", ground="mapping", grade="B2")
SURE = Certainty.CONFIRMED
WHY = {"reason": "known by now", "at": LATER}


@pytest.fixture
def police(viewer):
    return viewer(Role.COORDINATOR_POLICE)


@pytest.fixture
def town(db, programme):
    """Lom shot and Alka was hit; they are tied, and in groups that are in open conflict."""
    lom, alka, mes = (make.a_person(db, programme, MONDAY, n) for n in ("Lom", "Alka", "Mes"))
    granit, kajen = (make.a_group(db, programme, MONDAY, name) for name in ("Granit", "Kajen"))
    shooting = make.an_incident(db, programme, BEFORE, gmi="likely")
    hit = make.an_incident(db, programme, BEFORE + DAY, "stabbing")
    return SimpleNamespace(
        lom=lom,
        alka=alka,
        granit=granit,
        shooting=shooting,
        member=make.a_membership(db, MONDAY, lom, granit, role="leader"),
        rival=make.a_membership(db, MONDAY, alka, kajen, role="member"),
        other=make.a_membership(db, MONDAY, mes, granit, role="member"),
        conflict=make.a_relation(db, MONDAY, granit, kajen),
        tie=make.a_tie(db, MONDAY, lom, mes, kind="friend"),
        shot=make.an_involvement(db, shooting, lom, "suspect"),
        victim=make.an_involvement(db, shooting, alka, "victim"),
        stabbed=make.an_involvement(db, hit, mes, "suspect"),
    )


def lists(db, viewer, at):
    """Both lists with their intervals as of an instant, and what the first rank hangs on."""
    known, policy = facts(db, viewer, at, ZONE), in_force(db, viewer)
    driving = most_violence_driving(known, policy)
    return (
        driving,
        most_exposed(known, policy),
        driving_intervals(known, policy, seed=1, draws=20),
        exposed_intervals(known, policy, seed=1, draws=20),
        what_if(db, viewer, at, ZONE, driving.entries[0].person_id),
    )


def _log(db, who, town):
    what = incident.What(kind="homicide", occurred_at=BEFORE, place="Torget")
    part = incident.Who(person_id=town.alka.id, role=InvolvementRole.CONVICTED, certainty=SURE)
    incident.log_incident(db, who, what, given=GIVEN, at=LATER, involved=[part])


def _join(db, who, town):
    membership.add_membership(
        db,
        who,
        person_id=town.alka.id,
        group_id=town.granit.id,
        role=MembershipRole.LEADER,
        certainty=SURE,
        valid_from=BEFORE,
        given=GIVEN,
        at=LATER,
    )


def _tie(db, who, town):
    ties.add_tie(
        db,
        who,
        person_a_id=town.lom.id,
        person_b_id=town.alka.id,
        kind=TieKind.CO_OFFENDING,
        certainty=SURE,
        valid_from=BEFORE,
        given=GIVEN,
        at=LATER,
    )


def _correct_membership(db, who, town):
    membership.correct_membership(
        db,
        who,
        town.member.id,
        role=MembershipRole.ASSOCIATE,
        certainty=Certainty.POSSIBLE,
        valid_from=BEFORE - 300 * DAY,
        valid_to=None,
        given=GIVEN,
        at=LATER,
    )


def _correct_tie(db, who, town):
    ties.correct_tie(
        db,
        who,
        town.tie.id,
        kind=TieKind.FAMILY,
        certainty=Certainty.POSSIBLE,
        strength=0.5,
        valid_from=None,
        valid_to=None,
        given=GIVEN,
        at=LATER,
    )


def _correct_relation(db, who, town):
    group_relation.correct_relation(
        db,
        who,
        town.conflict.id,
        kind=RelationKind.TENSION,
        certainty=SURE,
        valid_from=None,
        valid_to=None,
        note="",
        given=GIVEN,
        at=LATER,
    )


def _correct_incident(db, who, town):
    what = incident.What(kind="threat", occurred_at=BEFORE - 100 * DAY, place="Torget")
    incident.correct_incident(db, who, town.shooting.id, what, given=GIVEN, at=LATER)


def _correct_part(db, who, town):
    incident.correct_involvement(
        db,
        who,
        town.shot.id,
        role=InvolvementRole.PRESENT,
        certainty=Certainty.POSSIBLE,
        given=GIVEN,
        at=LATER,
    )


def _review(db, who, town):
    decided = {"status": IncidentStatus.REVIEWED, "gmi": Gmi.KNOWN_NOT}
    incident.review_incident(db, who, town.shooting.id, **decided, **WHY)


def _correct_person(db, who, town):
    details = people.PersonDetails(
        code_name="Lom", name=None, aliases=None, birth_date=date(1998, 5, 17), area="Norr"
    )
    people.correct_person(db, who, town.lom.id, details=details, given=GIVEN, at=LATER)


def _supervise(db, who, town):
    given = Provenance(source="a judgment", ground="law", compartment="probation")
    supervision.add_supervision(
        db,
        who,
        person_id=town.lom.id,
        kind=SupervisionKind.CUSTODY,
        obliges_attendance=False,
        valid_from=BEFORE,
        given=given,
        at=LATER,
    )


def _colour(db, who, town):
    colour = {"colour": RiskColour.RED, "expires_on": (LATER + 14 * DAY).date(), "zone": ZONE}
    risk.decide_colour(db, who, town.lom.id, **colour, **WHY)


def _dispute_score(db, who, town):
    correction.open_correction(
        db,
        who,
        town.lom.id,
        disputed=Disputed.SCORE,
        disputed_id=None,
        score=DisputedScore.DRIVING,
        text="Not so",
        owner_id=who.user_id,
        due_at=LATER + DAY,
        at=LATER,
    )


ENDED = {"valid_to": MONDAY - 30 * DAY, **WHY}
ACTS = {
    "an incident logged late": _log,
    "a membership added late": _join,
    "a tie added late": _tie,
    "a membership corrected": _correct_membership,
    "a tie corrected": _correct_tie,
    "a conflict corrected": _correct_relation,
    "an incident corrected": _correct_incident,
    "a part corrected": _correct_part,
    "an incident reviewed": _review,
    "a person corrected": _correct_person,
    "somebody taken into custody": _supervise,
    "a colour decided": _colour,
    "a score disputed": _dispute_score,
    "a membership ended": lambda db, who, t: membership.end_membership(
        db, who, t.member.id, **ENDED
    ),
    "a membership disputed": lambda db, who, t: membership.dispute_membership(
        db, who, t.other.id, **WHY
    ),
    "a membership withdrawn": lambda db, who, t: membership.withdraw_membership(
        db, who, t.rival.id, **WHY
    ),
    "a tie ended": lambda db, who, t: ties.end_tie(db, who, t.tie.id, **ENDED),
    "a tie withdrawn": lambda db, who, t: ties.withdraw_tie(db, who, t.tie.id, **WHY),
    "a conflict ended": lambda db, who, t: group_relation.end_relation(
        db, who, t.conflict.id, **ENDED
    ),
    "a part withdrawn": lambda db, who, t: incident.withdraw_involvement(db, who, t.shot.id, **WHY),
    "a group rejected": lambda db, who, t: group.change_group_status(
        db, who, t.granit.id, status=GroupStatus.REJECTED, **WHY
    ),
}


@pytest.mark.parametrize("act", ACTS)
def test_what_is_done_after_a_day_changes_no_list_as_of_it(police, db, town, act):
    before = lists(db, police, MONDAY)

    ACTS[act](db, police, town)
    db.flush()

    assert lists(db, police, MONDAY) == before


UNHEEDED = {"a person corrected", "somebody taken into custody", "a colour decided"}
"""What no score hangs on, nor on what somebody says is wrong until it is put right."""


@pytest.mark.parametrize("act", sorted(set(ACTS) - UNHEEDED - {"a score disputed"}))
def test_and_changes_the_lists_from_then_on(police, db, town, act):
    before = lists(db, police, LATER + DAY)

    ACTS[act](db, police, town)
    db.flush()

    assert lists(db, police, LATER + DAY) != before


def test_somebody_withdrawn_after_a_day_stands_on_the_list_as_of_it(police, db, programme):
    alone = make.a_person(db, programme, MONDAY, "Sothöna")
    before = facts(db, police, MONDAY, ZONE).persons.id

    people.withdraw_person(db, police, alone.id, **WHY)
    db.flush()

    assert facts(db, police, MONDAY, ZONE).persons.id == before
    assert alone.id not in facts(db, police, LATER + DAY, ZONE).persons.id
    assert db.get_one(Person, alone.id).withdrawn_at == LATER


def _moved(db, fact, side):
    fact.compartment, fact.revised_at = side, LATER
    db.flush()


def test_who_may_no_longer_read_a_fact_reads_no_older_version_of_it(db, police, town):
    ties = facts(db, police, MONDAY, ZONE).ties.id
    _moved(db, town.tie, "social")

    assert town.tie.id in ties
    assert town.tie.id not in facts(db, police, MONDAY, ZONE).ties.id
    assert town.tie.id not in facts(db, police, LATER, ZONE).ties.id


def test_who_may_read_a_fact_now_reads_what_it_said_then(db, police, town):
    _moved(db, town.tie, "social")
    _moved(db, town.tie, "shared")

    assert town.tie.id in facts(db, police, MONDAY, ZONE).ties.id


def test_a_person_moved_to_the_other_side_has_no_page_of_before(engine, programme, browser):
    with transaction(engine) as db:
        lom = make.a_person(db, programme, MONDAY - DAY, "Lom").id
    page = f"/people/{lom}?as_of={(MONDAY - DAY).date()}"
    police = browser(Role.COORDINATOR_POLICE)
    seen = police.get(page).status
    with transaction(engine) as db:
        person = db.get_one(Person, lom)
        person.compartment, person.revised_at = "social", MONDAY

    assert seen == 200
    assert police.get(page).status == 404
