"""Logging in and out, users and their rights to be here, and who works with whom."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Connection, Row, bindparam, delete, select, update
from sqlalchemy.orm import Session

from gvi.domain.access import Role, Viewer
from gvi.domain.audit import AuditVerb
from gvi.domain.errors import NotFoundError, RuleError
from gvi.domain.text import N_
from gvi.domain.token import TokenScope
from gvi.store import audit
from gvi.store.models import ClientAssignment, Person, Programme, User, UserSession
from gvi.usecases.facts import log_change
from gvi.usecases.rights import require, the

SESSION_LENGTH = timedelta(hours=12)
SESSION_IDLE = timedelta(hours=1)
TRIES_BEFORE_PAUSE = 5
PAUSE = timedelta(minutes=5)
SHORTEST_PASSWORD = 12

_HASHER = PasswordHasher()
# Compared with when there is no such user, so that the answer takes as long.
_NOBODY = _HASHER.hash(secrets.token_urlsafe())

WRONG = N_(
    "User name or password is wrong. Check both and try again; after five wrong tries, wait five "
    "minutes."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """A session that is in force: who, in which programme, and the token of its forms."""

    viewer: Viewer
    session_id: int
    csrf_token: str
    programme: str
    town: str
    is_invented: bool
    last_seen_at: datetime
    scopes: frozenset[TokenScope] | None = None
    """What a program's token covers; None for somebody who logged in, who has the whole role."""


def hash_of(token: str) -> str:
    """Give what is kept of a session token."""
    return hashlib.sha256(token.encode()).hexdigest()


def log_in(db: Session, username: str, password: str, *, at: datetime, source: str) -> str | None:
    """Check a password and open a session; gives its token, or None when the log-in fails.

    After five wrong tries the account pauses for five minutes. Failures are in the audit log, so
    the caller must commit in both cases.
    """
    user = db.execute(
        select(User).where(User.username == username.strip().lower(), User.is_active)
    ).scalar_one_or_none()
    paused = user is not None and user.locked_until is not None and user.locked_until > at
    matches = _matches(user.password_hash if user else None, password)
    if user is None or paused or not matches:
        if user is not None and not paused:
            _note_failure(db, user, at=at, source=source)
        return None
    user.failed_log_ins, user.locked_until = 0, None
    return open_session(db, user, at=at, source=source)


def _matches(stored: str | None, password: str) -> bool:
    try:
        _HASHER.verify(stored or _NOBODY, password)
    except (VerificationError, InvalidHashError):
        return False
    return stored is not None


def _note_failure(db: Session, user: User, *, at: datetime, source: str) -> None:
    user.failed_log_ins += 1
    if user.failed_log_ins >= TRIES_BEFORE_PAUSE:
        user.failed_log_ins, user.locked_until = 0, at + PAUSE
    audit.append(
        db,
        viewer_of(user, source),
        AuditVerb.ACCESS,
        "session:refused",
        at=at,
        subjects={"user": [user.id]},
    )


def log_in_invented(db: Session, username: str, *, at: datetime, source: str) -> str:
    """Open a session by one click; only on a database that the demo command marked as invented.

    Raises NotFoundError anywhere else, whatever the environment says (design §9).
    """
    user = db.execute(
        select(User)
        .join(Programme, Programme.id == User.programme_id)
        .where(Programme.is_invented, User.username == username, User.is_active)
    ).scalar_one_or_none()
    if user is None:
        raise NotFoundError(N_("There is no such one-click user here."))
    return open_session(db, user, at=at, source=source)


def open_session(db: Session, user: User, *, at: datetime, source: str) -> str:
    """Open a session for a user and give its token, of which only the hash is kept.

    Sessions that are over, whoever's, are removed on this occasion.
    """
    token = secrets.token_urlsafe(32)
    db.execute(delete(UserSession).where(UserSession.expires_at <= at))
    db.add(
        UserSession(
            token_hash=hash_of(token),
            user_id=user.id,
            csrf_token=secrets.token_urlsafe(32),
            created_at=at,
            last_seen_at=at,
            expires_at=at + SESSION_LENGTH,
            source=source,
        )
    )
    audit.append(
        db,
        viewer_of(user, source),
        AuditVerb.ACCESS,
        "session:opened",
        at=at,
        subjects={"user": [user.id]},
    )
    return token


def log_out(db: Session, viewer: Viewer, session_id: int, *, at: datetime) -> None:
    """End one session."""
    db.execute(delete(UserSession).where(UserSession.id == session_id))
    audit.append(db, viewer, AuditVerb.ACCESS, "session:closed", at=at)


def signed_in(
    db: Session | Connection, token: str, *, at: datetime, source: str
) -> SignedIn | None:
    """Find the session of a token, if it is still in force at `at`."""
    row = db.execute(_SESSION, {"hash": hash_of(token)}).first()
    if row is None or row.expires_at <= at or row.last_seen_at + SESSION_IDLE <= at:
        return None
    return SignedIn(
        viewer=viewer_of(row, source),
        session_id=row.session_id,
        csrf_token=row.csrf_token,
        programme=row.programme,
        town=row.town,
        is_invented=row.is_invented,
        last_seen_at=row.last_seen_at,
    )


