"""Judging an invitee's secrecy and safety, each by whom it is for; both together clear."""

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from gvi.domain.access import Viewer
from gvi.domain.call_in import TAKES_A_SEAT, InviteeStatus
from gvi.domain.clearance import RIGHT_TO_JUDGE, ClearanceKind, missing
from gvi.domain.errors import RuleError
from gvi.domain.text import N_
from gvi.store.models import Clearance, Invitee
from gvi.usecases.changes import reasoned
from gvi.usecases.facts import log_change
from gvi.usecases.invitee import check_may_ask, move_invitee, must_be_to_come, the_invitee


def judge_invitee(
    db: Session,
    viewer: Viewer,
    invitee_id: int,
    kind: ClearanceKind,
    *,
    is_cleared: bool,
    reason: str,
    at: datetime,
    zone: ZoneInfo,
) -> Invitee:
    """Judge secrecy or safety of an invitee; it takes the place of the judgement before.

    Somebody proposed is cleared by the second yes; a no takes that back until it is asked anew.
    Who was invited already stays so: somebody has to decide what is done about it.
    """
    invitee, call_in = the_invitee(db, viewer, invitee_id, RIGHT_TO_JUDGE[kind])
    said = reasoned(reason)
    must_be_to_come(call_in)
    if invitee.status not in TAKES_A_SEAT:
        raise RuleError(N_("That is not the next step for this invitee. Load the page again."))
    if is_cleared:
        check_may_ask(db, viewer, call_in, invitee, at=at, zone=zone)
    _end(db, invitee.id, at=at, kind=kind)
    db.add(
        Clearance(
            programme_id=viewer.programme_id,
            invitee_id=invitee.id,
            kind=kind.value,
            is_cleared=is_cleared,
            reason=said,
            judged_at=at,
            judged_by_id=viewer.user_id,
        )
    )
    db.flush()
    _follow(db, viewer, invitee, at=at)
    log_change(
        db,
        viewer,
        "clearance:judged",
        at=at,
        call_in=call_in.id,
        invitee=invitee.id,
        person=invitee.person_id,
    )
    return invitee


def _follow(db: Session, viewer: Viewer, invitee: Invitee, *, at: datetime) -> None:
    given = db.scalars(
        select(Clearance.kind).where(
            Clearance.invitee_id == invitee.id,
            Clearance.ended_at.is_(None),
            Clearance.is_cleared,
        )
    )
    is_whole = not missing({ClearanceKind(kind) for kind in given})
    if is_whole and invitee.status == InviteeStatus.PROPOSED:
        move_invitee(db, viewer, invitee, InviteeStatus.CLEARED, at=at)
    if not is_whole and invitee.status == InviteeStatus.CLEARED:
        move_invitee(db, viewer, invitee, InviteeStatus.PROPOSED, at=at)


def _end(db: Session, invitee_id: int, *, at: datetime, kind: ClearanceKind) -> None:
    db.execute(
        update(Clearance)
        .where(
            Clearance.invitee_id == invitee_id,
            Clearance.ended_at.is_(None),
            Clearance.kind == kind.value,
        )
        .values(ended_at=at)
    )
