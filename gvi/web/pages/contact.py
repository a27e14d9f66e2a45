"""Logging a contact in at most six taps, on a phone, with a draft that is not lost."""

from datetime import date, timedelta
from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy.orm import Session

from gvi.domain.support import ContactMode, ContactOutcome
from gvi.domain.text import N_
from gvi.store.queries.contact import Draft, draft_of, loggable_cases
from gvi.store.queries.person import names_of
from gvi.store.queries.support import CaseCard, case_card
from gvi.usecases.contact import DRAFT_FIELDS, MOST_MINUTES, discard_draft, log_contact, save_draft
from gvi.web.format import say_date
from gvi.web.forms import Form
from gvi.web.labels import options
from gvi.web.numbers import whole_number
from gvi.web.templating import manner_of
from gvi.web.visit import Db, PageForm, ReadDb, Visit, attempt, done, may

router = APIRouter(include_in_schema=False)

OTHER_DAY = "other"
_QUICK_DAYS = (1, 2, 7)
_MOST_DAYS = 366
_MINUTES = (5, 15, 30, 60, 120)

Worker = Annotated[Visit, may("contact:write")]


@router.get("/contacts/new", response_class=HTMLResponse)
def new(visit: Worker, db: ReadDb, case: int | None = None) -> HTMLResponse:
    """Ask for one contact; without a case, ask first with whom."""
    if case is None:
        return _choose(visit, db)
    card = _case(visit, db, case)
    draft = draft_of(db, visit.viewer, card.id)
    form = visit.form()
    if draft is not None:
        form = Form.filled(draft.typed, language=visit.viewer.language, zone=visit.zone)
    return _page(visit, card, form, draft)


@router.post("/contacts/new", response_class=RedirectResponse)
def create(visit: Worker, form: PageForm, db: Db) -> Response:
    """Save the contact and lead back to the people."""
    card = _case(visit, db, form.integer("case", required=True))
    mode = form.choice("mode", ContactMode, required=True)
    outcome = form.choice("outcome", ContactOutcome, required=True)
    minutes = form.integer("minutes", least=0, most=MOST_MINUTES)
    next_contact_on = next_day(visit, form)
    contacted_at = form.moment("contacted_at") or visit.now
    if not form.errors:
        contact = attempt(
            db,
            form,
            lambda: log_contact(
                db,
                visit.viewer,
                card.id,
                mode=mode,
                outcome=outcome,
                minutes=minutes,
                note=form.text("note"),
                promise=form.text("promise", most=500),
                next_contact_on=next_contact_on,
                contacted_at=contacted_at,
                at=visit.now,
                zone=visit.zone,
            ),
        )
        if contact is not None:
            return done("/my-people", "contact")
    return _page(visit, card, form, draft_of(db, visit.viewer, card.id), status_code=422)


@router.post("/contacts/draft", response_class=RedirectResponse)
def keep(visit: Worker, form: PageForm, db: Db) -> Response:
    """Keep what was typed so far; the same address serves the button and the script."""
    case_id = form.integer("case", required=True)
    typed = {name: form.value(name).strip() for name in DRAFT_FIELDS}
    save_draft(db, visit.viewer, case_id, typed=typed, at=visit.now)
    return RedirectResponse(f"/contacts/new?case={case_id}", status_code=303)


@router.get("/contacts/discard", response_class=HTMLResponse)
def ask_discard(visit: Worker, db: ReadDb, case: int) -> HTMLResponse:
    """Ask before a draft is thrown away."""
    card = _case(visit, db, case)
    draft = draft_of(db, visit.viewer, card.id)
    return visit.render("contact/discard.html", card=card, draft=draft, form=visit.form())


@router.post("/contacts/discard", response_class=RedirectResponse)
def discard(visit: Worker, form: PageForm, db: Db) -> Response:
    """Throw the draft away."""
    case_id = form.integer("case", required=True)
    discard_draft(db, visit.viewer, case_id, at=visit.now)
    return done(f"/contacts/new?case={case_id}", "discarded")


def _case(visit: Visit, db: Session, case_id: int) -> CaseCard:
    card = case_card(db, visit.viewer, case_id, visit.now, visit.zone, permission="contact:write")
    visit.shows("person", [card.person_id])
    visit.shows("support_case", [card.id])
    return card


def _choose(visit: Visit, db: Session) -> HTMLResponse:
    cases = loggable_cases(db, visit.viewer)
    people = [case.person_id for case in cases]
    visit.shows("person", people)
    names = names_of(db, visit.viewer, people, on=visit.today)
    return visit.render("contact/choose.html", cases=cases, names=names)


def next_day(visit: Visit, form: Form) -> date:
    """Read the next contact's day: one of the quick answers, or another day."""
    chosen = form.value("next").strip()
    if chosen == OTHER_DAY:
        return form.date("next_contact_on", required=True)
    days = whole_number(chosen)
    if days is not None and 0 < days <= _MOST_DAYS:
        return visit.today + timedelta(days=days)
    form.add_error("next", N_("Choose when the next contact is."))
    return date.min


def day_choices(visit: Visit, interval_days: int) -> list[tuple[str, str, str]]:
    """Offer days for the next contact: tomorrow, soon, as agreed, or another."""
    manner = manner_of(visit.page())
    said = {1: visit.say(N_("Tomorrow")), 7: visit.say(N_("In a week"))}
    choices = []
    for days in sorted({*_QUICK_DAYS, interval_days}):
        words = said.get(days) or visit.say_plural("In %(num)s day", "In %(num)s days", days)
        choices.append((str(days), words, say_date(visit.today + timedelta(days=days), manner)))
    return [*choices, (OTHER_DAY, visit.say(N_("Other day")), visit.say(N_("choose below")))]


def _page(
    visit: Visit, card: CaseCard, form: Form, draft: Draft | None, status_code: int = 200
) -> HTMLResponse:
    language = visit.viewer.language
    return visit.render(
        "contact/new.html",
        status_code=status_code,
        card=card,
        form=form,
        draft=draft if not form.errors else None,
        modes=options(ContactMode, language),
        outcomes=options(ContactOutcome, language),
        minutes=[(str(number), _duration(visit, number)) for number in _MINUTES],
        days=day_choices(visit, card.interval_days),
        answer=_silence(visit, card),
    )


def _duration(visit: Visit, minutes: int) -> str:
    if minutes < 60:
        return visit.say_plural("%(num)s min", "%(num)s min", minutes)
    return visit.say_plural("%(num)s h", "%(num)s h", minutes // 60)


def _silence(visit: Visit, card: CaseCard) -> str:
    if card.days_silent is None:
        return visit.say(N_("Nobody has reached them yet."))
    if card.days_silent == 0:
        return visit.say(N_("Last heard from today."))
    return visit.say_plural(
        "Last heard from yesterday.",
        "Last heard from %(num)s days ago.",
        card.days_silent,
    )
