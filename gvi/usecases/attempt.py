"""Trying to deliver a custom notification, and taking back a try that never happened so.

An attempt is not a delivery: each try is kept, and the ledger holds only what was said. A delivery
counted that never happened is the most dangerous error of the ledger: somebody is held to have
been warned who was not.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from gvi.domain.access import Viewer
from gvi.domain.custom_notification import (
    ENDED_BY_HAND,
    STILL_POSSIBLE,
    TELLS_SOMEBODY,
    Answer,
    AttemptOutcome,
    NotificationStatus,
    Reaction,
    RiskOutcome,
    status_after,
)
from gvi.domain.errors import NotFoundError, RuleError
from gvi.domain.message import MessagePart, SpokenLanguage
from gvi.domain.text import N_
from gvi.store.models import (
    CustomNotification,
    MessageDelivery,
    NotificationAttempt,
    Person,
    Round,
    RoundVisit,
    WithdrawnAttempt,
)
from gvi.store.queries.hold import hold
from gvi.store.queries.risk_check import check_at
from gvi.usecases.changes import reasoned
from gvi.usecases.custom_notification import MAY_TRY, log, open_visit, set_status, the_written
from gvi.usecases.rights import the
from gvi.usecases.round import let_go


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
    family_present: Answer = Answer.UNKNOWN
    reaction: Reaction | None = None
    assessment: str = ""
    help_offered: str = ""
    next_step: str = ""
    all_the_same: bool = False
    """Somebody went although a no-go held the visit back."""


def record_attempt(
    db: Session, viewer: Viewer, notification_id: int, made: Try, *, at: datetime
) -> NotificationAttempt:
    """Keep one try to meet the person, and what was said if somebody was met.

    Met with all or some parts said is delivered; what only the family was told is partly delivered.
    """
    notification = the_written(db, viewer, notification_id)
    if notification.status not in MAY_TRY:
        raise RuleError(
            N_("Approve the visit first; one delivered or ended takes no more attempts.")
        )
    _check_try(made, at=at)
    held_back = _is_held_back(db, notification, made)
    attempt = NotificationAttempt(
        custom_notification_id=notification.id,
        attempted_at=made.attempted_at,
        outcome=made.outcome.value,
        place=made.place.strip(),
        card_left=made.card_left,
        note=made.note.strip(),
        family_present=made.family_present.value,
        reaction=made.reaction.value if made.reaction else None,
        assessment=made.assessment.strip(),
        help_offered=made.help_offered.strip(),
        next_step=made.next_step.strip(),
        was_held_back=held_back,
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
    if made.reaction and made.outcome not in TELLS_SOMEBODY:
        raise RuleError(N_("Nobody was met, so nobody reacted. Leave that open."), field="reaction")
    if made.parts and not made.delivered_by.strip():
        raise RuleError(N_("Say who gave the message."), field="delivered_by")


def _is_held_back(db: Session, notification: CustomNotification, made: Try) -> bool:
    """Tell whether a no-go counted when the try was made; refuse it as one that was planned."""
    check = check_at(db, notification.id, made.attempted_at)
    if check is None or check.outcome != RiskOutcome.NO_GO:
        return False
    if not made.all_the_same:
        raise RuleError(
            N_(
                "A no-go holds this visit back: check the risk anew first. If somebody went all"
                " the same, tick that below; it is kept as such."
            ),
            field="all_the_same",
        )
    return True


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


def withdraw_attempt(
    db: Session,
    viewer: Viewer,
    notification_id: int,
    attempt_id: int,
    *,
    recorded_at: datetime,
    reason: str,
    at: datetime,
) -> CustomNotification:
    """Take back a try that never happened, or not so: everything is as without it.

    What it said leaves the ledger, and the status is what the other tries make it; an end that was
    decided by hand stays. A visit that is to be made again leaves a round that was closed, and ends
    as cancelled where the person has another one by now: two teams would stand at one door. The
    try is kept apart with who took it back, when and why. Both coordinators may, whoever recorded
    it. `recorded_at` tells the try from a later one that was given the same number.
    """
    said = reasoned(reason)
    notification = _the_held(db, viewer, notification_id)
    tries = _tries(db, notification)
    taken = next(
        (t for t in tries if t.id == attempt_id and t.recorded_at == recorded_at),
        None,
    )
    if taken is None:
        raise NotFoundError(N_("There is no such attempt; it may have been withdrawn already."))
    line = _said_in(db, taken)
    db.add(_withdrawn(taken, line, viewer, reason=said, at=at))
    if line is not None:
        db.delete(line)
    db.delete(taken)
    db.flush()
    log(db, viewer, notification, "attempt_withdrawn", at=at)
    if notification.status not in ENDED_BY_HAND:
        standing = _standing(db, [each for each in tries if each is not taken])
        if notification.status not in STILL_POSSIBLE and standing in STILL_POSSIBLE:
            let_go(db, viewer, notification, at=at, said=said)
            if open_visit(db, notification.person_id) is not None:
                standing = NotificationStatus.CANCELLED
        set_status(db, viewer, notification, standing, at=at, reason=said)
    return notification


def _the_held(db: Session, viewer: Viewer, notification_id: int) -> CustomNotification:
    """Load a visit for writing, its round and its person held, in the order of every such act."""
    found = the(db, viewer, CustomNotification, notification_id, "custom_notification:write")
    place = db.get(RoundVisit, found.id)
    if place is not None:
        hold(db, Round, place.round_id)
    hold(db, Person, found.person_id)
    return the_written(db, viewer, notification_id)


def _tries(db: Session, notification: CustomNotification) -> Sequence[NotificationAttempt]:
    """Read the tries in the order in which they were recorded, which is that of the statuses."""
    table = NotificationAttempt
    return db.scalars(
        select(table)
        .where(table.custom_notification_id == notification.id)
        .order_by(table.recorded_at, table.id)
    ).all()


def _said_in(db: Session, tried: NotificationAttempt) -> MessageDelivery | None:
    """Give the ledger's line of a try: written in the same act, about the same instant."""
    if tried.outcome not in TELLS_SOMEBODY:
        return None
    line = MessageDelivery
    return db.scalars(
        select(line)
        .where(
            line.custom_notification_id == tried.custom_notification_id,
            line.delivered_at == tried.attempted_at,
            line.recorded_at == tried.recorded_at,
            line.to_family.is_(tried.outcome == AttemptOutcome.FAMILY_ONLY),
        )
        .order_by(line.id)
        .limit(1)
    ).one_or_none()


