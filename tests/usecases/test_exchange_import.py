from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import func, select

from gvi.domain.access import Role
from gvi.domain.errors import NotAllowedError
from gvi.domain.grading import Certainty
from gvi.domain.incident import InvolvementRole
from gvi.domain.removal import Removable
from gvi.exchange.reading import SourceFile
from gvi.store.known import known
from gvi.store.models import (
    AuditEntry,
    AuditSubject,
    Base,
    Fact,
    Group,
    Identity,
    Incident,
    Involvement,
    Membership,
    Person,
    Programme,
    StatusChange,
    Supervision,
    Tie,
    revisions_of,
)
from gvi.store.types import ALWAYS
from gvi.usecases.exchange import import_files, try_import
from gvi.usecases.facts import correct, withdraw
from gvi.usecases.removal import remove
from tests.conftest import MONDAY, ZONE
from tests.exchange.files import a_file, a_town
from tests.factories import a_group, a_membership, a_person, a_tie, an_incident, an_involvement

TUESDAY = MONDAY + timedelta(days=1)
PERSONS = a_file("persons", "id,name,birth_date", "P1,Åsa,1990-01-01", "P2,Bo,", "P3,,")
GROUPS = a_file("groups", "id,name", "G1,Granit")


def bring_in(db, viewer, *files, at=MONDAY, **options):
    return import_files(db, viewer, files, at=at, zone=ZONE, **options).report


def counted(report):
    """File → (created, updated, unchanged, rejected)."""
    return {f.name: (f.created, f.updated, f.unchanged, f.rejected) for f in report.files}


def problems(report):
    return [(p.file, p.row, p.column, p.said(p.reason)) for p in report.rejecting]


def one(db, model, **values):
    return db.execute(select(model).filter_by(**values)).scalar_one()


def rows_of_facts(db):
    """Everything stored about anybody, table by table."""
    names = {model.__tablename__ for model in Fact.__subclasses__()}
    names |= {f"{name}_revisions" for name in names} | {"identities", "status_changes"}
    tables = [table for table in Base.metadata.sorted_tables if table.name in names]
    return {t.name: sorted(map(str, db.execute(select(t)))) for t in tables}


def test_a_whole_town_comes_in(db, operator):
    report = bring_in(db, operator, *a_town())

    assert problems(report) == []
    assert counted(report) == {
        "groups.csv": (2, 0, 0, 0),
        "group_relations.csv": (1, 0, 0, 0),
        "persons.csv": (3, 0, 0, 0),
        "memberships.csv": (3, 0, 0, 0),
        "ties.csv": (2, 0, 0, 0),
        "incidents.csv": (2, 0, 0, 0),
        "involvements.csv": (2, 0, 0, 0),
        "supervisions.csv": (2, 0, 0, 0),
    }
    person = one(db, Person, external_id="P1")
    assert (person.code_name, person.birth_date, person.area) == ("P1", date(1998, 5, 17), "Öster")
    assert db.get_one(Identity, person.id).name == "Åsa Öberg"
    incident = one(db, Incident, external_id="I1")
    assert incident.summary == 'Rad ett\nrad två; med "citat"'
    assert incident.occurred_at == datetime(2025, 3, 30, 0, 30, tzinfo=UTC)


def test_blank_cells_get_what_blank_means_and_unknown_stays_unknown(db, operator):
    bring_in(db, operator, *a_town())

    membership = one(db, Membership, person_id=one(db, Person, external_id="P2").id)
    assert (membership.role, membership.certainty, membership.status) == (None, None, "current")
    assert one(db, Group, external_id="G1").status == "active"
    incident = one(db, Incident, external_id="I2")
    assert (incident.gmi, incident.status, incident.latitude) == ("unknown", "closed", None)
    assert one(db, Incident, external_id="I1").status == "new"
    assert one(db, Supervision, kind="custody").obliges_attendance is False
    assert one(db, Tie, kind="recruiter").strength is None


