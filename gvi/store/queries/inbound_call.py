"""Calls to the number on the card: who rang, how they heard of it, who rings back by when."""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, aliased

from gvi.domain.access import Viewer
from gvi.domain.errors import NotFoundError
from gvi.domain.support import HeardThrough
from gvi.domain.text import N_
from gvi.domain.time import local_day
from gvi.store.models import InboundCall, SupportCase, User
from gvi.store.queries.person import names_of
from gvi.store.queries.rights import asker, visible
from gvi.store.queries.support import noted

_FEWEST_DIGITS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRow:
    """One call; `note` is None where the viewer may not read notes."""

    id: int
    person_id: int | None
    name: str
    """The person's name where it is linked, else what the caller gave."""
    caller: str
    called_at: datetime
    heard_through: HeardThrough
    call_back_due_at: datetime
    returned_at: datetime | None
    returned_by: str
    owner_id: int | None
    owner: str
    case_id: int | None
    """The case that was opened from it."""
    note: str | None
    is_late: bool

    @property
    def is_waiting(self) -> bool:
        """Whether nobody has rung back yet."""
        return self.returned_at is None

    @property
    def telephone(self) -> str:
        """The number to ring, where what the caller gave is one; else blank."""
        kept = "".join(sign for sign in self.caller if sign.isdigit() or sign == "+")
        has_words = any(sign.isalpha() for sign in self.caller)
        return kept if len(kept) >= _FEWEST_DIGITS and not has_words else ""


def calls(db: Session, viewer: Viewer, at: datetime, zone: ZoneInfo) -> tuple[CallRow, ...]:
    """List every call the viewer may see: waiting ones first, the longest wait first."""
    i = InboundCall.__table__.c
    order = (i.returned_at.is_not(None), i.call_back_due_at, i.id)
    rows = _rows(db, viewer, _question(asker(viewer)).order_by(*order), at, zone)
    waiting = [row for row in rows if row.is_waiting]
    returned = [row for row in rows if not row.is_waiting]
    return (*waiting, *sorted(returned, key=lambda row: row.called_at, reverse=True))


def calls_to_return(
    db: Session, viewer: Viewer, at: datetime, zone: ZoneInfo
) -> tuple[CallRow, ...]:
    """List the calls that wait for an answer, the first due first."""
    return _rows(db, viewer, _to_return(asker(viewer)), at, zone)


@lru_cache(maxsize=256)
def _to_return(viewer: Viewer) -> Select[Any]:
    i = InboundCall.__table__.c
    return _question(viewer).where(i.returned_at.is_(None)).order_by(i.call_back_due_at, i.id)


def calls_of(
    db: Session, viewer: Viewer, person_id: int, at: datetime, zone: ZoneInfo
) -> tuple[CallRow, ...]:
    """List the calls that were linked to a person, the latest first."""
    i = InboundCall.__table__.c
    query = _question(asker(viewer)).where(i.person_id == person_id)
    query = query.order_by(i.called_at.desc(), i.id)
    return _rows(db, viewer, query, at, zone)


def inbound_call(
    db: Session, viewer: Viewer, call_id: int, at: datetime, zone: ZoneInfo
) -> CallRow:
    """Give one call; raises NotFoundError where there is none for the viewer."""
    query = _question(asker(viewer)).where(InboundCall.id == call_id)
    found = _rows(db, viewer, query, at, zone)
    if not found:
        raise NotFoundError(N_("There is no such call, or it is not for you."))
    return found[0]


@lru_cache(maxsize=256)
def _question(viewer: Viewer) -> Select[Any]:
    i = InboundCall.__table__.c
    owner, returner = aliased(User), aliased(User)
    case_id = (
        select(SupportCase.id)
        .where(SupportCase.inbound_call_id == i.id)
        .order_by(SupportCase.id)
        .limit(1)
        .scalar_subquery()
    )
    return (
        select(
            i.id,
            i.person_id,
            i.caller,
            i.called_at,
            i.heard_through,
            i.call_back_due_at,
            i.returned_at,
            i.owner_id,
            noted(viewer, i.note, i, i.person_id, i.owner_id),
            owner.display_name.label("owner"),
            returner.display_name.label("returned_by"),
            case_id.label("case_id"),
        )
        .join(owner, owner.id == i.owner_id, isouter=True)
        .join(returner, returner.id == i.returned_by_id, isouter=True)
        .where(visible(i, viewer, "inbound_call:read", person=i.person_id, owner=i.owner_id))
    )


def _rows(
    db: Session, viewer: Viewer, query: Select[Any], at: datetime, zone: ZoneInfo
) -> tuple[CallRow, ...]:
    found = db.execute(query).all()
    people = [row.person_id for row in found if row.person_id is not None]
    names = names_of(db, viewer, people, on=local_day(at, zone))
    return tuple(
        CallRow(
            id=row.id,
            person_id=row.person_id,
            name=names.get(row.person_id, row.caller),
            caller=row.caller,
            called_at=row.called_at,
            heard_through=HeardThrough(row.heard_through),
            call_back_due_at=row.call_back_due_at,
            returned_at=row.returned_at,
            returned_by=row.returned_by or "",
            owner_id=row.owner_id,
            owner=row.owner or "",
            case_id=row.case_id,
            note=row.note,
            is_late=row.returned_at is None and row.call_back_due_at < at,
        )
        for row in found
    )
