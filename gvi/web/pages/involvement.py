"""Who had which part in an incident: adding, correcting and withdrawing it."""

from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy.orm import Session

from gvi.domain.grading import Certainty
from gvi.domain.incident import InvolvementRole
from gvi.store.models import Involvement
from gvi.store.queries.hold import hold
from gvi.store.queries.incident import IncidentCard, incident_card
from gvi.store.queries.involvement import Involved, the_part
from gvi.usecases.incident import (
    Who,
    add_involvement,
    correct_involvement,
    withdraw_involvement,
)
from gvi.web.fact_form import given as stated
from gvi.web.fact_form import opened
from gvi.web.forms import REQUIRED, Form
from gvi.web.labels import options
from gvi.web.pages.incident_form import provenance
from gvi.web.pages.person_picker import Picker, pick_person
from gvi.web.visit import Db, PageForm, ReadDb, Visit, attempt, done, may

router = APIRouter(include_in_schema=False)


@router.get("/incidents/{incident_id}/involvements/new", response_class=HTMLResponse)
def new(
    visit: Annotated[Visit, may("incident:write")], incident_id: int, db: ReadDb
) -> HTMLResponse:
    """Show the form to add somebody's part."""
    card = incident_card(db, visit.viewer, incident_id, as_of=None)
    detail = card.detail
    known = {"source": detail.source, "ground": detail.ground} if detail else {}
    form = Form.filled(known, language=visit.viewer.language, zone=visit.zone)
    return _new_page(visit, card, form, Picker())


@router.post("/incidents/{incident_id}/involvements/new", response_class=RedirectResponse)
def add(
    visit: Annotated[Visit, may("incident:write")], incident_id: int, form: PageForm, db: Db
) -> Response:
    """Add somebody's part to an incident."""
    picker = Picker()
    person_id = pick_person(db, visit, form, "", picker)
    if not form.text("person"):
        form.add_error("person", REQUIRED)
    role = form.choice("role", InvolvementRole, required=True)
    given, certainty = provenance(visit, form), form.choice("certainty", Certainty)
    if person_id is not None and not form.errors:
        who = Who(person_id=person_id, role=role, certainty=certainty)
        part = attempt(
            db,
            form,
            lambda: add_involvement(db, visit.viewer, incident_id, who, given=given, at=visit.now),
        )
        if part is not None:
            return done(f"/incidents/{incident_id}", "added")
    card = incident_card(db, visit.viewer, incident_id, as_of=None)
    return _new_page(visit, card, form, picker, status_code=422)


def _new_page(
    visit: Visit, card: IncidentCard, form: Form, picker: Picker, status_code: int = 200
) -> HTMLResponse:
    visit.shows("incident", [card.id])
    return visit.render(
        "incident/involvement_new.html",
        status_code=status_code,
        card=card,
        form=form,
        roles=options(InvolvementRole, visit.viewer.language),
        choices=picker.choices.get("", []),
        may_add_person=visit.may("person:write"),
    )


@router.get("/involvements/{involvement_id}/edit", response_class=HTMLResponse)
def edit(
    visit: Annotated[Visit, may("incident:write")], involvement_id: int, db: ReadDb
) -> HTMLResponse:
    """Show what was written about somebody's part, to be corrected."""
    part = the_part(db, visit.viewer, involvement_id, on=visit.today)
    return _edit_page(visit, db, part, _stored(visit, part))


def _stored(visit: Visit, part: Involved) -> Form:
    values = {
        "role": part.role,
        "certainty": part.certainty,
        "source": part.source,
        "ground": part.ground,
        "grade_source": (part.grade or "")[:1],
        "grade_content": (part.grade or "")[1:],
        "review_due_on": part.review_due_on,
    }
    return Form.filled(values, language=visit.viewer.language, zone=visit.zone)


@router.post("/involvements/{involvement_id}/edit", response_class=RedirectResponse)
def correct(
    visit: Annotated[Visit, may("incident:write")], involvement_id: int, form: PageForm, db: Db
) -> Response:
    """Correct somebody's part; what was written before is kept."""
    hold(db, Involvement, involvement_id)
    part = the_part(db, visit.viewer, involvement_id, on=visit.today)
    form.sees(_stored(visit, part))
    role = form.choice("role", InvolvementRole, required=True)
    given, certainty = stated(form.fact()), form.choice("certainty", Certainty)
    if not form.errors:
        corrected = attempt(
            db,
            form,
            lambda: correct_involvement(
                db,
                visit.viewer,
                part.id,
                role=role,
                certainty=certainty,
                given=given,
                at=visit.now,
            ),
        )
        if corrected is not None:
            return done(f"/incidents/{part.incident_id}")
    return _edit_page(visit, db, part, form, status_code=422)


@router.get("/involvements/{involvement_id}/withdraw", response_class=HTMLResponse)
def ask(
    visit: Annotated[Visit, may("incident:write")], involvement_id: int, db: ReadDb
) -> HTMLResponse:
    """Ask whether a part is to be withdrawn, and why."""
    part = the_part(db, visit.viewer, involvement_id, on=visit.today)
    return _withdraw_page(visit, db, part, opened(visit, _stored(visit, part), "involvements"))


@router.post("/involvements/{involvement_id}/withdraw", response_class=RedirectResponse)
def take_back(
    visit: Annotated[Visit, may("incident:write")], involvement_id: int, form: PageForm, db: Db
) -> Response:
    """Withdraw somebody's part, with the reason."""
    hold(db, Involvement, involvement_id)
    part = the_part(db, visit.viewer, involvement_id, on=visit.today)
    form.acts_on(_stored(visit, part), "involvements")
    reason = form.text("reason", required=True, most=2000)
    if not form.errors:
        withdrawn = attempt(
            db,
            form,
            lambda: withdraw_involvement(db, visit.viewer, part.id, reason=reason, at=visit.now),
        )
        if withdrawn is not None:
            return done(f"/incidents/{part.incident_id}", "withdrawn")
    return _withdraw_page(visit, db, part, form, status_code=422)


def _edit_page(
    visit: Visit, db: Session, part: Involved, form: Form, status_code: int = 200
) -> HTMLResponse:
    return _part_page(
        visit,
        db,
        part,
        form,
        "incident/involvement_edit.html",
        status_code=status_code,
        roles=options(InvolvementRole, visit.viewer.language),
    )


def _withdraw_page(
    visit: Visit, db: Session, part: Involved, form: Form, status_code: int = 200
) -> HTMLResponse:
    template = "incident/involvement_withdraw.html"
    return _part_page(visit, db, part, form, template, status_code=status_code)


def _part_page(
    visit: Visit,
    db: Session,
    part: Involved,
    form: Form,
    template: str,
    *,
    status_code: int,
    **values: object,
) -> HTMLResponse:
    visit.shows("incident", [part.incident_id])
    visit.shows("person", [part.person_id])
    return visit.render(
        template,
        status_code=status_code,
        part=part,
        card=incident_card(db, visit.viewer, part.incident_id, as_of=None),
        form=form,
        **values,
    )
