import csv
from dataclasses import replace
from datetime import date, datetime, timedelta
from io import StringIO

import pytest
from sqlalchemy import select

from gvi.domain.access import Role
from gvi.domain.errors import NotAllowedError, RuleError
from gvi.store.models import AuditEntry, Person, Programme
from gvi.usecases.exchange import export_files, import_files
from gvi.usecases.facts import withdraw
from tests.conftest import MONDAY, ZONE
from tests.exchange.files import a_file, a_town
from tests.factories import (
    a_group,
    a_membership,
    a_person,
    a_relation,
    a_supervision,
    a_tie,
    an_incident,
    an_involvement,
)

PURPOSE = "Moving to another machine"
TOWN = {
    "groups.csv": """\
id,name,kind,status,area,source,grade,recorded_at
G1,Ådalsgatan,area_group,active,Öster,,B2,
G2,Granit,,dormant,,,,
""",
    "group_relations.csv": """\
group_a,group_b,kind,valid_from,valid_to,source,grade,recorded_at
G1,G2,open_conflict,2025-01-01,2025-06-01T12:00:00+02:00,,,
""",
    "persons.csv": """\
id,name,birth_date,sex,area,source,grade,recorded_at
P1,Åsa Öberg,1998-05-17,kvinna,Öster,Områdespolis,,2025-02-03T08:15:00+01:00
P2,"Bo ""Bosse"" Ek, d.y.",,,,,,
P3,,2001-01-01,,,,,
""",
    "memberships.csv": """\
person,group,valid_from,valid_to,role,certainty,status,source,grade,recorded_at
P1,G1,2024-01-01,2025-01-01,member,confirmed,ended,,,
P1,G1,2025-01-01,,leader,confirmed,current,,,
P2,G2,,,,,current,,,
""",
    "ties.csv": """\
person_a,person_b,kind,valid_from,valid_to,strength,certainty,source,grade,recorded_at
P1,P2,friend,2025-03-01,,2.5,probable,,,
P3,P1,recruiter,,,,possible,,,
""",
    "incidents.csv": """\
id,occurred_at,kind,status,gmi,place,latitude,longitude,area,summary,source,grade,recorded_at
I1,2025-03-30T01:30:00+01:00,explosion,new,likely,Torget,59.274,-15.2066,Öster,"Rad ett
rad två; med ""citat""\",,,
I2,2025-10-26T02:30:00+02:00,stabbing,closed,unknown,,,,,,,,
""",
    "involvements.csv": """\
incident,person,role,certainty,source,grade,recorded_at
I1,P1,suspect,confirmed,,,
I1,P2,victim,,,,
""",
    "supervisions.csv": """\
person,kind,valid_from,valid_to,obliges_attendance,source,grade,recorded_at
P1,probation,2025-01-01,2026-12-31,true,,,
P2,custody,,,false,,,
""",
}


def take_out(db, viewer):
    return export_files(db, viewer, purpose=PURPOSE, at=MONDAY, zone=ZONE)


def contents(export):
    return {file.name: file.content.decode() for file in export.files}


def ids_in(export, name="persons.csv"):
    return [row[0] for row in csv.reader(StringIO(contents(export)[name]))][1:]


@pytest.fixture
def elsewhere(db, operator):
    """Gives the operator of an empty programme."""
    town = Programme(code="elsewhere", display_name="Elsewhere", created_at=MONDAY)
    db.add(town)
    db.flush()
    return replace(operator, programme_id=town.id)


def test_an_export_is_the_same_to_the_byte_on_every_database(db, operator):
    import_files(db, operator, a_town(), at=MONDAY, zone=ZONE)

    assert contents(take_out(db, operator)) == TOWN


def test_what_is_exported_comes_in_elsewhere_and_is_exported_the_same(db, operator, elsewhere):
    import_files(db, operator, a_town(), at=MONDAY, zone=ZONE)
    first = take_out(db, operator)

    report = import_files(db, elsewhere, first.files, at=MONDAY, zone=ZONE).report

    assert report.problems == []
    assert contents(take_out(db, elsewhere)) == contents(first)


def test_what_was_entered_by_hand_goes_round_as_well(db, operator, programme, elsewhere):
    lom = a_person(db, programme, MONDAY, "Lom", name="Åsa", recorded_at=MONDAY)
    other = a_person(db, programme, MONDAY, "Spov", external_id="Lom", area="  =Öster\t+ ")
    spov = a_person(db, programme, MONDAY, "Tärna", compartment="social")
    group = a_group(db, programme, MONDAY, "Granit", external_id=None)
    enemy = a_group(db, programme, MONDAY, "Kajen")
    a_relation(db, MONDAY, group, enemy)
    a_membership(db, MONDAY, lom, group, valid_from=MONDAY - timedelta(days=3, seconds=1))
    a_tie(db, MONDAY, spov, lom, strength=0.1)
    incident = an_incident(db, programme, MONDAY, summary="Rad ett\r\nrad två ")
    an_involvement(db, incident, other)
    a_supervision(db, MONDAY, lom, valid_to=datetime(9998, 12, 31, tzinfo=ZONE))
    first = take_out(db, operator)

    again = import_files(db, operator, first.files, at=MONDAY, zone=ZONE).report
    report = import_files(db, elsewhere, first.files, at=MONDAY, zone=ZONE).report

    assert {count.unchanged - count.rows for count in again.files} == {0}
    assert [p for p in report.problems if p.rejects] == []
    assert contents(take_out(db, elsewhere)) == contents(first)
    assert ids_in(first) == ["Lom", "Lom-2", "Tärna"]
    assert ids_in(first, "groups.csv") == ["Granit", "Kajen"]
    assert ids_in(first, "incidents.csv") == [f"incident-{incident.id}"]


