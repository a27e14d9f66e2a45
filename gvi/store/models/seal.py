"""The ring of keys that seal names and notes; the keys themselves are wrapped."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from gvi.store.models.base import Base


class SealKey(Base):
    """One key, wrapped by the site's secret key; of the whole database, not of a programme."""

    __tablename__ = "seal_keys"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    wrapped: Mapped[bytes]
    made_at: Mapped[datetime]
