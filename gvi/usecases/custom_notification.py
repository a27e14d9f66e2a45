"""Custom notifications: plan one for one person, approve it, try, deliver, move or cancel it.

An attempt is not a delivery: each try is kept, and the ledger holds only what was said.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from zoneinfo import ZoneInfo

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from gvi.domain.access import Role, Viewer
from gvi.domain.call_in import Bar
from gvi.domain.custom_notification import (
    ENDED_BY_HAND,
    STILL_POSSIBLE,
    NotificationStatus,
    NotificationTrigger,
    RiskOutcome,
)
from gvi.domain.errors import NotAllowedError, RuleError
from gvi.domain.paper import LetterLanguage
from gvi.domain.text import N_
from gvi.store.models import (
    CustomNotification,
    Incident,
    NotificationVisitor,
    Person,
    User,
    VisitLetter,
)
from gvi.store.queries.hold import hold
from gvi.store.queries.invitee import bars_of
from gvi.store.queries.risk_check import NOT_CHECKED, counting_check, risks_of
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

WHY_NOT_VISITED: Mapping[Bar, str] = MappingProxyType(
    {
        Bar.UNDER_18: N_(
            "%(name)s is under 18 and gets no custom notification. Speak with the guardian and "
            "check whether a concern report is needed; the support track takes it from there."
        ),
        Bar.IN_CUSTODY: N_(
            "%(name)s is in custody. Plan a single custom notification for the release instead."
        ),
        Bar.LEFT_OUT: N_("%(name)s may not be visited: protected, or in an exit programme."),
    }
)

MAY_TRY = STILL_POSSIBLE - {NotificationStatus.PLANNED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """Who goes where, who answers for it, why this person, and what the letter says of them."""

    owner_id: int
    team: str
    place: str
    visitor_ids: Collection[int]
    why: str = ""
    letter_language: LetterLanguage | None = None
    exposure: str = ""


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

    Raises RuleError for who is protected or in an exit programme, and for somebody under 18, who
    has the guardian and the concern report first; custody may end before the visit.
    """
    require(viewer, "custom_notification:write")
    person = the(db, viewer, Person, person_id, "person:read", person="id")
    _check_may_be_visited(db, viewer, person, at=at, zone=zone, field="person")
    _check_to_come(due_at, at)
    _check_none_open(db, person)
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
    _write_letter(db, notification, errand)
    _send(db, viewer, notification, errand.visitor_ids)
    log(db, viewer, notification, "added", at=at, collected=True)
    return notification


def _check_none_open(db: Session, person: Person) -> None:
    """Refuse a second visit while one is to be made: two teams would stand at one door."""
    hold(db, Person, person.id)
    if open_visit(db, person.id) is not None:
        raise RuleError(
            N_(
                "%(name)s has a custom notification that is still to be delivered. Move its day or"
                " change it instead."
            ),
            field="person",
            name=person.code_name,
        )


def open_visit(db: Session, person_id: int) -> CustomNotification | None:
    """Give the custom notification that is still to be delivered to somebody, the first due."""
    return db.scalars(
        select(CustomNotification)
        .where(
            CustomNotification.person_id == person_id,
            CustomNotification.status.in_(sorted(STILL_POSSIBLE)),
        )
        .order_by(CustomNotification.due_at, CustomNotification.id)
        .limit(1)
    ).first()


def change_notification(
    db: Session,
    viewer: Viewer,
    notification_id: int,
    errand: Errand,
    *,
    at: datetime,
) -> CustomNotification:
    """Change who goes where, who answers for it, why, and what the letter says.

    Other words for the letter are to be approved anew.
    """
    notification = _still_possible(db, viewer, notification_id)
    _describe(db, viewer, notification, errand)
    _write_letter(db, notification, errand)
    _send(db, viewer, notification, errand.visitor_ids)
    log(db, viewer, notification, "changed", at=at)
    return notification


def _check_to_come(due_at: datetime, at: datetime) -> None:
    if due_at <= at:
        raise RuleError(N_("That time has passed; choose one to come."), field="due_at")


def _describe(
    db: Session, viewer: Viewer, notification: CustomNotification, errand: Errand
) -> None:
    colleague(db, viewer, errand.owner_id, OWNERS, field="owner")
    notification.owner_id = errand.owner_id
    notification.team, notification.place = errand.team.strip(), errand.place.strip()
    notification.why = errand.why.strip()


