"""The rules a call-in plan is held to, as rows of a linear program."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from scipy.optimize import LinearConstraint
from scipy.sparse import csr_array

from gvi.domain.call_in import Bar
from gvi.domain.text import N_, NP_
from gvi.network.arrays import FloatArray
from gvi.network.plan import Rule, SelectionProblem
from gvi.network.requirement import Requirement, Row, matrix_of
from gvi.network.rooms import Rooms, rooms_of
from gvi.network.seating_rows import SeatingRows

MESSAGES: Mapping[Rule, tuple[str, str]] = {
    Rule.SEATS: NP_(
        "No more than %(seats)s person may be invited.",
        "No more than %(seats)s people may be invited.",
    ),
    Rule.SESSIONS: (
        N_("The seats are shared evenly by %(sessions)s sessions: no more than %(most)s in one."),
        "",
    ),
    Rule.EXACTLY: NP_(
        "%(seats)s person must be invited, and %(candidates)s may be.",
        "%(seats)s people must be invited, and %(candidates)s may be.",
    ),
    Rule.LOCKED: NP_(
        "This person is locked in. Unlock them, or change the other rule.",
        "These people are locked in. Unlock them, or change the other rule.",
    ),
    Rule.EXCLUDED: NP_(
        "This person is excluded. Take back the exclusion to invite them.",
        "These people are excluded. Take back the exclusion to invite them.",
    ),
    Rule.NOT_A_CANDIDATE: NP_(
        "This person may not be invited: not, or no longer, in the groups called.",
        "These people may not be invited: not, or no longer, in the groups called.",
    ),
    Rule.SUPERVISED_ONLY: (
        N_("Only people whose supervision obliges them to come may be invited."),
        "",
    ),
    Rule.MIN_OBLIGED: NP_(
        "At least %(least)s of the invited must be obliged to come; %(candidates)s of those who may"
        " be invited is.",
        "At least %(least)s of the invited must be obliged to come; %(candidates)s of those who may"
        " be invited are.",
    ),
    Rule.MIN_PER_GROUP: (
        N_(
            "At least %(least)s of this group must be invited; %(candidates)s of its members may"
            " be."
        ),
        "",
    ),
    Rule.CONFLICT: (
        N_(
            "These groups are in open conflict: their members may not meet unless accepted by name."
        ),
        "",
    ),
    Rule.KEEP_APART: (N_("These two people must be kept apart."), ""),
}
"""What each rule says, and its form for several where it is about a number."""
WHY_BARRED: Mapping[Bar, tuple[str, str]] = {
    Bar.UNDER_18: NP_(
        "This person may not be invited: under 18 on that day.",
        "These people may not be invited: under 18 on that day.",
    ),
    Bar.IN_CUSTODY: NP_(
        "This person may not be invited: in custody on that day.",
        "These people may not be invited: in custody on that day.",
    ),
    Bar.LEFT_OUT: NP_(
        "This person may not be invited: protected, or in an exit programme.",
        "These people may not be invited: protected, or in an exit programme.",
    ),
}
IN_SESSIONS = frozenset({Rule.SESSIONS, Rule.CONFLICT, Rule.KEEP_APART})
"""Rules about who sits together, not about who is invited."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Rulebook:
    """All rules of a problem as rows over the choosable people and, after them, who sits where.

    `links` tie the two together; they hold whichever requirements are left out. Where the rows
    speak of sorts of people who are alike, `most` says of how many each column counts.
    """

    requirements: tuple[Requirement, ...]
    links: tuple[Row, ...]
    people: int
    most: FloatArray
    rooms: Rooms

    @property
    def columns(self) -> int:
        """How many columns there are, who sits where included."""
        return int(self.most.size)

    def only(self, requirements: Iterable[Requirement]) -> "Rulebook":
        """Give the same with these requirements alone."""
        return replace(self, requirements=tuple(requirements))

    @property
    def for_one_room(self) -> "Rulebook":
        """The same without who sits where, if there are several sessions."""
        if len(self.rooms.capacities) == 1:
            return self
        about = (rule for rule in self.requirements if rule.rule not in IN_SESSIONS)
        return replace(self.only(about), links=(), most=self.most[: self.people])

    def keeps(self, chosen: Sequence[int]) -> bool:
        """Tell whether choosing the people at these places keeps every rule."""
        choice = np.zeros(self.people)
        choice[list(chosen)] = 1.0
        matrix, least, most = self._numbers
        number = matrix @ choice
        kept = np.all((least <= number) & (number <= most))
        return bool(kept) and self.rooms.seated(chosen) is not None

    def constraint(self, *, columns: int | None = None) -> LinearConstraint:
        """Write the rules for a program whose first columns are these."""
        rows = [row for requirement in self.requirements for row in requirement.rows]
        if self.columns > self.people:
            rows += [row for requirement in self.requirements for row in requirement.implied]
        return LinearConstraint(*matrix_of([*rows, *self.links], columns=columns or self.columns))

    @cached_property
    def locked(self) -> tuple[int, ...]:
        """The places of people without whom no choice keeps the rules, as far as one row tells."""
        matrix, least, _ = self._numbers
        whole = np.flatnonzero(np.diff(matrix.indptr) == least)
        return tuple(np.unique(matrix[whole].indices).tolist())

    @cached_property
    def barred(self) -> tuple[int, ...]:
        """The places of people whom a rule keeps out."""
        matrix, _, most = self._numbers
        return tuple(np.unique(matrix[np.flatnonzero(most == 0.0)].indices).tolist())

    @cached_property
    def _numbers(self) -> tuple[csr_array, FloatArray, FloatArray]:
        """The rules about who is invited and how many, wherever they sit."""
        about = [rule for rule in self.requirements if rule.rule not in IN_SESSIONS]
        rows = [row for requirement in about for row in requirement.rows]
        return matrix_of(rows, columns=self.people)


