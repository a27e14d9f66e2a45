"""The scoring policy: an analyst drafts a version, the police coordinator approves it.

No version is changed once it is proposed, and approving one leaves the earlier versions and every
list that was kept as they are.
"""

import json
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from gvi.domain.access import Viewer
from gvi.domain.audit import AuditVerb
from gvi.domain.errors import NotAllowedError, NotFoundError, RuleError
from gvi.domain.policy import (
    OPEN_POLICIES,
    Document,
    PolicyStatus,
    ScoringPolicy,
    checked,
)
from gvi.domain.text import N_
from gvi.domain.time import local_day
from gvi.store import audit
from gvi.store.models import StoredPolicy
from gvi.store.queries.policy import newest_version, policy_in_force
from gvi.usecases.changes import reasoned
from gvi.usecases.rights import require

DRAFT, APPROVE, DROP = "policy:draft", "policy:approve", "policy:drop"


def in_force(db: Session, viewer: Viewer) -> ScoringPolicy:
    """Give the policy with which lists are computed today, whatever day they are as of.

    It is the newest version the viewer's programme has approved, or the example table of the
    design where it has approved none.
    """
    return policy_in_force(db, viewer)


def draft(
    db: Session, viewer: Viewer, constants: Document, *, source: str, reason: str, at: datetime
) -> StoredPolicy:
    """Draft the next version; it changes nothing until somebody else approves it.

    Raises RuleError for a constant that cannot be, a missing source or reason, and while another
    version waits for its decision.
    """
    require(viewer, DRAFT)
    if viewer.user_id is None:
        raise NotAllowedError(N_("A version of the policy is drafted by somebody logged in."))
    if _open(db, viewer) is not None:
        raise RuleError(N_("Another version waits for its decision. Approve or drop that first."))
    drafted = StoredPolicy(
        programme_id=viewer.programme_id,
        version=newest_version(db, viewer) + 1,
        drafted_by_id=viewer.user_id,
        drafted_at=at,
        **_content(constants, source=source, reason=reason),
    )
    db.add(drafted)
    db.flush()
    _log(db, viewer, "drafted", drafted, at=at)
    return drafted


def change_draft(
    db: Session,
    viewer: Viewer,
    version: int,
    constants: Document,
    *,
    source: str,
    reason: str,
    at: datetime,
) -> StoredPolicy:
    """Change one's own draft; raises RuleError for somebody else's, and for a proposed one."""
    drafted = _own_draft(db, viewer, version)
    for name, value in _content(constants, source=source, reason=reason).items():
        setattr(drafted, name, value)
    drafted.drafted_at = at
    db.flush()
    _log(db, viewer, "changed", drafted, at=at)
    return drafted


def propose(db: Session, viewer: Viewer, version: int, *, at: datetime) -> StoredPolicy:
    """Hand one's own draft on for approval; from then on nobody changes its numbers."""
    drafted = _own_draft(db, viewer, version)
    drafted.status = PolicyStatus.PROPOSED.value
    db.flush()
    _log(db, viewer, "proposed", drafted, at=at)
    return drafted


def approve(
    db: Session, viewer: Viewer, version: int, *, at: datetime, zone: ZoneInfo
) -> StoredPolicy:
    """Put a proposed version in force, from now on and for every list computed from now on.

    Raises RuleError for one that is not proposed, and for whoever drafted it.
    """
    require(viewer, APPROVE)
    proposed = _the(db, viewer, version)
    if proposed.status != PolicyStatus.PROPOSED:
        raise RuleError(N_("Only a version that is proposed can be approved."))
    if viewer.user_id is None or viewer.user_id == proposed.drafted_by_id:
        raise RuleError(N_("Somebody else than who drafted it approves it."))
    proposed.status = PolicyStatus.APPROVED.value
    proposed.approved_by_id, proposed.approved_at = viewer.user_id, at
    proposed.decided_on = local_day(at, zone)
    db.flush()
    _log(db, viewer, "approved", proposed, at=at)
    return proposed


def drop(db: Session, viewer: Viewer, version: int, *, reason: str, at: datetime) -> StoredPolicy:
    """Drop a version nobody has decided about; it stays in the history with the reason.

    Whoever may draft or approve may drop. Raises RuleError without a reason, and for a version
    that is decided.
    """
    require(viewer, DROP)
    if viewer.user_id is None:
        raise NotAllowedError(N_("A version of the policy is dropped by somebody logged in."))
    found = _the(db, viewer, version)
    if found.status not in OPEN_POLICIES:
        raise RuleError(N_("This version is decided: it stays as it is."))
    found.dropped_reason = reasoned(reason)
    found.status = PolicyStatus.DROPPED.value
    found.dropped_by_id, found.dropped_at = viewer.user_id, at
    db.flush()
    _log(db, viewer, "dropped", found, at=at)
    return found


def _content(constants: Document, *, source: str, reason: str) -> dict[str, str]:
    """Check what was drafted, and give it as it is stored."""
    said = source.strip()
    if not said:
        raise RuleError(N_("Say where the numbers come from."), field="source")
    return {
        "constants": json.dumps(checked(constants), sort_keys=True, separators=(",", ":")),
        "source": said,
        "reason": reasoned(reason),
    }


def _own_draft(db: Session, viewer: Viewer, version: int) -> StoredPolicy:
    require(viewer, DRAFT)
    found = _the(db, viewer, version)
    if found.status != PolicyStatus.DRAFT:
        raise RuleError(N_("This version is proposed or decided: drop it, or draft a new one."))
    if found.drafted_by_id != viewer.user_id:
        raise RuleError(N_("Only who drafted it changes or proposes it. Drop it, or draft anew."))
    return found


def _the(db: Session, viewer: Viewer, version: int) -> StoredPolicy:
    found = db.execute(
        select(StoredPolicy)
        .where(StoredPolicy.programme_id == viewer.programme_id, StoredPolicy.version == version)
        .with_for_update()
    ).scalar_one_or_none()
    if found is None:
        raise NotFoundError(N_("There is no such version of the policy."))
    return found


def _open(db: Session, viewer: Viewer) -> int | None:
    return db.execute(
        select(StoredPolicy.id).where(
            StoredPolicy.programme_id == viewer.programme_id,
            StoredPolicy.status.in_([status.value for status in OPEN_POLICIES]),
        )
    ).scalar()


def _log(db: Session, viewer: Viewer, act: str, policy: StoredPolicy, *, at: datetime) -> None:
    audit.append(
        db,
        viewer,
        AuditVerb.CHANGED,
        f"policy:{act}",
        at=at,
        subjects={"policy": [policy.id]},
        detail={"version": policy.version},
    )
