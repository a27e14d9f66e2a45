"""A call-in in the browser: planned, ticked, approved, held and followed up; and who sees what."""

from datetime import date

import pytest
from sqlalchemy import select

from gvi.domain.access import Role
from gvi.domain.message import MessagePart
from gvi.store.engine import reading, transaction
from gvi.store.models import (
    AuditEntry,
    CallIn,
    Invitee,
    User,
)
from tests import factories as make
from tests.conftest import MONDAY

POLICE, MUNICIPAL, ANALYST = (
    Role.COORDINATOR_POLICE,
    Role.COORDINATOR_MUNICIPAL,
    Role.ANALYST,
)
NEW = {
    "name": "Call-in 4",
    "starts_at": "2026-04-09T17:30",
    "venue": "Arenan",
    "purpose": "Calm",
    "seats": "3",
}


@pytest.fixture
def town(engine, programme):
    """Granit and Kajen in open conflict; Lom reaches all of Granit, Mes and Siska are Kajen."""
    with transaction(engine) as db:
        users = {user.role: user.id for user in db.query(User)}
        granit = make.a_group(db, programme, MONDAY, "Granit")
        kajen = make.a_group(db, programme, MONDAY, "Kajen")
        make.a_relation(db, MONDAY, granit, kajen)
        people = {}
        for code_name, name, group in (
            ("Lom", "Viktor Älgmark", granit),
            ("Alka", "Noel Bäck", granit),
            ("Tärna", "Elias Nordén", granit),
            ("Mes", "Anton Öst", kajen),
            ("Siska", "Simon Hjort", kajen),
        ):
            people[code_name] = make.a_person(db, programme, MONDAY, code_name, name=name)
            make.a_membership(db, MONDAY, people[code_name], group)
        born = date(2009, 1, 1)
        child = make.a_person(db, programme, MONDAY, "Barnet", name="Liten Ung", birth_date=born)
        make.a_membership(db, MONDAY, child, granit)
        for other in (people["Alka"], people["Tärna"], child):
            make.a_tie(db, MONDAY, people["Lom"], other)
        make.a_supervision(db, MONDAY, people["Lom"])
        make.a_client(db, MONDAY, people["Lom"], users["probation"])
        make.a_client(db, MONDAY, people["Lom"], users["outreach"])
        ids = {name: person.id for name, person in people.items()}
        return ids | {"granit": granit.id, "kajen": kajen.id, "child": child.id}


@pytest.fixture
def call_in(browser, town, engine):
    page = browser(POLICE).post("/call-ins/new", **NEW, groups=[town["granit"], town["kajen"]])
    assert page.title == "Call-in 4"
    with reading(engine) as db:
        return db.scalars(select(CallIn.id)).one()


@pytest.fixture
def invited(browser, town, call_in, engine):
    """Lom and Alka are proposed and cleared; gives invitee ids by code name."""
    police = browser(POLICE)
    police.post(f"/call-ins/{call_in}/plan", act="save", p=[town["Lom"], town["Alka"]])
    with reading(engine) as db:
        rows = {row.person_id: row.id for row in db.scalars(select(Invitee))}
    found = {name: rows[town[name]] for name in ("Lom", "Alka")}
    for invitee in found.values():
        url = f"/call-ins/{call_in}/invitees/{invitee}/clearance"
        police.post(f"{url}/safety", judgement="yes", reason="No threat known")
        browser(MUNICIPAL).post(f"{url}/secrecy", judgement="yes", reason="All agreed")
    return found


def ticked(page):
    return [box.get("value") for box in page.all("input", name="p") if "checked" in box.attrib]


def kinds(engine):
    with reading(engine) as db:
        return db.scalars(select(AuditEntry.kind).order_by(AuditEntry.id)).all()


def test_a_call_in_is_drafted_and_listed(browser, call_in):
    page = browser(POLICE).get("/call-ins")

    assert "Next: Call-in 4, Thu 9 Apr 17:30. 0 of 3 seats are taken." in page.text
    assert f"/call-ins/{call_in}" in page.links()


def test_what_is_missing_is_said_by_its_field_and_typing_is_kept(browser, town):
    page = browser(POLICE).post("/call-ins/new", name="", seats="many", venue="Arenan")

    assert page.status == 422
    assert page.one("input", name="venue").get("value") == "Arenan"
    for name in ("name", "seats"):
        assert page.one("input", name=name).get("aria-invalid") == "true"
    page = browser(POLICE).post("/call-ins/new", name="Call-in 5", seats="3")
    assert "Choose the groups that are to hear the message" in page.text


def test_the_planner_ticks_the_best_plan_and_says_so(browser, town, call_in):
    page = browser(POLICE).get(f"/call-ins/{call_in}/plan")

    assert ticked(page) == [str(town["Lom"])]
    assert "Your 1 reach 4 of 6 if all come. No plan within these rules reaches more." in page.text
    assert "proved best" in page.text
    assert "Anton Öst" in page.text
    assert "Liten Ung" not in page.html
    assert "person under 18" in page.text
    assert not page.scores()


