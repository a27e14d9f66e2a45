"""Rankings from stored facts: what counts, as known when, and for whom."""

from datetime import date, timedelta

import pytest

from gvi.domain.access import Role
from gvi.domain.errors import NotAllowedError, RuleError
from gvi.store.facts import facts
from gvi.store.models import Group, Incident
from gvi.usecases.facts import correct, withdraw
from gvi.usecases.interval import intervals_of
from gvi.usecases.policy import in_force
from gvi.usecases.ranking import (
    UNDER_18,
    driving,
    explanation_document,
    exposed,
    ranking_document,
    why_ranked,
)
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

YEAR = timedelta(days=365)


@pytest.fixture
def police(viewer):
    return viewer(Role.COORDINATOR_POLICE)


def _scores(db, viewer, at=MONDAY, ask=driving):
    _, found = ask(db, viewer, at, ZONE)
    return {entry.code_name: round(entry.score, 6) for entry in found.entries}


def test_own_part_is_harm_times_role_times_certainty_halved_each_year(db, programme, police):
    doer = a_person(db, programme, MONDAY, "Lom")
    incident = an_incident(db, programme, MONDAY - YEAR, "homicide")
    an_involvement(db, incident, doer, "suspect", certainty="probable")

    assert _scores(db, police) == {"Lom": round(100 * 0.7 * 0.6 / 2, 6)}


def test_a_blank_certainty_counts_as_possible(db, programme, police):
    doer = a_person(db, programme, MONDAY, "Lom")
    incident = an_incident(db, programme, MONDAY, "homicide")
    an_involvement(db, incident, doer, "convicted", certainty=None)

    assert _scores(db, police) == {"Lom": 30.0}


def test_what_was_recorded_later_does_not_influence_an_earlier_list(db, programme, police):
    doer = a_person(db, programme, MONDAY, "Lom")
    incident = an_incident(db, programme, MONDAY - YEAR, "homicide", recorded_at=MONDAY)
    an_involvement(db, incident, doer, "convicted", recorded_at=MONDAY)

    assert _scores(db, police, MONDAY - timedelta(seconds=1)) == {}
    assert _scores(db, police) == {"Lom": 50.0}


def test_an_earlier_list_shows_what_was_believed_before_a_correction(db, programme, police):
    doer = a_person(db, programme, MONDAY, "Lom")
    incident = an_incident(db, programme, MONDAY - YEAR, "threat")
    an_involvement(db, incident, doer, "convicted")
    correct(incident, police, "incident:write", at=MONDAY, kind="homicide")
    db.flush()

    before = _scores(db, police, MONDAY - timedelta(days=1))["Lom"]

    assert before == pytest.approx(5 * 2 ** (-364 / 365), abs=1e-6)
    assert _scores(db, police) == {"Lom": 50.0}


@pytest.mark.parametrize(
    ("given", "why"),
    [
        pytest.param({"status": "unfounded"}, "unfounded", id="unfounded"),
        pytest.param({"status": "on_hold"}, "on hold", id="on hold"),
        pytest.param({"gmi": "known_not"}, "not group-related", id="known not group-related"),
    ],
)
def test_such_an_incident_counts_for_nothing(db, programme, police, given, why):
    doer = a_person(db, programme, MONDAY, "Lom")
    an_involvement(db, an_incident(db, programme, MONDAY, "homicide", **given), doer, "convicted")

    assert _scores(db, police) == {}, why


def test_a_withdrawn_incident_counts_for_nothing(db, programme, police):
    doer = a_person(db, programme, MONDAY, "Lom")
    incident = an_incident(db, programme, MONDAY - YEAR, "homicide")
    an_involvement(db, incident, doer, "convicted")
    withdraw(incident, police, at=MONDAY, reason="A firework.")
    db.flush()

    assert _scores(db, police) == {}


@pytest.mark.parametrize("role", ["arrested", "stopped", "witness", "victim", "other"])
def test_a_role_that_is_not_doing_never_drives(db, programme, police, role):
    person = a_person(db, programme, MONDAY, "Lom")
    an_involvement(db, an_incident(db, programme, MONDAY, "homicide"), person, role)

    assert _scores(db, police) == {}


