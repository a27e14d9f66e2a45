"""Incidents and who was involved in them, as JSON; what is shown depends on the role."""

from datetime import date, datetime
from typing import Annotated

from fastapi import Query, Response
from pydantic import BaseModel
from sqlalchemy.orm import Session

from gvi.domain.errors import NotAllowedError
from gvi.domain.grading import Certainty
from gvi.domain.incident import Gmi, IncidentStatus, InvolvementRole
from gvi.domain.text import N_
from gvi.domain.time import end_of_day, start_of_day
from gvi.store.queries.incident import (
    IncidentCard,
    IncidentQuestion,
    IncidentRow,
    incident_card,
    incidents_after,
)
from gvi.store.queries.involvement import Involved, involvements, shown_people, the_part
from gvi.web.api.bodies import Day
from gvi.web.api.ids import Id
from gvi.web.api.paging import AsOf, Cursor, Limit, Page, page_of
from gvi.web.api.problems import MISSING, TAGGED
from gvi.web.api.recorded import RecordedAt
from gvi.web.api.routing import reads
from gvi.web.api.version import tagged
from gvi.web.visit import ReadDb, Visit, may

router = reads("incidents")


class IncidentBasics(BaseModel):
    """What every role with the right to incidents sees, of those that count."""

    id: int
    occurred_at: datetime
    kind: str
    area: str
    gmi: Gmi


class IncidentSummary(IncidentBasics):
    """A row of the list for roles with the full right."""

    external_id: str | None
    place: str
    status: IncidentStatus
    injured: int
    killed: int
    grade: str | None
    involved: int


class IncidentInFull(IncidentBasics):
    """Everything written about an incident, for roles with the full right."""

    external_id: str | None
    place: str
    status: IncidentStatus
    latitude: float | None
    longitude: float | None
    injured: int
    killed: int
    summary: str
    source: str
    grade: str | None
    ground: str
    recorded_at: RecordedAt
    review_due_on: date | None


class Involvement(BaseModel):
    """One person's part in an incident; under-18s and protected people go by their code name."""

    id: int
    incident_id: int
    person_id: int
    name: str
    code_name: str
    under_18: bool
    role: InvolvementRole
    certainty: Certainty | None
    source: str
    grade: str | None
    ground: str
    review_due_on: date | None
    recorded_at: RecordedAt


@router.get("/incidents")
def incidents(
    visit: Annotated[Visit, may("incident:list")],
    db: ReadDb,
    *,
    kind: Annotated[str, Query(description="`other` is every kind not in the harm table.")] = "",
    status: IncidentStatus | None = None,
    gmi: Gmi | None = None,
    since: Annotated[Day | None, Query(alias="from", description="First local day.")] = None,
    until: Annotated[Day | None, Query(alias="to", description="Last local day.")] = None,
    limit: Limit = 100,
    cursor: Cursor,
    as_of: AsOf = None,
) -> Page[IncidentSummary | IncidentBasics]:
    """List incidents by id; roles without the full right get the basics of those that count."""
    del as_of  # read by the visit, for every page and answer alike
    if status and not visit.may("incident_full:read"):
        raise NotAllowedError(N_("Your role does not see the status of an incident."))
    asked = IncidentQuestion(
        kind=kind,
        status=status.value if status else "",
        gmi=gmi.value if gmi else "",
        since=start_of_day(since, visit.zone) if since else None,
        until=end_of_day(until, visit.zone) if until else None,
        limit=limit,
    )
    rows = incidents_after(db, visit.viewer, asked, after=cursor, as_of=visit.as_of)
    ids = [row.id for row in rows]
    visit.shows("incident", ids)
    return page_of([_row(row) for row in rows], ids, limit)


def _row(row: IncidentRow) -> IncidentSummary | IncidentBasics:
    model = IncidentBasics if row.status is None else IncidentSummary
    return model.model_validate(row, from_attributes=True)


@router.get("/incidents/{incident_id}", responses=MISSING | TAGGED)
def incident(
    visit: Annotated[Visit, may("incident:read")],
    incident_id: Id,
    db: ReadDb,
    response: Response,
    *,
    as_of: AsOf = None,
) -> IncidentInFull | IncidentBasics:
    """Give one incident; roles without the full right get the basics."""
    del as_of
    return tagged(response, shown_incident(db, visit, incident_id))


def shown_incident(db: Session, visit: Visit, incident_id: int) -> IncidentInFull | IncidentBasics:
    """Give an incident as the visitor sees it."""
    card = incident_card(db, visit.viewer, incident_id, as_of=visit.as_of)
    visit.shows("incident", [card.id])
    return _card(card)


def _card(card: IncidentCard) -> IncidentInFull | IncidentBasics:
    basics = IncidentBasics.model_validate(card, from_attributes=True)
    if card.detail is None:
        return basics
    shown = set(IncidentInFull.model_fields) - set(IncidentBasics.model_fields)
    detail = {name: getattr(card.detail, name) for name in shown}
    return IncidentInFull(**basics.model_dump(), **detail)


@router.get("/involvements")
def all_involvements(
    visit: Annotated[Visit, may("involvement:read")],
    db: ReadDb,
    *,
    incident_id: Annotated[Id | None, Query(alias="incident")] = None,
    person_id: Annotated[Id | None, Query(alias="person")] = None,
    role: InvolvementRole | None = None,
    limit: Limit = 100,
    cursor: Cursor,
    as_of: AsOf = None,
) -> Page[Involvement]:
    """List parts in incidents by id, of one incident or of one person where asked."""
    del as_of
    rows = involvements(
        db,
        visit.viewer,
        as_of=visit.as_of,
        on=visit.day,
        incident_id=incident_id,
        person_id=person_id,
        role=role.value if role else "",
        after=cursor,
        limit=limit,
    )
    visit.shows("incident", [row.incident_id for row in rows])
    visit.shows("person", shown_people(rows))
    return page_of([_involvement(row) for row in rows], [row.id for row in rows], limit)


@router.get("/involvements/{involvement_id}", responses=MISSING | TAGGED)
def one_involvement(
    visit: Annotated[Visit, may("involvement:read")],
    involvement_id: Id,
    db: ReadDb,
    response: Response,
) -> Involvement:
    """Give one part in an incident, as known now."""
    return tagged(response, shown_involvement(db, visit, involvement_id))


def shown_involvement(db: Session, visit: Visit, involvement_id: int) -> Involvement:
    """Give a part in an incident as the visitor sees it."""
    row = the_part(db, visit.viewer, involvement_id, on=visit.day)
    visit.shows("incident", [row.incident_id])
    visit.shows("person", [row.person_id])
    return _involvement(row)


def _involvement(row: Involved) -> Involvement:
    values = {name: getattr(row, name) for name in Involvement.model_fields if name != "under_18"}
    return Involvement(under_18=row.is_under_18, **values)