def _standing(db: Session, tries: Sequence[NotificationAttempt]) -> NotificationStatus:
    """Say where an approved notification stands after these tries."""
    status = NotificationStatus.APPROVED
    for each in tries:
        was_told = _said_in(db, each) is not None
        status = status_after(status, AttemptOutcome(each.outcome), was_told=was_told)
    return status


def _withdrawn(
    taken: NotificationAttempt,
    line: MessageDelivery | None,
    viewer: Viewer,
    *,
    reason: str,
    at: datetime,
) -> WithdrawnAttempt:
    return WithdrawnAttempt(
        custom_notification_id=taken.custom_notification_id,
        attempted_at=taken.attempted_at,
        outcome=taken.outcome,
        place=taken.place,
        card_left=taken.card_left,
        note=taken.note,
        family_present=taken.family_present,
        reaction=taken.reaction,
        assessment=taken.assessment,
        help_offered=taken.help_offered,
        next_step=taken.next_step,
        was_held_back=taken.was_held_back,
        recorded_at=taken.recorded_at,
        recorded_by_id=taken.recorded_by_id,
        delivered_by=line.delivered_by if line else "",
        language=line.language if line else None,
        withdrawn_at=at,
        withdrawn_by_id=viewer.user_id,
        reason=reason,
        **{part.value: bool(line and getattr(line, part.value)) for part in MessagePart},
    )
