"""Custom notifications: the list, one with its attempts, planning one, and trying to deliver it."""

from datetime import datetime, timedelta
from functools import partial
from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy.orm import Session

from gvi.domain.access import Role
from gvi.domain.custom_notification import (
    AFTER_INCIDENT_HOURS,
    MAX_ATTEMPTS_BEFORE_REVIEW,
    NotificationStatus,
    NotificationTrigger,
)
from gvi.domain.message import MessagePart
from gvi.domain.paper import LetterLanguage
from gvi.domain.text import N_
from gvi.store.models import CustomNotification
from gvi.store.queries.changes import changes_of
from gvi.store.queries.client import PersonChoice, person_choice
from gvi.store.queries.custom_notification import (
    NotificationCard,
    NotificationRow,
    notification_card,
    notifications,
    still_to_be_made,
)
from gvi.store.queries.hold import hold
from gvi.store.queries.incident import incident_card
from gvi.store.queries.user import colleagues
from gvi.usecases.custom_notification import (
    OWNERS,
    VISITORS,
    Errand,
    add_notification,
    approve_letter,
    approve_notification,
    change_notification,
)
from gvi.web.export import export_list
from gvi.web.fact_form import opened
from gvi.web.forms import Form
from gvi.web.labels import label, options
from gvi.web.listing import Column, Filter, Listing, ListQuery
from gvi.web.pages.client import choose_person
from gvi.web.paper import LETTER_LANGUAGES
from gvi.web.round import not_now
from gvi.web.text import translate_plural
from gvi.web.visit import Db, PageForm, ReadDb, Visit, attempt, done, may

router = APIRouter(include_in_schema=False)

Reader = Annotated[Visit, may("custom_notification:read")]
Writer = Annotated[Visit, may("custom_notification:write")]

PERSON: Column[NotificationRow] = Column("person", N_("Person"), lambda row: row.name)
DUE: Column[NotificationRow] = Column("due", N_("Due"), lambda row: row.due_at)
OWNER: Column[NotificationRow] = Column("owner", N_("Answers for it"), lambda row: row.owner)
WHOLE: tuple[Column[NotificationRow], ...] = (
    PERSON,
    DUE,
    Column("status", N_("Status"), lambda row: row.status),
    Column("trigger", N_("Why"), lambda row: row.trigger),
    Column("attempts", N_("Attempts"), lambda row: row.attempts, numeric=True),
    Column("deliveries", N_("Delivered"), lambda row: row.deliveries, numeric=True),
    OWNER,
    Column("code_name", N_("Code name"), lambda row: row.code_name, shown=False),
)
TIME_AND_PLACE: tuple[Column[NotificationRow], ...] = (
    PERSON,
    DUE,
    Column("place", N_("Place"), lambda row: row.place),
    OWNER,
)
LATE, OPEN = "late", "open"


@router.get("/notifications", response_class=HTMLResponse)
def listed(visit: Annotated[Visit, may("custom_notification:list")], db: ReadDb) -> HTMLResponse:
    """List the custom notifications, what is due first."""
    every = notifications(db, visit.viewer, at=visit.now, on=visit.today)
    listing = _listing(visit, every)
    visit.shows("custom_notification", [row.id for row in listing.rows])
    visit.shows("person", [row.person_id for row in listing.rows])
    return visit.render(
        "custom_notification/list.html",
        listing=listing,
        answer=_list_answer(visit, every),
        is_whole=visit.may("custom_notification_full:read"),
        may_write=visit.may("custom_notification:write"),
        may_open_person=visit.may("person:read"),
    )


@router.post("/notifications/export")
def export(visit: Annotated[Visit, may("list:export")], form: PageForm, db: Db) -> Response:
    """Export the custom notifications of this question."""
    every = notifications(db, visit.viewer, at=visit.now, on=visit.today)
    listing = _listing(visit, every, whole=True)
    return export_list(
        db,
        visit,
        form,
        listing,
        noun="custom_notification",
        title=visit.say(N_("Custom notifications")),
        subjects={
            "custom_notification": [row.id for row in listing.rows],
            "person": [row.person_id for row in listing.rows],
        },
    )


