"""The seat plan of a call-in on screen and paper: arranged, changed, undone, and for whom."""

import re
from datetime import date
from io import BytesIO

import pytest
from pypdf import PdfReader
from sqlalchemy import select

from gvi.domain.access import Role
from gvi.domain.call_in import InviteeStatus
from gvi.store.engine import reading, transaction
from gvi.store.models import AuditEntry, CallIn, Group, Identity, Invitee, Person, SeatPlace, User
from tests import factories as make
from tests.conftest import MONDAY
from tests.web.test_paper import tags_under

POLICE, MUNICIPAL = Role.COORDINATOR_POLICE, Role.COORDINATOR_MUNICIPAL
WHEN = MONDAY.replace(month=4, day=9, hour=15, minute=30)
GUESTS = (
    ("Lom", "Åke Älgmark", "Granit"),
    ("Alka", "Noel Bäck", "Granit"),
    ("Mes", "Anton Öst", "Kajen"),
    ("Siska", "Simon Hjort", "Kajen"),
)
BEFORE = {"Lom": (1, 1), "Alka": (1, 2), "Mes": (1, 9), "Siska": (1, 10)}


@pytest.fixture
def meeting(engine, programme):
    """Granit and Kajen are in open conflict, two of each are invited; Lom and Alka have the same
    probation officer."""
    with transaction(engine) as db:
        officer = db.query(User).filter_by(role="probation").one()
        groups = {name: make.a_group(db, programme, MONDAY, name) for name in ("Granit", "Kajen")}
        make.a_relation(db, MONDAY, *groups.values())
        meeting = make.a_call_in(
            db, programme, starts_at=WHEN, venue="Folkets hus, Älvstad", status="approved"
        )
        for code_name, name, group in GUESTS:
            person = make.a_person(db, programme, MONDAY, code_name, name=name)
            invite(db, meeting.id, person.id, groups[group].id)
            if group == "Granit":
                make.a_client(db, MONDAY, person, officer.id)
        return meeting.id


def invite(db, call_in_id, person_id, group_id, status=InviteeStatus.CLEARED):
    call_in, person = db.get_one(CallIn, call_in_id), db.get_one(Person, person_id)
    make.an_invitee(db, call_in, person, status=status.value, group_id=group_id)


def number_of(engine, code_name):
    with reading(engine) as db:
        return db.scalars(select(Person.id).where(Person.code_name == code_name)).one()


def seats_of(page):
    """Give who sits where, as the choice of whom to move says it: name → (row, seat)."""
    said = [option.text for choice in page.all("select", name="who") for option in choice]
    found = (re.fullmatch(r"Row (\d+), seat (\d+): (.+)", text) for text in said)
    names = {name: code for code, name, _ in GUESTS}
    return {names.get(m[3], m[3]): (int(m[1]), int(m[2])) for m in found if m}


def change(browser, meeting, act, role=MUNICIPAL, **given):
    return browser(role).post(f"/call-ins/{meeting}/seats/{act}", **given)


def test_rivals_sit_at_both_ends_and_an_officer_behind_each_client(browser, meeting):
    page = browser(POLICE).get(f"/call-ins/{meeting}/seats")

    assert seats_of(page) == BEFORE
    assert "rivals are at least 7 steps apart; farther is not possible in this room." in page.text
    assert "Test probation can sit behind one client only" in page.text
    assert "a colleague of Test probation" in page.text
    assert "Of 2 clients no probation officer is known here" in page.text
    assert seats_of(browser(MUNICIPAL).get(f"/call-ins/{meeting}/seats")) == BEFORE


def test_two_with_a_rival_tie_sit_apart_for_who_may_know_of_it(browser, meeting, engine):
    with transaction(engine) as db:
        found = {each.code_name: each for each in db.scalars(select(Person))}
        make.a_tie(db, MONDAY, found["Lom"], found["Alka"], kind="rival")
        make.a_tie(db, MONDAY, found["Mes"], found["Siska"], kind="rival", valid_to=MONDAY)

    page = browser(POLICE).get(f"/call-ins/{meeting}/seats")

    seats = seats_of(page)
    assert abs(seats["Lom"][1] - seats["Alka"][1]) > 1
    assert abs(seats["Mes"][1] - seats["Siska"][1]) == 1
    assert "Personal rivals may sit beside one another" not in page.text
    other = browser(MUNICIPAL).get(f"/call-ins/{meeting}/seats")
    assert seats_of(other) == BEFORE
    assert "Personal rivals may sit beside one another" in other.text


