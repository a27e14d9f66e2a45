"""Attendance: who came to a call-in, ticked at the door or recorded later, and what follows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from gvi.domain.access import Viewer, allows
from gvi.domain.audit import AuditVerb
from gvi.domain.call_in import (
    AT_THE_DOOR,
    ATTENDANCE_OUTCOMES,
    ATTENDANCE_POSSIBLE,
    DOORS_OPEN,
    CallInStatus,
    InviteeStatus,
)
from gvi.domain.call_in_session import SessionTime
from gvi.domain.errors import NotFoundError, RuleError
from gvi.domain.message import MessagePart, SpokenLanguage
from gvi.domain.text import N_
from gvi.store import audit
from gvi.store.models import CallIn, Invitee, StatusChange
from gvi.store.queries.call_in_session import session_times
from gvi.store.queries.invitee import bars_on, judged
from gvi.store.queries.rights import visible
from gvi.usecases.call_in import set_status
from gvi.usecases.follow_up import book_afterwards, follow_attendance, open_follow_ups
from gvi.usecases.invitee import NOUN, move_invitee
from gvi.usecases.rights import require, the
from gvi.usecases.spoken import Heard, Spoken, ledger_follows, note_spoken, spoken_at

MOST_CARDS = 1000
CORRECTION = N_("The attendance was corrected")
NOT_BEGUN = N_("The call-in has not begun. Record who came once it has.")
NOT_OPEN = N_("The door of session %(number)s is not open yet: it opens three hours before it.")
NO_SUCH = N_("There is no such invitee, or they are not for you.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one invitee; `heard` counts for who left early, who stayed heard it all."""

    status: InviteeStatus
    heard: Heard = None
    has_card: bool | None = None
    """Whether the card was handed over; None leaves it as it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Evening:
    """One call-in while its attendance is written down."""

    call_in: CallIn
    times: Sequence[SessionTime]
    spoken: Spoken
    at: datetime
    correction: str
    kept_out: frozenset[int]
    """Invitees not to be let in: barred by now, or held back."""

    def starts_at(self, invitee: Invitee) -> datetime:
        """Give when the session of an invitee begins."""
        return _start(self.times, invitee) or self.at


def record_attendance(
    db: Session,
    viewer: Viewer,
    call_in_id: int,
    outcomes: Mapping[int, Outcome],
    *,
    said: Mapping[MessagePart, str],
    at: datetime,
    zone: ZoneInfo,
    correction: str,
    language: SpokenLanguage | None = None,
    other_cards: int = 0,
) -> CallIn:
    """Record or correct who came to a call-in (invitee id → outcome), and who heard what.

    `said` names who said each part to everybody who stayed. The call-in is then held, once its last
    session has begun; what follows appears, is corrected or taken back by itself (with `correction`
    as the reason kept), and saving the same again changes nothing. Who may not read the ledger
    records outcomes only: what was said is for the coordinators to add, and the call-in is not held
    until they do. Raises RuleError for whose session has not begun, or where nobody says what was
    said and by whom.
    """
    require(viewer, "attendance:write")
    call_in = the(db, viewer, CallIn, call_in_id, "call_in:read")
    times = _doors_open(db, call_in, at)
    if outcomes.keys() - _theirs(db, viewer, call_in).keys():
        raise NotFoundError(NO_SUCH)
    _check(outcomes)
    theirs = _theirs(db, viewer, call_in)
    _check_begun(times, [theirs[each] for each in outcomes], at)
    spoken = Spoken(by=_named(said), language=language)
    keeps_ledger = allows(viewer, "message:read")
    if keeps_ledger:
        _check_message(outcomes, spoken)
        note_spoken(db, call_in, spoken)
        _count_cards(call_in, other_cards)
    evening = _Evening(
        call_in=call_in,
        times=times,
        spoken=spoken_at(db, call_in),
        at=at,
        correction=correction,
        kept_out=_kept_out(db, viewer, times, theirs, at=at, zone=zone),
    )
    changed = []
    for invitee_id, invitee in sorted(theirs.items()):
        outcome = outcomes.get(invitee_id) or Outcome(status=InviteeStatus(invitee.status))
        if _settle(db, viewer, evening, invitee, outcome, confirms=keeps_ledger):
            changed.append(invitee.person_id)
    if _has_begun(times[-1], at) and (keeps_ledger or call_in.status == CallInStatus.FOLLOWED_UP):
        _note_held(db, viewer, call_in, at=at)
    subjects = {"call_in": [call_in.id], "person": changed}
    audit.append(
        db, viewer, AuditVerb.COLLECTED, "call_in:attendance_recorded", at=at, subjects=subjects
    )
    return call_in


def tick_at_door(
    db: Session,
    viewer: Viewer,
    call_in_id: int,
    person_id: int,
    *,
    to: InviteeStatus | None,
    at: datetime,
    zone: ZoneInfo,
    correction: str,
) -> Invitee:
    """Write down one tick of the door list, with all that follows it; None takes the tick back.

    Possible from three hours before the person's session begins, but nobody stays away from what
    has not begun, and nobody is ticked who is barred by now or held back. What is ticked already
    changes nothing. The call-in is held when its attendance is saved: until then everything due
    says that it is still to be recorded.
    """
    require(viewer, "attendance:write")
    call_in = the(db, viewer, CallIn, call_in_id, "call_in:read")
    times = _doors_open(db, call_in, at)
    theirs = _theirs(db, viewer, call_in)
    kept_out = _kept_out(db, viewer, times, theirs, at=at, zone=zone)
    invitee = next((each for each in theirs.values() if each.person_id == person_id), None)
    if invitee is None or invitee.status not in AT_THE_DOOR or invitee.id in kept_out:
        raise NotFoundError(NO_SUCH)
    starts_at = _start(times, invitee)
    if starts_at is None or starts_at - DOORS_OPEN > at:
        raise RuleError(NOT_OPEN, number=invitee.session)
    if to is InviteeStatus.NO_SHOW and starts_at > at:
        raise RuleError(N_("The call-in has not begun. Who does not come is ticked from then on."))
    if to is None:
        to = _before_the_door(db, invitee)
    elif to not in ATTENDANCE_OUTCOMES:
        raise RuleError(N_("Choose one of the outcomes for each invitee."))
    verb = AuditVerb.CHANGED if invitee.status in ATTENDANCE_OUTCOMES else AuditVerb.COLLECTED
    evening = _Evening(
        call_in=call_in,
        times=times,
        spoken=spoken_at(db, call_in),
        at=at,
        correction=correction,
        kept_out=kept_out,
    )
    if _settle(db, viewer, evening, invitee, Outcome(status=to), confirms=False):
        subjects = {"call_in": [call_in.id], "person": [person_id]}
        audit.append(db, viewer, verb, "call_in:attendance_recorded", at=at, subjects=subjects)
        if call_in.status == CallInStatus.FOLLOWED_UP:
            _note_held(db, viewer, call_in, at=at)
    return invitee


def _start(times: Sequence[SessionTime], invitee: Invitee) -> datetime | None:
    return times[min(invitee.session, len(times)) - 1].starts_at


def _has_begun(session: SessionTime, at: datetime) -> bool:
    return session.starts_at is not None and session.starts_at <= at


def _check_begun(times: Sequence[SessionTime], invitees: Sequence[Invitee], at: datetime) -> None:
    """Refuse an outcome of what has not begun, but one that was ticked at the door already."""
    if not _has_begun(times[0], at):
        raise RuleError(NOT_BEGUN)
    for invitee in invitees:
        starts_at = _start(times, invitee)
        if (starts_at is None or starts_at > at) and invitee.status not in ATTENDANCE_OUTCOMES:
            raise RuleError(
                N_("Session %(number)s has not begun. Record who came to it once it has."),
                field=f"outcome-{invitee.id}",
                number=invitee.session,
            )


def _doors_open(db: Session, call_in: CallIn, at: datetime) -> tuple[SessionTime, ...]:
    """Give when the sessions are; raises RuleError before the door of the first opens."""
    if call_in.status not in ATTENDANCE_POSSIBLE:
        raise RuleError(
            N_("Attendance is recorded for a call-in that was approved and not closed.")
        )
    if call_in.starts_at is None or call_in.starts_at - DOORS_OPEN > at:
        raise RuleError(NOT_BEGUN)
    return session_times(db, call_in)


def _theirs(db: Session, viewer: Viewer, call_in: CallIn) -> dict[int, Invitee]:
    """Load the invitees whose attendance the viewer may record: all, or the own clients."""
    table = Invitee.__table__.c
    found: Sequence[Invitee] = db.scalars(
        select(Invitee)
        .join(CallIn, CallIn.id == Invitee.call_in_id)
        .where(
            Invitee.call_in_id == call_in.id,
            Invitee.status != InviteeStatus.WITHDRAWN.value,
            visible(CallIn.__table__.c, viewer, "attendance:write", person=table.person_id),
        )
    ).all()
    return {invitee.id: invitee for invitee in found}


def _kept_out(
    db: Session,
    viewer: Viewer,
    times: Sequence[SessionTime],
    invitees: Mapping[int, Invitee],
    *,
    at: datetime,
    zone: ZoneInfo,
) -> frozenset[int]:
    """Give which invitees are not to be let in: barred by now, or without present clearance."""
    on = {each.person_id: _start(times, each) or at for each in invitees.values()}
    barred = bars_on(db, viewer, on, zone=zone)
    stand = judged(db, viewer, invitees)
    return frozenset(
        invitee.id
        for invitee in invitees.values()
        if invitee.person_id in barred or stand.keeps_out(invitee.id, InviteeStatus(invitee.status))
    )


def _before_the_door(db: Session, invitee: Invitee) -> InviteeStatus:
    """Give how an invitation stood before anybody ticked it."""
    ticked = [outcome.value for outcome in ATTENDANCE_OUTCOMES]
    stood = db.scalars(
        select(StatusChange.old)
        .where(
            StatusChange.thing == NOUN,
            StatusChange.thing_id == invitee.id,
            StatusChange.old.not_in(ticked),
            StatusChange.new.in_(ticked),
        )
        .order_by(StatusChange.id.desc())
        .limit(1)
    ).first()
    if invitee.status not in ATTENDANCE_OUTCOMES:
        return InviteeStatus(invitee.status)
    return InviteeStatus(stood) if stood else InviteeStatus.INVITED


def _named(said: Mapping[MessagePart, str]) -> dict[MessagePart, str]:
    return {part: said[part].strip() for part in MessagePart if said.get(part, "").strip()}


def _check(outcomes: Mapping[int, Outcome]) -> None:
    if not outcomes:
        raise RuleError(N_("Say of at least one invitee whether they came."))
    if {outcome.status for outcome in outcomes.values()} - set(ATTENDANCE_OUTCOMES):
        raise RuleError(N_("Choose one of the outcomes for each invitee."))


def _check_message(outcomes: Mapping[int, Outcome], spoken: Spoken) -> None:
    statuses = {outcome.status for outcome in outcomes.values()}
    if InviteeStatus.ATTENDED in statuses and not spoken.by:
        raise RuleError(
            N_("Somebody stayed. Say of each part of the message that was said who said it."),
            field=f"by-{MessagePart.NOT_DIE.value}",
        )
    for invitee_id, outcome in outcomes.items():
        if outcome.status is not InviteeStatus.LEFT_EARLY:
            continue
        if set(outcome.heard or ()) - spoken.by.keys():
            raise RuleError(
                N_("A part is ticked as heard that nobody said. Say who said it, or untick it."),
                field=f"heard-{invitee_id}",
            )


def _count_cards(call_in: CallIn, other_cards: int) -> None:
    if not 0 <= other_cards <= MOST_CARDS:
        raise RuleError(
            N_("Give a number of cards from 0 to %(most)s."), field="other_cards", most=MOST_CARDS
        )
    call_in.other_cards = other_cards


def _settle(
    db: Session,
    viewer: Viewer,
    evening: _Evening,
    invitee: Invitee,
    outcome: Outcome,
    *,
    confirms: bool,
) -> bool:
    """Bring one invitee, the ledger and what follows in line; tells whether anything changed.

    What was heard by who left early is asked anew with every other outcome: nothing of before
    stands as heard until somebody who keeps the ledger confirms it.
    """
    before, is_other = InviteeStatus(invitee.status), invitee.status != outcome.status
    if is_other:
        move_invitee(db, viewer, invitee, outcome.status, at=evening.at)
        invitee.is_heard_known = False
    heard = outcome.heard if confirms else None
    told = ledger_follows(
        db,
        viewer,
        evening.call_in,
        invitee,
        evening.spoken,
        heard=heard,
        starts_at=evening.starts_at(invitee),
        at=evening.at,
    )
    if outcome.status is InviteeStatus.LEFT_EARLY and heard is not None:
        invitee.is_heard_known = True
    has_card = invitee.has_card if outcome.has_card is None else outcome.has_card
    got_card, invitee.has_card = invitee.has_card != has_card, has_card
    if outcome.status in ATTENDANCE_OUTCOMES or before in ATTENDANCE_OUTCOMES:
        follow_attendance(
            db,
            viewer,
            evening.call_in,
            invitee,
            before=before,
            starts_at=evening.starts_at(invitee),
            at=evening.at,
            correction=evening.correction,
            is_kept_out=invitee.id in evening.kept_out,
        )
    return is_other or told or got_card


def _note_held(db: Session, viewer: Viewer, call_in: CallIn, *, at: datetime) -> None:
    """The call-in is held; one that was followed up is open again where something new follows."""
    book_afterwards(db, viewer, call_in, at=at)
    db.flush()
    followed_up = call_in.status == CallInStatus.FOLLOWED_UP
    if call_in.status == CallInStatus.HELD or (followed_up and not open_follow_ups(db, call_in)):
        return
    set_status(db, viewer, call_in, CallInStatus.HELD, at=at, reason="")
