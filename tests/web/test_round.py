"""A round in the browser: begun, people ticked, seen by whom it may be, closed."""

import re
from datetime import date, timedelta
from io import BytesIO

import pytest
from pypdf import PdfReader
from sqlalchemy import select

from gvi.domain.access import Role
from gvi.store.engine import reading, transaction
from gvi.store.models import CustomNotification, NotificationAttempt, Person, Round, User
from tests import factories as make
from tests.conftest import MONDAY

POLICE = Role.COORDINATOR_POLICE


@pytest.fixture
def town(engine, programme):
    """Five in a row, all of one group; nobody has heard the message."""
    with transaction(engine) as db:
        users = {user.role: user.id for user in db.query(User)}
        group = make.a_group(db, programme, MONDAY, "Granit")
        people = [
            make.a_person(db, programme, MONDAY, f"Kod{n}", name=f"Person Nummer{n}")
            for n in range(1, 6)
        ]
        for person in people:
            make.a_membership(db, MONDAY, person, group)
        for one, other in ((0, 1), (1, 2), (3, 4)):
            make.a_tie(db, MONDAY, people[one], people[other])
        return {"ids": [person.id for person in people], "group": group.id, "users": users}


@pytest.fixture
def begun(browser, town, engine):
    page = browser(POLICE).post(
        "/rounds/new",
        name="Round 4",
        starts_on="2026-03-02",
        ends_on="2026-03-06",
        owner=town["users"]["coordinator_police"],
        groups=[town["group"]],
    )
    assert "Whom to visit" in page.title
    with reading(engine) as db:
        return f"/rounds/{db.scalars(select(Round.id)).one()}"


@pytest.fixture
def filled(browser, begun, town):
    """The round with two people in it."""
    first, second = town["ids"][1], town["ids"][3]
    reasons = {f"why-{first}": "Knows both sides", f"why-{second}": "His brother listens"}
    browser(POLICE).post(f"{begun}/people", p=[first, second], **reasons)
    return begun


def test_the_best_visits_are_proposed_with_what_each_adds(browser, begun):
    page = browser(POLICE).get(f"{begun}/people?visits=2")

    assert "Together they reach 5 people" in page.text
    assert "0 are still missed. No other choice of so many visits reaches more." in page.text
    assert "Person Nummer2" in page.text
    assert "Reaches 3 who have not heard the message" in page.text


def test_what_a_visit_adds_is_no_reason_that_somebody_keeps(browser, begun, town):
    who = town["ids"][1]
    page = browser(POLICE).get(f"{begun}/people?visits=2")
    assert re.findall(rf'name="why-{who}"[^>]*value="([^"]+)"', page.html) == []


def test_the_reason_a_visit_bears_is_offered_when_it_comes_along(browser, begun, town, engine):
    who = town["ids"][1]
    with transaction(engine) as db:
        person = db.get(Person, who)
        make.a_notification(db, person, MONDAY + timedelta(days=3), why="Shot on Friday")
    police = browser(POLICE)
    for page in (
        police.get(f"{begun}/people?visits=2"),
        police.get(f"{begun}/people?person={who}"),
    ):
        assert re.findall(rf'name="why-{who}"[^>]*value="([^"]+)"', page.html) == ["Shot on Friday"]


@pytest.mark.parametrize(
    "how",
    [("held", "no_show"), ("held", "turned_away"), ("cancelled", "invited")],
)
def test_who_did_not_hear_it_at_the_call_in_is_proposed_for_its_gap(
    browser, engine, begun, town, how
):
    call_in, invitee = how
    with transaction(engine) as db:
        gap = db.scalars(select(Round)).one()
        call = make.a_call_in(db, gap.programme_id, MONDAY - timedelta(days=3), status=call_in)
        make.an_invitee(db, call, db.get_one(Person, town["ids"][1]), status=invitee)
        gap.call_in_id = call.id

    page = browser(POLICE).get(f"{begun}/people?visits=2")

    assert "Together they reach 5 people" in page.text
    assert "Person Nummer2" in page.text


def test_a_visit_that_was_given_up_reaches_nobody_for_the_next_proposal(browser, engine, filled):
    with transaction(engine) as db:
        for visit in db.scalars(select(CustomNotification)):
            visit.status = "not_deliverable"

    page = browser(POLICE).get(f"{filled}/people?visits=3")

    assert "Together they reach 5 people" in page.text
    assert "Person Nummer2" not in page.text


def test_a_visit_that_was_called_off_is_not_to_reach_anybody(browser, engine, filled):
    assert re.search(r"Granit\s*0\s*5", browser(POLICE).get(filled).text)
    with transaction(engine) as db:
        first = db.scalars(select(CustomNotification).order_by(CustomNotification.id)).first()
        first.status = "cancelled"

    page = browser(POLICE).get(filled)

    assert "1 person, 0 attempts, 0 delivered." in page.text
    assert re.search(r"Granit\s*0\s*2", page.text)


