"""Fingerprints of ids in files: enough to know an id again, not enough to say what it was.

They are keyed by the key ring. What they were made of is gone, so they cannot be made anew with a
new key: of a key that is taken out, the part that made them stays as long as there are any.
"""

from sqlalchemy import select
from sqlalchemy.orm import Session

from gvi.store.keys import ring_of, token
from gvi.store.models import Removal

_PLACE = "removals.fingerprint "


def fingerprint(db: Session, external_id: str) -> str:
    """Give the fingerprint of an id under the newest key."""
    return token(ring_of(db).newest, _PLACE + external_id).hex()


def fingerprints(db: Session, external_id: str) -> list[str]:
    """Give the fingerprints of an id under every key there ever was: what to look for."""
    return [each.hex() for each in ring_of(db).every_token(_PLACE + external_id)]


def are_there_any(db: Session) -> bool:
    """Tell whether any tombstone still keeps an id out."""
    return (
        db.execute(select(Removal.id).where(Removal.fingerprint.is_not(None)).limit(1)).first()
        is not None
    )
