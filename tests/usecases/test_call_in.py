"""A call-in from the draft to its close, and what follows attendance by itself."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gvi.domain.access import Role, Viewer
from gvi.domain.call_in import Bar, CallInStatus, InviteeStatus
from gvi.domain.errors import NotAllowedError, NotFoundError, RuleError
from gvi.domain.message import MessagePart
from gvi.store.models import (
    Action,
    AuditEntry,
    CallIn,
    CustomNotification,
    DueChange,
    Invitee,
    MessageDelivery,
    Person,
    StatusChange,
)
from gvi.store.queries.call_in import call_in_card, call_ins, due_call_ins, next_call_in
from gvi.store.queries.follow_up import follow_ups
from gvi.store.queries.invitee import invitees
from gvi.usecases.attendance import Outcome, record_attendance
from gvi.usecases.call_in import (
    Outline,
    add_call_in,
    advance_call_in,
    cancel_call_in,
    change_call_in,
    postpone_call_in,
)
from gvi.usecases.invitee import Proposal, decide_invitee, propose_invitees
from tests import factories as make
from tests.conftest import MONDAY, ZONE

THEN = MONDAY + timedelta(days=30)
AFTER = THEN + timedelta(hours=3)
SAID = dict.fromkeys(MessagePart, "police chief") | {MessagePart.HELP: "mother"}
"""Who said each part of the message at the call-in."""


@pytest.fixture
def police(viewer) -> Viewer:
    return viewer(Role.COORDINATOR_POLICE)


@pytest.fixture
def town(db: Session, programme: int) -> dict:
    """Two groups in open conflict, two adults in each, and somebody of each sort never invited."""
    granit = make.a_group(db, programme, MONDAY, "Granit")
    kajen = make.a_group(db, programme, MONDAY, "Kajen")
    make.a_relation(db, MONDAY, granit, kajen)
    people = {"granit": granit, "kajen": kajen}
    for name, group, given in (
        ("Lom", granit, {}),
        ("Alka", granit, {}),
        ("Mes", kajen, {}),
        ("Siska", kajen, {}),
        ("Barnet", granit, {"birth_date": date(2008, 6, 1)}),
        ("Skyddad", granit, {"is_protected": True}),
        ("Häktad", granit, {}),
    ):
        people[name] = make.a_person(db, programme, MONDAY, name, **given)
        make.a_membership(db, MONDAY, people[name], group)
    make.a_supervision(db, MONDAY, people["Lom"])
    make.a_supervision(db, MONDAY, people["Häktad"], kind="custody")
    make.a_person(db, programme, MONDAY, "Ensam")
    return people


@pytest.fixture
def call_in(db: Session, police: Viewer, town: dict) -> CallIn:
    outline = Outline(
        name="Call-in 4",
        venue="Arenan",
        purpose="Lugn",
        seats=3,
        group_ids=[town["granit"].id, town["kajen"].id],
    )
    return add_call_in(db, police, outline, starts_at=THEN, at=MONDAY)


@pytest.fixture
def propose(db: Session, police: Viewer, call_in: CallIn, town: dict) -> Callable:
    def these(*names: str, reason: str = "They must hear it together") -> None:
        proposal = Proposal(
            session_of=dict.fromkeys((town[name].id for name in names), 1), rivals_reason=reason
        )
        propose_invitees(db, police, call_in.id, proposal, at=MONDAY, zone=ZONE)

    return these


@pytest.fixture
def held(db: Session, police: Viewer, call_in: CallIn, town: dict, propose: Callable) -> Callable:
    """Approves and lets people come; gives a way to record attendance by name."""
    propose("Lom", "Alka", "Mes")
    advance_call_in(db, police, call_in.id, to=CallInStatus.APPROVED, at=MONDAY, zone=ZONE)
    for invitee in db.scalars(select(Invitee)):
        make.cleared(db, invitee, call_in.programme_id)
    rows = {row.person_id: row.id for row in db.scalars(select(Invitee))}

    def record(viewer: Viewer | None = None, at=AFTER, said=SAID, **names: str) -> None:
        outcomes = {
            rows[town[name].id]: Outcome(
                status=InviteeStatus(status),
                heard=[MessagePart.HELP] if status == "left_early" else (),
            )
            for name, status in names.items()
        }
        record_attendance(
            db,
            viewer or police,
            call_in.id,
            outcomes,
            said=said,
            at=at,
            zone=ZONE,
            correction="wrong row",
        )

    return record


def statuses(db: Session) -> dict[str, str]:
    rows = db.execute(
        select(Person.code_name, Invitee.status).join(Person, Person.id == Invitee.person_id)
    )
    return {row.code_name: row.status for row in rows}


def kinds(db: Session) -> list[str]:
    return [row.kind for row in db.scalars(select(AuditEntry).order_by(AuditEntry.id))]


def test_a_draft_names_its_groups_and_invites_nobody(db, police, call_in):
    row = call_ins(db, police)[0]

    assert (row.status, row.groups, row.numbers.invited) == ("draft", ("Granit", "Kajen"), 0)
    assert kinds(db) == ["call_in:added"]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        pytest.param({"name": " "}, "name", id="no name"),
        pytest.param({"seats": 0}, "seats", id="no seat"),
        pytest.param({"group_ids": []}, "groups", id="no group"),
    ],
)
def test_a_draft_needs_a_name_seats_and_groups(db, police, town, wrong, field):
    given = {
        "name": "Call-in 5",
        "venue": "",
        "purpose": "",
        "seats": 3,
        "group_ids": [town["granit"].id],
    }

    with pytest.raises(RuleError) as refused:
        add_call_in(db, police, Outline(**(given | wrong)), starts_at=None, at=MONDAY)

    assert refused.value.field == field


def test_a_time_gone_by_is_refused(db, police, town):
    outline = Outline(name="Sent", venue="", purpose="", seats=3, group_ids=[town["granit"].id])

    with pytest.raises(RuleError) as refused:
        add_call_in(db, police, outline, starts_at=MONDAY - timedelta(days=1), at=MONDAY)

    assert refused.value.field == "starts_at"


def test_people_are_proposed_by_a_named_person_with_group_and_obligation(db, police, propose):
    propose("Lom", "Alka")

    found = {row.person_id: row for row in db.scalars(select(Invitee))}
    assert statuses(db) == {"Lom": "proposed", "Alka": "proposed"}
    assert {row.added_by_id for row in found.values()} == {police.user_id}
    assert [row.is_obliged for row in found.values()] == [True, False]
    assert kinds(db)[-1] == "call_in:invitees_proposed"


def test_unticking_withdraws_and_ticking_again_proposes(db, propose):
    propose("Lom", "Alka")
    propose("Alka")
    assert statuses(db) == {"Lom": "withdrawn", "Alka": "proposed"}

    propose("Lom", "Alka")

    assert statuses(db) == {"Lom": "proposed", "Alka": "proposed"}
    changes = db.scalars(select(StatusChange.new).where(StatusChange.thing == "invitee")).all()
    assert changes == ["withdrawn", "proposed"]


@pytest.mark.parametrize("name", ["Barnet", "Skyddad", "Häktad"])
def test_nobody_barred_is_ever_proposed(db, propose, name):
    with pytest.raises(RuleError, match=name):
        propose("Lom", name)


def test_more_than_the_seats_are_refused(propose):
    with pytest.raises(RuleError, match="4 are ticked and there are 3 seats"):
        propose("Lom", "Alka", "Mes", "Siska")


def test_rivals_meet_only_when_somebody_says_why(db, propose):
    with pytest.raises(RuleError, match="Granit and Kajen are in open conflict") as refused:
        propose("Lom", "Mes", reason=" ")
    assert refused.value.field == "rivals_reason"

    propose("Lom", "Mes", reason="Both asked for it")
    propose("Lom", "Mes", "Siska", reason="")

    accepted = db.scalars(select(StatusChange).where(StatusChange.field == "rivals")).all()
    assert [row.reason for row in accepted] == ["Both asked for it"]


def test_a_call_in_goes_step_by_step_and_each_step_is_signed(db, police, call_in, propose):
    propose("Lom")
    with pytest.raises(RuleError, match="not the next step"):
        advance_call_in(db, police, call_in.id, to=CallInStatus.REHEARSED, at=MONDAY, zone=ZONE)
    advance_call_in(db, police, call_in.id, to=CallInStatus.APPROVED, at=MONDAY, zone=ZONE)
    with pytest.raises(RuleError, match="Nobody is cleared"):
        advance_call_in(db, police, call_in.id, to=CallInStatus.INVITED, at=MONDAY, zone=ZONE)
    invitee = db.scalars(select(Invitee)).one()
    make.clear(db, invitee, police, MONDAY, ZONE)

    advance_call_in(db, police, call_in.id, to=CallInStatus.INVITED, at=MONDAY, zone=ZONE)
    advance_call_in(
        db, police, call_in.id, to=CallInStatus.REHEARSED, at=MONDAY, zone=ZONE, note="Fine"
    )

    assert (call_in.status, invitee.status) == ("rehearsed", "invited")
    assert call_in.approved_by_id == police.user_id
    trail = db.scalars(select(StatusChange).where(StatusChange.thing == "call_in")).all()
    assert [(row.old, row.new, row.reason) for row in trail] == [
        ("draft", "approved", ""),
        ("approved", "invited", ""),
        ("invited", "rehearsed", "Fine"),
    ]
    assert {row.changed_by_id for row in trail} == {police.user_id}


def test_postponing_moves_what_follows_and_asks_for_a_new_approval(db, police, call_in, propose):
    propose("Lom")
    advance_call_in(db, police, call_in.id, to=CallInStatus.APPROVED, at=MONDAY, zone=ZONE)
    invitee = db.scalars(select(Invitee)).one()
    invitee.status = "confirmed"
    later = THEN + timedelta(days=7)
    with pytest.raises(RuleError):
        postpone_call_in(db, police, call_in.id, starts_at=later, reason=" ", at=MONDAY, zone=ZONE)

    postpone_call_in(
        db, police, call_in.id, starts_at=later, reason="A shooting", at=MONDAY, zone=ZONE
    )

    debrief = db.scalars(select(Action).where(Action.kind == "debrief")).one()
    assert (call_in.status, call_in.starts_at, call_in.approved_at) == ("postponed", later, None)
    assert (debrief.kind, debrief.due_at) == ("debrief", later + timedelta(days=7))
    assert invitee.status == "invited"
    about = (DueChange.thing == "call_in") | (DueChange.thing_id == debrief.id)
    moved = db.scalars(select(DueChange).where(about).order_by(DueChange.id)).all()
    assert [(row.thing, row.new_due_at, row.reason) for row in moved] == [
        ("call_in", later, "A shooting"),
        ("action", debrief.due_at, "A shooting"),
    ]
    before = db.scalar(select(func.count()).select_from(Action))
    advance_call_in(db, police, call_in.id, to=CallInStatus.APPROVED, at=MONDAY, zone=ZONE)
    assert db.scalar(select(func.count()).select_from(Action)) == before


def test_cancelling_takes_a_reason_and_drops_what_follows(db, police, call_in):
    advance_call_in(db, police, call_in.id, to=CallInStatus.APPROVED, at=MONDAY, zone=ZONE)

    cancel_call_in(db, police, call_in.id, reason="No venue", at=MONDAY)

    assert call_in.status == "cancelled"
    ended = {(row.status, row.outcome) for row in db.scalars(select(Action))}
    assert ended == {("dropped", "No venue")}
    with pytest.raises(RuleError, match="held or cancelled"):
        cancel_call_in(db, police, call_in.id, reason="Again", at=MONDAY)


def test_attendance_waits_for_the_call_in_to_begin(held):
    with pytest.raises(RuleError, match="has not begun"):
        held(at=THEN - timedelta(minutes=1), Lom="attended")


def test_attendance_makes_deliveries_and_follow_ups(db, police, held, town, viewer):
    held(Lom="attended", Alka="left_early", Mes="no_show")

    call_in = db.scalars(select(CallIn)).one()
    assert call_in.status == "held"
    told = {row.person_id: row for row in db.scalars(select(MessageDelivery))}
    assert set(told) == {town["Lom"].id, town["Alka"].id}
    assert told[town["Lom"].id].not_die
    assert (told[town["Alka"].id].not_die, told[town["Alka"].id].help) == (False, True)
    assert told[town["Lom"].id].delivered_at == THEN
    contacts = db.scalars(select(Action).where(Action.kind == "attendee_contact")).all()
    assert {row.person_id for row in contacts} == {town["Lom"].id, town["Alka"].id}
    assert {row.due_at for row in contacts} == {THEN + timedelta(hours=72)}
    assert {row.compartment for row in contacts} == {"social"}
    assert {row.owner_id for row in contacts} == {viewer(Role.COORDINATOR_MUNICIPAL).user_id}
    visit = db.scalars(select(CustomNotification)).one()
    assert (visit.person_id, visit.trigger, visit.status, visit.due_at) == (
        town["Mes"].id,
        "after_call_in_no_show",
        "planned",
        THEN + timedelta(days=14),
    )
    lines = {line.kind: line for line in follow_ups(db, police, call_in.id, AFTER)}
    assert {kind: line.total for kind, line in lines.items()} == {
        "attendee_contact": 2,
        "no_show_notification": 1,
        "debrief": 1,
        "wellbeing": 1,
    }


def test_the_own_outreach_worker_makes_the_contact(db, held, town, viewer):
    worker = viewer(Role.OUTREACH).user_id
    make.a_client(db, MONDAY, town["Lom"], worker)

    held(Lom="attended")

    contact = db.scalars(select(Action).where(Action.kind == "attendee_contact")).one()
    assert contact.owner_id == worker


def test_saving_the_same_attendance_again_makes_nothing_twice(db, held):
    tables = (MessageDelivery, Action, CustomNotification)

    def counts() -> list[int]:
        return [db.scalar(select(func.count()).select_from(table)) for table in tables]

    booked = counts()[1]
    held(Lom="attended", Alka="left_early", Mes="no_show")
    held(Lom="attended", Alka="left_early", Mes="no_show")

    assert counts() == [2, booked + 2, 1]


def test_a_corrected_attendance_corrects_what_follows(db, held, town):
    held(Lom="attended", Mes="no_show")

    held(Lom="no_show", Mes="attended")

    actions = db.scalars(select(Action).where(Action.kind == "attendee_contact")).all()
    found = {row.person_id: row for row in actions}
    assert found[town["Lom"].id].status == "dropped"
    assert found[town["Lom"].id].outcome == "wrong row"
    assert found[town["Mes"].id].status == "decided"
    visits = {row.person_id: row.status for row in db.scalars(select(CustomNotification))}
    assert visits == {town["Mes"].id: "cancelled", town["Lom"].id: "planned"}
    assert db.scalars(select(MessageDelivery.person_id)).all() == [town["Mes"].id]

    held(Lom="attended", Mes="no_show")

    actions = db.scalars(select(Action).where(Action.kind == "attendee_contact")).all()
    assert {row.person_id: row.status for row in actions} == {
        town["Lom"].id: "decided",
        town["Mes"].id: "dropped",
    }
    visits = {row.person_id: row.status for row in db.scalars(select(CustomNotification))}
    assert visits == {town["Mes"].id: "planned", town["Lom"].id: "cancelled"}


def test_what_somebody_dropped_stays_dropped_when_the_same_is_saved_again(db, held):
    held(Lom="attended")
    contact = db.scalars(select(Action).where(Action.kind == "attendee_contact")).one()
    contact.status, contact.ended_at, contact.outcome = "dropped", AFTER, "moved away"
    db.flush()

    held(Lom="attended")

    assert (contact.status, contact.outcome) == ("dropped", "moved away")


def test_nobody_who_was_asked_is_forgotten(db, police, call_in, held):
    for invitee in db.scalars(select(Invitee)):
        invitee.status = "invited"
    held(Lom="attended")
    for action in db.scalars(select(Action)):
        action.status, action.ended_at = "done", AFTER
    db.flush()

    with pytest.raises(RuleError, match="2 have none"):
        advance_call_in(db, police, call_in.id, to=CallInStatus.FOLLOWED_UP, at=AFTER, zone=ZONE)
    assert [row.what for row in due_call_ins(db, police, AFTER)] == [
        "Record who came to the call-in"
    ]

    held(Lom="attended", Alka="excused", Mes="turned_away")
    assert due_call_ins(db, police, AFTER) == ()
    advance_call_in(db, police, call_in.id, to=CallInStatus.FOLLOWED_UP, at=AFTER, zone=ZONE)
    db.scalars(select(Invitee).where(Invitee.status == "excused")).one().status = "invited"
    with pytest.raises(RuleError, match="1 have none"):
        advance_call_in(db, police, call_in.id, to=CallInStatus.CLOSED, at=AFTER, zone=ZONE)


def test_a_call_in_is_held_by_who_keeps_the_ledger(db, viewer, call_in, held, town):
    probation = viewer(Role.PROBATION)
    make.a_client(db, MONDAY, town["Lom"], probation.user_id)

    held(probation, Lom="attended")

    assert (call_in.status, statuses(db)["Lom"]) == ("approved", "attended")
    assert "attendee_contact" in db.scalars(select(Action.kind)).all()
    assert [row.what for row in due_call_ins(db, probation, AFTER)] == [
        "Record who came to the call-in"
    ]
    held(Lom="attended")
    assert call_in.status == "held"


def test_no_visit_follows_for_who_was_not_to_be_let_in(db, held, town):
    mes = db.scalars(select(Invitee).where(Invitee.person_id == town["Mes"].id)).one()
    held(Lom="no_show", Alka="attended")
    town["Lom"].is_protected = town["Alka"].is_exit_client = True
    db.add(make.a_no(mes, MONDAY))
    db.flush()

    held(Lom="no_show", Alka="no_show", Mes="no_show")

    assert db.scalars(select(CustomNotification.person_id)).all() == [town["Lom"].id], "of before"
    held(Lom="excused", Alka="excused")
    held(Lom="no_show", Alka="no_show")
    assert db.scalars(select(CustomNotification.status)).all() == ["cancelled"]


def test_followed_up_waits_for_everything_that_follows(db, police, call_in, held):
    held(Lom="attended")
    with pytest.raises(RuleError, match="3 still open"):
        advance_call_in(db, police, call_in.id, to=CallInStatus.FOLLOWED_UP, at=AFTER, zone=ZONE)
    for action in db.scalars(select(Action)):
        action.status, action.ended_at = "done", AFTER
    db.flush()

    advance_call_in(db, police, call_in.id, to=CallInStatus.FOLLOWED_UP, at=AFTER, zone=ZONE)
    assert call_in.status == "followed_up"

    held(Alka="attended")
    assert call_in.status == "held"


def test_probation_records_its_own_clients_only(db, viewer, held, town):
    probation = viewer(Role.PROBATION)
    make.a_client(db, MONDAY, town["Lom"], probation.user_id)

    held(probation, Lom="attended")
    with pytest.raises(NotFoundError):
        held(probation, Alka="attended")

    assert statuses(db)["Lom"] == "attended"
    assert db.scalars(select(MessageDelivery)).all() == []
    assert "attendee_contact" in db.scalars(select(Action.kind)).all()
    card = call_in_card(db, probation, db.scalars(select(CallIn.id)).one())
    seen = invitees(db, probation, card, at=AFTER, zone=ZONE)
    assert [row.code_name for row in seen] == ["Lom"]


def test_the_ledger_follows_from_what_who_cannot_read_it_records(db, viewer, held, town):
    probation = viewer(Role.PROBATION)
    make.a_client(db, MONDAY, town["Lom"], probation.user_id)
    held(Lom="left_early")

    held(probation, Lom="attended")
    told = db.scalars(select(MessageDelivery)).one()
    assert (told.help, told.not_die) == (True, True)

    held(probation, Lom="no_show")
    assert db.scalars(select(MessageDelivery)).all() == []


def test_what_was_heard_stands_for_nobody_who_is_corrected_to_left_early(
    db, viewer, held, town, police
):
    probation = viewer(Role.PROBATION)
    make.a_client(db, MONDAY, town["Lom"], probation.user_id)
    held(Lom="attended", Mes="attended")

    held(probation, Lom="left_early")

    told = db.scalars(select(MessageDelivery.person_id)).all()
    assert told == [town["Mes"].id], "what the probation service says was heard counts for nothing"
    assert to_confirm(db, police) == ["Lom"]
    assert to_confirm(db, probation) == []

    held(Lom="left_early")
    assert to_confirm(db, police) == []
    parts = {row.person_id: row.help for row in db.scalars(select(MessageDelivery))}
    assert parts[town["Lom"].id]


def to_confirm(db, viewer) -> list[str]:
    card = call_in_card(db, viewer, db.scalars(select(CallIn.id)).one())
    rows = invitees(db, viewer, card, at=AFTER, zone=ZONE)
    return [row.code_name for row in rows if row.is_to_confirm]


def test_the_ledger_names_who_said_what_somebody_heard(db, held, town):
    held(Lom="attended", Alka="left_early")

    by = {row.person_id: row.delivered_by for row in db.scalars(select(MessageDelivery))}
    assert by == {town["Lom"].id: "police chief, mother", town["Alka"].id: "mother"}

    held(said=SAID | {MessagePart.HELP: "former member"}, Lom="attended")
    by = {row.person_id: row.delivered_by for row in db.scalars(select(MessageDelivery))}
    assert by == {town["Lom"].id: "police chief, former member", town["Alka"].id: "former member"}

    with pytest.raises(RuleError, match="that nobody said"):
        held(said={MessagePart.NOT_DIE: "police chief"}, Alka="left_early")


def test_rivals_and_the_newly_barred_are_pointed_out(db, police, call_in, propose, town):
    propose("Lom", "Alka", "Mes")
    make.a_supervision(db, MONDAY, town["Alka"], kind="custody")

    card = call_in_card(db, police, call_in.id)
    rows = {row.code_name: row for row in invitees(db, police, card, at=MONDAY, zone=ZONE)}

    assert rows["Lom"].rivals == ("Mes",)
    assert rows["Mes"].rivals == ("Alka", "Lom")
    assert {name: row.bar for name, row in rows.items()} == {
        "Lom": None,
        "Alka": Bar.IN_CUSTODY,
        "Mes": None,
    }
    invitee = next(row for row in db.scalars(select(Invitee)) if row.person_id == town["Alka"].id)
    with pytest.raises(RuleError, match="Alka is in custody"):
        make.clear(db, invitee, police, MONDAY, ZONE)


def test_an_invitation_is_withdrawn_with_a_reason(db, police, propose):
    propose("Lom")
    invitee = db.scalars(select(Invitee)).one()
    with pytest.raises(RuleError):
        decide_invitee(db, police, invitee.id, to=InviteeStatus.WITHDRAWN, at=MONDAY, zone=ZONE)

    decide_invitee(
        db,
        police,
        invitee.id,
        to=InviteeStatus.WITHDRAWN,
        at=MONDAY,
        zone=ZONE,
        reason="Threatened",
    )

    assert invitee.status == "withdrawn"


@pytest.mark.parametrize("role", [Role.ANALYST, Role.OUTREACH, Role.PROBATION, Role.STEERING])
def test_only_coordinators_run_call_ins(db, viewer, call_in, town, role):
    mine = Outline(name="Mine", venue="", purpose="", seats=3, group_ids=[town["granit"].id])

    with pytest.raises(NotAllowedError):
        change_call_in(db, viewer(role), call_in.id, mine, starts_at=None, at=MONDAY)
    with pytest.raises(NotAllowedError):
        cancel_call_in(db, viewer(role), call_in.id, reason="Why not", at=MONDAY)


def test_the_next_call_in_and_what_is_due(db, police, call_in):
    advance_call_in(db, police, call_in.id, to=CallInStatus.APPROVED, at=MONDAY, zone=ZONE)

    assert next_call_in(db, police, MONDAY).name == "Call-in 4"
    assert next_call_in(db, police, AFTER) is None
    before, after = due_call_ins(db, police, MONDAY), due_call_ins(db, police, AFTER)
    assert [row.what for row in (*before, *after)] == [
        "Hold the call-in",
        "Record who came to the call-in",
    ]
    assert before[0].owner_id == police.user_id
