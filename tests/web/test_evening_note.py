"""Notes of the evening: facts apart from judgements, and each side its own."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text, update

from gvi.domain.access import Role, Viewer
from gvi.store.engine import reading, transaction
from gvi.store.models import AuditEntry, CallIn, EveningNote
from gvi.usecases.retention import run_retention
from tests import factories as make
from tests.conftest import MONDAY, ZONE

POLICE, MUNICIPAL, ANALYST = (
    Role.COORDINATOR_POLICE,
    Role.COORDINATOR_MUNICIPAL,
    Role.ANALYST,
)
pytestmark = pytest.mark.both_databases


@pytest.fixture
def notes(engine, programme, clock):
    """Where the notes of a call-in that has begun are."""
    with transaction(engine) as db:
        call_in = make.a_call_in(db, programme, MONDAY, status="approved")
        url = f"/call-ins/{call_in.id}/notes"
    clock.move(hours=2)
    return url


def test_each_side_reads_its_own_notes_and_the_shared_ones(browser, notes):
    browser(POLICE).post(notes, observed="Two cars outside", assessed="", compartment="police")
    browser(MUNICIPAL).post(notes, observed="", assessed="He wants help", compartment="social")
    page = browser(MUNICIPAL).post(
        notes, observed="All stood up", assessed="It was heard", compartment="shared"
    )

    assert "2 notes of the evening that you may read." in page.text
    assert "ObservedAll stood up" in page.text
    assert "AssessedIt was heard" in page.text
    for role in (POLICE, ANALYST):
        seen = browser(role).get(notes).text
        assert "Two cars outside" in seen
        assert "All stood up" in seen
        assert "He wants help" not in seen
    assert "Two cars outside" not in page.text


def test_both_fields_are_sealed(browser, notes, engine):
    browser(POLICE).post(notes, observed="A word", assessed="A thought", compartment="police")

    with transaction(engine) as db:
        stored = db.execute(text("SELECT observed, assessed FROM evening_notes")).all()
    assert stored
    assert not any("A " in column for row in stored for column in row)


@pytest.mark.parametrize("role", [Role.PROBATION, Role.OUTREACH, Role.COMMUNITY, Role.STEERING])
def test_nobody_else_reads_any(browser, notes, role):
    assert browser(role).get(notes).status == 403


def test_a_note_for_the_other_side_or_without_words_is_refused(browser, notes, engine):
    police = browser(POLICE)

    assert police.post(notes, observed="x", assessed="", compartment="social").status == 422
    empty = police.post(notes, observed=" ", assessed="", compartment="police")
    assert "Write what was seen, or what you make of it." in empty.text
    with reading(engine) as db:
        assert db.scalars(select(EveningNote)).all() == []


def test_only_its_author_takes_a_note_back(browser, notes, engine):
    police = browser(POLICE)
    police.post(notes, observed="All stood up", assessed="", compartment="shared")
    with reading(engine) as db:
        note = db.scalars(select(EveningNote.id)).one()

    refused = browser(MUNICIPAL).post(f"{notes}/{note}/withdraw")
    assert "Only who wrote a note takes it back." in refused.text
    page = police.post(f"{notes}/{note}/withdraw")

    assert "Taken back. Nobody else is shown it" in page.text
    assert "You took this note back" in page.text
    assert "0 notes of the evening" in page.text
    assert "All stood up" not in browser(MUNICIPAL).get(notes).text

    assert browser(MUNICIPAL).post(f"{notes}/{note}/put-back").status == 422
    again = police.post(f"{notes}/{note}/put-back")
    assert "You took this note back" not in again.text
    assert "All stood up" in browser(MUNICIPAL).get(notes).text
    assert "That note stands." in police.post(f"{notes}/{note}/put-back").text


@pytest.mark.parametrize(("taken_back", "days"), [(False, 365), (True, 30)])
def test_a_note_says_when_it_is_erased_and_is_erased_then(browser, notes, engine, taken_back, days):
    browser(MUNICIPAL).post(notes, observed="", assessed="He wants help", compartment="social")
    with reading(engine) as db:
        note, written = db.execute(select(EveningNote.id, EveningNote.recorded_at)).one()
    if taken_back:
        browser(MUNICIPAL).post(f"{notes}/{note}/withdraw")
    gone_at = written + timedelta(days=days)
    said = f"erased on {gone_at.astimezone(ZONE):%a %-d %b}" if days < 300 else "erased on"
    assert said in browser(MUNICIPAL).get(notes).text

    operator = Viewer(programme_id=1, user_id=None, role=None, name="gvi")
    erased = []
    for at in (gone_at - timedelta(minutes=1), gone_at, gone_at):
        with transaction(engine) as db:
            erased.append(run_retention(db, operator, at=at, zone=ZONE).evening_notes)
    assert erased == [0, 1, 0]
    with reading(engine) as db:
        assert db.scalars(select(EveningNote)).all() == []
        kinds = db.scalars(select(AuditEntry.kind)).all()
        assert kinds.count("evening_note:erased") == 1


def test_an_extract_and_a_removal_name_the_evenings_whose_notes_are_to_be_read(
    browser, notes, engine, programme
):
    with transaction(engine) as db:
        call_in = db.scalars(select(CallIn)).one()
        lom, mes = (make.a_person(db, programme, MONDAY, code) for code in ("Lom", "Mes"))
        for person, status in ((lom, "attended"), (mes, "proposed")):
            make.an_invitee(db, call_in, person, status=status)
        ids = lom.id, mes.id
    browser(POLICE).post(notes, observed="Two cars outside", assessed="", compartment="police")

    for page in (f"/people/{ids[0]}/extract", f"/remove/person/{ids[0]}"):
        assert notes in browser(POLICE).get(page).links()
    assert notes not in browser(POLICE).get(f"/people/{ids[1]}/extract").links()
    assert notes not in browser(MUNICIPAL).get(f"/people/{ids[0]}/extract").links()


@pytest.mark.parametrize("status", ["draft", "postponed", "cancelled"])
def test_an_evening_that_was_not_has_no_notes(browser, engine, notes, status):
    with transaction(engine) as db:
        db.execute(update(CallIn).values(status=status))

    page = browser(POLICE).post(notes, observed="Two cars", assessed="", compartment="police")

    assert page.status == 422
    assert "There was no evening" in page.text
    with reading(engine) as db:
        assert not db.scalars(select(EveningNote)).all()
