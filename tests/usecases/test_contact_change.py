"""A logged contact is corrected or withdrawn by who logged it; all it set off follows."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from gvi.domain.access import Role
from gvi.domain.errors import NotAllowedError, NotFoundError, RuleError
from gvi.domain.support import ContactMode, ContactOutcome, SupportCaseStatus
from gvi.store.models import Action, AuditEntry, Contact, ContactRevision, SupportCase
from gvi.store.queries.contact import contacts, earlier_contacts, own_contact
from gvi.store.queries.support import case_card
from gvi.usecases.contact import log_contact
from gvi.usecases.contact_change import Said, correct_contact, withdraw_contact
from gvi.usecases.support import CasePlan, change_case_status, open_case
from tests import factories as make
from tests.conftest import MONDAY, ZONE

FIRST_DAY, NEXT_DAY, OTHER_DAY = date(2026, 3, 4), date(2026, 3, 9), date(2026, 3, 11)
LATER = MONDAY + timedelta(hours=3)
REACHED, ATTEMPTED = ContactOutcome.REACHED, ContactOutcome.ATTEMPTED


@pytest.fixture
def maja(viewer):
    return viewer(Role.OUTREACH)


@pytest.fixture
def case(db, programme, maja) -> SupportCase:
    leo = make.a_person(db, programme, MONDAY, "Lom", name="Leo Åström")
    make.a_client(db, MONDAY, leo, maja.user_id)
    plan = CasePlan(owner_id=maja.user_id, interval_days=4, next_contact_on=FIRST_DAY)
    return open_case(db, maja, leo.id, plan, at=MONDAY, zone=ZONE)


@pytest.fixture
def log(db, maja, case):
    def write(*, hours: int = 1, **given) -> Contact:
        facts = {
            "mode": ContactMode.PHONE,
            "outcome": REACHED,
            "next_contact_on": NEXT_DAY,
            "contacted_at": MONDAY + timedelta(hours=hours),
            "at": MONDAY + timedelta(hours=hours),
            "zone": ZONE,
            "note": "Wants to work",
        }
        return log_contact(db, maja, case.id, **(facts | given))

    return write


@pytest.fixture
def correct(db, maja):
    def write(contact: Contact, **given) -> Contact:
        act = {"recorded_at": contact.recorded_at, "reason": "Mixed up", "at": LATER, "zone": ZONE}
        act = {name: given.pop(name, value) for name, value in act.items()}
        who = given.pop("who", maja)
        said = {
            "mode": ContactMode(contact.mode),
            "outcome": ContactOutcome(contact.outcome),
            "contacted_at": contact.contacted_at,
            "minutes": contact.minutes,
            "note": contact.note,
            "next_contact_on": contact.next_contact_on,
        }
        return correct_contact(db, who, contact.id, Said(**(said | given)), **act)

    return write


@pytest.fixture
def withdraw(db, maja):
    def take(contact: Contact, **given) -> SupportCase:
        act = {"recorded_at": contact.recorded_at, "reason": "Somebody else", "at": LATER}
        who = given.pop("who", maja)
        return withdraw_contact(db, who, contact.id, **(act | given))

    return take


def silent(db, viewer, case) -> int | None:
    return case_card(db, viewer, case.id, LATER, ZONE).days_silent


def test_a_correction_says_the_new_and_keeps_the_old(db, maja, case, log, correct):
    contact = log()

    correct(contact, mode=ContactMode.IN_PERSON, note="Wants to move", reason="Wrong note")

    (now,) = contacts(db, maja, case_id=case.id)
    assert (now.mode, now.note) == ("in_person", "Wants to move")
    (before,) = earlier_contacts(db, maja, case.id)
    assert (before.mode, before.note, before.reason) == ("phone", "Wants to work", "Wrong note")
    assert (before.by, before.at, before.is_withdrawn) == (maja.name, LATER, False)
    assert "contact:corrected" in db.scalars(select(AuditEntry.kind)).all()


def test_nobody_reached_after_all_is_nobody_heard(db, maja, case, log, correct):
    contact = log()
    assert (case.status, silent(db, maja, case)) == ("contacted", 0)

    correct(contact, outcome=ATTEMPTED)

    assert (case.status, silent(db, maja, case)) == ("offered", None)
    correct(contact, outcome=REACHED)
    assert (case.status, silent(db, maja, case)) == ("contacted", 0)


def test_a_status_that_somebody_chose_since_stays(db, maja, case, log, correct):
    contact = log()
    active = SupportCaseStatus.ACTIVE
    change_case_status(db, maja, case.id, status=active, reason="Agreed", at=LATER)

    correct(contact, outcome=ATTEMPTED)

    assert case.status == "active"


def test_the_cases_day_follows_the_latest_contact_only(case, log, correct):
    first = log(hours=1, next_contact_on=NEXT_DAY)
    second = log(hours=2, next_contact_on=OTHER_DAY)

    correct(first, next_contact_on=date(2026, 3, 5))
    assert case.next_contact_on == OTHER_DAY

    correct(second, next_contact_on=date(2026, 3, 6))
    assert case.next_contact_on == date(2026, 3, 6)


def test_a_withdrawn_contact_leaves_the_case_as_without_it(db, maja, case, log, withdraw):
    contact = log(promise="Ring the housing office")
    assert case.next_contact_on == NEXT_DAY

    withdraw(contact)

    assert (case.next_contact_on, case.status) == (FIRST_DAY, "offered")
    assert contacts(db, maja, case_id=case.id) == ()
    assert silent(db, maja, case) is None
    assert db.scalars(select(Action.status)).all() == ["dropped"]
    (kept,) = earlier_contacts(db, maja, case.id)
    assert (kept.is_withdrawn, kept.note, kept.reason) == (True, "Wants to work", "Somebody else")
    assert "contact:withdrawn" in db.scalars(select(AuditEntry.kind)).all()


def test_days_return_in_whatever_order_contacts_are_withdrawn(case, log, withdraw):
    first = log(hours=1, next_contact_on=NEXT_DAY)
    second = log(hours=2, next_contact_on=OTHER_DAY)

    withdraw(first)
    assert case.next_contact_on == OTHER_DAY
    withdraw(second)
    assert case.next_contact_on == FIRST_DAY


def test_the_other_contact_still_counts(db, maja, case, log, withdraw):
    log(hours=1)
    wrong = log(hours=2)

    withdraw(wrong)

    assert (case.status, silent(db, maja, case)) == ("contacted", 0)


@pytest.fixture
def owed(db, programme, maja, case) -> Action:
    """The contact that follows the call-in at which the person was."""
    call_in = make.a_call_in(db, programme, MONDAY - timedelta(days=1), status="held")
    action = Action(
        programme_id=programme,
        kind="attendee_contact",
        compartment="social",
        text="Contact after the call-in",
        status="decided",
        owner_id=maja.user_id,
        due_at=MONDAY + timedelta(days=2),
        person_id=case.person_id,
        call_in_id=call_in.id,
        created_at=MONDAY - timedelta(days=1),
    )
    db.add(action)
    db.flush()
    return action


def test_a_contact_owed_after_a_call_in_is_owed_again(owed, log, withdraw):
    contact = log()
    assert owed.status == "done"

    withdraw(contact)

    assert (owed.status, owed.ended_at) == ("decided", None)


def test_it_stays_settled_where_another_contact_settles_it(owed, log, correct):
    contact = log(hours=1)
    log(hours=2)

    correct(contact, outcome=ATTEMPTED)

    assert owed.status == "done"


def test_corrected_to_reached_it_settles_what_was_owed(owed, log, correct):
    contact = log(outcome=ATTEMPTED)
    assert owed.status == "decided"

    correct(contact, outcome=REACHED)

    assert owed.status == "done"
    correct(contact, outcome=ATTEMPTED, at=LATER + timedelta(hours=1))
    assert owed.status == "decided"


def test_only_who_logged_it_corrects_or_withdraws(db, viewer, log, correct, withdraw):
    contact, lead = log(), viewer(Role.OUTREACH_LEAD)

    for act in (correct, withdraw):
        with pytest.raises((NotAllowedError, NotFoundError)):
            act(contact, who=lead)
    with pytest.raises(NotFoundError):
        own_contact(db, lead, contact.support_case_id, contact.id)
    assert db.scalars(select(ContactRevision)).all() == []


@pytest.mark.parametrize(
    "role", [Role.COORDINATOR_POLICE, Role.ANALYST, Role.PROBATION, Role.COORDINATOR_MUNICIPAL]
)
def test_no_other_role_corrects_and_police_reads_nothing(db, viewer, log, correct, role):
    contact, who = log(), viewer(role)
    correct(contact, note="Wants to move", reason="mk-social")

    with pytest.raises(NotAllowedError):
        correct(contact, who=who)
    if role is Role.COORDINATOR_MUNICIPAL:
        (row,) = earlier_contacts(db, who, contact.support_case_id)
        assert (row.note, row.reason) == (None, None)
    else:
        with pytest.raises(NotAllowedError):
            earlier_contacts(db, who, contact.support_case_id)


def test_the_reason_and_the_rules_of_logging_hold(log, correct, withdraw):
    contact = log()
    wrong = (
        ({"reason": " "}, "reason"),
        ({"contacted_at": LATER + timedelta(hours=1)}, "contacted_at"),
        ({"minutes": -1}, "minutes"),
        ({"next_contact_on": date(2026, 2, 1)}, "next_contact_on"),
    )

    for given, field in wrong:
        with pytest.raises(RuleError) as refused:
            correct(contact, **given)
        assert refused.value.field == field
    with pytest.raises(RuleError):
        withdraw(contact, reason="")


def test_a_new_contact_with_an_old_number_is_another_one(log, correct, withdraw):
    old = log(hours=1)
    recorded_at = old.recorded_at
    withdraw(old)
    new = log(hours=2)

    with pytest.raises(NotFoundError):
        correct(new, recorded_at=recorded_at)
