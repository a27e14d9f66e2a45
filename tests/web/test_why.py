"""The why-page: one sentence, then everything behind it; on paper, disputed, and as JSON."""

import json
import re
from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from gvi.domain.access import Role
from gvi.store.engine import reading, transaction
from gvi.store.models import Action, AuditEntry, Person, User
from gvi.usecases import what_if
from tests.client import NS
from tests.conftest import MONDAY
from tests.factories import (
    a_group,
    a_membership,
    a_person,
    a_relation,
    a_tie,
    an_incident,
    an_involvement,
)

P, A = Role.COORDINATOR_POLICE, Role.ANALYST
FEBRUARY = MONDAY - timedelta(days=12)
LAST_YEAR = MONDAY - timedelta(days=500)


@pytest.fixture
def town(engine, programme):
    """Lom of Granit shot twice; Gös, a friend, killed; Sik, a friend of Gös; Braxen is 15."""
    with transaction(engine) as db:
        names = ("Lom", "Gös", "Sik", "Asp")
        people = {name: a_person(db, programme, MONDAY, name) for name in names}
        people["Braxen"] = a_person(db, programme, MONDAY, "Braxen", birth_date=date(2011, 1, 1))
        granit, lotsen = (a_group(db, programme, MONDAY, name) for name in ("Granit", "Lotsen"))
        a_membership(db, MONDAY, people["Lom"], granit, role="leader", source="an interview")
        a_membership(db, MONDAY, people["Asp"], granit, certainty=None, grade=None)
        a_membership(db, MONDAY, people["Sik"], lotsen)
        a_relation(db, MONDAY, granit, lotsen)
        a_tie(db, MONDAY, people["Lom"], people["Gös"], kind="friend", source="a photo")
        a_tie(db, MONDAY, people["Gös"], people["Sik"], kind="associate", source="a letter")
        a_tie(db, MONDAY, people["Lom"], people["Braxen"], kind="recruiter", source="a chat")
        for day, who, kind, source in (
            (FEBRUARY, "Lom", "shooting_at_person", "a witness"),
            (FEBRUARY - timedelta(days=3), "Lom", "shooting_at_person", "a camera"),
            (LAST_YEAR, "Gös", "homicide", "a court"),
            (MONDAY, "Sik", "threat", "a call"),
            (MONDAY, "Asp", "threat", "a note"),
            (MONDAY, "Braxen", "threat", "a school"),
        ):
            incident = an_incident(db, programme, day, kind, gmi="unknown")
            an_involvement(db, incident, people[who], "convicted", source=source)
        return {name: person.id for name, person in people.items()}


def test_the_first_sentence_says_the_rank_and_what_makes_most_of_it(browser, town):
    page = browser(P).get(f"/people/{town['Lom']}/why")

    said = r"Rank 1 of 4, between 1 and \d; mostly two shootings at people in February\."
    assert re.search(said, page.text)


def test_every_part_opens_up_to_a_dated_incident_with_its_source_and_grade(browser, town):
    page = browser(P).get(f"/people/{town['Lom']}/why")

    for behind in (
        "a witness",  # own
        "Friends, confirmed",
        "a photo",  # the tie behind near
        "a court",  # what Gös did
        "a letter",  # the tie two steps away
        "a call",  # what Sik did
        "Leader, confirmed",
        "an interview",  # the membership behind group
        "a note",  # what Asp did
    ):
        assert behind in page.text, behind
    assert sum(link.startswith("/incidents/") for link in page.links()) >= 5


def test_the_rows_add_up_to_each_part_and_to_the_score(browser, town):
    page = browser(P).get(f"/people/{town['Lom']}/why")
    rows = [
        [float("".join(cell.itertext())) for cell in row if "num" in (cell.get("class") or "")]
        for row in list(page.all("table")[0].iter(f"{NS}tr"))[1:]
    ]
    *body, foot = rows
    for column in range(5):
        assert round(sum(row[column] for row in body), 1) == foot[column]
    assert round(sum(foot[:4]), 1) == foot[4]


def test_somebody_under_18_is_named_as_such_and_nothing_leads_there(browser, town):
    page = browser(P).get(f"/people/{town['Lom']}/why")

    assert "Person under 18" in page.text
    assert "Braxen" not in page.text
    assert "a school" not in page.text
    assert "a chat" not in page.text, "what ties a child is not told"
    assert f"/people/{town['Braxen']}" not in page.links()


def test_what_is_uncertain_is_counted(browser, town):
    page = browser(P).get(f"/people/{town['Asp']}/why")

    assert "GMI is unknown for" in page.text
    assert "One membership is only possible." in page.text
    assert "One membership has no grade." in page.text


def test_exposed_shows_the_conflict_and_its_relation(browser, town):
    page = browser(P).get(f"/people/{town['Asp']}/why?score=exposed")

    assert "the conflict with Lotsen" in page.text
    assert "Open conflict" in page.text


