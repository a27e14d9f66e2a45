"""Clients: who works with a person, what was offered, their cases and calls; and choosing one."""

from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy.orm import Session

from gvi.domain.access import Role
from gvi.domain.errors import RuleError
from gvi.domain.support import OfferResponse
from gvi.domain.text import N_
from gvi.store.models import SupportOffer
from gvi.store.queries.client import (
    Assignment,
    PersonChoice,
    own_clients,
    people_found,
    person_choice,
    workers_of,
)
from gvi.store.queries.hold import hold
from gvi.store.queries.inbound_call import calls_of
from gvi.store.queries.support import OfferRow, list_cases, offers_to
from gvi.store.queries.support import offer as offered
from gvi.store.queries.user import Colleague, colleagues
from gvi.usecases.support import WORKERS, answer_offer, record_offer
from gvi.usecases.user import assign_client, end_assignment
from gvi.web.forms import CHOOSE, Form
from gvi.web.labels import label, options
from gvi.web.tabs import person_tabs
from gvi.web.visit import Db, PageForm, ReadDb, Visit, attempt, done, may

router = APIRouter(include_in_schema=False)

CLIENT_ROLES = (*WORKERS, Role.PROBATION)

Reader = Annotated[Visit, may("support:read")]
Assigner = Annotated[Visit, may("client:assign")]
Offerer = Annotated[Visit, may("offer:write")]


@router.get("/people/{person_id}/support", response_class=HTMLResponse)
def show(visit: Reader, person_id: int, db: ReadDb) -> HTMLResponse:
    """Show who works with a person, their cases, what was offered, and their calls."""
    return _page(visit, db, person_id, visit.form())


def _page(
    visit: Visit, db: Session, person_id: int, form: Form, status_code: int = 200
) -> HTMLResponse:
    person = _person(visit, db, person_id)
    workers = workers_of(db, visit.viewer, person_id)
    cases = list_cases(db, visit.viewer, visit.now, visit.zone, person_id=person_id)
    offers = offers_to(db, visit.viewer, person_id)
    calls = calls_of(db, visit.viewer, person_id, visit.now, visit.zone)
    visit.shows("support_case", [case.id for case in cases])
    visit.shows("support_offer", [offer.id for offer in offers])
    visit.shows("inbound_call", [call.id for call in calls])
    return visit.render(
        "client/show.html",
        status_code=status_code,
        person=person,
        answer=_answer(visit, workers, offers),
        workers=workers,
        cases=cases,
        has_open_case=any(case.tone == "" for case in cases),
        offers=offers,
        calls=calls,
        form=form,
        candidates=_candidates(visit, db, workers),
        responses=options(OfferResponse, visit.viewer.language),
        tabs=[
            (visit.say(tab.label), tab.url, tab.current)
            for tab in person_tabs(visit, person_id, "/support")
        ],
        may_assign=visit.may("client:assign"),
        may_open=visit.may("support:write"),
        may_offer=visit.may("offer:write"),
    )


def _person(visit: Visit, db: Session, person_id: int) -> PersonChoice:
    person = person_choice(db, visit.viewer, person_id, on=visit.today)
    visit.shows("person", [person.id])
    return person


def _answer(visit: Visit, workers: tuple[Assignment, ...], offers: tuple[OfferRow, ...]) -> str:
    now = [worker.name for worker in workers if worker.ended_at is None]
    who = (
        visit.say_plural(
            "%(names)s works with them.",
            "%(names)s work with them.",
            len(now),
            names=", ".join(now),
        )
        if now
        else visit.say(N_("Nobody works with them yet."))
    )
    offered = visit.say(N_("No help has been offered."))
    if offers:
        offered = visit.say_plural(
            "Help has been offered once.", "Help has been offered %(num)s times.", len(offers)
        )
    return f"{who} {offered}"


def _candidates(
    visit: Visit, db: Session, workers: tuple[Assignment, ...]
) -> list[tuple[str, str]]:
    """Offer whom the person can be assigned to: nobody twice, and a lead only the own team."""
    if not visit.may("client:assign"):
        return []
    held = {worker.user_id for worker in workers if worker.ended_at is None}
    return [
        (str(each.id), _named(each, visit.viewer.language))
        for each in colleagues(db, visit.viewer, *(role.value for role in CLIENT_ROLES))
        if each.id not in held
        and (visit.viewer.role is not Role.OUTREACH_LEAD or each.team == visit.viewer.team)
    ]


def _named(worker: Colleague, language: str) -> str:
    return f"{worker.display_name}, {label(Role(worker.role), language)}"


@router.post("/people/{person_id}/support/assign", response_class=RedirectResponse)
def assign(visit: Assigner, person_id: int, form: PageForm, db: Db) -> Response:
    """Make the person somebody's own client."""
    user_id = form.integer("user", required=True)
    if not form.errors and attempt(
        db, form, lambda: _assign(db, visit, person_id, user_id, form.text("reason"))
    ):
        return done(f"/people/{person_id}/support", "added")
    return _page(visit, db, person_id, form, status_code=422)


