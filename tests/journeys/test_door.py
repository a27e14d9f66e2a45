"""The door on a tablet whose connection comes and goes: nothing is lost, and no name stays."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from gvi.store.engine import reading, transaction
from gvi.store.models import CallIn, Invitee, Person, Programme, StatusChange
from tests import factories as make
from tests.conftest import MONDAY, ready_engine
from tests.journeys.conftest import PHONE

pytestmark = pytest.mark.journey

TABLET = {"width": 820, "height": 1180}
KEPT = "() => window.localStorage.getItem('gvi-door')"
BIG = 48


@pytest.fixture
def town(site, tmp_path):
    """The database behind the site."""
    engine = ready_engine(f"sqlite:///{tmp_path / 'town.db'}")
    yield engine
    engine.dispose()


@pytest.fixture
def evening(town):
    """A call-in that begins within the hour, with six invitees; gives its id."""
    with transaction(town) as db:
        programme = db.scalars(select(Programme.id)).one()
        people = db.scalars(
            select(Person)
            .where(Person.birth_date < MONDAY.date() - timedelta(days=20 * 366))
            .order_by(Person.id)
            .limit(6)
        ).all()
        call_in = CallIn(
            programme_id=programme,
            name="Call-in 5",
            status="invited",
            starts_at=MONDAY + timedelta(minutes=45),
            seats=8,
            created_at=MONDAY,
        )
        db.add(call_in)
        db.flush()
        for each in people:
            make.an_invitee(db, call_in, each)
        return call_in.id


@pytest.fixture
def door(as_user, evening):
    """Gives the door's page as one user has it on a device."""

    def on(username="asa", size=TABLET, **options):
        page = as_user(username, size, has_touch=True, **options)
        page.goto(f"/call-ins/{evening}/door")
        return page

    return on


def row(page, number):
    return page.locator(".door-list > li").nth(number)


def tick(page, number, words):
    row(page, number).get_by_role("button", name=words, exact=True).tap()


def is_sent(page) -> bool:
    page.wait_for_function("() => !window.localStorage.getItem('gvi-door')")
    return True


def ticks(town, evening):
    with reading(town) as db:
        ids = db.scalars(select(Invitee.id).where(Invitee.call_in_id == evening)).all()
        mine = StatusChange.thing_id.in_(ids)
        rows = db.scalars(select(StatusChange.new).where(StatusChange.thing == "invitee", mine))
        return sorted(rows.all())


@pytest.mark.parametrize("size", [TABLET, PHONE], ids=["tablet", "phone"])
def test_every_target_is_large_and_a_tick_is_there_at_once(door, town, evening, size):
    page = door(size=size)
    for button in page.locator(".door-ticks .button").all():
        box = button.bounding_box()
        assert box["height"] >= BIG
        assert box["width"] >= BIG

    tick(page, 0, "Came")

    row(page, 0).get_by_text("Is here").first.wait_for()
    assert is_sent(page)
    assert ticks(town, evening) == ["attended"]
    tick(page, 0, "Undo")
    row(page, 0).get_by_text("Not here yet").wait_for()
    assert is_sent(page)
    assert ticks(town, evening) == ["attended", "invited"]


def test_what_is_ticked_without_a_connection_survives_and_is_sent_by_itself(door, town, evening):
    page = door()
    names = [each.strip() for each in page.locator(".door-list h2").all_inner_texts()]
    context = page.context
    context.set_offline(True)
    tick(page, 0, "Came")
    tick(page, 1, "Came")
    tick(page, 1, "Left early")
    tick(page, 2, "Turned away")
    tick(page, 3, "Came")
    tick(page, 3, "Undo")

    page.get_by_text("There is no connection", exact=True).wait_for()
    assert page.locator(".door-list").get_by_text("Waiting to be sent").count() == 4
    kept = page.evaluate(KEPT)
    assert [each["outcome"] for each in json.loads(kept)] == [
        "attended",
        "attended",
        "left_early",
        "turned_away",
        "attended",
        "undo",
    ]
    for name in names:
        assert not any(word in kept for word in name.split()), "nobody's name is kept"
    assert ticks(town, evening) == []

    page.close(run_before_unload=False)
    context.set_offline(False)
    page = context.new_page()
    page.goto(f"/call-ins/{evening}/door")

    assert is_sent(page)
    page.get_by_text("2 of 6 are here").wait_for(state="detached")
    assert ticks(town, evening) == sorted(
        ["attended", "attended", "left_early", "turned_away", "attended", "invited"]
    )
    row(page, 1).get_by_text("Left early").first.wait_for()
    assert page.locator(".door-list").get_by_text("Waiting to be sent").count() == 0


