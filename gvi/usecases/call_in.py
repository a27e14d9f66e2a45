"""Call-ins: draft one, approve it, take it step by step to its close, postpone or cancel it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from gvi.domain.access import Viewer
from gvi.domain.action import ActionKind
from gvi.domain.calendar import event_status
from gvi.domain.call_in import AWAITS_OUTCOME, NEXT_STATUS, TICKED, CallInStatus, InviteeStatus
from gvi.domain.call_in_session import SessionTime, too_early
from gvi.domain.errors import NotAllowedError, RuleError
from gvi.domain.speaker import MOST_MINUTES
from gvi.domain.text import N_
from gvi.store.models import CallIn, CallInGroup, Group, Invitee
from gvi.store.queries.call_in_session import session_times
from gvi.usecases.call_in_session import (
    calendars_change,
    check_none_begun,
    later_sessions,
    move_sessions,
    papers_change,
    set_starts,
    set_times,
)
from gvi.usecases.changes import due_moved, reasoned, status_changed
from gvi.usecases.facts import log_change
from gvi.usecases.follow_up import (
    book_afterwards,
    drop_follow_ups,
    move_follow_ups,
    open_follow_ups,
)
from gvi.usecases.invitee import ask_again, may_be_asked, move_invitee, must_be_to_come
from gvi.usecases.preparation import (
    book_preparation,
    drop_preparation,
    finish_preparation,
    move_preparation,
)
from gvi.usecases.rights import require, the
from gvi.usecases.speaker import rehearse_anew

NOUN = "call_in"
MOST_SEATS = 200
FURTHEST = timedelta(days=2 * 366)
"""Nobody plans further ahead: such a year is a slip of the finger."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """What a call-in is about, as it is typed."""

    name: str
    venue: str
    purpose: str
    seats: int
    group_ids: Collection[int]


def add_call_in(
    db: Session, viewer: Viewer, outline: Outline, *, starts_at: datetime | None, at: datetime
) -> CallIn:
    """Draft a call-in for some groups; nobody is invited by that.

    Raises RuleError where name or seats are missing or the time has passed.
    """
    require(viewer, "call_in:write")
    call_in = CallIn(
        programme_id=viewer.programme_id,
        created_at=at,
        created_by_id=viewer.user_id,
        status=CallInStatus.DRAFT.value,
        name="",
        seats=1,
    )
    _check_time(starts_at, at)
    _describe(call_in, outline)
    call_in.starts_at = starts_at
    db.add(call_in)
    db.flush()
    _address(db, viewer, call_in, outline.group_ids)
    log_change(db, viewer, "call_in:added", at=at, collected=True, call_in=call_in.id)
    return call_in


def change_call_in(
    db: Session,
    viewer: Viewer,
    call_in_id: int,
    outline: Outline,
    *,
    starts_at: datetime | None,
    at: datetime,
) -> CallIn:
    """Correct what a call-in that is still to come is about.

    A time that was set is moved by postponing, with a reason; `starts_at` sets it where there is
    none.
    """
    call_in = _to_come(db, viewer, call_in_id)
    venue = call_in.venue
    _describe(call_in, outline)
    if call_in.starts_at is None and starts_at is not None:
        _check_time(starts_at, at)
        call_in.starts_at = starts_at
        set_times(db, call_in)
    if call_in.venue != venue:
        calendars_change(call_in, at)
        papers_change(call_in, at)
    _address(db, viewer, call_in, outline.group_ids)
    log_change(db, viewer, "call_in:changed", at=at, call_in=call_in.id)
    return call_in


def set_length(
    db: Session, viewer: Viewer, call_in_id: int, *, minutes: int, at: datetime
) -> CallIn:
    """Say how long a call-in is to last; what is kept free in calendars follows."""
    call_in = _to_come(db, viewer, call_in_id)
    if not 1 <= minutes <= MOST_MINUTES:
        raise RuleError(
            N_("Give a number of minutes from 1 to %(most)s."), field="minutes", most=MOST_MINUTES
        )
    if minutes != call_in.minutes:
        _check_order(session_times(db, call_in), minutes=minutes, field="minutes")
        call_in.minutes = minutes
        calendars_change(call_in, at)
        log_change(db, viewer, "call_in:changed", at=at, call_in=call_in.id)
    return call_in


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionAsked:
    """When and where a later session is to be held; a blank venue is that of the call-in."""

    starts_at: datetime
    venue: str = ""


def change_sessions(
    db: Session,
    viewer: Viewer,
    call_in_id: int,
    asked: Mapping[int, SessionAsked],
    *,
    reason: str,
    at: datetime,
) -> CallIn:
    """Say when and where the later sessions are held (by number, from 2); the first is postponed.

    Who had said yes to a time that is changed is asked again. Raises RuleError where sessions would
    overlap, somebody was ticked at the door of one that moves, or nobody says why one moves that
    people may know of.
    """
    call_in = _to_come(db, viewer, call_in_id)
    if call_in.starts_at is None:
        raise RuleError(N_("Set day and time of the call-in first."))
    later, before = later_sessions(db, call_in), session_times(db, call_in)
    if asked.keys() != {each.number for each in later}:
        raise RuleError(N_("The sessions were changed meanwhile. Load the page again."))
    moved = {each.number for each in later if each.starts_at != asked[each.number].starts_at}
    places = [each for each in later if each.venue != asked[each.number].venue.strip()]
    if not moved and not places:
        return call_in
    said = reasoned(reason) if moved and call_in.status != CallInStatus.DRAFT else reason.strip()
    starts = {number: asked[number].starts_at for number in moved}
    for number, start in starts.items():
        _check_time(start, at, field=f"starts_at-{number}")
    _check_nobody_ticked(db, call_in, moved)
    set_starts(db, viewer, call_in, starts, at=at, reason=said)
    for each in places:
        each.venue = asked[each.number].venue.strip()
    db.flush()
    after = session_times(db, call_in)
    _check_order(after, minutes=call_in.minutes)
    calendars_change(call_in, at)
    papers_change(call_in, at)
    last, was = after[-1].starts_at, before[-1].starts_at
    if last and was and last != was:
        move_follow_ups(db, viewer, call_in, last - was, at=at, reason=said, of_people=False)
    ask_again(db, viewer, call_in, at=at, reason=said, sessions=moved)
    log_change(db, viewer, "call_in:changed", at=at, call_in=call_in.id)
    return call_in


def _check_order(times: Sequence[SessionTime], *, minutes: int, field: str = "") -> None:
    starts = [each.starts_at for each in times if each.starts_at]
    number = too_early(starts, timedelta(minutes=minutes))
    if number is not None:
        raise RuleError(
            N_(
                "Session %(number)s would begin before the one before it has ended:"
                " it lasts %(minutes)s minutes."
            ),
            field=field or f"starts_at-{number}",
            number=number,
            minutes=minutes,
        )


def _check_nobody_ticked(db: Session, call_in: CallIn, sessions: Collection[int]) -> None:
    ticked = db.scalar(
        select(Invitee.session)
        .where(
            Invitee.call_in_id == call_in.id,
            Invitee.session.in_(sorted(sessions)),
            Invitee.status.in_(sorted(TICKED)),
        )
        .limit(1)
    )
    if ticked is not None:
        raise RuleError(
            N_("Somebody was ticked at the door of session %(number)s: take that back first."),
            field=f"starts_at-{ticked}",
            number=ticked,
        )


def _check_time(starts_at: datetime | None, at: datetime, *, field: str = "starts_at") -> None:
    if starts_at is None:
        return
    if starts_at <= at:
        raise RuleError(N_("That time has passed; choose one to come."), field=field)
    if starts_at > at + FURTHEST:
        raise RuleError(N_("That is more than two years ahead. Look at the year."), field=field)


def _describe(call_in: CallIn, outline: Outline) -> None:
    if not outline.name.strip():
        raise RuleError(N_("Give the call-in a name, such as Call-in 4."), field="name")
    if not 1 <= outline.seats <= MOST_SEATS:
        raise RuleError(
            N_("Give a number of seats from 1 to %(most)s."), field="seats", most=MOST_SEATS
        )
    call_in.name, call_in.venue = outline.name.strip(), outline.venue.strip()
    call_in.purpose, call_in.seats = outline.purpose.strip(), outline.seats


def _address(db: Session, viewer: Viewer, call_in: CallIn, group_ids: Collection[int]) -> None:
    wanted = set(group_ids)
    if not wanted:
        raise RuleError(
            N_("Choose the groups that are to hear the message, two or more."), field="groups"
        )
    for group_id in sorted(wanted):
        the(db, viewer, Group, group_id, "group:read")
    db.execute(delete(CallInGroup).where(CallInGroup.call_in_id == call_in.id))
    db.add_all(CallInGroup(call_in_id=call_in.id, group_id=g) for g in sorted(wanted))
    db.flush()


def _to_come(db: Session, viewer: Viewer, call_in_id: int) -> CallIn:
    call_in = the(db, viewer, CallIn, call_in_id, "call_in:write")
    must_be_to_come(call_in)
    return call_in


def advance_call_in(
    db: Session,
    viewer: Viewer,
    call_in_id: int,
    *,
    to: CallInStatus,
    at: datetime,
    zone: ZoneInfo,
    note: str = "",
) -> CallIn:
    """Take a call-in one step on: approve it, say that invitations are out, and so on.

    Raises RuleError where it is not the next step, or something is missing for it.
    """
    call_in = the(db, viewer, CallIn, call_in_id, "call_in:write")
    if NEXT_STATUS.get(CallInStatus(call_in.status)) is not to:
        raise RuleError(N_("That is not the next step. Look at the call-in again."))
    if to is CallInStatus.APPROVED:
        _approve(db, viewer, call_in, at=at)
    if to is CallInStatus.INVITED:
        _send_invitations(db, viewer, call_in, at=at, zone=zone)
    if to is CallInStatus.REHEARSED:
        finish_preparation(db, viewer, call_in, {ActionKind.REHEARSAL}, at=at)
    if to in {CallInStatus.FOLLOWED_UP, CallInStatus.CLOSED}:
        _check_outcomes(db, call_in)
    if to is CallInStatus.FOLLOWED_UP:
        _check_followed_up(db, call_in)
    if to is CallInStatus.CLOSED:
        drop_preparation(db, viewer, call_in, at=at, reason=note.strip())
    set_status(db, viewer, call_in, to, at=at, reason=note.strip())
    log_change(db, viewer, f"call_in:{to.value}", at=at, call_in=call_in.id)
    return call_in


def set_status(
    db: Session, viewer: Viewer, call_in: CallIn, to: CallInStatus, *, at: datetime, reason: str
) -> None:
    """Change the status and keep the change, signed and dated."""
    status_changed(
        db, viewer, NOUN, call_in.id, old=call_in.status, new=to.value, at=at, reason=reason
    )
    if event_status(CallInStatus(call_in.status)) is not event_status(to):
        calendars_change(call_in, at)
    call_in.status = to.value


def _approve(db: Session, viewer: Viewer, call_in: CallIn, *, at: datetime) -> None:
    """Approving takes a name and a time to come; preparation and debrief are booked with it."""
    if viewer.user_id is None:
        raise NotAllowedError(N_("A call-in is approved by somebody who is logged in."))
    if call_in.starts_at is None:
        raise RuleError(N_("Set day and time before the call-in is approved."), field="starts_at")
    _check_time(call_in.starts_at, at)
    call_in.approved_at, call_in.approved_by_id = at, viewer.user_id
    book_preparation(db, viewer, call_in, starts_at=call_in.starts_at, at=at)
    book_afterwards(db, viewer, call_in, at=at)


def _send_invitations(
    db: Session, viewer: Viewer, call_in: CallIn, *, at: datetime, zone: ZoneInfo
) -> None:
    """Everybody who is cleared now and may come counts as invited from now on; somebody must."""
    invitees = db.scalars(select(Invitee).where(Invitee.call_in_id == call_in.id)).all()
    waiting = [each for each in invitees if each.status == InviteeStatus.CLEARED]
    cleared = may_be_asked(db, viewer, call_in, waiting, at=at, zone=zone)
    asked = {InviteeStatus.INVITED.value, InviteeStatus.CONFIRMED.value}
    if not cleared and not any(each.status in asked for each in invitees):
        raise RuleError(
            N_("Nobody is cleared yet. Secrecy and safety of each invitee are judged first.")
        )
    for invitee in cleared:
        move_invitee(db, viewer, invitee, InviteeStatus.INVITED, at=at)
    done = {ActionKind.INVITATIONS}
    if not any(each.status == InviteeStatus.PROPOSED for each in invitees):
        done.add(ActionKind.CLEARANCE)
    finish_preparation(db, viewer, call_in, done, at=at)


def _check_outcomes(db: Session, call_in: CallIn) -> None:
    """Nobody who was asked is forgotten: no step leads on before each of them has an outcome."""
    without = db.scalar(
        select(func.count())
        .select_from(Invitee)
        .where(Invitee.call_in_id == call_in.id, Invitee.status.in_(sorted(AWAITS_OUTCOME)))
    )
    if without:
        raise RuleError(
            N_(
                "Not everybody who was asked has an outcome: %(number)s have none. Record who came."
            ),
            number=without,
        )


def _check_followed_up(db: Session, call_in: CallIn) -> None:
    still = len(open_follow_ups(db, call_in))
    if still:
        raise RuleError(
            N_("Not everything that follows is done: %(number)s still open."), number=still
        )


def postpone_call_in(
    db: Session,
    viewer: Viewer,
    call_in_id: int,
    *,
    starts_at: datetime,
    reason: str,
    at: datetime,
    zone: ZoneInfo,
) -> CallIn:
    """Move a call-in to another time; what hangs on its day moves along, it is approved again.

    Later sessions move as far on the clock as the first. Who had said yes is asked again, who is
    obliged is judged on the new day, and the speakers rehearse anew. Raises RuleError where people
    came to one of several sessions already.
    """
    said = reasoned(reason)
    call_in = _to_come(db, viewer, call_in_id)
    check_none_begun(db, call_in, at)
    _check_time(starts_at, at)
    old = call_in.starts_at
    if starts_at == old:
        raise RuleError(N_("That is the time it has already."), field="starts_at")
    due_moved(db, viewer, NOUN, call_in.id, old=old, new=starts_at, at=at, reason=said)
    call_in.starts_at = starts_at
    calendars_change(call_in, at)
    papers_change(call_in, at)
    by = move_sessions(db, viewer, call_in, old=old, at=at, zone=zone, reason=said)
    if old is not None:
        move_preparation(db, viewer, call_in, starts_at, at=at, reason=said)
        move_follow_ups(db, viewer, call_in, by, at=at, reason=said)
    if call_in.status != CallInStatus.DRAFT:
        set_status(db, viewer, call_in, CallInStatus.POSTPONED, at=at, reason=said)
        call_in.approved_at, call_in.approved_by_id = None, None
    rehearse_anew(db, call_in)
    ask_again(db, viewer, call_in, at=at, reason=said)
    log_change(db, viewer, "call_in:postponed", at=at, call_in=call_in.id, fields=["starts_at"])
    return call_in


def cancel_call_in(
    db: Session, viewer: Viewer, call_in_id: int, *, reason: str, at: datetime
) -> CallIn:
    """Call a call-in off for good; what should have followed it is dropped with the same reason.

    Raises RuleError where people came to one of several sessions already.
    """
    said = reasoned(reason)
    call_in = _to_come(db, viewer, call_in_id)
    check_none_begun(db, call_in, at)
    set_status(db, viewer, call_in, CallInStatus.CANCELLED, at=at, reason=said)
    drop_preparation(db, viewer, call_in, at=at, reason=said)
    drop_follow_ups(db, viewer, call_in, at=at, reason=said)
    log_change(db, viewer, "call_in:cancelled", at=at, call_in=call_in.id)
    return call_in
