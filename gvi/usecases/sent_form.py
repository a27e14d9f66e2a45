"""Forms of pages that are sent twice: a double click, or a page sent again, does nothing twice."""

import hashlib
from datetime import datetime

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from gvi.domain.access import Viewer
from gvi.store.models import SentForm
from gvi.usecases.api_write import REMEMBERED


def take(db: Session, viewer: Viewer, key: str, *, at: datetime) -> str | None:
    """Take a form's key for this transaction; gives where its act led if it was done before.

    Another transaction that has just taken it is waited for. Blank: it led to no page of its own.
    """
    own = SentForm.user_id == viewer.user_id
    db.execute(delete(SentForm).where(own, SentForm.sent_at <= at - REMEMBERED))
    try:
        with db.begin_nested():
            db.add(
                SentForm(
                    programme_id=viewer.programme_id,
                    user_id=viewer.user_id,
                    key_hash=_hash(key),
                    sent_at=at,
                )
            )
    except IntegrityError:
        return db.execute(select(SentForm.led_to).where(_mine(viewer, key))).scalar_one()
    return None


def led_to(db: Session, viewer: Viewer, key: str, address: str) -> None:
    """Note where the act of a form led, as its browser sees the address."""
    db.execute(update(SentForm).where(_mine(viewer, key)).values(led_to=address))


def give_back(db: Session, viewer: Viewer, key: str) -> None:
    """Let a form be sent again that was refused, or made nothing."""
    db.execute(delete(SentForm).where(_mine(viewer, key)))


def _mine(viewer: Viewer, key: str) -> ColumnElement[bool]:
    return (SentForm.user_id == viewer.user_id) & (SentForm.key_hash == _hash(key))


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