def test_two_whose_other_groups_are_in_open_conflict_sit_apart(browser, meeting, engine, programme):
    with transaction(engine) as db:
        found = {each.code_name: each for each in db.scalars(select(Person))}
        others = {name: make.a_group(db, programme, MONDAY, name) for name in ("Lotsen", "Skatan")}
        make.a_relation(db, MONDAY, *others.values())
        make.a_membership(db, MONDAY, found["Mes"], others["Lotsen"])
        make.a_membership(db, MONDAY, found["Siska"], others["Skatan"])
        make.a_membership(db, MONDAY, found["Lom"], others["Lotsen"], role="former")
        make.a_membership(db, MONDAY, found["Alka"], others["Skatan"])

    for role in (POLICE, MUNICIPAL):
        seats = seats_of(browser(role).get(f"/call-ins/{meeting}/seats"))
        assert abs(seats["Mes"][1] - seats["Siska"][1]) > 1
        assert abs(seats["Lom"][1] - seats["Alka"][1]) == 1


def test_two_change_seats_what_it_breaks_is_said_and_it_can_be_undone(browser, meeting, engine):
    lom = number_of(engine, "Lom")

    page = change(browser, meeting, "swap", who=lom, seat="1-9")

    assert seats_of(page) == BEFORE | {"Lom": (1, 9), "Mes": (1, 1)}
    assert "Åke Älgmark sits beside Simon Hjort" in page.text
    assert "Rival beside" in page.text
    assert "Undo the last change" in page.text

    farther = change(browser, meeting, "swap", who=lom, seat="1-5")
    assert seats_of(farther)["Lom"] == (1, 5)

    once = change(browser, meeting, "undo")
    assert seats_of(once) == BEFORE | {"Lom": (1, 9), "Mes": (1, 1)}
    assert seats_of(change(browser, meeting, "undo")) == BEFORE
    assert change(browser, meeting, "undo").status in (409, 422)


def test_places_given_by_hand_stay_when_somebody_comes_to_it(browser, meeting, engine):
    change(browser, meeting, "swap", who=number_of(engine, "Lom"), seat="1-10")
    with transaction(engine) as db:
        programme = db.get_one(CallIn, meeting).programme_id
        person = make.a_person(db, programme, MONDAY, "Trut", name="Tor Trut")
        group = db.scalars(select(Group.id).where(Group.name == "Kajen")).one()
        invite(db, meeting, person.id, group, InviteeStatus.PROPOSED)

    seats = seats_of(browser(POLICE).get(f"/call-ins/{meeting}/seats"))

    assert seats["Lom"] == (1, 10)
    assert seats["Siska"] == (1, 1)
    assert len(set(seats.values())) == 5


def test_a_place_is_lost_with_the_client_and_that_is_said(browser, meeting, engine):
    change(browser, meeting, "swap", who=number_of(engine, "Lom"), seat="1-10")
    with transaction(engine) as db:
        lom = db.scalars(select(Person).where(Person.code_name == "Lom")).one()
        lom.is_protected = True

    page = browser(MUNICIPAL).get(f"/call-ins/{meeting}/seats")

    assert "Åke" not in page.text
    assert "Lom" not in page.text
    assert "1 place given by hand holds no more" in page.text


@pytest.mark.parametrize(
    "changed", [{"is_exit_client": True}, {"birth_date": date(2012, 5, 1)}], ids=["exit", "child"]
)
def test_who_may_never_be_invited_gets_no_seat(browser, meeting, engine, changed):
    with transaction(engine) as db:
        person = db.scalars(select(Person).where(Person.code_name == "Siska")).one()
        for name, value in changed.items():
            setattr(person, name, value)

    assert len(seats_of(browser(MUNICIPAL).get(f"/call-ins/{meeting}/seats"))) == 3


def test_a_room_too_small_says_how_many_seats_are_missing_and_is_not_printed(browser, meeting):
    page = change(browser, meeting, "room", rows=2, width=3)

    assert "1 seats are missing: 4 get one, and 3 have a seat behind them." in page.text
    assert "With 5 seats in each row everybody sits, rivals apart." in page.text
    assert not seats_of(page)
    assert "enter a larger one there" in printed(browser, meeting).text

    tight = change(browser, meeting, "room", rows=2, width=4)
    assert "each row needs 1 more, 5 seats." in tight.text
    assert "sits beside" in tight.text


