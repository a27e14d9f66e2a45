"""Rounds: custom notifications to several people within some days."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from gvi.domain.round import RoundStatus
from gvi.store.models.base import Base
from gvi.store.types import one_of


class Round(Base):
    """A batch of visits: from when to when, who answers for it, what it is for.

    Who is in it stands on each custom notification, and goes with the person.
    """

    __tablename__ = "rounds"
    __table_args__ = (
        one_of("status", RoundStatus),
        CheckConstraint("starts_on <= ends_on", name="ends_after_start"),
        Index(None, "programme_id", "ends_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    programme_id: Mapped[int] = mapped_column(ForeignKey("programmes.id"))
    name: Mapped[str]
    status: Mapped[str] = mapped_column(default=RoundStatus.OPEN.value)
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    team: Mapped[str] = mapped_column(default="")
    """Who goes, where nothing else is said of a visit."""
    purpose: Mapped[str] = mapped_column(default="")
    call_in_id: Mapped[int | None] = mapped_column(ForeignKey("call_ins.id"))
    """The call-in whose gap it fills."""
    created_at: Mapped[datetime]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    closed_at: Mapped[datetime | None]


class RoundVisit(Base):
    """A visit that is made in a round; in one at a time."""

    __tablename__ = "round_visits"

    custom_notification_id: Mapped[int] = mapped_column(
        ForeignKey("custom_notifications.id"), primary_key=True
    )
    round_id: Mapped[int] = mapped_column(ForeignKey("rounds.id"), index=True)


class RoundGroup(Base):
    """A group the round is to reach."""

    __tablename__ = "round_groups"

    round_id: Mapped[int] = mapped_column(ForeignKey("rounds.id"), primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id"), primary_key=True)
