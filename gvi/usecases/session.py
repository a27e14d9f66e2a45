"""Log-in sessions: opened, kept from falling idle, locked, unlocked, ended."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, select, update
from sqlalchemy.orm import Session

from gvi.domain.access import Role, Viewer
from gvi.domain.audit import AuditVerb
from gvi.domain.errors import NotFoundError
from gvi.domain.log_in import (
    FAMILIAR_FOR,
    FRESH_FOR,
    REMEMBERED_AFTER,
    SESSION_IDLE,
    SESSION_LENGTH,
    WAITING_LENGTH,
)
from gvi.domain.text import N_
from gvi.domain.token import TokenScope
from gvi.store import audit
from gvi.store.models import FamiliarPlace, KeptForm, Programme, User, UserSession
from gvi.store.queries.session import WHO_ASKS
from gvi.usecases.rights import the

BY_PROVIDER = "provider"
"""How the log names the provider of single sign-on as what let somebody in."""


class SessionState(StrEnum):
    """What a session's token opens."""

    OPEN = "open"
    LOCKED = "locked"
    """Idle for too long: the same user unlocks it."""
    WAITING = "waiting"
    """The passphrase was right; something else is still to be done."""
    OVER = "over"
    """Too old; remembered for a while, so that what is sent with it is kept for its user."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """A session that was found: who, in which programme, and the token of its forms."""

    viewer: Viewer
    session_id: int
    csrf_token: str
    programme: str
    town: str
    is_invented: bool
    last_seen_at: datetime
    scopes: frozenset[TokenScope] | None = None
    """What a program's token covers; None for somebody who logged in, who has the whole role."""
    proved_at: datetime | None = None
    """When the user last proved to be there; a program never does."""
    state: SessionState = SessionState.OPEN
    waits_for: str = ""
    username: str = ""
    has_passphrase: bool = False
    has_second_step: bool = False
    is_passphrase_weak: bool = False
    by_provider: bool = False

    def is_fresh(self, at: datetime) -> bool:
        """Tell whether the user proved to be there a short while ago."""
        return self.proved_at is not None and at - self.proved_at < FRESH_FOR

    @property
    def by_one_click(self) -> bool:
        """Tell whether one click is proof enough: somebody invented in an invented town."""
        return self.is_invented and not self.has_passphrase


def hash_of(token: str) -> str:
    """Give what is kept of a session token."""
    return hashlib.sha256(token.encode()).hexdigest()


def open_session(
    db: Session,
    user: User,
    *,
    at: datetime,
    source: str,
    device: str = "",
    waits_for: str = "",
    is_passphrase_weak: bool = False,
    by_provider: bool = False,
) -> str:
    """Open a session for a user and give its token, of which only the hash is kept.

    One that waits for something opens nothing else and is soon over. What is long over, whoever's,
    is removed on this occasion.
    """
    token = secrets.token_urlsafe(32)
    db.execute(delete(UserSession).where(UserSession.expires_at <= at - REMEMBERED_AFTER))
    db.execute(delete(KeptForm).where(KeptForm.expires_at <= at))
    db.add(
        UserSession(
            token_hash=hash_of(token),
            user_id=user.id,
            csrf_token=secrets.token_urlsafe(32),
            created_at=at,
            last_seen_at=at,
            expires_at=at + (WAITING_LENGTH if waits_for else SESSION_LENGTH),
            source=source,
            device=device,
            proved_at=at,
            waits_for=waits_for,
            is_passphrase_weak=is_passphrase_weak,
            by_provider=by_provider,
        )
    )
    if not waits_for:
        _note_opened(db, user, at=at, source=source, by_provider=by_provider)
    return token


def _note_opened(db: Session, user: User, *, at: datetime, source: str, by_provider: bool) -> None:
    remember_place(db, user, at=at, source=source)
    means = _means(by_provider=by_provider)
    note(db, viewer_of(user, source), "session:opened", at=at, user_id=user.id, **means)


def _means(*, by_provider: bool) -> dict[str, object]:
    """Say in the log by what somebody was let in, where it was not by a passphrase."""
    return {"by": BY_PROVIDER} if by_provider else {}


def note(
    db: Session, viewer: Viewer, kind: str, *, at: datetime, user_id: int | None, **detail: object
) -> None:
    """Add an entry about getting in or out to the log."""
    subjects = {"user": [user_id]} if user_id else None
    audit.append(db, viewer, AuditVerb.ACCESS, kind, at=at, subjects=subjects, detail=detail)


def remember_place(db: Session, user: User, *, at: datetime, source: str) -> None:
    """Remember that a user logs in from here, and forget places not used for long."""
    db.execute(delete(FamiliarPlace).where(FamiliarPlace.last_log_in_at <= at - FAMILIAR_FOR))
    here = FamiliarPlace.user_id == user.id, FamiliarPlace.source == source
    if not db.execute(update(FamiliarPlace).where(*here).values(last_log_in_at=at)).rowcount:  # type: ignore[attr-defined]
        db.add(
            FamiliarPlace(
                programme_id=user.programme_id, user_id=user.id, source=source, last_log_in_at=at
            )
        )
        db.flush()


def go_on(
    db: Session, user: User, session_id: int, *, at: datetime, source: str, waits_for: str
) -> str:
    """Take a waiting session one step further, under a new token; opens it when nothing is left."""
    token = secrets.token_urlsafe(32)
    length = WAITING_LENGTH if waits_for else SESSION_LENGTH
    by_provider = db.execute(
        update(UserSession)
        .where(UserSession.id == session_id)
        .values(
            token_hash=hash_of(token),
            waits_for=waits_for,
            created_at=at,
            last_seen_at=at,
            proved_at=at,
            expires_at=at + length,
        )
        .returning(UserSession.by_provider)
    ).scalar_one()
    if not waits_for:
        _note_opened(db, user, at=at, source=source, by_provider=by_provider)
    return token


