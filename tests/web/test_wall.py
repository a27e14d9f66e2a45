"""The second wall before a page: a query that forgot its viewer shows no row of the other side."""

import logging
from typing import Annotated

import pytest
from fastapi import FastAPI
from sqlalchemy import func, select, update

from gvi.domain.access import Role
from gvi.settings import Settings
from gvi.store.engine import transaction
from gvi.store.models import Contact, Identity, InboundCall, Need, Person, SupportCase, SupportOffer
from gvi.store.wall import EVERYTHING, NOTHING, walled
from gvi.web import app as application
from gvi.web.app import create_app
from gvi.web.visit import Db, ReadDb, Visit, may
from tests.client import Browser
from tests.conftest import MONDAY, SECRET_KEY
from tests.factories import a_person

pytestmark = pytest.mark.only_postgres

SUPPORT = (SupportCase, SupportOffer, InboundCall, Need, Contact)
AnyRole = Annotated[Visit, may("rights:read")]


@pytest.fixture
def app(engine, programme, clock) -> FastAPI:
    """The application with pages whose queries forgot `visible`; one client with support."""
    with transaction(engine) as db:
        person = a_person(db, programme, MONDAY, "Lom", name="Lo Lom", compartment="social")
        a_person(db, programme, MONDAY, "Sparv", name="Sam Sparv", compartment="police")
        call = InboundCall(
            programme_id=programme,
            called_at=MONDAY,
            heard_through="card",
            call_back_due_at=MONDAY,
            recorded_at=MONDAY,
        )
        case = SupportCase(
            programme_id=programme,
            person_id=person.id,
            status="active",
            opened_at=MONDAY,
            contact_interval_days=7,
            note="what only the worker reads",
        )
        offer = SupportOffer(
            programme_id=programme, person_id=person.id, what="help", offered_at=MONDAY
        )
        db.add_all([call, case, offer])
        db.flush()
        db.add(Need(support_case_id=case.id, kind="housing", raised_on=MONDAY.date()))
        db.add(
            Contact(
                support_case_id=case.id,
                contacted_at=MONDAY,
                mode="phone",
                outcome="reached",
                recorded_at=MONDAY,
            )
        )
    settings = Settings(database_url=str(engine.url), environment="demo")
    app = create_app(settings, engine=walled(engine, NOTHING), clock=clock)

    @app.get("/probe/read")
    def read(visit: AnyRole, db: ReadDb) -> list[int]:
        return [db.execute(select(func.count()).select_from(each)).scalar_one() for each in SUPPORT]

    @app.get("/probe/names")
    def names(visit: AnyRole, db: ReadDb) -> list[str]:
        return sorted(db.execute(select(Identity.name)).scalars())

    @app.post("/probe/write")
    def write(visit: AnyRole, db: Db) -> int:
        return db.execute(update(SupportCase).values(closing_reason=None)).rowcount  # type: ignore[attr-defined]

    @app.get("/probe/nobody")
    def nobody(db: ReadDb) -> int:
        return db.execute(select(func.count()).select_from(Person)).scalar_one()

    return app


@pytest.mark.parametrize("role", Role)
def test_a_query_that_forgot_its_viewer_gives_no_row_of_support_but_to_the_social_side(app, role):
    browser = Browser(app, role)
    social = {Role.COORDINATOR_MUNICIPAL, Role.OUTREACH, Role.OUTREACH_LEAD}
    rows = browser.client.get("/probe/read").json()
    assert rows == [1 if role in social else 0] * len(SUPPORT)


def test_it_gives_the_police_no_name_that_only_the_social_side_entered(app):
    police, social = (Browser(app, r) for r in (Role.COORDINATOR_POLICE, Role.OUTREACH))
    assert police.client.get("/probe/names").json() == ["Sam Sparv"]
    assert social.client.get("/probe/names").json() == ["Lo Lom", "Sam Sparv"]


def test_without_a_visitor_a_page_reads_nothing(app):
    from fastapi.testclient import TestClient  # noqa: PLC0415

    assert TestClient(app).get("/probe/nobody").json() == 0


@pytest.fixture
def urls(engine, owner_url, database_url) -> dict[str, str]:
    return {"owner": owner_url, "application": database_url}


@pytest.mark.parametrize(("whose", "said"), [("owner", True), ("application", False)])
def test_a_server_says_at_the_start_that_the_wall_does_not_hold_it(
    urls, whose, said, monkeypatch, caplog
):
    monkeypatch.setenv("GVI_DATABASE_URL", urls[whose])
    monkeypatch.setenv("GVI_SECRET_KEY", SECRET_KEY)
    monkeypatch.setenv("GVI_ENVIRONMENT", "production")
    with caplog.at_level(logging.WARNING, logger="gvi"):
        started = application.from_environment()
    started.state.engine.dispose()
    assert ("docs/postgresql.md" in caplog.text) is said


def test_the_tests_own_engine_asks_without_a_wall(engine, programme):
    with transaction(engine) as db:
        a_person(db, programme, MONDAY, "Lom", compartment="social")
    with transaction(engine, wall=EVERYTHING) as db:
        assert db.execute(select(Person.code_name)).scalars().all() == ["Lom"]
