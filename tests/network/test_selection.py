from dataclasses import replace
from itertools import chain, combinations, product
from math import prod

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gvi.network.plan import Objective, PlanStatus, Rule, SelectionProblem
from gvi.network.reach import outcome
from gvi.network.selection import best_by_seats, best_plan
from tests.network.wheeler import ATTENDED, OBLIGED, gang_1

BEST = [8, 11, 14, 16, 18, 20, 21, 22]


def a_problem(*, people=range(1, 7), ties=(), seats=2, candidates=None, **asked):
    return SelectionProblem(
        universe=people,
        ties=ties,
        candidates=frozenset(people if candidates is None else candidates),
        attendance=asked.pop("attendance", {}),
        seats=seats,
        **asked,
    )


def worth(problem, chosen):
    """The objective of design section 5, by the letter."""
    near = {i: {i} for i in problem.universe}
    for a, b in problem.ties:
        if a in near and b in near:
            near[a].add(b)
            near[b].add(a)
    if problem.objective is Objective.REACH:
        return sum(problem.value.get(i, 1) for i in near if near[i] & set(chosen))
    return sum(
        problem.value.get(i, 1)
        * (1 - prod(1 - problem.attendance.get(j, 1 / 6) for j in near[i] & set(chosen)))
        for i in near
    )


def is_allowed(problem, chosen):
    chosen = set(chosen)
    may = problem.candidates & set(problem.universe) - problem.excluded
    if problem.supervised_only:
        may &= problem.obliged
    return (
        problem.locked <= chosen <= may
        and len(chosen) <= problem.seats
        and (not problem.exactly or len(chosen) == problem.seats)
        and len(chosen & problem.obliged) >= problem.min_obliged
        and all(
            len(chosen & problem.groups.get(g, frozenset())) >= m
            for g, m in problem.min_per_group.items()
        )
        and can_be_seated(problem, chosen)
    )


def foes(problem):
    conflicts = {
        frozenset((a, b))
        for g, h in problem.conflicts
        for a in problem.groups.get(g, ())
        for b in problem.groups.get(h, ())
        if a != b
    } - {frozenset(pair) for pair in problem.accepted}
    return conflicts | {frozenset(pair) for pair in problem.keep_apart if len(set(pair)) == 2}


def is_seated_well(problem, sessions):
    """Whether nobody meets a foe, and the seats are shared as evenly as they can be."""
    sizes = sorted((len(each) for each in sessions), reverse=True)
    share, over = divmod(problem.seats, problem.sessions)
    room = [share + 1] * over + [share] * (problem.sessions - over)
    return (
        len(sizes) == problem.sessions
        and all(size <= seats for size, seats in zip(sizes, room, strict=True))
        and not any(pair <= set(each) for pair in foes(problem) for each in sessions)
    )


def can_be_seated(problem, chosen):
    return any(
        is_seated_well(
            problem,
            [
                [person for person, at in zip(chosen, seats, strict=True) if at == session]
                for session in range(problem.sessions)
            ],
        )
        for seats in product(range(problem.sessions), repeat=len(chosen))
    )


def allowed_choices(problem):
    people = sorted(problem.universe)
    return [
        chosen
        for size in range(problem.seats + 1)
        for chosen in combinations(people, size)
        if is_allowed(problem, chosen)
    ]


PERSON = st.integers(1, 7)
PAIRS = st.lists(st.tuples(PERSON, PERSON).filter(lambda p: p[0] != p[1]), max_size=9)
FEW = st.frozensets(PERSON, max_size=2)
CHANCE = st.one_of(st.sampled_from([0.0, 1 / 6, 1.0]), st.floats(0.01, 0.99))


@st.composite
def problems(draw, *, rules=True):
    people = sorted(draw(st.sets(PERSON, min_size=3)))
    asked = {}
    if rules:
        asked = {
            "exactly": draw(st.booleans()),
            "supervised_only": draw(st.sampled_from([False, False, True])),
            "min_obliged": draw(st.sampled_from([0, 0, 1])),
            "locked": draw(FEW),
            "excluded": draw(FEW),
            "groups": {1: draw(st.frozensets(PERSON)), 2: draw(st.frozensets(PERSON))},
            "min_per_group": draw(st.dictionaries(st.sampled_from([1, 2]), st.integers(0, 2))),
            "conflicts": draw(st.sampled_from([(), (), ((1, 2),)])),
            "accepted": draw(PAIRS),
            "keep_apart": draw(st.lists(st.tuples(PERSON, PERSON), max_size=2)),
            "sessions": draw(st.sampled_from([1, 1, 2, 3])),
        }
    return SelectionProblem(
        universe=people,
        ties=draw(PAIRS),
        candidates=frozenset(people) - draw(FEW),
        attendance={p: draw(CHANCE) for p in people},
        obliged=draw(st.frozensets(PERSON)),
        value=draw(st.one_of(st.just({}), st.dictionaries(PERSON, st.floats(0, 9)))),
        objective=draw(st.sampled_from(Objective)),
        seats=draw(st.integers(0, 4)),
        **asked,
    )


