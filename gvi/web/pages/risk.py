"""The decided colour of a person: every decision with its last day, and deciding anew."""

import datetime as dt
from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy.orm import Session

from gvi.domain.risk import DEFAULT_VALIDITY_DAYS, RiskColour
from gvi.domain.text import N_
from gvi.store.models import Person
from gvi.store.queries.hold import hold
from gvi.store.queries.list_snapshot import lists_behind
from gvi.store.queries.risk import Decision, RiskCard, risk_card
from gvi.usecases.risk import decide_colour
from gvi.web.format import say_date
from gvi.web.forms import Form
from gvi.web.labels import label
from gvi.web.tabs import person_tabs
from gvi.web.templating import manner_of
from gvi.web.visit import Db, PageForm, ReadDb, Visit, attempt, done, may

router = APIRouter(include_in_schema=False)


@router.get("/people/{person_id}/risk", response_class=HTMLResponse)
def show(visit: Annotated[Visit, may("risk:read")], person_id: int, db: ReadDb) -> HTMLResponse:
    """Show every colour decided about a person, and the form for the next."""
    form, card = visit.form(), _card(visit, db, person_id)
    form.sees(_stands(visit, card))
    return _page(visit, db, card, form)


def _card(visit: Visit, db: Session, person_id: int) -> RiskCard:
    return risk_card(db, visit.viewer, person_id, visit.instant, zone=visit.zone)


def _stands(visit: Visit, card: RiskCard) -> Form:
    latest = card.latest
    values = {"colour": latest.colour, "expires_on": latest.expires_on} if latest else {}
    return Form.filled(values, language=visit.viewer.language, zone=visit.zone)


@router.post("/people/{person_id}/risk", response_class=RedirectResponse)
def decide(
    visit: Annotated[Visit, may("risk:decide")], person_id: int, form: PageForm, db: Db
) -> Response:
    """Record a decision; a wrong form is shown again with what was typed."""
    hold(db, Person, person_id)
    form.sees(_stands(visit, _card(visit, db, person_id)))
    colour = form.choice("colour", RiskColour, required=True)
    reason = form.text("reason", required=True, most=2000)
    expires_on = form.date("expires_on", required=True)
    if not form.errors:
        decision = attempt(
            db,
            form,
            lambda: decide_colour(
                db,
                visit.viewer,
                person_id,
                colour=colour,
                reason=reason,
                expires_on=expires_on,
                at=visit.now,
                zone=visit.zone,
            ),
        )
        if decision is not None:
            return done(f"/people/{person_id}/risk", "decided")
    return _page(visit, db, _card(visit, db, person_id), form, status_code=422)


def _page(
    visit: Visit, db: Session, card: RiskCard, form: Form, *, status_code: int = 200
) -> HTMLResponse:
    visit.shows("person", [card.person_id])
    lists = lists_behind(db, visit.viewer, [each.id for each in card.decisions])
    if lists:
        visit.shows("list_snapshot", [number for each in lists.values() for number, _ in each])
    language = visit.viewer.language
    tabs = person_tabs(visit, card.person_id, "/risk")
    return visit.render(
        "risk/show.html",
        status_code=status_code,
        card=card,
        lists=lists,
        answer=_answer(visit, card),
        form=form,
        colours=[(c.value, label(c, language), visit.say(_MEANINGS[c])) for c in RiskColour],
        usual_expiry=visit.today + dt.timedelta(days=DEFAULT_VALIDITY_DAYS),
        tabs=[(visit.say(tab.label), tab.url, tab.current) for tab in tabs],
        may_decide=visit.may("risk:decide") and visit.as_of is None and card.is_adult,
        may_list=visit.may("person:list"),
    )


_MEANINGS = {
    RiskColour.RED: N_("acute danger to kill or be killed"),
    RiskColour.YELLOW: N_("danger, but not acute"),
    RiskColour.GREEN: N_("calm for now"),
    RiskColour.OFF_LIST: N_("not followed any more"),
}


def _answer(visit: Visit, card: RiskCard) -> str:
    if not card.is_adult:
        return visit.say(
            N_("Under 18: gets no colour. The support and concern track is the place for worry.")
        )
    if card.latest is None:
        return visit.say(N_("No colour has been decided. The tool never sets one by itself."))
    return visit.say(_sentence(card.latest), **_words(visit, card.latest))


def _sentence(decision: Decision) -> str:
    if decision.is_expired:
        return N_("%(colour)s, decided %(day)s by %(who)s, but it expired %(until)s: decide again.")
    return N_("%(colour)s, decided %(day)s by %(who)s, holds until %(until)s.")


def _words(visit: Visit, decision: Decision) -> dict[str, str]:
    manner = manner_of(visit.page())
    return {
        "colour": label(decision.colour, visit.viewer.language),
        "day": say_date(decision.decided_at, manner),
        "who": decision.decided_by,
        "until": say_date(decision.expires_on, manner),
    }
