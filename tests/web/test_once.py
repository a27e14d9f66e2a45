"""A form acts once: a double click, a page sent again, two requests at the same moment."""

import threading

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select

from gvi.domain.access import Role
from gvi.domain.disclosure import GROUNDS, Ground
from gvi.store.engine import reading, transaction
from gvi.store.models import (
    AccessGrant,
    Action,
    ApiToken,
    AuditEntry,
    CallIn,
    Consent,
    Contact,
    CustomNotification,
    Disclosure,
    DisclosureRequest,
    Group,
    InboundCall,
    Incident,
    Involvement,
    Membership,
    Need,
    Person,
    RiskDecision,
    SentForm,
    Supervision,
    SupportCase,
    SupportOffer,
    Tie,
)
from gvi.usecases.api_write import REMEMBERED
from tests.client import Page, address_of
from tests.conftest import MONDAY
from tests.factories import a_client, a_group, a_person, an_incident

pytestmark = pytest.mark.both_databases

FACT = {"source": "a report", "ground": "mapping", "grade_source": "B", "grade_content": "2"}
POLICE, MUNICIPAL, OUTREACH = (
    Role.COORDINATOR_POLICE,
    Role.COORDINATOR_MUNICIPAL,
    Role.OUTREACH,
)


@pytest.fixture
def town(engine, programme, viewer):
    """Lom (1), an outreach worker's client, Siska (2), the group Granit (1), one shooting."""
    with transaction(engine) as db:
        lom = a_person(db, programme, MONDAY, "Lom", name="Viktor Älgmark", compartment="shared")
        a_person(db, programme, MONDAY, "Siska", name="Noel Bäck", compartment="shared")
        a_group(db, programme, MONDAY, "Granit")
        an_incident(db, programme, MONDAY)
        a_client(db, MONDAY, lom, viewer(OUTREACH).user_id)
        return viewer


def counted(engine, model) -> int:
    with reading(engine) as db:
        return db.execute(select(func.count()).select_from(model)).scalar_one()


def sent(who, url, data, *, key):
    """Send a form as a browser does, following nothing."""
    given = {"csrf_token": who.token(), "form_key": key, **data}
    return who.client.post(address_of(who.client, url), data=given, follow_redirects=False)


FORMS = [
    pytest.param((POLICE, "/people/new", {"name": "Adam Ek", **FACT}, Person), id="person"),
    pytest.param(
        (POLICE, "/groups/new", {"name": "Hamn", "kind": "area_group", **FACT}, Group), id="group"
    ),
    pytest.param(
        (
            POLICE,
            "/incidents/new",
            {
                "kind": "threat",
                "when_date": "2026-03-01",
                "when_time": "21:00",
                "place": "Torget",
                **FACT,
            },
            Incident,
        ),
        id="incident",
    ),
    pytest.param(
        (
            POLICE,
            "/incidents/1/involvements/new",
            {"person": "Viktor", "role": "witness", "certainty": "confirmed", **FACT},
            Involvement,
        ),
        id="part in an incident",
    ),
    pytest.param(
        (
            POLICE,
            "/memberships/new?person=1",
            {"person": "Viktor", "group": "1", "role": "member", "certainty": "confirmed", **FACT},
            Membership,
        ),
        id="membership",
    ),
    pytest.param(
        (
            POLICE,
            "/ties/new?person=1",
            {"person": "Noel", "kind": "friend", "certainty": "confirmed", **FACT},
            Tie,
        ),
        id="tie",
    ),
    pytest.param(
        (
            POLICE,
            "/supervisions/new?person=1",
            {"person": "1", "kind": "probation", **FACT},
            Supervision,
        ),
        id="supervision",
    ),
    pytest.param(
        (
            POLICE,
            "/people/1/risk",
            {"colour": "red", "reason": "shots fired at the square", "expires_on": "2026-03-16"},
            RiskDecision,
        ),
        id="decision",
    ),
    pytest.param(
        (POLICE, "/call-ins/new", {"name": "Spring", "seats": "8", "groups": "1"}, CallIn),
        id="call-in",
    ),
    pytest.param(
        (
            POLICE,
            "/notifications/new?person=1",
            {
                "person": "1",
                "trigger": "after_incident",
                "due_at": "2026-03-04T10:00",
                "owner": "1",
            },
            CustomNotification,
        ),
        id="notification",
    ),
    pytest.param(
        (
            POLICE,
            "/actions/new?person=1",
            {"person": "1", "text": "Call the school", "due_at": "2026-03-05T10:00"},
            Action,
        ),
        id="action",
    ),
    pytest.param(
        (
            POLICE,
            "/people/1/access",
            {
                "user": "5",
                "sections": ["groups"],
                "reason": "Meets them on Thursday.",
                "ends_on": "2026-03-10",
            },
            AccessGrant,
        ),
        id="access",
    ),
    pytest.param(
        (
            OUTREACH,
            "/break-glass",
            {
                "called": "Siska",
                "sections": ["groups"],
                "reason": "Threatened tonight, must be found.",
            },
            AccessGrant,
        ),
        id="broken glass",
    ),
    pytest.param(
        (MUNICIPAL, "/calls/new", {"caller": "a mother", "heard_through": "card"}, InboundCall),
        id="call",
    ),
    pytest.param(
        (
            OUTREACH,
            "/support/new?person=1",
            {"person": "1", "next": "7", "interval_days": "7"},
            SupportCase,
        ),
        id="support case",
    ),
    pytest.param(
        (OUTREACH, "/people/1/support/offers/new", {"what": "a talk"}, SupportOffer), id="offer"
    ),
    pytest.param(
        (
            POLICE,
            "/people/1/consents",
            {"party": "social", "parts": ["own_words"], "given_on": "2026-03-02"},
            Consent,
        ),
        id="consent",
    ),
    pytest.param(
        (
            POLICE,
            "/people/1/disclosure-requests/new",
            {
                "party": "social",
                "asked_by": "Eva Lind",
                "organisation": "Socialtjänsten",
                "asked_for": "Where he lives",
                "received_at": "2026-03-01T10:00",
                "due_at": "2026-03-04T10:00",
                "owner": "1",
            },
            DisclosureRequest,
        ),
        id="request",
    ),
]


