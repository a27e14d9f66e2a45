"""Invitees: people propose whom to call in, clear them, ask them, and take them back.

The planner proposes nobody by itself; a named person ticks each name.
"""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from zoneinfo import ZoneInfo

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from gvi.domain.access import Viewer
from gvi.domain.audit import AuditVerb
from gvi.domain.call_in import (
    BEFORE_HELD,
    NEXT_INVITEE_STATUSES,
    TAKES_A_SEAT,
    TICKED,
    Bar,
    CallInStatus,
    InviteeStatus,
)
from gvi.domain.errors import NotFoundError, RuleError
from gvi.domain.text import N_
from gvi.store import audit
from gvi.store.models import CallIn, CallInGroup, Clearance, Invitee, Person
from gvi.store.queries.call_in_session import session_times
from gvi.store.queries.invitee import bars_of, bars_on, judged, standing
from gvi.store.queries.rights import visible
from gvi.usecases.apart import (
    accept_rivals,
    check_comes_back,
    keep_why_they_meet,
    meeting_anew,
    why_they_meet,
)
from gvi.usecases.call_in_session import (
    check_none_over,
    keep_sessions,
    seat,
    start_of,
    starts_with,
)
from gvi.usecases.changes import reasoned, status_changed
from gvi.usecases.facts import log_change
from gvi.usecases.follow_up import follow_attendance
from gvi.usecases.plan import Ground, ground
from gvi.usecases.rights import require, the

NOUN = "invitee"

