import re
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from gvi.domain.access import Role
from gvi.domain.errors import NotAllowedError, NotFoundError, RuleError
from gvi.domain.naming import CODE_NAMES, without_number
from gvi.exchange.reading import SourceFile
from gvi.store.models import AuditEntry, Identity, Person, PersonAlias, SupportOffer
from gvi.store.names import called
from gvi.store.queries.person import names_of
from gvi.usecases.exchange import import_files
from gvi.usecases.facts import Provenance
from gvi.usecases.likeness import likely_same
from gvi.usecases.person import (
    PersonDetails,
    add_person,
    correct_person,
    withdraw_person,
)
from tests.conftest import MONDAY, ZONE
from tests.factories import a_client, a_group, a_membership, a_person

GIVEN = Provenance(source="Group audit", ground="Mapping of groups", grade="B2")
TODAY = date(2026, 3, 2)
LATER = MONDAY + timedelta(days=1)
CHILD = date(2010, 6, 1)


@pytest.fixture
def algmark(db, programme):
    """Somebody known by name and alias, beside somebody else; gives the id."""
    person = a_person(db, programme, MONDAY, "Lom", name="Viktor Älgmark")
    db.add(PersonAlias(person_id=person.id, alias="Vicke"))
    a_person(db, programme, MONDAY, "Siska", name="Noel Bäck")
    db.flush()
    return person.id


def _kinds(db):
    return list(db.execute(select(AuditEntry.kind).order_by(AuditEntry.id)).scalars())


def add(db, who, code_name, **given):
    details = PersonDetails(code_name=code_name, **given)
    return add_person(db, who, details=details, given=GIVEN, at=MONDAY)


def test_a_person_needs_neither_code_name_nor_name(db, viewer):
    analyst = viewer(Role.ANALYST)

    person, bird = add(db, analyst, " Ugglan  grå "), add(db, analyst, " ")

    assert re.fullmatch(r"Ugglan grå \d\d", person.code_name)
    assert without_number(bird.code_name) in CODE_NAMES
    assert person.recorded_by_id == analyst.user_id
    assert db.get(Identity, person.id) is None
    assert _kinds(db)[-1] == "person:added"


def test_a_code_name_tells_nothing_of_people_the_viewer_may_not_know(db, viewer, programme):
    a_person(db, programme, MONDAY, "Lom", compartment="social")
    a_person(db, programme, MONDAY, "Lom 47", compartment="social", external_id="2")
    analyst = viewer(Role.ANALYST)

    for taken, free in (("lom", "Alka"), ("Lom 47", "Alka 47")):
        said = [add(db, analyst, name).code_name for name in (taken, free)]
        assert re.fullmatch(r"[Ll]om \d\d", said[0])
        assert re.fullmatch(r"Alka \d\d", said[1])


def test_neither_does_an_import(db, viewer, programme):
    a_person(db, programme, MONDAY, "Lom 47", compartment="social", external_id=None)
    file = SourceFile(name="persons.csv", content=b"id,name\nLom 47,A\nAlka 47,B\nP-1,C")

    import_files(db, viewer(Role.ANALYST), [file], at=MONDAY, zone=ZONE)

    found = select(Person.code_name).where(Person.compartment == "police").order_by(Person.id)
    lom, alka, kept = db.execute(found).scalars()
    assert re.fullmatch(r"Lom \d\d", lom)
    assert re.fullmatch(r"Alka \d\d", alka)
    assert kept == "P-1"


def test_a_new_code_name_gets_a_number_and_the_same_one_stays(db, viewer):
    analyst = viewer(Role.ANALYST)
    person = add(db, analyst, "Lom")
    first = person.code_name

    def corrected(code_name):
        details = PersonDetails(code_name=code_name)
        correct_person(db, analyst, person.id, details=details, given=GIVEN, at=LATER)
        return person.code_name

    assert corrected(f" {first} ") == first
    assert re.fullmatch(r"Storlom \d\d", corrected("Storlom"))
    with pytest.raises(RuleError) as refused:
        corrected(" ")
    assert refused.value.field == "code_name"


def test_there_is_a_code_name_whatever_is_taken(db, viewer, programme):
    for number in range(10, 100):
        a_person(db, programme, MONDAY, f"Lom {number}", external_id=str(number))

    assert re.fullmatch(r"Lom \d{3}", add(db, viewer(Role.ANALYST), "Lom").code_name)


def test_the_database_refuses_a_code_name_twice(db, programme):
    a_person(db, programme, MONDAY, "Lom", external_id="1")

    with pytest.raises(IntegrityError), db.begin_nested():
        a_person(db, programme, MONDAY, "Lom", external_id="2")


@pytest.mark.parametrize(
    ("role", "compartment"),
    [
        pytest.param(Role.ANALYST, "social", id="an analyst among social services"),
        pytest.param(Role.COORDINATOR_MUNICIPAL, "police", id="the municipality among police"),
    ],
)
def test_nobody_writes_a_person_into_the_other_sides_secrecy(db, viewer, role, compartment):
    with pytest.raises(NotAllowedError):
        add_person(
            db,
            viewer(role),
            details=PersonDetails(code_name="Lom"),
            given=replace(GIVEN, compartment=compartment),
            at=MONDAY,
        )


