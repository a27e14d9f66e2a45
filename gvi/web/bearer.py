"""A program that shows a bearer token instead of a session cookie; only under /api/v1."""

from datetime import datetime, timedelta

from fastapi import Request

from gvi.store.engine import asking, transaction
from gvi.usecases.session import SignedIn
from gvi.usecases.token import note_use, presented

API = "/api/v1/"
NOTE_USE_EVERY = timedelta(minutes=1)


def shows_token(request: Request) -> bool:
    """Tell whether a request brings an Authorization header: then its cookies count for nothing."""
    return request.url.path.startswith(API) and "authorization" in request.headers


def token_in_force(request: Request, at: datetime, source: str) -> SignedIn | None:
    """Find whose token a request shows, and note at most once a minute that it was used."""
    scheme, _, secret = request.headers["authorization"].partition(" ")
    if scheme.lower() != "bearer":
        return None
    engine = request.app.state.engine
    with asking(engine) as db:
        found = presented(db, secret.strip(), at=at, source=source)
    if found is None:
        return None
    if found.last_used_at is None or at - found.last_used_at >= NOTE_USE_EVERY:
        with transaction(engine) as db:
            note_use(db, found.token_id, at=at)
    return found.signed_in
