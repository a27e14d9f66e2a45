"""Why one person has a score: both lists and the explanation, from one reading of the facts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from gvi.domain.access import Viewer
from gvi.domain.facts import Facts
from gvi.domain.policy import ScoringPolicy
from gvi.network.arrays import weigh
from gvi.network.explanation import Explanation, driving_explained, exposed_explained
from gvi.network.interval import RankInterval
from gvi.network.ranking import driving_sums, exposed_sums
from gvi.store.facts import facts
from gvi.usecases.interval import intervals_while_waiting
from gvi.usecases.policy import in_force
from gvi.usecases.ranking import Entry, person_place


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """One score of one person, opened up."""

    facts: Facts
    policy: ScoringPolicy
    score: str
    """Which score: driving or exposed."""
    entry: Entry
    listed: int
    """How many stand on the list."""
    interval: RankInterval | None
    """Between which ranks it lies; None where drawing would keep somebody waiting."""
    found: Explanation


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where one person stands on both lists, as one viewer may know it at an instant."""

    facts: Facts
    place: int
    """The row of the person among the facts."""
    entries: Mapping[str, Entry | None]
    """The person's entry by score; None where they are not on that list."""
    explained: Explained | None
    """The score that was asked for; None where there is none, as under-18s never have one."""


def standing(
    db: Session, viewer: Viewer, as_of: datetime, zone: ZoneInfo, person_id: int, *, score: str
) -> Standing:
    """Find a person on both lists and explain one score, where they have it.

    Raises NotFoundError for somebody the viewer may not see, NotAllowedError for a role that may
    not receive scores.
    """
    known, policy = facts(db, viewer, as_of, zone), in_force(db, viewer)
    place = person_place(known, person_id)
    weighed = weigh(known, policy)
    driving, exposed = driving_sums(weighed), exposed_sums(weighed)
    entries: dict[str, Entry | None] = {
        "driving": driving.entry_at(place),
        "exposed": exposed.entry_at(place),
    }
    entry, explained = entries[score], None
    if entry is not None:
        is_driving = score == "driving"
        explained = Explained(
            facts=known,
            policy=policy,
            score=score,
            entry=entry,
            listed=len((driving if is_driving else exposed).listed),
            interval=intervals_while_waiting(known, policy, score).get(person_id),
            found=(
                driving_explained(driving, person_id)
                if is_driving
                else exposed_explained(exposed, person_id)
            ),
        )
    return Standing(facts=known, place=place, entries=entries, explained=explained)