def test_the_api_says_the_same(browser, town):
    analyst = browser(A)
    page = analyst.get(f"/people/{town['Lom']}/why")
    said = analyst.json(f"/api/v1/persons/{town['Lom']}/why")
    exact = analyst.json(f"/api/v1/persons/{town['Lom']}/explanation")

    assert said["sentence"] in page.text
    assert said["total"] == exact["score"]
    assert said["parts"] == exact["parts"]
    assert {row["incident"] for row in said["incidents"]} == {
        each["incident"] for each in exact["contributions"]
    }
    assert said["incidents"][0]["roles"][0]["record"]["source"] == "a witness"
    assert "person under 18" in [tie["person"] for tie in said["ties"]]
    assert set(exact) == {"person", "score", "parts", "contributions"}, "the contract"


def test_the_api_refuses_whom_no_list_holds(browser, town):
    answer = browser(A).client.get(f"/api/v1/persons/{town['Braxen']}/why")

    assert answer.status_code == 422


@pytest.mark.both_databases
def test_what_is_wrong_is_said_with_an_owner_and_a_day_and_seen_where_work_is(
    browser, engine, viewer, town
):
    police = browser(P)
    asked = police.get(f"/people/{town['Lom']}/why/dispute")
    records = [option.get("value") for option in asked.all("option")]
    (tie,) = [value for value in records if value.startswith("tie:")]

    page = police.post(
        f"/people/{town['Lom']}/why/dispute",
        record=tie,
        text="They have not met since school",
        owner=str(viewer(A).user_id),
        due_at="2026-03-06T12:00",
    )

    assert "The correction is open." in page.text
    assert "One thing in it is disputed." in page.text
    assert "They have not met since school" in page.text
    assert "They have not met since school" in browser(A).get("/due").text
    assert "Disputed" in police.get("/people/driving?needs=disputed").text
    assert "Disputed" in browser(A).get(f"/people/{town['Lom']}/why").text
    with Session(engine) as db:
        action = db.scalars(select(Action)).one()
        entries = db.scalars(select(AuditEntry.kind)).all()
    shown = browser(A).get(f"/actions/{action.id}")
    assert "/ties/1/edit" in shown.links()
    assert f"/people/{town['Lom']}/why?score=driving" in shown.links()
    assert "score:disputed" in entries


def test_the_owner_of_a_correction_is_led_to_the_score_it_is_about(browser, viewer, town):
    asked = f"/people/{town['Lom']}/why/dispute?score=exposed"
    given = {"record": "score", "text": "He was abroad", "due_at": "2026-03-06T12:00"}

    browser(P).post(asked, owner=str(viewer(A).user_id), **given)

    assert f"/people/{town['Lom']}/why?score=exposed" in browser(A).get("/actions/1").links()


def test_a_record_that_is_not_behind_the_score_is_not_disputed_there(browser, viewer, town):
    page = browser(P).post(
        f"/people/{town['Lom']}/why/dispute",
        record="membership:3",
        text="Not a member",
        owner=str(viewer(P).user_id),
        due_at="2026-03-06T12:00",
    )

    assert page.status == 422
    assert "Choose one of the answers." in page.text
    assert "Not a member" in page.html, "what was typed is kept"


def test_who_has_no_score_has_none_to_dispute(browser, town):
    assert browser(P).get(f"/people/{town['Braxen']}/why/dispute").status == 404


def test_paper_says_who_made_it_and_what_for_and_stands_in_the_log(browser, engine, town):
    police = browser(P)
    refused = police.post(f"/people/{town['Lom']}/why/print", purpose=" ")
    assert refused.status == 422

    paper = police.post(f"/people/{town['Lom']}/why/print", purpose="Meeting of 2 March")

    assert re.search(r"Made .* by Test coordinator_police\. For: Meeting of 2 March", paper.text)
    assert "Rank 1 of 4" in paper.text
    assert "This is wrong" not in paper.text
    with Session(engine) as db:
        entry = db.scalars(select(AuditEntry).where(AuditEntry.kind == "score:printed")).one()
    assert (entry.verb, entry.purpose) == ("disclosed", "Meeting of 2 March")
    named = json.loads(entry.subjects)["person"]
    assert town["Lom"] in named
    assert town["Gös"] in named
    assert town["Braxen"] not in named


@pytest.mark.parametrize("role", [role for role in Role if role not in (P, A)])
def test_nobody_else_opens_disputes_or_prints_a_score(browser, town, role):
    other = browser(role)
    for path in ("why", "why/change", "why/dispute", "why/print"):
        assert other.get(f"/people/{town['Lom']}/{path}").status == 403
    assert other.client.get(f"/api/v1/persons/{town['Lom']}/why").status_code == 403


