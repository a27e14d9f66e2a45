"""Logging an incident in three answers, and correcting what was written about it."""

import datetime as dt
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy.orm import Session

from gvi.domain.errors import NotFoundError
from gvi.domain.grading import Certainty
from gvi.domain.incident import OTHER_KIND, Gmi, InvolvementRole, kind_named
from gvi.domain.policy import EXAMPLE_HARM
from gvi.domain.text import N_
from gvi.store.models import Incident
from gvi.store.queries.hold import hold
from gvi.store.queries.incident import IncidentCard, incident_card, known_areas, logged_lately
from gvi.usecases.facts import Provenance
from gvi.usecases.incident import What, Who, correct_incident, log_incident
from gvi.web.fact_form import FIRST_DAY
from gvi.web.fact_form import given as stated
from gvi.web.forms import BAD_DATE, BAD_TIME, REQUIRED, Form
from gvi.web.labels import kind_options, options
from gvi.web.numbers import whole_number
from gvi.web.pages.incident import gmi_options
from gvi.web.pages.person_picker import Picker, pick_person
from gvi.web.visit import Db, PageForm, ReadDb, Visit, attempt, done, may

router = APIRouter(include_in_schema=False)

ROWS = 2
MOST_ROWS = 20
GROUND = N_("Review of violent incidents")
WITH_IT = N_("Set when it was logged.")


@router.get("/incidents/new", response_class=HTMLResponse)
def new(visit: Annotated[Visit, may("incident:write")], db: ReadDb) -> HTMLResponse:
    """Show the form; what, when and where are enough."""
    return _new_page(visit, db, visit.form(), Picker())


@router.post("/incidents/new", response_class=RedirectResponse)
def create(visit: Annotated[Visit, may("incident:write")], form: PageForm, db: Db) -> Response:
    """Log the incident; a wrong form comes back with everything that was typed."""
    picker = Picker()
    if form.value("add"):
        return _new_page(visit, db, form, picker)
    what, given = read_what(visit, form), provenance(visit, form)
    gmi = form.choice("gmi", Gmi) or Gmi.UNKNOWN
    hold_reason = form.text("hold_reason", most=500)
    involved = _read_involved(db, visit, form, picker)
    if not form.errors:
        incident = attempt(
            db,
            form,
            lambda: log_incident(
                db,
                visit.viewer,
                what,
                given=given,
                at=visit.now,
                gmi=gmi,
                hold_reason=hold_reason,
                involved=involved,
                gmi_reason=visit.say(WITH_IT),
            ),
        )
        if incident is not None:
            return done(f"/incidents/{incident.id}", "logged")
    return _new_page(visit, db, form, picker, status_code=422)


def read_what(visit: Visit, form: Form, *, needs_place: bool = True) -> What:
    """Read what, when and where; what is wrong stands in `form.errors`."""
    kind = form.one_of("kind", [*EXAMPLE_HARM, OTHER_KIND], required=True)
    other = form.text("kind_other", most=60)
    return What(
        kind=kind_named(other) if kind == OTHER_KIND else kind,
        occurred_at=_moment(visit, form),
        place=form.text("place", required=needs_place, most=200),
        area=form.text("area", most=100),
        latitude=form.number("latitude", least=-90, most=90),
        longitude=form.number("longitude", least=-180, most=180),
        injured=form.integer("injured", least=0, most=999) or 0,
        killed=form.integer("killed", least=0, most=999) or 0,
        summary=form.text("summary", most=4000),
    )


def _moment(visit: Visit, form: Form) -> dt.datetime:
    day, clock = form.date("when_date", required=True), form.text("when_time")
    if not clock:
        form.add_error("when_time", REQUIRED)
    if day < FIRST_DAY:  # before all memory, such as the year 26: a slip of the thumb
        form.add_error("when_date", BAD_DATE)
    try:
        time = dt.time.fromisoformat(clock or "00:00").replace(tzinfo=None)
        return dt.datetime.combine(day, time, visit.zone).astimezone(dt.UTC)
    except (ValueError, OverflowError):
        form.add_error("when_time", BAD_TIME)
        return dt.datetime.min.replace(tzinfo=dt.UTC)


def provenance(visit: Visit, form: Form) -> Provenance:
    """Read where it comes from; left empty, it is the word of whoever logs it, for the review."""
    given = stated(form.fact())
    return replace(
        given,
        source=given.source or visit.viewer.name,
        ground=given.ground or visit.say(GROUND),
    )


