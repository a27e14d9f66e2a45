"""Past lists held against the violence that came after them: part of the method."""

from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from gvi.domain.text import N_
from gvi.domain.time import local_day
from gvi.network.backtest import ENOUGH
from gvi.usecases.backtest import LENGTHS, backtest, is_worth_waiting
from gvi.web.visit import ReadDb, Visit, may

router = APIRouter(include_in_schema=False)

EVERY_DAYS = 90
"""Days between the lists of the page: few enough to wait for, and 90 days never overlap."""
TOP = 20
WAYS = {
    "list": N_("The list"),
    "incidents": N_("Past incidents"),
    "degree": N_("People tied to"),
    "random": N_("Chance"),
}


@router.get("/method/backtest", response_class=HTMLResponse)
def backtest_page(visit: Annotated[Visit, may("score:read")], db: ReadDb) -> HTMLResponse:
    """Show what share of later violence fell on the top of past lists, beside plainer ways."""
    asked = visit.request.query_params.get("days")
    days = next((each for each in LENGTHS if str(each) == asked), LENGTHS[0])
    viewer, now, zone = visit.viewer, visit.instant, visit.zone
    if not is_worth_waiting(db, viewer, now=now, zone=zone, every=EVERY_DAYS, days=days):
        return visit.render("method/backtest_too_long.html", every=EVERY_DAYS, days=days)
    found = backtest(db, viewer, now=now, zone=zone, every=EVERY_DAYS, days=days, top=TOP)
    return visit.render(
        "method/backtest.html",
        found=found,
        lengths=LENGTHS,
        days=[(local_day(window.start, visit.zone), window) for window in found.windows],
        ways=WAYS,
        enough=ENOUGH,
    )
