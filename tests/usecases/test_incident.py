"""Logging, correcting and reviewing incidents; who had which part; who may know of it."""

import json
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from gvi.domain.access import Role
from gvi.domain.errors import NotAllowedError, NotFoundError, RuleError
from gvi.domain.grading import Certainty
from gvi.domain.incident import Gmi, IncidentStatus, InvolvementRole
from gvi.store.engine import reading, transaction
from gvi.store.models import AuditEntry, Incident, Involvement, Person, StatusChange
from gvi.store.queries.incident import (
    IncidentQuestion,
    incident_card,
    list_incidents,
    logged_lately,
    tally_incidents,
)
from gvi.store.queries.incident_history import incident_history
from gvi.store.queries.involvement import (
    incidents_of_group,
    involvements,
    people_called,
)
from gvi.usecases.facts import Provenance
from gvi.usecases.incident import (
    What,
    Who,
    add_involvement,
    correct_incident,
    correct_involvement,
    log_incident,
    review_incident,
    withdraw_involvement,
)
from tests.conftest import MONDAY
from tests.factories import a_group, a_membership, a_person, an_incident, an_involvement

TODAY = date(2026, 3, 2)
FRIDAY = MONDAY - timedelta(days=2, hours=9)
GIVEN = Provenance(source="Patrol 3-1150", ground="Review of violent incidents", grade="B2")
SHOOTING = What(
    kind="shooting_with_injury", occurred_at=FRIDAY, place="Norrängsvägen 14", area="Norrängen"
)


@pytest.fixture
def police(viewer):
    return viewer(Role.COORDINATOR_POLICE)


@pytest.fixture
def lom(engine, programme):
    with transaction(engine) as db:
        return a_person(db, programme, MONDAY, "Lom", name="Viktor Älgmark").id


def log(engine, viewer, what=SHOOTING, **given):
    with transaction(engine) as db:
        return log_incident(db, viewer, what, given=GIVEN, **{"at": FRIDAY, **given}).id


def card_of(engine, viewer, incident_id, as_of=None):
    with reading(engine) as db:
        return incident_card(db, viewer, incident_id, as_of=as_of)


def kinds_logged(engine):
    with reading(engine) as db:
        return list(db.execute(select(AuditEntry.kind).order_by(AuditEntry.id)).scalars())


def test_three_answers_log_an_incident_whose_gmi_is_unknown(engine, police):
    incident = log(engine, police)

    card = card_of(engine, police, incident)
    assert card.gmi == Gmi.UNKNOWN
    assert card.detail.status == IncidentStatus.NEW
    assert (card.detail.place, card.detail.grade) == ("Norrängsvägen 14", "B2")
    assert card.detail.recorded_by == "Test coordinator_police"
    assert kinds_logged(engine) == ["incident:logged"]


def test_people_are_logged_with_it_and_each_is_in_the_log(engine, police, lom):
    incident = log(
        engine,
        police,
        involved=[
            Who(person_id=lom, role=InvolvementRole.SUSPECT, certainty=Certainty.PROBABLE),
            Who(person_id=lom, role=InvolvementRole.VICTIM),
        ],
    )

    with reading(engine) as db:
        parts = involvements(db, police, as_of=None, on=TODAY, incident_id=incident)
        subjects = db.execute(
            select(AuditEntry.subjects).where(AuditEntry.kind == "involvement:added").limit(1)
        ).scalar_one()
    assert [(p.name, p.side, p.certainty) for p in parts] == [
        ("Viktor Älgmark", "doing", Certainty.PROBABLE),
        ("Viktor Älgmark", "victim", None),
    ]
    assert json.loads(subjects)["person"] == [lom]
    assert kinds_logged(engine) == ["incident:logged", *["involvement:added"] * 2]


@pytest.mark.parametrize(
    ("what", "field"),
    [
        pytest.param(
            What(kind="threat", occurred_at=FRIDAY + timedelta(minutes=1), place="Torget"),
            "when_time",
            id="a time to come",
        ),
        pytest.param(What(kind="", occurred_at=FRIDAY, place="Torget"), "kind", id="no kind"),
        pytest.param(What(kind="threat", occurred_at=FRIDAY, place=" "), "place", id="no place"),
    ],
)
def test_an_incident_that_cannot_be_is_refused(engine, police, what, field):
    with pytest.raises(RuleError) as refusal:
        log(engine, police, what)
    assert refusal.value.field == field
    assert kinds_logged(engine) == []


