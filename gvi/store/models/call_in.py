"""Call-ins, the groups they address, who was invited, and how likely somebody is to come."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from gvi.domain.call_in import CallInStatus, InviteeStatus
from gvi.domain.grading import Compartment
from gvi.domain.message import MessagePart, SpokenLanguage
from gvi.domain.speaker import USUAL_MINUTES
from gvi.store.models.base import Base
from gvi.store.sealing import Sealed
from gvi.store.types import both_or_neither, one_of


class CallIn(Base):
    """A meeting the programme holds with representatives of several groups."""

    __tablename__ = "call_ins"
    __table_args__ = (
        one_of("status", CallInStatus),
        both_or_neither("approved_at", "approved_by_id", name="approved_pair"),
        CheckConstraint("seats > 0", name="has_seats"),
        CheckConstraint("sessions > 0", name="has_sessions"),
        CheckConstraint("other_cards >= 0", name="cards_counted"),
        Index(None, "programme_id", "starts_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    programme_id: Mapped[int] = mapped_column(ForeignKey("programmes.id"))
    name: Mapped[str]
    status: Mapped[str] = mapped_column(default=CallInStatus.DRAFT.value)
    starts_at: Mapped[datetime | None]
    venue: Mapped[str] = mapped_column(default="")
    purpose: Mapped[str] = mapped_column(default="")
    seats: Mapped[int]
    """The largest number of invitees, in all sessions together."""
    minutes: Mapped[int] = mapped_column(default=USUAL_MINUTES)
    """How long it is to last."""
    sessions: Mapped[int] = mapped_column(default=1)
    """How many there are; the first is when and where the call-in is, `CallInSession` the later."""
    counts_own_attendance: Mapped[bool] = mapped_column(default=False)
    """Whether its plan counts with the programme's own attendance, not the published figures."""
    approved_at: Mapped[datetime | None]
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    calendar_sequence: Mapped[int] = mapped_column(default=0)
    """How often what calendars show of it was changed (SEQUENCE of RFC 5545)."""
    calendar_changed_at: Mapped[datetime | None]
    """When that was last; empty since it was drafted."""
    paper_changed_at: Mapped[datetime | None]
    """When a time, a place or somebody's session was last changed: older papers are out of date."""
    other_cards: Mapped[int] = mapped_column(default=0)
    """How many cards with the number for help were handed to others than invitees."""


class CallInSession(Base):
    """When and where a session after the first is held; one that was dropped stays, for calendars.

    Without a time while the call-in has none.
    """

    __tablename__ = "call_in_sessions"
    __table_args__ = (
        UniqueConstraint("call_in_id", "number"),
        CheckConstraint("number > 1", name="is_later"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    programme_id: Mapped[int] = mapped_column(ForeignKey("programmes.id"), index=True)
    call_in_id: Mapped[int] = mapped_column(ForeignKey("call_ins.id"))
    number: Mapped[int]
    starts_at: Mapped[datetime | None]
    venue: Mapped[str] = mapped_column(default="")
    """Blank where it is held where the call-in is."""
    dropped_at: Mapped[datetime | None]


class CallInGroup(Base):
    """A group the call-in addresses."""

    __tablename__ = "call_in_groups"

    call_in_id: Mapped[int] = mapped_column(ForeignKey("call_ins.id"), primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("groups.id"), primary_key=True)


class Invitee(Base):
    """A person chosen for a call-in; chosen by people, never by the planner alone."""

    __tablename__ = "invitees"
    __table_args__ = (
        UniqueConstraint("call_in_id", "person_id"),
        one_of("status", InviteeStatus),
        CheckConstraint("session > 0", name="has_session"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    call_in_id: Mapped[int] = mapped_column(ForeignKey("call_ins.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("persons.id"), index=True)
    group_id: Mapped[int | None] = mapped_column(ForeignKey("groups.id"))
    """The group the person is to carry the message to."""
    is_obliged: Mapped[bool] = mapped_column(default=False)
    """Whether supervision obliged the person on the day of the call-in, as known when invited."""
    status: Mapped[str] = mapped_column(default=InviteeStatus.PROPOSED.value)
    session: Mapped[int] = mapped_column(default=1)
    """In which session the person sits, counted from 1."""
    is_heard_known: Mapped[bool] = mapped_column(default=False)
    """Whether somebody has said what was heard by who left early; it may be nothing at all."""
    has_card: Mapped[bool] = mapped_column(default=False)
    """Whether the person was handed the card with the number for help."""
    reason: Mapped[str] = mapped_column(Sealed("invitees.reason"), default="")
    added_at: Mapped[datetime]
    added_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))


class AttendanceChance(Base):
    """How likely somebody is to come to a call-in, set by a person who knows them, and why."""

    __tablename__ = "attendance_chances"
    __table_args__ = (
        UniqueConstraint("call_in_id", "person_id"),
        one_of("compartment", Compartment),
        CheckConstraint("probability BETWEEN 0 AND 1", name="is_probability"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    programme_id: Mapped[int] = mapped_column(ForeignKey("programmes.id"))
    call_in_id: Mapped[int] = mapped_column(ForeignKey("call_ins.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("persons.id"), index=True)
    compartment: Mapped[str] = mapped_column(default=Compartment.POLICE.value)
    probability: Mapped[float]
    reason: Mapped[str] = mapped_column(Sealed("attendance_chances.reason"))
    set_at: Mapped[datetime]
    set_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))


class SpokenPart(Base):
    """A part of the message as it was said at a call-in, to everybody who stayed."""

    __tablename__ = "spoken_parts"
    __table_args__ = (one_of("part", MessagePart), one_of("language", SpokenLanguage))

    call_in_id: Mapped[int] = mapped_column(ForeignKey("call_ins.id"), primary_key=True)
    part: Mapped[str] = mapped_column(primary_key=True)
    spoken_by: Mapped[str]
    """Who said it, planned or not, as people say it: a name or a function."""
    language: Mapped[str | None]


class EveningNote(Base):
    """What somebody saw at a call-in and, apart from it, what they make of it."""

    __tablename__ = "evening_notes"
    __table_args__ = (
        one_of("compartment", Compartment),
        CheckConstraint("observed <> '' OR assessed <> ''", name="says_something"),
        both_or_neither("withdrawn_at", "withdrawn_by_id", name="withdrawn_pair"),
        Index(None, "call_in_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    programme_id: Mapped[int] = mapped_column(ForeignKey("programmes.id"))
    call_in_id: Mapped[int] = mapped_column(ForeignKey("call_ins.id"))
    compartment: Mapped[str]
    observed: Mapped[str] = mapped_column(Sealed("evening_notes.observed"), default="")
    """Facts: what was seen and heard."""
    assessed: Mapped[str] = mapped_column(Sealed("evening_notes.assessed"), default="")
    """Judgements: what the one who writes makes of it."""
    recorded_at: Mapped[datetime]
    recorded_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
