"""Cells that look like something but cannot be kept: too long an id, an hour that never was."""

import pytest

from gvi.domain.exchange import LAYOUTS
from gvi.exchange.cells import CellError, readers
from tests.conftest import ZONE


def _reader(file, column):
    layout = LAYOUTS[file]
    place = [each.name for each in layout.columns].index(column)
    return readers(layout.columns, ZONE)[place]


def test_an_id_longer_than_an_index_can_hold_is_refused_on_every_database():
    with pytest.raises(CellError, match="longer"):
        _reader("persons.csv", "id")("x" * 501)

    assert _reader("persons.csv", "id")("x" * 500) == "x" * 500


def test_an_hour_the_clocks_jumped_over_is_refused_and_one_with_its_offset_is_not():
    read = _reader("incidents.csv", "occurred_at")

    with pytest.raises(CellError, match="no such time"):
        read("2026-03-29T02:30")

    assert read("2026-03-29T02:30+01:00") == read("2026-03-29T03:30")
