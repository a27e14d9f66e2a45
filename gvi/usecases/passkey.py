"""Passkeys: added, used, removed. A device that verified its user counts as both steps (0062)."""

import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from gvi.domain.access import Viewer
from gvi.domain.errors import NotFoundError, RuleError
from gvi.domain.log_in import MOST_PASSKEYS
from gvi.domain.text import N_
from gvi.store.models import Passkey, Programme, User
from gvi.usecases.facts import log_change
from gvi.usecases.passkey_answer import (
    Answer,
    Site,
    checked_count,
    checked_new,
    question,
    question_for_new,
    read_answer,
)
from gvi.usecases.passkey_challenge import new_challenge, take_challenge
from gvi.usecases.rights import the
from gvi.usecases.session import end_sessions, note, open_session, viewer_of
from gvi.usecases.wrong_tries import Try, may_ask, was_answered, was_right

NOT_ACCEPTED = N_("That passkey was not accepted. Try again, or use your passphrase.")
TOO_LATE = N_("That took too long, or was used before. Press the button again.")
NOT_MADE = N_(
    "No passkey was made. It takes a browser that knows passkeys, with scripts on; press the button"
    " again."
)
ENOUGH = N_("You have %(most)s passkeys, which is the most. Remove one that you do not use.")
_HANDLE_BYTES = 32


# Adding


def ask_for_new(
    db: Session, viewer: Viewer, site: Site, *, browser: str, at: datetime
) -> dict[str, Any]:
    """Give what the viewer's device is asked in order to make a passkey.

    Raises RuleError where the viewer has as many as one may have.
    """
    user = db.get_one(User, viewer.user_id)
    known = _known(db, user)
    _check_number(known)
    if user.passkey_handle is None:
        user.passkey_handle = secrets.token_bytes(_HANDLE_BYTES)
    return question_for_new(
        site,
        new_challenge(db, browser, at=at),
        programme=db.get_one(Programme, user.programme_id).display_name or "GVI Tracker",
        handle=user.passkey_handle,
        username=user.username,
        display_name=user.display_name,
        known=known,
    )


def _known(db: Session, user: User) -> list[bytes]:
    query = select(Passkey.credential_id).where(Passkey.user_id == user.id)
    return list(db.execute(query).scalars())


def _check_number(known: list[bytes]) -> None:
    if len(known) >= MOST_PASSKEYS:
        raise RuleError(ENOUGH, most=MOST_PASSKEYS)


def add_passkey(
    db: Session,
    viewer: Viewer,
    site: Site,
    *,
    name: str,
    answered: str,
    browser: str,
    at: datetime,
) -> str:
    """Keep a passkey that the viewer's device has just made; gives why not, blank where it is kept.

    The challenge is used up either way. Raises RuleError, before that, for one too many.
    """
    user = db.get_one(User, viewer.user_id, with_for_update=True)
    _check_number(_known(db, user))
    answer = read_answer(answered)
    if answer is None:
        return NOT_MADE
    if not take_challenge(db, browser, answer.challenge, at=at):
        return TOO_LATE
    made = checked_new(answer, site)
    if made is None or _is_kept(db, made.credential_id):
        return NOT_MADE
    passkey = Passkey(
        programme_id=user.programme_id,
        user_id=user.id,
        name=name,
        credential_id=made.credential_id,
        public_key=made.public_key,
        sign_count=made.sign_count,
        created_at=at,
    )
    db.add(passkey)
    db.flush()
    log_change(db, viewer, "passkey:added", at=at, passkey=passkey.id, user=user.id)
    return ""


def _is_kept(db: Session, credential_id: bytes) -> bool:
    query = select(Passkey.id).where(Passkey.credential_id == credential_id)
    return db.execute(query).first() is not None


