"""Custom notifications and the ledger in the browser: plan, try, deliver; and who sees what."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from gvi.domain.access import Role
from gvi.store.engine import reading, transaction
from gvi.store.models import CustomNotification, User
from tests import factories as make
from tests.conftest import MONDAY

POLICE = Role.COORDINATOR_POLICE
ALL = ["not_die", "not_kill", "consequences", "help"]
A_GO = {
    "home_conflict": "no",
    "children_present": "unknown",
    "victim_of_own_group": "no",
    "outcome": "go",
    "reason": "Asked the school",
}


@pytest.fixture
def lom(engine, programme):
    with transaction(engine) as db:
        users = {user.role: user.id for user in db.query(User)}
        person = make.a_person(db, programme, MONDAY, "Lom", name="Viktor Älgmark")
        group = make.a_group(db, programme, MONDAY, "Granit")
        make.a_membership(db, MONDAY, person, group)
        make.a_client(db, MONDAY, person, users["outreach"])
        child = make.a_person(
            db, programme, MONDAY, "Barnet", name="Liten Ung", birth_date=date(2010, 1, 1)
        )
        return {"id": person.id, "group": group.id, "child": child.id, "users": users}


@pytest.fixture
def visit(browser, lom, engine):
    page = browser(POLICE).post(
        "/notifications/new",
        person=lom["id"],
        trigger="after_incident",
        due_at="2026-03-04T08:00",
        owner=lom["users"]["coordinator_police"],
        place="Home",
        team="police and social services",
        visitors=[lom["users"]["community"]],
    )
    assert page.title == "Custom notification to Viktor Älgmark"
    with reading(engine) as db:
        address = f"/notifications/{db.scalars(select(CustomNotification.id)).one()}"
    browser(POLICE).post(f"{address}/risk-check", **A_GO)
    return address


def test_a_check_ends_in_go_or_no_go_and_in_nothing_else(browser, visit):
    page = browser(POLICE).post(f"{visit}/risk-check", **(A_GO | {"outcome": "noted"}))
    assert page.status == 422
    assert "No-go" not in browser(POLICE).get(visit).text


def test_three_tries_and_one_delivery(browser, visit, lom):
    police = browser(POLICE)
    page = police.post(f"{visit}/approve")
    assert "Approved. No attempt yet, not delivered." in page.text
    police.post(f"{visit}/attempts/new", outcome="not_home", when="2026-03-02T08:00")
    told = {"parts": ["help"], "delivered_by": "Göran"}
    police.post(f"{visit}/attempts/new", outcome="family_only", when="2026-03-02T08:10", **told)

    page = police.post(
        f"{visit}/attempts/new",
        outcome="met",
        when="2026-03-02T08:20",
        parts=ALL,
        delivered_by="Göran and Eva",
        card_left="on",
    )

    assert "Delivered. 3 attempts, 1 delivered." in page.text
    assert "Card left" in page.text
    assert "to the family, Göran" in page.text
    ledger = police.get(f"/people/{lom['id']}/messages")
    assert "Has heard all four parts; last on today." in ledger.text
    group = police.get(f"/groups/{lom['group']}/messages")
    assert "1 of 1 has heard all four parts; 1 have heard something." in group.text


def test_a_try_that_cannot_be_keeps_what_was_typed(browser, visit):
    police = browser(POLICE)
    police.post(f"{visit}/approve")

    page = police.post(
        f"{visit}/attempts/new", outcome="met", when="2026-03-02T08:00", note="calm at the door"
    )

    assert page.status == 422
    assert "Tick which parts of the message were said." in page.text
    assert "calm at the door" in page.text


def test_four_tries_ask_for_another_plan(browser, visit):
    police = browser(POLICE)
    police.post(f"{visit}/approve")
    for minute in range(4):
        tried = {"outcome": "not_home", "when": f"2026-03-02T08:0{minute}"}
        page = police.post(f"{visit}/attempts/new", **tried)

    assert "Four attempts and nobody met: look at the plan again" in page.text
    assert "Look again" in police.get("/notifications").text


def test_under_18_gets_an_explanation_instead_of_a_form(browser, lom):
    page = browser(Role.COORDINATOR_MUNICIPAL).get(f"/notifications/new?person={lom['child']}")

    assert "Liten Ung is under 18 and gets no custom notification" in page.text
    assert "concern report" in page.text
    assert not page.all("textarea")


def test_the_day_moves_and_it_ends_with_a_reason(browser, visit):
    police = browser(POLICE)
    assert police.post(f"{visit}/move", due_at="2026-03-09T08:00", reason="").status == 422

    page = police.post(f"{visit}/move", due_at="2026-03-09T08:00", reason="Abroad")
    assert "Moved from Wed 4 Mar to Mon 9 Mar. “Abroad”" in page.text
    page = police.post(f"{visit}/cancel", reason="In prison")

    assert page.text.count("Cancelled") >= 2
    assert "Cancelled. “In prison”" in page.text


def test_what_is_late_is_flagged_and_found_by_filter(browser, visit, clock):
    clock.move(days=3)

    page = browser(POLICE).get("/notifications", status="late")

    assert "1 is to be delivered; 1 is late." in page.text
    assert "1 day late" in page.text
    assert "Nothing matches" in browser(POLICE).get("/notifications", trigger="round").text


def test_one_after_an_incident_is_due_within_48_hours(browser, lom, engine, programme):
    with transaction(engine) as db:
        incident = make.an_incident(db, programme, MONDAY - timedelta(hours=9)).id

    page = browser(POLICE).get(f"/notifications/new?person={lom['id']}&incident={incident}")

    assert page.one("input", name="due_at").get("value") == "2026-03-03T23:30"
    chosen = [e for e in page.all("input", name="trigger") if "checked" in e.attrib]
    assert [e.get("value") for e in chosen] == ["after_incident"]


def test_whom_it_is_to_is_searched_for(browser, lom):
    page = browser(POLICE).get("/notifications/new", q="älgm", incident="7")

    assert f"/notifications/new?person={lom['id']}&incident=7" in page.links()


@pytest.mark.parametrize("role", [Role.OUTREACH, Role.COMMUNITY])
def test_who_goes_along_or_works_with_the_person_sees_time_and_place(browser, visit, role):
    page = browser(role).get(visit)

    assert "You see time and place of this visit." in page.text
    assert "Home" in page.text
    for hidden in ("Nothing known", "After an incident", "police and social services"):
        assert hidden not in page.html
    assert ("Älgmark" in page.html) == (role is Role.OUTREACH)
    assert browser(role).json(visit.replace("/notifications", "/api/v1/custom-notifications")) == {
        "id": 1,
        "person_id": 1,
        "name": "Viktor Älgmark" if role is Role.OUTREACH else "Lom",
        "due_at": "2026-03-04T07:00:00Z",
        "place": "Home",
        "owner": "Test coordinator_police",
        "is_late": False,
    }


def test_a_visit_of_somebody_elses_client_does_not_exist(browser, visit):
    assert browser(Role.PROBATION).get(visit).status == 404
    assert "No custom notification" in browser(Role.PROBATION).get("/notifications").text


@pytest.mark.parametrize("role", [Role.OUTREACH, Role.PROBATION, Role.STEERING, Role.COMMUNITY])
def test_the_ledger_is_closed_to_others(browser, lom, role):
    assert browser(role).get(f"/people/{lom['id']}/messages").status == 403


def test_an_under_18_ledger_is_empty_and_says_why(browser, lom):
    page = browser(POLICE).get(f"/people/{lom['child']}/messages")

    assert "Under 18: no call-in, no custom notification." in page.text
    assert "Liten" not in page.html


def test_the_export_names_its_purpose(browser, visit):
    police = browser(POLICE)

    answer = police.client.post(
        "/notifications/export", data={"csrf_token": police.token(), "purpose": "weekly review"}
    )

    text = answer.content.decode("utf-8-sig")
    assert "Viktor Älgmark" in text
    assert "Purpose: weekly review" in text


def test_a_wrong_delivery_is_taken_back_on_a_page_that_asks(browser, visit, lom, engine):
    police = browser(POLICE)
    police.post(f"{visit}/approve")
    page = police.post(
        f"{visit}/attempts/new",
        outcome="met",
        when="2026-03-02T08:20",
        parts=ALL,
        delivered_by="Göran and Eva",
        reaction="listens",
        assessment="Wants out",
        next_step="Meets the coach",
    )
    ask = next(link for link in page.links() if link.endswith("/withdraw"))
    asked = police.get(ask)
    assert "Viktor Älgmark counts as not having heard it" in asked.text
    recorded = asked.all("input", name="recorded")[0].get("value")
    again = police.post(ask, recorded=recorded, reason="")
    assert again.status == 422

    page = police.post(ask, recorded=recorded, reason="It was his brother")

    assert "Approved. No attempt yet, not delivered." in page.text
    assert "Withdrawn attempts" in page.text
    assert "It was his brother" in page.text
    for kept in ("Listens", "Wants out", "Agreed: Meets the coach"):
        assert kept in page.text
    assert "Has heard all four parts" not in police.get(f"/people/{lom['id']}/messages").text
    assert police.get(ask).status == 404
    assert police.post(ask, recorded=recorded, reason="Again").status == 404
    assert "brother" not in browser(Role.OUTREACH).get(visit).text


def test_a_second_visit_leads_to_the_one_that_is_to_be_made(browser, visit, lom):
    page = browser(POLICE).get(f"/notifications/new?person={lom['id']}")

    assert "Nobody gets two at a time." in page.text
    assert f'href="{visit}/move"' in page.html
    assert "Plan it" not in page.text
