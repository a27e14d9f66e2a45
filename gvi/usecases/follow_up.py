"""What follows a call-in by itself: contact with who came, a visit to who did not, the debrief.

Saving the same attendance twice makes nothing twice; a corrected attendance corrects what follows.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from gvi.domain.access import Role, Viewer
from gvi.domain.action import OPEN_ACTIONS, ActionKind, ActionStatus
from gvi.domain.call_in import (
    HEARD,
    InviteeStatus,
    attendee_contact_due,
    debrief_due,
    no_show_notification_due,
    wellbeing_due,
)
from gvi.domain.custom_notification import (
    OPEN_STATUSES,
    NotificationStatus,
    NotificationTrigger,
)
from gvi.domain.grading import Compartment
from gvi.store.models import Action, CallIn, ClientAssignment, CustomNotification, Invitee, User
from gvi.store.queries.call_in_session import session_times
from gvi.usecases.booked_action import action_of, book, drop, first_in, holder, owner_in, renew
from gvi.usecases.changes import due_moved, status_changed
from gvi.usecases.facts import log_change

FOLLOW_UPS = (
    ActionKind.ATTENDEE_CONTACT.value,
    ActionKind.DEBRIEF.value,
    ActionKind.WELLBEING.value,
)


def open_follow_ups(db: Session, call_in: CallIn) -> Sequence[Action | CustomNotification]:
    """Give what follows a call-in and is still to be done."""
    actions = db.scalars(
        select(Action).where(
            Action.call_in_id == call_in.id,
            Action.kind.in_(FOLLOW_UPS),
            Action.status.in_(sorted(OPEN_ACTIONS)),
        )
    )
    notifications = db.scalars(
        select(CustomNotification).where(
            CustomNotification.call_in_id == call_in.id,
            CustomNotification.status.in_(sorted(OPEN_STATUSES)),
        )
    )
    return [*actions, *notifications]


def book_afterwards(db: Session, viewer: Viewer, call_in: CallIn, *, at: datetime) -> None:
    """Book the debrief of a call-in and a word with its speakers, unless they are booked.

    Both are due by the last session.
    """
    last = session_times(db, call_in)[-1].starts_at
    if last is None:
        return
    for kind, due_at, role in (
        (ActionKind.DEBRIEF, debrief_due(last), None),
        (ActionKind.WELLBEING, wellbeing_due(last), Role.COORDINATOR_MUNICIPAL),
    ):
        if action_of(db, call_in, kind, None) is not None:
            continue
        book(
            db,
            viewer,
            call_in,
            kind,
            due_at=due_at,
            owner_id=owner_in(db, viewer, call_in, role) if role else holder(call_in, viewer),
            compartment=Compartment.SHARED,
            at=at,
        )


def follow_attendance(
    db: Session,
    viewer: Viewer,
    call_in: CallIn,
    invitee: Invitee,
    *,
    before: InviteeStatus,
    starts_at: datetime,
    at: datetime,
    correction: str,
    is_kept_out: bool = False,
) -> None:
    """Bring what follows one invitee in line with the outcome.

    Nobody who was not to be let in (`is_kept_out`) is visited as somebody who stayed away.
    What a person has done or dropped since stays as it is, unless the outcome itself changed;
    `correction` is the reason kept with what is then taken back or renewed.
    """
    now = InviteeStatus(invitee.status)
    came, stayed_away = now in HEARD, now is InviteeStatus.NO_SHOW
    contact = action_of(db, call_in, ActionKind.ATTENDEE_CONTACT, invitee.person_id)
    if came and contact is None:
        book(
            db,
            viewer,
            call_in,
            ActionKind.ATTENDEE_CONTACT,
            due_at=attendee_contact_due(starts_at),
            owner_id=_worker(db, call_in.programme_id, invitee.person_id),
            compartment=Compartment.SOCIAL,
            at=at,
            person_id=invitee.person_id,
        )
    elif contact and came and before not in HEARD:
        _due_anew(db, viewer, contact, attendee_contact_due(starts_at), at=at, reason=correction)
        renew(db, viewer, contact, at=at, reason=correction)
    elif contact and not came and before in HEARD:
        drop(db, viewer, contact, at=at, reason=correction)
    if stayed_away and is_kept_out:
        return
    visit = _notification_of(db, call_in, invitee.person_id)
    if stayed_away and visit is None:
        _plan_visit(db, viewer, call_in, invitee.person_id, starts_at=starts_at, at=at)
    elif visit and stayed_away and before is not InviteeStatus.NO_SHOW:
        _due_anew(db, viewer, visit, no_show_notification_due(starts_at), at=at, reason=correction)
        _replan(db, viewer, visit, at=at, reason=correction)
    elif visit and not stayed_away and before is InviteeStatus.NO_SHOW:
        _call_off(db, viewer, visit, at=at, reason=correction)


def _due_anew(
    db: Session,
    viewer: Viewer,
    ended: Action | CustomNotification,
    due_at: datetime,
    *,
    at: datetime,
    reason: str,
) -> None:
    """What is opened again is due by the call-in's present start: it may have been moved since."""
    is_renewed = ended.status in {ActionStatus.DROPPED, NotificationStatus.CANCELLED}
    if is_renewed and ended.due_at != due_at:
        thing = "action" if isinstance(ended, Action) else "custom_notification"
        due_moved(db, viewer, thing, ended.id, old=ended.due_at, new=due_at, at=at, reason=reason)
        ended.due_at = due_at


