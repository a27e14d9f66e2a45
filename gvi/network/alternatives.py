"""How many other plans are as good, and which of them comes first.

Equally good plans are common (32 sets of eight reach all of Wheeler's gang 1), so the planner says
how many there are, and takes the one with the lowest ids: the same question, the same answer.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from gvi.network.arrays import FloatArray, IntArray
from gvi.network.audience import Audience
from gvi.network.rules import Rulebook

PATIENCE = 4_000
"""Partial plans looked at before giving up: well below a second at town size."""
SECONDS = 0.5
"""So long is looked at the least, also where the time for a plan is over."""
SAME = 1e-9
SHOWN = 5
"""Examples given of the other plans that are as good."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Equals:
    """The first plan by ids among equals, how many there are, and some of the others.

    Where there are too many to find all, `number` is None, and `first` the plan asked about.
    """

    first: tuple[int, ...]
    number: int | None
    examples: tuple[tuple[int, ...], ...]


class _OutOfPatienceError(Exception):
    """There are too many partial plans to look at."""


def equals_of(
    audience: Audience, rules: Rulebook, chosen: tuple[int, ...], *, until: float
) -> Equals:
    """Find all plans of the same size and worth within the rules, or those found by then.

    `until` is in monotonic seconds; half a second there always is.
    """
    worth, until = audience.worth(chosen) - SAME, max(until, time.monotonic() + SECONDS)
    search = _Search(audience, rules, size=len(chosen), worth=worth, until=until)
    found: set[tuple[int, ...]] = set()
    try:
        for plan in search.all_plans():
            found.add(plan)
    except _OutOfPatienceError:
        others = sorted(found - {chosen})
        return Equals(first=chosen, number=None, examples=tuple(others[:SHOWN]))
    plans = sorted(found)
    return Equals(first=plans[0], number=len(plans), examples=tuple(plans[1 : 1 + SHOWN]))


class _Search:
    """A search that goes through those who add most first, and turns back early.

    Nobody ever adds more later than now; so if what is missing is more than the few who add most
    now would add, no completion can be worth enough.
    """

    def __init__(
        self, audience: Audience, rules: Rulebook, *, size: int, worth: float, until: float
    ) -> None:
        self._audience, self._rules = audience, rules
        self._size, self._worth = size, worth
        self._meets_all = len(rules.rooms.capacities) > 1
        self._patience, self._until = PATIENCE, until

    def all_plans(self) -> Iterator[tuple[int, ...]]:
        """Give every plan, those locked in first of all."""
        locked = self._rules.locked
        missed = np.ones(self._audience.value.size)
        for place in locked:
            missed = self._audience.missed_after(missed, place)
        gains = self._audience.gains(missed)
        free = np.argsort(-gains, kind="stable")
        free = free[~np.isin(free, locked + self._rules.barred)]
        return self._completed(locked, missed, free)

    def _completed(
        self, chosen: tuple[int, ...], missed: FloatArray, free: IntArray
    ) -> Iterator[tuple[int, ...]]:
        """Complete a partial plan with free people in every way that is worth enough."""
        self._patience -= 1
        if not self._patience or time.monotonic() > self._until:
            raise _OutOfPatienceError
        worth = float(self._audience.value @ (1.0 - missed))
        seats = self._size - len(chosen)
        if not seats and worth >= self._worth and self._rules.keeps(chosen):
            yield tuple(sorted(chosen))
        if not seats or free.size < seats:
            return
        gains = self._audience.gains(missed)[free]
        others = np.sort(gains)[::-1][: seats - 1].sum()
        free = free[gains + others >= self._worth - worth]
        for number, place in enumerate(free.tolist(), start=1):
            after = self._audience.missed_after(missed, place)
            yield from self._completed(
                (*chosen, place), after, self._may_join(place, free[number:])
            )

    def _may_join(self, place: int, others: IntArray) -> IntArray:
        """Leave out who may not meet this person; with several sessions they need not meet."""
        if self._meets_all:
            return others
        return others[~np.isin(others, list(self._rules.rooms.kept_from(place)))]
