from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from gvi.domain.access import Role
from gvi.domain.errors import RuleError
from gvi.domain.review import GRACE_DAYS, PERIOD_DAYS, Reviewed, latest_review
from gvi.exchange.reading import SourceFile
from gvi.store.models import (
    AuditEntry,
    Group,
    Involvement,
    Membership,
    Person,
    Removal,
    Tie,
)
from gvi.usecases.exchange import import_files
from gvi.usecases.facts import Provenance
from gvi.usecases.membership import add_membership
from gvi.usecases.person import PersonDetails, add_person
from gvi.usecases.retention import run_retention
from gvi.usecases.review import ask_extension
from tests.conftest import MONDAY, ZONE
from tests.factories import (
    a_consent,
    a_disclosure,
    a_group,
    a_membership,
    a_person,
    a_request,
    a_tie,
    an_incident,
    an_involvement,
)

TODAY = date(2026, 3, 2)
FAR = date(2026, 12, 31)
LATE = TODAY - timedelta(days=GRACE_DAYS + 1)
GIVEN = Provenance(source="Group audit", ground="Mapping of groups", grade="B2")


def _run(db, operator, at=MONDAY):
    return run_retention(db, operator, at=at, zone=ZONE)


def _people(db, programme, **given):
    return [a_person(db, programme, MONDAY, code, **given) for code in ("Lom", "Siska")]


def test_a_record_goes_the_day_after_its_grace_and_not_before(db, programme, operator):
    person, _ = _people(db, programme, review_due_on=FAR)
    group = a_group(db, programme, MONDAY, review_due_on=FAR)
    kept = a_membership(db, MONDAY, person, group, review_due_on=LATE + timedelta(days=1)).id
    gone = a_membership(db, MONDAY, person, group, review_due_on=LATE).id

    report = _run(db, operator)

    assert dict(report.removed) == {"membership": 1}
    assert list(db.execute(select(Membership.id)).scalars()) == [kept]
    removal = db.execute(select(Removal)).scalar_one()
    assert (removal.thing_id, removal.cause) == (gone, "review_overdue")
    assert not _run(db, operator).removed


def test_a_person_stays_while_anything_about_them_is_within_its_time(db, programme, operator):
    person, other = _people(db, programme, review_due_on=LATE)
    a_tie(db, MONDAY, person, other, review_due_on=FAR)

    assert not _run(db, operator).removed
    db.execute(Tie.__table__.update().values(review_due_on=LATE))
    report = _run(db, operator)

    assert dict(report.removed) == {"person": 2, "tie": 1}
    assert db.execute(select(Person.id)).first() is None


OVER = [
    {"status": "declined"},
    {"withdrawn_at": MONDAY, "withdrawn_by_id": 1},
    {"written_at": MONDAY - timedelta(days=9), "expires_at": MONDAY},
]


@pytest.mark.parametrize("over", OVER, ids=["declined", "withdrawn", "ended"])
def test_a_person_stays_while_something_disclosed_waits_or_can_be_read(
    db, programme, operator, viewer, over
):
    person = a_person(db, programme, MONDAY, "Lom", review_due_on=LATE)
    by, to = (viewer(r).user_id for r in (Role.COORDINATOR_POLICE, Role.COORDINATOR_MUNICIPAL))
    made = a_disclosure(
        db,
        MONDAY,
        person,
        "police",
        "social",
        by=by,
        to=to,
        frozen="{}",
        status="proposed",
        decided_at=None,
        decided_by_id=None,
    )

    assert not _run(db, operator).removed
    made.status, made.decided_at, made.decided_by_id = "disclosed", MONDAY, by
    db.flush()
    assert not _run(db, operator).removed
    ended = {"withdrawn_by_id": by} if "withdrawn_at" in over else {}
    for name, value in (over | ended).items():
        setattr(made, name, value)
    db.flush()
    assert dict(_run(db, operator).removed) == {"person": 1}


@pytest.mark.parametrize("way", ["withdrawn", "ended"])
def test_a_person_goes_when_the_consent_has_ended(db, programme, operator, viewer, way):
    person = a_person(db, programme, MONDAY, "Lom", review_due_on=LATE)
    by, to = (viewer(r).user_id for r in (Role.COORDINATOR_POLICE, Role.COORDINATOR_MUNICIPAL))
    consent = a_consent(db, MONDAY, person, "police", "social", ends_on=TODAY)
    given = {"ground": "consent", "consent_id": consent.id}
    a_disclosure(db, MONDAY, person, "police", "social", by=by, to=to, frozen="{}", **given)

    assert not _run(db, operator).removed
    if way == "ended":
        consent.ends_on = TODAY - timedelta(days=1)
    else:
        consent.withdrawn_at, consent.withdrawn_by_id = MONDAY, by
    db.flush()
    assert dict(_run(db, operator).removed) == {"person": 1}


def test_a_person_stays_while_a_request_waits(db, programme, operator, viewer):
    person = a_person(db, programme, MONDAY, "Lom", review_due_on=LATE)
    by = viewer(Role.COORDINATOR_POLICE).user_id
    asked = a_request(db, MONDAY, person, "police", "social", owner_id=by)

    assert not _run(db, operator).removed
    asked.status, asked.answered_at, asked.answered_by_id = "answered", MONDAY, by
    db.flush()
    assert dict(_run(db, operator).removed) == {"person": 1}