_SESSION = (
    select(
        UserSession.id.label("session_id"),
        UserSession.csrf_token,
        UserSession.last_seen_at,
        UserSession.expires_at,
        User.id,
        User.programme_id,
        User.role,
        User.display_name,
        User.team,
        User.language,
        Programme.display_name.label("programme"),
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


def choose_language(db: Session, viewer: Viewer, language: str) -> None:
    """Keep the language a user chose for the next visits."""
    db.execute(update(User).where(User.id == viewer.user_id).values(language=language))


def add_user(
    db: Session,
    viewer: Viewer,
    *,
    username: str,
    display_name: str,
    role: str,
    password: str | None,
    at: datetime,
    team: str = "",
    language: str = "sv",
) -> User:
    """Add a user; raises RuleError for a name that is taken or a password that is too short."""
    require(viewer, "user:write")
    wanted = username.strip().lower()
    if not wanted or not display_name.strip():
        raise RuleError(N_("Give both a user name and the name people know."), field="username")
    if role not in list(Role):
        raise RuleError(N_("There is no such role."), field="role")
    taken = db.execute(select(User.id).where(User.username == wanted)).first()
    if taken:
        raise RuleError(N_("That user name is taken; choose another."), field="username")
    user = User(
        programme_id=viewer.programme_id,
        username=wanted,
        display_name=display_name.strip(),
        role=role,
        team=team.strip(),
        language=language,
        password_hash=password_hash(password) if password is not None else None,
        created_at=at,
    )
    db.add(user)
    db.flush()
    log_change(db, viewer, "user:added", at=at, collected=True, user=user.id)
    return user


def password_hash(password: str) -> str:
    """Hash a password with argon2id; raises RuleError for one that is too short to be safe."""
    if len(password) < SHORTEST_PASSWORD:
        raise RuleError(
            N_("Choose a password of at least %(least)s characters; a sentence is good."),
            field="password",
            least=SHORTEST_PASSWORD,
        )
    return _HASHER.hash(password)


def change_user(
    db: Session,
    viewer: Viewer,
    user_id: int,
    *,
    at: datetime,
    role: str,
    team: str,
    is_active: bool,
    password: str | None = None,
) -> User:
    """Change what a user may do; ends the user's open sessions, so that it holds at once."""
    user = the(db, viewer, User, user_id, "user:write")
    if user.id == viewer.user_id and (not is_active or role != user.role):
        raise RuleError(N_("Ask another administrator to change your own role."), field="role")
    user.role, user.team, user.is_active = role, team.strip(), is_active
    if password:
        user.password_hash = password_hash(password)
    db.execute(delete(UserSession).where(UserSession.user_id == user.id))
    log_change(db, viewer, "user:changed", at=at, user=user.id)
    return user


def assign_client(
    db: Session, viewer: Viewer, person_id: int, user_id: int, *, at: datetime, reason: str = ""
) -> None:
    """Make a person a worker's own client; the worker sees the person from then on.

    A lead assigns within the own team only. Raises RuleError when it is so already.
    """
    require(viewer, "client:assign")
    person = the(db, viewer, Person, person_id, "person:read", person="id")
    worker = db.get(User, user_id)
    if worker is None or worker.programme_id != viewer.programme_id or not worker.is_active:
        raise NotFoundError(N_("There is no such worker."))
    if worker.role not in (Role.OUTREACH, Role.OUTREACH_LEAD, Role.PROBATION):
        raise RuleError(N_("Only outreach and probation have clients."), field="user")
    if viewer.role is Role.OUTREACH_LEAD and worker.team != viewer.team:
        raise RuleError(N_("A lead assigns clients within the own team."), field="user")
    held = db.execute(
        select(ClientAssignment.id).where(
            ClientAssignment.person_id == person.id,
            ClientAssignment.user_id == worker.id,
            ClientAssignment.ended_at.is_(None),
        )
    ).first()
    if held:
        raise RuleError(N_("That person is this worker's client already."), field="user")
    db.add(
        ClientAssignment(
            programme_id=viewer.programme_id,
            person_id=person.id,
            user_id=worker.id,
            assigned_at=at,
            assigned_by_id=viewer.user_id,
            reason=reason.strip(),
        )
    )
    log_change(db, viewer, "client:assigned", at=at, person=person.id, user=worker.id)


def end_assignment(
    db: Session, viewer: Viewer, person_id: int, user_id: int, *, at: datetime, reason: str
) -> None:
    """End a worker's hold of a client; the worker no longer sees the person."""
    require(viewer, "client:assign")
    the(db, viewer, Person, person_id, "person:read", person="id")
    if not reason.strip():
        raise RuleError(N_("Say why, so that the next worker understands."), field="reason")
    held = db.execute(
        select(ClientAssignment).where(
            ClientAssignment.programme_id == viewer.programme_id,
            ClientAssignment.person_id == person_id,
            ClientAssignment.user_id == user_id,
            ClientAssignment.ended_at.is_(None),
        )
    ).scalars()
    ended = list(held)
    if not ended:
        raise NotFoundError(N_("That person is not this worker's client."))
    for assignment in ended:
        assignment.ended_at, assignment.reason = at, reason.strip()
    db.flush()
    log_change(db, viewer, "client:unassigned", at=at, person=person_id, user=user_id)