@given(problems())
def test_the_plan_is_the_best_of_all_allowed_choices(problem):
    choices = allowed_choices(problem)

    plan = best_plan(problem)

    if not choices:
        assert plan.status is PlanStatus.INFEASIBLE
        return
    best = max(worth(problem, chosen) for chosen in choices)
    assert plan.status is PlanStatus.PROVED_BEST
    assert plan.gap == 0.0
    assert is_allowed(problem, plan.outcome.invitees)
    assert is_seated_well(problem, plan.sessions)
    assert sorted(chain(*plan.sessions)) == list(plan.outcome.invitees)
    assert worth(problem, plan.outcome.invitees) == pytest.approx(best, abs=2e-6 * (1 + best))


@given(problems())
def test_of_equal_plans_of_its_size_the_lowest_ids_are_proposed_and_all_counted(problem):
    plan = best_plan(problem)
    if plan.status is PlanStatus.INFEASIBLE:
        return
    mine = worth(problem, plan.outcome.invitees)

    equals = [
        chosen
        for chosen in allowed_choices(problem)
        if len(chosen) == len(plan.outcome.invitees) and abs(worth(problem, chosen) - mine) <= 1e-10
    ]

    assert plan.outcome.invitees == min(equals)
    assert plan.alternatives == len(equals)
    assert plan.examples == tuple(sorted(equals)[1:6])


@given(problems())
def test_an_infeasible_request_names_a_clash_and_the_nearest_plan_keeps_the_rest(problem):
    plan = best_plan(problem)
    if plan.status is not PlanStatus.INFEASIBLE:
        assert plan.clashes == ()
        assert plan.nearest is None
        return

    assert plan.clashes
    assert all(clash.reason for clash in plan.clashes)
    assert plan.outcome.invitees == ()
    invited = set(plan.nearest.plan.outcome.invitees)
    assert plan.nearest.plan.status is PlanStatus.PROVED_BEST
    assert invited <= problem.candidates & set(problem.universe) - problem.excluded
    assert len(invited) <= problem.seats + plan.nearest.concession.extra_seats
    assert problem.locked - set(plan.nearest.concession.dropped_locks) <= invited
    assert is_seated_well(
        replace(problem, seats=problem.seats + plan.nearest.concession.extra_seats),
        plan.nearest.plan.sessions,
    )


@pytest.mark.parametrize(("seats", "reached"), list(enumerate(BEST, start=1)))
def test_best_reach_of_wheelers_gang_1(seats, reached):
    plan = best_plan(gang_1(seats))

    assert plan.status is PlanStatus.PROVED_BEST
    assert plan.outcome.reach == reached
    assert len(plan.outcome.reached) == reached
    assert len(plan.outcome.not_reached) == plan.universe - reached
    assert len(plan.outcome.invitees) == seats


@pytest.mark.parametrize(("seats", "reached"), list(enumerate([6, 8, 10, 12, 13], start=1)))
def test_best_supervised_only_reach_of_wheelers_gang_1(seats, reached):
    plan = best_plan(gang_1(seats, supervised_only=True))

    assert plan.outcome.reach == reached
    assert set(plan.outcome.invitees) <= OBLIGED


def test_locking_those_who_attended_in_gang_1_reaches_six():
    plan = best_plan(gang_1(4, locked=ATTENDED))

    assert plan.outcome.reach == 6
    assert plan.outcome.invitees == (4, 5, 11, 22)


@pytest.mark.parametrize(("seats", "expected"), [(4, 12.0), (6, 13.5), (8, 14.166666667)])
def test_best_expected_reach_of_wheelers_gang_1(seats, expected):
    plan = best_plan(gang_1(seats, objective=Objective.EXPECTED))

    assert plan.status is PlanStatus.PROVED_BEST
    assert plan.outcome.expected == expected


@pytest.mark.parametrize(("seats", "equal"), list(enumerate([1, 2, 1, 7, 16, 12, 40, 32], start=1)))
def test_so_many_sets_are_as_good_as_the_best_of_gang_1(seats, equal):
    plan = best_plan(gang_1(seats))

    assert plan.alternatives == equal
    assert len(plan.examples) == min(5, equal - 1)
    assert all(outcome(gang_1(seats), e).reach == plan.outcome.reach for e in plan.examples)


