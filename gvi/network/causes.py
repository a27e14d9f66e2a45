"""Why a list changed: the later facts are taken over one kind at a time, and each step is ranked.

Between two lists the policy, the time and the facts may all differ. The steps go from the earlier
list's facts to the later one's – policy, time, what was corrected about earlier incidents, new
incidents, ties, groups, people – and what a score gains or loses in a step is that cause's amount.
The amounts add up to the whole change. The order matters where causes meet (a new tie to somebody
with a new incident): what comes later in the order takes what both make together.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, replace
from itertools import compress
from typing import Any, TypeVar

from gvi.domain.facts import Facts, IncidentFacts, InvolvementFacts
from gvi.domain.list_snapshot import Cause
from gvi.domain.policy import ScoringPolicy
from gvi.network.movement import Standing

Ranking = Callable[[Facts, ScoringPolicy], Mapping[int, Standing]]

T = TypeVar("T")


def causes(
    before: tuple[Facts, ScoringPolicy], after: tuple[Facts, ScoringPolicy], ranking: Ranking
) -> Mapping[int, dict[Cause, float]]:
    """Give each person's change of score by cause, in harm units; causes without amount left out.

    Somebody who is not on a list has the score 0 there.
    """
    found: dict[int, dict[Cause, float]] = {}
    last = ranking(*before)
    for cause, facts, policy in _steps(before, after):
        now = ranking(facts, policy)
        for person in {**last, **now}:
            amount = _score(now, person) - _score(last, person)
            if amount:
                mine = found.setdefault(person, {})
                mine[cause] = mine.get(cause, 0.0) + amount
        last = now
    return found


def new_incidents(before: Facts, after: Facts) -> frozenset[int]:
    """Give the incidents of the later list that the earlier one did not know."""
    return frozenset(after.incidents.id) - frozenset(before.incidents.id)


def _score(found: Mapping[int, Standing], person: int) -> float:
    standing = found.get(person)
    return standing.score if standing else 0.0


def _steps(
    before: tuple[Facts, ScoringPolicy], after: tuple[Facts, ScoringPolicy]
) -> Iterator[tuple[Cause, Facts, ScoringPolicy]]:
    (old, _), (new, policy) = before, after
    yield Cause.POLICY, old, policy
    step = replace(
        old,
        as_of=new.as_of,
        as_of_day=new.as_of_day,
        persons=_both(old.persons, new.persons),
        groups=_both(old.groups, new.groups),
    )
    yield Cause.TIME, step, policy
    earlier = frozenset(old.incidents.id)
    step = replace(
        step,
        incidents=_of_incidents(new.incidents, "id", earlier),
        involvements=_of_incidents(new.involvements, "incident", earlier),
    )
    yield Cause.CORRECTED, step, policy
    step = replace(step, incidents=new.incidents, involvements=new.involvements)
    yield Cause.INCIDENTS, step, policy
    step = replace(step, ties=new.ties)
    yield Cause.TIES, step, policy
    step = replace(step, memberships=new.memberships, relations=new.relations)
    yield Cause.GROUPS, step, policy
    yield Cause.PERSON, new, policy


def _both(old: Any, new: Any) -> Any:
    """Give the rows of two tables by id, the earlier values where both have one."""
    names = [field.name for field in fields(old)]
    rows = {row[0]: row for row in zip(*(getattr(new, name) for name in names), strict=True)}
    rows |= {row[0]: row for row in zip(*(getattr(old, name) for name in names), strict=True)}
    ordered = [rows[key] for key in sorted(rows)]
    columns = zip(*ordered, strict=True) if ordered else [()] * len(names)
    return type(old)(**dict(zip(names, columns, strict=True)))


Columns = TypeVar("Columns", IncidentFacts, InvolvementFacts)


def _of_incidents(table: Columns, column: str, kept: frozenset[int]) -> Columns:
    rows = [incident in kept for incident in getattr(table, column)]
    return replace(
        table,
        **{
            field.name: tuple(compress(getattr(table, field.name), rows)) for field in fields(table)
        },
    )