def test_a_group_without_a_name_goes_by_its_id(db, operator):
    bring_in(db, operator, a_file("groups", "id", "G1"))

    assert one(db, Group, external_id="G1").name == "G1"


def test_supervision_stands_under_probations_secrecy_and_all_else_under_the_polices(db, operator):
    bring_in(db, operator, *a_town())

    assert set(db.execute(select(Supervision.compartment)).scalars()) == {"probation"}
    for model in (Group, Person, Membership, Tie, Incident, Involvement):
        assert set(db.execute(select(model.compartment)).scalars()) == {"police"}


def test_a_row_without_recorded_at_counts_as_recorded_when_it_occurred(db, operator):
    bring_in(db, operator, *a_town())

    incident = one(db, Incident, external_id="I1")
    involved = one(db, Involvement, role="suspect")
    undated = one(db, Person, external_id="P2")
    given = one(db, Person, external_id="P1")
    assert (incident.recorded_at, incident.recorded_assumed) == (incident.occurred_at, True)
    assert (involved.recorded_at, involved.recorded_assumed) == (incident.occurred_at, True)
    assert (undated.recorded_at, undated.recorded_assumed) == (ALWAYS, True)
    assert given.recorded_at == datetime(2025, 2, 3, 7, 15, tzinfo=UTC)
    assert given.recorded_assumed is False
    assert {fact.entered_at for fact in (incident, involved, undated, given)} == {MONDAY}


def test_an_earlier_day_knows_what_had_occurred_by_then(db, operator):
    bring_in(db, operator, *a_town())

    def known_on(day):
        table = known(Incident, datetime.fromisoformat(day).replace(tzinfo=ZONE))
        return sorted(db.execute(select(table.c.external_id)).scalars())

    assert known_on("2025-03-29") == []
    assert known_on("2025-06-01") == ["I1"]
    assert known_on("2025-11-01") == ["I1", "I2"]


def test_the_same_files_twice_change_nothing(db, operator):
    bring_in(db, operator, *a_town())
    before = rows_of_facts(db)

    report = bring_in(db, operator, *a_town(), at=TUESDAY)

    assert {fates[:2] for fates in counted(report).values()} == {(0, 0)}
    assert {fates[3] for fates in counted(report).values()} == {0}
    assert rows_of_facts(db) == before


def test_a_dry_run_says_what_an_import_does_and_changes_nothing(db, operator):
    before = rows_of_facts(db)

    tried = try_import(db, operator, a_town(), at=MONDAY, zone=ZONE).report

    assert rows_of_facts(db) == before
    assert tried.dry_run
    assert counted(tried) == counted(bring_in(db, operator, *a_town()))


@pytest.mark.parametrize("dry_run", [True, False])
def test_one_rejected_row_refuses_the_whole(db, operator, dry_run):
    before = rows_of_facts(db)
    act = try_import if dry_run else import_files

    done = act(
        db,
        operator,
        [PERSONS, a_file("ties", "person_a,person_b,kind", "P1,P2,friend", "P1,P9,friend")],
        at=MONDAY,
        zone=ZONE,
    )

    assert done.report.is_refused
    assert counted(done.report) == {"persons.csv": (0, 0, 0, 0), "ties.csv": (0, 0, 0, 1)}
    assert rows_of_facts(db) == before
    assert done.report.document()["problems"] == [
        {
            "file": "ties.csv",
            "row": 3,
            "column": "person_b",
            "value": "P9",
            "reason": "This id is neither in persons.csv nor in the database.",
            "suggestion": "Add it to persons.csv, or correct the id.",
        }
    ]


