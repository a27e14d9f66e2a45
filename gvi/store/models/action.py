"""Actions: who does what by when, and why it was moved or dropped."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from gvi.domain.action import ActionKind, ActionStatus
from gvi.domain.correction import Disputed, DisputedScore
from gvi.domain.grading import Compartment
from gvi.store.models.base import Base
from gvi.store.sealing import Sealed
from gvi.store.types import one_of


class Action(Base):
    """Something decided, with an owner and a due time; follow-ups are made by themselves."""

    __tablename__ = "actions"
    __table_args__ = (
        one_of("kind", ActionKind),
        one_of("status", ActionStatus),
        one_of("compartment", Compartment),
        one_of("disputed", Disputed),
        one_of("disputed_score", DisputedScore),
        CheckConstraint(
            "(status IN ('done', 'dropped')) = (ended_at IS NOT NULL)", name="ended_has_its_day"
        ),
        Index(None, "programme_id", "status", "due_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    programme_id: Mapped[int] = mapped_column(ForeignKey("programmes.id"))
    kind: Mapped[str] = mapped_column(default=ActionKind.DECISION.value)
    compartment: Mapped[str] = mapped_column(default=Compartment.SHARED.value)
    text: Mapped[str] = mapped_column(Sealed("actions.text"))
    status: Mapped[str] = mapped_column(default=ActionStatus.DECIDED.value)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"), index=True)
    due_at: Mapped[datetime]
    person_id: Mapped[int | None] = mapped_column(ForeignKey("persons.id"), index=True)
    group_id: Mapped[int | None] = mapped_column(ForeignKey("groups.id"))
    incident_id: Mapped[int | None] = mapped_column(ForeignKey("incidents.id"))
    call_in_id: Mapped[int | None] = mapped_column(ForeignKey("call_ins.id"))
    disputed: Mapped[str | None]
    """What a correction says is wrong; `disputed_id` is that record, if it is one. No key: a record
    that is erased takes nothing of the correction with it but what it was about."""
    disputed_id: Mapped[int | None]
    disputed_score: Mapped[str | None]
    """None for a correction from before it was kept, too."""
    created_at: Mapped[datetime]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    ended_at: Mapped[datetime | None]
    ended_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    outcome: Mapped[str] = mapped_column(Sealed("actions.outcome"), default="")
    """What came of it, or why it was dropped."""
