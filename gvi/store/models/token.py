"""Access tokens of the API, and which of its writes were asked for under which key."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from gvi.store.models.base import Base
from gvi.store.types import both_or_neither


class ApiToken(Base):
    """A token a user made for a program; only the SHA-256 of it is kept."""

    __tablename__ = "api_tokens"
    __table_args__ = (
        Index(None, "user_id", "expires_at"),
        both_or_neither("revoked_at", "revoked_reason", name="revoked_pair"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    programme_id: Mapped[int] = mapped_column(ForeignKey("programmes.id"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    name: Mapped[str]
    """What its user calls it, such as the program it is for."""
    ending: Mapped[str]
    """Its last four characters, to tell which one a file holds."""
    token_hash: Mapped[str] = mapped_column(unique=True)
    scopes: Mapped[str]
    """Codes of `gvi.domain.token.Scope` with spaces between."""
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    """To the minute."""
    revoked_at: Mapped[datetime | None]
    revoked_reason: Mapped[str | None]
    revoked_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))


class ApiWrite(Base):
    """What a POST with an Idempotency-Key made, so that asking again makes no second one.

    The answer itself is not kept: the record is read anew, under the rights held then.
    """

    __tablename__ = "api_writes"
    __table_args__ = (UniqueConstraint("user_id", "key_hash"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    programme_id: Mapped[int] = mapped_column(ForeignKey("programmes.id"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    key_hash: Mapped[str]
    request_hash: Mapped[str]
    """Of method, path and body: the same key with another request is refused."""
    thing_id: Mapped[int]
    made_at: Mapped[datetime] = mapped_column(index=True)
