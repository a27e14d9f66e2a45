"""Sessions on screen and on paper: each its own time, door, list and letters, and who is moved."""

from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest
import vobject
from pypdf import PdfReader
from sqlalchemy import select

from gvi.domain.access import Role
from gvi.store.engine import reading, transaction
from gvi.store.models import CallIn, CallInGroup, CallInSession, Clearance, Invitee, Person, User
from tests import factories as make
from tests.client import NS
from tests.conftest import MONDAY, ZONE

POLICE, MUNICIPAL, PROBATION = (
    Role.COORDINATOR_POLICE,
    Role.COORDINATOR_MUNICIPAL,
    Role.PROBATION,
)
FIRST = datetime(2026, 4, 9, 15, 30, tzinfo=UTC)
SECOND = FIRST + timedelta(minutes=150)
SEATED = {"Lom": 1, "Alka": 1, "Mes": 2, "Siska": 2}


@pytest.fixture
def meeting(engine, programme):
    """Two groups in open conflict, each in a session; everybody is cleared and asked."""
    with transaction(engine) as db:
        call_in = make.a_call_in(
            db,
            programme,
            FIRST,
            seats=6,
            sessions=2,
            venue="Folkets hus",
            status="invited",
            created_at=MONDAY,
            approved_at=MONDAY,
            approved_by_id=db.scalars(select(User.id).order_by(User.id)).first(),
        )
        later = {"programme_id": programme, "call_in_id": call_in.id}
        db.add(CallInSession(number=2, starts_at=SECOND, venue="Arenan", **later))
        granit = make.a_group(db, programme, MONDAY, "Granit")
        kajen = make.a_group(db, programme, MONDAY, "Kajen")
        make.a_relation(db, MONDAY, granit, kajen)
        found = {"id": call_in.id, "url": f"/call-ins/{call_in.id}"}
        for group in (granit, kajen):
            db.add(CallInGroup(call_in_id=call_in.id, group_id=group.id))
        for code, session in SEATED.items():
            group = granit if session == 1 else kajen
            person = make.a_person(db, programme, MONDAY, code, name=f"{code} Larsson")
            make.a_membership(db, MONDAY, person, group)
            invitee = make.an_invitee(
                db, call_in, person, session=session, group_id=group.id, status="confirmed"
            )
            for kind in ("safety", "secrecy"):
                db.add(
                    Clearance(
                        programme_id=programme,
                        invitee_id=invitee.id,
                        kind=kind,
                        is_cleared=True,
                        reason="Asked",
                        judged_at=MONDAY,
                    )
                )
            found[code] = invitee.id
        return found


def said(element):
    return " ".join(" ".join(element.itertext()).split())


def printed(browser, meeting, **asked):
    given = {"kind": "letters", "language": "sv", "as": "pdf", "purpose": "Kvällen"}
    client = browser(MUNICIPAL)
    answer = client.client.post(
        f"{meeting['url']}/papers/new", data={"csrf_token": client.token()} | given | asked
    )
    assert answer.status_code == 200, answer.text
    return answer


def pages(answer):
    return [
        " ".join(page.extract_text().split()) for page in PdfReader(BytesIO(answer.content)).pages
    ]


def test_a_letter_tells_the_own_session_and_never_another(browser, meeting):
    letters = {text: text for text in pages(printed(browser, meeting))}

    assert len(letters) == 4
    for text in letters:
        is_first = "Lom" in text or "Alka" in text
        assert ("17:30" in text) == ("Folkets hus" in text) == is_first
        assert ("20:00" in text) == ("Arenan" in text) == (not is_first)