def test_being_a_victim_raises_exposed_and_not_driving(db, programme, police):
    victim = a_person(db, programme, MONDAY, "Lom")
    an_involvement(db, an_incident(db, programme, MONDAY, "homicide"), victim, "victim")

    assert _scores(db, police) == {}
    assert _scores(db, police, ask=exposed) == {"Lom": 100.0}


def test_nobody_under_18_is_listed_but_their_part_counts_for_others(db, programme, police):
    adult = a_person(db, programme, MONDAY, "Lom")
    child = a_person(db, programme, MONDAY, "Mes", birth_date=date(2010, 1, 1))
    an_involvement(db, an_incident(db, programme, MONDAY, "homicide"), child, "convicted")
    an_involvement(db, an_incident(db, programme, MONDAY, "threat"), adult, "convicted")
    a_tie(db, MONDAY, adult, child)

    known = facts(db, police, MONDAY, ZONE)
    document = explanation_document(known, why_ranked(db, police, known, adult.id, score="driving"))

    assert _scores(db, police) == {"Lom": 55.0}
    assert [UNDER_18, "Lom"] in [c["path"] for c in document["contributions"]]
    with pytest.raises(RuleError, match="under 18"):
        why_ranked(db, police, known, child.id, score="driving")


def test_somebody_known_by_now_to_have_been_under_18_is_ranked_as_of_no_day(db, programme, police):
    child = a_person(db, programme, MONDAY - YEAR, "Mes")
    an_involvement(db, an_incident(db, programme, MONDAY - YEAR, "homicide"), child, "convicted")
    db.flush()
    before = _scores(db, police, MONDAY - timedelta(days=1))
    correct(child, police, "person:write", at=MONDAY, birth_date=date(2010, 1, 1))
    db.flush()

    assert list(before) == ["Mes"]
    assert _scores(db, police, MONDAY - timedelta(days=1)) == {}
    assert _scores(db, police, MONDAY) == {}


def test_a_birthday_today_makes_an_adult(db, programme, police):
    person = a_person(db, programme, MONDAY, "Lom", birth_date=date(2008, 3, 2))
    an_involvement(db, an_incident(db, programme, MONDAY, "threat"), person, "convicted")

    assert _scores(db, police) == {"Lom": 5.0}


def test_a_person_only_social_services_know_changes_nothing_for_the_police(
    db, programme, police, operator
):
    doer = a_person(db, programme, MONDAY, "Lom")
    hidden = a_person(db, programme, MONDAY, "Mes", compartment="social")
    an_involvement(db, an_incident(db, programme, MONDAY, "threat"), doer, "convicted")
    before = _document(db, police, top=None)

    an_involvement(db, an_incident(db, programme, MONDAY, "homicide"), hidden, "convicted")
    a_tie(db, MONDAY, doer, hidden)

    assert _document(db, police, top=None) == before
    assert _scores(db, operator)["Lom"] > 5.0


def _document(db, viewer, *, top):
    known, found = driving(db, viewer, MONDAY, ZONE)
    intervals = intervals_of(known, in_force(db, viewer), "driving")
    return ranking_document(found, "driving", ZONE, top=top, intervals=intervals)


@pytest.mark.parametrize(
    "role", [role for role in Role if role not in (Role.COORDINATOR_POLICE, Role.ANALYST)]
)
def test_no_other_role_receives_a_ranking(db, viewer, role):
    with pytest.raises(NotAllowedError):
        driving(db, viewer(role), MONDAY, ZONE)


def test_protected_attributes_change_no_score(db, programme, police):
    doer = a_person(db, programme, MONDAY, "Lom", sex="man", area="Hamnen")
    an_involvement(db, an_incident(db, programme, MONDAY, "homicide"), doer, "convicted")
    before = _scores(db, police)

    doer.sex, doer.area, doer.revised_at = "kvinna", "Centrum", MONDAY
    db.flush()

    assert _scores(db, police) == before