@pytest.mark.parametrize(("rows", "width"), [(1, 5), (21, 5), (2, 0), ("x", 5)])
def test_a_room_that_is_none_is_refused(browser, meeting, rows, width):
    page = change(browser, meeting, "room", rows=rows, width=width)

    assert page.status == 422
    assert seats_of(page) == BEFORE


def test_two_are_kept_apart_by_name_until_that_is_taken_back(browser, meeting, engine):
    one, other = number_of(engine, "Lom"), number_of(engine, "Alka")

    page = change(browser, meeting, "apart", one=one, other=other)

    seats = seats_of(page)
    assert abs(seats["Lom"][1] - seats["Alka"][1]) > 1
    assert change(browser, meeting, "apart", one=other, other=one).status == 422
    assert change(browser, meeting, "apart", one=one, other=one).status == 422
    form = next(f for f in page.all("form") if f.get("action").endswith("/end"))
    assert seats_of(browser(MUNICIPAL).post(form.get("action"))) == BEFORE


@pytest.mark.parametrize("seat", ["2-1", "1-1", "9-9", "there"])
def test_a_seat_that_is_none_or_ones_own_is_refused(browser, meeting, engine, seat):
    page = change(browser, meeting, "swap", who=number_of(engine, "Lom"), seat=seat)

    assert page.status == 422
    assert seats_of(page) == BEFORE


def test_a_change_somebody_else_made_meanwhile_is_not_overwritten(browser, meeting, engine):
    page = browser(POLICE).get(f"/call-ins/{meeting}/seats")
    seen = page.all("input", name="seen")[0].get("value")
    change(browser, meeting, "swap", who=number_of(engine, "Lom"), seat="1-5")

    late = change(
        browser, meeting, "swap", POLICE, who=number_of(engine, "Mes"), seat="1-4", seen=seen
    )

    assert late.status == 409
    with reading(engine) as db:
        assert {place.move for place in db.scalars(select(SeatPlace))} == {1}


def test_each_session_has_a_plan_of_its_own_and_one_paper_bears_all(browser, meeting, engine):
    with transaction(engine) as db:
        db.get_one(CallIn, meeting).sessions = 2
        for invitee in db.scalars(select(Invitee).order_by(Invitee.id)).all()[2:]:
            invitee.session = 2
    siska = number_of(engine, "Siska")

    first = browser(POLICE).get(f"/call-ins/{meeting}/seats")
    assert set(seats_of(first)) == {"Lom", "Alka"}
    assert "nobody is to sit apart from anybody" in first.text
    second = change(browser, meeting, "swap", session=2, who=siska, seat="1-7")
    assert seats_of(second) == {"Mes": (1, 1), "Siska": (1, 7)}
    assert seats_of(browser(POLICE).get(f"/call-ins/{meeting}/seats")) == seats_of(first)
    assert change(browser, meeting, "undo").status in (409, 422)
    assert seats_of(change(browser, meeting, "undo", session=2))["Siska"] == (1, 2)

    file = PdfReader(BytesIO(printed(browser, meeting).content))
    assert [name in file.pages[1].extract_text() for name in ("Session 2", "Hjort")] == [True] * 2
    assert "Hjort" not in file.pages[0].extract_text()


@pytest.mark.parametrize("status", ["held", "followed_up", "closed", "cancelled"])
def test_after_the_call_in_no_plan_is_made_but_those_printed_are_listed(
    browser, meeting, engine, status
):
    lom = number_of(engine, "Lom")
    code = code_of(printed(browser, meeting))
    with transaction(engine) as db:
        db.get_one(CallIn, meeting).status = status
        siska = db.scalars(select(Person).where(Person.code_name == "Siska")).one()
        siska.is_exit_client = True

    page = browser(MUNICIPAL).get(f"/call-ins/{meeting}/seats")

    assert "no seat plan is made of it any more" in page.text
    assert code in page.text
    assert "Åke Älgmark" not in page.text
    assert not page.all("select")
    assert change(browser, meeting, "swap", who=lom, seat="1-5").status == 422
    refused = printed(browser, meeting)
    assert refused.status_code == 422
    assert "no seat plan is made of it any more" in refused.text
    assert browser(POLICE).get("/papers", code=code).text.count("version 1 of 1") == 1


def test_after_a_call_in_without_a_printed_plan_nothing_is_listed(browser, meeting, engine):
    with transaction(engine) as db:
        db.get_one(CallIn, meeting).status = "held"

    assert "No seat plan was printed" in browser(POLICE).get(f"/call-ins/{meeting}/seats").text