def test_what_would_change_it_names_records_sources_and_kinds(browser, town):
    page = browser(P).get(f"/people/{town['Lom']}/why/change")

    assert re.search(r"Rank 1; without one record it would be \d\.|No single record", page.text)
    told = {"Without one kind", "No kind of incident or tie by itself moves the rank."}
    assert sum(each in page.text for each in told) == 1
    assert "Braxen" not in page.text
    assert browser(P).get(f"/people/{town['Braxen']}/why/change").status == 404


def test_where_trying_it_would_keep_somebody_waiting_the_page_names_the_command(
    browser, town, monkeypatch
):
    monkeypatch.setattr(what_if, "MOST_WAITED_FOR", 0)

    page = browser(P).get(f"/people/{town['Lom']}/why/change?score=exposed")

    assert "too many records to try what would change a rank while you wait" in page.text
    assert "gvi rank --score exposed --what-if" in page.text
    assert not page.all("table")
    assert browser(P).client.get(f"/api/v1/persons/{town['Lom']}/why/change").status_code == 422


def test_who_is_hidden_is_no_more_there_where_it_is_too_much_to_try(
    browser, engine, town, monkeypatch
):
    monkeypatch.setattr(what_if, "MOST_WAITED_FOR", 0)
    lom = town["Lom"]
    with transaction(engine) as db:
        db.get_one(Person, lom).compartment = "social"

    assert browser(P).get(f"/people/{lom}/why/change").status == 404
    assert browser(P).client.get(f"/api/v1/persons/{lom}/why/change").status_code == 404


def _users(engine):
    with reading(engine) as db:
        return {row.role: row.id for row in db.execute(select(User.role, User.id))}


def _disputed(browser, engine, town):
    """Have the police dispute the score of Lom; gives the action's id."""
    browser(P).post(
        f"/people/{town['Lom']}/why/dispute",
        record="score",
        text="Lom was abroad",
        owner=str(_users(engine)[P.value]),
        due_at="2026-03-06T12:00",
    )
    with reading(engine) as db:
        return db.scalars(select(Action.id)).one()


def test_a_dispute_is_handed_over_only_to_who_sees_scores(browser, engine, town):
    opened, users = _disputed(browser, engine, town), _users(engine)
    page = browser(P).get(f"/actions/{opened}/owner")

    offered = {
        option.get("value")
        for option in page.tree.iterfind(f".//{NS}option")
        if option.get("value")
    }
    assert offered == {str(users[P.value]), str(users[A.value])}
    for role in (Role.OUTREACH, Role.PROBATION, Role.COORDINATOR_MUNICIPAL):
        refused = browser(P).post(f"/actions/{opened}/owner", owner=str(users[role.value]))
        assert refused.status == 422
        assert "may not see scores" in refused.text
    assert browser(P).post(f"/actions/{opened}/owner", owner=str(users[A.value])).status == 200


@pytest.mark.parametrize("role", [role for role in Role if role not in (P, A)])
def test_nothing_tells_who_sees_no_scores_that_something_is_disputed(browser, engine, town, role):
    opened = _disputed(browser, engine, town)
    with transaction(engine) as db:
        db.get_one(Action, opened).owner_id = _users(engine)[role.value]
    reader = browser(role)

    for path in ("/today", "/due", "/", f"/actions/{opened}", f"/actions/{opened}/owner"):
        text = reader.get(path).text
        assert "Correction" not in text, path
        assert "Lom was abroad" not in text, path
    assert reader.get(f"/actions/{opened}").status in (403, 404)
    assert reader.client.get(f"/api/v1/actions/{opened}").status_code in (403, 404)
    listed = reader.client.get("/api/v1/actions")
    assert listed.status_code == 403 or listed.json()["items"] == []


def test_the_auditor_cannot_work_out_a_small_area(browser, engine, programme):
    with transaction(engine) as db:
        for number in range(22):
            area = {0: "Liten", 1: "Smal"}.get(number, "Stor")
            person = a_person(db, programme, MONDAY, f"Fink {number}", area=area)
            an_involvement(db, an_incident(db, programme, MONDAY, "threat"), person, "convicted")

    page = browser(Role.AUDITOR).get("/method/fairness")

    assert [area for area in ("Liten", "Smal", "Stor") if area in page.text]
    cells = ["".join(cell.itertext()).strip() for cell in page.all("td")]
    assert "not told" in cells
    assert not [cell for cell in cells if "%" in cell or cell in {"0", "1", "2", "20"}]


def test_the_log_says_in_words_what_is_disputed(browser, engine, town):
    _disputed(browser, engine, town)
    with reading(engine) as db:
        entry = db.scalars(select(AuditEntry.id).where(AuditEntry.kind == "score:disputed")).one()

    assert (
        "What is disputed: The score as a whole"
        in browser(Role.AUDITOR).get(f"/audit/{entry}").text
    )
