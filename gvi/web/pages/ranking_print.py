"""The driving or the exposed list on paper: who printed it, when and what for; it is kept then."""

from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response
from sqlalchemy.orm import Session

from gvi.domain.audit import AuditVerb
from gvi.domain.list_snapshot import ListAct
from gvi.store import audit
from gvi.usecases.list_snapshot import keep_list
from gvi.web.forms import Form
from gvi.web.pages.ranking import ranking_page, show_ranking
from gvi.web.visit import Db, PageForm, Visit, may

router = APIRouter(include_in_schema=False)

Printer = Annotated[Visit, may("score:read", fresh=True)]


@router.get("/people/driving/print", response_class=HTMLResponse)
def ask_driving(visit: Printer) -> HTMLResponse:
    """Ask what the driving list is printed for."""
    return _ask(visit, "driving", visit.form())


@router.get("/people/exposed/print", response_class=HTMLResponse)
def ask_exposed(visit: Printer) -> HTMLResponse:
    """Ask what the exposed list is printed for."""
    return _ask(visit, "exposed", visit.form())


@router.post("/people/driving/print", response_class=HTMLResponse)
def print_driving(visit: Printer, form: PageForm, db: Db) -> Response:
    """Show the driving list for paper; the whole list is kept as it is then."""
    return _print(visit, form, db, "driving")


@router.post("/people/exposed/print", response_class=HTMLResponse)
def print_exposed(visit: Printer, form: PageForm, db: Db) -> Response:
    """Show the exposed list for paper; the whole list is kept as it is then."""
    return _print(visit, form, db, "exposed")


def _ask(visit: Visit, score: str, form: Form, *, status_code: int = 200) -> HTMLResponse:
    return visit.render("ranking/list_print.html", status_code=status_code, score=score, form=form)


def _print(visit: Visit, form: Form, db: Session, score: str) -> Response:
    purpose = form.text("purpose", required=True, most=500)
    if form.errors:
        return _ask(visit, score, form, status_code=422)
    page = ranking_page(visit, db, score, whole=True)
    kept = keep_list(
        db,
        visit.viewer,
        score,
        act=ListAct.PRINTED,
        reason=purpose,
        as_of=visit.instant,
        at=visit.now,
        zone=visit.zone,
    )
    audit.append(
        db,
        visit.viewer,
        AuditVerb.DISCLOSED,
        f"ranking_{score}:printed",
        at=visit.now,
        subjects={
            "person": [row.id for row in page.listing.rows],
            "list_snapshot": [kept.id],
        },
        purpose=purpose,
        detail={"rows": len(page.listing.rows)},
    )
    return show_ranking(visit, page, score, purpose=purpose, kept=kept.id)
