"""Changing a support case: its status, its plan, its note, its needs; closing and re-opening."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy.orm import Session

from gvi.domain.errors import RuleError
from gvi.domain.support import (
    LONGEST_CONTACT_INTERVAL_DAYS,
    ClosingReason,
    NeedKind,
    NeedStatus,
    SupportCaseStatus,
    next_statuses,
)
from gvi.store.models import Need, SupportCase
from gvi.store.queries.hold import hold
from gvi.store.queries.support import CaseCard, case_card, need
from gvi.usecases.support import (
    CasePlan,
    add_need,
    change_case_status,
    change_need,
    close_case,
    reopen_case,
    replan_case,
    write_case_note,
)
from gvi.web.fact_form import opened
from gvi.web.forms import CHOOSE, Form
from gvi.web.labels import options
from gvi.web.pages.client import worker_options
from gvi.web.pages.contact import day_choices, next_day
from gvi.web.pages.support import show_page
from gvi.web.visit import Db, PageForm, ReadDb, Visit, attempt, done, may

router = APIRouter(include_in_schema=False)

Writer = Annotated[Visit, may("support:write")]


def _tried(db: Session, form: Form, act: Callable[[], object]) -> bool:
    """Tell whether the form was right and the act was done."""
    return not form.errors and attempt(db, form, act) is not None


def _card(visit: Visit, db: Session, case_id: int) -> CaseCard:
    card = case_card(db, visit.viewer, case_id, visit.now, visit.zone, permission="support:write")
    visit.shows("support_case", [card.id])
    visit.shows("person", [card.person_id])
    return card


@router.get("/support/{case_id}/status", response_class=HTMLResponse)
def ask_status(visit: Writer, case_id: int, db: ReadDb) -> HTMLResponse:
    """Ask for the new status and why."""
    form, card = visit.form(), _card(visit, db, case_id)
    form.sees(_stands(visit, card))
    return _status_page(visit, card, form)


def _stands(visit: Visit, card: CaseCard) -> Form:
    return Form.filled({"status": card.status}, language=visit.viewer.language, zone=visit.zone)


@router.post("/support/{case_id}/status", response_class=RedirectResponse)
def set_status(visit: Writer, case_id: int, form: PageForm, db: Db) -> Response:
    """Move the case to another status."""
    hold(db, SupportCase, case_id)
    card = _card(visit, db, case_id)
    form.sees(_stands(visit, card))
    status = form.choice("status", SupportCaseStatus, required=True)
    reason = form.text("reason", required=True)
    if _tried(
        db,
        form,
        lambda: change_case_status(
            db, visit.viewer, case_id, status=status, reason=reason, at=visit.now
        ),
    ):
        return done(f"/support/{case_id}")
    return _status_page(visit, card, form, status_code=422)


def _status_page(visit: Visit, card: CaseCard, form: Form, status_code: int = 200) -> HTMLResponse:
    return visit.render(
        "support/status.html",
        status_code=status_code,
        card=card,
        form=form,
        statuses=options(next_statuses(card.status), visit.viewer.language),
    )


@router.get("/support/{case_id}/plan", response_class=HTMLResponse)
def ask_plan(visit: Writer, case_id: int, db: ReadDb) -> HTMLResponse:
    """Ask who works with the person, how often, and when next."""
    card = _card(visit, db, case_id)
    return _plan_page(visit, db, card, _stored_plan(visit, card))


def _stored_plan(visit: Visit, card: CaseCard) -> Form:
    return Form.filled(
        {
            "owner": card.owner_id,
            "interval_days": card.interval_days,
            "next_contact_on": card.next_contact_on,
        },
        language=visit.viewer.language,
        zone=visit.zone,
    )


@router.post("/support/{case_id}/plan", response_class=RedirectResponse)
def set_plan(visit: Writer, case_id: int, form: PageForm, db: Db) -> Response:
    """Change the plan; a moved day or a new worker needs a reason."""
    hold(db, SupportCase, case_id)
    card = _card(visit, db, case_id)
    form.sees(_stored_plan(visit, card))
    interval = form.integer(
        "interval_days", required=True, least=1, most=LONGEST_CONTACT_INTERVAL_DAYS
    )
    day = form.date("next_contact_on", required=True)
    owner = form.integer("owner") or card.owner_id
    if not form.errors:
        plan = CasePlan(owner_id=owner, interval_days=interval, next_contact_on=day)
        if _tried(
            db,
            form,
            lambda: replan_case(
                db,
                visit.viewer,
                case_id,
                plan,
                reason=form.text("reason"),
                at=visit.now,
                zone=visit.zone,
            ),
        ):
            return done(f"/support/{case_id}")
    return _plan_page(visit, db, card, form, status_code=422)


def _plan_page(
    visit: Visit, db: Session, card: CaseCard, form: Form, status_code: int = 200
) -> HTMLResponse:
    return visit.render(
        "support/plan.html",
        status_code=status_code,
        card=card,
        form=form,
        workers=worker_options(visit, db) if visit.may("client:assign") else [],
    )


@router.get("/support/{case_id}/close", response_class=HTMLResponse)
def ask_close(visit: Writer, case_id: int, db: ReadDb) -> HTMLResponse:
    """Ask why, before a case is closed."""
    card = _card(visit, db, case_id)
    return _close_page(visit, card, opened(visit, _stands(visit, card), "support_cases"))


@router.post("/support/{case_id}/close", response_class=RedirectResponse)
def close(visit: Writer, case_id: int, form: PageForm, db: Db) -> Response:
    """Close the case."""
    hold(db, SupportCase, case_id)
    card = _card(visit, db, case_id)
    form.acts_on(_stands(visit, card), "support_cases")
    closing_reason = form.choice("closing_reason", ClosingReason, required=True)
    if _tried(
        db,
        form,
        lambda: close_case(
            db,
            visit.viewer,
            case_id,
            closing_reason=closing_reason,
            reason=form.text("reason"),
            at=visit.now,
        ),
    ):
        return done(f"/support/{case_id}", "ended")
    return _close_page(visit, card, form, status_code=422)


def _close_page(visit: Visit, card: CaseCard, form: Form, status_code: int = 200) -> HTMLResponse:
    return visit.render(
        "support/close.html",
        status_code=status_code,
        card=card,
        form=form,
        reasons=options(ClosingReason, visit.viewer.language),
    )


@router.get("/support/{case_id}/reopen", response_class=HTMLResponse)
def ask_reopen(visit: Writer, case_id: int, db: ReadDb) -> HTMLResponse:
    """Ask why a closed case is opened again, and when to meet."""
    card = _card(visit, db, case_id)
    return _reopen_page(visit, card, opened(visit, _stands(visit, card), "support_cases"))


@router.post("/support/{case_id}/reopen", response_class=RedirectResponse)
def reopen(visit: Writer, case_id: int, form: PageForm, db: Db) -> Response:
    """Open the case again."""
    hold(db, SupportCase, case_id)
    card = _card(visit, db, case_id)
    form.acts_on(_stands(visit, card), "support_cases")
    day, reason = next_day(visit, form), form.text("reason", required=True)
    if _tried(
        db,
        form,
        lambda: reopen_case(
            db,
            visit.viewer,
            case_id,
            reason=reason,
            next_contact_on=day,
            at=visit.now,
            zone=visit.zone,
        ),
    ):
        return done(f"/support/{case_id}")
    return _reopen_page(visit, card, form, status_code=422)


def _reopen_page(visit: Visit, card: CaseCard, form: Form, status_code: int = 200) -> HTMLResponse:
    return visit.render(
        "support/reopen.html",
        status_code=status_code,
        card=card,
        form=form,
        days=day_choices(visit, card.interval_days),
    )


@router.get("/support/{case_id}/note", response_class=HTMLResponse)
def ask_note(
    visit: Annotated[Visit, may("support_note:read")], case_id: int, db: ReadDb
) -> HTMLResponse:
    """Show the case's note for changing."""
    card = _card(visit, db, case_id)
    return visit.render("support/note.html", card=card, form=_stored_note(visit, card))


