"""Single sign-on: on the way to the provider, back from there, and linked to a user."""

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from gvi.domain.access import Viewer
from gvi.domain.errors import RuleError
from gvi.domain.sign_on import MOST_SIGN_ONS, SIGN_ON_LASTS, Shown, SignOnPurpose
from gvi.domain.text import N_
from gvi.store.models import ProviderLink, SignOn, User
from gvi.usecases.facts import log_change
from gvi.usecases.log_in import what_is_missing, who_tried
from gvi.usecases.provider_link import forget_link
from gvi.usecases.rights import the
from gvi.usecases.session import BY_PROVIDER, end_sessions, note, open_session

_NO_BROWSER = ""
"""In place of the hash of a browser's cookie: that way was taken back already."""

# There and back


@dataclass(frozen=True, slots=True)
class Begun:
    """What a browser takes along to the provider, and what the provider has to answer to.

    Nonce and verifier are made from what the browser keeps and what it takes along: the database
    holds hashes only, and whoever reads it can end nobody's log-in.
    """

    browser: str
    state: str

    @property
    def nonce(self) -> str:
        """What the ID token must repeat."""
        return self._made(b"nonce")

    @property
    def verifier(self) -> str:
        """What proves that the code is fetched by whoever had it sent (PKCE, RFC 7636)."""
        return self._made(b"verifier")

    @property
    def challenge(self) -> str:
        """What the provider is told of the verifier beforehand."""
        return _written(hashlib.sha256(self.verifier.encode()).digest())

    def _made(self, what: bytes) -> str:
        key = self.browser.encode()
        return _written(hmac.digest(key, what + b" " + self.state.encode(), "sha256"))


def _written(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def begin(
    db: Session,
    browser: str,
    purpose: SignOnPurpose,
    *,
    session_id: int | None,
    wanted: str,
    source: str,
    at: datetime,
) -> Begun | None:
    """Note that somebody goes to the provider; None where too many were begun and led nowhere.

    Counted by place, or by the log-in where there is one: strangers at the same place then keep
    nobody from unlocking.
    """
    db.execute(delete(SignOn).where(SignOn.expires_at <= at))
    alike = SignOn.session_id == session_id
    if session_id is None:
        alike = and_(SignOn.session_id.is_(None), SignOn.source == source)
    on_the_way = select(func.count()).select_from(SignOn).where(alike)
    if db.execute(on_the_way).scalar_one() >= MOST_SIGN_ONS:
        return None
    begun = Begun(browser=browser, state=secrets.token_urlsafe(32))
    db.add(
        SignOn(
            state_hash=_hash(begun.state),
            browser_hash=_hash(browser),
            purpose=purpose,
            session_id=session_id,
            wanted=wanted,
            source=source,
            begun_at=at,
            expires_at=at + SIGN_ON_LASTS,
        )
    )
    return begun


@dataclass(frozen=True, slots=True, kw_only=True)
class Back:
    """Somebody who came back: what for, for which log-in, and where they wanted to go."""

    begun: Begun
    purpose: SignOnPurpose
    session_id: int | None
    wanted: str
    begun_at: datetime


def take_back(db: Session, browser: str, state: str, *, at: datetime) -> Back | None:
    """Take what comes back, once; None for what was not sent from this browser, or long ago.

    It stays counted until `forget_way` says that it led somewhere, or its time is over.
    """
    row = db.execute(
        update(SignOn)
        .where(
            SignOn.state_hash == _hash(state),
            SignOn.browser_hash == _hash(browser),
            SignOn.expires_at > at,
        )
        .values(browser_hash=_NO_BROWSER)
        .returning(SignOn.purpose, SignOn.session_id, SignOn.wanted, SignOn.begun_at)
    ).first()
    if row is None:
        return None
    return Back(
        begun=Begun(browser=browser, state=state),
        purpose=SignOnPurpose(row.purpose),
        session_id=row.session_id,
        wanted=row.wanted,
        begun_at=row.begun_at,
    )


def forget_way(db: Session, back: Back) -> None:
    """Count a way no more that led to where it should."""
    db.execute(delete(SignOn).where(SignOn.state_hash == _hash(back.begun.state)))


def user_shown(db: Session, shown: Shown) -> User | None:
    """Find the user a provider's log-in is linked to, whether still let in or not."""
    return db.execute(
        select(User)
        .join(ProviderLink, ProviderLink.user_id == User.id)
        .where(ProviderLink.issuer == shown.issuer, ProviderLink.subject == shown.subject)
    ).scalar_one_or_none()


def enter_shown(
    db: Session, shown: Shown, *, at: datetime, source: str, device: str
) -> tuple[str, str] | None:
    """Open a session for whom the provider showed; gives its token and what it still waits for.

    None, and an entry in the log, where nobody who may log in is linked: no user is ever made here.
    """
    user = user_shown(db, shown)
    if user is None or not user.is_active:
        refuse_shown(db, user.id if user else None, at=at, source=source)
        return None
    waits_for = "" if shown.by_two_steps else what_is_missing(db, user)
    token = open_session(
        db, user, at=at, source=source, device=device, waits_for=waits_for, by_provider=True
    )
    return token, waits_for


def refuse_shown(db: Session, user_id: int | None, *, at: datetime, source: str) -> None:
    """Put somebody who came back and is not let in into the log."""
    viewer, known = who_tried(db, user_id, source)
    if viewer is not None:
        note(db, viewer, "session:refused", at=at, user_id=known, by=BY_PROVIDER)


# Linked to a user


def link(db: Session, viewer: Viewer, shown: Shown, *, session_id: int, at: datetime) -> bool:
    """Let the provider's log-in open the viewer's user from now on; other log-ins of theirs end.

    A passphrase to start with, which somebody else knows, ends with it. The caller has proved who
    is there, here and at the provider. Gives False for what is linked to another user.
    """
    holder = user_shown(db, shown)
    if holder is not None:
        return holder.id == viewer.user_id
    user = db.get_one(User, viewer.user_id)
    try:
        with db.begin_nested():
            forget_link(db, viewer, user.id, at=at)
            db.add(
                ProviderLink(
                    programme_id=user.programme_id,
                    user_id=user.id,
                    issuer=shown.issuer,
                    subject=shown.subject,
                    linked_at=at,
                )
            )
    except IntegrityError:
        # Somebody else linked it at the same moment.
        return False
    if user.start_expires_at is not None:
        user.password_hash, user.start_expires_at = None, None
    end_sessions(db, user.id, but=session_id)
    log_change(db, viewer, "provider_link:made", at=at, user=user.id)
    return True


def end_own_link(db: Session, viewer: Viewer, *, session_id: int, at: datetime) -> None:
    """Let the provider open one's user no more; raises RuleError where nothing else would."""
    user = db.get_one(User, viewer.user_id)
    if user.password_hash is None:
        raise RuleError(
            N_(
                "Nothing else lets you in. Ask your administrator for a passphrase to start with,"
                " choose your own, and then end this."
            )
        )
    _end(db, viewer, user, at=at)
    end_sessions(db, user.id, but=session_id)


def end_link_of(db: Session, viewer: Viewer, user_id: int, *, at: datetime) -> None:
    """Let the provider open a user no more, as an administrator; the user's log-ins end."""
    user = the(db, viewer, User, user_id, "user:write")
    _end(db, viewer, user, at=at)
    end_sessions(db, user.id)


def _end(db: Session, viewer: Viewer, user: User, *, at: datetime) -> None:
    if not forget_link(db, viewer, user.id, at=at):
        raise RuleError(N_("This user is linked to no log-in elsewhere."))
