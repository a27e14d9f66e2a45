"""Actions are decided, done, moved, dropped, handed over and taken back; text by compartment."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from gvi.domain.access import Role
from gvi.domain.action import ActionStatus
from gvi.domain.errors import NotAllowedError, NotFoundError, RuleError
from gvi.store.engine import reading, transaction
from gvi.store.models import Action, AuditEntry, DueChange
from gvi.store.queries.action import action, actions
from gvi.store.queries.changes import changes_of
from gvi.usecases.action import (
    About,
    add_action,
    drop_action,
    finish_action,
    hand_over_action,
    move_action,
    start_action,
    undo_end,
)
from tests.conftest import MONDAY
from tests.factories import a_client, a_person

ZONE = ZoneInfo("Europe/Stockholm")
TODAY = date(2026, 3, 2)
FRIDAY = MONDAY + timedelta(days=4)


@pytest.fixture
def police(viewer):
    return viewer(Role.COORDINATOR_POLICE)


@pytest.fixture
def municipal(viewer):
    return viewer(Role.COORDINATOR_MUNICIPAL)


@pytest.fixture
def outreach(viewer):
    return viewer(Role.OUTREACH)


@pytest.fixture
def letters(engine, police):
    """An action both coordinators may read."""
    with transaction(engine) as db:
        return add_action(
            db,
            police,
            text="Approve the letters",
            due_at=FRIDAY,
            owner_id=police.user_id,
            at=MONDAY,
        ).id


def seen(engine, who, action_id):
    with reading(engine) as db:
        return action(db, who, action_id, on=TODAY)


def test_an_action_is_done_and_taken_back(engine, police, letters):
    with transaction(engine) as db:
        start_action(db, police, letters, at=MONDAY)
        finish_action(db, police, letters, at=MONDAY, outcome="12 letters")
    done = seen(engine, police, letters)
    assert (done.status, done.outcome, done.is_open) == (ActionStatus.DONE, "12 letters", False)
    with transaction(engine) as db:
        with pytest.raises(RuleError, match="ended"):
            finish_action(db, police, letters, at=MONDAY)
        undo_end(db, police, letters, at=MONDAY + timedelta(minutes=1))
        with pytest.raises(RuleError, match="open already"):
            undo_end(db, police, letters, at=MONDAY)

    back = seen(engine, police, letters)
    assert (back.status, back.outcome, back.ended_at) == (ActionStatus.IN_PROGRESS, "", None)
    with reading(engine) as db:
        history = changes_of(db, police, "action", letters, ZONE)
        kinds = db.execute(select(AuditEntry.kind).order_by(AuditEntry.id)).scalars().all()
    assert [change.new for change in history] == ["in_progress", "done", "in_progress"]
    assert history[0].at == MONDAY + timedelta(minutes=1)
    assert kinds == ["action:added", "action:started", "action:done", "action:undone"]


def test_an_action_is_dropped_with_a_reason_only(engine, police, letters):
    with transaction(engine) as db:
        with pytest.raises(RuleError) as refusal:
            drop_action(db, police, letters, at=MONDAY, reason="")
        drop_action(db, police, letters, at=MONDAY, reason="no call-in")
    assert refusal.value.field == "reason"
    assert seen(engine, police, letters).outcome == "no call-in"


def test_a_moved_action_keeps_the_old_time_and_the_reason(engine, police, letters):
    later = FRIDAY + timedelta(days=7)
    with transaction(engine) as db:
        for due_at, reason, field in (
            (later, "", "reason"),
            (MONDAY - timedelta(days=1), "x", "due_at"),
            (FRIDAY, "x", "due_at"),
        ):
            with pytest.raises(RuleError) as refusal:
                move_action(db, police, letters, due_at=due_at, reason=reason, at=MONDAY)
            assert refusal.value.field == field
        move_action(db, police, letters, due_at=later, reason="printer", at=MONDAY)
    with reading(engine) as db:
        moved = db.execute(select(DueChange)).scalar_one()
        assert (moved.old_due_at, moved.new_due_at, moved.reason) == (FRIDAY, later, "printer")


def test_an_action_has_an_owner_who_may_read_it(engine, viewer, police, municipal, letters):
    with transaction(engine) as db:
        for owner in (None, viewer(Role.ADMIN).user_id, 999):
            with pytest.raises(RuleError) as refusal:
                add_action(db, police, text="X", due_at=FRIDAY, owner_id=owner, at=MONDAY)
            assert refusal.value.field == "owner"
        with pytest.raises(RuleError, match="may not read"):
            add_action(
                db,
                police,
                text="X",
                due_at=FRIDAY,
                owner_id=municipal.user_id,
                compartment="police",
                at=MONDAY,
            )
        hand_over_action(
            db, police, letters, owner_id=municipal.user_id, reason="her turn", at=MONDAY
        )
    assert seen(engine, municipal, letters).owner == "Test coordinator_municipal"


def test_a_worker_gives_actions_to_nobody_else(db, outreach, police):
    with pytest.raises(RuleError, match="yourself"):
        add_action(
            db,
            outreach,
            text="X",
            due_at=FRIDAY,
            owner_id=police.user_id,
            compartment="social",
            at=MONDAY,
        )


@pytest.mark.parametrize("role", [Role.STEERING, Role.COMMUNITY, Role.ADMIN, Role.AUDITOR])
def test_roles_without_actions_neither_write_nor_read_them(engine, viewer, letters, role):
    with transaction(engine) as db, pytest.raises(NotAllowedError):
        finish_action(db, viewer(role), letters, at=MONDAY)
    with reading(engine) as db, pytest.raises(NotAllowedError):
        actions(db, viewer(role), on=TODAY)


def test_police_knows_of_outreachs_action_neither_text_nor_person(
    engine, programme, police, municipal, outreach
):
    with transaction(engine) as db:
        leo = a_person(db, programme, MONDAY, "Lom", name="Leo Åström")
        a_client(db, MONDAY, leo, outreach.user_id)
        own = add_action(
            db,
            outreach,
            text="mk-social ring him",
            due_at=FRIDAY,
            owner_id=outreach.user_id,
            compartment="social",
            about=About(person_id=leo.id),
            at=MONDAY,
        ).id

    blind, sighted = seen(engine, police, own), seen(engine, municipal, own)
    assert (blind.text, blind.outcome, blind.person_id, blind.person) == (None, None, None, "")
    assert blind.owner == "Test outreach", "that it exists, and whose it is, is for coordinators"
    assert (sighted.text, sighted.person) == ("mk-social ring him", "Leo Åström")
    with transaction(engine) as db, pytest.raises(NotFoundError):
        finish_action(db, police, own, at=MONDAY)


def test_an_action_about_what_one_may_not_see_is_refused(db, programme, outreach):
    stranger = a_person(db, programme, MONDAY, "Spov")
    with pytest.raises(NotFoundError):
        add_action(
            db,
            outreach,
            text="X",
            due_at=FRIDAY,
            owner_id=outreach.user_id,
            compartment="social",
            about=About(person_id=stranger.id),
            at=MONDAY,
        )


def test_own_actions_only_for_those_who_have_own_ones(engine, viewer, police, letters):
    with reading(engine) as db:
        for role in (Role.ANALYST, Role.OUTREACH, Role.OUTREACH_LEAD, Role.PROBATION):
            assert actions(db, viewer(role), on=TODAY) == ()
        assert [row.id for row in actions(db, police, on=TODAY)] == [letters]
        assert db.execute(select(Action.id)).scalars().all() == [letters]
