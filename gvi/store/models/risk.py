"""Risk decisions: the colour people set, with a reason and an expiry."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from gvi.domain.risk import RiskColour
from gvi.store.models.base import Base
from gvi.store.sealing import Sealed
from gvi.store.types import one_of


class RiskDecision(Base):
    """A dated human decision; a new one takes the place of the last, nothing is overwritten."""

    __tablename__ = "risk_decisions"
    __table_args__ = (
        one_of("colour", RiskColour),
        CheckConstraint("length(reason) > 0", name="has_reason"),
        Index(None, "person_id", "decided_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    programme_id: Mapped[int] = mapped_column(ForeignKey("programmes.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("persons.id"))
    colour: Mapped[str]
    reason: Mapped[str] = mapped_column(Sealed("risk_decisions.reason"))
    decided_by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    decided_at: Mapped[datetime]
    expires_on: Mapped[date]
