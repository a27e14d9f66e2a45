"""Holding a record from the moment it is compared with what somebody saw until it is changed."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from gvi.store.models import Base


def hold(db: Session, model: type[Base], thing_id: int) -> None:
    """Let no other change of the same record in until this transaction is over."""
    key: Any = model.__table__.c.id
    db.execute(select(key).where(key == thing_id).with_for_update())
