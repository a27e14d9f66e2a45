"""What a person's rank would be without one source, one record or one kind of record."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from gvi.domain.access import Viewer
from gvi.domain.errors import RuleError
from gvi.domain.facts import Facts
from gvi.domain.policy import ScoringPolicy
from gvi.domain.text import N_
from gvi.network.leave_out import LeftOut, rank_without
from gvi.network.ranking import most_exposed, most_violence_driving
from gvi.network.records_behind import RecordsBehind
from gvi.network.smallest_change import Change, smallest_change
from gvi.store.facts import facts
from gvi.store.queries.source import sources_behind
from gvi.usecases.policy import in_force
from gvi.usecases.ranking import person_place

TOP = 20
"""The top of a list that somebody would be moved out of: the length of `gvi rank`."""
MOST_SOURCES = 30
MOST_RECORDS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Without:
    """The rank without something, None where the person is then not on the list.

    `name` is the source in the records' own words, or the code of a kind; blank for one record,
    which `left_out` names by its id.
    """

    name: str
    left_out: LeftOut
    rank: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatIf:
    """How a rank hangs on single things; in each, what moves the rank most comes first."""

    facts: Facts
    rank: int
    sources: tuple[Without, ...]
    """Without what each source says of the incidents, ties and memberships behind the score."""
    records: tuple[Without, ...]
    """Without each record behind the score."""
    kinds: tuple[Without, ...]
    """Without all incidents or ties of one kind, whoever is in them."""
    top: int
    smallest: Change | None
    """The fewest records without which the person is not among the first `top`."""


def what_if(
    db: Session,
    viewer: Viewer,
    as_of: datetime,
    zone: ZoneInfo,
    person_id: int,
    *,
    score: str = "driving",
    top: int = TOP,
) -> WhatIf:
    """Say what the rank of a listed person hangs on, from what the viewer may know at `as_of`.

    Raises NotFoundError for somebody the viewer may not see, RuleError for somebody who is not on
    the list (as nobody under 18 is), NotAllowedError for a role that may not receive scores.
    """
    known, policy = facts(db, viewer, as_of, zone), in_force(db, viewer)
    person_place(known, person_id)
    ranked = (most_violence_driving if score == "driving" else most_exposed)(known, policy)
    rank = next((e.rank for e in ranked.entries if e.person_id == person_id), None)
    if rank is None:
        raise RuleError(
            N_("This person is not on the list, so there is nothing that may be explained.")
        )
    behind = RecordsBehind(known, policy, person_id, score=score)
    records = behind.records()[:MOST_RECORDS]
    ranks = [standing.rank for standing in behind.standings(records)]
    each = [
        Without(name="", left_out=record, rank=left)
        for record, left in zip(records, ranks, strict=True)
    ]
    whole = LeftOut.all_of(records)
    sources = _by_source(db, viewer, as_of, person_id, whole)
    kinds = {kind: LeftOut(kinds=frozenset([kind])) for kind in _kinds(known, whole)}

    def without(named: dict[str, LeftOut]) -> tuple[Without, ...]:
        found = [
            Without(name=name, left_out=out, rank=_rank(known, policy, person_id, out, score))
            for name, out in named.items()
        ]
        return _farthest_first(found, rank)

    return WhatIf(
        facts=known,
        rank=rank,
        sources=without(sources),
        records=_farthest_first(each, rank),
        kinds=without(kinds),
        top=top,
        smallest=smallest_change(known, policy, person_id, top=top, score=score),
    )


def _rank(
    known: Facts, policy: ScoringPolicy, person_id: int, left_out: LeftOut, score: str
) -> int | None:
    return rank_without(known, policy, person_id, left_out, score=score)


def _farthest_first(found: Iterable[Without], rank: int) -> tuple[Without, ...]:
    """Order by how far the rank moves; falling off the list is farthest."""

    def distance(one: Without) -> float:
        return -abs((float("inf") if one.rank is None else one.rank) - rank)

    return tuple(sorted(found, key=distance))


def _by_source(
    db: Session, viewer: Viewer, as_of: datetime, person_id: int, whole: LeftOut
) -> dict[str, LeftOut]:
    """Collect what each source says, those with the most records first."""
    incidents = whole.incidents | {incident for incident, _, _ in whole.involvements}
    rows = sources_behind(
        db, viewer, as_of, person_id=person_id, incidents=incidents, ties=whole.ties
    )
    said: dict[str, list[LeftOut]] = defaultdict(list)
    for source, table, row in rows:
        said[source].append(_record(table, row))
    largest = sorted(said, key=lambda source: (-len(said[source]), source))[:MOST_SOURCES]
    return {source: LeftOut.all_of(said[source]) for source in largest}


def _record(table: str, row: Any) -> LeftOut:
    match table:
        case "incidents":
            return LeftOut(incidents=frozenset([row.id]))
        case "involvements":
            return LeftOut(involvements=frozenset([(row.incident_id, row.person_id, row.role)]))
        case "ties":
            return LeftOut(ties=frozenset([row.id]))
        case _:
            return LeftOut(memberships=frozenset([(row.person_id, row.group_id)]))


def _kinds(known: Facts, whole: LeftOut) -> list[str]:
    incidents = whole.incidents | {incident for incident, _, _ in whole.involvements}
    of_incidents = zip(known.incidents.id, known.incidents.kind, strict=True)
    of_ties = zip(known.ties.id, known.ties.kind, strict=True)
    kinds = {kind for key, kind in of_incidents if key in incidents}
    return sorted(kinds | {kind for key, kind in of_ties if key in whole.ties})
