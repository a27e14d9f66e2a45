"""Attendance: one page on which every invitee gets an outcome, and who heard what."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy.orm import Session

from gvi.domain.call_in import ATTENDANCE_OUTCOMES, InviteeStatus
from gvi.domain.message import MessagePart, SpokenLanguage
from gvi.domain.text import N_
from gvi.store.models import CallIn
from gvi.store.queries.call_in import CallInCard, call_in_card
from gvi.store.queries.hold import hold
from gvi.store.queries.invitee import Given, InviteeRow, invitees, message_given
from gvi.usecases.attendance import Outcome, record_attendance
from gvi.web.forms import Form
from gvi.web.labels import options
from gvi.web.visit import Db, PageForm, ReadDb, Visit, attempt, done, may

router = APIRouter(include_in_schema=False)

Recorder = Annotated[Visit, may("attendance:write")]

CORRECTION = N_("The attendance was corrected")


@router.get("/call-ins/{call_in_id}/attendance", response_class=HTMLResponse)
def ask(visit: Recorder, call_in_id: int, db: ReadDb) -> HTMLResponse:
    """Show every invitee with what is known of the outcome."""
    card = call_in_card(db, visit.viewer, call_in_id)
    rows = _rows(visit, db, card)
    return _page(visit, card, rows, _filled(visit, db, card, rows))


@router.post("/call-ins/{call_in_id}/attendance", response_class=RedirectResponse)
def record(visit: Recorder, call_in_id: int, form: PageForm, db: Db) -> Response:
    """Record or correct who came."""
    hold(db, CallIn, call_in_id)
    card = call_in_card(db, visit.viewer, call_in_id)
    rows = _rows(visit, db, card)
    form.sees(_filled(visit, db, card, rows))
    outcomes = {row.id: outcome for row in rows if (outcome := _outcome(form, row))}
    parts, by = form.choices("parts", MessagePart), form.text("delivered_by", most=500)
    language = form.choice("language", SpokenLanguage)
    if not form.errors:
        held = attempt(
            db,
            form,
            lambda: record_attendance(
                db,
                visit.viewer,
                call_in_id,
                outcomes,
                parts=parts,
                delivered_by=by,
                language=language,
                at=visit.now,
                correction=visit.say(CORRECTION),
            ),
        )
        if held is not None:
            return done(f"/call-ins/{call_in_id}", "attendance")
    return _page(visit, card, rows, form, status_code=422)


def _outcome(form: Form, row: InviteeRow) -> Outcome | None:
    allowed = [outcome.value for outcome in ATTENDANCE_OUTCOMES]
    status = form.one_of(f"outcome-{row.id}", allowed)
    if not status:
        return None
    return Outcome(status=InviteeStatus(status), heard=form.choices(f"heard-{row.id}", MessagePart))


def _rows(visit: Visit, db: Session, card: CallInCard) -> list[InviteeRow]:
    """Give the invitees whose attendance the visitor may record."""
    on = card.starts_at or visit.now
    rows = invitees(
        db,
        visit.viewer,
        card.id,
        on=on,
        at=visit.now,
        zone=visit.zone,
        permission="attendance:write",
    )
    return [row for row in rows if row.status is not InviteeStatus.WITHDRAWN]


def _filled(visit: Visit, db: Session, card: CallInCard, rows: Sequence[InviteeRow]) -> Form:
    """Fill the form with what is recorded; all four parts are the usual answer."""
    values: dict[str, object] = {}
    for row in rows:
        if row.status in ATTENDANCE_OUTCOMES:
            values[f"outcome-{row.id}"] = row.status.value
        if row.status is InviteeStatus.LEFT_EARLY:
            values[f"heard-{row.id}"] = [part.value for part in row.parts]
    said = {
        part.value for row in rows if row.status is InviteeStatus.ATTENDED for part in row.parts
    }
    values["parts"] = sorted(said) or [part.value for part in MessagePart]
    given = message_given(db, visit.viewer, card.id)
    usual = Given()
    values["delivered_by"], values["language"] = (given or usual).by, (given or usual).language
    return Form.filled(values, language=visit.viewer.language, zone=visit.zone)


def _page(
    visit: Visit,
    card: CallInCard,
    rows: Sequence[InviteeRow],
    form: Form,
    *,
    status_code: int = 200,
) -> HTMLResponse:
    visit.shows("call_in", [card.id])
    visit.shows("person", [row.person_id for row in rows])
    known = sum(row.status in ATTENDANCE_OUTCOMES for row in rows)
    return visit.render(
        "call_in/attendance.html",
        status_code=status_code,
        card=card,
        rows=rows,
        form=form,
        answer=visit.say(
            N_("%(known)s of %(number)s have an outcome."), known=known, number=len(rows)
        ),
        outcomes=options(ATTENDANCE_OUTCOMES, visit.viewer.language),
        parts=options(MessagePart, visit.viewer.language),
        languages=options(SpokenLanguage, visit.viewer.language),
        keeps_ledger=visit.may("message:read"),
        has_begun=card.starts_at is not None and card.starts_at <= visit.now,
    )
