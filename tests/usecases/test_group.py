from datetime import timedelta

import pytest
from sqlalchemy import select

from gvi.domain.access import Role
from gvi.domain.errors import NotAllowedError, NotFoundError, RuleError
from gvi.domain.grading import Certainty
from gvi.domain.group import GroupKind, GroupStatus, RelationKind
from gvi.store.models import AuditEntry, AuditSubject, Group, GroupAlias, StatusChange
from gvi.usecases.facts import Provenance
from gvi.usecases.group import add_group, change_group_status, correct_group, withdraw_group
from gvi.usecases.group_relation import (
    add_relation,
    correct_relation,
    end_relation,
    withdraw_relation,
)
from tests.conftest import MONDAY
from tests.factories import a_group, a_membership, a_person, a_relation

GIVEN = Provenance(source="Group audit", ground="Mapping of groups", grade="B2")
LATER = MONDAY + timedelta(days=1)
NEXT_WEEK = MONDAY + timedelta(days=7)


def _last(db):
    return db.execute(select(AuditEntry).order_by(AuditEntry.id.desc()).limit(1)).scalar_one()


def _change(db):
    return db.execute(select(StatusChange).order_by(StatusChange.id.desc()).limit(1)).scalar_one()


def test_a_group_begins_as_a_candidate_with_its_aliases(db, viewer):
    analyst = viewer(Role.ANALYST)

    group = add_group(
        db,
        analyst,
        name="  Granit ",
        kind=GroupKind.AREA_GROUP,
        aliases=["Norra", "Granit", ""],
        given=GIVEN,
        at=MONDAY,
    )

    assert (group.name, group.status, group.grade) == ("Granit", "candidate", "B2")
    assert db.execute(select(GroupAlias.alias)).scalars().all() == ["Norra"]
    assert (_change(db).old, _change(db).new) == (None, "candidate")
    assert _last(db).kind == "group:added"


@pytest.mark.parametrize("name", ["", "  ", "granit"], ids=["none", "blank", "another's"])
def test_a_group_needs_a_name_of_its_own(db, viewer, programme, name):
    a_group(db, programme, MONDAY, "Granit")

    with pytest.raises(RuleError) as refused:
        add_group(db, viewer(Role.ANALYST), name=name, given=GIVEN, at=MONDAY)

    assert refused.value.field == "name"


@pytest.mark.parametrize("missing", ["source", "ground"])
def test_a_group_needs_a_source_and_a_ground(db, viewer, missing):
    given = Provenance(**{"source": "Audit", "ground": "Mapping", missing: " "})

    with pytest.raises(RuleError) as refused:
        add_group(db, viewer(Role.ANALYST), name="Granit", given=given, at=MONDAY)

    assert refused.value.field == missing


def test_a_correction_says_which_fields_changed(db, viewer, programme):
    group = a_group(db, programme, MONDAY, "Granit", source="Group audit", ground="Mapping")

    correct_group(
        db,
        viewer(Role.COORDINATOR_POLICE),
        group.id,
        name="Granit",
        kind=None,
        area="Norra Berget",
        note="",
        aliases=["Stenen"],
        given=Provenance(source="Group audit", ground="Mapping", grade="B2"),
        at=LATER,
    )

    assert group.area == "Norra Berget"
    assert group.revised_at == LATER
    assert _last(db).detail == '{"fields": ["area", "aliases"]}'


def test_a_change_of_status_is_dated_signed_and_reasoned(db, viewer, programme):
    group = a_group(db, programme, MONDAY, status="candidate")
    analyst = viewer(Role.ANALYST)

    with pytest.raises(RuleError):
        change_group_status(db, analyst, group.id, status=GroupStatus.ACTIVE, reason=" ", at=LATER)
    change_group_status(
        db, analyst, group.id, status=GroupStatus.ACTIVE, reason="Two reports", at=LATER
    )

    change = _change(db)
    assert group.status == "active"
    assert (change.old, change.new, change.reason) == ("candidate", "active", "Two reports")
    assert (change.changed_at, change.changed_by_id) == (LATER, analyst.user_id)
    with pytest.raises(RuleError):
        change_group_status(
            db, analyst, group.id, status=GroupStatus.ACTIVE, reason="Again", at=NEXT_WEEK
        )


def test_a_group_with_members_is_rejected_rather_than_withdrawn(db, viewer, programme):
    group, empty = (a_group(db, programme, MONDAY, name) for name in ("Granit", "Kajen"))
    a_membership(db, MONDAY, a_person(db, programme, MONDAY), group)

    with pytest.raises(RuleError):
        withdraw_group(db, viewer(Role.ANALYST), group.id, reason="Never one", at=LATER)
    withdraw_group(db, viewer(Role.ANALYST), empty.id, reason="Never one", at=LATER)

    assert (group.withdrawn_at, empty.withdrawn_at) == (None, LATER)


