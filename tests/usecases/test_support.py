"""Help is offered, taken up, carried by contacts and closed; calls are returned; secrecy holds."""

import json
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from gvi.domain.access import Role
from gvi.domain.errors import NotAllowedError, NotFoundError, RuleError
from gvi.domain.support import (
    ClosingReason,
    ContactMode,
    ContactOutcome,
    HeardThrough,
    NeedKind,
    NeedStatus,
    OfferResponse,
    SupportCaseStatus,
)
from gvi.store.engine import reading, transaction
from gvi.store.models import (
    Action,
    AuditEntry,
    ClientAssignment,
    ContactDraft,
    DueChange,
    InboundCall,
    StatusChange,
    SupportCase,
    SupportOffer,
    User,
)
from gvi.store.queries.contact import contacts, draft_of
from gvi.store.queries.inbound_call import calls, calls_to_return, inbound_call
from gvi.store.queries.support import case_card, list_cases, stuck_needs, support_counts
from gvi.usecases.contact import discard_draft, log_contact, save_draft
from gvi.usecases.inbound_call import (
    hand_over_call,
    link_call,
    log_call,
    move_call_back,
    return_call,
    undo_return,
)
from gvi.usecases.support import (
    CasePlan,
    add_need,
    answer_offer,
    change_case_status,
    change_need,
    close_case,
    open_case,
    record_offer,
    reopen_case,
    replan_case,
    write_case_note,
)
from tests.conftest import MONDAY
from tests.factories import a_client, a_person

ZONE = ZoneInfo("Europe/Stockholm")
TODAY = date(2026, 3, 2)
TOMORROW = date(2026, 3, 3)
LEO = "Leo Åström"


@pytest.fixture
def outreach(viewer):
    return viewer(Role.OUTREACH)


@pytest.fixture
def lead(viewer):
    return viewer(Role.OUTREACH_LEAD)


@pytest.fixture
def municipal(viewer):
    return viewer(Role.COORDINATOR_MUNICIPAL)


@pytest.fixture
def leo(engine, programme, outreach):
    """The outreach worker's own client."""
    with transaction(engine) as db:
        person = a_person(db, programme, MONDAY, "Lom", name=LEO)
        a_client(db, MONDAY, person, outreach.user_id)
        return person.id


@pytest.fixture
def stranger(engine, programme):
    """Somebody nobody works with."""
    with transaction(engine) as db:
        return a_person(db, programme, MONDAY, "Spov", name="Adam Löf").id


def plan(owner, *, days=7, on=TOMORROW):
    return CasePlan(owner_id=owner.user_id, interval_days=days, next_contact_on=on)


@pytest.fixture
def case(engine, outreach, leo):
    with transaction(engine) as db:
        return open_case(
            db, outreach, leo, plan(outreach), note="mk-note case", at=MONDAY, zone=ZONE
        ).id


def contact(db, who, case_id, *, at=MONDAY, **given):
    facts = {
        "mode": ContactMode.IN_PERSON,
        "outcome": ContactOutcome.REACHED,
        "next_contact_on": TODAY + timedelta(days=7),
        "contacted_at": at,
        "at": at,
        "zone": ZONE,
    }
    return log_contact(db, who, case_id, **facts | given)


def kinds(engine):
    with reading(engine) as db:
        return list(db.execute(select(AuditEntry.kind).order_by(AuditEntry.id)).scalars())


# Offers


def test_an_offer_is_recorded_and_answered_later(engine, municipal, leo):
    with transaction(engine) as db:
        offer = record_offer(
            db,
            municipal,
            leo,
            what="The card with the number",
            offered_at=MONDAY - timedelta(days=1),
            at=MONDAY,
            zone=ZONE,
        )
        assert (offer.response, offer.compartment) == (None, "social")
        answer_offer(db, municipal, offer.id, response=OfferResponse.CONSIDERING, at=MONDAY)
        answer_offer(db, municipal, offer.id, response=OfferResponse.ACCEPTED, at=MONDAY)

    with reading(engine) as db:
        response = db.execute(select(SupportOffer.response)).scalar_one()
        trail = db.execute(select(StatusChange.old, StatusChange.new)).all()
    assert response == "accepted"
    assert trail == [(None, "considering"), ("considering", "accepted")]
    assert kinds(engine) == ["offer:recorded", "offer:answered", "offer:answered"]


