"""Papers of a call-in: what another program reads on them, what their codes tell, and to whom."""

import re
import subprocess
from datetime import date
from io import BytesIO

import pytest
from pypdf import PdfReader
from sqlalchemy import select

from gvi.domain.access import Role
from gvi.domain.call_in import InviteeStatus
from gvi.store.engine import reading, transaction
from gvi.store.models import AuditEntry, CallIn, Invitee, Paper, Person
from tests import factories as make
from tests.conftest import MONDAY

POLICE, MUNICIPAL, PROBATION = (
    Role.COORDINATOR_POLICE,
    Role.COORDINATOR_MUNICIPAL,
    Role.PROBATION,
)
NAMES = {
    "Lom": "Åke Älgmark",
    "Alka": "Noel #strong[Öst] \\ “x” {day}",
    "Tärna": "Håkan Nordén",
}
WHEN = MONDAY.replace(month=4, day=9, hour=15, minute=30)


@pytest.fixture
def call_in(engine, programme):
    """Lom and Alka are cleared, Tärna is only proposed, Mes is cleared and in custody by now."""
    with transaction(engine) as db:
        granit = make.a_group(db, programme, MONDAY, "Granit")
        meeting = make.a_call_in(
            db, programme, starts_at=WHEN, venue="Folkets hus, Älvstad", status="approved"
        )
        for code, name in (NAMES | {"Mes": "Mio Mes"}).items():
            person = make.a_person(db, programme, MONDAY, code, name=name)
            status = InviteeStatus.PROPOSED if code == "Tärna" else InviteeStatus.CLEARED
            make.an_invitee(db, meeting, person, status=status.value, group_id=granit.id)
            if code == "Mes":
                make.a_supervision(db, MONDAY, person, kind="custody")
        return meeting.id


def printed(browser, call_in, role=MUNICIPAL, **asked):
    given = {"kind": "letters", "language": "sv", "as": "pdf", "purpose": "Genrep, punkt 4"}
    client = browser(role)
    return client.client.post(
        f"/call-ins/{call_in}/papers/new", data={"csrf_token": client.token()} | given | asked
    )


def pages(answer):
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/pdf"
    return [page.extract_text() for page in PdfReader(BytesIO(answer.content)).pages]


def code_of(answer):
    return re.search(r'filename="(.+)\.pdf"', answer.headers["content-disposition"])[1]


def test_each_cleared_invitee_gets_a_letter_of_their_own_in_one_file(browser, call_in):
    letters = pages(printed(browser, call_in))

    assert len(letters) == 2
    both = "\n".join(letters)
    assert "Hej Åke Älgmark!" in both
    assert "torsdag 9 april 2026 klockan 17:30" in both
    assert "Folkets hus, Älvstad" in both
    assert "Mio" not in both, "who cannot come gets no letter"
    assert "Håkan" not in both, "who is not cleared gets no letter"


def test_signs_in_a_name_are_no_markup_and_no_places(browser, call_in):
    both = " ".join("\n".join(pages(printed(browser, call_in))).split())

    assert "Hej Noel #strong[Öst] \\ “x” {day}!" in both


@pytest.mark.parametrize(
    ("language", "day"),
    [("nb", "torsdag 9. april 2026"), ("en", "Thursday 9 April 2026")],
)
def test_letters_speak_the_language_that_was_chosen(browser, call_in, language, day):
    assert all(day in letter for letter in pages(printed(browser, call_in, language=language)))


def test_a_letter_can_be_read_aloud(browser, call_in):
    """PDF/UA-1: tagged, with a title, a language and a mark that says so."""
    file = PdfReader(BytesIO(printed(browser, call_in).content))
    root = file.trailer["/Root"]

    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "sv"
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert file.metadata.title == "Inbjudan till ett möte"
    assert b"pdfuaid" in root["/Metadata"].get_data()
    tags = set(tags_under(root["/StructTreeRoot"]))
    assert {"/Document", "/H1", "/P"} <= tags


def tags_under(element):
    if isinstance(element, list):
        for each in element:
            yield from tags_under(each.get_object())
    elif isinstance(element, dict):
        yield from [element["/S"]] if "/S" in element else []
        yield from tags_under(element["/K"].get_object()) if "/K" in element else []


