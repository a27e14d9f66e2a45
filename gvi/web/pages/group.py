"""Groups: the list and one group's card; entering and correcting are in `group_form`."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response
from sqlalchemy.orm import Session

from gvi.domain.group import GroupStatus, RelationKind
from gvi.domain.text import N_
from gvi.store.queries.group import (
    GroupHead,
    GroupRow,
    aliases_of_groups,
    group_head,
    groups,
)
from gvi.store.queries.group_records import group_records, status_history
from gvi.store.queries.involvement import incidents_of_group
from gvi.store.queries.membership import MemberRow, members_of_group
from gvi.web.export import export_list
from gvi.web.labels import label, options
from gvi.web.listing import Column, Filter, Listing, ListQuery
from gvi.web.pages import group_form, group_relation
from gvi.web.record_lines import RecordSection, record_lines
from gvi.web.tabs import group_tabs
from gvi.web.text import translate_plural
from gvi.web.visit import Db, PageForm, ReadDb, Visit, may

router = APIRouter(include_in_schema=False)
router.include_router(group_form.router)  # before /groups/{id}: new is no number
router.include_router(group_relation.router)

_COLUMNS: tuple[Column[GroupRow], ...] = (
    Column("name", N_("Group"), lambda row: row.name),
    Column("external_id", N_("Id in files"), lambda row: row.external_id, shown=False),
    Column("members", N_("Members"), lambda row: row.members, numeric=True),
    Column("conflict", N_("Conflicts"), lambda row: row.conflict),
    Column("area", N_("Area"), lambda row: row.area),
    Column("status", N_("Status"), lambda row: row.status),
)
MOST_INCIDENTS = 12
"""So many of the latest incidents stand on a group's page."""
_RESTED = frozenset({GroupStatus.HISTORICAL, GroupStatus.MERGED, GroupStatus.REJECTED})


@router.get("/groups", response_class=HTMLResponse)
def list_groups(visit: Annotated[Visit, may("group:list")], db: ReadDb) -> HTMLResponse:
    """List the groups; how much of each is shown depends on the role."""
    every = groups(db, visit.viewer, visit.asked)
    listing = _listing(db, visit, every)
    visit.shows("group", [row.id for row in listing.rows])
    return visit.render(
        "group/list.html",
        listing=listing,
        answer=_list_answer(visit, every),
        shows_members=visit.may("membership:read"),
        may_write=visit.may("group:write") and visit.as_of is None,
        has_scorecard=visit.may("scorecard:read"),
    )


@router.post("/groups/export", response_class=Response)
def export(visit: Annotated[Visit, may("list:export")], form: PageForm, db: Db) -> Response:
    """Export the list as it was asked for, with its purpose."""
    listing = _listing(db, visit, groups(db, visit.viewer, visit.asked), whole=True)
    return export_list(
        db,
        visit,
        form,
        listing,
        noun="group",
        title=visit.say(N_("Groups")),
        subjects={"group": [row.id for row in listing.rows]},
    )


def _listing(
    db: Session, visit: Visit, every: Sequence[GroupRow], *, whole: bool = False
) -> Listing[GroupRow]:
    language = visit.viewer.language
    columns = [
        column for column in _COLUMNS if column.key != "members" or visit.may("membership:read")
    ]
    filters = (
        Filter("status", N_("Status"), options(GroupStatus, language), N_("Any status")),
        Filter("conflict", N_("Conflicts"), options(RelationKind, language)),
    )
    params = visit.request.query_params
    query = ListQuery.parse(params, columns, filters, default_sort="name")
    aliases = aliases_of_groups(db, visit.viewer) if query.q else {}
    rows, total = (query.whole() if whole else query).apply(
        every,
        columns,
        search=lambda row: (row.name, *aliases.get(row.id, ()), row.area, row.external_id or ""),
        filters={
            "status": lambda row: row.status,
            "conflict": lambda row: [each.kind.value for each in row.relations] or row.conflict,
        },
    )
    return Listing(
        rows=rows,
        total=total,
        query=query,
        columns=columns,
        filters=filters,
        base_url="/groups",
        keep={"as_of": params["as_of"]} if visit.as_of else {},
        may_export=visit.may("list:export"),
        search_label=N_("Name or alias"),
    )


