"""Who is in a round: choosing people, taking one out; closing it, and opening it again."""

from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy.orm import Session

from gvi.domain.errors import NotFoundError
from gvi.domain.round import MOST_VISITS, USUAL_VISITS, Remains
from gvi.domain.text import N_
from gvi.store.models import Round
from gvi.store.queries.call_in import groups_to_choose
from gvi.store.queries.hold import hold
from gvi.store.queries.round import Visited, round_card, visited_in
from gvi.usecases.round import Decided, add_people, close_round, end_of, reopen_round, take_out
from gvi.web.fact_form import opened
from gvi.web.forms import Form
from gvi.web.labels import options
from gvi.web.pages.client import choose_person
from gvi.web.pages.round import reasons_given, show_page, stands
from gvi.web.round import Chooser
from gvi.web.visit import Db, PageForm, ReadDb, Visit, attempt, done, may

router = APIRouter(include_in_schema=False)

Writer = Annotated[Visit, may("round:write")]


@router.get("/rounds/{round_id}/people", response_class=HTMLResponse)
def ask(visit: Writer, round_id: int, db: ReadDb) -> HTMLResponse:
    """Propose whom to visit, beside visits that are open already and whom somebody named."""
    query = visit.request.query_params
    form = Form(query.multi_items(), language=visit.viewer.language, zone=visit.zone)
    return _people_page(visit, db, round_id, form)


@router.get("/rounds/{round_id}/people/find", response_class=HTMLResponse)
def find(visit: Writer, round_id: int, db: ReadDb) -> HTMLResponse:
    """Ask for somebody by name."""
    card = round_card(db, visit.viewer, round_id)
    visit.shows("round", [card.id])
    return choose_person(
        visit,
        db,
        title=visit.say(N_("Add somebody to %(name)s"), name=card.name),
        target=f"/rounds/{round_id}/people",
        keep={},
    )


@router.post("/rounds/{round_id}/people", response_class=RedirectResponse)
def add(visit: Writer, round_id: int, form: PageForm, db: Db) -> Response:
    """Put those ticked into the round."""
    reasons = reasons_given(form, form.integers("p"))
    if not form.errors:
        at, zone = visit.now, visit.zone
        added = attempt(
            db, form, lambda: add_people(db, visit.viewer, round_id, reasons, at=at, zone=zone)
        )
        if added is not None:
            return done(f"/rounds/{round_id}", "added")
    return _people_page(visit, db, round_id, form, status_code=422)


def _people_page(
    visit: Visit, db: Session, round_id: int, form: Form, *, status_code: int = 200
) -> HTMLResponse:
    card = round_card(db, visit.viewer, round_id)
    visit.shows("round", [card.id])
    groups = groups_to_choose(db, visit.viewer) if visit.may("group:list") else ()
    visit.shows("group", [group_id for group_id, _ in groups])
    wanted = form.integers("group") or tuple(group for group, _ in card.groups)
    visits = form.integer("visits", least=1, most=MOST_VISITS) or USUAL_VISITS
    named = form.integers("person")
    chooser = Chooser(visit, db, card)
    offer = chooser.proposed(groups=wanted, visits=visits) if not named else None
    by_name = chooser.weighed(named, groups=wanted) if named else None
    shown = offer or by_name
    proposed = shown.people if shown else ()
    open_ones = chooser.open_ones({each.person_id for each in proposed})
    visit.shows("person", [each.person_id for each in (*proposed, *open_ones)])
    return visit.render(
        "round/people.html",
        status_code=status_code,
        card=card,
        form=form,
        groups=groups,
        wanted=[str(group) for group in wanted],
        visits=visits,
        most_visits=MOST_VISITS,
        said=shown.said if shown else "",
        is_named=bool(named),
        proposed=proposed,
        open_ones=open_ones,
        is_asked_anew=form.value("act") != "",
        may_plan=visit.may("call_in:plan"),
    )


@router.get("/rounds/{round_id}/visits/{notification_id}/out", response_class=HTMLResponse)
def ask_out(visit: Writer, round_id: int, notification_id: int, db: ReadDb) -> HTMLResponse:
    """Ask what becomes of one visit that leaves the round, and why."""
    form = opened(visit, _stands_one(visit, db, round_id, notification_id), "rounds")
    return _out_page(visit, db, (round_id, notification_id), form)


@router.post("/rounds/{round_id}/visits/{notification_id}/out", response_class=RedirectResponse)
def out(visit: Writer, round_id: int, notification_id: int, form: PageForm, db: Db) -> Response:
    """Take one person out."""
    hold(db, Round, round_id)
    form.acts_on(_stands_one(visit, db, round_id, notification_id), "rounds")
    decided = _decided(visit, form, "")
    if not form.errors:
        taken = attempt(
            db, form, lambda: take_out(db, visit.viewer, notification_id, decided, at=visit.now)
        )
        if taken is not None:
            return done(f"/rounds/{round_id}", "decided")
    return _out_page(visit, db, (round_id, notification_id), form, status_code=422)


