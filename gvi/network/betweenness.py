"""How many of the shortest paths between two others lead through a person.

Unweighted: the weight of a tie is its strength, and read as a length it would lead every path along
the weakest ties.
"""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from gvi.network.arrays import FloatArray, IntArray

SOURCES_AT_ONCE = 32
"""Paths are counted from so many people at a time: larger blocks leave the fast memory."""
LANDMARKS = 4


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Step:
    """One step away from a block of sources: who may stand there, and how they are reached."""

    places: IntArray
    ties: csr_array
    """From each of them (rows) to each place of the step before."""
    paths: FloatArray
    """Shortest paths to each of them (rows) from each source, 0 for who is nearer or farther."""


def betweenness(ties: csr_array) -> FloatArray:
    """Give the share of shortest paths between two others that lead through each person, 0 to 1.

    Source: Brandes (2001), A faster algorithm for betweenness centrality; here for many starting
    people at once, as products of the ties between one step and the next with a block of columns.
    The people of one block live close together, so that at each step few places count for them.
    """
    people = ties.shape[0]
    order = _neighbours_together(ties)
    near_each_other = csr_array(ties[order][:, order])
    passed = np.zeros(people)
    for start in range(0, people, SOURCES_AT_ONCE):
        steps = _steps_from(near_each_other, np.arange(start, min(start + SOURCES_AT_ONCE, people)))
        _pass_back(steps, passed)
    pairs = (people - 1) * (people - 2)
    share = np.zeros(people)
    share[order] = passed / max(pairs, 1)
    return share


def _neighbours_together(ties: csr_array) -> IntArray:
    """Order people by how far they are from each of some who are far from one another."""
    distances = np.full((LANDMARKS, ties.shape[0]), np.inf)
    landmark = 0
    for at in range(LANDMARKS if ties.shape[0] else 0):
        distances[at] = dijkstra(ties, indices=landmark, unweighted=True)
        nearest = distances[: at + 1].min(axis=0)
        landmark = int(np.where(np.isfinite(nearest), nearest, -1.0).argmax())
    return np.lexsort(distances)


def _steps_from(ties: csr_array, sources: IntArray) -> list[_Step]:
    """Go from the sources step by step, counting the shortest paths from each (column)."""
    paths = np.eye(sources.size)
    unseen = np.ones((ties.shape[0], sources.size))
    unseen[sources] -= paths
    somebody_unseen = np.ones(ties.shape[0], dtype=bool)
    steps: list[_Step] = []
    near, around = sources, ties[sources]
    while True:
        next_to = np.zeros(ties.shape[0], dtype=bool)
        next_to[around.indices] = True
        places = np.flatnonzero(next_to & somebody_unseen)
        around = ties[places]
        step = around[:, near]
        left = unseen[places]
        paths = (step @ paths) * left
        if not paths.any():
            return steps
        left -= np.minimum(paths, 1.0)
        unseen[places] = left
        somebody_unseen[places] = left.any(axis=1)
        steps.append(_Step(places=places, ties=step, paths=paths))
        near = places


def _pass_back(steps: list[_Step], passed: FloatArray) -> None:
    """Add what each person passes on, from the farthest step to the first."""
    if not steps:
        return
    # From each source (column): the sum of (1 + passed on) / paths over who is one step farther.
    beyond = np.zeros_like(steps[-1].paths)
    for step in reversed(steps):
        passed[step.places] += (step.paths * beyond).sum(axis=1)
        here = np.minimum(step.paths, 1.0)
        beyond = step.ties.T @ (here * beyond + here / np.maximum(step.paths, 1.0))
