"""Requests to disclose, with their deadlines; only the side that was asked sees them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from gvi.domain.access import Viewer
from gvi.domain.disclosure import Party, RequestStatus, side_of
from gvi.domain.errors import NotFoundError
from gvi.domain.text import N_
from gvi.store.models import DisclosureRequest, User
from gvi.store.queries.person import names_of
from gvi.store.queries.rights import visible


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestRow:
    """One request."""

    id: int
    person_id: int
    person: str
    party: Party
    asked_by: str
    organisation: str
    asked_for: str
    received_at: datetime
    due_at: datetime
    is_late: bool
    owner_id: int
    owner: str
    status: RequestStatus
    answered_at: datetime | None
    refusal_reason: str


def requests(
    db: Session,
    viewer: Viewer,
    *,
    at: datetime,
    day: date,
    person_id: int | None = None,
    open_only: bool = False,
) -> tuple[RequestRow, ...]:
    """List the requests to the viewer's side, the earliest deadline first."""
    wanted: list[ColumnElement[bool]] = []
    if person_id is not None:
        wanted.append(DisclosureRequest.person_id == person_id)
    if open_only:
        wanted.append(DisclosureRequest.status == RequestStatus.OPEN.value)
    rows = db.execute(
        select(*DisclosureRequest.__table__.c, User.display_name.label("owner"))
        .join(User, User.id == DisclosureRequest.owner_id)
        .where(seen(viewer), *wanted)
        .order_by(DisclosureRequest.due_at, DisclosureRequest.id)
    ).all()
    names = names_of(db, viewer, [row.person_id for row in rows], on=day)
    return tuple(_row(row, names, at) for row in rows)


def request(db: Session, viewer: Viewer, request_id: int, *, at: datetime, day: date) -> RequestRow:
    """Give one request to the viewer's side; raises NotFoundError otherwise."""
    for row in requests(db, viewer, at=at, day=day):
        if row.id == request_id:
            return row
    raise NotFoundError(N_("There is no such request, or it is not for you."))


def requests_due(db: Session, viewer: Viewer, at: datetime, day: date) -> Iterator[RequestRow]:
    """Give the open requests for the list of everything due."""
    yield from requests(db, viewer, at=at, day=day, open_only=True)


def seen(viewer: Viewer) -> ColumnElement[bool]:
    """Give the clause for the requests the viewer's side answers: own clients' or one's own."""
    side = side_of(viewer.role)
    table = DisclosureRequest.__table__
    theirs = visible(
        table.c,
        viewer,
        "disclosure_request:read",
        person=DisclosureRequest.person_id,
        owner=DisclosureRequest.owner_id,
    )
    if viewer.role is None:
        return theirs
    return theirs & (DisclosureRequest.side == (side.value if side else ""))


def _row(row: Any, names: dict[int, str], at: datetime) -> RequestRow:
    status = RequestStatus(row.status)
    return RequestRow(
        id=row.id,
        person_id=row.person_id,
        person=names.get(row.person_id, ""),
        party=Party(row.party),
        asked_by=row.asked_by,
        organisation=row.organisation,
        asked_for=row.asked_for,
        received_at=row.received_at,
        due_at=row.due_at,
        is_late=status is RequestStatus.OPEN and row.due_at < at,
        owner_id=row.owner_id,
        owner=row.owner,
        status=status,
        answered_at=row.answered_at,
        refusal_reason=row.refusal_reason,
    )
