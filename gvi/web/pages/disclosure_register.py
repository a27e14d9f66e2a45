"""The register of disclosures, what was disclosed to me, and the guide "May I share this?"."""

from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response
from sqlalchemy.orm import Session

from gvi.domain.access import Role
from gvi.domain.disclosure import (
    DECIDERS,
    GROUNDS,
    SIDES,
    DisclosureState,
    Ground,
    Party,
    grounds_between,
    never_copied,
    parts_of,
    side_of,
)
from gvi.domain.text import N_
from gvi.store.queries.disclosure import (
    DisclosureRow,
    disclosed_to_me,
    disclosures,
    frozen_lines,
    received,
)
from gvi.store.queries.disclosure_request import requests
from gvi.web.disclosure_words import CONDITIONS, MEANINGS
from gvi.web.export import export_list
from gvi.web.labels import label, options, part_called
from gvi.web.listing import Column, Filter, Listing, ListQuery
from gvi.web.visit import Db, PageForm, ReadDb, Visit, may

router = APIRouter(include_in_schema=False)

Lister = Annotated[Visit, may("disclosure:list")]
Taker = Annotated[Visit, may("disclosure:list", fresh=True)]
Receiver = Annotated[Visit, may("disclosure:receive")]

COLUMNS: tuple[Column[DisclosureRow], ...] = (
    Column("person", N_("Person"), lambda row: row.code_name),
    Column("side", N_("From"), lambda row: row.side),
    Column("recipient", N_("To"), lambda row: row.recipient),
    Column("ground", N_("Ground"), lambda row: row.ground),
    Column("fields", N_("What"), lambda row: ", ".join(row.fields), sortable=False),
    Column("decider", N_("Decided by"), lambda row: row.decider),
    Column("written_at", N_("Written"), lambda row: row.written_at),
    Column("expires_at", N_("Until"), lambda row: row.withdrawn_at or row.expires_at),
    Column("state", N_("State"), lambda row: row.state),
    Column("purpose", N_("What for"), lambda row: row.purpose, shown=False),
    Column("organisation", N_("Organisation"), lambda row: row.organisation, shown=False),
    Column("written_by", N_("Written by"), lambda row: row.written_by, shown=False),
)


@router.get("/disclosures", response_class=HTMLResponse)
def register(visit: Lister, db: ReadDb) -> HTMLResponse:
    """List the disclosures of the visitor's side, or all for the auditor; never their content."""
    listing = _listing(db, visit)
    visit.shows("person", [row.person_id for row in listing.rows])
    visit.shows("disclosure", [row.id for row in listing.rows])
    asked = (
        requests(db, visit.viewer, at=visit.now, day=visit.today, open_only=True)
        if visit.may("disclosure_request:read")
        else ()
    )
    visit.shows("person", [row.person_id for row in asked])
    waiting = [
        row
        for row in disclosures(db, visit.viewer, at=visit.now, day=visit.today)
        if row.state is DisclosureState.WAITING and row.decider_id == visit.viewer.user_id
    ]
    visit.shows("person", [row.person_id for row in waiting])
    return visit.render(
        "disclosure/register.html",
        listing=listing,
        requests=asked,
        waiting=waiting,
        parts=part_called,
        may_disclose=visit.may("disclosure:write"),
    )


@router.post("/disclosures/export")
def export(visit: Taker, form: PageForm, db: Db) -> Response:
    """Answer the register of this question as CSV."""
    listing = _listing(db, visit, whole=True)
    return export_list(
        db,
        visit,
        form,
        listing,
        noun="disclosure",
        title=visit.say(N_("Register of disclosures")),
        subjects={"person": [row.person_id for row in listing.rows]},
    )


@router.get("/disclosures/print", response_class=HTMLResponse)
def print_register(visit: Taker, db: ReadDb) -> HTMLResponse:
    """Show the whole register of this question on one page, for paper."""
    listing = _listing(db, visit, whole=True)
    visit.shows("person", [row.person_id for row in listing.rows])
    visit.shows("disclosure", [row.id for row in listing.rows])
    return visit.render("disclosure/print.html", listing=listing, parts=part_called)


