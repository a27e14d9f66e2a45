"""Rounds of custom notifications: the list, beginning one, its page, changing it."""

from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy.orm import Session

from gvi.domain.round import RoundStatus
from gvi.domain.text import N_
from gvi.store.models import Round
from gvi.store.queries.call_in import call_in_card, groups_to_choose
from gvi.store.queries.changes import changes_of
from gvi.store.queries.hold import hold
from gvi.store.queries.round import RoundCard, RoundRow, round_card, rounds, visited_in
from gvi.store.queries.user import colleagues
from gvi.usecases.custom_notification import OWNERS
from gvi.usecases.round import Frame, add_people, add_round, change_round
from gvi.web.fact_form import opened
from gvi.web.forms import Form
from gvi.web.labels import options
from gvi.web.listing import Column, Filter, Listing, ListQuery
from gvi.web.round import Chooser, Offer, answer, barred_of, next_of, reached
from gvi.web.visit import Db, PageForm, ReadDb, Visit, attempt, done, may

router = APIRouter(include_in_schema=False)

Reader = Annotated[Visit, may("round:read")]
Writer = Annotated[Visit, may("round:write")]

COLUMNS: tuple[Column[RoundRow], ...] = (
    Column("name", N_("Round"), lambda row: row.name),
    Column("ends", N_("From and to"), lambda row: row.ends_on),
    Column("people", N_("People"), lambda row: row.people, numeric=True),
    Column("attempts", N_("Attempts"), lambda row: row.attempts, numeric=True),
    Column("delivered", N_("Delivered"), lambda row: row.delivered, numeric=True),
    Column("status", N_("Status"), lambda row: row.status),
    Column("owner", N_("Answers for it"), lambda row: row.owner),
)


@router.get("/rounds", response_class=HTMLResponse)
def listed(visit: Annotated[Visit, may("round:list")], db: ReadDb) -> HTMLResponse:
    """List the rounds, open ones first."""
    every = rounds(db, visit.viewer)
    filters = (
        Filter(
            "status",
            N_("Status"),
            options(RoundStatus, visit.viewer.language),
            any_label=N_("Any status"),
        ),
    )
    query = ListQuery.parse(visit.request.query_params, COLUMNS, filters)
    rows, total = query.apply(
        every,
        COLUMNS,
        search=lambda row: (row.name, row.owner),
        filters={"status": lambda row: row.status},
    )
    visit.shows("round", [row.id for row in rows])
    under_way = [row for row in every if row.is_open]
    return visit.render(
        "round/list.html",
        listing=Listing(
            rows=rows,
            total=total,
            query=query,
            columns=COLUMNS,
            filters=filters,
            base_url="/rounds",
            search_label=N_("Name"),
        ),
        under_way=len(under_way),
        remaining=sum(row.remaining for row in under_way),
        may_write=visit.may("round:write"),
    )


@router.get("/rounds/new", response_class=HTMLResponse)
def new(visit: Writer, db: ReadDb) -> HTMLResponse:
    """Ask what the round is; from the planner it brings along whom to visit."""
    query = visit.request.query_params
    form = Form(query.multi_items(), language=visit.viewer.language, zone=visit.zone)
    call_in = form.integer("call_in")
    if call_in is not None:
        card = call_in_card(db, visit.viewer, call_in)
        visit.shows("call_in", [card.id])
        values: dict[str, object] = {
            "name": visit.say(N_("Visits beside %(name)s"), name=card.name),
            "call_in": card.id,
            "groups": [group for group, _ in card.groups],
            "p": form.integers("p"),
            "called": form.value("called"),
        }
        form = Form.filled(values, language=visit.viewer.language, zone=visit.zone)
    return _edit_page(visit, db, form, None)


@router.post("/rounds/new", response_class=RedirectResponse)
def create(visit: Writer, form: PageForm, db: Db) -> Response:
    """Begin it, with whom it brings along, and show it."""
    frame, people = _given(form), form.integers("p")
    call_in = form.integer("call_in")
    reasons = reasons_given(form, people)

    def begin() -> Round:
        begun = add_round(db, visit.viewer, frame, call_in_id=call_in, at=visit.now)
        if reasons:
            add_people(db, visit.viewer, begun.id, reasons, at=visit.now, zone=visit.zone)
        return begun

    if not form.errors:
        begun = attempt(db, form, begin)
        if begun is not None:
            return done(f"/rounds/{begun.id}{'' if reasons else '/people'}", "added")
    return _edit_page(visit, db, form, None, status_code=422)


def reasons_given(form: Form, people: tuple[int, ...]) -> dict[int, str]:
    """Read whom somebody ticked, each with why."""
    return {person: form.text(f"why-{person}", most=500) for person in people}


def _given(form: Form) -> Frame:
    return Frame(
        name=form.text("name", required=True, most=200),
        starts_on=form.date("starts_on", required=True),
        ends_on=form.date("ends_on", required=True),
        owner_id=form.integer("owner", required=True),
        team=form.text("team", most=500),
        purpose=form.text("purpose", most=2000),
        group_ids=form.integers("groups"),
    )