def test_rejected_rows_can_be_left_out_and_come_back_in_their_layout(db, operator):
    files = [
        a_file("persons", "id,name,birth_date", "P1,Åsa,1990-01-01", "P2,Bo,1990-02-30"),
        a_file("ties", "person_a,person_b,kind", "P1,P3,friend", "P2,P1,friend"),
    ]

    done = import_files(db, operator, files, at=MONDAY, zone=ZONE, skip_rejected=True)

    assert counted(done.report) == {"persons.csv": (1, 0, 0, 1), "ties.csv": (0, 0, 0, 2)}
    assert [p[1:] for p in problems(done.report)][1:] == [
        (2, "person_b", "This id is neither in persons.csv nor in the database."),
        (3, "person_a", "Its own row in persons.csv, row 3, was rejected."),
    ]
    assert done.rejected == [a_file("persons", "id,name,birth_date", "P2,Bo,1990-02-30"), files[1]]
    assert db.execute(select(func.count()).select_from(Person)).scalar() == 1


def test_a_file_may_refer_to_what_is_stored_and_a_misspelt_id_is_recognised(db, operator):
    bring_in(db, operator, a_file("persons", "id", "person-0042", "person-0815"))
    ties = a_file("ties", "person_a,person_b,kind", "person-0042,Person-815,friend")

    report = bring_in(db, operator, ties)

    assert report.rejecting[0].said(report.rejecting[0].suggestion) == "Did you mean person-0815?"


def test_changed_values_are_updated_and_earlier_days_keep_the_old_ones(db, operator):
    bring_in(db, operator, *a_town())
    changed = a_file(
        "incidents", "id,occurred_at,kind,gmi", "I1,2025-03-30T01:30,explosion,known_not"
    )

    report = bring_in(db, operator, changed, at=TUESDAY)

    assert counted(report) == {"incidents.csv": (0, 1, 0, 0)}
    incident = one(db, Incident, external_id="I1")
    assert (incident.gmi, incident.revised_at, incident.place) == ("known_not", TUESDAY, "Torget")
    old = known(Incident, MONDAY)
    assert db.execute(select(old.c.gmi).where(old.c.external_id == "I1")).scalar() == "likely"
    change = one(db, StatusChange, thing="incident", thing_id=incident.id)
    assert (change.field, change.old, change.new) == ("gmi", "likely", "known_not")


def test_a_blank_cell_never_takes_anything_away(db, operator):
    bring_in(db, operator, *a_town())
    before = rows_of_facts(db)

    report = bring_in(
        db,
        operator,
        a_file("persons", "id,name,birth_date,area", "P1,,,"),
        a_file(
            "group_relations",
            "group_a,group_b,kind,valid_from,valid_to",
            "G1,G2,open_conflict,2025-01-01,",
        ),
        at=TUESDAY,
    )

    assert set(counted(report).values()) == {(0, 0, 1, 0)}
    assert rows_of_facts(db) == before


def test_a_name_that_becomes_known_or_changes_is_kept_apart_from_the_person(db, operator):
    bring_in(db, operator, PERSONS)

    report = bring_in(db, operator, a_file("persons", "id,name", "P3,Per", "P1,Åsa Ek"), at=TUESDAY)

    assert counted(report) == {"persons.csv": (0, 2, 0, 0)}
    names = db.execute(select(Identity.name)).scalars()
    assert sorted(names) == ["Bo", "Per", "Åsa Ek"]
    assert one(db, Person, external_id="P1").revised_at == ALWAYS


def test_recorded_at_that_becomes_known_is_no_longer_assumed(db, operator):
    bring_in(db, operator, PERSONS)

    bring_in(db, operator, a_file("persons", "id,recorded_at", "P1,2026-01-01"), at=TUESDAY)

    person = one(db, Person, external_id="P1")
    assert person.recorded_assumed is False
    assert person.recorded_at == datetime(2025, 12, 31, 23, tzinfo=UTC)


def test_what_was_changed_by_hand_is_never_overwritten(db, operator):
    bring_in(db, operator, *a_town())
    tie = one(db, Tie, kind="friend")
    correct(tie, operator, "tie:write", at=TUESDAY, strength=4.0)
    db.flush()

    report = bring_in(db, operator, *a_town(), at=TUESDAY)

    assert problems(report) == [
        (
            "ties.csv",
            2,
            "strength",
            "Changed here by hand: stored is “4”, the file says “2.5”.",
        )
    ]
    assert report.is_refused
    assert tie.strength == 4.0


