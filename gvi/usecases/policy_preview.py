"""What another version of the policy would do to today's lists; nothing is changed by asking."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from gvi.domain.access import Viewer
from gvi.domain.facts import Facts
from gvi.domain.policy import ScoringPolicy, constants_of
from gvi.network.movement import Move, Standing, changed_at_the_top, moves
from gvi.network.ranking import DrivingList, ExposedList, most_exposed, most_violence_driving
from gvi.store.facts import facts
from gvi.usecases.policy import in_force


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """Today's list under two policies, everybody on either."""

    facts: Facts
    moves: tuple[Move, ...]
    new_at_the_top: int
    """How many of the top 20 would be others."""


def preview(
    db: Session,
    viewer: Viewer,
    other: ScoringPolicy,
    score: str,
    *,
    as_of: datetime,
    zone: ZoneInfo,
) -> Preview:
    """Compare a list under the policy in force with the same list under another version.

    Raises NotAllowedError for a role that may not receive scores.
    """
    known = facts(db, viewer, as_of, zone)
    ask = most_violence_driving if score == "driving" else most_exposed
    before, after = (standings(ask(known, each)) for each in (in_force(db, viewer), other))
    found = moves(before, after)
    return Preview(facts=known, moves=found, new_at_the_top=changed_at_the_top(found))


def standings(found: DrivingList | ExposedList) -> Mapping[int, Standing]:
    """Give where everybody on a list stands."""
    return {
        entry.person_id: Standing(entry.rank, entry.score, entry.parts) for entry in found.entries
    }


def changed_constants(
    before: ScoringPolicy, after: ScoringPolicy
) -> dict[str, tuple[float | None, float | None]]:
    """Give the constants that differ, `table.code` or `name` → before, after; None is not there."""
    old, new = _flat(before), _flat(after)
    return {
        name: (old.get(name), new.get(name))
        for name in {**old, **new}
        if old.get(name) != new.get(name)
    }


def _flat(policy: ScoringPolicy) -> dict[str, float]:
    found: dict[str, float] = {}
    for name, value in constants_of(policy).items():
        if isinstance(value, dict):
            found |= {f"{name}.{code}": number for code, number in value.items()}
        else:
            found[name] = value
    return found