def _edit_page(
    visit: Visit, db: Session, form: Form, card: RoundCard | None, *, status_code: int = 200
) -> HTMLResponse:
    groups = groups_to_choose(db, visit.viewer) if visit.may("group:list") else ()
    visit.shows("group", [group_id for group_id, _ in groups])
    if card is not None:
        visit.shows("round", [card.id])
    return visit.render(
        "round/edit.html",
        status_code=status_code,
        form=form,
        card=card,
        groups=groups,
        offer=_brought(visit, db, form) if card is None else None,
        owners=[
            (str(each.id), each.display_name) for each in colleagues(db, visit.viewer, *OWNERS)
        ],
        usual_owner=str(visit.viewer.user_id),
        today=visit.today,
    )


def _brought(visit: Visit, db: Session, form: Form) -> Offer | None:
    """Give whom the planner sends along, each with the gain over those who are called."""
    people = form.integers("brought") or form.integers("p")
    if not people:
        return None
    called = [int(each) for each in form.value("called").split("-") if each.isdecimal()]
    chooser = Chooser(visit, db, None)
    offer = chooser.weighed(people, groups=form.integers("groups"), called=called)
    visit.shows("person", [each.person_id for each in offer.people])
    return offer


@router.get("/rounds/{round_id}/edit", response_class=HTMLResponse)
def edit(visit: Writer, round_id: int, db: ReadDb) -> HTMLResponse:
    """Show what the round is, for changing."""
    card = round_card(db, visit.viewer, round_id)
    return _edit_page(visit, db, _stored(visit, card), card)


def _stored(visit: Visit, card: RoundCard) -> Form:
    values = {
        "name": card.name,
        "starts_on": card.starts_on,
        "ends_on": card.ends_on,
        "owner": card.owner_id,
        "team": card.team,
        "purpose": card.purpose,
        "groups": [group for group, _ in card.groups],
    }
    return Form.filled(values, language=visit.viewer.language, zone=visit.zone)


@router.post("/rounds/{round_id}/edit", response_class=RedirectResponse)
def change(visit: Writer, round_id: int, form: PageForm, db: Db) -> Response:
    """Change what it is."""
    hold(db, Round, round_id)
    form.sees(_stored(visit, round_card(db, visit.viewer, round_id)))
    frame = _given(form)
    if not form.errors:
        at, zone = visit.now, visit.zone
        changed = attempt(
            db, form, lambda: change_round(db, visit.viewer, round_id, frame, at=at, zone=zone)
        )
        if changed is not None:
            return done(f"/rounds/{round_id}")
    card = round_card(db, visit.viewer, round_id)
    return _edit_page(visit, db, form, card, status_code=422)


@router.get("/rounds/{round_id}", response_class=HTMLResponse)
def show(visit: Reader, round_id: int, db: ReadDb) -> HTMLResponse:
    """Show how far it is, and what is next for each person."""
    form = opened(visit, stands(visit, db, round_id), "rounds")
    return show_page(visit, db, round_id, form)


def stands(visit: Visit, db: Session, round_id: int) -> Form:
    """Give what closing and reopening are about: how far the round is."""
    card = round_card(db, visit.viewer, round_id)
    rows = visited_in(db, visit.viewer, round_id, at=visit.now, on=visit.today)
    values = {
        "status": card.status,
        "starts_on": card.starts_on,
        "ends_on": card.ends_on,
        "person_id": sorted(f"{each.row.person_id} {each.row.status}" for each in rows),
    }
    return Form.filled(values, language=visit.viewer.language, zone=visit.zone)


def show_page(
    visit: Visit, db: Session, round_id: int, form: Form, *, status_code: int = 200
) -> HTMLResponse:
    """Show one round, with what was wrong in a form on it."""
    card = round_card(db, visit.viewer, round_id)
    rows = visited_in(db, visit.viewer, round_id, at=visit.now, on=visit.today)
    visit.shows("round", [card.id])
    visit.shows("custom_notification", [each.row.id for each in rows])
    visit.shows("person", [each.row.person_id for each in rows])
    barred = barred_of(visit, db, [each.row.person_id for each in rows])
    history = changes_of(db, visit.viewer, "round", card.id, visit.zone)
    return visit.render(
        "round/show.html",
        status_code=status_code,
        card=card,
        form=form,
        answer=answer(visit, card, rows),
        rows=rows,
        next_of={each.row.id: next_of(visit, each, barred) for each in rows},
        again=[each for each in rows if each.row.look_again] if card.is_open else [],
        reached=reached(visit, db, card, rows),
        history=[{"kind": "decision", "at": each.at, "change": each} for each in history],
        statuses={status.value: status for status in RoundStatus},
        may_write=visit.may("round:write"),
        may_print=visit.may("paper:make"),
    )
