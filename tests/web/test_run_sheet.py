"""The run sheet: when what happens, who speaks, who does what; nobody who is invited on it."""

from datetime import timedelta
from io import BytesIO

import pytest
from pypdf import PdfReader
from sqlalchemy import select

from gvi.domain.access import Role
from gvi.store.engine import reading, transaction
from gvi.store.models import AuditEntry, AuditSubject, CallIn, Paper
from tests import factories as make
from tests.conftest import MONDAY

POLICE, MUNICIPAL = Role.COORDINATOR_POLICE, Role.COORDINATOR_MUNICIPAL
START = MONDAY.replace(month=4, day=9, hour=15, minute=30)


@pytest.fixture
def call_in(engine, browser, programme):
    """Lom is invited; a mother speaks for ten minutes after the doors."""
    with transaction(engine) as db:
        group = make.a_group(db, programme, MONDAY, "Granit")
        meeting = make.a_call_in(
            db, programme, START, venue="Folkets hus", status="draft", created_at=MONDAY
        )
        lom = make.a_person(db, programme, MONDAY, "Lom", name="Åke Älgmark")
        make.an_invitee(db, meeting, lom, group_id=group.id)
        number = meeting.id
    browser(POLICE).post(f"/call-ins/{number}/step", to="approved")
    url = f"/call-ins/{number}/speakers/new"
    browser(POLICE).post(url, kind="nobody", role="Insläpp", minutes="15")
    mother = {"kind": "moral_voice", "role": "En mamma", "name": "Rut #Ekdal", "minutes": "10"}
    care = {"before": "Eva möter", "after": "Eva kör hem", "parts": ["not_die"]}
    browser(POLICE).post(url, **mother, **care)
    return number


def printed(browser, call_in, role=MUNICIPAL, **asked):
    given = {"kind": "run_sheet", "language": "sv", "as": "pdf", "purpose": "Genrep"}
    client = browser(role)
    return client.client.post(
        f"/call-ins/{call_in}/papers/new", data={"csrf_token": client.token()} | given | asked
    )


def said(answer):
    assert answer.status_code == 200, answer.text
    pages = PdfReader(BytesIO(answer.content)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


def test_it_says_when_who_speaks_on_what_and_who_does_what(browser, call_in):
    text = said(printed(browser, call_in))

    for words in (
        "Thu 9 Apr 2026 17:30. Folkets hus",
        "17:30–17:45",
        "17:45–17:55",
        "Rut #Ekdal, not rehearsed",
        "En mamma, Rut #Ekdal",
        "We do not want you to die",
        "Eva möter",
        "Eva kör hem",
        "Dress rehearsal",
        "Ask the speakers how they are",
        "Nobody is to speak on this part of the message",
        "Purpose: Genrep.",
    ):
        assert words in text, words
    assert "Älgmark" not in text
    assert "Lom" not in text


def test_it_can_be_read_aloud(browser, call_in):
    file = PdfReader(BytesIO(printed(browser, call_in).content))

    assert file.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert b"pdfuaid" in file.trailer["/Root"]["/Metadata"].get_data()


def test_as_a_page_it_says_the_same(browser, call_in):
    answer = printed(browser, call_in, **{"as": "page"})

    assert answer.status_code == 200
    for words in ("17:45–17:55", "Rut #Ekdal", "Eva kör hem", "Genrep"):
        assert words in answer.text
    assert "Älgmark" not in answer.text


def test_it_is_a_paper_with_a_code_and_the_log_names_its_speakers_and_no_invitee(
    browser, engine, call_in
):
    printed(browser, call_in)
    printed(browser, call_in)

    with reading(engine) as db:
        papers = db.scalars(select(Paper).order_by(Paper.id)).all()
        assert [(paper.kind, paper.version, paper.people) for paper in papers] == [
            ("run_sheet", 1, 1),
            ("run_sheet", 2, 1),
        ]
        entry = db.scalars(select(AuditEntry.id).where(AuditEntry.kind == "paper:printed")).first()
        things = set(
            db.scalars(select(AuditSubject.thing).where(AuditSubject.entry_id == entry)).all()
        )
    assert "speaker" in things
    assert "person" not in things


@pytest.mark.parametrize("why", ["nobody speaks", "no time", "held"])
def test_there_is_none_where_there_is_nothing_to_run(browser, engine, programme, call_in, why):
    with transaction(engine) as db:
        meeting = db.get_one(CallIn, call_in)
        if why == "no time":
            meeting.starts_at = None
        elif why == "held":
            meeting.status = "held"
        else:
            call_in = make.a_call_in(db, programme, START + timedelta(days=1), status="draft").id

    assert printed(browser, call_in).status_code == 422


def test_only_coordinators_print_it(browser, call_in):
    for role in (Role.PROBATION, Role.COMMUNITY, Role.ANALYST):
        assert printed(browser, call_in, role).status_code == 403
