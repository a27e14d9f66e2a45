"""What somebody not invited would add to a plan."""

import pytest

from gvi.network.plan import Objective
from gvi.network.reach import outcome, would_add
from tests.network.wheeler import gang_1


def test_what_others_would_add_is_what_inviting_them_gains():
    problem = gang_1(4)
    added = would_add(problem, [4, 5])

    for person in (1, 20, 21):
        more = outcome(problem, [4, 5, person]).reach - outcome(problem, [4, 5]).reach
        assert added[person] == more
    assert not {4, 5} & added.keys()


def test_what_others_would_add_counts_who_will_come():
    problem = gang_1(4, objective=Objective.EXPECTED)
    added = would_add(problem, [2])

    for person in (3, 20, 21):
        more = outcome(problem, [2, person]).expected - outcome(problem, [2]).expected
        assert added[person] == pytest.approx(more)
