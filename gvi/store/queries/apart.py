"""Who of a call-in's invitees is to be kept apart from whom, and whether they would meet."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from gvi.domain.access import Viewer
from gvi.domain.call_in_session import Apart
from gvi.store.asked import Asked
from gvi.store.queries.call_in import CallInCard
from gvi.store.queries.invitee import InviteeRow, open_conflicts
from gvi.store.queries.membership import groups_of
from gvi.store.queries.seat_plan import kept_apart
from gvi.store.queries.tie import rival_ties


@dataclass(frozen=True, slots=True, kw_only=True)
class ApartPair:
    """Two invitees who are to be kept apart, and why."""

    one: InviteeRow
    other: InviteeRow
    causes: tuple[Apart, ...]
    groups: tuple[tuple[int, int], ...]
    """The pairs of groups in open conflict between them, the smaller number first."""
    group_names: Mapping[int, str]
    """Of those groups."""

    @property
    def meets(self) -> bool:
        """Whether they sit in one session."""
        return self.one.session == self.other.session


def apart_pairs(
    db: Session,
    viewer: Viewer,
    card: CallInCard,
    rows: Sequence[InviteeRow],
    *,
    at: datetime,
    zone: ZoneInfo,
) -> tuple[ApartPair, ...]:
    """List who of those that take a seat is to be kept apart, as far as the viewer may know.

    Groups in conflict are those they are in now and the one each is asked for. Who may not read
    ties is told of none.
    """
    return pairs_apart(db, viewer, card.id, rows, at=at, zone=zone)


def pairs_apart(
    db: Session,
    viewer: Viewer,
    call_in_id: int,
    rows: Sequence[InviteeRow],
    *,
    at: datetime,
    zone: ZoneInfo,
) -> tuple[ApartPair, ...]:
    """List the same by the number of a call-in the viewer has been found to see."""
    coming = [row for row in rows if row.takes_a_seat]
    people = [row.person_id for row in coming]
    by_name = {
        frozenset((pair.one_id, pair.other_id)) for pair in kept_apart(db, viewer, call_in_id)
    }
    by_tie = {frozenset((one, other)) for one, other, _ in rival_ties(db, viewer, people, at)}
    conflicts = open_conflicts(db, viewer, at)
    groups = _groups(db, viewer, coming, at, zone) if conflicts else {}
    found = []
    for one, other in combinations(coming, 2):
        pair = frozenset((one.person_id, other.person_id))
        mine, theirs = groups.get(one.person_id, {}), groups.get(other.person_id, {})
        between = _between(mine, theirs, conflicts)
        holds = {
            Apart.GROUPS: bool(between),
            Apart.BY_NAME: pair in by_name,
            Apart.TIE: pair in by_tie,
        }
        why = tuple(cause for cause in Apart if holds[cause])
        if why:
            names = {**mine, **theirs} if between else {}
            found.append(
                ApartPair(one=one, other=other, causes=why, groups=between, group_names=names)
            )
    return tuple(found)


def _groups(
    db: Session, viewer: Viewer, coming: Sequence[InviteeRow], at: datetime, zone: ZoneInfo
) -> dict[int, dict[int, str]]:
    """Name the groups each is in now, and the one each is asked for."""
    people = [row.person_id for row in coming]
    parts = groups_of(db, viewer, people, Asked.of(None, now=at, zone=zone))
    found = {}
    for row in coming:
        found[row.person_id] = {part.group_id: part.name for part in parts.get(row.person_id, ())}
        if row.group_id is not None:
            found[row.person_id].setdefault(row.group_id, row.group)
    return found


def _between(
    mine: Mapping[int, str], theirs: Mapping[int, str], conflicts: frozenset[frozenset[int]]
) -> tuple[tuple[int, int], ...]:
    pairs = {(min(a, b), max(a, b)) for a in mine for b in theirs if frozenset((a, b)) in conflicts}
    return tuple(sorted(pairs))
