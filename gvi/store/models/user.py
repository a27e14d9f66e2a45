"""Users, their sessions and their own clients."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from gvi.domain.access import Role
from gvi.store.models.base import Base
from gvi.store.sealing import Sealed
from gvi.store.types import one_of


class User(Base):
    """Somebody who logs in; has exactly one role in one programme."""

    __tablename__ = "users"
    __table_args__ = (
        UniqueConstraint("programme_id", "username"),
        one_of("role", Role),
        one_of("language", ("sv", "en")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    programme_id: Mapped[int] = mapped_column(ForeignKey("programmes.id"))
    username: Mapped[str]
    display_name: Mapped[str]
    role: Mapped[str]
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisations.id"))
    team: Mapped[str] = mapped_column(default="")
    """The unit whose clients a lead of the same team may see."""
    language: Mapped[str] = mapped_column(default="sv")
    password_hash: Mapped[str | None]
    """argon2id; empty for one-click users of an invented town, who cannot log in by passphrase."""
    start_expires_at: Mapped[datetime | None]
    """Set while the passphrase is one that an administrator gave: it only lets one choose one's
    own, and not after this."""
    totp_secret: Mapped[str | None] = mapped_column(Sealed("users.totp_secret"), deferred=True)
    """Of the app that gives the codes of the second step; opened only where it is asked for."""
    totp_confirmed_at: Mapped[datetime | None]
    """When a first code proved that the app works; the second step is asked for from then on."""
    totp_last_step: Mapped[int | None]
    """The latest time step a code was accepted for; neither it nor an earlier one is again."""
    passkey_handle: Mapped[bytes | None]
    """Chance by which devices know whose passkey they hold; the same for all the user ever adds, so
    that a device puts a new one in the place of one that was removed here."""
    is_active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]


class UserSession(Base):
    """One log-in; only the SHA-256 of its token is kept."""

    __tablename__ = "user_sessions"
    __table_args__ = (one_of("waits_for", ("", "code", "passphrase", "second_step")),)

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    csrf_token: Mapped[str]
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    source: Mapped[str] = mapped_column(default="")
    device: Mapped[str] = mapped_column(default="")
    """The browser and system as it names itself, in two words."""
    proved_at: Mapped[datetime]
    """When the user last proved to be there, by passphrase, code or passkey."""
    waits_for: Mapped[str] = mapped_column(default="")
    """What is still to be done before the session opens anything; empty when it is open."""
    is_passphrase_weak: Mapped[bool] = mapped_column(default=False)
    """The passphrase used is on the list of those that are guessed first."""
    by_provider: Mapped[bool] = mapped_column(default=False)
    """The provider of single sign-on let them in."""


class ClientAssignment(Base):
    """Who works with a person: makes the person the user's own client (design §7)."""

    __tablename__ = "client_assignments"
    __table_args__ = (Index(None, "user_id", "person_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    programme_id: Mapped[int] = mapped_column(ForeignKey("programmes.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("persons.id"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    assigned_at: Mapped[datetime]
    assigned_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    ended_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(Sealed("client_assignments.reason"), default="")
