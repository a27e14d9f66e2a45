"""Everything due is one list, late first, each part under its own right."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from gvi.domain.access import Role
from gvi.domain.due import DueKind
from gvi.domain.support import HeardThrough
from gvi.domain.today import last_time
from gvi.store.engine import reading, transaction
from gvi.store.models import SupportOffer
from gvi.store.queries.client import client_cards, conflict_warnings, probation_cards
from gvi.store.queries.due import everything_due
from gvi.store.queries.today import incident_counts, notification_counts, watches
from gvi.usecases.action import add_action
from gvi.usecases.inbound_call import log_call
from gvi.usecases.support import CasePlan, open_case
from tests.conftest import MONDAY
from tests.factories import (
    a_call_in,
    a_client,
    a_group,
    a_notification,
    a_person,
    a_relation,
    a_supervision,
    an_incident,
    an_invitee,
    an_involvement,
)

ZONE = ZoneInfo("Europe/Stockholm")
TODAY = date(2026, 3, 2)


@pytest.fixture
def town(engine, programme, viewer):
    """One of each thing that can be due; the person is outreach's and probation's client."""
    outreach, police = viewer(Role.OUTREACH), viewer(Role.COORDINATOR_POLICE)
    with transaction(engine) as db:
        leo = a_person(db, programme, MONDAY, "Lom", name="Leo Åström")
        a_client(db, MONDAY, leo, outreach.user_id)
        a_client(db, MONDAY, leo, viewer(Role.PROBATION).user_id)
        a_supervision(db, MONDAY, leo)
        call_in = a_call_in(db, programme, MONDAY + timedelta(days=10), status="invited")
        an_invitee(db, call_in, leo, status="invited")
        a_notification(db, leo, MONDAY - timedelta(days=1))
        open_case(
            db,
            outreach,
            leo.id,
            CasePlan(owner_id=outreach.user_id, interval_days=7, next_contact_on=TODAY),
            at=MONDAY - timedelta(hours=3),
            zone=ZONE,
        )
        log_call(
            db,
            outreach,
            heard_through=HeardThrough.CARD,
            called_at=MONDAY - timedelta(hours=30),
            caller="A mother",
            at=MONDAY,
            zone=ZONE,
        )
        add_action(
            db,
            police,
            text="Approve the letters",
            due_at=MONDAY + timedelta(days=2),
            owner_id=police.user_id,
            at=MONDAY,
        )
        return leo.id


def due(engine, who):
    with reading(engine) as db:
        return everything_due(db, who, MONDAY, ZONE)


ALL = [
    DueKind.CUSTOM_NOTIFICATION,
    DueKind.CALL_BACK,
    DueKind.CONTACT,
    DueKind.ACTION,
    DueKind.CALL_IN,
]


@pytest.mark.parametrize(
    ("role", "kinds"),
    [
        (Role.COORDINATOR_MUNICIPAL, ALL),
        (
            Role.COORDINATOR_POLICE,
            [DueKind.CUSTOM_NOTIFICATION, DueKind.ACTION, DueKind.CALL_IN],
        ),
        (Role.ANALYST, [DueKind.CUSTOM_NOTIFICATION, DueKind.CALL_IN]),
        (Role.OUTREACH, [DueKind.CUSTOM_NOTIFICATION, DueKind.CALL_BACK, DueKind.CONTACT]),
        (Role.OUTREACH_LEAD, [DueKind.CUSTOM_NOTIFICATION, DueKind.CALL_BACK, DueKind.CONTACT]),
        (Role.PROBATION, [DueKind.CUSTOM_NOTIFICATION, DueKind.CALL_IN]),
    ],
)
def test_each_role_sees_what_it_may_in_order_of_the_day(engine, town, viewer, role, kinds):
    rows = due(engine, viewer(role))

    assert [row.kind for row in rows] == kinds
    assert [row.is_late for row in rows] == [
        row.kind in (DueKind.CUSTOM_NOTIFICATION, DueKind.CALL_BACK) for row in rows
    ]


def test_only_what_one_may_change_is_done_from_the_list(engine, town, viewer):
    rows = {row.kind: row for row in due(engine, viewer(Role.COORDINATOR_MUNICIPAL))}

    assert rows[DueKind.ACTION].may_change
    assert not rows[DueKind.CONTACT].may_change
    assert rows[DueKind.CONTACT].person == "Leo Åström"
    assert rows[DueKind.CALL_BACK].person == "A mother"


def test_a_held_call_in_and_an_ended_action_are_due_no_more(engine, programme, viewer):
    with transaction(engine) as db:
        for status in ("held", "followed_up", "closed", "cancelled"):
            a_call_in(db, programme, MONDAY, name=status, status=status)

    assert due(engine, viewer(Role.COORDINATOR_POLICE)) == ()


# My people


def test_a_client_card_says_silence_warning_and_next_day(engine, town, viewer, programme):
    with transaction(engine) as db:
        a, b = (
            a_group(db, programme, MONDAY, "A", area="Norräng"),
            a_group(db, programme, MONDAY, "B", area="Kajen"),
        )
        a_relation(db, MONDAY, a, b, valid_to=MONDAY + timedelta(days=11))
        a_relation(db, MONDAY, a, b, kind="tension")
    outreach = viewer(Role.OUTREACH)
    with reading(engine) as db:
        warnings = conflict_warnings(db, outreach, MONDAY)
        (card,) = client_cards(db, outreach, MONDAY, ZONE, warnings)
        assert conflict_warnings(db, viewer(Role.ANALYST), MONDAY) == ()
        assert conflict_warnings(db, outreach, MONDAY + timedelta(days=12)) == ()
    assert {w.area: w.until for w in warnings} == dict.fromkeys(
        ("Kajen", "Norräng"), MONDAY + timedelta(days=11)
    )
    assert (card.name, card.days_silent, card.next_contact_on) == ("Leo Åström", None, TODAY)


def test_a_probation_card_says_supervision_and_invitation_and_no_case(engine, town, viewer):
    with reading(engine) as db:
        (card,) = probation_cards(db, viewer(Role.PROBATION), MONDAY, ZONE, ())
        assert client_cards(db, viewer(Role.COORDINATOR_MUNICIPAL), MONDAY, ZONE, ()) == ()
    assert (card.name, card.is_obliged, card.invitee_status.value) == (
        "Leo Åström",
        True,
        "invited",
    )
    assert not hasattr(card, "case_id")


# Today


def test_since_last_time_is_the_last_working_days_close():
    friday = last_time(MONDAY, ZONE)

    assert friday.strftime("%a %H:%M") == "Fri 16:00"
    assert last_time(MONDAY + timedelta(days=1), ZONE).strftime("%a %H:%M") == "Mon 16:00"
    assert last_time(MONDAY - timedelta(days=1), ZONE) == friday
    assert last_time(MONDAY - timedelta(days=2), ZONE) == friday


def test_a_watch_counts_who_was_hurt_and_offered_help_without_saying_who(
    engine, programme, viewer, town
):
    with transaction(engine) as db:
        shooting = an_incident(db, programme, MONDAY - timedelta(days=2), area="Norräng")
        an_incident(db, programme, MONDAY - timedelta(days=1), gmi="known_not")
        an_incident(db, programme, MONDAY - timedelta(days=15))
        an_incident(db, programme, MONDAY - timedelta(days=1), status="unfounded")
        hurt = a_person(db, programme, MONDAY, "Spov")
        an_involvement(db, shooting, hurt, "victim")
        an_involvement(db, shooting, a_person(db, programme, MONDAY, "Ejder"), "intended_victim")
        a_notification(
            db, hurt, MONDAY + timedelta(hours=5), trigger="after_incident", incident_id=shooting.id
        )
        for at in (MONDAY - timedelta(days=30), MONDAY - timedelta(days=1)):
            db.add(
                SupportOffer(
                    programme_id=programme,
                    person_id=hurt.id,
                    compartment="social",
                    what="mk-social",
                    offered_at=at,
                )
            )
    with reading(engine) as db:
        (watch,) = watches(db, viewer(Role.COORDINATOR_POLICE), MONDAY, ZONE)
        (basic,) = watches(db, viewer(Role.COORDINATOR_MUNICIPAL), MONDAY, ZONE)
        assert watches(db, viewer(Role.STEERING), MONDAY, ZONE) == ()
    assert (watch.day, watch.hurt, watch.offered) == (3, None, None)
    assert (watch.visits_open, watch.next_visit_due) == (1, MONDAY + timedelta(hours=5))
    assert (basic.hurt, basic.offered, basic.place) == (2, 1, None)


def test_steering_gets_counts_where_others_get_rows(engine, programme, viewer, town):
    since = last_time(MONDAY, ZONE)
    with transaction(engine) as db:
        an_incident(db, programme, MONDAY - timedelta(days=1), gmi="likely")
    with reading(engine) as db:
        steering = incident_counts(db, viewer(Role.STEERING), since)
        police = incident_counts(db, viewer(Role.COORDINATOR_POLICE), since)
        visits = notification_counts(db, viewer(Role.STEERING), since, MONDAY)
        assert notification_counts(db, viewer(Role.OUTREACH), since, MONDAY) is None
        assert incident_counts(db, viewer(Role.OUTREACH), since) is None
    assert (steering.since, steering.likely, steering.to_review) == (1, 1, None)
    assert police.to_review == 1
    assert (visits.open, visits.late, visits.attempts) == (1, 1, 0)