def test_an_offer_says_what_and_is_not_made_in_the_future(db, municipal, leo):
    def offer(**given):
        facts = {"what": "A meeting", "offered_at": MONDAY, "at": MONDAY, "zone": ZONE}
        return record_offer(db, municipal, leo, **facts | given)

    with pytest.raises(RuleError) as nothing:
        offer(what="  ")
    with pytest.raises(RuleError) as future:
        offer(offered_at=MONDAY + timedelta(hours=1))
    assert (nothing.value.field, future.value.field) == ("what", "offered_at")


def test_what_is_about_a_child_lies_apart(engine, programme, municipal, outreach):
    with transaction(engine) as db:
        child = a_person(db, programme, MONDAY, "Mes", birth_date=date(2011, 4, 1)).id
        record_offer(db, municipal, child, what="Talk", offered_at=MONDAY, at=MONDAY, zone=ZONE)
        open_case(db, municipal, child, plan(outreach), at=MONDAY, zone=ZONE)
        log_call(
            db,
            municipal,
            heard_through=HeardThrough.SCHOOL,
            called_at=MONDAY,
            person_id=child,
            owner_id=outreach.user_id,
            at=MONDAY,
            zone=ZONE,
        )

    with reading(engine) as db:
        for table in (SupportOffer, SupportCase, InboundCall):
            assert db.execute(select(table.compartment)).scalars().all() == ["child"]


# Cases


def test_the_owner_of_a_case_becomes_the_persons_worker(engine, municipal, outreach, stranger):
    with transaction(engine) as db:
        open_case(
            db, municipal, stranger, plan(outreach), needs=[NeedKind.HOUSING], at=MONDAY, zone=ZONE
        )

    with reading(engine) as db:
        held = db.execute(
            select(ClientAssignment.person_id).where(
                ClientAssignment.user_id == outreach.user_id, ClientAssignment.ended_at.is_(None)
            )
        ).scalars()
        assert list(held) == [stranger]
        (row,) = list_cases(db, outreach, MONDAY, ZONE)
    assert (row.name, row.open_needs, row.is_late) == ("Adam Löf", (NeedKind.HOUSING,), False)
    assert kinds(engine) == ["client:assigned", "support_case:opened"]


def test_a_worker_opens_cases_for_own_clients_only(db, outreach, stranger):
    with pytest.raises(NotFoundError):
        open_case(db, outreach, stranger, plan(outreach), at=MONDAY, zone=ZONE)


@pytest.mark.parametrize(
    "role",
    [Role.COORDINATOR_POLICE, Role.ANALYST, Role.PROBATION, Role.STEERING, Role.ADMIN],
)
def test_police_analyst_and_probation_neither_write_nor_read_support(
    engine, viewer, leo, case, role
):
    who = viewer(role)
    with transaction(engine) as db, pytest.raises(NotAllowedError):
        open_case(db, who, leo, plan(viewer(Role.OUTREACH)), at=MONDAY, zone=ZONE)
    with reading(engine) as db:
        for read in (list_cases, calls):
            with pytest.raises(NotAllowedError):
                read(db, who, MONDAY, ZONE)
        with pytest.raises(NotAllowedError):
            case_card(db, who, case, MONDAY, ZONE)


def test_a_person_has_one_open_case(db, outreach, leo):
    first = open_case(db, outreach, leo, plan(outreach), at=MONDAY, zone=ZONE)

    with pytest.raises(RuleError, match="open case already"):
        open_case(db, outreach, leo, plan(outreach), at=MONDAY, zone=ZONE)
    close_case(db, outreach, first.id, closing_reason=ClosingReason.MOVED, reason="", at=MONDAY)
    open_case(db, outreach, leo, plan(outreach), at=MONDAY, zone=ZONE)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        pytest.param({"days": 0}, "interval_days", id="no days between contacts"),
        pytest.param({"days": 91}, "interval_days", id="more than a quarter"),
        pytest.param({"on": TODAY - timedelta(days=1)}, "next_contact_on", id="yesterday"),
        pytest.param({"on": date(2028, 1, 1)}, "next_contact_on", id="far away"),
    ],
)
def test_a_plan_that_cannot_be_is_refused(db, outreach, leo, wrong, field):
    with pytest.raises(RuleError) as refusal:
        open_case(db, outreach, leo, plan(outreach, **wrong), at=MONDAY, zone=ZONE)
    assert refusal.value.field == field


