"""Judging secrecy and safety: of one invitee, with all that was said, or of all at once."""

from collections.abc import Mapping, Sequence
from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy.orm import Session

from gvi.domain.clearance import RIGHT_TO_JUDGE, ClearanceKind
from gvi.domain.errors import NotFoundError, RuleError
from gvi.domain.text import N_
from gvi.store.models import CallIn
from gvi.store.queries.call_in import CallInCard, call_in_card
from gvi.store.queries.clearance import NOT_JUDGED, Cleared, Judgement, clearances
from gvi.store.queries.hold import hold
from gvi.store.queries.invitee import InviteeRow, invitees
from gvi.usecases.clearance import Verdict, judge_invitee, judge_invitees
from gvi.usecases.invitee import WHY_BARRED
from gvi.web.call_in_session import session_said
from gvi.web.fact_form import opened
from gvi.web.forms import Form
from gvi.web.visit import Db, PageForm, ReadDb, Visit, attempt, done, may

router = APIRouter(include_in_schema=False)

Reader = Annotated[Visit, may("clearance:read")]
OfSecrecy = Annotated[Visit, may("clearance_secrecy:write")]
OfSafety = Annotated[Visit, may("clearance_safety:write")]
YES, NO = "yes", "no"
CHANGED_SESSION = N_("Changed meanwhile: it is now %(session)s. Look at it again, then sign.")
ASKED = {
    ClearanceKind.SECRECY: N_("May each organisation present know that this person is invited?"),
    ClearanceKind.SAFETY: N_("Is it safe, for this person and for everybody in the room?"),
}


@router.get("/call-ins/{call_in_id}/invitees/{invitee_id}", response_class=HTMLResponse)
def show(visit: Reader, call_in_id: int, invitee_id: int, db: ReadDb) -> HTMLResponse:
    """Show how far an invitee is cleared, and ask whoever judges."""
    card, row, stands = _one(visit, db, call_in_id, invitee_id)
    own = [kind for kind, right in RIGHT_TO_JUDGE.items() if visit.may(right)]
    forms = {
        kind: opened(visit, _stands(visit, card, row, stands.counting(kind)), "clearances")
        for kind in own
    }
    return _page(visit, card, row, stands, forms)


@router.post(
    "/call-ins/{call_in_id}/invitees/{invitee_id}/clearance/secrecy",
    response_class=RedirectResponse,
)
def judge_secrecy(
    visit: OfSecrecy,
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
    visit: OfSafety,
    call_in_id: int,
    invitee_id: int,
    form: PageForm,
    db: Db,
) -> Response:
    """Judge whether there is a threat in the room."""
    return _judge(visit, db, form, (call_in_id, invitee_id, ClearanceKind.SAFETY))


@router.get("/call-ins/{call_in_id}/clearance/secrecy", response_class=HTMLResponse)
def all_secrecy(visit: OfSecrecy, call_in_id: int, db: ReadDb) -> HTMLResponse:
    """Ask of all invitees at once whether it may be known that they are invited."""
    return _all_page(visit, db, call_in_id, ClearanceKind.SECRECY)


@router.get("/call-ins/{call_in_id}/clearance/safety", response_class=HTMLResponse)
def all_safety(visit: OfSafety, call_in_id: int, db: ReadDb) -> HTMLResponse:
    """Ask of all invitees at once whether there is a threat in the room."""
    return _all_page(visit, db, call_in_id, ClearanceKind.SAFETY)


@router.post("/call-ins/{call_in_id}/clearance/secrecy", response_class=RedirectResponse)
def judge_all_secrecy(visit: OfSecrecy, call_in_id: int, form: PageForm, db: Db) -> Response:
    """Judge the secrecy of several."""
    return _judge_all(visit, db, call_in_id, ClearanceKind.SECRECY, form)


@router.post("/call-ins/{call_in_id}/clearance/safety", response_class=RedirectResponse)
def judge_all_safety(visit: OfSafety, call_in_id: int, form: PageForm, db: Db) -> Response:
    """Judge the safety of several."""
    return _judge_all(visit, db, call_in_id, ClearanceKind.SAFETY, form)


def _judge_all(
    visit: Visit, db: Session, call_in_id: int, kind: ClearanceKind, form: Form
) -> Response:
    """Sign every judgement that was changed or given a reason, or none of them."""
    hold(db, CallIn, call_in_id)
    card, rows, stand = _all(visit, db, call_in_id)
    now = _filled(visit, card, rows, stand, kind)
    form.sees(now)
    for row in rows:
        if form.errors.pop(f"session-{row.id}", ""):
            which = session_said(visit, card.session(row.session))
            form.add_error(f"judgement-{row.id}", CHANGED_SESSION, session=which)
    shared = form.text("reason-all", most=2000)
    verdicts = {
        row.id: verdict for row in rows if (verdict := _verdict(form, now, row, shared)) is not None
    }
    if not form.errors and not verdicts:
        form.add_error("", N_("Nothing is judged yet: choose for somebody, and say why."))
    if not form.errors:
        attempt(db, form, lambda: _sign(visit, db, kind, verdicts, form))
    if not form.errors:
        return done(f"/call-ins/{card.id}", "decided")
    return _all_page(visit, db, call_in_id, kind, form=form)


