"""How much of one person's violence (or harm suffered) runs along ties to others, in two steps.

The matrix A of the design, section 4, is kept as it is; S is never built, because S = A·diag(1/m)
with m(q) = max(1, Σ_r A[r,q]): a product with S is a product with A of an amount already divided.
"""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from gvi.network.arrays import TIE_KINDS, FloatArray, IntArray, Ties, first_of_each


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Spread:
    """The symmetric matrix A of some kinds of tie, and m, by which each column is divided."""

    matrix: csr_array
    divisor: FloatArray

    def one_step(self, amount: FloatArray) -> FloatArray:
        """Give S·amount: what runs through each person from those directly tied to them."""
        result: FloatArray = self.matrix @ (amount / self.divisor)
        return result

    def two_steps(self, amount: FloatArray, one_step: FloatArray) -> FloatArray:
        """Give S·S·amount without what would return to the person it came from."""
        there_and_back: FloatArray = self.matrix.power(2) @ (1.0 / self.divisor) / self.divisor
        return self.one_step(one_step) - there_and_back * amount


def spread_of(ties: Ties, kinds: Collection[str], *, people: int) -> Spread:
    """Build the matrix from the ties of these kinds; several kinds between one pair add up."""
    counts = np.array([name in kinds for name in TIE_KINDS])[ties.kind]
    a, b, strength = ties.a[counts], ties.b[counts], ties.strength[counts]
    first = first_of_each(a * people + b)
    a, b = a[first], b[first]
    if first.size:
        strength = np.add.reduceat(strength, first)
    matrix = symmetric(a, b, strength, people=people)
    return Spread(matrix=matrix, divisor=np.maximum(1.0, matrix.sum(axis=1)))


def symmetric(a: IntArray, b: IntArray, strength: FloatArray, *, people: int) -> csr_array:
    """Put the pairs (a before b, in order) into a matrix both ways."""
    starts = np.zeros(people + 1, dtype=np.int64)
    np.cumsum(np.bincount(a, minlength=people), out=starts[1:])
    one_way = csr_array((strength, b, starts), shape=(people, people))
    return csr_array(one_way + one_way.T)
