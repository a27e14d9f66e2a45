"""Who speaks at a call-in, in which order: its running order."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from gvi.domain.speaker import SpeakerKind
from gvi.store.models.base import Base
from gvi.store.sealing import Sealed
from gvi.store.types import one_of


class Speaker(Base):
    """One point of a call-in's running order; whoever speaks need not be a user or in a record."""

    __tablename__ = "speakers"
    __table_args__ = (
        one_of("kind", SpeakerKind),
        CheckConstraint("minutes > 0", name="lasts"),
        CheckConstraint("position > 0", name="is_placed"),
        CheckConstraint(
            "kind <> 'nobody' OR NOT (not_die OR not_kill OR consequences OR help)",
            name="nobody_is_silent",
        ),
        Index(None, "call_in_id", "position"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    programme_id: Mapped[int] = mapped_column(ForeignKey("programmes.id"), index=True)
    call_in_id: Mapped[int] = mapped_column(ForeignKey("call_ins.id"))
    position: Mapped[int]
    """In the running order, from 1."""
    kind: Mapped[str]
    role: Mapped[str] = mapped_column(Sealed("speakers.role"))
    """In what role: police chief, a mother who lost her son; or what happens: doors open."""
    name: Mapped[str] = mapped_column(Sealed("speakers.name"), default="")
    """Blank until somebody is found, and again once it was erased."""
    not_die: Mapped[bool] = mapped_column(default=False)
    not_kill: Mapped[bool] = mapped_column(default=False)
    consequences: Mapped[bool] = mapped_column(default=False)
    help: Mapped[bool] = mapped_column(default=False)
    minutes: Mapped[int]
    before: Mapped[str] = mapped_column(Sealed("speakers.before"), default="")
    """Who does what before: fetched by whom, which chair, what is to be at hand."""
    after: Mapped[str] = mapped_column(Sealed("speakers.after"), default="")
    """Who does what after: who stays with them, who drives them home."""
    rehearsed_at: Mapped[datetime | None]
    """When somebody ticked that they were through a dress rehearsal; not for who took over."""
    added_at: Mapped[datetime]
    added_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    name_erased_at: Mapped[datetime | None]
