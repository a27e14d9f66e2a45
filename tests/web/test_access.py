"""The pages of access beyond the table: giving, breaking the glass, reading, being told."""

import pytest

from gvi.domain.access import Role
from gvi.store.engine import reading, transaction
from gvi.store.models import AuditEntry, Person
from tests.conftest import MONDAY
from tests.factories import a_client, a_group, a_membership, a_person

REASON = "Meets the person on Thursday and must know the groups."
DANGER = "Threatened tonight, must be found before the others do."


@pytest.fixture
def lom(engine, programme):
    with transaction(engine) as db:
        person = a_person(db, programme, MONDAY, "Lom", name="Viktor Älgmark", is_protected=True)
        a_membership(db, MONDAY, person, a_group(db, programme, MONDAY, "Granit"))
        return person.id


def give(browser, lom, user_id, *sections):
    return browser(Role.COORDINATOR_POLICE).post(
        f"/people/{lom}/access",
        user=str(user_id),
        sections=list(sections),
        reason=REASON,
        ends_on="2026-03-16",
    )


def test_a_coordinator_opens_the_protected_name_to_one_colleague(browser, viewer, lom):
    page = give(browser, lom, viewer(Role.OUTREACH).user_id, "name")
    assert page.status == 200
    assert "One colleague has access beyond the role." in page.text

    worker = browser(Role.OUTREACH)
    assert "One record is open to you beyond your role." in worker.get("/access").text
    opened = worker.get("/access/1")
    assert "Viktor Älgmark" in opened.text
    assert "Granit" not in opened.text
    for role in (Role.COORDINATOR_POLICE, Role.OUTREACH_LEAD, Role.AUDITOR):
        assert browser(role).get("/access/1").status in (403, 404)


def test_a_wrong_form_is_shown_again_with_what_was_typed(browser, viewer, lom):
    page = browser(Role.COORDINATOR_POLICE).post(
        f"/people/{lom}/access",
        user=str(viewer(Role.OUTREACH).user_id),
        reason=REASON,
        ends_on="2026-03-16",
    )

    assert page.status == 422
    assert page.one("textarea", name="reason").text.strip() == REASON


def test_whoever_breaks_the_glass_reads_at_once_and_the_others_are_told(
    browser, engine, viewer, lom
):
    with transaction(engine) as db:
        a_client(db, MONDAY, db.get_one(Person, lom), viewer(Role.OUTREACH).user_id)
    probation = browser(Role.PROBATION)
    ask = probation.get("/break-glass")
    assert "told at once, with your name and your reason" in ask.text

    page = probation.post("/break-glass", called="Lom", sections=["name", "groups"], reason=DANGER)

    assert "Viktor Älgmark" in page.text
    assert "Granit" in page.text
    assert "Test outreach, Outreach worker" in page.text
    for role, first in (
        (Role.OUTREACH, "/my-people"),
        (Role.COORDINATOR_POLICE, "/today"),
        (Role.AUDITOR, "/access/review"),
    ):
        told = browser(role).get(first)
        assert "Test probation broke the glass for Lom" in told.text, role
        assert DANGER in told.text
        assert "Viktor" not in told.text
    browser(Role.OUTREACH).post("/access/1/seen")
    assert "broke the glass" not in browser(Role.OUTREACH).get("/my-people").text


def test_a_try_in_vain_says_nothing_and_is_logged(browser, engine, lom):
    page = browser(Role.OUTREACH).post(
        "/break-glass", called="Viktor", sections=["name"], reason=DANGER
    )

    assert page.status == 422
    assert "Nobody is found by that, or more than one." in page.text
    with reading(engine) as db:
        kinds = [row.kind for row in db.query(AuditEntry).order_by(AuditEntry.id)]
    assert "access:break_glass_failed" in kinds


def test_an_ended_access_is_gone_from_the_page(browser, viewer, lom, clock):
    give(browser, lom, viewer(Role.OUTREACH).user_id, "groups")
    police = browser(Role.COORDINATOR_POLICE)
    ask = police.get("/access/1/end", person=str(lom))
    assert "It ends at once." in ask.text

    page = police.post("/access/1/end", person=str(lom))

    assert "Nobody has access beyond the role." in page.text
    clock.move(minutes=1)
    assert browser(Role.OUTREACH).get("/access/1").status == 404


@pytest.mark.parametrize("role", [Role.COMMUNITY, Role.STEERING, Role.ADMIN, Role.ANALYST])
def test_not_everybody_may_break_the_glass(browser, role):
    assert browser(role).get("/break-glass").status == 403


def test_where_nothing_is_found_the_glass_is_offered_to_those_who_may(browser, lom):
    missing = browser(Role.OUTREACH).get(f"/people/{lom}")
    unknown = browser(Role.OUTREACH).get("/people/987654")

    assert missing.status == unknown.status == 404
    assert len(missing.all("a", href="/break-glass")) == 1
    assert missing.text == unknown.text
    assert not browser(Role.ANALYST).get("/people/987654").all("a", href="/break-glass")
