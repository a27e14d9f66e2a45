"""No file that leaves runs anything in a spreadsheet; what comes back by import is as it was."""

import csv
import io

import pytest

from gvi.domain.access import Role
from gvi.store.engine import transaction
from gvi.usecases.exchange import export_files, import_files
from tests.client import Browser, address_of
from tests.conftest import MONDAY, ZONE
from tests.factories import a_disclosure, a_group, a_membership, a_person, an_incident

STARTS = ["=", "+", "-", "@", "\t=", "\r=", " =", "＝", "a;=", "a;\n+"]  # noqa: RUF001
PURPOSE = "yearly report;=1+1"


def cells(content: bytes, delimiter: str) -> list[str]:
    """Give a file's cells as a spreadsheet set to that delimiter parts them, quoted or not."""
    text = content.decode("utf-8-sig")
    read = [cell for row in csv.reader(io.StringIO(text), delimiter=",") for cell in row]
    if delimiter == ",":
        return read
    return [part for line in text.splitlines() for part in line.split(delimiter)]


def dangerous(content: bytes) -> list[str]:
    return [
        cell
        for delimiter in (",", ";")
        for cell in cells(content, delimiter)
        if cell.strip(' "')[:1] in {*"=+-@＝", "\t", "\r"} and not _is_number(cell)  # noqa: RUF001
    ]


def _is_number(cell: str) -> bool:
    return cell.strip(' "').lstrip("-").replace(".", "").isdigit()


def taken_out(who: Browser, url: str, **data: str) -> bytes:
    given = {"csrf_token": who.token(), "purpose": PURPOSE, **data}
    answer = who.client.post(address_of(who.client, url), data=given)
    assert answer.headers["content-type"].startswith("text/csv")
    return answer.content


@pytest.fixture
def lom(engine, programme, viewer) -> int:
    """A person of whom every field that somebody fills would run; gives the last one's id."""
    me = viewer(Role.COORDINATOR_POLICE).user_id
    with transaction(engine) as db:
        for number, start in enumerate(STARTS):
            text = f"{start}HYPERLINK({number})"
            id_ = " ".join(text.split())
            said = {"name": text, "source": text, "area": text}
            person = a_person(db, programme, MONDAY, text, external_id=id_, **said)
            group = a_group(db, programme, MONDAY, text, external_id=id_, source=text)
            a_membership(db, MONDAY, person, group, source=text)
            an_incident(db, programme, MONDAY, place=text, summary=text, source=text)
            given = {"weighing": text, "recipient_name": text, "organisation": text}
            a_disclosure(
                db, MONDAY, person, "police", "social", by=me, to=None, frozen="{}", **given
            )
        return person.id


@pytest.mark.parametrize(
    ("role", "url"),
    [
        (Role.ANALYST, "/people/export"),
        (Role.ANALYST, "/groups/export"),
        (Role.ANALYST, "/incidents/export"),
        (Role.ANALYST, "/groups/scorecard/export"),
        (Role.COORDINATOR_POLICE, "/disclosures/export"),
        (Role.AUDITOR, "/audit/export"),
    ],
)
def test_no_list_runs_anything(browser, lom, role, url):
    taken_out(browser(Role.COORDINATOR_POLICE), "/people/export")
    content = taken_out(browser(role), url)

    assert b"HYPERLINK" in content or url == "/audit/export"
    assert dangerous(content) == []


def test_neither_does_the_extract(browser, lom):
    content = taken_out(browser(Role.COORDINATOR_POLICE), f"/people/{lom}/extract", format="csv")

    assert b"HYPERLINK" in content
    assert dangerous(content) == []


def test_the_exchange_files_begin_no_cell_with_a_formula_and_come_back_the_same(
    engine, programme, viewer, operator, lom
):
    with transaction(engine) as db:
        files = export_files(db, operator, purpose="moving", at=MONDAY, zone=ZONE).files
    for file in files:
        begins = [cell.lstrip()[:1] for cell in cells(file.content, ",") if not _is_number(cell)]
        assert not {*"=+-@＝"} & set(begins), file.name  # noqa: RUF001
    with transaction(engine) as db:
        report = import_files(db, operator, files, at=MONDAY, zone=ZONE).report
        again = export_files(db, operator, purpose="moving", at=MONDAY, zone=ZONE).files
    assert sum(each.created + each.updated + each.rejected for each in report.files) == 0
    assert [each.content for each in again] == [each.content for each in files]