def _listing(db: Session, visit: Visit, *, whole: bool = False) -> Listing[DisclosureRow]:
    language = visit.viewer.language
    filters = (
        Filter("state", N_("State"), options(DisclosureState, language)),
        Filter("ground", N_("Ground"), options(Ground, language)),
        Filter("party", N_("To"), options(Party, language)),
    )
    query = ListQuery.parse(
        visit.request.query_params, COLUMNS, filters, default_sort="-written_at"
    )
    rows, total = (query.whole() if whole else query).apply(
        disclosures(db, visit.viewer, at=visit.now, day=visit.today),
        COLUMNS,
        search=lambda row: (
            row.code_name,
            row.recipient,
            row.organisation,
            row.written_by,
            row.decider,
        ),
        filters={
            "state": lambda row: row.state,
            "ground": lambda row: row.ground,
            "party": lambda row: row.party,
        },
    )
    return Listing(
        rows=rows,
        total=total,
        query=query,
        columns=COLUMNS,
        filters=filters,
        base_url="/disclosures",
        may_export=True,
        search_label=N_("Person, recipient or decider"),
    )


# What came to me


@router.get("/disclosed", response_class=HTMLResponse)
def mine(visit: Receiver, db: ReadDb) -> HTMLResponse:
    """List what was disclosed to the visitor, what can still be read first."""
    rows = disclosed_to_me(db, visit.viewer, at=visit.now, day=visit.today)
    visit.shows("person", [row.person_id for row in rows])
    return visit.render("disclosure/mine.html", rows=rows, parts=part_called)


@router.get("/disclosed/{disclosure_id}", response_class=HTMLResponse)
def read(visit: Receiver, disclosure_id: int, db: ReadDb) -> HTMLResponse:
    """Show what was disclosed to the visitor, as long as it can be read."""
    row = received(db, visit.viewer, disclosure_id, at=visit.now, day=visit.today)
    visit.shows("person", [row.person_id])
    visit.shows("disclosure", [row.id])
    visit.notes(ground=row.ground.value, fields=list(row.fields))
    return visit.render(
        "disclosure/received.html",
        row=row,
        rule=GROUNDS[row.ground],
        lines=frozen_lines(db, row.id),
        parts=part_called,
    )


# May I share this?


@router.get("/may-i-share", response_class=HTMLResponse)
def guide(visit: Annotated[Visit, may("sharing_guide:read")]) -> HTMLResponse:
    """Say what one role may share with another, on which ground, and what never."""
    params, language = visit.request.query_params, visit.viewer.language
    own = visit.viewer.role if side_of(visit.viewer.role) else Role.OUTREACH
    giver = _role(params.get("from", ""), own or Role.OUTREACH)
    other = Role.COORDINATOR_POLICE
    if SIDES[giver] is Party.POLICE:
        other = Role.COORDINATOR_MUNICIPAL
    to = params.get("to", "")
    to = to if to == Party.OTHER or to in set(SIDES) else other.value
    side = SIDES[giver]
    party = Party.OTHER if to == Party.OTHER else SIDES[Role(to)]
    return visit.render(
        "disclosure/guide.html",
        giver=giver,
        to=to,
        to_called=label(Party.OTHER, language) if to == Party.OTHER else label(Role(to), language),
        same_side=side is party,
        grounds=[(ground, GROUNDS[ground]) for ground in grounds_between(side, party)],
        conditions=CONDITIONS,
        meanings=MEANINGS,
        parts=parts_of(side),
        never=never_copied(side),
        deciders=[role for role in Role if role in DECIDERS[side]],
        froms=options(SIDES, language),
        tos=[*options(SIDES, language), (Party.OTHER.value, label(Party.OTHER, language))],
        to_police=party is Party.POLICE,
    )


def _role(given: str, otherwise: Role) -> Role:
    return Role(given) if given in set(SIDES) else otherwise
