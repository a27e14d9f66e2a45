"""Contacts with a case's person, and the drafts a worker began to write."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Select, Subquery, bindparam, func, select
from sqlalchemy.orm import Session

from gvi.domain.access import Viewer
from gvi.domain.errors import NotFoundError
from gvi.domain.support import ContactMode, ContactOutcome, SupportCaseStatus
from gvi.domain.text import N_
from gvi.domain.time import local_day, start_of_day
from gvi.store.models import Contact, ContactDraft, ContactRevision, User
from gvi.store.queries.rights import asker
from gvi.store.queries.support import cases_seen, noted

TRACK_DAYS = 14


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactRow:
    """One contact or attempt; `note` is None where the viewer may not read notes."""

    id: int
    case_id: int
    person_id: int
    contacted_at: datetime
    mode: ContactMode
    outcome: ContactOutcome
    minutes: int | None
    next_contact_on: date | None
    recorded_at: datetime
    recorded_by: str
    is_own: bool
    """Whether the viewer logged it, and may therefore correct it."""
    note: str | None


def contacts(
    db: Session,
    viewer: Viewer,
    *,
    case_id: int | None = None,
    after: int = 0,
    limit: int | None = None,
    newest_first: bool = True,
) -> tuple[ContactRow, ...]:
    """List contacts the viewer may see, of one case or of all; `after` is an id for paging."""
    cases = cases_seen(viewer, "support:read")
    order = (
        (Contact.contacted_at.desc(), Contact.id.desc()) if newest_first else (Contact.id.asc(),)
    )
    query = (
        select(
            Contact.id,
            Contact.support_case_id.label("case_id"),
            cases.c.person_id,
            Contact.contacted_at,
            Contact.mode,
            Contact.outcome,
            Contact.minutes,
            Contact.next_contact_on,
            Contact.recorded_at,
            Contact.recorded_by_id,
            User.display_name.label("recorded_by"),
            noted(viewer, Contact.__table__.c.note, cases.c, cases.c.person_id),
        )
        .join(cases, cases.c.id == Contact.support_case_id)
        .join(User, User.id == Contact.recorded_by_id, isouter=True)
        .where(Contact.id > after)
        .order_by(*order)
    )
    if case_id is not None:
        query = query.where(Contact.support_case_id == case_id)
    if limit is not None:
        query = query.limit(limit)
    return tuple(_contact_row(row, viewer) for row in db.execute(query))


def _contact_row(row: Any, viewer: Viewer) -> ContactRow:
    given = dict(row._mapping)  # noqa: SLF001 — the row's public mapping view
    logged_by = given.pop("recorded_by_id")
    return ContactRow(
        **given
        | {
            "mode": ContactMode(row.mode),
            "outcome": ContactOutcome(row.outcome),
            "recorded_by": row.recorded_by or "",
            "is_own": logged_by is not None and logged_by == viewer.user_id,
        }
    )


def own_contact(db: Session, viewer: Viewer, case_id: int, contact_id: int) -> ContactRow:
    """Give a contact the viewer logged; raises NotFoundError for any other."""
    found = contacts(db, viewer, case_id=case_id)
    own = next((each for each in found if each.id == contact_id and each.is_own), None)
    if own is None:
        raise NotFoundError(N_("There is no such contact, or it is not for you."))
    return own


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierContact:
    """A contact as it stood before it was corrected or withdrawn; no note without the right."""

    contact_id: int
    contacted_at: datetime
    mode: ContactMode
    outcome: ContactOutcome
    next_contact_on: date | None
    note: str | None
    recorded_at: datetime
    at: datetime
    by: str
    reason: str | None
    """None where notes are not read: the reason is in the worker's words too."""
    is_withdrawn: bool


