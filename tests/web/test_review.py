"""Records to review: the list, the longer time, and the second person."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from gvi.domain.access import Role
from gvi.store.engine import reading, transaction
from gvi.store.models import Membership, ReviewExtension, User
from tests.conftest import MONDAY
from tests.factories import a_group, a_membership, a_person

POLICE, ANALYST = Role.COORDINATOR_POLICE, Role.ANALYST
TODAY = date(2026, 3, 2)


@pytest.fixture
def due(engine, programme):
    """Memberships overdue, soon due and far off; and one of a child, overdue."""
    with transaction(engine) as db:
        group = a_group(db, programme, MONDAY)
        owner = db.execute(select(User.id).where(User.role == ANALYST.value)).scalar_one()
        days = {"Lom": -3, "Siska": 20, "Tärna": 200}
        made = {}
        for code, ahead in days.items():
            person = a_person(db, programme, MONDAY, code)
            made[code] = a_membership(
                db,
                MONDAY,
                person,
                group,
                review_due_on=TODAY + timedelta(days=ahead),
                recorded_by_id=owner if code == "Siska" else None,
            ).id
        child = a_person(db, programme, MONDAY, "Mes", birth_date=date(2011, 1, 1))
        a_membership(db, MONDAY, child, group, review_due_on=TODAY - timedelta(days=5))
        return made


@pytest.mark.both_databases
def test_the_list_tells_what_is_overdue_and_due_mine_first(browser, due):
    page = browser(ANALYST).get("/review")

    assert "1 overdue, 1 due within 30 days; 1 is yours." in page.text
    rows = ["".join(th.itertext()).strip() for th in page.all("th", scope="row")]
    assert [row.split(" ")[0] for row in rows] == ["Siska", "Lom"]
    assert "Tärna" not in page.text
    assert "Mes" not in page.text
    assert "1 record is past its review day" in browser(ANALYST).get("/due").text
    assert "record past its review day" in browser(POLICE).get("/today").text


@pytest.mark.both_databases
def test_one_asks_and_another_says_yes(browser, due, engine):
    analyst, police = browser(ANALYST), browser(POLICE)
    url = f"/review/membership/{due['Lom']}"
    assert analyst.post(url, until="2026-08-01", reason="").status == 422
    assert analyst.post(url, until="2027-08-01", reason="needed").status == 422
    assert analyst.post(url, until="2026-08-01", reason="seen again in February").status == 200
    assert analyst.post(url, until="2026-08-02", reason="again").status == 422

    asked = next(link for link in analyst.get("/review").links() if "/extensions/" in link)
    assert "You asked for this yourself" in analyst.get(asked).text
    assert analyst.post(asked, outcome="approved").status == 422
    assert police.post(asked, outcome="refused", reason="").status == 422
    assert police.post(asked, outcome="approved").status == 200

    with reading(engine) as db:
        fact = db.get(Membership, due["Lom"])
        assert fact.review_due_on == date(2026, 8, 1)
        assert not fact.edited_by_hand
        assert db.execute(select(ReviewExtension.outcome)).scalar_one() == "approved"
    assert "Lom" not in police.get("/review").text


def test_a_no_leaves_the_day(browser, due, engine):
    browser(ANALYST).post(f"/review/membership/{due['Lom']}", until="2026-08-01", reason="needed")

    page = browser(POLICE).post("/review/extensions/1", outcome="refused", reason="nothing new")

    assert page.status == 200
    with reading(engine) as db:
        assert db.get(Membership, due["Lom"]).review_due_on == TODAY - timedelta(days=3)


def test_nobody_puts_a_day_off_by_correcting_the_record(browser, due):
    page = browser(ANALYST).post(
        f"/memberships/{due['Lom']}/edit",
        role="member",
        certainty="confirmed",
        source="a report",
        ground="mapping",
        grade_source="B",
        grade_content="2",
        review_due_on="2026-12-01",
    )

    assert page.status == 422
    assert "somebody else says yes" in page.text


@pytest.mark.parametrize(
    "role", [Role.OUTREACH, Role.OUTREACH_LEAD, Role.PROBATION, Role.STEERING, Role.AUDITOR]
)
def test_others_review_nothing(browser, due, role):
    someone = browser(role)

    assert someone.get("/review").status == 403
    assert someone.get(f"/review/membership/{due['Lom']}").status == 403


def test_the_municipality_sees_no_police_record_in_the_list(browser, due):
    page = browser(Role.COORDINATOR_MUNICIPAL).get("/review")

    assert "Lom" not in page.text
    assert page.status == 200
