"""Who would carry a message far: connected is not the same as violent.

A column of its own, never added to driving, and no reason by itself to invite anybody.
"""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from gvi.domain.facts import Facts
from gvi.domain.policy import ScoringPolicy
from gvi.domain.tie import EXPOSURE_TIES
from gvi.network.arrays import IntArray, arrays_of, members_of, ties_of
from gvi.network.betweenness import betweenness
from gvi.network.spread import spread_of


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