def test_a_social_record_stays_social_wherever_it_is_brought_in(db, operator, programme, elsewhere):
    a_person(db, programme, MONDAY, "Lom", compartment="social")
    a_person(db, programme, MONDAY, "Spov")

    import_files(db, elsewhere, take_out(db, operator).files, at=MONDAY, zone=ZONE)

    again = contents(take_out(db, elsewhere))["persons.csv"].splitlines()
    assert [line.rsplit(",")[-1] for line in again] == ["compartment", "social", ""]


def test_what_was_withdrawn_is_left_out_with_all_that_refers_to_it(db, operator):
    import_files(db, operator, a_town(), at=MONDAY, zone=ZONE)
    gone = db.execute(select(Person).where(Person.external_id == "P3")).scalar_one()
    withdraw(gone, operator, at=MONDAY, reason="mistaken")
    db.flush()

    export = take_out(db, operator)

    assert ids_in(export) == ["P1", "P2"]
    assert ids_in(export, "ties.csv") == ["P1"]


def test_of_facts_that_say_the_same_the_surest_is_written_and_the_others_counted(
    db, operator, programme
):
    lom, spov = (a_person(db, programme, MONDAY, name) for name in ("Lom", "Spov"))
    for certainty in ("possible", "confirmed", None):
        a_tie(db, MONDAY, lom, spov, certainty=certainty)
    a_tie(db, MONDAY, spov, lom, certainty="possible")

    export = take_out(db, operator)

    assert (
        contents(export)["ties.csv"].splitlines()[1].startswith("Lom,Spov,associate,,,,confirmed,")
    )
    assert export.rows["ties.csv"] == 1
    assert export.collapsed == 3


def test_an_export_is_in_the_log_with_its_purpose_and_everybody_in_it(db, operator, programme):
    person = a_person(db, programme, MONDAY, "Lom")

    take_out(db, operator)

    entry = db.execute(select(AuditEntry).where(AuditEntry.kind == "export:done")).scalar_one()
    assert (entry.verb, entry.purpose) == ("disclosed", PURPOSE)
    assert entry.subjects == f'{{"person": [{person.id}]}}'


def test_an_export_without_a_purpose_is_refused(db, operator):
    with pytest.raises(RuleError):
        export_files(db, operator, purpose="  ", at=MONDAY, zone=ZONE)


def test_only_police_coordinator_and_analyst_may_export(db, viewer):
    for role in Role:
        if role in (Role.COORDINATOR_POLICE, Role.ANALYST):
            continue
        with pytest.raises(NotAllowedError):
            take_out(db, viewer(role))


def test_police_take_out_nothing_social_nothing_about_children_and_no_protected_name(
    db, viewer, programme
):
    lom = a_person(db, programme, MONDAY, "Lom", name="Åsa Ek")
    child = a_person(db, programme, MONDAY, "Spov", name="Bo Ek", birth_date=date(2010, 1, 1))
    social = a_person(db, programme, MONDAY, "Tärna", name="Eva Ek", compartment="social")
    a_person(db, programme, MONDAY, "Ejder", name="Per Ek", is_protected=True)
    for other in (child, social):
        a_tie(db, MONDAY, lom, other)
    an_involvement(db, an_incident(db, programme, MONDAY), child)

    export = take_out(db, viewer(Role.COORDINATOR_POLICE))

    assert ids_in(export) == ["Ejder", "Lom"]
    assert (ids_in(export, "ties.csv"), ids_in(export, "involvements.csv")) == ([], [])
    everything = "".join(contents(export).values())
    assert [name for name in ("Åsa", "Bo", "Eva", "Per") if f"{name} Ek" in everything] == ["Åsa"]
    assert (export.hidden, export.marked) == (1, 1)


def test_an_analyst_takes_out_no_supervision(db, viewer):
    names = [file.name for file in take_out(db, viewer(Role.ANALYST)).files]

    assert "supervisions.csv" not in names
    assert len(names) == 7


def test_a_file_nobody_can_misuse_as_a_formula(db, operator, programme):
    a_person(db, programme, MONDAY, "Lom", name="=cmd|' /C calc'!A0")
    files = take_out(db, operator).files

    assert b"Lom,'=cmd" in files[2].content
    again = import_files(db, operator, files, at=MONDAY, zone=ZONE).report
    assert [count.updated for count in again.files] == [0] * 8


def test_an_empty_programme_gives_all_files_with_their_headers(db, operator):
    export = take_out(db, operator)

    assert list(contents(export)) == list(TOWN)
    assert {len(content.splitlines()) for content in contents(export).values()} == {1}


def test_rows_stand_in_the_order_of_their_keys(db, operator):
    import_files(
        db, operator, [a_file("persons", "id", "b", "Å", "a", "A", "10", "9")], at=MONDAY, zone=ZONE
    )

    assert ids_in(take_out(db, operator)) == ["10", "9", "A", "a", "b", "Å"]
