"""Rounds of custom notifications: begin one, add people by name, take one out, close, reopen."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from gvi.domain.access import Viewer
from gvi.domain.custom_notification import (
    ENDED_BY_HAND,
    STILL_POSSIBLE,
    NotificationStatus,
    NotificationTrigger,
)
from gvi.domain.errors import NotAllowedError, RuleError
from gvi.domain.round import Remains, RoundStatus
from gvi.domain.text import N_
from gvi.domain.time import local_day
from gvi.store.models import (
    CallIn,
    CustomNotification,
    Group,
    Person,
    Round,
    RoundGroup,
    RoundVisit,
)
from gvi.store.queries.hold import hold
from gvi.store.queries.invitee import bars_of
from gvi.usecases.changes import due_moved, reasoned, status_changed
from gvi.usecases.custom_notification import NOUN as VISIT
from gvi.usecases.custom_notification import (
    OWNERS,
    WHY_NOT_VISITED,
    colleague,
    log,
    open_visit,
    set_status,
    the_written,
)
from gvi.usecases.facts import log_change
from gvi.usecases.rights import require, the

NOUN = "round"


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What a round is, as it is typed."""

    name: str
    starts_on: date
    ends_on: date
    owner_id: int
    team: str
    purpose: str
    group_ids: Collection[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """What becomes of one visit that was not delivered."""

    remains: Remains
    reason: str
    due_at: datetime | None = None
    """By when it is to be delivered, of one that stays."""


def add_round(
    db: Session, viewer: Viewer, frame: Frame, *, call_in_id: int | None, at: datetime
) -> Round:
    """Begin a round, on its own or for the gap of a call-in; nobody is in it by that."""
    require(viewer, "round:write")
    if call_in_id is not None:
        the(db, viewer, CallIn, call_in_id, "call_in:read")
    begun = Round(
        programme_id=viewer.programme_id,
        status=RoundStatus.OPEN.value,
        call_in_id=call_in_id,
        created_at=at,
        created_by_id=viewer.user_id,
    )
    _describe(db, viewer, begun, frame)
    db.add(begun)
    db.flush()
    _address(db, viewer, begun, frame.group_ids)
    log_change(db, viewer, "round:added", at=at, collected=True, round=begun.id)
    return begun


def change_round(
    db: Session, viewer: Viewer, round_id: int, frame: Frame, *, at: datetime, zone: ZoneInfo
) -> Round:
    """Correct what an open round is; visits that were due with it are due with its new end."""
    changed = the_open(db, viewer, round_id)
    before = changed.ends_on
    _describe(db, viewer, changed, frame)
    _address(db, viewer, changed, frame.group_ids)
    if changed.ends_on != before:
        _move_visits(db, viewer, changed, end_of(before, zone), at=at, zone=zone)
    log_change(db, viewer, "round:changed", at=at, round=changed.id)
    return changed


def _describe(db: Session, viewer: Viewer, described: Round, frame: Frame) -> None:
    if not frame.name.strip():
        raise RuleError(N_("Give it a name."), field="name")
    if frame.ends_on < frame.starts_on:
        raise RuleError(N_("It ends before it begins."), field="ends_on")
    colleague(db, viewer, frame.owner_id, OWNERS, field="owner")
    described.name, described.owner_id = frame.name.strip(), frame.owner_id
    described.starts_on, described.ends_on = frame.starts_on, frame.ends_on
    described.team, described.purpose = frame.team.strip(), frame.purpose.strip()


def _address(db: Session, viewer: Viewer, begun: Round, group_ids: Collection[int]) -> None:
    for group_id in sorted(set(group_ids)):
        the(db, viewer, Group, group_id, "group:read")
    db.execute(delete(RoundGroup).where(RoundGroup.round_id == begun.id))
    ids = sorted(set(group_ids))
    db.add_all(RoundGroup(round_id=begun.id, group_id=group_id) for group_id in ids)
    db.flush()


def _move_visits(
    db: Session, viewer: Viewer, changed: Round, old: datetime, *, at: datetime, zone: ZoneInfo
) -> None:
    new = end_of(changed.ends_on, zone)
    for visit in undelivered(db, changed.id):
        if visit.due_at == old and new > at:
            given = {"old": old, "new": new, "at": at, "reason": changed.name}
            due_moved(db, viewer, VISIT, visit.id, **given)  # type: ignore[arg-type]
            visit.due_at = new


def end_of(day: date, zone: ZoneInfo) -> datetime:
    """Give the last minute of a day: by when a round's visits are due."""
    return datetime.combine(day, time(23, 59), zone)


def add_people(
    db: Session,
    viewer: Viewer,
    round_id: int,
    reasons: Mapping[int, str],
    *,
    at: datetime,
    zone: ZoneInfo,
) -> tuple[CustomNotification, ...]:
    """Put people into an open round, each with why; whose visit is open already brings it along.

    Raises RuleError for whoever may not be visited, or is in another open round.
    """
    begun = the_open(db, viewer, round_id)
    if viewer.user_id is None:
        raise NotAllowedError(N_("People are put into a round by somebody who is logged in."))
    if not reasons:
        raise RuleError(N_("Tick at least one person."), field="p")
    if local_day(at, zone) > begun.ends_on:
        raise RuleError(N_("The round’s last day has passed: change it first."))
    bars = bars_of(db, viewer, reasons, on=at, zone=zone)
    added = []
    for person_id in sorted(reasons):
        hold(db, Person, person_id)
        person = the(db, viewer, Person, person_id, "person:read", person="id")
        if person_id in bars:
            raise RuleError(WHY_NOT_VISITED[bars[person_id]], field="p", name=person.code_name)
        why = reasons[person_id].strip()
        added.append(_put_in(db, viewer, begun, person, why=why, at=at, zone=zone))
    return tuple(added)


def _put_in(
    db: Session,
    viewer: Viewer,
    begun: Round,
    person: Person,
    *,
    why: str,
    at: datetime,
    zone: ZoneInfo,
) -> CustomNotification:
    if not why:
        raise RuleError(
            N_("Say in a sentence why %(name)s."), field=f"why-{person.id}", name=person.code_name
        )
    _check_one_round(db, begun, person)
    visit = open_visit(db, person.id)
    if visit is None:
        visit = CustomNotification(
            programme_id=viewer.programme_id,
            person_id=person.id,
            trigger=NotificationTrigger.ROUND.value,
            status=NotificationStatus.PLANNED.value,
            due_at=end_of(begun.ends_on, zone),
            owner_id=begun.owner_id,
            team=begun.team,
            created_at=at,
            created_by_id=viewer.user_id,
        )
        db.add(visit)
        db.flush()
        log(db, viewer, visit, "added", at=at, collected=True)
    else:
        _trail(db, viewer, visit, begun.name, at=at, reason=why)
    visit.why = why
    db.merge(RoundVisit(custom_notification_id=visit.id, round_id=begun.id))
    log(db, viewer, visit, "put_in_round", at=at, collected=True)
    return visit


def _check_one_round(db: Session, begun: Round, person: Person) -> None:
    """Refuse whoever is in this round, or in another that is open; who was given up may come."""
    other = db.scalars(
        select(Round)
        .join(RoundVisit, RoundVisit.round_id == Round.id)
        .join(CustomNotification, CustomNotification.id == RoundVisit.custom_notification_id)
        .where(
            CustomNotification.person_id == person.id,
            CustomNotification.status.not_in(sorted(ENDED_BY_HAND)),
            Round.status == RoundStatus.OPEN.value,
        )
        .order_by(Round.id)
        .limit(1)
    ).first()
    if other is not None and other.id == begun.id:
        raise RuleError(N_("%(name)s is in this round already."), field="p", name=person.code_name)
    if other is not None:
        raise RuleError(
            N_("%(name)s is in the round %(round)s, which is open: nobody is in two."),
            field="p",
            name=person.code_name,
            round=other.name,
        )


def _trail(
    db: Session,
    viewer: Viewer,
    visit: CustomNotification,
    new: str,
    *,
    at: datetime,
    reason: str,
) -> None:
    """Keep that a visit came into a round or left it; `new` is blank where it stands alone."""
    before = db.get(RoundVisit, visit.id)
    old = str(before.round_id) if before else None
    given = {"old": old, "new": new, "at": at, "reason": reason}
    status_changed(db, viewer, VISIT, visit.id, field="round", **given)  # type: ignore[arg-type]


def take_out(
    db: Session, viewer: Viewer, notification_id: int, decided: Decided, *, at: datetime
) -> CustomNotification:
    """Take one person out of an open round: the visit stays alone, or ends, with the reason."""
    found = the(db, viewer, CustomNotification, notification_id, "custom_notification:write")
    before = db.get(RoundVisit, found.id)
    if before is not None:
        the_open(db, viewer, before.round_id)
    visit = the_written(db, viewer, notification_id)
    place = db.get(RoundVisit, visit.id, populate_existing=True)
    if before is None or place is None:
        raise RuleError(N_("That visit is in no round."))
    if visit.status not in STILL_POSSIBLE:
        raise RuleError(N_("It was delivered or has ended, and stays in the round."))
    said = reasoned(decided.reason)
    _settle(db, viewer, visit, decided, at=at)
    if decided.remains is Remains.STAYS:
        _trail(db, viewer, visit, "", at=at, reason=said)
        db.delete(place)
    log(db, viewer, visit, "taken_out", at=at)
    return visit


def let_go(
    db: Session, viewer: Viewer, visit: CustomNotification, *, at: datetime, said: str
) -> None:
    """Let a visit that is to be made again out of a round that was closed: it stands alone."""
    place = db.get(RoundVisit, visit.id)
    if place is None or db.get_one(Round, place.round_id).status == RoundStatus.OPEN:
        return
    _trail(db, viewer, visit, "", at=at, reason=said)
    db.delete(place)
    log(db, viewer, visit, "taken_out", at=at)


def _settle(
    db: Session, viewer: Viewer, visit: CustomNotification, decided: Decided, *, at: datetime
) -> None:
    said = reasoned(decided.reason)
    if decided.remains is not Remains.STAYS:
        to = NotificationStatus(decided.remains.value)
        set_status(db, viewer, visit, to, at=at, reason=said)
        return
    if decided.due_at is None or decided.due_at <= at:
        raise RuleError(N_("Say by when it is to be delivered."), field="due_at")
    if decided.due_at != visit.due_at:
        given = {"old": visit.due_at, "new": decided.due_at, "at": at, "reason": said}
        due_moved(db, viewer, VISIT, visit.id, **given)  # type: ignore[arg-type]
        visit.due_at = decided.due_at


def close_round(
    db: Session,
    viewer: Viewer,
    round_id: int,
    decisions: Mapping[int, Decided],
    *,
    at: datetime,
) -> Round:
    """Close a round once it is decided what becomes of every visit that was not delivered."""
    closed = the_open(db, viewer, round_id)
    for visit in undelivered(db, closed.id):
        decided = decisions.get(visit.id)
        if decided is None:
            raise RuleError(
                N_("Say of everybody not delivered what becomes of it."),
                field=f"remains-{visit.id}",
            )
        try:
            _settle(db, viewer, visit, decided, at=at)
        except RuleError as error:
            error.field = f"{error.field}-{visit.id}"
            raise
    closed.closed_at = at
    _set(db, viewer, closed, RoundStatus.CLOSED, at=at, reason="")
    return closed


def reopen_round(db: Session, viewer: Viewer, round_id: int, *, reason: str, at: datetime) -> Round:
    """Open a closed round again; visits that were ended stay so, those that stayed are in it.

    Raises RuleError where somebody of it is in another open round by now.
    """
    said = reasoned(reason)
    hold(db, Round, round_id)
    opened = the(db, viewer, Round, round_id, "round:write")
    db.refresh(opened)
    if opened.status != RoundStatus.CLOSED:
        raise RuleError(N_("The round is open."))
    _check_nobody_elsewhere(db, opened, _held_people(db, opened))
    opened.closed_at = None
    _set(db, viewer, opened, RoundStatus.OPEN, at=at, reason=said)
    return opened


def _held_people(db: Session, opened: Round) -> tuple[int, ...]:
    """Give the people of a round, and let nobody put them into another until this is done."""
    visit, place = CustomNotification, RoundVisit
    own = (
        select(visit.person_id)
        .join(place, place.custom_notification_id == visit.id)
        .where(place.round_id == opened.id, visit.status.not_in(sorted(ENDED_BY_HAND)))
    )
    people = tuple(sorted(set(db.scalars(own))))
    for person_id in people:
        hold(db, Person, person_id)
    return people


def _check_nobody_elsewhere(db: Session, opened: Round, people: Collection[int]) -> None:
    visit, place = CustomNotification, RoundVisit
    other = db.scalars(
        select(Round.name)
        .join(place, place.round_id == Round.id)
        .join(visit, visit.id == place.custom_notification_id)
        .where(
            visit.person_id.in_(people),
            visit.status.not_in(sorted(ENDED_BY_HAND)),
            Round.id != opened.id,
            Round.status == RoundStatus.OPEN.value,
        )
        .limit(1)
    ).first()
    if other is not None:
        raise RuleError(
            N_("Somebody of it is in the round %(round)s by now, and nobody is in two."),
            round=other,
        )


def undelivered(db: Session, round_id: int) -> tuple[CustomNotification, ...]:
    """Give the visits of a round that can still be made, each held until this is done."""
    return tuple(
        db.scalars(
            select(CustomNotification)
            .join(RoundVisit, RoundVisit.custom_notification_id == CustomNotification.id)
            .where(
                RoundVisit.round_id == round_id,
                CustomNotification.status.in_(sorted(STILL_POSSIBLE)),
            )
            .order_by(CustomNotification.id)
            .with_for_update(of=CustomNotification),
            execution_options={"populate_existing": True},
        )
    )


def the_open(db: Session, viewer: Viewer, round_id: int) -> Round:
    """Load an open round for writing, held until this is done."""
    hold(db, Round, round_id)
    found = the(db, viewer, Round, round_id, "round:write")
    db.refresh(found)
    if found.status != RoundStatus.OPEN:
        raise RuleError(N_("The round is closed. Reopen it first, with a reason."))
    return found


def _set(
    db: Session, viewer: Viewer, changed: Round, to: RoundStatus, *, at: datetime, reason: str
) -> None:
    given = {"old": changed.status, "new": to.value, "at": at, "reason": reason}
    status_changed(db, viewer, NOUN, changed.id, **given)  # type: ignore[arg-type]
    changed.status = to.value
    verb = "closed" if to is RoundStatus.CLOSED else "reopened"
    log_change(db, viewer, f"{NOUN}:{verb}", at=at, round=changed.id)
