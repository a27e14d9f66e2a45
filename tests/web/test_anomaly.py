"""Signs on the auditor's page: computed, linked to their entries, marked as examined."""

import pytest
from sqlalchemy import select, update

from gvi.domain.access import Role
from gvi.store.engine import reading, transaction
from gvi.store.models import AnomalyReview, AuditEntry, User
from tests.conftest import MONDAY
from tests.factories import a_person, a_tie


@pytest.fixture
def namesake(engine, programme, browser):
    """The analyst opened the record of somebody with the same surname; gives the number."""
    with transaction(engine) as db:
        db.execute(update(User).where(User.role == "analyst").values(display_name="Åsa Öberg"))
        lom = a_person(db, programme, MONDAY, "Lom", name="Sven Oberg", area="Norra")
        for turn in range(6):
            friend = a_person(db, programme, MONDAY, f"Mes {turn}", name="Sven Lund", area="Söder")
            a_tie(db, MONDAY, lom, friend)
        number = lom.id
    browser(Role.ANALYST).get(f"/people/{number}")
    return number


def test_a_namesake_is_a_sign_that_names_neither(browser, namesake):
    page = browser(Role.AUDITOR).get("/audit/signs")

    assert "Åsa Öberg opened the record of somebody with the same surname" in page.text
    assert "One sign waits for you." in page.text
    assert "Sven" not in page.text
    assert "Lom" not in page.html
    (entries,) = [link for link in page.links() if link.startswith("/audit?user=")]
    shown = browser(Role.AUDITOR).get(entries)
    assert "1–1 of 1" in shown.text
    assert "Åsa Öberg read: people." in shown.text
    assert f"/people/{namesake}/looks" in page.links()


def test_a_sign_is_marked_as_examined_once_and_keeps_its_note(browser, namesake, engine):
    auditor = browser(Role.AUDITOR)
    page = auditor.get("/audit/signs")
    (key,) = [i.get("value") for i in page.all("input", name="key")]
    assert auditor.post("/audit/signs/review", key=key, on="2026-03-02", note=" ").status == 422
    assert auditor.post("/audit/signs/review", key="x", on="2026-03-02", note="Fine").status == 404

    page = auditor.post("/audit/signs/review", key=key, on="2026-03-02", note="Asked: a stranger.")

    assert "0 signs wait for you." in page.text
    assert "Asked: a stranger." in page.text
    assert "Nothing out of the ordinary" in auditor.get("/audit/signs", state="open").text
    with reading(engine) as db:
        assert db.execute(select(AnomalyReview.anomaly)).scalar_one() == key
        kinds = db.execute(select(AuditEntry.kind)).scalars().all()
    assert "anomaly:reviewed" in kinds


def test_an_area_is_watched_for_until_it_no_longer_is(browser, namesake, engine):
    with reading(engine) as db:
        user = db.execute(select(User.id).where(User.role == "analyst")).scalar_one()
    auditor = browser(Role.AUDITOR)
    asked = {"user": str(user), "watched": "area", "word": "Norra"}
    assert auditor.post("/audit/watches", **{**asked, "user": ""}).status == 422

    page = auditor.post("/audit/watches", **asked)

    assert "lives in the same area (1 people)" in page.text
    assert "Norra" in page.text
    assert auditor.post("/audit/watches", **asked).status == 422
    assert "same area (1" not in auditor.post("/audit/watches/1/remove").text


def test_only_the_auditor_sees_signs(browser, namesake):
    for role in set(Role) - {Role.AUDITOR}:
        assert browser(role).get("/audit/signs").status == 403