def test_the_round_says_in_a_sentence_how_far_it_is(browser, filled):
    page = browser(POLICE).get(filled)

    assert "2 people, 0 attempts, 0 delivered." in page.text
    assert "Knows both sides" in page.text
    assert "Check the risk" in page.text
    assert "Delivered reach" in page.text
    regions = [each.get("aria-label") for each in page.all("div", role="region")]
    headings = [each.text.strip() for each in page.all("h2")]
    assert regions
    assert not {*regions} & {*headings}


def test_a_reason_is_asked_for_and_what_was_typed_stays(browser, begun, town):
    first = town["ids"][1]
    page = browser(POLICE).post(f"{begun}/people", p=[first], **{f"why-{first}": ""})
    assert page.status == 422
    assert "Say in a sentence why" in page.text


def test_the_list_of_visits_can_be_narrowed_to_a_round(browser, filled):
    number = filled.rsplit("/", 1)[1]
    page = browser(POLICE).get(f"/notifications?round={number}")
    assert "Person Nummer2" in page.text
    assert "Round 4" in page.text


def test_closing_says_what_becomes_of_each_visit(browser, filled, engine):
    police = browser(POLICE)
    page = police.get(f"{filled}/close")
    assert "To 2 people it was not delivered" in page.text
    assert police.post(f"{filled}/close").status == 422
    with reading(engine) as db:
        first, second = db.scalars(select(CustomNotification.id)).all()
    page = police.post(
        f"{filled}/close",
        **{
            f"remains-{first}": "stays",
            f"due_at-{first}": "2026-03-20",
            f"reason-{first}": "Away for a week",
            f"remains-{second}": "cancelled",
            f"reason-{second}": "Called in instead",
        },
    )
    assert "Closed" in page.text
    page = police.post(f"{filled}/reopen", reason="He came home")
    assert "Under way" in page.text


def test_a_round_is_closed_by_what_is_said_of_all_and_of_one(browser, filled, engine):
    with reading(engine) as db:
        first, second = db.scalars(select(CustomNotification.id)).all()
    police = browser(POLICE)
    of_all = {"remains-all": "cancelled", "reason-all": "Called in instead"}
    half = police.post(f"{filled}/close", **{"remains-all": "cancelled"})
    assert half.status == 422
    assert half.one("p", id=f"f-reason-{first}-error").text
    one = {f"remains-{second}": "stays", f"due_at-{second}": "2026-03-20"}

    page = police.post(f"{filled}/close", **of_all, **one)

    assert "Closed" in page.text
    with reading(engine) as db:
        assert db.get(CustomNotification, first).status == "cancelled"
        assert db.get(CustomNotification, second).status == "planned"


def test_days_are_said_of_those_delivered_and_until_the_close(browser, filled, engine):
    with transaction(engine) as db:
        first, second = db.scalars(select(CustomNotification)).all()
        tale = ((first, MONDAY - timedelta(days=1)), (second, MONDAY + timedelta(days=3)))
        for visit, when in tale:
            visit.status = "delivered"
            person = db.get(Person, visit.person_id)
            make.a_delivery(db, person, when, custom_notification_id=visit.id)
            for day in (when - timedelta(days=2), when):
                tried = {"attempted_at": day, "recorded_at": day, "outcome": "met"}
                db.add(NotificationAttempt(custom_notification_id=visit.id, **tried))
        begun = db.scalars(select(Round)).one()
        begun.status, begun.closed_at = "closed", MONDAY
    said = browser(POLICE).get(filled).text
    assert "2 people, 2 attempts, 1 delivered, of those delivered, half within 0 days" in said
    row = browser(POLICE).get("/rounds").all("tr")[-1]
    assert ["".join(cell.itertext()).strip() for cell in row][2:5] == ["2", "2", "1"]


def test_somebody_is_taken_out_with_a_reason(browser, filled, engine):
    with reading(engine) as db:
        first = db.scalars(select(CustomNotification.id)).first()
    page = browser(POLICE).post(
        f"{filled}/visits/{first}/out", remains="stays", due_at="2026-03-20", reason="Ill"
    )
    assert "1 person, 0 attempts" in page.text


def test_who_is_not_there_any_more_is_offered_to_nobody(browser, begun):
    police = browser(POLICE)
    assert police.get(f"{begun}/people?person=999").status == 200
    assert police.get("/rounds/new?p=999").status == 200


@pytest.mark.parametrize("role", [POLICE, Role.COORDINATOR_MUNICIPAL])
def test_whoever_is_named_and_may_not_be_visited_is_said(browser, begun, programme, engine, role):
    with transaction(engine) as db:
        child = make.a_person(
            db, programme, MONDAY, "Ung", name="Ung Person", birth_date=date(2012, 1, 1)
        ).id
    page = browser(role).get(f"{begun}/people?person={child}")
    assert "under 18 and gets no custom notification" in page.text
    assert f"why-{child}" not in page.html


@pytest.fixture
def approved(browser, filled, town, engine):
    """The first visit of the round, approved; what it is and whose."""
    with transaction(engine) as db:
        visit = db.scalars(select(CustomNotification)).first()
        visit.status = "approved"
        return visit.id, visit.person_id