def test_a_day_changed_by_hand_does_not_make_a_second_fact(db, operator):
    bring_in(db, operator, *a_town())
    involvement = one(db, Involvement, role="suspect")
    correct(involvement, operator, "incident:write", at=TUESDAY, role=InvolvementRole.WITNESS)
    db.flush()

    report = bring_in(db, operator, *a_town(), at=TUESDAY)

    assert [problem[:3] for problem in problems(report)] == [("involvements.csv", 2, "role")]
    assert "stored is “witness”, the file says “suspect”" in problems(report)[0][3]


def test_what_was_changed_by_hand_to_what_the_file_says_is_fine(db, operator, programme):
    a_person(db, programme, MONDAY, "Lom", birth_date=date(1990, 1, 1), edited_by_hand=True)

    report = bring_in(db, operator, a_file("persons", "id,birth_date", "Lom,1990-01-01"))

    assert counted(report) == {"persons.csv": (0, 0, 1, 0)}


def test_what_was_withdrawn_by_hand_does_not_come_back(db, operator):
    bring_in(db, operator, *a_town())
    for fact in (one(db, Tie, kind="friend"), one(db, Person, external_id="P3")):
        withdraw(fact, operator, at=TUESDAY, reason="mistaken")
    db.flush()

    report = bring_in(db, operator, *a_town(), at=TUESDAY)

    assert {problem[3] for problem in problems(report)} == {
        "This was withdrawn here by hand; a file does not bring it back."
    }
    assert [problem[:2] for problem in problems(report)] == [
        ("persons.csv", 4),
        ("ties.csv", 2),
        ("ties.csv", 3),
    ]


@pytest.mark.parametrize(
    ("later", "clashes"),
    [
        pytest.param("2024-06-01,", True, id="begins before the first ends"),
        pytest.param("2025-01-01,", False, id="begins when the first ends"),
        pytest.param(",2024-01-01", False, id="ends when the first begins"),
        pytest.param(",2024-01-02", True, id="ends a day too late"),
        pytest.param(",", True, id="holds always"),
    ],
)
@pytest.mark.parametrize("is_stored", [True, False], ids=["stored", "in the file"])
def test_two_memberships_of_one_person_in_one_group_do_not_overlap(
    db, operator, later, clashes, is_stored
):
    header, first = "person,group,valid_from,valid_to", "P1,G1,2024-01-01,2025-01-01"
    if is_stored:
        bring_in(db, operator, PERSONS, GROUPS, a_file("memberships", header, first))
        lines = [header, f"P1,G1,{later}"]
    else:
        lines = [header, first, f"P1,G1,{later}"]

    report = bring_in(db, operator, PERSONS, GROUPS, a_file("memberships", *lines))

    row = len(lines)
    expected = [("memberships.csv", row, "valid_from")] if clashes else []
    assert [problem[:3] for problem in problems(report)] == expected


def test_a_membership_in_another_group_or_of_another_person_is_no_overlap(db, operator):
    groups = a_file("groups", "id", "G1", "G2")
    memberships = a_file("memberships", "person,group", "P1,G1", "P1,G2", "P2,G1")

    assert problems(bring_in(db, operator, PERSONS, groups, memberships)) == []


def test_a_file_can_end_a_stored_membership_and_begin_the_next(db, operator):
    header = "person,group,valid_from,valid_to,role"
    bring_in(
        db, operator, PERSONS, GROUPS, a_file("memberships", header, "P1,G1,2024-01-01,,member")
    )

    report = bring_in(
        db,
        operator,
        a_file(
            "memberships", header, "P1,G1,2025-01-01,,leader", "P1,G1,2024-01-01,2025-01-01,member"
        ),
        at=TUESDAY,
    )

    assert counted(report) == {"memberships.csv": (1, 1, 0, 0)}


