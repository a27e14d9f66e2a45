"""Access beyond the table of rights: giving it, breaking the glass, reading what was opened."""

import datetime as dt
from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy.orm import Session

from gvi.domain.access import Role, grant
from gvi.domain.section import (
    BREAK_GLASS_HOURS,
    LONGEST_DAYS,
    SECTIONS,
    AccessKind,
    Section,
    openable,
)
from gvi.domain.text import N_
from gvi.store.queries.access import (
    AccessRow,
    access_to_person,
    every_access,
    my_access,
    notices_for,
    open_access,
    told_of,
)
from gvi.store.queries.person_card import person_head
from gvi.store.queries.section import section_views
from gvi.store.queries.user import Colleague, colleagues
from gvi.usecases.access import (
    break_glass,
    end_access,
    give_access,
    mark_seen,
    note_failed_try,
)
from gvi.web.forms import Form
from gvi.web.labels import label, options
from gvi.web.listing import Column, Filter, Listing, ListQuery
from gvi.web.tabs import person_tabs
from gvi.web.visit import Db, PageForm, ReadDb, Visit, attempt, done, may

router = APIRouter(include_in_schema=False)

Reader = Annotated[Visit, may("access:read")]
Giver = Annotated[Visit, may("access:give")]
Breaker = Annotated[Visit, may("break_glass:use")]

COLUMNS: tuple[Column[AccessRow], ...] = (
    Column("person", N_("Person"), lambda row: row.code_name),
    Column("user", N_("User"), lambda row: row.user),
    Column("role", N_("Role"), lambda row: row.role),
    Column("kind", N_("How"), lambda row: row.kind),
    Column("sections", N_("What"), lambda row: ", ".join(row.sections), sortable=False),
    Column("reason", N_("Why"), lambda row: row.reason, sortable=False),
    Column("given_by", N_("Given by"), lambda row: row.given_by),
    Column("given_at", N_("From"), lambda row: row.given_at),
    Column("ends_at", N_("Until"), lambda row: row.ended_at or row.ends_at),
)


@router.get("/access", response_class=HTMLResponse)
def mine(visit: Reader, db: ReadDb) -> HTMLResponse:
    """Show what was opened to the visitor, and the broken glasses the visitor was told of."""
    opened = my_access(db, visit.viewer, at=visit.now, on=visit.today)
    notices = notices_for(db, visit.viewer, at=visit.now)
    visit.shows("person", [row.person_id for row in (*opened, *notices)])
    return visit.render(
        "access/mine.html",
        opened=opened,
        notices=notices,
        may_break=visit.may("break_glass:use"),
    )


@router.get("/access/review", response_class=HTMLResponse)
def review(visit: Annotated[Visit, may("access:review")], db: ReadDb) -> HTMLResponse:
    """List every grant and broken glass, for the data protection officer."""
    kinds = Filter("kind", N_("How"), options(AccessKind, visit.viewer.language))
    query = ListQuery.parse(visit.request.query_params, COLUMNS, (kinds,), default_sort="-given_at")
    rows = every_access(db, visit.viewer, at=visit.now)
    found, total = query.apply(
        rows,
        COLUMNS,
        search=lambda row: (row.code_name, row.user, row.given_by, row.reason),
        filters={"kind": lambda row: row.kind},
    )
    listing = Listing(
        rows=found,
        total=total,
        query=query,
        columns=COLUMNS,
        filters=(kinds,),
        base_url="/access/review",
        search_label=N_("Person, user or reason"),
    )
    visit.shows("person", [row.person_id for row in found])
    broken = {row.id: told_of(db, row.id) for row in found if row.kind is AccessKind.BREAK_GLASS}
    notices = notices_for(db, visit.viewer, at=visit.now)
    visit.shows("person", [row.person_id for row in notices])
    return visit.render("access/review.html", listing=listing, told=broken, notices=notices)


@router.get("/access/{grant_id}", response_class=HTMLResponse)
def read(visit: Reader, grant_id: int, db: ReadDb) -> HTMLResponse:
    """Show the opened parts of a person's record, as long as the access is in force."""
    row = open_access(db, visit.viewer, grant_id, at=visit.now, on=visit.today)
    views = section_views(db, visit.viewer.programme_id, row.person_id, row.readable, visit.asked)
    visit.shows("person", [row.person_id])
    visit.shows("access", [row.id])
    visit.notes(sections=[section.value for section in row.readable])
    told = told_of(db, row.id) if row.kind is AccessKind.BREAK_GLASS else ()
    return visit.render("access/show.html", row=row, views=views, told=told)


@router.get("/access/{grant_id}/end", response_class=HTMLResponse)
def ask_end(visit: Reader, grant_id: int, db: ReadDb, person: int | None = None) -> HTMLResponse:
    """Ask before an access is ended."""
    row = _open_row(visit, db, grant_id, person)
    visit.shows("person", [row.person_id])
    return visit.render("access/end.html", row=row, form=visit.form(), back=_back(person))


@router.post("/access/{grant_id}/end", response_class=RedirectResponse)
def end(visit: Reader, grant_id: int, form: PageForm, db: Db) -> Response:
    """End an access before its time."""
    person = form.integer("person")
    end_access(db, visit.viewer, grant_id, at=visit.now)
    return done(_back(person), "ended")


