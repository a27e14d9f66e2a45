"""The group table over the API: the same as the page, to whom the page shows it."""

from datetime import timedelta

import pytest

from gvi.domain.access import Role
from gvi.store.engine import transaction
from gvi.store.models import Action
from tests.conftest import MONDAY
from tests.factories import a_call_in, a_delivery, a_group, a_membership, a_person

pytestmark = pytest.mark.both_databases

TABLE = "/api/v1/groups/scorecard"


@pytest.fixture
def granit(engine, programme, viewer):
    """A group of which one has heard the message, and for which the police plan a step."""
    with transaction(engine) as db:
        group, lom = a_group(db, programme, MONDAY), a_person(db, programme, MONDAY, "Lom")
        a_group(db, programme, MONDAY, "Lotsen")
        a_membership(db, MONDAY, lom, group)
        held = a_call_in(db, programme, MONDAY - timedelta(days=3))
        a_delivery(db, lom, MONDAY - timedelta(days=3), call_in_id=held.id)
        db.add(
            Action(
                programme_id=programme,
                group_id=group.id,
                text="Ask the school",
                owner_id=viewer(Role.COORDINATOR_POLICE).user_id,
                due_at=MONDAY + timedelta(days=2),
                status="decided",
                compartment="police",
                created_at=MONDAY,
            )
        )


def test_the_group_table_tells_the_last_message_and_the_next_action(browser, granit):
    first, second = browser(Role.COORDINATOR_POLICE).json(TABLE)

    assert first["name"] == "Granit"
    assert first["last_message"]["occasion"] == "call_in"
    assert first["last_message"]["delivered_at"].startswith("2026-02-27")
    assert first["next_action"]["kind"] == "action"
    assert first["next_action"]["due_at"].startswith("2026-03-04")
    assert (second["last_message"], second["next_action"]) == (None, None)


def test_an_action_that_is_not_ones_own_is_no_next_action_for_the_analyst(browser, granit):
    analyst = browser(Role.ANALYST)

    first, _ = analyst.json(TABLE)

    assert first["last_message"] is not None
    assert first["next_action"] is None
    assert "4 Mar" not in analyst.get("/groups/scorecard").text


def test_whoever_may_not_see_the_page_gets_no_table(browser, granit):
    assert browser(Role.OUTREACH).json(TABLE)["status"] == 403