@pytest.mark.parametrize(
    "role", [Role.PROBATION, Role.ANALYST, Role.OUTREACH, Role.COMMUNITY, Role.STEERING, Role.ADMIN]
)
def test_who_prints_no_roster_sees_no_seats(browser, meeting, role):
    assert browser(role).get(f"/call-ins/{meeting}/seats").status == 403


def printed(browser, meeting, role=MUNICIPAL, **asked):
    given = {"kind": "seat_plan", "language": "sv", "as": "pdf", "purpose": "Genrep, punkt 4"}
    client = browser(role)
    return client.client.post(
        f"/call-ins/{meeting}/papers/new", data={"csrf_token": client.token()} | given | asked
    )


def code_of(answer):
    return re.search(r'filename="(.+)\.pdf"', answer.headers["content-disposition"])[1]


def test_the_printed_plan_says_row_seat_and_officer_but_no_group(browser, meeting, engine):
    with transaction(engine) as db:
        mes = select(Person.id).where(Person.code_name == "Mes").scalar_subquery()
        identity = db.scalars(select(Identity).where(Identity.person_id == mes)).one()
        identity.name = "Maximilian-Alexander Åkerström Österlång"

    answer = printed(browser, meeting)

    assert answer.status_code == 200, answer.text
    file = PdfReader(BytesIO(answer.content))
    assert len(file.pages) == 1
    said = " ".join(file.pages[0].extract_text().split())
    assert "Åke Älgmark" in said
    assert "Test probation" in said
    assert "Granit" not in said
    assert "Kajen" not in said
    assert "Purpose: Genrep, punkt 4." in said
    root = file.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert b"pdfuaid" in root["/Metadata"].get_data()
    assert {"/H1", "/Table", "/TH", "/TD"} <= set(tags_under(root["/StructTreeRoot"]))
    code = code_of(answer)
    assert code in said
    assert "Seat plan, version 1 of 1" in browser(POLICE).get("/papers", code=code).text


def test_the_plan_is_also_a_page_to_print(browser, meeting):
    page = browser(POLICE).post(
        f"/call-ins/{meeting}/papers/new",
        **{"kind": "seat_plan", "as": "page", "purpose": "The room", "language": "sv"},
    )

    assert page.title == "Seat plan"
    assert "Åke Älgmark" in page.text
    assert "Granit" not in page.text
    assert "Purpose: The room." in page.text


def test_the_log_names_who_was_moved_and_who_stands_on_the_paper(browser, meeting, engine):
    lom, mes = number_of(engine, "Lom"), number_of(engine, "Mes")
    change(browser, meeting, "swap", who=lom, seat="1-9")
    printed(browser, meeting)

    with reading(engine) as db:
        entries = {entry.kind: entry for entry in db.scalars(select(AuditEntry))}
    assert f'"person": [{lom}, {mes}]' in entries["seat_plan:moved"].subjects
    assert entries["paper:printed"].purpose == "Genrep, punkt 4"
    assert f"{lom}" in entries["paper:printed"].subjects
    assert f"{lom}" in entries["seat_plan:read"].subjects


# The police look at it


@pytest.fixture
def rivals(meeting, engine):
    """Lom and Alka, of one group, have a personal quarrel."""
    with transaction(engine) as db:
        found = {each.code_name: each for each in db.scalars(select(Person))}
        make.a_tie(db, MONDAY, found["Lom"], found["Alka"], kind="rival")
    return meeting


def said_on_paper(browser, meeting, role=MUNICIPAL):
    answer = printed(browser, meeting, role)
    assert answer.status_code == 200, answer.text
    return " ".join(PdfReader(BytesIO(answer.content)).pages[0].extract_text().split())


def are_beside(page):
    seats = seats_of(page)
    return abs(seats["Lom"][1] - seats["Alka"][1]) == 1


@pytest.mark.both_databases
def test_a_plan_the_police_looked_at_is_the_same_for_the_municipality(browser, rivals):
    seats = f"/call-ins/{rivals}/seats"
    assert are_beside(browser(MUNICIPAL).get(seats))
    assert "Not looked at by the police" in said_on_paper(browser, rivals)

    page = change(browser, rivals, "look", POLICE)

    assert "Looked at by the police" in page.text
    other = browser(MUNICIPAL).get(seats)
    assert not are_beside(other)
    assert seats_of(other) == seats_of(page)
    said = said_on_paper(browser, rivals)
    assert "Looked at by the police" in said
    assert "Not looked at" not in said
    assert "recorded as rivals" not in other.text, "no reason is told"


