"""Judgements on invitees: of secrecy and of safety, apart."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from gvi.domain.clearance import ClearanceKind
from gvi.store.models.base import Base
from gvi.store.sealing import Sealed
from gvi.store.types import one_of


class Clearance(Base):
    """One judgement: by whom, when, what and why. One of a kind counts at a time."""

    __tablename__ = "clearances"
    __table_args__ = (
        one_of("kind", ClearanceKind),
        Index(None, "invitee_id", "kind"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    programme_id: Mapped[int] = mapped_column(ForeignKey("programmes.id"), index=True)
    invitee_id: Mapped[int] = mapped_column(ForeignKey("invitees.id"))
    kind: Mapped[str]
    is_cleared: Mapped[bool]
    reason: Mapped[str] = mapped_column(Sealed("clearances.reason"))
    was_joint: Mapped[bool] = mapped_column(default=False)
    """Judged before the two were kept apart: one word for both, without a reason."""
    judged_at: Mapped[datetime]
    judged_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    ended_at: Mapped[datetime | None]
    """When another took its place, or the invitee was withdrawn."""
