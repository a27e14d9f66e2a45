"""Who looked at the records of a worker's own clients (design §7: audit, own clients)."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gvi.domain.access import Scope, Viewer
from gvi.store.models import AuditEntry, AuditSubject
from gvi.store.queries.rights import clients_of


@dataclass(frozen=True, slots=True, kw_only=True)
class LookRow:
    """One look by somebody else at one or more of one's own clients."""

    id: int
    at: datetime
    actor: str
    role: str
    kind: str
    verb: str
    clients: int
    """How many of one's own clients it showed."""


def looks_at_own_clients(
    db: Session, viewer: Viewer, *, offset: int, limit: int
) -> tuple[tuple[LookRow, ...], int]:
    """List the log entries of others that name one's own clients, latest first, and their number.

    Which client it was is not said: the list is about who looks, and leads to a question.
    """
    subjects = (
        select(AuditSubject.entry_id, func.count().label("clients"))
        .where(
            AuditSubject.thing == "person",
            AuditSubject.thing_id.in_(clients_of(viewer, Scope.OWN)),
        )
        .group_by(AuditSubject.entry_id)
        .subquery("own")
    )
    found = (
        select(
            AuditEntry.id,
            AuditEntry.at,
            AuditEntry.actor,
            AuditEntry.role,
            AuditEntry.kind,
            AuditEntry.verb,
            subjects.c.clients,
        )
        .join(subjects, subjects.c.entry_id == AuditEntry.id)
        .where(
            AuditEntry.programme_id == viewer.programme_id,
            func.coalesce(AuditEntry.user_id, 0) != viewer.user_id,
        )
    )
    total = db.execute(select(func.count()).select_from(found.subquery())).scalar_one()
    rows = db.execute(found.order_by(AuditEntry.id.desc()).offset(offset).limit(limit))
    return (
        tuple(
            LookRow(
                id=row.id,
                at=row.at,
                actor=row.actor,
                role=row.role,
                kind=row.kind,
                verb=row.verb,
                clients=row.clients,
            )
            for row in rows
        ),
        total,
    )
