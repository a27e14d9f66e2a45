"""Files somebody uploaded and has not brought in yet."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from gvi.store.models.base import Base


class ImportDraft(Base):
    """The files of one upload, between looking at what they would do and bringing them in.

    Kept for an hour, for the one who uploaded them. Once they are brought in only the rejected
    rows stay, so that they can be taken home and mended.
    """

    __tablename__ = "import_drafts"
    # A number is never given twice: a page left open must not bring in a later upload.
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    programme_id: Mapped[int] = mapped_column(ForeignKey("programmes.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    created_at: Mapped[datetime]
    content: Mapped[bytes]
    """The files, packed as one archive and sealed."""
    done_at: Mapped[datetime | None]
    outcome: Mapped[str] = mapped_column(default="")
    """What was brought in, file by file, as JSON; only numbers and names of files."""
