"""How two groups stand to one another: conflicts, tension, truce, alliance, supply."""

from datetime import datetime

from sqlalchemy import and_, or_
from sqlalchemy.orm import Session

from gvi.domain.access import Viewer
from gvi.domain.errors import RuleError
from gvi.domain.grading import Certainty
from gvi.domain.group import RelationKind
from gvi.domain.period import Period
from gvi.domain.review import Reviewed
from gvi.domain.text import N_
from gvi.store.models import Group, GroupRelation
from gvi.usecases.changes import reasoned, status_changed
from gvi.usecases.facts import Provenance, correct, entered, is_recorded_then, log_change, withdraw
from gvi.usecases.rights import require, the

WRITE = "group_relation:write"


def add_relation(
    db: Session,
    viewer: Viewer,
    *,
    group_a_id: int,
    group_b_id: int,
    kind: RelationKind,
    certainty: Certainty | None,
    valid_from: datetime | None,
    given: Provenance,
    at: datetime,
    valid_to: datetime | None = None,
    note: str = "",
) -> GroupRelation:
    """Record how two groups stand to one another; refuses one kind twice at the same time."""
    require(viewer, WRITE)
    if group_a_id == group_b_id:
        raise RuleError(N_("A relation is between two different groups."), field="group_b")
    for group_id in sorted((group_a_id, group_b_id)):
        the(db, viewer, Group, group_id, "group:read")
    period = Period(valid_from, valid_to)
    _check_period(db, viewer, (group_a_id, group_b_id), kind, period, but=None)
    relation = GroupRelation(
        group_a_id=group_a_id,
        group_b_id=group_b_id,
        kind=kind,
        certainty=certainty,
        valid_from=valid_from,
        valid_to=valid_to,
        note=note.strip(),
        **entered(viewer, WRITE, given, kind=Reviewed.GROUP_RELATION, at=at),
    )
    db.add(relation)
    db.flush()
    _log(db, viewer, "group_relation:added", relation, at=at, collected=True)
    return relation


def correct_relation(
    db: Session,
    viewer: Viewer,
    relation_id: int,
    *,
    kind: RelationKind,
    certainty: Certainty | None,
    valid_from: datetime | None,
    valid_to: datetime | None,
    note: str,
    given: Provenance,
    at: datetime,
) -> None:
    """Correct what is known of a relation; between other groups it is another relation."""
    relation = the(db, viewer, GroupRelation, relation_id, WRITE)
    pair = relation.group_a_id, relation.group_b_id
    _check_period(db, viewer, pair, kind, Period(valid_from, valid_to), but=relation_id)
    changed = correct(
        relation,
        viewer,
        WRITE,
        at=at,
        given=given,
        kind=kind,
        certainty=certainty,
        valid_from=valid_from,
        valid_to=valid_to,
        note=note.strip(),
    )
    if changed:
        _log(db, viewer, "group_relation:corrected", relation, at=at, fields=changed)


def end_relation(
    db: Session,
    viewer: Viewer,
    relation_id: int,
    *,
    valid_to: datetime,
    reason: str,
    at: datetime,
) -> None:
    """End a relation on a day, with the reason; what was before stays."""
    relation = the(db, viewer, GroupRelation, relation_id, WRITE)
    why = reasoned(reason)
    Period(relation.valid_from, valid_to).check()
    correct(relation, viewer, WRITE, at=at, valid_to=valid_to)
    status_changed(
        db, viewer, "group_relation", relation.id, old=None, new="ended", at=at, reason=why
    )
    _log(db, viewer, "group_relation:ended", relation, at=at, fields=["valid_to"])


def withdraw_relation(
    db: Session, viewer: Viewer, relation_id: int, *, reason: str, at: datetime
) -> None:
    """Withdraw a relation that never was."""
    relation = the(db, viewer, GroupRelation, relation_id, WRITE)
    withdraw(relation, viewer, at=at, reason=reason)
    _log(db, viewer, "group_relation:withdrawn", relation, at=at)


def _check_period(
    db: Session,
    viewer: Viewer,
    pair: tuple[int, int],
    kind: RelationKind,
    period: Period,
    *,
    but: int | None,
) -> None:
    period.check()
    a, b = GroupRelation.group_a_id, GroupRelation.group_b_id
    either = or_((a == pair[0]) & (b == pair[1]), (a == pair[1]) & (b == pair[0]))
    same = and_(either, GroupRelation.kind == kind)
    if is_recorded_then(db, viewer, GroupRelation, same, period, permission=WRITE, but=but):
        raise RuleError(
            N_(
                "That is recorded of these two groups for the same time already: correct that"
                " record, or give other days."
            ),
            field="valid_from",
        )


def _log(
    db: Session,
    viewer: Viewer,
    kind: str,
    relation: GroupRelation,
    *,
    at: datetime,
    collected: bool = False,
    fields: list[str] | None = None,
) -> None:
    log_change(
        db,
        viewer,
        kind,
        at=at,
        collected=collected,
        fields=fields,
        group_relation=relation.id,
        group=(relation.group_a_id, relation.group_b_id),
    )
