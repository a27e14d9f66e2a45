"""Links to a provider of single sign-on: ended wherever a log-in begins anew."""

from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from gvi.domain.access import Viewer
from gvi.store.models import ProviderLink
from gvi.usecases.facts import log_change


def forget_link(db: Session, viewer: Viewer, user_id: int, *, at: datetime) -> bool:
    """Let the provider open a user no more; tells whether it did until now."""
    ended = db.execute(delete(ProviderLink).where(ProviderLink.user_id == user_id))
    if not ended.rowcount:  # type: ignore[attr-defined]
        return False
    log_change(db, viewer, "provider_link:ended", at=at, user=user_id)
    return True
