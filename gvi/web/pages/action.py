"""Actions: one, with done, dropped, moved, handed over and taken back; and a new one."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy.orm import Session

from gvi.domain.access import POLICY, Role, Scope, grant
from gvi.domain.action import ActionKind, ActionStatus
from gvi.domain.correction import Disputed
from gvi.domain.errors import NotFoundError
from gvi.domain.grading import Compartment
from gvi.domain.text import N_
from gvi.store.models import Action
from gvi.store.queries.action import ActionRow, action
from gvi.store.queries.changes import changes_of
from gvi.store.queries.client import person_choice
from gvi.store.queries.hold import hold
from gvi.store.queries.user import colleagues
from gvi.usecases.action import (
    About,
    add_action,
    compartments_of,
    drop_action,
    finish_action,
    hand_over_action,
    move_action,
    start_action,
    undo_end,
)
from gvi.web.fact_form import opened
from gvi.web.format import say_time
from gvi.web.forms import Form
from gvi.web.labels import label
from gvi.web.numbers import whole_number
from gvi.web.templating import manner_of
from gvi.web.visit import Db, PageForm, ReadDb, Visit, attempt, done, may

router = APIRouter(include_in_schema=False)

DUE = "due"
"""Where an act began, when not on the action's own page."""

Reader = Annotated[Visit, may("action:read")]
Writer = Annotated[Visit, may("action:write")]

_READERS = (
    Role.COORDINATOR_POLICE,
    Role.COORDINATOR_MUNICIPAL,
    Role.ANALYST,
    Role.OUTREACH,
    Role.OUTREACH_LEAD,
    Role.PROBATION,
)
_WHO_READS = {
    Compartment.SHARED: N_("Both coordinators and the owner"),
    Compartment.POLICE: N_("Police and the owner only"),
    Compartment.SOCIAL: N_("The municipality and the owner only"),
    Compartment.PROBATION: N_("The owner only"),
    Compartment.CHILD: N_("The municipality and the owner only"),
}


def action_text(visit: Visit, row: ActionRow) -> str:
    """Say what is to be done: in its own words, or as its kind where they may not be read."""
    if row.text:
        return row.text
    kind = label(row.kind, visit.viewer.language)
    if row.kind is not ActionKind.DECISION:
        return kind
    return visit.say(N_("An action whose text is not for you"))


@router.get("/actions/new", response_class=HTMLResponse)
def new(visit: Writer, db: ReadDb) -> HTMLResponse:
    """Ask what is to be done, by whom and when."""
    given = visit.request.query_params
    about = {name: given[name] for name in _ABOUT if _is_id(given.get(name, ""))}
    form = Form.filled(about, language=visit.viewer.language, zone=visit.zone)
    return _new_page(visit, db, form)


_ABOUT = ("person", "group", "incident", "call_in")


def _is_id(text: str) -> bool:
    return whole_number(text) is not None


@router.post("/actions/new", response_class=RedirectResponse)
def create(visit: Writer, form: PageForm, db: Db) -> Response:
    """Decide the action."""
    text, due_at = form.text("text", required=True, most=500), form.moment("due_at", required=True)
    about = About(
        person_id=form.integer("person"),
        group_id=form.integer("group"),
        incident_id=form.integer("incident"),
        call_in_id=form.integer("call_in"),
    )
    compartment = form.one_of("compartment", compartments_of(visit.viewer))
    owner = form.integer("owner") or visit.viewer.user_id
    if not form.errors:
        added = attempt(
            db,
            form,
            lambda: add_action(
                db,
                visit.viewer,
                text=text,
                due_at=due_at,
                owner_id=owner,
                compartment=compartment or compartments_of(visit.viewer)[0].value,
                about=about,
                at=visit.now,
            ),
        )
        if added is not None:
            return done(f"/actions/{added.id}", "added")
    return _new_page(visit, db, form, status_code=422)


def _new_page(visit: Visit, db: Session, form: Form, status_code: int = 200) -> HTMLResponse:
    held = whole_number(form.value("person"))
    person = None if held is None else person_choice(db, visit.viewer, held, on=visit.today)
    visit.shows("person", [person.id] if person else [])
    kept = [(name, form.value(name)) for name in _ABOUT if _is_id(form.value(name))]
    return visit.render(
        "action/new.html",
        status_code=status_code,
        form=form,
        person=person,
        kept=kept,
        owners=_owners(visit, db),
        usual_owner=str(visit.viewer.user_id),
        compartments=[
            (each.value, visit.say(_WHO_READS[each])) for each in compartments_of(visit.viewer)
        ],
    )


