"""One person's overview and network: memberships, ties, supervision, what happened when."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from gvi.domain.access import grant
from gvi.domain.text import N_
from gvi.domain.time import local_day
from gvi.store.asked import Asked
from gvi.store.queries.client import workers_of
from gvi.store.queries.membership import (
    GroupPart,
    MembershipRow,
    groups_of,
    memberships_of_person,
)
from gvi.store.queries.person_card import (
    InvolvementRow,
    PersonHead,
    involvements_of,
    person_head,
)
from gvi.store.queries.risk import Decision, risk_card
from gvi.store.queries.supervision import SupervisionView, supervision_of
from gvi.store.queries.tie import TieRow, steps_around, ties_of
from gvi.web.format import say_date
from gvi.web.labels import label
from gvi.web.pages.ego_map import ego_map
from gvi.web.tabs import person_tabs
from gvi.web.templating import manner_of
from gvi.web.text import translate_plural
from gvi.web.visit import ReadDb, Visit, may

router = APIRouter(include_in_schema=False)

FEW = 12
"""Lines of the timeline shown at first; the whole is one click away."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """One line of the timeline: exactly one of the three is there."""

    kind: str
    at: datetime
    day: date | None = None
    """The day alone, where the hour means nothing."""
    involvement: InvolvementRow | None = None
    decision: Decision | None = None
    membership: MembershipRow | None = None
    is_end: bool = False
    """Of a membership: whether it ended then, or began."""


@router.get("/people/{person_id}", response_class=HTMLResponse)
def show(visit: Annotated[Visit, may("person:read")], person_id: int, db: ReadDb) -> HTMLResponse:
    """Show who a person is to the programme, as far as this visitor may know."""
    viewer, asked = visit.viewer, visit.asked
    head = person_head(db, viewer, person_id, asked)
    visit.shows("person", [person_id])
    involvements = involvements_of(db, viewer, person_id, asked)
    tabs = person_tabs(visit, person_id, "")
    if not head.is_seen_whole:
        visit.shows("incident", [each.incident_id for each in involvements])
        return visit.render(
            "person/child.html",
            head=head,
            involvements=involvements,
        )
    ties = ties_of(db, viewer, person_id, asked)
    visit.shows("person", [tie.other_id for tie in ties])
    memberships = memberships_of_person(db, viewer, person_id, asked)
    groups = groups_of(db, viewer, [person_id], asked).get(person_id, ())
    visit.shows("group", [each.group_id for each in memberships])
    visit.shows("group", [each.group_id for each in groups])
    supervision = supervision_of(db, viewer, person_id, asked)
    decisions = risk_card(db, viewer, person_id, asked.at, zone=asked.zone).decisions
    workers = workers_of(db, viewer, person_id) if visit.may("client:assign") else ()
    happenings = _happenings(involvements, decisions, memberships, asked)
    shown = happenings if "all" in visit.request.query_params else happenings[:FEW]
    told = [each.involvement for each in shown if each.involvement]
    visit.shows("incident", [each.incident_id for each in told])
    return visit.render(
        "person/show.html",
        head=head,
        answer=_answer(visit, groups, ties, supervision),
        tabs=tabs,
        groups=groups,
        memberships=memberships,
        shows_memberships=visit.may("membership:read"),
        ties=ties,
        shows_ties=visit.may("tie:read"),
        supervision=supervision,
        decision=decisions[0] if decisions else None,
        happenings=shown,
        happened=len(happenings),
        workers=[worker for worker in workers if worker.ended_at is None],
        shows_workers=visit.may("client:assign"),
        may_write=_may_correct(visit, head),
        may_member=_may(visit, "membership:write"),
        may_tie=_may(visit, "tie:write"),
        may_supervise=_may(visit, "supervision:write"),
    )


def _may(visit: Visit, permission: str) -> bool:
    return visit.as_of is None and visit.may(permission)


def _may_correct(visit: Visit, head: PersonHead) -> bool:
    """Tell whether the visitor may correct this person: the record of the other side never."""
    held = grant(visit.viewer, "person:write")
    return visit.as_of is None and held is not None and head.compartment in held.compartments


def _happenings(
    involvements: Sequence[InvolvementRow],
    decisions: Sequence[Decision],
    memberships: Sequence[MembershipRow],
    asked: Asked,
) -> list[Happening]:
    """Put what happened, what was decided and group life in one row, the latest first."""
    told = [
        Happening(kind="incident", at=each.occurred_at, involvement=each) for each in involvements
    ]
    told += [Happening(kind="decision", at=each.decided_at, decision=each) for each in decisions]
    for each in memberships:
        if each.valid_from is not None:
            told.append(Happening(kind="contact", at=each.valid_from, membership=each))
        if each.valid_to is not None and each.valid_to <= asked.at:
            end = Happening(kind="contact", at=each.valid_to, membership=each, is_end=True)
            told.append(end)
    ordered = sorted(told, key=lambda item: item.at, reverse=True)
    # Group life is known by the day: no hour is shown of it.
    return [
        replace(item, day=local_day(item.at, asked.zone)) if item.membership else item
        for item in ordered
    ]


def _answer(
    visit: Visit,
    groups: Sequence[GroupPart],
    ties: Sequence[TieRow],
    supervision: SupervisionView,
) -> str:
    parts = []
    if visit.may("membership_group:read"):
        parts.append(_said_groups(visit, groups))
    if visit.may("tie:read"):
        near = {tie.other_id for tie in ties if tie.is_now}
        parts.append(
            translate_plural(
                "tied to %(num)s person", "tied to %(num)s people", len(near), visit.viewer.language
            )
        )
    if supervision.is_under is not None:
        parts.append(_said_supervision(visit, supervision))
    said = "; ".join(part for part in parts if part)
    return f"{said[:1].upper()}{said[1:]}." if said else ""


def _said_groups(visit: Visit, groups: Sequence[GroupPart]) -> str:
    if not groups:
        return visit.say(N_("in no group that is known"))
    each = [
        visit.say(
            N_("%(part)s in %(group)s"),
            part=label(group.role, visit.viewer.language).lower(),
            group=group.name,
        )
        if group.role
        else visit.say(N_("in %(group)s"), group=group.name)
        for group in groups
    ]
    return ", ".join(each)


def _said_supervision(visit: Visit, supervision: SupervisionView) -> str:
    if not supervision.is_under:
        return visit.say(N_("under no supervision"))
    if supervision.until is None:
        return visit.say(N_("under supervision or in custody"))
    day = say_date(supervision.until, manner_of(visit.page()))
    return visit.say(N_("under supervision or in custody until %(day)s"), day=day)


@router.get("/people/{person_id}/network", response_class=HTMLResponse)
def network(visit: Annotated[Visit, may("tie:read")], person_id: int, db: ReadDb) -> HTMLResponse:
    """Show who is around a person, one and two steps away."""
    head = person_head(db, visit.viewer, person_id, visit.asked)
    steps = steps_around(db, visit.viewer, person_id, visit.asked)
    visit.combines()
    visit.shows("person", {person_id, *_others(steps.first), *_others(steps.second)})
    near, far = _others(steps.first), _others(steps.second)
    return visit.render(
        "person/network.html",
        head=head,
        steps=steps,
        through={tie.other_id: tie.name for tie in steps.first},
        drawing=ego_map(head, steps),
        answer=_network_answer(visit, head, len(near), len(far)),
        tabs=person_tabs(visit, person_id, "/network"),
        may_tie=_may(visit, "tie:write") and head.is_seen_whole,
    )


def _others(ties: Sequence[TieRow]) -> set[int]:
    return {tie.other_id for tie in ties}


def _network_answer(visit: Visit, head: PersonHead, near: int, far: int) -> str:
    if not head.is_seen_whole:
        return visit.say(N_("Under 18: ties are not shown to your role."))
    language = visit.viewer.language
    first = translate_plural("%(num)s person", "%(num)s people", near, language)
    second = translate_plural("%(num)s person", "%(num)s people", far, language)
    return visit.say(
        N_("%(first)s one step away, %(second)s two steps away, by ties that hold now."),
        first=first,
        second=second,
    )
