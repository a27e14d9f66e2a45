"""Requests to disclose: logging one, seeing it, refusing it; the answer is a disclosure."""

import datetime as dt
from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy.orm import Session

from gvi.domain.access import Role
from gvi.domain.disclosure import Party, side_of
from gvi.store.queries.disclosure_request import request
from gvi.store.queries.person_card import person_head
from gvi.store.queries.user import colleagues
from gvi.usecases.disclosure_request import log_request, refuse_request
from gvi.web.forms import Form
from gvi.web.labels import label, options
from gvi.web.visit import Db, PageForm, ReadDb, Visit, attempt, done, may

router = APIRouter(include_in_schema=False)

Reader = Annotated[Visit, may("disclosure_request:read")]
Writer = Annotated[Visit, may("disclosure_request:write")]

USUAL_DAYS_TO_ANSWER = 7


@router.get("/people/{person_id}/disclosure-requests/new", response_class=HTMLResponse)
def ask_new(visit: Writer, person_id: int, db: ReadDb) -> HTMLResponse:
    """Ask who wants to know what, and by when."""
    form = Form.filled(
        {
            "received_at": visit.now,
            "due_at": visit.now + dt.timedelta(days=USUAL_DAYS_TO_ANSWER),
            "owner": visit.viewer.user_id,
            "party": Party.POLICE if side_of(visit.viewer.role) is not Party.POLICE else None,
        },
        language=visit.viewer.language,
        zone=visit.zone,
    )
    return _new_page(visit, db, person_id, form)


@router.post("/people/{person_id}/disclosure-requests/new", response_class=RedirectResponse)
def add(visit: Writer, person_id: int, form: PageForm, db: Db) -> Response:
    """Log a request."""
    party = form.choice("party", Party, required=True)
    asked_by = form.text("asked_by", required=True, most=200)
    organisation = form.text("organisation", required=True, most=200)
    asked_for = form.text("asked_for", required=True, most=5000)
    received_at = form.moment("received_at", required=True)
    due_at = form.moment("due_at", required=True)
    owner_id = form.integer("owner", required=True)
    if not form.errors:
        made = attempt(
            db,
            form,
            lambda: log_request(
                db,
                visit.viewer,
                person_id,
                party=party,
                asked_by=asked_by,
                organisation=organisation,
                asked_for=asked_for,
                received_at=received_at,
                due_at=due_at,
                owner_id=owner_id,
                at=visit.now,
            ),
        )
        if made is not None:
            return done(f"/disclosure-requests/{made.id}", "added")
    return _new_page(visit, db, person_id, form, status_code=422)


def _new_page(
    visit: Visit, db: Session, person_id: int, form: Form, *, status_code: int = 200
) -> HTMLResponse:
    head = person_head(db, visit.viewer, person_id, visit.asked)
    visit.shows("person", [person_id])
    language, side = visit.viewer.language, side_of(visit.viewer.role)
    return visit.render(
        "disclosure_request/new.html",
        status_code=status_code,
        head=head,
        form=form,
        parties=options([each for each in Party if each is not side], language),
        owners=[
            (str(each.id), f"{each.display_name}, {label(Role(each.role), language)}")
            for each in colleagues(db, visit.viewer)
            if side_of(Role(each.role)) is side and Role(each.role) is not Role.ANALYST
        ],
    )


@router.get("/disclosure-requests/{request_id}", response_class=HTMLResponse)
def show(visit: Reader, request_id: int, db: ReadDb) -> HTMLResponse:
    """Show a request, with the way to answer it and the form to refuse it."""
    return _show_page(visit, db, request_id, visit.form())


@router.post("/disclosure-requests/{request_id}/refuse", response_class=RedirectResponse)
def refuse(visit: Writer, request_id: int, form: PageForm, db: Db) -> Response:
    """Refuse a request, with the reason."""
    reason = form.text("reason", required=True, most=5000)
    if not form.errors:
        made = attempt(
            db,
            form,
            lambda: refuse_request(db, visit.viewer, request_id, reason=reason, at=visit.now),
        )
        if made is not None:
            return done(f"/disclosure-requests/{request_id}", "refused")
    return _show_page(visit, db, request_id, form, status_code=422)


def _show_page(
    visit: Visit, db: Session, request_id: int, form: Form, *, status_code: int = 200
) -> HTMLResponse:
    row = request(db, visit.viewer, request_id, at=visit.now, day=visit.today)
    visit.shows("person", [row.person_id])
    visit.shows("disclosure_request", [row.id])
    return visit.render("disclosure_request/show.html", status_code=status_code, row=row, form=form)