def _listing(
    visit: Visit, every: tuple[NotificationRow, ...], *, whole: bool = False
) -> Listing[NotificationRow]:
    is_whole = visit.may("custom_notification_full:read")
    columns = WHOLE if is_whole else TIME_AND_PLACE
    filters = _filters(visit, every) if is_whole else ()
    query = ListQuery.parse(visit.request.query_params, columns, filters)
    rows, total = (query.whole() if whole else query).apply(
        every,
        columns,
        search=lambda row: (row.name, row.code_name, row.place),
        filters={
            "status": lambda row: (
                row.status,
                OPEN if row.is_open else "",
                LATE if row.is_late else "",
            ),
            "round": lambda row: row.round_id,
            "trigger": lambda row: row.trigger,
            "owner": lambda row: row.owner_id,
        },
    )
    return Listing(
        rows=rows,
        total=total,
        query=query,
        columns=columns,
        filters=filters,
        base_url="/notifications",
        may_export=visit.may("list:export"),
        search_label=N_("Name or code name"),
    )


def _filters(visit: Visit, every: tuple[NotificationRow, ...]) -> tuple[Filter, ...]:
    language = visit.viewer.language
    owners = sorted({(row.owner, str(row.owner_id)) for row in every if row.owner_id})
    rounds = sorted({(row.round, str(row.round_id)) for row in every if row.round_id})
    states = [(OPEN, visit.say(N_("All open"))), (LATE, visit.say(N_("Late")))]
    return (
        Filter(
            "status",
            N_("Status"),
            [*states, *options(NotificationStatus, language)],
            N_("Any status"),
        ),
        Filter("trigger", N_("Why"), options(NotificationTrigger, language), N_("Any reason")),
        Filter("round", N_("Round"), [(key, name) for name, key in rounds], N_("Any or none")),
        Filter(
            "owner", N_("Answers for it"), [(key, name) for name, key in owners], N_("Everybody")
        ),
    )


def _list_answer(visit: Visit, every: tuple[NotificationRow, ...]) -> str:
    still = [row for row in every if row.is_open]
    if not still:
        return visit.say(N_("No custom notification is to be delivered."))
    language = visit.viewer.language
    late = sum(row.is_late for row in still)
    first = translate_plural(
        "%(num)s is to be delivered", "%(num)s are to be delivered", len(still), language
    )
    none = visit.say(N_("none is late."))
    some = translate_plural("%(num)s is late.", "%(num)s are late.", late, language)
    return f"{first}; {some if late else none}"


@router.get("/notifications/new", response_class=HTMLResponse)
def new(
    visit: Writer, db: ReadDb, person: int | None = None, incident: int | None = None
) -> HTMLResponse:
    """Ask for a new one; without a person, ask first to whom."""
    if person is None:
        return choose_person(
            visit,
            db,
            title=visit.say(N_("Plan a custom notification")),
            target="/notifications/new",
            keep={"incident": incident},
        )
    values: dict[str, object] = {"person": person, "incident": incident}
    if incident is not None:
        values |= {"trigger": NotificationTrigger.AFTER_INCIDENT.value}
        values |= {"due_at": _soon_after(visit, db, incident)}
    form = Form.filled(values, language=visit.viewer.language, zone=visit.zone)
    return _new_page(visit, db, _person(visit, db, person), form)


def _soon_after(visit: Visit, db: Session, incident_id: int) -> datetime | None:
    """Give the end of the 48 hours after an incident; None where they have passed."""
    card = incident_card(db, visit.viewer, incident_id, as_of=None)
    visit.shows("incident", [card.id])
    due_at = card.occurred_at + timedelta(hours=AFTER_INCIDENT_HOURS)
    return due_at if due_at > visit.now else None


@router.post("/notifications/new", response_class=RedirectResponse)
def create(visit: Writer, form: PageForm, db: Db) -> Response:
    """Plan it and show it."""
    person_id = form.integer("person", required=True)
    trigger = form.choice("trigger", NotificationTrigger, required=True)
    due_at, errand = form.moment("due_at", required=True), _errand(form)
    if not form.errors:
        planned = attempt(
            db,
            form,
            lambda: add_notification(
                db,
                visit.viewer,
                person_id,
                errand,
                trigger=trigger,
                due_at=due_at,
                incident_id=form.integer("incident"),
                at=visit.now,
                zone=visit.zone,
            ),
        )
        if planned is not None:
            return done(f"/notifications/{planned.id}", "added")
    return _new_page(visit, db, _person(visit, db, person_id), form, status_code=422)


