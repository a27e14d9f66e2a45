"""The programme (a town), its organisations, and the trail of status and due-date changes."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from gvi.domain.grading import Compartment
from gvi.store.models.base import Base
from gvi.store.sealing import Sealed
from gvi.store.types import one_of


class Programme(Base):
    """One town's GVI programme; several can live apart in one installation."""

    __tablename__ = "programmes"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    display_name: Mapped[str]
    """What the programme is called on every screen and print, such as Sluta skjut."""
    town: Mapped[str] = mapped_column(default="")
    is_invented: Mapped[bool] = mapped_column(default=False)
    """True on a database that the demo command filled; only then are one-click users offered."""
    second_step_roles: Mapped[str] = mapped_column(default="")
    """Roles, separated by spaces, that must log in with a second step."""
    created_at: Mapped[datetime]


class Organisation(Base):
    """A partner of the programme: police, municipality, probation, an association."""

    __tablename__ = "organisations"
    __table_args__ = (
        UniqueConstraint("programme_id", "name"),
        one_of("compartment", Compartment),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    programme_id: Mapped[int] = mapped_column(ForeignKey("programmes.id"))
    name: Mapped[str]
    compartment: Mapped[str]
    """Under whose secrecy its people write when they choose nothing else."""


class StatusChange(Base):
    """One change of status of anything: dated, signed, reasoned (design §3)."""

    __tablename__ = "status_changes"
    __table_args__ = (Index(None, "thing", "thing_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    programme_id: Mapped[int] = mapped_column(ForeignKey("programmes.id"))
    thing: Mapped[str]
    """The noun, such as call_in."""
    thing_id: Mapped[int]
    field: Mapped[str] = mapped_column(default="status")
    old: Mapped[str | None]
    new: Mapped[str]
    changed_at: Mapped[datetime]
    changed_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    reason: Mapped[str] = mapped_column(Sealed("status_changes.reason"), default="")


class DueChange(Base):
    """One moving of a due date: from, to, by whom and why."""

    __tablename__ = "due_changes"
    __table_args__ = (Index(None, "thing", "thing_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    programme_id: Mapped[int] = mapped_column(ForeignKey("programmes.id"))
    thing: Mapped[str]
    thing_id: Mapped[int]
    old_due_at: Mapped[datetime | None]
    new_due_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    changed_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    reason: Mapped[str] = mapped_column(Sealed("due_changes.reason"))
