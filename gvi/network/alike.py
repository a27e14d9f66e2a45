"""Who is alike to the rules of a plan: whether any plan keeps them is asked of sorts, not people.

Of a city's thousand candidates some dozens of sorts are left; a solver that had to look at people
would try one after the other of those who differ in nothing that a rule speaks of.
"""

import time
from collections import defaultdict
from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import Bounds, milp

from gvi.network.plan import SelectionProblem
from gvi.network.rules import Rulebook, candidates, choosable, rulebook_over
from gvi.network.seating_rows import is_own_rival

INFEASIBLE = 2
"""What HiGHS says, by way of scipy, of a program it has proved to have no solution."""

Sort = tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Some choice that keeps the rules, as ids; `is_sure` where none is given and none there is."""

    chosen: tuple[int, ...] | None
    is_sure: bool


def sorts_of(problem: SelectionProblem) -> list[Sort]:
    """Put those together whom no rule tells apart; whom a rule speaks of by name stand alone."""
    rivals: dict[int, set[int]] = defaultdict(set)
    for one, other in problem.conflicts:
        if one != other:
            rivals[one].add(other)
            rivals[other].add(one)
    pairs = [*problem.keep_apart, *problem.accepted]
    named = problem.locked | problem.excluded | {person for pair in pairs for person in pair}
    may_come = candidates(problem)
    spoken_of = rivals.keys() | {group for group, least in problem.min_per_group.items() if least}
    groups_of: dict[int, list[int]] = defaultdict(list)
    for group in sorted(spoken_of):
        for person in problem.groups.get(group, ()):
            groups_of[person].append(group)
    foes = {group: frozenset(others) for group, others in rivals.items()}
    sorts: dict[Hashable, list[int]] = defaultdict(list)
    for person in choosable(problem):
        groups = tuple(groups_of[person])
        alone = person in named or is_own_rival(groups, foes)
        traits = (groups, person in problem.obliged, person in may_come)
        sorts[person if alone else traits].append(person)
    return [tuple(people) for people in sorts.values()]


def rulebook_of_sorts(problem: SelectionProblem) -> tuple[list[Sort], Rulebook]:
    """Write every rule of the problem as rows over sorts of people."""
    sorts = sorts_of(problem)
    return sorts, rulebook_over(sorts, problem)


def any_choice(problem: SelectionProblem, *, until: float) -> Answer:
    """Give some choice that keeps all the rules, if one is found by then (monotonic seconds)."""
    sorts, rules = rulebook_of_sorts(problem)
    numbers, is_sure = any_numbers(rules, until=until)
    if numbers is None:
        return Answer(chosen=None, is_sure=is_sure)
    chosen = [p for people, n in zip(sorts, numbers, strict=True) for p in people[:n]]
    return Answer(chosen=tuple(sorted(chosen)), is_sure=True)


def any_numbers(rules: Rulebook, *, until: float) -> tuple[list[int] | None, bool]:
    """Give how many of each sort keep the rules, or None, and whether that is sure."""
    left = until - time.monotonic()
    if not rules.people:
        keeps = rules.keeps(())
        return ([] if keeps else None), True
    if left <= 0.0:
        return None, False
    found = milp(
        np.zeros(rules.columns),
        integrality=np.ones(rules.columns),
        bounds=Bounds(0.0, rules.most),
        constraints=rules.constraint(),
        options={"time_limit": left},
    )
    if found.x is None:
        return None, found.status == INFEASIBLE
    return np.rint(found.x[: rules.people]).astype(int).tolist(), True
