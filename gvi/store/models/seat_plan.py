"""The seat plan of a call-in: its room, the places people gave by hand, and who sits apart."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from gvi.store.models.base import Base


class SeatRoom(Base):
    """How many rows of how many seats there are for clients and those behind them."""

    __tablename__ = "seat_rooms"
    __table_args__ = (CheckConstraint("rows > 0 AND width > 0", name="has_seats"),)

    call_in_id: Mapped[int] = mapped_column(ForeignKey("call_ins.id"), primary_key=True)
    programme_id: Mapped[int] = mapped_column(ForeignKey("programmes.id"), index=True)
    rows: Mapped[int]
    width: Mapped[int]
    """Seats in each row."""
    changed_at: Mapped[datetime]
    changed_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))


class SeatPlace(Base):
    """Where somebody sat after a change by hand; the latest holds, the others are to go back to."""

    __tablename__ = "seat_places"
    __table_args__ = (
        CheckConstraint("seat_row > 0 AND seat_number > 0", name="is_a_seat"),
        UniqueConstraint("call_in_id", "person_id", "move"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    programme_id: Mapped[int] = mapped_column(ForeignKey("programmes.id"), index=True)
    call_in_id: Mapped[int] = mapped_column(ForeignKey("call_ins.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("persons.id"), index=True)
    session: Mapped[int]
    move: Mapped[int]
    """Counted for each call-in: the change, or the look at it, after which everybody sat so."""
    seat_row: Mapped[int]
    seat_number: Mapped[int]
    by_hand: Mapped[bool]
    """Whether somebody put them there; else they sat there by the arrangement."""
    setting: Mapped[int]
    """For which guests, room and rules that was (`domain.seat_plan.setting_of`)."""
    is_let_stand: Mapped[bool] = mapped_column(default=False)
    """Whether the police, who know every rival, let the plan stand so: nobody moved by that."""
    made_at: Mapped[datetime]
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))


class KeptApart(Base):
    """Two who are kept apart by name at one call-in."""

    __tablename__ = "kept_apart"
    __table_args__ = (
        CheckConstraint("person_a_id <> person_b_id", name="two_people"),
        UniqueConstraint("call_in_id", "person_a_id", "person_b_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    programme_id: Mapped[int] = mapped_column(ForeignKey("programmes.id"), index=True)
    call_in_id: Mapped[int] = mapped_column(ForeignKey("call_ins.id"))
    person_a_id: Mapped[int] = mapped_column(ForeignKey("persons.id"), index=True)
    person_b_id: Mapped[int] = mapped_column(ForeignKey("persons.id"), index=True)
    made_at: Mapped[datetime]
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
