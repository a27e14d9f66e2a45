"""Rows that add up to places, and what they add up to where some rows weigh less: choices across.

Only places that a choice touches are added up anew, from their own rows. Nothing is subtracted, so
what is left without rows is exactly 0.
"""

from typing import NamedTuple

import numpy as np

from gvi.network.arrays import FloatArray, IntArray, added_up
from gvi.network.drawn_amounts import adding


class Cells(NamedTuple):
    """Numbers that are other than their row says: by what they are multiplied, row and column.

    A number that is named several times is multiplied by each.
    """

    row: IntArray
    column: IntArray
    factor: FloatArray


NO_CELLS = Cells(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0))


class RowsOf:
    """Finds the rows of a table that have some value in a column."""

    def __init__(self, column: IntArray) -> None:
        self._order = np.argsort(column, kind="stable")
        self._sorted = column[self._order]

    def __call__(self, values: IntArray) -> IntArray:
        """Give the rows, ascending; each value is given once."""
        start = np.searchsorted(self._sorted, values)
        count = np.searchsorted(self._sorted, values, side="right") - start
        before = np.cumsum(count) - count
        at = np.repeat(start - before, count) + np.arange(int(count.sum()))
        return np.sort(self._order[at])


class Summed:
    """Amounts by row, and what they add up to at each place."""

    def __init__(self, place: IntArray, amount: FloatArray, *, size: int) -> None:
        self.place, self._amount = place, amount
        self.total = added_up(place, amount, size=size)
        self._rows = RowsOf(place)

    def at(self, places: IntArray, cells: Cells, columns: int) -> FloatArray:
        """Give what the rows of some places (ascending) add up to, in each column."""
        rows = self._rows(places)
        amounts = changed(self._amount[rows], rows, cells, columns)
        of_place = adding(np.searchsorted(places, self.place[rows]), size=places.size)
        summed: FloatArray = of_place @ amounts
        return summed

    def everywhere(self, cells: Cells, columns: int) -> FloatArray:
        """Give what every place adds up to, in each column."""
        touched = np.unique(self.place[cells.row])
        whole = np.repeat(self.total[:, np.newaxis], columns, axis=1)
        whole[touched] = self.at(touched, cells, columns)
        return whole


def changed(amount: FloatArray, rows: IntArray, cells: Cells, columns: int) -> FloatArray:
    """Give the amounts of some rows (ascending) in each column, changed where the cells say."""
    amounts = np.repeat(amount[:, np.newaxis], columns, axis=1)
    np.multiply.at(amounts, (np.searchsorted(rows, cells.row), cells.column), cells.factor)
    return amounts