@pytest.mark.parametrize("kind", ["roster", "door_list"])
def test_each_session_has_a_list_of_its_own(browser, meeting, kind):
    one, two = pages(printed(browser, meeting, kind=kind))

    assert "Session 1, Thu 9 Apr 2026 17:30, Folkets hus" in one
    assert "Session 2, Thu 9 Apr 2026 20:00, Arenan" in two
    assert ("Lom" in one, "Mes" in one) == (True, False)
    assert ("Lom" in two, "Mes" in two) == (False, True)
    shown = printed(browser, meeting, kind=kind, **{"as": "page"}).text
    assert shown.count("paper-part") == 2


def test_the_run_sheet_has_the_times_of_each_session(browser, meeting):
    browser(POLICE).post(
        f"{meeting['url']}/speakers/new", kind="partner", role="Polischef", minutes="10"
    )

    text = " ".join(pages(printed(browser, meeting, kind="run_sheet")))

    assert "17:30–17:40" in text
    assert "20:00–20:10" in text
    order = browser(POLICE).get(f"{meeting['url']}/speakers")
    assert "17:30–17:40 20:00–20:10" in said(order.one("table"))


def test_calendars_have_an_entry_for_each_session_without_names(browser, meeting):
    answer = browser(PROBATION).client.get(f"{meeting['url']}/calendar.ics")

    events = vobject.readOne(answer.content.decode()).contents["vevent"]
    assert [(e.dtstart.value, e.location.value) for e in events] == [
        (FIRST.astimezone(ZONE), "Folkets hus"),
        (SECOND.astimezone(ZONE), "Arenan"),
    ]
    assert len({e.uid.value for e in events}) == 2
    assert "Larsson" not in answer.text


def test_a_session_is_moved_on_its_page_and_everything_says_so(browser, meeting, engine, clock):
    first = printed(browser, meeting)
    code = first.headers["content-disposition"].partition('"')[2][:11]
    police = browser(POLICE)
    assert "It is the newest of its kind." in police.get(f"/papers?code={code}").text
    page = police.get(f"{meeting['url']}/sessions")
    assert page.one("input", name="starts_at-2").get("value") == "2026-04-09T20:00"
    clock.move(minutes=5)
    given = {"starts_at-2": "2026-04-10T18:00", "venue-2": "Arenan"}

    refused = police.post(f"{meeting['url']}/sessions", **given, reason="")
    assert refused.status == 422
    assert refused.one("input", name="starts_at-2").get("value") == "2026-04-10T18:00"
    early = police.post(
        f"{meeting['url']}/sessions", **given | {"starts_at-2": "2026-04-09T19:00"}, reason="Now"
    )
    assert "Session 2 would begin before" in early.text
    done = police.post(f"{meeting['url']}/sessions", **given, reason="The hall")

    assert done.status == 200
    assert "Session 2 moved from Thu 9 Apr 20:00 to Fri 10 Apr 18:00" in said(done.one("main"))
    assert (
        "something it says, or whom it is for, was changed"
        in police.get(f"/papers?code={code}").text
    )
    assert "Out of date" in police.get(f"{meeting['url']}/papers").text
    with reading(engine) as db:
        status = dict(db.execute(select(Invitee.session, Invitee.status).distinct()).all())
        assert status == {1: "confirmed", 2: "invited"}
        assert db.scalars(select(CallIn.status)).one() == "invited"


def test_one_session_is_as_simple_as_ever(browser, meeting, engine):
    with transaction(engine) as db:
        db.scalars(select(CallIn)).one().sessions = 1
        for invitee in db.scalars(select(Invitee)):
            invitee.session = 1

    page = browser(POLICE).get(meeting["url"])

    assert "ession 1" not in page.text
    assert "Another session" not in page.text
    assert "Not to meet" not in page.text
    assert "This call-in has one session" in browser(POLICE).get(f"{meeting['url']}/sessions").text


