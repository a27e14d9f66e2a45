"""What a call-in plan is asked for and what it answers; how it is found is `selection`."""

import json
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field, fields
from enum import StrEnum
from hashlib import blake2b

from gvi.domain.call_in import Bar


class Objective(StrEnum):
    """What the best plan maximises: who is reached if all come, or who may be expected to be."""

    REACH = "reach"
    EXPECTED = "expected"


class PlanStatus(StrEnum):
    """How good the plan is known to be."""

    PROVED_BEST = "proved_best"
    BEST_FOUND = "best_found"
    INFEASIBLE = "infeasible"
    NOT_FOUND = "not_found"
    """The time was over before a plan was found, or it was proved that there is none."""


class Rule(StrEnum):
    """The rules a plan is held to, by the name a clash gives them.

    `ids` of a clash are groups for `min_per_group` and `conflict`, people for the others; `seats`,
    `sessions`, `exactly` and `min_obliged` are about nobody in particular.
    """

    SESSIONS = "sessions"
    SEATS = "seats"
    EXACTLY = "exactly"
    LOCKED = "locked"
    EXCLUDED = "excluded"
    NOT_A_CANDIDATE = "not_a_candidate"
    SUPERVISED_ONLY = "supervised_only"
    MIN_OBLIGED = "min_obliged"
    MIN_PER_GROUP = "min_per_group"
    CONFLICT = "conflict"
    KEEP_APART = "keep_apart"


RULES_ABOUT_GROUPS = frozenset({Rule.MIN_PER_GROUP, Rule.CONFLICT})


@dataclass(frozen=True, slots=True, kw_only=True)
class SelectionProblem:
    """Everything that decides whom to call in, as ids and numbers; design, section 5.

    `universe` are the people who count as reached; `candidates` those of them who may be invited
    (no under-18s, nobody in custody that day). Exit clients and protected people are left out of
    both by the caller. `ties` are unordered pairs; a pair with someone outside the universe counts
    for nothing. `attendance` is the probability of coming for each candidate. `value` is what
    reaching a person is worth, 1 unless said. `groups` gives the members of each target group,
    needed for `min_per_group` and `conflicts` (pairs of groups in open conflict); `accepted` are
    pairs of people who may meet although their groups are in conflict. The seats are shared evenly
    by `sessions`; rivals and people kept apart may be invited to different ones. `delivered` are
    the people the message was delivered to in the last twelve months. `barred` says why people are
    no candidates; whoever is none and does not stand there belongs to no group called.
    """

    universe: Sequence[int]
    ties: Sequence[tuple[int, int]]
    candidates: frozenset[int]
    attendance: Mapping[int, float]
    seats: int
    sessions: int = 1
    exactly: bool = False
    objective: Objective = Objective.REACH
    value: Mapping[int, float] = field(default_factory=dict)
    obliged: frozenset[int] = frozenset()
    supervised_only: bool = False
    min_obliged: int = 0
    locked: frozenset[int] = frozenset()
    excluded: frozenset[int] = frozenset()
    groups: Mapping[int, frozenset[int]] = field(default_factory=dict)
    min_per_group: Mapping[int, int] = field(default_factory=dict)
    conflicts: Sequence[tuple[int, int]] = ()
    accepted: Sequence[tuple[int, int]] = ()
    keep_apart: Sequence[tuple[int, int]] = ()
    delivered: frozenset[int] = frozenset()
    barred: Mapping[int, Bar] = field(default_factory=dict)

    @property
    def digest(self) -> str:
        """The same for the same problem, in whichever order it was written, and for no other."""
        written = {each.name: _in_order(getattr(self, each.name)) for each in fields(self)}
        return blake2b(json.dumps(written).encode(), digest_size=16).hexdigest()


def _in_order(value: object) -> object:
    if isinstance(value, Mapping):
        return sorted((key, _in_order(held)) for key, held in value.items())
    if isinstance(value, Set):
        return sorted(value)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_in_order(each) for each in value]
    return value


@dataclass(frozen=True, slots=True, kw_only=True)
class Clash:
    """A rule that cannot be kept together with the others named beside it.

    `message` is an English sentence marked for translation and `params` fill it, as in `GviError`;
    `messages` is its form for several, where it is about a `number`, else blank.
    """

    rule: Rule
    ids: tuple[int, ...]
    message: str
    messages: str = ""
    number: int = 1
    params: Mapping[str, object]

    @property
    def reason(self) -> str:
        """The English sentence, filled in."""
        said = self.messages if self.messages and self.number != 1 else self.message
        return said % self.params if self.params else said


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What inviting some people gives, whoever chose them.

    `reach` is the value reached if all come, `expected` the exact expectation with attendance
    probabilities, `covered` the same expectation with earlier deliveries counted as certain.
    `gains` says for each invitee how much of the objective would be lost without them.
    """

    invitees: tuple[int, ...]
    reach: float
    expected: float
    covered: float
    reached: tuple[int, ...]
    not_reached: tuple[int, ...]
    gains: Mapping[int, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The answer of the planner, with its proof.

    `gap` is how far the plan may be from the best, as a fraction of the most it could be.
    `alternatives` is the number of plans of the same size and value, this one included, or None
    where there are too many to count; `examples` are some of the others. `sessions` says who sits
    together, in a tuple of ids for each session. An infeasible request has no invitees; `clashes`
    names the rules that cannot be kept together, `are_least` says that leaving any one of them out
    would help, and `nearest` is the nearest feasible plan: fewest extra seats, then fewest dropped
    minimums, never somebody who may not be invited; None where it was not found in time.
    """

    status: PlanStatus
    outcome: Outcome
    universe: int
    gap: float
    clashes: tuple[Clash, ...] = ()
    are_least: bool = True
    nearest: "NearestPlan | None" = None
    alternatives: int | None = None
    examples: tuple[tuple[int, ...], ...] = ()
    sessions: tuple[tuple[int, ...], ...] = ()

    @property
    def is_found(self) -> bool:
        """Whether there is a plan that keeps every rule."""
        return self.status in {PlanStatus.PROVED_BEST, PlanStatus.BEST_FOUND}


@dataclass(frozen=True, slots=True, kw_only=True)
class Concession:
    """What is given up: extra or empty seats, people no longer locked in, parts of minimums.

    `dropped_minimums` says by how many the minimum of a group is lowered.
    """

    extra_seats: int
    empty_seats: int
    dropped_locks: tuple[int, ...]
    dropped_minimums: Mapping[int, int]
    dropped_obliged: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NearestPlan:
    """The nearest feasible plan to an infeasible request, and what it had to give up."""

    plan: Plan
    concession: Concession
