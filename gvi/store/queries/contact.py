"""Contacts with a case's person, and the drafts a worker began to write."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Subquery, func, select
from sqlalchemy.orm import Session

from gvi.domain.access import Viewer
from gvi.domain.support import ContactMode, ContactOutcome, SupportCaseStatus
from gvi.domain.time import local_day, start_of_day
from gvi.store.models import Contact, ContactDraft, User
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
    recorded_by: str
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
    return tuple(_contact_row(row) for row in db.execute(query))


def _contact_row(row: Any) -> ContactRow:
    given = dict(row._mapping)  # noqa: SLF001 — the row's public mapping view
    return ContactRow(
        **given
        | {
            "mode": ContactMode(row.mode),
            "outcome": ContactOutcome(row.outcome),
            "recorded_by": row.recorded_by or "",
        }
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
    cases = cases_seen(viewer, "contact:write")
    rows = db.execute(
        select(ContactDraft.support_case_id, ContactDraft.saved_at, ContactDraft.fields)
        .join(cases, cases.c.id == ContactDraft.support_case_id)
        .where(
            ContactDraft.user_id == viewer.user_id,
            ContactDraft.support_case_id.in_(sorted(set(case_ids))),
        )
    )
    return [
        Draft(case_id=row.support_case_id, saved_at=row.saved_at, typed=json.loads(row.fields))
        for row in rows
    ]


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
