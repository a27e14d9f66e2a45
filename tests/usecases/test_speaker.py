"""The running order of a call-in: what may stand in it, its order, and when names are forgotten."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from gvi.domain.access import Role
from gvi.domain.errors import NotAllowedError, RuleError
from gvi.domain.message import MessagePart
from gvi.domain.speaker import SpeakerKind, unspoken
from gvi.store.models import AuditEntry, Speaker, SpokenPart
from gvi.store.queries.calendar import calendar_rows
from gvi.store.queries.speaker import speakers
from gvi.usecases.call_in import set_length
from gvi.usecases.retention import run_retention
from gvi.usecases.speaker import (
    Point,
    add_speaker,
    change_speaker,
    forget_speaker,
    move_speaker,
    remove_speaker,
)
from tests import factories as make
from tests.conftest import MONDAY, ZONE

START = MONDAY + timedelta(days=60)
CHIEF = Point(kind=SpeakerKind.PARTNER, role="Police chief", name="Birgitta Ahl", minutes=8)
MOTHER = Point(
    kind=SpeakerKind.MORAL_VOICE,
    role="Mother of Lom",
    name="Rut Ekdal",
    parts=[MessagePart.NOT_DIE],
    minutes=10,
    before="Eva fetches her",
    after="Eva stays with her",
)
DOORS = Point(kind=SpeakerKind.NOBODY, role="Doors open", minutes=15)


@pytest.fixture
def police(viewer):
    return viewer(Role.COORDINATOR_POLICE)


@pytest.fixture
def call_in(db, programme):
    return make.a_call_in(db, programme, starts_at=START, status="approved")


@pytest.fixture
def order(db, police, call_in):
    """Doors, chief, mother; gives them by role."""
    points = [
        add_speaker(db, police, call_in.id, each, at=MONDAY) for each in (DOORS, CHIEF, MOTHER)
    ]
    return {point.role: point.id for point in points}


def said(db, viewer, call_in):
    return speakers(db, viewer, call_in.id, starts_at=call_in.starts_at)


def test_points_follow_one_another_from_the_start(db, police, call_in, order):
    rows = said(db, police, call_in)

    assert [row.role for row in rows] == ["Doors open", "Police chief", "Mother of Lom"]
    after = [(row.starts_at - START, row.ends_at - START) for row in rows]
    minutes = [(a // timedelta(minutes=1), b // timedelta(minutes=1)) for a, b in after]
    assert minutes == [(0, 15), (15, 23), (23, 33)]


def test_a_call_in_without_a_time_has_an_order_without_times(db, police, programme):
    undated = make.a_call_in(db, programme, starts_at=START, status="draft")
    undated.starts_at = None
    add_speaker(db, police, undated.id, CHIEF, at=MONDAY)

    assert [(row.position, row.starts_at) for row in said(db, police, undated)] == [(1, None)]


@pytest.mark.parametrize(
    ("move", "then"),
    [
        (("Mother of Lom", -1), ["Doors open", "Mother of Lom", "Police chief"]),
        (("Doors open", 1), ["Police chief", "Doors open", "Mother of Lom"]),
        (("Doors open", -1), ["Doors open", "Police chief", "Mother of Lom"]),
        (("Mother of Lom", 1), ["Doors open", "Police chief", "Mother of Lom"]),
    ],
    ids=["earlier", "later", "first stays first", "last stays last"],
)
def test_a_point_changes_places_with_its_neighbour(db, police, order, move, then):
    who, by = move
    move_speaker(db, police, order[who], by=by, at=MONDAY)

    found = db.scalars(select(Speaker).order_by(Speaker.position))
    assert [speaker.role for speaker in found] == then


def test_what_is_taken_out_is_gone_and_the_others_move_up(db, police, call_in, order):
    remove_speaker(db, police, order["Police chief"], at=MONDAY)

    rows = said(db, police, call_in)
    assert [(row.position, row.role) for row in rows] == [(1, "Doors open"), (2, "Mother of Lom")]
    added = add_speaker(db, police, call_in.id, CHIEF, at=MONDAY)
    assert added.position == 3


def test_which_parts_nobody_is_to_speak_on_is_known(db, police, call_in, order):
    rows = said(db, police, call_in)

    assert unspoken(row.parts for row in rows) == (
        MessagePart.NOT_KILL,
        MessagePart.CONSEQUENCES,
        MessagePart.HELP,
    )


@pytest.mark.parametrize(
    ("point", "field"),
    [
        (Point(kind=SpeakerKind.PARTNER, role=" ", minutes=5), "role"),
        (Point(kind=SpeakerKind.PARTNER, role="Chief", minutes=0), "minutes"),
        (Point(kind=SpeakerKind.PARTNER, role="Chief", minutes=601), "minutes"),
        (Point(kind=SpeakerKind.NOBODY, role="Food", minutes=5, name="Eva"), "kind"),
        (
            Point(kind=SpeakerKind.NOBODY, role="Food", minutes=5, parts=[MessagePart.HELP]),
            "kind",
        ),
    ],
    ids=["no role", "no time", "too long", "a name for nobody", "a part for nobody"],
)
def test_a_point_that_cannot_be_is_refused_by_its_field(db, police, call_in, point, field):
    with pytest.raises(RuleError) as refused:
        add_speaker(db, police, call_in.id, point, at=MONDAY)

    assert refused.value.field == field


def test_nothing_is_changed_once_it_was_held(db, police, call_in, order):
    call_in.status = "held"

    for act in (
        lambda: add_speaker(db, police, call_in.id, CHIEF, at=MONDAY),
        lambda: change_speaker(db, police, order["Police chief"], DOORS, at=MONDAY),
        lambda: move_speaker(db, police, order["Police chief"], by=1, at=MONDAY),
        lambda: remove_speaker(db, police, order["Police chief"], at=MONDAY),
    ):
        with pytest.raises(RuleError):
            act()


def test_only_coordinators_know_names_and_care(db, viewer, call_in, order):
    for role in (Role.PROBATION, Role.COMMUNITY):
        rows = said(db, viewer(role), call_in)
        assert [row.minutes for row in rows] == [15, 8, 10]
        assert {(row.name, row.before, row.after) for row in rows} == {("", "", "")}
    for role in (Role.ANALYST, Role.OUTREACH, Role.STEERING, Role.AUDITOR, Role.ADMIN):
        assert said(db, viewer(role), call_in) == ()
        with pytest.raises(NotAllowedError):
            add_speaker(db, viewer(role), call_in.id, CHIEF, at=MONDAY)


def test_the_database_alone_tells_no_name_and_no_role(db, police, call_in, order):
    stored = db.execute(text('SELECT role, name, "before", "after" FROM speakers')).all()

    for word in ("Rut", "Mother", "Eva", "Birgitta"):
        assert word not in str(stored)


def test_who_spoke_is_forgotten_when_a_speaker_asks_for_it(db, viewer, police, call_in, order):
    call_in.status = "held"

    forget_speaker(db, viewer(Role.COORDINATOR_MUNICIPAL), order["Mother of Lom"], at=START)

    gone = said(db, police, call_in)[-1]
    assert (gone.role, gone.name, gone.before, gone.after) == ("", "", "", "")
    assert (gone.parts, gone.minutes, gone.is_erased) == ((MessagePart.NOT_DIE,), 10, True)
    entry = db.scalars(select(AuditEntry).order_by(AuditEntry.id.desc()).limit(1)).one()
    assert (entry.verb, entry.kind) == ("erased", "speaker:erased")
    assert "Rut" not in json.dumps(entry.detail)


@pytest.fixture
def recorded(db, programme, call_in):
    """Who is recorded to have said what; gives it as it stands."""
    lom = make.a_person(db, programme, MONDAY, "Lom")
    for part, by in (
        (MessagePart.NOT_DIE, "rut ekdal"),
        (MessagePart.HELP, "Birgitta Ahl, Samira"),
        (MessagePart.CONSEQUENCES, "Rut Ekdal's sister"),
    ):
        db.add(SpokenPart(call_in_id=call_in.id, part=part.value, spoken_by=by))
    other = make.a_call_in(db, programme, starts_at=START, name="Call-in 5", status="held")
    by = "Rut Ekdal, mother of Lom, Birgitta Ahl"
    lines = [
        make.a_delivery(db, lom, START, call_in_id=each.id, delivered_by=by)
        for each in (call_in, other)
    ]

    def stands():
        parts = {each.part: each.spoken_by for each in db.scalars(select(SpokenPart))}
        return parts, [line.delivered_by for line in lines]

    return stands


def test_a_forgotten_name_goes_from_who_said_what_at_that_call_in(
    db, police, call_in, order, recorded
):
    forget_speaker(db, police, order["Mother of Lom"], at=START)

    parts, lines = recorded()
    assert parts == {
        "not_die": "–",
        "help": "Birgitta Ahl, Samira",
        "consequences": "Rut Ekdal's sister",
    }
    assert lines == ["–, Birgitta Ahl", "Rut Ekdal, mother of Lom, Birgitta Ahl"]


def test_after_ninety_days_names_are_roles_in_who_said_what(db, police, order, recorded):
    run_retention(db, police, at=START + timedelta(days=90), zone=ZONE)

    parts, lines = recorded()
    assert parts["help"] == "Police chief, Samira"
    assert lines[0] == "–, Police chief"


def test_names_go_ninety_days_after_the_call_in(db, police, call_in, order):
    day = START + timedelta(days=90)

    early = run_retention(db, police, at=day - timedelta(seconds=1), zone=ZONE)
    report = run_retention(db, police, at=day, zone=ZONE)
    again = run_retention(db, police, at=day, zone=ZONE)

    assert (early.speakers, report.speakers, again.speakers) == (0, 2, 0)
    roles = [speaker.role for speaker in db.scalars(select(Speaker).order_by(Speaker.position))]
    assert roles == ["Doors open", "Police chief", ""]
    assert {row.name for row in said(db, police, call_in)} == {""}


def test_a_call_in_postponed_keeps_its_speakers(db, police, call_in, order):
    call_in.starts_at = START + timedelta(days=200)

    report = run_retention(db, police, at=START + timedelta(days=90), zone=ZONE)

    assert report.speakers == 0


def test_calendars_keep_free_what_the_call_in_is_to_last(db, police, call_in):
    before = calendar_rows(db, police, "call_in:list")[0]

    set_length(db, police, call_in.id, minutes=90, at=MONDAY + timedelta(hours=1))
    set_length(db, police, call_in.id, minutes=90, at=MONDAY + timedelta(hours=2))

    after = calendar_rows(db, police, "call_in:list")[0]
    assert (before.minutes, after.minutes) == (120, 90)
    assert after.sequence == before.sequence + 1
    with pytest.raises(RuleError):
        set_length(db, police, call_in.id, minutes=0, at=MONDAY)
