"""What an infeasible request has to give up, as little as possible.

Nobody is ever invited who may not be: exclusions, under-18s, custody, conflicts, people kept apart
and "only the obliged" stand. In this order as little as possible is given up: people locked in
against such a rule, then the number of seats, then minimums, then seats to be filled exactly.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

from gvi.network.arrays import FloatArray
from gvi.network.plan import Concession, Rule, SelectionProblem
from gvi.network.requirement import Requirement, Row, matrix_of
from gvi.network.rules import Rulebook

GIVEN_UP_IN_ORDER: tuple[frozenset[Rule], ...] = (
    frozenset({Rule.LOCKED}),
    frozenset({Rule.SEATS}),
    frozenset({Rule.MIN_PER_GROUP, Rule.MIN_OBLIGED}),
    frozenset({Rule.EXACTLY}),
)
SOFT = frozenset().union(*GIVEN_UP_IN_ORDER)
BEST = 0
"""What HiGHS says, by way of scipy, of a solution it has proved to be best."""
_OF_SEATS = ((Rule.SEATS, -1.0), (Rule.EXACTLY, 1.0))
"""An extra seat makes room for one more; a seat left empty for one less."""


def smallest_concession(rules: Rulebook, *, until: float) -> Concession | None:
    """Find the least that has to be given up; of equal locks and minimums, the last by id.

    None where it was not found by then (monotonic seconds).
    """
    soft = [rule for rule in rules.requirements if rule.rule in SOFT]
    hard = [rule for rule in rules.requirements if rule.rule not in SOFT]
    slack = _least_slack(soft, rules.only(hard), until=until)
    if slack is None:
        return None
    given = [(rule, number) for rule, number in zip(soft, slack, strict=True) if number]

    def total(kind: Rule) -> int:
        return sum(number for rule, number in given if rule.rule is kind)

    return Concession(
        extra_seats=total(Rule.SEATS),
        empty_seats=total(Rule.EXACTLY),
        dropped_locks=tuple(rule.ids[0] for rule, _ in given if rule.rule is Rule.LOCKED),
        dropped_minimums={
            rule.ids[0]: number for rule, number in given if rule.rule is Rule.MIN_PER_GROUP
        },
        dropped_obliged=total(Rule.MIN_OBLIGED),
    )


def relaxed(problem: SelectionProblem, concession: Concession) -> SelectionProblem:
    """Give the problem that is left when the concession is made."""
    minimums = {
        group: least - concession.dropped_minimums.get(group, 0)
        for group, least in problem.min_per_group.items()
    }
    return replace(
        problem,
        locked=problem.locked - set(concession.dropped_locks),
        seats=problem.seats + concession.extra_seats - concession.empty_seats,
        min_per_group=minimums,
        min_obliged=problem.min_obliged - concession.dropped_obliged,
    )


def _least_slack(soft: Sequence[Requirement], hard: Rulebook, *, until: float) -> list[int] | None:
    """Give how far each soft rule has to be stretched, one kind after the other kept smallest."""
    columns = hard.columns + len(soft)
    fixed = hard.only(rule for rule in hard.requirements if rule.rule is not Rule.SESSIONS)
    constraints = [
        LinearConstraint(*matrix_of(list(_stretched(soft, hard)), columns=columns)),
        fixed.constraint(columns=columns),
    ]
    most = np.concatenate([hard.most, np.full(len(soft), np.inf)])
    slack = np.zeros(len(soft))
    for kinds in GIVEN_UP_IN_ORDER:
        cost = np.concatenate([np.zeros(hard.columns), _costs(soft, kinds)])
        if cost.any():
            left = until - time.monotonic()
            if left <= 0.0:
                return None
            found = milp(
                cost,
                integrality=np.ones(columns),
                bounds=Bounds(0.0, most),
                constraints=constraints,
                options={"time_limit": left},
            )
            if found.status != BEST:
                return None
            slack = np.rint(found.x[hard.columns :])
            constraints.append(LinearConstraint(cost[None, :], ub=found.fun + 1e-6))
    return slack.astype(int).tolist()


def _costs(soft: Sequence[Requirement], kinds: frozenset[Rule]) -> FloatArray:
    """Cost about 1 for each step of a rule of these kinds, the last ones a little less."""
    ours = np.array([rule.rule in kinds for rule in soft])
    return np.where(ours, 1.0 + np.linspace(0.1, 0.0, len(soft)) / (len(soft) + 1), 0.0)


def _stretched(soft: Sequence[Requirement], hard: Rulebook) -> Iterator[Row]:
    """Write soft rules with a column of slack each: seats may be added, minimums missed.

    Seats added or left empty are shared by the sessions as evenly as the others: of s sessions the
    one numbered i from 0 holds n people where s·n ≤ seats + s − 1 − i.
    """
    slack = {rule.rule: hard.columns + at for at, rule in enumerate(soft)}
    seats = [(slack[rule], sign) for rule, sign in _OF_SEATS if rule in slack]
    columns, signs = [column for column, _ in seats], [sign for _, sign in seats]
    for at, rule in enumerate(soft):
        for row in (*rule.rows, *rule.implied):
            places, ones = list(row.places), list(row.weights or [1.0] * len(row.places))
            if rule.rule in {Rule.SEATS, Rule.EXACTLY}:
                yield replace(row, places=places + columns, weights=ones + signs)
            else:
                mine = [*places, hard.columns + at]
                yield replace(row, places=mine, weights=[*ones, 1.0], most=np.inf)
    for rule in hard.requirements:
        if rule.rule is Rule.SESSIONS:
            sessions = len(rule.rows)
            total = sum(row.most for row in rule.rows)
            for number, row in enumerate(rule.rows):
                weights = [float(sessions)] * len(row.places) + signs
                most = total + sessions - 1 - number
                places = [*row.places, *columns]
                yield Row(places=places, weights=weights, least=-np.inf, most=most)