def test_thirty_two_sets_of_eight_reach_all_of_gang_1_and_the_first_is_proposed():
    plan = best_plan(gang_1(8))

    assert plan.alternatives == 32
    assert plan.outcome.invitees == (1, 2, 4, 5, 11, 16, 17, 21)


def test_seats_that_would_add_nothing_stay_empty_unless_all_must_be_filled():
    assert len(best_plan(gang_1(12)).outcome.invitees) == 8
    assert len(best_plan(gang_1(12, exactly=True)).outcome.invitees) == 12


def test_the_curve_says_what_each_seat_gives_and_where_the_rules_cannot_be_kept():
    assert best_by_seats(gang_1(8), most=8) == tuple(BEST)
    assert best_by_seats(gang_1(3, locked=frozenset({4, 5})), most=3)[0] is None


def test_people_who_may_not_be_invited_can_still_be_reached():
    plan = best_plan(a_problem(people=[1, 2], ties=[(1, 2)], candidates=[1]))

    assert plan.outcome.invitees == (1,)
    assert plan.outcome.reached == (1, 2)


def test_without_anybody_to_invite_nobody_is_reached():
    plan = best_plan(a_problem(people=[1, 2], candidates=[]))

    assert plan.status is PlanStatus.PROVED_BEST
    assert plan.outcome.invitees == ()
    assert plan.outcome.not_reached == (1, 2)


def test_without_time_a_greedy_plan_is_given_with_its_gap():
    plan = best_plan(gang_1(4), time_limit_seconds=0.0)

    assert plan.status is PlanStatus.BEST_FOUND
    assert plan.outcome.reach == 16
    assert plan.gap == pytest.approx((22 - 16) / 22)
    assert plan.alternatives is None


TWO_GROUPS = {1: frozenset({1, 2, 3}), 2: frozenset({4, 5, 6})}


