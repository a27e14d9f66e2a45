"""Consents to disclose, and whether they hold on a day."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from gvi.domain.access import Viewer
from gvi.domain.disclosure import Party, side_of
from gvi.domain.errors import NotFoundError
from gvi.domain.text import N_
from gvi.store.models import Consent, User
from gvi.store.queries.rights import visible


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentRow:
    """One consent, as the side that recorded it sees it."""

    id: int
    person_id: int
    party: Party
    parts: tuple[str, ...]
    given_on: date
    ends_on: date | None
    by_guardian: bool
    document: str
    recorded_by: str
    withdrawn_at: datetime | None
    holds: bool


def consents(db: Session, viewer: Viewer, person_id: int, *, day: date) -> tuple[ConsentRow, ...]:
    """List the consents of a person that the viewer's side has recorded, latest first."""
    side = side_of(viewer.role)
    rows = db.execute(
        select(*Consent.__table__.c, User.display_name.label("recorded_by"))
        .join(User, User.id == Consent.recorded_by_id, isouter=True)
        .where(
            and_(
                visible(
                    Consent.__table__.c,
                    viewer,
                    "consent:read",
                    person=Consent.person_id,
                    owner=Consent.recorded_by_id,
                ),
                Consent.side == (side.value if side else ""),
                Consent.person_id == person_id,
            )
        )
        .order_by(Consent.given_on.desc(), Consent.id.desc())
    )
    return tuple(_row(row, day) for row in rows)


def consent(
    db: Session, viewer: Viewer, person_id: int, consent_id: int, *, day: date
) -> ConsentRow:
    """Give one consent of a person; raises NotFoundError where it is not the viewer's side's."""
    for row in consents(db, viewer, person_id, day=day):
        if row.id == consent_id:
            return row
    raise NotFoundError(N_("There is no such consent, or it is not for you."))


def _row(row: Any, day: date) -> ConsentRow:
    in_time = row.given_on <= day and (row.ends_on is None or row.ends_on >= day)
    return ConsentRow(
        id=row.id,
        person_id=row.person_id,
        party=Party(row.party),
        parts=tuple(row.parts.split()),
        given_on=row.given_on,
        ends_on=row.ends_on,
        by_guardian=row.by_guardian,
        document=row.document,
        recorded_by=row.recorded_by or "",
        withdrawn_at=row.withdrawn_at,
        holds=in_time and row.withdrawn_at is None,
    )
