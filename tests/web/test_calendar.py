"""Call-ins in a calendar: what a program reads, that it follows every change, and who may read."""

from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
import vobject
from dateutil.tz import tzical
from sqlalchemy import select

from gvi.domain.access import Role
from gvi.store.engine import reading, transaction
from gvi.store.models import AuditEntry, CalendarFeed
from gvi.usecases.user import change_user
from tests import factories as make
from tests.conftest import MONDAY, ZONE

POLICE, MUNICIPAL, STEERING = Role.COORDINATOR_POLICE, Role.COORDINATOR_MUNICIPAL, Role.STEERING
NEW = {
    "name": "Call-in Viktor",
    "starts_at": "2026-04-09T17:30",
    "venue": "Folkets hus, Älvstad",
    "purpose": "Viktor Älgmark shall hear it",
    "seats": "3",
}


@pytest.fixture
def group(engine, programme):
    with transaction(engine) as db:
        granit = make.a_group(db, programme, MONDAY, "Granit")
        viktor = make.a_person(db, programme, MONDAY, "Lom", name="Viktor Älgmark")
        make.a_membership(db, MONDAY, viktor, granit)
        return granit.id


@pytest.fixture
def call_in(browser, group):
    page = browser(POLICE).post("/call-ins/new", **NEW, groups=[group])
    return int(page.address.partition("?")[0].rpartition("/")[2])


def address(browser, role):
    page = browser(role).post("/calendar/new")
    return "".join(page.one("code").itertext())


def events(answer):
    """Read a calendar as another program does; gives its events in order."""
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    return vobject.readOne(answer.content.decode()).contents.get("vevent", [])


def ask(browser, url, **headers):
    client = browser(Role.ANALYST).client
    client.cookies.clear()
    return client.get(url, headers=headers)


def test_a_calendar_program_reads_when_and_where_and_nobodys_name(browser, call_in):
    answer = ask(browser, address(browser, MUNICIPAL))

    event = events(answer)[0]
    assert event.dtstart.value == datetime(2026, 4, 9, 17, 30, tzinfo=ZONE)
    assert event.dtend.value - event.dtstart.value == timedelta(hours=2)
    assert event.location.value == "Folkets hus, Älvstad"
    assert event.summary.value == "Call-in, Sluta skjut"
    assert event.status.value == "TENTATIVE"
    assert "Viktor" not in answer.text
    assert "Älgmark" not in answer.text


def test_a_call_in_is_a_file_of_its_own(browser, call_in):
    page = browser(POLICE).get(f"/call-ins/{call_in}")
    assert f"/call-ins/{call_in}/calendar.ics" in page.links()

    answer = browser(Role.PROBATION).client.get(f"/call-ins/{call_in}/calendar.ics")

    assert [event.location.value for event in events(answer)] == ["Folkets hus, Älvstad"]
    assert f'filename="call-in-{call_in}.ics"' in answer.headers["content-disposition"]


def test_a_call_in_without_a_day_is_in_no_calendar(browser, group):
    page = browser(POLICE).post("/call-ins/new", **NEW | {"starts_at": ""}, groups=[group])
    number = page.address.partition("?")[0].rpartition("/")[2]

    assert browser(POLICE).get(f"/call-ins/{number}/calendar.ics").status == 404
    assert events(ask(browser, address(browser, POLICE))) == []
    assert not any(link.endswith(".ics") for link in page.links())


def test_what_changes_takes_the_place_of_what_a_calendar_has(browser, group, call_in, clock):
    url, police = address(browser, POLICE), browser(POLICE)
    first = events(ask(browser, url))[0]

    def now():
        event = events(ask(browser, url))[0]
        assert event.uid.value == first.uid.value
        return event.status.value, int(event.sequence.value)

    def act(path, **given):
        clock.move(minutes=5)
        assert police.post(f"/call-ins/{call_in}{path}", **given).status == 200

    assert now() == ("TENTATIVE", 0)
    act("/step", to="approved")
    assert now() == ("CONFIRMED", 1)
    act("/edit", **NEW | {"venue": "Arenan"}, groups=[group])
    assert now() == ("CONFIRMED", 2)
    act("/postpone", starts_at="2026-04-16T17:30", reason="The venue is closed")
    moved = events(ask(browser, url))[0]
    assert now() == ("TENTATIVE", 3)
    assert moved.dtstart.value == datetime(2026, 4, 16, 17, 30, tzinfo=ZONE)
    assert moved.dtstamp.value == clock.now.astimezone(UTC)
    act("/cancel", reason="A shooting")
    assert now() == ("CANCELLED", 4)