@pytest.mark.parametrize(
    ("asked", "clash", "conceded"),
    [
        pytest.param(
            {"locked": {1, 2, 3}, "seats": 2},
            [(Rule.SEATS, ()), (Rule.LOCKED, (1, 2, 3))],
            {"extra_seats": 1},
            id="more locked in than seats",
        ),
        pytest.param(
            {"locked": {1, 2}, "excluded": {2, 3}},
            [(Rule.LOCKED, (2,)), (Rule.EXCLUDED, (2,))],
            {"dropped_locks": (2,)},
            id="locked in and excluded",
        ),
        pytest.param(
            {"locked": {2}, "candidates": {1, 3}},
            [(Rule.LOCKED, (2,)), (Rule.NOT_A_CANDIDATE, (2,))],
            {"dropped_locks": (2,)},
            id="locked in and under 18",
        ),
        pytest.param(
            {"locked": {99}},
            [(Rule.LOCKED, (99,)), (Rule.NOT_A_CANDIDATE, (99,))],
            {"dropped_locks": (99,)},
            id="locked in from outside the universe",
        ),
        pytest.param(
            {"people": [], "locked": {1}},
            [(Rule.LOCKED, (1,)), (Rule.NOT_A_CANDIDATE, (1,))],
            {"dropped_locks": (1,)},
            id="locked in where nobody counts",
        ),
        pytest.param(
            {"locked": {1, 2}, "supervised_only": True, "obliged": {1}},
            [(Rule.LOCKED, (2,)), (Rule.SUPERVISED_ONLY, ())],
            {"dropped_locks": (2,)},
            id="locked in and not obliged",
        ),
        pytest.param(
            {"seats": 9, "exactly": True},
            [(Rule.EXACTLY, ())],
            {"empty_seats": 3},
            id="more seats to fill than candidates",
        ),
        pytest.param(
            {"seats": 5, "exactly": True, "excluded": {1, 2}},
            [(Rule.EXACTLY, ()), (Rule.EXCLUDED, (1, 2))],
            {"empty_seats": 1},
            id="more seats to fill than are not excluded",
        ),
        pytest.param(
            {"min_per_group": {1: 2, 2: 1}, "groups": TWO_GROUPS},
            [(Rule.SEATS, ()), (Rule.MIN_PER_GROUP, (1,)), (Rule.MIN_PER_GROUP, (2,))],
            {"dropped_minimums": {2: 1}},
            id="minimums beyond the seats",
        ),
        pytest.param(
            {"min_per_group": {1: 2}, "groups": {1: frozenset({1})}},
            [(Rule.MIN_PER_GROUP, (1,))],
            {"dropped_minimums": {1: 1}},
            id="a minimum beyond the members",
        ),
        pytest.param(
            {"min_per_group": {1: 1, 2: 1}, "groups": TWO_GROUPS, "conflicts": [(2, 1)]},
            [(Rule.MIN_PER_GROUP, (1,)), (Rule.MIN_PER_GROUP, (2,)), (Rule.CONFLICT, (1, 2))],
            {"dropped_minimums": {2: 1}},
            id="minimums of groups in conflict",
        ),
        pytest.param(
            {"locked": {3, 6}, "keep_apart": [(6, 3)]},
            [(Rule.LOCKED, (3, 6)), (Rule.KEEP_APART, (3, 6))],
            {"dropped_locks": (6,)},
            id="locked in and to be kept apart",
        ),
        pytest.param(
            {"locked": {1, 2, 4}, "groups": TWO_GROUPS, "conflicts": [(1, 2)], "sessions": 2},
            [(Rule.SEATS, ()), (Rule.LOCKED, (1, 2, 4))],
            {"extra_seats": 1},
            id="more locked in than seats of two sessions",
        ),
        pytest.param(
            {
                "locked": {1, 2, 3, 4},
                "groups": TWO_GROUPS,
                "conflicts": [(1, 2)],
                "sessions": 2,
                "seats": 4,
            },
            [(Rule.SESSIONS, ()), (Rule.LOCKED, (1, 2, 3, 4)), (Rule.CONFLICT, (1, 2))],
            {"extra_seats": 1},
            id="three of one side and two seats in a session",
        ),
        pytest.param(
            {
                "locked": {1, 2, 3},
                "keep_apart": [(1, 2), (2, 3), (1, 3)],
                "sessions": 2,
                "seats": 6,
            },
            [
                (Rule.LOCKED, (1, 2, 3)),
                (Rule.KEEP_APART, (1, 2)),
                (Rule.KEEP_APART, (1, 3)),
                (Rule.KEEP_APART, (2, 3)),
            ],
            {"dropped_locks": (3,)},
            id="three who may not meet and two sessions",
        ),
        pytest.param(
            {"excluded": {1, 2, 3, 4, 5, 6}, "min_per_group": {1: 1}, "groups": TWO_GROUPS},
            [(Rule.EXCLUDED, (1, 2, 3)), (Rule.MIN_PER_GROUP, (1,))],
            {"dropped_minimums": {1: 1}},
            id="everybody locked out and one of a group wanted",
        ),
        pytest.param(
            {"min_per_group": {3: 1}, "groups": TWO_GROUPS | {3: frozenset()}},
            [(Rule.MIN_PER_GROUP, (3,))],
            {"dropped_minimums": {3: 1}},
            id="one of a group without members",
        ),
        pytest.param(
            {"min_per_group": {7: 1}, "groups": TWO_GROUPS},
            [(Rule.MIN_PER_GROUP, (7,))],
            {"dropped_minimums": {7: 1}},
            id="one of a group nobody knows",
        ),
        pytest.param(
            {"min_obliged": 2, "obliged": {4}},
            [(Rule.MIN_OBLIGED, ())],
            {"dropped_obliged": 1},
            id="more obliged asked for than there are",
        ),
    ],
)
def test_rules_that_clash_are_named_with_the_least_that_must_be_given_up(asked, clash, conceded):
    sets = {name: frozenset(value) for name, value in asked.items() if isinstance(value, set)}

    plan = best_plan(a_problem(**(asked | sets)))

    assert plan.status is PlanStatus.INFEASIBLE
    assert [(c.rule, c.ids) for c in plan.clashes] == clash
    concession = plan.nearest.concession
    unchanged = {
        "extra_seats": 0,
        "empty_seats": 0,
        "dropped_locks": (),
        "dropped_minimums": {},
        "dropped_obliged": 0,
    }
    assert {name: getattr(concession, name) for name in unchanged} == unchanged | conceded
    assert plan.nearest.plan.status is PlanStatus.PROVED_BEST


@pytest.mark.parametrize(
    ("seats", "said"),
    [
        (1, "No more than 1 person may be invited."),
        (2, "No more than 2 people may be invited."),
    ],
)
def test_a_clash_counts_one_person_as_one(seats, said):
    people = range(1, 5)
    plan = best_plan(
        SelectionProblem(
            universe=people,
            ties=(),
            candidates=frozenset(people),
            attendance=dict.fromkeys(people, 1.0),
            seats=seats,
            locked=frozenset(people[: seats + 1]),
        )
    )

    assert plan.clashes[0].reason == said


