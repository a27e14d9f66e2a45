"""The preparation of a call-in: booked back from the day, moved with it, ended with it."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from gvi.domain.access import Role, Viewer
from gvi.domain.call_in import CallInStatus
from gvi.store.models import Action, CallIn, Invitee, StatusChange
from gvi.store.queries.preparation import preparation
from gvi.usecases.action import drop_action, finish_action, move_action
from gvi.usecases.call_in import (
    Outline,
    add_call_in,
    advance_call_in,
    cancel_call_in,
    postpone_call_in,
)
from gvi.usecases.invitee import Proposal, propose_invitees
from tests import factories as make
from tests.conftest import MONDAY, ZONE

DAY = MONDAY + timedelta(days=60)
LATER = DAY + timedelta(days=7)
IN_ORDER = ["partners", "venue", "speakers", "clearance", "invitations", "transport", "rehearsal"]


@pytest.fixture
def police(viewer) -> Viewer:
    return viewer(Role.COORDINATOR_POLICE)


@pytest.fixture
def call_in(db: Session, programme: int, police: Viewer) -> CallIn:
    """Approved, with Lom proposed."""
    group = make.a_group(db, programme, MONDAY, "Granit")
    lom = make.a_person(db, programme, MONDAY, "Lom")
    make.a_membership(db, MONDAY, lom, group)
    outline = Outline(name="Call-in 4", venue="", purpose="", seats=3, group_ids=[group.id])
    drafted = add_call_in(db, police, outline, starts_at=DAY, at=MONDAY)
    proposal = Proposal(session_of={lom.id: 1})
    propose_invitees(db, police, drafted.id, proposal, at=MONDAY, zone=ZONE)
    return advance_call_in(db, police, drafted.id, to=CallInStatus.APPROVED, at=MONDAY, zone=ZONE)


@pytest.fixture
def booked(db: Session, call_in: CallIn):
    def actions() -> dict[str, Action]:
        return {row.kind: row for row in db.scalars(select(Action).order_by(Action.id))}

    return actions


def days_before(action: Action, day=DAY) -> int:
    return (day - action.due_at) // timedelta(days=1)


def test_a_draft_has_no_preparation(db, police, programme):
    group = make.a_group(db, programme, MONDAY, "Granit")
    outline = Outline(name="Call-in 5", venue="", purpose="", seats=3, group_ids=[group.id])

    drafted = add_call_in(db, police, outline, starts_at=DAY, at=MONDAY)

    assert preparation(db, police, drafted.id) == ()


def test_approving_books_everything_back_from_the_day_with_owners(db, viewer, police, call_in):
    lines = preparation(db, police, call_in.id)

    assert [line.kind for line in lines] == IN_ORDER
    assert [(DAY - line.due_at).days for line in lines] == [42, 35, 28, 21, 14, 7, 1]
    owners = dict(db.execute(select(Action.kind, Action.owner_id)).all())
    municipal = viewer(Role.COORDINATOR_MUNICIPAL).user_id
    assert {kind for kind in IN_ORDER if owners[kind] == municipal} == {
        "partners",
        "venue",
        "transport",
    }
    assert owners["wellbeing"] == municipal
    assert owners["rehearsal"] == owners["clearance"] == police.user_id


def test_what_is_late_when_booked_is_due_a_day_later_and_never_after_the_call_in(
    db, police, programme
):
    group = make.a_group(db, programme, MONDAY, "Granit")
    outline = Outline(name="Soon", venue="", purpose="", seats=3, group_ids=[group.id])
    starts_at = MONDAY + timedelta(hours=12)
    drafted = add_call_in(db, police, outline, starts_at=starts_at, at=MONDAY)

    advance_call_in(db, police, drafted.id, to=CallInStatus.APPROVED, at=MONDAY, zone=ZONE)

    assert {line.due_at for line in preparation(db, police, drafted.id)} == {starts_at}


def test_postponing_moves_the_preparation_and_opens_again_what_was_done(
    db, police, call_in, booked
):
    venue, transport, partners = (booked()[kind] for kind in ("venue", "transport", "partners"))
    finish_action(db, police, venue.id, at=MONDAY, outcome="The arena")
    drop_action(db, police, transport.id, at=MONDAY, reason="They walk")
    moved_by_hand = DAY - timedelta(days=40)
    move_action(db, police, partners.id, due_at=moved_by_hand, reason="Holiday", at=MONDAY)

    postpone_call_in(
        db, police, call_in.id, starts_at=LATER, zone=ZONE, reason="A shooting", at=MONDAY
    )

    assert (venue.status, venue.outcome, venue.ended_at) == ("decided", "", None)
    assert days_before(venue, LATER) == 35
    assert (transport.status, days_before(transport)) == ("dropped", 7)
    assert partners.due_at == moved_by_hand + timedelta(days=7)
    trail = db.scalars(
        select(StatusChange).where(
            StatusChange.thing == "action", StatusChange.thing_id == venue.id
        )
    ).all()
    assert [(row.new, row.reason, row.changed_by_id) for row in trail] == [
        ("done", "The arena", police.user_id),
        ("decided", "A shooting", police.user_id),
    ]
    advance_call_in(db, police, call_in.id, to=CallInStatus.APPROVED, at=MONDAY, zone=ZONE)
    assert len(preparation(db, police, call_in.id)) == len(IN_ORDER) - 1


def test_a_call_in_moved_nearer_leaves_nothing_due_in_the_past(db, police, call_in):
    nearer = MONDAY + timedelta(days=10)

    postpone_call_in(db, police, call_in.id, starts_at=nearer, reason="Now", at=MONDAY, zone=ZONE)

    dues = [line.due_at for line in preparation(db, police, call_in.id)]
    assert all(MONDAY < due <= nearer for due in dues)


def test_what_was_squeezed_together_spreads_out_when_the_call_in_moves_away(db, police, programme):
    group = make.a_group(db, programme, MONDAY, "Granit")
    outline = Outline(name="Soon", venue="", purpose="", seats=3, group_ids=[group.id])
    soon = MONDAY + timedelta(days=10)
    call_in = add_call_in(db, police, outline, starts_at=soon, at=MONDAY)
    advance_call_in(db, police, call_in.id, to=CallInStatus.APPROVED, at=MONDAY, zone=ZONE)
    tomorrow = MONDAY + timedelta(days=1)
    dues = [line.due_at for line in preparation(db, police, call_in.id)]
    assert dues[:5] == [tomorrow] * 5

    postpone_call_in(
        db,
        police,
        call_in.id,
        starts_at=soon + timedelta(days=61),
        reason="Later",
        at=tomorrow,
        zone=ZONE,
    )

    dues = [line.due_at for line in preparation(db, police, call_in.id)]
    away = [(soon + timedelta(days=61) - due).days for due in dues]
    assert away == [42, 35, 28, 21, 14, 7, 1]


@pytest.mark.parametrize("days", [0, 40, -2], ids=["on the day", "before", "after"])
def test_what_somebody_moved_keeps_its_distance_however_often_the_call_in_moves(
    db, police, call_in, booked, days
):
    partners = booked()["partners"]
    by_hand = DAY - timedelta(days=days)
    move_action(db, police, partners.id, due_at=by_hand, reason="Holiday", at=MONDAY)
    near, far = MONDAY + timedelta(days=5), MONDAY + timedelta(days=90)

    postpone_call_in(db, police, call_in.id, starts_at=near, reason="Now", at=MONDAY, zone=ZONE)
    postpone_call_in(
        db, police, call_in.id, starts_at=far, reason="No, later", at=MONDAY, zone=ZONE
    )

    assert partners.due_at == far - timedelta(days=days)
    assert days_before(booked()["venue"], far) == 35


def test_a_step_of_the_call_in_is_the_end_of_its_preparation(db, police, call_in, booked):
    invitee = db.scalars(select(Invitee)).one()
    make.clear(db, invitee, police, MONDAY, ZONE)

    advance_call_in(db, police, call_in.id, to=CallInStatus.INVITED, at=MONDAY, zone=ZONE)
    done = {kind for kind, action in booked().items() if action.status == "done"}
    assert done == {"clearance", "invitations"}

    advance_call_in(db, police, call_in.id, to=CallInStatus.REHEARSED, at=MONDAY, zone=ZONE)
    assert booked()["rehearsal"].ended_by_id == police.user_id


def test_clearance_is_open_while_somebody_is_not_cleared(db, police, call_in, booked, programme):
    invitee = db.scalars(select(Invitee)).one()
    make.clear(db, invitee, police, MONDAY, ZONE)
    other = make.a_person(db, programme, MONDAY, "Alka")
    db.add(Invitee(call_in_id=call_in.id, person_id=other.id, added_at=MONDAY))
    db.flush()

    advance_call_in(db, police, call_in.id, to=CallInStatus.INVITED, at=MONDAY, zone=ZONE)

    assert booked()["clearance"].status == "decided"
    assert booked()["invitations"].status == "done"


def test_cancelling_drops_the_preparation(db, police, call_in, booked):
    finish_action(db, police, booked()["venue"].id, at=MONDAY)

    cancel_call_in(db, police, call_in.id, reason="No venue", at=MONDAY)

    left = preparation(db, police, call_in.id)
    assert [(line.kind, line.is_open) for line in left] == [("venue", False)]


def test_closing_drops_what_nobody_said_was_done(db, police, call_in, booked):
    call_in.status = CallInStatus.FOLLOWED_UP.value

    advance_call_in(
        db, police, call_in.id, to=CallInStatus.CLOSED, at=LATER, zone=ZONE, note="Well done"
    )

    assert {booked()[kind].outcome for kind in IN_ORDER} == {"Well done"}
    assert preparation(db, police, call_in.id) == ()


def test_who_has_only_own_actions_sees_only_those(db, viewer, call_in, booked):
    analyst = viewer(Role.ANALYST)
    assert preparation(db, analyst, call_in.id) == ()

    booked()["transport"].owner_id = analyst.user_id
    db.flush()

    assert [line.kind for line in preparation(db, analyst, call_in.id)] == ["transport"]
