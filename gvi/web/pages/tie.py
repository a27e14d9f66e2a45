"""Ties between two people: recording, correcting, ending and withdrawing them."""

from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy.orm import Session

from gvi.domain.errors import NotFoundError
from gvi.domain.text import N_
from gvi.domain.tie import MAX_STRENGTH, TieKind
from gvi.store.models import Tie
from gvi.store.queries.hold import hold
from gvi.store.queries.person_card import PersonHead, person_head
from gvi.store.queries.record import Record, one_record
from gvi.usecases.tie import add_tie, correct_tie, end_tie, withdraw_tie
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
from gvi.web.pages.person_picker import Picker, pick_person
from gvi.web.visit import Db, PageForm, ReadDb, Visit, attempt, done, may

router = APIRouter(include_in_schema=False)

Writer = Annotated[Visit, may("tie:write")]
FIRST, SECOND = "first", "second"


@router.get("/ties/new", response_class=HTMLResponse)
def new(visit: Writer, db: ReadDb, person: int) -> HTMLResponse:
    """Show the form, opened from one of the two people."""
    return _new_page(visit, _person(db, visit, person), visit.form(), Picker())


@router.post("/ties/new", response_class=RedirectResponse)
def create(visit: Writer, person: int, form: PageForm, db: Db) -> Response:
    """Record the tie; a wrong form comes back with what was typed."""
    head, picker = _person(db, visit, person), Picker()
    form.text("person", required=True)
    other = pick_person(db, visit, form, "", picker)
    kind = form.choice("kind", TieKind, required=True)
    pair = _pair(form, kind, person, other or 0)
    strength = form.number("strength")
    since, until = period(visit, form)
    fact = form.fact()
    if other is not None and not form.errors:
        tie = attempt(
            db,
            form,
            lambda: add_tie(
                db,
                visit.viewer,
                person_a_id=pair[0],
                person_b_id=pair[1],
                kind=kind,
                strength=strength,
                certainty=fact.certainty,
                valid_from=since,
                valid_to=until,
                given=given(fact),
                at=visit.now,
            ),
        )
        if tie is not None:
            return done(f"/people/{person}", "added")
        _point_at_person(form)
    return _new_page(visit, head, form, picker)


def _pair(form: Form, kind: TieKind, person: int, other: int) -> tuple[int, int]:
    """Order the two: of a recruiter tie the first recruits, others have no direction."""
    if kind is TieKind.RECRUITER and form.value("recruiter", FIRST) == SECOND:
        return other, person
    return person, other


def _point_at_person(form: Form) -> None:
    """Say what is wrong with the other person by the field in which they were named."""
    for name in ("person_b", "person"):
        if name in form.errors:
            form.add_error("person", form.errors.pop(name))


def _new_page(
    visit: Visit,
    head: PersonHead,
    form: Form,
    picker: Picker,
) -> HTMLResponse:
    return visit.render(
        "tie/new.html",
        status_code=422 if form.errors else 200,
        form=form,
        person=head,
        choices=picker.choices.get("", []),
        kinds=options(TieKind, visit.viewer.language),
        most=f"{MAX_STRENGTH:g}",
    )


def _person(db: Session, visit: Visit, person_id: int) -> PersonHead:
    """Give one of the two; not there for those who may know of involvements only."""
    must_be_now(visit)
    head = person_head(db, visit.viewer, person_id, visit.asked)
    if not head.is_seen_whole:
        raise NotFoundError(N_("There is no such record, or it is not for you."))
    visit.shows("person", [person_id])
    return head


@router.get("/ties/{tie_id}/edit", response_class=HTMLResponse)
def edit(visit: Writer, tie_id: int, db: ReadDb) -> HTMLResponse:
    """Show the form filled with what is known."""
    record = _record(db, visit, tie_id)
    return _edit_page(db, visit, record, _stored(visit, record))


def _stored(visit: Visit, record: Record) -> Form:
    return filled(visit, record, "strength", kind=code(TieKind, record.values["kind"]))


