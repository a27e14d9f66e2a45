from datetime import timedelta

import pytest
from sqlalchemy import select

from gvi.domain.access import Role
from gvi.domain.errors import NotAllowedError, NotFoundError, RuleError
from gvi.domain.supervision import SupervisionKind
from gvi.store.models import AuditEntry
from gvi.usecases.facts import Provenance
from gvi.usecases.supervision import (
    add_supervision,
    correct_supervision,
    end_supervision,
    withdraw_supervision,
)
from tests.conftest import MONDAY
from tests.factories import a_client, a_person, a_supervision

GIVEN = Provenance(source="Judgment B 1234", ground="Who can be obliged to come")
LATER = MONDAY + timedelta(days=1)
NEXT_WEEK = MONDAY + timedelta(days=7)


@pytest.fixture
def client(db, programme, viewer):
    """Somebody who is the probation officer's own client."""
    person = a_person(db, programme, MONDAY)
    a_client(db, MONDAY, person, viewer(Role.PROBATION).user_id)
    return person


def _add(db, viewer, person, role=Role.PROBATION, **facts):
    return add_supervision(
        db,
        viewer(role),
        **{
            "person_id": person.id,
            "kind": SupervisionKind.PROBATION,
            "obliges_attendance": True,
            "valid_from": MONDAY,
            "given": GIVEN,
            "at": LATER,
            **facts,
        },
    )


def test_supervision_stands_under_probations_secrecy_whoever_enters_it(db, viewer, client):
    probation = _add(db, viewer, client, note="Keeps his times")
    police = _add(db, viewer, client, role=Role.COORDINATOR_POLICE, kind=SupervisionKind.OTHER)

    assert (probation.compartment, probation.note) == ("probation", "Keeps his times")
    assert police.compartment == "probation"
    kinds = db.execute(select(AuditEntry.kind)).scalars().all()
    assert kinds == ["supervision:added", "supervision:added"]


def test_only_probation_writes_the_note(db, viewer, client):
    with pytest.raises(NotAllowedError):
        _add(db, viewer, client, role=Role.COORDINATOR_POLICE, note="Seen in town")


def test_a_correction_by_police_leaves_probations_note(db, viewer, client):
    supervision = _add(db, viewer, client, note="Keeps his times")

    _correct(db, viewer, supervision, Provenance(source="", ground=""))

    assert (supervision.kind, supervision.note) == ("conditional_release", "Keeps his times")


def _correct(db, viewer, supervision, given):
    correct_supervision(
        db,
        viewer(Role.COORDINATOR_POLICE),
        supervision.id,
        kind=SupervisionKind.CONDITIONAL_RELEASE,
        obliges_attendance=True,
        valid_from=MONDAY,
        valid_to=NEXT_WEEK,
        given=given,
        at=NEXT_WEEK,
    )


def test_a_correction_by_police_leaves_the_source_that_is_probations(db, viewer, client):
    judgment = Provenance(source="Judgment B 1234", ground="Supervision", grade="A1")
    supervision = _add(db, viewer, client, given=judgment)

    _correct(db, viewer, supervision, Provenance(source="", ground=""))
    kept = supervision.source, supervision.ground, supervision.grade
    with pytest.raises(RuleError, match="not for you to read"):
        _correct(db, viewer, supervision, GIVEN)

    assert kept == ("Judgment B 1234", "Supervision", "A1")
    assert (supervision.source, supervision.compartment) == ("Judgment B 1234", "probation")


def test_probation_reaches_own_clients_only(db, viewer, programme):
    stranger = a_person(db, programme, MONDAY, "Spov")
    supervision = a_supervision(db, MONDAY, stranger)

    with pytest.raises(NotFoundError):
        _add(db, viewer, stranger)
    with pytest.raises(NotFoundError):
        withdraw_supervision(
            db, viewer(Role.PROBATION), supervision.id, reason="Not mine", at=LATER
        )


def test_somebody_in_custody_is_not_obliged_to_come(db, viewer, client):
    with pytest.raises(RuleError) as refused:
        _add(db, viewer, client, kind=SupervisionKind.CUSTODY)

    assert refused.value.field == "obliges_attendance"


def test_one_supervision_of_a_kind_at_a_time(db, viewer, client):
    _add(db, viewer, client)

    with pytest.raises(RuleError) as refused:
        _add(db, viewer, client, valid_from=NEXT_WEEK)
    custody = _add(db, viewer, client, kind=SupervisionKind.CUSTODY, obliges_attendance=False)

    assert refused.value.field == "valid_from"
    assert custody.kind == "custody"


def test_supervision_can_end_and_be_withdrawn(db, viewer, client):
    supervision, officer = _add(db, viewer, client), viewer(Role.PROBATION)

    end_supervision(
        db, officer, supervision.id, valid_to=NEXT_WEEK, reason="Served", at=LATER + timedelta(1)
    )
    withdraw_supervision(db, officer, supervision.id, reason="Another person", at=NEXT_WEEK)

    assert (supervision.valid_to, supervision.withdrawn_at) == (NEXT_WEEK, NEXT_WEEK)


@pytest.mark.parametrize("role", [Role.ANALYST, Role.COORDINATOR_MUNICIPAL, Role.OUTREACH])
def test_others_record_no_supervision(db, viewer, client, role):
    with pytest.raises(NotAllowedError):
        _add(db, viewer, client, role=role)


def test_a_correction_that_changes_nothing_is_not_logged(db, viewer, client):
    supervision = _add(db, viewer, client)

    correct_supervision(
        db,
        viewer(Role.PROBATION),
        supervision.id,
        kind=SupervisionKind.PROBATION,
        obliges_attendance=True,
        valid_from=MONDAY,
        valid_to=None,
        note="",
        given=GIVEN,
        at=NEXT_WEEK,
    )

    assert db.execute(select(AuditEntry.kind)).scalars().all() == ["supervision:added"]