WHY_BARRED: Mapping[Bar, str] = MappingProxyType(
    {
        Bar.UNDER_18: N_("%(name)s is under 18 on that day and is never invited."),
        Bar.IN_CUSTODY: N_("%(name)s is in custody on that day and cannot come."),
        Bar.LEFT_OUT: N_("%(name)s may not be invited: protected, or in an exit programme."),
    }
)
_BY_COORDINATORS = frozenset({InviteeStatus.PROPOSED, InviteeStatus.WITHDRAWN})
_NEEDS_REASON = frozenset({InviteeStatus.WITHDRAWN, InviteeStatus.EXCUSED})
_ASKS = frozenset({InviteeStatus.PROPOSED, InviteeStatus.INVITED})
_NEEDS_CLEARANCE = frozenset({InviteeStatus.INVITED, InviteeStatus.CONFIRMED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """Who is proposed for a call-in, and in which session each sits, counted from 1.

    `counts_own_attendance` says with which chances of coming it was planned.
    """

    session_of: Mapping[int, int]
    sessions: int = 1
    counts_own_attendance: bool = False
    rivals_reason: str = ""


def propose_invitees(
    db: Session,
    viewer: Viewer,
    call_in_id: int,
    proposal: Proposal,
    *,
    at: datetime,
    zone: ZoneInfo,
) -> CallIn:
    """Set who is proposed for a call-in; who is further along than proposed stays.

    Raises RuleError for too many, for somebody who may never be invited, and where groups in open
    conflict, or people newly seated together who are kept apart, would meet in one session and
    nobody has said why that is accepted.
    """
    require(viewer, "call_in:plan")
    call_in = the(db, viewer, CallIn, call_in_id, "call_in:write")
    must_be_to_come(call_in)
    stood_on = ground(db, viewer, as_of=at, on=call_in.starts_at or at, zone=zone)
    targets = _target_groups(db, call_in)
    there = {each.person_id: each for each in _all_of(db, call_in)}
    staying = {person: each.session for person, each in there.items() if _stays(each)}
    wanted = set(proposal.session_of) - staying.keys()
    session_of = {person: proposal.session_of[person] for person in wanted} | staying
    _check_sessions(call_in, session_of, proposal.sessions)
    check_none_over(db, call_in, _anew(there, {p: session_of[p] for p in wanted}), at=at)
    starts = starts_with(db, call_in, proposal.sessions)
    on = {person: starts[session_of[person]] or at for person in wanted}
    _check_people(stood_on, on, bars_on(db, viewer, on, zone=zone), targets)
    obliged = {each: standing(db, viewer, as_of=at, on=each).obliged for each in set(on.values())}
    accept_rivals(db, viewer, call_in, stood_on, session_of, reason=proposal.rivals_reason, at=at)
    apart = meeting_anew(db, viewer, call_in.id, session_of, at=at)
    said = why_they_meet(stood_on, apart, proposal.rivals_reason)
    call_in.counts_own_attendance = proposal.counts_own_attendance
    keep_sessions(db, call_in, proposal.sessions, at=at)
    for person in sorted(wanted):
        invitee = there.get(person) or _added(db, viewer, call_in, person, at=at)
        _seat(db, viewer, call_in, invitee, session_of[person], at=at)
        invitee.group_id = stood_on.main_group(person, targets)
        invitee.is_obliged = person in obliged[on[person]]
        if any(person in pair for pair in apart):
            keep_why_they_meet(db, viewer, invitee, at=at, reason=said)
    for each in there.values():
        if each.status == InviteeStatus.PROPOSED and each.person_id not in wanted:
            move_invitee(db, viewer, each, InviteeStatus.WITHDRAWN, at=at)
    _log_proposed(db, viewer, call_in, wanted | set(there), at=at)
    return call_in


def _anew(there: Mapping[int, Invitee], session_of: Mapping[int, int]) -> set[int]:
    """Give the sessions in which somebody would sit who does not sit there yet."""
    return {
        session
        for person, session in session_of.items()
        if person not in there or there[person].session != session
    }


def _log_proposed(
    db: Session, viewer: Viewer, call_in: CallIn, people: Collection[int], *, at: datetime
) -> None:
    subjects = {"call_in": [call_in.id], "person": people}
    audit.append(
        db, viewer, AuditVerb.CHANGED, "call_in:invitees_proposed", at=at, subjects=subjects
    )


def _seat(
    db: Session, viewer: Viewer, call_in: CallIn, invitee: Invitee, session: int, *, at: datetime
) -> None:
    seat(db, viewer, call_in, invitee, session, at=at)
    if invitee.status != InviteeStatus.PROPOSED:
        move_invitee(db, viewer, invitee, InviteeStatus.PROPOSED, at=at)


def must_be_to_come(call_in: CallIn) -> None:
    """Refuse a call-in that was held or cancelled: it cannot be changed now."""
    if call_in.status not in BEFORE_HELD:
        raise RuleError(N_("This call-in has been held or cancelled; that cannot be changed now."))


def _stays(invitee: Invitee) -> bool:
    """Whether somebody is further along than proposed, so that the planner does not touch them."""
    untouched = (InviteeStatus.PROPOSED.value, InviteeStatus.WITHDRAWN.value)
    return invitee.status in TAKES_A_SEAT and invitee.status not in untouched


def _target_groups(db: Session, call_in: CallIn) -> frozenset[int]:
    return frozenset(
        db.scalars(select(CallInGroup.group_id).where(CallInGroup.call_in_id == call_in.id))
    )


def _all_of(db: Session, call_in: CallIn) -> Collection[Invitee]:
    return db.scalars(
        select(Invitee).where(Invitee.call_in_id == call_in.id).order_by(Invitee.id)
    ).all()


def _check_people(
    stood_on: Ground,
    wanted: Collection[int],
    bars: Mapping[int, Bar],
    targets: frozenset[int],
) -> None:
    known = stood_on.facts.persons
    names = dict(zip(known.id, known.code_name, strict=True))
    universe = stood_on.universe(targets)
    for person in sorted(wanted):
        if person not in names:
            raise NotFoundError(N_("There is no such person, or they are not for you."))
        bar = bars.get(person)
        if bar:
            raise RuleError(WHY_BARRED[bar], name=names[person])
        if person not in universe:
            raise RuleError(
                N_("%(name)s is not a member of the groups this call-in addresses."),
                name=names[person],
            )


def _check_seats(call_in: CallIn, number: int) -> None:
    if number > call_in.seats:
        raise RuleError(
            N_("%(number)s are ticked and there are %(seats)s seats. Untick some."),
            number=number,
            seats=call_in.seats,
        )


def _check_sessions(call_in: CallIn, session_of: Mapping[int, int], sessions: int) -> None:
    """Hold sessions to their share of the seats, and to those who are asked to one already."""
    _check_seats(call_in, len(session_of))
    if not 1 <= sessions <= call_in.seats:
        raise RuleError(N_("Ask for at least one session, and a seat in each."), field="sessions")
    if max(session_of.values(), default=1) > sessions:
        raise RuleError(
            N_("Somebody is asked to session %(session)s already: keep as many sessions."),
            field="sessions",
            session=max(session_of.values()),
        )
    share = -(-call_in.seats // sessions)
    for session, number in sorted(Counter(session_of.values()).items()):
        if number > share:
            raise RuleError(
                N_("%(number)s are in session %(session)s, which has %(seats)s seats."),
                number=number,
                session=session,
                seats=share,
            )


def _added(
    db: Session, viewer: Viewer, call_in: CallIn, person_id: int, *, at: datetime
) -> Invitee:
    invitee = Invitee(
        call_in_id=call_in.id,
        person_id=person_id,
        status=InviteeStatus.PROPOSED.value,
        added_at=at,
        added_by_id=viewer.user_id,
    )
    db.add(invitee)
    return invitee


def move_invitee(
    db: Session,
    viewer: Viewer,
    invitee: Invitee,
    to: InviteeStatus,
    *,
    at: datetime,
    reason: str = "",
) -> None:
    """Change an invitee's status and keep the change, signed and dated.

    Who is withdrawn, or proposed again after that or an excuse, is judged anew, in secrecy and
    safety.
    """
    status_changed(
        db, viewer, NOUN, invitee.id, old=invitee.status, new=to.value, at=at, reason=reason
    )
    is_anew = to is InviteeStatus.PROPOSED and invitee.status not in TAKES_A_SEAT
    invitee.status = to.value
    if to is InviteeStatus.WITHDRAWN or is_anew:
        still = (Clearance.invitee_id == invitee.id, Clearance.ended_at.is_(None))
        db.execute(update(Clearance).where(*still).values(ended_at=at))


def decide_invitee(
    db: Session,
    viewer: Viewer,
    invitee_id: int,
    *,
    to: InviteeStatus,
    at: datetime,
    zone: ZoneInfo,
    reason: str = "",
) -> Invitee:
    """Take one invitation a step on: invite, note a yes, excuse, withdraw or propose again.

    Clearing takes two judgements (`usecases.clearance`), which must both stand when somebody is
    asked and when their yes is noted, whatever the status says. Coordinators propose and withdraw;
    probation may note what its own clients answer.
    """
    right = "call_in:write" if to in _BY_COORDINATORS else "attendance:write"
    invitee, call_in = the_invitee(db, viewer, invitee_id, right)
    must_be_to_come(call_in)
    if to not in NEXT_INVITEE_STATUSES.get(InviteeStatus(invitee.status), ()):
        raise RuleError(N_("That is not the next step for this invitee. Load the page again."))
    said = reasoned(reason) if to in _NEEDS_REASON else reason.strip()
    if to is InviteeStatus.INVITED and call_in.status in (
        CallInStatus.DRAFT,
        CallInStatus.POSTPONED,
    ):
        raise RuleError(N_("The call-in must be approved before anybody is invited."))
    if to in _ASKS:
        check_may_ask(db, viewer, call_in, invitee, at=at, zone=zone)
    if to is InviteeStatus.PROPOSED:
        check_comes_back(db, viewer, call_in.id, invitee.id, at=at, zone=zone)
    if to in _NEEDS_CLEARANCE:
        _check_cleared(db, viewer, invitee)
    move_invitee(db, viewer, invitee, to, at=at, reason=said)
    invitee.session = min(invitee.session, call_in.sessions)
    log_change(
        db,
        viewer,
        f"invitee:{to.value}",
        at=at,
        call_in=call_in.id,
        invitee=invitee.id,
        person=invitee.person_id,
    )
    return invitee


def the_invitee(
    db: Session, viewer: Viewer, invitee_id: int, permission: str
) -> tuple[Invitee, CallIn]:
    """Give an invitee and the call-in, if the viewer may act on them under a permission."""
    require(viewer, permission)
    found = db.execute(
        select(Invitee, CallIn)
        .join(CallIn, CallIn.id == Invitee.call_in_id)
        .where(
            Invitee.id == invitee_id,
            visible(CallIn.__table__.c, viewer, permission, person=Invitee.__table__.c.person_id),
        )
    ).one_or_none()
    if found is None:
        raise NotFoundError(N_("There is no such invitee, or they are not for you."))
    invitee, call_in = found
    return invitee, call_in


def _check_cleared(db: Session, viewer: Viewer, invitee: Invitee) -> None:
    if invitee.id not in judged(db, viewer, [invitee.id]).cleared:
        raise RuleError(
            N_(
                "%(name)s is not cleared by now: secrecy and safety are both judged with a yes"
                " before anybody goes on with this person."
            ),
            name=_code_name(db, invitee),
        )


def _code_name(db: Session, invitee: Invitee) -> str:
    return db.scalars(select(Person.code_name).where(Person.id == invitee.person_id)).one()


def may_be_asked(
    db: Session,
    viewer: Viewer,
    call_in: CallIn,
    invitees: Collection[Invitee],
    *,
    at: datetime,
    zone: ZoneInfo,
) -> list[Invitee]:
    """Give who of some invitees may be asked now: cleared by judgements that stand, not barred.

    Each on the day of the own session.
    """
    cleared = judged(db, viewer, [each.id for each in invitees]).cleared
    starts = starts_with(db, call_in, call_in.sessions)
    on = {each.person_id: starts[min(each.session, len(starts))] or at for each in invitees}
    barred = bars_on(db, viewer, on, zone=zone)
    return [each for each in invitees if each.id in cleared and each.person_id not in barred]


def check_may_ask(
    db: Session,
    viewer: Viewer,
    call_in: CallIn,
    invitee: Invitee,
    *,
    at: datetime,
    zone: ZoneInfo,
) -> None:
    """Refuse whoever has come to be barred since they were proposed."""
    on = start_of(db, call_in, invitee.session) or at
    bars = bars_of(db, viewer, [invitee.person_id], on=on, zone=zone)
    bar = bars.get(invitee.person_id)
    if bar:
        raise RuleError(WHY_BARRED[bar], name=_code_name(db, invitee))
    seated = sum(each.status in TAKES_A_SEAT for each in _all_of(db, call_in))
    if invitee.status not in TAKES_A_SEAT:
        _check_seats(call_in, seated + 1)


def ask_again(
    db: Session,
    viewer: Viewer,
    call_in: CallIn,
    *,
    at: datetime,
    reason: str,
    sessions: Collection[int] | None = None,
) -> None:
    """After sessions were moved: who said yes is asked again, obligations judged anew.

    Who had been ticked at the door is, too, and what followed from the tick is dropped. Without
    `sessions` it is all of them.
    """
    times = session_times(db, call_in)
    obliged = {
        each.number: standing(db, viewer, as_of=at, on=each.starts_at or at).obliged
        for each in times
        if sessions is None or each.number in sessions
    }
    for invitee in _all_of(db, call_in):
        number = min(invitee.session, len(times))
        if number not in obliged:
            continue
        invitee.is_obliged = invitee.person_id in obliged[number]
        before = InviteeStatus(invitee.status)
        if before is InviteeStatus.CONFIRMED or before in TICKED:
            move_invitee(db, viewer, invitee, InviteeStatus.INVITED, at=at)
        if before in TICKED:
            follow_attendance(
                db,
                viewer,
                call_in,
                invitee,
                before=before,
                starts_at=times[number - 1].starts_at or at,
                at=at,
                correction=reason,
            )
