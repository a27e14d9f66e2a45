"""The second step of a log-in: an app's codes (TOTP, RFC 6238), and recovery codes."""

import hashlib
import hmac
from datetime import datetime

import pyotp
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from gvi.domain.access import Role, Viewer
from gvi.domain.errors import RuleError
from gvi.domain.log_in import RECOVERY_CODES, TOTP_DRIFT, TOTP_STEP_S, random_letters, time_step
from gvi.domain.text import N_
from gvi.store.models import Programme, RecoveryCode, User
from gvi.usecases.facts import log_change
from gvi.usecases.passkey import forget_passkeys
from gvi.usecases.provider_link import forget_link
from gvi.usecases.rights import require, the
from gvi.usecases.session import end_sessions, note, viewer_of

WRONG_CODE = N_("That code is not right, or was used before. Wait for the next one and type it.")


def start_second_step(db: Session, viewer: Viewer) -> None:
    """Make a secret for an app; nothing is asked for before a code confirms it."""
    user = db.get_one(User, viewer.user_id)
    if user.totp_confirmed_at is not None:
        raise RuleError(N_("Your second step is on already."))
    user.totp_secret, user.totp_last_step = pyotp.random_base32(), None


def app_address(db: Session, viewer: Viewer) -> tuple[str, str]:
    """Give the otpauth address for an app that is being set up, and the secret to type.

    Raises RuleError where none is being set up.
    """
    user = db.get_one(User, viewer.user_id)
    secret = user.totp_secret
    if secret is None or user.totp_confirmed_at is not None:
        raise RuleError(N_("No second step is being set up. Start again."))
    name = db.get_one(Programme, user.programme_id).display_name or "GVI Tracker"
    made = pyotp.TOTP(secret, interval=TOTP_STEP_S)
    return made.provisioning_uri(name=user.username, issuer_name=name), secret


def confirm_second_step(
    db: Session, viewer: Viewer, *, code: str, at: datetime, session_id: int
) -> tuple[str, ...]:
    """Turn the second step on by a first code; gives the recovery codes, to be shown once.

    Other sessions of the user end.
    """
    user = db.get_one(User, viewer.user_id)
    if user.totp_secret is None or user.totp_confirmed_at is not None:
        raise RuleError(N_("No second step is being set up. Start again."))
    if not accept_code(db, user, code, at=at):
        raise RuleError(WRONG_CODE, field="code")
    user.totp_confirmed_at = at
    end_sessions(db, user.id, but=session_id)
    log_change(db, viewer, "second_step:turned_on", at=at, user=user.id)
    return make_recovery_codes(db, viewer, at=at)


def accept_code(db: Session, user: User, code: str, *, at: datetime) -> bool:
    """Accept the code of this time step, the one before or after; each step once."""
    typed = code.replace(" ", "")
    if user.totp_secret is None or not (typed.isascii() and typed.isdigit()):
        return False
    app = pyotp.TOTP(user.totp_secret, interval=TOTP_STEP_S)
    now = time_step(at)
    fitting = [
        step
        for step in range(now - TOTP_DRIFT, now + TOTP_DRIFT + 1)
        if hmac.compare_digest(app.generate_otp(step), typed)
    ]
    return any(_use_step(db, user, step) for step in fitting)


def _use_step(db: Session, user: User, step: int) -> bool:
    """Take a time step; the database lets one of several at once have it."""
    taken = db.execute(
        update(User)
        .where(
            User.id == user.id,
            User.totp_secret.is_not(None),
            User.totp_confirmed_at == user.totp_confirmed_at,
            (User.totp_last_step.is_(None)) | (User.totp_last_step < step),
        )
        .values(totp_last_step=step)
    )
    return bool(taken.rowcount)  # type: ignore[attr-defined]


# Recovery codes


def _hash(code: str) -> str:
    plain = "".join(letter for letter in code.lower() if letter.isalnum())
    return hashlib.sha256(plain.encode()).hexdigest()


def make_recovery_codes(db: Session, viewer: Viewer, *, at: datetime) -> tuple[str, ...]:
    """Make new recovery codes in place of all older ones; only their hashes are kept."""
    user = db.get_one(User, viewer.user_id)
    codes = tuple(random_letters(6) for _ in range(RECOVERY_CODES))
    db.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))
    db.add_all(
        RecoveryCode(
            programme_id=user.programme_id, user_id=user.id, code_hash=_hash(code), created_at=at
        )
        for code in codes
    )
    log_change(db, viewer, "recovery_code:made", at=at, user=user.id)
    return codes


def accept_recovery_code(db: Session, user: User, code: str, *, at: datetime, source: str) -> bool:
    """Accept a recovery code, once."""
    used = db.execute(
        update(RecoveryCode)
        .where(
            RecoveryCode.user_id == user.id,
            RecoveryCode.code_hash == _hash(code),
            RecoveryCode.used_at.is_(None),
        )
        .values(used_at=at)
    )
    if not used.rowcount:  # type: ignore[attr-defined]
        return False
    note(db, viewer_of(user, source), "recovery_code:used", at=at, user_id=user.id)
    return True


def recovery_codes_left(db: Session, viewer: Viewer) -> int:
    """Count the recovery codes that can still be used."""
    query = select(func.count()).where(
        RecoveryCode.user_id == viewer.user_id, RecoveryCode.used_at.is_(None)
    )
    return db.execute(query).scalar_one()


# Administration


def turn_off_second_step(db: Session, viewer: Viewer, user_id: int, *, at: datetime) -> None:
    """Take a user's second step away, for instance after the telephone was lost.

    The passkeys go with it, and the link to a provider of single sign-on: a passkey, or the app
    that the provider asks, may well be on the same telephone. Who then has no passphrase needs one
    to start with.
    """
    user = the(db, viewer, User, user_id, "user:write")
    if user.totp_secret is None:
        raise RuleError(N_("This user has no second step."))
    user.totp_secret, user.totp_confirmed_at, user.totp_last_step = None, None, None
    db.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))
    forget_passkeys(db, viewer, user.id, at=at)
    forget_link(db, viewer, user.id, at=at)
    end_sessions(db, user.id)
    log_change(db, viewer, "second_step:turned_off", at=at, user=user.id)


def demand_second_step(
    db: Session, viewer: Viewer, roles: tuple[Role, ...], *, at: datetime
) -> None:
    """Say which roles must log in with a second step; it holds from each user's next log-in."""
    require(viewer, "user:write")
    programme = db.get_one(Programme, viewer.programme_id)
    programme.second_step_roles = " ".join(roles)
    log_change(db, viewer, "second_step:demanded", at=at, fields=["roles"])


def roles_with_second_step(db: Session, viewer: Viewer) -> tuple[str, ...]:
    """Give the roles that must log in with a second step."""
    return tuple(db.get_one(Programme, viewer.programme_id).second_step_roles.split())
