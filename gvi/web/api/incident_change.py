"""Incidents logged, corrected and reviewed over the API, and who had which part in them."""

from functools import partial
from typing import Annotated

from fastapi import Response
from pydantic import Field, StringConstraints

from gvi.domain.grading import Certainty
from gvi.domain.incident import Gmi, IncidentStatus, InvolvementRole
from gvi.domain.text import N_
from gvi.store.models import Incident as IncidentTable
from gvi.store.models import Involvement as InvolvementTable
from gvi.usecases.facts import Provenance
from gvi.usecases.incident import (
    What,
    Who,
    add_involvement,
    correct_incident,
    correct_involvement,
    log_incident,
    review_incident,
    withdraw_involvement,
)
from gvi.web.api.bodies import (
    KEPT,
    Body,
    Day,
    Grade,
    Long,
    Moment,
    Reasoned,
    Short,
    SourceChange,
    Text,
    provenance_of,
)
from gvi.web.api.ids import Id, PersonId
from gvi.web.api.incident import (
    IncidentBasics,
    IncidentInFull,
    Involvement,
    shown_incident,
    shown_involvement,
)
from gvi.web.api.making import Once
from gvi.web.api.problems import GUARDED, MADE, TAGGED
from gvi.web.api.routing import writes
from gvi.web.api.version import Guarded
from gvi.web.visit import Db, Visit, may

router = writes("incidents")

Writer = Annotated[Visit, may("incident:write")]
Kind = Annotated[
    str,
    StringConstraints(pattern=r"^\w{1,60}$"),
    Field(description="A kind of the harm table, or a word of your own with _ for spaces."),
]
Latitude = Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]
Longitude = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]
Count = Annotated[int, Field(ge=0, le=999)]
ANSWERS = GUARDED | TAGGED
GROUND = N_("Review of violent incidents")


class Part(Body):
    """Somebody's part in the incident that is logged."""

    person_id: PersonId
    role: InvolvementRole
    certainty: Certainty | None = None


class Said(Body):
    """Where it comes from; left out, it is the word of whoever logs it, for the review."""

    source: Short = ""
    ground: Text = ""
    grade: Grade | None = None
    review_due_on: Day | None = None

    def stated(self, visit: Visit) -> Provenance:
        """Give it as the use cases take it."""
        return Provenance(
            source=self.source or visit.viewer.name,
            ground=self.ground or visit.say(GROUND),
            grade=self.grade,
            review_due_on=self.review_due_on,
        )


class NewIncident(Said):
    """An incident; what, when and where are enough."""

    kind: Kind
    occurred_at: Moment
    place: Short
    area: Short = ""
    latitude: Latitude | None = None
    longitude: Longitude | None = None
    injured: Count = 0
    killed: Count = 0
    summary: Long = ""
    gmi: Gmi = Gmi.UNKNOWN
    gmi_reason: Text = ""
    hold_reason: Annotated[Text, Field(description="Holds it back until the review.")] = ""
    involved: Annotated[list[Part], Field(max_length=20)] = Field([])


class IncidentChange(SourceChange):
    """What is to be corrected; status and GMI are decided by a review."""

    kind: Kind = KEPT
    occurred_at: Moment = KEPT
    place: Short = KEPT
    area: Short = KEPT
    latitude: Latitude | None = KEPT
    longitude: Longitude | None = KEPT
    injured: Count = KEPT
    killed: Count = KEPT
    summary: Long = KEPT


class Review(Reasoned):
    """What a review decided."""

    status: IncidentStatus
    gmi: Gmi


class NewInvolvement(Said):
    """Somebody's part in an incident."""

    incident_id: Id
    person_id: PersonId
    role: InvolvementRole
    certainty: Certainty | None = None


class InvolvementChange(SourceChange):
    """What is to be corrected of somebody's part."""

    role: InvolvementRole = KEPT
    certainty: Certainty | None = KEPT


