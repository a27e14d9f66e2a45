"""How sure a rank is: where people stand when weights and incidents are drawn again, many times.

A rank says more than the facts bear: the harm table is a choice, and shootings are few. So each of
200 draws takes every numeric constant of the policy between x/1.5 and 1.5·x (evenly on a
logarithmic scale), lets every incident count a Poisson number of times (0, 1, 2 …, once on
average), and ranks again. The interval runs from the 5th to the 95th percentile of a person's
ranks: "rank 4, between 2 and 9". It says how much the rank hangs on weights and on single
incidents. It says nothing of what nobody recorded, and nothing of what the person will do.

Source: design, section 4; counting incidents anew is the Poisson bootstrap. What is drawn hangs on
the seed, the number of the draw and the incident's key alone (see `draws`): the same facts, policy,
seed and number of draws give the same intervals.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from gvi.domain.facts import Facts
from gvi.domain.policy import ScoringPolicy
from gvi.network.arrays import IntArray
from gvi.network.drawn_scores import NOT_LISTED, Drawn, drawn_scores, sums_of
from gvi.network.ranking import DrivingEntry, ExposedEntry, most_exposed, most_violence_driving

DRAWS = 200
LOW, HIGH = 5, 95
"""Percentiles."""


class RankInterval(NamedTuple):
    """The 5th and the 95th percentile of a person's ranks, whole numbers.

    Of the ranks in ascending order, `low` is the first that at least 5 of 100 draws are at or
    below, `high` the first that at least 95 of 100 are (of 200 draws the 10th and the 190th). The
    rank without draws is mostly between them, but need not be.
    """

    low: int
    high: int


def driving_intervals(
    facts: Facts, policy: ScoringPolicy, *, seed: int, draws: int = DRAWS
) -> Mapping[int, RankInterval]:
    """Give the rank interval of everybody on the driving list, by person id.

    In each draw the people of the list are ranked by score, then own, then code name. Who has no
    own in a draw, because none of their incidents counts in it, stands at the end of the list.
    """
    listed = by_code_name(most_violence_driving(facts, policy).entries)
    sums = sums_of(facts, policy, listed, score="driving")
    drawn = drawn_scores(facts, policy, sums, seed=seed, draws=draws)
    return _intervals(listed, drawn, draws=draws)


def exposed_intervals(
    facts: Facts, policy: ScoringPolicy, *, seed: int, draws: int = DRAWS
) -> Mapping[int, RankInterval]:
    """Give the rank interval of everybody on the exposed list, by person id.

    In each draw the people of the list are ranked by score, then hurt, then code name; who is not
    exposed in a draw stands at the end of the list.
    """
    listed = by_code_name(most_exposed(facts, policy).entries)
    sums = sums_of(facts, policy, listed, score="exposed")
    drawn = drawn_scores(facts, policy, sums, seed=seed, draws=draws)
    return _intervals(listed, drawn, draws=draws)


def ranks(drawn: Drawn) -> IntArray:
    """Rank the people (across, in the order that decides between equals) in each draw (down).

    Who is not listed in a draw has the last rank there is, that of the whole list.
    """
    score, first = drawn
    order = np.argsort(-score, axis=1)
    _settle_equals(order, score, first)
    places = np.empty_like(order)
    np.put_along_axis(places, order, np.arange(1, score.shape[1] + 1)[np.newaxis], axis=1)
    return np.where(score == NOT_LISTED, score.shape[1], places)


def _settle_equals(order: IntArray, score: IntArray, first: IntArray) -> None:
    """Order people of equal score by first part, then by their place; who is not listed is left."""
    sorted_score = np.take_along_axis(score, order, axis=1)
    same = (sorted_score[:, 1:] == sorted_score[:, :-1]) & (sorted_score[:, 1:] != NOT_LISTED)
    tied = np.zeros(order.shape, dtype=bool)
    tied[:, 1:] |= same
    tied[:, :-1] |= same
    draw, place = np.nonzero(tied)
    person = order[draw, place]
    settled = np.lexsort((person, -first[draw, person], -score[draw, person], draw))
    order[draw, place] = person[settled]


def _intervals(
    listed: Sequence[int], drawn: Iterable[Drawn], *, draws: int
) -> Mapping[int, RankInterval]:
    blocks = [ranks(block).astype(np.int32) for block in drawn]
    of_person = np.ascontiguousarray(np.concatenate(blocks).T)
    low, high = (-(-percentile * draws // 100) - 1 for percentile in (LOW, HIGH))
    of_person.partition((low, high), axis=1)
    pairs = of_person[:, [low, high]].tolist()
    return dict(zip(listed, map(RankInterval._make, pairs), strict=True))


def by_code_name(entries: Sequence[DrivingEntry] | Sequence[ExposedEntry]) -> list[int]:
    """Give the people of a list in the order that decides between equals in `ranks`."""
    called = sorted((entry.code_name, entry.person_id) for entry in entries)
    return [person_id for _, person_id in called]
