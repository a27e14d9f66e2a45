"""Checking the risk of a visit before anybody goes."""

from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy.orm import Session

from gvi.domain.custom_notification import Answer, RiskOutcome
from gvi.domain.text import N_
from gvi.usecases.risk_check import Check, check_risk
from gvi.web.forms import Form
from gvi.web.labels import label, options
from gvi.web.pages.custom_notification import acts_on, card_of, opened_on
from gvi.web.visit import Db, PageForm, ReadDb, Visit, attempt, done, may

router = APIRouter(include_in_schema=False)

Writer = Annotated[Visit, may("custom_notification:write")]
QUESTIONS = (
    ("home_conflict", N_("Is there a conflict at home?")),
    ("children_present", N_("Will children be there?")),
    ("victim_of_own_group", N_("Is the person a victim of the own group?")),
)
OUTCOMES = (RiskOutcome.GO, RiskOutcome.NO_GO)
"""What somebody signs; `noted` is what was written down before there were checks."""


@router.get("/notifications/{notification_id}/risk-check", response_class=HTMLResponse)
def ask(visit: Writer, notification_id: int, db: ReadDb) -> HTMLResponse:
    """Ask what was checked, and for go or no-go."""
    return _page(visit, db, notification_id, opened_on(visit, db, notification_id))


@router.post("/notifications/{notification_id}/risk-check", response_class=RedirectResponse)
def check(visit: Writer, notification_id: int, form: PageForm, db: Db) -> Response:
    """Keep the check, signed."""
    acts_on(visit, db, notification_id, form)
    made = Check(
        home_conflict=form.choice("home_conflict", Answer, required=True),
        children_present=form.choice("children_present", Answer, required=True),
        victim_of_own_group=form.choice("victim_of_own_group", Answer, required=True),
        is_go=form.one_of("outcome", OUTCOMES, required=True) == RiskOutcome.GO,
        reason=form.text("reason", required=True, most=2000),
    )
    if not form.errors:
        kept = attempt(
            db, form, lambda: check_risk(db, visit.viewer, notification_id, made, at=visit.now)
        )
        if kept is not None:
            return done(f"/notifications/{notification_id}", "decided")
    return _page(visit, db, notification_id, form, status_code=422)


def _page(
    visit: Visit, db: Session, notification_id: int, form: Form, *, status_code: int = 200
) -> HTMLResponse:
    language = visit.viewer.language
    return visit.render(
        "custom_notification/risk_check.html",
        status_code=status_code,
        card=card_of(visit, db, notification_id),
        form=form,
        questions=QUESTIONS,
        answers=options(Answer, language),
        outcomes=[(each.value, label(each, language)) for each in OUTCOMES],
    )
