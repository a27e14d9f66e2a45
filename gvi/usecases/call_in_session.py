"""The sessions of a call-in: how many, and when and where the later ones are held."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gvi.domain.access import Viewer
from gvi.domain.call_in import TICKED
from gvi.domain.call_in_session import moved, next_start
from gvi.domain.errors import RuleError
from gvi.domain.text import N_
from gvi.store.models import CallIn, CallInSession, Invitee, Speaker
from gvi.store.queries.call_in_session import session_times
from gvi.usecases.changes import due_moved, status_changed

NOUN = "call_in_session"
SEATED = "seated"
"""The field of a status change that says in which session the planner put somebody, who may be put
elsewhere by it: whom a person moves by hand (`invitee_session.SESSION`) stays."""


def keep_sessions(db: Session, call_in: CallIn, number: int, *, at: datetime) -> None:
    """Have a call-in held in so many sessions: later ones follow the last, or are dropped.

    The caller has seen to it that nobody is asked to a session that is dropped.
    """
    if number == call_in.sessions:
        return
    for session in later_sessions(db, call_in)[number - 1 :]:
        session.dropped_at = at
    dropped = {each.number: each for each in _all(db, call_in) if each.dropped_at is not None}
    for added in range(call_in.sessions + 1, number + 1):
        again = dropped.get(added) or _new(db, call_in, added)
        again.starts_at, again.venue, again.dropped_at = None, "", None
    call_in.sessions = number
    db.flush()
    set_times(db, call_in)
    if call_in.starts_at is not None:
        calendars_change(call_in, at)
        papers_change(call_in, at)


def set_times(db: Session, call_in: CallIn) -> None:
    """Give each session that has no time the one after its predecessor, once there is a first.

    After all that the running order holds, where that is more than the call-in is to last.
    """
    before = call_in.starts_at
    if before is None or call_in.sessions == 1:
        return
    minutes = db.scalar(select(func.sum(Speaker.minutes)).where(Speaker.call_in_id == call_in.id))
    lasting = timedelta(minutes=max(call_in.minutes, minutes or 0))
    there = {each.number: each for each in later_sessions(db, call_in)}
    for number in range(2, call_in.sessions + 1):
        session = there.get(number) or _new(db, call_in, number)
        if session.starts_at is None:
            session.starts_at = next_start(before, lasting)
        before = session.starts_at
    db.flush()


def move_sessions(
    db: Session,
    viewer: Viewer,
    call_in: CallIn,
    *,
    old: datetime | None,
    at: datetime,
    zone: ZoneInfo,
    reason: str,
) -> timedelta:
    """Move the later sessions as the first was moved from `old`; gives how far the last moved."""
    if old is None or call_in.starts_at is None:
        set_times(db, call_in)
        return timedelta()
    later = [each for each in later_sessions(db, call_in) if each.starts_at]
    starts = [old, *(each.starts_at for each in later if each.starts_at)]
    lasting = timedelta(minutes=call_in.minutes)
    new = moved(starts, call_in.starts_at, lasting, zone)
    set_starts(
        db,
        viewer,
        call_in,
        {session.number: start for session, start in zip(later, new[1:], strict=True)},
        at=at,
        reason=reason,
    )
    return new[-1] - starts[-1]


def set_starts(
    db: Session,
    viewer: Viewer,
    call_in: CallIn,
    starts: Mapping[int, datetime],
    *,
    at: datetime,
    reason: str,
) -> None:
    """Set when later sessions begin, and keep each change with its reason."""
    for session in later_sessions(db, call_in):
        old, new = session.starts_at, starts.get(session.number)
        if new is None or new == old:
            continue
        due_moved(db, viewer, NOUN, session.id, old=old, new=new, at=at, reason=reason)
        session.starts_at = new
    db.flush()


def later_sessions(db: Session, call_in: CallIn) -> Sequence[CallInSession]:
    """Load the sessions after the first that are to be held, in their order."""
    return [each for each in _all(db, call_in) if each.dropped_at is None]


def _all(db: Session, call_in: CallIn) -> Sequence[CallInSession]:
    return db.scalars(
        select(CallInSession)
        .where(CallInSession.call_in_id == call_in.id)
        .order_by(CallInSession.number)
    ).all()


def _new(db: Session, call_in: CallIn, number: int) -> CallInSession:
    session = CallInSession(programme_id=call_in.programme_id, call_in_id=call_in.id, number=number)
    db.add(session)
    return session


def start_of(db: Session, call_in: CallIn, session: int) -> datetime | None:
    """Give when a session begins; of one that was dropped, when the last does."""
    times = session_times(db, call_in)
    return times[min(session, len(times)) - 1].starts_at


def check_none_begun(db: Session, call_in: CallIn, at: datetime) -> None:
    """Refuse to undo the whole of a call-in in several sessions once people came to one of them.

    Who was ticked there keeps that, and what follows from it.
    """
    times = session_times(db, call_in)
    if len(times) == 1:
        return
    begun = [each.number for each in times if each.starts_at and each.starts_at <= at]
    ticked = db.scalar(
        select(func.min(Invitee.session)).where(
            Invitee.call_in_id == call_in.id,
            Invitee.session.in_(begun),
            Invitee.status.in_(sorted(TICKED)),
        )
    )
    if ticked is not None:
        raise RuleError(
            N_(
                "Session %(number)s has begun and somebody was ticked there: that stays. Move a"
                " later session by itself, or withdraw who is asked to it and drop it in the"
                " planner."
            ),
            number=ticked,
        )


def check_none_over(
    db: Session, call_in: CallIn, sessions: Collection[int], *, at: datetime
) -> None:
    """Refuse to seat anybody in one of several sessions that is over."""
    times = session_times(db, call_in)
    for each in times if len(times) > 1 else ():
        if each.number in sessions and each.ends_at is not None and each.ends_at <= at:
            raise RuleError(
                N_("Session %(session)s is over: choose one that is to come."),
                field="session",
                session=each.number,
            )


def starts_with(db: Session, call_in: CallIn, sessions: int) -> dict[int, datetime | None]:
    """Give when each session would begin, were there so many; one that is new, after the last."""
    starts = [each.starts_at for each in session_times(db, call_in)][:sessions]
    while len(starts) < sessions:
        before = starts[-1]
        starts.append(before and next_start(before, timedelta(minutes=call_in.minutes)))
    return dict(enumerate(starts, 1))


def calendars_change(call_in: CallIn, at: datetime) -> None:
    """Number what calendars show anew, once an act: they keep the entry with the highest number."""
    if call_in.calendar_changed_at != at:
        call_in.calendar_sequence += 1
        call_in.calendar_changed_at = at


def papers_change(call_in: CallIn, at: datetime) -> None:
    """Say that papers of before are out of date: a time, a place or somebody's session changed."""
    call_in.paper_changed_at = at


def seat(
    db: Session, viewer: Viewer, call_in: CallIn, invitee: Invitee, session: int, *, at: datetime
) -> None:
    """Let somebody sit where the planner put them; safety looks again at whom it moved."""
    if invitee.session == session:
        return
    if invitee.id is not None:
        old, new = str(invitee.session), str(session)
        status_changed(db, viewer, "invitee", invitee.id, old=old, new=new, at=at, field=SEATED)
    invitee.session = session
    papers_change(call_in, at)
