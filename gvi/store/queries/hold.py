"""Holding a record from the moment it is compared with what somebody saw until it is changed."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from gvi.store.models import Base, Programme


def hold(db: Session, model: type[Base], thing_id: int) -> None:
    """Let no other change of the same record in until this transaction is over."""
    key: Any = model.__table__.c.id
    db.execute(select(key).where(key == thing_id).with_for_update())


def hold_programme(db: Session, programme_id: int) -> None:
    """Let nobody else in who holds the programme, such as to give something its next number.

    Rows that only name the programme come in all the same, as those of this transaction did: two
    that waited for each other's rows would wait for ever.
    """
    mine = select(Programme.id).where(Programme.id == programme_id)
    db.execute(mine.with_for_update(key_share=True))