def test_only_outreach_owns_cases(db, municipal, viewer, leo):
    with pytest.raises(RuleError, match="Only outreach"):
        open_case(db, municipal, leo, plan(viewer(Role.ANALYST)), at=MONDAY, zone=ZONE)


def test_a_case_from_a_call_links_it_and_from_an_offer_accepts_it(engine, municipal, outreach, leo):
    with transaction(engine) as db:
        call = log_call(
            db,
            municipal,
            heard_through=HeardThrough.CARD,
            called_at=MONDAY,
            caller="070-000 00 17",
            owner_id=outreach.user_id,
            at=MONDAY,
            zone=ZONE,
        )
        offer = record_offer(
            db, municipal, leo, what="Housing", offered_at=MONDAY, at=MONDAY, zone=ZONE
        )
        return_call(db, outreach, call.id, at=MONDAY)
        case = open_case(
            db,
            municipal,
            leo,
            plan(outreach),
            call_id=call.id,
            offer_id=offer.id,
            at=MONDAY,
            zone=ZONE,
        )

        assert (call.person_id, offer.response) == (leo, "accepted")
        assert (case.heard_through, case.inbound_call_id) == ("card", call.id)
        assert case.status == "contacted", "a returned call is a contact"


def test_a_case_moves_with_a_reason_and_closes_and_opens_again(engine, outreach, case):
    with transaction(engine) as db:
        for status in (SupportCaseStatus.ACTIVE, SupportCaseStatus.PAUSED):
            change_case_status(db, outreach, case, status=status, reason="agreed", at=MONDAY)
        close_case(db, outreach, case, closing_reason=ClosingReason.LOST, reason="", at=MONDAY)
    with transaction(engine) as db:
        stored = db.get_one(SupportCase, case)
        assert (stored.status, stored.closing_reason) == ("closed", "lost")
        assert stored.next_contact_on is None
        with pytest.raises(RuleError, match="closed"):
            contact(db, outreach, case)
        reopen_case(
            db,
            outreach,
            case,
            reason="he rang",
            next_contact_on=TOMORROW,
            at=MONDAY,
            zone=ZONE,
        )

    with reading(engine) as db:
        trail = db.execute(
            select(StatusChange.new, StatusChange.reason).order_by(StatusChange.id)
        ).all()
        card = case_card(db, outreach, case, MONDAY, ZONE)
    assert trail == [
        ("offered", ""),
        ("active", "agreed"),
        ("paused", "agreed"),
        ("closed", ""),
        ("contacted", "he rang"),
    ]
    assert (card.status, card.closed_at, card.next_contact_on) == (
        SupportCaseStatus.CONTACTED,
        None,
        TOMORROW,
    )


def test_a_change_of_status_needs_a_reason_and_never_goes_back_to_an_offer(db, outreach, case):
    with pytest.raises(RuleError) as silent:
        change_case_status(
            db, outreach, case, status=SupportCaseStatus.ACTIVE, reason=" ", at=MONDAY
        )
    assert silent.value.field == "reason"
    for status in (SupportCaseStatus.OFFERED, SupportCaseStatus.CLOSED):
        with pytest.raises(RuleError, match="another status"):
            change_case_status(db, outreach, case, status=status, reason="x", at=MONDAY)


def test_closing_for_another_reason_says_which(db, outreach, case):
    with pytest.raises(RuleError, match="Say why"):
        close_case(db, outreach, case, closing_reason=ClosingReason.OTHER, reason="", at=MONDAY)


