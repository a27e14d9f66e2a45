"""The scoring policy's versions: drafted by one, approved by another, never changed after."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from gvi.domain.policy import PolicyStatus
from gvi.store.models.base import Base
from gvi.store.types import both_or_neither, one_of


class StoredPolicy(Base):
    """One version of the constants behind both scores.

    The database refuses to change a decided one. Version 1, the example table, is never stored.
    """

    __tablename__ = "scoring_policies"
    __table_args__ = (
        UniqueConstraint("programme_id", "version"),
        one_of("status", PolicyStatus),
        CheckConstraint("version > 1", name="after_the_first"),
        CheckConstraint("length(source) > 0", name="has_source"),
        CheckConstraint("length(reason) > 0", name="has_reason"),
        CheckConstraint("approved_by_id <> drafted_by_id", name="two_people"),
        CheckConstraint("(status = 'approved') = (approved_at IS NOT NULL)", name="approved_then"),
        CheckConstraint("(status = 'dropped') = (dropped_at IS NOT NULL)", name="dropped_then"),
        CheckConstraint(
            "status <> 'dropped' OR length(dropped_reason) > 0", name="dropped_with_reason"
        ),
        both_or_neither("approved_at", "approved_by_id", name="approved_pair"),
        both_or_neither("approved_at", "decided_on", name="approved_on_a_day"),
        both_or_neither("dropped_at", "dropped_by_id", name="dropped_pair"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    programme_id: Mapped[int] = mapped_column(ForeignKey("programmes.id"))
    version: Mapped[int]
    status: Mapped[str] = mapped_column(default=PolicyStatus.DRAFT.value)
    source: Mapped[str]
    """Where the numbers come from: a study, a minute of a meeting."""
    constants: Mapped[str]
    """Every constant as one JSON document of numbers (`domain.policy.Document`), keys sorted."""
    reason: Mapped[str]
    """What the change is for."""
    drafted_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    drafted_at: Mapped[datetime]
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    approved_at: Mapped[datetime | None]
    decided_on: Mapped[date | None]
    """The local day of the approval."""
    dropped_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    dropped_at: Mapped[datetime | None]
    dropped_reason: Mapped[str] = mapped_column(default="")
