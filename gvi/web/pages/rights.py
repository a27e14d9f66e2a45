"""The table of rights as a page: who may do what, over whose records, in which compartments."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from gvi.domain.access import POLICY, Grant, Role, Scope
from gvi.domain.grading import Compartment
from gvi.domain.text import N_
from gvi.web.labels import label
from gvi.web.text import translate
from gvi.web.things import right_called, thing_called
from gvi.web.visit import Visit, may

router = APIRouter(include_in_schema=False)

_AREAS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (N_("The desk"), ("today", "my_people", "due", "search", "method", "rights", "own_record")),
    (
        N_("Groups"),
        ("group", "group_full", "group_relation", "scorecard", "conflict_warning", "network"),
    ),
    (
        N_("People"),
        (
            "person",
            "person_name",
            "under_18",
            "source",
            "membership",
            "membership_group",
            "tie",
            "supervision",
            "supervision_flag",
            "supervision_note",
        ),
    ),
    (N_("Incidents"), ("incident", "incident_full", "incident_count", "involvement", "hurt_count")),
    (N_("Scores and decided colours"), ("score", "risk", "risk_reason")),
    (N_("Call-ins"), ("call_in", "invitee", "attendance")),
    (
        N_("Custom notifications and messages"),
        (
            "custom_notification",
            "custom_notification_full",
            "custom_notification_count",
            "message",
        ),
    ),
    (
        N_("Support"),
        (
            "support",
            "support_note",
            "support_count",
            "offer",
            "contact",
            "inbound_call",
            "client",
        ),
    ),
    (N_("Actions"), ("action", "action_text")),
    (N_("Files and accounts"), ("import", "export", "list", "user", "audit")),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """What one role may do under one permission: over whose records, in which compartments."""

    scope: str
    compartments: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RightRow:
    """One permission and what each role may do under it; None is denied."""

    permission: str
    thing: str
    right: str
    cells: tuple[Cell | None, ...]


@router.get("/rights", response_class=HTMLResponse)
def rights(visit: Annotated[Visit, may("rights:read")]) -> HTMLResponse:
    """Show the table of rights, one row for each permission, the reader's own column marked."""
    language = visit.viewer.language
    return visit.render(
        "rights/show.html",
        areas=[(visit.say(area), rows) for area, rows in _areas(language) if rows],
        roles=[(role, label(role, language)) for role in Role],
        own=visit.viewer.role,
        held=sum(visit.may(permission) for permission in POLICY),
        total=len(POLICY),
    )


def _areas(language: str) -> list[tuple[str, list[RightRow]]]:
    placed = {thing for _, things in _AREAS for thing in things}
    left = tuple(dict.fromkeys(p.partition(":")[0] for p in POLICY))
    others = (N_("Other"), tuple(thing for thing in left if thing not in placed))
    return [
        (area, [row for thing in things for row in _rows(thing, language)])
        for area, things in (*_AREAS, others)
    ]


def _rows(thing: str, language: str) -> list[RightRow]:
    return [
        RightRow(
            permission=permission,
            thing=thing_called(thing, language),
            right=right_called(permission, language),
            cells=tuple(_cell(cells.get(role), language) for role in Role),
        )
        for permission, cells in POLICY.items()
        if permission.partition(":")[0] == thing
    ]


def _cell(grant: Grant | None, language: str) -> Cell | None:
    if grant is None:
        return None
    narrowed = len(grant.compartments) < len(Compartment)
    named = [each for each in Compartment if each in grant.compartments - {Compartment.SHARED}]
    return Cell(
        scope=translate(_SCOPES[grant.scope], language),
        compartments=", ".join(label(each, language).lower() for each in named) if narrowed else "",
    )


_SCOPES = {Scope.ALL: N_("all"), Scope.OWN: N_("own"), Scope.TEAM: N_("the team’s")}
