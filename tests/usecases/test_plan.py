"""The planner on stored facts: who counts, who may be asked, and what is answered."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from gvi.domain.access import Role
from gvi.domain.call_in import Bar
from gvi.domain.errors import NotAllowedError, RuleError
from gvi.store.models import AuditEntry, Group, StatusChange
from gvi.usecases.plan import Chance, Question, ground, problem
from tests import factories as make
from tests.conftest import MONDAY, ZONE
from tests.network.wheeler import ATTENDED, OBLIGED, PEOPLE, TIES

TOMORROW = MONDAY + timedelta(days=1)


@pytest.fixture
def gang_1(db: Session, programme: int) -> None:
    people = {
        n: make.a_person(db, programme, MONDAY, f"Person {n}", external_id=str(n)) for n in PEOPLE
    }
    for a, b in TIES:
        make.a_tie(db, MONDAY, people[a], people[b])
    for n in OBLIGED:
        make.a_supervision(db, MONDAY, people[n])


@pytest.mark.usefixtures("gang_1")
@pytest.mark.parametrize(
    ("seats", "reach"), [(1, 8), (2, 11), (3, 14), (4, 16), (5, 18), (6, 20), (7, 21), (8, 22)]
)
def test_reaches_as_many_of_gang_1_as_is_possible(ask, seats, reach):
    found, status = ask("--size", str(seats))

    assert (found["reach"], found["status"], status) == (reach, "proved_best", 0)
    assert len(found["reached"]) == reach
    assert len(found["not_reached"]) == 22 - reach
    assert found["universe"] == 22


@pytest.mark.usefixtures("gang_1")
@pytest.mark.parametrize(("seats", "reach"), [(1, 6), (2, 8), (3, 10), (4, 12), (5, 13)])
def test_the_obliged_alone_reach_fewer(ask, seats, reach):
    found, _ = ask("--size", str(seats), "--supervised-only")

    assert found["reach"] == reach
    assert {int(n) for n in found["invitees"]} <= OBLIGED


@pytest.mark.usefixtures("gang_1")
def test_the_four_who_were_there_reach_six(ask):
    locks = [word for n in sorted(ATTENDED) for word in ("--lock", str(n))]

    found, _ = ask("--size", "4", *locks)

    assert found["reach"] == 6
    assert found["invitees"] == ["4", "5", "11", "22"]


@pytest.mark.usefixtures("gang_1")
def test_expected_reach_counts_who_will_come(ask):
    found, _ = ask("--size", "4", "--objective", "expected")

    assert found["expected"] == pytest.approx(12.0)
    assert {int(n) for n in found["invitees"]} <= OBLIGED


@pytest.mark.usefixtures("gang_1")
def test_more_locks_than_seats_are_refused_by_name(ask):
    found, status = ask("--size", "1", "--lock", "4", "--lock", "5")

    assert (found["status"], status, found["invitees"]) == ("infeasible", 3, [])
    assert found["nearest"]["plan"]["status"] == "proved_best"
    assert {clash["rule"] for clash in found["clashes"]} == {"seats", "locked"}
    assert ["4", "5"] in [clash["ids"] for clash in found["clashes"]]


@pytest.mark.usefixtures("gang_1")
@pytest.mark.parametrize(
    "given",
    [
        pytest.param(["--size", "0"], id="no seat"),
        pytest.param(["--size", "2", "--lock", "99"], id="an unknown person"),
        pytest.param(["--size", "2", "--group", "Granit"], id="an unknown group"),
        pytest.param(["--size", "2", "--on", "2026-02-30"], id="an impossible day"),
        pytest.param(["--size", "2", "--sessions", "3"], id="a session without a seat"),
        pytest.param(["--size", "2", "--sessions", "0"], id="no session"),
        pytest.param(["--size", "2", "--keep-apart", "1", "99"], id="kept apart from nobody"),
        pytest.param(["--size", "2", "--chance", "1=1.2", "Said so"], id="more than certain"),
        pytest.param(["--size", "2", "--chance", "1=nan", "Said so"], id="no number"),
        pytest.param(["--size", "2", "--chance", "1", "Said so"], id="no chance"),
        pytest.param(["--size", "2", "--chance", "1=0.5", " "], id="no reason"),
        pytest.param(["--size", "2", "--chance", "99=0.5", "Said so"], id="nobody's chance"),
        pytest.param(["--size", "2", "--least", "Granit=2"], id="a minimum of an unknown group"),
        pytest.param(["--size", "2", "--least", "Granit"], id="a minimum without a number"),
    ],
)
def test_an_unusable_question_is_refused(ask, given):
    with pytest.raises(RuleError):
        ask(*given)


@pytest.fixture
def group(db: Session, programme: int) -> Group:
    return make.a_group(db, programme, MONDAY, "Granit")


@pytest.fixture
def granit(db: Session, programme: int, group: Group) -> dict:
    """A group of six, all tied to Lom; only Lom and Alka may be invited this week."""
    at = MONDAY
    people = {
        "Lom": make.a_person(db, programme, at, "Lom"),
        "Alka": make.a_person(db, programme, at, "Alka"),
        "Barnet": make.a_person(db, programme, at, "Barnet", birth_date=date(2008, 3, 5)),
        "Häktad": make.a_person(db, programme, at, "Häktad"),
        "Skyddad": make.a_person(db, programme, at, "Skyddad", is_protected=True),
        "Avhoppare": make.a_person(db, programme, at, "Avhoppare", is_exit_client=True),
    }
    for person in people.values():
        make.a_membership(db, at, person, group)
        if person is not people["Lom"]:
            make.a_tie(db, at, people["Lom"], person)
    make.a_supervision(
        db, at, people["Häktad"], kind="custody", valid_to=MONDAY + timedelta(days=5)
    )
    return people


@pytest.mark.usefixtures("granit")
def test_minors_and_the_detained_are_reached_but_never_invited(ask):
    found, _ = ask("--size", "6", "--group", "Granit")

    assert found["invitees"] == ["Lom"]
    assert found["reached"] == ["Lom", "Alka", "Barnet", "Häktad"]
    assert found["universe"] == 4


@pytest.fixture
def former(db: Session, programme: int, group: Group) -> None:
    """Somebody who left the group a month ago."""
    person = make.a_person(db, programme, MONDAY, "Föredetting")
    make.a_membership(db, MONDAY, person, group, valid_to=MONDAY - timedelta(days=30))


@pytest.mark.usefixtures("granit", "former")
@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("Barnet", "under 18 on that day"),
        ("Häktad", "in custody on that day"),
        ("Skyddad", "protected, or in an exit programme"),
        ("Avhoppare", "protected, or in an exit programme"),
        ("Föredetting", "not, or no longer, in the groups called"),
    ],
)
def test_nobody_barred_can_be_locked_in_and_the_clash_says_why(ask, name, why):
    found, status = ask("--size", "2", "--group", "Granit", "--lock", name)

    assert status == 3
    assert [c for c in found["clashes"] if c["rule"] == "not_a_candidate"] == [
        {
            "rule": "not_a_candidate",
            "ids": [name],
            "reason": f"This person may not be invited: {why}.",
        }
    ]


@pytest.mark.usefixtures("granit", "former")
def test_people_barred_for_different_reasons_are_named_each_with_their_own(ask):
    locks = ("Barnet", "Häktad", "Skyddad", "Avhoppare", "Föredetting")
    words = [word for name in locks for word in ("--lock", name)]

    found, _ = ask("--size", "6", "--group", "Granit", *words)

    told = {c["reason"]: c["ids"] for c in found["clashes"] if c["rule"] == "not_a_candidate"}
    assert told == {
        "This person may not be invited: under 18 on that day.": ["Barnet"],
        "This person may not be invited: in custody on that day.": ["Häktad"],
        "These people may not be invited: protected, or in an exit programme.": [
            "Skyddad",
            "Avhoppare",
        ],
        "This person may not be invited: not, or no longer, in the groups called.": ["Föredetting"],
    }


@pytest.mark.usefixtures("granit")
def test_age_and_custody_are_judged_on_the_day_of_the_call_in(ask):
    locks = ["--lock", "Barnet", "--lock", "Häktad"]

    found, status = ask("--size", "2", "--on", "2026-03-20", *locks)

    assert (status, found["invitees"]) == (0, ["Barnet", "Häktad"])


@pytest.mark.usefixtures("granit")
def test_what_was_known_later_is_left_out(ask, db, granit):
    make.a_tie(db, MONDAY, granit["Alka"], granit["Barnet"], recorded_at=TOMORROW)

    before, _ = ask("--size", "1", "--lock", "Alka")
    after, _ = ask("--size", "1", "--lock", "Alka", as_of=TOMORROW)

    assert before["reached"] == ["Lom", "Alka"]
    assert after["reached"] == ["Lom", "Alka", "Barnet"]


@pytest.mark.usefixtures("granit")
def test_rivals_are_never_planned_into_one_room(ask, db, programme, group):
    kajen = make.a_group(db, programme, MONDAY, "Kajen")
    rival = make.a_person(db, programme, MONDAY, "Mes")
    make.a_membership(db, MONDAY, rival, kajen)
    make.a_relation(db, MONDAY, group, kajen)

    found, status = ask("--size", "2", "--lock", "Lom", "--lock", "Mes")

    assert status == 3
    conflict = next(clash for clash in found["clashes"] if clash["rule"] == "conflict")
    assert conflict["ids"] == ["Granit", "Kajen"]


@pytest.mark.usefixtures("granit")
def test_rivals_and_people_kept_apart_are_planned_into_different_sessions(
    ask, db, programme, group
):
    kajen = make.a_group(db, programme, MONDAY, "Kajen")
    rival = make.a_person(db, programme, MONDAY, "Mes")
    make.a_membership(db, MONDAY, rival, kajen)
    make.a_relation(db, MONDAY, group, kajen)
    locks = [word for name in ("Lom", "Mes", "Alka") for word in ("--lock", name)]

    found, _ = ask("--size", "4", "--sessions", "2", *locks)
    apart, status = ask("--size", "4", "--sessions", "2", *locks, "--keep-apart", "Lom", "Alka")

    assert sorted(map(sorted, found["sessions"])) == [["Alka", "Lom"], ["Mes"]]
    assert status == 3
    assert "keep_apart" in {clash["rule"] for clash in apart["clashes"]}


@pytest.mark.usefixtures("granit")
def test_expected_reach_counts_with_the_own_attendance_where_that_is_asked(ask, asked_before):
    asked_before(MONDAY - timedelta(days=60), obliged=False, attended=1, no_show=3)

    published, _ = ask("--size", "1", "--lock", "Lom")
    learned, _ = ask("--size", "1", "--lock", "Lom", "--attendance", "learned")

    reached = published["expected"] * 6
    assert learned["expected"] == pytest.approx(reached * 2 / 10)


def test_deliveries_of_the_last_year_are_covered(ask, db, programme, granit):
    call_in = make.a_call_in(db, programme, MONDAY - timedelta(days=400))
    visit = make.a_notification(db, granit["Alka"], MONDAY)
    told = {"custom_notification_id": visit.id}
    make.a_delivery(db, granit["Barnet"], call_in.starts_at, call_in_id=call_in.id)
    make.a_delivery(db, granit["Häktad"], MONDAY - timedelta(days=3), **told, to_family=True)

    before, _ = ask("--size", "1", "--lock", "Alka")
    make.a_delivery(db, granit["Lom"], MONDAY - timedelta(days=30), "help", **told)
    after, _ = ask("--size", "1", "--lock", "Alka")

    assert before["covered"] == before["expected"] == pytest.approx(2 / 6)
    assert (after["covered"], after["expected"]) == (4.0, before["expected"])


def test_a_plan_is_in_the_log_with_everybody_it_speaks_of(ask, db, granit):
    ask("--size", "1", "--group", "Granit")

    entry = db.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    people = json.loads(entry.subjects)["person"]
    assert entry.kind == "call_in:plan_shown"
    assert set(people) == {granit[n].id for n in ("Lom", "Alka", "Barnet", "Häktad")}


@pytest.mark.parametrize("role", [Role.COORDINATOR_MUNICIPAL, Role.OUTREACH, Role.STEERING])
def test_only_police_and_analysts_plan(db, viewer, role):
    with pytest.raises(NotAllowedError):
        ground(db, viewer(role), as_of=MONDAY, on=MONDAY, zone=ZONE)


def test_why_somebody_may_not_be_invited_is_said(db, viewer, granit):
    stood_on = ground(db, viewer(Role.ANALYST), as_of=MONDAY, on=MONDAY, zone=ZONE)

    bars = {name: stood_on.bar(person.id) for name, person in granit.items()}

    assert bars == {
        "Lom": None,
        "Alka": None,
        "Barnet": Bar.UNDER_18,
        "Häktad": Bar.IN_CUSTODY,
        "Skyddad": Bar.LEFT_OUT,
        "Avhoppare": Bar.LEFT_OUT,
    }


@pytest.fixture
def asked_before(db: Session, programme: int) -> Callable:
    """Holds a call-in with so many people of each outcome."""

    def held(starts_at, *, obliged: bool, **outcomes: int) -> list:
        call_in = make.a_call_in(db, programme, starts_at, status="held")
        found = []
        for status, number in outcomes.items():
            for n in range(number):
                person = make.a_person(
                    db, programme, MONDAY, f"{call_in.id} {status} {obliged} {n}"
                )
                found.append(
                    make.an_invitee(db, call_in, person, status=status, is_obliged=obliged)
                )
        return found

    return held


def test_the_own_attendance_counts_who_stayed_of_all_with_an_outcome(db, viewer, asked_before):
    """12 asked: 8 stayed, 1 left early, 1 was turned away, 1 excused, 1 not seen: 8 of 12."""
    outcomes = {"attended": 8, "left_early": 1, "turned_away": 1, "excused": 1, "no_show": 1}
    asked_before(MONDAY - timedelta(days=60), obliged=True, **outcomes, withdrawn=2, invited=1)
    asked_before(MONDAY - timedelta(days=60), obliged=False, attended=1, no_show=4)
    asked_before(MONDAY + timedelta(days=1), obliged=False, attended=5)

    own = ground(db, viewer(Role.ANALYST), as_of=MONDAY, on=MONDAY, zone=ZONE).attendance

    assert (own.obliged.came, own.obliged.invited) == (8, 12)
    assert (own.voluntary.came, own.voluntary.invited) == (1, 5)


def test_an_outcome_recorded_later_was_not_known(db, viewer, asked_before):
    invitee = asked_before(MONDAY - timedelta(days=2), obliged=True, attended=2)[0]
    db.add(
        StatusChange(
            programme_id=viewer(Role.ANALYST).programme_id,
            thing="invitee",
            thing_id=invitee.id,
            old="invited",
            new="attended",
            changed_at=TOMORROW,
        )
    )

    then, now = (
        ground(db, viewer(Role.ANALYST), as_of=at, on=MONDAY, zone=ZONE).attendance.obliged
        for at in (MONDAY, TOMORROW)
    )

    assert (then.invited, now.invited) == (1, 2)


def test_the_chance_of_coming_is_published_learned_or_set_for_a_person(
    db, viewer, granit, asked_before
):
    make.a_supervision(db, MONDAY, granit["Lom"])
    asked_before(MONDAY - timedelta(days=60), obliged=True, attended=3, no_show=1)
    asked_before(MONDAY - timedelta(days=60), obliged=False, attended=1, no_show=3)
    stood_on = ground(db, viewer(Role.ANALYST), as_of=MONDAY, on=MONDAY, zone=ZONE)
    lom, alka = granit["Lom"].id, granit["Alka"].id

    def chances(**asked):
        chances = problem(stood_on, Question(seats=2, **asked)).attendance
        return chances[lom], chances[alka]

    assert chances() == (1.0, 1 / 6)
    assert chances(learned=True) == (12 / 16, 2 / 10)
    knows = Chance(probability=0.5, reason="Came both times, his sister says he will")
    assert chances(learned=True, chances={alka: knows}) == (12 / 16, 0.5)
    assert chances(chances={lom: knows}) == (0.5, 1 / 6)


@pytest.mark.parametrize(("probability", "reason"), [(0.5, " "), (-0.1, "x"), (1.2, "x")])
def test_a_chance_set_by_hand_is_a_probability_with_a_reason(probability, reason):
    with pytest.raises(RuleError):
        Chance(probability=probability, reason=reason)


@pytest.mark.parametrize(
    ("born", "may_come"),
    [
        pytest.param(date(2008, 3, 8), True, id="turned 18 the day before"),
        pytest.param(date(2008, 3, 9), True, id="turns 18 that day"),
        pytest.param(date(2008, 3, 10), False, id="turns 18 the day after"),
        pytest.param(date(2008, 2, 20), True, id="under 18 today, 18 by then"),
    ],
)
def test_who_turns_18_around_the_call_in(db, viewer, programme, born, may_come):
    """Known at 1 February; the call-in is on 9 March, late in the evening, local time."""
    planned = datetime(2026, 2, 1, 12, tzinfo=UTC)
    on = datetime(2026, 3, 9, 22, 30, tzinfo=UTC)  # 23:30 in Stockholm
    person = make.a_person(db, programme, planned, "Just", birth_date=born)

    stood_on = ground(db, viewer(Role.ANALYST), as_of=planned, on=on, zone=ZONE)

    assert (person.id in problem(stood_on, Question(seats=1)).candidates) is may_come


@pytest.mark.parametrize(
    ("on", "day"),
    [
        pytest.param(datetime(2026, 3, 28, 23, 30, tzinfo=UTC), date(2026, 3, 29), id="spring"),
        pytest.param(datetime(2026, 10, 24, 22, 30, tzinfo=UTC), date(2026, 10, 25), id="autumn"),
        pytest.param(datetime(2026, 10, 25, 22, 30, tzinfo=UTC), date(2026, 10, 25), id="after"),
    ],
)
def test_the_day_is_the_local_one_when_clocks_change_that_night(db, viewer, programme, on, day):
    """Just before midnight in Stockholm an hour's mistake is a day's, and a birthday's."""
    grown = make.a_person(db, programme, MONDAY, "Grown", birth_date=day.replace(year=2008))
    child = make.a_person(
        db, programme, MONDAY, "Child", birth_date=day.replace(year=2008) + timedelta(days=1)
    )

    stood_on = ground(db, viewer(Role.ANALYST), as_of=MONDAY, on=on, zone=ZONE)

    assert stood_on.day == day
    assert {grown.id, child.id} & problem(stood_on, Question(seats=1)).candidates == {grown.id}