def move_follow_ups(
    db: Session,
    viewer: Viewer,
    call_in: CallIn,
    by: timedelta,
    *,
    at: datetime,
    reason: str,
    of_people: bool = True,
) -> None:
    """Move what still follows a call-in as far as the call-in itself was moved.

    Without `of_people` only what is the team's, as when the last of several sessions is moved.
    """
    for each in open_follow_ups(db, call_in):
        if each.person_id is not None and not of_people:
            continue
        thing = "action" if isinstance(each, Action) else "custom_notification"
        new = each.due_at + by
        due_moved(db, viewer, thing, each.id, old=each.due_at, new=new, at=at, reason=reason)
        each.due_at = new


def drop_follow_ups(
    db: Session, viewer: Viewer, call_in: CallIn, *, at: datetime, reason: str
) -> None:
    """Drop everything that still follows a call-in that will not be held."""
    for each in open_follow_ups(db, call_in):
        if isinstance(each, Action):
            drop(db, viewer, each, at=at, reason=reason)
        else:
            _call_off(db, viewer, each, at=at, reason=reason)


def _notification_of(db: Session, call_in: CallIn, person_id: int) -> CustomNotification | None:
    return db.scalars(
        select(CustomNotification)
        .where(
            CustomNotification.call_in_id == call_in.id,
            CustomNotification.person_id == person_id,
            CustomNotification.trigger == NotificationTrigger.AFTER_CALL_IN_NO_SHOW.value,
        )
        .order_by(CustomNotification.id)
        .limit(1)
    ).first()


def _plan_visit(
    db: Session,
    viewer: Viewer,
    call_in: CallIn,
    person_id: int,
    *,
    starts_at: datetime,
    at: datetime,
) -> None:
    visit = CustomNotification(
        programme_id=call_in.programme_id,
        person_id=person_id,
        trigger=NotificationTrigger.AFTER_CALL_IN_NO_SHOW.value,
        status=NotificationStatus.PLANNED.value,
        due_at=no_show_notification_due(starts_at),
        owner_id=holder(call_in, viewer),
        call_in_id=call_in.id,
        created_at=at,
        created_by_id=viewer.user_id,
    )
    db.add(visit)
    db.flush()
    log_change(
        db,
        viewer,
        "custom_notification:added",
        at=at,
        collected=True,
        custom_notification=visit.id,
        person=person_id,
    )


def _call_off(
    db: Session,
    viewer: Viewer,
    visit: CustomNotification,
    *,
    at: datetime,
    reason: str,
) -> None:
    if visit.status in OPEN_STATUSES:
        _set_visit(db, viewer, visit, NotificationStatus.CANCELLED, at=at, reason=reason)


def _replan(
    db: Session, viewer: Viewer, visit: CustomNotification, *, at: datetime, reason: str
) -> None:
    if visit.status == NotificationStatus.CANCELLED:
        _set_visit(db, viewer, visit, NotificationStatus.PLANNED, at=at, reason=reason)


def _set_visit(
    db: Session,
    viewer: Viewer,
    visit: CustomNotification,
    to: NotificationStatus,
    *,
    at: datetime,
    reason: str,
) -> None:
    thing = "custom_notification"
    status_changed(
        db, viewer, thing, visit.id, old=visit.status, new=to.value, at=at, reason=reason
    )
    visit.status = to.value
    log_change(
        db,
        viewer,
        f"{thing}:{to.value}",
        at=at,
        custom_notification=visit.id,
        person=visit.person_id,
    )


def _worker(db: Session, programme_id: int, person_id: int) -> int | None:
    """Find who contacts somebody: the own outreach worker, else the municipal coordinator."""
    own = db.scalars(
        select(User.id)
        .join(ClientAssignment, ClientAssignment.user_id == User.id)
        .where(
            ClientAssignment.programme_id == programme_id,
            ClientAssignment.person_id == person_id,
            ClientAssignment.ended_at.is_(None),
            User.is_active,
            User.role.in_((Role.OUTREACH.value, Role.OUTREACH_LEAD.value)),
        )
        .order_by(ClientAssignment.assigned_at.desc(), User.id)
        .limit(1)
    ).first()
    if own is not None:
        return own
    return first_in(db, programme_id, Role.COORDINATOR_MUNICIPAL)
