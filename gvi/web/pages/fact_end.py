"""Ending and withdrawing a recorded fact: the same two pages for each kind that lasts a while."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fastapi.responses import HTMLResponse, Response
from sqlalchemy.orm import Session

from gvi.domain.text import N_
from gvi.store.models import Base
from gvi.store.queries.hold import hold
from gvi.store.queries.record import Record
from gvi.web.fact_form import day_read, is_reasoned, opened, withdraw_page
from gvi.web.forms import Form
from gvi.web.visit import Visit, done


@dataclass(frozen=True, slots=True, kw_only=True)
class LastingFact:
    """What a kind of fact that lasts a while brings to the pages that end or withdraw it.

    `load` gives the record to who may write it and logs whom it shows; `stands` says as a form what
    is stored now, `what` names the record in a title, `back` is the page it is listed on. `end` and
    `withdraw` are the use cases.
    """

    model: type[Base]
    path: str
    load: Callable[[Session, Visit, int], Record]
    stands: Callable[[Visit, Record], Form]
    what: Callable[[Session, Visit, Record], str]
    back: Callable[[Record], str]
    end: Callable[..., Any]
    withdraw: Callable[..., Any]


def ask_about(db: Session, visit: Visit, fact: LastingFact, record_id: int) -> tuple[Record, Form]:
    """Load a record and give the empty form of an act on it as it stands now."""
    record = fact.load(db, visit, record_id)
    return record, opened(visit, fact.stands(visit, record), fact.model.__tablename__)


def held_about(db: Session, visit: Visit, fact: LastingFact, record_id: int, form: Form) -> Record:
    """Load a record for an act that was sent, and hold it to what its reader saw."""
    hold(db, fact.model, record_id)
    record = fact.load(db, visit, record_id)
    form.acts_on(fact.stands(visit, record), fact.model.__tablename__)
    return record


def ask_to_end(db: Session, visit: Visit, fact: LastingFact, record_id: int) -> HTMLResponse:
    """Ask for the day and the reason."""
    record, form = ask_about(db, visit, fact, record_id)
    return _end_page(db, visit, fact, record, form)


def end_on_a_day(
    db: Session, visit: Visit, fact: LastingFact, record_id: int, form: Form
) -> Response:
    """End a record on the day that was sent; a wrong form comes back with what was typed."""
    record = held_about(db, visit, fact, record_id, form)
    until = day_read(visit, form, "valid_to", required=True)

    def act(reason: str) -> None:
        fact.end(db, visit.viewer, record_id, valid_to=until, reason=reason, at=visit.now)

    if is_reasoned(db, form, act):
        return done(fact.back(record), "ended")
    return _end_page(db, visit, fact, record, form)


def _end_page(
    db: Session, visit: Visit, fact: LastingFact, record: Record, form: Form
) -> HTMLResponse:
    return visit.render(
        "fact/end.html",
        status_code=422 if form.errors else 200,
        title=visit.say(N_("End: %(what)s"), what=fact.what(db, visit, record)),
        form=form,
        action=f"{fact.path}/{record.id}/end",
        back=fact.back(record),
    )


def ask_to_withdraw(db: Session, visit: Visit, fact: LastingFact, record_id: int) -> HTMLResponse:
    """Ask whether it never was."""
    record, form = ask_about(db, visit, fact, record_id)
    return _withdraw_page(db, visit, fact, record, form)


def withdraw_with_reason(
    db: Session, visit: Visit, fact: LastingFact, record_id: int, form: Form
) -> Response:
    """Withdraw a record; a form without a reason comes back."""
    record = held_about(db, visit, fact, record_id, form)

    def act(reason: str) -> None:
        fact.withdraw(db, visit.viewer, record_id, reason=reason, at=visit.now)

    if is_reasoned(db, form, act):
        return done(fact.back(record), "withdrawn")
    return _withdraw_page(db, visit, fact, record, form)


def _withdraw_page(
    db: Session, visit: Visit, fact: LastingFact, record: Record, form: Form
) -> HTMLResponse:
    what, action = fact.what(db, visit, record), f"{fact.path}/{record.id}/withdraw"
    return withdraw_page(visit, form, what, action=action, back=fact.back(record))
