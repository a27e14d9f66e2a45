"""Custom notifications, the attempts to deliver them, and the ledger of what was said to whom."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from gvi.domain.custom_notification import AttemptOutcome, NotificationStatus, NotificationTrigger
from gvi.domain.message import SpokenLanguage
from gvi.store.models.base import Base
from gvi.store.sealing import Sealed
from gvi.store.types import one_of


class CustomNotification(Base):
    """The message to be given to one person by a day, by named people."""

    __tablename__ = "custom_notifications"
    __table_args__ = (
        one_of("status", NotificationStatus),
        one_of("trigger", NotificationTrigger),
        Index(None, "programme_id", "due_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    programme_id: Mapped[int] = mapped_column(ForeignKey("programmes.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("persons.id"), index=True)
    trigger: Mapped[str]
    status: Mapped[str] = mapped_column(default=NotificationStatus.PLANNED.value)
    due_at: Mapped[datetime]
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    team: Mapped[str] = mapped_column(default="")
    """Who goes: police, social services, probation, a voice of the community."""
    place: Mapped[str] = mapped_column(default="")
    risk_check: Mapped[str] = mapped_column(Sealed("custom_notifications.risk_check"), default="")
    """What was checked first: a conflict at home, children present, victim of the own group."""
    incident_id: Mapped[int | None] = mapped_column(ForeignKey("incidents.id"))
    call_in_id: Mapped[int | None] = mapped_column(ForeignKey("call_ins.id"))
    created_at: Mapped[datetime]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))


class NotificationVisitor(Base):
    """A user who goes along on the visit, and may therefore see its time and place."""

    __tablename__ = "notification_visitors"

    custom_notification_id: Mapped[int] = mapped_column(
        ForeignKey("custom_notifications.id"), primary_key=True
    )
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)


class NotificationAttempt(Base):
    """One try to meet the person; counted apart from deliveries."""

    __tablename__ = "notification_attempts"
    __table_args__ = (one_of("outcome", AttemptOutcome),)

    id: Mapped[int] = mapped_column(primary_key=True)
    custom_notification_id: Mapped[int] = mapped_column(
        ForeignKey("custom_notifications.id"), index=True
    )
    attempted_at: Mapped[datetime]
    outcome: Mapped[str]
    place: Mapped[str] = mapped_column(default="")
    card_left: Mapped[bool] = mapped_column(default=False)
    note: Mapped[str] = mapped_column(Sealed("notification_attempts.note"), default="")
    """What was observed; read by the coordinators and the analyst."""
    recorded_at: Mapped[datetime]
    recorded_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))


class WithdrawnAttempt(Base):
    """A try that was recorded and never happened, or not so: what it said, who took it back, why.

    It stands apart from the tries and the ledger, so that no count can take it for one of them.
    """

    __tablename__ = "withdrawn_attempts"
    __table_args__ = (one_of("outcome", AttemptOutcome), one_of("language", SpokenLanguage))

    id: Mapped[int] = mapped_column(primary_key=True)
    custom_notification_id: Mapped[int] = mapped_column(
        ForeignKey("custom_notifications.id"), index=True
    )
    attempted_at: Mapped[datetime]
    outcome: Mapped[str]
    place: Mapped[str] = mapped_column(default="")
    card_left: Mapped[bool] = mapped_column(default=False)
    note: Mapped[str] = mapped_column(Sealed("withdrawn_attempts.note"), default="")
    recorded_at: Mapped[datetime]
    recorded_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    delivered_by: Mapped[str] = mapped_column(default="")
    language: Mapped[str | None]
    not_die: Mapped[bool] = mapped_column(default=False)
    not_kill: Mapped[bool] = mapped_column(default=False)
    consequences: Mapped[bool] = mapped_column(default=False)
    help: Mapped[bool] = mapped_column(default=False)
    withdrawn_at: Mapped[datetime]
    withdrawn_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    reason: Mapped[str] = mapped_column(Sealed("withdrawn_attempts.reason"))


class MessageDelivery(Base):
    """Which parts of the message one person was told, when, by whom, and on which occasion."""

    __tablename__ = "message_deliveries"
    __table_args__ = (
        CheckConstraint(
            "(call_in_id IS NULL) <> (custom_notification_id IS NULL)", name="one_occasion"
        ),
        CheckConstraint("not_die OR not_kill OR consequences OR help", name="some_part"),
        one_of("language", SpokenLanguage),
        Index(None, "person_id", "delivered_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    programme_id: Mapped[int] = mapped_column(ForeignKey("programmes.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("persons.id"))
    delivered_at: Mapped[datetime]
    delivered_by: Mapped[str]
    """Who said it, as people say it: names or functions of the speakers or the team."""
    language: Mapped[str | None]
    """In what language; empty where nobody said, as in everything before it was asked."""
    to_family: Mapped[bool] = mapped_column(default=False)
    """Told to the family instead of the person: in the ledger, but nobody's having heard it."""
    call_in_id: Mapped[int | None] = mapped_column(ForeignKey("call_ins.id"))
    custom_notification_id: Mapped[int | None] = mapped_column(
        ForeignKey("custom_notifications.id")
    )
    not_die: Mapped[bool] = mapped_column(default=False)
    not_kill: Mapped[bool] = mapped_column(default=False)
    consequences: Mapped[bool] = mapped_column(default=False)
    help: Mapped[bool] = mapped_column(default=False)
    recorded_at: Mapped[datetime]
    recorded_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
