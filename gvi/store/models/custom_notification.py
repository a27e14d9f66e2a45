"""Custom notifications, the attempts to deliver them, and the ledger of what was said to whom."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from gvi.domain.custom_notification import (
    Answer,
    AttemptOutcome,
    NotificationStatus,
    NotificationTrigger,
    Reaction,
    RiskOutcome,
)
from gvi.domain.message import SpokenLanguage
from gvi.domain.paper import LetterLanguage
from gvi.store.models.base import Base
from gvi.store.sealing import Sealed
from gvi.store.types import both_or_neither, one_of


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
    why: Mapped[str] = mapped_column(Sealed("custom_notifications.why"), default="")
    """Why this person of all, in a sentence."""
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


class VisitLetter(Base):
    """What the letter that is handed over says of one person; other words are approved anew."""

    __tablename__ = "visit_letters"
    __table_args__ = (
        one_of("language", LetterLanguage),
        both_or_neither("approved_at", "approved_by_id", name="approved_pair"),
    )

    custom_notification_id: Mapped[int] = mapped_column(
        ForeignKey("custom_notifications.id"), primary_key=True
    )
    language: Mapped[str | None]
    """Empty where nobody said."""
    exposure: Mapped[str] = mapped_column(
        Sealed("visit_letters.exposure", "custom_notification_id"), default=""
    )
    """The person's own legal exposure."""
    approved_at: Mapped[datetime | None]
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))


class RiskCheck(Base):
    """One judgement of whether a visit may be made: what was asked first, go or no-go, and why.

    One counts at a time; what it took the place of stays to be read.
    """

    __tablename__ = "risk_checks"
    __table_args__ = (
        one_of("home_conflict", Answer),
        one_of("children_present", Answer),
        one_of("victim_of_own_group", Answer),
        one_of("outcome", RiskOutcome),
        CheckConstraint("reason <> ''", name="has_reason"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    programme_id: Mapped[int] = mapped_column(ForeignKey("programmes.id"), index=True)
    custom_notification_id: Mapped[int] = mapped_column(
        ForeignKey("custom_notifications.id"), index=True
    )
    home_conflict: Mapped[str]
    children_present: Mapped[str]
    victim_of_own_group: Mapped[str]
    outcome: Mapped[str]
    reason: Mapped[str] = mapped_column(Sealed("risk_checks.reason"))
    checked_at: Mapped[datetime]
    checked_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    ended_at: Mapped[datetime | None]
    """When another took its place."""


class NotificationAttempt(Base):
    """One try to meet the person; counted apart from deliveries."""

    __tablename__ = "notification_attempts"
    __table_args__ = (
        one_of("outcome", AttemptOutcome),
        one_of("family_present", Answer),
        one_of("reaction", Reaction),
    )

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
    family_present: Mapped[str] = mapped_column(default=Answer.UNKNOWN.value)
    reaction: Mapped[str | None]
    """How it was taken; empty where nobody said."""
    assessment: Mapped[str] = mapped_column(Sealed("notification_attempts.assessment"), default="")
    """What those who went make of it, apart from what they observed."""
    help_offered: Mapped[str] = mapped_column(
        Sealed("notification_attempts.help_offered"), default=""
    )
    next_step: Mapped[str] = mapped_column(Sealed("notification_attempts.next_step"), default="")
    """What was agreed."""
    was_held_back: Mapped[bool] = mapped_column(default=False)
    """Made although a no-go held the visit back."""
    recorded_at: Mapped[datetime]
    recorded_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))


class WithdrawnAttempt(Base):
    """A try that was recorded and never happened, or not so: what it said, who took it back, why.

    It stands apart from the tries and the ledger, so that no count can take it for one of them.
    """

    __tablename__ = "withdrawn_attempts"
    __table_args__ = (
        one_of("outcome", AttemptOutcome),
        one_of("language", SpokenLanguage),
        one_of("family_present", Answer),
        one_of("reaction", Reaction),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    custom_notification_id: Mapped[int] = mapped_column(
        ForeignKey("custom_notifications.id"), index=True
    )
    attempted_at: Mapped[datetime]
    outcome: Mapped[str]
    place: Mapped[str] = mapped_column(default="")
    card_left: Mapped[bool] = mapped_column(default=False)
    note: Mapped[str] = mapped_column(Sealed("withdrawn_attempts.note"), default="")
    family_present: Mapped[str] = mapped_column(default=Answer.UNKNOWN.value)
    reaction: Mapped[str | None]
    assessment: Mapped[str] = mapped_column(Sealed("withdrawn_attempts.assessment"), default="")
    help_offered: Mapped[str] = mapped_column(Sealed("withdrawn_attempts.help_offered"), default="")
    next_step: Mapped[str] = mapped_column(Sealed("withdrawn_attempts.next_step"), default="")
    was_held_back: Mapped[bool] = mapped_column(default=False)
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
