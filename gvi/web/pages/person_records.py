"""Everything recorded about a person: source, grade, certainty, when, by whom, and every change."""

from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from gvi.domain.text import N_
from gvi.store.queries.person_card import PersonHead, involvements_of, person_head
from gvi.store.queries.person_records import PersonRecords, person_records
from gvi.web.record_lines import RecordSection, record_lines
from gvi.web.tabs import person_tabs
from gvi.web.visit import ReadDb, Visit, may

router = APIRouter(include_in_schema=False)

FEW = 12
"""Involvements shown at first; the whole list is one click away."""


@router.get("/people/{person_id}/records", response_class=HTMLResponse)
def show(visit: Annotated[Visit, may("person:read")], person_id: int, db: ReadDb) -> HTMLResponse:
    """Show every record of a person the visitor may see, with its source and its history."""
    head = person_head(db, visit.viewer, person_id, visit.asked)
    visit.shows("person", [person_id])
    sections: list[RecordSection] = []
    if head.is_seen_whole:
        found = person_records(db, visit.viewer, person_id, visit.asked)
        visit.shows("person", found.people)
        visit.shows("group", found.groups)
        sections = _sections(visit, head, found)
    involvements = involvements_of(db, visit.viewer, person_id, visit.asked)
    shown = involvements if "all" in visit.request.query_params else involvements[:FEW]
    visit.shows("incident", [each.incident_id for each in shown])
    return visit.render(
        "person/records.html",
        head=head,
        sections=[section for section in sections if section.lines],
        involvements=shown,
        involved=len(involvements),
        tabs=person_tabs(visit, person_id, "/records"),
        may_remove=visit.as_of is None and visit.may("removal:write"),
        may_extract=visit.as_of is None and visit.may("extract:make"),
        may_write=visit.as_of is None and visit.may("person:write"),
    )


def _sections(visit: Visit, head: PersonHead, found: PersonRecords) -> list[RecordSection]:
    return [
        RecordSection(
            key="person",
            heading=N_("The person"),
            lines=record_lines(visit, "person", found.person, {head.id: head.called}),
        ),
        RecordSection(
            key="memberships",
            heading=N_("Memberships"),
            lines=record_lines(visit, "membership", found.memberships, found.groups),
        ),
        RecordSection(
            key="ties",
            heading=N_("Ties"),
            lines=record_lines(visit, "tie", found.ties, found.people, besides=head.id),
        ),
        RecordSection(
            key="supervisions",
            heading=N_("Supervision and custody"),
            lines=record_lines(visit, "supervision", found.supervisions, {}),
        ),
    ]
