"""Numbers in addresses and hidden fields: whatever is written there, a page or a refusal."""

import pytest

from gvi.domain.access import Role
from gvi.store.engine import transaction
from gvi.usecases.support import CasePlan, open_case
from gvi.web.numbers import whole_number
from tests.conftest import MONDAY, ZONE
from tests.factories import a_client, a_person

P, A, OUT, D = Role.COORDINATOR_POLICE, Role.ANALYST, Role.OUTREACH, Role.AUDITOR
TOO_LONG = ["9" * 5000, "0" * 5000, "9" * 18, "2147483648"]


@pytest.mark.parametrize("written", TOO_LONG)
@pytest.mark.parametrize(
    ("role", "page"),
    [
        (A, "/method/policies/new?from="),
        (P, "/network?group="),
        (P, "/actions/new?person="),
        (P, "/actions/new?group="),
        (P, "/incidents/new?rows="),
        (P, "/memberships/new?person_id="),
        (P, "/memberships/new?back=group&group="),
        (P, "/due?ended="),
        (P, "/people?page="),
        (P, "/people/lists/1/changes?since="),
        (OUT, "/contacts/new?case="),
        (D, "/audit?first="),
        (D, "/audit?person=%23"),
    ],
)
def test_a_number_too_long_in_an_address_gets_a_page_or_a_refusal(browser, role, page, written):
    assert browser(role).client.get(page + written).status_code < 500


@pytest.fixture
def case(engine, viewer, programme):
    """A support case of the outreach worker."""
    with transaction(engine) as db:
        person = a_person(db, programme, MONDAY, "Lom")
        worker = viewer(Role.OUTREACH)
        a_client(db, MONDAY, person, worker.user_id)
        plan = CasePlan(owner_id=worker.user_id, interval_days=4, next_contact_on=MONDAY.date())
        return open_case(db, worker, person.id, plan, at=MONDAY, zone=ZONE).id


@pytest.mark.parametrize("written", TOO_LONG)
def test_a_number_too_long_in_a_form_is_said_by_its_field(browser, case, written):
    for role, page, field in (
        (P, "/actions/new", "person"),
        (P, "/incidents/new", "rows"),
        (P, "/memberships/new", "person_id"),
        (P, "/memberships/new", "group"),
        (D, "/audit/watches", "user"),
    ):
        assert browser(role).post(page, **{field: written}).status in (404, 422), (page, field)
    facts = {"case": str(case), "mode": "in_person", "outcome": "reached", "next": written}
    page = browser(OUT).post("/contacts/new", **facts)
    assert page.status == 422
    assert "Choose when the next contact is." in page.text


def test_a_number_is_read_where_it_is_one():
    assert whole_number("2147483647") == 2_147_483_647
    for written in ("", "-1", "1.5", "x", "²", *TOO_LONG):
        assert whole_number(written) is None, written