@pytest.mark.parametrize(
    "role", [Role.OUTREACH, Role.PROBATION, Role.STEERING, Role.ADMIN, Role.AUDITOR]
)
def test_others_add_nobody(db, viewer, role):
    with pytest.raises(NotAllowedError):
        add_person(db, viewer(role), details=PersonDetails(code_name="Lom"), given=GIVEN, at=MONDAY)


@pytest.mark.parametrize(
    ("born", "field"),
    [(date(2026, 3, 3), "birth_date"), (date(1899, 12, 31), "birth_date")],
    ids=["tomorrow", "two centuries ago"],
)
def test_an_impossible_birth_date_is_refused(db, viewer, born, field):
    with pytest.raises(RuleError) as refused:
        add_person(
            db,
            viewer(Role.ANALYST),
            details=PersonDetails(code_name="Lom", birth_date=born),
            given=GIVEN,
            at=MONDAY,
        )

    assert refused.value.field == field


def test_a_correction_changes_name_and_aliases_and_says_which_fields(db, viewer, programme):
    person = a_person(db, programme, MONDAY, "Lom", name="Viktor Älgmark")
    db.add(PersonAlias(person_id=person.id, alias="Vicke"))
    db.flush()

    correct_person(
        db,
        viewer(Role.ANALYST),
        person.id,
        details=PersonDetails(code_name="Lom", name="Viktor Elgmark", aliases=("Älgen",)),
        given=GIVEN,
        at=LATER,
    )

    identity = db.get(Identity, person.id)
    aliases = db.execute(select(PersonAlias.alias)).scalars().all()
    entry = db.execute(select(AuditEntry).order_by(AuditEntry.id.desc()).limit(1)).scalar_one()
    assert identity.name == "Viktor Elgmark"
    assert aliases == ["Älgen"]
    found = select(Person.id).where(called(db, programme, Person.id, "algen"))
    assert db.execute(found).scalars().all() == [person.id]
    assert entry.kind == "person:corrected"
    assert '"name"' in entry.detail
    assert "Elgmark" not in entry.detail


def test_correcting_without_seeing_the_name_leaves_it(db, viewer, programme):
    person = a_person(db, programme, MONDAY, "Lom", name="Viktor Älgmark")

    correct_person(
        db,
        viewer(Role.ANALYST),
        person.id,
        details=PersonDetails(code_name="Storlom", name=None, aliases=None),
        given=GIVEN,
        at=LATER,
    )

    assert db.get(Identity, person.id).name == "Viktor Älgmark"
    assert without_number(person.code_name) == "Storlom"


def test_a_person_with_records_cannot_be_withdrawn(db, viewer, programme):
    person = a_person(db, programme, MONDAY)
    a_membership(db, MONDAY, person, a_group(db, programme, MONDAY))

    with pytest.raises(RuleError):
        withdraw_person(db, viewer(Role.ANALYST), person.id, reason="A mistake", at=LATER)


def test_somebody_entered_by_mistake_can_be_withdrawn_with_a_reason(db, viewer, programme):
    person = a_person(db, programme, MONDAY)

    with pytest.raises(RuleError):
        withdraw_person(db, viewer(Role.ANALYST), person.id, reason=" ", at=LATER)
    withdraw_person(db, viewer(Role.ANALYST), person.id, reason="A mistake", at=LATER)

    assert person.withdrawn_at == LATER
    assert _kinds(db)[-1] == "person:withdrawn"
    with pytest.raises(NotFoundError):
        withdraw_person(db, viewer(Role.ANALYST), person.id, reason="Again", at=LATER)


def test_withdrawing_tells_nobody_that_social_services_work_with_the_person(db, viewer, programme):
    person = a_person(db, programme, MONDAY, source="mk-police report")
    worker = viewer(Role.OUTREACH)
    a_client(db, MONDAY, person, worker.user_id)

    withdraw_person(db, viewer(Role.ANALYST), person.id, reason="A mistake", at=LATER)

    assert person.withdrawn_at is None
    assert (person.compartment, person.source, person.grade) == ("social", "", None)
    with pytest.raises(NotFoundError):
        withdraw_person(db, viewer(Role.ANALYST), person.id, reason="Again", at=LATER)


def test_names_go_to_those_who_may_know_them(db, viewer, programme):
    grown_up = a_person(db, programme, MONDAY, "Lom", name="Viktor Älgmark")
    child = a_person(db, programme, MONDAY, "Mes", name="Adam Liten", birth_date=CHILD)
    secret = a_person(db, programme, MONDAY, "Alka", name="Noel Bäck", is_protected=True)
    people = [grown_up.id, child.id, secret.id]
    worker = viewer(Role.OUTREACH)
    for person in (child, secret):
        a_client(db, MONDAY, person, worker.user_id)

    def seen(role):
        return list(names_of(db, viewer(role), people, on=TODAY).values())

    assert seen(Role.COORDINATOR_POLICE) == ["Viktor Älgmark", "Mes", "Alka"]
    assert seen(Role.COORDINATOR_MUNICIPAL) == ["Viktor Älgmark", "Adam Liten", "Alka"]
    assert seen(Role.OUTREACH) == ["Lom", "Adam Liten", "Alka"], "protected: opened by name only"
    assert seen(Role.STEERING) == ["Lom", "Mes", "Alka"]


