"""Relations between groups: recording, correcting, ending and withdrawing them."""

from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy.orm import Session

from gvi.domain.group import RelationKind
from gvi.domain.text import N_
from gvi.store.models import GroupRelation
from gvi.store.queries.group import group_head, group_options
from gvi.store.queries.hold import hold
from gvi.store.queries.record import Record, one_record
from gvi.usecases.group_relation import (
    add_relation,
    correct_relation,
    end_relation,
    withdraw_relation,
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

Writer = Annotated[Visit, may("group_relation:write")]


@router.get("/relations/new", response_class=HTMLResponse)
def new(visit: Writer, db: ReadDb, group: int | None = None) -> HTMLResponse:
    """Show the form, one group chosen where it was opened from that group."""
    form = Form.filled({"group_a": group}, language=visit.viewer.language, zone=visit.zone)
    return _new_page(db, visit, form)


@router.post("/relations/new", response_class=RedirectResponse)
def create(visit: Writer, form: PageForm, db: Db) -> Response:
    """Record the relation; a wrong form comes back with what was typed."""
    group_a = form.integer("group_a", required=True)
    group_b = form.integer("group_b", required=True)
    kind = form.choice("kind", RelationKind, required=True)
    since, until = period(visit, form)
    fact, note = form.fact(), form.text("note", most=4000)
    if not form.errors:
        relation = attempt(
            db,
            form,
            lambda: add_relation(
                db,
                visit.viewer,
                group_a_id=group_a,
                group_b_id=group_b,
                kind=kind,
                certainty=fact.certainty,
                valid_from=since,
                valid_to=until,
                note=note,
                given=given(fact),
                at=visit.now,
            ),
        )
        if relation is not None:
            return done(f"/groups/{group_a}", "added")
    return _new_page(db, visit, form, status_code=422)


def _new_page(db: Session, visit: Visit, form: Form, status_code: int = 200) -> HTMLResponse:
    choices = group_options(db, visit.viewer, visit.asked)
    visit.shows("group", [int(value) for value, _ in choices])
    return visit.render(
        "group/relation_new.html",
        status_code=status_code,
        form=form,
        groups=choices,
        kinds=options(RelationKind, visit.viewer.language),
        back=f"/groups/{form.value('group_a')}" if form.value("group_a") else "/groups",
    )


@router.get("/relations/{relation_id}/edit", response_class=HTMLResponse)
def edit(visit: Writer, relation_id: int, db: ReadDb) -> HTMLResponse:
    """Show the form filled with what is known."""
    record = _record(db, visit, relation_id)
    return _edit_page(db, visit, record, _stored(visit, record))


def _stored(visit: Visit, record: Record) -> Form:
    return filled(visit, record, "note", kind=code(RelationKind, record.values["kind"]))


@router.post("/relations/{relation_id}/edit", response_class=RedirectResponse)
def correct(visit: Writer, relation_id: int, form: PageForm, db: Db) -> Response:
    """Correct the relation; the values before are kept."""
    hold(db, GroupRelation, relation_id)
    record = _record(db, visit, relation_id)
    form.sees(_stored(visit, record))
    kind = form.choice("kind", RelationKind, required=True)
    since, until = period(visit, form)
    fact, note = form.fact(), form.text("note", most=4000)
    if not form.errors:
        attempt(
            db,
            form,
            lambda: correct_relation(
                db,
                visit.viewer,
                relation_id,
                kind=kind,
                certainty=fact.certainty,
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
        "group/relation_edit.html",
        status_code=status_code,
        title=_title(db, visit, record),
        form=form,
        kinds=options(RelationKind, visit.viewer.language),
        base=f"/relations/{record.id}",
        back=_back(record),
    )


@router.get("/relations/{relation_id}/end", response_class=HTMLResponse)
def ask_end(visit: Writer, relation_id: int, db: ReadDb) -> HTMLResponse:
    """Ask for the day and the reason."""
    return ask_to_end(db, visit, RELATIONS, relation_id)


@router.post("/relations/{relation_id}/end", response_class=RedirectResponse)
def end(visit: Writer, relation_id: int, form: PageForm, db: Db) -> Response:
    """End the relation on a day."""
    return end_on_a_day(db, visit, RELATIONS, relation_id, form)


@router.get("/relations/{relation_id}/withdraw", response_class=HTMLResponse)
def ask_withdraw(visit: Writer, relation_id: int, db: ReadDb) -> HTMLResponse:
    """Ask whether the relation never was."""
    return ask_to_withdraw(db, visit, RELATIONS, relation_id)


@router.post("/relations/{relation_id}/withdraw", response_class=RedirectResponse)
def withdraw(visit: Writer, relation_id: int, form: PageForm, db: Db) -> Response:
    """Withdraw the relation."""
    return withdraw_with_reason(db, visit, RELATIONS, relation_id, form)


def _record(db: Session, visit: Visit, relation_id: int) -> Record:
    must_be_now(visit)
    record = one_record(
        db,
        visit.viewer,
        GroupRelation,
        relation_id,
        visit.asked,
        permission="group_relation:write",
    )
    visit.shows("group", [record.values["group_a_id"], record.values["group_b_id"]])
    return record


def _title(db: Session, visit: Visit, record: Record) -> str:
    first, second = (
        group_head(db, visit.viewer, record.values[end], visit.asked).name
        for end in ("group_a_id", "group_b_id")
    )
    kind = label(code(RelationKind, record.values["kind"]), visit.viewer.language)
    return visit.say(
        N_("%(kind)s between %(first)s and %(second)s"), kind=kind, first=first, second=second
    )


def _back(record: Record) -> str:
    return f"/groups/{record.values['group_a_id']}"


RELATIONS = LastingFact(
    model=GroupRelation,
    path="/relations",
    load=_record,
    stands=_stored,
    what=_title,
    back=_back,
    end=end_relation,
    withdraw=withdraw_relation,
)
