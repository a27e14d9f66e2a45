"""Whom the driving list and the contacts fall on, beside who took part in group violence."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
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

    areas = sorted({person.area for person in people.values()}, key=lambda area: (not area, area))
    kinds: tuple[_Kind, ...] = (
        (lambda person: person.area, areas),
        (lambda person: age_band(person.birth_date, day), BANDS),
    )
    by_area, by_age = _tables(
        [
            {
                name: Counter(kind(people[each]) for each in ids if each in people)
                for name, ids in columns.items()
            }
            for kind, _ in kinds
        ],
        [order for _, order in kinds],
        hide_small=not may_rank,
    )
    return Disparity(columns=tuple(columns), areas=by_area, ages=by_age, hides_small=not may_rank)


_Kind = tuple[Callable[[fairness.Counted], str], Sequence[str]]


def _tables(
    found: Sequence[Mapping[str, Counter[str]]],
    orders: Sequence[Sequence[str]],
    *,
    hide_small: bool,
) -> list[dict[str, dict[str, Share]]]:
    """Lay out each kind's counts by row and column; a column is judged in all tables at once."""
    rows = [
        [key for key in order if any(counts[key] for counts in of_kind.values())]
        for of_kind, order in zip(found, orders, strict=True)
    ]
    told = {
        name: shares(
            *(
                {key: of_kind[name][key] for key in keys}
                for of_kind, keys in zip(found, rows, strict=True)
            ),
            hide_small=hide_small,
        )
        for name in found[0]
    }
    return [
        {key: {name: told[name][table][key] for name in told} for key in keys}
        for table, keys in enumerate(rows)
    ]


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
