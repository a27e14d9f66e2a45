"""What a visit leaves in the log: which sort it is, also when it fails or is refused."""

import json

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from gvi.domain.access import Role, Viewer
from gvi.domain.audit import AuditVerb, reading_verb
from gvi.settings import Settings
from gvi.store.engine import reading, transaction
from gvi.store.models import AuditEntry, AuditSubject
from gvi.usecases.audit import examine, kept_heads
from gvi.web import templating
from gvi.web.app import create_app
from tests.client import Browser, address_of
from tests.conftest import MONDAY
from tests.factories import a_person, an_incident, an_involvement


@pytest.fixture
def lom(engine, programme):
    """One person who was hurt at one incident; gives the person's number."""
    with transaction(engine) as db:
        lom = a_person(db, programme, MONDAY, "Lom", name="Viktor Älgmark")
        an_involvement(db, an_incident(db, programme, MONDAY), lom)
        return lom.id


def last(engine, number: int = 1):
    """Give the newest entries, the newest last."""
    with reading(engine) as db:
        rows = db.execute(select(AuditEntry).order_by(AuditEntry.id.desc()).limit(number))
        return list(rows.scalars())[::-1]


def about(engine, entry: int) -> set[tuple[str, int]]:
    with reading(engine) as db:
        rows = db.execute(
            select(AuditSubject.thing, AuditSubject.thing_id).where(AuditSubject.entry_id == entry)
        )
        return {(row.thing, row.thing_id) for row in rows}


SORTS = {
    "/people": AuditVerb.CONSULTED,
    "/people/1": AuditVerb.CONSULTED,
    "/incidents": AuditVerb.CONSULTED,
    "/api/v1/persons": AuditVerb.CONSULTED,
    "/search?q=lom": AuditVerb.CONSULTED,
    "/people/driving": AuditVerb.COMBINED,
    "/people/exposed": AuditVerb.COMBINED,
    "/people/1/why": AuditVerb.COMBINED,
    "/people/1/network": AuditVerb.COMBINED,
    "/network": AuditVerb.COMBINED,
    "/api/v1/network": AuditVerb.COMBINED,
    "/api/v1/rankings/driving": AuditVerb.COMBINED,
    "/groups/scorecard": AuditVerb.COMBINED,
    "/today": AuditVerb.COMBINED,
}


@pytest.mark.parametrize("address", SORTS)
def test_a_page_is_a_consultation_or_a_combination(browser, engine, lom, address):
    analyst = browser(Role.ANALYST)
    answer = analyst.client.get(address_of(analyst.client, address))

    assert answer.status_code == 200, answer.text
    (entry,) = last(engine)
    assert (entry.verb, entry.source) == (SORTS[address], "testclient")
    assert entry.actor == "Test analyst"
    assert json.loads(entry.detail)["path"] == address.split("?")[0]


def test_a_search_that_spans_several_secrecies_is_a_combination():
    def asks(role: Role) -> AuditVerb:
        return reading_verb("search:use", Viewer(programme_id=1, user_id=1, role=role, name=""))

    assert asks(Role.COORDINATOR_MUNICIPAL) is AuditVerb.COMBINED
    assert asks(Role.COORDINATOR_POLICE) is AuditVerb.CONSULTED
    assert asks(Role.ANALYST) is AuditVerb.CONSULTED


def test_the_rows_of_a_list_are_one_entry_with_every_id(browser, engine, programme, lom):
    with transaction(engine) as db:
        ids = {lom} | {a_person(db, programme, MONDAY, f"Mes {n}").id for n in range(7)}
    analyst = browser(Role.ANALYST)
    before = last(engine)[0].id

    analyst.get("/people")

    (entry,) = last(engine)
    assert entry.id == before + 1
    assert {("person", each) for each in ids} <= about(engine, entry.id)


def test_an_export_is_a_disclosure_with_its_purpose(browser, engine, lom):
    analyst = browser(Role.ANALYST)
    analyst.client.post(
        "/people/export", data={"csrf_token": analyst.token(), "purpose": "The Monday meeting"}
    )

    (entry,) = last(engine)
    assert (entry.verb, entry.kind) == ("disclosed", "person:exported")
    assert entry.purpose == "The Monday meeting"
    assert ("person", lom) in about(engine, entry.id)


@pytest.fixture
def failing(engine, programme, clock, browser):
    """An analyst whose pages may fail: the server answers 500 and goes on."""
    analyst = browser(Role.ANALYST)
    settings = Settings(database_url=str(engine.url), environment="demo")
    app = create_app(settings, engine=engine, clock=clock)
    client = TestClient(app, raise_server_exceptions=False)
    client.cookies = analyst.client.cookies
    return client


def _break(*_args, **_values):
    raise ZeroDivisionError


