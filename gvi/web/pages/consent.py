"""A person's consents to disclose: recording one, and withdrawing it."""

from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy.orm import Session

from gvi.domain.disclosure import OWN_WORDS, Party, parts_of, side_of
from gvi.store.queries.consent import consent, consents
from gvi.store.queries.person_card import person_head
from gvi.usecases.consent import record_consent, withdraw_consent
from gvi.web.forms import Form
from gvi.web.labels import options, part_called
from gvi.web.tabs import person_tabs
from gvi.web.visit import Db, PageForm, ReadDb, Visit, attempt, done, may

router = APIRouter(include_in_schema=False)

Reader = Annotated[Visit, may("consent:read")]
Writer = Annotated[Visit, may("consent:write")]


@router.get("/people/{person_id}/consents", response_class=HTMLResponse)
def of_person(visit: Reader, person_id: int, db: ReadDb) -> HTMLResponse:
    """Show a person's consents, and the form to record one."""
    return _page(visit, db, person_id, visit.form())


@router.post("/people/{person_id}/consents", response_class=RedirectResponse)
def record(visit: Writer, person_id: int, form: PageForm, db: Db) -> Response:
    """Record a consent."""
    party = form.choice("party", Party, required=True)
    parts = form.all("parts")
    given_on = form.date("given_on", required=True)
    ends_on = form.date("ends_on")
    document = form.text("document", most=500)
    if not form.errors:
        made = attempt(
            db,
            form,
            lambda: record_consent(
                db,
                visit.viewer,
                person_id,
                party,
                parts,
                given_on=given_on,
                ends_on=ends_on,
                by_guardian=form.ticked("by_guardian"),
                document=document,
                at=visit.now,
                zone=visit.zone,
            ),
        )
        if made is not None:
            return done(f"/people/{person_id}/consents", "added")
    return _page(visit, db, person_id, form, status_code=422)


def _page(
    visit: Visit, db: Session, person_id: int, form: Form, *, status_code: int = 200
) -> HTMLResponse:
    head = person_head(db, visit.viewer, person_id, visit.asked)
    rows = consents(db, visit.viewer, person_id, day=visit.today)
    visit.shows("person", [person_id])
    language, side = visit.viewer.language, side_of(visit.viewer.role)
    own = [part.value for part in parts_of(side)] if side else []
    return visit.render(
        "consent/person.html",
        status_code=status_code,
        head=head,
        rows=rows,
        form=form,
        parts=part_called,
        tabs=person_tabs(visit, person_id, "/disclosures"),
        parties=options([each for each in Party if each is not side], language),
        part_choices=[(part, part_called(part, language)) for part in (*own, OWN_WORDS)],
    )


@router.get("/people/{person_id}/consents/{consent_id}/withdraw", response_class=HTMLResponse)
def ask_withdraw(visit: Writer, person_id: int, consent_id: int, db: ReadDb) -> HTMLResponse:
    """Ask before a consent is withdrawn."""
    head = person_head(db, visit.viewer, person_id, visit.asked)
    row = consent(db, visit.viewer, person_id, consent_id, day=visit.today)
    visit.shows("person", [person_id])
    return visit.render(
        "consent/withdraw.html", head=head, row=row, form=visit.form(), parts=part_called
    )


@router.post("/people/{person_id}/consents/{consent_id}/withdraw", response_class=RedirectResponse)
def withdraw(visit: Writer, person_id: int, consent_id: int, _form: PageForm, db: Db) -> Response:
    """Withdraw a consent: what rests on it is hidden from this request on."""
    consent(db, visit.viewer, person_id, consent_id, day=visit.today)
    withdraw_consent(db, visit.viewer, consent_id, at=visit.now)
    return done(f"/people/{person_id}/consents", "hidden")
