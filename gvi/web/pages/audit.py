"""The audit log for the auditor: who did what to whose records, and whether the chain is whole."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response
from sqlalchemy.orm import Session

from gvi.domain.audit import AuditVerb
from gvi.domain.correction import Disputed
from gvi.domain.text import N_
from gvi.domain.time import end_of_day, start_of_day
from gvi.store.audit_check import first_bad_entry
from gvi.store.queries.audit import (
    AuditQuestion,
    AuditRow,
    audit_users,
    count_entries,
    list_entries,
    people_asked_about,
)
from gvi.store.queries.audit_entry import changes_of, is_change, one_entry
from gvi.usecases.session import BY_PROVIDER
from gvi.web.audit_words import change_line, field_called, role_called, told
from gvi.web.export import export_list
from gvi.web.forms import Form
from gvi.web.labels import label, options
from gvi.web.listing import Column, Filter, Listing, ListQuery
from gvi.web.numbers import whole_number
from gvi.web.things import THINGS, thing_called
from gvi.web.visit import Db, PageForm, ReadDb, Visit, may

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditLine:
    """One entry as the page tells it."""

    id: int
    at: datetime
    told: str
    role: str
    path: str
    fields: tuple[str, ...]
    stored_fields: tuple[str, ...]
    """The same as the database calls them."""
    person_ids: tuple[int, ...]
    all_people: tuple[int, ...]
    more_people: int
    failed: bool
    others: str
    source: str
    purpose: str


COLUMNS: tuple[Column[AuditLine], ...] = (
    Column("told", N_("Who did what"), lambda row: row.told, sortable=False),
    Column("at", N_("When"), lambda row: row.at, sortable=False),
    Column("about", N_("About"), lambda row: row.others, sortable=False),
    Column("source", N_("From, and for what"), lambda row: row.source, sortable=False),
    Column("id", N_("Entry"), lambda row: row.id, sortable=False, numeric=True),
    *(
        Column(name, label, value, shown=False)
        for name, label, value in (
            ("role", N_("Role"), lambda row: row.role),
            ("purpose", N_("What for"), lambda row: row.purpose),
            ("path", N_("Address"), lambda row: row.path),
            ("people", N_("People"), lambda row: row.all_people),
            ("fields", N_("Fields"), lambda row: row.fields),
            ("stored_fields", N_("Fields as stored"), lambda row: row.stored_fields),
        )
    ),
)
MOST_IDS = 5
KEPT = ("person", "from", "to", "first", "last")


@router.get("/audit", response_class=HTMLResponse)
def entries(visit: Annotated[Visit, may("audit:read")], db: ReadDb) -> HTMLResponse:
    """Show the log, newest first, narrowed to a person, a user, days or a kind of act."""
    form = _asked(visit)
    people = _people(db, visit, form)
    listing = _listing(db, visit, form, people)
    visit.shows("audit_entry", [row.id for row in listing.rows])
    visit.shows("person", people or ())
    checked = bool(form.value("verify"))
    return visit.render(
        "audit/list.html",
        listing=listing,
        form=form,
        people=people,
        total=count_entries(db, visit.viewer),
        is_checked=checked,
        bad_entry=first_bad_entry(db) if checked else None,
        verify_url=listing.url_with(verify="1"),
    )


@router.post("/audit/export")
def export(
    visit: Annotated[Visit, may("audit:read", fresh=True)], form: PageForm, db: Db
) -> Response:
    """Answer the entries of this question as CSV: people are numbers there too."""
    asked = _asked(visit)
    listing = _listing(db, visit, asked, _people(db, visit, asked), whole=True)
    subjects = {"audit_entry": [row.id for row in listing.rows]}
    title = visit.say(N_("The audit log"))
    return export_list(db, visit, form, listing, noun="audit", title=title, subjects=subjects)


@router.get("/audit/{entry_id}", response_class=HTMLResponse)
def entry(visit: Annotated[Visit, may("audit:read")], entry_id: int, db: ReadDb) -> HTMLResponse:
    """Show one entry: who did what to what, and what a change was from and to."""
    row = one_entry(db, visit.viewer, entry_id)
    visit.shows("audit_entry", [row.id])
    return visit.render(
        "audit/entry.html",
        line=_line(visit, row),
        row=row,
        changes=[change_line(visit, each) for each in changes_of(db, visit.viewer, row)],
        is_change=is_change(row),
        is_failed="failed" in row.detail,
    )


def _asked(visit: Visit) -> Form:
    params = visit.request.query_params
    form = Form(params.multi_items(), language=visit.viewer.language, zone=visit.zone)
    form.date("from")
    form.date("to")
    return form


def _people(db: Session, visit: Visit, form: Form) -> tuple[int, ...] | None:
    typed = form.text("person", most=200)
    return people_asked_about(db, visit.viewer, typed) if typed else None


def _listing(
    db: Session,
    visit: Visit,
    form: Form,
    people: tuple[int, ...] | None,
    *,
    whole: bool = False,
) -> Listing[AuditLine]:
    filters = _filters(db, visit)
    query = ListQuery.parse(visit.request.query_params, COLUMNS, filters)
    query = query.whole() if whole else query
    since, until = form.date("from"), form.date("to")
    user = query.filters.get("user", "")
    asked = AuditQuestion(
        person_ids=people,
        user_id=int(user) if user else None,
        verb=query.filters.get("verb", ""),
        since=start_of_day(since, visit.zone) if since else None,
        until=end_of_day(until, visit.zone) if until else None,
        thing=query.filters.get("thing", ""),
        words=query.q,
        first=whole_number(form.value("first")),
        last=whole_number(form.value("last")),
        offset=query.offset,
        limit=query.page_size,
    )
    rows, total = list_entries(db, visit.viewer, asked)
    keep = {name: form.value(name) for name in KEPT if form.value(name)}
    return Listing(
        rows=[_line(visit, row) for row in rows],
        total=total,
        query=query,
        columns=COLUMNS,
        filters=filters,
        base_url="/audit",
        keep=keep,
        may_export=True,
    )


def _filters(db: Session, visit: Visit) -> tuple[Filter, ...]:
    users = [(str(user.id), user.name) for user in audit_users(db, visit.viewer)]
    language = visit.viewer.language
    verbs = options(AuditVerb, language)
    things = sorted(((t, thing_called(t, language)) for t in THINGS), key=lambda each: each[1])
    return (
        Filter("user", N_("User"), users, any_label=N_("Everybody")),
        Filter("verb", N_("What was done"), verbs, any_label=N_("Everything")),
        Filter("thing", N_("With what"), things, any_label=N_("Everything")),
    )


def _line(visit: Visit, row: AuditRow) -> AuditLine:
    language = visit.viewer.language
    people, fields = tuple(row.subjects.get("person", ())), tuple(row.detail.get("fields", ()))
    others = [
        f"{thing_called(thing, language)}: {_numbers(ids)}"
        for thing, ids in row.subjects.items()
        if thing != "person" and ids
    ] + _disputed(visit, row)
    return AuditLine(
        id=row.id,
        at=row.at,
        told=told(
            visit, row.actor, row.verb, row.kind, by_provider=row.detail.get("by") == BY_PROVIDER
        ),
        role=role_called(visit, row.role),
        path=str(row.detail.get("path", "")),
        fields=tuple(field_called(visit, row.thing, each) for each in fields),
        stored_fields=fields,
        person_ids=people[:MOST_IDS],
        all_people=people,
        failed="failed" in row.detail,
        more_people=max(0, len(people) - MOST_IDS),
        others="; ".join(others),
        source=row.source,
        purpose=row.purpose,
    )


def _disputed(visit: Visit, row: AuditRow) -> list[str]:
    """Say what a dispute is about: the score as a whole, or one record by its number."""
    code, number = row.detail.get("disputed"), row.detail.get("disputed_id")
    if code is None:
        return []
    called = field_called(visit, "action", "disputed")
    said = label(str(code), visit.viewer.language, Disputed)
    return [f"{called}: {said}" + (f" #{number}" if number else "")]


def _numbers(ids: object) -> str:
    numbers = list(ids) if isinstance(ids, list | tuple) else []
    shown = ", ".join(f"#{number}" for number in numbers[:MOST_IDS])
    return shown if len(numbers) <= MOST_IDS else f"{shown} … ({len(numbers)})"
