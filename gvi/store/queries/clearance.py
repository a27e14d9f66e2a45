"""How far each invitee of a call-in is cleared, by whom, and what asks for another look."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Select, and_, select
from sqlalchemy.orm import Session

from gvi.domain.access import Viewer, allows
from gvi.domain.call_in import BEFORE_HELD
from gvi.domain.clearance import LATELY, RIGHT_TO_JUDGE, ClearanceKind, LookAgain, missing
from gvi.domain.group import RelationKind
from gvi.store.known import known, valid_at
from gvi.store.models import (
    CallIn,
    CallInSession,
    Clearance,
    DueChange,
    GroupRelation,
    Invitee,
    StatusChange,
    User,
)
from gvi.store.queries.apart import ApartPair, pairs_apart
from gvi.store.queries.invitee import InviteeRow
from gvi.store.queries.rights import visible
from gvi.store.queries.tie import rival_ties
from gvi.store.queries.violence import violence_known


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """One judgement; the reason is blank for whoever does not judge that kind."""

    id: int
    kind: ClearanceKind
    is_cleared: bool
    reason: str
    was_joint: bool
    judged_at: datetime
    judged_by: str
    counts: bool
    """Whether no other took its place since."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cleared:
    """Where one invitee stands: the judgements, those that count first, and what is missing."""

    judgements: tuple[Judgement, ...] = ()
    look_again: tuple[LookAgain, ...] = ()
    """Why the yes to safety is to be looked at again; for those who judge it."""

    def counting(self, kind: ClearanceKind) -> Judgement | None:
        """Give the judgement of a kind that counts; None where it was not judged."""
        return next((each for each in self.judgements if each.kind is kind and each.counts), None)

    @property
    def missing(self) -> tuple[ClearanceKind, ...]:
        """What was not judged yet, or judged with a no."""
        return missing({each.kind for each in self.judgements if each.counts and each.is_cleared})

    @property
    def refused(self) -> tuple[ClearanceKind, ...]:
        """What was judged with a no."""
        return tuple(each.kind for each in self.judgements if each.counts and not each.is_cleared)


NOT_JUDGED = Cleared()


def clearances(
    db: Session, viewer: Viewer, rows: Sequence[InviteeRow], *, at: datetime, zone: ZoneInfo
) -> dict[int, Cleared]:
    """Give for each of some invitees of one call-in where they stand; empty without the right."""
    if not allows(viewer, "clearance:read"):
        return {}
    found = _judgements(db, viewer, [row.id for row in rows])
    again = _look_again(db, viewer, rows, found, at=at, zone=zone)
    return {
        row.id: Cleared(judgements=tuple(found.get(row.id, ())), look_again=again.get(row.id, ()))
        for row in rows
    }


def _judgements(
    db: Session, viewer: Viewer, invitee_ids: Iterable[int]
) -> dict[int, list[Judgement]]:
    c = Clearance.__table__.c
    rows = db.execute(
        select(*c, User.display_name)
        .join_from(Clearance, Invitee, Invitee.id == c.invitee_id)
        .join(CallIn, CallIn.id == Invitee.call_in_id)
        .outerjoin(User, User.id == c.judged_by_id)
        .where(
            visible(
                CallIn.__table__.c,
                viewer,
                "clearance:read",
                person=Invitee.__table__.c.person_id,
            ),
            c.invitee_id.in_(sorted(invitee_ids)),
        )
        .order_by(c.ended_at.is_not(None), c.judged_at.desc(), c.id.desc())
    )
    found: dict[int, list[Judgement]] = defaultdict(list)
    for row in rows:
        kind = ClearanceKind(row.kind)
        found[row.invitee_id].append(
            Judgement(
                id=row.id,
                kind=kind,
                is_cleared=row.is_cleared,
                reason=row.reason if allows(viewer, RIGHT_TO_JUDGE[kind]) else "",
                was_joint=row.was_joint,
                judged_at=row.judged_at,
                judged_by=row.display_name or "",
                counts=row.ended_at is None,
            )
        )
    return found


