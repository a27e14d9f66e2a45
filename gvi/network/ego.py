"""A person's surroundings: who is at most so many ties away, and the ties among them."""

import numpy as np
from scipy.sparse import csr_array

from gvi.domain.facts import Facts
from gvi.network.arrays import IntArray, positions, whole_numbers


def tied(facts: Facts) -> csr_array:
    """Give who is tied to whom by any recorded tie, both ways, as a matrix of ones.

    Rows and columns are the places of people among the facts. Several ties between two people are
    one, as repeated edges would count one neighbour twice.
    """
    ids = whole_numbers(facts.persons.id)
    a = positions(ids, whole_numbers(facts.ties.a))
    b = positions(ids, whole_numbers(facts.ties.b))
    there = (a >= 0) & (b >= 0)
    a, b = a[there], b[there]
    row, column = np.concatenate([a, b]), np.concatenate([b, a])
    matrix = csr_array((np.ones(row.size), (row, column)), shape=(ids.size, ids.size))
    matrix.sum_duplicates()
    matrix.data[:] = 1.0
    return matrix


def around(matrix: csr_array, place: int, *, steps: int) -> IntArray:
    """Give the places at most `steps` ties from one of them, itself included, in order."""
    reached = np.zeros(matrix.shape[0], dtype=bool)
    reached[place] = True
    edge = np.array([place])
    for step in range(steps):
        # one person's neighbours stand there once, several people's once for each who knows them
        found, _ = _tied_to(matrix, np.unique(edge) if step > 1 else edge)
        edge = found[~reached[found]]
        reached[edge] = True
    return np.flatnonzero(reached)


def among(matrix: csr_array, places: IntArray) -> tuple[IntArray, IntArray]:
    """Give the ties among some people, each once: the places of both, the lower first."""
    inside = np.zeros(matrix.shape[0], dtype=bool)
    inside[places] = True
    others, counts = _tied_to(matrix, places)
    one = np.repeat(places, counts)
    kept = inside[others] & (one < others)
    return one[kept], others[kept]


def _tied_to(matrix: csr_array, places: IntArray) -> tuple[IntArray, IntArray]:
    """Give everybody tied to each of some people, one after the other, and how many each has.

    The matrix's own slicing makes a matrix of it first, at several times the cost.
    """
    starts = matrix.indptr[places]
    counts = matrix.indptr[places + 1] - starts
    ends = np.cumsum(counts)
    rows = np.arange(ends[-1] if ends.size else 0) + np.repeat(starts - ends + counts, counts)
    return matrix.indices[rows], counts
