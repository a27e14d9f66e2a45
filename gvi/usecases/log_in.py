"""Logging in step by step: the try is counted, checked, and then a session is opened or not.

A page commits after the counting, so that neither the check holds up the database nor many tries
at once slip through.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from gvi.domain.access import Viewer
from gvi.domain.errors import NotFoundError
from gvi.domain.text import N_
from gvi.store.models import Programme, User
from gvi.usecases.passphrase import about, is_easily_guessed, is_stolen, matches
from gvi.usecases.session import note, open_session, viewer_of
from gvi.usecases.wrong_tries import Try, begin_try, was_right

WRONG = N_("User name or passphrase is wrong. Check both and try again.")
WAIT = N_("Too many wrong tries from here. Wait until %(when)s, then try again.")


def account_name(username: str) -> str:
    """Give the name under which tries at a user name are counted."""
    return f"user:{_as_stored(username)}"


def _as_stored(username: str) -> str:
    return username.strip().lower()


def count_try(db: Session, username: str, *, source: str, at: datetime) -> Try:
    """Count a log-in before it is checked."""
    return begin_try(db, account_name(username), source=source, at=at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """Whether a passphrase is right, and what has to follow."""

    is_right: bool
    user_id: int | None
    is_weak: bool = False


def check(db: Session, username: str, passphrase: str, tried: Try, *, at: datetime) -> Checked:
    """Check a passphrase; takes as long for a user there is as for one there is not."""
    user = db.execute(
        select(User).where(User.username == _as_stored(username), User.is_active)
    ).scalar_one_or_none()
    right = matches(user.password_hash if user else None, passphrase)
    if user is None or tried.is_paused or not right:
        return Checked(is_right=False, user_id=user.id if user else None)
    if user.start_expires_at is not None and user.start_expires_at <= at:
        return Checked(is_right=False, user_id=user.id)
    weak = is_stolen(passphrase) or is_easily_guessed(passphrase, *about(db, user))
    return Checked(is_right=True, user_id=user.id, is_weak=weak)


def refuse(db: Session, checked: Checked, tried: Try, *, at: datetime, source: str) -> None:
    """Put a refused log-in into the log, and the pause that it starts."""
    viewer, user_id = who_tried(db, checked.user_id, source)
    if viewer is None:
        return
    note(db, viewer, "session:refused", at=at, user_id=user_id)
    if tried.starts_pause:
        note(db, viewer, "session:paused", at=at, user_id=user_id)


def who_tried(db: Session, user_id: int | None, source: str) -> tuple[Viewer | None, int | None]:
    """Give whom the log names; of a name nobody has, nothing but that it was tried."""
    user = db.get(User, user_id) if user_id else None
    if user is not None:
        return viewer_of(user, source), user.id
    programme = db.execute(select(Programme.id).order_by(Programme.id).limit(1)).scalar()
    if programme is None:
        return None, None
    stranger = Viewer(programme_id=programme, user_id=None, role=None, name="–", source=source)
    return stranger, None


def enter(
    db: Session, checked: Checked, tried: Try, *, at: datetime, source: str, device: str
) -> tuple[str, str]:
    """Open the session of a right passphrase; gives its token and what it still waits for."""
    user = db.get_one(User, checked.user_id)
    was_right(db, tried)
    waits_for = what_is_missing(db, user)
    token = open_session(
        db,
        user,
        at=at,
        source=source,
        device=device,
        waits_for=waits_for,
        is_passphrase_weak=checked.is_weak,
    )
    return token, waits_for


def what_is_missing(db: Session, user: User, *, code_given: bool = False) -> str:
    """Give what stands between a right passphrase and an open session; blank for nothing."""
    if user.totp_confirmed_at is not None and not code_given:
        return "code"
    if user.start_expires_at is not None:
        return "passphrase"
    roles = db.get_one(Programme, user.programme_id).second_step_roles.split()
    return "second_step" if user.role in roles and user.totp_confirmed_at is None else ""


def log_in_invented(
    db: Session, username: str, *, at: datetime, source: str, device: str = ""
) -> str:
    """Open a session by one click; only on a database that the demo command marked as invented.

    Raises NotFoundError anywhere else, whatever the environment says (design §9).
    """
    user = db.execute(
        select(User)
        .join(Programme, Programme.id == User.programme_id)
        .where(
            Programme.is_invented,
            User.username == username,
            User.is_active,
        )
    ).scalar_one_or_none()
    if user is None:
        raise NotFoundError(N_("There is no such one-click user here."))
    return open_session(db, user, at=at, source=source, device=device)
