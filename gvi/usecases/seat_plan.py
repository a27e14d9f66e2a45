"""The seat plan of a call-in: the room, two who change seats, and who is kept apart by name."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from gvi.domain.access import Viewer, allows
from gvi.domain.call_in import BEFORE_HELD
from gvi.domain.errors import NotFoundError, RuleError
from gvi.domain.seat_plan import (
    MOST_ROWS,
    MOST_WIDTH,
    Guest,
    SeatPlan,
    plan_seats,
    setting_of,
    to_sit_apart,
    usual_room,
)
from gvi.domain.seating import Pair, Room, Seat
from gvi.domain.text import N_
from gvi.store.asked import Asked
from gvi.store.models import CallIn, KeptApart, SeatPlace, SeatRoom
from gvi.store.queries.call_in import CallInCard, call_in_card
from gvi.store.queries.invitee import InviteeRow, invitees, open_conflicts
from gvi.store.queries.membership import groups_of
from gvi.store.queries.seat_plan import (
    ApartRow,
    given_places,
    kept_apart,
    officers_of,
    room_of,
)
from gvi.store.queries.tie import rival_ties
from gvi.usecases.facts import log_change
from gvi.usecases.rights import require, the

WRITE = "seat_plan:write"
OVER = N_("This call-in has been held or cancelled: no seat plan is made of it any more.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Seated:
    """A call-in's seat plan, with what it was made from."""

    card: CallInCard
    session: int
    guests: Mapping[int, InviteeRow]
    """Who gets a seat, by person."""
    officers: Mapping[int, str]
    """Names of the probation officers, by their number."""
    room: Room
    apart: frozenset[Pair]
    kept_apart: tuple[ApartRow, ...]
    setting: int
    """What says that guests, room or rules are others than they were."""
    knows_ties: bool
    """Whether rivals by a recorded tie between the two are kept apart, too: else the viewer may not
    know of them."""
    is_changed: bool
    """Whether somebody changed seats by hand."""
    plan: SeatPlan


def seated(
    db: Session,
    viewer: Viewer,
    call_in_id: int,
    *,
    at: datetime,
    zone: ZoneInfo,
    session: int = 1,
) -> Seated:
    """Arrange whom the roster bears for one session.

    The same for everybody who may see it, but for rivals by a tie they may not know of. Raises
    RuleError once the call-in is not to come: made of what is known today, it would be another one
    than that of the evening.
    """
    require(viewer, "seat_plan:read")
    card = call_in_card(db, viewer, call_in_id)
    if not card.is_to_come:
        raise RuleError(OVER)
    rows = invitees(db, viewer, call_in_id, on=card.starts_at or at, at=at, zone=zone)
    everybody = [row for row in rows if row.is_on_roster]
    guests = {row.person_id: row for row in everybody if row.session == session}
    officers = officers_of(db, viewer, guests.keys())
    room = room_of(db, viewer, call_in_id) or usual_room(_most(everybody))
    pairs, given = kept_apart(db, viewer, call_in_id), given_places(db, viewer, call_in_id, session)
    asked = _asked(db, viewer, guests, officers, Asked.of(None, now=at, zone=zone))
    by_name = [(pair.one_id, pair.other_id) for pair in pairs]
    by_tie = [(one, other) for one, other, _ in rival_ties(db, viewer, guests, at)]
    apart = to_sit_apart(
        asked,
        conflicts=open_conflicts(db, viewer, at),
        keep_apart=frozenset(map(frozenset, (*by_name, *by_tie))),
    )
    return Seated(
        card=card,
        session=session,
        guests=guests,
        officers=dict(officers.values()),
        room=room,
        apart=apart,
        kept_apart=pairs,
        setting=setting_of(asked, room, apart),
        knows_ties=allows(viewer, "tie:read"),
        is_changed=given is not None,
        plan=plan_seats(asked, room, apart=apart, given=given),
    )


def _asked(
    db: Session,
    viewer: Viewer,
    guests: Mapping[int, InviteeRow],
    officers: Mapping[int, tuple[int, str]],
    asked: Asked,
) -> list[Guest]:
    """Give the guests as the arrangement needs them, with every group each is in by now."""
    parts = groups_of(db, viewer, guests, asked)
    return [
        Guest(
            person_id=person,
            group_id=row.group_id,
            groups=frozenset(part.group_id for part in parts.get(person, ())),
            officer_id=officers[person][0] if person in officers else None,
        )
        for person, row in sorted(guests.items())
    ]


def _most(rows: Iterable[InviteeRow]) -> int:
    """Count those in the fullest session: all sessions are held in one room."""
    return max(Counter(row.session for row in rows).values(), default=0)


