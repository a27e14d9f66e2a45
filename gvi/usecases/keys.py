"""The key ring: a new key, everything sealed anew with it, the old ones taken out."""

from datetime import datetime

from sqlalchemy.orm import Session

from gvi.domain.access import Viewer
from gvi.domain.audit import AuditVerb
from gvi.domain.errors import RuleError
from gvi.domain.text import N_
from gvi.store import audit, keys
from gvi.store.fingerprint import are_there_any
from gvi.store.resealing import key_lines, old_rows, wait_for_writers


def new_key(db: Session, viewer: Viewer, secret: str, *, at: datetime) -> int | None:
    """Add a key that everything is written with from now on, and give its number.

    Gives None while rows are still sealed with an older key than the newest: those come first.
    """
    if old_rows(db):
        return None
    number = keys.add_key(db.connection(), secret, at=at)
    audit.append(db, viewer, AuditVerb.ACCESS, "key:added", at=at, detail={"key": number})
    return number


def retire_keys(db: Session, viewer: Viewer, *, at: datetime) -> list[int]:
    """Take every key but the newest out of the ring for ever, and give their numbers.

    While tombstones keep ids out of files, what made their fingerprints stays; it opens nothing.
    Raises RuleError while anything is sealed with one of them.
    """
    wait_for_writers(db)
    old = [line for line in key_lines(db) if not line.is_newest]
    for line in old:
        if line.rows:
            raise RuleError(
                N_("%(rows)s rows are still sealed with key %(number)s. Run: gvi keys rotate"),
                rows=line.rows,
                number=line.number,
            )
    leave = keys.keep_index if are_there_any(db) else keys.drop_key
    for line in old:
        leave(db.connection(), line.number)
        detail = {"key": line.number}
        audit.append(db, viewer, AuditVerb.ERASED, "key:retired", at=at, detail=detail)
    return [line.number for line in old]


def rewrap_keys(db: Session, viewer: Viewer, secret: str, new_secret: str, *, at: datetime) -> int:
    """Wrap the ring by a new secret key, and give how many keys it holds."""
    if len(new_secret) < keys.SHORTEST_SECRET:
        raise RuleError(
            N_("A secret key needs %(least)s characters or more."), least=keys.SHORTEST_SECRET
        )
    count = keys.rewrap(db.connection(), secret, new_secret)
    audit.append(db, viewer, AuditVerb.ACCESS, "key:rewrapped", at=at, detail={"keys": count})
    return count