def _owners(
    visit: Visit, db: Session, kind: ActionKind = ActionKind.DECISION
) -> list[tuple[str, str]]:
    """Offer who may own an action; a role that writes its own only has no choice.

    A correction speaks of scores: only who may see them may own it.
    """
    held = grant(visit.viewer, "action:write")
    if held is None or held.scope is not Scope.ALL:
        return []
    language = visit.viewer.language
    readers = tuple(POLICY["score:dispute"]) if kind is ActionKind.CORRECTION else _READERS
    return [
        (str(each.id), f"{each.display_name}, {label(Role(each.role), language)}")
        for each in colleagues(db, visit.viewer, *(role.value for role in readers))
    ]


@router.get("/actions/{action_id}", response_class=HTMLResponse)
def show(visit: Reader, action_id: int, db: ReadDb) -> HTMLResponse:
    """Show one action and what became of it."""
    form = opened(visit, _stands(visit, db, action_id, "status"), "actions")
    return _page(visit, db, action_id, form)


def _page(
    visit: Visit, db: Session, action_id: int, form: Form, status_code: int = 200
) -> HTMLResponse:
    row = action(db, visit.viewer, action_id, on=visit.today)
    visit.shows("action", [row.id])
    visit.shows("person", [row.person_id] if row.person_id is not None else [])
    history = changes_of(
        db, visit.viewer, "action", row.id, visit.zone, with_reasons=row.text is not None
    )
    return visit.render(
        "action/show.html",
        status_code=status_code,
        action=row,
        text=action_text(visit, row),
        answer=_answer(visit, row),
        who_reads=visit.say(_WHO_READS[row.compartment]),
        history=history,
        statuses={status.value: status for status in ActionStatus},
        form=form,
        may_hand_over=bool(_owners(visit, db, row.kind)),
        correct_at=correct_at(row.disputed, row.disputed_id),
        may_see_scores=visit.may("score:read"),
        started=row.status is ActionStatus.IN_PROGRESS,
    )


def correct_at(disputed: Disputed | None, disputed_id: int | None) -> str:
    """Give the page on which a disputed record is corrected; blank for the score as a whole."""
    if disputed is None or disputed_id is None:
        return ""
    return f"/{disputed.value}s/{disputed_id}/edit"


def _answer(visit: Visit, row: ActionRow) -> str:
    manner = manner_of(visit.page())
    owner = row.owner or visit.say(N_("nobody yet"))
    if row.ended_at is not None:
        status = label(row.status, visit.viewer.language)
        return visit.say(
            N_("%(status)s %(when)s."), status=status, when=say_time(row.ended_at, manner)
        )
    if row.due_at < visit.now:
        said = N_("%(owner)s owes it since %(when)s.")
    else:
        said = N_("%(owner)s does it by %(when)s.")
    return visit.say(said, owner=owner, when=say_time(row.due_at, manner))


def _acted(db: Session, form: Form, act: Callable[[], object]) -> bool:
    """Tell whether the form was right and the act was done."""
    return not form.errors and attempt(db, form, act) is not None


def _after(form: Form, action_id: int, key: str) -> RedirectResponse:
    """Lead back to where the act began: the list of everything due, or the action."""
    if form.value("back") != DUE:
        return done(f"/actions/{action_id}", key)
    return done(f"/due?ended={action_id}" if key == "done" else "/due", key)


@router.post("/actions/{action_id}/done", response_class=RedirectResponse)
def finish(visit: Writer, action_id: int, form: PageForm, db: Db) -> Response:
    """Say that it is done, and what came of it."""
    _acts(visit, db, action_id, form)
    outcome = form.text("outcome", most=1000)
    if _acted(
        db, form, lambda: finish_action(db, visit.viewer, action_id, at=visit.now, outcome=outcome)
    ):
        return _after(form, action_id, "done")
    return _page(visit, db, action_id, form, status_code=422)


@router.post("/actions/{action_id}/undo", response_class=RedirectResponse)
def undo(visit: Writer, action_id: int, form: PageForm, db: Db) -> Response:
    """Take "done" or "dropped" back."""
    _acts(visit, db, action_id, form)
    if _acted(db, form, lambda: undo_end(db, visit.viewer, action_id, at=visit.now)):
        return _after(form, action_id, "undone")
    return _page(visit, db, action_id, form, status_code=422)


@router.post("/actions/{action_id}/start", response_class=RedirectResponse)
def start(visit: Writer, action_id: int, form: PageForm, db: Db) -> Response:
    """Say that somebody is at it."""
    _acts(visit, db, action_id, form)
    if _acted(db, form, lambda: start_action(db, visit.viewer, action_id, at=visit.now)):
        return _after(form, action_id, "saved")
    return _page(visit, db, action_id, form, status_code=422)


