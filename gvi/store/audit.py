"""Appending to the audit log: one entry at a time, in order, under a lock both databases know."""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from sqlalchemy import Table, func, insert, select, text
from sqlalchemy.orm import Session

from gvi.domain.access import Viewer
from gvi.domain.audit import GENESIS, AuditVerb, Head, entry_hash
from gvi.store import changed_values
from gvi.store.models import AuditEntry, AuditSubject

_LOCK_KEY = 7_317_001
"""Key of PostgreSQL's advisory lock; SQLite's write transaction is its own lock."""
_ENTRIES: Table = AuditEntry.metadata.tables[AuditEntry.__tablename__]
_SUBJECTS: Table = AuditSubject.metadata.tables[AuditSubject.__tablename__]
_LOCK = text(f"SELECT pg_advisory_xact_lock({_LOCK_KEY})")
_LAST = select(_ENTRIES.c.id, _ENTRIES.c.hash).order_by(_ENTRIES.c.id.desc()).limit(1)
_ADD, _ADD_SUBJECTS = insert(_ENTRIES), insert(_SUBJECTS)


def append(
    db: Session,
    viewer: Viewer,
    verb: AuditVerb,
    kind: str,
    *,
    at: datetime,
    subjects: Mapping[str, Iterable[int]] | None = None,
    detail: Mapping[str, object] | None = None,
    purpose: str = "",
) -> int:
    """Add one entry to the chain inside the caller's transaction and give its number.

    `subjects` maps a noun to the ids the entry is about (all rows shown, for a list). `detail`
    must not hold personal data: names of fields, search words' length, counts.
    """
    # What the act changed goes first: rows are locked before the log is, never the other way
    # round, or two acts could wait for one another.
    db.flush()
    changes = changed_values.noted(db)
    connection = db.connection()
    if connection.dialect.name == "postgresql":
        connection.execute(_LOCK)
    last = connection.execute(_LAST).first()
    number, previous = (last.id + 1, last.hash) if last else (1, GENESIS)
    ids = {noun: sorted(set(values)) for noun, values in sorted((subjects or {}).items())}
    content: dict[str, object] = {
        "id": number,
        "programme_id": viewer.programme_id,
        "at": at.astimezone(UTC).isoformat(),
        "user_id": viewer.user_id,
        "actor": viewer.name,
        "role": viewer.role.value if viewer.role else "operator",
        "verb": verb.value,
        "kind": kind,
        "source": viewer.source,
        "purpose": purpose,
        "subjects": json.dumps(ids, sort_keys=True),
        "detail": json.dumps(
            changed_values.named(changes, dict(detail or {})), sort_keys=True, default=str
        ),
    }
    digest = entry_hash(previous, content)
    connection.execute(_ADD, {**content, "at": at, "previous_hash": previous, "hash": digest})
    rows = [
        {"entry_id": number, "thing": noun, "thing_id": thing_id}
        for noun, values in ids.items()
        for thing_id in values
    ]
    if rows:
        connection.execute(_ADD_SUBJECTS, rows)
    changed_values.keep(connection, viewer.programme_id, number, changes)
    return number


def head(db: Session) -> Head:
    """Give the newest entry's number and hash; number 0 where there is none yet."""
    last = db.execute(_LAST).first()
    return Head(number=last.id, hash=last.hash) if last else Head(number=0, hash=GENESIS)


def length(db: Session) -> int:
    """Count the entries."""
    return db.execute(select(func.count()).select_from(AuditEntry)).scalar_one()