def set_room(db: Session, viewer: Viewer, call_in_id: int, room: Room, *, at: datetime) -> None:
    """Say how many rows of how many seats there are; places given by hand stay where they fit."""
    call_in = _to_come(db, viewer, call_in_id)
    if not 2 <= room.rows <= MOST_ROWS:
        raise RuleError(N_("Give from 2 to %(most)s rows."), field="rows", most=MOST_ROWS)
    if not 1 <= room.width <= MOST_WIDTH:
        raise RuleError(N_("Give from 1 to %(most)s seats."), field="width", most=MOST_WIDTH)
    held = db.get(SeatRoom, call_in.id)
    if held is None:
        held = SeatRoom(call_in_id=call_in.id, programme_id=viewer.programme_id)
        db.add(held)
    held.rows, held.width = room.rows, room.width
    held.changed_at, held.changed_by_id = at, viewer.user_id
    log_change(db, viewer, "seat_plan:changed", at=at, call_in=call_in.id)


def swap_seats(
    db: Session,
    viewer: Viewer,
    call_in_id: int,
    person_id: int,
    to: Seat,
    *,
    at: datetime,
    zone: ZoneInfo,
    session: int = 1,
) -> None:
    """Put somebody on a seat; who sits there takes theirs. Rules it breaks are said, not enforced.

    Raises RuleError for somebody who has no seat, and for a seat that is none of the clients'.
    """
    call_in = _to_come(db, viewer, call_in_id)
    now = seated(db, viewer, call_in_id, at=at, zone=zone, session=session)
    places = now.plan.places
    if person_id not in places:
        raise RuleError(N_("Choose somebody who has a seat."), field="who")
    if to not in now.room.seats() or to == places[person_id]:
        raise RuleError(N_("Choose another seat of a client’s row."), field="seat")
    there = next((person for person, seat in places.items() if seat == to), None)
    moved = {person_id: to} if there is None else {person_id: to, there: places[person_id]}
    move = _last_move(db, call_in.id) + 1
    for person, seat in ({**places, **moved}).items():
        db.add(
            SeatPlace(
                programme_id=viewer.programme_id,
                call_in_id=call_in.id,
                person_id=person,
                session=session,
                move=move,
                seat_row=seat.row,
                seat_number=seat.number,
                by_hand=person in moved or person in now.plan.by_hand,
                setting=now.setting,
                made_at=at,
                made_by_id=viewer.user_id,
            )
        )
    log_change(db, viewer, "seat_plan:moved", at=at, call_in=call_in.id, person=tuple(moved))


def undo_swap(
    db: Session, viewer: Viewer, call_in_id: int, *, at: datetime, session: int = 1
) -> None:
    """Take the last change of seats by hand in a session back."""
    call_in = _to_come(db, viewer, call_in_id)
    move = _last_move(db, call_in.id, session)
    last = (SeatPlace.call_in_id == call_in.id, SeatPlace.move == move)
    people = tuple(db.scalars(select(SeatPlace.person_id).where(*last).order_by(SeatPlace.id)))
    if not people:
        raise RuleError(N_("No seat was changed by hand."))
    db.execute(delete(SeatPlace).where(*last))
    log_change(db, viewer, "seat_plan:undone", at=at, call_in=call_in.id, person=people)


def keep_apart(
    db: Session,
    viewer: Viewer,
    call_in_id: int,
    pair: tuple[int, int],
    *,
    at: datetime,
    zone: ZoneInfo,
    session: int = 1,
) -> None:
    """Say that two of a session are to sit apart, whatever their groups are."""
    call_in = _to_come(db, viewer, call_in_id)
    one, other = sorted(pair)
    now = seated(db, viewer, call_in_id, at=at, zone=zone, session=session)
    if one == other or not {one, other} <= now.guests.keys():
        raise RuleError(N_("Choose two different people."), field="other")
    if (one, other) in {(row.one_id, row.other_id) for row in now.kept_apart}:
        raise RuleError(N_("They are kept apart already."), field="other")
    db.add(
        KeptApart(
            programme_id=viewer.programme_id,
            call_in_id=call_in.id,
            person_a_id=one,
            person_b_id=other,
            made_at=at,
            made_by_id=viewer.user_id,
        )
    )
    log_change(db, viewer, "seat_plan:changed", at=at, call_in=call_in.id, person=(one, other))


def let_sit(db: Session, viewer: Viewer, call_in_id: int, apart_id: int, *, at: datetime) -> None:
    """Say that two need not sit apart any more."""
    call_in = _to_come(db, viewer, call_in_id)
    pair = the(db, viewer, KeptApart, apart_id, WRITE)
    if pair.call_in_id != call_in.id:
        raise NotFoundError(N_("There is no such record, or it is not for you."))
    people = (pair.person_a_id, pair.person_b_id)
    db.delete(pair)
    log_change(db, viewer, "seat_plan:changed", at=at, call_in=call_in.id, person=people)


def _to_come(db: Session, viewer: Viewer, call_in_id: int) -> CallIn:
    call_in = the(db, viewer, CallIn, call_in_id, WRITE)
    if call_in.status not in BEFORE_HELD:
        raise RuleError(N_("This call-in has been held or cancelled; that cannot be changed now."))
    return call_in


def _last_move(db: Session, call_in_id: int, session: int | None = None) -> int:
    """Give the number of the last change by hand, in all sessions or in one; 0 for none."""
    moves = select(func.max(SeatPlace.move)).where(SeatPlace.call_in_id == call_in_id)
    if session is not None:
        moves = moves.where(SeatPlace.session == session)
    return db.execute(moves).scalar_one() or 0
