"""What an infeasible request has to give up, as little as possible.

Nobody is ever invited who may not be: exclusions, under-18s, custody, conflicts, people kept apart
and "only the obliged" stand. In this order as little as possible is given up: people locked in
against such a rule, then the number of seats, then minimums, then seats to be filled exactly.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

from gvi.network.arrays import FloatArray
from gvi.network.plan import Concession, Rule, SelectionProblem
from gvi.network.rules import Requirement, Rulebook

GIVEN_UP_IN_ORDER: tuple[frozenset[Rule], ...] = (
    frozenset({Rule.LOCKED}),
    frozenset({Rule.SEATS}),
    frozenset({Rule.MIN_PER_GROUP, Rule.MIN_OBLIGED}),
    frozenset({Rule.EXACTLY}),
)
SOFT = frozenset().union(*GIVEN_UP_IN_ORDER)


def smallest_concession(rules: Rulebook) -> Concession:
    """Find the least that has to be given up; of equal locks and minimums, the last by id."""
    soft = [rule for rule in rules.requirements if rule.rule in SOFT]
    hard = [rule for rule in rules.requirements if rule.rule not in SOFT]
    slack = _least_slack(soft, Rulebook.of(hard, people=rules.people))
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


def _least_slack(soft: Sequence[Requirement], hard: Rulebook) -> list[int]:
    """Give how far each soft rule has to be stretched, one kind after the other kept smallest."""
    people, columns = hard.people, hard.people + len(soft)
    constraints = [_stretched(soft, people=people), hard.constraint(columns=columns)]
    slack = np.zeros(len(soft))
    for kinds in GIVEN_UP_IN_ORDER:
        cost = np.concatenate([np.zeros(people), _costs(soft, kinds)])
        if cost.any():
            found = milp(
                cost,
                integrality=np.ones(columns),
                bounds=Bounds(0.0, np.repeat([1.0, np.inf], [people, len(soft)])),
                constraints=constraints,
            )
            slack = np.rint(found.x[people:])
            constraints.append(LinearConstraint(cost[None, :], ub=found.fun + 1e-6))
    return slack.astype(int).tolist()


def _costs(soft: Sequence[Requirement], kinds: frozenset[Rule]) -> FloatArray:
    """Cost about 1 for each step of a rule of these kinds, the last ones a little less."""
    ours = np.array([rule.rule in kinds for rule in soft])
    return np.where(ours, 1.0 + np.linspace(0.1, 0.0, len(soft)) / (len(soft) + 1), 0.0)


def _stretched(soft: Sequence[Requirement], *, people: int) -> LinearConstraint:
    """Write soft rules with a column of slack each: seats may be added, minimums missed."""
    matrix = np.zeros((len(soft), people + len(soft)))
    for number, rule in enumerate(soft):
        matrix[number, list(rule.rows[0].places)] = 1.0
        matrix[number, people + number] = -1.0 if rule.rule is Rule.SEATS else 1.0
    least = [-np.inf if rule.rule is Rule.SEATS else rule.rows[0].least for rule in soft]
    most = [rule.rows[0].most if rule.rule is Rule.SEATS else np.inf for rule in soft]
    return LinearConstraint(matrix, least, most)
