"""Deciding a person's risk colour: a dated human act with a reason and an expiry."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from gvi.domain.access import Viewer
from gvi.domain.errors import NotAllowedError, RuleError
from gvi.domain.person import is_adult
from gvi.domain.risk import RiskColour
from gvi.domain.text import N_
from gvi.domain.time import local_day
from gvi.store.models import Person, RiskDecision
from gvi.usecases.facts import log_change
from gvi.usecases.list_snapshot import keep_lists_behind
from gvi.usecases.rights import require, the


def decide_colour(
    db: Session,
    viewer: Viewer,
    person_id: int,
    *,
    colour: RiskColour,
    reason: str,
    expires_on: date,
    at: datetime,
    zone: ZoneInfo,
) -> RiskDecision:
    """Record a decided colour; it takes the place of the last one, which stays in the record.

    Where whoever decides sees scores, the lists that the person stands on are kept with it.
    Raises RuleError without a reason, for an expiry that is not after today, and for somebody
    under 18, who has the support and concern track instead.
    """
    require(viewer, "risk:decide")
    person = the(db, viewer, Person, person_id, "person:read", person="id")
    if viewer.user_id is None:
        raise NotAllowedError(N_("A colour is decided by somebody who is logged in."))
    day = local_day(at, zone)
    if not is_adult(person.birth_date, day):
        raise RuleError(
            N_("People under 18 get no colour. Use the support and concern track instead.")
        )
    if not reason.strip():
        raise RuleError(N_("Say why this colour was decided."), field="reason")
    if expires_on <= day:
        raise RuleError(N_("Choose a day after today: every colour expires."), field="expires_on")
    decision = RiskDecision(
        programme_id=viewer.programme_id,
        person_id=person.id,
        colour=colour.value,
        reason=reason.strip(),
        decided_by_id=viewer.user_id,
        decided_at=at,
        expires_on=expires_on,
    )
    db.add(decision)
    db.flush()
    log_change(
        db,
        viewer,
        "risk:decided",
        at=at,
        collected=True,
        fields=["colour", "reason", "expires_on"],
        person=person.id,
        risk_decision=decision.id,
    )
    keep_lists_behind(db, viewer, decision, at=at, zone=zone)
    return decision
