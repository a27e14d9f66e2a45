"""Custom notifications planned, changed, approved, tried, moved and ended over the API."""

from functools import partial
from typing import Annotated

from pydantic import Field

from gvi.domain.custom_notification import (
    Answer,
    AttemptOutcome,
    NotificationStatus,
    NotificationTrigger,
    Reaction,
)
from gvi.domain.message import MessagePart, SpokenLanguage
from gvi.domain.paper import LetterLanguage
from gvi.store.models import CustomNotification
from gvi.usecases.attempt import Try, record_attempt
from gvi.usecases.custom_notification import (
    Errand,
    add_notification,
    approve_notification,
    change_notification,
    end_notification,
    move_notification,
)
from gvi.usecases.risk_check import Check, check_risk
from gvi.web.api.bodies import KEPT, Body, Long, Moment, Reasoned, Short, over
from gvi.web.api.custom_notification import NotificationWhole, Visiting, shown_notification
from gvi.web.api.ids import Id, PersonId
from gvi.web.api.making import Once
from gvi.web.api.problems import GUARDED, MADE, TAGGED
from gvi.web.api.routing import writes
from gvi.web.api.version import Guarded
from gvi.web.visit import Db, Visit, may

router = writes("custom-notifications")

Writer = Annotated[Visit, may("custom_notification:write")]
Visitors = Annotated[list[Id], Field(max_length=20)]
ANSWERS = GUARDED | TAGGED
ERRAND = ("owner_id", "team", "place", "visitor_ids", "why", "letter_language", "exposure")


class NewNotification(Body):
    """A visit to plan: who goes where, by when, why, and what the letter says."""

    person_id: PersonId
    trigger: NotificationTrigger
    due_at: Moment
    owner_id: Id
    team: Short = ""
    place: Short = ""
    why: Long = ""
    letter_language: LetterLanguage | None = None
    exposure: Long = ""
    visitor_ids: Visitors = Field([])
    incident_id: Id | None = None


class NotificationChange(Body):
    """What is to be changed of a visit that is still possible."""

    owner_id: Id = KEPT
    team: Short = KEPT
    place: Short = KEPT
    why: Long = KEPT
    letter_language: LetterLanguage | None = KEPT
    exposure: Long = KEPT
    visitor_ids: Visitors = KEPT


class NotificationMoved(Reasoned):
    """Another time by which it is to be done."""

    due_at: Moment


class EndedAs(Reasoned):
    """How it ended undelivered."""

    to: NotificationStatus


class Attempted(Body):
    """One try to meet the person, and what was said if somebody was met."""

    attempted_at: Moment
    outcome: AttemptOutcome
    place: Short = ""
    note: Long = ""
    card_left: bool = False
    parts: Annotated[list[MessagePart], Field(max_length=20)] = Field([])
    delivered_by: Short = ""
    language: SpokenLanguage | None = None
    family_present: Answer = Answer.UNKNOWN
    reaction: Reaction | None = None
    assessment: Long = ""
    help_offered: Long = ""
    next_step: Long = ""
    all_the_same: bool = False


class RiskChecked(Reasoned):
    """What was asked before the visit, and whether it may be made."""

    home_conflict: Answer
    children_present: Answer
    victim_of_own_group: Answer
    is_go: bool


@router.post("/custom-notifications", status_code=201, responses=MADE)
def add(visit: Writer, body: NewNotification, once: Once, db: Db) -> NotificationWhole | Visiting:
    """Plan to give one person the message by a day."""

    def act() -> int:
        return add_notification(
            db,
            visit.viewer,
            body.person_id,
            Errand(**{name: getattr(body, name) for name in ERRAND}),
            trigger=body.trigger,
            due_at=body.due_at,
            incident_id=body.incident_id,
            at=visit.now,
            zone=visit.zone,
        ).id

    return once.of(db, visit, body, act, partial(shown_notification, db, visit))


@router.patch("/custom-notifications/{notification_id}", responses=ANSWERS)
def correct(
    visit: Writer, notification_id: Id, body: NotificationChange, change: Guarded, db: Db
) -> NotificationWhole | Visiting:
    """Change who goes where, who answers for it, why, and what the letter says."""

    def act(was: Visiting) -> None:
        values = over(was, body)
        errand = Errand(**{name: values[name] for name in ERRAND})
        change_notification(db, visit.viewer, notification_id, errand, at=visit.now)

    read = partial(shown_notification, db, visit, notification_id)
    return change.of(db, CustomNotification, notification_id, read, act)


@router.post("/custom-notifications/{notification_id}/approve", responses=ANSWERS)
def approve(
    visit: Writer, notification_id: Id, change: Guarded, db: Db
) -> NotificationWhole | Visiting:
    """Approve a planned visit by name."""

    def act(_was: Visiting) -> None:
        approve_notification(db, visit.viewer, notification_id, at=visit.now, zone=visit.zone)

    read = partial(shown_notification, db, visit, notification_id)
    return change.of(db, CustomNotification, notification_id, read, act)


@router.post("/custom-notifications/{notification_id}/risk-checks", responses=ANSWERS)
def check(
    visit: Writer, notification_id: Id, body: RiskChecked, change: Guarded, db: Db
) -> NotificationWhole | Visiting:
    """Check the risk of a visit: go or no-go; it takes the place of the check before."""

    def act(_was: Visiting) -> None:
        made = Check(**{name: getattr(body, name) for name in RiskChecked.model_fields})
        check_risk(db, visit.viewer, notification_id, made, at=visit.now)

    read = partial(shown_notification, db, visit, notification_id)
    return change.of(db, CustomNotification, notification_id, read, act)


@router.post("/custom-notifications/{notification_id}/move", responses=ANSWERS)
def move(
    visit: Writer, notification_id: Id, body: NotificationMoved, change: Guarded, db: Db
) -> NotificationWhole | Visiting:
    """Move the day by which it is to be delivered."""

    def act(_was: Visiting) -> None:
        move_notification(
            db,
            visit.viewer,
            notification_id,
            due_at=body.due_at,
            reason=body.reason,
            at=visit.now,
        )

    read = partial(shown_notification, db, visit, notification_id)
    return change.of(db, CustomNotification, notification_id, read, act)


@router.post("/custom-notifications/{notification_id}/end", responses=ANSWERS)
def end(
    visit: Writer, notification_id: Id, body: EndedAs, change: Guarded, db: Db
) -> NotificationWhole | Visiting:
    """End it undelivered: cancelled, or found not to be deliverable."""

    def act(_was: Visiting) -> None:
        end_notification(
            db, visit.viewer, notification_id, to=body.to, reason=body.reason, at=visit.now
        )

    read = partial(shown_notification, db, visit, notification_id)
    return change.of(db, CustomNotification, notification_id, read, act)


@router.post("/custom-notifications/{notification_id}/attempts", responses=ANSWERS)
def attempt(
    visit: Writer, notification_id: Id, body: Attempted, change: Guarded, db: Db
) -> NotificationWhole | Visiting:
    """Record one try to meet the person; a delivery is only what was said."""

    def act(_was: Visiting) -> None:
        made = Try(**{name: getattr(body, name) for name in Attempted.model_fields})
        record_attempt(db, visit.viewer, notification_id, made, at=visit.now)

    read = partial(shown_notification, db, visit, notification_id)
    return change.of(db, CustomNotification, notification_id, read, act)