def test_only_police_and_analyst_write_incidents(engine, viewer):
    may = (Role.COORDINATOR_POLICE, Role.ANALYST)
    for number, role in enumerate(may):
        log(engine, viewer(role), replace(SHOOTING, injured=number, place=f"Torget {number}"))
    for role in set(Role) - set(may):
        with pytest.raises(NotAllowedError):
            log(engine, viewer(role))


def test_the_same_is_not_logged_twice(engine, police):
    log(engine, police)
    with pytest.raises(RuleError, match="logged already"):
        log(engine, police)


def test_held_back_it_counts_for_nothing_and_says_why(engine, police):
    incident = log(engine, police, hold_reason="May be a firework.")

    assert not card_of(engine, police, incident).detail.counts
    with reading(engine) as db:
        change = db.execute(select(*StatusChange.__table__.c)).one()
    assert (change.old, change.new, change.reason) == ("new", "on_hold", "May be a firework.")


def test_a_review_decides_status_and_gmi_with_a_reason(engine, police, viewer):
    incident = log(engine, police)
    with transaction(engine) as db:
        review_incident(
            db,
            viewer(Role.ANALYST),
            incident,
            status=IncidentStatus.REVIEWED,
            gmi=Gmi.LIKELY,
            reason="A vehicle of group A.",
            at=MONDAY,
        )

    card = card_of(engine, police, incident)
    assert (card.gmi, card.detail.status) == (Gmi.LIKELY, IncidentStatus.REVIEWED)
    assert card_of(engine, police, incident, as_of=FRIDAY).gmi == Gmi.UNKNOWN
    with reading(engine) as db:
        history = incident_history(db, police, incident, until=MONDAY, on=TODAY)
    assert [item.act for item in history] == ["decided", "decided", "logged"]
    assert {(item.changes[0].new, item.by, item.reason) for item in history[:2]} == {
        (Gmi.LIKELY, "Test analyst", "A vehicle of group A."),
        (IncidentStatus.REVIEWED, "Test analyst", "A vehicle of group A."),
    }
    assert kinds_logged(engine) == ["incident:logged", "incident:reviewed"]


@pytest.mark.parametrize(
    ("status", "gmi", "reason"),
    [
        pytest.param(IncidentStatus.REVIEWED, Gmi.UNKNOWN, " ", id="no reason"),
        pytest.param(IncidentStatus.NEW, Gmi.UNKNOWN, "Looked at it.", id="nothing changes"),
    ],
)
def test_a_review_without_reason_or_change_is_refused(engine, police, status, gmi, reason):
    incident = log(engine, police)
    with pytest.raises(RuleError), transaction(engine) as db:
        review_incident(db, police, incident, status=status, gmi=gmi, reason=reason, at=MONDAY)


def test_a_correction_keeps_what_was_written_before(engine, police):
    incident = log(engine, police)
    homicide = What(
        kind="homicide", occurred_at=FRIDAY, place="Norrängsvägen 14", area="Norrängen", killed=1
    )
    with transaction(engine) as db:
        correct_incident(db, police, incident, homicide, given=GIVEN, at=MONDAY)

    assert card_of(engine, police, incident).kind == "homicide"
    assert card_of(engine, police, incident, as_of=FRIDAY).kind == "shooting_with_injury"
    with reading(engine) as db:
        first, second = incident_history(db, police, incident, until=MONDAY, on=TODAY)
        before = incident_history(db, police, incident, until=FRIDAY, on=TODAY)
    assert [(c.field, c.old, c.new) for c in first.changes] == [
        ("kind", "shooting_with_injury", "homicide"),
        ("killed", 0, 1),
    ]
    assert second.act == "logged"
    assert [item.act for item in before] == ["logged"]
    with reading(engine) as db:
        entry = db.execute(select(AuditEntry).where(AuditEntry.kind.endswith("corrected")))
        assert json.loads(entry.scalar_one().detail) == {"fields": ["killed", "kind"]}