def test_a_moved_contact_keeps_its_reason(engine, outreach, case):
    later = TODAY + timedelta(days=10)
    with transaction(engine) as db, pytest.raises(RuleError, match="Say why"):
        replan_case(db, outreach, case, plan(outreach, on=later), reason="", at=MONDAY, zone=ZONE)
    with transaction(engine) as db:
        replan_case(
            db, outreach, case, plan(outreach, on=later), reason="he is away", at=MONDAY, zone=ZONE
        )
    with reading(engine) as db:
        moved = db.execute(select(DueChange)).scalar_one()
        assert moved.reason == "he is away"
        assert moved.new_due_at.astimezone(ZONE).date() == later
        assert case_card(db, outreach, case, MONDAY, ZONE).next_contact_on == later


def test_a_case_is_handed_over_by_those_who_assign_only(engine, lead, outreach, case):
    with transaction(engine) as db, pytest.raises(NotAllowedError):
        replan_case(db, outreach, case, plan(lead), reason="ill", at=MONDAY, zone=ZONE)
    with transaction(engine) as db:
        replan_case(db, lead, case, plan(lead), reason="she is ill", at=MONDAY, zone=ZONE)
        assert db.get_one(SupportCase, case).owner_id == lead.user_id
    with reading(engine) as db:
        handed = db.execute(
            select(StatusChange.new, StatusChange.reason).where(StatusChange.field == "owner")
        ).one()
    assert tuple(handed) == (str(lead.user_id), "she is ill")


def test_needs_count_their_days_and_get_stuck(engine, outreach, case):
    with transaction(engine) as db:
        need = add_need(
            db, outreach, case, kind=NeedKind.HOUSING, note="mk-note need", at=MONDAY, zone=ZONE
        )
        with pytest.raises(RuleError, match="open already"):
            add_need(db, outreach, case, kind=NeedKind.HOUSING, at=MONDAY, zone=ZONE)
    with reading(engine) as db:
        assert stuck_needs(db, outreach, TODAY + timedelta(days=30)) == ()
        (stuck,) = stuck_needs(db, outreach, TODAY + timedelta(days=31))
    assert (stuck.days_open, stuck.note) == (31, "mk-note need")
    with transaction(engine) as db:
        change_need(db, outreach, need.id, status=NeedStatus.MET, at=MONDAY)
    with reading(engine) as db:
        assert stuck_needs(db, outreach, TODAY + timedelta(days=31)) == ()


def test_a_need_of_anothers_client_is_not_there(engine, viewer, municipal, lead, stranger):
    with transaction(engine) as db:
        case = open_case(db, municipal, stranger, plan(lead), at=MONDAY, zone=ZONE)
        need = add_need(db, municipal, case.id, kind=NeedKind.WORK, at=MONDAY, zone=ZONE)
    with transaction(engine) as db, pytest.raises(NotFoundError):
        change_need(db, viewer(Role.OUTREACH), need.id, status=NeedStatus.MET, at=MONDAY)


# Notes


def test_notes_are_for_worker_and_lead_only(engine, viewer, outreach, leo, case):
    with transaction(engine) as db:
        contact(db, outreach, case, note="mk-note contact")
        add_need(db, outreach, case, kind=NeedKind.DEBT, note="mk-note need", at=MONDAY, zone=ZONE)
        log_call(
            db,
            outreach,
            heard_through=HeardThrough.CARD,
            called_at=MONDAY,
            person_id=leo,
            note="mk-note call",
            at=MONDAY,
            zone=ZONE,
        )

    def seen(who):
        with reading(engine) as db:
            card = case_card(db, who, case, MONDAY, ZONE)
            return json.dumps(
                [
                    card.note,
                    [need.note for need in card.needs],
                    [each.note for each in contacts(db, who, case_id=case)],
                    [each.note for each in calls(db, who, MONDAY, ZONE)],
                ]
            )

    assert seen(outreach).count("mk-note") == 4
    assert seen(viewer(Role.OUTREACH_LEAD)).count("mk-note") == 4
    assert "mk-note" not in seen(viewer(Role.COORDINATOR_MUNICIPAL))


def test_the_municipal_coordinator_writes_no_notes(db, municipal, outreach, case, stranger):
    with pytest.raises(NotAllowedError):
        write_case_note(db, municipal, case, note="x", at=MONDAY)
    with pytest.raises(NotAllowedError):
        open_case(db, municipal, stranger, plan(outreach), note="x", at=MONDAY, zone=ZONE)


