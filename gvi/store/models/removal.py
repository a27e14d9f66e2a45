"""Removed records, each as one sealed bundle until it is erased; and longer times asked for."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from gvi.domain.grading import Compartment
from gvi.domain.removal import Removable, RemovalCause, Side
from gvi.domain.review import ExtensionOutcome, Reviewed
from gvi.store.models.base import Base
from gvi.store.sealing import Sealed
from gvi.store.types import both_or_neither, one_of


class Removal(Base):
    """Rows taken out of every table, so that nothing finds them; after erasure a tombstone.

    A tombstone says that something was removed and when. The fingerprint of its id in files keeps
    an import from bringing it back without anybody deciding so.
    """

    __tablename__ = "removals"
    __table_args__ = (
        one_of("thing", Removable),
        one_of("side", Side),
        one_of("cause", RemovalCause),
        CheckConstraint("(erased_at IS NULL) = (bundle IS NOT NULL)", name="erased_or_whole"),
        CheckConstraint("erased_at IS NULL OR reason = ''", name="erased_without_words"),
        Index(None, "programme_id", "erase_at"),
        Index(None, "programme_id", "thing", "fingerprint"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    programme_id: Mapped[int] = mapped_column(ForeignKey("programmes.id"))
    thing: Mapped[str]
    thing_id: Mapped[int]
    side: Mapped[str]
    cause: Mapped[str] = mapped_column(default=RemovalCause.BY_HAND.value)
    removed_at: Mapped[datetime]
    removed_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    reason: Mapped[str] = mapped_column(Sealed("removals.reason"), default="")
    """Why, in somebody's words; erased with the bundle."""
    erase_at: Mapped[datetime]
    """From then on the retention rule erases it; until then it can be put back."""
    erased_at: Mapped[datetime | None]
    bundle: Mapped[str | None] = mapped_column(Sealed("removals.bundle"))
    """Everything that was taken out (`gvi.store.bundle`); empty once erased."""
    fingerprint: Mapped[str | None]
    """Keyed hash of the id in files."""


class ReviewExtension(Base):
    """A longer time for one record: asked for by one, decided by somebody else."""

    __tablename__ = "review_extensions"
    __table_args__ = (
        one_of("thing", Reviewed),
        one_of("compartment", Compartment),
        one_of("outcome", ExtensionOutcome),
        both_or_neither("decided_at", "decided_by_id", name="decided_pair"),
        both_or_neither("decided_at", "outcome", name="decided_has_its_outcome"),
        CheckConstraint("decided_by_id <> asked_by_id", name="two_people"),
        Index(None, "thing", "thing_id"),
        Index(None, "programme_id", "decided_at"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    programme_id: Mapped[int] = mapped_column(ForeignKey("programmes.id"))
    thing: Mapped[str]
    thing_id: Mapped[int]
    compartment: Mapped[str]
    """The record's own, under which the extension is seen and decided."""
    old_due_on: Mapped[date | None]
    new_due_on: Mapped[date]
    reason: Mapped[str] = mapped_column(Sealed("review_extensions.reason"))
    asked_at: Mapped[datetime]
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    outcome: Mapped[str | None]
    answer: Mapped[str] = mapped_column(Sealed("review_extensions.answer"), default="")
    """What the second person said."""