@router.get("/actions/{action_id}/drop", response_class=HTMLResponse)
def ask_drop(visit: Writer, action_id: int, db: ReadDb) -> HTMLResponse:
    """Ask why, before an action is dropped."""
    form = opened(visit, _stands(visit, db, action_id, "status"), "actions")
    return _changing(visit, db, action_id, form, "action/drop.html")


@router.post("/actions/{action_id}/drop", response_class=RedirectResponse)
def drop(visit: Writer, action_id: int, form: PageForm, db: Db) -> Response:
    """Say that it will not be done, and why."""
    _acts(visit, db, action_id, form)
    reason = form.text("reason", required=True, most=1000)
    if _acted(
        db, form, lambda: drop_action(db, visit.viewer, action_id, at=visit.now, reason=reason)
    ):
        return _after(form, action_id, "ended")
    return _changing(visit, db, action_id, form, "action/drop.html", status_code=422)


@router.get("/actions/{action_id}/move", response_class=HTMLResponse)
def ask_move(visit: Writer, action_id: int, db: ReadDb, back: str = "") -> HTMLResponse:
    """Ask for the new time and why."""
    form = Form.filled({"back": back}, language=visit.viewer.language, zone=visit.zone)
    form.sees(_stands(visit, db, action_id, "due_at"))
    return _changing(visit, db, action_id, form, "action/move.html")


def _stands(visit: Visit, db: Session, action_id: int, name: str) -> Form:
    row = action(db, visit.viewer, action_id, on=visit.today)
    values = {"due_at": row.due_at, "owner": row.owner_id, "status": row.status}
    stands = {name: values[name]}
    return Form.filled(stands, language=visit.viewer.language, zone=visit.zone)


def _acts(visit: Visit, db: Session, action_id: int, form: Form) -> None:
    """Hold an act to the status its reader saw."""
    hold(db, Action, action_id)
    form.acts_on(_stands(visit, db, action_id, "status"), "actions")


@router.post("/actions/{action_id}/move", response_class=RedirectResponse)
def move(visit: Writer, action_id: int, form: PageForm, db: Db) -> Response:
    """Move it to another time, with a reason."""
    hold(db, Action, action_id)
    form.sees(_stands(visit, db, action_id, "due_at"))
    due_at = form.moment("due_at", required=True)
    reason = form.text("reason", required=True, most=1000)
    if _acted(
        db,
        form,
        lambda: move_action(
            db, visit.viewer, action_id, due_at=due_at, reason=reason, at=visit.now
        ),
    ):
        return _after(form, action_id, "moved")
    return _changing(visit, db, action_id, form, "action/move.html", status_code=422)


@router.get("/actions/{action_id}/owner", response_class=HTMLResponse)
def ask_owner(visit: Writer, action_id: int, db: ReadDb) -> HTMLResponse:
    """Ask who does it instead."""
    form = visit.form()
    form.sees(_stands(visit, db, action_id, "owner"))
    return _changing(visit, db, action_id, form, "action/owner.html")


@router.post("/actions/{action_id}/owner", response_class=RedirectResponse)
def hand_over(visit: Writer, action_id: int, form: PageForm, db: Db) -> Response:
    """Give it to somebody else."""
    hold(db, Action, action_id)
    form.sees(_stands(visit, db, action_id, "owner"))
    owner, reason = form.integer("owner", required=True), form.text("reason", most=1000)
    if _acted(
        db,
        form,
        lambda: hand_over_action(
            db, visit.viewer, action_id, owner_id=owner, reason=reason, at=visit.now
        ),
    ):
        return _after(form, action_id, "saved")
    return _changing(visit, db, action_id, form, "action/owner.html", status_code=422)


def _changing(
    visit: Visit,
    db: Session,
    action_id: int,
    form: Form,
    template: str,
    *,
    status_code: int = 200,
) -> HTMLResponse:
    """Show a page that changes an action; raises NotFoundError where the viewer may not."""
    row = action(db, visit.viewer, action_id, on=visit.today)
    if not row.may_change:
        raise NotFoundError(N_("There is no such action, or it is not for you."))
    visit.shows("action", [row.id])
    visit.shows("person", [row.person_id] if row.person_id is not None else [])
    return visit.render(
        template,
        status_code=status_code,
        action=row,
        text=action_text(visit, row),
        form=form,
        owners=_owners(visit, db, row.kind),
    )