# Using


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Whose passkey one is, as far as it says; nothing is checked yet."""

    user_id: int
    username: str


def ask_any(db: Session, site: Site, *, browser: str, at: datetime) -> dict[str, Any]:
    """Give what a device is asked in order to log in or to prove that its user is there."""
    return question(site, new_challenge(db, browser, at=at))


def ask_at_log_in(
    db: Session, site: Site, *, browser: str, source: str, at: datetime
) -> dict[str, Any] | None:
    """Give what a device is asked in order to log in; None where a place asks too often."""
    return ask_any(db, site, browser=browser, at=at) if may_ask(db, source, at=at) else None


def holder_of(db: Session, answer: Answer | None) -> Holder | None:
    """Give whose passkey answers; None for one nobody has, or whose user may not log in."""
    row = _find(db, answer.credential_id) if answer else None
    return Holder(user_id=row.user_id, username=row.username) if row else None


def _find(db: Session, credential_id: bytes) -> Any:
    query = (
        select(
            Passkey.id,
            Passkey.user_id,
            Passkey.public_key,
            User.username,
            User.passkey_handle,
        )
        .join(User, User.id == Passkey.user_id)
        .where(Passkey.credential_id == credential_id, User.is_active)
    )
    return db.execute(query).first()


def use_passkey(
    db: Session,
    answer: Answer | None,
    site: Site,
    *,
    user_id: int | None,
    browser: str,
    source: str,
    at: datetime,
) -> str:
    """Check that a user is there by what the device signed; gives why not, blank where it is right.

    The challenge is used up either way. What is told says nothing about which users there are.
    """
    if answer is not None and not take_challenge(db, browser, answer.challenge, at=at):
        return TOO_LATE
    found = _find(db, answer.credential_id) if answer else None
    if answer is None or found is None or found.user_id != user_id:
        return NOT_ACCEPTED
    if not hmac.compare_digest(answer.handle or b"", found.passkey_handle or b""):
        return NOT_ACCEPTED
    count = checked_count(answer, site, found.public_key)
    if count is None:
        return NOT_ACCEPTED
    viewer = viewer_of(db.get_one(User, found.user_id), source)
    went_on = _count_on(db, found.id, count, at=at)
    kind = "passkey:used" if went_on else "passkey:counted_back"
    note(db, viewer, kind, at=at, user_id=found.user_id, passkey=found.id)
    return "" if went_on else NOT_ACCEPTED


def _count_on(db: Session, passkey_id: int, count: int, *, at: datetime) -> bool:
    """Take a device's counter; tells whether it went on, or does not count at all (always 0)."""
    goes_on = Passkey.sign_count < count if count else Passkey.sign_count == 0
    taken = db.execute(
        update(Passkey)
        .where(Passkey.id == passkey_id, goes_on)
        .values(sign_count=count, last_used_at=at)
    )
    return bool(taken.rowcount)  # type: ignore[attr-defined]


def enter_by_passkey(
    db: Session, user_id: int, tried: Try, *, at: datetime, source: str, device: str
) -> tuple[str, str]:
    """Open the session of somebody whose passkey was right; gives its token and what is missing."""
    user = db.get_one(User, user_id)
    was_right(db, tried)
    was_answered(db, source)
    waits_for = "" if user.start_expires_at is None else "passphrase"
    token = open_session(db, user, at=at, source=source, device=device, waits_for=waits_for)
    return token, waits_for


# Removing


def remove_passkey(
    db: Session, viewer: Viewer, passkey_id: int, *, session_id: int, at: datetime
) -> None:
    """Remove one of the viewer's own passkeys; the viewer's other log-ins end."""
    removed = db.execute(
        delete(Passkey).where(Passkey.id == passkey_id, Passkey.user_id == viewer.user_id)
    )
    if not removed.rowcount:  # type: ignore[attr-defined]
        raise NotFoundError(N_("There is no such passkey."))
    end_sessions(db, viewer.user_id or 0, but=session_id)
    log_change(db, viewer, "passkey:removed", at=at, passkey=passkey_id, user=viewer.user_id)


def remove_passkeys_of(db: Session, viewer: Viewer, user_id: int, *, at: datetime) -> None:
    """Remove every passkey of a user, as an administrator; the user's log-ins end."""
    user = the(db, viewer, User, user_id, "user:write")
    if not forget_passkeys(db, viewer, user.id, at=at):
        raise RuleError(N_("This user has no passkey."))
    end_sessions(db, user.id)


def forget_passkeys(db: Session, viewer: Viewer, user_id: int, *, at: datetime) -> bool:
    """Remove every passkey of a user whose log-in begins anew; tells whether there was one."""
    numbers = tuple(db.execute(select(Passkey.id).where(Passkey.user_id == user_id)).scalars())
    if numbers:
        db.execute(delete(Passkey).where(Passkey.user_id == user_id))
        log_change(db, viewer, "passkey:removed", at=at, passkey=numbers, user=user_id)
    return bool(numbers)
