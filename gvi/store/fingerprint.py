"""Fingerprints of ids in files: enough to know an id again, not enough to say what it was.

They are keyed by the key ring. A fingerprint made with a key that was dropped since matches
nothing any more, as what it was made of is gone.
"""

from sqlalchemy.orm import Session

from gvi.store.keys import ring_of, token

_PLACE = "removals.fingerprint "


def fingerprint(db: Session, external_id: str) -> str:
    """Give the fingerprint of an id under the newest key."""
    return token(ring_of(db).newest, _PLACE + external_id).hex()


def fingerprints(db: Session, external_id: str) -> list[str]:
    """Give the fingerprints of an id under every key: what to look for."""
    return [each.hex() for each in ring_of(db).tokens(_PLACE + external_id)]
