"""How sure the ranks of a list are, from the same facts as the list."""

from collections.abc import Mapping

from gvi.domain.facts import Facts
from gvi.domain.policy import ScoringPolicy
from gvi.network.interval import RankInterval, driving_intervals, exposed_intervals

SEED = 20260302
"""The seed of every rank interval: the same facts and policy give the same intervals."""
WHILE_SOMEBODY_WAITS = 100_000
"""Ties and involvements up to which a page or the API draws at each view: a city, about a second.
"""

Intervals = Mapping[int, RankInterval]


def intervals_of(known: Facts, policy: ScoringPolicy, score: str, *, seed: int = SEED) -> Intervals:
    """Give the rank interval of everybody on the driving or the exposed list, by person id."""
    intervals = driving_intervals if score == "driving" else exposed_intervals
    return intervals(known, policy, seed=seed)


def intervals_while_waiting(known: Facts, policy: ScoringPolicy, score: str) -> Intervals:
    """Give the same where it is quick enough to wait for, and nothing for a whole nation."""
    rows = len(known.ties.id) + len(known.involvements.person)
    return intervals_of(known, policy, score) if rows <= WHILE_SOMEBODY_WAITS else {}
