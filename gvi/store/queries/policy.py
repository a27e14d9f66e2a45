"""The scoring policy: the version in force, and every version with who drafted and decided it."""

import json
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Select, Table, func, select
from sqlalchemy.orm import Session, aliased

from gvi.domain.access import Viewer
from gvi.domain.errors import NotFoundError
from gvi.domain.incident import UNCOUNTED_STATUSES
from gvi.domain.policy import (
    FIRST_VERSION,
    OPEN_POLICIES,
    Document,
    PolicyStatus,
    ScoringPolicy,
    policy_of,
)
from gvi.domain.text import N_
from gvi.store.known import known
from gvi.store.models import Incident, StoredPolicy, User
from gvi.store.queries.rights import visible

FIRST = ScoringPolicy()
"""Version 1: the example table, in force where a programme has approved none of its own."""

_POLICIES: Table = StoredPolicy.metadata.tables[StoredPolicy.__tablename__]


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyRow:
    """One version with its history; `id` None is the example table, which nobody drafted."""

    id: int | None
    version: int
    status: PolicyStatus
    policy: ScoringPolicy
    reason: str = ""
    drafted_by: str = ""
    drafted_by_id: int | None = None
    drafted_at: datetime | None = None
    approved_by: str = ""
    approved_at: datetime | None = None
    dropped_by: str = ""
    dropped_at: datetime | None = None
    dropped_reason: str = ""
    is_in_force: bool = False

    @property
    def is_open(self) -> bool:
        """Whether nobody has decided about it yet."""
        return self.status in OPEN_POLICIES


def policy_in_force(db: Session, viewer: Viewer) -> ScoringPolicy:
    """Give the newest approved version of the viewer's programme, or the example table."""
    row = db.execute(
        select(
            _POLICIES.c.version,
            _POLICIES.c.source,
            _POLICIES.c.constants,
            _POLICIES.c.decided_on,
            _POLICIES.c.drafted_at,
        )
        .where(
            _POLICIES.c.programme_id == viewer.programme_id,
            _POLICIES.c.status == PolicyStatus.APPROVED.value,
        )
        .order_by(_POLICIES.c.version.desc())
        .limit(1)
    ).first()
    return FIRST if row is None else _policy(row)


def policy_version(db: Session, viewer: Viewer, version: int) -> PolicyRow:
    """Give one version; raises NotFoundError where there is none of that number."""
    for row in policy_versions(db, viewer):
        if row.version == version:
            return row
    raise NotFoundError(N_("There is no such version of the policy."))


def policy_versions(db: Session, viewer: Viewer) -> tuple[PolicyRow, ...]:
    """Give every version, the newest first, the example table last."""
    found = [_row(row) for row in db.execute(_versions(viewer))]
    approved = [row.version for row in found if row.status is PolicyStatus.APPROVED]
    force = max(approved, default=FIRST_VERSION)
    first = PolicyRow(
        id=None,
        version=FIRST_VERSION,
        status=PolicyStatus.APPROVED,
        policy=FIRST,
        is_in_force=force == FIRST_VERSION,
    )
    return (*(replace(row, is_in_force=row.version == force) for row in found), first)


def newest_version(db: Session, viewer: Viewer) -> int:
    """Give the highest number given so far; dropped versions keep theirs."""
    newest = select(func.max(_POLICIES.c.version)).where(
        _POLICIES.c.programme_id == viewer.programme_id
    )
    return db.execute(newest).scalar() or FIRST_VERSION


def _versions(viewer: Viewer) -> Select[Any]:
    drafter, approver, dropper = aliased(User), aliased(User), aliased(User)
    return (
        select(
            *_POLICIES.c,
            drafter.display_name.label("drafted_by"),
            approver.display_name.label("approved_by"),
            dropper.display_name.label("dropped_by"),
        )
        .join(drafter, drafter.id == _POLICIES.c.drafted_by_id)
        .outerjoin(approver, approver.id == _POLICIES.c.approved_by_id)
        .outerjoin(dropper, dropper.id == _POLICIES.c.dropped_by_id)
        .where(_POLICIES.c.programme_id == viewer.programme_id)
        .order_by(_POLICIES.c.version.desc())
    )


def _row(row: Any) -> PolicyRow:
    return PolicyRow(
        id=row.id,
        version=row.version,
        status=PolicyStatus(row.status),
        policy=_policy(row),
        reason=row.reason,
        drafted_by=row.drafted_by,
        drafted_by_id=row.drafted_by_id,
        drafted_at=row.drafted_at,
        approved_by=row.approved_by or "",
        approved_at=row.approved_at,
        dropped_by=row.dropped_by or "",
        dropped_at=row.dropped_at,
        dropped_reason=row.dropped_reason,
    )


def _policy(row: Any) -> ScoringPolicy:
    constants: Document = json.loads(row.constants)
    return policy_of(
        constants,
        version=row.version,
        source=row.source,
        # What nobody has approved is of the day it was drafted.
        decided_on=row.decided_on or row.drafted_at.date(),
    )


def kinds_in_use(db: Session, viewer: Viewer) -> tuple[str, ...]:
    """Give every kind of incident that counts and is recorded now, as the viewer may know it."""
    i = known(Incident, None)
    rows = db.execute(
        select(i.c.kind)
        .where(visible(i.c, viewer, "score:read"), i.c.status.not_in(sorted(UNCOUNTED_STATUSES)))
        .distinct()
    )
    return tuple(sorted(rows.scalars()))