def test_a_page_that_fails_while_it_is_drawn_is_logged_with_what_was_read(
    failing, engine, lom, monkeypatch
):
    monkeypatch.setattr(templating, "render", _break)

    assert failing.get(address_of(failing, f"/people/{lom}")).status_code == 500

    (entry,) = last(engine)
    assert (entry.verb, entry.kind) == ("consulted", "person:read")
    assert json.loads(entry.detail)["failed"] == "ZeroDivisionError"
    assert ("person", lom) in about(engine, entry.id)


def test_a_page_that_fails_after_its_rows_were_fetched_is_logged_with_what_was_asked_for(
    failing, engine, lom, monkeypatch
):
    """Nothing was named as shown yet; the address says whom it was about."""
    from gvi.web.pages import person_card  # noqa: PLC0415 — the function that is made to fail

    found = person_card.person_head

    def fetch_and_break(*args, **values):
        found(*args, **values)
        raise ZeroDivisionError

    monkeypatch.setattr(person_card, "person_head", fetch_and_break)

    assert failing.get(address_of(failing, f"/people/{lom}")).status_code == 500

    (entry,) = last(engine)
    assert json.loads(entry.detail)["failed"] == "ZeroDivisionError"
    assert about(engine, entry.id) == {("person", lom)}


def test_a_page_the_role_may_not_open_is_logged_with_what_was_asked_for(browser, engine, lom):
    community = browser(Role.COMMUNITY)
    assert community.get(f"/people/{lom}").status == 403

    (entry,) = last(engine)
    assert (entry.verb, entry.kind, entry.actor) == ("access", "page:refused", "Test community")
    assert about(engine, entry.id) == {("person", lom)}


def test_a_record_that_is_hidden_and_one_that_is_not_there_are_logged_alike(browser, engine, lom):
    outreach = browser(Role.OUTREACH)
    hidden = outreach.get(f"/people/{lom}")
    absent = outreach.get("/people/987654")

    assert hidden.status == absent.status == 404
    assert hidden.text == absent.text
    first, second = last(engine, 2)
    for entry, number in ((first, lom), (second, 987654)):
        assert (entry.verb, entry.kind) == ("access", "page:refused")
        assert about(engine, entry.id) == {("person", number)}
    said = [json.loads(each.detail) for each in (first, second)]
    assert {key: value for key, value in said[0].items() if key != "path"} == {
        key: value for key, value in said[1].items() if key != "path"
    }


def test_a_change_that_is_refused_is_logged_and_changes_nothing(browser, engine, lom):
    outreach = browser(Role.OUTREACH)
    assert outreach.post(f"/people/{lom}/edit", code_name="Lo").status == 403
    (entry,) = last(engine)
    assert entry.kind == "page:refused"
    assert json.loads(entry.detail)["method"] == "POST"


@pytest.mark.parametrize("page", ["/remove/person", "/review/person"])
def test_a_record_refused_by_its_kind_is_found_by_the_person_it_is_about(
    browser, engine, lom, page
):
    assert browser(Role.OUTREACH).get(f"{page}/{lom}").status == 403
    (entry,) = last(engine)
    assert entry.kind == "page:refused"
    assert about(engine, entry.id) == {("person", lom)}

    log = browser(Role.AUDITOR).post("/find", find_in="/audit", person="Lom")

    assert page in log.html


def test_a_kind_nobody_knows_is_no_noun_of_the_log(browser, engine, lom):
    assert browser(Role.OUTREACH).get(f"/remove/user/{lom}").status == 403
    (entry,) = last(engine)
    assert about(engine, entry.id) == {("record", lom)}


def test_a_number_no_record_can_have_does_not_stop_the_log(browser, engine, lom):
    community = browser(Role.COMMUNITY)
    assert community.get(f"/people/{10**30}").status in (403, 404)
    (entry,) = last(engine)
    assert entry.kind == "page:refused"
    assert about(engine, entry.id) == set()


def test_the_head_of_the_log_is_kept_once_a_day(engine, clock, browser, programme, tmp_path):
    heads = tmp_path / "heads"
    settings = Settings(database_url=str(engine.url), environment="demo", audit_heads=str(heads))
    app = create_app(settings, engine=engine, clock=clock)
    analyst = Browser(app, Role.ANALYST)
    for _ in range(2):
        analyst.get("/people")
    clock.move(hours=30)
    Browser(app, Role.ANALYST).get("/people")

    assert sorted(each.name for each in heads.iterdir()) == [
        "audit-head-2026-03-02.txt",
        "audit-head-2026-03-03.txt",
    ]
    kept = kept_heads(heads)
    assert len(kept) == 2
    with reading(engine) as db:
        assert examine(db, kept).flaw is None


def test_a_folder_that_cannot_be_written_keeps_no_page_from_anybody(engine, clock, programme):
    settings = Settings(database_url=str(engine.url), environment="demo", audit_heads="/dev/null/x")
    app = create_app(settings, engine=engine, clock=clock)

    assert Browser(app, Role.ANALYST).get("/people").status == 200
