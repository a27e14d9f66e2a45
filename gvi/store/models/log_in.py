"""What logging in leans on: pauses, familiar places, recovery codes, kept forms."""

from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from gvi.store.models.base import Base
from gvi.store.sealing import Sealed


class WrongTries(Base):
    """Wrong tries counted under one key, whether such a user exists or not.

    Belongs to no programme: which one a user name is of is not known before the log-in.
    """

    __tablename__ = "wrong_tries"

    id: Mapped[int] = mapped_column(primary_key=True)
    key_hash: Mapped[str] = mapped_column(unique=True)
    """SHA-256 of what is counted: a user name at a place, a user name, or a place."""
    failed: Mapped[int] = mapped_column(default=0)
    last_failed_at: Mapped[datetime] = mapped_column(index=True)
    pause_ends_at: Mapped[datetime | None]


class FamiliarPlace(Base):
    """A place a user has logged in from; others cannot have the user locked out there."""

    __tablename__ = "familiar_places"
    __table_args__ = (UniqueConstraint("user_id", "source"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    programme_id: Mapped[int] = mapped_column(ForeignKey("programmes.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    source: Mapped[str]
    last_log_in_at: Mapped[datetime] = mapped_column(index=True)


class RecoveryCode(Base):
    """One of the codes that stand in for a lost telephone; only its SHA-256, used once."""

    __tablename__ = "recovery_codes"

    id: Mapped[int] = mapped_column(primary_key=True)
    programme_id: Mapped[int] = mapped_column(ForeignKey("programmes.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    code_hash: Mapped[str]
    created_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class KeptForm(Base):
    """What somebody sent after the log-in was over: sealed, for the same user only, for a day."""

    __tablename__ = "kept_forms"

    id: Mapped[int] = mapped_column(primary_key=True)
    programme_id: Mapped[int] = mapped_column(ForeignKey("programmes.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    path: Mapped[str]
    sealed: Mapped[str] = mapped_column(Sealed("kept_forms.sealed"))
    """User, path and fields: a row moved to another user or page is not given back."""
    expires_at: Mapped[datetime] = mapped_column(index=True)


class SentForm(Base):
    """A form of a page that was sent and acted, for a day: sent again, it acts no second time."""

    __tablename__ = "sent_forms"
    __table_args__ = (UniqueConstraint("user_id", "key_hash"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    programme_id: Mapped[int] = mapped_column(ForeignKey("programmes.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    key_hash: Mapped[str]
    led_to: Mapped[str] = mapped_column(default="")
    """The address its act led to, as browsers see it: without names and numbers of people."""
    sent_at: Mapped[datetime] = mapped_column(index=True)
