"""One invitee: what is judged of secrecy and safety, by whom, and what still stands in between."""

from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy.orm import Session

from gvi.domain.clearance import RIGHT_TO_JUDGE, ClearanceKind
from gvi.domain.errors import NotFoundError
from gvi.domain.text import N_
from gvi.store.models import CallIn
from gvi.store.queries.call_in import CallInCard, call_in_card
from gvi.store.queries.clearance import NOT_JUDGED, Cleared, clearances
from gvi.store.queries.hold import hold
from gvi.store.queries.invitee import InviteeRow, invitees
from gvi.usecases.clearance import judge_invitee
from gvi.usecases.invitee import WHY_BARRED
from gvi.web.fact_form import opened
from gvi.web.forms import Form
from gvi.web.visit import Db, PageForm, ReadDb, Visit, attempt, done, may

router = APIRouter(include_in_schema=False)

Reader = Annotated[Visit, may("clearance:read")]
YES, NO = "yes", "no"
ASKED = {
    ClearanceKind.SECRECY: N_("May each organisation present know that this person is invited?"),
    ClearanceKind.SAFETY: N_("Is it safe, for this person and for everybody in the room?"),
}


@router.get("/call-ins/{call_in_id}/invitees/{invitee_id}", response_class=HTMLResponse)
def show(visit: Reader, call_in_id: int, invitee_id: int, db: ReadDb) -> HTMLResponse:
    """Show how far an invitee is cleared, and ask whoever judges."""
    card, row, stands = _one(visit, db, call_in_id, invitee_id)
    own = [kind for kind, right in RIGHT_TO_JUDGE.items() if visit.may(right)]
    forms = {kind: opened(visit, _stands(visit, stands, kind), "clearances") for kind in own}
    return _page(visit, card, row, stands, forms)


@router.post(
    "/call-ins/{call_in_id}/invitees/{invitee_id}/clearance/secrecy",
    response_class=RedirectResponse,
)
def judge_secrecy(
    visit: Annotated[Visit, may("clearance_secrecy:write")],
    call_in_id: int,
    invitee_id: int,
    form: PageForm,
    db: Db,
) -> Response:
    """Judge whether it may be known that somebody is invited."""
    return _judge(visit, db, form, (call_in_id, invitee_id, ClearanceKind.SECRECY))


@router.post(
    "/call-ins/{call_in_id}/invitees/{invitee_id}/clearance/safety",
    response_class=RedirectResponse,
)
def judge_safety(
    visit: Annotated[Visit, may("clearance_safety:write")],
    call_in_id: int,
    invitee_id: int,
    form: PageForm,
    db: Db,
) -> Response:
    """Judge whether there is a threat in the room."""
    return _judge(visit, db, form, (call_in_id, invitee_id, ClearanceKind.SAFETY))


def _judge(visit: Visit, db: Session, form: Form, what: tuple[int, int, ClearanceKind]) -> Response:
    call_in_id, invitee_id, kind = what
    hold(db, CallIn, call_in_id)
    card, row, stands = _one(visit, db, call_in_id, invitee_id)
    form.acts_on(_stands(visit, stands, kind), "clearances")
    is_cleared = form.one_of("judgement", (YES, NO), required=True) == YES
    reason = form.text("reason", required=True, most=2000)
    if not form.errors:
        judged = attempt(
            db,
            form,
            lambda: judge_invitee(
                db,
                visit.viewer,
                row.id,
                kind,
                is_cleared=is_cleared,
                reason=reason,
                at=visit.now,
                zone=visit.zone,
            ),
        )
        if judged is not None:
            return done(f"/call-ins/{card.id}/invitees/{row.id}", "decided")
    card, row, stands = _one(visit, db, call_in_id, invitee_id)
    return _page(visit, card, row, stands, {kind: form})


def _one(
    visit: Visit, db: Session, call_in_id: int, invitee_id: int
) -> tuple[CallInCard, InviteeRow, Cleared]:
    card = call_in_card(db, visit.viewer, call_in_id)
    on = card.starts_at or visit.now
    rows = invitees(db, visit.viewer, card.id, on=on, at=visit.now, zone=visit.zone)
    row = next((each for each in rows if each.id == invitee_id), None)
    if row is None:
        raise NotFoundError(N_("There is no such invitee, or they are not for you."))
    visit.shows("call_in", [card.id])
    visit.shows("person", [row.person_id])
    stands = clearances(db, visit.viewer, rows, at=visit.now).get(row.id, NOT_JUDGED)
    return card, row, stands


def _stands(visit: Visit, stands: Cleared, kind: ClearanceKind) -> Form:
    counting = stands.counting(kind)
    values = {"id": counting.id if counting else 0}
    return Form.filled(values, language=visit.viewer.language, zone=visit.zone)


def _page(
    visit: Visit,
    card: CallInCard,
    row: InviteeRow,
    stands: Cleared,
    forms: dict[ClearanceKind, Form],
) -> HTMLResponse:
    may_judge = card.is_to_come and row.takes_a_seat
    return visit.render(
        "call_in/clearance.html",
        status_code=422 if any(form.errors for form in forms.values()) else 200,
        card=card,
        row=row,
        stands=stands,
        kinds=list(ClearanceKind),
        asked=ASKED,
        forms=forms if may_judge else {},
        answers=[(YES, visit.say(N_("Yes"))), (NO, visit.say(N_("No, hold back")))],
        why_barred=WHY_BARRED,
        may_plan=visit.may("call_in:plan"),
    )
