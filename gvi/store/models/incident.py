"""Violent incidents and who was involved in them."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from gvi.domain.grading import Certainty
from gvi.domain.incident import Gmi, IncidentStatus, InvolvementRole
from gvi.store.models.base import Fact, fact_rules, keep_revisions
from gvi.store.types import one_of


@keep_revisions
class Incident(Fact):
    """Something violent that happened at a time and place; GMI starts unknown."""

    __tablename__ = "incidents"
    __table_args__ = (
        *fact_rules(),
        UniqueConstraint("programme_id", "external_id"),
        one_of("status", IncidentStatus),
        one_of("gmi", Gmi),
        CheckConstraint("latitude BETWEEN -90 AND 90", name="latitude_in_range"),
        CheckConstraint("longitude BETWEEN -180 AND 180", name="longitude_in_range"),
        CheckConstraint("injured >= 0 AND killed >= 0", name="counts_not_negative"),
        Index(None, "programme_id", "occurred_at"),
    )

    external_id: Mapped[str | None]
    occurred_at: Mapped[datetime]
    kind: Mapped[str]
    """A row of the harm table, not an enum; a kind that is not in it weighs 0 and is flagged."""
    status: Mapped[str] = mapped_column(default=IncidentStatus.NEW.value)
    gmi: Mapped[str] = mapped_column(default=Gmi.UNKNOWN.value)
    place: Mapped[str] = mapped_column(default="")
    latitude: Mapped[float | None]
    longitude: Mapped[float | None]
    area: Mapped[str] = mapped_column(default="")
    injured: Mapped[int] = mapped_column(default=0)
    killed: Mapped[int] = mapped_column(default=0)
    summary: Mapped[str] = mapped_column(default="")


@keep_revisions
class Involvement(Fact):
    """A person's role in an incident; the same person may hold several roles."""

    __tablename__ = "involvements"
    __table_args__ = (
        *fact_rules(),
        one_of("role", InvolvementRole),
        one_of("certainty", Certainty),
        Index(None, "incident_id", "person_id", "role"),
    )

    incident_id: Mapped[int] = mapped_column(ForeignKey("incidents.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("persons.id"), index=True)
    role: Mapped[str]
    certainty: Mapped[str | None]
