"""Writes of the API that are asked for twice: a phone that retries makes one record, not two."""

import hashlib
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from gvi.domain.access import Viewer
from gvi.domain.errors import RuleError
from gvi.domain.text import N_
from gvi.store.models import ApiWrite

REMEMBERED = timedelta(hours=24)


def made_before(db: Session, viewer: Viewer, key: str, request: str, *, at: datetime) -> int | None:
    """Give the id of what the viewer made under a key within a day, or None.

    Raises RuleError where the key stood for another request.
    """
    db.execute(delete(ApiWrite).where(ApiWrite.made_at <= at - REMEMBERED))
    row = db.execute(
        select(ApiWrite.request_hash, ApiWrite.thing_id).where(
            ApiWrite.programme_id == viewer.programme_id,
            ApiWrite.user_id == viewer.user_id,
            ApiWrite.key_hash == _hash(key),
        )
    ).first()
    if row is None:
        return None
    if row.request_hash != _hash(request):
        raise RuleError(N_("That Idempotency-Key was used for another request. Take a new one."))
    return int(row.thing_id)


def keep_made(
    db: Session, viewer: Viewer, key: str, request: str, thing_id: int, *, at: datetime
) -> None:
    """Remember for a day what was made under a key."""
    db.add(
        ApiWrite(
            programme_id=viewer.programme_id,
            user_id=viewer.user_id,
            key_hash=_hash(key),
            request_hash=_hash(request),
            thing_id=thing_id,
            made_at=at,
        )
    )
    db.flush()


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
