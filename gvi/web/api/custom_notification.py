"""Custom notifications as JSON; time and place only for those who may know no more."""

from datetime import datetime
from typing import Annotated

from fastapi import Response
from pydantic import BaseModel
from sqlalchemy.orm import Session

from gvi.domain.custom_notification import (
    Answer,
    AttemptOutcome,
    NotificationStatus,
    NotificationTrigger,
    Reaction,
    RiskOutcome,
)
from gvi.domain.message import MessagePart
from gvi.domain.paper import LetterLanguage
from gvi.store.queries.custom_notification import notification_card, notifications
from gvi.web.api.ids import Id
from gvi.web.api.paging import Cursor, Limit, Page, page_of
from gvi.web.api.problems import MISSING, TAGGED
from gvi.web.api.routing import reads
from gvi.web.api.version import tagged
from gvi.web.visit import ReadDb, Visit, may

router = reads("custom-notifications")


class Visiting(BaseModel):
    """Time and place of a visit that is still to be made."""

    id: int
    person_id: int
    name: str
    due_at: datetime
    place: str
    owner: str
    is_late: bool


class Notification(Visiting):
    """One custom notification; attempts and deliveries are counted apart."""

    code_name: str
    status: NotificationStatus
    trigger: NotificationTrigger
    round_id: int | None
    attempts: int
    deliveries: int


class AttemptItem(BaseModel):
    """One try to meet the person, and the parts that were said."""

    attempted_at: datetime
    outcome: AttemptOutcome
    place: str
    card_left: bool
    note: str
    family_present: Answer
    reaction: Reaction | None
    assessment: str
    help_offered: str
    next_step: str
    was_held_back: bool
    parts: list[MessagePart]
    to_family: bool
    delivered_by: str


class RiskCheckItem(BaseModel):
    """One risk check: go or no-go; at most one counts."""

    home_conflict: Answer
    children_present: Answer
    victim_of_own_group: Answer
    outcome: RiskOutcome
    reason: str
    checked_at: datetime
    checked_by: str
    counts: bool


class NotificationWhole(Notification):
    """One custom notification with its attempts."""

    team: str
    why: str
    letter_language: LetterLanguage | None
    exposure: str
    exposure_approved_at: datetime | None
    risk_checks: list[RiskCheckItem]
    look_again: bool
    incident_id: int | None
    call_in_id: int | None
    created_at: datetime
    owner_id: int | None
    visitors: list[str]
    visitor_ids: list[int]
    tries: list[AttemptItem]


@router.get("/custom-notifications")
def all_notifications(
    visit: Annotated[Visit, may("custom_notification:list")],
    db: ReadDb,
    *,
    status: NotificationStatus | None = None,
    round_id: Id | None = None,
    limit: Limit = 100,
    cursor: Cursor,
) -> Page[Notification | Visiting]:
    """List custom notifications by id."""
    every = notifications(db, visit.viewer, at=visit.now, on=visit.today)
    rows = sorted(every, key=lambda row: row.id)
    wanted = [
        row
        for row in rows
        if row.id > cursor and status in (None, row.status) and round_id in (None, row.round_id)
    ][:limit]
    ids = [row.id for row in wanted]
    visit.shows("custom_notification", ids)
    visit.shows("person", [row.person_id for row in wanted])
    model = Notification if visit.may("custom_notification_full:read") else Visiting
    return page_of([model.model_validate(row, from_attributes=True) for row in wanted], ids, limit)


@router.get("/custom-notifications/{notification_id}", responses=MISSING | TAGGED)
def one_notification(
    visit: Annotated[Visit, may("custom_notification:read")],
    notification_id: Id,
    db: ReadDb,
    response: Response,
) -> NotificationWhole | Visiting:
    """Give one custom notification."""
    return tagged(response, shown_notification(db, visit, notification_id))


def shown_notification(
    db: Session, visit: Visit, notification_id: int
) -> NotificationWhole | Visiting:
    """Give a custom notification as the visitor sees it."""
    card = notification_card(db, visit.viewer, notification_id, at=visit.now, on=visit.today)
    visit.shows("custom_notification", [card.row.id])
    visit.shows("person", [card.row.person_id])
    if card.plan is None:
        return Visiting.model_validate(card.row, from_attributes=True)
    row = Notification.model_validate(card.row, from_attributes=True)
    return NotificationWhole(
        **row.model_dump(),
        team=card.plan.team,
        why=card.plan.why,
        letter_language=card.plan.letter.language,
        exposure=card.plan.letter.exposure,
        exposure_approved_at=card.plan.letter.approved_at,
        risk_checks=[
            RiskCheckItem.model_validate(each, from_attributes=True)
            for each in card.plan.risk.checks
        ],
        look_again=card.plan.risk.look_again,
        incident_id=card.plan.incident_id,
        call_in_id=card.plan.call_in_id,
        created_at=card.plan.created_at,
        owner_id=card.row.owner_id,
        visitors=[name for _, name in card.plan.visitors],
        visitor_ids=[user_id for user_id, _ in card.plan.visitors],
        tries=[
            AttemptItem.model_validate(each, from_attributes=True) for each in card.plan.attempts
        ],
    )
