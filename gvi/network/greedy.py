"""A good plan at once: whoever adds most, again and again, with seats kept for those promised one.

Lazy greedy (Minoux, 1978): nobody ever adds more later than now, so only the person on top has to
be counted again. Without rules the reach is at least 63 % of the best, usually within 1 %; it is
the start of the exact program and the answer where the time for it runs out.

A greedy that gives seats away as it likes ends with 29 of 30 filled: the last was needed by a group
that nobody stood for, in a session where its rivals sat by then. So each minimum has its seats
promised from the start, in a session where no rival's promise stands, and only what is not promised
is given freely.
"""

import heapq
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from gvi.network.arrays import FloatArray
from gvi.network.audience import Audience
from gvi.network.plan import SelectionProblem
from gvi.network.rooms import Rooms, Seating, rooms_of
from gvi.network.rules import candidates, choosable

Entry = tuple[float, int, int]
"""What a person would add at most (negative), their place, and how many were chosen by then."""
PATIENCE = 10_000
"""Ways of promising sessions to groups that are tried before giving up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Minimum:
    """So many of these people, or more; `group` where they stand for one."""

    people: frozenset[int]
    least: int
    group: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Demands:
    """The rules of a problem over the places of choosable people, as the greedy rule needs them."""

    rooms: Rooms
    seats: int
    must_be_full: bool
    forced: tuple[int, ...]
    closed: frozenset[int]
    minimums: tuple[Minimum, ...]

    @classmethod
    def of(cls, problem: SelectionProblem) -> "Demands":
        """Lay out the rules; nothing here grows with the pairs of rivals."""
        people = choosable(problem)
        place = {person: at for at, person in enumerate(people)}
        may_come = candidates(problem) - problem.excluded
        if problem.supervised_only:
            may_come &= problem.obliged
        asked = [(None, problem.min_obliged, problem.obliged)] + [
            (group, least, problem.groups.get(group, frozenset()))
            for group, least in sorted(problem.min_per_group.items())
        ]
        return cls(
            rooms=rooms_of(problem, place),
            seats=problem.seats,
            must_be_full=problem.exactly,
            forced=tuple(sorted(place[person] for person in problem.locked)),
            closed=frozenset(place[person] for person in place.keys() - may_come),
            minimums=tuple(
                Minimum(people=frozenset(place[p] for p in of & may_come), least=least, group=group)
                for group, least, of in asked
                if least > 0
            ),
        )

    def are_met_by(self, chosen: Sequence[int]) -> bool:
        """Tell whether these people keep every rule about numbers and single people."""
        there = frozenset(chosen)
        return (
            len(there) <= self.seats
            and (len(there) == self.seats or not self.must_be_full)
            and there.issuperset(self.forced)
            and not there & self.closed
            and all(len(there & each.people) >= each.least for each in self.minimums)
        )


def greedy_choice(audience: Audience, demands: Demands) -> dict[int, int] | None:
    """Choose greedily within the rules: place → session; None if that led into a corner.

    Of people who add as much the lowest id is taken. Promises stand in the emptiest sessions, or
    where that fails in the fullest that hold them.
    """
    return _greedy(audience, demands, fullest=False) or _greedy(audience, demands, fullest=True)


def _greedy(audience: Audience, demands: Demands, *, fullest: bool) -> dict[int, int] | None:
    room = _Room(demands)
    missed = np.ones(audience.value.size)
    for forced in demands.forced:
        session = room.session_for(forced)
        if session is None:
            return None
        room.take(forced, session)
        audience.invite(missed, forced)
    room.promise(fullest=fullest)
    waiting = _Waiting(audience.gains(missed), room.taken)
    while (found := _next(waiting, audience, missed, room)) is not None:
        room.take(*found)
        audience.invite(missed, found[0])
    session_of = room.seating.session_of
    return session_of if demands.are_met_by(tuple(session_of)) else None


def _next(
    waiting: "_Waiting", audience: Audience, missed: FloatArray, room: "_Room"
) -> tuple[int, int] | None:
    """Take out the person who adds most of those who may have a seat now, and say which seat."""
    later: list[Entry] = []
    found = None
    while found is None and room.taken < room.demands.seats and (entry := waiting.pop()):
        bound, place, taken_then = entry
        if room.is_closed(place):
            continue
        if taken_then < room.taken:
            waiting.push((-audience.gain(missed, place), place, room.taken))
        elif bound < 0.0 or room.demands.must_be_full or room.is_owed(place):
            session = room.session_for(place)
            if session is None:
                later.append(entry)
            else:
                found = place, session
        elif not room.owes:
            break
    for each in later:
        waiting.push(each)
    return found


class _Waiting:
    """Everybody by what they would add: as counted at first, in a row; as counted again, in a heap.

    Of a nation's candidates some hundreds are ever counted again; the others cost one sort.
    """

    def __init__(self, gains: FloatArray, taken: int) -> None:
        self._gains, self._taken = gains, taken
        self._row = np.argsort(-gains, kind="stable")
        self._next = 0
        self._again: list[Entry] = []

    def push(self, entry: Entry) -> None:
        """Put somebody back."""
        heapq.heappush(self._again, entry)

    def pop(self) -> Entry | None:
        """Take out whoever would add most; of equals, the lowest place; None where nobody waits."""
        if self._next == self._row.size:
            return heapq.heappop(self._again) if self._again else None
        place = int(self._row[self._next])
        first = (-float(self._gains[place]), place, self._taken)
        if self._again and self._again[0] < first:
            return heapq.heappop(self._again)
        self._next += 1
        return first


class _Room:
    """Who has a seat, who may still have one, and which seats are promised to minimums."""

    def __init__(self, demands: Demands) -> None:
        self.demands = demands
        self.seating = Seating(demands.rooms)
        self._owed = [each.least for each in demands.minimums]
        self._counts_for: dict[int, tuple[int, ...]] = {}
        self._home: dict[int, int] = {}
        self._count_free()

    def _minimums_of(self, place: int) -> tuple[int, ...]:
        """Give the minimums somebody counts for; few people are ever asked about."""
        found = self._counts_for.get(place)
        if found is None:
            numbers = enumerate(self.demands.minimums)
            found = tuple(number for number, each in numbers if place in each.people)
            self._counts_for[place] = found
        return found

    @property
    def taken(self) -> int:
        return len(self.seating.session_of)

    @property
    def owes(self) -> bool:
        """Whether some minimum is not filled."""
        return any(owed > 0 for owed in self._owed)

    def take(self, place: int, session: int) -> None:
        """Give the person at this place a seat; what they stand for is owed no more."""
        self.seating.seat(place, session)
        for number in self._minimums_of(place):
            self._owed[number] -= 1
            if self._owed[number] <= 0:
                self._home.pop(number, None)
        self._count_free()

    def is_closed(self, place: int) -> bool:
        """Tell whether a rule keeps the person out for good."""
        return (
            place in self.seating.session_of
            or place in self.demands.closed
            or self.seating.session_for(place) is None
        )

    def is_owed(self, place: int) -> bool:
        """Tell whether the person would fill a minimum."""
        return any(self._owed[number] > 0 for number in self._minimums_of(place))

    def promise(self, *, fullest: bool) -> None:
        """Promise each unfilled minimum of a group seats in a session where no rival sits.

        Where no way is found the seats are promised in no session in particular.
        """
        owed = {
            number: (minimum.group, self._owed[number])
            for number, minimum in enumerate(self.demands.minimums)
            if minimum.group is not None and self._owed[number] > 0
        }
        self._home = dict(
            _Homes(self.demands.rooms, self.seating, owed, fullest=fullest).found() or {}
        )
        self._count_free()

    def session_for(self, place: int) -> int | None:
        """Give the session with most free seats where the person may sit now, promises kept."""
        mine = {number for number in self._minimums_of(place) if self._owed[number] > 0}
        spare = self._spare > 0 or any(number not in self._home for number in mine)
        for session in sorted(range(len(self._free)), key=lambda each: (-self._free[each], each)):
            promised = any(self._home.get(number) == session for number in mine)
            if not promised and (not spare or self._free[session] <= 0):
                continue
            if self.seating.fits(place, session) and not self._is_rivals(place, session):
                return session
        return None

    def _count_free(self) -> None:
        """Count the seats of each session, and in all, that are neither taken nor promised."""
        self._free = list(self.seating.left)
        for number, session in self._home.items():
            self._free[session] -= self._owed[number]
        roaming = (max(0, owed) for n, owed in enumerate(self._owed) if n not in self._home)
        self._spare = sum(self._free) - sum(roaming)

    def _is_rivals(self, place: int, session: int) -> bool:
        """Tell whether rivals of the person have seats promised in the session."""
        rooms = self.demands.rooms
        theirs = {self._group(number) for number, home in self._home.items() if home == session}
        return any(rooms.rivals[group] & theirs for group in rooms.groups_of.get(place, ()))

    def _group(self, number: int) -> int | None:
        return self.demands.minimums[number].group


class _Homes:
    """The search for a session for each unfilled minimum: no rivals together, seats enough."""

    def __init__(
        self,
        rooms: Rooms,
        seating: Seating,
        owed: Mapping[int, tuple[int, int]],
        *,
        fullest: bool,
    ) -> None:
        """Look for minimums given as number → group and how many it still needs."""
        self._first = 1 if fullest else -1
        self._seating, self._owed = seating, owed
        self._rivals = {
            number: rooms.rivals.get(group, frozenset()) for number, (group, _) in owed.items()
        }
        self._waiting = sorted(owed, key=lambda each: (-len(self._rivals[each]), -owed[each][1]))
        self._left = list(seating.left)
        self._home: dict[int, int] = {}
        self._patience = PATIENCE

    def found(self) -> dict[int, int] | None:
        """Give minimum → session, or None where no way was found."""
        if len(self._home) == len(self._waiting):
            return self._home
        self._patience -= 1
        number = self._waiting[len(self._home)]
        owed = self._owed[number][1]
        for session in sorted(
            range(len(self._left)), key=lambda s: (self._first * self._left[s], s)
        ):
            if self._patience > 0 and self._suits(number, session):
                self._home[number] = session
                self._left[session] -= owed
                if self.found() is not None:
                    return self._home
                del self._home[number]
                self._left[session] += owed
        return None

    def _suits(self, number: int, session: int) -> bool:
        rivals = self._rivals[number]
        return (
            self._left[session] >= self._owed[number][1]
            and not self._seating.has_any_of(rivals, session)
            and not any(
                self._owed[other][0] in rivals for other, at in self._home.items() if at == session
            )
        )
