"""What is drawn for a rank interval: other constants of the policy, and how often incidents count.

Whatever is drawn belongs to a name (a constant's, an incident's key), the seed and the number of
the draw, and to nothing else: rows in another order, people under other ids, one incident more or
one that this viewer may not see leave everything else as it was drawn.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from hashlib import blake2b
from math import exp, factorial

import numpy as np
from numpy.typing import NDArray

from gvi.domain.policy import ScoringPolicy
from gvi.network.arrays import FloatArray

SPREAD = 1.5
"""A constant x is drawn between x/1.5 and 1.5·x, evenly on a logarithmic scale."""
POISSON_1 = np.cumsum([exp(-1.0) / factorial(count) for count in range(18)])
"""Chances of counting at most 0, 1, 2 … times, one time on average; beyond 17 they are below 1e-16.
"""
_STEP = np.uint64(0x9E3779B97F4A7C15)
_MIXED_BY = (
    (np.uint64(30), np.uint64(0xBF58476D1CE4E5B9)),
    (np.uint64(27), np.uint64(0x94D049BB133111EB)),
)
_LAST_SHIFT, _TO_53_BITS = np.uint64(31), np.uint64(11)


class Streams:
    """A stream of random numbers for each name, each drawn from name and seed alone."""

    def __init__(self, names: Sequence[str], *, seed: int) -> None:
        self._start = np.fromiter((_start(name, seed) for name in names), np.uint64, len(names))

    def even(self, draws: slice) -> FloatArray:
        """Give even numbers from 0 up to 1, names down and draws across (SplitMix64)."""
        number = np.arange(draws.start + 1, draws.stop + 1, dtype=np.uint64)
        bits: NDArray[np.uint64] = np.add.outer(self._start, _STEP * number)
        for shift, factor in _MIXED_BY:
            bits ^= bits >> shift
            bits *= factor
        bits ^= bits >> _LAST_SHIFT
        bits >>= _TO_53_BITS
        return bits.astype(np.float64) * 2.0**-53

    def counts(self, draws: slice) -> FloatArray:
        """Give how often each name counts in each draw: Poisson, once on average."""
        return np.searchsorted(POISSON_1, self.even(draws), side="right").astype(np.float64)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DrawnPolicy:
    """Every constant of a policy as it was drawn: one number for each draw, by `field.code`."""

    constants: Mapping[str, FloatArray]

    def table(
        self, field: str, codes: Sequence[str], draws: slice, *, otherwise: float = 0.0
    ) -> FloatArray:
        """Give the weights of some codes, codes down and draws across."""
        lacking = np.full(draws.stop - draws.start, otherwise)
        rows = [self.constants.get(f"{field}.{code}") for code in codes]
        table = [lacking if row is None else row[draws] for row in rows]
        return np.stack(table) if table else np.empty((0, lacking.size))


def drawn_policy(policy: ScoringPolicy, *, seed: int, draws: int) -> DrawnPolicy:
    """Draw every numeric constant of a policy; what is 0 stays 0."""
    values = _constants(policy)
    even = Streams([f"policy {name}" for name in values], seed=seed).even(slice(0, draws))
    factors = SPREAD ** (2.0 * even - 1.0)
    return DrawnPolicy(
        constants={
            name: value * factor
            for (name, value), factor in zip(values.items(), factors, strict=True)
        }
    )


def incident_streams(keys: Sequence[str], *, seed: int) -> Streams:
    """Give the streams that say how often each incident counts, by its key."""
    return Streams([f"incident {key}" for key in keys], seed=seed)


def _constants(policy: ScoringPolicy) -> dict[str, float]:
    constants: dict[str, float] = {}
    for field in fields(policy):
        value = getattr(policy, field.name)
        if isinstance(value, Mapping):
            constants |= {f"{field.name}.{code}": weight for code, weight in value.items()}
        elif isinstance(value, (int, float)) and field.name != "version":
            constants[field.name] = value
    return constants


def _start(name: str, seed: int) -> int:
    return int.from_bytes(blake2b(f"{seed} {name}".encode(), digest_size=8).digest(), "big")
