"""Calls to the number on the card: the list, one call, logging one, returning it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy.orm import Session

from gvi.domain.support import HeardThrough
from gvi.domain.text import N_
from gvi.store.models import InboundCall
from gvi.store.queries.changes import changes_of
from gvi.store.queries.client import own_clients, person_choice
from gvi.store.queries.hold import hold
from gvi.store.queries.inbound_call import CallRow, calls, inbound_call
from gvi.usecases.inbound_call import (
    hand_over_call,
    link_call,
    log_call,
    move_call_back,
    return_call,
    undo_return,
)
from gvi.web.export import export_list
from gvi.web.fact_form import opened
from gvi.web.forms import Form
from gvi.web.labels import options
from gvi.web.listing import Column, Filter, Listing, ListQuery
from gvi.web.pages.client import choose_person, worker_options
from gvi.web.visit import Db, PageForm, ReadDb, Visit, attempt, done, may

router = APIRouter(include_in_schema=False)

Reader = Annotated[Visit, may("inbound_call:read")]
Writer = Annotated[Visit, may("inbound_call:write")]

COLUMNS: tuple[Column[CallRow], ...] = (
    Column("caller", N_("Who rang"), lambda row: row.name),
    Column("called", N_("When"), lambda row: row.called_at),
    Column("through", N_("Heard through"), lambda row: row.heard_through),
    Column("due", N_("Call back"), lambda row: row.call_back_due_at),
    Column("owner", N_("Who rings back"), lambda row: row.owner),
)

_WAITING, _RETURNED = "waiting", "returned"


@router.get("/calls", response_class=HTMLResponse)
def list_calls(visit: Reader, db: ReadDb) -> HTMLResponse:
    """List the calls, those that wait first."""
    every = calls(db, visit.viewer, visit.now, visit.zone)
    listing = _listing(visit, every)
    _show_all(visit, listing.rows)
    return visit.render(
        "inbound_call/list.html",
        listing=listing,
        answer=_answer(visit, every),
        may_log=visit.may("inbound_call:write"),
    )


@router.post("/calls/export")
def export(visit: Annotated[Visit, may("list:export")], form: PageForm, db: Db) -> Response:
    """Export the calls of this question, without notes."""
    every = calls(db, visit.viewer, visit.now, visit.zone)
    listing = _listing(visit, every, whole=True)
    return export_list(
        db,
        visit,
        form,
        listing,
        noun="inbound_call",
        title=visit.say(N_("Calls")),
        subjects={
            "inbound_call": [row.id for row in listing.rows],
            "person": [row.person_id for row in listing.rows if row.person_id is not None],
        },
    )


def _show_all(visit: Visit, rows: Sequence[CallRow]) -> None:
    visit.shows("inbound_call", [row.id for row in rows])
    visit.shows("person", [row.person_id for row in rows if row.person_id is not None])


def _listing(visit: Visit, every: tuple[CallRow, ...], *, whole: bool = False) -> Listing[CallRow]:
    filters = (
        Filter(
            "state",
            N_("State"),
            [(_WAITING, visit.say(N_("Waiting"))), (_RETURNED, visit.say(N_("Returned")))],
        ),
        Filter("through", N_("Heard through"), options(HeardThrough, visit.viewer.language)),
    )
    query = ListQuery.parse(visit.request.query_params, COLUMNS, filters)
    rows, total = (query.whole() if whole else query).apply(
        every,
        COLUMNS,
        search=lambda row: (row.name, row.caller),
        filters={
            "state": lambda row: _WAITING if row.is_waiting else _RETURNED,
            "through": lambda row: row.heard_through,
        },
    )
    return Listing(
        rows=rows,
        total=total,
        query=query,
        columns=COLUMNS,
        filters=filters,
        base_url="/calls",
        may_export=visit.may("list:export"),
        search_label=N_("Name or number"),
    )


def _answer(visit: Visit, every: tuple[CallRow, ...]) -> str:
    waiting = sum(row.is_waiting for row in every)
    if not waiting:
        return visit.say(N_("Nobody waits for a call."))
    late = sum(row.is_late for row in every)
    return visit.say_plural(
        "%(num)s caller waits, %(late)s of them for longer than 24 hours.",
        "%(num)s callers wait, %(late)s of them for longer than 24 hours.",
        waiting,
        late=late,
    )


@router.get("/calls/new", response_class=HTMLResponse)
def new(visit: Writer, db: ReadDb) -> HTMLResponse:
    """Ask for one call."""
    return _new_page(visit, db, visit.form())


@router.post("/calls/new", response_class=RedirectResponse)
def create(visit: Writer, form: PageForm, db: Db) -> Response:
    """Log the call and lead back to the calls."""
    heard_through = form.choice("heard_through", HeardThrough, required=True)
    called_at = form.moment("called_at") or visit.now
    person, owner = form.integer("person"), form.integer("owner")
    if not form.errors:
        logged = attempt(
            db,
            form,
            lambda: log_call(
                db,
                visit.viewer,
                heard_through=heard_through,
                called_at=called_at,
                caller=form.text("caller", most=200),
                person_id=person,
                owner_id=owner,
                note=form.text("note"),
                at=visit.now,
                zone=visit.zone,
            ),
        )
        if logged is not None:
            return done("/calls", "added")
    return _new_page(visit, db, form, status_code=422)


def _new_page(visit: Visit, db: Session, form: Form, status_code: int = 200) -> HTMLResponse:
    clients = own_clients(db, visit.viewer, on=visit.today)
    visit.shows("person", [client.id for client in clients])
    return visit.render(
        "inbound_call/new.html",
        status_code=status_code,
        form=form,
        through=options(HeardThrough, visit.viewer.language),
        clients=[(str(client.id), client.name) for client in clients],
        workers=worker_options(visit, db),
        usual_worker=str(visit.viewer.user_id),
        may_note=visit.may("support_note:read"),
    )


@router.get("/calls/{call_id}", response_class=HTMLResponse)
def show(visit: Reader, call_id: int, db: ReadDb) -> HTMLResponse:
    """Show one call, and what became of it."""
    row = inbound_call(db, visit.viewer, call_id, visit.now, visit.zone)
    return _page(visit, db, call_id, opened(visit, _stands(visit, row), "inbound_calls"))


def _stands(visit: Visit, row: CallRow) -> Form:
    """Give what an act on a call is about: whose it is, who rings back and when."""
    values = {
        "person_id": row.person_id,
        "owner_id": row.owner_id,
        "call_back_due_at": row.call_back_due_at,
        "returned_at": row.returned_at,
    }
    return Form.filled(values, language=visit.viewer.language, zone=visit.zone)


def _acts(visit: Visit, db: Session, call_id: int, form: Form) -> None:
    """Hold an act to the call its reader saw."""
    hold(db, InboundCall, call_id)
    row = inbound_call(db, visit.viewer, call_id, visit.now, visit.zone)
    form.acts_on(_stands(visit, row), "inbound_calls")


def _page(
    visit: Visit, db: Session, call_id: int, form: Form, status_code: int = 200
) -> HTMLResponse:
    row = inbound_call(db, visit.viewer, call_id, visit.now, visit.zone)
    _show_all(visit, [row])
    may_write = visit.may("inbound_call:write")
    return visit.render(
        "inbound_call/show.html",
        status_code=status_code,
        call=row,
        form=form,
        history=changes_of(db, visit.viewer, "inbound_call", row.id, visit.zone),
        workers=worker_options(visit, db) if may_write else [],
        may_write=may_write,
        may_open=visit.may("support:write"),
    )


@router.post("/calls/{call_id}/returned", response_class=RedirectResponse)
def returned(visit: Writer, call_id: int, form: PageForm, db: Db) -> Response:
    """Say that the call has been returned; stay where one was."""
    _acts(visit, db, call_id, form)
    if form.errors:
        return _page(visit, db, call_id, form)
    return_call(db, visit.viewer, call_id, at=visit.now)
    places = {"my-people": "/my-people", "due": "/due", "calls": "/calls"}
    return done(places.get(form.value("back"), f"/calls/{call_id}"), "returned")


@router.post("/calls/{call_id}/undo", response_class=RedirectResponse)
def undo(visit: Writer, call_id: int, form: PageForm, db: Db) -> Response:
    """Say that the call was not returned after all."""
    _acts(visit, db, call_id, form)
    if form.errors:
        return _page(visit, db, call_id, form)
    undo_return(db, visit.viewer, call_id, at=visit.now)
    return done(f"/calls/{call_id}", "undone")


@router.post("/calls/{call_id}/move", response_class=RedirectResponse)
def move(visit: Writer, call_id: int, form: PageForm, db: Db) -> Response:
    """Move the call-back to another time, with a reason."""
    _acts(visit, db, call_id, form)
    due_at: datetime = form.moment("due_at", required=True)
    if not form.errors:
        moved = attempt(
            db,
            form,
            lambda: move_call_back(
                db,
                visit.viewer,
                call_id,
                due_at=due_at,
                reason=form.text("reason"),
                at=visit.now,
            ),
        )
        if moved is not None:
            return done(f"/calls/{call_id}", "moved")
    return _page(visit, db, call_id, form, status_code=422)


@router.post("/calls/{call_id}/owner", response_class=RedirectResponse)
def hand_over(visit: Writer, call_id: int, form: PageForm, db: Db) -> Response:
    """Give the call to somebody else to return."""
    _acts(visit, db, call_id, form)
    owner = form.integer("owner", required=True)
    if not form.errors:
        handed = attempt(
            db,
            form,
            lambda: hand_over_call(
                db,
                visit.viewer,
                call_id,
                owner_id=owner,
                reason="",
                at=visit.now,
            ),
        )
        if handed is not None:
            return done("/calls")
    return _page(visit, db, call_id, form, status_code=422)


@router.get("/calls/{call_id}/person", response_class=HTMLResponse)
def ask_person(visit: Writer, call_id: int, db: ReadDb, person: int | None = None) -> HTMLResponse:
    """Ask whom the call was from or about; a chosen person is confirmed by a button."""
    row = inbound_call(db, visit.viewer, call_id, visit.now, visit.zone)
    _show_all(visit, [row])
    if person is None:
        return choose_person(
            visit,
            db,
            title=visit.say(N_("Whose call was it?")),
            target=f"/calls/{call_id}/person",
            keep={},
        )
    chosen = person_choice(db, visit.viewer, person, on=visit.today)
    visit.shows("person", [chosen.id])
    form = opened(visit, _stands(visit, row), "inbound_calls")
    return visit.render("inbound_call/link.html", call=row, person=chosen, form=form)


@router.post("/calls/{call_id}/person", response_class=RedirectResponse)
def link(visit: Writer, call_id: int, form: PageForm, db: Db) -> Response:
    """Link the call to the person."""
    _acts(visit, db, call_id, form)
    person_id = form.integer("person", required=True)
    if form.errors:
        return _page(visit, db, call_id, form)
    link_call(db, visit.viewer, call_id, person_id=person_id, at=visit.now, zone=visit.zone)
    return done(f"/calls/{call_id}")
