"""Support: offers, calls to the card number, cases, needs and contacts; secret from the police."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from gvi.domain.grading import Compartment
from gvi.domain.support import (
    ClosingReason,
    ContactMode,
    ContactOutcome,
    HeardThrough,
    NeedKind,
    OfferResponse,
    SupportCaseStatus,
)
from gvi.store.models.base import Base
from gvi.store.sealing import Sealed
from gvi.store.types import both_or_neither, one_of

SOCIAL_OR_CHILD = (Compartment.SOCIAL.value, Compartment.CHILD.value)


class SupportOffer(Base):
    """Help that was offered to a person, and the answer."""

    __tablename__ = "support_offers"
    __table_args__ = (
        one_of("response", OfferResponse),
        one_of("compartment", SOCIAL_OR_CHILD),
        both_or_neither("response", "responded_at", name="response_pair"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    programme_id: Mapped[int] = mapped_column(ForeignKey("programmes.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("persons.id"), index=True)
    compartment: Mapped[str] = mapped_column(default=Compartment.SOCIAL.value)
    what: Mapped[str] = mapped_column(Sealed("support_offers.what"))
    offered_at: Mapped[datetime]
    offered_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    response: Mapped[str | None]
    responded_at: Mapped[datetime | None]


class InboundCall(Base):
    """Somebody rang the number on the card; answered the same day."""

    __tablename__ = "inbound_calls"
    __table_args__ = (
        one_of("heard_through", HeardThrough),
        one_of("compartment", SOCIAL_OR_CHILD),
        both_or_neither("returned_at", "returned_by_id", name="returned_pair"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    programme_id: Mapped[int] = mapped_column(ForeignKey("programmes.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("persons.id"), index=True)
    compartment: Mapped[str] = mapped_column(default=Compartment.SOCIAL.value)
    called_at: Mapped[datetime]
    caller: Mapped[str] = mapped_column(Sealed("inbound_calls.caller"), default="")
    """What the caller gave as name or number, when not yet linked to a person."""
    heard_through: Mapped[str]
    note: Mapped[str] = mapped_column(Sealed("inbound_calls.note"), default="")
    call_back_due_at: Mapped[datetime]
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    returned_at: Mapped[datetime | None]
    returned_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    recorded_at: Mapped[datetime]
    recorded_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))


class SupportCase(Base):
    """One person's support, with an owner and the next contact's date."""

    __tablename__ = "support_cases"
    __table_args__ = (
        one_of("status", SupportCaseStatus),
        one_of("compartment", SOCIAL_OR_CHILD),
        one_of("closing_reason", ClosingReason),
        CheckConstraint("contact_interval_days > 0", name="interval_positive"),
        CheckConstraint("(status = 'closed') = (closed_at IS NOT NULL)", name="closed_has_its_day"),
        both_or_neither("closed_at", "closing_reason", name="closed_pair"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    programme_id: Mapped[int] = mapped_column(ForeignKey("programmes.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("persons.id"), index=True)
    compartment: Mapped[str] = mapped_column(default=Compartment.SOCIAL.value)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), index=True)
    status: Mapped[str] = mapped_column(default=SupportCaseStatus.OFFERED.value)
    heard_through: Mapped[str | None]
    inbound_call_id: Mapped[int | None] = mapped_column(ForeignKey("inbound_calls.id"))
    opened_at: Mapped[datetime]
    contact_interval_days: Mapped[int]
    """The agreed dose: at most so many days between contacts."""
    next_contact_on: Mapped[date | None]
    note: Mapped[str] = mapped_column(Sealed("support_cases.note"), default="")
    closed_at: Mapped[datetime | None]
    closing_reason: Mapped[str | None]


class Need(Base):
    """Something the person needs help with, and whether it is met."""

    __tablename__ = "needs"
    __table_args__ = (
        one_of("kind", NeedKind),
        one_of("status", ("open", "in_work", "met", "cannot_be_met")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    support_case_id: Mapped[int] = mapped_column(ForeignKey("support_cases.id"), index=True)
    kind: Mapped[str]
    status: Mapped[str] = mapped_column(default="open")
    raised_on: Mapped[date]
    note: Mapped[str] = mapped_column(Sealed("needs.note"), default="")


class Contact(Base):
    """One contact, or attempt at one, between an outreach worker and a person."""

    __tablename__ = "contacts"
    __table_args__ = (
        one_of("mode", ContactMode),
        one_of("outcome", ContactOutcome),
        CheckConstraint("minutes >= 0", name="minutes_not_negative"),
        Index(None, "support_case_id", "contacted_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    support_case_id: Mapped[int] = mapped_column(ForeignKey("support_cases.id"))
    contacted_at: Mapped[datetime]
    mode: Mapped[str]
    outcome: Mapped[str]
    minutes: Mapped[int | None]
    note: Mapped[str] = mapped_column(Sealed("contacts.note"), default="")
    """The worker's own words: read by the case's worker and lead only."""
    next_contact_on: Mapped[date | None]
    replaced_next_contact_on: Mapped[date | None]
    """The case's day for the next contact until then: it returns if the contact is withdrawn."""
    recorded_at: Mapped[datetime]
    recorded_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))


class ContactRevision(Base):
    """A contact as it stood before it was corrected or withdrawn, by whom and why."""

    __tablename__ = "contact_revisions"
    __table_args__ = (one_of("mode", ContactMode), one_of("outcome", ContactOutcome))

    id: Mapped[int] = mapped_column(primary_key=True)
    contact_id: Mapped[int]
    """The number the contact has or had; together with `recorded_at` it is never given twice."""
    support_case_id: Mapped[int] = mapped_column(ForeignKey("support_cases.id"), index=True)
    contacted_at: Mapped[datetime]
    mode: Mapped[str]
    outcome: Mapped[str]
    minutes: Mapped[int | None]
    note: Mapped[str] = mapped_column(Sealed("contact_revisions.note"), default="")
    """Read by the case's worker and lead only, as the contact's own."""
    next_contact_on: Mapped[date | None]
    recorded_at: Mapped[datetime]
    recorded_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    superseded_at: Mapped[datetime]
    superseded_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    reason: Mapped[str] = mapped_column(Sealed("contact_revisions.reason"))
    is_withdrawn: Mapped[bool] = mapped_column(default=False)


class ContactDraft(Base):
    """A contact being written, kept between two visits; one for each worker and case."""

    __tablename__ = "contact_drafts"
    __table_args__ = (UniqueConstraint("user_id", "support_case_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    support_case_id: Mapped[int] = mapped_column(ForeignKey("support_cases.id"))
    fields: Mapped[str] = mapped_column(Sealed("contact_drafts.fields"))
    """What was typed so far, as JSON."""
    saved_at: Mapped[datetime]
