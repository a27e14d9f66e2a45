"""Invented networks to plan call-ins on: a city's and a nation's, with every rule there is.

Groups are of very different sizes, most ties stay within a group and those around it, a few people
have many, and two of five members must come.
"""

from dataclasses import dataclass

import numpy as np

from gvi.network.plan import Objective, SelectionProblem
from gvi.network.reach import attendance_probability

AT_HOME = 0.8
"""Share of ties that stay within a group and those around it."""
MUST_COME = 0.4


@dataclass(frozen=True, kw_only=True)
class Size:
    """How much there is, and how much is asked."""

    people: int
    ties: int
    candidates: int
    groups: int
    seats: int
    sessions: int
    conflicts: int
    keep_apart: int


CITY = Size(
    people=2_000,
    ties=8_000,
    candidates=981,
    groups=12,
    seats=30,
    sessions=2,
    conflicts=6,
    keep_apart=40,
)
NATION = Size(
    people=67_500,
    ties=400_000,
    candidates=24_859,
    groups=40,
    seats=200,
    sessions=4,
    conflicts=30,
    keep_apart=300,
)


def asked(size: Size, *, seed: int = 1) -> SelectionProblem:
    """Draw a network and ask for the plan that may be expected to reach most of it."""
    draw = np.random.default_rng(seed)
    share = 1.0 / np.arange(1, size.groups + 1) ** 0.5
    home = draw.choice(size.groups, size.people, p=share / share.sum())
    candidates = np.sort(draw.choice(size.people, size.candidates, replace=False))
    obliged = frozenset(candidates[draw.random(candidates.size) < MUST_COME].tolist())
    members = {
        group + 1: frozenset(candidates[home[candidates] == group].tolist())
        for group in range(size.groups)
    }
    return SelectionProblem(
        universe=range(size.people),
        ties=_ties(size, home, draw),
        candidates=frozenset(candidates.tolist()),
        attendance={p: attendance_probability(obliged=p in obliged) for p in candidates.tolist()},
        obliged=obliged,
        objective=Objective.EXPECTED,
        seats=size.seats,
        sessions=size.sessions,
        exactly=True,
        groups=members,
        min_per_group=dict.fromkeys(members, 1),
        conflicts=_conflicts(size, draw),
        keep_apart=_pairs(draw, candidates, size.keep_apart),
    )


def _ties(size: Size, home: np.ndarray, draw: np.random.Generator) -> list[tuple[int, int]]:
    """Draw ties between active people, who are few, and whoever is close to them, mostly."""
    active = 1.0 / (1.0 + draw.permutation(size.people)) ** 0.4
    found: set[tuple[int, int]] = set()
    by_home = [np.flatnonzero(home == group) for group in range(size.groups)]
    weights = [active[people] / active[people].sum() for people in by_home]
    everywhere = active / active.sum()
    while len(found) < size.ties:
        number = size.ties - len(found)
        one = draw.choice(size.people, number, p=everywhere)
        other = draw.choice(size.people, number, p=everywhere)
        stays = draw.random(number) < AT_HOME
        for group, people in enumerate(by_home):
            mine = np.flatnonzero(stays & (home[one] == group))
            other[mine] = draw.choice(people, mine.size, p=weights[group])
        pairs = zip(np.minimum(one, other).tolist(), np.maximum(one, other).tolist(), strict=True)
        found.update(pair for pair in pairs if pair[0] != pair[1])
    return sorted(found)


def _conflicts(size: Size, draw: np.random.Generator) -> list[tuple[int, int]]:
    """Draw conflicts between groups that the sessions can keep apart: each has a colour."""
    colour = draw.integers(size.sessions, size=size.groups)
    colour[: size.sessions] = np.arange(size.sessions)
    found: set[tuple[int, int]] = set()
    while len(found) < size.conflicts:
        one, other = sorted(draw.choice(size.groups, 2, replace=False).tolist())
        if colour[one] != colour[other]:
            found.add((one + 1, other + 1))
    return sorted(found)


def _pairs(draw: np.random.Generator, people: np.ndarray, number: int) -> list[tuple[int, int]]:
    found: set[tuple[int, int]] = set()
    while len(found) < number:
        one, other = sorted(draw.choice(people, 2, replace=False).tolist())
        found.add((one, other))
    return sorted(found)
