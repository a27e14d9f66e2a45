"""Access tokens of the API: making one, which is shown once, revoking it, and presenting it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select, update
from sqlalchemy.orm import Session

from gvi.domain.access import Viewer, grant
from gvi.domain.errors import NotAllowedError, RuleError
from gvi.domain.text import N_
from gvi.domain.token import LONGEST_LIFE, MOST_TOKENS, TokenScope, is_token, new_token
from gvi.store.models import ApiToken, User
from gvi.store.queries.token import IN_FORCE
from gvi.usecases.calendar import revoke_feeds_of
from gvi.usecases.facts import log_change
from gvi.usecases.rights import require, the
from gvi.usecases.session import SignedIn, hash_of, viewer_of


@dataclass(frozen=True, slots=True, kw_only=True)
class NewToken:
    """A token just made; `secret` is told this once and then known to its holder alone."""

    id: int
    name: str
    secret: str
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Presented:
    """A token in force: whose it is, what it covers, and when it was last used."""

    signed_in: SignedIn
    token_id: int
    last_used_at: datetime | None


def make_token(
    db: Session,
    viewer: Viewer,
    *,
    name: str,
    scopes: Collection[TokenScope],
    days: int,
    at: datetime,
) -> NewToken:
    """Make a token for the viewer's own programs; only its hash is kept.

    Raises RuleError without a name or a scope, for a life longer than the longest, or when the
    viewer has as many as one may have.
    """
    require(viewer, "own_token:write")
    if viewer.user_id is None:
        raise NotAllowedError(N_("A token belongs to somebody who logs in."))
    return _make(db, viewer, viewer.user_id, name=name, scopes=scopes, days=days, at=at)


def make_token_for(
    db: Session,
    viewer: Viewer,
    username: str,
    *,
    name: str,
    scopes: Collection[TokenScope],
    days: int,
    at: datetime,
) -> NewToken:
    """Make a token for a named user, as the operator of the server."""
    if viewer.role is not None:
        raise NotAllowedError(N_("Everybody makes their own tokens."))
    user = db.execute(
        select(User).where(
            User.programme_id == viewer.programme_id,
            User.username == username.strip().lower(),
            User.is_active,
        )
    ).scalar_one_or_none()
    if user is None or grant(viewer_of(user, ""), "own_token:write") is None:
        raise RuleError(N_("There is no such user, or the role has no use for tokens."))
    return _make(db, viewer, user.id, name=name, scopes=scopes, days=days, at=at)


def _make(
    db: Session,
    viewer: Viewer,
    user_id: int,
    *,
    name: str,
    scopes: Collection[TokenScope],
    days: int,
    at: datetime,
) -> NewToken:
    called = " ".join(name.split())
    if not called:
        raise RuleError(N_("Say what the token is for, such as the program’s name."), field="name")
    if not scopes:
        raise RuleError(N_("Choose at least one thing the token may do."), field="scopes")
    if not 1 <= days <= LONGEST_LIFE.days:
        raise RuleError(
            N_("A token lives at most %(most)s days; make a new one then."),
            field="days",
            most=LONGEST_LIFE.days,
        )
    _check_number(db, user_id, at)
    secret = new_token()
    token = ApiToken(
        programme_id=viewer.programme_id,
        user_id=user_id,
        name=called,
        ending=secret[-4:],
        token_hash=hash_of(secret),
        scopes=" ".join(sorted(set(scopes))),
        created_at=at,
        expires_at=at + timedelta(days=days),
    )
    db.add(token)
    db.flush()
    log_change(db, viewer, "token:added", at=at, collected=True, token=token.id, user=user_id)
    return NewToken(id=token.id, name=called, secret=secret, expires_at=token.expires_at)


def _check_number(db: Session, user_id: int, at: datetime) -> None:
    held = db.execute(
        select(func.count())
        .select_from(ApiToken)
        .where(ApiToken.user_id == user_id, ApiToken.revoked_at.is_(None), ApiToken.expires_at > at)
    ).scalar_one()
    if held >= MOST_TOKENS:
        raise RuleError(
            N_("You have %(most)s tokens already. Revoke one that is not used."), most=MOST_TOKENS
        )


def revoke_own_token(db: Session, viewer: Viewer, token_id: int, *, at: datetime) -> None:
    """Revoke one of the viewer's own tokens; it opens nothing from now on."""
    token = the(db, viewer, ApiToken, token_id, "own_token:write", owner="user_id")
    _revoke(db, viewer, token, reason="", at=at)


def revoke_token(db: Session, viewer: Viewer, token_id: int, *, reason: str, at: datetime) -> None:
    """Revoke anybody's token, with the reason, as the administrator."""
    token = the(db, viewer, ApiToken, token_id, "token:write")
    if not reason.strip():
        raise RuleError(N_("Say why, in a few words."), field="reason")
    _revoke(db, viewer, token, reason=reason.strip(), at=at)


def revoke_tokens_of(
    db: Session, viewer: Viewer, user_id: int, *, reason: str, at: datetime
) -> None:
    """Revoke every token of a user that is in force, and the calendar feed, each with the reason.

    The caller has the right to change how this user gets in.
    """
    query = select(ApiToken).where(
        ApiToken.user_id == user_id, ApiToken.revoked_at.is_(None), ApiToken.expires_at > at
    )
    for token in db.execute(query.order_by(ApiToken.id)).scalars().all():
        _revoke(db, viewer, token, reason=reason, at=at)
    revoke_feeds_of(db, viewer, user_id, reason=reason, at=at)


def _revoke(db: Session, viewer: Viewer, token: ApiToken, *, reason: str, at: datetime) -> None:
    if token.revoked_at is not None:
        raise RuleError(N_("It is revoked already."))
    token.revoked_at, token.revoked_reason, token.revoked_by_id = at, reason, viewer.user_id
    log_change(db, viewer, "token:revoked", at=at, token=token.id, user=token.user_id)


def presented(
    db: Session | Connection, secret: str, *, at: datetime, source: str
) -> Presented | None:
    """Find the token a program presents, if it is in force at `at`.

    The rights are those its user's role has now. The log says through which token something was
    done.
    """
    if not is_token(secret):
        return None
    row = db.execute(IN_FORCE, {"hash": hash_of(secret)}).first()
    if row is None or row.expires_at <= at:
        return None
    signed_in = SignedIn(
        viewer=viewer_of(row, f"{source} token {row.token_id}".strip()),
        session_id=0,
        csrf_token="",
        programme=row.programme,
        town=row.town,
        is_invented=row.is_invented,
        last_seen_at=row.last_used_at or at,
        scopes=frozenset(TokenScope(each) for each in row.scopes.split()),
    )
    return Presented(signed_in=signed_in, token_id=row.token_id, last_used_at=row.last_used_at)


def note_use(db: Session, token_id: int, *, at: datetime) -> None:
    """Keep when a token was last used."""
    db.execute(update(ApiToken).where(ApiToken.id == token_id).values(last_used_at=at))
