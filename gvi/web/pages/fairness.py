"""Are we fair? Lists and contacts by area and age, beside parts in group violence."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from gvi.domain.fairness import Share
from gvi.domain.text import N_
from gvi.usecases.fairness import disparity
from gvi.web.visit import ReadDb, Visit, may

router = APIRouter(include_in_schema=False)

COLUMNS = {
    "violence": N_("Parts in group violence"),
    "top_20": N_("First 20"),
    "top_50": N_("First 50"),
    "listed": N_("Driving list"),
    "invited": N_("Invited to call-ins"),
    "notified": N_("Custom notifications"),
}
BANDS = {
    "under_18": N_("Under 18"),
    "18_20": N_("18–20"),
    "21_24": N_("21–24"),
    "25_29": N_("25–29"),
    "30_39": N_("30–39"),
    "40_and_over": N_("40 and over"),
    "unknown": N_("Birth date unknown"),
}


@router.get("/method/fairness", response_class=HTMLResponse)
def fairness(visit: Annotated[Visit, may("fairness:read")], db: ReadDb) -> HTMLResponse:
    """Show whom lists and contacts fall on, in counts and shares."""
    found = disparity(db, visit.viewer, visit.now, visit.zone)
    visit.combines()
    areas = {area or visit.say(N_("Area unknown")): row for area, row in found.areas.items()}
    ages = {visit.say(BANDS[band]): row for band, row in found.ages.items()}
    return visit.render(
        "method/fairness.html",
        answer=_answer(visit, areas),
        tables=[(N_("By area"), "areas", areas), (N_("By age"), "ages", ages)],
        columns=[(name, COLUMNS[name]) for name in found.columns],
        hides_small=found.hides_small,
    )


def _answer(visit: Visit, areas: Mapping[str, Mapping[str, Share]]) -> str:
    """Say where the share of the list differs most from the share of group violence."""
    told = [
        (area, row["listed"].part, row["violence"].part)
        for area, row in areas.items()
        if row["listed"].part is not None and row["violence"].part is not None
    ]
    if not told:
        return visit.say(N_("There is too little to compare yet."))
    area, listed, violence = max(told, key=lambda row: abs((row[1] or 0) - (row[2] or 0)))
    return visit.say(
        N_(
            "%(area)s has %(listed)s per cent of the driving list and %(violence)s per cent of the"
            " parts in group violence of the last twelve months: the largest difference."
        ),
        area=area,
        listed=round(100 * (listed or 0)),
        violence=round(100 * (violence or 0)),
    )
