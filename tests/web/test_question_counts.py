"""A list page asks the database the same number of questions for three rows as for thirty."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

from gvi.domain.access import Role, Viewer
from gvi.store.engine import transaction
from gvi.store.models import Action, InboundCall, RiskDecision, SupportCase
from tests.client import Browser
from tests.conftest import MONDAY
from tests.factories import (
    a_call_in,
    a_client,
    a_group,
    a_membership,
    a_notification,
    a_person,
    a_relation,
    a_supervision,
    an_incident,
    an_invitee,
    an_involvement,
)

pytestmark = pytest.mark.both_databases

POLICE = (
    *("/people", "/people?q=fa", "/groups", "/groups/scorecard", "/incidents", "/call-ins"),
    *("/notifications", "/due", "/today", "/network", "/people/driving", "/people/exposed"),
)
PAGES = {
    Role.COORDINATOR_POLICE: POLICE,
    Role.COORDINATOR_MUNICIPAL: ("/people", "/groups", "/due", "/today", "/support", "/calls"),
    Role.OUTREACH_LEAD: ("/people", "/my-people", "/due", "/today", "/support", "/calls"),
    Role.PROBATION: ("/my-people", "/due", "/today", "/call-ins"),
    Role.AUDITOR: ("/audit",),
    Role.ADMIN: ("/users",),
}
WORKERS = (Role.OUTREACH_LEAD, Role.PROBATION)


def test_no_page_asks_more_for_more_rows(engine, programme, viewer, browser):
    readers = {role: browser(role) for role in PAGES}
    with transaction(engine) as db:
        _grow(db, programme, viewer, range(3))
    few = {(role, path): _asked(readers[role], path) for role in PAGES for path in PAGES[role]}
    with transaction(engine) as db:
        _grow(db, programme, viewer, range(3, 30))
    many = {(role, path): _asked(readers[role], path) for role, path in few}

    assert many == few
    assert min(few.values()) > 0


def _asked(reader: Browser, path: str) -> int:
    # Once unasked: what is done for the first visit only is no part of a page.
    assert reader.get(path).status == 200
    with _counting() as questions:
        reader.get(path)
    return len(questions)


@contextmanager
def _counting() -> Iterator[list[str]]:
    """Collect every statement, whichever connection it goes through."""
    questions: list[str] = []

    def note(_connection, _cursor, statement, *_rest) -> None:
        questions.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield questions
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def _grow(db: Session, programme: int, viewer, numbers: range) -> None:
    """Add people, each with a group, an incident, a call-in, a visit, a case, a call, an action."""
    for number in numbers:
        group = a_group(db, programme, MONDAY, f"Grupp {number}")
        other = a_group(db, programme, MONDAY, f"Gren {number}")
        a_relation(db, MONDAY, group, other)
        person = a_person(
            db, programme, MONDAY, f"Fågel {number}", name=f"Fabian {number}", compartment="shared"
        )
        a_membership(db, MONDAY, person, group)
        shooting = an_incident(db, programme, MONDAY - timedelta(days=2), gmi="confirmed")
        an_involvement(db, shooting, person)
        call_in = a_call_in(db, programme, MONDAY + timedelta(days=9), f"Call-in {number}")
        an_invitee(db, call_in, person)
        a_notification(db, person, MONDAY + timedelta(hours=5), incident_id=shooting.id)
        a_supervision(db, MONDAY, person)
        for role in WORKERS:
            a_client(db, MONDAY, person, viewer(role).user_id)
        db.add_all(_work(programme, person.id, viewer(Role.OUTREACH_LEAD)))
        db.add(_colour(programme, person.id, viewer(Role.COORDINATOR_POLICE)))
        db.flush()


def _work(programme: int, person: int, worker: Viewer) -> list[object]:
    own = {"programme_id": programme, "person_id": person, "owner_id": worker.user_id}
    at = MONDAY + timedelta(hours=9)
    return [
        SupportCase(
            **own,
            compartment="social",
            status="active",
            opened_at=MONDAY - timedelta(days=20),
            contact_interval_days=14,
            next_contact_on=at.date(),
        ),
        InboundCall(
            **own,
            caller="0700000000",
            called_at=MONDAY,
            heard_through="card",
            call_back_due_at=at,
            recorded_at=MONDAY,
        ),
        Action(
            **own,
            compartment="shared",
            kind="decision",
            text="Ring the school",
            status="decided",
            due_at=at,
            created_at=MONDAY,
        ),
    ]


def _colour(programme: int, person: int, decider: Viewer) -> RiskDecision:
    return RiskDecision(
        programme_id=programme,
        person_id=person,
        colour="yellow",
        reason="Calmer",
        decided_by_id=decider.user_id,
        decided_at=MONDAY - timedelta(days=25),
        expires_on=(MONDAY + timedelta(days=3)).date(),
    )
