"""Before somebody is seated: whom they would meet, who accepted that, which seats are free."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from gvi.domain.access import Viewer, allows
from gvi.domain.call_in import TAKES_A_SEAT, InviteeStatus
from gvi.domain.call_in_session import Apart
from gvi.domain.errors import RuleError
from gvi.domain.group import RelationKind
from gvi.domain.text import N_
from gvi.store.known import known
from gvi.store.models import CallIn, GroupRelation, Invitee, StatusChange
from gvi.store.queries.apart import ApartPair, apart_pairs
from gvi.store.queries.call_in import CallInCard, call_in_card
from gvi.store.queries.invitee import InviteeRow, invitees
from gvi.store.queries.rights import visible
from gvi.store.queries.seat_plan import kept_apart
from gvi.store.queries.tie import rival_ties
from gvi.usecases.changes import status_changed
from gvi.usecases.plan import Ground

RIVALS = "rivals"
"""The field of a status change that says: these groups in open conflict may meet, and why."""
MEETS = "meets"
"""The field of an invitee's change that says: in this session, meets one they are apart from."""


def accepted_rivals(db: Session, viewer: Viewer, call_in_id: int) -> frozenset[frozenset[int]]:
    """Give the pairs of groups in open conflict that a named person has let meet.

    What was accepted before a conflict broke out or became known does not count for it.
    """
    change, r = StatusChange.__table__.c, known(GroupRelation, None)
    rows = db.execute(
        select(change.new, change.changed_at)
        .where(change.thing == "call_in", change.thing_id == call_in_id, change.field == RIVALS)
        .order_by(change.id)
    )
    accepted = {frozenset(int(part) for part in row.new.split("-")): row.changed_at for row in rows}
    conflicts = db.execute(
        select(r.c.group_a_id, r.c.group_b_id, r.c.recorded_at, r.c.valid_from).where(
            visible(r.c, viewer, "group_relation:read"),
            r.c.kind == RelationKind.OPEN_CONFLICT.value,
        )
    )
    newer = {
        pair
        for row in conflicts
        if (pair := frozenset((row.group_a_id, row.group_b_id))) in accepted
        and max(row.recorded_at, row.valid_from or row.recorded_at) > accepted[pair]
    }
    return frozenset(accepted.keys() - newer)