def test_rivals_may_meet_only_by_a_named_acceptance(browser, town, call_in, engine):
    police, url = browser(POLICE), f"/call-ins/{call_in}/plan"
    both = [town["Lom"], town["Mes"]]

    refused = police.post(url, act="save", p=both)
    assert refused.status == 422
    assert "Granit and Kajen are in open conflict and would meet" in refused.text
    assert ticked(refused) == [str(person) for person in both]

    page = police.post(url, act="save", p=both, rivals_reason="Their mothers asked for it")

    assert "Saved. They are proposed until somebody clears them." in page.text
    assert "2 invited, 1.2 expected to come; if all come, 5 of 6 hear it" in page.text
    assert "Accepted that groups in open conflict meet. “Their mothers asked for it”" in page.text
    assert page.text.count("Rivals here") == 2
    assert "call_in:invitees_proposed" in kinds(engine)


def test_counting_again_asks_by_address_and_invites_nobody(browser, town, call_in, engine):
    page = browser(POLICE).post(
        f"/call-ins/{call_in}/plan",
        act="count",
        p=[town["Siska"]],
        size="1",
        **{f"rule-{town['Lom']}": "exclude"},
    )

    assert ticked(page) == [str(town["Siska"])]
    assert f"exclude={town['Lom']}" in page.address
    assert "Your 1 reach 1 of 6 if all come. The best 1 would reach 2." in page.text
    with reading(engine) as db:
        assert db.scalars(select(Invitee)).all() == []


def test_the_curve_over_seats_is_drawn_when_asked_for(browser, town, call_in):
    page = browser(POLICE).get(f"/call-ins/{call_in}/plan")
    assert "<polyline" not in page.html
    link = next(url for url in page.links() if "curve=1" in url)

    page = browser(POLICE).get(link)

    assert "<polyline" in page.html
    # one seat reaches Lom and all who know her; no second one does not meet a rival
    assert [c.text for c in page.all("td", class_="num")][-5:] == ["4", "4", "4", "4", "4"]


def test_rules_that_clash_are_named_with_the_nearest_plan(browser, town, call_in):
    page = browser(POLICE).get(
        f"/call-ins/{call_in}/plan?size=1&lock={town['Lom']}&lock={town['Alka']}"
    )

    assert "No plan keeps all these rules" in page.text
    assert "No more than 1 person may be invited." in page.text
    assert "Viktor Älgmark" in page.text
    assert "It takes 1 more seat." in page.text


def test_somebody_locked_in_who_may_not_come_is_told_with_the_reason(browser, town, call_in):
    page = browser(POLICE).get(f"/call-ins/{call_in}/plan?size=2&lock={town['child']}")

    assert "This person may not be invited: under 18 on that day." in page.text


@pytest.mark.parametrize("status", ["rejected", "merged"])
def test_a_group_that_counts_no_more_does_not_stop_the_plan(
    browser, invited, town, call_in, status
):
    police, analyst = browser(POLICE), browser(ANALYST)
    given = {"status": status, "reason": "It was never a group"}
    page = police.post(f"/groups/{town['granit']}/status", **given)
    assert page.status == 200

    for reader in (police, analyst):
        page = reader.get(f"/call-ins/{call_in}/plan?group={town['granit']}&group={town['kajen']}")
        assert page.status == 200
        assert "Granit no longer counts as a group: it was rejected or merged." in page.text
        assert "2 people" in page.text
    assert "counts no more" in police.get(f"/call-ins/{call_in}").text
    counted = police.post(f"/call-ins/{call_in}/plan", act="count", p=[town["Mes"]])
    assert counted.status == 200
    accepted = {"rivals_reason": "Their mothers asked for it"}
    saved = police.post(f"/call-ins/{call_in}/plan", act="save", p=[town["Mes"]], **accepted)
    assert "Saved. They are proposed until somebody clears them." in saved.text

    police.post(f"/groups/{town['kajen']}/status", **given)

    page = police.get(f"/call-ins/{call_in}/plan")
    assert page.status == 200
    assert "no longer count as groups" in page.text
    assert "Nobody is left to plan for." in page.text
    for path in (f"/call-ins/{call_in}", "/call-ins", "/today", f"/call-ins/{call_in}/edit"):
        assert police.get(path).status == 200
    assert police.client.get(f"/api/v1/call-ins/{call_in}").status_code == 200


def test_a_child_cannot_be_ticked_by_hand(browser, town, call_in, engine):
    page = browser(POLICE).post(f"/call-ins/{call_in}/plan", act="save", p=[town["child"]])

    assert page.status == 422
    assert "Barnet is under 18 on that day and is never invited." in page.text
    with reading(engine) as db:
        assert db.scalars(select(Invitee)).all() == []


def test_an_analyst_plans_but_does_not_save(browser, town, call_in):
    analyst = browser(ANALYST)

    page = analyst.get(f"/call-ins/{call_in}/plan")
    assert not [b for b in page.all("button") if b.get("value") == "save"]
    refused = analyst.post(f"/call-ins/{call_in}/plan", act="save", p=[town["Lom"]])

    assert refused.status == 403


