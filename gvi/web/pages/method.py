"""How the scores are computed, in plain words, with the table of harm weights in force."""

from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from gvi.usecases.policy import in_force
from gvi.web.method_examples import examples
from gvi.web.visit import ReadDb, Visit, may

router = APIRouter(include_in_schema=False)


@router.get("/method", response_class=HTMLResponse)
def method(visit: Annotated[Visit, may("method:read")], db: ReadDb) -> HTMLResponse:
    """Explain the two scores, what never counts, the policy's constants, and worked examples."""
    policy = in_force(db, visit.viewer)
    harm = sorted(policy.harm.items(), key=lambda row: (-row[1], row[0]))
    return visit.render(
        "method/show.html",
        policy=policy,
        harm=harm,
        examples=examples(),
        may_ask_fair=visit.may("fairness:read"),
    )
