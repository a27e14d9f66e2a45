from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.sparse import csr_array

from gvi.network.program import CHORDS, smallest_loads

LOADS = st.lists(st.sampled_from([0.25, 0.5, 0.7, 1.7, 3.0]), min_size=1, max_size=9)


@given(LOADS, st.integers(1, 12))
def test_the_smallest_loads_are_those_of_any_neighbours_that_may_come(loads, number):
    (found,) = smallest_loads(csr_array([loads]), number)

    sums = {
        round(sum(some), 9) for size in range(len(loads) + 1) for some in combinations(loads, size)
    }
    assert found[np.isfinite(found)] == pytest.approx(sorted(sums)[:number])


@given(LOADS)
def test_no_chord_is_below_what_some_neighbours_are_worth(loads):
    (found,) = smallest_loads(csr_array([loads]), CHORDS + 2)
    ends = found[np.isfinite(found)]

    worth = -np.expm1(-ends)
    for size in range(len(loads) + 1):
        for some in combinations(loads, size):
            load = sum(some)
            for a, b, low, high in zip(ends, ends[1:], worth, worth[1:], strict=False):
                on_the_line = low + (high - low) / (b - a) * (load - a)
                assert on_the_line >= -np.expm1(-load) - 1e-9
