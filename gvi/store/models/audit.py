"""The audit log: append-only, hash-chained from the first row, without foreign keys.

No foreign keys, so that the log never stands in the way of an erasure, and the other way round.
"""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
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


class ChangedValue(Base):
    """What one field of a record was before a change and after it; named by the entry of the log.

    For records that keep no revisions of their own. It is no part of the log: it goes when the
    record is erased, the entry stays.
    """

    __tablename__ = "changed_values"
    __table_args__ = (Index(None, "thing", "thing_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    programme_id: Mapped[int] = mapped_column(ForeignKey("programmes.id"))
    entry_id: Mapped[int] = mapped_column(index=True)
    thing: Mapped[str]
    """The table of the record."""
    thing_id: Mapped[int]
    field: Mapped[str]
    old: Mapped[str]
    """As JSON, as is `new`."""
    new: Mapped[str]


class AnomalyReview(Base):
    """The auditor's mark that a conspicuous look-up was examined, and what came of it."""

    __tablename__ = "anomaly_reviews"
    __table_args__ = (UniqueConstraint("programme_id", "anomaly"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    programme_id: Mapped[int] = mapped_column(ForeignKey("programmes.id"))
    anomaly: Mapped[str]
    """Which: its rule, the user and the day, the same however often it is computed."""
    note: Mapped[str]
    reviewed_at: Mapped[datetime]
    reviewed_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))


class AuditWatch(Base):
    """A word for which somebody's look-ups are watched: a surname or the area of the home.

    Only the auditor enters and sees it; the log itself holds no names.
    """

    __tablename__ = "audit_watches"
    __table_args__ = (
        one_of("kind", ("surname", "area")),
        UniqueConstraint("user_id", "kind", "word"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    programme_id: Mapped[int] = mapped_column(ForeignKey("programmes.id"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    kind: Mapped[str]
    word: Mapped[str]
    """A surname without accents and capitals, or an area as it is written."""
    added_at: Mapped[datetime]
    added_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