def _sign(
    visit: Visit,
    db: Session,
    kind: ClearanceKind,
    verdicts: Mapping[int, Verdict],
    form: Form,
) -> None:
    """Judge them all; where somebody is refused, that stands by them and nobody is judged."""
    refused = judge_invitees(db, visit.viewer, kind, verdicts, at=visit.now, zone=visit.zone)
    for invitee_id, error in refused.items():
        form.add_error(f"judgement-{invitee_id}", error.message, **error.params)
    if refused:
        raise RuleError(N_("Nothing is signed yet: put right what is marked, or leave it out."))


def _verdict(form: Form, now: Form, row: InviteeRow, shared: str) -> Verdict | None:
    """Read what is said of one invitee: None where nothing was changed and no own reason given.

    Of whom no own reason is said the shared one is, and it is kept with each of them.
    """
    judgement, why = f"judgement-{row.id}", f"reason-{row.id}"
    said = form.one_of(judgement, (YES, NO))
    if said == now.value(judgement) and not form.text(why):
        return None
    if not said:
        form.add_error(judgement, N_("Choose yes or no, or take the reason away."))
    reason = form.text(why, required=not shared, most=2000)
    return Verdict(is_cleared=said == YES, reason=reason or shared)


def _all(
    visit: Visit, db: Session, call_in_id: int
) -> tuple[CallInCard, list[InviteeRow], Mapping[int, Cleared]]:
    """Give a call-in and whoever of its invitees can still be judged."""
    card = call_in_card(db, visit.viewer, call_in_id)
    found = invitees(db, visit.viewer, card, at=visit.now, zone=visit.zone)
    rows = [row for row in found if row.takes_a_seat and card.is_to_come]
    return card, rows, clearances(db, visit.viewer, rows, at=visit.now, zone=visit.zone)


def _filled(
    visit: Visit,
    card: CallInCard,
    rows: Sequence[InviteeRow],
    stand: Mapping[int, Cleared],
    kind: ClearanceKind,
) -> Form:
    """Give how each is judged, and for which session: a yes is for that one, as it was seen."""
    values: dict[str, object] = {}
    for row in rows:
        counting = stand[row.id].counting(kind)
        values[f"session-{row.id}"] = f"{row.session} {card.session(row.session).starts_at}"
        values[f"judgement-{row.id}"] = (YES if counting.is_cleared else NO) if counting else None
    return Form.filled(values, language=visit.viewer.language, zone=visit.zone)


def _all_page(
    visit: Visit, db: Session, call_in_id: int, kind: ClearanceKind, *, form: Form | None = None
) -> HTMLResponse:
    card, rows, stand = _all(visit, db, call_in_id)
    visit.shows("call_in", [card.id])
    visit.shows("person", [row.person_id for row in rows])
    return visit.render(
        "call_in/clearances.html",
        status_code=422 if form else 200,
        card=card,
        kind=kind,
        asked=ASKED[kind],
        rows=[(row, stand[row.id], stand[row.id].counting(kind)) for row in rows],
        form=form or _filled(visit, card, rows, stand, kind),
        answers=_answers(visit),
        why_barred=WHY_BARRED,
        answer=visit.say_plural(
            "%(num)s invitee is still to judge, of %(whole)s.",
            "%(num)s invitees are still to judge, of %(whole)s.",
            sum(stand[row.id].counting(kind) is None for row in rows),
            whole=len(rows),
        ),
    )


def _answers(visit: Visit) -> list[tuple[str, str]]:
    return [(YES, visit.say(N_("Yes"))), (NO, visit.say(N_("No, hold back")))]


def _judge(visit: Visit, db: Session, form: Form, what: tuple[int, int, ClearanceKind]) -> Response:
    call_in_id, invitee_id, kind = what
    hold(db, CallIn, call_in_id)
    card, row, stands = _one(visit, db, call_in_id, invitee_id)
    form.acts_on(_stands(visit, card, row, stands.counting(kind)), "clearances")
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
    rows = invitees(db, visit.viewer, card, at=visit.now, zone=visit.zone)
    row = next((each for each in rows if each.id == invitee_id), None)
    if row is None:
        raise NotFoundError(N_("There is no such invitee, or they are not for you."))
    visit.shows("call_in", [card.id])
    visit.shows("person", [row.person_id])
    stands = clearances(db, visit.viewer, rows, at=visit.now, zone=visit.zone).get(
        row.id, NOT_JUDGED
    )
    return card, row, stands


def _stands(visit: Visit, card: CallInCard, row: InviteeRow, counting: Judgement | None) -> Form:
    """Give what a judgement is about: the one that counts so far, and the session it is for."""
    values = {
        "id": counting.id if counting else 0,
        "session": row.session,
        "starts_at": card.session(row.session).starts_at,
    }
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
        answers=_answers(visit),
        why_barred=WHY_BARRED,
        may_plan=visit.may("call_in:plan"),
    )
