"""A greedy plan made better: one invitee out, another in, as long as that adds anything."""

import time
from collections.abc import Iterable, Sequence
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


class _Table:
    """The invitees in their seats, and who would stand in for whom.

    Most invitees cannot be bettered, so one is looked at without being taken out.
    """

    def __init__(self, audience: Audience, demands: Demands, session_of: dict[int, int]) -> None:
        self._audience = audience
        self._reachers = np.diff(audience.reached_by.indptr)
        self._minimums = [each.people for each in demands.minimums]
        self._over = [-each.least for each in demands.minimums]
        self.seating = Seating(demands.rooms)
        for place, session in session_of.items():
            self._seat(place, session)
        self._sure = np.zeros(audience.value.size, dtype=np.int64)
        """How many who come for certain reach each."""
        self._logs = np.zeros(audience.value.size)
        """The sum of ln(1 − p) of the others who do: with it an invitation can be taken back."""
        self._missed = np.ones(audience.value.size)
        for place in session_of:
            self._change(self._changed(place, 1))
        self._gains = audience.gains(self._missed)
        self._gains[[*demands.closed, *session_of]] = -np.inf
        self.order = sorted(session_of.keys() - set(demands.forced))

    def better_than(self, place: int) -> int | None:
        """Swap an invitee for who adds most in their stead; None where nobody adds more."""
        without = self._changed(place, -1)
        loss, gains = float(without.lost.sum()), self._gains + self._gained(without)
        best = np.flatnonzero(gains > loss + LEAST)
        other = self._takes_the_seat(place, best[np.argsort(-gains[best], kind="stable")].tolist())
        if other is None:
            return None
        self._change(without)
        gains[place] = loss
        instead = self._changed(other, 1)
        self._change(instead)
        self._gains = gains + self._gained(instead)
        self._gains[other] = -np.inf
        return other

    def _takes_the_seat(self, place: int, others: Sequence[int]) -> int | None:
        """Seat the first of these people who may come in the stead of one; None if nobody may."""
        if not others:
            return None
        session = self._unseat(place)
        for other in others:
            other_session = self.seating.session_for(other)
            if other_session is not None and self._keeps_minimums(other):
                self._seat(other, other_session)
                return other
        self._seat(place, session)
        return None

    def _keeps_minimums(self, coming: int) -> bool:
        return all(
            over + (coming in people) >= 0
            for over, people in zip(self._over, self._minimums, strict=True)
        )

    def _seat(self, place: int, session: int) -> None:
        self.seating.seat(place, session)
        self._over = [o + (place in p) for o, p in zip(self._over, self._minimums, strict=True)]

    def _unseat(self, place: int) -> int:
        self._over = [o - (place in p) for o, p in zip(self._over, self._minimums, strict=True)]
        return self.seating.unseat(place)

    def _changed(self, place: int, step: int) -> "_Change":
        """Say how sure those close by are missed when somebody comes, or comes no more."""
        near, comes = self._audience.near(place), self._audience.comes[place]
        sure, logs = self._sure[near], self._logs[near]
        if comes == OBLIGED:
            sure += step
        else:
            logs += step * np.log1p(-comes)
        missed = np.where(sure > 0, 0.0, np.exp(logs))
        lost = self._audience.value[near] * (missed - self._missed[near])
        return _Change(near=near, sure=sure, logs=logs, missed=missed, lost=lost)

    def _change(self, to: "_Change") -> None:
        self._sure[to.near], self._logs[to.near] = to.sure, to.logs
        self._missed[to.near] = to.missed

    def _gained(self, change: "_Change") -> FloatArray:
        """Give what each choosable person adds more, when some are missed more surely."""
        matrix = self._audience.reached_by
        starts, lengths = matrix.indptr[change.near], self._reachers[change.near]
        ends = np.cumsum(lengths)
        at = np.arange(ends[-1]) + np.repeat(starts - ends + lengths, lengths)
        weights = np.repeat(change.lost, lengths)
        added = np.bincount(matrix.indices[at], weights, self._audience.comes.size)
        gained: FloatArray = self._audience.comes * added
        return gained


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Change:
    """Those close to somebody, and how sure it would be that each of them is missed."""

    near: IntArray
    sure: IntArray
    """How many who come for certain would reach each."""
    logs: FloatArray
    missed: FloatArray
    lost: FloatArray
    """How much less each would be reached."""