def test_a_group_and_an_incident_stay_while_others_need_them(db, programme, operator):
    person, _ = _people(db, programme, review_due_on=FAR)
    a_membership(
        db, MONDAY, person, a_group(db, programme, MONDAY, review_due_on=LATE), review_due_on=FAR
    )
    incident = an_incident(db, programme, MONDAY, review_due_on=LATE)
    an_involvement(db, incident, person, review_due_on=FAR)

    assert not _run(db, operator).removed
    db.execute(Membership.__table__.update().values(review_due_on=LATE))
    db.execute(Involvement.__table__.update().values(review_due_on=LATE))
    report = _run(db, operator)

    assert dict(report.removed) == {"membership": 1, "involvement": 1, "incident": 1, "group": 1}
    assert db.execute(select(Group.id)).first() is None


def test_what_waits_for_a_yes_stays_for_a_month(db, programme, operator, viewer):
    person, _ = _people(db, programme, review_due_on=FAR)
    group = a_group(db, programme, MONDAY, review_due_on=FAR)
    fact = a_membership(db, MONDAY, person, group, review_due_on=LATE)
    ask_extension(
        db,
        viewer(Role.ANALYST),
        Reviewed.MEMBERSHIP,
        fact.id,
        until=TODAY + timedelta(days=90),
        reason="a report is awaited",
        at=MONDAY,
        zone=ZONE,
    )

    assert not _run(db, operator, MONDAY + timedelta(days=29)).removed
    assert dict(_run(db, operator, MONDAY + timedelta(days=31)).removed) == {"membership": 1}


def test_records_without_a_day_get_one(db, programme, operator):
    person, other = _people(db, programme)
    child = a_person(db, programme, MONDAY, "Mes", birth_date=date(2011, 1, 1))
    tie = a_tie(db, MONDAY, person, other)
    young = a_tie(db, MONDAY, person, child)

    report = _run(db, operator)

    assert dict(report.dated) == {"person": 3, "tie": 2}
    db.expire_all()
    assert tie.review_due_on == date(2027, 3, 2)
    assert young.review_due_on == date(2026, 8, 31)
    assert not _run(db, operator).dated


def test_new_records_get_a_day_by_their_kind(db, programme, viewer):
    analyst = viewer(Role.ANALYST)
    person = add_person(db, analyst, details=PersonDetails(code_name="Lom"), given=GIVEN, at=MONDAY)
    group = a_group(db, programme, MONDAY)
    fact = add_membership(
        db,
        analyst,
        person_id=person.id,
        group_id=group.id,
        role=None,
        certainty=None,
        valid_from=None,
        given=GIVEN,
        at=MONDAY,
    )

    assert person.review_due_on == TODAY + timedelta(days=PERIOD_DAYS[Reviewed.PERSON])
    assert fact.review_due_on == date(2027, 3, 2)
    far = Provenance(source="a", ground="b", review_due_on=date(2030, 1, 1))
    with pytest.raises(RuleError) as refused:
        add_person(db, analyst, details=PersonDetails(code_name="Siska"), given=far, at=MONDAY)
    assert refused.value.field == "review_due_on"


def test_imported_records_get_a_day_too_sooner_for_children(db, viewer):
    files = [
        SourceFile(name="persons.csv", content=b"id,birth_date\n1,1999-01-01\n2,2011-01-01\n"),
        SourceFile(name="incidents.csv", content=b"id,occurred_at,kind\n7,2026-02-01,stabbing\n"),
        SourceFile(
            name="involvements.csv", content=b"incident,person,role\n7,1,suspect\n7,2,witness\n"
        ),
    ]

    report = import_files(db, viewer(Role.COORDINATOR_POLICE), files, at=MONDAY, zone=ZONE).report

    assert not report.is_refused
    days = {row[0]: row[1] for row in db.execute(select(Person.external_id, Person.review_due_on))}
    assert days == {"1": date(2027, 3, 2), "2": date(2026, 8, 31)}
    parts = {
        row[0]: row[1] for row in db.execute(select(Involvement.role, Involvement.review_due_on))
    }
    assert parts["suspect"] == latest_review(Reviewed.INVOLVEMENT, TODAY)
    assert parts["witness"] == date(2026, 8, 31)


def test_the_log_names_what_was_done_and_nobody(db, programme, operator):
    _people(db, programme, review_due_on=LATE, name="Viktor Älgmark")

    _run(db, operator)
    _run(db, operator, MONDAY + timedelta(days=30))

    columns = (AuditEntry.kind, AuditEntry.detail, AuditEntry.purpose)
    entries = db.execute(select(*columns).order_by(AuditEntry.id)).all()
    assert [row.kind for row in entries] == ["person:removed"] * 2 + ["removal:erased"] * 2
    assert "Viktor" not in repr(entries)
    left = db.execute(select(func.count()).where(Removal.bundle.is_not(None))).scalar()
    assert left == 0
