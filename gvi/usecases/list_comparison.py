"""What changed between two kept lists of the same score, and why."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from gvi.domain.access import Viewer
from gvi.domain.errors import RuleError
from gvi.domain.facts import Facts
from gvi.domain.list_snapshot import Cause
from gvi.domain.text import N_
from gvi.network.causes import causes, new_incidents
from gvi.network.changed_records import (
    MembershipChange,
    TieChange,
    changed_memberships,
    changed_ties,
    memberships_bearing,
    ties_bearing,
)
from gvi.network.movement import Move, Standing, moves
from gvi.store.queries.list_snapshot import SnapshotEntry, SnapshotRow, snapshot, snapshot_entries
from gvi.usecases.list_snapshot import RANKINGS, facts_then, maker_of, policy_of
from gvi.usecases.policy_preview import standings


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """One person between two lists, and why the score is another."""

    move: Move
    causes: Mapping[Cause, float]
    """Cause to amount in harm units; they add up to the change."""
    incidents: tuple[int, ...]
    """New incidents the person had a part in, by time."""
    ties: tuple[TieChange, ...]
    """Ties that changed, where ties are a cause: the person's own first."""
    memberships: tuple[MembershipChange, ...]
    """Memberships that changed, where groups are a cause: the person's own first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What changed between two kept lists of the same score."""

    before: SnapshotRow
    after: SnapshotRow
    people: tuple[Changed, ...]
    facts: Facts
    """What was known behind the later one."""
    groups: Mapping[int, str]
    """What the groups of either are called."""
    entries: Mapping[int, SnapshotEntry]
    """Everybody on either."""


def age(row: SnapshotRow) -> tuple[datetime, int]:
    """Give what kept lists are put in order by: the moment they are as of, then the number."""
    return row.as_of, row.id


def compare(
    db: Session, viewer: Viewer, first_id: int, second_id: int, *, zone: ZoneInfo
) -> Changes:
    """Say who came, went and moved from the earlier of two kept lists to the later, and why.

    Earlier is what is as of an earlier moment, whichever was kept first. Raises NotFoundError for
    a list the viewer may not see, RuleError for lists of two scores.
    """
    before, after = sorted((snapshot(db, viewer, each) for each in (first_id, second_id)), key=age)
    if before.score != after.score:
        raise RuleError(N_("These are lists of two different scores; compare two of the same."))
    old, new = (facts_then(db, maker_of(viewer, each), each, zone) for each in (before, after))
    ranking = RANKINGS[before.score]
    why = causes(
        (old, policy_of(db, viewer, before)),
        (new, policy_of(db, viewer, after)),
        lambda known, policy: standings(ranking(known, policy)),
    )
    was, now = (
        {entry.person_id: entry for entry in snapshot_entries(db, viewer, each.id)}
        for each in (before, after)
    )
    paired = moves(
        {person: _standing(entry) for person, entry in was.items()},
        {person: _standing(entry) for person, entry in now.items()},
    )
    latest = _new_by_person(old, new)
    ties = ties_bearing(changed_ties(old, new), old, new)
    memberships = memberships_bearing(changed_memberships(old, new), old, new)
    return Changes(
        before=before,
        after=after,
        people=tuple(
            Changed(
                move=move,
                causes=_whole(move, found),
                incidents=latest.get(move.person_id, ()),
                ties=ties.get(move.person_id, ()) if Cause.TIES in found else (),
                memberships=(memberships.get(move.person_id, ()) if Cause.GROUPS in found else ()),
            )
            for move in paired
            for found in [why.get(move.person_id, {})]
        ),
        facts=new,
        groups={
            key: name
            for each in (old, new)
            for key, name in zip(each.groups.id, each.groups.name, strict=True)
        },
        entries={**was, **now},
    )


def _standing(entry: SnapshotEntry) -> Standing:
    return Standing(entry.rank, entry.score, entry.amounts)


def _whole(move: Move, found: Mapping[Cause, float]) -> dict[Cause, float]:
    """Add what no fact that is left explains: facts behind one of the lists were erased since."""
    rest = round(move.change - sum(found.values()), 6)
    return {**found, Cause.ERASED: rest} if rest else dict(found)


def _new_by_person(old: Facts, new: Facts) -> dict[int, tuple[int, ...]]:
    later = new_incidents(old, new)
    occurred = dict(zip(new.incidents.id, new.incidents.occurred_at, strict=True))
    found: dict[int, set[int]] = {}
    for incident, person in zip(new.involvements.incident, new.involvements.person, strict=True):
        if incident in later:
            found.setdefault(person, set()).add(incident)
    return {
        person: tuple(sorted(ids, key=lambda each: (occurred[each], each)))
        for person, ids in found.items()
    }
