"""Who sits in which session, as rows of a linear program.

With one session whoever is invited sits in it. With several, only people in some conflict or kept
apart from somebody need a column for each session; the others fill what seats are left. A group in
conflict has a column for each session that says whether its members may sit there, so the rows grow
with the members and not with the pairs of rivals.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain, product

import numpy as np

from gvi.network.plan import Rule, SelectionProblem
from gvi.network.requirement import Requirement, Row
from gvi.network.rooms import Rooms


class SeatingRows:
    """The columns and rows of one problem that are about sessions."""

    def __init__(self, rooms: Rooms, *, sizes: Sequence[int]) -> None:
        """Give numbers to the columns after those of the people, so many of whom are alike each."""
        people, self._sizes = len(sizes), sizes
        self._rooms, self._sessions = rooms, range(len(rooms.capacities))
        one_room = len(rooms.capacities) == 1
        bound = () if one_room else sorted({*rooms.groups_of, *rooms.apart})
        self._seat = {
            (person, session): people + at * len(self._sessions) + session
            for at, person in enumerate(bound)
            for session in self._sessions
        }
        self._bound = bound
        after = people + len(self._seat)
        self._open = {
            (group, session): after + at * len(self._sessions) + session
            for at, group in enumerate(sorted(rooms.rivals))
            for session in self._sessions
        }
        seats = np.repeat([sizes[person] for person in bound], len(self._sessions))
        self.most = np.concatenate([sizes, seats, np.ones(len(self._open))]).astype(np.float64)
        """The most each column counts."""
        self._special = frozenset(
            person
            for person, groups in rooms.groups_of.items()
            if person in rooms.accepted or is_own_rival(groups, rooms.rivals)
        )
        """Members of rival groups at once, and whom somebody may meet by name: pair by pair."""

    def links(self) -> Iterator[Row]:
        """Whoever is invited has one seat, and sits where the own group may."""
        for person in self._bound:
            seats = [self._seat[person, session] for session in self._sessions]
            weights = [*[1.0] * len(seats), -1.0]
            yield Row(places=[*seats, person], weights=weights, least=0.0, most=0.0)
        for (group, session), column in self._open.items():
            for person in sorted(self._rooms.members[group] - self._special):
                seat = self._column(person, session)
                most = float(min(self._sizes[person], self._rooms.capacities[session]))
                yield Row(places=[seat, column], weights=(1.0, -most), least=-most, most=0.0)

    def shared_evenly(self, problem: SelectionProblem) -> Iterator[Requirement]:
        """No session holds more than its share of the seats."""
        if len(self._sessions) > 1:
            rows = tuple(
                Row(
                    places=[self._seat[person, session] for person in self._bound],
                    least=0.0,
                    most=self._rooms.capacities[session],
                )
                for session in self._sessions
            )
            params = {"sessions": problem.sessions, "most": self._rooms.capacities[0]}
            yield Requirement(rule=Rule.SESSIONS, rows=rows, params=params)

    def conflicts(self, problem: SelectionProblem) -> Iterator[Requirement]:
        """No two of groups in conflict in one session, unless accepted by name."""
        members = self._rooms.members
        for one, other in sorted({(min(pair), max(pair)) for pair in problem.conflicts}):
            if one == other or not members[one] or not members[other]:
                continue
            rows = [
                Row(places=[self._open[one, s], self._open[other, s]], least=0.0, most=1.0)
                for s in self._sessions
            ]
            rows += self._not_both(self._special_pairs(one, other))
            yield Requirement(rule=Rule.CONFLICT, ids=(one, other), rows=tuple(rows))

    def let_in(self, group: int, least: int) -> tuple[Row, ...]:
        """Say that a group of whom so many come is let into a session, if all its members are."""
        members = self._rooms.members.get(group)
        if not members or members & self._special:
            return ()
        doors = [self._open[group, session] for session in self._sessions]
        weights = [float(least)] * len(doors)
        return (Row(places=doors, weights=weights, least=least, most=np.inf),)

    def kept_apart(
        self, problem: SelectionProblem, place: Mapping[int, int]
    ) -> Iterator[Requirement]:
        """No two who are to be kept apart in one session."""
        for one, other in sorted({(min(pair), max(pair)) for pair in problem.keep_apart}):
            if one != other and one in place and other in place:
                rows = tuple(self._not_both([(place[one], place[other])]))
                yield Requirement(rule=Rule.KEEP_APART, ids=(one, other), rows=rows)

    def _special_pairs(self, one: int, other: int) -> set[tuple[int, int]]:
        """Give the pairs of rivals that the columns of the groups do not keep apart."""
        members, accepted = self._rooms.members, self._rooms.accepted
        pairs = chain(
            product(members[one] & self._special, members[other]),
            product(members[one], members[other] & self._special),
        )
        return {(min(a, b), max(a, b)) for a, b in pairs if a != b and b not in accepted.get(a, ())}

    def _not_both(self, pairs: Iterable[tuple[int, int]]) -> Iterator[Row]:
        """Let nobody of one in where somebody of the other is; one of the two is one person."""
        for one, other in sorted(pairs):
            weights = (float(self._sizes[other]), float(self._sizes[one]))
            for session in self._sessions:
                places = [self._column(one, session), self._column(other, session)]
                yield Row(places=places, weights=weights, least=0.0, most=max(weights))

    def _column(self, person: int, session: int) -> int:
        return self._seat.get((person, session), person)


def is_own_rival(groups: Collection[int], rivals: Mapping[int, frozenset[int]]) -> bool:
    """Tell whether somebody of these groups belongs to two in conflict with one another."""
    return any(not rivals.get(group, frozenset()).isdisjoint(groups) for group in groups)
