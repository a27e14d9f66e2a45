"""The search of the top bar finds only what the visitor may see, and is in the log."""

import json
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from gvi.domain.access import Role
from gvi.store.engine import reading, transaction
from gvi.store.models import AuditEntry, User
from tests.conftest import MONDAY
from tests.factories import a_client, a_group, a_person, an_incident


@pytest.fixture
def town(engine, programme):
    with transaction(engine) as db:
        users = {user.role: user.id for user in db.query(User)}
        lom = a_person(db, programme, MONDAY, "Lom", name="Viktor Älgmark")
        a_client(db, MONDAY, lom, users["outreach"])
        a_person(db, programme, MONDAY, "Mes", name="Viktor Liten", birth_date=date(2010, 6, 1))
        a_person(db, programme, MONDAY, "Siska", name="Viktor Hemlig", compartment="social")
        a_group(db, programme, MONDAY, "Viktoriaparken")
        an_incident(
            db,
            programme,
            MONDAY - timedelta(days=3),
            place="Viktoriagatan 9",
            area="Centrum",
            summary="mk-police Viktor seen",
        )


@pytest.mark.both_databases
@pytest.mark.parametrize(
    ("role", "found", "hidden"),
    [
        (
            Role.COORDINATOR_POLICE,
            ["Viktor Älgmark", "Viktoriaparken", "Viktoriagatan 9"],
            ["Liten", "Hemlig", "Mes", "mk-police"],
        ),
        (
            Role.COORDINATOR_MUNICIPAL,
            ["Viktor Älgmark", "Viktor Liten", "Viktor Hemlig", "Viktoriaparken"],
            ["Viktoriagatan 9", "mk-police"],
        ),
        (
            Role.OUTREACH,
            ["Viktor Älgmark"],
            ["Liten", "Hemlig", "Viktoriaparken", "Viktoriagatan 9"],
        ),
    ],
    ids=["police", "municipality", "outreach"],
)
def test_each_role_finds_its_own_share(browser, town, role, found, hidden):
    page = browser(role).get("/search", q="vikto")

    for text in found:
        assert text in page.text
    for text in hidden:
        assert text not in page.text


def test_incidents_are_found_by_what_their_kind_is_called(browser, town):
    page = browser(Role.ANALYST).get("/search", q="shooting centrum")

    assert "Found: 1 incident." in page.text


def test_a_search_is_in_the_log_without_its_words(browser, engine, town):
    browser(Role.ANALYST).get("/search", q="viktor älgmark")

    with reading(engine) as db:
        entry = db.execute(
            select(AuditEntry.kind, AuditEntry.detail).order_by(AuditEntry.id.desc()).limit(1)
        ).one()
    assert entry.kind == "search:use"
    assert json.loads(entry.detail)["words"] == 2
    assert "lgmark" not in entry.detail.lower()


@pytest.mark.parametrize("words", ["", "   ", "zzz", "%", "' OR 1=1"])
def test_odd_words_find_nothing_and_break_nothing(browser, town, words):
    page = browser(Role.COORDINATOR_POLICE).get("/search", q=words)

    assert page.status == 200
    assert "Viktor Älgmark" not in page.text


def test_the_steering_group_does_not_search(browser):
    assert browser(Role.STEERING).get("/search", q="x").status == 403