def prove(
    db: Session,
    viewer: Viewer,
    session_id: int,
    *,
    at: datetime,
    kind: str,
    by_provider: bool = False,
) -> str:
    """Note that the user proved to be there; unlocks the session and gives its new token.

    `kind` is what the log says: `session:unlocked` or `session:confirmed`.
    """
    token = secrets.token_urlsafe(32)
    db.execute(
        update(UserSession)
        .where(UserSession.id == session_id)
        .values(token_hash=hash_of(token), last_seen_at=at, proved_at=at)
    )
    note(db, viewer, kind, at=at, user_id=viewer.user_id, **_means(by_provider=by_provider))
    return token


def lock(db: Session, session_id: int, *, at: datetime) -> None:
    """Let a session fall idle at once."""
    idle = at - SESSION_IDLE
    db.execute(update(UserSession).where(UserSession.id == session_id).values(last_seen_at=idle))


def log_out(db: Session, viewer: Viewer, session_id: int, *, at: datetime) -> None:
    """End one session, and forget what was kept of its user's forms."""
    db.execute(delete(UserSession).where(UserSession.id == session_id))
    db.execute(delete(KeptForm).where(KeptForm.user_id == viewer.user_id))
    audit.append(db, viewer, AuditVerb.ACCESS, "session:closed", at=at)


def end_sessions(db: Session, user_id: int, *, but: int | None = None) -> int:
    """End all sessions of a user, but perhaps one; gives how many they were."""
    query = delete(UserSession).where(UserSession.user_id == user_id)
    ended = db.execute(query if but is None else query.where(UserSession.id != but))
    count: int = ended.rowcount  # type: ignore[attr-defined]
    return count


def end_own_session(
    db: Session, viewer: Viewer, session_id: int | None, *, own: int, at: datetime
) -> None:
    """End another of one's own sessions, or all others where none is named."""
    if session_id is None:
        count = end_sessions(db, viewer.user_id or 0, but=own)
    else:
        ended = db.execute(
            delete(UserSession).where(
                UserSession.id == session_id, UserSession.user_id == viewer.user_id
            )
        )
        count = ended.rowcount  # type: ignore[attr-defined]
        if not count:
            raise NotFoundError(N_("That log-in is over already."))
    note(db, viewer, "session:ended", at=at, user_id=viewer.user_id, sessions=count)


def end_sessions_of(db: Session, viewer: Viewer, user_id: int, *, at: datetime) -> None:
    """End every session of a user, as an administrator."""
    user = the(db, viewer, User, user_id, "user:write")
    count = end_sessions(db, user.id)
    note(db, viewer, "session:ended", at=at, user_id=user.id, sessions=count)


def signed_in(
    db: Session | Connection, token: str, *, at: datetime, source: str
) -> SignedIn | None:
    """Find the session of a token, and what it opens at `at`."""
    row = db.execute(_SESSION, {"hash": hash_of(token)}).first()
    if row is None:
        return None
    return SignedIn(
        viewer=viewer_of(row, source),
        session_id=row.session_id,
        csrf_token=row.csrf_token,
        programme=row.programme,
        town=row.town,
        is_invented=row.is_invented,
        last_seen_at=row.last_seen_at,
        proved_at=row.proved_at,
        state=_state(row, at),
        waits_for=row.waits_for,
        username=row.username,
        has_passphrase=bool(row.has_passphrase),
        has_second_step=bool(row.has_second_step),
        is_passphrase_weak=row.is_passphrase_weak,
        by_provider=row.by_provider,
    )


def _state(row: Row[*tuple[Any, ...]], at: datetime) -> SessionState:
    if row.expires_at <= at:
        return SessionState.OVER
    if row.waits_for:
        return SessionState.WAITING
    return SessionState.LOCKED if row.last_seen_at + SESSION_IDLE <= at else SessionState.OPEN


_SESSION = (
    select(
        UserSession.id.label("session_id"),
        UserSession.csrf_token,
        UserSession.last_seen_at,
        UserSession.expires_at,
        UserSession.proved_at,
        UserSession.waits_for,
        UserSession.is_passphrase_weak,
        UserSession.by_provider,
        *WHO_ASKS,
        User.username,
        User.password_hash.is_not(None).label("has_passphrase"),
        User.totp_confirmed_at.is_not(None).label("has_second_step"),
        Programme.town,
        Programme.is_invented,
    )
    .join(User, User.id == UserSession.user_id)
    .join(Programme, Programme.id == User.programme_id)
    .where(UserSession.token_hash == bindparam("hash"), User.is_active)
)
"""Asked once for every request, so it is written once and reads no whole rows."""


def note_presence(db: Session, session_id: int, *, at: datetime) -> None:
    """Keep a session from falling idle."""
    db.execute(update(UserSession).where(UserSession.id == session_id).values(last_seen_at=at))


def viewer_of(user: User | Row[*tuple[Any, ...]], source: str) -> Viewer:
    """Give the viewer a user is; a row with the columns of one will do."""
    return Viewer(
        programme_id=user.programme_id,
        user_id=user.id,
        role=Role(user.role),
        name=user.display_name,
        team=user.team,
        language=user.language,
        source=source,
    )
