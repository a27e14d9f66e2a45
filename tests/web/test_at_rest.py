"""What is typed into pages is nowhere plain: not in the database's files, its log, or ours."""

import logging
from pathlib import Path

import pytest
from sqlalchemy import text

from gvi.domain.access import Role
from gvi.store.engine import transaction
from gvi.store.models import Base, User
from gvi.usecases.support import CasePlan, open_case
from tests.client import Page
from tests.conftest import MONDAY, ZONE
from tests.factories import a_client, a_person

FACT = {"source": "said by Zebulon", "ground": "mapping", "compartment": "police"}
CODE_NAME = "alka"
WORDS = (
    CODE_NAME,
    "xantippa",
    "quistgaard",
    "xyxan",
    "zebulon",
    "worries about mimi",
    "ormgata",
    "ulrik",
)


def plain_in(engine) -> set[str]:
    """Which of the words stand anywhere in the database, as bytes or in any column."""
    if engine.dialect.name == "sqlite":
        path = Path(engine.url.database)
        beside = (path, *path.parent.glob(path.name + "-*"))
        held = b"".join(each.read_bytes() for each in beside).lower()
    else:
        with transaction(engine) as db:
            rows = [
                str(bytes(value) if isinstance(value, memoryview) else value)
                for table in Base.metadata.sorted_tables
                for row in db.execute(text(f"SELECT * FROM {table.name}"))
                for value in row
            ]
        held = "\n".join(rows).lower().encode()
    return {word for word in WORDS if word.encode() in held}


@pytest.mark.both_databases
def test_no_name_or_note_is_left_plain_anywhere(browser, engine, programme, viewer, caplog):
    caplog.set_level(logging.DEBUG)
    analyst, worker = browser(Role.ANALYST), browser(Role.OUTREACH)
    named = {"name": "Xantippa Quistgaard", "aliases": "Xyxan", **FACT}
    page = analyst.post("/people/new", code_name="Lom", **named)
    assert page.title == "Xantippa Quistgaard"
    assert "Xantippa" in analyst.get("/search", q="xant").text
    assert "Xantippa" in analyst.get("/people", q="quistg").text
    with transaction(engine) as db:
        own = a_person(db, programme, MONDAY, "Alka", name="Ulrik Ek", compartment="social")
        user = db.query(User).filter_by(role="outreach").one()
        a_client(db, MONDAY, own, user.id)
        owner = viewer(Role.OUTREACH)
        plan = CasePlan(owner_id=user.id, interval_days=4, next_contact_on=MONDAY.date())
        case = open_case(db, owner, own.id, plan, at=MONDAY, zone=ZONE).id
    contact = {"mode": "phone", "outcome": "reached", "next": "4", "note": "Worries about Mimi"}
    worker.post("/contacts/new", case=case, **contact)
    worker.post("/contacts/draft", case=case, note="Ormgata, the blue door")
    uploaded = b"id,name\nP1,Xantippa Quistgaard\n"
    files = [("files", ("persons.csv", uploaded, "text/csv"))]
    assert (
        Page(
            analyst.client.post("/import", data={"csrf_token": analyst.token()}, files=files)
        ).status
        == 200
    )

    assert plain_in(engine) == {CODE_NAME}
    said = caplog.text.lower()
    assert not [word for word in WORDS if word in said]
    assert "Worries about Mimi" in worker.get(f"/support/{case}").text
