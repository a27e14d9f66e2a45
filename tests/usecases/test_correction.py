"""Something behind a score is said to be wrong: who checks it, by when, and nothing changes yet."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from gvi.domain.access import Role, allows
from gvi.domain.correction import Disputed, DisputedScore
from gvi.domain.errors import NotAllowedError, NotFoundError, RuleError
from gvi.domain.grading import Compartment
from gvi.store.engine import reading, transaction
from gvi.store.models import Action, AuditEntry, Programme
from gvi.store.queries.action import action, actions
from gvi.store.queries.correction import corrections_of, people_disputed
from gvi.store.queries.extract import held_about
from gvi.store.queries.person_links import linked_as_seen, linked_elsewhere
from gvi.store.wall import wall_of
from gvi.usecases.action import finish_action, hand_over_action, undo_end
from gvi.usecases.correction import open_correction
from gvi.usecases.ranking import driving
from tests.conftest import MONDAY, ZONE
from tests.factories import a_person, a_tie, an_incident, an_involvement

FRIDAY = MONDAY + timedelta(days=4)


@pytest.fixture
def police(viewer):
    return viewer(Role.COORDINATOR_POLICE)


@pytest.fixture
def analyst(viewer):
    return viewer(Role.ANALYST)


@pytest.fixture
def lom(police, analyst, db, programme):
    """Somebody convicted of a homicide, with the role as recorded."""
    person = a_person(db, programme, MONDAY, "Lom")
    incident = an_incident(db, programme, MONDAY, "homicide")
    an_involvement(db, incident, person, "convicted")
    return person


def disputed(db, viewer, person, *, owner, **given):
    facts = {"disputed": Disputed.SCORE, "disputed_id": None, "due_at": FRIDAY, **given}
    facts.setdefault("text", "He was abroad that week")
    facts.setdefault("score", DisputedScore.DRIVING)
    return open_correction(db, viewer, person.id, owner_id=owner.user_id, at=MONDAY, **facts)


def test_a_correction_stands_by_the_score_until_it_is_done(db, lom, police, analyst):
    opened = disputed(db, analyst, lom, owner=police)

    (stands,) = corrections_of(db, police, lom.id)
    assert (stands.text, stands.owner) == ("He was abroad that week", "Test coordinator_police")
    assert stands.due_at == FRIDAY
    assert people_disputed(db, analyst) == {lom.id}

    finish_action(db, police, opened.id, at=MONDAY)
    assert corrections_of(db, analyst, lom.id) == ()
    assert people_disputed(db, analyst) == frozenset()


def test_it_changes_no_score(db, lom, police):
    before = driving(db, police, MONDAY, ZONE)[1]
    disputed(db, police, lom, owner=police)

    assert driving(db, police, MONDAY, ZONE)[1] == before


def test_it_names_the_record_and_the_incident_it_is_of(db, lom, police, programme):
    incident = an_incident(db, programme, MONDAY, "threat")
    role = an_involvement(db, incident, lom, "suspect")
    opened = disputed(
        db, police, lom, owner=police, disputed=Disputed.INVOLVEMENT, disputed_id=role.id
    )

    assert (opened.disputed, opened.disputed_id) == ("involvement", role.id)
    assert opened.incident_id == incident.id
    row = action(db, police, opened.id, on=MONDAY.date())
    assert (row.disputed, row.disputed_id) == (Disputed.INVOLVEMENT, role.id)


def test_both_who_see_it_may_own_it_and_nobody_else(db, lom, police, analyst, viewer):
    assert disputed(db, police, lom, owner=analyst).owner_id == analyst.user_id
    assert disputed(db, analyst, lom, owner=police).owner_id == police.user_id
    with pytest.raises(RuleError, match="may not see scores"):
        disputed(db, police, lom, owner=viewer(Role.COORDINATOR_MUNICIPAL))


@pytest.mark.parametrize(
    ("given", "said"),
    [({"text": "  "}, "Say what is wrong"), ({"due_at": MONDAY - timedelta(1)}, "has passed")],
)
def test_it_needs_words_and_a_time_to_come(db, lom, police, given, said):
    with pytest.raises(RuleError, match=said):
        disputed(db, police, lom, owner=police, **given)


@pytest.mark.parametrize(
    "role", [role for role in Role if role not in (Role.COORDINATOR_POLICE, Role.ANALYST)]
)
def test_who_may_not_see_scores_disputes_none_and_reads_no_dispute(
    engine, programme, police, viewer, role
):
    with transaction(engine) as db:
        person = a_person(db, programme, MONDAY, "Lom")
        opened = disputed(db, police, person, owner=police).id
        with pytest.raises(NotAllowedError):
            disputed(db, viewer(role), person, owner=police)

    with reading(engine, wall=wall_of(viewer(role))) as db:
        with pytest.raises(NotAllowedError):
            corrections_of(db, viewer(role), person.id)
        with pytest.raises(NotAllowedError):
            people_disputed(db, viewer(role))
        if allows(viewer(role), "action:read"):
            assert opened not in {row.id for row in actions(db, viewer(role), on=MONDAY.date())}
            with pytest.raises(NotFoundError):
                action(db, viewer(role), opened, on=MONDAY.date())


def test_a_record_of_another_programme_is_not_there(db, lom, police):
    elsewhere = Programme(code="elsewhere", display_name="Elsewhere", created_at=MONDAY)
    db.add(elsewhere)
    db.flush()
    others = [a_person(db, elsewhere.id, MONDAY, name) for name in ("Sik", "Gös")]
    tie = a_tie(db, MONDAY, *others)

    with pytest.raises(NotFoundError):
        disputed(db, police, lom, owner=police, disputed=Disputed.TIE, disputed_id=tie.id)


def test_the_log_says_who_disputed_what(db, lom, police):
    opened = disputed(db, police, lom, owner=police)
    db.flush()

    entry = db.scalars(select(AuditEntry).where(AuditEntry.kind == "score:disputed")).one()
    assert f'"action":[{opened.id}]' in entry.subjects.replace(" ", "")
    assert f'"person":[{lom.id}]' in entry.subjects.replace(" ", "")
    assert json.loads(entry.detail) == {"disputed": "score", "disputed_id": None}
    assert db.get(Action, opened.id).compartment == "police"


def test_the_log_says_which_record_is_disputed(db, lom, police, programme):
    tie = a_tie(db, MONDAY, lom, a_person(db, programme, MONDAY, "Gös"))
    disputed(db, police, lom, owner=police, disputed=Disputed.TIE, disputed_id=tie.id)

    entry = db.scalars(select(AuditEntry).where(AuditEntry.kind == "score:disputed")).one()
    assert json.loads(entry.detail) == {"disputed": "tie", "disputed_id": tie.id}


def test_a_correction_is_handed_over_to_nobody_who_may_not_see_scores(
    db, lom, police, analyst, viewer
):
    opened = disputed(db, police, lom, owner=police).id
    for role in set(Role) - {Role.COORDINATOR_POLICE, Role.ANALYST}:
        with pytest.raises(RuleError, match="may not see scores"):
            hand_over_action(
                db, police, opened, owner_id=viewer(role).user_id, reason="", at=MONDAY
            )
    hand_over_action(db, police, opened, owner_id=analyst.user_id, reason="", at=MONDAY)

    assert db.get(Action, opened).owner_id == analyst.user_id


@pytest.mark.parametrize("role", [Role.OUTREACH, Role.PROBATION, Role.COORDINATOR_MUNICIPAL])
def test_its_owner_sees_and_changes_it_only_while_in_a_role_with_scores(
    db, lom, police, analyst, role
):
    opened = disputed(db, police, lom, owner=analyst).id
    moved = replace(analyst, role=role)

    assert opened not in {row.id for row in actions(db, moved, on=MONDAY.date())}
    with pytest.raises(NotFoundError):
        action(db, moved, opened, on=MONDAY.date())
    with pytest.raises(NotFoundError):
        finish_action(db, moved, opened, at=MONDAY)
    finish_action(db, analyst, opened, at=MONDAY)
    with pytest.raises(NotFoundError):
        undo_end(db, moved, opened, at=MONDAY)


def test_an_access_extract_tells_a_dispute_only_to_who_sees_scores(db, lom, police):
    disputed(db, police, lom, owner=police)

    def tables(viewer):
        parts = held_about(db, viewer, lom.id, at=MONDAY, on=MONDAY.date())
        return {part.table for part in parts}

    assert "actions" in tables(police)
    with_extracts_but_no_scores = replace(police, role=Role.COORDINATOR_MUNICIPAL)
    assert "actions" not in tables(with_extracts_but_no_scores)


def test_a_person_with_a_dispute_alone_is_kept_for_the_police_side(db, lom, police, viewer):
    sik = a_person(db, lom.programme_id, MONDAY, "Sik")
    disputed(db, police, sik, owner=police)
    municipal = viewer(Role.COORDINATOR_MUNICIPAL)

    assert linked_as_seen(db, police, sik.id)
    assert not linked_as_seen(db, municipal, sik.id)
    assert linked_elsewhere(db, municipal, sik.id) is Compartment.POLICE
