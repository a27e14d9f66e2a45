"""Trying to deliver a custom notification, taking a try back, moving the day, ending it."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy.orm import Session

from gvi.domain.custom_notification import (
    TELLS_SOMEBODY,
    Answer,
    AttemptOutcome,
    NotificationStatus,
    Reaction,
)
from gvi.domain.errors import NotFoundError
from gvi.domain.message import MessagePart, SpokenLanguage
from gvi.domain.text import N_
from gvi.store.models import CustomNotification
from gvi.store.queries.attempt import Attempt
from gvi.store.queries.custom_notification import NotificationCard
from gvi.store.queries.hold import hold
from gvi.usecases.attempt import Try, record_attempt, withdraw_attempt
from gvi.usecases.custom_notification import end_notification, move_notification
from gvi.web.forms import Form
from gvi.web.labels import options
from gvi.web.pages.custom_notification import acts_on, card_of, opened_on
from gvi.web.visit import Db, PageForm, ReadDb, Visit, attempt, done, may

router = APIRouter(include_in_schema=False)

Writer = Annotated[Visit, may("custom_notification:write")]

GONE = N_("There is no such attempt; it may have been withdrawn already.")


@router.get("/notifications/{notification_id}/attempts/new", response_class=HTMLResponse)
def ask_attempt(visit: Writer, notification_id: int, db: ReadDb) -> HTMLResponse:
    """Ask what came of a try."""
    card = card_of(visit, db, notification_id)
    values = {"when": visit.now, "place": card.row.place}
    form = Form.filled(values, language=visit.viewer.language, zone=visit.zone)
    return _attempt_page(visit, db, notification_id, form)


@router.post("/notifications/{notification_id}/attempts/new", response_class=RedirectResponse)
def try_it(visit: Writer, notification_id: int, form: PageForm, db: Db) -> Response:
    """Keep the try, and what was said if somebody was met."""
    made = Try(
        attempted_at=form.moment("when", required=True),
        outcome=form.choice("outcome", AttemptOutcome, required=True),
        place=form.text("place", most=500),
        note=form.text("note", most=5000),
        card_left=form.ticked("card_left"),
        parts=form.choices("parts", MessagePart),
        delivered_by=form.text("delivered_by", most=500),
        language=form.choice("language", SpokenLanguage),
        family_present=form.choice("family_present", Answer) or Answer.UNKNOWN,
        reaction=form.choice("reaction", Reaction),
        assessment=form.text("assessment", most=5000),
        help_offered=form.text("help_offered", most=2000),
        next_step=form.text("next_step", most=2000),
        all_the_same=form.ticked("all_the_same"),
    )
    if not form.errors:
        kept = attempt(
            db,
            form,
            lambda: record_attempt(db, visit.viewer, notification_id, made, at=visit.now),
        )
        if kept is not None:
            return done(f"/notifications/{notification_id}", "added")
    return _attempt_page(visit, db, notification_id, form, status_code=422)


def _attempt_page(
    visit: Visit, db: Session, notification_id: int, form: Form, *, status_code: int = 200
) -> HTMLResponse:
    language = visit.viewer.language
    return visit.render(
        "custom_notification/attempt.html",
        status_code=status_code,
        card=card_of(visit, db, notification_id),
        form=form,
        outcomes=options(AttemptOutcome, language),
        telling=options([code for code in AttemptOutcome if code in TELLS_SOMEBODY], language),
        parts=options(MessagePart, language),
        answers=options(Answer, language),
        reactions=options(Reaction, language),
        languages=options(SpokenLanguage, language),
    )


@router.get(
    "/notifications/{notification_id}/attempts/{attempt_id}/withdraw", response_class=HTMLResponse
)
def ask_withdraw(visit: Writer, notification_id: int, attempt_id: int, db: ReadDb) -> HTMLResponse:
    """Ask whether a try really was recorded by mistake, and why."""
    return _withdraw_page(visit, db, notification_id, attempt_id, visit.form())


@router.post(
    "/notifications/{notification_id}/attempts/{attempt_id}/withdraw",
    response_class=RedirectResponse,
)
def withdraw(
    visit: Writer, notification_id: int, attempt_id: int, form: PageForm, db: Db
) -> Response:
    """Take the try back."""
    reason = form.text("reason", required=True, most=2000)
    _, tried = _tried(visit, db, notification_id, attempt_id)
    if form.value("recorded") != stamp(tried.recorded_at):
        raise NotFoundError(GONE)
    if not form.errors:
        taken = attempt(
            db,
            form,
            lambda: withdraw_attempt(
                db,
                visit.viewer,
                notification_id,
                attempt_id,
                recorded_at=tried.recorded_at,
                reason=reason,
                at=visit.now,
            ),
        )
        if taken is not None:
            return done(f"/notifications/{notification_id}", "taken_back")
    return _withdraw_page(visit, db, notification_id, attempt_id, form, status_code=422)


def stamp(recorded_at: datetime) -> str:
    """Name a record by the instant of its entry: a number may be given again, an instant not."""
    return recorded_at.isoformat()


def _tried(
    visit: Visit, db: Session, notification_id: int, attempt_id: int
) -> tuple[NotificationCard, Attempt]:
    card = card_of(visit, db, notification_id)
    tries = card.plan.attempts if card.plan else ()
    tried = next((each for each in tries if each.id == attempt_id), None)
    if tried is None:
        raise NotFoundError(GONE)
    return card, tried


def _withdraw_page(
    visit: Visit,
    db: Session,
    notification_id: int,
    attempt_id: int,
    form: Form,
    *,
    status_code: int = 200,
) -> HTMLResponse:
    card, tried = _tried(visit, db, notification_id, attempt_id)
    return visit.render(
        "custom_notification/withdraw.html",
        status_code=status_code,
        card=card,
        tried=tried,
        recorded=stamp(tried.recorded_at),
        all_parts=tuple(MessagePart),
        form=form,
    )


@router.get("/notifications/{notification_id}/move", response_class=HTMLResponse)
def ask_move(visit: Writer, notification_id: int, db: ReadDb) -> HTMLResponse:
    """Ask for the new day and why."""
    form = visit.form()
    form.sees(_stands(visit, db, notification_id))
    return _move_page(visit, db, notification_id, form)


def _stands(visit: Visit, db: Session, notification_id: int) -> Form:
    day = card_of(visit, db, notification_id).row.due_at
    return Form.filled({"due_at": day}, language=visit.viewer.language, zone=visit.zone)


@router.post("/notifications/{notification_id}/move", response_class=RedirectResponse)
def move(visit: Writer, notification_id: int, form: PageForm, db: Db) -> Response:
    """Move the day."""
    hold(db, CustomNotification, notification_id)
    form.sees(_stands(visit, db, notification_id))
    due_at = form.moment("due_at", required=True)
    reason = form.text("reason", required=True, most=2000)
    if not form.errors:
        moved = attempt(
            db,
            form,
            lambda: move_notification(
                db, visit.viewer, notification_id, due_at=due_at, reason=reason, at=visit.now
            ),
        )
        if moved is not None:
            return done(f"/notifications/{notification_id}", "moved")
    return _move_page(visit, db, notification_id, form, status_code=422)


def _move_page(
    visit: Visit, db: Session, notification_id: int, form: Form, *, status_code: int = 200
) -> HTMLResponse:
    card = card_of(visit, db, notification_id)
    return visit.render(
        "custom_notification/move.html", status_code=status_code, card=card, form=form
    )


@router.get("/notifications/{notification_id}/cancel", response_class=HTMLResponse)
def ask_cancel(visit: Writer, notification_id: int, db: ReadDb) -> HTMLResponse:
    """Ask whether it is really cancelled, and why."""
    status = NotificationStatus.CANCELLED
    form = opened_on(visit, db, notification_id)
    return _end_page(visit, db, notification_id, status, form=form)


@router.post("/notifications/{notification_id}/cancel", response_class=RedirectResponse)
def cancel(visit: Writer, notification_id: int, form: PageForm, db: Db) -> Response:
    """Cancel it."""
    return _end(visit, db, notification_id, NotificationStatus.CANCELLED, form=form)


@router.get("/notifications/{notification_id}/give-up", response_class=HTMLResponse)
def ask_give_up(visit: Writer, notification_id: int, db: ReadDb) -> HTMLResponse:
    """Ask why it cannot be delivered."""
    status = NotificationStatus.NOT_DELIVERABLE
    form = opened_on(visit, db, notification_id)
    return _end_page(visit, db, notification_id, status, form=form)


@router.post("/notifications/{notification_id}/give-up", response_class=RedirectResponse)
def give_up(visit: Writer, notification_id: int, form: PageForm, db: Db) -> Response:
    """End it as not deliverable."""
    return _end(visit, db, notification_id, NotificationStatus.NOT_DELIVERABLE, form=form)


def _end(
    visit: Visit, db: Session, notification_id: int, to: NotificationStatus, *, form: Form
) -> Response:
    acts_on(visit, db, notification_id, form)
    reason = form.text("reason", required=True, most=2000)
    if not form.errors:
        ended = attempt(
            db,
            form,
            lambda: end_notification(
                db, visit.viewer, notification_id, to=to, reason=reason, at=visit.now
            ),
        )
        if ended is not None:
            return done(f"/notifications/{notification_id}", "decided")
    return _end_page(visit, db, notification_id, to, form=form, status_code=422)


def _end_page(
    visit: Visit,
    db: Session,
    notification_id: int,
    to: NotificationStatus,
    *,
    form: Form,
    status_code: int = 200,
) -> HTMLResponse:
    return visit.render(
        "custom_notification/end.html",
        status_code=status_code,
        card=card_of(visit, db, notification_id),
        is_cancelling=to is NotificationStatus.CANCELLED,
        form=form,
    )
