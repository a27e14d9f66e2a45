import csv
import io
import zipfile
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from gvi.domain.access import Role
from gvi.store.engine import transaction
from gvi.store.models import AuditEntry, ImportDraft, Person
from tests.client import Page
from tests.conftest import MONDAY
from tests.exchange.files import a_file, a_town
from tests.factories import a_person

PERSONS = a_file("persons", "id,name,birth_date", "P1,Åsa Ek,1990-01-01", "P2,Bo Ek,")
BAD = a_file("persons", "id,name,birth_date,shoe", "P1,Åsa Ek,1990-02-30,42", "P2,Bo Ek,,43")


def upload(who, *files):
    """Choose files on the page and look at them."""
    parts = [("files", (file.name, file.content, "text/csv")) for file in files]
    return Page(who.client.post("/import", data={"csrf_token": who.token()}, files=parts))


def path(page):
    return page.url.removeprefix("http://testserver")


def count(engine, model):
    with transaction(engine) as db:
        return db.execute(select(func.count()).select_from(model)).scalar_one()


@pytest.fixture
def analyst(browser):
    return browser(Role.ANALYST)


def test_files_are_looked_at_first_and_brought_in_without_a_second_upload(analyst, engine):
    look = upload(analyst, PERSONS)

    assert look.title == "Import: look first"
    assert "2 new, 0 to change, 0 as they are. Nothing is done yet." in look.text
    assert count(engine, Person) == 0

    done = analyst.post(path(look))

    assert done.title == "Imported"
    assert count(engine, Person) == 2
    assert analyst.get(path(look)).title == "Imported"


def test_one_new_row_is_said_in_the_singular_in_swedish(analyst):
    analyst.post("/language", language="sv")
    look = upload(analyst, a_file("persons", "id,name", "P1,Åsa Ek"))

    assert "1 ny, 0 ändras, 0 är som de är. Ingenting är gjort än." in look.text
    assert "1 ny, 0 ändrade, 0 som de var." in analyst.post(path(look)).text


def test_problems_are_shown_by_row_with_what_to_do(analyst):
    look = upload(analyst, BAD)

    assert "One row is rejected: nothing is brought in until it is mended or left out." in look.text
    assert "persons.csv, row 2" in look.text
    assert "There is no such day." in look.text
    assert "Write 1990-02-28 if that is meant." in look.text
    assert "persons.csv, row 1" in look.text


def test_the_list_of_problems_can_be_searched_and_filtered(analyst):
    address = path(upload(analyst, BAD))

    notes = analyst.get(address, weight="note").text
    found = analyst.get(address, q="shoe").text

    assert ("row 1" in notes, "row 2" in notes) == (True, False)
    assert ("row 1" in found, "row 2" in found) == (True, False)


def test_the_rest_can_be_brought_in_and_the_rejected_rows_taken_home(analyst, engine):
    look = upload(analyst, BAD)

    done = analyst.post(path(look), skip_rejected="on")

    assert "One row was left out" in done.text
    assert count(engine, Person) == 1
    answer = analyst.client.get(f"{path(look)}/rejected")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.read("persons.csv").decode().splitlines() == [
            "id,name,birth_date,shoe",
            "P1,Åsa Ek,1990-02-30,42",
        ]


def test_the_problems_can_be_downloaded(analyst):
    look = upload(analyst, BAD)

    answer = analyst.client.get(f"{path(look)}/problems")

    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [(row["row"], row["column"], row["value"]) for row in rows] == [
        ("1", "shoe", "shoe"),
        ("2", "birth_date", "1990-02-30"),
    ]
    assert "attachment" in answer.headers["content-disposition"]


def test_rows_rejected_since_the_look_bring_nothing_in(analyst, engine, programme):
    look = upload(analyst, PERSONS)
    with transaction(engine) as db:
        a_person(db, programme, MONDAY, "Lom", external_id="P1", edited_by_hand=True)

    again = analyst.post(path(look))

    assert again.status == 422
    assert "Since you looked, something changed here" in again.text
    assert "Changed here by hand: stored is “1998-05-17”, the file says “1990-01-01”." in again.text
    assert count(engine, Person) == 1