@router.post("/ties/{tie_id}/edit", response_class=RedirectResponse)
def correct(visit: Writer, tie_id: int, form: PageForm, db: Db) -> Response:
    """Correct the tie; the values before are kept."""
    hold(db, Tie, tie_id)
    record = _record(db, visit, tie_id)
    form.sees(_stored(visit, record))
    kind = form.choice("kind", TieKind, required=True)
    strength = form.number("strength")
    since, until = period(visit, form)
    fact = form.fact()
    if not form.errors:
        attempt(
            db,
            form,
            lambda: correct_tie(
                db,
                visit.viewer,
                tie_id,
                kind=kind,
                strength=strength,
                certainty=fact.certainty,
                valid_from=since,
                valid_to=until,
                given=given(fact),
                at=visit.now,
                turned=kind is TieKind.RECRUITER and form.value("recruiter", FIRST) == SECOND,
            ),
        )
        if not form.errors:
            return done(_back(record), "saved")
    return _edit_page(db, visit, record, form, status_code=422)


def _edit_page(
    db: Session, visit: Visit, record: Record, form: Form, status_code: int = 200
) -> HTMLResponse:
    first, second = _people(db, visit, record)
    return visit.render(
        "tie/edit.html",
        status_code=status_code,
        title=visit.say(N_("Correct: %(what)s"), what=_what(db, visit, record)),
        form=form,
        first=first,
        second=second,
        kinds=options(TieKind, visit.viewer.language),
        most=f"{MAX_STRENGTH:g}",
        base=f"/ties/{record.id}",
        back=_back(record),
    )


@router.get("/ties/{tie_id}/end", response_class=HTMLResponse)
def ask_end(visit: Writer, tie_id: int, db: ReadDb) -> HTMLResponse:
    """Ask for the day and the reason."""
    return ask_to_end(db, visit, TIES, tie_id)


@router.post("/ties/{tie_id}/end", response_class=RedirectResponse)
def end(visit: Writer, tie_id: int, form: PageForm, db: Db) -> Response:
    """End the tie on a day."""
    return end_on_a_day(db, visit, TIES, tie_id, form)


@router.get("/ties/{tie_id}/withdraw", response_class=HTMLResponse)
def ask_withdraw(visit: Writer, tie_id: int, db: ReadDb) -> HTMLResponse:
    """Ask whether the tie never was."""
    return ask_to_withdraw(db, visit, TIES, tie_id)


@router.post("/ties/{tie_id}/withdraw", response_class=RedirectResponse)
def withdraw(visit: Writer, tie_id: int, form: PageForm, db: Db) -> Response:
    """Withdraw the tie."""
    return withdraw_with_reason(db, visit, TIES, tie_id, form)


def _record(db: Session, visit: Visit, tie_id: int) -> Record:
    must_be_now(visit)
    record = one_record(db, visit.viewer, Tie, tie_id, visit.asked, permission="tie:write")
    _people(db, visit, record)
    return record


def _people(db: Session, visit: Visit, record: Record) -> tuple[PersonHead, PersonHead]:
    first = _person(db, visit, record.values["person_a_id"])
    return first, _person(db, visit, record.values["person_b_id"])


def _what(db: Session, visit: Visit, record: Record) -> str:
    first, second = _people(db, visit, record)
    kind = code(TieKind, record.values["kind"])
    if kind is TieKind.RECRUITER:
        return visit.say(
            N_("%(first)s recruits %(second)s"), first=first.called, second=second.called
        )
    return visit.say(
        N_("%(kind)s, %(first)s and %(second)s"),
        kind=label(kind, visit.viewer.language),
        first=first.called,
        second=second.called,
    )


def _back(record: Record) -> str:
    return f"/people/{record.values['person_a_id']}"


TIES = LastingFact(
    model=Tie,
    path="/ties",
    load=_record,
    stands=_stored,
    what=_what,
    back=_back,
    end=end_tie,
    withdraw=withdraw_tie,
)
