"""The ledger: who was told what, when, on which occasion; and who may know."""

from datetime import date, timedelta

import pytest

from gvi.domain.access import Role
from gvi.domain.errors import NotAllowedError
from gvi.domain.message import MessagePart, Occasion
from gvi.store.queries.message import (
    group_ledger,
    last_message_of_groups,
    last_message_of_people,
    people_told,
    person_ledger,
)
from tests import factories as make
from tests.conftest import MONDAY, ZONE


@pytest.fixture
def told(db, programme):
    """Lom heard all four parts on two occasions, Alka's mother two, Siska nothing."""
    group = make.a_group(db, programme, MONDAY, "Granit")
    people = {n: make.a_person(db, programme, MONDAY, n) for n in ("Lom", "Alka", "Siska")}
    people["Barnet"] = make.a_person(db, programme, MONDAY, "Barnet", birth_date=date(2010, 1, 1))
    for person in people.values():
        make.a_membership(db, MONDAY, person, group)
    call_in = make.a_call_in(db, programme, MONDAY - timedelta(days=40), "Call-in 3")
    visit = make.a_notification(db, people["Lom"], MONDAY)
    other = make.a_notification(db, people["Alka"], MONDAY)
    lom, alka = people["Lom"], people["Alka"]
    make.a_delivery(
        db, lom, call_in.starts_at, "not_die", "not_kill", "consequences", call_in_id=call_in.id
    )
    last = MONDAY - timedelta(days=2)
    make.a_delivery(db, lom, last, "help", custom_notification_id=visit.id)
    mother = {"custom_notification_id": other.id, "to_family": True}
    make.a_delivery(db, alka, MONDAY - timedelta(days=1), "not_die", "help", **mother)
    return people | {"group": group}


def test_a_person_has_heard_what_was_said_on_all_occasions(db, viewer, told):
    police = viewer(Role.COORDINATOR_POLICE)

    ledger = person_ledger(db, police, told["Lom"].id, MONDAY, ZONE)

    assert ledger.heard == frozenset(MessagePart)
    assert [(line.occasion, line.call_in) for line in ledger.deliveries] == [
        ("custom_notification", ""),
        ("call_in", "Call-in 3"),
    ]
    assert ledger.deliveries[0].parts == (MessagePart.HELP,)


def test_what_the_family_heard_the_person_has_not(db, viewer, told):
    ledger = person_ledger(db, viewer(Role.ANALYST), told["Alka"].id, MONDAY, ZONE)

    assert ledger.heard == frozenset()
    assert [line.to_family for line in ledger.deliveries] == [True]


def test_the_ledger_as_it_was(db, viewer, told):
    before = MONDAY - timedelta(days=10)

    ledger = person_ledger(db, viewer(Role.ANALYST), told["Lom"].id, before, ZONE)

    assert MessagePart.HELP not in ledger.heard
    assert len(ledger.deliveries) == 1


def test_a_group_counts_who_has_heard_all_four(db, viewer, told):
    ledger = group_ledger(db, viewer(Role.ANALYST), told["group"].id, MONDAY, ZONE)

    assert (ledger.heard_all, ledger.told, len(ledger.members)) == (1, 1, 3)
    assert [member.code_name for member in ledger.members] == ["Lom", "Alka", "Siska"]


def test_a_visit_promises_to_the_groups_the_person_was_known_to_be_in_then(db, viewer, programme):
    people = {n: make.a_person(db, programme, MONDAY, n) for n in ("Lom", "Alka")}
    then, now = (make.a_group(db, programme, MONDAY, name) for name in ("Granit", "Kajen"))
    left = make.a_membership(db, MONDAY, people["Lom"], then)
    make.a_membership(db, MONDAY, people["Alka"], now)
    said_at = MONDAY - timedelta(days=9)
    visit = make.a_notification(db, people["Lom"], MONDAY)
    make.a_delivery(db, people["Lom"], said_at, custom_notification_id=visit.id)
    left.role, left.revised_at = "former", MONDAY - timedelta(days=5)
    make.a_membership(db, MONDAY, people["Lom"], now, recorded_at=MONDAY - timedelta(days=5))
    db.flush()

    of = {
        group.name: group_ledger(db, viewer(Role.ANALYST), group.id, MONDAY, ZONE)
        for group in (then, now)
    }

    assert (of["Granit"].promised_at, of["Granit"].promised_to) == (said_at, 1)
    assert (of["Kajen"].promised_at, of["Kajen"].promised_to) == (None, 0)
    assert (of["Granit"].told, of["Kajen"].told) == (0, 1)


def test_who_is_in_a_group_is_not_told_with_the_ledger(db, viewer, told):
    municipal = viewer(Role.COORDINATOR_MUNICIPAL)

    ledger = group_ledger(db, municipal, told["group"].id, MONDAY, ZONE)

    assert (ledger.is_whole, [member.code_name for member in ledger.members]) == (False, ["Lom"])


def test_last_messages_for_lists(db, viewer, told):
    police = viewer(Role.COORDINATOR_POLICE)

    people = last_message_of_people(db, police, MONDAY)
    groups = last_message_of_groups(db, police, MONDAY)

    last = (MONDAY - timedelta(days=2), Occasion.CUSTOM_NOTIFICATION)
    assert people == {told["Lom"].id: last}
    assert groups == {told["group"].id: last}


def test_a_message_counts_for_twelve_months(db, viewer, told):
    analyst = viewer(Role.ANALYST)

    assert people_told(db, analyst, MONDAY) == {told["Lom"].id}
    assert people_told(db, analyst, MONDAY + timedelta(days=362)) == {told["Lom"].id}
    assert people_told(db, analyst, MONDAY + timedelta(days=364)) == frozenset()


@pytest.mark.parametrize("role", [Role.OUTREACH, Role.PROBATION, Role.STEERING, Role.COMMUNITY])
def test_the_ledger_is_for_coordinators_and_analysts(db, viewer, told, role):
    assert last_message_of_groups(db, viewer(role), MONDAY) == {}
    with pytest.raises(NotAllowedError):
        person_ledger(db, viewer(role), told["Lom"].id, MONDAY, ZONE)
