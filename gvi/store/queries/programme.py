"""The programmes of one installation."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from gvi.store.models import Programme


def programme_ids(db: Session) -> dict[str, int]:
    """Give code → id of every programme, in the order of codes."""
    rows = db.execute(select(Programme.code, Programme.id).order_by(Programme.code))
    return {row.code: row.id for row in rows}