def _write_letter(db: Session, notification: CustomNotification, errand: Errand) -> None:
    """Keep what the letter says; words that became other ones lose their approval."""
    language = errand.letter_language.value if errand.letter_language else None
    words = (language, errand.exposure.strip().replace("\r\n", "\n"))
    letter = db.get(VisitLetter, notification.id)
    if letter is None and words == (None, ""):
        return
    if letter is None:
        letter = VisitLetter(custom_notification_id=notification.id)
        db.add(letter)
    if words != (letter.language, letter.exposure):
        letter.language, letter.exposure = words
        letter.approved_at = letter.approved_by_id = None


def colleague(
    db: Session, viewer: Viewer, user_id: int, roles: Collection[str], *, field: str
) -> None:
    """Refuse whoever does not work here in one of these roles."""
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
        colleague(db, viewer, user_id, VISITORS, field="visitors")
    db.execute(delete(table).where(table.custom_notification_id == notification.id))
    db.add_all(
        table(custom_notification_id=notification.id, user_id=user_id)
        for user_id in sorted(set(visitor_ids))
    )
    db.flush()


def approve_notification(
    db: Session, viewer: Viewer, notification_id: int, *, at: datetime, zone: ZoneInfo
) -> CustomNotification:
    """Approve a planned visit by name, and with it the letter's words, after a go.

    Raises RuleError for who may not be visited by now; custody may end before the visit.
    """
    notification = the_written(db, viewer, notification_id)
    if viewer.user_id is None:
        raise NotAllowedError(N_("A visit is approved by somebody who is logged in."))
    if notification.status != NotificationStatus.PLANNED:
        raise RuleError(N_("It is approved already, or has ended."))
    person = db.get_one(Person, notification.person_id)
    _check_may_be_visited(db, viewer, person, at=at, zone=zone)
    check = counting_check(db, notification.id)
    if check is None or check.outcome != RiskOutcome.GO:
        raise RuleError(N_("Check the risk first: a visit is approved after a go."))
    if risks_of(db, viewer, [notification.id], at=at).get(notification.id, NOT_CHECKED).look_again:
        raise RuleError(N_("Violence became known after the go: check the risk again first."))
    _approve_words(db, viewer, notification, at=at)
    set_status(db, viewer, notification, NotificationStatus.APPROVED, at=at)
    return notification


def _check_may_be_visited(
    db: Session,
    viewer: Viewer,
    person: Person,
    *,
    at: datetime,
    zone: ZoneInfo,
    field: str | None = None,
) -> None:
    """Refuse whoever may not be visited, as known now."""
    bar = bars_of(db, viewer, [person.id], on=at, zone=zone).get(person.id)
    if bar in {Bar.LEFT_OUT, Bar.UNDER_18}:
        raise RuleError(WHY_NOT_VISITED[bar], field=field, name=person.code_name)


def approve_letter(
    db: Session, viewer: Viewer, notification_id: int, *, at: datetime
) -> CustomNotification:
    """Approve the letter's words of a visit that was approved before they were written so."""
    notification = the_written(db, viewer, notification_id)
    if viewer.user_id is None:
        raise NotAllowedError(N_("A letter is approved by somebody who is logged in."))
    if notification.status not in MAY_TRY:
        raise RuleError(N_("Approve the visit first; that approves the letter, too."))
    if not _approve_words(db, viewer, notification, at=at):
        raise RuleError(N_("Write first, with Change, what the letter says of this person’s risk."))
    log(db, viewer, notification, "letter_approved", at=at)
    return notification


def _approve_words(
    db: Session, viewer: Viewer, notification: CustomNotification, *, at: datetime
) -> bool:
    """Sign the letter's words; False where there are none."""
    letter = db.get(VisitLetter, notification.id)
    if letter is None or not letter.exposure:
        return False
    letter.approved_at, letter.approved_by_id = at, viewer.user_id
    return True


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


def the_written(db: Session, viewer: Viewer, notification_id: int) -> CustomNotification:
    """Load a notification for writing as it is now, held until this is done."""
    hold(db, CustomNotification, notification_id)
    found = the(db, viewer, CustomNotification, notification_id, "custom_notification:write")
    db.refresh(found)
    return found


def _still_possible(db: Session, viewer: Viewer, notification_id: int) -> CustomNotification:
    notification = the_written(db, viewer, notification_id)
    if notification.status not in STILL_POSSIBLE:
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