@pytest.mark.parametrize(
    "given",
    [
        pytest.param({"status": "disputed"}, id="disputed"),
        pytest.param({"status": "ended"}, id="ended"),
        pytest.param({"role": "former"}, id="former"),
        pytest.param({"valid_to": MONDAY}, id="over by now"),
        pytest.param({"valid_from": MONDAY + timedelta(days=1)}, id="not begun"),
    ],
)
def test_a_membership_that_does_not_hold_shares_no_group_violence(db, programme, police, given):
    group = a_group(db, programme, MONDAY)
    doer, other = (a_person(db, programme, MONDAY, name) for name in ("Lom", "Mes"))
    for person in (doer, other):
        an_involvement(db, an_incident(db, programme, MONDAY, "threat"), person, "convicted")
    a_membership(db, MONDAY, doer, group)
    a_membership(db, MONDAY, other, group, **given)

    assert _scores(db, police) == {"Lom": 5.0, "Mes": 5.0}


def test_a_rejected_group_counts_for_nothing_from_that_day(db, programme, police):
    group = a_group(db, programme, MONDAY)
    for name in ("Lom", "Mes"):
        person = a_person(db, programme, MONDAY, name)
        an_involvement(db, an_incident(db, programme, MONDAY - YEAR, "threat"), person, "convicted")
        a_membership(db, MONDAY, person, group)
    alone = {"Lom": 2.5, "Mes": 2.5}
    assert _scores(db, police) != alone

    group = db.get_one(Group, group.id)
    correct(group, police, "group:write", at=MONDAY, status="rejected")
    db.flush()

    assert _scores(db, police) == alone
    assert _scores(db, police, MONDAY - timedelta(days=1)) != alone


def test_open_conflict_exposes_the_members_of_the_other_group(db, programme, police):
    ours, theirs = (a_group(db, programme, MONDAY, name) for name in ("Granit", "Lotsen"))
    member, doer = (a_person(db, programme, MONDAY, name) for name in ("Lom", "Mes"))
    a_membership(db, MONDAY, member, ours)
    a_membership(db, MONDAY, doer, theirs)
    an_involvement(db, an_incident(db, programme, MONDAY, "homicide"), doer, "convicted")
    a_relation(db, MONDAY, theirs, ours, kind="open_conflict")

    assert _scores(db, police, ask=exposed) == {"Lom": 25.0}


def test_an_unknown_kind_weighs_nothing_and_is_named(db, programme, police):
    doer = a_person(db, programme, MONDAY, "Lom")
    an_involvement(db, an_incident(db, programme, MONDAY, "jaywalking"), doer, "convicted")

    _, found = driving(db, police, MONDAY, ZONE)

    assert found.entries == ()
    assert found.unknown_kinds == ("jaywalking",)


def test_the_machine_format_names_people_by_external_id_or_code_name(db, programme, police):
    first = a_person(db, programme, MONDAY, "Lom", external_id="P-7")
    second = a_person(db, programme, MONDAY, "Mes")
    incident = an_incident(db, programme, MONDAY, "homicide")
    an_involvement(db, incident, first, "convicted")
    an_involvement(db, incident, second, "present")

    document = _document(db, police, top=1)

    assert document["score"] == "driving"
    assert document["as_of"] == "2026-03-02T08:30:00+01:00"
    [entry] = document["entries"]
    assert (entry["rank"], entry["person"], entry["interval"]) == (1, "P-7", (1, 2))
    assert list(entry["parts"]) == ["own", "near", "far", "group"]
    assert sum(entry["parts"].values()) == pytest.approx(entry["score"], abs=1e-9)


def test_an_incident_kind_can_be_corrected_twice(db, programme, police):
    doer = a_person(db, programme, MONDAY, "Lom")
    incident = an_incident(db, programme, MONDAY - YEAR, "threat")
    an_involvement(db, incident, doer, "convicted")
    for days, kind in ((20, "robbery"), (10, "homicide")):
        incident = db.get_one(Incident, incident.id)
        when = MONDAY - timedelta(days=days)
        correct(incident, police, "incident:write", at=when, kind=kind)
        db.flush()

    seen = [_scores(db, police, MONDAY - timedelta(days=days))["Lom"] for days in (25, 15, 5)]

    assert seen[0] < seen[1] < seen[2]