def candidates(problem: SelectionProblem) -> frozenset[int]:
    """Give the people of the universe who may be invited."""
    return problem.candidates & frozenset(problem.universe)


def choosable(problem: SelectionProblem) -> tuple[int, ...]:
    """Give everybody the rules speak of, in id order: candidates, and people locked in though none.

    The latter are refused by a rule of their own, so that the clash has a name.
    """
    return tuple(sorted(candidates(problem) | problem.locked))


def rulebook_of(problem: SelectionProblem) -> Rulebook:
    """Write every rule of the problem as rows over the choosable people."""
    return rulebook_over([(person,) for person in choosable(problem)], problem)


def rulebook_over(sorts: Sequence[Sequence[int]], problem: SelectionProblem) -> Rulebook:
    """Write every rule as rows over sorts of choosable people, each of one or of some alike."""
    place = {person: at for at, people in enumerate(sorts) for person in people}
    rooms = rooms_of(problem, place)
    plan = SeatingRows(rooms, sizes=[len(people) for people in sorts])
    return Rulebook(
        requirements=(
            *_about_single_people(problem, place),
            *_about_numbers(problem, place, plan),
            *plan.shared_evenly(problem),
            *plan.conflicts(problem),
            *plan.kept_apart(problem, place),
        ),
        links=tuple(plan.links()),
        people=len(sorts),
        most=plan.most,
        rooms=rooms,
    )


def _about_single_people(
    problem: SelectionProblem, place: Mapping[int, int]
) -> Iterator[Requirement]:
    for person in sorted(problem.locked):
        yield _exactly(Rule.LOCKED, person, place, 1.0)
    for person in sorted(problem.excluded & place.keys()):
        yield _exactly(Rule.EXCLUDED, person, place, 0.0)
    for person in sorted(problem.locked - candidates(problem)):
        bar = problem.barred.get(person)
        yield _exactly(Rule.NOT_A_CANDIDATE, person, place, 0.0, bar=bar)
    if problem.supervised_only:
        others = sorted({at for person, at in place.items() if person not in problem.obliged})
        yield Requirement(
            rule=Rule.SUPERVISED_ONLY, rows=(Row(places=others, least=0.0, most=0.0),)
        )


def _about_numbers(
    problem: SelectionProblem, place: Mapping[int, int], plan: SeatingRows
) -> Iterator[Requirement]:
    everybody = sorted(set(place.values()))
    seats = problem.seats
    yield Requirement(
        rule=Rule.SEATS,
        rows=(Row(places=everybody, least=0.0, most=seats),),
        params={"seats": seats},
    )
    may_come = candidates(problem)
    if problem.exactly:
        yield _at_least(Rule.EXACTLY, seats, may_come, problem, place)
    if problem.min_obliged:
        obliged = may_come & problem.obliged
        yield _at_least(Rule.MIN_OBLIGED, problem.min_obliged, obliged, problem, place)
    for group, least in sorted(problem.min_per_group.items()):
        if least:
            members = problem.groups.get(group, frozenset()) & may_come
            minimum = _at_least(Rule.MIN_PER_GROUP, least, members, problem, place, group)
            yield replace(minimum, implied=plan.let_in(group, least))


def _exactly(
    rule: Rule,
    person: int,
    place: Mapping[int, int],
    number: float,
    *,
    bar: Bar | None = None,
) -> Requirement:
    row = Row(places=(place[person],), least=number, most=number)
    return Requirement(rule=rule, ids=(person,), rows=(row,), bar=bar)


def _at_least(
    rule: Rule,
    least: int,
    people: frozenset[int],
    problem: SelectionProblem,
    place: Mapping[int, int],
    *ids: int,
) -> Requirement:
    """Require a number of these people; exclusions stay rules of their own, to be named too."""
    allowed = people - problem.excluded
    if problem.supervised_only:
        allowed &= problem.obliged
    row = Row(places=sorted({place[person] for person in people}), least=least, most=np.inf)
    params = {"least": least, "seats": problem.seats, "candidates": len(allowed)}
    return Requirement(rule=rule, ids=ids, rows=(row,), params=params)
