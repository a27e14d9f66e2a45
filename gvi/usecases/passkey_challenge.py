"""Challenges for passkeys: chance that is signed once, soon, and for the browser that asked."""

import secrets
from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from gvi.domain.log_in import CHALLENGE_LASTS
from gvi.store.models import PasskeyChallenge
from gvi.usecases.session import hash_of

CHALLENGE_BYTES = 32


def new_challenge(db: Session, browser: str, *, at: datetime) -> bytes:
    """Make a challenge for a browser, told by a secret that it holds; those past are removed."""
    challenge = secrets.token_bytes(CHALLENGE_BYTES)
    db.execute(delete(PasskeyChallenge).where(PasskeyChallenge.expires_at <= at))
    db.add(
        PasskeyChallenge(
            challenge=challenge, bound_to=hash_of(browser), expires_at=at + CHALLENGE_LASTS
        )
    )
    db.flush()
    return challenge


def take_challenge(db: Session, browser: str, challenge: bytes, *, at: datetime) -> bool:
    """Take a challenge; the database lets one of several at once have it."""
    taken = db.execute(
        delete(PasskeyChallenge).where(
            PasskeyChallenge.challenge == challenge,
            PasskeyChallenge.bound_to == hash_of(browser),
            PasskeyChallenge.expires_at > at,
        )
    )
    return bool(taken.rowcount)  # type: ignore[attr-defined]