def _row_count(form: Form) -> int:
    typed = whole_number(form.value("rows", str(ROWS)))
    count = ROWS if typed is None else typed
    return min(count + bool(form.value("add")), MOST_ROWS)


def _read_involved(db: Session, visit: Visit, form: Form, picker: Picker) -> list[Who]:
    involved = []
    for number in range(1, _row_count(form) + 1):
        row = f"-{number}"
        role = form.choice(f"role{row}", InvolvementRole)
        certainty = form.choice(f"certainty{row}", Certainty)
        person_id = pick_person(db, visit, form, row, picker)
        typed = form.text(f"person{row}")
        if typed and role is None:
            form.add_error(f"role{row}", N_("Say what part %(who)s had."), who=typed)
        if role and not typed:
            form.add_error(f"person{row}", N_("Say who, or take the part away."))
        if person_id is not None and role is not None:
            involved.append(Who(person_id=person_id, role=role, certainty=certainty))
    return involved


def _new_page(
    visit: Visit, db: Session, form: Form, picker: Picker, status_code: int = 200
) -> HTMLResponse:
    lately = logged_lately(db, visit.viewer, visit.now)
    visit.shows("incident", [row.id for row in lately])
    language = visit.viewer.language
    return visit.render(
        "incident/new.html",
        status_code=status_code,
        form=form,
        kinds=kind_options(language),
        gmis=gmi_options(visit.viewer),
        roles=options(InvolvementRole, language),
        certainties=options(Certainty, language),
        rows=[f"-{number}" for number in range(1, _row_count(form) + 1)],
        choices=picker.choices,
        areas=known_areas(db, visit.viewer),
        local_now=visit.now.astimezone(visit.zone),
        lately=lately,
        may_add_person=visit.may("person:write"),
    )


@router.get("/incidents/{incident_id}/edit", response_class=HTMLResponse)
def edit(
    visit: Annotated[Visit, may("incident:write")], incident_id: int, db: ReadDb
) -> HTMLResponse:
    """Show what was written, to be corrected."""
    card = incident_card(db, visit.viewer, incident_id, as_of=None)
    return _edit_page(visit, db, card, _stored(visit, card))


def _stored(visit: Visit, card: IncidentCard) -> Form:
    return Form.filled(_values(visit, card), language=visit.viewer.language, zone=visit.zone)


@router.post("/incidents/{incident_id}/edit", response_class=RedirectResponse)
def correct(
    visit: Annotated[Visit, may("incident:write")], incident_id: int, form: PageForm, db: Db
) -> Response:
    """Correct the incident; what was written before stays in its history."""
    hold(db, Incident, incident_id)
    card = incident_card(db, visit.viewer, incident_id, as_of=None)
    # A file may have left the place out; correcting something else does not ask for it.
    needs_place = card.detail is not None and bool(card.detail.place)
    form.sees(_stored(visit, card))
    what = read_what(visit, form, needs_place=needs_place)
    given = stated(form.fact())
    if not form.errors:
        incident = attempt(
            db,
            form,
            lambda: correct_incident(
                db, visit.viewer, incident_id, what, given=given, at=visit.now
            ),
        )
        if incident is not None:
            return done(f"/incidents/{incident_id}")
    return _edit_page(visit, db, card, form, status_code=422)


def _values(visit: Visit, card: IncidentCard) -> dict[str, object]:
    detail = card.detail
    if detail is None:
        raise NotFoundError(N_("There is no such incident, or it is not for you."))
    local = card.occurred_at.astimezone(visit.zone)
    named = card.kind in EXAMPLE_HARM
    shown = ("place", "latitude", "longitude", "injured", "killed", "summary", "source", "ground")
    return {
        "kind": card.kind if named else OTHER_KIND,
        "kind_other": "" if named or card.kind == OTHER_KIND else card.kind.replace("_", " "),
        "when_date": local.date().isoformat(),
        "when_time": local.strftime("%H:%M:%S" if local.second else "%H:%M"),
        "area": card.area,
        "grade_source": (detail.grade or "")[:1],
        "grade_content": (detail.grade or "")[1:],
        "review_due_on": detail.review_due_on,
        **{name: getattr(detail, name) for name in shown},
    }


def _edit_page(
    visit: Visit, db: Session, card: IncidentCard, form: Form, status_code: int = 200
) -> HTMLResponse:
    visit.shows("incident", [card.id])
    return visit.render(
        "incident/edit.html",
        status_code=status_code,
        card=card,
        form=form,
        kinds=kind_options(visit.viewer.language),
        areas=known_areas(db, visit.viewer),
    )
