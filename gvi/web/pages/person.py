"""People: the register and one person's overview; the other pages about a person stand beside."""

from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response
from sqlalchemy.orm import Session

from gvi.domain.access import Scope, grant
from gvi.domain.risk import RiskColour
from gvi.domain.text import N_
from gvi.store.queries.group import group_options
from gvi.store.queries.person_list import NO_COLOUR, PersonQuestion, PersonRow, people
from gvi.web.export import export_list
from gvi.web.labels import options
from gvi.web.listing import Column, Filter, Listing, ListQuery
from gvi.web.pages import person_card, person_form, person_records
from gvi.web.text import translate_plural
from gvi.web.visit import Db, PageForm, ReadDb, Visit, may

router = APIRouter(include_in_schema=False)

_COLUMNS: tuple[Column[PersonRow], ...] = (
    Column("name", N_("Person"), lambda row: row.called),
    Column("code_name", N_("Code name"), lambda row: row.code_name, shown=False),
    Column("external_id", N_("Id in files"), lambda row: row.external_id, shown=False),
    Column("groups", N_("Groups"), lambda row: [g.name for g in row.groups], sortable=False),
    Column("age", N_("Age"), lambda row: row.age, numeric=True),
    Column(
        "colour",
        N_("Decided colour"),
        lambda row: row.colour.colour if row.colour else None,
        sortable=False,
    ),
)
_AGES = (("yes", N_("Under 18")), ("no", N_("18 or more, or unknown")))


@router.get("/people", response_class=HTMLResponse)
def register(visit: Annotated[Visit, may("person:list")], db: ReadDb) -> HTMLResponse:
    """List the people the visitor may see."""
    listing, held = _listing(db, visit), grant(visit.viewer, "person:list")
    visit.shows("person", [row.id for row in listing.rows])
    return visit.render(
        "person/list.html",
        listing=listing,
        answer=_answer(visit, listing),
        shows_groups=visit.may("membership_group:read"),
        has_scores=visit.may("score:read"),
        may_write=visit.may("person:write") and visit.as_of is None,
        sees_own_only=held is not None and held.scope is not Scope.ALL,
    )


@router.post("/people/export", response_class=Response)
def export(visit: Annotated[Visit, may("list:export")], form: PageForm, db: Db) -> Response:
    """Export the register as it was asked for, with its purpose."""
    listing = _listing(db, visit, whole=True)
    return export_list(
        db,
        visit,
        form,
        listing,
        noun="person",
        title=visit.say(N_("People")),
        subjects={"person": [row.id for row in listing.rows]},
    )


def _listing(db: Session, visit: Visit, *, whole: bool = False) -> Listing[PersonRow]:
    params, filters = visit.request.query_params, _filters(db, visit)
    columns = [
        column
        for column in _COLUMNS
        if column.key != "groups" or visit.may("membership_group:read")
    ]
    query = ListQuery.parse(params, columns, filters, default_sort="name")
    if whole:
        query = query.whole()
    rows, total = people(db, visit.viewer, _question(query), visit.asked)
    return Listing(
        rows=rows,
        total=total,
        query=query,
        columns=columns,
        filters=filters,
        base_url="/people",
        keep={"as_of": params["as_of"]} if visit.as_of else {},
        may_export=visit.may("list:export"),
        search_label=N_("Name, code name or alias"),
    )


def _question(query: ListQuery) -> PersonQuestion:
    group, age = query.filters.get("group"), query.filters.get("age")
    return PersonQuestion(
        q=query.q,
        group_id=int(group) if group else None,
        colour=query.filters.get("colour", ""),
        under_18={"yes": True, "no": False}.get(age or ""),
        sort=query.sort,
        descending=query.descending,
        offset=query.offset,
        limit=query.page_size,
    )


def _filters(db: Session, visit: Visit) -> tuple[Filter, ...]:
    colours = [*options(RiskColour, visit.viewer.language), (NO_COLOUR, visit.say(N_("No colour")))]
    ages = [(value, visit.say(text)) for value, text in _AGES]
    found = [
        Filter("colour", N_("Decided colour"), colours, N_("Any colour")),
        Filter("age", N_("Age"), ages, N_("Any age")),
    ]
    if visit.may("membership_group:read") and visit.may("group:list"):
        groups = group_options(db, visit.viewer, visit.asked)
        found.insert(0, Filter("group", N_("Group"), groups, N_("All groups")))
    return tuple(found)


def _answer(visit: Visit, listing: Listing[PersonRow]) -> str:
    language, total = visit.viewer.language, listing.total
    if listing.query.is_narrowed:
        return translate_plural(
            "%(num)s person answers the question.",
            "%(num)s people answer the question.",
            total,
            language,
        )
    return translate_plural(
        "%(num)s person is known to the programme and may be seen by you.",
        "%(num)s people are known to the programme and may be seen by you.",
        total,
        language,
    )


# After the register, so that /people/new and its like are asked before /people/{id}.
for each in (person_form, person_records, person_card):
    router.include_router(each.router)
