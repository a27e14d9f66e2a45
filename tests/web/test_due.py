"""Everything due on its page, and one action on its own: done, moved, dropped, taken back."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from gvi.domain.access import Role
from gvi.store.engine import reading, transaction
from gvi.store.models import Action, AuditEntry
from gvi.usecases.action import add_action
from tests.conftest import MONDAY
from tests.factories import a_notification, a_person

POLICE, MUNICIPAL = Role.COORDINATOR_POLICE, Role.COORDINATOR_MUNICIPAL


@pytest.fixture
def letters(engine, viewer):
    """Late by a day on Monday."""
    police = viewer(POLICE)
    with transaction(engine) as db:
        return add_action(
            db,
            police,
            text="Approve the letters",
            due_at=MONDAY - timedelta(days=1),
            owner_id=police.user_id,
            at=MONDAY - timedelta(days=9),
        ).id


@pytest.fixture
def secret(engine, viewer):
    karin = viewer(MUNICIPAL)
    with transaction(engine) as db:
        return add_action(
            db,
            karin,
            text="mk-social flat",
            due_at=MONDAY + timedelta(days=30),
            owner_id=karin.user_id,
            compartment="social",
            at=MONDAY,
        ).id


def test_late_comes_first_and_the_answer_counts(engine, programme, browser, letters, secret):
    with transaction(engine) as db:
        leo = a_person(db, programme, MONDAY, "Lom", name="Leo Åström")
        a_notification(db, leo, MONDAY + timedelta(hours=5), trigger="round")
    page = browser(MUNICIPAL).get("/due")

    assert "1 late, 1 today, 1 to come." in page.text
    rows = ["".join(th.itertext()).strip() for th in page.all("th", scope="row")]
    assert rows == [
        "Approve the letters",
        "Visit: Leo Åström Custom notification, round",
        "mk-social flat",
    ]


def test_police_knows_that_there_is_an_action_and_not_what(browser, secret):
    asa = browser(POLICE)

    page = asa.get("/due")
    assert "An action whose text is not for you" in page.text
    assert "mk-social" not in page.html + asa.get(f"/actions/{secret}").html
    assert "0 contacts are late with outreach and 0 calls wait to be returned" in page.text
    for act in ("done", "undo", "start"):
        assert asa.post(f"/actions/{secret}/{act}").status == 404
    assert asa.get(f"/actions/{secret}/move").status == 404


def test_it_is_narrowed_by_who_what_and_when(browser, letters, secret):
    karin = browser(MUNICIPAL)

    assert "Approve" not in karin.get("/due", who="mine").text
    assert "mk-social" in karin.get("/due", who="mine").text
    assert "mk-social" not in karin.get("/due", when="late").text
    assert "Approve" in karin.get("/due", kind="action", q="letters").text


def test_done_from_the_list_can_be_taken_back_there(engine, browser, letters):
    asa = browser(POLICE)
    listed = asa.post(f"/actions/{letters}/done", back="due")
    assert "“Approve the letters” is off the list" in listed.text
    with reading(engine) as db:
        assert db.execute(select(Action.status)).scalar_one() == "done"
    back = asa.post(f"/actions/{letters}/undo", back="due")
    assert "Undone." in back.text
    assert "1 late" in back.text
    with reading(engine) as db:
        kinds = db.execute(select(AuditEntry.kind)).scalars().all()
    acts = [kind for kind in kinds if kind.startswith("action:")]
    assert acts == ["action:added", "action:done", "action:undone"]


def test_a_move_needs_a_time_and_a_reason(browser, letters):
    asa = browser(POLICE)
    refused = asa.post(f"/actions/{letters}/move", due_at="2026-03-09T16:00", reason="")
    assert refused.status == 422
    assert refused.one("input", name="due_at").get("value") == "2026-03-09T16:00"
    past = asa.post(f"/actions/{letters}/move", due_at="2026-02-01T16:00", reason="x")
    assert "#f-due_at" in past.links()
    moved = asa.post(f"/actions/{letters}/move", due_at="2026-03-09T16:00", reason="printer")
    assert "Moved from" in moved.text
    assert "printer" in moved.text


def test_dropping_asks_and_needs_a_reason(browser, letters):
    asa = browser(POLICE)
    assert asa.get(f"/actions/{letters}/drop").title == "Drop the action?"
    assert asa.post(f"/actions/{letters}/drop", reason="").status == 422
    dropped = asa.post(f"/actions/{letters}/drop", reason="no call-in")
    assert "Dropped today" in dropped.text
    assert "no call-in" in dropped.text


def test_an_action_is_added_and_handed_over(browser, viewer):
    asa = browser(POLICE)
    wrong = asa.post("/actions/new", text="Book the room", due_at="")
    assert wrong.status == 422
    assert wrong.one("input", name="text").get("value") == "Book the room"
    added = asa.post("/actions/new", text="Book the room", due_at="2026-03-04T12:00")
    assert added.title == "Book the room"
    assert "Test coordinator_police does it by" in added.text
    url = added.url.split("?")[0].removeprefix("http://testserver")
    handed = asa.post(f"{url}/owner", owner=viewer(MUNICIPAL).user_id)
    assert "Test coordinator_municipal does it by" in handed.text
    assert "Book the room" in browser(MUNICIPAL).get("/due").text


def test_a_worker_adds_own_actions(browser, engine, viewer):
    maja = browser(Role.OUTREACH)
    assert not maja.get("/actions/new").all("select", name="owner")
    maja.post("/actions/new", text="Ring the landlord", due_at="2026-03-04T12:00")
    with reading(engine) as db:
        stored = db.execute(select(Action.owner_id, Action.compartment)).one()
    assert tuple(stored) == (viewer(Role.OUTREACH).user_id, "social")


@pytest.mark.parametrize("role", [Role.STEERING, Role.COMMUNITY, Role.ADMIN, Role.AUDITOR])
def test_others_have_nothing_due(browser, letters, role):
    assert browser(role).get("/due").status == 403
    assert browser(role).get(f"/actions/{letters}").status == 403


def test_the_list_is_exported_with_a_purpose_by_those_who_may(browser, letters):
    assert "Approve the letters" in browser(POLICE).post("/due/export", purpose="meeting").html
    assert browser(Role.OUTREACH).post("/due/export", purpose="meeting").status == 403
