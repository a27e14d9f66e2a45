"""Who would carry a message far: connected is not the same as violent.

A column of its own, never added to driving, and no reason by itself to invite anybody.
"""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from gvi.domain.facts import Facts
from gvi.domain.policy import ScoringPolicy
from gvi.domain.tie import EXPOSURE_TIES
from gvi.network.arrays import BoolArray, FloatArray, IntArray, arrays_of, members_of, ties_of
from gvi.network.spread import spread_of

SOURCES_AT_ONCE = 16
"""Betweenness counts paths from so many people at a time: larger blocks leave the fast memory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MessengerRow:
    """How a person is connected along ties that spread a message (A' of design section 4).

    `degree` is the number of people tied to; `core` the largest k such that the person belongs to a
    set whose members all have k ties within it; `betweenness` the share of shortest paths between
    two others that lead through the person (unweighted, 0 to 1); `bridges` the number of groups,
    beyond one, that the person belongs to or is tied to a member of.
    """

    person_id: int
    degree: int
    core: int
    betweenness: float
    bridges: int


def best_messengers(facts: Facts, policy: ScoringPolicy) -> tuple[MessengerRow, ...]:
    """List everybody by the number of people they are tied to, then by id.

    An isolated person has 0 everywhere. Exact, hence for towns and cities: the work grows with the
    number of people times the number of ties.
    """
    arrays = arrays_of(facts, policy)
    people = arrays.person_ids.size
    ties = spread_of(ties_of(facts, policy, arrays), EXPOSURE_TIES, people=people).matrix
    ties.data[:] = 1.0
    members = members_of(facts, policy, arrays)
    groups = csr_array(
        (np.ones(members.person.size), (members.person, members.group)),
        shape=(people, arrays.group_ids.size),
    )
    connected = np.diff(csr_array(groups + ties @ groups).indptr)
    columns = zip(
        arrays.person_ids.tolist(),
        np.diff(ties.indptr).tolist(),
        core_numbers(ties).tolist(),
        betweenness(ties).tolist(),
        np.maximum(connected - 1, 0).tolist(),
        strict=True,
    )
    rows = [
        MessengerRow(person_id=i, degree=degree, core=core, betweenness=share, bridges=bridges)
        for i, degree, core, share, bridges in columns
    ]
    return tuple(sorted(rows, key=lambda row: (-row.degree, row.person_id)))


def core_numbers(ties: csr_array) -> IntArray:
    """Give the k-core of each person: people with fewer than k ties are taken away until none is.

    Source: Seidman (1983), Network structure and minimum degree.
    """
    degree = np.diff(ties.indptr).astype(np.int64)
    core = np.zeros(degree.size, dtype=np.int64)
    left = np.ones(degree.size, dtype=bool)
    k = 0
    while left.any():
        leaving = left & (degree <= k)
        if not leaving.any():
            k += 1
            continue
        core[leaving] = k
        left &= ~leaving
        degree = degree - (ties @ leaving.astype(np.float64)).astype(np.int64)
    return core


def betweenness(ties: csr_array) -> FloatArray:
    """Give the share of shortest paths between two others that lead through each person.

    Source: Brandes (2001), A faster algorithm for betweenness centrality; here for many starting
    people at once, as products of the matrix of ties with a block of columns.
    """
    people = ties.shape[0]
    passed = np.zeros(people)
    for start in range(0, people, SOURCES_AT_ONCE):
        sources = np.arange(start, min(start + SOURCES_AT_ONCE, people))
        passed += _passed_from(ties, sources)
    pairs = (people - 1) * (people - 2)
    return passed / pairs if pairs > 0 else passed


def _passed_from(ties: csr_array, sources: IntArray) -> FloatArray:
    """Add up how much each person passes on of the paths that start at these people."""
    each = np.arange(sources.size)
    paths, levels = _shortest_paths(ties, sources)
    passed = np.zeros_like(paths)
    for nearer, farther in zip(reversed(levels[:-1]), reversed(levels[1:]), strict=True):
        arriving = np.divide(1.0 + passed, paths, out=np.zeros_like(paths), where=farther)
        passed += np.where(nearer, (ties @ arriving) * paths, 0.0)
    passed[sources, each] = 0.0
    total: FloatArray = passed.sum(axis=1)
    return total


def _shortest_paths(ties: csr_array, sources: IntArray) -> tuple[FloatArray, list[BoolArray]]:
    """Count the shortest paths from each source (column), and say who is how many steps away."""
    paths = np.zeros((ties.shape[0], sources.size))
    paths[sources, np.arange(sources.size)] = 1.0
    levels = [paths > 0.0]
    while levels[-1].any():
        arriving = ties @ np.where(levels[-1], paths, 0.0)
        farther = (arriving > 0.0) & (paths == 0.0)
        paths[farther] = arriving[farther]
        levels.append(farther)
    return paths, levels