def _assign(db: Session, visit: Visit, person_id: int, user_id: int, reason: str) -> bool:
    assign_client(db, visit.viewer, person_id, user_id, at=visit.now, reason=reason)
    return True


@router.get("/people/{person_id}/support/unassign", response_class=HTMLResponse)
def ask_unassign(visit: Assigner, person_id: int, user: int, db: ReadDb) -> HTMLResponse:
    """Ask why somebody no longer works with the person."""
    return _unassign_page(visit, db, person_id, user, visit.form())


@router.post("/people/{person_id}/support/unassign", response_class=RedirectResponse)
def unassign(visit: Assigner, person_id: int, form: PageForm, db: Db) -> Response:
    """End the assignment; the worker no longer sees the person."""
    user_id = form.integer("user", required=True)
    reason = form.text("reason", required=True)
    if form.errors:
        return _unassign_page(visit, db, person_id, user_id, form, status_code=422)
    end_assignment(db, visit.viewer, person_id, user_id, at=visit.now, reason=reason)
    return done(f"/people/{person_id}/support", "ended")


def _unassign_page(
    visit: Visit, db: Session, person_id: int, user_id: int, form: Form, *, status_code: int = 200
) -> HTMLResponse:
    person = _person(visit, db, person_id)
    worker = next(
        (
            each
            for each in workers_of(db, visit.viewer, person_id)
            if each.user_id == user_id and each.ended_at is None
        ),
        None,
    )
    if worker is None:
        raise RuleError(N_("That person is not this worker's client."))
    return visit.render(
        "client/unassign.html", status_code=status_code, person=person, worker=worker, form=form
    )


@router.get("/people/{person_id}/support/offers/new", response_class=HTMLResponse)
def ask_offer(visit: Offerer, person_id: int, db: ReadDb) -> HTMLResponse:
    """Ask what was offered, when, and what the person said."""
    return _offer_page(visit, db, person_id, visit.form())


@router.post("/people/{person_id}/support/offers/new", response_class=RedirectResponse)
def offer(visit: Offerer, person_id: int, form: PageForm, db: Db) -> Response:
    """Record the offer."""
    what = form.text("what", required=True, most=500)
    offered_at = form.moment("offered_at") or visit.now
    response = form.choice("response", OfferResponse)
    if not form.errors:
        recorded = attempt(
            db,
            form,
            lambda: record_offer(
                db,
                visit.viewer,
                person_id,
                what=what,
                offered_at=offered_at,
                response=response,
                at=visit.now,
                zone=visit.zone,
            ),
        )
        if recorded is not None:
            return done(f"/people/{person_id}/support", "added")
    return _offer_page(visit, db, person_id, form, status_code=422)


def _offer_page(
    visit: Visit, db: Session, person_id: int, form: Form, status_code: int = 200
) -> HTMLResponse:
    return visit.render(
        "client/offer.html",
        status_code=status_code,
        person=_person(visit, db, person_id),
        form=form,
        responses=options(OfferResponse, visit.viewer.language),
    )


@router.post("/offers/{offer_id}/answer", response_class=RedirectResponse)
def answer(visit: Offerer, offer_id: int, form: PageForm, db: Db) -> Response:
    """Record what the person said to an offer, from its row."""
    hold(db, SupportOffer, offer_id)
    row = offered(db, visit.viewer, offer_id)
    language = visit.viewer.language
    form.acts_on(Form.filled({"response": row.response}, language=language), "support_offers")
    if form.is_stale:
        return _page(visit, db, row.person_id, form)
    response = form.choice("response", OfferResponse, required=True)
    if form.errors:
        raise RuleError(CHOOSE, field="response")
    given = answer_offer(db, visit.viewer, offer_id, response=response, at=visit.now)
    return done(f"/people/{given.person_id}/support")


def choose_person(
    visit: Visit, db: Session, *, title: str, target: str, keep: dict[str, int | None]
) -> HTMLResponse:
    """Ask for whom: own clients as a list, everybody else by a search."""
    q = " ".join(visit.request.query_params.get("q", "").split())[:100]
    clients = own_clients(db, visit.viewer, on=visit.today)
    found = clients or people_found(db, visit.viewer, q, on=visit.today)
    visit.shows("person", [choice.id for choice in found])
    visit.notes(search=len(q))
    kept = {name: str(value) for name, value in keep.items() if value is not None}
    return visit.render(
        "client/choose.html",
        title=title,
        target=target,
        keep=kept,
        query="".join(f"&{name}={value}" for name, value in kept.items()),
        choices=found,
        has_clients=bool(clients),
        q=q,
    )


def worker_options(visit: Visit, db: Session) -> list[tuple[str, str]]:
    """Offer who may own a case; a lead chooses within the team, a worker not at all."""
    if visit.viewer.role is Role.OUTREACH:
        return []
    return [
        (str(worker.id), _named(worker, visit.viewer.language))
        for worker in colleagues(db, visit.viewer, *(role.value for role in WORKERS))
        if visit.viewer.role is not Role.OUTREACH_LEAD or worker.team == visit.viewer.team
    ]
