"""Papers that were printed of call-ins and rounds, and the words of their letters."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from gvi.domain.paper import LetterKind, LetterLanguage, PaperKind
from gvi.store.models.base import Base
from gvi.store.sealing import Sealed
from gvi.store.types import both_or_neither, one_of


class Paper(Base):
    """One print of one kind; who stands on it is in the log, not here."""

    __tablename__ = "papers"
    __table_args__ = (
        one_of("kind", PaperKind),
        one_of("language", LetterLanguage),
        both_or_neither("destroyed_at", "destroyed_by_id", name="destroyed_pair"),
        CheckConstraint("version > 0", name="is_numbered"),
        CheckConstraint("(call_in_id IS NULL) <> (round_id IS NULL)", name="one_occasion"),
        UniqueConstraint("call_in_id", "kind", "version"),
        UniqueConstraint("round_id", "kind", "version"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    programme_id: Mapped[int] = mapped_column(ForeignKey("programmes.id"), index=True)
    call_in_id: Mapped[int | None] = mapped_column(ForeignKey("call_ins.id"))
    round_id: Mapped[int | None] = mapped_column(ForeignKey("rounds.id"))
    kind: Mapped[str]
    version: Mapped[int]
    """Counted for each kind of each call-in or round, from 1."""
    language: Mapped[str]
    letter_version: Mapped[int | None]
    """Of the letters' words; 0 for those that came with the program, None for several languages."""
    code: Mapped[str] = mapped_column(unique=True)
    purpose: Mapped[str] = mapped_column(Sealed("papers.purpose"))
    people: Mapped[int]
    """How many stand on it."""
    made_at: Mapped[datetime]
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    destroyed_at: Mapped[datetime | None]
    destroyed_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))


class LetterText(Base):
    """The words of a kind of letter in one language; every change is a version of its own."""

    __tablename__ = "letter_texts"
    __table_args__ = (
        one_of("kind", LetterKind),
        one_of("language", LetterLanguage),
        UniqueConstraint("programme_id", "kind", "language", "version"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    programme_id: Mapped[int] = mapped_column(ForeignKey("programmes.id"))
    kind: Mapped[str] = mapped_column(default=LetterKind.INVITATION.value)
    language: Mapped[str]
    version: Mapped[int]
    heading: Mapped[str]
    body: Mapped[str]
    """Paragraphs with an empty line between; places in braces."""
    made_at: Mapped[datetime]
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
