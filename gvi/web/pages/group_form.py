"""Entering a group, correcting it, changing where it stands, and withdrawing it."""

from typing import Annotated, Any

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy.orm import Session

from gvi.domain.group import GroupKind, GroupStatus
from gvi.store.models import Group
from gvi.store.queries.group import GroupHead, group_head
from gvi.store.queries.hold import hold
from gvi.store.queries.record import one_record
from gvi.usecases.group import add_group, change_group_status, correct_group, withdraw_group
from gvi.web.fact_form import code, filled, given, is_reasoned, must_be_now, opened, withdraw_page
from gvi.web.forms import Form
from gvi.web.labels import options
from gvi.web.visit import Db, PageForm, ReadDb, Visit, attempt, done, may

router = APIRouter(include_in_schema=False)

Writer = Annotated[Visit, may("group:write")]
FIRST_STATUSES = (GroupStatus.CANDIDATE, GroupStatus.ACTIVE, GroupStatus.DORMANT)


@router.get("/groups/new", response_class=HTMLResponse)
def new(visit: Writer) -> HTMLResponse:
    """Show the form; a name is enough."""
    return _new_page(visit, visit.form())


@router.post("/groups/new", response_class=RedirectResponse)
def create(visit: Writer, form: PageForm, db: Db) -> Response:
    """Add the group; a wrong form comes back with what was typed."""
    facts, fact = _facts(form), form.fact()
    status = form.choice("status", GroupStatus) or GroupStatus.CANDIDATE
    if not form.errors:
        group = attempt(
            db,
            form,
            lambda: add_group(
                db, visit.viewer, **facts, status=status, given=given(fact), at=visit.now
            ),
        )
        if group is not None:
            return done(f"/groups/{group.id}", "added")
    return _new_page(visit, form, status_code=422)


def _facts(form: Form) -> dict[str, Any]:
    return {
        "name": form.text("name", required=True, most=200),
        "kind": form.choice("kind", GroupKind),
        "area": form.text("area", most=200),
        "note": form.text("note", most=4000),
        "aliases": [alias for alias in form.text("aliases", most=1000).split(",") if alias.strip()],
    }


def _new_page(visit: Visit, form: Form, status_code: int = 200) -> HTMLResponse:
    language = visit.viewer.language
    return visit.render(
        "group/new.html",
        status_code=status_code,
        form=form,
        kinds=options(GroupKind, language),
        statuses=options(FIRST_STATUSES, language),
    )


@router.get("/groups/{group_id}/edit", response_class=HTMLResponse)
def edit(visit: Writer, group_id: int, db: ReadDb) -> HTMLResponse:
    """Show the form filled with what is known."""
    head = _head(db, visit, group_id)
    return _edit_page(visit, head, _stored(db, visit, head))


def _stored(db: Session, visit: Visit, head: GroupHead) -> Form:
    record = one_record(db, visit.viewer, Group, head.id, visit.asked, permission="group_full:read")
    kind, aliases = code(GroupKind, record.values["kind"]), ", ".join(head.aliases)
    return filled(visit, record, "name", "area", "note", kind=kind, aliases=aliases)


@router.post("/groups/{group_id}/edit", response_class=RedirectResponse)
def correct(visit: Writer, group_id: int, form: PageForm, db: Db) -> Response:
    """Correct the group; the values before are kept."""
    hold(db, Group, group_id)
    head = _head(db, visit, group_id)
    form.sees(_stored(db, visit, head))
    facts, fact = _facts(form), form.fact()
    if not form.errors:
        attempt(
            db,
            form,
            lambda: correct_group(
                db, visit.viewer, group_id, **facts, given=given(fact), at=visit.now
            ),
        )
        if not form.errors:
            return done(f"/groups/{group_id}", "saved")
    return _edit_page(visit, head, form, status_code=422)


def _edit_page(visit: Visit, head: GroupHead, form: Form, status_code: int = 200) -> HTMLResponse:
    return visit.render(
        "group/edit.html",
        status_code=status_code,
        head=head,
        form=form,
        kinds=options(GroupKind, visit.viewer.language),
    )


@router.get("/groups/{group_id}/status", response_class=HTMLResponse)
def status(visit: Writer, group_id: int, db: ReadDb) -> HTMLResponse:
    """Ask where the group stands now, and why."""
    form, head = visit.form(), _head(db, visit, group_id)
    form.sees(_stood(visit, head))
    return _status_page(db, visit, group_id, form)


def _stood(visit: Visit, head: GroupHead) -> Form:
    return Form.filled({"status": head.status}, language=visit.viewer.language, zone=visit.zone)


@router.post("/groups/{group_id}/status", response_class=RedirectResponse)
def change_status(visit: Writer, group_id: int, form: PageForm, db: Db) -> Response:
    """Record the change, dated, signed and reasoned."""
    hold(db, Group, group_id)
    form.sees(_stood(visit, _head(db, visit, group_id)))
    new_status = form.choice("status", GroupStatus, required=True)

    def act(reason: str) -> None:
        change_group_status(
            db, visit.viewer, group_id, status=new_status, reason=reason, at=visit.now
        )

    if is_reasoned(db, form, act):
        return done(f"/groups/{group_id}", "decided")
    return _status_page(db, visit, group_id, form, status_code=422)


def _status_page(
    db: Session, visit: Visit, group_id: int, form: Form, status_code: int = 200
) -> HTMLResponse:
    head = _head(db, visit, group_id)
    others = [each for each in GroupStatus if each is not head.status]
    return visit.render(
        "group/status.html",
        status_code=status_code,
        head=head,
        form=form,
        statuses=options(others, visit.viewer.language),
    )


@router.get("/groups/{group_id}/withdraw", response_class=HTMLResponse)
def ask_withdraw(visit: Writer, group_id: int, db: ReadDb) -> HTMLResponse:
    """Ask whether the group was never one."""
    now = _stored(db, visit, _head(db, visit, group_id))
    return _withdraw_page(db, visit, group_id, opened(visit, now, "groups"))


@router.post("/groups/{group_id}/withdraw", response_class=RedirectResponse)
def withdraw(visit: Writer, group_id: int, form: PageForm, db: Db) -> Response:
    """Withdraw the group."""
    hold(db, Group, group_id)
    form.acts_on(_stored(db, visit, _head(db, visit, group_id)), "groups")

    def act(reason: str) -> None:
        withdraw_group(db, visit.viewer, group_id, reason=reason, at=visit.now)

    if is_reasoned(db, form, act):
        return done("/groups", "withdrawn")
    return _withdraw_page(db, visit, group_id, form)


def _withdraw_page(db: Session, visit: Visit, group_id: int, form: Form) -> HTMLResponse:
    head = _head(db, visit, group_id)
    back = f"/groups/{group_id}"
    return withdraw_page(visit, form, head.name, action=f"{back}/withdraw", back=back)


def _head(db: Session, visit: Visit, group_id: int) -> GroupHead:
    must_be_now(visit)
    visit.shows("group", [group_id])
    return group_head(db, visit.viewer, group_id, visit.asked)
