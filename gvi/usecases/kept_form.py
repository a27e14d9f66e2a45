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
from gvi.store.log_in_seal import SealBrokenError, opened, sealed
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


def _bound_to(user_id: int | None, path: str) -> str:
    return f"kept-form:{user_id}:{path}"


def keep_form(
    db: Session, viewer: Viewer, path: str, fields: Pairs, *, at: datetime, secret_key: str
) -> int | None:
    """Keep a form for a day; gives its number, or None for one that is too large to keep."""
    body = json.dumps(fields).encode()
    if viewer.user_id is None or len(body) > MOST_BYTES:
        return None
    db.execute(delete(KeptForm).where(KeptForm.expires_at <= at))
    kept = KeptForm(
        programme_id=viewer.programme_id,
        user_id=viewer.user_id,
        path=path,
        sealed=sealed(body, secret_key=secret_key, bound_to=_bound_to(viewer.user_id, path)),
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


def kept_form(db: Session, viewer: Viewer, kept_id: int, *, at: datetime, secret_key: str) -> Kept:
    """Give a form back to the user who sent it; raises NotFoundError for anybody else."""
    row = db.execute(
        select(KeptForm).where(
            KeptForm.id == kept_id, KeptForm.user_id == viewer.user_id, KeptForm.expires_at > at
        )
    ).scalar_one_or_none()
    gone = NotFoundError(N_("Nothing is kept here any more. Go to the page and start again."))
    if row is None:
        raise gone
    try:
        body = opened(
            row.sealed, secret_key=secret_key, bound_to=_bound_to(viewer.user_id, row.path)
        )
    except SealBrokenError as error:
        raise gone from error
    fields = [(str(name), str(value)) for name, value in json.loads(body)]
    return Kept(id=row.id, path=row.path, fields=fields)
