"""Why a person has a score: one sentence, parts, the dated records behind them; also on paper."""

from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, Response
from sqlalchemy.orm import Session

from gvi.domain.audit import AuditVerb
from gvi.domain.facts import Facts
from gvi.domain.person import is_adult
from gvi.store import audit
from gvi.store.queries.correction import corrections_of
from gvi.store.queries.person import names_of
from gvi.store.queries.risk import colours_of
from gvi.usecases.ranking import person_place
from gvi.usecases.why import standing
from gvi.web.forms import Form
from gvi.web.tabs import person_tabs
from gvi.web.visit import Db, PageForm, ReadDb, Visit, may
from gvi.web.why_open import why_of
from gvi.web.why_words import sentence

router = APIRouter(include_in_schema=False)

SCORES = ("driving", "exposed")

Reader = Annotated[Visit, may("score:read")]
Printer = Annotated[Visit, may("score:read", fresh=True)]


@router.get("/people/{person_id}/why", response_class=HTMLResponse)
def why(visit: Reader, person_id: int, db: ReadDb) -> HTMLResponse:
    """Explain a person's driving or exposed score; says plainly when there is none."""
    return _page(visit, db, person_id, everything="all" in visit.request.query_params)


@router.get("/people/{person_id}/why/print", response_class=HTMLResponse)
def ask_print(visit: Printer, person_id: int, db: ReadDb) -> HTMLResponse:
    """Ask what the paper is for, before it is made."""
    return _ask(visit, db, person_id, visit.form())


@router.post("/people/{person_id}/why/print", response_class=HTMLResponse)
def print_why(visit: Printer, person_id: int, form: PageForm, db: Db) -> Response:
    """Show the whole explanation as one page for paper: who printed it, when and what for."""
    purpose = form.text("purpose", required=True, most=500)
    if form.errors:
        return _ask(visit, db, person_id, form, status_code=422)
    page = _page(visit, db, person_id, everything=True, purpose=purpose)
    audit.append(
        db,
        visit.viewer,
        AuditVerb.DISCLOSED,
        "score:printed",
        at=visit.now,
        subjects={"person": sorted(visit.shown["person"])},
        purpose=purpose,
        detail={"score": score_asked(visit)},
    )
    return page


def score_asked(visit: Visit) -> str:
    """Give the score the address asks about; driving where it names none."""
    asked = visit.request.query_params.get("score", "driving")
    return asked if asked in SCORES else "driving"


def called(visit: Visit, db: Session, known: Facts, person_id: int) -> str:
    """Give what the person explained is called before this visitor, and note them as shown."""
    visit.shows("person", [person_id])
    code_name = known.persons.code_name[person_place(known, person_id)]
    return names_of(db, visit.viewer, [person_id], on=visit.day).get(person_id, code_name)


def _page(
    visit: Visit, db: Session, person_id: int, *, everything: bool, purpose: str = ""
) -> HTMLResponse:
    score = score_asked(visit)
    found = standing(db, visit.viewer, visit.instant, visit.zone, person_id, score=score)
    known, viewer = found.explained, visit.viewer
    colours = colours_of(db, viewer, [person_id], visit.instant, zone=visit.zone)
    return visit.render(
        "ranking/why.html",
        person_id=person_id,
        name=called(visit, db, found.facts, person_id),
        code_name=found.facts.persons.code_name[found.place],
        score=score,
        why=why_of(visit, db, known, everything=everything) if known else None,
        sentence=sentence(visit, known) if known else "",
        interval_is_untried=known is not None and known.interval is None,
        other=found.entries["exposed" if score == "driving" else "driving"],
        under_18=not is_adult(found.facts.persons.birth_date[found.place], found.facts.as_of_day),
        colour=colours.get(person_id),
        corrections=corrections_of(db, viewer, person_id),
        purpose=purpose,
        tabs=person_tabs(visit, person_id, "/why"),
    )


def _ask(
    visit: Visit, db: Session, person_id: int, form: Form, *, status_code: int = 200
) -> HTMLResponse:
    score = score_asked(visit)
    found = standing(db, visit.viewer, visit.instant, visit.zone, person_id, score=score)
    return visit.render(
        "ranking/print.html",
        status_code=status_code,
        person_id=person_id,
        name=called(visit, db, found.facts, person_id),
        score=score,
        form=form,
    )