WHAT = (
    *("kind", "occurred_at", "place", "area", "latitude", "longitude"),
    *("injured", "killed", "summary"),
)


@router.post("/incidents", status_code=201, responses=MADE)
def log(visit: Writer, body: NewIncident, once: Once, db: Db) -> IncidentInFull | IncidentBasics:
    """Log an incident."""

    def act() -> int:
        return log_incident(
            db,
            visit.viewer,
            What(**{name: getattr(body, name) for name in WHAT}),
            given=body.stated(visit),
            at=visit.now,
            gmi=body.gmi,
            gmi_reason=body.gmi_reason,
            hold_reason=body.hold_reason,
            involved=[Who(**each.model_dump()) for each in body.involved],
        ).id

    return once.of(db, visit, body, act, partial(shown_incident, db, visit))


@router.patch("/incidents/{incident_id}", responses=ANSWERS)
def correct(
    visit: Writer, incident_id: Id, body: IncidentChange, change: Guarded, db: Db
) -> IncidentInFull | IncidentBasics:
    """Correct what an incident was, when and where; what was written before is kept."""

    def act(was: IncidentBasics) -> None:
        values = body.over(was.model_dump())
        correct_incident(
            db,
            visit.viewer,
            incident_id,
            What(**{name: values[name] for name in WHAT}),
            given=provenance_of(values),
            at=visit.now,
        )

    read = partial(shown_incident, db, visit, incident_id)
    return change.of(db, IncidentTable, incident_id, read, act)


@router.post("/incidents/{incident_id}/review", responses=ANSWERS)
def review(
    visit: Writer, incident_id: Id, body: Review, change: Guarded, db: Db
) -> IncidentInFull | IncidentBasics:
    """Record what a review decided on status and GMI."""

    def act(_was: IncidentBasics) -> None:
        review_incident(
            db,
            visit.viewer,
            incident_id,
            status=body.status,
            gmi=body.gmi,
            reason=body.reason,
            at=visit.now,
        )

    read = partial(shown_incident, db, visit, incident_id)
    return change.of(db, IncidentTable, incident_id, read, act)


@router.post("/involvements", status_code=201, responses=MADE)
def add_part(visit: Writer, body: NewInvolvement, once: Once, db: Db) -> Involvement:
    """Say that a person had a part in an incident."""

    def act() -> int:
        who = Who(person_id=body.person_id, role=body.role, certainty=body.certainty)
        given = body.stated(visit)
        return add_involvement(
            db, visit.viewer, body.incident_id, who, given=given, at=visit.now
        ).id

    return once.of(db, visit, body, act, partial(shown_involvement, db, visit))


@router.patch("/involvements/{involvement_id}", responses=ANSWERS)
def correct_part(
    visit: Writer, involvement_id: Id, body: InvolvementChange, change: Guarded, db: Db
) -> Involvement:
    """Correct somebody's part; what was written before is kept."""

    def act(was: Involvement) -> None:
        values = body.over(was.model_dump())
        correct_involvement(
            db,
            visit.viewer,
            involvement_id,
            role=values["role"],
            certainty=values["certainty"],
            given=provenance_of(values),
            at=visit.now,
        )

    read = partial(shown_involvement, db, visit, involvement_id)
    return change.of(db, InvolvementTable, involvement_id, read, act)


@router.post("/involvements/{involvement_id}/withdraw", status_code=204, responses=GUARDED)
def withdraw_part(
    visit: Writer, involvement_id: Id, body: Reasoned, change: Guarded, db: Db
) -> Response:
    """Take back that a person had a part."""

    def act(_was: Involvement) -> None:
        withdraw_involvement(db, visit.viewer, involvement_id, reason=body.reason, at=visit.now)

    read = partial(shown_involvement, db, visit, involvement_id)
    change.removes(db, InvolvementTable, involvement_id, read, act)
    return Response(status_code=204)