def seats_of(card: CallInCard) -> int:
    """Give how many seats each session has: they share all of them evenly."""
    return -(-card.seats // len(card.sessions))


def seated_in(rows: Sequence[InviteeRow]) -> Counter[int]:
    """Count who takes a seat in each session."""
    return Counter(row.session for row in rows if row.takes_a_seat)


def meeting(
    db: Session,
    viewer: Viewer,
    card: CallInCard,
    rows: Sequence[InviteeRow],
    seated: InviteeRow,
    *,
    at: datetime,
    zone: ZoneInfo,
) -> list[ApartPair]:
    """Give whom somebody would meet, seated so, of those they are kept apart from."""
    then = [seated if each.id == seated.id else each for each in rows]
    return [
        pair
        for pair in apart_pairs(db, viewer, card, then, at=at, zone=zone)
        if pair.meets and seated.id in (pair.one.id, pair.other.id)
    ]


def unaccepted(
    db: Session, viewer: Viewer, card: CallInCard, meets: Sequence[ApartPair]
) -> list[ApartPair]:
    """Leave out those who are apart only as groups whose meeting was accepted for this call-in."""
    before = accepted_rivals(db, viewer, card.id)
    return [
        pair
        for pair in meets
        if set(pair.causes) != {Apart.GROUPS}
        or any(frozenset(each) not in before for each in pair.groups)
    ]


def others_of(row: InviteeRow, pairs: Sequence[ApartPair]) -> str:
    """Name the others of some pairs."""
    return ", ".join((pair.other if pair.one.id == row.id else pair.one).name for pair in pairs)


def meeting_anew(
    db: Session, viewer: Viewer, call_in_id: int, session_of: Mapping[int, int], *, at: datetime
) -> tuple[tuple[int, int], ...]:
    """Give the people seated so who would meet, did not before, and are apart by name or by a tie.

    None where the call-in has one session and had no other: there, places keep two people apart.
    """
    rows = db.execute(
        select(Invitee.person_id, Invitee.session).where(
            Invitee.call_in_id == call_in_id, Invitee.status.in_(sorted(TAKES_A_SEAT))
        )
    )
    before = {row.person_id: row.session for row in rows}
    if {*before.values(), *session_of.values()} <= {1} and _sessions(db, call_in_id) == 1:
        return ()
    pairs = {(pair.one_id, pair.other_id) for pair in kept_apart(db, viewer, call_in_id)}
    pairs |= {(one, other) for one, other, _ in rival_ties(db, viewer, session_of, at)}
    return tuple(
        (one, other)
        for one, other in sorted({(min(pair), max(pair)) for pair in pairs})
        if one in session_of
        and session_of[one] == session_of.get(other)
        and (one not in before or before[one] != before.get(other))
    )


def _sessions(db: Session, call_in_id: int) -> int:
    return db.scalars(select(CallIn.sessions).where(CallIn.id == call_in_id)).one()


def accept_rivals(
    db: Session,
    viewer: Viewer,
    call_in: CallIn,
    stood_on: Ground,
    session_of: Mapping[int, int],
    *,
    reason: str,
    at: datetime,
) -> None:
    """Let groups in open conflict meet where a person says why; nobody asks twice."""
    before = accepted_rivals(db, viewer, call_in.id)
    pairs = [pair for pair in stood_on.rivals_meeting(session_of) if frozenset(pair) not in before]
    if not pairs:
        return
    if not reason.strip():
        known = stood_on.facts.groups
        names = dict(zip(known.id, known.name, strict=True))
        raise RuleError(
            N_(
                "%(one)s and %(other)s are in open conflict and would meet. "
                "Say why that is accepted, or untick one side."
            ),
            field="rivals_reason",
            one=names[pairs[0][0]],
            other=names[pairs[0][1]],
        )
    for one, other in pairs:
        status_changed(
            db,
            viewer,
            "call_in",
            call_in.id,
            old=None,
            new=f"{one}-{other}",
            at=at,
            reason=reason.strip(),
            field=RIVALS,
        )


def why_they_meet(stood_on: Ground, pairs: Sequence[tuple[int, int]], reason: str) -> str:
    """Give why people who are kept apart may meet; nobody lets them without saying it."""
    said = reason.strip()
    if pairs and not said:
        known = stood_on.facts.persons
        names = dict(zip(known.id, known.code_name, strict=True))
        raise RuleError(
            N_(
                "%(one)s and %(other)s are to be kept apart and would meet. "
                "Say why that is accepted, or untick one of them."
            ),
            field="rivals_reason",
            one=names[pairs[0][0]],
            other=names[pairs[0][1]],
        )
    return said


def keep_why_they_meet(
    db: Session, viewer: Viewer, invitee: Invitee, *, at: datetime, reason: str
) -> None:
    """Keep why somebody may meet whom they are kept apart from; with the invitee, as by hand.

    Never with the call-in, whose history also those read who may not know of ties.
    """
    db.flush()
    new = str(invitee.session)
    status_changed(
        db, viewer, "invitee", invitee.id, old=None, new=new, at=at, reason=reason, field=MEETS
    )


def check_comes_back(
    db: Session,
    viewer: Viewer,
    call_in_id: int,
    invitee_id: int,
    *,
    at: datetime,
    zone: ZoneInfo,
) -> None:
    """Refuse to propose somebody again where that is for whoever plans, who can say why.

    They would meet somebody they are kept apart from, their session is full, or it is no longer
    held and the viewer may not know of all they would meet in another.
    """
    card = call_in_card(db, viewer, call_in_id)
    rows = invitees(db, viewer, card, at=at, zone=zone)
    row = next(each for each in rows if each.id == invitee_id)
    session = min(row.session, len(card.sessions))
    if session != row.session and not allows(viewer, "invitee_session:write"):
        raise RuleError(
            N_(
                "The session of %(name)s is no longer held:"
                " whoever plans the call-in proposes them for another."
            ),
            name=row.name,
        )
    if seated_in(rows)[session] >= seats_of(card):
        raise RuleError(
            N_("Session %(session)s is full: %(name)s is proposed in the planner for another."),
            session=session,
            name=row.name,
        )
    back = replace(row, session=session, status=InviteeStatus.PROPOSED)
    new = unaccepted(db, viewer, card, meeting(db, viewer, card, rows, back, at=at, zone=zone))
    if len(card.sessions) == 1 and session == row.session:  # There, places keep two people apart.
        new = [pair for pair in new if Apart.GROUPS in pair.causes]
    if new:
        raise RuleError(
            N_(
                "%(name)s would meet whom they are kept apart from: %(others)s."
                " Propose them in the planner, and say there why that is accepted."
            ),
            name=row.name,
            others=others_of(row, new),
        )
