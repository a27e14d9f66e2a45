"""Support cases and offers: the list, one case, counts; never for police, analyst or probation."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import (
    ColumnElement,
    Date,
    Select,
    Subquery,
    bindparam,
    case,
    func,
    literal,
    select,
    true,
)
from sqlalchemy.orm import Session

from gvi.domain.access import Viewer, allows
from gvi.domain.errors import NotFoundError
from gvi.domain.support import (
    OPEN_NEEDS,
    ClosingReason,
    ContactOutcome,
    HeardThrough,
    NeedKind,
    NeedStatus,
    OfferResponse,
    SupportCaseStatus,
    is_stuck,
)
from gvi.domain.text import N_
from gvi.domain.time import local_day
from gvi.store.known import known
from gvi.store.models import (
    Contact,
    InboundCall,
    Need,
    Person,
    SupportCase,
    SupportOffer,
    User,
)
from gvi.store.queries.person import names_of
from gvi.store.queries.rights import Columns, asker, visible
from gvi.store.sealing import sealed_in
from gvi.store.types import Instant
from gvi.store.wall import behind_the_wall


def cases_seen(viewer: Viewer, permission: str = "support:list") -> Subquery:
    """Select the cases a viewer may see under a permission: the first step of every read here."""
    table = SupportCase.__table__
    seen = visible(table.c, viewer, permission, person=table.c.person_id)
    return select(*table.c).where(seen).subquery("seen_cases")


def noted(
    viewer: Viewer,
    note: ColumnElement[Any],
    columns: Columns,
    person: ColumnElement[Any],
    owner: ColumnElement[Any] | None = None,
) -> Any:
    """Give a note as a column where the viewer may read the notes of its row, else nothing.

    `columns` are those of the row that the right is about: a contact's note is its case's.
    """
    if not allows(viewer, "support_note:read"):
        return literal(None).label("note")
    may = visible(columns, viewer, "support_note:read", person=person, owner=owner)
    return sealed_in(note, case((may, note), else_=None)).label("note")


def last_heard(cases: Subquery) -> Any:
    """Give when a case's person was last reached, as a column; an attempt is not a contact."""
    return (
        select(func.max(Contact.contacted_at))
        .where(
            Contact.support_case_id == cases.c.id,
            Contact.outcome == ContactOutcome.REACHED.value,
        )
        .scalar_subquery()
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseRow:
    """One case in a list."""

    id: int
    person_id: int
    name: str
    code_name: str
    status: SupportCaseStatus
    owner_id: int | None
    owner: str
    opened_on: date
    interval_days: int
    next_contact_on: date | None
    last_heard_at: datetime | None
    days_silent: int | None
    """Days since the person was last reached, or since the case was opened."""
    open_needs: tuple[NeedKind, ...]
    is_late: bool

    @property
    def tone(self) -> str:
        """How the list shows the row: quiet where the case is closed."""
        return "quiet" if self.status is SupportCaseStatus.CLOSED else ""


def list_cases(
    db: Session, viewer: Viewer, at: datetime, zone: ZoneInfo, *, person_id: int | None = None
) -> tuple[CaseRow, ...]:
    """List every case the viewer may see, of one person or of all, the longest silence first."""
    today = local_day(at, zone)
    of_cases, of_needs = _asking_cases(asker(viewer), person_id)
    found = db.execute(of_cases).all()
    names = names_of(db, viewer, [row.person_id for row in found], on=today)
    needs: dict[int, tuple[NeedKind, ...]] = {}
    for case_id, kind in db.execute(of_needs):
        needs[case_id] = (*needs.get(case_id, ()), NeedKind(kind))
    rows = [_case_row(row, names, needs, today, zone) for row in found]
    return tuple(sorted(rows, key=lambda row: (row.tone, -(row.days_silent or 0), row.name)))


def _case_row(
    row: Any,
    names: dict[int, str],
    needs: dict[int, tuple[NeedKind, ...]],
    today: date,
    zone: ZoneInfo,
) -> CaseRow:
    is_open = row.status != SupportCaseStatus.CLOSED
    heard = row.last_heard_at or row.opened_at
    return CaseRow(
        id=row.id,
        person_id=row.person_id,
        name=names[row.person_id],
        code_name=row.code_name,
        status=SupportCaseStatus(row.status),
        owner_id=row.owner_id,
        owner=row.owner or "",
        opened_on=local_day(row.opened_at, zone),
        interval_days=row.contact_interval_days,
        next_contact_on=row.next_contact_on,
        last_heard_at=row.last_heard_at,
        days_silent=(today - local_day(heard, zone)).days if is_open else None,
        open_needs=needs.get(row.id, ()),
        is_late=is_open and row.next_contact_on is not None and row.next_contact_on < today,
    )


@lru_cache(maxsize=256)
def _asking_cases(viewer: Viewer, person_id: int | None) -> tuple[Select[Any], Select[Any]]:
    """Give the questions for the cases, of one person or of all, and for their open needs."""
    cases, people = cases_seen(viewer), known(Person, None)
    owner, need = User.__table__, Need.__table__
    of_cases = (
        select(
            *cases.c,
            people.c.code_name,
            owner.c.display_name.label("owner"),
            last_heard(cases).label("last_heard_at"),
        )
        .join_from(cases, people, people.c.id == cases.c.person_id)
        .join(owner, owner.c.id == cases.c.owner_id, isouter=True)
        .order_by(cases.c.id)
    )
    if person_id is not None:
        of_cases = of_cases.where(cases.c.person_id == person_id)
    of_needs = (
        select(need.c.support_case_id, need.c.kind)
        .join_from(need, cases, cases.c.id == need.c.support_case_id)
        .where(need.c.status.in_(sorted(OPEN_NEEDS)))
        .order_by(need.c.raised_on, need.c.id)
    )
    return of_cases, of_needs


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedRow:
    """Something the person needs help with."""

    id: int
    case_id: int
    kind: NeedKind
    status: NeedStatus
    raised_on: date
    days_open: int | None
    """None once it is met or cannot be met."""
    is_stuck: bool
    note: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseCard:
    """One case as its page shows it; `note` is None where the viewer may not read notes."""

    id: int
    person_id: int
    name: str
    code_name: str
    compartment: str
    status: SupportCaseStatus
    owner_id: int | None
    owner: str
    heard_through: HeardThrough | None
    inbound_call_id: int | None
    opened_at: datetime
    interval_days: int
    next_contact_on: date | None
    last_heard_at: datetime | None
    days_silent: int | None
    closed_at: datetime | None
    closing_reason: ClosingReason | None
    note: str | None
    needs: tuple[NeedRow, ...]

    @property
    def is_open(self) -> bool:
        """Whether contacts can be logged."""
        return self.status is not SupportCaseStatus.CLOSED


def case_card(
    db: Session,
    viewer: Viewer,
    case_id: int,
    at: datetime,
    zone: ZoneInfo,
    *,
    permission: str = "support:read",
) -> CaseCard:
    """Give one case; raises NotFoundError where there is none for the viewer."""
    today = local_day(at, zone)
    table, people = SupportCase.__table__, known(Person, None)
    cases = cases_seen(viewer, permission)
    query = (
        select(
            *(column for column in cases.c if column.name != "note"),
            noted(viewer, cases.c.note, cases.c, cases.c.person_id),
            people.c.code_name,
            User.display_name.label("owner"),
            last_heard(cases).label("last_heard_at"),
        )
        .join(people, people.c.id == cases.c.person_id)
        .join(User, User.id == cases.c.owner_id, isouter=True)
        .where(cases.c.id == case_id)
    )
    row = db.execute(query).one_or_none()
    if row is None:
        raise NotFoundError(N_("There is no such case, or it is not for you."))
    heard = row.last_heard_at
    return CaseCard(
        name=names_of(db, viewer, [row.person_id], on=today)[row.person_id],
        status=SupportCaseStatus(row.status),
        owner=row.owner or "",
        heard_through=HeardThrough(row.heard_through) if row.heard_through else None,
        interval_days=row.contact_interval_days,
        days_silent=(today - local_day(heard, zone)).days if heard else None,
        closing_reason=ClosingReason(row.closing_reason) if row.closing_reason else None,
        needs=_needs(db, viewer, select(table.c.id).where(table.c.id == row.id), today),
        **{name: getattr(row, name) for name in _AS_STORED},
    )


_AS_STORED = (
    "id",
    "person_id",
    "code_name",
    "compartment",
    "owner_id",
    "inbound_call_id",
    "opened_at",
    "next_contact_on",
    "last_heard_at",
    "closed_at",
    "note",
)


def _needs(db: Session, viewer: Viewer, case_ids: Select[Any], today: date) -> tuple[NeedRow, ...]:
    """Read the needs of cases that were already found to be for the viewer."""
    return tuple(_need_row(row, today) for row in db.execute(_asking_needs(viewer, case_ids)))


def _asking_needs(viewer: Viewer, case_ids: Select[Any]) -> Select[Any]:
    cases, need = cases_seen(viewer, "support:read"), Need.__table__
    n = need.c
    return (
        select(
            n.id,
            n.support_case_id,
            n.kind,
            n.status,
            n.raised_on,
            noted(viewer, n.note, cases.c, cases.c.person_id),
        )
        .join_from(need, cases, cases.c.id == n.support_case_id)
        .where(n.support_case_id.in_(case_ids))
        .order_by(n.raised_on, n.id)
    )


def _need_row(row: Any, today: date) -> NeedRow:
    status = NeedStatus(row.status)
    return NeedRow(
        id=row.id,
        case_id=row.support_case_id,
        kind=NeedKind(row.kind),
        status=status,
        raised_on=row.raised_on,
        days_open=(today - row.raised_on).days if status in OPEN_NEEDS else None,
        is_stuck=is_stuck(row.raised_on, today, status),
        note=row.note,
    )


def need(db: Session, viewer: Viewer, need_id: int, today: date) -> NeedRow:
    """Give one need; raises NotFoundError where there is none for the viewer."""
    n, cases = Need.__table__.c, select(Need.__table__.c.support_case_id)
    rows = db.execute(_asking_needs(viewer, cases.where(n.id == need_id)))
    found = next((row for row in rows if row.id == need_id), None)
    if found is None:
        raise NotFoundError(N_("There is no such need, or it is not for you."))
    return _need_row(found, today)


def stuck_needs(db: Session, viewer: Viewer, today: date) -> tuple[NeedRow, ...]:
    """List the needs of open cases that have been open for more than 30 days, the oldest first."""
    rows = (_need_row(row, today) for row in db.execute(_needs_of_open_cases(asker(viewer))))
    return tuple(row for row in rows if row.is_stuck)


@lru_cache(maxsize=256)
def _needs_of_open_cases(viewer: Viewer) -> Select[Any]:
    cases = cases_seen(viewer)
    still_open = select(cases.c.id).where(cases.c.status != SupportCaseStatus.CLOSED.value)
    return _asking_needs(viewer, still_open)


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferRow:
    """Help that was offered to a person."""

    id: int
    person_id: int
    what: str
    offered_at: datetime
    offered_by: str
    response: OfferResponse | None
    responded_at: datetime | None


def offers_to(db: Session, viewer: Viewer, person_id: int) -> tuple[OfferRow, ...]:
    """List what was offered to a person, the latest first."""
    return _offers(db, viewer, SupportOffer.__table__.c.person_id == person_id)


def offer(db: Session, viewer: Viewer, offer_id: int) -> OfferRow:
    """Give one offer; raises NotFoundError where there is none for the viewer."""
    found = _offers(db, viewer, SupportOffer.__table__.c.id == offer_id)
    if not found:
        raise NotFoundError(N_("There is no such record, or it is not for you."))
    return found[0]


def _offers(db: Session, viewer: Viewer, which: ColumnElement[bool]) -> tuple[OfferRow, ...]:
    o = SupportOffer.__table__.c
    rows = db.execute(
        select(
            o.id,
            o.person_id,
            o.what,
            o.offered_at,
            o.response,
            o.responded_at,
            User.display_name.label("offered_by"),
        )
        .join(User, User.id == o.offered_by_id, isouter=True)
        .where(visible(o, viewer, "offer:read", person=o.person_id), which)
        .order_by(o.offered_at.desc(), o.id.desc())
    )
    return tuple(
        OfferRow(
            id=row.id,
            person_id=row.person_id,
            what=row.what,
            offered_at=row.offered_at,
            offered_by=row.offered_by or "",
            response=OfferResponse(row.response) if row.response else None,
            responded_at=row.responded_at,
        )
        for row in rows
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class SupportCounts:
    """What those may know of support who may see no case: numbers over the whole programme."""

    open_cases: int
    contacts_late: int
    contacts_today: int
    calls_waiting: int
    calls_late: int
    calls_since: int
    offers_since: int


def support_counts(
    db: Session, viewer: Viewer, at: datetime, zone: ZoneInfo, *, since: datetime
) -> SupportCounts:
    """Count open cases, late contacts and calls, without telling whose they are."""
    moments = {"today": local_day(at, zone), "at": at, "since": since}
    with behind_the_wall(db, "those who may see no case are told how many there are"):
        row = db.execute(_counting(asker(viewer)), moments).one()
    return SupportCounts(**row._mapping)  # noqa: SLF001 — public view of a row


@lru_cache(maxsize=256)
def _counting(viewer: Viewer) -> Select[Any]:
    """Give one question for the numbers of cases, calls and offers."""
    c, i, o = SupportCase.__table__.c, InboundCall.__table__.c, SupportOffer.__table__.c
    today = bindparam("today", type_=Date)
    at, since = bindparam("at", type_=Instant), bindparam("since", type_=Instant)
    permission, waiting = "support_count:read", i.returned_at.is_(None)
    cases = select(
        func.count().label("open_cases"),
        func.count(case((c.next_contact_on < today, 1))).label("contacts_late"),
        func.count(case((c.next_contact_on == today, 1))).label("contacts_today"),
    ).where(visible(c, viewer, permission), c.status != SupportCaseStatus.CLOSED.value)
    calls = select(
        func.count(case((waiting, 1))).label("calls_waiting"),
        func.count(case((waiting & (i.call_back_due_at < at), 1))).label("calls_late"),
        func.count(case((i.called_at >= since, 1))).label("calls_since"),
    ).where(visible(i, viewer, permission))
    offers = select(func.count().label("offers_since")).where(
        visible(o, viewer, permission), o.offered_at >= since
    )
    one, two, three = cases.subquery(), calls.subquery(), offers.subquery()
    return select(one, two, three).select_from(one.join(two, true()).join(three, true()))