def _stored_note(visit: Visit, card: CaseCard) -> Form:
    return Form.filled({"note": card.note}, language=visit.viewer.language, zone=visit.zone)


@router.post("/support/{case_id}/note", response_class=RedirectResponse)
def set_note(
    visit: Annotated[Visit, may("support_note:read")], case_id: int, form: PageForm, db: Db
) -> Response:
    """Keep the case's note."""
    hold(db, SupportCase, case_id)
    card, note = _card(visit, db, case_id), form.text("note")
    form.sees(_stored_note(visit, card))
    if not form.errors:
        write_case_note(db, visit.viewer, case_id, note=note, at=visit.now)
        return done(f"/support/{case_id}")
    return visit.render("support/note.html", status_code=422, card=card, form=form)


@router.get("/support/{case_id}/needs/new", response_class=HTMLResponse)
def ask_need(visit: Writer, case_id: int, db: ReadDb) -> HTMLResponse:
    """Ask what the person needs help with."""
    return _need_page(visit, _card(visit, db, case_id), visit.form())


@router.post("/support/{case_id}/needs/new", response_class=RedirectResponse)
def set_need(visit: Writer, case_id: int, form: PageForm, db: Db) -> Response:
    """Add a need to the case."""
    card = _card(visit, db, case_id)
    kind = form.choice("kind", NeedKind, required=True)
    if _tried(
        db,
        form,
        lambda: add_need(
            db,
            visit.viewer,
            case_id,
            kind=kind,
            note=form.text("note"),
            at=visit.now,
            zone=visit.zone,
        ),
    ):
        return done(f"/support/{case_id}", "added")
    return _need_page(visit, card, form, status_code=422)


def _need_page(visit: Visit, card: CaseCard, form: Form, status_code: int = 200) -> HTMLResponse:
    return visit.render(
        "support/need.html",
        status_code=status_code,
        card=card,
        form=form,
        kinds=options(NeedKind, visit.viewer.language),
        may_note=visit.may("support_note:read"),
    )


@router.post("/needs/{need_id}/status", response_class=RedirectResponse)
def set_need_status(visit: Writer, need_id: int, form: PageForm, db: Db) -> Response:
    """Say where a need stands, from its row on the case's page."""
    hold(db, Need, need_id)
    row = need(db, visit.viewer, need_id, visit.today)
    language = visit.viewer.language
    form.acts_on(Form.filled({"status": row.status}, language=language), "needs")
    if form.is_stale:
        return show_page(visit, db, row.case_id, form)
    status = form.choice("status", NeedStatus, required=True)
    if form.errors:
        raise RuleError(CHOOSE, field="status")
    case = change_need(db, visit.viewer, need_id, status=status, at=visit.now)
    return done(f"/support/{case.id}")