def test_the_same_on_the_page_to_print(browser, rivals):
    asked = {"kind": "seat_plan", "as": "page", "purpose": "The room", "language": "sv"}
    url = f"/call-ins/{rivals}/papers/new"
    assert "Not looked at by the police" in browser(MUNICIPAL).post(url, **asked).text

    change(browser, rivals, "look", POLICE)

    assert "Not looked at by the police" not in browser(MUNICIPAL).post(url, **asked).text


@pytest.mark.parametrize("what", ["a seat", "a guest", "the room", "a tie"])
def test_what_changes_the_plan_asks_the_police_to_look_again(browser, meeting, engine, what):
    lom, alka = number_of(engine, "Lom"), number_of(engine, "Alka")
    assert "Looked at by the police" in change(browser, meeting, "look", POLICE).text

    if what == "a seat":
        change(browser, meeting, "swap", who=lom, seat="1-5")
    elif what == "the room":
        change(browser, meeting, "room", rows="4", width="10")
    else:
        with transaction(engine) as db:
            if what == "a guest":
                gone = db.scalars(select(Invitee).where(Invitee.person_id == alka)).one()
                gone.status = "excused"
            else:
                people = db.get_one(Person, lom), db.get_one(Person, alka)
                make.a_tie(db, MONDAY, *people, kind="rival")

    for role in (POLICE, MUNICIPAL):
        page = browser(role).get(f"/call-ins/{meeting}/seats")
        assert "Changed since the police looked at it" in page.text
    assert "Changed since the police looked at it" in said_on_paper(browser, meeting)


@pytest.mark.parametrize("tie", [True, False])
def test_keeping_two_apart_by_name_ends_the_look_whether_or_not_they_have_a_secret_tie(
    browser, meeting, engine, tie
):
    lom, alka = number_of(engine, "Lom"), number_of(engine, "Alka")
    if tie:
        with transaction(engine) as db:
            people = db.get_one(Person, lom), db.get_one(Person, alka)
            make.a_tie(db, MONDAY, *people, kind="rival")
    change(browser, meeting, "look", POLICE)

    page = change(browser, meeting, "apart", one=lom, other=alka)

    assert "Changed since the police looked at it" in page.text


def test_only_the_police_let_a_plan_stand_and_take_that_back(browser, meeting):
    assert change(browser, meeting, "look", MUNICIPAL).status == 403
    change(browser, meeting, "look", POLICE)

    again = change(browser, meeting, "look", POLICE)
    assert "The police have looked at this plan already." in again.text
    refused = change(browser, meeting, "undo", MUNICIPAL)
    assert "only they take that back" in refused.text
    assert "Not looked at by the police" in change(browser, meeting, "undo", POLICE).text


def test_there_is_nothing_to_look_at_without_enough_seats(browser, meeting):
    change(browser, meeting, "room", rows="2", width="2")
    assert "There is no plan yet that could stand." in change(browser, meeting, "look", POLICE).text


# The officers


def own_section(browser, meeting):
    page = browser(Role.PROBATION).get(f"/call-ins/{meeting}")
    found = page.all("section", **{"aria-labelledby": "own-seats"})
    return " ".join("".join(found[0].itertext()).split()) if found else ""


@pytest.mark.both_databases
def test_an_officer_sees_where_the_own_clients_sit_and_nothing_else(browser, meeting, engine):
    assert "the police have still to look at the seat plan" in own_section(browser, meeting)
    assert "row 1" not in own_section(browser, meeting)

    change(browser, meeting, "look", POLICE)

    said = own_section(browser, meeting)
    assert "Åke Älgmark: row 1, seat 1. You sit behind: row 2, seat 1." in said
    assert "Noel Bäck: row 1, seat 2. Behind, in row 2, seat 2, sits a colleague of yours." in said
    page = browser(Role.PROBATION).get(f"/call-ins/{meeting}").text
    assert "Anton" not in page
    assert "Simon" not in page


@pytest.mark.parametrize("role", [POLICE, MUNICIPAL, Role.OUTREACH_LEAD, Role.COMMUNITY])
def test_nobody_else_is_told_of_own_clients_seats(browser, meeting, role):
    change(browser, meeting, "look", POLICE)
    assert "Where your clients sit" not in browser(role).get(f"/call-ins/{meeting}").text
