"""Passkeys, and the challenges that devices answer with them."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from gvi.store.models.base import Base
from gvi.store.sealing import Sealed


class Passkey(Base):
    """A key that one of a user's devices holds; what is kept here opens nothing by itself."""

    __tablename__ = "passkeys"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    programme_id: Mapped[int] = mapped_column(ForeignKey("programmes.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    name: Mapped[str] = mapped_column(Sealed("passkeys.name"))
    """What its user calls it, such as "work phone"."""
    credential_id: Mapped[bytes] = mapped_column(unique=True)
    """What the device calls it."""
    public_key: Mapped[bytes]
    """COSE (RFC 9052), as the device gave it."""
    sign_count: Mapped[int] = mapped_column(BigInteger)
    """How often the device says it was used; 0 for good where it does not count."""
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]


class PasskeyChallenge(Base):
    """Chance that a device is to sign, once and soon, for the browser that asked.

    Belongs to no programme: whose passkey will answer is not known before the log-in.
    """

    __tablename__ = "passkey_challenges"

    id: Mapped[int] = mapped_column(primary_key=True)
    challenge: Mapped[bytes] = mapped_column(unique=True)
    bound_to: Mapped[str]
    """SHA-256 of what the asking browser holds: its session's secret, or one of the log-in page."""
    expires_at: Mapped[datetime] = mapped_column(index=True)