def test_kinds_nobody_knows_are_reported_and_do_no_harm(db, operator):
    incidents = a_file(
        "incidents", "id,occurred_at,kind", "I1,2025-01-01,stabing", "I2,2025-01-01,stabing"
    )
    supervisions = a_file("supervisions", "person,kind", "P1,parole")

    report = bring_in(db, operator, PERSONS, incidents, supervisions)

    assert [(p.file, p.row, p.said(p.suggestion)) for p in report.notes] == [
        ("incidents.csv", 2, "Did you mean stabbing?"),
        (
            "supervisions.csv",
            2,
            "Use one of: probation, conditional_release, youth_supervision, custody, other.",
        ),
    ]
    assert one(db, Supervision).kind == "other"


def test_what_lies_in_the_future_is_pointed_out_and_a_birth_there_refused(db, operator):
    report = bring_in(
        db,
        operator,
        a_file("persons", "id,birth_date", "P1,2026-03-03"),
        a_file("incidents", "id,occurred_at,kind", "I1,2062-01-01,robbery"),
    )

    assert [(p.file, p.column, p.rejects) for p in report.problems] == [
        ("persons.csv", "birth_date", True),
        ("incidents.csv", "occurred_at", False),
    ]


def test_files_of_other_names_are_reported_and_left_alone(db, operator):
    report = bring_in(
        db,
        operator,
        PERSONS,
        a_file("attendances", "call_in,person"),
        a_file("person", "id"),
        a_file("README.md"),
    )

    assert not report.is_refused
    assert all("was not read" in p.reason for p in report.notes)
    assert [(p.file, p.said(p.suggestion)[:13]) for p in report.notes] == [
        ("attendances.csv", "Record who ca"),
        ("person.csv", "Did you mean "),
        ("README.md", "The files are"),
    ]


@pytest.mark.parametrize(
    "file",
    [
        pytest.param(a_file("ties"), id="empty"),
        pytest.param(a_file("ties", "person_a,kind", "P1,friend"), id="without a key"),
        pytest.param(a_file("ties", "person_a,person_b,kind", 'P1,"P2'), id="broken"),
    ],
)
def test_a_file_that_cannot_be_read_refuses_the_whole(db, operator, file):
    report = bring_in(db, operator, PERSONS, file)

    assert report.is_refused
    assert db.execute(select(func.count()).select_from(Person)).scalar() == 0


def test_a_file_of_which_no_row_can_be_read_goes_back_whole(db, operator):
    broken = a_file("ties", "person_a,person_b,kind", 'P1,"P2')

    done = import_files(db, operator, [PERSONS, broken], at=MONDAY, zone=ZONE, skip_rejected=True)

    assert counted(done.report)["persons.csv"] == (3, 0, 0, 0)
    assert done.rejected == [broken]


def test_a_code_name_somebody_has_gets_a_number(db, operator, programme):
    a_person(db, programme, MONDAY, "p1", external_id="X")

    bring_in(db, operator, PERSONS)

    assert one(db, Person, external_id="P1").code_name == "P1-2"


def test_other_programmes_are_apart(db, operator):
    other_town = Programme(code="other", display_name="Other", created_at=MONDAY)
    db.add(other_town)
    db.flush()
    bring_in(db, operator, *a_town())

    report = bring_in(db, replace(operator, programme_id=other_town.id), *a_town())

    assert {fates[1:] for fates in counted(report).values()} == {(0, 0, 0)}


# Plain edge lists


def test_an_edge_list_becomes_ties_and_persons_and_all_of_it_is_said(db, operator):
    bring_in(db, operator, a_file("persons", "id,name", "P1,Åsa"))
    edges = a_file("edges", "Source,Target", "P1,P2", "P2,P1", "P3,P2")

    report = bring_in(db, operator, edges)

    assert counted(report) == {"edges.csv": (2, 0, 1, 0)}
    first = report.notes[0]
    assert first.said(first.reason) == "Unknown ids became new persons, 2 in all: P2, P3."
    ties = db.execute(select(Tie.kind, Tie.certainty, Tie.strength)).all()
    assert set(ties) == {("associate", Certainty.CONFIRMED, None)}
    assert counted(bring_in(db, operator, edges)) == {"edges.csv": (0, 0, 3, 0)}


