"""Which users the provider of single sign-on lets in."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from gvi.domain.access import Viewer
from gvi.store.models import ProviderLink, User
from gvi.store.queries.rights import visible


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkRow:
    """A user's log-in at a provider: at which, and since when."""

    issuer: str
    linked_at: datetime


def link_of(db: Session, viewer: Viewer, user_id: int) -> LinkRow | None:
    """Give a user's link, to the user and to those who may change users."""
    query = (
        select(ProviderLink.issuer, ProviderLink.linked_at)
        .join(User, User.id == ProviderLink.user_id)
        .where(User.id == user_id)
    )
    if user_id != viewer.user_id:
        query = query.where(visible(User.__table__.c, viewer, "user:write"))
    row = db.execute(query).first()
    return LinkRow(issuer=row.issuer, linked_at=row.linked_at) if row else None