def test_every_page_is_stamped_with_who_when_what_for_and_its_code(browser, call_in):
    answer = printed(browser, call_in)

    for page in pages(answer):
        said = " ".join(page.split())
        assert code_of(answer) in said
        assert "Printed by Test coordinator_municipal, Mon 2 Mar 2026 08:30." in said
        assert "Purpose: Genrep, punkt 4." in said


def test_a_door_list_tells_no_groups_and_a_roster_does(browser, call_in):
    door, roster = (
        " ".join(pages(printed(browser, call_in, kind=kind))) for kind in ("door_list", "roster")
    )

    assert "Åke Älgmark" in door
    assert "Granit" not in door
    assert "Håkan Nordén" not in door
    assert "Åke Älgmark" in roster
    assert "Granit" in roster
    assert "Håkan Nordén" in roster


def test_a_list_is_also_a_page_to_print(browser, call_in):
    page = browser(POLICE).post(
        f"/call-ins/{call_in}/papers/new",
        **{"kind": "door_list", "as": "page", "purpose": "The door", "language": "sv"},
    )

    assert page.title == "Door list"
    assert "Åke Älgmark" in page.text
    assert "Purpose: The door." in page.text


@pytest.mark.parametrize(
    "changed",
    [{"is_protected": True}, {"birth_date": date(2012, 5, 1)}],
    ids=["protected", "under 18"],
)
@pytest.mark.parametrize("role", [POLICE, MUNICIPAL])
def test_who_may_never_be_invited_stands_on_no_paper(browser, call_in, engine, role, changed):
    with transaction(engine) as db:
        person = db.scalars(select(Person).where(Person.code_name == "Tärna")).one()
        for name, value in changed.items():
            setattr(person, name, value)

    roster = " ".join(pages(printed(browser, call_in, role, kind="roster")))

    assert "Åke Älgmark" in roster
    assert "Håkan" not in roster
    assert "Tärna" not in roster


@pytest.mark.parametrize("status", ["draft", "postponed", "cancelled", "held"])
@pytest.mark.parametrize("kind", ["letters", "door_list"])
def test_letters_and_door_lists_wait_for_the_approval(browser, call_in, engine, kind, status):
    with transaction(engine) as db:
        db.get_one(CallIn, call_in).status = status

    answer = printed(browser, call_in, kind=kind)

    assert answer.status_code == 422
    assert "of an approved call-in that is to come" in answer.text
    assert browser(MUNICIPAL).get(f"/call-ins/{call_in}/papers").text.count("version") == 0


def test_a_letter_never_says_a_code_name(browser, call_in, engine):
    with transaction(engine) as db:
        nobody = make.a_person(db, db.get_one(CallIn, call_in).programme_id, MONDAY, "Järpe")
        made = select(Invitee.group_id).where(Invitee.call_in_id == call_in)
        group_id = db.scalars(made).first()
        meeting = db.get_one(CallIn, call_in)
        make.an_invitee(db, meeting, nobody, status="cleared", group_id=group_id)

    answer = printed(browser, call_in)

    assert answer.status_code == 422
    assert "a letter never says a code name" in answer.text


@pytest.mark.parametrize("sign", ["ተስፋ", "\N{GRINNING FACE}"])
def test_a_sign_no_font_has_is_said_and_nothing_is_registered(browser, call_in, engine, sign):
    answer = printed(browser, call_in, purpose=f"Genrep {sign}")

    assert answer.status_code == 422
    assert "a sign that PDFs from here cannot show" in answer.text
    with reading(engine) as db:
        assert db.scalars(select(Paper)).all() == []


