"""What the list said on a past day, held against the violence that came after it.

For a day D: the driving list as it was known then, and the parts people took in violence in the
days after D, as known now. Of these, what share falls on the first k of the list, and what share on
k people chosen in three plainer ways: at random, by how many incidents they had been in, by how
many people they were tied to? The list earns its place where its share is plainly the largest.

A backtest describes; it cannot say what anything led to. Violence is few and comes in runs, so
every share stands with its counts and an interval; where incidents are fewer than `ENOUGH` it says
nothing. What police looked for they found: people on a list may be recorded more because they are
on it. It must not be used to judge single people, nor to show that the work helps.

Source: design, section 4; the interval is the Poisson bootstrap over incidents.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

import numpy as np

from gvi.domain.facts import Facts
from gvi.domain.incident import DOING_ROLES
from gvi.domain.person import is_adult
from gvi.domain.policy import ScoringPolicy
from gvi.domain.tie import DRIVING_TIES
from gvi.network.arrays import FloatArray, arrays_of, ties_of
from gvi.network.draws import incident_streams
from gvi.network.ranking import most_violence_driving
from gvi.network.spread import spread_of

WAYS = ("list", "incidents", "degree", "random")
"""The list, the count of past incidents, the number of people tied to, and chance."""
ENOUGH = 20
"""Incidents below which shares say nothing."""
RESAMPLED = 1_000
LOW, HIGH = 5, 95
"""Percentiles of the interval."""


class Part(NamedTuple):
    """One person's doing part in one violent incident, all roles in it together."""

    incident: str
    """The incident's key."""
    person_id: int
    occurred_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """The parts people took in violence in some days after a day, and on whom they fall.

    `parts` are all there were, also of people who could not be chosen: `by_minors` were under 18
    at the start, `by_unrecorded` are of people nobody had recorded by then. They count in every
    share, because a list that cannot reach them does not reach them. `hits` are the parts of the k
    people each way chooses; for chance, their expected number.
    """

    start: datetime
    end: datetime
    adults: int
    """How many adults were recorded, of whom k are chosen."""
    listed: int
    incidents: int
    parts: int
    by_minors: int
    by_unrecorded: int
    hits: Mapping[str, float]
    by_incident: Mapping[str, tuple[float, ...]]
    """For the interval: hits by way and all parts, of each incident by its key."""


class Share(NamedTuple):
    """Hits of all parts, as a share between 0 and 1 with its 5th and 95th percentile.

    All three are None where there were no parts.
    """

    hits: float
    parts: int
    share: float | None
    low: float | None
    high: float | None


def violent_parts(facts: Facts, policy: ScoringPolicy) -> list[Part]:
    """Give who took a doing part in which incident that weighs in the driving score, by time.

    An incident whose kind has no harm, or that is known not to be a group's, is none.
    """
    table = facts.incidents
    violent = {
        key: (name, at)
        for key, name, at, kind, gmi in zip(
            table.id, table.key, table.occurred_at, table.kind, table.gmi, strict=True
        )
        if policy.harm.get(kind, 0.0) * policy.gmi.get(gmi, 1.0) > 0.0
    }
    rows = facts.involvements
    parts = {
        Part(violent[incident][0], person, violent[incident][1])
        for incident, person, role in zip(rows.incident, rows.person, rows.role, strict=True)
        if incident in violent and role in DOING_ROLES
    }
    return sorted(parts, key=lambda part: (part.occurred_at, part.incident, part.person_id))


