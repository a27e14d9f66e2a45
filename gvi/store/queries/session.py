"""Log-ins that are open, of oneself or, for an administrator, of a user."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from gvi.domain.access import Viewer
from gvi.store.models import Programme, User, UserSession
from gvi.store.queries.passkey import passkeys_of
from gvi.store.queries.rights import visible
from gvi.store.queries.sign_on import LinkRow, link_of

WHO_ASKS = (
    User.id,
    User.programme_id,
    User.role,
    User.display_name,
    User.team,
    User.language,
    Programme.display_name.label("programme"),
)
"""Of whoever asks, by session, token or calendar: what makes them a viewer, and of which programme.

With `User` and `Programme` joined.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRow:
    """One log-in: the device as it names itself, from where, since when."""

    id: int
    device: str
    source: str
    created_at: datetime
    last_seen_at: datetime


_COLUMNS = (
    UserSession.id,
    UserSession.device,
    UserSession.source,
    UserSession.created_at,
    UserSession.last_seen_at,
)


def own_sessions(db: Session, viewer: Viewer, *, at: datetime) -> tuple[SessionRow, ...]:
    """List one's own log-ins that are not over, the latest used first."""
    query = (
        select(*_COLUMNS)
        .where(
            UserSession.user_id == viewer.user_id,
            UserSession.expires_at > at,
            UserSession.waits_for == "",
        )
        .order_by(UserSession.last_seen_at.desc(), UserSession.id)
    )
    return tuple(SessionRow(**row._mapping) for row in db.execute(query))  # noqa: SLF001


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """How one user logs in."""

    has_passphrase: bool
    starts: bool
    """The passphrase is one an administrator gave and not yet an own one."""
    second_step_at: datetime | None
    is_setting_up: bool
    open_sessions: int
    passkeys: int
    link: LinkRow | None
    """The log-in at a provider that lets the user in, too."""


def account_of(db: Session, viewer: Viewer, user_id: int, *, at: datetime) -> Account | None:
    """Give how a user logs in, to the user and to those who may change users."""
    query = select(
        User.password_hash,
        User.start_expires_at,
        User.totp_secret.is_not(None).label("has_secret"),
        User.totp_confirmed_at,
    ).where(User.id == user_id)
    if user_id != viewer.user_id:
        query = query.where(visible(User.__table__.c, viewer, "user:write"))
    row = db.execute(query).first()
    if row is None:
        return None
    of_user = select(UserSession.id).where(
        UserSession.user_id == user_id, UserSession.expires_at > at
    )
    return Account(
        has_passphrase=row.password_hash is not None,
        starts=row.start_expires_at is not None,
        second_step_at=row.totp_confirmed_at,
        is_setting_up=bool(row.has_secret) and row.totp_confirmed_at is None,
        open_sessions=len(db.execute(of_user).all()),
        passkeys=passkeys_of(db, user_id),
        link=link_of(db, viewer, user_id),
    )
