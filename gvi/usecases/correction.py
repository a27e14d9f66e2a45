"""Corrections: say that a record behind a score is wrong, and who checks it by when.

A correction is an action. The score does not change by it: it follows when the record is corrected.
"""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

from sqlalchemy.orm import Session

from gvi.domain.access import Viewer
from gvi.domain.action import ActionKind, ActionStatus
from gvi.domain.audit import AuditVerb
from gvi.domain.correction import Disputed, DisputedScore
from gvi.domain.errors import RuleError
from gvi.domain.grading import Compartment
from gvi.domain.text import N_
from gvi.store import audit
from gvi.store.models import Action, Fact, Incident, Involvement, Membership, Person, Tie
from gvi.usecases.action import check_disputer, check_due
from gvi.usecases.rights import require, the

_RECORDS: Mapping[Disputed, tuple[type[Fact], str]] = MappingProxyType(
    {
        Disputed.INCIDENT: (Incident, "incident:read"),
        Disputed.INVOLVEMENT: (Involvement, "involvement:read"),
        Disputed.TIE: (Tie, "tie:read"),
        Disputed.MEMBERSHIP: (Membership, "membership:read"),
    }
)
"""The record each is, and the right under which it is seen."""


def open_correction(
    db: Session,
    viewer: Viewer,
    person_id: int,
    *,
    disputed: Disputed,
    disputed_id: int | None,
    score: DisputedScore,
    text: str,
    owner_id: int,
    due_at: datetime,
    at: datetime,
) -> Action:
    """Say what is wrong behind one of a person's scores, who checks it, and by when.

    Raises RuleError without words, for a time that has passed, and for an owner who may not see
    scores; NotFoundError for a record the viewer may not see.
    """
    require(viewer, "score:dispute")
    if not text.strip():
        raise RuleError(N_("Say what is wrong."), field="text")
    check_due(due_at, at)
    check_disputer(db, viewer, owner_id)
    the(db, viewer, Person, person_id, "person:read", person="id")
    record = _record(db, viewer, disputed, disputed_id)
    action = Action(
        programme_id=viewer.programme_id,
        kind=ActionKind.CORRECTION.value,
        compartment=Compartment.POLICE.value,
        text=text.strip(),
        status=ActionStatus.DECIDED.value,
        owner_id=owner_id,
        due_at=due_at,
        person_id=person_id,
        incident_id=_incident_of(record),
        disputed=disputed.value,
        disputed_id=record.id if record else None,
        disputed_score=score.value,
        created_at=at,
        created_by_id=viewer.user_id,
    )
    db.add(action)
    db.flush()
    audit.append(
        db,
        viewer,
        AuditVerb.COLLECTED,
        "score:disputed",
        at=at,
        subjects={"action": [action.id], "person": [person_id]},
        detail={"disputed": disputed.value, "disputed_id": action.disputed_id},
    )
    return action


def _record(
    db: Session, viewer: Viewer, disputed: Disputed, disputed_id: int | None
) -> Fact | None:
    if disputed is Disputed.SCORE:
        return None
    model, permission = _RECORDS[disputed]
    return the(db, viewer, model, disputed_id or 0, permission)


def _incident_of(record: Fact | None) -> int | None:
    """Give the incident a record is about, so that the action stands with it as others do."""
    if isinstance(record, Incident):
        return record.id
    return record.incident_id if isinstance(record, Involvement) else None