def test_a_code_tells_its_version_and_its_destruction(browser, call_in, clock):
    first = code_of(printed(browser, call_in, kind="roster"))
    typed = first.lower().replace("-", " ")
    assert "It is the newest of its kind." in browser(PROBATION).get("/papers", code=typed).text
    clock.move(hours=1)
    second = code_of(printed(browser, call_in, kind="roster"))

    found = browser(PROBATION).get("/papers", code=typed)
    assert "Roster, version 1 of 2" in found.text
    assert "A newer one was printed since. Destroy this one." in found.text
    assert "Genrep, punkt 4" in found.text
    assert "Genrep" not in browser(Role.AUDITOR).get("/papers", code=typed).text
    assert not any(name in found.html for name in NAMES.values())

    form = next(f for f in found.all("form") if f.get("action").endswith("/destroyed"))
    gone = browser(PROBATION).post(form.get("action"))
    assert "It is marked as destroyed." in gone.text
    assert "by Test probation" in gone.text
    assert "not yet" in browser(POLICE).get("/papers", code=second).text
    assert browser(POLICE).post(form.get("action")).status in (409, 422)
    assert "One paper is in circulation." in browser(POLICE).get(f"/call-ins/{call_in}/papers").text


def test_a_code_nobody_printed_is_said_to_be_none(browser, call_in):
    assert "No paper here bears that code." in browser(POLICE).get("/papers", code="AAAA").text


def test_the_log_names_everybody_on_a_paper_and_the_purpose(browser, call_in, engine):
    printed(browser, call_in)

    with reading(engine) as db:
        entry = db.scalars(select(AuditEntry).where(AuditEntry.kind == "paper:printed")).one()
        people = dict(db.execute(select(Person.code_name, Person.id)).all())
        paper = db.scalars(select(Paper)).one()
    assert entry.purpose == "Genrep, punkt 4"
    assert entry.verb == "disclosed"
    assert f'"person": [{people["Lom"]}, {people["Alka"]}]' in entry.subjects
    assert paper.people == 2


@pytest.mark.parametrize("missing", ["purpose", "kind"])
def test_nothing_is_printed_without_a_purpose(browser, call_in, engine, missing):
    answer = printed(browser, call_in, **{missing: ""})

    assert answer.status_code == 422
    with reading(engine) as db:
        assert db.scalars(select(Paper)).all() == []


def test_a_letter_waits_for_day_and_venue(browser, call_in, engine):
    with transaction(engine) as db:
        db.get_one(CallIn, call_in).venue = ""

    answer = printed(browser, call_in)

    assert answer.status_code == 422
    assert "A letter says when and where: set both first." in answer.text


def test_new_words_stand_in_the_next_letters_and_a_misspelt_place_is_refused(browser, call_in):
    words = {"heading": "Välkommen", "body": "Hej {name},\r\nsistaraden.\r\n\r\nVi ses i {venue}."}
    refused = browser(MUNICIPAL).post("/letters/sv", **words | {"body": "Hej {name} {vneue}"})
    assert refused.status == 422
    assert "{vneue} is nothing that can be filled in." in refused.text
    assert browser(MUNICIPAL).post("/letters/sv", **words | {"body": "Hej"}).status == 422

    assert "Version 1 of the programme." in browser(MUNICIPAL).post("/letters/sv", **words).text

    letters = pages(printed(browser, call_in))
    assert all("Välkommen" in letter and "sistaraden." in letter for letter in letters)
    assert "Vi ses i Folkets hus, Älvstad." in letters[0]
    assert "Invitasjon" in pages(printed(browser, call_in, language="nb"))[0]


@pytest.mark.parametrize("role", [PROBATION, Role.ANALYST, Role.STEERING, Role.ADMIN])
def test_who_runs_no_call_ins_prints_nothing(browser, call_in, role):
    assert browser(role).get(f"/call-ins/{call_in}/papers/new").status == 403
    assert browser(role).get("/letters/sv").status == 403


def test_printing_asks_who_it_is_once_more(browser, call_in, clock):
    police = browser(POLICE)
    clock.move(minutes=29)

    page = police.get(f"/call-ins/{call_in}/papers/new")

    assert "/confirm" in page.url


def test_pdftotext_reads_the_same_letters(browser, call_in, tmp_path):
    file = tmp_path / "letters.pdf"
    file.write_bytes(printed(browser, call_in).content)
    try:
        read = subprocess.run(["pdftotext", file, "-"], capture_output=True, check=True)
    except FileNotFoundError:
        pytest.skip("there is no pdftotext on this machine")
    assert "Hej Åke Älgmark!" in read.stdout.decode()