def look_ahead(
    then: Facts, later: Iterable[Part], policy: ScoringPolicy, *, days: int, top: int
) -> Window:
    """Hold the list of `then` against the parts taken in the days after it.

    `later` may hold parts of any time, as known now; those after `then.as_of` and at most `days`
    days after it count.
    """
    end = then.as_of + timedelta(days=days)
    parts = [part for part in later if then.as_of < part.occurred_at <= end]
    births = dict(zip(then.persons.id, then.persons.birth_date, strict=True))
    adults = {person for person, born in births.items() if is_adult(born, then.as_of_day)}
    listed = [entry.person_id for entry in most_violence_driving(then, policy).entries]
    chosen = {
        "list": frozenset(listed[:top]),
        "incidents": _most(then, adults, _past_incidents(then, policy), top),
        "degree": _most(then, adults, _people_tied(then, policy), top),
    }
    chance = min(1.0, top / len(adults)) if adults else 0.0
    by_incident: dict[str, tuple[float, ...]] = {}
    for part in parts:
        before = by_incident.get(part.incident, (0.0,) * (len(WAYS) + 1))
        person = part.person_id
        hits = [float(person in some) for some in chosen.values()]
        added = (*hits, chance * (person in adults), 1.0)
        by_incident[part.incident] = tuple(map(sum, zip(before, added, strict=True)))
    sums = [sum(column) for column in zip(*by_incident.values(), strict=True)] or [0.0] * len(WAYS)
    return Window(
        start=then.as_of,
        end=end,
        adults=len(adults),
        listed=len(listed),
        incidents=len(by_incident),
        parts=len(parts),
        by_minors=sum(part.person_id in births.keys() - adults for part in parts),
        by_unrecorded=sum(part.person_id not in births for part in parts),
        hits=dict(zip(WAYS, sums, strict=False)),
        by_incident=by_incident,
    )


def shares(windows: Sequence[Window], *, seed: int) -> dict[str, Share]:
    """Add up windows and give each way's share with its interval.

    Incidents, not parts, are counted anew (0, 1, 2 … times, once on average, 1,000 times over):
    those who acted together hang together, and so does an incident that falls in several windows.
    """
    keys = sorted({key for window in windows for key in window.by_incident})
    nothing = (0.0,) * (len(WAYS) + 1)
    sums = np.array(
        [
            np.sum([window.by_incident.get(key, nothing) for window in windows], axis=0)
            for key in keys
        ]
    ).reshape(len(keys), len(WAYS) + 1)
    counts = incident_streams(keys, seed=seed).counts(slice(0, RESAMPLED))
    again = sums.T @ counts
    total = sums.sum(axis=0)
    return {way: _share(total[at], total[-1], again[at], again[-1]) for at, way in enumerate(WAYS)}


def incidents_in(windows: Iterable[Window]) -> int:
    """Count the incidents of all windows, each once."""
    return len({key for window in windows for key in window.by_incident})


def _share(hits: float, parts: float, hits_again: FloatArray, parts_again: FloatArray) -> Share:
    if not parts:
        return Share(0.0, 0, None, None, None)
    drawn = hits_again[parts_again > 0.0] / parts_again[parts_again > 0.0]
    low, high = np.percentile(drawn, [LOW, HIGH], method="inverted_cdf").tolist()
    return Share(float(hits), int(parts), float(hits / parts), low, high)


def _most(then: Facts, adults: set[int], amount: Mapping[int, float], top: int) -> frozenset[int]:
    """Choose the adults with the largest amounts above 0, of equals by code name."""
    called = dict(zip(then.persons.id, then.persons.code_name, strict=True))
    some = [person for person in adults if amount.get(person, 0.0) > 0.0]
    return frozenset(sorted(some, key=lambda person: (-amount[person], called[person]))[:top])


def _past_incidents(then: Facts, policy: ScoringPolicy) -> dict[int, float]:
    counted: dict[int, float] = {}
    for part in violent_parts(then, policy):
        if part.occurred_at <= then.as_of:
            counted[part.person_id] = counted.get(part.person_id, 0.0) + 1.0
    return counted


def _people_tied(then: Facts, policy: ScoringPolicy) -> dict[int, float]:
    arrays = arrays_of(then, policy)
    matrix = spread_of(
        ties_of(then, policy, arrays), DRIVING_TIES, people=arrays.person_ids.size
    ).matrix
    return dict(
        zip(then.persons.id, np.diff(matrix.indptr).astype(np.float64).tolist(), strict=True)
    )