def _open_row(visit: Visit, db: Session, grant_id: int, person: int | None) -> AccessRow:
    if person is None:
        return open_access(db, visit.viewer, grant_id, at=visit.now, on=visit.today)
    rows = access_to_person(db, visit.viewer, person, at=visit.now)
    found = [row for row in rows if row.id == grant_id and row.is_open]
    return (
        found[0] if found else open_access(db, visit.viewer, grant_id, at=visit.now, on=visit.today)
    )


def _back(person: int | None) -> str:
    return f"/people/{person}/access" if person else "/access"


@router.post("/access/{grant_id}/seen", response_class=RedirectResponse)
def seen(
    visit: Annotated[Visit, may("own_record:read")], grant_id: int, _form: PageForm, db: Db
) -> Response:
    """Say that one has seen the notice of a broken glass."""
    mark_seen(db, visit.viewer, grant_id, at=visit.now)
    return done("/access" if visit.may("access:read") else "/access/review", "done")


@router.get("/people/{person_id}/access", response_class=HTMLResponse)
def of_person(visit: Giver, person_id: int, db: ReadDb) -> HTMLResponse:
    """Show who has access to a person beyond the table, and the form to give it."""
    return _person_page(visit, db, person_id, visit.form())


@router.post("/people/{person_id}/access", response_class=RedirectResponse)
def give(visit: Giver, person_id: int, form: PageForm, db: Db) -> Response:
    """Open parts of the record to one colleague, to the end of a day."""
    user_id = form.integer("user", required=True)
    sections = form.choices("sections", Section, required=True)
    reason = form.text("reason", required=True, most=2000)
    ends_on = form.date("ends_on", required=True)
    if not form.errors:
        given = attempt(
            db,
            form,
            lambda: give_access(
                db,
                visit.viewer,
                person_id,
                user_id,
                sections,
                reason=reason,
                ends_on=ends_on,
                at=visit.now,
                zone=visit.zone,
            ),
        )
        if given is not None:
            return done(f"/people/{person_id}/access", "added")
    return _person_page(visit, db, person_id, form, status_code=422)


def _person_page(
    visit: Visit, db: Session, person_id: int, form: Form, *, status_code: int = 200
) -> HTMLResponse:
    head = person_head(db, visit.viewer, person_id, visit.asked)
    rows = access_to_person(db, visit.viewer, person_id, at=visit.now)
    visit.shows("person", [person_id])
    return visit.render(
        "access/person.html",
        status_code=status_code,
        head=head,
        rows=rows,
        tabs=person_tabs(visit, person_id, "/access"),
        form=form,
        users=_receivers(visit, db, is_child=head.is_under_18),
        sections=_offered(visit),
        longest=LONGEST_DAYS,
        usual_end=visit.today + dt.timedelta(days=14),
    )


def _receivers(visit: Visit, db: Session, *, is_child: bool) -> list[tuple[str, str]]:
    return [
        (str(each.id), _named(each, visit.viewer.language))
        for each in colleagues(db, visit.viewer)
        if each.id != visit.viewer.user_id and openable(Role(each.role), is_child=is_child)
    ]


def _named(user: Colleague, language: str) -> str:
    return f"{user.display_name}, {label(Role(user.role), language)}"


def _offered(visit: Visit) -> list[tuple[str, str, str]]:
    """Offer the parts that are the visitor's to open, each with the roles it can be opened to."""
    held = grant(visit.viewer, "access:give")
    language = visit.viewer.language
    return [
        (
            section.value,
            label(section, language),
            visit.say(
                N_("to: %(roles)s"),
                roles="; ".join(label(role, language) for role in Role if role in rule.roles),
            ),
        )
        for section, rule in SECTIONS.items()
        if held is not None and rule.side in held.compartments
    ]


@router.get("/break-glass", response_class=HTMLResponse)
def ask_break(visit: Breaker) -> HTMLResponse:
    """Ask what is needed of whom, and say what will follow."""
    return _break_page(visit, visit.form())


@router.post("/break-glass", response_class=RedirectResponse)
def break_it(visit: Breaker, form: PageForm, db: Db) -> Response:
    """Open parts of a record to oneself for some hours; those who answer for it are told."""
    called = form.text("called", required=True, most=200)
    sections = form.choices("sections", Section, required=True)
    reason = form.text("reason", required=True, most=2000)
    if not form.errors:
        opened = attempt(
            db,
            form,
            lambda: break_glass(
                db,
                visit.viewer,
                called,
                sections,
                reason=reason,
                at=visit.now,
                zone=visit.zone,
            ),
        )
        if opened is not None:
            return done(f"/access/{opened.id}", "glass_broken")
        if form.error("called"):
            note_failed_try(db, visit.viewer, at=visit.now)
    return _break_page(visit, form, status_code=422)


def _break_page(visit: Visit, form: Form, *, status_code: int = 200) -> HTMLResponse:
    language, role = visit.viewer.language, visit.viewer.role
    parts = openable(role, in_emergency=True) if role else []
    return visit.render(
        "access/break_glass.html",
        status_code=status_code,
        form=form,
        sections=[(section.value, label(section, language)) for section in parts],
        hours=BREAK_GLASS_HOURS,
    )