def earlier_contacts(db: Session, viewer: Viewer, case_id: int) -> tuple[EarlierContact, ...]:
    """List what the contacts of a case said before, the first correction first."""
    cases, old = cases_seen(viewer, "support:read"), ContactRevision.__table__.c
    rows = db.execute(
        select(
            old.contact_id,
            old.contacted_at,
            old.mode,
            old.outcome,
            old.next_contact_on,
            noted(viewer, old.note, cases.c, cases.c.person_id),
            old.recorded_at,
            old.superseded_at.label("at"),
            User.display_name.label("by"),
            noted(viewer, old.reason, cases.c, cases.c.person_id).label("reason"),
            old.is_withdrawn,
        )
        .join_from(ContactRevision, cases, cases.c.id == old.support_case_id)
        .join(User, User.id == old.superseded_by_id, isouter=True)
        .where(old.support_case_id == case_id)
        .order_by(old.superseded_at, old.id)
    )
    return tuple(
        EarlierContact(
            **dict(row._mapping)  # noqa: SLF001 — the row's public mapping view
            | {
                "mode": ContactMode(row.mode),
                "outcome": ContactOutcome(row.outcome),
                "by": row.by or "",
            }
        )
        for row in rows
    )


def contact_days(
    db: Session, cases: Subquery, at: datetime, zone: ZoneInfo
) -> dict[int, tuple[str, ...]]:
    """Give each person's last 14 days, today last: `met`, `other` (phone or text) or blank.

    `cases` are those the viewer may see, from `cases_seen`. Attempts leave a day blank.
    """
    first = local_day(at, zone) - timedelta(days=TRACK_DAYS - 1)
    rows = db.execute(
        select(cases.c.person_id, Contact.contacted_at, Contact.mode)
        .join(cases, cases.c.id == Contact.support_case_id)
        .where(
            Contact.outcome == ContactOutcome.REACHED.value,
            Contact.contacted_at >= start_of_day(first, zone),
            Contact.contacted_at <= at,
        )
    )
    tracks: dict[int, list[str]] = {}
    for person_id, contacted_at, mode in rows:
        days = tracks.setdefault(person_id, [""] * TRACK_DAYS)
        day = (local_day(contacted_at, zone) - first).days
        if days[day] != "met":
            days[day] = "met" if mode == ContactMode.IN_PERSON else "other"
    return {person_id: tuple(days) for person_id, days in tracks.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A contact the viewer began to write."""

    case_id: int
    saved_at: datetime
    typed: Mapping[str, str]


def draft_of(db: Session, viewer: Viewer, case_id: int) -> Draft | None:
    """Give the viewer's own draft for a case, or None."""
    return next(iter(_drafts(db, viewer, [case_id])), None)


def draft_times(db: Session, viewer: Viewer, case_ids: Iterable[int]) -> dict[int, datetime]:
    """Give when the viewer last wrote on a draft of each case."""
    return {draft.case_id: draft.saved_at for draft in _drafts(db, viewer, case_ids)}


def _drafts(db: Session, viewer: Viewer, case_ids: Iterable[int]) -> list[Draft]:
    rows = db.execute(_asking_drafts(asker(viewer)), {"ids": sorted(set(case_ids))})
    return [
        Draft(case_id=row.support_case_id, saved_at=row.saved_at, typed=json.loads(row.fields))
        for row in rows
    ]


@lru_cache(maxsize=256)
def _asking_drafts(viewer: Viewer) -> Select[Any]:
    cases, draft = cases_seen(viewer, "contact:write"), ContactDraft.__table__
    d = draft.c
    return (
        select(d.support_case_id, d.saved_at, d.fields)
        .join_from(draft, cases, cases.c.id == d.support_case_id)
        .where(
            d.user_id == viewer.user_id,
            d.support_case_id.in_(bindparam("ids", expanding=True)),
        )
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseChoice:
    """An open case whose contact may be logged."""

    id: int
    person_id: int
    owner_id: int | None
    next_contact_on: date | None


def loggable_cases(db: Session, viewer: Viewer) -> tuple[CaseChoice, ...]:
    """List the open cases for which the viewer may log a contact, the most urgent first."""
    cases = cases_seen(viewer, "contact:write")
    late_first = func.coalesce(cases.c.next_contact_on, date.max)
    rows = db.execute(
        select(cases.c.id, cases.c.person_id, cases.c.owner_id, cases.c.next_contact_on)
        .where(cases.c.status != SupportCaseStatus.CLOSED.value)
        .order_by(late_first, cases.c.id)
    )
    return tuple(CaseChoice(**row._mapping) for row in rows)  # noqa: SLF001