def test_a_page_left_open_sends_when_the_connection_is_back(door, town, evening):
    page = door()
    page.context.set_offline(True)
    tick(page, 0, "Came")
    page.get_by_text("There is no connection", exact=True).wait_for()

    page.context.set_offline(False)

    assert is_sent(page)
    page.get_by_text("There is no connection", exact=True).wait_for(state="hidden")
    assert ticks(town, evening) == ["attended"]


def test_an_answer_that_is_lost_on_the_way_makes_nothing_twice(door, town, evening):
    page = door()
    lost = []

    def lose_the_answer(route):
        if route.request.method == "POST" and not lost:
            lost.append(route.fetch(max_redirects=0))
            route.abort()
        else:
            route.continue_()

    page.route("**/door", lose_the_answer)
    tick(page, 0, "Came")

    assert is_sent(page)
    assert lost[0].status == 303, "the server had saved it the first time"
    assert ticks(town, evening) == ["attended"]


def test_the_later_of_two_tablets_sees_what_the_other_ticked(door, town, evening):
    one, other = door(), door("karin")
    one.context.set_offline(True)
    tick(one, 0, "Came")
    one.get_by_text("There is no connection", exact=True).wait_for()
    tick(other, 0, "Turned away")
    assert is_sent(other)

    one.context.set_offline(False)

    told = row(one, 0).get_by_role("alert")
    told.wait_for()
    assert "Somebody else ticked before you; your tick is not saved: Is here" in told.inner_text()
    assert "Turned away" in row(one, 0).inner_text()
    assert ticks(town, evening) == ["turned_away"]
    one.reload()
    row(one, 0).get_by_role("alert").wait_for()
    row(one, 0).get_by_role("button", name="Leave it as it is").tap()
    row(one, 0).get_by_role("alert").wait_for(state="detached")
    assert one.evaluate(KEPT) is None


def test_ticks_wait_for_their_own_user_when_the_log_in_has_ended(door, town, evening, as_user):
    page = door()
    page.context.set_offline(True)
    tick(page, 0, "Came")
    page.get_by_text("There is no connection", exact=True).wait_for()
    [session] = [c for c in page.context.cookies() if c["name"].startswith(("gvi_s", "__Host"))]
    page.context.clear_cookies(name=session["name"])
    page.context.set_offline(False)

    page.get_by_text("You are not logged in any more").wait_for()
    assert page.evaluate(KEPT) is not None
    log_in(page, "karin", evening)
    page.get_by_text("Ticks of another user wait on this device").wait_for()
    assert ticks(town, evening) == [], "nobody else sends them"
    page.context.clear_cookies()
    log_in(page, "asa", evening)

    assert is_sent(page)
    assert ticks(town, evening) == ["attended"]


def log_in(page, username, evening):
    page.goto(f"/call-ins/{evening}/door")
    page.locator(f'button[name="username"][value="{username}"]').click()
    page.wait_for_load_state()
    page.goto(f"/call-ins/{evening}/door")


def test_logging_out_warns_first_and_then_leaves_nothing(door, town, evening):
    page = door(size={"width": 1280, "height": 900})
    page.route("**/door", lambda route: route.abort())
    tick(page, 0, "Came")
    page.get_by_text("There is no connection", exact=True).wait_for()

    page.get_by_role("button", name="Log out").click()
    page.get_by_text("Log out again to throw them away").wait_for()
    assert page.evaluate(KEPT) is not None
    page.get_by_role("button", name="Log out").click()
    page.wait_for_url("**/log-in*")

    assert page.evaluate(KEPT) is None
    assert ticks(town, evening) == []


def test_logging_out_on_another_page_warns_first_too(door, town, evening):
    page = door(size={"width": 1280, "height": 900})
    page.on("dialog", lambda dialog: dialog.accept())
    page.route("**/door", lambda route: route.abort())
    tick(page, 0, "Came")
    page.get_by_text("There is no connection", exact=True).wait_for()
    page.goto("/today")

    page.get_by_role("button", name="Log out").click()
    page.get_by_role("alert").get_by_text("Ticks of the door wait on this device").wait_for()
    assert page.evaluate(KEPT) is not None
    page.unroute("**/door")
    page.goto(f"/call-ins/{evening}/door")

    assert is_sent(page)
    assert ticks(town, evening) == ["attended"]


def test_who_is_cleared_after_the_door_was_opened_stands_there_with_the_next_tick(
    door, town, evening
):
    with transaction(town) as db:
        late = db.scalars(select(Invitee).where(Invitee.call_in_id == evening)).first()
        late.status, late_id = "proposed", late.id
    page = door()
    before = page.locator(".door-list > li").count()
    with transaction(town) as db:
        db.get_one(Invitee, late_id).status = "cleared"

    tick(page, 0, "Came")

    assert is_sent(page)
    assert page.locator(".door-list > li").count() == before + 1
