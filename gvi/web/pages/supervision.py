"""Supervision and custody: recording, correcting, ending and withdrawing them."""

from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy.orm import Session

from gvi.domain.errors import NotFoundError
from gvi.domain.supervision import SupervisionKind
from gvi.domain.text import N_
from gvi.store.models import Supervision
from gvi.store.queries.hold import hold
from gvi.store.queries.person_card import PersonHead, person_head
from gvi.store.queries.person_records import NOTE
from gvi.store.queries.record import Record, one_record
from gvi.usecases.supervision import (
    add_supervision,
    correct_supervision,
    end_supervision,
    withdraw_supervision,
)
from gvi.web.fact_form import (
    code,
    filled,
    given,
    must_be_now,
    period,
)
from gvi.web.forms import Form
from gvi.web.labels import label, options
from gvi.web.pages.fact_end import (
    LastingFact,
    ask_to_end,
    ask_to_withdraw,
    end_on_a_day,
    withdraw_with_reason,
)
from gvi.web.visit import Db, PageForm, ReadDb, Visit, attempt, done, may

router = APIRouter(include_in_schema=False)

Writer = Annotated[Visit, may("supervision:write")]


@router.get("/supervisions/new", response_class=HTMLResponse)
def new(visit: Writer, db: ReadDb, person: int) -> HTMLResponse:
    """Show the form, opened from the person."""
    return _new_page(visit, _person(db, visit, person), visit.form())


@router.post("/supervisions/new", response_class=RedirectResponse)
def create(visit: Writer, person: int, form: PageForm, db: Db) -> Response:
    """Record the supervision; a wrong form comes back with what was typed."""
    head = _person(db, visit, person)
    kind = form.choice("kind", SupervisionKind, required=True)
    since, until = period(visit, form)
    fact, note = form.fact(), _note(visit, form)
    if not form.errors:
        supervision = attempt(
            db,
            form,
            lambda: add_supervision(
                db,
                visit.viewer,
                person_id=person,
                kind=kind,
                obliges_attendance=form.ticked("obliges_attendance"),
                valid_from=since,
                valid_to=until,
                note=note or "",
                given=given(fact),
                at=visit.now,
            ),
        )
        if supervision is not None:
            return done(f"/people/{person}", "added")
    return _new_page(visit, head, form, status_code=422)


def _note(visit: Visit, form: Form) -> str | None:
    """Read probation's note; None for everybody else, who neither sees nor changes it."""
    return form.text("note", most=4000) if visit.may("supervision_note:read") else None


def _new_page(visit: Visit, head: PersonHead, form: Form, status_code: int = 200) -> HTMLResponse:
    return visit.render(
        "supervision/new.html",
        status_code=status_code,
        form=form,
        person=head,
        kinds=options(SupervisionKind, visit.viewer.language),
        has_note=visit.may("supervision_note:read"),
    )


def _person(db: Session, visit: Visit, person_id: int) -> PersonHead:
    """Give the person; not there for those who may know of involvements only."""
    must_be_now(visit)
    head = person_head(db, visit.viewer, person_id, visit.asked)
    if not head.is_seen_whole:
        raise NotFoundError(N_("There is no such record, or it is not for you."))
    visit.shows("person", [person_id])
    return head


@router.get("/supervisions/{supervision_id}/edit", response_class=HTMLResponse)
def edit(visit: Writer, supervision_id: int, db: ReadDb) -> HTMLResponse:
    """Show the form filled with what is known."""
    record = _record(db, visit, supervision_id)
    return _edit_page(db, visit, record, _stored(visit, record))


def _stored(visit: Visit, record: Record) -> Form:
    columns = ["obliges_attendance"]
    if visit.may("supervision_note:read"):
        columns.append("note")
    return filled(visit, record, *columns, kind=code(SupervisionKind, record.values["kind"]))


@router.post("/supervisions/{supervision_id}/edit", response_class=RedirectResponse)
def correct(visit: Writer, supervision_id: int, form: PageForm, db: Db) -> Response:
    """Correct the supervision; the values before are kept."""
    hold(db, Supervision, supervision_id)
    record = _record(db, visit, supervision_id)
    form.sees(_stored(visit, record))
    kind = form.choice("kind", SupervisionKind, required=True)
    since, until = period(visit, form)
    fact, note = form.fact(), _note(visit, form)
    if not form.errors:
        attempt(
            db,
            form,
            lambda: correct_supervision(
                db,
                visit.viewer,
                supervision_id,
                kind=kind,
                obliges_attendance=form.ticked("obliges_attendance"),
                valid_from=since,
                valid_to=until,
                note=note,
                given=given(fact),
                at=visit.now,
            ),
        )
        if not form.errors:
            return done(_back(record), "saved")
    return _edit_page(db, visit, record, form, status_code=422)


def _edit_page(
    db: Session, visit: Visit, record: Record, form: Form, status_code: int = 200
) -> HTMLResponse:
    return visit.render(
        "supervision/edit.html",
        status_code=status_code,
        title=visit.say(N_("Correct: %(what)s"), what=_what(db, visit, record)),
        form=form,
        kinds=options(SupervisionKind, visit.viewer.language),
        has_note=visit.may("supervision_note:read"),
        shows_source=record.shows_source,
        base=f"/supervisions/{record.id}",
        back=_back(record),
    )


@router.get("/supervisions/{supervision_id}/end", response_class=HTMLResponse)
def ask_end(visit: Writer, supervision_id: int, db: ReadDb) -> HTMLResponse:
    """Ask for the day and the reason."""
    return ask_to_end(db, visit, SUPERVISIONS, supervision_id)


@router.post("/supervisions/{supervision_id}/end", response_class=RedirectResponse)
def end(visit: Writer, supervision_id: int, form: PageForm, db: Db) -> Response:
    """End the supervision on a day."""
    return end_on_a_day(db, visit, SUPERVISIONS, supervision_id, form)


@router.get("/supervisions/{supervision_id}/withdraw", response_class=HTMLResponse)
def ask_withdraw(visit: Writer, supervision_id: int, db: ReadDb) -> HTMLResponse:
    """Ask whether the supervision never was."""
    return ask_to_withdraw(db, visit, SUPERVISIONS, supervision_id)


@router.post("/supervisions/{supervision_id}/withdraw", response_class=RedirectResponse)
def withdraw(visit: Writer, supervision_id: int, form: PageForm, db: Db) -> Response:
    """Withdraw the supervision."""
    return withdraw_with_reason(db, visit, SUPERVISIONS, supervision_id, form)


def _record(db: Session, visit: Visit, supervision_id: int) -> Record:
    must_be_now(visit)
    record = one_record(
        db,
        visit.viewer,
        Supervision,
        supervision_id,
        visit.asked,
        permission="supervision:write",
        person="person_id",
        hidden=frozenset() if visit.may("supervision_note:read") else NOTE,
    )
    _person(db, visit, record.values["person_id"])
    return record


def _what(db: Session, visit: Visit, record: Record) -> str:
    return visit.say(
        N_("%(kind)s of %(person)s"),
        kind=label(code(SupervisionKind, record.values["kind"]), visit.viewer.language),
        person=_person(db, visit, record.values["person_id"]).called,
    )


def _back(record: Record) -> str:
    return f"/people/{record.values['person_id']}"


SUPERVISIONS = LastingFact(
    model=Supervision,
    path="/supervisions",
    load=_record,
    stands=_stored,
    what=_what,
    back=_back,
    end=end_supervision,
    withdraw=withdraw_supervision,
)