def test_clashes_that_have_nothing_to_do_with_each_other_are_all_named():
    plan = best_plan(
        a_problem(
            locked=frozenset({1}), excluded=frozenset({1}), min_obliged=3, obliged=frozenset({2})
        )
    )

    assert [c.rule for c in plan.clashes] == [Rule.LOCKED, Rule.EXCLUDED, Rule.MIN_OBLIGED]
    assert plan.clashes[2].reason.startswith("At least 3 of the invited must be obliged to come; 1")


def test_whoever_later_invitees_made_superfluous_is_left_out_again():
    """Greedy takes 1 first; 2 and 3, taken for 6 and 9, then reach everybody 1 does, and 1."""
    ties = [(1, p) for p in (2, 3, 4, 5, 7, 8)] + [(2, p) for p in (4, 5, 6)]
    problem = a_problem(people=range(1, 10), ties=[*ties, (3, 7), (3, 8), (3, 9)], seats=3)

    plan = best_plan(problem, time_limit_seconds=0.0)

    assert plan.outcome.invitees == (2, 3)
    assert plan.outcome.reach == 9


def test_members_of_groups_in_conflict_meet_only_where_accepted_by_name():
    """The best two are 1 and 4, of groups in conflict."""
    asked = {
        "people": range(1, 9),
        "ties": [(1, 2), (1, 3), (4, 5), (4, 6), (7, 8)],
        "groups": {1: frozenset({1, 2}), 2: frozenset({4, 5})},
    }
    conflict = asked | {"conflicts": [(1, 2)]}

    assert best_plan(a_problem(**asked)).outcome.invitees == (1, 4)
    assert best_plan(a_problem(**conflict)).outcome.invitees == (1, 6)
    assert best_plan(a_problem(**conflict, accepted=[(4, 2)])).outcome.invitees == (1, 6)
    assert best_plan(a_problem(**conflict, accepted=[(4, 1)])).outcome.invitees == (1, 4)


def test_no_seats_invite_nobody():
    plan = best_plan(a_problem(seats=0, ties=[(1, 2)]))

    assert (plan.status, plan.outcome.invitees) == (PlanStatus.PROVED_BEST, ())
    assert best_plan(a_problem(seats=0, exactly=True)).outcome.invitees == ()
    assert best_plan(a_problem(seats=0, sessions=3)).sessions == ((), (), ())


def test_with_everybody_locked_out_nobody_is_invited():
    plan = best_plan(a_problem(excluded=frozenset(range(1, 7))))

    assert (plan.status, plan.outcome.reach) == (PlanStatus.PROVED_BEST, 0)


def test_somebody_in_two_groups_in_conflict_meets_nobody_of_either():
    """1 reaches everybody of both groups and belongs to both; alone in a session nobody is met."""
    groups = {1: frozenset({1, 2, 3}), 2: frozenset({1, 4, 5})}
    asked = {"ties": [(1, p) for p in (2, 3, 4, 5)], "groups": groups, "conflicts": [(1, 2)]}

    assert best_plan(a_problem(**asked)).outcome.invitees == (1, 6)
    assert best_plan(a_problem(**asked, min_per_group={1: 1, 2: 1})).outcome.invitees == (1, 6)
    both = best_plan(a_problem(**asked, locked=frozenset({1, 2})))
    assert [clash.rule for clash in both.clashes] == [Rule.LOCKED, Rule.CONFLICT]
    two = best_plan(a_problem(**asked, locked=frozenset({1, 2}), sessions=2))
    assert sorted(two.sessions) == [(1,), (2,)]


def test_rivals_may_be_invited_to_different_sessions():
    asked = {
        "people": range(1, 9),
        "ties": [(1, 2), (1, 3), (4, 5), (4, 6), (7, 8)],
        "groups": {1: frozenset({1, 2}), 2: frozenset({4, 5})},
        "conflicts": [(1, 2)],
        "keep_apart": [(1, 7)],
    }

    assert best_plan(a_problem(**asked)).outcome.reach == 5
    assert best_plan(a_problem(**asked, sessions=2)).outcome.invitees == (1, 4)
    three = best_plan(a_problem(**asked, sessions=2, seats=4))
    assert sorted(three.sessions) == [(1,), (4, 7)]


def test_the_bound_of_a_plan_that_time_ran_out_on_is_never_below_the_best():
    for seats, best in enumerate(BEST, start=1):
        plan = best_plan(gang_1(seats), time_limit_seconds=0.0)

        assert plan.outcome.reach / (1 - plan.gap) >= best - 1e-6
