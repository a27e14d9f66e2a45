"""Custom notifications: plan one for one person, approve it, try, deliver, move or cancel it.

An attempt is not a delivery: each try is kept, and the ledger holds only what was said.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import delete
from sqlalchemy.orm import Session

from gvi.domain.access import Role, Viewer
from gvi.domain.custom_notification import (
    ENDED_BY_HAND,
    OPEN_STATUSES,
    TELLS_SOMEBODY,
    AttemptOutcome,
    NotificationStatus,
    NotificationTrigger,
    status_after,
)
from gvi.domain.errors import NotAllowedError, RuleError
from gvi.domain.message import MessagePart, SpokenLanguage
from gvi.domain.person import is_adult
from gvi.domain.text import N_
from gvi.domain.time import local_day
from gvi.store.models import (
    CustomNotification,
    Incident,
    MessageDelivery,
    NotificationAttempt,
    NotificationVisitor,
    Person,
    User,
)
from gvi.usecases.changes import due_moved, reasoned, status_changed
from gvi.usecases.facts import log_change
from gvi.usecases.rights import require, the

NOUN = "custom_notification"
OWNERS = (
    Role.COORDINATOR_POLICE.value,
    Role.COORDINATOR_MUNICIPAL.value,
    Role.OUTREACH.value,
    Role.OUTREACH_LEAD.value,
    Role.PROBATION.value,
)
VISITORS = (*OWNERS, Role.COMMUNITY.value)

_STILL_POSSIBLE = OPEN_STATUSES | {NotificationStatus.PARTLY_FAMILY}
"""Also after the family was told the person can still be met."""
_MAY_TRY = _STILL_POSSIBLE - {NotificationStatus.PLANNED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """Who goes where, who answers for it, and what was checked first."""

    owner_id: int
    team: str
    place: str
    risk_check: str
    visitor_ids: Collection[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Try:
    """One try to meet the person, and what was said if somebody was met."""

    attempted_at: datetime
    outcome: AttemptOutcome
    place: str
    note: str
    card_left: bool
    parts: Collection[MessagePart]
    delivered_by: str
    language: SpokenLanguage | None = None


def add_notification(
    db: Session,
    viewer: Viewer,
    person_id: int,
    errand: Errand,
    *,
    trigger: NotificationTrigger,
    due_at: datetime,
    incident_id: int | None,
    at: datetime,
    zone: ZoneInfo,
) -> CustomNotification:
    """Plan to give one person the message by a day.

    Raises RuleError for somebody under 18, who has the guardian and the concern report first.
    """
    require(viewer, "custom_notification:write")
    person = the(db, viewer, Person, person_id, "person:read", person="id")
    if not is_adult(person.birth_date, local_day(at, zone)):
        raise RuleError(
            N_(
                "%(name)s is under 18 and gets no custom notification. Speak with the guardian and "
                "check whether a concern report is needed; the support track takes it from there."
            ),
            field="person",
            name=person.code_name,
        )
    _check_to_come(due_at, at)
    notification = CustomNotification(
        programme_id=viewer.programme_id,
        person_id=person.id,
        trigger=trigger.value,
        status=NotificationStatus.PLANNED.value,
        due_at=due_at,
        created_at=at,
        created_by_id=viewer.user_id,
    )
    db.add(notification)
    _describe(db, viewer, notification, errand)
    _link_incident(db, viewer, notification, incident_id)
    db.flush()
    _send(db, viewer, notification, errand.visitor_ids)
    log(db, viewer, notification, "added", at=at, collected=True)
    return notification


def change_notification(
    db: Session,
    viewer: Viewer,
    notification_id: int,
    errand: Errand,
    *,
    at: datetime,
) -> CustomNotification:
    """Change who goes where, who answers for it, and what was checked first."""
    notification = _still_possible(db, viewer, notification_id)
    _describe(db, viewer, notification, errand)
    _send(db, viewer, notification, errand.visitor_ids)
    log(db, viewer, notification, "changed", at=at)
    return notification


def _check_to_come(due_at: datetime, at: datetime) -> None:
    if due_at <= at:
        raise RuleError(N_("That time has passed; choose one to come."), field="due_at")


def _describe(
    db: Session, viewer: Viewer, notification: CustomNotification, errand: Errand
) -> None:
    _colleague(db, viewer, errand.owner_id, OWNERS, field="owner")
    notification.owner_id = errand.owner_id
    notification.team, notification.place = errand.team.strip(), errand.place.strip()
    notification.risk_check = errand.risk_check.strip()


def _colleague(
    db: Session, viewer: Viewer, user_id: int, roles: Collection[str], *, field: str
) -> None:
    user = db.get(User, user_id)
    works_here = user is not None and user.programme_id == viewer.programme_id and user.is_active
    if user is None or not works_here or user.role not in roles:
        raise RuleError(N_("Choose somebody who works here and goes on visits."), field=field)


def _link_incident(
    db: Session, viewer: Viewer, notification: CustomNotification, incident_id: int | None
) -> None:
    if incident_id is not None:
        the(db, viewer, Incident, incident_id, "incident:read")
    notification.incident_id = incident_id


def _send(
    db: Session, viewer: Viewer, notification: CustomNotification, visitor_ids: Collection[int]
) -> None:
    """Set who goes along; they see the visit's time and place."""
    table = NotificationVisitor
    for user_id in sorted(visitor_ids):
        _colleague(db, viewer, user_id, VISITORS, field="visitors")
    db.execute(delete(table).where(table.custom_notification_id == notification.id))
    db.add_all(
        table(custom_notification_id=notification.id, user_id=user_id)
        for user_id in sorted(set(visitor_ids))
    )
    db.flush()


