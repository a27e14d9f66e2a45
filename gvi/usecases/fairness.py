"""Whom the driving list and the contacts fall on, beside who took part in group violence."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from gvi.domain.access import Role, Viewer, allows
from gvi.domain.facts import Facts
from gvi.domain.fairness import BANDS, Share, age_band, shares
from gvi.domain.incident import DOING_ROLES, Gmi
from gvi.domain.time import local_day
from gvi.store.queries import fairness
from gvi.store.wall import behind_the_wall
from gvi.usecases.ranking import driving
from gvi.usecases.rights import require

PERIOD = timedelta(days=365)
TOPS = (20, 50)
GROUP_VIOLENCE = frozenset({Gmi.CONFIRMED, Gmi.LIKELY})


@dataclass(frozen=True, slots=True, kw_only=True)
class Disparity:
    """Shares by area and by age band; each column is one whole.

    Columns: `violence` (parts with a doing role in incidents with GMI confirmed or likely of the
    last twelve months), `top_20`, `top_50` and `listed` (the driving list), `invited` and
    `notified` (of the last twelve months). The auditor gets no `top_` columns.
    """

    columns: tuple[str, ...]
    areas: Mapping[str, Mapping[str, Share]]
    """Area → column → share; the blank area is unknown."""
    ages: Mapping[str, Mapping[str, Share]]
    hides_small: bool


def disparity(db: Session, viewer: Viewer, at: datetime, zone: ZoneInfo) -> Disparity:
    """Count whom lists and contacts fall on, as known now; see `Disparity`.

    Who may not see scores is given what an analyst would count, without ranks and without numbers
    below five. Raises NotAllowedError for a role that may not read it.
    """
    require(viewer, "fairness:read")
    may_rank = allows(viewer, "score:read")
    counter = viewer if may_rank else replace(viewer, role=Role.ANALYST)
    reason = "the auditor is told counts by area and age, none below five, and nobody's rank"
    with nullcontext() if may_rank else behind_the_wall(db, reason):
        known, ranked = driving(db, counter, at, zone)
        people = fairness.people(db, counter)
        invited = fairness.invited(db, counter, since=at - PERIOD, until=at)
        notified = fairness.notified(db, counter, since=at - PERIOD, until=at)
    listed = [entry.person_id for entry in ranked.entries]
    tops = {f"top_{top}": listed[:top] for top in TOPS} if may_rank else {}
    columns: dict[str, Iterable[int]] = {
        "violence": _took_part(known),
        **tops,
        "listed": listed,
        "invited": invited,
        "notified": notified,
    }
    day = local_day(at, zone)

    def table(
        kind: Callable[[fairness.Counted], str], order: Iterable[str]
    ) -> dict[str, dict[str, Share]]:
        found = {
            name: Counter(kind(people[each]) for each in ids if each in people)
            for name, ids in columns.items()
        }
        rows = [key for key in order if any(counts[key] for counts in found.values())]
        told = {
            name: shares({key: counts[key] for key in rows}, hide_small=not may_rank)
            for name, counts in found.items()
        }
        return {key: {name: told[name][key] for name in columns} for key in rows}

    areas = sorted({person.area for person in people.values()}, key=lambda area: (not area, area))
    return Disparity(
        columns=tuple(columns),
        areas=table(lambda person: person.area, areas),
        ages=table(lambda person: age_band(person.birth_date, day), BANDS),
        hides_small=not may_rank,
    )


def _took_part(known: Facts) -> list[int]:
    """Give who took part in group violence of the period, once for each incident."""
    table, since = known.incidents, known.as_of - PERIOD
    counted = {
        key
        for key, at, gmi in zip(table.id, table.occurred_at, table.gmi, strict=True)
        if gmi in GROUP_VIOLENCE and since < at <= known.as_of
    }
    rows = known.involvements
    parts = {
        (incident, person)
        for incident, person, role in zip(rows.incident, rows.person, rows.role, strict=True)
        if incident in counted and role in DOING_ROLES
    }
    return sorted(person for _, person in parts)
