"""The seat plan of a call-in: the room, two who change seats, and who is kept apart by name."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from gvi.domain.access import Role, Viewer, allows
from gvi.domain.call_in import BEFORE_HELD
from gvi.domain.errors import NotFoundError, RuleError
from gvi.domain.seat_plan import (
    MOST_ROWS,
    MOST_WIDTH,
    Given,
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
    Look,
    given_places,
    kept_apart,
    last_look,
    officers_of,
    room_of,
)
from gvi.store.queries.tie import rival_ties
from gvi.store.wall import behind_the_wall
from gvi.usecases.facts import log_change
from gvi.usecases.rights import require, the

WRITE = "seat_plan:write"
LOOK = "seat_plan_look:write"
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
    look: Look | None
    """When the police last let a plan of the session stand, and whether that holds."""
    is_changed: bool
    """Whether somebody changed seats by hand, or let them stand."""
    plan: SeatPlan

    @property
    def is_let_stand(self) -> bool:
        """Whether the police let the plan stand, and it is still that plan."""
        return self.look is not None and self.look.holds


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

    The same for everybody who may see it once the police have looked at it; before that, but for
    rivals by a tie the viewer may not know of. Raises RuleError once the call-in is not to come:
    made of what is known today, it would be another one than that of the evening.
    """
    require(viewer, "seat_plan:read")
    card = call_in_card(db, viewer, call_in_id)
    if not card.is_to_come:
        raise RuleError(OVER)
    rows = invitees(db, viewer, card, at=at, zone=zone)
    everybody = [row for row in rows if row.is_on_roster]
    guests = {row.person_id: row for row in everybody if row.session == session}
    officers = officers_of(db, viewer, guests.keys())
    pairs = kept_apart(db, viewer, call_in_id)
    ground = _Ground(
        guests=guests,
        officers={person: number for person, (number, _) in officers.items()},
        room=room_of(db, viewer, call_in_id) or usual_room(_most(everybody)),
        pairs=pairs,
        now=Asked.of(None, now=at, zone=zone),
    )
    asked, apart, setting = _worked_out(db, viewer, ground)
    given, look = _given(db, viewer, (call_in_id, session), ground, setting)
    return Seated(
        card=card,
        session=session,
        guests=guests,
        officers=dict(officers.values()),
        room=ground.room,
        apart=apart,
        kept_apart=pairs,
        setting=setting,
        knows_ties=allows(viewer, "tie:read"),
        look=look,
        is_changed=given is not None,
        plan=plan_seats(asked, ground.room, apart=apart, given=given, setting=setting),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ground:
    """What a plan is worked out from."""

    guests: Mapping[int, InviteeRow]
    officers: Mapping[int, int]
    room: Room
    pairs: tuple[ApartRow, ...]
    now: Asked


def _worked_out(
    db: Session, viewer: Viewer, ground: _Ground
) -> tuple[list[Guest], frozenset[Pair], int]:
    """Give the guests, with every group each is in by now, who is to sit apart, and the setting.

    As far as the viewer may know of groups and ties.
    """
    parts = groups_of(db, viewer, ground.guests, ground.now)
    asked = [
        Guest(
            person_id=person,
            group_id=row.group_id,
            groups=frozenset(part.group_id for part in parts.get(person, ())),
            officer_id=ground.officers.get(person),
        )
        for person, row in sorted(ground.guests.items())
    ]
    at = ground.now.at
    by_name = [frozenset((pair.one_id, pair.other_id)) for pair in ground.pairs]
    by_tie = [
        frozenset((one, other)) for one, other, _ in rival_ties(db, viewer, ground.guests, at)
    ]
    of_groups = to_sit_apart(asked, conflicts=open_conflicts(db, viewer, at), keep_apart=())
    of_names = frozenset(pair for pair in by_name if pair <= ground.guests.keys())
    of_ties = frozenset(by_tie)
    setting = setting_of(asked, ground.room, of_groups, of_names, of_ties)
    return asked, of_groups | of_names | of_ties, setting


def _given(
    db: Session, viewer: Viewer, where: tuple[int, int], ground: _Ground, setting: int
) -> tuple[Given | None, Look | None]:
    """Give the places kept last, and whether the police's look at them holds.

    While it does, everybody sits so for whoever asks, whichever rivals they may know of.
    """
    given, look = given_places(db, viewer, *where), last_look(db, viewer, *where)
    if given is None or look is None or not look.holds:
        return given, look
    with behind_the_wall(db, "whether the police's look still holds is a yes or no"):
        police = replace(viewer, role=Role.COORDINATOR_POLICE)
        _, _, whole = _worked_out(db, police, ground)
    holds = given.setting == whole
    return replace(given, setting=setting if holds else given.setting), replace(look, holds=holds)


def _most(rows: Iterable[InviteeRow]) -> int:
    """Count those in the fullest session: all sessions are held in one room."""
    return max(Counter(row.session for row in rows).values(), default=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnSeat:
    """Where one's own client sits; the seat behind, one row back, is for their officer."""

    person_id: int
    name: str
    session: int
    seat: Seat | None
    """None while the police have let no plan stand."""
    is_behind: bool
    """Whether the viewer sits there; else, as of several clients behind another, a colleague."""


def own_seats(
    db: Session, viewer: Viewer, call_in_id: int, *, at: datetime, zone: ZoneInfo
) -> tuple[OwnSeat, ...]:
    """Say where the viewer's own clients sit, and nothing of anybody else.

    Only from a plan the police let stand: it moves nobody while somebody is told where to sit.
    """
    card = call_in_card(db, viewer, call_in_id)
    if not card.is_to_come or not allows(viewer, "own_seat:read"):
        return ()
    rows = invitees(db, viewer, card, at=at, zone=zone)
    mine = [row for row in rows if row.is_on_roster]
    police = replace(viewer, role=Role.COORDINATOR_POLICE)
    with behind_the_wall(db, "of the whole plan the own clients' seats are told, and no others"):
        plans = {
            number: seated(db, police, call_in_id, at=at, zone=zone, session=number)
            for number in {row.session for row in mine}
        }
    return tuple(_own_seat(viewer, row, plans[row.session]) for row in mine)


def _own_seat(viewer: Viewer, row: InviteeRow, now: Seated) -> OwnSeat:
    return OwnSeat(
        person_id=row.person_id,
        name=row.name,
        session=row.session,
        seat=now.plan.places.get(row.person_id) if now.is_let_stand else None,
        is_behind=now.plan.officers.get(row.person_id) == viewer.user_id,
    )


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
    by_hand = now.plan.by_hand | moved.keys()
    _keep(db, viewer, now, {**places, **moved}, by_hand=by_hand, at=at)
    log_change(db, viewer, "seat_plan:moved", at=at, call_in=call_in.id, person=tuple(moved))


def look_at_plan(
    db: Session,
    viewer: Viewer,
    call_in_id: int,
    *,
    at: datetime,
    zone: ZoneInfo,
    session: int = 1,
) -> None:
    """Let a session's plan stand as it is: by the police, who know every rival.

    It is then the same for everybody, until a place, the guests, the room or a rule changes.
    """
    require(viewer, LOOK)
    call_in = _to_come(db, viewer, call_in_id)
    now = seated(db, viewer, call_in_id, at=at, zone=zone, session=session)
    if not now.plan.places:
        raise RuleError(N_("There is no plan yet that could stand."))
    if now.is_let_stand:
        raise RuleError(N_("The police have looked at this plan already."))
    plan = now.plan
    _keep(db, viewer, now, plan.places, by_hand=plan.by_hand, at=at, is_let_stand=True)
    people = tuple(plan.places)
    log_change(db, viewer, "seat_plan:looked_at", at=at, call_in=call_in.id, person=people)


def _keep(
    db: Session,
    viewer: Viewer,
    now: Seated,
    places: Mapping[int, Seat],
    *,
    by_hand: Collection[int],
    at: datetime,
    is_let_stand: bool = False,
) -> None:
    """Keep where everybody sits from now on, and for which guests, room and rules."""
    move = _last_move(db, now.card.id) + 1
    for person, seat in places.items():
        db.add(
            SeatPlace(
                programme_id=viewer.programme_id,
                call_in_id=now.card.id,
                person_id=person,
                session=now.session,
                move=move,
                seat_row=seat.row,
                seat_number=seat.number,
                by_hand=person in by_hand,
                setting=now.setting,
                is_let_stand=is_let_stand,
                made_at=at,
                made_by_id=viewer.user_id,
            )
        )


def undo_swap(
    db: Session, viewer: Viewer, call_in_id: int, *, at: datetime, session: int = 1
) -> None:
    """Take the last change of seats by hand, or the last look at them, in a session back."""
    call_in = _to_come(db, viewer, call_in_id)
    move = _last_move(db, call_in.id, session)
    last = (SeatPlace.call_in_id == call_in.id, SeatPlace.move == move)
    places = db.scalars(select(SeatPlace).where(*last).order_by(SeatPlace.id)).all()
    if not places:
        raise RuleError(N_("No seat was changed by hand."))
    if places[0].is_let_stand and not allows(viewer, LOOK):
        raise RuleError(
            N_("The police let this plan stand: only they take that back. Change a seat instead.")
        )
    people = tuple(place.person_id for place in places)
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
