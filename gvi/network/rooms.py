"""Who may sit in which session: the seats of each, rival groups, and people kept apart.

The seats are shared evenly: sessions differ by one seat at most. Two people are kept from one
session by name, or as members of groups in open conflict whose meeting was not accepted by name.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from types import MappingProxyType

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

from gvi.network.plan import SelectionProblem
from gvi.network.requirement import Row, matrix_of

SECONDS = 1.0
"""So long a way to seat some people is searched for; what is not found by then counts as none."""
NOBODY: frozenset[int] = frozenset()
NOWHERE: Mapping[int, int] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rooms:
    """The sessions, as places of choosable people and ids of groups."""

    capacities: tuple[int, ...]
    groups_of: Mapping[int, tuple[int, ...]]
    """The groups in some conflict a person belongs to."""
    members: Mapping[int, frozenset[int]]
    rivals: Mapping[int, frozenset[int]]
    """The groups each group is in conflict with."""
    apart: Mapping[int, frozenset[int]]
    accepted: Mapping[int, frozenset[int]]

    def may_meet(self, one: int, other: int) -> bool:
        """Tell whether two different people may sit in one session."""
        if other in self.apart.get(one, NOBODY):
            return False
        if other in self.accepted.get(one, NOBODY):
            return True
        theirs = self.groups_of.get(other, ())
        return not any(
            rival in theirs for group in self.groups_of.get(one, ()) for rival in self.rivals[group]
        )

    def kept_from(self, person: int) -> frozenset[int]:
        """Give everybody who may not sit in one session with this person."""
        groups = {rival for group in self.groups_of.get(person, ()) for rival in self.rivals[group]}
        foes = NOBODY.union(*(self.members[group] for group in groups))
        foes -= self.accepted.get(person, NOBODY)
        return (foes | self.apart.get(person, NOBODY)) - {person}

    def seated(
        self, chosen: Iterable[int], kept: Mapping[int, int] = NOWHERE
    ) -> dict[int, int] | None:
        """Give each of these people a session, or None where there is no way to.

        `kept` says who keeps the session they have.
        """
        people = sorted(chosen)
        if len(people) > sum(self.capacities):
            return None
        hard = {p: sum(not self.may_meet(p, q) for q in people if q != p) for p in people}
        seating = Seating(self)
        for person in sorted(people, key=lambda p: (p not in kept, -hard[p], p)):
            session = kept.get(person, seating.session_for(person))
            if session is None or not seating.fits(person, session):
                return self._seated_exactly(people, kept)
            seating.seat(person, session)
        return seating.session_of

    def _seated_exactly(
        self, people: Sequence[int], kept: Mapping[int, int]
    ) -> dict[int, int] | None:
        """Solve what first come, first seated could not: which session for whom."""
        sessions = len(self.capacities)
        rows = [
            Row(places=[at * sessions + s for s in range(sessions)], least=1.0, most=1.0)
            for at in range(len(people))
        ]
        rows += [
            Row(places=[at * sessions + kept[person]], least=1.0, most=1.0)
            for at, person in enumerate(people)
            if person in kept
        ]
        for s, seats in enumerate(self.capacities):
            places = [at * sessions + s for at in range(len(people))]
            rows.append(Row(places=places, least=0.0, most=seats))
        for (a, one), (b, other) in combinations(enumerate(people), 2):
            if not self.may_meet(one, other):
                rows += [
                    Row(places=[a * sessions + s, b * sessions + s], least=0.0, most=1.0)
                    for s in range(sessions)
                ]
        columns = len(people) * sessions
        found = milp(
            np.zeros(columns),
            integrality=np.ones(columns),
            bounds=Bounds(0.0, 1.0),
            constraints=LinearConstraint(*matrix_of(rows, columns=columns)),
            options={"time_limit": SECONDS},
        )
        if found.x is None:
            return None
        session_of = found.x.reshape(-1, sessions).argmax(axis=1).tolist()
        return dict(zip(people, session_of, strict=True))


class Seating:
    """Who sits in which session so far, and who may still sit where."""

    def __init__(self, rooms: Rooms) -> None:
        """Begin with empty sessions."""
        self._rooms = rooms
        self.session_of: dict[int, int] = {}
        self.left = list(rooms.capacities)
        self._of_group: list[dict[int, int]] = [defaultdict(int) for _ in rooms.capacities]

    def fits(self, person: int, session: int) -> bool:
        """Tell whether the session has a seat and nobody in it whom the person may not meet."""
        rooms = self._rooms
        if self.left[session] <= 0:
            return False
        if any(self.session_of.get(q) == session for q in rooms.apart.get(person, ())):
            return False
        there = self._of_group[session]
        return not any(
            there.get(rival) and not self._is_accepted(person, rival, session)
            for group in rooms.groups_of.get(person, ())
            for rival in rooms.rivals[group]
        )

    def session_for(self, person: int) -> int | None:
        """Give the emptiest session the person may sit in."""
        for session in sorted(range(len(self.left)), key=lambda each: -self.left[each]):
            if self.fits(person, session):
                return session
        return None

    def seat(self, person: int, session: int) -> None:
        """Give the person a seat."""
        self.session_of[person] = session
        self.left[session] -= 1
        for group in self._rooms.groups_of.get(person, ()):
            self._of_group[session][group] += 1

    def unseat(self, person: int) -> int:
        """Take the seat back, and tell in which session it was."""
        session = self.session_of.pop(person)
        self.left[session] += 1
        for group in self._rooms.groups_of.get(person, ()):
            self._of_group[session][group] -= 1
        return session

    def has_any_of(self, groups: Iterable[int], session: int) -> bool:
        """Tell whether a member of any of these groups sits in the session."""
        return any(self._of_group[session].get(group) for group in groups)

    def _is_accepted(self, person: int, rival: int, session: int) -> bool:
        """Tell whether everybody of a rival group in the session may meet this person by name."""
        accepted = self._rooms.accepted.get(person, NOBODY) & self._rooms.members[rival]
        there = sum(self.session_of.get(q) == session for q in accepted)
        return self._of_group[session][rival] == there


def rooms_of(problem: SelectionProblem, place: Mapping[int, int]) -> Rooms:
    """Lay out the sessions of a problem over the places of choosable people."""
    conflicts = {frozenset(pair) for pair in problem.conflicts if len(set(pair)) == 2}
    rivals = _both_ways(tuple(pair) for pair in conflicts)
    members = {
        group: frozenset(place[p] for p in problem.groups.get(group, ()) if p in place)
        for group in rivals
    }
    groups_of: dict[int, list[int]] = defaultdict(list)
    for group, people in members.items():
        for person in people:
            groups_of[person].append(group)
    seats, sessions = problem.seats, problem.sessions
    return Rooms(
        capacities=tuple(seats // sessions + (s < seats % sessions) for s in range(sessions)),
        groups_of={person: tuple(groups) for person, groups in groups_of.items()},
        members=members,
        rivals=rivals,
        apart=_both_ways(_placed(problem.keep_apart, place)),
        accepted=_both_ways(_placed(problem.accepted, place)),
    )


def _placed(
    pairs: Iterable[tuple[int, int]], place: Mapping[int, int]
) -> Iterable[tuple[int, ...]]:
    return ((place[a], place[b]) for a, b in pairs if a != b and a in place and b in place)


def _both_ways(pairs: Iterable[tuple[int, ...]]) -> dict[int, frozenset[int]]:
    found: dict[int, set[int]] = defaultdict(set)
    for one, other in pairs:
        found[one].add(other)
        found[other].add(one)
    return {one: frozenset(others) for one, others in found.items()}
