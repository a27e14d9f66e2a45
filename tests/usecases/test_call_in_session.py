"""Sessions of a call-in: planned after one another, moved together, and what hangs on each."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from gvi.domain.access import Role
from gvi.domain.call_in import CallInStatus, InviteeStatus
from gvi.domain.clearance import ClearanceKind, LookAgain
from gvi.domain.errors import NotAllowedError, RuleError
from gvi.domain.message import MessagePart
from gvi.domain.speaker import SpeakerKind
from gvi.store.models import (
    Action,
    CallInGroup,
    CallInSession,
    CustomNotification,
    Invitee,
    MessageDelivery,
    StatusChange,
)
from gvi.store.queries.apart import apart_pairs
from gvi.store.queries.calendar import calendar_rows
from gvi.store.queries.call_in import call_in_card, call_ins, due_call_ins, next_call_in
from gvi.store.queries.call_in_session import moved_by_hand
from gvi.store.queries.clearance import clearances
from gvi.store.queries.invitee import invitees
from gvi.usecases.attendance import Outcome, record_attendance, tick_at_door
from gvi.usecases.call_in import (
    SessionAsked,
    advance_call_in,
    cancel_call_in,
    change_sessions,
    postpone_call_in,
    set_length,
)
from gvi.usecases.clearance import judge_invitee
from gvi.usecases.invitee import Proposal, decide_invitee, propose_invitees
from gvi.usecases.invitee_session import move_to_session
from gvi.usecases.seat_plan import keep_apart
from gvi.usecases.speaker import Point, add_speaker
from tests import factories as make
from tests.conftest import MONDAY, ZONE

FIRST = datetime(2026, 4, 9, 15, 30, tzinfo=UTC)
SECOND = FIRST + timedelta(minutes=150)
SAID = {MessagePart.NOT_DIE: "police chief", MessagePart.HELP: "former member"}


@pytest.fixture
def police(viewer):
    return viewer(Role.COORDINATOR_POLICE)


@pytest.fixture
def town(db, programme, police):
    """Two groups, two members each, and a call-in that addresses both."""
    call_in = make.a_call_in(db, programme, FIRST, seats=4, created_at=MONDAY)
    found = {"call_in": call_in, "police": police}
    for group, people in (("Granit", ("Lom", "Alka")), ("Kajen", ("Mes", "Siska"))):
        found[group] = make.a_group(db, programme, MONDAY, group)
        db.add(CallInGroup(call_in_id=call_in.id, group_id=found[group].id))
        for code in people:
            found[code] = make.a_person(db, programme, MONDAY, code)
            make.a_membership(db, MONDAY, found[code], found[group])
    return found


@pytest.fixture
def call_in(town):
    return town["call_in"]


@pytest.fixture
def propose(db, police, town, call_in):
    def propose(*sessions, at=MONDAY, reason=""):
        seated = {town[name].id: n for n, names in enumerate(sessions, 1) for name in names}
        proposal = Proposal(session_of=seated, sessions=len(sessions), rivals_reason=reason)
        propose_invitees(db, police, call_in.id, proposal, at=at, zone=ZONE)
        db.flush()

    return propose


@pytest.fixture
def asked(db, police, town, call_in, propose):
    """Both sessions are filled, everybody is cleared and asked."""
    propose(("Lom", "Alka"), ("Mes", "Siska"))
    advance_call_in(db, police, call_in.id, to=CallInStatus.APPROVED, at=MONDAY, zone=ZONE)
    for invitee in db.scalars(select(Invitee)):
        make.clear(db, invitee, police, MONDAY, ZONE)
    advance_call_in(db, police, call_in.id, to=CallInStatus.INVITED, at=MONDAY, zone=ZONE)
    db.flush()


@pytest.fixture
def change(db, police, call_in):
    def change(starts_at, *, venue="", reason="The hall", at=MONDAY):
        asked = {2: SessionAsked(starts_at=starts_at, venue=venue)}
        change_sessions(db, police, call_in.id, asked, reason=reason, at=at)

    return change


@pytest.fixture
def move(db, police, town):
    def move(name, session, *, who=police, reason="", at=MONDAY + timedelta(hours=1)):
        invitee = named(db, town, name)
        move_to_session(db, who, invitee.id, session, reason=reason, at=at, zone=ZONE)
        db.flush()

    return move


def times(db, police, call_in):
    return [each.starts_at for each in call_in_card(db, police, call_in.id).sessions]


def named(db, town, name):
    return db.scalars(select(Invitee).where(Invitee.person_id == town[name].id)).one()


def entries(db, police):
    return [
        (row.session, row.starts_at, row.status.value, row.sequence)
        for row in calendar_rows(db, police, "call_in:list")
    ]


def test_the_planner_gives_a_second_session_a_time_after_the_first(db, police, call_in, propose):
    propose(("Lom",), ("Mes",))

    assert times(db, police, call_in) == [FIRST, SECOND]
    one, two = call_in_card(db, police, call_in.id).sessions
    assert one.ends_at + timedelta(minutes=30) == two.starts_at


def test_a_running_order_that_is_longer_puts_the_second_session_off(db, police, call_in, propose):
    point = Point(kind=SpeakerKind.PARTNER, role="Police chief", minutes=140)
    add_speaker(db, police, call_in.id, point, at=MONDAY)

    propose(("Lom",), ("Mes",))

    assert times(db, police, call_in)[1] == FIRST + timedelta(minutes=180)


def test_a_session_that_is_dropped_is_cancelled_in_calendars_and_comes_back_by_its_name(
    db, police, call_in, propose
):
    propose(("Lom",), ("Mes",))
    assert entries(db, police) == [(1, FIRST, "draft", 1), (2, SECOND, "draft", 1)]

    propose(("Lom", "Mes"), at=MONDAY + timedelta(hours=1))
    assert entries(db, police) == [(1, FIRST, "draft", 2), (2, SECOND, "cancelled", 2)]
    assert times(db, police, call_in) == [FIRST]

    propose(("Lom",), ("Mes",), at=MONDAY + timedelta(hours=2))
    assert entries(db, police) == [(1, FIRST, "draft", 3), (2, SECOND, "draft", 3)]
    assert db.scalars(select(CallInSession.dropped_at)).all() == [None]


def test_a_session_gets_its_time_with_the_first(db, police, call_in, propose):
    call_in.starts_at = None
    propose(("Lom",), ("Mes",))
    assert times(db, police, call_in) == [None, None]
    assert entries(db, police) == []

    postpone_call_in(
        db, police, call_in.id, starts_at=FIRST, reason="The hall is free", at=MONDAY, zone=ZONE
    )

    assert times(db, police, call_in) == [FIRST, SECOND]


def test_a_session_can_be_on_another_day_and_in_another_place(db, police, call_in, asked, change):
    decide_invitee(
        db, police, one_of(db, call_in, 2), to=InviteeStatus.CONFIRMED, at=MONDAY, zone=ZONE
    )
    there = FIRST + timedelta(days=1)
    before = due_of(db, "debrief")

    change(there, venue=" Arenan ", at=MONDAY + timedelta(hours=1))

    two = call_in_card(db, police, call_in.id).sessions[1]
    assert (two.starts_at, two.venue) == (there, "Arenan")
    assert due_of(db, "debrief") - before == there - SECOND
    assert {each.status for each in db.scalars(select(Invitee))} == {"invited"}
    assert call_in.status == "invited"
    assert entries(db, police)[1][:2] == (2, there)


def one_of(db, call_in, session):
    query = select(Invitee.id).where(Invitee.call_in_id == call_in.id, Invitee.session == session)
    return db.scalars(query.order_by(Invitee.id).limit(1)).one()


def due_of(db, kind):
    return db.scalars(select(Action.due_at).where(Action.kind == kind)).one()


@pytest.mark.parametrize(
    ("starts_at", "reason", "says"),
    [
        (FIRST + timedelta(minutes=119), "Earlier", "before the one before it has ended"),
        (FIRST - timedelta(days=1), "Earlier", "before the one before it has ended"),
        (MONDAY - timedelta(days=1), "Earlier", "has passed"),
        (FIRST + timedelta(days=4000), "Later", "two years"),
        (SECOND + timedelta(hours=1), " ", "Say why"),
    ],
)
def test_a_session_is_not_moved_to_what_cannot_be_meant(asked, change, starts_at, reason, says):
    with pytest.raises(RuleError, match=says):
        change(starts_at, reason=reason)


def test_a_length_that_lets_sessions_overlap_is_refused(db, police, call_in, propose):
    propose(("Lom",), ("Mes",))

    set_length(db, police, call_in.id, minutes=150, at=MONDAY)
    with pytest.raises(RuleError, match="Session 2 would begin"):
        set_length(db, police, call_in.id, minutes=151, at=MONDAY)


def test_postponing_moves_every_session_and_what_hangs_on_the_last(
    db, police, call_in, asked, change
):
    tomorrow = SECOND + timedelta(days=1)
    change(tomorrow, at=MONDAY + timedelta(hours=1))
    debrief = due_of(db, "debrief")
    assert debrief == tomorrow + timedelta(days=7)
    week = timedelta(days=7)

    postpone_call_in(
        db, police, call_in.id, starts_at=FIRST + week, reason="A shooting", at=MONDAY, zone=ZONE
    )

    assert times(db, police, call_in) == [FIRST + week, tomorrow + week]
    assert due_of(db, "debrief") == debrief + week
    assert [row[2] for row in entries(db, police)] == ["postponed", "postponed"]


def test_postponing_over_a_change_of_the_clock_keeps_the_hour_of_the_next_evening(
    db, police, call_in, propose, change
):
    stockholm = ZoneInfo("Europe/Stockholm")
    call_in.starts_at = datetime(2026, 10, 24, 17, 30, tzinfo=stockholm)
    propose(("Lom",), ("Mes",))
    change(datetime(2026, 10, 25, 17, 30, tzinfo=stockholm))

    postpone_call_in(
        db,
        police,
        call_in.id,
        starts_at=datetime(2026, 10, 31, 17, 30, tzinfo=stockholm),
        reason="Rain",
        at=MONDAY,
        zone=stockholm,
    )

    local = [f"{each.astimezone(stockholm):%m-%d %H:%M}" for each in times(db, police, call_in)]
    assert local == ["10-31 17:30", "11-01 17:30"]


def test_every_session_is_cancelled_with_the_call_in(db, police, call_in, propose):
    propose(("Lom",), ("Mes",))

    cancel_call_in(db, police, call_in.id, reason="No", at=MONDAY)

    assert [row[2] for row in entries(db, police)] == ["cancelled", "cancelled"]


def test_what_follows_somebody_is_due_by_the_own_session(db, police, town, asked, change):
    call_in = town["call_in"]
    tomorrow = FIRST + timedelta(days=1)
    change(tomorrow)
    mes, siska = named(db, town, "Mes"), named(db, town, "Siska")
    lom, alka = named(db, town, "Lom"), named(db, town, "Alka")

    def save(outcomes, at):
        record_attendance(
            db,
            police,
            call_in.id,
            {each.id: Outcome(status=InviteeStatus(status)) for each, status in outcomes},
            said=SAID,
            at=at,
            zone=ZONE,
            correction="Corrected",
        )

    with pytest.raises(RuleError, match="Session 2 has not begun"):
        save([(mes, "attended")], FIRST + timedelta(hours=1))
    save([(lom, "attended"), (alka, "no_show")], FIRST + timedelta(hours=3))
    assert call_in.status == "invited"

    save([(mes, "attended"), (siska, "no_show")], tomorrow + timedelta(hours=3))
    assert call_in.status == "held"
    contacts = select(Action.person_id, Action.due_at).where(Action.kind == "attendee_contact")
    assert dict(db.execute(contacts).all()) == {
        town["Lom"].id: FIRST + timedelta(hours=72),
        town["Mes"].id: tomorrow + timedelta(hours=72),
    }
    visits = select(CustomNotification.person_id, CustomNotification.due_at)
    assert dict(db.execute(visits).all()) == {
        town["Alka"].id: FIRST + timedelta(days=14),
        town["Siska"].id: tomorrow + timedelta(days=14),
    }
    told = select(MessageDelivery.person_id, MessageDelivery.delivered_at)
    assert dict(db.execute(told).all()) == {town["Lom"].id: FIRST, town["Mes"].id: tomorrow}


def test_the_door_of_each_session_opens_by_its_own_time(db, police, town, asked, change):
    call_in = town["call_in"]
    change(FIRST + timedelta(days=1))

    def tick(name, at, to=InviteeStatus.ATTENDED):
        tick_at_door(
            db, police, call_in.id, town[name].id, to=to, at=at, zone=ZONE, correction="Undone"
        )

    tick("Lom", FIRST)
    with pytest.raises(RuleError, match="door of session 2 is not open"):
        tick("Mes", FIRST)
    with pytest.raises(RuleError, match="has not begun"):
        tick("Mes", FIRST + timedelta(hours=23), InviteeStatus.NO_SHOW)
    tick("Mes", FIRST + timedelta(hours=23))
    with pytest.raises(RuleError, match="ticked at the door of session 2"):
        change(FIRST + timedelta(days=2), at=FIRST + timedelta(hours=23))


def test_somebody_is_moved_to_another_session_and_safety_is_looked_at_again(
    db, police, town, propose, move
):
    call_in = town["call_in"]
    call_in.seats = 6
    propose(("Lom", "Alka"), ("Mes",))
    alka = named(db, town, "Alka")
    make.clear(db, alka, police, MONDAY, ZONE)
    alka.status = "confirmed"

    move("Alka", 2)

    assert (alka.session, alka.status) == (2, "invited")
    assert call_in.paper_changed_at == MONDAY + timedelta(hours=1)
    rows = invitees(db, police, call_in_card(db, police, call_in.id), at=MONDAY, zone=ZONE)
    cleared = clearances(db, police, rows, at=MONDAY + timedelta(hours=2), zone=ZONE)
    assert cleared[alka.id].look_again == (LookAgain.SESSION,)
    kept = db.scalars(select(StatusChange).where(StatusChange.field == "session")).one()
    assert (kept.old, kept.new) == ("1", "2")


def test_nobody_is_moved_into_a_full_session_or_where_they_sit(propose, move):
    propose(("Lom", "Alka"), ("Mes", "Siska"))

    with pytest.raises(RuleError, match="full: it has 2 seats"):
        move("Lom", 2)
    with pytest.raises(RuleError, match="sits there already"):
        move("Lom", 1)
    with pytest.raises(RuleError, match="one of the sessions"):
        move("Lom", 3)


@pytest.mark.parametrize("cause", ["groups", "by_name", "tie"])
def test_somebody_meets_whom_they_are_kept_apart_from_only_with_a_reason(
    db, town, propose, move, cause
):
    call_in, police = town["call_in"], town["police"]
    call_in.seats = 6
    if cause == "by_name":
        propose(("Lom", "Mes"), ())
        pair = town["Lom"].id, town["Mes"].id
        keep_apart(db, police, call_in.id, pair, at=MONDAY, zone=ZONE)
    if cause == "groups":
        make.a_relation(db, MONDAY, town["Granit"], town["Kajen"])
    if cause == "tie":
        make.a_tie(db, MONDAY, town["Lom"], town["Mes"], kind="rival")
    propose(("Lom",), ("Mes",))

    with pytest.raises(RuleError, match=r"kept apart from: Mes\."):
        move("Lom", 2)
    card = call_in_card(db, police, call_in.id)
    pairs = apart_pairs(
        db, police, card, invitees(db, police, card, at=MONDAY, zone=ZONE), at=MONDAY, zone=ZONE
    )
    assert [(pair.meets, [why.value for why in pair.causes]) for pair in pairs] == [
        (False, [cause])
    ]

    move("Lom", 2, reason="They made peace")

    assert named(db, town, "Lom").session == 2
    if cause == "groups":
        move("Lom", 1)
        move("Lom", 2)


@pytest.mark.parametrize("cause", ["by_name", "tie"])
def test_the_planner_seats_two_who_are_kept_apart_together_only_with_a_reason(
    db, police, town, propose, cause
):
    town["call_in"].seats = 6
    if cause == "by_name":
        propose(("Lom", "Mes"), ())
        pair = town["Lom"].id, town["Mes"].id
        keep_apart(db, police, town["call_in"].id, pair, at=MONDAY, zone=ZONE)
    else:
        make.a_tie(db, MONDAY, town["Lom"], town["Mes"], kind="rival")
    propose(("Lom",), ("Mes",))

    for sessions in (("Lom", "Mes"),), (("Lom", "Mes"), ("Alka",)):
        with pytest.raises(RuleError, match="Lom and Mes are to be kept apart"):
            propose(*sessions)
    propose(("Lom", "Mes"), ("Alka",), reason="They made peace")
    propose(("Lom", "Mes"), ("Alka",))

    kept = select(StatusChange.thing_id, StatusChange.reason).where(StatusChange.field == "meets")
    assert set(db.execute(kept).all()) == {
        (named(db, town, name).id, "They made peace") for name in ("Lom", "Mes")
    }
    assert not db.scalars(select(StatusChange).where(StatusChange.thing == "call_in")).all()


def test_a_tie_is_told_to_police_alone(db, viewer, police, town, propose):
    make.a_tie(db, MONDAY, town["Lom"], town["Mes"], kind="rival")
    propose(("Lom",), ("Mes",))

    def pairs(who):
        card = call_in_card(db, who, town["call_in"].id)
        rows = invitees(db, who, card, at=MONDAY, zone=ZONE)
        return len(apart_pairs(db, who, card, rows, at=MONDAY, zone=ZONE))

    assert pairs(police) == 1
    assert pairs(viewer(Role.COORDINATOR_MUNICIPAL)) == 0


def test_only_who_plans_moves_somebody(viewer, propose, move):
    propose(("Lom",), ("Mes",))

    for role in (Role.COORDINATOR_MUNICIPAL, Role.ANALYST, Role.PROBATION):
        with pytest.raises(NotAllowedError):
            move("Lom", 2, who=viewer(role))


def test_who_comes_back_after_a_session_was_dropped_sits_in_one_that_is_held(
    db, police, town, call_in, propose
):
    propose(("Lom",), ("Mes",))
    propose(("Lom",))
    mes = named(db, town, "Mes")

    decide_invitee(db, police, mes.id, to=InviteeStatus.PROPOSED, at=MONDAY, zone=ZONE)

    assert mes.session == 1


@pytest.fixture
def first_held(db, police, town, asked, change):
    """The second session is on the day after; somebody came to the first."""
    change(FIRST + timedelta(days=1))
    lom, came = town["Lom"].id, InviteeStatus.ATTENDED
    tick_at_door(
        db, police, town["call_in"].id, lom, to=came, at=FIRST, zone=ZONE, correction="Undone"
    )


@pytest.mark.parametrize(
    "act",
    [
        lambda *args, at: cancel_call_in(*args, reason="The hall", at=at),
        lambda *args, at: postpone_call_in(
            *args, starts_at=FIRST + timedelta(days=7), reason="Rain", at=at, zone=ZONE
        ),
    ],
    ids=["cancel", "postpone"],
)
def test_a_call_in_whose_first_session_was_held_is_neither_postponed_nor_called_off(
    db, police, town, first_held, act
):
    call_in = town["call_in"]

    with pytest.raises(RuleError, match="Session 1 has begun and somebody was ticked"):
        act(db, police, call_in.id, at=FIRST + timedelta(hours=5))

    assert (call_in.status, named(db, town, "Lom").status) == ("invited", "attended")
    contact = db.scalars(select(Action).where(Action.kind == "attendee_contact")).one()
    assert contact.status == "decided"


def test_once_the_first_session_was_held_the_later_one_is_moved_or_dropped(
    db, town, first_held, change, propose
):
    call_in, police, after = town["call_in"], town["police"], FIRST + timedelta(hours=5)

    change(FIRST + timedelta(days=2), at=after)
    assert times(db, police, call_in) == [FIRST, FIRST + timedelta(days=2)]

    for name in ("Mes", "Siska"):
        out = {"to": InviteeStatus.WITHDRAWN, "reason": "No hall", "at": after, "zone": ZONE}
        decide_invitee(db, police, named(db, town, name).id, **out)
    propose(("Lom", "Alka"), at=after)
    assert times(db, police, call_in) == [FIRST]
    assert named(db, town, "Lom").status == "attended"


@pytest.mark.parametrize("is_accepted", [False, True])
def test_who_comes_back_meets_rivals_only_where_that_was_accepted(
    db, police, town, propose, is_accepted
):
    make.a_relation(db, MONDAY, town["Granit"], town["Kajen"])
    if is_accepted:
        propose(("Lom", "Mes"), (), reason="Their mothers asked for it")
    propose(("Lom",), ("Mes",))
    withdraw(db, police, town, "Mes")
    propose(("Lom",))

    if is_accepted:
        propose_again(db, police, town, "Mes")
        assert named(db, town, "Mes").status == "proposed"
    else:
        with pytest.raises(RuleError, match="kept apart from: Lom"):
            propose_again(db, police, town, "Mes")
        assert named(db, town, "Mes").status == "withdrawn"


def test_only_who_plans_proposes_somebody_again_whose_session_was_dropped(
    db, viewer, police, town, propose
):
    make.a_tie(db, MONDAY, town["Lom"], town["Mes"], kind="rival")
    propose(("Lom",), ("Mes", "Alka"))
    withdraw(db, police, town, "Mes")
    propose(("Lom",))

    for name in ("Mes", "Alka"):
        with pytest.raises(RuleError, match="no longer held"):
            propose_again(db, viewer(Role.COORDINATOR_MUNICIPAL), town, name)
    with pytest.raises(RuleError, match="kept apart from: Lom"):
        propose_again(db, police, town, "Mes")
    propose_again(db, police, town, "Alka")


def test_two_kept_apart_by_their_places_come_back_to_the_one_session(db, police, town, propose):
    make.a_tie(db, MONDAY, town["Lom"], town["Mes"], kind="rival")
    propose(("Lom", "Mes"))
    withdraw(db, police, town, "Mes")

    propose_again(db, police, town, "Mes")

    assert named(db, town, "Mes").status == "proposed"


def test_nobody_comes_back_to_a_session_that_is_full(db, police, town, propose):
    propose(("Lom",), ("Mes",))
    withdraw(db, police, town, "Lom")
    propose(("Alka", "Siska"), ("Mes",))

    with pytest.raises(RuleError, match="Session 1 is full"):
        propose_again(db, police, town, "Lom")


def custody(db, town, name, **given):
    given = {"kind": "custody", "obliges_attendance": False, **given}
    make.a_supervision(db, MONDAY, town[name], **given)
    db.flush()


def test_who_can_come_is_judged_on_the_day_of_the_own_session(db, town, propose, change):
    propose(("Lom",), ("Mes",))
    change(FIRST + timedelta(days=1))
    night = FIRST + timedelta(hours=10)
    make.a_supervision(db, MONDAY, town["Alka"], kind="probation", valid_from=night)
    town["Siska"].birth_date = date(2008, 4, 10)
    custody(db, town, "Mes", valid_from=night)

    with pytest.raises(RuleError, match="Mes is in custody"):
        propose(("Lom",), ("Mes",))
    with pytest.raises(RuleError, match="Siska is under 18"):
        propose(("Siska",), ("Lom",))
    propose(("Lom",), ("Siska", "Alka"))

    assert named(db, town, "Siska").session == 2
    assert named(db, town, "Alka").is_obliged


def test_invitations_go_to_who_can_come_to_the_own_session(db, police, town, propose, change):
    call_in, night = town["call_in"], FIRST + timedelta(hours=10)
    propose(("Lom", "Alka"), ("Mes", "Siska"))
    change(FIRST + timedelta(days=1))
    advance_call_in(db, police, call_in.id, to=CallInStatus.APPROVED, at=MONDAY, zone=ZONE)
    for invitee in db.scalars(select(Invitee)):
        make.clear(db, invitee, police, MONDAY, ZONE)
    custody(db, town, "Mes", valid_from=night)
    custody(db, town, "Siska", valid_from=MONDAY - timedelta(days=9), valid_to=night)

    advance_call_in(db, police, call_in.id, to=CallInStatus.INVITED, at=MONDAY, zone=ZONE)

    states = {name: named(db, town, name).status for name in ("Lom", "Mes", "Siska")}
    assert states == {"Lom": "invited", "Mes": "cleared", "Siska": "invited"}


def test_what_was_accepted_does_not_count_for_a_conflict_that_broke_out_since(db, town, propose):
    granit, kajen = town["Granit"], town["Kajen"]
    before = make.a_relation(db, MONDAY, granit, kajen)
    propose(("Lom", "Mes"), reason="They made peace in March")
    before.valid_to = MONDAY + timedelta(days=1)
    later = MONDAY + timedelta(days=3)
    make.a_relation(db, MONDAY, granit, kajen, valid_from=later, recorded_at=later)

    with pytest.raises(RuleError, match="are in open conflict and would meet"):
        propose(("Lom", "Mes", "Alka"), at=MONDAY + timedelta(days=4))


def withdraw(db, who, town, name):
    invitee_id, to = named(db, town, name).id, InviteeStatus.WITHDRAWN
    decide_invitee(db, who, invitee_id, to=to, at=MONDAY, zone=ZONE, reason="Abroad")
    db.flush()


def propose_again(db, who, town, name):
    invitee_id, to = named(db, town, name).id, InviteeStatus.PROPOSED
    decide_invitee(db, who, invitee_id, to=to, at=MONDAY, zone=ZONE)
    db.flush()


def looked_at_again(db, town, *, at):
    """Give why safety is to be looked at again, by code name."""
    police = town["police"]
    rows = invitees(db, police, call_in_card(db, police, town["call_in"].id), at=at, zone=ZONE)
    found = clearances(db, police, rows, at=at, zone=ZONE)
    return {row.code_name: found[row.id].look_again for row in rows}


def test_safety_is_looked_at_again_where_a_rival_was_moved_in(db, town, propose, move):
    town["call_in"].seats = 8
    make.a_relation(db, MONDAY, town["Granit"], town["Kajen"])
    propose(("Lom", "Alka"), ("Mes",))
    judged = MONDAY + timedelta(minutes=30)
    for name in ("Lom", "Alka", "Mes"):
        make.clear(db, named(db, town, name), town["police"], judged, ZONE)

    move("Lom", 2, reason="Peace is talked of")

    assert looked_at_again(db, town, at=MONDAY + timedelta(hours=2)) == {
        "Lom": (LookAgain.SESSION,),
        "Mes": (LookAgain.CONFLICT,),
        "Alka": (),
    }


def test_safety_is_looked_at_again_for_a_conflict_through_a_second_group(
    db, programme, town, propose
):
    propose(("Lom", "Mes"))
    for name in ("Lom", "Mes"):
        make.clear(db, named(db, town, name), town["police"], MONDAY, ZONE)
    third = make.a_group(db, programme, MONDAY, "Tredje")
    make.a_membership(db, MONDAY, town["Lom"], third)
    hour = timedelta(hours=1)
    make.a_relation(db, MONDAY, third, town["Kajen"], recorded_at=MONDAY + hour)

    again = looked_at_again(db, town, at=MONDAY + 2 * hour)

    assert again == {"Lom": (LookAgain.CONFLICT,), "Mes": (LookAgain.CONFLICT,)}


def test_safety_is_looked_at_again_where_the_planner_seats_somebody_anew(db, town, propose):
    hour, lom = timedelta(hours=1), town["Lom"]
    propose(("Lom",), ("Mes",))
    make.clear(db, named(db, town, "Mes"), town["police"], MONDAY, ZONE)
    judge_invitee(
        db,
        town["police"],
        named(db, town, "Lom").id,
        ClearanceKind.SAFETY,
        is_cleared=True,
        reason="Sits far off",
        at=MONDAY,
        zone=ZONE,
    )

    propose(("Alka",), ("Mes", "Lom"), at=MONDAY + hour)

    again = looked_at_again(db, town, at=MONDAY + 2 * hour)
    assert again == {"Lom": (LookAgain.SESSION,), "Mes": (), "Alka": ()}
    invitee = db.scalars(select(Invitee).where(Invitee.person_id == lom.id)).one()
    assert not moved_by_hand(db, [invitee.id]), "the planner may put them elsewhere"


def test_between_two_sessions_the_second_is_the_next_and_is_due(db, town, first_held):
    police, tomorrow = town["police"], FIRST + timedelta(days=1)
    after = FIRST + timedelta(hours=3)

    def due(at):
        return [(row.what, row.due_at) for row in due_call_ins(db, police, at)]

    assert due(MONDAY) == [("Hold the call-in", FIRST)]
    assert due(after) == [("Record who came to the call-in", FIRST)], "nobody said of Alka"
    named(db, town, "Alka").status = "no_show"
    db.flush()
    assert due(after) == [("Hold the call-in", tomorrow)]
    assert due(tomorrow) == [("Record who came to the call-in", tomorrow)]
    assert next_call_in(db, police, MONDAY).starts == (FIRST, tomorrow)
    assert next_call_in(db, police, after).starts_at == tomorrow
    assert next_call_in(db, police, tomorrow) is None
    assert [row.starts for row in call_ins(db, police)] == [(FIRST, tomorrow)]


def test_nobody_is_moved_into_a_session_that_is_over(town, call_in, propose, change, move):
    propose(("Lom",), ("Mes",))
    change(FIRST + timedelta(days=1))

    with pytest.raises(RuleError, match="is over"):
        move("Mes", 1, at=FIRST + timedelta(hours=10))


def test_nobody_is_proposed_for_a_session_that_is_over(town, propose, change):
    propose(("Lom",), ("Mes",))
    change(FIRST + timedelta(days=1))
    after_the_first = FIRST + timedelta(hours=10)

    with pytest.raises(RuleError, match="is over"):
        propose(("Lom", "Alka"), ("Mes",), at=after_the_first)
    propose(("Lom",), ("Mes", "Siska"), at=after_the_first)
