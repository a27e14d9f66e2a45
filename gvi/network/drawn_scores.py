"""The two scores in many draws at once, in blocks that bound the memory."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from gvi.domain.facts import Facts
from gvi.domain.policy import UNITS, ScoringPolicy
from gvi.domain.tie import DRIVING_TIES, EXPOSURE_TIES
from gvi.network.arrays import BoolArray, FloatArray, IntArray, positions, whole_numbers
from gvi.network.drawn_amounts import (
    Block,
    Groups,
    Incidents,
    block_of,
    groups_of,
    incidents_of,
)
from gvi.network.drawn_ties import TieStructure, tie_structure
from gvi.network.draws import drawn_policy, incident_streams

CELLS = 3_000_000
"""Numbers in the widest array of a block of draws: 24 megabytes, of which some are held at once."""
NOT_LISTED = -1


class Drawn(NamedTuple):
    """Scores and their first parts in some draws: draws down, people across, units of 1e-9.

    Both are `NOT_LISTED` for a person whom the list of that draw does not have.
    """

    score: IntArray
    first: IntArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sums:
    """What one of the scores is added up from, for some adults, in every draw."""

    score: str
    places: IntArray
    incidents: Incidents
    groups: Groups
    ties: TieStructure

    @property
    def at_once(self) -> int:
        """How many draws a block may have."""
        return max(1, CELLS // max(self.ties.rows, self.incidents.rows, 1))

    def of(self, block: Block) -> Drawn:
        """Give own + near + far + group, or hurt + near + far + conflict, in a block of draws."""
        return self._driving(block) if self.score == "driving" else self._exposed(block)

    def _driving(self, block: Block) -> Drawn:
        own = self.incidents.own(block)
        near, far = self.ties.near_and_far(block, own)
        parts = [
            own[self.places],
            block.constant("near") * near[self.places],
            block.constant("far") * far[self.places],
            block.constant("group") * self.groups.group_parts(block, own)[self.places],
        ]
        return _rounded(parts, listed=parts[0] > 0.0)

    def _exposed(self, block: Block) -> Drawn:
        hurt = self.incidents.hurt(block)
        near, far = self.ties.near_and_far(block, hurt)
        conflict = self.groups.conflict_parts(block, self.incidents.own(block))
        parts = [
            hurt[self.places],
            block.constant("exposed_near") * near[self.places],
            block.constant("exposed_far") * far[self.places],
            block.constant("conflict") * conflict[self.places],
        ]
        return _rounded(parts, listed=np.add.reduce(parts) > 0.0)


def sums_of(facts: Facts, policy: ScoringPolicy, people: Sequence[int], *, score: str) -> Sums:
    """Sort out what the driving or exposed score of these people (adults' ids) is made of."""
    incidents = incidents_of(facts)
    kinds = DRIVING_TIES if score == "driving" else EXPOSURE_TIES
    return Sums(
        score=score,
        places=positions(whole_numbers(facts.persons.id), whole_numbers(people)),
        incidents=incidents,
        groups=groups_of(facts, policy),
        ties=tie_structure(facts, policy, incidents, kinds),
    )


def drawn_scores(
    facts: Facts, policy: ScoringPolicy, sums: Sums, *, seed: int, draws: int
) -> Iterator[Drawn]:
    """Give the scores in each draw of constants and incidents, block by block."""
    constants = drawn_policy(policy, seed=seed, draws=draws)
    streams = incident_streams(facts.incidents.key, seed=seed)
    for start in range(0, draws, sums.at_once):
        some = slice(start, min(start + sums.at_once, draws))
        yield sums.of(block_of(constants, streams, sums.incidents.age_days, some))


def _rounded(parts: Sequence[FloatArray], *, listed: BoolArray) -> Drawn:
    rounded = [np.rint(part.T * UNITS).astype(np.int64) for part in parts]
    score = np.where(listed.T, np.add.reduce(rounded), NOT_LISTED)
    return Drawn(score=score, first=np.where(listed.T, rounded[0], NOT_LISTED))
