"""Setting rivals apart in rows of seats: the search for who sits where.

Whoever has the same rivals is alike and searched for as one sort: groups, not people, are set
apart, so that rooms of ordinary size are searched to the end.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import NamedTuple

Pair = frozenset[int]

NOT_BESIDE = 2
"""Two who are this many steps apart are not beside one another."""
PATIENCE = 20_000
"""So many sorts of people are looked at in one search, about a tenth of a second; then it is left
open."""


class Seat(NamedTuple):
    """A seat: its row counted from the front, its number from the left, facing the speakers."""

    row: int
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """Rows of seats for clients and those behind them, the same number of seats in each."""

    rows: int
    width: int

    @property
    def client_rows(self) -> int:
        """How many rows hold clients: each has one behind it."""
        return self.rows // 2

    def seats(self, client_rows: int | None = None) -> list[Seat]:
        """List the seats of clients, front to back; of the first so many rows of theirs."""
        rows = self.client_rows if client_rows is None else client_rows
        return [Seat(2 * r + 1, n) for r in range(rows) for n in range(1, self.width + 1)]


def steps(one: Seat, other: Seat) -> int:
    """Count the steps between two seats.

    >>> steps(Seat(1, 4), Seat(3, 2))
    4
    """
    return abs(one.row - other.row) + abs(one.number - other.number)


class _OutOfPatienceError(Exception):
    """A search has tried as many seats as it may."""


class Seating:
    """Who is to be seated, in which order where it does not matter, and who apart from whom."""

    def __init__(
        self, people: Sequence[int], apart: Collection[Pair], fixed: Mapping[int, Seat]
    ) -> None:
        """Sort people by their rivals; `fixed` are those whose places stay."""
        self.number, self._fixed = len(people), fixed
        enemies: dict[int, set[int]] = {person: set() for person in people}
        for one, other in (tuple(pair) for pair in apart if pair <= enemies.keys()):
            enemies[one].add(other)
            enemies[other].add(one)
        sorts: dict[frozenset[int], list[int]] = {}
        for person in people:
            if person not in fixed:
                sorts.setdefault(frozenset(enemies[person]), []).append(person)
        self._sorts = list(sorts.values())
        self._rivals = [
            [k for k, others in enumerate(self._sorts) if not enemies_of.isdisjoint(others)]
            for enemies_of in sorts
        ]
        self._fixed_rivals = [enemies_of & fixed.keys() for enemies_of in sorts]
        self.is_split = any(sorts)
        """Whether anybody who is to be seated must sit apart from somebody."""

    @property
    def nearest(self) -> int:
        """How near two may sit who are to sit apart."""
        return NOT_BESIDE if self.is_split else 1

    def search(self, seats: Sequence[Seat], distance: int) -> tuple[dict[int, Seat] | None, bool]:
        """Seat everybody, rivals so many steps apart; and say whether the answer is sure."""
        sizes, is_sure = [len(people) for people in self._sorts], False
        for way in (_by_column, _by_row)[not self.is_split :]:
            walked = sorted(seats, key=way)
            search = _Search(sizes, self._rivals, walked, distance)
            try:
                order = search.run(self._blocked(walked, distance))
            except _OutOfPatienceError:
                continue
            if order is not None:
                return self._named(walked, order), True
            is_sure = True
            break
        return None, is_sure

    def in_line(self, seats: Sequence[Seat]) -> dict[int, Seat]:
        """Seat everybody one after the other, with a free seat between rivals while there are any.

        For a room in which somebody must sit beside a rival.
        """
        free = [seat for seat in seats if seat not in self._fixed.values()]
        spare = len(free) - self.number + len(self._fixed)
        order: list[int | None] = []
        for k, people in enumerate(self._sorts):
            if k and k - 1 in self._rivals[k] and spare:
                order.append(None)
                spare -= 1
            order += [k] * len(people)
        return self._named(free, order)

    def _named(self, seats: Sequence[Seat], order: Sequence[int | None]) -> dict[int, Seat]:
        coming = [iter(people) for people in self._sorts]
        seated = zip(seats, order, strict=False)
        return dict(self._fixed) | {next(coming[k]): seat for seat, k in seated if k is not None}

    def _blocked(self, seats: Sequence[Seat], distance: int) -> tuple[int, ...]:
        """Give as bits the seats each sort cannot have because of those whose places stay."""
        taken = _bits(seat in self._fixed.values() for seat in seats)
        return tuple(
            reduce(or_, (_near(seats, self._fixed[p], distance) for p in rivals), taken)
            for rivals in self._fixed_rivals
        )


class _Search:
    """One search from the first seat to the last; what led nowhere is not tried again.

    Where who may still sit is one number: a bit for each seat, as many bits for each sort.
    """

    def __init__(
        self,
        sizes: Sequence[int],
        rivals: Sequence[list[int]],
        seats: Sequence[Seat],
        distance: int,
    ) -> None:
        self._sizes, self._count = tuple(sizes), len(seats)
        self._all = (1 << self._count) - 1
        near = [_near(seats, seat, distance) for seat in seats]
        self._closes = [
            [_spread(dict.fromkeys(of, bits), self._count) for bits in near] for of in rivals
        ]
        self._failed: set[tuple[int, tuple[int, ...], int]] = set()
        self._tried = 0

    def run(self, blocked: Sequence[int]) -> list[int | None] | None:
        """Give the sort on each seat, None for a free one; None where there is no way."""
        order: list[int | None] = []
        may = {sort: self._all & ~bits for sort, bits in enumerate(blocked)}
        return order if self._seat(order, self._sizes, _spread(may, self._count)) else None

    def _seat(self, order: list[int | None], left: tuple[int, ...], may: int) -> bool:
        """Seat those who are left from the next seat on."""
        if not any(left):
            return True
        index = len(order)
        ahead, here = self._ahead(index, left, may)
        state = (index, left, ahead)
        if here is None or state in self._failed:
            return False
        self._tried += len(left)
        if self._tried > PATIENCE:
            raise _OutOfPatienceError
        before = order[-1] if order else None
        # More of the same first, so that a group sits together
        for sort in sorted(here, key=lambda each: each != before):
            order.append(sort)
            fewer = (*left[:sort], left[sort] - 1, *left[sort + 1 :])
            if self._seat(order, fewer, ahead & ~self._closes[sort][index]):
                return True
            order.pop()
        order.append(None)
        if self._seat(order, left, ahead):
            return True
        order.pop()
        self._failed.add(state)
        return False

    def _ahead(self, index: int, left: tuple[int, ...], may: int) -> tuple[int, list[int] | None]:
        """Give where who is left may sit from a seat on, and who there; None if seats are few."""
        from_here = self._all >> index << index
        kept = union = 0
        here: list[int] = []
        for sort, number in enumerate(left):
            if number:
                seats = may >> sort * self._count & from_here
                if seats.bit_count() < number:
                    return 0, None
                kept |= seats << sort * self._count
                union |= seats
                if seats >> index & 1:
                    here.append(sort)
        return kept, here if union.bit_count() >= sum(left) else None


def _spread(by_sort: Mapping[int, int], count: int) -> int:
    """Put the bits of each sort into one number."""
    return sum(bits << sort * count for sort, bits in by_sort.items())


def _by_row(seat: Seat) -> tuple[int, int]:
    return seat.row, seat.number


def _by_column(seat: Seat) -> tuple[int, int]:
    return seat.number, seat.row


def _near(seats: Sequence[Seat], seat: Seat, distance: int) -> int:
    return _bits(steps(seat, other) < distance for other in seats)


def _bits(flags: Iterator[bool]) -> int:
    return sum(1 << index for index, is_set in enumerate(flags) if is_set)
