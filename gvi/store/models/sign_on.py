"""Single sign-on: whose log-in at the provider opens which user, and who is on the way there."""

from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from gvi.domain.sign_on import SignOnPurpose
from gvi.store.models.base import Base
from gvi.store.types import one_of


class ProviderLink(Base):
    """A user's log-in at the provider, which the user showed; one each, and nobody else's."""

    __tablename__ = "provider_links"
    __table_args__ = (UniqueConstraint("issuer", "subject"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    programme_id: Mapped[int] = mapped_column(ForeignKey("programmes.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), unique=True)
    issuer: Mapped[str]
    subject: Mapped[str]
    """What the issuer calls its user: never given to another, unlike a name or an address."""
    linked_at: Mapped[datetime]


class SignOn(Base):
    """Somebody on the way to the provider and back; gone when let in, or after ten minutes.

    Belongs to no programme: who comes back is not known before.
    """

    __tablename__ = "sign_ons"
    __table_args__ = (one_of("purpose", SignOnPurpose),)

    id: Mapped[int] = mapped_column(primary_key=True)
    state_hash: Mapped[str] = mapped_column(unique=True)
    browser_hash: Mapped[str]
    """Of the cookie of the browser that was sent: what another brings back is not taken.

    Blank of one that came back and was not let in: it counts on, and is taken by nobody."""
    purpose: Mapped[str]
    session_id: Mapped[int | None]
    """The log-in it is for, where there is one already; it may be over before they are back."""
    wanted: Mapped[str] = mapped_column(default="")
    """The address they wanted, as browsers see it: without names and numbers of people."""
    source: Mapped[str] = mapped_column(index=True)
    begun_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