def test_a_correction_leaves_a_record_under_the_secrecy_it_has(engine, programme, police, lom):
    with transaction(engine) as db:
        incident = an_incident(db, programme, FRIDAY, compartment="shared")
        part = an_involvement(db, incident, db.get_one(Person, lom), compartment="shared")
        ids = incident.id, part.id
    with transaction(engine) as db:
        correct_incident(db, police, ids[0], SHOOTING, given=GIVEN, at=MONDAY)
        role = InvolvementRole.WITNESS
        correct_involvement(db, police, ids[1], role=role, certainty=None, given=GIVEN, at=MONDAY)
    with reading(engine) as db:
        assert db.execute(select(Incident.compartment)).scalar_one() == "shared"
        assert db.execute(select(Involvement.compartment)).scalar_one() == "shared"


def test_a_part_is_corrected_and_withdrawn_and_earlier_days_still_show_it(engine, police, lom):
    incident = log(engine, police, involved=[Who(person_id=lom, role=InvolvementRole.PRESENT)])
    with reading(engine) as db:
        (part,) = involvements(db, police, as_of=None, on=TODAY, incident_id=incident)
    with transaction(engine) as db:
        correct_involvement(
            db,
            police,
            part.id,
            role=InvolvementRole.SUSPECT,
            certainty=Certainty.PROBABLE,
            given=GIVEN,
            at=FRIDAY + timedelta(hours=9),
        )
    with transaction(engine) as db:
        withdraw_involvement(db, police, part.id, reason="Was in Malmö.", at=MONDAY)

    with reading(engine) as db:
        of = {"on": TODAY, "incident_id": incident}
        assert involvements(db, police, as_of=None, **of) == ()
        (sunday,) = involvements(db, police, as_of=MONDAY - timedelta(days=1), **of)
        (friday,) = involvements(db, police, as_of=FRIDAY, **of)
        history = incident_history(db, police, incident, until=MONDAY, on=TODAY)
    assert (sunday.role, friday.role) == (InvolvementRole.SUSPECT, InvolvementRole.PRESENT)
    assert [item.act for item in history] == ["withdrawn", "added", "logged"]
    assert history[0].reason == "Was in Malmö."
    assert kinds_logged(engine)[-2:] == ["involvement:corrected", "involvement:withdrawn"]


def test_nobody_has_the_same_part_twice(engine, police, lom):
    who = Who(person_id=lom, role=InvolvementRole.SUSPECT)
    incident = log(engine, police, involved=[who])
    with pytest.raises(RuleError, match="already has that part"), transaction(engine) as db:
        add_involvement(db, police, incident, who, given=GIVEN, at=MONDAY)


def test_a_part_needs_a_person_and_an_incident_of_ones_own_programme(engine, police, lom):
    with pytest.raises(NotFoundError):
        log(engine, police, involved=[Who(person_id=lom + 99, role=InvolvementRole.SUSPECT)])
    who = Who(person_id=lom, role=InvolvementRole.SUSPECT)
    with pytest.raises(NotFoundError), transaction(engine) as db:
        add_involvement(db, police, 99, who, given=GIVEN, at=MONDAY)


def test_roles_with_the_basics_get_date_kind_area_and_gmi_only(engine, police, viewer, lom):
    incident = log(engine, police, involved=[Who(person_id=lom, role=InvolvementRole.SUSPECT)])
    municipal = viewer(Role.COORDINATOR_MUNICIPAL)

    with reading(engine) as db:
        (row,), total = list_incidents(db, municipal, IncidentQuestion(), as_of=None)
        by_place, _ = list_incidents(db, municipal, IncidentQuestion(q="Norrängsv"), as_of=None)
        by_status, _ = list_incidents(db, municipal, IncidentQuestion(status="closed"), as_of=None)
        history = incident_history(db, municipal, incident, until=MONDAY, on=TODAY)
        with pytest.raises(NotAllowedError):
            involvements(db, municipal, as_of=None, on=TODAY, incident_id=incident)
    assert (total, row.area, row.gmi) == (1, "Norrängen", Gmi.UNKNOWN)
    assert (row.place, row.status, row.involved, row.injured) == (None,) * 4
    assert by_place == ()
    assert [found.id for found in by_status] == [incident]
    assert card_of(engine, municipal, incident).detail is None
    assert history == ()


def test_what_counts_for_nothing_is_shown_to_those_who_see_that_it_does(engine, police, viewer):
    incident = log(engine, police, hold_reason="May be a firework.")
    municipal = viewer(Role.COORDINATOR_MUNICIPAL)
    with reading(engine) as db:
        seen = [
            list_incidents(db, who, IncidentQuestion(), as_of=None)[1]
            for who in (police, municipal)
        ]
        month_ago = MONDAY - timedelta(days=30)
        tallied = tally_incidents(db, police, since=month_ago, as_of=None).total
        with pytest.raises(NotFoundError):
            incident_card(db, municipal, incident, as_of=None)
    assert (seen, tallied) == ([1, 0], 0)


