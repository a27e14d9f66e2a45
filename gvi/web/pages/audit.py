"""The audit log for the auditor: who did what to whose records, and whether the chain is whole."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from sqlalchemy.orm import Session

from gvi.domain.audit import AuditVerb
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
from gvi.web.audit_words import role_called, told
from gvi.web.forms import Form
from gvi.web.labels import options
from gvi.web.listing import Column, Filter, Listing, ListQuery
from gvi.web.things import thing_called
from gvi.web.visit import ReadDb, Visit, may

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditLine:
    """One entry as the page tells it."""

    id: int
    at: datetime
    told: str
    role: str
    path: str
    fields: str
    person_ids: tuple[int, ...]
    more_people: int
    others: str
    source: str
    purpose: str


COLUMNS: tuple[Column[AuditLine], ...] = (
    Column("told", N_("Who did what"), lambda row: row.told, sortable=False),
    Column("at", N_("When"), lambda row: row.at, sortable=False),
    Column("about", N_("About"), lambda row: row.others, sortable=False),
    Column("source", N_("From, and for what"), lambda row: row.source, sortable=False),
    Column("id", N_("Entry"), lambda row: row.id, sortable=False, numeric=True),
)
MOST_IDS = 5


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
    db: Session, visit: Visit, form: Form, people: tuple[int, ...] | None
) -> Listing[AuditLine]:
    filters = _filters(db, visit)
    query = ListQuery.parse(visit.request.query_params, COLUMNS, filters)
    since, until = form.date("from"), form.date("to")
    user = query.filters.get("user", "")
    asked = AuditQuestion(
        person_ids=people,
        user_id=int(user) if user else None,
        verb=query.filters.get("verb", ""),
        since=start_of_day(since, visit.zone) if since else None,
        until=end_of_day(until, visit.zone) if until else None,
        offset=query.offset,
        limit=query.page_size,
    )
    rows, total = list_entries(db, visit.viewer, asked)
    keep = {name: form.value(name) for name in ("person", "from", "to") if form.value(name)}
    return Listing(
        rows=[_line(visit, row) for row in rows],
        total=total,
        query=query,
        columns=COLUMNS,
        filters=filters,
        base_url="/audit",
        keep=keep,
    )


def _filters(db: Session, visit: Visit) -> tuple[Filter, ...]:
    users = [(str(user.id), user.name) for user in audit_users(db, visit.viewer)]
    verbs = options(AuditVerb, visit.viewer.language)
    return (
        Filter("user", N_("User"), users, any_label=N_("Everybody")),
        Filter("verb", N_("What was done"), verbs, any_label=N_("Everything")),
    )


def _line(visit: Visit, row: AuditRow) -> AuditLine:
    language = visit.viewer.language
    people = tuple(row.subjects.get("person", ()))
    others = [
        f"{thing_called(thing, language)}: {_numbers(ids)}"
        for thing, ids in row.subjects.items()
        if thing != "person" and ids
    ]
    return AuditLine(
        id=row.id,
        at=row.at,
        told=told(visit, row.actor, row.verb, row.kind),
        role=role_called(visit, row.role),
        path=str(row.detail.get("path", "")),
        fields=", ".join(row.detail.get("fields", ())),
        person_ids=people[:MOST_IDS],
        more_people=max(0, len(people) - MOST_IDS),
        others="; ".join(others),
        source=row.source,
        purpose=row.purpose,
    )


def _numbers(ids: object) -> str:
    numbers = list(ids) if isinstance(ids, list | tuple) else []
    shown = ", ".join(f"#{number}" for number in numbers[:MOST_IDS])
    return shown if len(numbers) <= MOST_IDS else f"{shown} … ({len(numbers)})"
