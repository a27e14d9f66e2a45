"""Access tokens of the API: one's own, everybody's for the administrator, and the one presented."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import Session

from gvi.domain.access import Viewer
from gvi.domain.errors import NotFoundError
from gvi.domain.text import N_
from gvi.domain.token import TokenScope
from gvi.store.models import ApiToken, Programme, User
from gvi.store.queries.rights import visible
from gvi.store.queries.session import WHO_ASKS


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRow:
    """One token of a list; what it reads like is known to nobody any more but its last letters."""

    id: int
    name: str
    ending: str
    user_id: int
    user: str
    role: str
    scopes: tuple[TokenScope, ...]
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    is_over: bool
    """Past its day, or its user may not log in any more."""

    @property
    def tone(self) -> str:
        """Grey for what opens nothing any more."""
        return "quiet" if self.is_over else ""


def own_tokens(db: Session, viewer: Viewer, *, at: datetime) -> tuple[TokenRow, ...]:
    """List the viewer's own tokens that nobody has revoked, the latest first."""
    return _rows(db, viewer, "own_token:read", at)


def every_token(db: Session, viewer: Viewer, *, at: datetime) -> tuple[TokenRow, ...]:
    """List everybody's tokens that nobody has revoked, the latest first."""
    return _rows(db, viewer, "token:list", at)


def one_token(rows: tuple[TokenRow, ...], token_id: int) -> TokenRow:
    """Give one token of a list; raises NotFoundError where it is not in it."""
    for row in rows:
        if row.id == token_id:
            return row
    raise NotFoundError(N_("There is no such token, or it is not yours."))


def _rows(db: Session, viewer: Viewer, permission: str, at: datetime) -> tuple[TokenRow, ...]:
    rows = db.execute(_question(viewer, permission)).all()
    return tuple(
        TokenRow(
            id=row.id,
            name=row.name,
            ending=row.ending,
            user_id=row.user_id,
            user=row.display_name,
            role=row.role,
            scopes=tuple(TokenScope(each) for each in row.scopes.split()),
            created_at=row.created_at,
            expires_at=row.expires_at,
            last_used_at=row.last_used_at,
            is_over=row.expires_at <= at or not row.is_active,
        )
        for row in rows
    )


def _question(viewer: Viewer, permission: str) -> Select[Any]:
    t = ApiToken.__table__.c
    return (
        select(
            *(t.id, t.name, t.ending, t.user_id, t.scopes),
            *(t.created_at, t.expires_at, t.last_used_at),
            *(User.display_name, User.role, User.is_active),
        )
        .join(User, User.id == t.user_id)
        .where(
            visible(t, viewer, permission, owner=t.user_id),
            t.revoked_at.is_(None),
        )
        .order_by(t.created_at.desc(), t.id.desc())
    )


IN_FORCE = (
    select(
        ApiToken.id.label("token_id"),
        ApiToken.scopes,
        ApiToken.expires_at,
        ApiToken.last_used_at,
        *WHO_ASKS,
        Programme.town,
        Programme.is_invented,
    )
    .join(User, User.id == ApiToken.user_id)
    .join(Programme, Programme.id == User.programme_id)
    .where(
        ApiToken.token_hash == bindparam("hash"),
        ApiToken.revoked_at.is_(None),
        User.is_active,
    )
)
"""Asked once for every request with a token; whose role counts is asked anew each time."""