def test_an_edge_list_is_taken_only_alone(db, operator):
    report = bring_in(db, operator, PERSONS, a_file("edges", "P1,P2"))

    assert counted(report) == {"persons.csv": (3, 0, 0, 0)}
    assert [problem.file for problem in report.notes] == ["edges.csv"]


# Rights


def test_only_police_coordinator_and_analyst_may_import(db, viewer):
    for role in Role:
        if role in (Role.COORDINATOR_POLICE, Role.ANALYST):
            continue
        with pytest.raises(NotAllowedError):
            bring_in(db, viewer(role), PERSONS)


def test_an_analyst_does_not_bring_in_supervision(db, viewer):
    supervisions = a_file("supervisions", "person,kind", "P1,probation", "P2,probation")

    report = bring_in(db, viewer(Role.ANALYST), PERSONS, supervisions)

    assert problems(report) == [
        ("supervisions.csv", 1, "", "Your role does not give the right to bring in this file.")
    ]
    assert counted(report)["supervisions.csv"] == (0, 0, 0, 2)


def test_police_do_not_write_into_social_secrecy(db, viewer, operator):
    persons = a_file("persons", "id,compartment", "P1,social")

    report = bring_in(db, viewer(Role.COORDINATOR_POLICE), persons)

    assert [problem[2] for problem in problems(report)] == ["compartment"]
    assert not bring_in(db, operator, persons).is_refused


def test_a_file_does_not_move_a_record_into_another_secrecy(db, operator):
    bring_in(db, operator, PERSONS)

    report = bring_in(db, operator, a_file("persons", "id,compartment", "P1,shared"))

    assert [problem[2] for problem in problems(report)] == ["compartment"]


def test_an_id_of_a_hidden_person_tells_nothing_about_who_has_it(db, viewer, programme):
    a_person(db, programme, MONDAY, "Lom", external_id="P1", name="Eva", compartment="social")

    report = bring_in(
        db,
        viewer(Role.COORDINATOR_POLICE),
        a_file("persons", "id,name", "P1,Adam"),
        a_file("ties", "person_a,person_b,kind", "P1,P2,friend"),
    )

    assert problems(report)[0] == ("persons.csv", 2, "id", "This id cannot be used here.")
    assert "Eva" not in str(report.document())


def test_an_id_that_the_other_side_removed_is_refused_like_one_it_has(db, viewer, programme):
    removed = a_person(db, programme, MONDAY, "Vit", external_id="P1", compartment="social")
    a_person(db, programme, MONDAY, "Lom", external_id="P2", compartment="child")
    municipality, police = viewer(Role.COORDINATOR_MUNICIPAL), viewer(Role.COORDINATOR_POLICE)
    remove(db, municipality, Removable.PERSON, removed.id, reason="moved", at=MONDAY)
    files = [
        a_file("persons", "id,name", "P1,Adam", "P2,Bo"),
        a_file("ties", "person_a,person_b,kind", "P1,P2,friend"),
    ]

    told = problems(bring_in(db, police, *files))
    pairs = SourceFile(name="pairs.csv", content=b"a,b\nP1,P9\nP2,P8\n")
    in_pairs = problems(bring_in(db, police, pairs))

    assert [each[2:] for each in told[:2]] == [("id", "This id cannot be used here.")] * 2
    assert {each[2:] for each in in_pairs} == {
        ("person_a", "This id is neither in persons.csv nor in the database.")
    }


