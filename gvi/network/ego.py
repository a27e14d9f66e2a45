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
    for _ in range(steps):
        neighbours = matrix[edge].indices
        edge = np.unique(neighbours[~reached[neighbours]])
        reached[edge] = True
    return np.flatnonzero(reached)


def among(matrix: csr_array, places: IntArray) -> csr_array:
    """Give the ties among some people; rows and columns are in the order of `places`."""
    return matrix[places][:, places]
