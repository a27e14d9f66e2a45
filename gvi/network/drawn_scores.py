"""The two scores in many draws at once, in blocks of draws that bound the memory."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from gvi.domain.facts import Facts
from gvi.domain.policy import ScoringPolicy
from gvi.domain.tie import DRIVING_TIES, EXPOSURE_TIES
from gvi.network.arrays import BoolArray, FloatArray, IntArray, positions, whole_numbers
from gvi.network.drawn_amounts import Block, Incidents, block_of, groups_of, incidents_of
from gvi.network.drawn_ties import TieStructure, tie_structure
from gvi.network.draws import drawn_policy, incident_streams
from gvi.network.ranking import UNITS

CELLS = 3_000_000
"""Numbers in the widest array of a block of draws: 24 megabytes, of which some are held at once."""
NOT_LISTED = -1


class Drawn(NamedTuple):
    """Scores and their first parts in some draws: draws down, people across, units of 1e-9.

    Both are `NOT_LISTED` for a person whom the list of that draw does not have.
    """

    score: IntArray
    first: IntArray


def driving_draws(
    facts: Facts, policy: ScoringPolicy, people: Sequence[int], *, seed: int, draws: int
) -> Iterator[Drawn]:
    """Give own + near + far + group of these people (adults' ids) in each draw, block by block."""
    incidents, groups = incidents_of(facts), groups_of(facts, policy)
    ties = tie_structure(facts, policy, incidents, DRIVING_TIES)
    places = positions(whole_numbers(facts.persons.id), whole_numbers(people))
    for block in _blocks(facts, policy, incidents, ties, seed=seed, draws=draws):
        own = incidents.own(block)
        near, far = ties.near_and_far(block, own)
        parts = [
            own[places],
            block.constant("near") * near[places],
            block.constant("far") * far[places],
            block.constant("group") * groups.group_parts(block, own)[places],
        ]
        yield _drawn(parts, listed=parts[0] > 0.0)


def exposed_draws(
    facts: Facts, policy: ScoringPolicy, people: Sequence[int], *, seed: int, draws: int
) -> Iterator[Drawn]:
    """Give hurt + near + far + conflict of these people in each draw, block by block."""
    incidents, groups = incidents_of(facts), groups_of(facts, policy)
    ties = tie_structure(facts, policy, incidents, EXPOSURE_TIES)
    places = positions(whole_numbers(facts.persons.id), whole_numbers(people))
    for block in _blocks(facts, policy, incidents, ties, seed=seed, draws=draws):
        hurt = incidents.hurt(block)
        near, far = ties.near_and_far(block, hurt)
        conflict = groups.conflict_parts(block, incidents.own(block))
        parts = [
            hurt[places],
            block.constant("exposed_near") * near[places],
            block.constant("exposed_far") * far[places],
            block.constant("conflict") * conflict[places],
        ]
        yield _drawn(parts, listed=np.add.reduce(parts) > 0.0)


def _blocks(
    facts: Facts,
    policy: ScoringPolicy,
    incidents: Incidents,
    ties: TieStructure,
    *,
    seed: int,
    draws: int,
) -> Iterator[Block]:
    constants = drawn_policy(policy, seed=seed, draws=draws)
    streams = incident_streams(facts.incidents.key, seed=seed)
    at_once = max(1, CELLS // max(ties.rows, incidents.rows, 1))
    for start in range(0, draws, at_once):
        some = slice(start, min(start + at_once, draws))
        yield block_of(constants, streams, incidents.age_days, some)


def _drawn(parts: Sequence[FloatArray], *, listed: BoolArray) -> Drawn:
    rounded = [np.rint(part.T * UNITS).astype(np.int64) for part in parts]
    score = np.where(listed.T, np.add.reduce(rounded), NOT_LISTED)
    return Drawn(score=score, first=np.where(listed.T, rounded[0], NOT_LISTED))
