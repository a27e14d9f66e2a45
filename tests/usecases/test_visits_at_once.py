"""Two colleagues at the same visits: the second waits for the first, and meets what became of them.

SQLite has one writer at a time anyway.
"""

from concurrent.futures import ThreadPoolExecutor, wait
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from gvi.domain.access import Role
from gvi.domain.custom_notification import AttemptOutcome
from gvi.domain.errors import RuleError
from gvi.domain.message import MessagePart
from gvi.domain.round import Remains
from gvi.store.engine import reading, transaction
from gvi.store.models import CustomNotification, MessageDelivery
from gvi.usecases.attempt import Try, record_attempt
from gvi.usecases.custom_notification import approve_notification
from gvi.usecases.round import (
    Decided,
    Frame,
    add_people,
    add_round,
    close_round,
    reopen_round,
    take_out,
)
from tests import factories as make
from tests.conftest import MONDAY, ZONE

pytestmark = pytest.mark.only_postgres

TODAY = MONDAY.astimezone(ZONE).date()
OFF = Decided(remains=Remains.CANCELLED, reason="Called in instead")
MET = Try(
    attempted_at=MONDAY,
    outcome=AttemptOutcome.MET,
    place="",
    note="",
    card_left=False,
    parts=[MessagePart.HELP],
    delivered_by="Åsa",
)


@pytest.fixture
def police(viewer):
    return viewer(Role.COORDINATOR_POLICE)


def a_round(db, police, name="Round 4"):
    frame = Frame(
        name=name,
        starts_on=TODAY,
        ends_on=TODAY + timedelta(days=4),
        owner_id=police.user_id,
        team="",
        purpose="",
        group_ids=[],
    )
    return add_round(db, police, frame, call_in_id=None, at=MONDAY)


@pytest.fixture
def ids(engine, police, programme):
    """The person, the round and the approved visit in it."""
    with transaction(engine) as db:
        person = make.a_person(db, programme, MONDAY, "Lom")
        begun = a_round(db, police)
        (visit,) = add_people(db, police, begun.id, {person.id: "A sentence"}, at=MONDAY, zone=ZONE)
        make.a_check(db, visit, MONDAY)
        approve_notification(db, police, visit.id, at=MONDAY, zone=ZONE)
        return person.id, begun.id, visit.id


def one_after_the_other(engine, first, second) -> RuleError | None:
    """Do the second act while the first is not written yet; give what refused it."""

    def act():
        with transaction(engine) as db:
            second(db)

    with ThreadPoolExecutor(1) as people, transaction(engine) as db:
        first(db)
        db.flush()
        answer = people.submit(act)
        assert not wait([answer], timeout=1).done
        db.commit()
        refused = answer.exception(timeout=10)
    assert refused is None or isinstance(refused, RuleError)
    return refused


def stands(engine, visit):
    with reading(engine) as db:
        told = db.scalar(select(func.count()).select_from(MessageDelivery))
        return db.get_one(CustomNotification, visit).status, told


def test_a_delivery_recorded_while_its_round_is_closed_stays_one(engine, police, ids):
    _, begun, visit = ids
    one_after_the_other(
        engine,
        lambda db: record_attempt(db, police, visit, MET, at=MONDAY),
        lambda db: close_round(db, police, begun, {visit: OFF}, at=MONDAY),
    )
    assert stands(engine, visit) == ("delivered", 1)


@pytest.mark.parametrize("act", ["close", "take out"])
def test_what_was_ended_meanwhile_takes_no_attempt(engine, police, ids, act):
    _, begun, visit = ids
    acts = {
        "close": lambda db: close_round(db, police, begun, {visit: OFF}, at=MONDAY),
        "take out": lambda db: take_out(db, police, visit, OFF, at=MONDAY),
    }
    refused = one_after_the_other(
        engine, acts[act], lambda db: record_attempt(db, police, visit, MET, at=MONDAY)
    )
    assert "takes no more attempts" in str(refused)
    assert stands(engine, visit) == ("cancelled", 0)


def test_two_who_record_the_same_meeting_deliver_once(engine, police, ids):
    _, _, visit = ids
    refused = one_after_the_other(
        engine,
        lambda db: record_attempt(db, police, visit, MET, at=MONDAY),
        lambda db: record_attempt(db, police, visit, MET, at=MONDAY),
    )
    assert "takes no more attempts" in str(refused)
    assert stands(engine, visit) == ("delivered", 1)


def test_nobody_is_taken_out_of_a_round_who_was_met_meanwhile(engine, police, ids):
    _, _, visit = ids
    refused = one_after_the_other(
        engine,
        lambda db: record_attempt(db, police, visit, MET, at=MONDAY),
        lambda db: take_out(db, police, visit, OFF, at=MONDAY),
    )
    assert "stays in the round" in str(refused)
    assert stands(engine, visit) == ("delivered", 1)


def test_nobody_gets_into_two_open_rounds_while_one_is_opened_again(engine, police, ids):
    person, begun, visit = ids
    with transaction(engine) as db:
        record_attempt(db, police, visit, MET, at=MONDAY)
        close_round(db, police, begun, {}, at=MONDAY)
        later = a_round(db, police, "Round 5").id
    refused = one_after_the_other(
        engine,
        lambda db: reopen_round(db, police, begun, reason="A slip", at=MONDAY),
        lambda db: add_people(db, police, later, {person: "Again"}, at=MONDAY, zone=ZONE),
    )
    assert "nobody is in two" in str(refused)
