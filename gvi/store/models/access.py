"""Access beyond the table of rights: who was given which part of whose record, and who was told."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from gvi.domain.section import AccessKind, Section
from gvi.store.models.base import Base
from gvi.store.sealing import Sealed
from gvi.store.types import both_or_neither, one_of


class AccessGrant(Base):
    """Parts of one person's record, opened to one named user until an instant, with a reason."""

    __tablename__ = "access_grants"
    __table_args__ = (
        one_of("kind", AccessKind),
        CheckConstraint("length(reason) > 0", name="has_reason"),
        CheckConstraint("ends_at > given_at", name="ends_after_start"),
        both_or_neither("ended_at", "ended_by_id", name="ended_pair"),
        Index(None, "user_id", "ends_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    programme_id: Mapped[int] = mapped_column(ForeignKey("programmes.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("persons.id"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    """Who may read it; for a broken glass the one who broke it."""
    kind: Mapped[str]
    reason: Mapped[str] = mapped_column(Sealed("access_grants.reason"))
    given_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    given_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    """Set when it is ended before its time."""
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))


class AccessSection(Base):
    """One part of the record that a grant opens."""

    __tablename__ = "access_sections"
    __table_args__ = (one_of("section", Section),)

    grant_id: Mapped[int] = mapped_column(ForeignKey("access_grants.id"), primary_key=True)
    section: Mapped[str] = mapped_column(primary_key=True)


class AccessNotice(Base):
    """That one user was told of a broken glass, and when that user said to have seen it."""

    __tablename__ = "access_notices"

    grant_id: Mapped[int] = mapped_column(ForeignKey("access_grants.id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True, index=True)
    seen_at: Mapped[datetime | None]