@pytest.mark.parametrize(
    "role", [Role.COORDINATOR_MUNICIPAL, Role.PROBATION, Role.OUTREACH, Role.STEERING, Role.ADMIN]
)
def test_only_police_and_analysts_map_groups(db, viewer, programme, role):
    group = a_group(db, programme, MONDAY)

    with pytest.raises(NotAllowedError):
        add_group(db, viewer(role), name="Kajen", given=GIVEN, at=MONDAY)
    with pytest.raises((NotAllowedError, NotFoundError)):
        change_group_status(
            db, viewer(role), group.id, status=GroupStatus.DORMANT, reason="Quiet", at=LATER
        )
    assert db.get(Group, group.id).status == "active"


# Relations


@pytest.fixture
def groups(db, programme):
    return a_group(db, programme, MONDAY, "Granit"), a_group(db, programme, MONDAY, "Lotsen")


def _relate(db, viewer, a, b, **facts):
    facts.setdefault("kind", RelationKind.OPEN_CONFLICT)
    facts.setdefault("valid_from", MONDAY)
    return add_relation(
        db,
        viewer(Role.ANALYST),
        group_a_id=a.id,
        group_b_id=b.id,
        certainty=Certainty.PROBABLE,
        given=GIVEN,
        at=LATER,
        **facts,
    )


def test_a_relation_names_both_groups_in_the_log(db, viewer, groups):
    relation = _relate(db, viewer, *groups)

    entry = _last(db)
    about = db.execute(
        select(AuditSubject.thing_id).where(
            AuditSubject.entry_id == entry.id, AuditSubject.thing == "group"
        )
    ).scalars()
    assert (relation.kind, entry.kind) == ("open_conflict", "group_relation:added")
    assert sorted(about) == sorted(group.id for group in groups)


def test_a_group_has_no_relation_to_itself(db, viewer, groups):
    with pytest.raises(RuleError) as refused:
        _relate(db, viewer, groups[0], groups[0])

    assert refused.value.field == "group_b"


def test_one_relation_between_two_groups_at_a_time_whichever_is_named_first(db, viewer, groups):
    _relate(db, viewer, *groups, valid_to=NEXT_WEEK)

    with pytest.raises(RuleError) as refused:
        _relate(db, viewer, groups[1], groups[0], valid_from=LATER)
    tension = _relate(db, viewer, *groups, kind=RelationKind.TENSION)
    again = _relate(db, viewer, *groups, valid_from=NEXT_WEEK)

    assert refused.value.field == "valid_from"
    assert (tension.kind, again.valid_from) == ("tension", NEXT_WEEK)


def test_a_relation_can_be_corrected_ended_and_withdrawn(db, viewer, programme, groups):
    analyst, relation = viewer(Role.ANALYST), a_relation(db, MONDAY, *groups)
    facts = {"certainty": None, "valid_from": None, "valid_to": None, "note": "Quiet", "at": LATER}

    correct_relation(db, analyst, relation.id, kind=RelationKind.TENSION, given=GIVEN, **facts)
    end_relation(
        db, analyst, relation.id, valid_to=NEXT_WEEK, reason="Truce", at=LATER + timedelta(hours=1)
    )
    assert (relation.kind, relation.note, relation.valid_to) == ("tension", "Quiet", NEXT_WEEK)
    assert _change(db).reason == "Truce"
    withdraw_relation(db, analyst, relation.id, reason="Never was", at=NEXT_WEEK)

    assert relation.withdrawn_at == NEXT_WEEK
    with pytest.raises(NotFoundError):
        withdraw_relation(db, analyst, relation.id, reason="Never was", at=NEXT_WEEK)


def test_a_relation_cannot_end_before_it_began(db, viewer, groups):
    relation = a_relation(db, MONDAY, *groups, valid_from=MONDAY)

    with pytest.raises(RuleError) as refused:
        end_relation(
            db, viewer(Role.ANALYST), relation.id, valid_to=MONDAY, reason="Truce", at=LATER
        )

    assert refused.value.field == "valid_to"


def test_corrections_that_change_nothing_are_not_logged(db, viewer, groups):
    analyst = viewer(Role.ANALYST)
    group = add_group(db, analyst, name="Tegel", aliases=["Muren"], given=GIVEN, at=MONDAY)
    relation = _relate(db, viewer, *groups)
    before = _last(db).id
    same = {"name": "Tegel", "kind": None, "area": "", "note": "", "given": GIVEN, "at": NEXT_WEEK}

    correct_group(db, analyst, group.id, aliases=["Muren"], **same)
    correct_relation(
        db,
        analyst,
        relation.id,
        kind=RelationKind.OPEN_CONFLICT,
        certainty=Certainty.PROBABLE,
        valid_from=MONDAY,
        valid_to=None,
        note="",
        given=GIVEN,
        at=NEXT_WEEK,
    )
    assert _last(db).id == before
    correct_group(db, analyst, group.id, aliases=[], **same)

    assert _last(db).detail == '{"fields": ["aliases"]}'
    assert db.execute(select(GroupAlias.alias)).first() is None