def _errand(form: Form) -> Errand:
    return Errand(
        owner_id=form.integer("owner", required=True),
        team=form.text("team", most=500),
        place=form.text("place", most=500),
        visitor_ids=form.integers("visitors"),
        why=form.text("why", most=500),
        letter_language=form.choice("letter_language", LetterLanguage),
        exposure=form.text("exposure", most=3000),
    )


def _person(visit: Visit, db: Session, person_id: int) -> PersonChoice:
    chosen = person_choice(db, visit.viewer, person_id, on=visit.today)
    visit.shows("person", [chosen.id])
    return chosen


def _new_page(
    visit: Visit, db: Session, person: PersonChoice, form: Form, *, status_code: int = 200
) -> HTMLResponse:
    return visit.render(
        "custom_notification/new.html",
        status_code=status_code,
        person=person,
        waiting=still_to_be_made(db, visit.viewer, person.id, at=visit.now, on=visit.today),
        form=form,
        triggers=options(NotificationTrigger, visit.viewer.language),
        **_people_to_send(visit, db),
    )


def _people_to_send(visit: Visit, db: Session) -> dict[str, object]:
    language, owners = visit.viewer.language, colleagues(db, visit.viewer, *OWNERS)
    return {
        "owners": [(str(each.id), each.display_name) for each in owners],
        "usual_owner": str(visit.viewer.user_id),
        "letter_languages": [(each.value, name) for each, name in LETTER_LANGUAGES.items()],
        "visitors": [
            (str(each.id), f"{each.display_name}, {label(Role(each.role), language)}")
            for each in colleagues(db, visit.viewer, *VISITORS)
        ],
    }


@router.get("/notifications/{notification_id}", response_class=HTMLResponse)
def show(visit: Reader, notification_id: int, db: ReadDb) -> HTMLResponse:
    """Show one: whom, by when, who goes, and what came of each try."""
    return show_page(visit, db, notification_id, opened_on(visit, db, notification_id))


def opened_on(visit: Visit, db: Session, notification_id: int) -> Form:
    """Give the empty form of an act on one custom notification as it stands now."""
    return opened(visit, _stands(visit, db, notification_id), "custom_notifications")


def acts_on(visit: Visit, db: Session, notification_id: int, form: Form) -> None:
    """Hold an act to the custom notification its reader saw."""
    hold(db, CustomNotification, notification_id)
    form.acts_on(_stands(visit, db, notification_id), "custom_notifications")


def _stands(visit: Visit, db: Session, notification_id: int) -> Form:
    card = card_of(visit, db, notification_id)
    check = card.plan.risk.counting if card.plan else None
    values = _values(card) | {"status": card.row.status, "due_at": card.row.due_at}
    values |= {"check": check.id if check else None}
    return Form.filled(values, language=visit.viewer.language, zone=visit.zone)


def show_page(
    visit: Visit, db: Session, notification_id: int, form: Form, *, status_code: int = 200
) -> HTMLResponse:
    """Show one custom notification, with what was wrong in a form on it."""
    card = card_of(visit, db, notification_id)
    barred = not_now(visit, db, card.row)
    history = changes_of(db, visit.viewer, "custom_notification", card.row.id, visit.zone)
    return visit.render(
        "custom_notification/show.html",
        status_code=status_code,
        card=card,
        answer=_answer(visit, card),
        form=form,
        history=[{"kind": "decision", "at": each.at, "change": each} for each in history],
        statuses={status.value: status for status in NotificationStatus},
        most_attempts=MAX_ATTEMPTS_BEFORE_REVIEW,
        all_parts=tuple(MessagePart),
        may_open_person=visit.may("person:read"),
        barred=barred,
        **_offers(visit, card, is_barred=bool(barred)),
    )


def card_of(visit: Visit, db: Session, notification_id: int) -> NotificationCard:
    """Read one custom notification and note that it was shown."""
    card = notification_card(db, visit.viewer, notification_id, at=visit.now, on=visit.today)
    visit.shows("custom_notification", [card.row.id])
    visit.shows("person", [card.row.person_id])
    return card


