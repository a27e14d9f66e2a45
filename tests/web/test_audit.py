"""The auditor's page: everything done is an entry, people are numbers, the chain can be checked."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, select, update

import gvi
from gvi.domain.access import POLICY, Role, Viewer
from gvi.domain.token import TokenScope
from gvi.store.audit import length
from gvi.store.engine import transaction
from gvi.store.models import AuditEntry, Tie, User, revisions_of
from gvi.usecases.facts import correct, log_change
from gvi.web.things import ACTS, RIGHTS, THINGS
from tests.conftest import MONDAY
from tests.factories import a_person, a_tie, an_incident, an_involvement
from tests.tamper import unguarded


@pytest.fixture
def looked_at(engine, programme, browser):
    """Two people, of whom the police coordinator has read the incident of the first."""
    with transaction(engine) as db:
        lom = a_person(db, programme, MONDAY, "Lom", name="Viktor Älgmark")
        a_person(db, programme, MONDAY, "Mes", name="Anton Öst")
        incident = an_incident(db, programme, MONDAY, place="Torget 1")
        an_involvement(db, incident, lom)
        ids = lom.id, incident.id
    browser(Role.COORDINATOR_POLICE).get(f"/incidents/{ids[1]}")
    return ids[0]


def told(page):
    return ["".join(th.itertext()) for th in page.all("th", scope="row")]


@pytest.mark.parametrize("typed", ["Viktor Algmark", "lom", "#1", "1"])
def test_who_looked_at_a_person_is_found_by_name_code_name_and_number(browser, looked_at, typed):
    page = browser(Role.AUDITOR).get("/audit", person=typed)

    assert looked_at == 1
    (line,) = told(page)
    assert line.startswith("Test coordinator_police read: incidents.")
    assert "One of them is about the person asked for." in page.text
    for name in ("Viktor", "Lom", "Torget"):
        assert name not in page.text.replace(typed, "")


def test_nobody_of_that_name_and_nobody_looked_are_told_apart(browser, looked_at):
    auditor = browser(Role.AUDITOR)
    assert "Nobody is called that" in auditor.get("/audit", person="Nobody").text
    assert "No entry matches" in auditor.get("/audit", person="Mes").text


def test_the_log_is_narrowed_by_user_day_and_act(browser, looked_at, clock):
    auditor = browser(Role.AUDITOR)
    (option,) = [o for o in auditor.get("/audit").all("option") if o.text == "Test analyst"]
    assert "No entry matches" in auditor.get("/audit", user=option.get("value")).text
    assert all("logged in" in line for line in told(auditor.get("/audit", verb="access")))
    assert told(auditor.get("/audit", **{"from": "2026-03-02", "to": "2026-03-02"}))
    assert "No entry matches" in auditor.get("/audit", **{"from": "2026-03-03"}).text
    assert auditor.get("/audit", **{"from": "soon"}).all("p", id="f-from-error")


def test_looking_at_the_log_is_an_entry_too(browser, looked_at):
    auditor = browser(Role.AUDITOR)
    auditor.get("/audit")
    assert told(auditor.get("/audit"))[0].startswith("Test auditor read: the log.")


def test_the_page_tells_whether_the_chain_is_whole(browser, engine, looked_at):
    auditor = browser(Role.AUDITOR)
    assert "The chain is whole" in auditor.get("/audit", verify="1").text
    with unguarded(engine) as db:
        db.execute(update(AuditEntry).where(AuditEntry.id == 2).values(actor="Nobody"))
    assert "broken at entry 2" in auditor.get("/audit", verify="1").text


def test_only_the_auditor_reads_the_log(browser, looked_at):
    for role in set(Role) - {Role.AUDITOR}:
        assert browser(role).get("/audit").status == 403


def test_everything_rights_and_log_speak_of_has_words():
    sources = "".join(path.read_text() for path in Path(gvi.__file__).parent.rglob("*.py"))
    written = set(re.findall(r'"([a-z_0-9]+):([a-z_]+)"', sources))
    rights = {tuple(permission.split(":")) for permission in POLICY}
    scopes = {tuple(scope.split(":")) for scope in TokenScope}
    acts = written - rights - scopes - {("about", "blank"), ("noun", "verb")}

    assert {thing for thing, _ in rights | acts} - set(THINGS) == set()
    assert {act for _, act in acts} - set(ACTS) == set()
    assert {right for _, right in rights} - set(RIGHTS) == set()


def test_the_log_is_searched_narrowed_by_thing_and_exported(browser, looked_at):
    auditor = browser(Role.AUDITOR)
    assert told(auditor.get("/audit", q="incidents/")) == told(
        auditor.get("/audit", thing="incident")
    )
    assert "No entry matches" in auditor.get("/audit", q="nothing like it").text
    assert told(auditor.get("/audit", first="1", last="1"))[0].startswith("Test coordinator_police")

    data = {"csrf_token": auditor.token(), "purpose": "Yearly control"}
    answer = auditor.client.post("/audit/export?thing=incident", data=data)

    text = answer.content.decode("utf-8-sig")
    assert "# Purpose: Yearly control" in text
    assert "Test coordinator_police read: incidents." in text
    assert "Viktor" not in text


def test_a_change_is_shown_with_its_old_and_new_values_until_the_record_is_erased(
    browser, engine, programme, viewer
):
    with transaction(engine) as db:
        lom = a_person(db, programme, MONDAY, "Lom", name="Viktor Älgmark")
        mes = a_person(db, programme, MONDAY, "Mes")
        tie = a_tie(db, MONDAY, lom, mes, kind="friend", strength=1.0)
        ids = tie.id
    with transaction(engine) as db:
        tie = db.get(Tie, ids)
        later = MONDAY + timedelta(minutes=3)
        changed = correct(
            tie, viewer(Role.ANALYST), "tie:write", at=later, strength=0.5, source="An informer"
        )
        log_change(db, viewer(Role.ANALYST), "tie:corrected", at=later, fields=changed, tie=ids)
        number = length(db)
    auditor = browser(Role.AUDITOR)

    page = auditor.get(f"/audit/{number}")

    assert "Strength #110.5" in page.text
    assert "An informer" not in page.html
    assert "a text of 11 characters" in page.text
    with transaction(engine) as db:
        db.execute(delete(revisions_of(Tie)))
        db.execute(delete(Tie))
    assert "No values are kept" in auditor.get(f"/audit/{number}").text
    assert auditor.get("/audit/9999").status == 404


def test_a_user_who_was_changed_is_shown_before_and_after(browser, engine, programme):
    with transaction(engine) as db:
        number = db.execute(select(User.id).where(User.role == "community")).scalar_one()
        user = db.get(User, number)
        user.team = "north"
        user.role = "steering"
        operator = Viewer(programme_id=programme, user_id=None, role=None, name="op")
        log_change(db, operator, "user:changed", at=MONDAY, user=number)
        entry = length(db)

    page = browser(Role.AUDITOR).get(f"/audit/{entry}")

    assert "Community voiceSteering group" in page.text
    auditor = browser(Role.AUDITOR)
    assert "Role, Team" in auditor.get("/audit", q="user:changed").text

    data = {"csrf_token": auditor.token(), "purpose": "Yearly control"}
    answer = auditor.client.post("/audit/export?q=user:changed", data=data)
    text = answer.content.decode("utf-8-sig")
    assert "Fields as stored" in text
    assert "Role; Team,role; team" in text