def approve_notification(
    db: Session, viewer: Viewer, notification_id: int, *, at: datetime
) -> CustomNotification:
    """Approve a planned visit by name, once it is said what was checked first."""
    notification = the_written(db, viewer, notification_id)
    if viewer.user_id is None:
        raise NotAllowedError(N_("A visit is approved by somebody who is logged in."))
    if notification.status != NotificationStatus.PLANNED:
        raise RuleError(N_("It is approved already, or has ended."))
    if not notification.risk_check:
        raise RuleError(
            N_(
                "Say what was checked first: a conflict at home, children present, "
                "a victim of the own group. Then approve."
            )
        )
    set_status(db, viewer, notification, NotificationStatus.APPROVED, at=at)
    return notification


def move_notification(
    db: Session,
    viewer: Viewer,
    notification_id: int,
    *,
    due_at: datetime,
    reason: str,
    at: datetime,
) -> CustomNotification:
    """Move the day by which it is to be delivered; the old one and the reason stay."""
    said = reasoned(reason)
    notification = _still_possible(db, viewer, notification_id)
    _check_to_come(due_at, at)
    old = notification.due_at
    if due_at == old:
        raise RuleError(N_("That is the time it has already."), field="due_at")
    due_moved(db, viewer, NOUN, notification.id, old=old, new=due_at, at=at, reason=said)
    notification.due_at = due_at
    log(db, viewer, notification, "moved", at=at)
    return notification


def end_notification(
    db: Session,
    viewer: Viewer,
    notification_id: int,
    *,
    to: NotificationStatus,
    reason: str,
    at: datetime,
) -> CustomNotification:
    """End it undelivered: cancelled, or found not to be deliverable; with the reason."""
    if to not in ENDED_BY_HAND:
        raise RuleError(N_("It ends as cancelled or as not deliverable."))
    said = reasoned(reason)
    notification = _still_possible(db, viewer, notification_id)
    set_status(db, viewer, notification, to, at=at, reason=said)
    return notification


def record_attempt(
    db: Session, viewer: Viewer, notification_id: int, made: Try, *, at: datetime
) -> NotificationAttempt:
    """Keep one try to meet the person, and what was said if somebody was met.

    Met with all or some parts said is delivered; what only the family was told is partly delivered.
    """
    notification = the_written(db, viewer, notification_id)
    if notification.status not in _MAY_TRY:
        raise RuleError(
            N_("Approve the visit first; one delivered or ended takes no more attempts.")
        )
    _check_try(made, at=at)
    attempt = NotificationAttempt(
        custom_notification_id=notification.id,
        attempted_at=made.attempted_at,
        outcome=made.outcome.value,
        place=made.place.strip(),
        card_left=made.card_left,
        note=made.note.strip(),
        recorded_at=at,
        recorded_by_id=viewer.user_id,
    )
    db.add(attempt)
    if made.parts:
        _deliver(db, viewer, notification, made, at=at)
    before = NotificationStatus(notification.status)
    after = status_after(before, made.outcome, was_told=bool(made.parts))
    set_status(db, viewer, notification, after, at=at)
    db.flush()
    log(db, viewer, notification, "attempt_recorded", at=at, collected=True)
    return attempt


def _check_try(made: Try, *, at: datetime) -> None:
    if made.attempted_at > at:
        raise RuleError(
            N_("That is still to come. Record an attempt once it is made."), field="when"
        )
    if made.outcome is AttemptOutcome.MET and not made.parts:
        raise RuleError(N_("Tick which parts of the message were said."), field="parts")
    if made.parts and made.outcome not in TELLS_SOMEBODY:
        raise RuleError(N_("Nobody was met, so nothing was said. Untick the parts."), field="parts")
    if made.parts and not made.delivered_by.strip():
        raise RuleError(N_("Say who gave the message."), field="delivered_by")


def _deliver(
    db: Session, viewer: Viewer, notification: CustomNotification, made: Try, *, at: datetime
) -> None:
    db.add(
        MessageDelivery(
            programme_id=notification.programme_id,
            person_id=notification.person_id,
            custom_notification_id=notification.id,
            delivered_at=made.attempted_at,
            delivered_by=made.delivered_by.strip(),
            language=made.language.value if made.language else None,
            to_family=made.outcome is AttemptOutcome.FAMILY_ONLY,
            recorded_at=at,
            recorded_by_id=viewer.user_id,
            **{part.value: part in made.parts for part in MessagePart},
        )
    )


def the_written(db: Session, viewer: Viewer, notification_id: int) -> CustomNotification:
    """Load a notification for writing."""
    return the(db, viewer, CustomNotification, notification_id, "custom_notification:write")


def _still_possible(db: Session, viewer: Viewer, notification_id: int) -> CustomNotification:
    notification = the_written(db, viewer, notification_id)
    if notification.status not in _STILL_POSSIBLE:
        raise RuleError(N_("It was delivered or has ended; that cannot be changed now."))
    return notification


def set_status(
    db: Session,
    viewer: Viewer,
    notification: CustomNotification,
    to: NotificationStatus,
    *,
    at: datetime,
    reason: str = "",
) -> None:
    """Write a change of status that has been decided on and checked."""
    if notification.status == to:
        return
    old, new = notification.status, to.value
    status_changed(db, viewer, NOUN, notification.id, old=old, new=new, at=at, reason=reason)
    notification.status = new
    log(db, viewer, notification, new, at=at)


def log(
    db: Session,
    viewer: Viewer,
    notification: CustomNotification,
    verb: str,
    *,
    at: datetime,
    collected: bool = False,
) -> None:
    """Add the audit entry of one act on a notification."""
    log_change(
        db,
        viewer,
        f"{NOUN}:{verb}",
        at=at,
        collected=collected,
        custom_notification=notification.id,
        person=notification.person_id,
    )
