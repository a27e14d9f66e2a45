"""One's own passkeys, as My log-in lists them."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gvi.domain.access import Viewer
from gvi.store.models import Passkey


@dataclass(frozen=True, slots=True, kw_only=True)
class PasskeyRow:
    """One passkey: what its user calls it, and when it was used."""

    id: int
    name: str
    created_at: datetime
    last_used_at: datetime | None


def own_passkeys(db: Session, viewer: Viewer) -> tuple[PasskeyRow, ...]:
    """List the viewer's own passkeys, the oldest first."""
    query = (
        select(Passkey.id, Passkey.name, Passkey.created_at, Passkey.last_used_at)
        .where(Passkey.user_id == viewer.user_id)
        .order_by(Passkey.created_at, Passkey.id)
    )
    return tuple(PasskeyRow(**row._mapping) for row in db.execute(query))  # noqa: SLF001


def passkeys_of(db: Session, user_id: int) -> int:
    """Count the passkeys of a user."""
    query = select(func.count()).where(Passkey.user_id == user_id)
    return db.execute(query).scalar_one()
