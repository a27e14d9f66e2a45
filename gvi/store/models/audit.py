"""The audit log: append-only, hash-chained from the first row, without foreign keys.

No foreign keys, so that the log never stands in the way of an erasure, and the other way round.
"""

from datetime import datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from gvi.domain.audit import AuditVerb
from gvi.store.models.base import Base
from gvi.store.types import one_of


class AuditEntry(Base):
    """One read, search, export, change, erasure or log-in."""

    __tablename__ = "audit_entries"
    __table_args__ = (one_of("verb", AuditVerb), Index(None, "programme_id", "at"))

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """Consecutive from 1 in each database: a gap is a missing row."""
    programme_id: Mapped[int]
    at: Mapped[datetime]
    user_id: Mapped[int | None]
    actor: Mapped[str]
    """The user's name, or the operating-system user of the local operator."""
    role: Mapped[str]
    verb: Mapped[str]
    kind: Mapped[str]
    """noun:verb_past, such as call_in:approved."""
    source: Mapped[str]
    """Where from: the address, or the command."""
    purpose: Mapped[str]
    subjects: Mapped[str]
    """What it was about, as JSON: noun → ids."""
    detail: Mapped[str]
    """What else an auditor needs, as JSON: names of changed fields, search words, counts."""
    previous_hash: Mapped[str]
    hash: Mapped[str]


class AuditSubject(Base):
    """Index of the log by thing: who looked at this person. Can be rebuilt from the entries."""

    __tablename__ = "audit_subjects"

    entry_id: Mapped[int] = mapped_column(primary_key=True)
    thing: Mapped[str] = mapped_column(primary_key=True)
    thing_id: Mapped[int] = mapped_column(primary_key=True, index=True)
