"""Programmes (towns): making the first one of an installation."""

from datetime import datetime

from sqlalchemy.orm import Session

from gvi.store.models import Programme
from gvi.store.queries.programme import programme_ids

FIRST_CODE = "default"
FIRST_NAME = "GVI"


def ensure_programme(db: Session, *, at: datetime) -> bool:
    """Make the programme `default` where there is none yet; tells whether it did."""
    if programme_ids(db):
        return False
    db.add(Programme(code=FIRST_CODE, display_name=FIRST_NAME, created_at=at))
    db.flush()
    return True