def _look_again(
    db: Session,
    viewer: Viewer,
    rows: Sequence[InviteeRow],
    found: Mapping[int, Sequence[Judgement]],
    *,
    at: datetime,
    zone: ZoneInfo,
) -> dict[int, tuple[LookAgain, ...]]:
    """Say whose yes to safety is older than violence, a conflict or a move of the call-in.

    A conflict is new where it became known since, and where a rival came to the same session.
    It asks until somebody judges anew, for as long as the call-in is to come.
    """
    if not allows(viewer, RIGHT_TO_JUDGE[ClearanceKind.SAFETY]):
        return {}
    judged = {
        row.id: each.judged_at
        for row in rows
        for each in found.get(row.id, ())
        if each.counts and each.is_cleared and each.kind is ClearanceKind.SAFETY
    }
    here = [row for row in rows if row.takes_a_seat]
    if not judged or not here:
        return {}
    call_in, moved = _occasion(db, here[0].id)
    if call_in is None:
        return {}
    violence = violence_known(db, viewer, min(judged.values()) - LATELY, at)
    seated, timed = _moved_over(db, here), _session_moves(db, here)
    pairs = pairs_apart(db, viewer, call_in, here, at=at, zone=zone)
    conflict = _conflicts(db, viewer, here, pairs, seated, at=at)

    def why(row: InviteeRow) -> tuple[LookAgain, ...]:
        since = judged[row.id]
        mine = {("person", row.person_id), ("group", row.group_id)}
        since_when = {
            LookAgain.VIOLENCE: [
                when for what, when, done in violence if what in mine and done >= since - LATELY
            ],
            LookAgain.CONFLICT: conflict[row.id],
            LookAgain.POSTPONED: moved,
            LookAgain.SESSION: [
                when for when in seated[row.id] + timed[row.id] if when not in moved
            ],
        }
        return tuple(cause for cause, at in since_when.items() if max(at, default=since) > since)

    return {row.id: why(row) for row in here if row.id in judged}


def _occasion(db: Session, invitee_id: int) -> tuple[int | None, list[datetime]]:
    """Give an invitee's call-in, None unless it is to come, and when it was moved."""
    rows = db.execute(
        select(CallIn.id, CallIn.status, DueChange.changed_at)
        .join_from(Invitee, CallIn, CallIn.id == Invitee.call_in_id)
        .outerjoin(
            DueChange,
            and_(
                DueChange.thing == "call_in",
                DueChange.thing_id == CallIn.id,
                DueChange.old_due_at.is_not(None),
            ),
        )
        .where(Invitee.id == invitee_id)
    ).all()
    is_to_come = rows[0].status in BEFORE_HELD
    return rows[0].id if is_to_come else None, [row.changed_at for row in rows if row.changed_at]


def _moved_over(db: Session, here: Sequence[InviteeRow]) -> dict[int, list[datetime]]:
    """Give when each invitee came to sit in another session."""
    s = StatusChange.__table__.c
    ids = [row.id for row in here]
    return _by_invitee(
        db,
        select(s.thing_id, s.changed_at).where(
            s.thing == "invitee", s.field.in_(("session", "seated")), s.thing_id.in_(ids)
        ),
    )


def _session_moves(db: Session, here: Sequence[InviteeRow]) -> dict[int, list[datetime]]:
    """Give when each invitee's own session was given another time."""
    d, t = DueChange.__table__.c, CallInSession.__table__.c
    ids = [row.id for row in here]
    return _by_invitee(
        db,
        select(Invitee.id, d.changed_at)
        .join(
            CallInSession,
            and_(t.call_in_id == Invitee.call_in_id, t.number == Invitee.session),
        )
        .join(DueChange, and_(d.thing == "call_in_session", d.thing_id == t.id))
        .where(Invitee.id.in_(ids), d.old_due_at.is_not(None)),
    )


def _by_invitee(db: Session, query: Select[Any]) -> dict[int, list[datetime]]:
    found: dict[int, list[datetime]] = defaultdict(list)
    for invitee, when in db.execute(query):
        found[invitee].append(when)
    return found


def _conflicts(
    db: Session,
    viewer: Viewer,
    here: Sequence[InviteeRow],
    pairs: Sequence[ApartPair],
    seated: Mapping[int, Sequence[datetime]],
    *,
    at: datetime,
) -> dict[int, list[datetime]]:
    """Give when each invitee's conflicts with others became known, or the other was moved in."""
    people = {row.person_id for row in here}
    ties = {frozenset((a, b)): since for a, b, since in rival_ties(db, viewer, people, at)}
    relations = _open_since(db, viewer, at)
    found: dict[int, list[datetime]] = defaultdict(list)
    for pair in pairs:
        tie = ties.get(frozenset((pair.one.person_id, pair.other.person_id)))
        since = [relations[frozenset(two)] for two in pair.groups] + ([tie] if tie else [])
        for row, other in ((pair.one, pair.other), (pair.other, pair.one)):
            found[row.id] += since
            found[row.id] += seated.get(other.id, ()) if pair.meets else ()
    return found


def _open_since(db: Session, viewer: Viewer, at: datetime) -> dict[frozenset[int], datetime]:
    """Give the groups in open conflict, with the moment each conflict became known last."""
    r = known(GroupRelation, None)
    rows = db.execute(
        select(r.c.group_a_id, r.c.group_b_id, r.c.recorded_at)
        .where(
            visible(r.c, viewer, "group_relation:read"),
            r.c.kind == RelationKind.OPEN_CONFLICT.value,
            *valid_at(r, at),
        )
        .order_by(r.c.recorded_at)
    )
    return {frozenset((row.group_a_id, row.group_b_id)): row.recorded_at for row in rows}