# Contacts


def test_a_contact_sets_the_next_day_and_the_first_one_reached_says_contacted(
    engine, outreach, case
):
    with transaction(engine) as db:
        contact(db, outreach, case, outcome=ContactOutcome.ATTEMPTED, next_contact_on=TOMORROW)
        assert db.get_one(SupportCase, case).status == "offered", "an attempt is not a contact"
    with transaction(engine) as db:
        contact(db, outreach, case, at=MONDAY + timedelta(hours=2), minutes=15)

    with reading(engine) as db:
        card = case_card(db, outreach, case, MONDAY + timedelta(days=3), ZONE)
        logged = contacts(db, outreach, case_id=case)
    assert (card.status, card.days_silent) == (SupportCaseStatus.CONTACTED, 3)
    assert card.next_contact_on == TODAY + timedelta(days=7)
    assert [each.outcome for each in logged] == [
        ContactOutcome.REACHED,
        ContactOutcome.ATTEMPTED,
    ]
    assert kinds(engine).count("contact:logged") == 2


def test_a_promise_made_at_a_contact_is_the_workers_own_action(engine, outreach, leo, case):
    with transaction(engine) as db:
        contact(db, outreach, case, promise="Ring the housing office")
    with reading(engine) as db:
        promised = db.execute(select(Action)).scalar_one()
        assert (promised.text, promised.owner_id, promised.person_id) == (
            "Ring the housing office",
            outreach.user_id,
            leo,
        )
        assert promised.compartment == "social"
        assert promised.due_at.astimezone(ZONE).date() == TODAY + timedelta(days=7)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        pytest.param(
            {"contacted_at": MONDAY + timedelta(hours=1)}, "contacted_at", id="later than now"
        ),
        pytest.param({"minutes": -1}, "minutes", id="fewer than no minutes"),
        pytest.param(
            {"next_contact_on": TODAY - timedelta(days=1)}, "next_contact_on", id="next yesterday"
        ),
    ],
)
def test_a_contact_that_cannot_be_is_refused(db, outreach, case, wrong, field):
    with pytest.raises(RuleError) as refusal:
        contact(db, outreach, case, **wrong)
    assert refusal.value.field == field


def test_a_contact_is_logged_by_the_own_worker_only(db, municipal, outreach, lead, stranger):
    case = open_case(db, municipal, stranger, plan(lead), at=MONDAY, zone=ZONE)

    with pytest.raises(NotAllowedError):
        contact(db, municipal, case.id)
    contact(db, lead, case.id)
    with pytest.raises(NotFoundError):
        contact(db, outreach, case.id)


def test_a_draft_is_kept_offered_again_used_up_or_discarded(engine, outreach, lead, case):
    with transaction(engine) as db:
        save_draft(db, outreach, case, typed={"note": "He said", "evil": "x"}, at=MONDAY)
        save_draft(
            db,
            outreach,
            case,
            typed={"note": "He said that", "mode": "phone"},
            at=MONDAY + timedelta(minutes=2),
        )
    with reading(engine) as db:
        draft = draft_of(db, outreach, case)
        assert draft.typed == {"note": "He said that", "mode": "phone"}
        assert draft.saved_at == MONDAY + timedelta(minutes=2)
        assert draft_of(db, lead, case) is None, "a draft is its writer's own"
    with transaction(engine) as db:
        contact(db, outreach, case)
        with pytest.raises(RuleError, match="no draft"):
            discard_draft(db, outreach, case, at=MONDAY)
        save_draft(db, outreach, case, typed={"note": "Again"}, at=MONDAY)
        discard_draft(db, outreach, case, at=MONDAY)
    with reading(engine) as db:
        assert db.execute(select(ContactDraft)).all() == []


# Calls


