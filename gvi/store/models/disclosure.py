"""What left one secrecy for another: consents, requests, disclosures and their frozen lines."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from gvi.domain.disclosure import (
    OWN_WORDS,
    DisclosureStatus,
    Ground,
    Party,
    Purpose,
    RequestStatus,
    SourceClass,
)
from gvi.domain.grading import ADMIRALTY_GRADES
from gvi.domain.section import Section
from gvi.store.models.base import Base
from gvi.store.sealing import Sealed
from gvi.store.types import both_or_neither, one_of

PARTS = (*(section.value for section in Section), OWN_WORDS)


class Consent(Base):
    """A person's consent that one side discloses some parts to one recipient side."""

    __tablename__ = "consents"
    __table_args__ = (
        one_of("side", Party),
        one_of("party", Party),
        CheckConstraint("side != party", name="to_another_side"),
        CheckConstraint("length(parts) > 0", name="has_parts"),
        both_or_neither("withdrawn_at", "withdrawn_by_id", name="withdrawn_pair"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    programme_id: Mapped[int] = mapped_column(ForeignKey("programmes.id"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("persons.id"), index=True)
    side: Mapped[str]
    party: Mapped[str]
    parts: Mapped[str]
    """Codes of the parts it covers, a blank between."""
    given_on: Mapped[date]
    ends_on: Mapped[date | None]
    by_guardian: Mapped[bool] = mapped_column(default=False)
    """The guardians have consented too, which somebody under 18 needs."""
    document: Mapped[str] = mapped_column(Sealed("consents.document"), default="")
    recorded_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    recorded_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))


class DisclosureRequest(Base):
    """Somebody's request that a side discloses something about a person, with its deadline."""

    __tablename__ = "disclosure_requests"
    __table_args__ = (
        one_of("side", Party),
        one_of("party", Party),
        one_of("status", RequestStatus),
        both_or_neither("answered_at", "answered_by_id", name="answered_pair"),
        CheckConstraint("(status = 'open') = (answered_at IS NULL)", name="answered_or_open"),
        CheckConstraint(
            "status != 'refused' OR length(refusal_reason) > 0", name="refused_with_reason"
        ),
        Index(None, "programme_id", "status", "due_at"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    programme_id: Mapped[int] = mapped_column(ForeignKey("programmes.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("persons.id"), index=True)
    side: Mapped[str]
    party: Mapped[str]
    asked_by: Mapped[str]
    organisation: Mapped[str]
    asked_for: Mapped[str] = mapped_column(Sealed("disclosure_requests.asked_for"))
    received_at: Mapped[datetime]
    due_at: Mapped[datetime]
    owner_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    """Who answers it."""
    recorded_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    status: Mapped[str] = mapped_column(default=RequestStatus.OPEN.value)
    answered_at: Mapped[datetime | None]
    answered_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    refusal_reason: Mapped[str] = mapped_column(
        Sealed("disclosure_requests.refusal_reason"), default=""
    )


class Disclosure(Base):
    """One act of disclosing: on which ground, to whom, until when, and who decided."""

    __tablename__ = "disclosures"
    __table_args__ = (
        one_of("side", Party),
        one_of("party", Party),
        one_of("ground", Ground),
        one_of("purpose", Purpose),
        one_of("status", DisclosureStatus),
        CheckConstraint("side != party", name="to_another_side"),
        CheckConstraint(
            "(recipient_id IS NULL) = (length(organisation) > 0)", name="one_recipient"
        ),
        CheckConstraint("recipient_id != decider_id", name="recipient_never_decides"),
        CheckConstraint("(ground = 'consent') = (consent_id IS NOT NULL)", name="consent_named"),
        CheckConstraint("expires_at > written_at", name="expires_after_start"),
        CheckConstraint("(status = 'proposed') = (decided_at IS NULL)", name="decided_or_proposed"),
        both_or_neither("decided_at", "decided_by_id", name="decided_pair"),
        both_or_neither("withdrawn_at", "withdrawn_by_id", name="withdrawn_pair"),
        Index(None, "programme_id", "side", "written_at"),
        Index(None, "recipient_id", "expires_at"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    programme_id: Mapped[int] = mapped_column(ForeignKey("programmes.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("persons.id"), index=True)
    side: Mapped[str]
    party: Mapped[str]
    ground: Mapped[str]
    conditions: Mapped[str] = mapped_column(default="")
    """Codes of the conditions that were found to be met, a blank between."""
    weighing: Mapped[str] = mapped_column(Sealed("disclosures.weighing"), default="")
    age_statement: Mapped[str] = mapped_column(Sealed("disclosures.age_statement"), default="")
    purpose: Mapped[str]
    fields: Mapped[str]
    """Names of the fields that were disclosed, such as `groups.words`, a blank between."""
    consent_id: Mapped[int | None] = mapped_column(ForeignKey("consents.id"), index=True)
    request_id: Mapped[int | None] = mapped_column(ForeignKey("disclosure_requests.id"), index=True)
    recipient_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    recipient_name: Mapped[str] = mapped_column(default="")
    organisation: Mapped[str] = mapped_column(default="")
    """Of a recipient outside the programme, who has no log-in here."""
    written_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    written_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    decider_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    status: Mapped[str] = mapped_column(default=DisclosureStatus.PROPOSED.value)
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    decline_reason: Mapped[str] = mapped_column(Sealed("disclosures.decline_reason"), default="")
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    withdrawal_reason: Mapped[str] = mapped_column(
        Sealed("disclosures.withdrawal_reason"), default=""
    )


class DisclosureLine(Base):
    """One line as it was when it was disclosed; it does not follow later changes."""

    __tablename__ = "disclosure_lines"
    __table_args__ = (
        one_of("part", PARTS),
        one_of("source_class", SourceClass),
        one_of("grade", ADMIRALTY_GRADES),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    programme_id: Mapped[int] = mapped_column(ForeignKey("programmes.id"))
    disclosure_id: Mapped[int] = mapped_column(ForeignKey("disclosures.id"), index=True)
    position: Mapped[int]
    part: Mapped[str]
    is_assessment: Mapped[bool]
    source_class: Mapped[str]
    grade: Mapped[str | None]
    frozen: Mapped[str] = mapped_column(Sealed("disclosure_lines.frozen"))
    """The line's content, written and read by `gvi.store.frozen` only; sealed at rest."""