def _list_answer(visit: Visit, every: Sequence[GroupRow]) -> str:
    language = visit.viewer.language
    counted = [row for row in every if row.status not in _RESTED]
    active = sum(row.status is GroupStatus.ACTIVE for row in counted)
    in_conflict = sum(row.conflict is RelationKind.OPEN_CONFLICT for row in counted)
    if not every:
        return visit.say(N_("No group is mapped yet."))
    first = translate_plural(
        "%(num)s group is active", "%(num)s groups are active", active, language
    )
    if not in_conflict:
        return visit.say(N_("%(first)s; none is in an open conflict."), first=first)
    second = translate_plural(
        "%(num)s is in an open conflict", "%(num)s are in an open conflict", in_conflict, language
    )
    return visit.say(N_("%(first)s; %(second)s."), first=first, second=second)


@router.get("/groups/{group_id}", response_class=HTMLResponse)
def show(visit: Annotated[Visit, may("group:read")], group_id: int, db: ReadDb) -> HTMLResponse:
    """Show one group: members by their part, relations, and where it has stood."""
    head = group_head(db, visit.viewer, group_id, visit.asked)
    members = members_of_group(db, visit.viewer, group_id, visit.asked)
    visit.shows("group", {group_id, *(each.other_id for each in head.relations)})
    visit.shows("person", [each.person_id for each in members])
    incidents = incidents_of_group(
        db, visit.viewer, group_id, visit.as_of, at=visit.instant, on=visit.day
    )
    latest = incidents[:MOST_INCIDENTS]
    visit.shows("incident", [each.incident.id for each in latest])
    visit.shows("person", [person for each in latest for person in each.person_ids])
    return visit.render(
        "group/show.html",
        head=head,
        incidents=latest,
        incident_count=len(incidents),
        members=[each for each in members if each.is_now],
        former=[each for each in members if not each.is_now],
        steps=status_history(db, visit.viewer, group_id, visit.asked),
        answer=_answer(visit, head, members),
        tabs=group_tabs(visit, group_id, ""),
        shows_members=visit.may("membership:read"),
        shows_relations=visit.may("group_relation:read"),
        **_may_act(visit),
    )


def _may_act(visit: Visit) -> dict[str, bool]:
    now = visit.as_of is None
    return {
        "may_write": now and visit.may("group:write"),
        "may_add_member": now and visit.may("membership:write"),
        "may_relate": now and visit.may("group_relation:write"),
    }


def _answer(visit: Visit, head: GroupHead, members: Sequence[MemberRow]) -> str:
    language = visit.viewer.language
    status = label(head.status, language).lower()
    conflicts = [
        each.other
        for each in head.relations
        if each.is_now and each.kind is RelationKind.OPEN_CONFLICT
    ]
    if conflicts:
        state = visit.say(N_("in open conflict with %(groups)s"), groups=", ".join(conflicts))
    elif head.in_conflict:
        state = visit.say(N_("in an open conflict"))
    else:
        state = visit.say(N_("in no open conflict"))
    if not visit.may("membership:read"):
        return visit.say(N_("Status: %(status)s; %(state)s."), status=status, state=state)
    count = translate_plural(
        "%(num)s member", "%(num)s members", sum(each.is_now for each in members), language
    )
    return visit.say(
        N_("Status: %(status)s, %(count)s; %(state)s."), status=status, count=count, state=state
    )


@router.get("/groups/{group_id}/records", response_class=HTMLResponse)
def show_records(
    visit: Annotated[Visit, may("group_relation:read")], group_id: int, db: ReadDb
) -> HTMLResponse:
    """Show what is recorded of a group and its relations: source, grade and every change."""
    head = group_head(db, visit.viewer, group_id, visit.asked)
    found = group_records(db, visit.viewer, group_id, visit.asked)
    visit.shows("group", {group_id, *found.names})
    visit.shows("group_relation", [record.id for record in found.relations])
    own = record_lines(visit, "group", found.group, {head.id: head.name})
    between = record_lines(visit, "group_relation", found.relations, found.names)
    sections = [
        RecordSection(key="group", heading=N_("The group"), lines=own),
        RecordSection(key="relations", heading=N_("Relations"), lines=between),
    ]
    return visit.render(
        "group/records.html",
        head=head,
        sections=[section for section in sections if section.lines],
        tabs=group_tabs(visit, group_id, "/records"),
    )