def test_the_list_narrows_sorts_and_pages(engine, programme, police, lom):
    with transaction(engine) as db:
        for days, kind, gmi in [
            (1, "threat", "known_not"),
            (40, "homicide", "confirmed"),
            (100, "car_fire", "unknown"),
            (400, "threat", "likely"),
        ]:
            incident = an_incident(
                db, programme, MONDAY - timedelta(days=days), kind, gmi=gmi, place="Ängsvägen"
            )
            an_involvement(db, incident, db.get_one(Person, lom))

    def ask(**asked):
        with reading(engine) as db:
            rows, total = list_incidents(db, police, IncidentQuestion(**asked), as_of=None)
        return [row.kind for row in rows], total

    assert ask() == (["threat", "homicide", "car_fire", "threat"], 4)
    assert ask(kind="threat") == (["threat", "threat"], 2)
    assert ask(kind="other") == (["car_fire"], 1)
    assert ask(gmi="confirmed") == (["homicide"], 1)
    assert ask(since=MONDAY - timedelta(days=90)) == (["threat", "homicide"], 2)
    assert ask(q="ängsvägen", sort="gmi", descending=False)[0][0] == "homicide"
    assert ask(q="norr") == ([], 0)
    assert ask(offset=1, limit=2) == (["homicide", "car_fire"], 4)
    with reading(engine) as db:
        rows, _ = list_incidents(db, police, IncidentQuestion(), as_of=None)
        assert [row.kind for row in logged_lately(db, police, MONDAY)] == ["threat"]
    assert [row.involved for row in rows] == [1, 1, 1, 1]


def test_a_group_shows_its_members_on_either_side(engine, programme, police):
    with transaction(engine) as db:
        granit = a_group(db, programme, MONDAY)
        lom, spov, gone = (a_person(db, programme, MONDAY, n) for n in ("Lom", "Spov", "Mes"))
        a_membership(db, MONDAY, lom, granit)
        a_membership(db, MONDAY, spov, granit)
        a_membership(db, MONDAY, gone, granit, role="former")
        child = a_person(db, programme, MONDAY, "Lo", birth_date=date(2010, 1, 1))
        a_membership(db, MONDAY, child, granit)
        incident = an_incident(db, programme, FRIDAY)
        an_involvement(db, incident, lom, "suspect")
        an_involvement(db, incident, child, "present")
        an_involvement(db, incident, spov, "victim")
        an_involvement(db, incident, gone, "convicted")
        an_involvement(db, an_incident(db, programme, FRIDAY), gone, "convicted")
        group_id = granit.id

    with reading(engine) as db:
        (row,) = incidents_of_group(db, police, group_id, None, at=MONDAY, on=TODAY)
    assert row.incident.id == incident.id
    assert [(person.name, person.is_under_18) for person in row.doing] == [
        ("Lom", False),
        ("", True),
    ]
    assert [person.name for person in row.victims] == ["Spov"]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        pytest.param("lom", ["Lom"], id="the exact code name wins"),
        pytest.param("lo", ["Lom", "Lommen"], id="part of a code name"),
        pytest.param("viktor", ["Lom"], id="part of a name"),
        pytest.param("ALGMARK", ["Lom"], id="without accents, in capitals"),
        pytest.param("Viktor Älgmark · Lom", ["Lom"], id="as a choice writes it"),
        pytest.param("Emil", [], id="a child is not found by name"),
        pytest.param("Siskan", ["Siskan"], id="a child is found by code name"),
        pytest.param("%", [], id="a sign that means something to the database"),
        pytest.param("  ", [], id="nothing"),
    ],
)
def test_a_typed_name_finds_who_is_meant(engine, programme, police, typed, found):
    with transaction(engine) as db:
        given = {"Lom": "viktor algmark", "Lommen": "jonas ek", "Siskan": "emil alm"}
        for code_name, name in given.items():
            born = date(2010, 1, 1) if code_name == "Siskan" else date(1998, 1, 1)
            a_person(db, programme, MONDAY, code_name, name=name, birth_date=born)

    with reading(engine) as db:
        matches = people_called(db, police, typed, on=TODAY)
    assert [match.code_name for match in matches] == found
