"""Calendar feeds: the address at which a user's own calendar reads the call-ins."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from gvi.store.models.base import Base
from gvi.store.types import both_or_neither


class CalendarFeed(Base):
    """An address a user gave to a calendar program; only the SHA-256 of its secret is kept."""

    __tablename__ = "calendar_feeds"
    __table_args__ = (
        Index(None, "user_id", "revoked_at"),
        both_or_neither("revoked_at", "revoked_reason", name="revoked_pair"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    programme_id: Mapped[int] = mapped_column(ForeignKey("programmes.id"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    token_hash: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    last_read_at: Mapped[datetime | None]
    """To the hour."""
    revoked_at: Mapped[datetime | None]
    revoked_reason: Mapped[str | None]
