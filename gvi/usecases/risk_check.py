"""Checking the risk of a visit before anybody goes: go or no-go, signed, with a reason."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from gvi.domain.access import Viewer
from gvi.domain.custom_notification import STILL_POSSIBLE, Answer, RiskOutcome
from gvi.domain.errors import NotAllowedError, RuleError
from gvi.domain.text import N_
from gvi.store.models import RiskCheck
from gvi.usecases.changes import reasoned
from gvi.usecases.custom_notification import log, the_written


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """What was asked first, what it came to, and why."""

    home_conflict: Answer
    children_present: Answer
    victim_of_own_group: Answer
    is_go: bool
    reason: str


def check_risk(
    db: Session, viewer: Viewer, notification_id: int, check: Check, *, at: datetime
) -> RiskCheck:
    """Check the risk of a visit; it takes the place of the check before, which stays to be read.

    A no-go holds the visit back until somebody checks anew, and leaves the approval as it is.
    """
    said = reasoned(check.reason)
    notification = the_written(db, viewer, notification_id)
    if viewer.user_id is None:
        raise NotAllowedError(N_("Risk is checked by somebody who is logged in."))
    if notification.status not in STILL_POSSIBLE:
        raise RuleError(N_("It was delivered or has ended; that cannot be changed now."))
    counts = (RiskCheck.custom_notification_id == notification.id, RiskCheck.ended_at.is_(None))
    db.execute(update(RiskCheck).where(*counts).values(ended_at=at))
    made = RiskCheck(
        programme_id=viewer.programme_id,
        custom_notification_id=notification.id,
        home_conflict=check.home_conflict.value,
        children_present=check.children_present.value,
        victim_of_own_group=check.victim_of_own_group.value,
        outcome=(RiskOutcome.GO if check.is_go else RiskOutcome.NO_GO).value,
        reason=said,
        checked_at=at,
        checked_by_id=viewer.user_id,
    )
    db.add(made)
    db.flush()
    log(db, viewer, notification, "risk_checked", at=at)
    return made
