from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from gvi.domain.access import Role
from gvi.domain.errors import NotAllowedError, RuleError
from gvi.domain.grading import Certainty
from gvi.domain.tie import TieKind
from gvi.store.models import AuditEntry, AuditSubject
from gvi.usecases.facts import Provenance
from gvi.usecases.tie import add_tie, correct_tie, end_tie, withdraw_tie
from tests.conftest import MONDAY
from tests.factories import a_person, a_tie

GIVEN = Provenance(source="Report 4", ground="Mapping of groups")
LATER = MONDAY + timedelta(days=1)
NEXT_WEEK = MONDAY + timedelta(days=7)


@pytest.fixture
def two(db, programme):
    return tuple(a_person(db, programme, MONDAY, code_name) for code_name in ("Lom", "Spov"))


def _add(db, viewer, a, b, kind=TieKind.FRIEND, **facts):
    who = viewer(facts.pop("role_of_viewer", Role.ANALYST))
    return add_tie(
        db,
        who,
        **{
            "person_a_id": a.id,
            "person_b_id": b.id,
            "kind": kind,
            "certainty": Certainty.PROBABLE,
            "valid_from": MONDAY,
            "given": GIVEN,
            "at": LATER,
            **facts,
        },
    )


def _last(db):
    return db.execute(select(AuditEntry).order_by(AuditEntry.id.desc()).limit(1)).scalar_one()


def test_a_tie_names_both_people_in_the_log(db, viewer, two):
    tie = _add(db, viewer, *two)

    about = db.execute(
        select(AuditSubject.thing_id).where(
            AuditSubject.entry_id == _last(db).id, AuditSubject.thing == "person"
        )
    ).scalars()
    assert (tie.kind, tie.strength) == ("friend", None)
    assert sorted(about) == sorted(person.id for person in two)


def test_nobody_is_tied_to_himself(db, viewer, two):
    with pytest.raises(RuleError) as refused:
        _add(db, viewer, two[0], two[0])

    assert refused.value.field == "person_b"
    with pytest.raises(IntegrityError), db.begin_nested():
        a_tie(db, MONDAY, two[0], two[0])


@pytest.mark.parametrize("strength", [0, -1, 5.1])
def test_a_strength_lies_above_0_and_up_to_5(db, viewer, two, strength):
    with pytest.raises(RuleError) as refused:
        _add(db, viewer, *two, strength=strength)

    assert refused.value.field == "strength"
    assert _add(db, viewer, *two, strength=5.0).strength == 5.0


def test_one_kind_of_tie_between_two_people_at_a_time(db, viewer, two):
    _add(db, viewer, *two, valid_to=NEXT_WEEK)

    with pytest.raises(RuleError) as refused:
        _add(db, viewer, two[1], two[0])
    family = _add(db, viewer, *two, kind=TieKind.FAMILY)
    again = _add(db, viewer, *two, valid_from=NEXT_WEEK)

    assert refused.value.field == "kind"
    assert (family.kind, again.valid_from) == ("family", NEXT_WEEK)


def test_a_recruiter_tie_has_a_direction(db, viewer, two):
    _add(db, viewer, *two, kind=TieKind.RECRUITER)

    back = _add(db, viewer, two[1], two[0], kind=TieKind.RECRUITER)

    assert back.person_a_id == two[1].id
    with pytest.raises(RuleError):
        _add(db, viewer, *two, kind=TieKind.RECRUITER)


def test_a_correction_may_turn_who_recruits_whom(db, viewer, two):
    tie = a_tie(db, MONDAY, *two, kind="recruiter")

    correct_tie(
        db,
        viewer(Role.ANALYST),
        tie.id,
        kind=TieKind.RECRUITER,
        certainty=Certainty.CONFIRMED,
        strength=2.0,
        valid_from=None,
        valid_to=None,
        given=GIVEN,
        at=LATER,
        turned=True,
    )

    assert (tie.person_a_id, tie.person_b_id) == (two[1].id, two[0].id)
    assert _last(db).kind == "tie:corrected"


def test_a_tie_can_end_and_be_withdrawn(db, viewer, two):
    tie, analyst = a_tie(db, MONDAY, *two, valid_from=MONDAY), viewer(Role.ANALYST)

    with pytest.raises(RuleError):
        end_tie(db, analyst, tie.id, valid_to=MONDAY, reason="Fell out", at=LATER)
    end_tie(db, analyst, tie.id, valid_to=LATER, reason="Fell out", at=LATER)
    withdraw_tie(db, analyst, tie.id, reason="Another person", at=NEXT_WEEK)

    assert (tie.valid_to, tie.withdrawn_at) == (LATER, NEXT_WEEK)
    assert _last(db).kind == "tie:withdrawn"


@pytest.mark.parametrize(
    "role", [Role.COORDINATOR_MUNICIPAL, Role.OUTREACH, Role.PROBATION, Role.ADMIN]
)
def test_others_record_no_ties(db, viewer, two, role):
    with pytest.raises(NotAllowedError):
        _add(db, viewer, *two, role_of_viewer=role)


def test_a_correction_that_changes_nothing_is_not_logged(db, viewer, two):
    tie = _add(db, viewer, *two)
    before = _last(db).id

    correct_tie(
        db,
        viewer(Role.ANALYST),
        tie.id,
        kind=TieKind.FRIEND,
        certainty=Certainty.PROBABLE,
        strength=None,
        valid_from=MONDAY,
        valid_to=None,
        given=GIVEN,
        at=NEXT_WEEK,
    )

    assert _last(db).id == before
    assert tie.revised_at == LATER
