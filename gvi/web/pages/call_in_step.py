"""The steps of a call-in's life: forward one by one, to another time, or called off."""

from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy.orm import Session

from gvi.domain.call_in import CallInStatus
from gvi.store.models import CallIn
from gvi.store.queries.call_in import call_in_card
from gvi.store.queries.hold import hold
from gvi.usecases.call_in import advance_call_in, cancel_call_in, postpone_call_in
from gvi.web.call_in_stands import stands
from gvi.web.fact_form import opened
from gvi.web.forms import Form
from gvi.web.pages.call_in import show_page
from gvi.web.visit import Db, PageForm, ReadDb, Visit, attempt, done, may

router = APIRouter(include_in_schema=False)

Writer = Annotated[Visit, may("call_in:write")]


def _opened(visit: Visit, db: Session, call_in_id: int) -> Form:
    return opened(visit, stands(visit, call_in_card(db, visit.viewer, call_in_id)), "call_ins")


def _acts(visit: Visit, db: Session, call_in_id: int, form: Form) -> None:
    """Hold a step to the call-in its reader saw."""
    hold(db, CallIn, call_in_id)
    form.acts_on(stands(visit, call_in_card(db, visit.viewer, call_in_id)), "call_ins")


@router.post("/call-ins/{call_in_id}/step", response_class=RedirectResponse)
def step(visit: Writer, call_in_id: int, form: PageForm, db: Db) -> Response:
    """Take the call-in one step on."""
    _acts(visit, db, call_in_id, form)
    to = form.choice("to", CallInStatus, required=True)
    note = form.text("note", most=2000)
    if not form.errors:
        call_in = attempt(
            db,
            form,
            lambda: advance_call_in(
                db, visit.viewer, call_in_id, to=to, at=visit.now, zone=visit.zone, note=note
            ),
        )
        if call_in is not None:
            return done(f"/call-ins/{call_in_id}", "decided")
    return show_page(visit, db, call_in_id, form, status_code=422)


@router.get("/call-ins/{call_in_id}/postpone", response_class=HTMLResponse)
def ask_postpone(visit: Writer, call_in_id: int, db: ReadDb) -> HTMLResponse:
    """Ask for the new time and why."""
    form = _opened(visit, db, call_in_id)
    return _postpone_page(visit, db, call_in_id, form)


@router.post("/call-ins/{call_in_id}/postpone", response_class=RedirectResponse)
def postpone(visit: Writer, call_in_id: int, form: PageForm, db: Db) -> Response:
    """Move it, and what follows it."""
    _acts(visit, db, call_in_id, form)
    starts_at = form.moment("starts_at", required=True)
    reason = form.text("reason", required=True, most=2000)
    if not form.errors:
        call_in = attempt(
            db,
            form,
            lambda: postpone_call_in(
                db,
                visit.viewer,
                call_in_id,
                starts_at=starts_at,
                reason=reason,
                at=visit.now,
                zone=visit.zone,
            ),
        )
        if call_in is not None:
            return done(f"/call-ins/{call_in_id}", "moved")
    return _postpone_page(visit, db, call_in_id, form, status_code=422)


def _postpone_page(
    visit: Visit, db: Session, call_in_id: int, form: Form, *, status_code: int = 200
) -> HTMLResponse:
    card = call_in_card(db, visit.viewer, call_in_id)
    visit.shows("call_in", [card.id])
    return visit.render("call_in/postpone.html", status_code=status_code, card=card, form=form)


@router.get("/call-ins/{call_in_id}/cancel", response_class=HTMLResponse)
def ask_cancel(visit: Writer, call_in_id: int, db: ReadDb) -> HTMLResponse:
    """Ask whether it is really called off, and why."""
    form = _opened(visit, db, call_in_id)
    return _cancel_page(visit, db, call_in_id, form)


@router.post("/call-ins/{call_in_id}/cancel", response_class=RedirectResponse)
def cancel(visit: Writer, call_in_id: int, form: PageForm, db: Db) -> Response:
    """Call it off."""
    _acts(visit, db, call_in_id, form)
    reason = form.text("reason", required=True, most=2000)
    if not form.errors:
        call_in = attempt(
            db,
            form,
            lambda: cancel_call_in(db, visit.viewer, call_in_id, reason=reason, at=visit.now),
        )
        if call_in is not None:
            return done(f"/call-ins/{call_in_id}", "decided")
    return _cancel_page(visit, db, call_in_id, form, status_code=422)


def _cancel_page(
    visit: Visit, db: Session, call_in_id: int, form: Form, *, status_code: int = 200
) -> HTMLResponse:
    card = call_in_card(db, visit.viewer, call_in_id)
    visit.shows("call_in", [card.id])
    return visit.render("call_in/cancel.html", status_code=status_code, card=card, form=form)
