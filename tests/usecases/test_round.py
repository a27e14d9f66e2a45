"""A round of custom notifications, from whom to visit to its close."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import combinations, pairwise
from random import Random

import pytest
from sqlalchemy import select

from gvi.domain.access import Role, Viewer
from gvi.domain.custom_notification import AttemptOutcome
from gvi.domain.errors import NotAllowedError, RuleError
from gvi.domain.message import MessagePart
from gvi.domain.round import Remains
from gvi.network.plan import PlanStatus, SelectionProblem
from gvi.network.reach import outcome
from gvi.network.selection import best_plan
from gvi.network.visits import visits_problem
from gvi.store.models import AuditEntry, CustomNotification, DueChange, RoundVisit, StatusChange
from gvi.store.queries.round import median_days, round_card, rounds, visited_in
from gvi.usecases.attempt import Try, record_attempt, withdraw_attempt
from gvi.usecases.custom_notification import approve_notification, open_visit
from gvi.usecases.plan import ground
from gvi.usecases.round import (
    Decided,
    Frame,
    add_people,
    add_round,
    change_round,
    close_round,
    reopen_round,
    take_out,
)
from gvi.usecases.round_plan import Wanted, propose_visits
from tests import factories as make
from tests.conftest import MONDAY, ZONE

TODAY = MONDAY.astimezone(ZONE).date()
NEXT = MONDAY + timedelta(days=10)
WHY = "Reaches four who have not heard it"


@pytest.fixture
def police(viewer) -> Viewer:
    return viewer(Role.COORDINATOR_POLICE)


@pytest.fixture
def frame(police) -> Frame:
    return Frame(
        name="Round 4",
        starts_on=TODAY,
        ends_on=TODAY + timedelta(days=4),
        owner_id=police.user_id,
        team="Police and social services",
        purpose="",
        group_ids=[],
    )


@pytest.fixture
def begin(db, police, frame):
    return lambda **given: add_round(
        db, police, replace(frame, **given), call_in_id=None, at=MONDAY
    )


@pytest.fixture
def put(db, police):
    def put_in(begun, *people, at=MONDAY, why=WHY):
        reasons = {person.id: why for person in people}
        return add_people(db, police, begun.id, reasons, at=at, zone=ZONE)

    return put_in


@pytest.fixture
def person(db, programme):
    return lambda code, **given: make.a_person(db, programme, MONDAY, code, **given)


@pytest.fixture
def met(db, police):
    def go(visit, outcome="met", hours=1):
        if visit.status == "planned":
            make.a_check(db, visit, MONDAY)
            approve_notification(db, police, visit.id, at=MONDAY, zone=ZONE)
        when = MONDAY + timedelta(hours=hours)
        parts = [MessagePart.HELP] if outcome == "met" else []
        made = Try(
            attempted_at=when,
            outcome=AttemptOutcome(outcome),
            place="",
            note="",
            card_left=False,
            parts=parts,
            delivered_by="Åsa" if parts else "",
        )
        return record_attempt(db, police, visit.id, made, at=when)

    return go


@pytest.fixture
def end(db, police):
    def close(begun, again=""):
        if again:
            return reopen_round(db, police, begun.id, reason=again, at=MONDAY)
        return close_round(db, police, begun.id, {}, at=MONDAY + timedelta(hours=5))

    return close


def visited(db, police, begun, at=MONDAY):
    return visited_in(db, police, begun.id, at=at, on=TODAY)


def test_people_are_put_into_a_round_by_name_each_with_why(db, police, begin, put, person):
    begun = begin()
    (visit,) = put(begun, person("Lom"))

    assert (visit.trigger, visit.status, visit.why) == ("round", "planned", WHY)
    assert (visit.owner_id, visit.team) == (police.user_id, "Police and social services")
    assert visit.due_at.astimezone(ZONE).date() == begun.ends_on
    assert [each.why for each in visited(db, police, begun)] == [WHY]
    assert "custom_notification:put_in_round" in db.scalars(select(AuditEntry.kind)).all()


@pytest.mark.parametrize("why", ["", "  "])
def test_nobody_is_in_a_round_without_a_reason(begin, put, person, why):
    lom = person("Lom")
    with pytest.raises(RuleError, match="in a sentence") as refused:
        put(begin(), lom, why=why)
    assert refused.value.field == f"why-{lom.id}"


def test_who_may_not_be_visited_is_refused_and_told_why(db, begin, put, person):
    child = person("Barnet", birth_date=date(2010, 1, 1))
    hidden = person("Skyddad", is_protected=True)
    leaving = person("Avhoppare", is_exit_client=True)
    inside = person("Inne")
    make.a_supervision(db, MONDAY, inside, kind="custody")
    begun = begin()
    for someone, said in (
        (child, "under 18"),
        (hidden, "may not be visited"),
        (leaving, "may not be visited"),
        (inside, "is in custody"),
    ):
        with pytest.raises(RuleError, match=said):
            put(begun, someone)


def test_nobody_is_in_two_open_rounds_nor_twice_in_one(begin, put, person, met):
    lom, first, second = person("Lom"), begin(), begin(name="Round 5")
    (visit,) = put(first, lom)
    with pytest.raises(RuleError, match="is in this round already"):
        put(first, lom)
    with pytest.raises(RuleError, match="is in the round"):
        put(second, lom)
    met(visit)
    with pytest.raises(RuleError, match="is in the round"):
        put(second, lom)


def test_a_visit_that_is_open_already_comes_along_with_its_attempts(db, police, begin, put, person):
    lom = person("Lom")
    missed = make.a_notification(db, lom, NEXT, trigger="after_call_in_no_show")
    (visit,) = put(begin(), lom)

    assert visit.id == missed.id
    assert (visit.trigger, visit.due_at) == ("after_call_in_no_show", NEXT)
    assert db.scalars(select(CustomNotification)).all() == [visit]
    assert [(row.field, row.reason) for row in db.scalars(select(StatusChange))] == [("round", WHY)]


def test_a_round_that_ends_later_takes_along_what_was_due_with_it(db, police, frame, person):
    begun = add_round(db, police, frame, call_in_id=None, at=MONDAY)
    (visit,) = add_people(db, police, begun.id, {person("Lom").id: WHY}, at=MONDAY, zone=ZONE)
    later = replace(frame, ends_on=begun.ends_on + timedelta(days=3))

    change_round(db, police, begun.id, later, at=MONDAY, zone=ZONE)

    assert visit.due_at.astimezone(ZONE).date() == later.ends_on
    assert len(db.scalars(select(DueChange)).all()) == 1


def test_a_round_ends_after_it_begins_and_has_a_name(begin):
    with pytest.raises(RuleError, match="ends before"):
        begin(ends_on=TODAY - timedelta(days=1))
    with pytest.raises(RuleError, match="name"):
        begin(name=" ")


@pytest.fixture
def three(begin, put, person):
    begun = begin()
    return begun, *put(begun, person("Lom"), person("Mes"), person("Alka"))


def test_the_round_counts_attempts_apart_from_deliveries(db, police, three, met):
    begun, first, second, _ = three
    met(first, "not_home")
    met(first, hours=49)
    for hour in range(1, 5):
        met(second, "not_home", hours=hour)

    (row,) = rounds(db, police)
    assert (row.people, row.attempts, row.delivered, row.remaining) == (3, 6, 1, 2)
    rows = visited(db, police, begun, MONDAY + timedelta(days=3))
    assert rows[0].row.id == second.id, "four attempts: looked at again first"
    assert rows[0].look_again
    assert median_days(round_card(db, police, begun.id), rows, ZONE) == 2


@pytest.fixture
def four(begin, put, person, met):
    """A round of four, one of whom heard it."""
    begun = begin()
    visits = put(begun, *[person(name) for name in ("Ala", "Ek", "Lo", "My")])
    met(visits[0])
    return begun, *visits


def test_closing_decides_what_becomes_of_everybody_not_delivered(db, police, four, put, person):
    begun, done, stays, gone, off = four
    later = MONDAY + timedelta(hours=2)
    with pytest.raises(RuleError, match="Say of everybody") as refused:
        close_round(db, police, begun.id, {}, at=later)
    assert refused.value.field == f"remains-{stays.id}"
    decisions = {
        stays.id: Decided(remains=Remains.STAYS, reason="At work abroad", due_at=NEXT),
        gone.id: Decided(remains=Remains.NOT_DELIVERABLE, reason="Moved"),
        off.id: Decided(remains=Remains.CANCELLED, reason="Called in instead"),
    }
    no_day = decisions | {stays.id: replace(decisions[stays.id], due_at=None)}
    with pytest.raises(RuleError, match="by when") as refused:
        close_round(db, police, begun.id, no_day, at=later)
    assert refused.value.field == f"due_at-{stays.id}"

    close_round(db, police, begun.id, decisions, at=later)

    assert [each.status for each in (done, stays, gone, off)] == [
        "delivered",
        "planned",
        "not_deliverable",
        "cancelled",
    ]
    assert stays.due_at == NEXT
    card = round_card(db, police, begun.id)
    assert (card.status, card.closed_at) == ("closed", later)
    with pytest.raises(RuleError, match="is closed"):
        put(begun, person("Ny"))


def test_what_stayed_of_a_closed_round_may_go_into_a_later_one(db, police, begin, put, person):
    first = begin()
    lom = person("Lom")
    (visit,) = put(first, lom)
    stays = Decided(remains=Remains.STAYS, reason="Ill", due_at=NEXT)
    close_round(db, police, first.id, {visit.id: stays}, at=MONDAY)
    second = begin(name="Round 5")

    assert put(second, lom) == (visit,)
    assert round_card(db, police, first.id).went_on == 1


def test_a_round_stays_closed_whose_people_are_in_another_by_now(begin, put, person, met, end):
    first, lom = begin(), person("Lom")
    (visit,) = put(first, lom)
    met(visit)
    end(first)
    put(begin(name="Round 5"), lom)

    with pytest.raises(RuleError, match="in the round"):
        end(first, again="A slip")


@pytest.fixture
def unmade(db, police, met, end):
    """Withdraw the delivery of a visit after its round was closed."""

    def take_back(begun, visit, meanwhile=lambda: None):
        tried = met(visit)
        end(begun)
        meanwhile()
        given = {"recorded_at": tried.recorded_at, "reason": "Another man", "at": MONDAY}
        withdraw_attempt(db, police, visit.id, tried.id, **given)

    return take_back


def test_a_delivery_withdrawn_after_the_close_makes_a_visit_of_its_own(
    db, begin, put, person, unmade
):
    begun = begin()
    (visit,) = put(begun, person("Lom"))
    unmade(begun, visit)

    assert visit.status == "approved"
    assert db.get(RoundVisit, visit.id) is None
    changes = db.scalars(select(StatusChange).where(StatusChange.field == "round")).all()
    assert [(each.old, each.new, each.reason) for each in changes] == [
        (str(begun.id), "", "Another man")
    ]


def test_a_delivery_withdrawn_beside_a_newer_visit_opens_no_second_one(
    db, begin, put, person, unmade
):
    begun, lom = begin(), person("Lom")
    (visit,) = put(begun, lom)
    unmade(begun, visit, meanwhile=lambda: put(begin(name="Round 5"), lom))

    assert visit.status == "cancelled"
    assert open_visit(db, lom.id) is not visit


def test_a_closed_round_is_opened_again_with_a_reason(db, police, begin):
    begun = begin()
    close_round(db, police, begun.id, {}, at=MONDAY)
    with pytest.raises(RuleError, match="Say why"):
        reopen_round(db, police, begun.id, reason=" ", at=MONDAY)

    reopen_round(db, police, begun.id, reason="Two came home", at=MONDAY)

    assert round_card(db, police, begun.id).is_open


def test_who_is_taken_out_keeps_the_visit_or_it_ends(db, police, begin, put, person):
    begun = begin()
    stays, ends = put(begun, person("Lom"), person("Mes"))
    kept = Decided(remains=Remains.STAYS, reason="Another time", due_at=NEXT)
    take_out(db, police, stays.id, kept, at=MONDAY)
    take_out(db, police, ends.id, Decided(remains=Remains.CANCELLED, reason="Dead"), at=MONDAY)

    assert (stays.status, stays.due_at, db.get(RoundVisit, stays.id)) == ("planned", NEXT, None)
    assert (ends.status, db.get(RoundVisit, ends.id).round_id) == ("cancelled", begun.id)


def test_who_was_taken_out_by_a_slip_is_put_in_again(db, police, begin, put, person):
    begun, lom = begin(), person("Lom")
    (slip,) = put(begun, lom)
    take_out(db, police, slip.id, Decided(remains=Remains.CANCELLED, reason="A slip"), at=MONDAY)
    assert rounds(db, police)[0].people == 0

    (again,) = put(begun, lom)

    assert (again.status, again.id == slip.id) == ("planned", False)
    assert rounds(db, police)[0].people == 1


def test_only_the_coordinators_begin_rounds(db, viewer, frame):
    for role in (Role.ANALYST, Role.OUTREACH, Role.PROBATION, Role.COMMUNITY):
        with pytest.raises(NotAllowedError):
            add_round(db, viewer(role), frame, call_in_id=None, at=MONDAY)


def test_who_heard_it_lately_is_no_gap(db, programme, police, person):
    """Six in a row; the first was told: visits go where nobody heard it."""
    people = [person(f"P{number}") for number in range(6)]
    group = make.a_group(db, programme, MONDAY, "North")
    for each in people:
        make.a_membership(db, MONDAY, each, group)
    for one, other in pairwise(people):
        make.a_tie(db, MONDAY, one, other, kind="friend")
    old = make.a_notification(db, people[0], MONDAY, status="delivered")
    make.a_delivery(db, people[0], MONDAY - timedelta(days=30), custom_notification_id=old.id)
    stood_on = ground(db, police, as_of=MONDAY, on=MONDAY, zone=ZONE)

    wanted = Wanted(visits=1, groups=frozenset({group.id}), called=frozenset())
    plan = propose_visits(stood_on, wanted)

    assert plan.people[0] in {people[3].id, people[4].id}
    assert (plan.reached, plan.missing) == (3, 1)
    called = replace(wanted, called=frozenset({people[4].id}))
    assert propose_visits(stood_on, called).reached == 1


def test_who_was_told_in_another_group_is_heard_by_those_they_know(db, programme, police, person):
    here, there = person("Lom"), person("Mes")
    north = make.a_group(db, programme, MONDAY, "North")
    make.a_membership(db, MONDAY, here, north)
    make.a_membership(db, MONDAY, there, make.a_group(db, programme, MONDAY, "South"))
    make.a_tie(db, MONDAY, here, there, kind="friend")
    old = make.a_notification(db, there, MONDAY, status="delivered")
    make.a_delivery(db, there, MONDAY - timedelta(days=30), custom_notification_id=old.id)
    stood_on = ground(db, police, as_of=MONDAY, on=MONDAY, zone=ZONE)

    wanted = Wanted(visits=1, groups=frozenset({north.id}), called=frozenset())
    assert propose_visits(stood_on, wanted).reached == 0


@pytest.mark.parametrize("seed", range(40))
def test_the_visits_proposed_are_the_best_of_all_choices(seed):
    asked, called, visits = a_gap(Random(seed))  # noqa: S311 — cases, no secrets

    problem = visits_problem(asked, called=called, visits=visits)
    plan = best_plan(problem, time_limit_seconds=5)

    may = sorted(asked.candidates - asked.excluded - called)
    every = (chosen for size in range(visits + 1) for chosen in combinations(may, size))
    best = max(newly_reached(asked, called, chosen) for chosen in every)
    assert plan.status is PlanStatus.PROVED_BEST
    assert newly_reached(asked, called, plan.outcome.invitees) == best
    assert outcome(problem, plan.outcome.invitees).reach == best
    assert set(plan.outcome.invitees) <= set(may)


def a_gap(rng: Random) -> tuple[SelectionProblem, frozenset[int], int]:
    people = range(1, 13)
    ties = [pair for pair in combinations(people, 2) if rng.random() < 0.2]
    asked = SelectionProblem(
        universe=list(people),
        ties=ties,
        candidates=frozenset(each for each in people if rng.random() < 0.8),
        attendance={},
        seats=1,
        excluded=frozenset(rng.sample(list(people), 2)),
        delivered=frozenset(rng.sample(list(people), rng.randint(0, 3))),
        conflicts=[],
    )
    return asked, frozenset(rng.sample(list(people), rng.randint(0, 2))), rng.randint(1, 4)


def newly_reached(asked: SelectionProblem, called: frozenset[int], chosen) -> int:
    """Count by the letter of design §5 who hears it by a visit and from nobody else."""

    def heard(sources) -> set[int]:
        both = [*asked.ties, *(pair[::-1] for pair in asked.ties)]
        return set(sources) | {there for here, there in both if here in sources}

    return len(heard(set(chosen)) - heard(asked.delivered | called))
