"""Judging an invitee's secrecy and safety, each by whom it is for; both together clear."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import exists, or_, select, update
from sqlalchemy.orm import Session

from gvi.domain.access import Viewer
from gvi.domain.call_in import TAKES_A_SEAT, InviteeStatus
from gvi.domain.clearance import RIGHT_TO_JUDGE, ClearanceKind, missing
from gvi.domain.errors import RuleError
from gvi.domain.text import N_
from gvi.store.models import CallIn, Clearance, Invitee, StatusChange
from gvi.usecases.changes import reasoned
from gvi.usecases.facts import log_change
from gvi.usecases.invitee import (
    NOUN,
    check_may_ask,
    move_invitee,
    must_be_to_come,
    the_invitee,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What somebody says of one invitee."""

    is_cleared: bool
    reason: str


def judge_invitees(
    db: Session,
    viewer: Viewer,
    kind: ClearanceKind,
    verdicts: Mapping[int, Verdict],
    *,
    at: datetime,
    zone: ZoneInfo,
) -> dict[int, RuleError]:
    """Judge several invitees one by one; gives what refused whom.

    The caller undoes all of it where anybody was refused: several are judged whole or not at all.
    """
    refused: dict[int, RuleError] = {}
    for invitee_id, verdict in verdicts.items():
        try:
            judge_invitee(
                db,
                viewer,
                invitee_id,
                kind,
                is_cleared=verdict.is_cleared,
                reason=verdict.reason,
                at=at,
                zone=zone,
            )
        except RuleError as error:
            refused[invitee_id] = error
    return refused


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


def hold_call_ins(db: Session, judgements: Collection[int]) -> None:
    """Let no step of an invitation in while judgements on it go: it would not see them gone."""
    of_those = select(Invitee.call_in_id).join(Clearance, Clearance.invitee_id == Invitee.id)
    ids = of_those.where(Clearance.id.in_(sorted(judgements)))
    if judgements:
        db.execute(select(CallIn.id).where(CallIn.id.in_(ids)).with_for_update())


def judgements_went(
    db: Session, viewer: Viewer, invitee_ids: Collection[int], *, at: datetime
) -> None:
    """Take back to proposed who is not cleared any more, as a judgement was removed."""
    for invitee in _those(db, invitee_ids):
        _follow(db, viewer, invitee, at=at)


def judgements_came_back(
    db: Session, viewer: Viewer, judgements: Collection[int], *, since: datetime, at: datetime
) -> None:
    """Let judgements that were put back count again, unless they were overtaken meanwhile.

    One is overtaken where the same was judged anew, or where the invitee was withdrawn or excused
    and proposed again, `since` it was removed.
    """
    back = db.scalars(
        select(Clearance).where(Clearance.id.in_(sorted(judgements)), Clearance.ended_at.is_(None))
    ).all()
    for each in back:
        if _is_overtaken(db, each, since):
            each.ended_at = at
    db.flush()
    judgements_went(db, viewer, {each.invitee_id for each in back}, at=at)


def _is_overtaken(db: Session, judgement: Clearance, since: datetime) -> bool:
    c, change = Clearance.__table__.c, StatusChange.__table__.c
    anew = exists().where(
        c.invitee_id == judgement.invitee_id,
        c.kind == judgement.kind,
        c.judged_at >= since,
        c.id != judgement.id,
    )
    left = [status.value for status in InviteeStatus if status not in TAKES_A_SEAT]
    moved = exists().where(
        change.thing == NOUN,
        change.thing_id == judgement.invitee_id,
        change.field == "status",
        change.changed_at >= since,
        or_(change.old.in_(left), change.new == InviteeStatus.WITHDRAWN.value),
    )
    return bool(db.scalar(select(or_(anew, moved))))


def _those(db: Session, invitee_ids: Collection[int]) -> Sequence[Invitee]:
    return db.scalars(
        select(Invitee).where(Invitee.id.in_(sorted(invitee_ids))).order_by(Invitee.id)
    ).all()


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