def test_what_calendars_do_not_show_changes_no_version(browser, group, call_in, clock):
    url = address(browser, POLICE)
    before = ask(browser, url)
    clock.move(minutes=5)
    browser(POLICE).post(
        f"/call-ins/{call_in}/edit", **NEW | {"purpose": "Calm", "seats": "5"}, groups=[group]
    )

    assert ask(browser, url).content == before.content


def test_a_program_that_holds_the_newest_is_told_so(browser, call_in, clock):
    url = address(browser, POLICE)
    tag = ask(browser, url).headers["etag"]

    clock.move(hours=30)
    for held in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        again = ask(browser, url, **{"If-None-Match": held})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert ask(browser, url, **{"If-None-Match": '"other"'}).status_code == 200
    browser(POLICE).post(f"/call-ins/{call_in}/cancel", reason="A shooting")
    changed = ask(browser, url, **{"If-None-Match": tag})
    assert changed.status_code == 200
    assert changed.headers["etag"] != tag


def test_the_zone_is_told_as_its_clock_is_set(browser, call_in):
    content = ask(browser, address(browser, POLICE)).text
    zone = tzical(_unfolded(content)).get("Europe/Stockholm")

    start = datetime(2025, 6, 1, tzinfo=UTC)
    instants = [start + timedelta(minutes=30 * n) for n in range(2 * 24 * 600)]
    for local in (each.astimezone(ZONE) for each in instants):
        comes_twice = local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
        told = local.replace(tzinfo=zone).utcoffset()
        assert comes_twice or told == local.utcoffset(), local


def _unfolded(content):
    return StringIO(content.replace("\r\n ", "").replace("\r\n", "\n"))


def test_only_the_hash_of_an_address_is_kept_and_it_is_shown_once(browser, engine, call_in):
    url = address(browser, POLICE)
    secret = url.rpartition("/")[2].removesuffix(".ics")

    with reading(engine) as db:
        kept = [str(value) for row in db.execute(select(CalendarFeed.__table__)) for value in row]
        logged = [str(value) for row in db.execute(select(AuditEntry.__table__)) for value in row]
    assert not any(secret in value for value in kept + logged)
    assert secret not in browser(POLICE).get("/calendar").html


def test_a_revoked_address_tells_nothing(browser, call_in):
    url = address(browser, POLICE)
    assert ask(browser, url).status_code == 200

    assert "Revoked." in browser(POLICE).post("/calendar/revoke").text

    gone = ask(browser, url)
    assert gone.status_code == 404
    assert gone.headers["content-type"] == "application/problem+json"
    assert ask(browser, "/api/v1/calendar/gvi_made_up.ics").status_code == 404


def test_another_address_takes_the_place_of_the_one_before(browser, call_in):
    before = address(browser, POLICE)
    after = address(browser, POLICE)

    assert ask(browser, before).status_code == 404
    assert ask(browser, after).status_code == 200


@pytest.mark.usefixtures("call_in")
@pytest.mark.parametrize(("role", "is_active"), [(Role.COMMUNITY, True), (STEERING, False)])
def test_an_address_ends_with_its_users_role(browser, engine, viewer, role, is_active):
    url, user = address(browser, STEERING), viewer(STEERING).user_id
    assert ask(browser, url).status_code == 200

    with transaction(engine) as db:
        admin = viewer(Role.ADMIN)
        change_user(db, admin, user, at=MONDAY, role=role.value, team="", is_active=is_active)

    assert ask(browser, url).status_code == 404
    with reading(engine) as db:
        assert db.scalars(select(CalendarFeed.revoked_at)).one() == MONDAY


def test_readings_are_logged_once_an_hour(browser, engine, call_in, clock):
    url = address(browser, POLICE)
    for _ in range(3):
        ask(browser, url)
        clock.move(minutes=10)
    assert "Last read" in browser(POLICE).get("/calendar").text
    clock.move(minutes=50)
    ask(browser, url)

    with reading(engine) as db:
        entries = db.scalars(
            select(AuditEntry).where(
                AuditEntry.kind == "own_calendar:read", AuditEntry.source.contains("calendar")
            )
        ).all()
    assert len(entries) == 2
    assert str(call_in) in entries[0].subjects


@pytest.mark.parametrize("role", [Role.OUTREACH, Role.ADMIN, Role.AUDITOR])
def test_who_sees_no_call_ins_has_no_calendar(browser, role):
    assert browser(role).get("/calendar").status == 403


def test_an_evening_on_which_the_clock_changes_keeps_its_hours(browser, group):
    night = {"starts_at": "2026-10-25T01:30"}
    browser(POLICE).post("/call-ins/new", **NEW | night, groups=[group])

    event = events(ask(browser, address(browser, POLICE)))[0]

    assert event.dtstart.value == datetime(2026, 10, 25, 1, 30, tzinfo=ZONE)
    assert event.dtend.value.astimezone(UTC) == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