def test_an_upload_is_kept_for_an_hour_for_the_one_who_made_it(analyst, browser, clock):
    address = path(upload(analyst, PERSONS))

    assert browser(Role.COORDINATOR_POLICE).get(address).status == 404
    clock.move(minutes=59)
    assert browser(Role.ANALYST).get(address).status == 200
    clock.move(minutes=1)
    assert browser(Role.ANALYST).get(address).status == 404


def test_the_next_upload_throws_the_last_one_away_and_never_takes_its_place(analyst, engine):
    first = path(upload(analyst, PERSONS))
    second = path(upload(analyst, BAD))

    assert first != second
    assert analyst.get(first).status == 404
    assert count(engine, ImportDraft) == 1


def test_an_upload_of_somebody_who_left_is_gone_after_the_hour(analyst, browser, engine, clock):
    upload(analyst, PERSONS)
    clock.move(hours=1)

    upload(browser(Role.COORDINATOR_POLICE), PERSONS)

    assert count(engine, ImportDraft) == 1


def test_an_upload_can_be_thrown_away(analyst, engine):
    address = path(upload(analyst, PERSONS))

    assert analyst.post(f"{address}/throw-away").title == "Import"
    assert count(engine, ImportDraft) == 0


def test_an_archive_can_be_uploaded_and_an_export_is_one(analyst, browser):
    upload(analyst, *a_town()[:-1])
    coordinator = browser(Role.COORDINATOR_POLICE)
    coordinator.post(path(upload(coordinator, *a_town())))

    answer = coordinator.client.post(
        "/export", data={"csrf_token": coordinator.token(), "purpose": "Yearly check"}
    )

    assert answer.headers["content-type"] == "application/zip"
    archive = a_file("export.zip")
    look = upload(coordinator, type(archive)(name="export.zip", content=answer.content))
    assert look.text.count("There is nothing new in these files.") == 1


@pytest.mark.parametrize(
    ("files", "message"),
    [
        pytest.param((), "Choose the files to bring in.", id="nothing chosen"),
        pytest.param((PERSONS, PERSONS), "Two of the files have the same name", id="one twice"),
        pytest.param((a_file("a.zip", "no"),), "The archive cannot be opened.", id="no archive"),
    ],
)
def test_files_that_cannot_be_taken_are_said_by_the_field(analyst, files, message):
    page = upload(analyst, *files)

    assert page.status == 422
    assert message in page.text


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xfei\x00d", b'id,name\nP1,"', b"\x00\x01\x02", b"\n\n"]
)
def test_no_file_leads_to_a_traceback(analyst, content):
    look = upload(analyst, type(PERSONS)(name="persons.csv", content=content))

    assert look.status == 200
    assert "nothing is brought in" in look.text.lower()


def test_an_export_needs_a_purpose(analyst):
    page = analyst.post("/export", purpose=" ")

    assert page.status == 422
    assert "Fill this in." in page.text


def test_the_log_knows_of_upload_look_import_and_of_whom_a_look_told(analyst, engine, programme):
    with transaction(engine) as db:
        known = a_person(db, programme, MONDAY, "Lom", external_id="P1", edited_by_hand=True).id
    look = upload(analyst, PERSONS)
    analyst.post(path(look), skip_rejected="on")

    with transaction(engine) as db:
        entries = db.execute(select(AuditEntry).order_by(AuditEntry.id)).scalars().all()
    kinds = [entry.kind for entry in entries if entry.kind.startswith("import:")]
    assert kinds[:3] == ["import:uploaded", "import:run", "import:done"]
    shown = next(entry for entry in entries if entry.kind == "import:run")
    assert shown.subjects == f'{{"person": [{known}]}}'


@pytest.mark.parametrize("address", ["/import", "/export", "/import/drafts/1"])
def test_the_pages_are_for_police_coordinator_and_analyst(browser, address):
    for role in Role:
        status = browser(role).get(address).status
        allowed = role in (Role.COORDINATOR_POLICE, Role.ANALYST)
        assert (status == 403) is not allowed, role


def test_a_stale_hour_is_counted_from_the_upload(analyst, browser, clock):
    address = path(upload(analyst, PERSONS))
    clock.now += timedelta(minutes=30)
    browser(Role.ANALYST).get(address)
    clock.now += timedelta(minutes=31)

    assert browser(Role.ANALYST).post(address).status == 404