def test_who_is_not_to_meet_is_listed_and_somebody_is_moved_only_with_a_reason(
    browser, meeting, engine
):
    police = browser(POLICE)
    shown = police.get(meeting["url"])
    assert "Granit – Kajen Different sessions" in said(
        shown.one("section", aria_labelledby="apart")
    )
    url = f"{meeting['url']}/sessions/{meeting['Lom']}"
    ask = police.get(url)
    assert "Mes Larsson (Groups in open conflict)" in ask.text
    assert "give a new letter" in ask.text

    refused = police.post(url, session="2", reason="")
    assert refused.status == 422
    assert "would meet whom they are kept apart from" in refused.text
    police.post(url, session="2", reason="They made peace")

    after = police.get(meeting["url"])
    assert "Granit – Kajen Meet in session 2" in said(after.one("section", aria_labelledby="apart"))
    with reading(engine) as db:
        lom = db.get_one(Invitee, meeting["Lom"])
        assert (lom.session, lom.status) == (2, "invited")
    full = police.post(f"{meeting['url']}/sessions/{meeting['Alka']}", session="2", reason="Too")
    assert "Session 2 is full" in full.text
    assert browser(MUNICIPAL).get(url).status == 403


def test_each_session_has_a_door_that_knows_who_is_of_the_other(browser, meeting, clock):
    clock.move(days=38, hours=7)
    police, url = browser(POLICE), f"{meeting['url']}/door"

    one = police.get(url)
    names = [said(each) for each in one.one("ol", class_="door-list").iter(f"{NS}h2")]
    assert names == ["Alka Larsson", "Lom Larsson"]
    others = said(one.one("section", aria_labelledby="others"))
    assert "Mes Larsson Session 2, Thu 9 Apr 20:00–22:00, Arenan" in others.replace(
        "today", "Thu 9 Apr"
    )
    assert "Not to meet here Alka Larsson, Lom Larsson" in others
    two = police.get(f"{url}?session=2")
    assert "The door is not open yet" in two.text


@pytest.mark.parametrize("how", ["proposed", "held back", "protected"])
@pytest.mark.parametrize("role", [POLICE, MUNICIPAL])
def test_who_is_not_let_in_is_not_named_as_somebody_not_to_meet(
    browser, meeting, engine, how, role
):
    with transaction(engine) as db:
        mes = db.get_one(Invitee, meeting["Mes"])
        if how == "protected":
            db.get_one(Person, mes.person_id).is_protected = True
        else:
            for each in db.scalars(select(Clearance).where(Clearance.invitee_id == mes.id)):
                each.ended_at = MONDAY
        if how == "proposed":
            mes.status = "proposed"
        elif how == "held back":
            db.add(make.a_no(mes, MONDAY))

    page = browser(role).get(f"{meeting['url']}/door?session=2")

    others = said(page.one("section", aria_labelledby="others"))
    assert "Not to meet here Siska Larsson" in others
    assert "Mes" not in page.text


def not_judged(engine, invitee_id):
    with transaction(engine) as db:
        db.get_one(Invitee, invitee_id).status = "proposed"
        for each in db.scalars(select(Clearance).where(Clearance.invitee_id == invitee_id)):
            each.ended_at = MONDAY


def moved_to_two(browser, meeting, clock):
    clock.move(minutes=5)
    url = f"{meeting['url']}/sessions/{meeting['Lom']}"
    assert browser(POLICE).post(url, session="2", reason="They made peace").status == 200


def counting_yes(engine, invitee_id):
    given = (Clearance.invitee_id == invitee_id, Clearance.ended_at.is_(None))
    with reading(engine) as db:
        return db.scalars(select(Clearance.kind).where(*given)).all()


def test_a_yes_on_the_page_of_all_from_before_a_move_is_not_signed(browser, meeting, engine, clock):
    not_judged(engine, meeting["Lom"])
    url, lom = f"{meeting['url']}/clearance/safety", meeting["Lom"]
    seen = browser(POLICE).get(url).one("input", name="seen").get("value")
    moved_to_two(browser, meeting, clock)
    given = {f"judgement-{meeting[each]}": "yes" for each in SEATED}
    given[f"reason-{lom}"] = "No threat in session 1"

    page = browser(POLICE).post(url, seen=seen, **given)

    assert page.status == 409
    assert "Changed meanwhile: it is now Session 2" in page.text
    assert "No threat in session 1" in page.html
    assert counting_yes(engine, lom) == []
    again = page.one("input", name="seen").get("value")
    browser(POLICE).post(url, seen=again, **given)
    assert counting_yes(engine, lom) == ["safety"]