def _offers(visit: Visit, card: NotificationCard, *, is_barred: bool) -> dict[str, bool]:
    """Say which acts to offer."""
    may_write = visit.may("custom_notification:write")
    still = may_write and card.row.is_still_possible
    is_planned = card.row.status is NotificationStatus.PLANNED
    waits = card.plan is not None and card.plan.letter.waits
    return {
        "may_approve": may_write and is_planned and not is_barred,
        "may_approve_letter": still and not is_planned and waits,
        "may_try": still and not is_planned,
        "may_change": still,
        "may_withdraw": may_write,
    }


def _answer(visit: Visit, card: NotificationCard) -> str:
    """Say how far it has come; attempts and deliveries are never one number."""
    row, language = card.row, visit.viewer.language
    if card.plan is None:
        return visit.say(N_("You see time and place of this visit."))
    tries = translate_plural("%(num)s attempt", "%(num)s attempts", row.attempts or 0, language)
    if not row.attempts:
        tries = visit.say(N_("No attempt yet"))
    said = translate_plural("%(num)s delivered", "%(num)s delivered", row.deliveries or 0, language)
    return visit.say(
        N_("%(status)s. %(tries)s, %(said)s."),
        status=label(row.status, language),
        tries=tries,
        said=said if row.deliveries else visit.say(N_("not delivered")),
    )


@router.post("/notifications/{notification_id}/approve", response_class=RedirectResponse)
def approve(visit: Writer, notification_id: int, form: PageForm, db: Db) -> Response:
    """Approve it by name."""
    acts_on(visit, db, notification_id, form)
    if not form.errors:
        act = partial(approve_notification, db, visit.viewer, notification_id, at=visit.now)
        approved = attempt(db, form, lambda: act(zone=visit.zone))
        if approved is not None:
            return done(f"/notifications/{notification_id}", "decided")
    return show_page(visit, db, notification_id, form, status_code=422)


@router.post("/notifications/{notification_id}/letter", response_class=RedirectResponse)
def approve_words(visit: Writer, notification_id: int, form: PageForm, db: Db) -> Response:
    """Approve the letter's words by name."""
    acts_on(visit, db, notification_id, form)
    if not form.errors:
        approved = attempt(
            db, form, lambda: approve_letter(db, visit.viewer, notification_id, at=visit.now)
        )
        if approved is not None:
            return done(f"/notifications/{notification_id}", "decided")
    return show_page(visit, db, notification_id, form, status_code=422)


@router.get("/notifications/{notification_id}/edit", response_class=HTMLResponse)
def edit(visit: Writer, notification_id: int, db: ReadDb) -> HTMLResponse:
    """Show who goes where, for changing."""
    card = card_of(visit, db, notification_id)
    return _edit_page(visit, db, card, _stored(visit, card))


def _stored(visit: Visit, card: NotificationCard) -> Form:
    return Form.filled(_values(card), language=visit.viewer.language, zone=visit.zone)


def _values(card: NotificationCard) -> dict[str, object]:
    plan = card.plan
    values: dict[str, object] = {"owner": card.row.owner_id, "place": card.row.place}
    if plan is not None:
        values |= {
            "team": plan.team,
            "why": plan.why,
            "letter_language": plan.letter.language,
            "exposure": plan.letter.exposure,
            "visitors": [user_id for user_id, _ in plan.visitors],
        }
    return values


@router.post("/notifications/{notification_id}/edit", response_class=RedirectResponse)
def change(visit: Writer, notification_id: int, form: PageForm, db: Db) -> Response:
    """Change who goes where."""
    hold(db, CustomNotification, notification_id)
    form.sees(_stored(visit, card_of(visit, db, notification_id)))
    errand = _errand(form)
    if not form.errors:
        changed = attempt(
            db,
            form,
            lambda: change_notification(db, visit.viewer, notification_id, errand, at=visit.now),
        )
        if changed is not None:
            return done(f"/notifications/{notification_id}")
    return _edit_page(visit, db, card_of(visit, db, notification_id), form, status_code=422)


def _edit_page(
    visit: Visit, db: Session, card: NotificationCard, form: Form, *, status_code: int = 200
) -> HTMLResponse:
    return visit.render(
        "custom_notification/edit.html",
        status_code=status_code,
        card=card,
        form=form,
        **_people_to_send(visit, db),
    )
