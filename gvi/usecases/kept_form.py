"""What was sent after a log-in was over is kept, sealed, for the same user and nobody else."""

import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from gvi.domain.access import Viewer
from gvi.domain.errors import NotFoundError
from gvi.domain.log_in import REMEMBERED_AFTER
from gvi.domain.text import N_
from gvi.store.keys import SealError
from gvi.store.models import KeptForm

MOST_BYTES = 300_000
MOST_FORMS = 20
"""Kept for one user at a time; the oldest goes first."""

Pairs = list[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A form as it was sent: where to, and every field in its order."""

    id: int
    path: str
    fields: Pairs


def keep_form(db: Session, viewer: Viewer, path: str, fields: Pairs, *, at: datetime) -> int | None:
    """Keep a form for a day; gives its number, or None for one that is too large to keep."""
    body = json.dumps([viewer.user_id, path, fields])
    if viewer.user_id is None or len(body.encode()) > MOST_BYTES:
        return None
    db.execute(delete(KeptForm).where(KeptForm.expires_at <= at))
    kept = KeptForm(
        programme_id=viewer.programme_id,
        user_id=viewer.user_id,
        path=path,
        sealed=body,
        expires_at=at + REMEMBERED_AFTER,
    )
    db.add(kept)
    db.flush()
    _drop_oldest(db, viewer.user_id)
    return kept.id


def _drop_oldest(db: Session, user_id: int) -> None:
    mine = KeptForm.user_id == user_id
    if db.execute(select(func.count()).where(mine)).scalar_one() <= MOST_FORMS:
        return
    newest = select(KeptForm.id).where(mine).order_by(KeptForm.id.desc()).limit(MOST_FORMS)
    numbers = list(db.execute(newest).scalars())
    db.execute(delete(KeptForm).where(mine, KeptForm.id.not_in(numbers)))


def kept_form(db: Session, viewer: Viewer, kept_id: int, *, at: datetime) -> Kept:
    """Give a form back to the user who sent it; raises NotFoundError for anybody else."""
    gone = NotFoundError(N_("Nothing is kept here any more. Go to the page and start again."))
    query = select(KeptForm.path, KeptForm.sealed).where(
        KeptForm.id == kept_id, KeptForm.user_id == viewer.user_id, KeptForm.expires_at > at
    )
    try:
        row = db.execute(query).first()
    except SealError as error:
        raise gone from error
    if row is None:
        raise gone
    user_id, path, pairs = json.loads(row.sealed)
    if (user_id, path) != (viewer.user_id, row.path):
        raise gone
    fields = [(str(name), str(value)) for name, value in pairs]
    return Kept(id=kept_id, path=path, fields=fields)
