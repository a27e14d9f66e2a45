"""What a person's rank would be without one source, one record or one kind of record."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from gvi.domain.access import Viewer
from gvi.domain.errors import NotFoundError
from gvi.domain.facts import Facts
from gvi.network.leave_out import LeftOut
from gvi.network.records_behind import RecordsBehind
from gvi.network.smallest_change import Change, smallest_change
from gvi.store.facts import count_facts, facts, knows_person
from gvi.store.queries.source import sources_behind
from gvi.usecases.policy import in_force
from gvi.usecases.ranking import NO_SUCH_PERSON, person_place

MOST_WAITED_FOR = 300_000
"""Ties and involvements for which somebody may wait: some three seconds, of a city one."""
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
    known = facts(db, viewer, as_of, zone)
    person_place(known, person_id)
    behind = RecordsBehind(known, in_force(db, viewer), person_id, score=score)
    records = behind.records()[:MOST_RECORDS]
    whole = LeftOut.all_of(records)
    sources = _by_source(db, viewer, as_of, person_id, whole)
    kinds = {kind: LeftOut(kinds=frozenset([kind])) for kind in _kinds(known, whole)}
    return WhatIf(
        facts=known,
        rank=behind.rank,
        sources=_without(behind, sources.items()),
        records=_without(behind, [("", record) for record in records]),
        kinds=_without(behind, kinds.items()),
        top=top,
        smallest=smallest_change(behind, top=top),
    )


def is_worth_waiting(db: Session, viewer: Viewer, as_of: datetime, person_id: int) -> bool:
    """Tell whether all this is tried while somebody waits, counting what the viewer may know.

    Raises NotFoundError for somebody the viewer may not see, NotAllowedError for a role that may
    not receive scores.
    """
    if not knows_person(db, viewer, as_of, person_id):
        raise NotFoundError(NO_SUCH_PERSON)
    return count_facts(db, viewer, as_of) <= MOST_WAITED_FOR


def _without(behind: RecordsBehind, named: Iterable[tuple[str, LeftOut]]) -> tuple[Without, ...]:
    """Give the rank without each choice, ordered by how far it moves; off the list is farthest."""
    named = list(named)
    standings = behind.standings(left_out for _, left_out in named)
    found = [
        Without(name=name, left_out=left_out, rank=standing.rank)
        for (name, left_out), standing in zip(named, standings, strict=True)
    ]

    def distance(one: Without) -> float:
        return -abs((float("inf") if one.rank is None else one.rank) - behind.rank)

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