def _stands_one(visit: Visit, db: Session, round_id: int, notification_id: int) -> Form:
    each = _visited(visit, db, round_id, notification_id)
    values = {"status": each.row.status, "due_at": each.row.due_at}
    return Form.filled(values, language=visit.viewer.language, zone=visit.zone)


def _visited(visit: Visit, db: Session, round_id: int, notification_id: int) -> Visited:
    rows = visited_in(db, visit.viewer, round_id, at=visit.now, on=visit.today)
    found = next((each for each in rows if each.row.id == notification_id), None)
    if found is None:
        raise NotFoundError(N_("That visit is in no round."))
    return found


def _out_page(
    visit: Visit, db: Session, ids: tuple[int, int], form: Form, *, status_code: int = 200
) -> HTMLResponse:
    each = _visited(visit, db, *ids)
    visit.shows("custom_notification", [each.row.id])
    visit.shows("person", [each.row.person_id])
    return visit.render(
        "round/out.html",
        status_code=status_code,
        card=round_card(db, visit.viewer, ids[0]),
        row=each.row,
        form=form,
        remains=options(Remains, visit.viewer.language),
    )


@router.get("/rounds/{round_id}/close", response_class=HTMLResponse)
def ask_close(visit: Writer, round_id: int, db: ReadDb) -> HTMLResponse:
    """Ask what becomes of each visit that was not delivered."""
    form = opened(visit, stands(visit, db, round_id), "rounds")
    return _close_page(visit, db, round_id, form)


@router.post("/rounds/{round_id}/close", response_class=RedirectResponse)
def close(visit: Writer, round_id: int, form: PageForm, db: Db) -> Response:
    """Close it."""
    hold(db, Round, round_id)
    form.acts_on(stands(visit, db, round_id), "rounds")
    decisions = {
        each.row.id: _decided(visit, form, f"-{each.row.id}", else_of="-all")
        for each in _undelivered(visit, db, round_id)
    }
    if not form.errors:
        closed = attempt(
            db, form, lambda: close_round(db, visit.viewer, round_id, decisions, at=visit.now)
        )
        if closed is not None:
            return done(f"/rounds/{round_id}", "decided")
    return _close_page(visit, db, round_id, form, status_code=422)


def _decided(visit: Visit, form: Form, own: str, *, else_of: str = "") -> Decided:
    """Read what becomes of one visit; the day only where it stays.

    What is said nowhere of the one visit is read from what is said of all.
    """

    def asked(name: str) -> str:
        is_blank = not form.value(f"{name}{own}").strip()
        is_said_of_all = bool(form.value(f"{name}{else_of}").strip())
        return f"{name}{else_of if is_blank and is_said_of_all else own}"

    day = form.date(asked("due_at"))
    remains = form.choice(asked("remains"), Remains, required=True)
    return Decided(
        remains=remains,
        reason=form.text(asked("reason"), required=True, most=2000),
        due_at=end_of(day, visit.zone) if day and remains is Remains.STAYS else None,
    )


def _undelivered(visit: Visit, db: Session, round_id: int) -> list[Visited]:
    rows = visited_in(db, visit.viewer, round_id, at=visit.now, on=visit.today)
    return [each for each in rows if each.is_possible]


def _close_page(
    visit: Visit, db: Session, round_id: int, form: Form, *, status_code: int = 200
) -> HTMLResponse:
    rows = _undelivered(visit, db, round_id)
    visit.shows("round", [round_id])
    visit.shows("custom_notification", [each.row.id for each in rows])
    visit.shows("person", [each.row.person_id for each in rows])
    return visit.render(
        "round/close.html",
        status_code=status_code,
        card=round_card(db, visit.viewer, round_id),
        rows=rows,
        form=form,
        remains=options(Remains, visit.viewer.language),
    )


@router.post("/rounds/{round_id}/reopen", response_class=RedirectResponse)
def reopen(visit: Writer, round_id: int, form: PageForm, db: Db) -> Response:
    """Open it again."""
    hold(db, Round, round_id)
    form.acts_on(stands(visit, db, round_id), "rounds")
    reason = form.text("reason", required=True, most=2000)
    if not form.errors:
        again = attempt(
            db, form, lambda: reopen_round(db, visit.viewer, round_id, reason=reason, at=visit.now)
        )
        if again is not None:
            return done(f"/rounds/{round_id}", "decided")
    return show_page(visit, db, round_id, form, status_code=422)
