"""My record: who looked at the records of the clients I work with."""

from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from gvi.domain.text import N_
from gvi.store.queries.own_record import LookRow, looks_at_own_clients
from gvi.web.listing import Column, Listing, ListQuery
from gvi.web.visit import ReadDb, Visit, may

router = APIRouter(include_in_schema=False)

COLUMNS: tuple[Column[LookRow], ...] = (
    Column("at", N_("When"), lambda row: row.at, sortable=False),
    Column("actor", N_("Who"), lambda row: row.actor, sortable=False),
    Column("role", N_("Role"), lambda row: row.role, sortable=False),
    Column("clients", N_("Clients"), lambda row: row.clients, sortable=False, numeric=True),
)


@router.get("/my-record", response_class=HTMLResponse)
def my_record(visit: Annotated[Visit, may("own_record:read")], db: ReadDb) -> HTMLResponse:
    """List who else looked at one's own clients, latest first."""
    query = ListQuery.parse(visit.request.query_params, COLUMNS)
    rows, total = looks_at_own_clients(db, visit.viewer, offset=query.offset, limit=query.page_size)
    listing = Listing(rows=rows, total=total, query=query, columns=COLUMNS, base_url="/my-record")
    return visit.render("own_record/list.html", listing=listing)
