"""Appending to the audit log: one entry at a time, in order, under a lock both databases know."""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from sqlalchemy import func, insert, select, text
from sqlalchemy.orm import Session

from gvi.domain.access import Viewer
from gvi.domain.audit import GENESIS, AuditVerb, entry_hash
from gvi.store.models import AuditEntry, AuditSubject

_LOCK = 7_317_001
"""Key of PostgreSQL's advisory lock; SQLite's write transaction is its own lock."""


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
    if db.get_bind().dialect.name == "postgresql":
        db.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    last = db.execute(
        select(AuditEntry.id, AuditEntry.hash).order_by(AuditEntry.id.desc()).limit(1)
    ).first()
    number = (last.id if last else 0) + 1
    previous = last.hash if last else GENESIS
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
        "detail": json.dumps(dict(detail or {}), sort_keys=True, default=str),
    }
    db.execute(
        insert(AuditEntry).values(
            **{**content, "at": at},
            previous_hash=previous,
            hash=entry_hash(previous, content),
        )
    )
    rows = [
        {"entry_id": number, "thing": noun, "thing_id": thing_id}
        for noun, values in ids.items()
        for thing_id in values
    ]
    if rows:
        db.execute(insert(AuditSubject), rows)
    return number


def first_bad_entry(db: Session) -> int | None:
    """Walk the whole chain and give the number of the first entry that does not fit, or None.

    An entry fits when it follows its predecessor without a gap, names its hash, and its own hash
    is that of its content. A missing last row cannot be seen from the chain alone: the head must
    be kept elsewhere too.
    """
    previous, expected = GENESIS, 1
    entries = db.execute(select(*AuditEntry.__table__.columns).order_by(AuditEntry.id)).yield_per(
        1000
    )
    for row in entries:
        content = {
            name: value
            for name, value in row._mapping.items()  # noqa: SLF001 — the row's public mapping view
            if name not in ("hash", "previous_hash")
        }
        content["at"] = row.at.isoformat()
        fits = row.previous_hash == previous and row.hash == entry_hash(previous, content)
        if row.id != expected or not fits:
            return expected
        previous, expected = row.hash, expected + 1
    return None


def length(db: Session) -> int:
    """Count the entries."""
    return db.execute(select(func.count()).select_from(AuditEntry)).scalar_one()
