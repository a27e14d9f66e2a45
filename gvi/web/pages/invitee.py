"""One invitee's next step: cleared, invited, said yes; withdrawn or excused with a reason."""

from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy.orm import Session

from gvi.domain.call_in import InviteeStatus
from gvi.domain.errors import NotFoundError
from gvi.domain.text import N_
from gvi.store.models import CallIn
from gvi.store.queries.call_in import call_in_card
from gvi.store.queries.hold import hold
from gvi.store.queries.invitee import InviteeRow, invitees
from gvi.usecases.invitee import decide_invitee
from gvi.web.fact_form import opened
from gvi.web.forms import Form
from gvi.web.pages.call_in import show_page
from gvi.web.visit import Db, PageForm, ReadDb, Visit, attempt, done, may

router = APIRouter(include_in_schema=False)

Decider = Annotated[Visit, may("attendance:write")]

WITH_REASON = (InviteeStatus.WITHDRAWN, InviteeStatus.EXCUSED)


@router.get("/call-ins/{call_in_id}/invitees/{invitee_id}/{to}", response_class=HTMLResponse)
def ask(
    visit: Decider, call_in_id: int, invitee_id: int, to: InviteeStatus, db: ReadDb
) -> HTMLResponse:
    """Ask why somebody is withdrawn or excused."""
    if to not in WITH_REASON:
        raise NotFoundError(N_("There is no such page. Go back, or start from the menu."))
    form = opened(visit, _stands(visit, _row(visit, db, call_in_id, invitee_id)), "invitees")
    return _reason_page(visit, db, call_in_id, invitee_id, to, form=form)


@router.post("/call-ins/{call_in_id}/invitees/{invitee_id}/{to}", response_class=RedirectResponse)
def decide(
    visit: Decider,
    call_in_id: int,
    invitee_id: int,
    to: InviteeStatus,
    *,
    form: PageForm,
    db: Db,
) -> Response:
    """Take the step."""
    hold(db, CallIn, call_in_id)
    form.acts_on(_stands(visit, _row(visit, db, call_in_id, invitee_id)), "invitees")
    reason = form.text("reason", required=to in WITH_REASON, most=2000)
    if not form.errors:
        decided = attempt(
            db,
            form,
            lambda: decide_invitee(
                db, visit.viewer, invitee_id, to=to, at=visit.now, zone=visit.zone, reason=reason
            ),
        )
        if decided is not None:
            return done(f"/call-ins/{call_in_id}", "decided")
    if to in WITH_REASON:
        return _reason_page(visit, db, call_in_id, invitee_id, to, form=form, status_code=422)
    return show_page(visit, db, call_in_id, form, status_code=422)


def _row(visit: Visit, db: Session, call_in_id: int, invitee_id: int) -> InviteeRow:
    card = call_in_card(db, visit.viewer, call_in_id)
    rows = invitees(db, visit.viewer, card, at=visit.now, zone=visit.zone)
    row = next((row for row in rows if row.id == invitee_id), None)
    if row is None:
        raise NotFoundError(N_("There is no such invitee, or they are not for you."))
    return row


def _stands(visit: Visit, row: InviteeRow) -> Form:
    return Form.filled({"status": row.status}, language=visit.viewer.language, zone=visit.zone)


def _reason_page(
    visit: Visit,
    db: Session,
    call_in_id: int,
    invitee_id: int,
    to: InviteeStatus,
    *,
    form: Form,
    status_code: int = 200,
) -> HTMLResponse:
    card = call_in_card(db, visit.viewer, call_in_id)
    row = _row(visit, db, call_in_id, invitee_id)
    visit.shows("call_in", [card.id])
    visit.shows("person", [row.person_id])
    return visit.render(
        "call_in/invitee.html",
        status_code=status_code,
        card=card,
        row=row,
        to=to.value,
        is_withdrawal=to is InviteeStatus.WITHDRAWN,
        form=form,
    )