def test_a_name_is_seen_again_from_the_eighteenth_birthday(db, viewer, programme):
    child = a_person(db, programme, MONDAY, "Mes", name="Adam Liten", birth_date=CHILD)

    day_before = names_of(db, viewer(Role.ANALYST), [child.id], on=date(2028, 5, 31))
    birthday = names_of(db, viewer(Role.ANALYST), [child.id], on=date(2028, 6, 1))

    assert (day_before[child.id], birthday[child.id]) == ("Mes", "Adam Liten")


@pytest.mark.parametrize(
    ("name", "born"),
    [
        pytest.param("Viktor Älgmark", None, id="the same name"),
        pytest.param("algmark, victor", None, id="turned round and misspelt"),
        pytest.param("Vicke", None, id="an alias"),
        pytest.param("W. Elgmark", date(1998, 5, 17), id="unlike, the same birth date"),
    ],
)
def test_a_likely_duplicate_is_hinted_at(db, viewer, algmark, name, born):
    found = likely_same(db, viewer(Role.ANALYST), name=name, birth_date=born, on=TODAY)

    assert [hint.person_id for hint in found] == [algmark]


@pytest.mark.parametrize(
    ("name", "born"),
    [
        pytest.param("Victor Hallmark", date(2001, 1, 1), id="alike, another birth date"),
        pytest.param("Simon Hjort", None, id="another name"),
        pytest.param("-", None, id="no letters"),
    ],
)
def test_somebody_else_is_not_hinted_at(db, viewer, algmark, name, born):
    assert likely_same(db, viewer(Role.ANALYST), name=name, birth_date=born, on=TODAY) == ()


def test_nobody_is_hinted_at_whom_the_viewer_may_not_see(db, viewer, programme):
    for code_name, facts in (
        ("Lom", {"compartment": "social"}),
        ("Mes", {"birth_date": CHILD}),
        ("Alka", {"is_protected": True}),
    ):
        a_person(db, programme, MONDAY, code_name, name="Viktor Älgmark", **facts)

    assert likely_same(db, viewer(Role.ANALYST), name="Viktor Älgmark", on=TODAY) == ()


def test_social_services_of_another_programme_are_never_touched(db, viewer, programme):
    person = a_person(db, programme, MONDAY)
    other = replace(viewer(Role.ANALYST), programme_id=programme + 1)

    with pytest.raises(NotFoundError):
        withdraw_person(db, other, person.id, reason="Mine", at=LATER)
    assert names_of(db, other, [person.id], on=TODAY) == {}
    assert db.execute(select(SupportOffer.id)).first() is None
    assert db.get(Person, person.id).withdrawn_at is None


def test_a_correction_that_changes_nothing_is_not_logged(db, viewer):
    analyst, details = viewer(Role.ANALYST), PersonDetails(code_name="Lom", name="Viktor Älgmark")
    person = add_person(db, analyst, details=details, given=GIVEN, at=MONDAY)

    same = replace(details, code_name=person.code_name)
    correct_person(db, analyst, person.id, details=same, given=GIVEN, at=LATER)

    assert _kinds(db) == ["person:added"]
    assert person.revised_at == MONDAY


def test_a_name_can_be_given_later_and_taken_away(db, viewer, programme):
    person, analyst = a_person(db, programme, MONDAY, "Lom"), viewer(Role.ANALYST)
    named = PersonDetails(code_name="Lom", name="Viktor Älgmark", birth_date=person.birth_date)

    correct_person(db, analyst, person.id, details=named, given=GIVEN, at=LATER)
    assert db.get(Identity, person.id).name == "Viktor Älgmark"
    correct_person(
        db,
        analyst,
        person.id,
        details=replace(named, name=""),
        given=GIVEN,
        at=LATER + timedelta(hours=1),
    )

    assert db.get(Identity, person.id) is None


def test_passing_a_person_on_needs_a_reason_too(db, viewer, programme):
    person = a_person(db, programme, MONDAY)
    a_client(db, MONDAY, person, viewer(Role.OUTREACH).user_id)

    with pytest.raises(RuleError) as refused:
        withdraw_person(db, viewer(Role.ANALYST), person.id, reason=" ", at=LATER)

    assert refused.value.field == "reason"


def test_the_municipality_passes_a_shared_person_on_to_police(db, viewer, programme):
    person = a_person(db, programme, MONDAY, compartment="shared")
    a_membership(db, MONDAY, person, a_group(db, programme, MONDAY))

    withdraw_person(db, viewer(Role.COORDINATOR_MUNICIPAL), person.id, reason="Not ours", at=LATER)

    assert (person.compartment, person.withdrawn_at) == ("police", None)
