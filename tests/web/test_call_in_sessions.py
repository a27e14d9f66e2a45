"""Sessions and chances of coming, from the planner to the call-in's page."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from gvi.domain.access import Role
from gvi.store.engine import reading, transaction
from gvi.store.models import AttendanceChance, AuditEntry, CallIn, Invitee, Person
from tests import factories as make
from tests.client import NS
from tests.conftest import MONDAY

POLICE, ANALYST = Role.COORDINATOR_POLICE, Role.ANALYST
KEEP = "chance-"


@pytest.fixture
def town(engine, programme):
    """Two groups in open conflict, three members each."""
    with transaction(engine) as db:
        granit = make.a_group(db, programme, MONDAY, "Granit")
        kajen = make.a_group(db, programme, MONDAY, "Kajen")
        make.a_relation(db, MONDAY, granit, kajen)
        people = {}
        for code_name, group in (
            ("Lom", granit),
            ("Alka", granit),
            ("Tärna", granit),
            ("Mes", kajen),
            ("Siska", kajen),
            ("Ejder", kajen),
        ):
            people[code_name] = make.a_person(db, programme, MONDAY, code_name)
            make.a_membership(db, MONDAY, people[code_name], group)
        ids = {name: person.id for name, person in people.items()}
        return ids | {"granit": granit.id, "kajen": kajen.id}


@pytest.fixture
def call_in(browser, town, engine):
    new = {"name": "Call-in 4", "seats": "4", "starts_at": "2026-04-09T17:30"}
    browser(POLICE).post("/call-ins/new", **new, groups=[town["granit"], town["kajen"]])
    with reading(engine) as db:
        return db.scalars(select(CallIn.id)).one()


@pytest.fixture
def url(call_in):
    return f"/call-ins/{call_in}/plan"


def said(element):
    return " ".join(" ".join(element.itertext()).split())


def act(browser, url, does, *people, role=POLICE, **more):
    return browser(role).post(url, act=does, p=list(people), **more)


def sessions(page):
    section = page.one("section", data_live="ticked")
    return [said(dd) for dd in section.iter(f"{NS}dd")]


def chosen(page, name):
    section = page.one("section", data_live="ticked")
    return next(said(row) for row in section.iter(f"{NS}tr") if said(row).startswith(name))


def seated(engine):
    with reading(engine) as db:
        rows = db.execute(select(Person.code_name, Invitee.session).join(Invitee))
        return {row.code_name: row.session for row in rows}


def test_rivals_are_ticked_into_different_sessions_and_saved_there(
    browser, town, call_in, url, engine
):
    people = [town[name] for name in ("Lom", "Alka", "Mes", "Siska")]

    one = act(browser, url, "count", *people)
    assert sessions(one) == []
    assert "Groups in open conflict would meet" in one.text

    two = act(browser, url, "count", *people, size="4", sessions="2")
    assert sorted(sessions(two)) == ["Alka, Lom 2 of 2 seats", "Mes, Siska 2 of 2 seats"]
    assert "Groups in open conflict would meet" not in two.text
    assert "Rivals here" not in two.text

    act(browser, url, "save", *people, size="4", sessions="2")
    where = seated(engine)
    assert where["Lom"] == where["Alka"] != where["Mes"] == where["Siska"]
    shown = browser(POLICE).get(f"/call-ins/{call_in}")
    assert "Rivals here" not in shown.text
    assert shown.text.count("session 1") == shown.text.count("session 2") == 2
    answer = browser(POLICE).json(f"/api/v1/call-ins/{call_in}")
    assert answer["sessions"] == 2
    assert {row["code_name"]: row["session"] for row in answer["invitees"]} == where


def test_the_planner_opens_with_the_sessions_it_was_saved_with(browser, town, url):
    people = [town[name] for name in ("Lom", "Mes")]
    act(browser, url, "save", *people, size="4", sessions="2", learned="on")

    page = browser(POLICE).get(url)

    assert page.one("input", name="sessions").get("value") == "2"
    assert "checked" in page.one("input", name="learned").attrib
    assert len(sessions(page)) == 2
    assert "checked" not in act(browser, url, "count", size="4").one("input", name="learned").attrib


def test_who_is_asked_keeps_their_session(browser, town, call_in, url, engine):
    act(browser, url, "save", town["Mes"], size="4", sessions="2")
    with transaction(engine) as db:
        mes = db.scalars(select(Invitee)).one()
        mes.status, mes.session = "invited", 2

    act(browser, url, "save", town["Lom"], town["Alka"], size="4", sessions="2")

    assert seated(engine) == {"Lom": 1, "Alka": 1, "Mes": 2}
    refused = act(browser, url, "save", town["Lom"], town["Alka"], size="4", sessions="1")
    assert refused.status == 422
    assert "Somebody is asked to session 2 already: keep as many sessions." in refused.text


@pytest.mark.parametrize("number", ["0", "5", "many", "10"])
def test_a_number_of_sessions_without_a_seat_each_is_said_by_its_field(browser, town, url, number):
    page = act(browser, url, "count", town["Lom"], size="4", sessions=number)

    assert page.status == 422
    assert page.one("input", name="sessions").get("aria-invalid") == "true"


def test_too_few_sessions_for_three_rivals_meet_and_that_takes_a_reason(
    browser, town, url, engine, programme
):
    with transaction(engine) as db:
        bryggan = make.a_group(db, programme, MONDAY, "Bryggan")
        both = make.a_person(db, programme, MONDAY, "Både")
        for group_id in (town["granit"], town["kajen"]):
            group = next(g for g in db.scalars(select(type(bryggan))) if g.id == group_id)
            make.a_membership(db, MONDAY, both, group)
        number = both.id

    page = act(browser, url, "count", number, town["Lom"], town["Mes"], size="4", sessions="2")

    assert "Granit and Kajen" in page.text
    refused = act(browser, url, "save", number, town["Lom"], town["Mes"], size="4", sessions="2")
    assert refused.status == 422
    assert "Say why that is accepted" in refused.text


def test_two_rivals_by_a_tie_meet_in_a_session_only_with_a_reason(
    browser, town, call_in, url, engine
):
    people = town["Lom"], town["Alka"]
    with transaction(engine) as db:
        lom, alka = (db.get_one(Person, each) for each in people)
        make.a_tie(db, MONDAY, lom, alka, kind="rival")
        db.get_one(CallIn, call_in).seats = 6
    asked = {"size": "6", "sessions": "2"}
    act(browser, url, "save", *people, apart=f"{people[0]}-{people[1]}", **asked)
    assert sorted(seated(engine).values()) == [1, 2]

    refused = act(browser, url, "save", *people, size="6", sessions="1")

    assert "are to be kept apart and would meet. Say why" in refused.text
    assert "People who are to be kept apart would meet" in refused.text
    assert refused.one("input", name="rivals_reason").get("aria-invalid") == "true"
    act(browser, url, "save", *people, size="6", sessions="1", rivals_reason="Peace")
    assert seated(engine) == {"Lom": 1, "Alka": 1}


def test_a_chance_is_set_with_a_reason_signed_and_taken_back(browser, town, call_in, url, engine):
    given = {"chance_of": str(town["Lom"]), "chance": "62,4", "chance_reason": "Came twice"}
    page = act(browser, url, KEEP, town["Lom"], town["Alka"], **given)

    assert "Voluntary, 62 % set by " in chosen(page, "Lom")
    assert ": Came twice" in chosen(page, "Lom")
    assert "Voluntary, 17 %" in chosen(page, "Alka")
    assert "Came twice" not in str(page.url)
    with reading(engine) as db:
        row = db.scalars(select(AttendanceChance)).one()
        assert (row.probability, row.reason) == (0.624, "Came twice")
        assert "chance:set" in set(db.scalars(select(AuditEntry.kind)))

    act(browser, url, "save", town["Lom"], town["Alka"])
    shown = browser(POLICE).get(f"/call-ins/{call_in}")
    assert "2 invited, 0.8 expected to come" in shown.text, "0.624 and a sixth"

    page = act(browser, url, f"{KEEP}{town['Lom']}", town["Lom"])
    assert "Voluntary, 17 %" in chosen(page, "Lom")
    with reading(engine) as db:
        assert db.scalars(select(AttendanceChance)).all() == []


@pytest.mark.parametrize(
    ("field", "typed"),
    [("chance_of", ""), ("chance", "120"), ("chance", "maybe"), ("chance_reason", " ")],
)
def test_a_chance_takes_a_person_a_per_cent_and_a_reason(browser, town, url, field, typed):
    given = {"chance_of": str(town["Lom"]), "chance": "50", "chance_reason": "Came twice"}

    page = act(browser, url, KEEP, town["Lom"], **(given | {field: typed}))

    assert page.status == 422
    tag = "select" if field == "chance_of" else "input"
    assert page.one(tag, name=field).get("aria-invalid") == "true"
    assert "set by" not in browser(POLICE).get(url).text


def test_a_call_in_counts_as_its_plan_did(browser, town, call_in, url, engine):
    with transaction(engine) as db:
        held = make.a_call_in(
            db, db.get_one(CallIn, call_in).programme_id, MONDAY - timedelta(days=20), "Call-in 3"
        )
        held.status = "held"
        for name in ("Siska", "Ejder"):
            person = db.get_one(Person, town[name])
            make.an_invitee(db, held, person, status="attended")

    act(browser, url, "save", town["Lom"], town["Alka"], size="4", learned="on")
    learned = browser(POLICE).get(f"/call-ins/{call_in}").text
    act(browser, url, "save", town["Lom"], town["Alka"], size="4")
    published = browser(POLICE).get(f"/call-ins/{call_in}").text

    assert "2 invited, 0.8 expected to come" in learned, "three of eight, twice"
    assert "2 invited, 0.3 expected to come" in published, "a sixth, twice"


@pytest.mark.parametrize("person", ["abc", "²", "-1", "9" * 30, "999"])
def test_a_chance_of_nobody_is_not_found(browser, town, url, person):
    page = act(browser, url, f"{KEEP}{person}", town["Lom"])

    assert page.status == 404
    assert "No chance of coming is set for this person." in page.text


def test_the_analyst_sets_chances_and_nobody_else_plans(browser, town, url):
    given = {"chance_of": str(town["Lom"]), "chance": "50", "chance_reason": "Came twice"}

    assert act(browser, url, KEEP, town["Lom"], role=ANALYST, **given).status == 200
    assert act(browser, url, KEEP, role=Role.COORDINATOR_MUNICIPAL, **given).status == 403


def test_a_plan_of_others_in_between_is_not_written_over(browser, town, url):
    seen = browser(POLICE).get(url).one("input", name="seen").get("value")
    given = {"chance_of": str(town["Lom"]), "chance": "50", "chance_reason": "Came twice"}
    act(browser, url, KEEP, town["Lom"], role=ANALYST, **given)

    page = act(browser, url, "save", town["Lom"], seen=seen)

    assert page.status == 409
    assert "changed" in page.text


def test_chances_are_asked_over_the_api_by_name_with_a_reason(browser, town):
    known = {"person": "Lom", "probability": 0.5, "reason": "Came twice"}
    asked = {"size": 1, "lock": ["Lom"], "objective": "expected"}

    published = browser(ANALYST).client.post("/api/v1/call-in-plans", json=asked).json()
    known_better = asked | {"chances": [known]}
    better = browser(ANALYST).client.post("/api/v1/call-in-plans", json=known_better)

    assert (published["expected"], better.json()["expected"]) == (pytest.approx(1 / 6), 0.5)
    for wrong in ({"probability": 2}, {"reason": ""}, {"person": "Nobody"}):
        body = asked | {"chances": [known | wrong]}
        answer = browser(ANALYST).client.post("/api/v1/call-in-plans", json=body)
        assert answer.status_code == 422


def test_who_was_moved_by_hand_stays_there_when_the_planner_saves_again(
    browser, town, call_in, url, engine
):
    act(browser, url, "save", town["Lom"], size="4", sessions="2")
    before = seated(engine)["Lom"]
    with reading(engine) as db:
        lom = db.scalars(select(Invitee.id)).one()
    to = 3 - before
    browser(POLICE).post(f"/call-ins/{call_in}/sessions/{lom}", session=str(to))
    assert seated(engine)["Lom"] == to

    act(browser, url, "save", town["Lom"], town["Mes"], size="4", sessions="2")

    assert seated(engine) == {"Lom": to, "Mes": before}