@pytest.mark.parametrize("role", [MUNICIPAL, Role.PROBATION, Role.STEERING, Role.COMMUNITY])
def test_the_planner_is_closed_to_all_others(browser, call_in, role):
    assert browser(role).get(f"/call-ins/{call_in}/plan").status == 403


@pytest.fixture
def approved(browser, call_in, invited):
    """Approved by name, and the invitations are out; gives the address."""
    url, police = f"/call-ins/{call_in}", browser(POLICE)
    police.post(f"{url}/step", to="approved")
    page = police.post(f"{url}/step", to="invited")
    assert page.text.count("Invited") >= 2
    return url


def test_attendance_leads_to_follow_up(browser, town, approved, invited, clock):
    url = approved
    browser(POLICE).post(f"{url}/invitees/{invited['Alka']}/confirmed")
    early = browser(POLICE).get(f"{url}/attendance")
    assert "The call-in has not begun" in early.text

    clock.move(days=38, hours=12)
    police = browser(POLICE)
    form = police.get(f"{url}/attendance")
    assert "0 of 2 have an outcome." in form.text
    answers = {
        f"outcome-{invited['Lom']}": "attended",
        f"outcome-{invited['Alka']}": "no_show",
    }
    refused = police.post(f"{url}/attendance", **answers)
    assert refused.status == 422
    assert "Somebody stayed. Say of each part of the message that was said who said it." in (
        refused.text
    )

    said = {f"by-{part.value}": "The police chief" for part in MessagePart}
    page = police.post(f"{url}/attendance", **answers, **said)

    assert "Saved. What follows stands in the list of everything due." in page.text
    assert "1 of 2 came. 4 of 6 heard it or know somebody who did; " in page.text
    assert "Contact with an attendee 0 of 1 done" in page.text
    assert "Notification after a no-show 0 of 1 done" in page.text
    assert "Debrief 0 of 1 done" in page.text
    ledger = police.get(f"/people/{town['Lom']}/messages")
    assert "Has heard all four parts" in ledger.text
    assert "The police chief" in ledger.text
    visits = police.get("/notifications").text
    assert "Noel Bäck Alka" in visits
    assert "Did not come to a call-in" in visits

    again = police.get(f"{url}/attendance")
    assert "2 of 2 have an outcome." in again.text
    assert again.one("input", name="by-help").get("value") == "The police chief"
    closed = police.post(f"{url}/step", to="followed_up")
    assert closed.status == 422
    assert "Not everything that follows is done: 4 still open." in closed.text


def test_postponing_and_calling_off_take_a_reason(browser, call_in, engine):
    police, url = browser(POLICE), f"/call-ins/{call_in}"
    police.post(f"{url}/step", to="approved")

    refused = police.post(f"{url}/postpone", starts_at="2026-04-16T17:30", reason="")
    assert refused.status == 422
    page = police.post(f"{url}/postpone", starts_at="2026-04-16T17:30", reason="A shooting")
    assert "Moved, with the reason." in page.text
    assert "Moved from Thu 9 Apr to Thu 16 Apr. “A shooting”" in page.text

    asked = police.get(f"{url}/cancel")
    assert asked.one("button", data_kind="danger") is not None
    page = police.post(f"{url}/cancel", reason="No venue")
    assert "Called off. It will not be held." in page.text
    assert {"call_in:postponed", "call_in:cancelled"} <= set(kinds(engine))


def test_withdrawing_an_invitee_asks_why(browser, call_in, invited):
    police, url = browser(POLICE), f"/call-ins/{call_in}/invitees/{invited['Lom']}/withdrawn"

    assert "Withdraw Viktor Älgmark?" in police.get(url).text
    assert police.post(url, reason="").status == 422
    page = police.post(url, reason="Threatened")

    assert "1 invited" in page.text


def test_each_role_sees_its_share_of_a_call_in(browser, call_in, invited):
    url = f"/call-ins/{call_in}"

    municipal = browser(MUNICIPAL).get(url)
    assert "2 invited, 0 said yes." in municipal.text
    assert "Viktor Älgmark" in municipal.text
    assert "expected" not in municipal.text
    probation = browser(Role.PROBATION).get(url)
    assert "Viktor Älgmark" in probation.text
    assert "Noel Bäck" not in probation.html
    for role in (Role.STEERING, Role.COMMUNITY):
        page = browser(role).get(url)
        assert "2 invited, 0 said yes." in page.text
        assert "Älgmark" not in page.html
        assert "Granit" not in page.html
    assert browser(Role.OUTREACH).get(url).status == 403


def test_reading_a_call_in_names_its_invitees_in_the_log(browser, town, call_in, invited, engine):
    browser(POLICE).get(f"/call-ins/{call_in}")

    with reading(engine) as db:
        entry = db.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
        assert entry.kind == "call_in:read"
        assert f'"person": [{town["Lom"]}, {town["Alka"]}]' in entry.subjects


def test_a_call_in_of_another_programme_does_not_exist(browser, call_in):
    assert browser(POLICE).get(f"/call-ins/{call_in + 1}").status == 404
