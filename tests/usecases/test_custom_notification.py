"""A custom notification from the plan to the delivery; attempts are not deliveries."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gvi.domain.access import Role, Viewer
from gvi.domain.custom_notification import (
    Answer,
    AttemptOutcome,
    NotificationStatus,
    NotificationTrigger,
    Reaction,
)
from gvi.domain.errors import NotAllowedError, NotFoundError, RuleError
from gvi.domain.message import MessagePart
from gvi.domain.paper import LetterLanguage
from gvi.store.models import (
    AuditEntry,
    CustomNotification,
    DueChange,
    MessageDelivery,
    NotificationAttempt,
    Person,
    RiskCheck,
    StatusChange,
    VisitLetter,
    WithdrawnAttempt,
)
from gvi.store.queries.custom_notification import (
    due_notifications,
    notification_card,
    notifications,
)
from gvi.store.queries.message import people_told
from gvi.store.queries.risk_check import risks_of
from gvi.usecases.attempt import Try, record_attempt, withdraw_attempt
from gvi.usecases.custom_notification import (
    Errand,
    add_notification,
    approve_letter,
    approve_notification,
    change_notification,
    end_notification,
    move_notification,
)
from gvi.usecases.risk_check import Check, check_risk
from tests import factories as make
from tests.conftest import MONDAY, ZONE

DUE = MONDAY + timedelta(days=2)
TODAY = MONDAY.astimezone(ZONE).date()
ALL = frozenset(MessagePart)
A_GO = Check(
    home_conflict=Answer.NO,
    children_present=Answer.UNKNOWN,
    victim_of_own_group=Answer.NO,
    is_go=True,
    reason="Asked the school and the probation officer",
)


@pytest.fixture
def police(viewer) -> Viewer:
    return viewer(Role.COORDINATOR_POLICE)


@pytest.fixture
def lom(police: Viewer, db: Session, programme: int) -> Person:
    return make.a_person(db, programme, MONDAY, "Lom", name="Viktor Älgmark")


@pytest.fixture
def plan(db, police, viewer):
    def make_plan(person: Person, **given) -> CustomNotification:
        errand = {
            "owner_id": police.user_id,
            "team": "police and social services",
            "place": "Home",
            "visitor_ids": [viewer(Role.COMMUNITY).user_id],
        }
        moment = {"due_at": given.pop("due_at", DUE)}
        return add_notification(
            db,
            police,
            person.id,
            Errand(**(errand | given)),
            trigger=NotificationTrigger.AFTER_INCIDENT,
            incident_id=None,
            at=MONDAY,
            zone=ZONE,
            **moment,
        )

    return make_plan


@pytest.fixture
def visit(db, police, lom, plan) -> CustomNotification:
    planned = plan(lom)
    make.a_check(db, planned, MONDAY)
    approve_notification(db, police, planned.id, at=MONDAY, zone=ZONE)
    return planned


@pytest.fixture
def attempt(db, police, visit):
    def go(outcome: str, *parts: str, hours: int = 1, **given):
        when = MONDAY + timedelta(hours=hours)
        at = given.pop("at", when)
        asked = {
            "attempted_at": when,
            "outcome": AttemptOutcome(outcome),
            "place": "Home",
            "note": "calm",
            "card_left": False,
            "parts": [MessagePart(part) for part in parts],
            "delivered_by": "Göran Ek, police",
        }
        return record_attempt(db, police, visit.id, Try(**(asked | given)), at=at)

    return go


def test_three_tries_and_one_delivery(db, police, visit, attempt):
    attempt("not_home", hours=1)
    attempt("family_only", "not_die", "help", hours=2)
    attempt("met", *ALL, hours=3, card_left=True)

    card = notification_card(db, police, visit.id, at=MONDAY + timedelta(hours=4), on=TODAY)
    assert (card.row.status, card.row.attempts, card.row.deliveries) == ("delivered", 3, 1)
    assert [len(each.parts) for each in card.plan.attempts] == [0, 2, 4]
    assert [each.to_family for each in card.plan.attempts] == [False, True, False]
    trail = db.scalars(
        select(StatusChange.new)
        .where(StatusChange.thing == "custom_notification")
        .order_by(StatusChange.id)
    ).all()
    assert trail == ["approved", "attempted", "partly_family", "delivered"]


def test_each_try_is_in_the_log_with_the_person(db, lom, attempt):
    attempt("not_home")

    last = db.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert last.kind == "custom_notification:attempt_recorded"
    assert f'"person": [{lom.id}]' in last.subjects


@pytest.mark.parametrize(
    ("said", "status"),
    [
        pytest.param(["phone_only", "help"], "delivered", id="told by phone"),
        pytest.param(["phone_only"], "attempted", id="phoned, nothing said"),
        pytest.param(["family_only"], "attempted", id="family, nothing said"),
        pytest.param(["refused_door"], "attempted", id="refused"),
    ],
)
def test_what_was_said_decides(db, visit, attempt, said, status):
    attempt(*said)

    assert visit.status == status
    assert len(db.scalars(select(MessageDelivery)).all()) == len(said) - 1


@pytest.mark.parametrize(
    ("said", "given", "field"),
    [
        pytest.param(["met"], {}, "parts", id="met but nothing said"),
        pytest.param(["not_home", "help"], {}, "parts", id="said to nobody"),
        pytest.param(["met", "help"], {"delivered_by": " "}, "delivered_by", id="said by nobody"),
        pytest.param(["met", "help"], {"at": MONDAY}, "when", id="still to come"),
    ],
)
def test_a_try_that_cannot_be_is_refused(visit, attempt, said, given, field):
    with pytest.raises(RuleError) as refused:
        attempt(*said, **given)

    assert refused.value.field == field
    assert visit.status == "approved"


def test_after_four_tries_the_plan_is_looked_at_again(db, police, attempt):
    for hours in range(1, 4):
        attempt("not_home", hours=hours)
    assert not notifications(db, police, at=MONDAY, on=TODAY)[0].look_again

    attempt("not_home", hours=4)

    assert notifications(db, police, at=MONDAY, on=TODAY)[0].look_again


def test_four_attempts_ask_for_a_look_at_the_plan_also_where_the_family_was_told(
    db, police, attempt
):
    attempt("family_only", parts=[MessagePart.HELP])
    for hour in range(2, 5):
        attempt("not_home", hours=hour)

    (row,) = notifications(db, police, at=MONDAY, on=TODAY)
    assert row.status == "partly_family"
    assert row.look_again


def test_who_knows_of_violence_since_the_go_does_not_approve_on_it(db, programme, police, plan):
    lom = make.a_person(db, programme, MONDAY, "Mes")
    planned = plan(lom)
    make.a_check(db, planned, MONDAY)
    shooting = make.an_incident(db, programme, MONDAY, kind="shooting_at_person")
    make.an_involvement(db, shooting, lom, "victim", recorded_at=MONDAY + timedelta(hours=2))
    later = MONDAY + timedelta(hours=3)

    with pytest.raises(RuleError, match="became known after the go"):
        approve_notification(db, police, planned.id, at=later, zone=ZONE)

    make.a_check(db, planned, later)
    db.scalars(select(RiskCheck).order_by(RiskCheck.id)).first().ended_at = later
    approve_notification(db, police, planned.id, at=later, zone=ZONE)
    assert planned.status == "approved"


@pytest.mark.parametrize("left_out", ["is_protected", "is_exit_client"])
def test_nobody_protected_or_leaving_gets_one(db, programme, plan, left_out):
    with pytest.raises(RuleError, match="may not be visited") as refused:
        plan(make.a_person(db, programme, MONDAY, "Lom", **{left_out: True}))
    assert refused.value.field == "person"


def test_nobody_under_18_gets_one(db, programme, plan):
    child = make.a_person(db, programme, MONDAY, "Barnet", birth_date=date(2009, 1, 1))

    with pytest.raises(RuleError, match="guardian") as refused:
        plan(child)

    assert refused.value.field == "person"


@pytest.mark.parametrize("outcome", [None, "no_go", "noted"])
def test_approving_needs_a_go(db, police, lom, plan, outcome):
    planned = plan(lom)
    if outcome:
        make.a_check(db, planned, MONDAY, outcome)

    with pytest.raises(RuleError, match="Check the risk first"):
        approve_notification(db, police, planned.id, at=MONDAY, zone=ZONE)

    check_risk(db, police, planned.id, A_GO, at=MONDAY)
    approve_notification(db, police, planned.id, at=MONDAY, zone=ZONE)
    assert planned.status == "approved"


@pytest.mark.parametrize(
    "by_now",
    [{"is_protected": True}, {"is_exit_client": True}, {"birth_date": date(2010, 1, 1)}],
)
def test_nobody_is_approved_who_may_not_be_visited_by_now(db, police, lom, plan, by_now):
    planned = plan(lom)
    make.a_check(db, planned, MONDAY)
    for column, value in by_now.items():
        setattr(lom, column, value)
    db.flush()

    with pytest.raises(RuleError, match=r"may not be visited|under 18"):
        approve_notification(db, police, planned.id, at=MONDAY, zone=ZONE)


def test_who_is_in_custody_is_approved_for_the_release(db, police, lom, plan):
    planned = plan(lom)
    make.a_check(db, planned, MONDAY)
    make.a_supervision(db, MONDAY, lom, kind="custody", obliges_attendance=False)

    approve_notification(db, police, planned.id, at=MONDAY, zone=ZONE)

    assert planned.status == "approved"


def test_a_later_no_go_holds_the_visit_back_until_somebody_checks_anew(db, police, visit, attempt):
    no = replace(A_GO, is_go=False, reason="A brother threatens")
    check_risk(db, police, visit.id, no, at=MONDAY + timedelta(hours=1))

    with pytest.raises(RuleError, match="holds this visit back") as refused:
        attempt("not_home", hours=2)
    assert refused.value.field == "all_the_same"

    check_risk(db, police, visit.id, A_GO, at=MONDAY + timedelta(hours=3))
    assert not attempt("not_home", hours=4).was_held_back
    counting = db.scalars(select(RiskCheck).where(RiskCheck.ended_at.is_(None))).one()
    assert (counting.outcome, counting.checked_by_id) == ("go", police.user_id)
    assert db.scalar(select(func.count()).select_from(RiskCheck)) == 3, "all stay to be read"


def test_what_happened_before_or_despite_a_no_go_is_kept_as_it_was(db, police, visit, attempt):
    no = replace(A_GO, is_go=False)
    check_risk(db, police, visit.id, no, at=MONDAY + timedelta(hours=3))

    before = attempt("not_home", hours=2, at=MONDAY + timedelta(hours=4))
    despite = attempt("met", "help", hours=4, all_the_same=True)

    assert not before.was_held_back
    assert despite.was_held_back
    assert visit.status == "delivered"


def test_what_was_made_of_it_stands_apart_from_what_was_seen(db, police, visit, attempt):
    tried = attempt(
        "met",
        "help",
        family_present=Answer.YES,
        reaction=Reaction.LISTENS,
        assessment="He may call",
        help_offered="A talk about work",
        next_step="We ring on Friday",
    )
    card = notification_card(db, police, visit.id, at=MONDAY, on=TODAY)
    shown = card.plan.attempts[0]
    assert (shown.note, shown.assessment) == ("calm", "He may call")
    assert (shown.reaction, shown.family_present) == ("listens", "yes")

    withdraw_attempt(
        db,
        police,
        visit.id,
        tried.id,
        recorded_at=tried.recorded_at,
        reason="Another",
        at=MONDAY + timedelta(hours=5),
    )
    kept = db.scalars(select(WithdrawnAttempt)).one()
    assert (kept.assessment, kept.next_step) == ("He may call", "We ring on Friday")
    assert (kept.reaction, kept.help_offered) == ("listens", "A talk about work")


def test_nobody_reacts_who_was_not_met(attempt):
    with pytest.raises(RuleError, match="nobody reacted"):
        attempt("not_home", reaction=Reaction.LISTENS)


def test_approving_a_visit_approves_the_letters_words_and_others_are_approved_anew(
    db, police, lom, plan
):
    words = {"exposure": "With two sentences a third means prison."}
    planned = plan(lom, **words, letter_language=LetterLanguage.SV)
    make.a_check(db, planned, MONDAY)
    approve_notification(db, police, planned.id, at=MONDAY, zone=ZONE)
    letter = db.get(VisitLetter, planned.id)
    assert (letter.approved_by_id, letter.approved_at) == (police.user_id, MONDAY)

    errand = Errand(owner_id=police.user_id, team="", place="", visitor_ids=[], exposure="Other")
    change_notification(db, police, planned.id, errand, at=MONDAY)
    assert letter.approved_by_id is None

    later = MONDAY + timedelta(hours=1)
    approve_letter(db, police, planned.id, at=later)
    assert letter.approved_at == later


def test_a_go_is_looked_at_again_when_violence_of_the_group_becomes_known(
    db, police, viewer, lom, visit
):
    programme = police.programme_id
    group = make.a_group(db, programme, MONDAY, "North")
    mate = make.a_person(db, programme, MONDAY, "Mes")
    for person in (lom, mate):
        make.a_membership(db, MONDAY, person, group)
    later = MONDAY + timedelta(hours=3)
    assert not risk_of(db, police, visit, later).look_again

    shooting = make.an_incident(db, programme, MONDAY, kind="shooting_at_person")
    make.an_involvement(db, shooting, mate, "victim", recorded_at=later)

    assert risk_of(db, police, visit, later).look_again
    assert not risk_of(db, viewer(Role.COORDINATOR_MUNICIPAL), visit, later).look_again
    check_risk(db, police, visit.id, A_GO, at=later)
    assert not risk_of(db, police, visit, later).look_again


def test_a_membership_of_another_side_asks_nobody_to_look_again(db, police, lom, visit):
    programme = police.programme_id
    group = make.a_group(db, programme, MONDAY, "North")
    mate = make.a_person(db, programme, MONDAY, "Mes")
    make.a_membership(db, MONDAY, lom, group)
    make.a_membership(db, MONDAY, mate, group, compartment="social")
    later = MONDAY + timedelta(hours=3)
    shooting = make.an_incident(db, programme, MONDAY, kind="shooting_at_person")
    make.an_involvement(db, shooting, mate, "victim", recorded_at=later)

    assert not risk_of(db, police, visit, later).look_again


def risk_of(db, viewer: Viewer, visit: CustomNotification, at):
    return risks_of(db, viewer, [visit.id], at=at)[visit.id]


def test_no_try_before_it_is_approved(db, police, lom, plan):
    planned = plan(lom)

    made = Try(
        attempted_at=MONDAY,
        outcome=AttemptOutcome.NOT_HOME,
        place="",
        note="",
        card_left=False,
        parts=(),
        delivered_by="",
    )
    with pytest.raises(RuleError, match="Approve the visit first"):
        record_attempt(db, police, planned.id, made, at=MONDAY)


def test_the_day_is_moved_with_a_reason(db, police, visit):
    later = DUE + timedelta(days=3)
    with pytest.raises(RuleError):
        move_notification(db, police, visit.id, due_at=later, reason="", at=MONDAY)

    move_notification(db, police, visit.id, due_at=later, reason="Abroad until then", at=MONDAY)

    moved = db.scalars(select(DueChange)).one()
    assert (visit.due_at, moved.old_due_at, moved.reason) == (later, DUE, "Abroad until then")


@pytest.mark.parametrize("to", [NotificationStatus.CANCELLED, NotificationStatus.NOT_DELIVERABLE])
def test_it_ends_undelivered_with_a_reason(db, police, visit, to):
    with pytest.raises(RuleError):
        end_notification(db, police, visit.id, to=to, reason=" ", at=MONDAY)

    end_notification(db, police, visit.id, to=to, reason="Moved abroad", at=MONDAY)

    assert visit.status == to
    with pytest.raises(RuleError, match="has ended"):
        move_notification(db, police, visit.id, due_at=DUE, reason="Back", at=MONDAY)


def test_a_late_one_is_flagged_and_stands_first(db, police, programme, visit, plan):
    other = make.a_person(db, programme, MONDAY, "Alka")
    plan(other, due_at=DUE - timedelta(days=1))

    rows = notifications(db, police, at=DUE - timedelta(hours=1), on=TODAY)

    assert [(row.code_name, row.is_late) for row in rows] == [("Alka", True), ("Lom", False)]
    due = due_notifications(db, police, at=MONDAY, on=TODAY)
    assert [(row.name, row.trigger) for row in due] == [
        ("Alka", "after_incident"),
        ("Viktor Älgmark", "after_incident"),
    ]


@pytest.mark.parametrize("role", [Role.OUTREACH, Role.PROBATION])
def test_own_clients_visits_are_known_by_time_and_place_only(db, viewer, lom, visit, role):
    worker = viewer(role)
    assert notifications(db, worker, at=MONDAY, on=TODAY) == ()
    make.a_client(db, MONDAY, lom, worker.user_id)

    card = notification_card(db, worker, visit.id, at=MONDAY, on=TODAY)

    assert card.plan is None
    assert (card.row.place, card.row.due_at) == ("Home", DUE)
    assert (card.row.trigger, card.row.attempts) == (None, None)


def test_a_community_voice_sees_the_own_visit_without_the_name(db, viewer, programme, visit, plan):
    plan(make.a_person(db, programme, MONDAY, "Alka"), visitor_ids=[])

    rows = notifications(db, viewer(Role.COMMUNITY), at=MONDAY, on=TODAY)

    assert [(row.id, row.name, row.place) for row in rows] == [(visit.id, "Lom", "Home")]


def test_a_finished_visit_is_gone_for_those_who_know_time_and_place_only(db, viewer, attempt):
    attempt("met", *ALL)

    assert notifications(db, viewer(Role.COMMUNITY), at=MONDAY, on=TODAY) == ()


def test_a_person_the_viewer_may_not_see_has_no_notification(db, viewer, programme, lom, visit):
    lom.compartment = "social"
    db.flush()

    with pytest.raises(NotFoundError):
        notification_card(db, viewer(Role.ANALYST), visit.id, at=MONDAY, on=TODAY)
    assert notifications(db, viewer(Role.ANALYST), at=MONDAY, on=TODAY) == ()
    assert len(notifications(db, viewer(Role.COORDINATOR_MUNICIPAL), at=MONDAY, on=TODAY)) == 1


@pytest.mark.parametrize("role", [Role.ANALYST, Role.OUTREACH, Role.COMMUNITY, Role.STEERING])
def test_only_coordinators_write(db, viewer, visit, role):
    with pytest.raises(NotAllowedError):
        approve_notification(db, viewer(role), visit.id, at=MONDAY, zone=ZONE)


@pytest.fixture
def take_back(db, police, visit):
    def take(tried: NotificationAttempt, **given) -> CustomNotification:
        asked = {
            "recorded_at": tried.recorded_at,
            "reason": "Wrong person",
            "at": MONDAY + timedelta(hours=5),
        }
        who = given.pop("who", police)
        return withdraw_attempt(db, who, visit.id, tried.id, **(asked | given))

    return take


def test_a_delivery_that_never_was_is_in_no_count_and_no_ledger(db, police, visit, attempt, lom):
    met = attempt("met", *ALL, card_left=True)
    later = MONDAY + timedelta(hours=6)

    withdraw_attempt(
        db,
        police,
        visit.id,
        met.id,
        recorded_at=met.recorded_at,
        reason="It was his brother",
        at=MONDAY + timedelta(hours=5),
    )

    card = notification_card(db, police, visit.id, at=later, on=TODAY)
    assert (card.row.status, card.row.attempts, card.row.deliveries) == ("approved", 0, 0)
    assert card.row.is_open
    assert db.scalars(select(MessageDelivery)).all() == []
    assert lom.id not in people_told(db, police, later)
    assert [each.id for each in due_notifications(db, police, at=later, on=TODAY)] == [visit.id]


def test_who_took_a_try_back_when_and_why_stays(db, police, viewer, attempt, take_back):
    municipal = viewer(Role.COORDINATOR_MUNICIPAL)
    met = attempt("met", "not_die", "help")

    visit = take_back(met, who=municipal, reason="It was his brother")

    (kept,) = notification_card(db, police, visit.id, at=DUE, on=TODAY).plan.withdrawn
    assert (kept.by, kept.at, kept.reason) == (
        municipal.name,
        MONDAY + timedelta(hours=5),
        "It was his brother",
    )
    assert kept.attempt.parts == (MessagePart.NOT_DIE, MessagePart.HELP)
    assert (kept.attempt.note, kept.attempt.recorded_by) == ("calm", police.name)
    last = db.scalars(select(StatusChange).order_by(StatusChange.id.desc())).first()
    assert (last.old, last.new, last.reason) == ("delivered", "approved", "It was his brother")
    kinds = db.scalars(select(AuditEntry.kind)).all()
    assert "custom_notification:attempt_withdrawn" in kinds


@pytest.mark.parametrize(
    ("taken", "status"),
    [
        pytest.param(0, "delivered", id="the first of four"),
        pytest.param(1, "delivered", id="what the family was told"),
        pytest.param(3, "partly_family", id="the delivery"),
    ],
)
def test_the_other_tries_decide_where_it_stands(db, attempt, take_back, taken, status):
    tries = [
        attempt("not_home", hours=1),
        attempt("family_only", "help", hours=2),
        attempt("refused_door", hours=3),
        attempt("met", *ALL, hours=4),
    ]

    visit = take_back(tries[taken])

    assert visit.status == status
    assert len(db.scalars(select(NotificationAttempt)).all()) == 3


def test_a_try_beside_another_of_the_same_minute_takes_only_its_own_words(
    db, visit, attempt, take_back
):
    wrong = attempt("not_home", hours=1)
    attempt("met", *ALL, hours=1)

    take_back(wrong)

    assert visit.status == "delivered"
    assert len(db.scalars(select(MessageDelivery)).all()) == 1


def test_what_somebody_ended_stays_ended(db, police, visit, attempt, take_back):
    tried = attempt("not_home")
    end = {"to": NotificationStatus.CANCELLED, "reason": "Moved", "at": MONDAY}
    end_notification(db, police, visit.id, **end)

    take_back(tried)

    assert visit.status == "cancelled"


def test_a_try_is_taken_back_once_with_a_reason(db, attempt, take_back):
    tried = attempt("met", *ALL)
    with pytest.raises(RuleError) as refused:
        take_back(tried, reason=" ")
    assert refused.value.field == "reason"
    recorded_at = tried.recorded_at
    take_back(tried)

    with pytest.raises(NotFoundError):
        take_back(tried, recorded_at=recorded_at)
    assert len(db.scalars(select(WithdrawnAttempt)).all()) == 1


def test_a_new_try_with_an_old_number_is_another_one(attempt, take_back):
    old = attempt("met", *ALL, hours=1)
    recorded_at = old.recorded_at
    take_back(old)
    new = attempt("met", *ALL, hours=7)

    with pytest.raises(NotFoundError):
        take_back(new, recorded_at=recorded_at)


@pytest.mark.parametrize("role", [Role.ANALYST, Role.OUTREACH, Role.COMMUNITY, Role.STEERING])
def test_only_coordinators_take_a_try_back(attempt, take_back, viewer, role):
    tried = attempt("met", *ALL)

    with pytest.raises(NotAllowedError):
        take_back(tried, who=viewer(role))


def test_after_a_withdrawn_try_the_right_one_is_recorded(db, police, visit, attempt, take_back):
    take_back(attempt("met", *ALL))

    attempt("not_home", hours=6)

    card = notification_card(db, police, visit.id, at=DUE, on=TODAY)
    assert (card.row.status, card.row.attempts, card.row.deliveries) == ("attempted", 1, 0)
