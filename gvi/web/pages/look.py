"""Who looked at this person: day by day, in which role, at what, what for and from where."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response
from sqlalchemy.orm import Session

from gvi.domain.text import N_
from gvi.domain.time import local_day
from gvi.store.queries.own_record import looks_at_person
from gvi.store.queries.person_card import person_head
from gvi.web.audit_words import role_called, told
from gvi.web.context import NavItem
from gvi.web.export import export_list
from gvi.web.listing import Column, Listing, ListQuery
from gvi.web.tabs import person_tabs
from gvi.web.visit import Db, PageForm, ReadDb, Visit, may

router = APIRouter(include_in_schema=False)

Reader = Annotated[Visit, may("look:list")]
Exporter = Annotated[Visit, may("look:list", fresh=True)]


@dataclass(frozen=True, slots=True, kw_only=True)
class LookLine:
    """One look, as the page tells it."""

    id: int
    at: datetime
    who: str
    role: str
    told: str
    purpose: str
    source: str


COLUMNS: tuple[Column[LookLine], ...] = (
    Column("at", N_("When"), lambda row: row.at, sortable=False),
    Column("who", N_("Who"), lambda row: row.who, sortable=False),
    Column("role", N_("Role"), lambda row: row.role, sortable=False),
    Column("told", N_("What"), lambda row: row.told, sortable=False),
    Column("purpose", N_("What for"), lambda row: row.purpose, sortable=False),
    Column("source", N_("From where"), lambda row: row.source, sortable=False),
    Column("id", N_("Entry"), lambda row: row.id, sortable=False, numeric=True),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """The looks of one local day."""

    on: date
    looks: Sequence[LookLine]


@router.get("/people/{person_id}/looks", response_class=HTMLResponse)
def looks(visit: Reader, person_id: int, db: ReadDb) -> HTMLResponse:
    """Show who looked at a person, latest first, grouped by day."""
    listing = _listing(db, visit, person_id)
    visit.shows("person", [person_id])
    called, tabs = _called(db, visit, person_id)
    days = [
        Day(on=on, looks=list(lines))
        for on, lines in groupby(listing.rows, key=lambda row: local_day(row.at, visit.zone))
    ]
    return visit.render(
        "person/looks.html",
        listing=listing,
        days=days,
        person_id=person_id,
        called=called,
        tabs=tabs,
        is_owner=visit.may("person:read"),
    )


@router.post("/people/{person_id}/looks/export")
def export(visit: Exporter, person_id: int, form: PageForm, db: Db) -> Response:
    """Answer everything on record about who looked at a person as CSV."""
    listing = _listing(db, visit, person_id, whole=True)
    title = visit.say(N_("Who looked at person #%(number)s"), number=person_id)
    subjects = {"person": [person_id]}
    return export_list(db, visit, form, listing, noun="look", title=title, subjects=subjects)


def _called(db: Session, visit: Visit, person_id: int) -> tuple[str, tuple[NavItem, ...]]:
    """Name the person as the visitor may know it: the auditor knows the number alone."""
    if not visit.may("person:read"):
        return f"#{person_id}", ()
    head = person_head(db, visit.viewer, person_id, visit.asked)
    return head.called, person_tabs(visit, person_id, "/looks")


def _listing(
    db: Session, visit: Visit, person_id: int, *, whole: bool = False
) -> Listing[LookLine]:
    query = ListQuery.parse(visit.request.query_params, COLUMNS)
    query = query.whole() if whole else query
    rows, total = looks_at_person(
        db, visit.viewer, person_id, offset=query.offset, limit=query.page_size
    )
    lines = [
        LookLine(
            id=row.id,
            at=row.at,
            who=row.actor,
            role=role_called(visit, row.role),
            told=told(visit, row.actor, row.verb, row.kind),
            purpose=row.purpose,
            source=row.source,
        )
        for row in rows
    ]
    return Listing(
        rows=lines,
        total=total,
        query=query,
        columns=COLUMNS,
        base_url=f"/people/{person_id}/looks",
        may_export=True,
    )