def test_of_children_police_bring_in_involvements_only(db, viewer, programme):
    a_person(db, programme, MONDAY, "Lom", birth_date=date(2010, 1, 1))
    files = [
        a_file("persons", "id,birth_date", "P1,1990-01-01", "P2,2010-01-01"),
        a_file("ties", "person_a,person_b,kind", "P1,P2,friend", "P1,Lom,friend"),
        a_file("incidents", "id,occurred_at,kind", "I1,2026-01-01,robbery"),
        a_file("involvements", "incident,person,role", "I1,P2,victim", "I1,Lom,present"),
    ]

    report = bring_in(db, viewer(Role.COORDINATOR_POLICE), *files)

    assert [problem[:3] for problem in problems(report)] == [
        ("ties.csv", 2, "person_b"),
        ("ties.csv", 3, "person_b"),
    ]


@pytest.mark.parametrize(
    "hidden",
    [
        pytest.param({"birth_date": date(2010, 1, 1)}, id="a child"),
        pytest.param({"is_protected": True}, id="somebody protected"),
    ],
)
@pytest.mark.parametrize("line", ["Lom,Eva Ek,2010-01-01", "Lom,Someone Else,1980-12-12"])
def test_a_file_is_no_way_to_guess_at_what_is_hidden(db, viewer, programme, hidden, line):
    person = a_person(db, programme, MONDAY, "Lom", name="Eva Ek", edited_by_hand=True, **hidden)
    born = person.birth_date

    report = bring_in(
        db, viewer(Role.COORDINATOR_POLICE), a_file("persons", "id,name,birth_date", line)
    )

    assert counted(report) == {"persons.csv": (0, 0, 1, 0)}
    assert [p.said(p.reason) for p in report.problems] == [
        "The record of this person is not for your role to change; the row was left alone."
    ]
    assert person.birth_date == born


# The log


def test_an_import_is_in_the_log_with_everybody_it_touched(db, operator):
    bring_in(db, operator, *a_town())

    entry = one(db, AuditEntry, kind="import:done")
    assert (entry.verb, entry.actor, entry.role) == ("collected", "operator", "operator")
    assert '"created": 3' in entry.detail
    touched = db.execute(
        select(AuditSubject.thing, AuditSubject.thing_id).where(AuditSubject.entry_id == entry.id)
    ).all()
    people = set(db.execute(select(Person.id)).scalars())
    assert {thing_id for thing, thing_id in touched if thing == "person"} == people
    assert {thing for thing, _ in touched} == {"group", "incident", "person"}


def test_a_refused_import_is_in_the_log_too(db, operator):
    bring_in(db, operator, a_file("ties", "person_a,person_b,kind", "P1,P2,friend"))

    entry = one(db, AuditEntry, kind="import:refused")
    assert (entry.verb, entry.subjects) == ("consulted", "{}")


def test_facts_entered_by_hand_are_found_by_what_they_are_called(db, operator, programme):
    lom = a_person(db, programme, MONDAY, "Lom")
    group = a_group(db, programme, MONDAY, "Granit", external_id=None)
    incident = an_incident(db, programme, MONDAY)
    a_membership(db, MONDAY, lom, group)
    a_tie(db, MONDAY, lom, a_person(db, programme, MONDAY, "Spov"))
    an_involvement(db, incident, lom)

    report = bring_in(
        db,
        operator,
        a_file("memberships", "person,group,certainty", "Lom,Granit,confirmed"),
        a_file("ties", "person_a,person_b,kind,certainty", "Spov,Lom,associate,confirmed"),
        a_file("involvements", "incident,person,role", f"incident-{incident.id},Lom,suspect"),
    )

    assert problems(report) == []
    assert set(counted(report).values()) == {(0, 0, 1, 0)}


def test_superseded_values_are_kept_once_for_each_change(db, operator):
    bring_in(db, operator, PERSONS)
    for area in ("Öster", "Väster"):
        bring_in(db, operator, a_file("persons", "id,area", f"P1,{area}"), at=TUESDAY)

    old = revisions_of(Person)
    assert db.execute(
        select(old.c.area, old.c.superseded_at).order_by(old.c.revision_id)
    ).all() == [
        ("", TUESDAY),
        ("Öster", TUESDAY),
    ]
