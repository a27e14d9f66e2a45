"""Attendance: one page on which every invitee gets an outcome, and who heard what."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy.orm import Session

from gvi.domain.call_in import ATTENDANCE_OUTCOMES, AWAITS_OUTCOME, InviteeStatus
from gvi.domain.message import MessagePart, SpokenLanguage
from gvi.domain.speaker import SpeakerKind
from gvi.domain.text import N_
from gvi.store.models import CallIn
from gvi.store.queries.call_in import CallInCard, call_in_card
from gvi.store.queries.hold import hold
from gvi.store.queries.invitee import InviteeRow, invitees, spoken_parts
from gvi.store.queries.speaker import speakers
from gvi.usecases.attendance import CORRECTION, MOST_CARDS, Outcome, record_attendance
from gvi.usecases.spoken import Heard
from gvi.web.call_in_session import session_said
from gvi.web.forms import CHOOSE, Form
from gvi.web.labels import options
from gvi.web.visit import Db, PageForm, ReadDb, Visit, attempt, done, may

router = APIRouter(include_in_schema=False)

Recorder = Annotated[Visit, may("attendance:write")]

MORAL_VOICE = N_("the moral voice")
NOTHING = "nothing"
"""What is ticked of somebody who left before a word of the message was said."""
NOT_BOTH = N_("Tick the parts that were heard, or that nothing was heard; not both.")
HEARD_NOTHING = N_("Nothing: left before a word of it was said")


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
    said = {part: form.text(f"by-{part.value}", most=200) for part in MessagePart}
    language = form.choice("language", SpokenLanguage)
    other_cards = form.integer("other_cards", least=0, most=MOST_CARDS) or 0
    if not form.errors:
        held = attempt(
            db,
            form,
            lambda: record_attendance(
                db,
                visit.viewer,
                call_in_id,
                outcomes,
                said=said,
                language=language,
                other_cards=other_cards,
                at=visit.now,
                zone=visit.zone,
                correction=visit.say(CORRECTION),
            ),
        )
        if held is not None:
            lacks = any(row.status in AWAITS_OUTCOME and row.id not in outcomes for row in rows)
            return done(f"/call-ins/{call_in_id}", "attendance_lacking" if lacks else "attendance")
    return _page(visit, card, rows, form, status_code=422)


def _outcome(form: Form, row: InviteeRow) -> Outcome | None:
    allowed = [outcome.value for outcome in ATTENDANCE_OUTCOMES]
    status = form.one_of(f"outcome-{row.id}", allowed)
    if not status:
        return None
    return Outcome(
        status=InviteeStatus(status),
        heard=_heard(form, row),
        has_card=form.ticked(f"card-{row.id}"),
    )


def _heard(form: Form, row: InviteeRow) -> Heard:
    """Read what was heard by who left early: parts, nothing, or nobody has said it yet."""
    name = f"heard-{row.id}"
    ticked = form.all(name)
    parts = tuple(part for part in MessagePart if part.value in ticked)
    if NOTHING in ticked and parts:
        form.add_error(name, NOT_BOTH)
    if set(ticked) - {NOTHING, *(part.value for part in MessagePart)}:
        form.add_error(name, CHOOSE)
    was_said = row.status is InviteeStatus.LEFT_EARLY and not row.is_to_confirm
    return parts if ticked or was_said else None


def _rows(visit: Visit, db: Session, card: CallInCard) -> list[InviteeRow]:
    """Give the invitees whose attendance the visitor may record."""
    rows = invitees(
        db,
        visit.viewer,
        card,
        at=visit.now,
        zone=visit.zone,
        permission="attendance:write",
    )
    return [row for row in rows if row.status is not InviteeStatus.WITHDRAWN]


def _filled(visit: Visit, db: Session, card: CallInCard, rows: Sequence[InviteeRow]) -> Form:
    """Fill the form with what is recorded; while nothing is, what was said is what was planned."""
    values: dict[str, object] = {"other_cards": card.other_cards or None}
    for row in rows:
        if row.status in ATTENDANCE_OUTCOMES:
            values[f"outcome-{row.id}"] = row.status.value
        if row.status is InviteeStatus.LEFT_EARLY and not row.is_to_confirm:
            values[f"heard-{row.id}"] = [part.value for part in row.parts] or [NOTHING]
        values[f"card-{row.id}"] = row.has_card
    said = spoken_parts(db, visit.viewer, card.id)
    for line in said:
        values[f"by-{line.part.value}"] = line.by
        values["language"] = line.language
    if not said and visit.may("message:read"):
        values |= _planned(visit, db, card)
    return Form.filled(values, language=visit.viewer.language, zone=visit.zone)


def _planned(visit: Visit, db: Session, card: CallInCard) -> dict[str, object]:
    """Give who was to say each part, by function: of private people not even that is kept."""
    planned: dict[str, list[str]] = {}
    for point in speakers(db, visit.viewer, card.id, starts_at=card.starts_at):
        is_private = point.kind is SpeakerKind.MORAL_VOICE
        who = visit.say(MORAL_VOICE) if is_private else point.role
        for part in point.parts:
            planned.setdefault(f"by-{part.value}", []).append(who)
    return {name: ", ".join(dict.fromkeys(who)) for name, who in planned.items()}


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
    begun = {
        each.number for each in card.sessions if each.starts_at and each.starts_at <= visit.now
    }
    return visit.render(
        "call_in/attendance.html",
        status_code=status_code,
        card=card,
        rows=[row for row in rows if row.session in begun or row.status in ATTENDANCE_OUTCOMES],
        later=[session_said(visit, each) for each in card.sessions if each.number not in begun],
        form=form,
        answer=visit.say(
            N_("%(known)s of %(number)s have an outcome."), known=known, number=len(rows)
        ),
        outcomes=options(ATTENDANCE_OUTCOMES, visit.viewer.language),
        parts=options(MessagePart, visit.viewer.language),
        heard=[*options(MessagePart, visit.viewer.language), (NOTHING, visit.say(HEARD_NOTHING))],
        to_confirm=[row.name for row in rows if row.is_to_confirm],
        speakers=sorted({by for part in MessagePart if (by := form.value(f"by-{part.value}"))}),
        languages=options(SpokenLanguage, visit.viewer.language),
        keeps_ledger=visit.may("message:read"),
        has_begun=card.starts_at is not None and card.starts_at <= visit.now,
    )