def test_a_call_is_due_within_a_day_and_returned_once(engine, outreach):
    with transaction(engine) as db:
        call = log_call(
            db,
            outreach,
            heard_through=HeardThrough.CARD,
            called_at=MONDAY - timedelta(hours=16),
            caller="070-000 00 17",
            at=MONDAY,
            zone=ZONE,
        ).id
    with reading(engine) as db:
        row = inbound_call(db, outreach, call, MONDAY, ZONE)
        late = inbound_call(db, outreach, call, MONDAY + timedelta(hours=9), ZONE)
    assert row.call_back_due_at == MONDAY + timedelta(hours=8)
    assert (row.is_late, late.is_late) == (False, True)
    assert (row.name, row.telephone, row.owner) == ("070-000 00 17", "0700000017", "Test outreach")
    with transaction(engine) as db:
        return_call(db, outreach, call, at=MONDAY)
        with pytest.raises(RuleError, match="already"):
            return_call(db, outreach, call, at=MONDAY)
    with reading(engine) as db:
        assert calls_to_return(db, outreach, MONDAY, ZONE) == ()
    with transaction(engine) as db:
        undo_return(db, outreach, call, at=MONDAY)
        move_call_back(
            db, outreach, call, due_at=MONDAY + timedelta(days=2), reason="asked", at=MONDAY
        )
    with reading(engine) as db:
        (row,) = calls_to_return(db, outreach, MONDAY, ZONE)
    assert row.call_back_due_at == MONDAY + timedelta(days=2)
    assert kinds(engine) == [
        "inbound_call:logged",
        "inbound_call:returned",
        "inbound_call:undone",
        "inbound_call:moved",
    ]


def test_a_call_says_who_rang(db, outreach):
    with pytest.raises(RuleError) as refusal:
        log_call(
            db,
            outreach,
            heard_through=HeardThrough.CARD,
            called_at=MONDAY,
            at=MONDAY,
            zone=ZONE,
        )
    assert refusal.value.field == "caller"


def test_a_call_is_seen_by_who_returns_it_and_by_the_persons_worker(
    engine, outreach, lead, municipal, leo
):
    with transaction(engine) as db:
        call = log_call(
            db,
            lead,
            heard_through=HeardThrough.FAMILY,
            called_at=MONDAY,
            caller="A mother",
            at=MONDAY,
            zone=ZONE,
        ).id
    with reading(engine) as db:
        assert calls(db, outreach, MONDAY, ZONE) == ()
        assert [row.name for row in calls(db, municipal, MONDAY, ZONE)] == ["A mother"]
    with transaction(engine) as db:
        link_call(db, lead, call, person_id=leo, at=MONDAY, zone=ZONE)
    with reading(engine) as db:
        assert [row.name for row in calls(db, outreach, MONDAY, ZONE)] == [LEO]


def test_a_call_is_handed_over_within_the_team(engine, programme, lead, outreach, viewer):
    with transaction(engine) as db:
        other = User(
            programme_id=programme,
            username="north",
            display_name="North",
            role="outreach",
            team="north",
            created_at=MONDAY,
        )
        db.add(other)
        db.flush()
        call = log_call(
            db,
            lead,
            heard_through=HeardThrough.VISIT,
            called_at=MONDAY,
            caller="X",
            at=MONDAY,
            zone=ZONE,
        )
        for wrong in (other.id, viewer(Role.ANALYST).user_id):
            with pytest.raises(RuleError):
                hand_over_call(db, lead, call.id, owner_id=wrong, reason="", at=MONDAY)
        hand_over_call(db, lead, call.id, owner_id=outreach.user_id, reason="", at=MONDAY)
        assert call.owner_id == outreach.user_id


# Counts


def test_police_gets_numbers_and_nothing_else(engine, viewer, outreach, leo, case):
    with transaction(engine) as db:
        log_call(
            db,
            outreach,
            heard_through=HeardThrough.CARD,
            called_at=MONDAY,
            caller="X",
            at=MONDAY,
            zone=ZONE,
        )
    in_three_days = MONDAY + timedelta(days=3)
    with reading(engine) as db:
        counts = support_counts(
            db, viewer(Role.COORDINATOR_POLICE), in_three_days, ZONE, since=MONDAY
        )
        with pytest.raises(NotAllowedError):
            support_counts(db, viewer(Role.PROBATION), MONDAY, ZONE, since=MONDAY)
    assert (counts.open_cases, counts.contacts_late, counts.calls_late) == (1, 1, 1)
    assert (counts.calls_since, counts.offers_since) == (1, 0)
