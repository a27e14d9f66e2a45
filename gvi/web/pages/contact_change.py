"""Correcting a contact one logged oneself, and withdrawing one that never was."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy.orm import Session

from gvi.domain.errors import NotFoundError
from gvi.domain.support import ContactMode, ContactOutcome
from gvi.domain.text import N_
from gvi.store.models import Contact
from gvi.store.queries.contact import ContactRow, own_contact
from gvi.store.queries.hold import hold
from gvi.store.queries.support import CaseCard, case_card
from gvi.usecases.contact import MOST_MINUTES
from gvi.usecases.contact_change import Said, correct_contact, withdraw_contact
from gvi.web.forms import Form
from gvi.web.labels import options
from gvi.web.visit import Db, PageForm, ReadDb, Visit, attempt, done, may

router = APIRouter(include_in_schema=False)

Worker = Annotated[Visit, may("contact:write")]


@router.get("/support/{case_id}/contacts/{contact_id}/edit", response_class=HTMLResponse)
def edit(visit: Worker, case_id: int, contact_id: int, db: ReadDb) -> HTMLResponse:
    """Show one's own contact for correcting."""
    card, contact = _own(visit, db, case_id, contact_id)
    return _edit_page(visit, card, contact, _stored(visit, contact))


def _stored(visit: Visit, contact: ContactRow) -> Form:
    values: dict[str, object] = {
        "mode": contact.mode,
        "outcome": contact.outcome,
        "contacted_at": contact.contacted_at,
        "minutes": contact.minutes,
        "note": contact.note,
        "next_contact_on": contact.next_contact_on,
    }
    return Form.filled(values, language=visit.viewer.language, zone=visit.zone)


@router.post("/support/{case_id}/contacts/{contact_id}/edit", response_class=RedirectResponse)
def correct(visit: Worker, case_id: int, contact_id: int, form: PageForm, db: Db) -> Response:
    """Correct it, with the reason."""
    hold(db, Contact, contact_id)
    card, contact = _own(visit, db, case_id, contact_id, form)
    form.sees(_stored(visit, contact))
    said = Said(
        mode=form.choice("mode", ContactMode, required=True),
        outcome=form.choice("outcome", ContactOutcome, required=True),
        contacted_at=_same_minute(form.moment("contacted_at", required=True), contact),
        minutes=form.integer("minutes", least=0, most=MOST_MINUTES),
        note=form.text("note"),
        next_contact_on=form.date("next_contact_on"),
    )
    reason = form.text("reason", required=True, most=2000)
    if not form.errors:
        corrected = attempt(
            db,
            form,
            lambda: correct_contact(
                db,
                visit.viewer,
                contact.id,
                said,
                recorded_at=contact.recorded_at,
                reason=reason,
                at=visit.now,
                zone=visit.zone,
            ),
        )
        if corrected is not None:
            return done(f"/support/{card.id}")
    return _edit_page(visit, card, contact, form, status_code=422)


def _same_minute(typed: datetime, contact: ContactRow) -> datetime:
    """Keep the seconds of an instant that was not touched: the field shows none."""
    unchanged = typed == contact.contacted_at.replace(second=0, microsecond=0)
    return contact.contacted_at if unchanged else typed


@router.get("/support/{case_id}/contacts/{contact_id}/withdraw", response_class=HTMLResponse)
def ask_withdraw(visit: Worker, case_id: int, contact_id: int, db: ReadDb) -> HTMLResponse:
    """Ask whether a contact really never was, and why it was logged."""
    card, contact = _own(visit, db, case_id, contact_id)
    return _withdraw_page(visit, card, contact, visit.form())


@router.post("/support/{case_id}/contacts/{contact_id}/withdraw", response_class=RedirectResponse)
def withdraw(visit: Worker, case_id: int, contact_id: int, form: PageForm, db: Db) -> Response:
    """Take it back."""
    card, contact = _own(visit, db, case_id, contact_id, form)
    reason = form.text("reason", required=True, most=2000)
    if not form.errors:
        taken = attempt(
            db,
            form,
            lambda: withdraw_contact(
                db,
                visit.viewer,
                contact.id,
                recorded_at=contact.recorded_at,
                reason=reason,
                at=visit.now,
            ),
        )
        if taken is not None:
            return done(f"/support/{card.id}", "taken_back")
    return _withdraw_page(visit, card, contact, form, status_code=422)


def _own(
    visit: Visit, db: Session, case_id: int, contact_id: int, form: Form | None = None
) -> tuple[CaseCard, ContactRow]:
    """Read a case and one's own contact of it; a form must be about this very contact."""
    card = case_card(db, visit.viewer, case_id, visit.now, visit.zone, permission="contact:write")
    visit.shows("person", [card.person_id])
    visit.shows("support_case", [card.id])
    contact = own_contact(db, visit.viewer, card.id, contact_id)
    if form is not None and form.value("recorded") != contact.recorded_at.isoformat():
        raise NotFoundError(N_("There is no such contact, or it is not for you."))
    return card, contact


def _edit_page(
    visit: Visit, card: CaseCard, contact: ContactRow, form: Form, *, status_code: int = 200
) -> HTMLResponse:
    language = visit.viewer.language
    return visit.render(
        "contact/edit.html",
        status_code=status_code,
        card=card,
        contact=contact,
        recorded=contact.recorded_at.isoformat(),
        form=form,
        modes=options(ContactMode, language),
        outcomes=options(ContactOutcome, language),
    )


def _withdraw_page(
    visit: Visit, card: CaseCard, contact: ContactRow, form: Form, *, status_code: int = 200
) -> HTMLResponse:
    return visit.render(
        "contact/withdraw.html",
        status_code=status_code,
        card=card,
        contact=contact,
        recorded=contact.recorded_at.isoformat(),
        form=form,
    )
