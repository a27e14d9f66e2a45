"""A greedy plan made better: one invitee out, another in, as long as that adds anything."""

import time
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from gvi.network.arrays import FloatArray, IntArray
from gvi.network.audience import Audience
from gvi.network.greedy import Demands
from gvi.network.reach import OBLIGED
from gvi.network.rooms import Seating

LEAST = 1e-9
"""Less than this is no gain but rounding."""


def with_swaps(
    audience: Audience, demands: Demands, session_of: dict[int, int], *, seconds: float
) -> dict[int, int]:
    """Swap invitees for others who add more, within the rules, until none does or time is up."""
    table = _Table(audience, demands, session_of)
    deadline = time.monotonic() + seconds
    unchanged = 0
    while unchanged < len(table.order) and time.monotonic() < deadline:
        place = table.order.pop(0)
        other = table.better_than(place)
        unchanged = 0 if other is not None else unchanged + 1
        table.order.append(place if other is None else other)
    return table.seating.session_of


def certain_bound(audience: Audience, chosen: Iterable[int], *, seats: int) -> float:
    """Give what no plan of so many seats can exceed: as much again as the best would add now.

    Nobody ever adds more to a larger plan than to a smaller one (submodularity); it is loose, and
    costs next to nothing.
    """
    missed = audience.missed_by(chosen)
    gains = np.sort(audience.gains(missed))[::-1][:seats]
    return float(audience.value @ (1.0 - missed) + gains.sum())


@dataclass(slots=True)
class _Missed:
    """How sure it is that each is missed, kept so that an invitation can be taken back."""

    sure: IntArray
    """How many who come for certain reach each."""
    logs: FloatArray
    """The sum of ln(1 − p) of the others who do."""

    def at(self, places: IntArray) -> FloatArray:
        """Give the probabilities of being missed at some places."""
        missed: FloatArray = np.where(self.sure[places] > 0, 0.0, np.exp(self.logs[places]))
        return missed


class _Table:
    """The invitees in their seats, and who would stand in for whom."""

    def __init__(self, audience: Audience, demands: Demands, session_of: dict[int, int]) -> None:
        self._audience, self._demands = audience, demands
        self.seating = Seating(demands.rooms)
        self._missed = _Missed(
            np.zeros(audience.value.size, dtype=np.int64), np.zeros(audience.value.size)
        )
        self._shut = np.zeros(audience.comes.size, dtype=bool)
        self._shut[list(demands.closed)] = True
        self._minimums = [each.people for each in demands.minimums]
        self._over = [-each.least for each in demands.minimums]
        for place, session in session_of.items():
            self.seating.seat(place, session)
            self._count(place, 1)
        self._gains = audience.gains(self._missed.at(np.arange(audience.value.size)))
        self.order = sorted(session_of.keys() - set(demands.forced))

    def better_than(self, place: int) -> int | None:
        """Swap an invitee for who adds most in their stead; None where nobody adds more."""
        session, before = self.seating.unseat(place), self._gains.copy()
        loss = self._change(place, -1)
        best = np.flatnonzero((self._gains > loss + LEAST) & ~self._shut)
        for other in best[np.argsort(-self._gains[best], kind="stable")].tolist():
            other_session = self.seating.session_for(other)
            if other != place and other_session is not None and self._keeps_minimums(other):
                self.seating.seat(other, other_session)
                self._change(other, 1)
                return int(other)
        self.seating.seat(place, session)
        self._count(place, 1)
        self._gains = before
        return None

    def _keeps_minimums(self, coming: int) -> bool:
        return all(
            over + (coming in people) >= 0
            for over, people in zip(self._over, self._minimums, strict=True)
        )

    def _change(self, place: int, step: int) -> float:
        """Count one more or one less, and what everybody close by would add then.

        Gives how much less is reached.
        """
        near, lost = self._count(place, step)
        self._gains += self._gained(near, lost)
        return float(lost.sum())

    def _count(self, place: int, step: int) -> tuple[IntArray, FloatArray]:
        """Count one more or one less; gives who is close by and how much less each is reached."""
        audience, missed = self._audience, self._missed
        near = audience.near(place)
        before = missed.at(near)
        comes = audience.comes[place]
        if comes == OBLIGED:
            missed.sure[near] += step
        else:
            missed.logs[near] += step * np.log1p(-comes)
        self._shut[place] = step > 0
        for number, people in enumerate(self._minimums):
            self._over[number] += step * (place in people)
        lost: FloatArray = audience.value[near] * (missed.at(near) - before)
        return near, lost

    def _gained(self, near: IntArray, change: FloatArray) -> FloatArray:
        """Give what each choosable person adds more, when some are missed more surely."""
        matrix = self._audience.reached_by
        starts, lengths = matrix.indptr[near], np.diff(matrix.indptr)[near]
        ends = np.cumsum(lengths)
        within = np.arange(ends[-1]) - np.repeat(ends - lengths, lengths)
        places = matrix.indices[np.repeat(starts, lengths) + within]
        size = self._audience.comes.size
        added = np.bincount(places, np.repeat(change, lengths), size).astype(np.float64)
        gained: FloatArray = self._audience.comes * added
        return gained