def test_nobody_is_told_to_go_before_somebody_checked(browser, filled, approved, engine):
    assert "Go, by" not in browser(POLICE).get(filled).text
    with transaction(engine) as db:
        make.a_check(db, db.get(CustomNotification, approved[0]), MONDAY)
    assert "Go, by" in browser(POLICE).get(filled).text


@pytest.mark.parametrize(
    "change",
    [{"is_protected": True}, {"is_exit_client": True}, {"birth_date": date(2012, 1, 1)}],
    ids=str,
)
def test_nobody_is_told_to_go_to_whoever_may_not_be_visited(
    browser, filled, approved, engine, change
):
    visit_id, person_id = approved
    with transaction(engine) as db:
        make.a_check(db, db.get(CustomNotification, visit_id), MONDAY)
        for name, value in change.items():
            setattr(db.get(Person, person_id), name, value)
    police = browser(POLICE)
    page = police.get(filled)
    assert "May not be visited now" in page.text
    assert "Go, by" not in page.text
    assert "May not be visited now" in police.get(f"/notifications/{visit_id}").text


def test_a_visit_says_that_it_left_its_round_and_why(browser, filled, engine):
    with reading(engine) as db:
        first = db.scalars(select(CustomNotification.id)).first()
    police = browser(POLICE)
    police.post(f"{filled}/visits/{first}/out", remains="stays", due_at="2026-03-20", reason="Ill")
    assert "Taken out of the round. “Ill”" in police.get(f"/notifications/{first}").text


def test_a_visit_says_into_which_round_it_was_brought_along(browser, begun, town, engine):
    person_id = town["ids"][0]
    with transaction(engine) as db:
        visit = make.a_notification(db, db.get(Person, person_id), MONDAY + timedelta(days=3))
        url = f"/notifications/{visit.id}"
    police = browser(POLICE)
    police.post(f"{begun}/people", p=[person_id], **{f"why-{person_id}": "Shot on Friday"})
    assert "Put into the round Round 4" in police.get(url).text


@pytest.mark.parametrize("role", [Role.OUTREACH, Role.PROBATION, Role.COMMUNITY, Role.AUDITOR])
def test_who_only_goes_along_sees_no_round(browser, filled, role):
    assert browser(role).get(filled).status == 403


def test_the_municipality_names_people_and_sees_no_reach(browser, begun, town):
    municipal = browser(Role.COORDINATOR_MUNICIPAL)
    page = municipal.get(f"{begun}/people?person={town['ids'][0]}")
    assert "Together they reach" not in page.text
    first = town["ids"][0]
    page = municipal.post(f"{begun}/people", p=[first], **{f"why-{first}": "Asked for help"})
    assert "Delivered reach" not in page.text
    assert "1 person" in page.text


def test_the_planner_sends_along_whom_to_visit(browser, town, engine):
    with transaction(engine) as db:
        programme = db.get(User, town["users"]["coordinator_police"]).programme_id
        call_in = make.a_call_in(db, programme, MONDAY, name="Call-in 4")
        call_in_id = call_in.id
    url = f"/rounds/new?call_in={call_in_id}&called={town['ids'][0]}&p={town['ids'][3]}"
    page = browser(POLICE).get(url)

    assert "Visits beside Call-in 4" in page.html
    assert "Person Nummer4" in page.text
    assert "Reaches 2 who have not heard the message" in page.html


def test_each_letter_says_the_own_risk_in_the_own_language_and_who_waits_gets_none(
    browser, filled, town, engine
):
    police = browser(POLICE)
    with reading(engine) as db:
        first, second = db.scalars(select(CustomNotification.id)).all()
    changed = {"owner": town["users"]["coordinator_police"], "letter_language": "nb"}
    police.post(f"/notifications/{first}/edit", exposure="Fengsel i to år.", **changed)
    checked = dict.fromkeys(("home_conflict", "children_present", "victim_of_own_group"), "no")
    go = {**checked, "outcome": "go", "reason": "Asked"}
    police.post(f"/notifications/{first}/risk-check", **go)
    police.post(f"/notifications/{first}/approve")
    page = police.get(f"{filled}/letters")
    assert "One letter is ready. One waits." in page.text
    assert "The visit is not approved yet." in page.text

    answer = police.client.post(
        f"{filled}/letters", data={"purpose": "Week 10", "csrf_token": police.token()}
    )
    said = [each.extract_text() for each in PdfReader(BytesIO(answer.content)).pages]

    assert len(said) == 1
    assert "Hei Person Nummer2!" in said[0]
    assert "Fengsel i to år." in said[0]
    assert "Purpose: Week 10." in " ".join(said[0].split())
    code = re.search(r'filename="(.+)\.pdf"', answer.headers["content-disposition"])[1]
    assert "It is the newest of its kind." in police.get(f"/papers?code={code}").text
    assert second


def test_who_is_in_a_round_already_is_left_out_of_what_the_planner_sends(browser, filled, town):
    first, other = town["ids"][1], town["ids"][0]
    page = browser(POLICE).get(f"{filled}/people?person={first}&person={other}")

    assert "1 of them is in an open round already." in page.text
    assert "Why Person Nummer1?" in page.text
    assert "Why Person Nummer2?" not in page.text