def test_a_yes_on_the_own_page_from_before_a_move_is_not_signed(browser, meeting, engine, clock):
    not_judged(engine, meeting["Lom"])
    url = f"{meeting['url']}/invitees/{meeting['Lom']}"
    seen = browser(POLICE).get(url).all("input", name="seen")[-1].get("value")
    moved_to_two(browser, meeting, clock)

    page = browser(POLICE).post(
        f"{url}/clearance/safety", judgement="yes", reason="No threat", seen=seen
    )

    assert "It is now so: Session: 2" in page.text
    assert counting_yes(engine, meeting["Lom"]) == []


def test_the_api_knows_a_clearance_from_before_a_move_as_an_older_one(
    browser, meeting, engine, clock
):
    not_judged(engine, meeting["Lom"])
    url = f"/api/v1/call-ins/{meeting['id']}/invitees/{meeting['Lom']}/clearance"
    before = browser(POLICE).client.get(url)
    moved_to_two(browser, meeting, clock)
    after = browser(POLICE).client.get(url)

    assert (before.json()["session"], after.json()["session"]) == (1, 2)
    assert before.headers["etag"] != after.headers["etag"]


def test_a_tick_at_the_second_door_leads_back_to_it(browser, meeting, clock, engine):
    clock.move(days=38, hours=9)
    police, url = browser(POLICE), f"{meeting['url']}/door"

    two = police.get(f"{url}?session=2")
    form = next(two.one("ol", class_="door-list").iter(f"{NS}form"))
    fields = {each.get("name"): each.get("value") for each in form.iter(f"{NS}input")}
    ticked = police.post(f"{url}?session=2", outcome="attended", **fields)
    assert ticked.status == 200
    assert ticked.address.partition("#")[0].endswith("/door?session=2")
    assert "1 of 2 are here" in ticked.text
    with reading(engine) as db:
        assert db.get_one(Invitee, meeting["Mes"]).status == "attended"


def test_who_comes_to_a_session_that_has_not_begun_is_recorded_from_then_on(
    browser, meeting, clock
):
    clock.move(days=38, hours=9)

    page = browser(POLICE).get(f"{meeting['url']}/attendance")

    assert "Lom Larsson" in page.text
    assert "Mes Larsson" not in page.text
    assert "Not begun, and recorded here from then on: Session 2" in page.text


def test_postponing_says_that_all_sessions_move(browser, meeting):
    police = browser(POLICE)
    assert "All sessions move" in police.get(f"{meeting['url']}/postpone").text

    police.post(f"{meeting['url']}/postpone", starts_at="2026-04-16T17:00", reason="A shooting")

    answer = police.json(f"/api/v1/call-ins/{meeting['id']}")
    assert [each["starts_at"] for each in answer["session_times"]] == [
        "2026-04-16T15:00:00Z",
        "2026-04-16T17:30:00Z",
    ]


def test_probation_reads_when_the_own_clients_session_is(browser, meeting, engine):
    with transaction(engine) as db:
        officer = db.scalars(select(User.id).where(User.role == PROBATION.value)).one()
        make.a_client(db, MONDAY, db.get_one(Person, person_of(db, meeting["Mes"])), officer)

    page = browser(PROBATION).get("/my-people")

    assert "Thu 9 Apr 20:00" in said(page.one("main"))
    assert "17:30" not in said(page.one("main"))


def person_of(db, invitee_id):
    return db.get_one(Invitee, invitee_id).person_id