@pytest.mark.usefixtures("town")
@pytest.mark.parametrize("form", FORMS)
def test_the_same_form_sent_twice_makes_one_and_leads_to_it(browser, engine, form):
    role, url, data, model = form
    who = browser(role)
    before = counted(engine, model)

    first, second = (sent(who, url, data, key="one key") for _ in range(2))

    assert first.status_code == 303, Page(first).text
    assert counted(engine, model) == before + 1
    assert second.status_code == 303
    assert second.headers["location"] == first.headers["location"]
    third = sent(who, url, data, key="another key")
    assert third.status_code in (303, 422)


def test_a_contact_a_need_a_disclosure_too(browser, engine, town, viewer):
    worker = browser(OUTREACH)
    worker.post("/support/new", person="1", next="7", interval_days="7")
    contact = {"case": "1", "mode": "phone", "outcome": "reached", "next": "7"}
    for url, data, model in (
        ("/contacts/new", contact, Contact),
        ("/support/1/needs/new", {"kind": "housing", "note": "a flat"}, Need),
    ):
        answers = [sent(worker, url, data, key=url) for _ in range(2)]
        assert [each.status_code for each in answers] == [303, 303]
        assert counted(engine, model) == 1, url

    police = browser(POLICE)
    words = {
        "party": "social",
        "ground": "danger",
        "recipient": str(viewer(MUNICIPAL).user_id),
        "decider": str(viewer(POLICE).user_id),
        "purpose": "protect_person",
        "conditions": [each.value for each in GROUNDS[Ground.DANGER].conditions],
        "weighing": "His life is in danger, and only they know where he sleeps.",
        "facts": "Threatened by name on Friday.",
        "source_class": "own_observation",
        "expires_on": "2026-03-16",
    }
    answers = [sent(police, "/people/1/disclose/write", words, key="d") for _ in range(2)]
    assert {each.status_code for each in answers} == {303}, Page(answers[0]).text
    assert counted(engine, Disclosure) == 1


def test_two_requests_at_the_same_moment_make_one(browser, engine, town):
    who = browser(POLICE)
    data = {"csrf_token": who.token(), "form_key": "one", "name": "Adam Ek", **FACT}
    cookies, app = dict(who.client.cookies), who.client.app
    start, answers = threading.Barrier(4), []

    def click():
        with TestClient(app, cookies=cookies, follow_redirects=False) as client:
            start.wait()
            answers.append(client.post("/people/new", data=data))

    threads = [threading.Thread(target=click) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()

    assert [each.status_code for each in answers] == [303] * 4
    assert len({each.headers["location"] for each in answers}) == 1
    assert counted(engine, Person) == 3


def test_a_form_that_was_refused_is_corrected_and_sent_with_the_same_key(browser, engine, town):
    who = browser(POLICE)
    assert sent(who, "/groups/new", {"name": ""}, key="k").status_code == 422
    right = {"name": "Hamn", "kind": "area_group", **FACT}
    assert sent(who, "/groups/new", right, key="k").status_code == 303
    assert counted(engine, Group) == 2


def test_a_key_is_its_users_own_and_lasts_a_day(browser, engine, town, clock):
    right = {"name": "Hamn", "kind": "area_group", **FACT}
    assert sent(browser(POLICE), "/groups/new", right, key="k").status_code == 303
    other = sent(browser(Role.ANALYST), "/groups/new", {**right, "name": "Kaj"}, key="k")
    assert other.status_code == 303
    assert counted(engine, Group) == 3
    clock.move(seconds=REMEMBERED.total_seconds())
    sent(browser(POLICE), "/groups/new", {**right, "name": "Brygga"}, key="k")
    assert counted(engine, Group) == 4
    with reading(engine) as db:
        kept = db.execute(select(SentForm.led_to)).scalars().all()
    assert not [address for address in kept if "people/1" in address]


def test_a_file_is_taken_out_again_and_a_secret_is_not_made_twice(browser, engine, town):
    who = browser(POLICE)
    for _ in range(2):
        answer = sent(who, "/people/export", {"purpose": "weekly meeting"}, key="file")
        assert answer.headers["content-type"].startswith("text/csv")

    data = {"name": "Script", "scopes": ["people:read"], "days": "7"}
    first, second = (sent(who, "/tokens/new", data, key="token") for _ in range(2))
    assert (first.status_code, second.status_code) == (200, 409), Page(first).text
    assert "done once" in Page(second).text
    assert counted(engine, ApiToken) == 1


def test_every_form_has_a_key_of_its_own(browser, town):
    who = browser(POLICE)
    keys = [
        field.get("value")
        for _ in range(2)
        for field in who.get("/people/1/access").all("input", name="form_key")
    ]
    assert len(keys) >= 4
    assert len(set(keys)) == len(keys)


def test_what_is_sent_twice_is_logged_once(browser, engine, town):
    who = browser(POLICE)
    for _ in range(2):
        sent(who, "/people/new", {"name": "Adam Ek", **FACT}, key="one")
    with reading(engine) as db:
        kinds = db.execute(select(AuditEntry.kind)).scalars().all()
    assert kinds.count("person:added") == 1
