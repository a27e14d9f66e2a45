"""Forms of pages that are sent twice: a double click, or a page sent again, does nothing twice.

The same table as for writes of the API: what stands there of a form is where its act led.
"""

import hashlib
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from gvi.domain.access import Viewer
from gvi.store.models import ApiWrite

REMEMBERED = timedelta(hours=24)


def take(db: Session, viewer: Viewer, key: str, *, at: datetime) -> str | None:
    """Take a form's key for this transaction; gives where its act led if it was done before.

    Another transaction that has just taken it is waited for. Blank: it led to no page of its own.
    """
    own = ApiWrite.user_id == viewer.user_id
    db.execute(delete(ApiWrite).where(own, ApiWrite.made_at <= at - REMEMBERED))
    try:
        with db.begin_nested():
            db.add(
                ApiWrite(
                    programme_id=viewer.programme_id,
                    user_id=viewer.user_id,
                    key_hash=_hash(key),
                    request_hash="",
                    thing_id=0,
                    made_at=at,
                )
            )
    except IntegrityError:
        return db.execute(select(ApiWrite.request_hash).where(_mine(viewer, key))).scalar_one()
    return None


def led_to(db: Session, viewer: Viewer, key: str, address: str) -> None:
    """Note where the act of a form led, as its browser sees the address."""
    db.execute(update(ApiWrite).where(_mine(viewer, key)).values(request_hash=address))


def give_back(db: Session, viewer: Viewer, key: str) -> None:
    """Let a form be sent again that was refused, or made nothing."""
    db.execute(delete(ApiWrite).where(_mine(viewer, key)))


def _mine(viewer: Viewer, key: str) -> ColumnElement[bool]:
    return (ApiWrite.user_id == viewer.user_id) & (ApiWrite.key_hash == _hash(key))


def _hash(key: str) -> str:
    # Never the hash of a key that a program chose for the API.
    return hashlib.sha256(f"form\n{key}".encode()).hexdigest()
