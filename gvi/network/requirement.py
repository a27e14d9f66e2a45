"""One rule of a call-in plan as rows of a linear program."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy.sparse import csr_array

from gvi.domain.call_in import Bar
from gvi.network.arrays import FloatArray
from gvi.network.plan import Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A sum over these columns, no less than `least` and no more than `most`.

    Each counts once where no weights are given. The first columns are the choosable people.
    """

    places: Sequence[int]
    least: float
    most: float
    weights: Sequence[float] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """One rule about certain groups or people, as rows that hold together.

    `implied` are rows about who sits where that follow from them: with them the solver sees sooner
    what cannot be.
    """

    rule: Rule
    ids: tuple[int, ...] = ()
    rows: tuple[Row, ...]
    implied: tuple[Row, ...] = ()
    bar: Bar | None = None
    params: Mapping[str, object] = field(default_factory=dict)


def matrix_of(rows: Sequence[Row], *, columns: int) -> tuple[csr_array, FloatArray, FloatArray]:
    """Write rows one below the other: the matrix, and the least and most of each."""
    sizes = [len(row.places) for row in rows]
    places = np.array([place for row in rows for place in row.places], dtype=np.int64)
    weights = [w for row in rows for w in (row.weights or (1.0,) * len(row.places))]
    return (
        csr_array(
            (np.array(weights, dtype=np.float64), places, np.cumsum([0, *sizes])),
            shape=(len(rows), columns),
        ),
        np.array([row.least for row in rows], dtype=np.float64),
        np.array([row.most for row in rows], dtype=np.float64),
    )
