"""Support cases: the list, one case, and opening one from a call, an offer, or directly."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy.orm import Session

from gvi.domain.support import (
    DEFAULT_CONTACT_INTERVAL_DAYS,
    LONGEST_CONTACT_INTERVAL_DAYS,
    STUCK_AFTER_DAYS,
    HeardThrough,
    NeedKind,
    NeedStatus,
    SupportCaseStatus,
)
from gvi.domain.text import N_
from gvi.store.queries.changes import changes_of
from gvi.store.queries.client import PersonChoice, person_choice
from gvi.store.queries.contact import contacts, earlier_contacts
from gvi.store.queries.inbound_call import CallRow, inbound_call
from gvi.store.queries.support import CaseCard, CaseRow, case_card, list_cases, stuck_needs
from gvi.usecases.support import CasePlan, open_case
from gvi.web.export import export_list
from gvi.web.format import say_date
from gvi.web.forms import Form
from gvi.web.labels import label, options
from gvi.web.listing import Column, Filter, Listing, ListQuery
from gvi.web.pages.client import choose_person, worker_options
from gvi.web.pages.contact import day_choices, next_day
from gvi.web.templating import manner_of
from gvi.web.visit import Db, PageForm, ReadDb, Visit, attempt, done, may

router = APIRouter(include_in_schema=False)

COLUMNS: tuple[Column[CaseRow], ...] = (
    Column("person", N_("Person"), lambda row: row.name),
    Column("silent", N_("Last heard"), lambda row: row.days_silent, numeric=True),
    Column("next", N_("Next contact"), lambda row: row.next_contact_on),
    Column("status", N_("Status"), lambda row: row.status),
    Column("needs", N_("Open needs"), lambda row: row.open_needs, sortable=False),
    Column("owner", N_("Worker"), lambda row: row.owner),
    Column("opened", N_("Opened"), lambda row: row.opened_on, shown=False),
    Column("code_name", N_("Code name"), lambda row: row.code_name, shown=False),
)

_LATE, _STUCK, _OPEN = "late", "stuck", "open"


@router.get("/support", response_class=HTMLResponse)
def cases(visit: Annotated[Visit, may("support:list")], db: ReadDb) -> HTMLResponse:
    """List the cases, the longest silence first."""
    every = list_cases(db, visit.viewer, visit.now, visit.zone)
    listing = _listing(db, visit, every)
    visit.shows("support_case", [row.id for row in listing.rows])
    visit.shows("person", [row.person_id for row in listing.rows])
    return visit.render(
        "support/list.html",
        listing=listing,
        answer=_list_answer(visit, every),
        may_open=visit.may("support:write"),
    )


@router.post("/support/export")
def export(visit: Annotated[Visit, may("list:export")], form: PageForm, db: Db) -> Response:
    """Export the cases of this question, without notes."""
    every = list_cases(db, visit.viewer, visit.now, visit.zone)
    listing = _listing(db, visit, every, whole=True)
    return export_list(
        db,
        visit,
        form,
        listing,
        noun="support_case",
        title=visit.say(N_("Support cases")),
        subjects={
            "support_case": [row.id for row in listing.rows],
            "person": [row.person_id for row in listing.rows],
        },
    )


def _filters(visit: Visit, every: Sequence[CaseRow]) -> tuple[Filter, ...]:
    workers = sorted({(row.owner, str(row.owner_id)) for row in every if row.owner_id})
    return (
        Filter(
            "state",
            N_("Status"),
            [
                (_OPEN, visit.say(N_("All open cases"))),
                *options(SupportCaseStatus, visit.viewer.language),
            ],
            N_("Any status"),
        ),
        Filter("worker", N_("Worker"), [(key, name) for name, key in workers], N_("Everybody")),
        Filter(
            "needs",
            N_("What waits"),
            [
                (_LATE, visit.say(N_("A contact is late"))),
                (_STUCK, visit.say(N_("A need is stuck"))),
            ],
            N_("Anything"),
        ),
    )


def _listing(
    db: Session, visit: Visit, every: tuple[CaseRow, ...], *, whole: bool = False
) -> Listing[CaseRow]:
    filters = _filters(visit, every)
    query = ListQuery.parse(visit.request.query_params, COLUMNS, filters)
    wants_stuck = query.filters.get("needs") == _STUCK
    needs = stuck_needs(db, visit.viewer, visit.today) if wants_stuck else ()
    stuck = {need.case_id for need in needs}
    rows, total = (query.whole() if whole else query).apply(
        every,
        COLUMNS,
        search=lambda row: (row.name, row.code_name),
        filters={
            "state": lambda row: (row.status.value, "" if row.tone else _OPEN),
            "worker": lambda row: row.owner_id,
            "needs": lambda row: (
                _LATE if row.is_late else "",
                _STUCK if row.id in stuck else "",
            ),
        },
    )
    return Listing(
        rows=rows,
        total=total,
        query=query,
        columns=COLUMNS,
        filters=filters,
        base_url="/support",
        may_export=visit.may("list:export"),
        search_label=N_("Name or code name"),
    )


def _list_answer(visit: Visit, rows: tuple[CaseRow, ...]) -> str:
    open_cases = [row for row in rows if row.status is not SupportCaseStatus.CLOSED]
    if not open_cases:
        return visit.say(N_("No case is open."))
    late = sum(row.is_late for row in open_cases)
    count = visit.say_plural("%(num)s open case", "%(num)s open cases", len(open_cases))
    if not late:
        return visit.say(N_("%(count)s; no contact is late."), count=count)
    return visit.say_plural(
        "%(count)s; %(num)s contact is late.",
        "%(count)s; %(num)s contacts are late.",
        late,
        count=count,
    )


@router.get("/support/new", response_class=HTMLResponse)
def new(
    visit: Annotated[Visit, may("support:write")],
    db: ReadDb,
    person: int | None = None,
    call: int | None = None,
    offer: int | None = None,
) -> HTMLResponse:
    """Ask for a new case; without a person, ask first for whom."""
    from_call = _call(visit, db, call)
    if person is None and from_call is not None:
        person = from_call.person_id
    if person is None:
        return choose_person(
            visit,
            db,
            title=visit.say(N_("Open a support case")),
            target="/support/new",
            keep={"call": call, "offer": offer},
        )
    chosen = _person(visit, db, person)
    form = Form.filled(
        {"person": chosen.id, "call": call, "offer": offer},
        language=visit.viewer.language,
        zone=visit.zone,
    )
    return _new_page(visit, db, chosen, form, from_call=from_call)


@router.post("/support/new", response_class=RedirectResponse)
def create(visit: Annotated[Visit, may("support:write")], form: PageForm, db: Db) -> Response:
    """Open the case and show it."""
    chosen = _person(visit, db, form.integer("person", required=True))
    call_id, offer_id = form.integer("call"), form.integer("offer")
    from_call = _call(visit, db, call_id)
    heard_through = form.choice("heard_through", HeardThrough)
    needs = form.choices("needs", NeedKind)
    interval = form.integer(
        "interval_days", required=True, least=1, most=LONGEST_CONTACT_INTERVAL_DAYS
    )
    plan_day, owner = next_day(visit, form), form.integer("owner")
    if not form.errors:
        plan = CasePlan(owner_id=owner, interval_days=interval, next_contact_on=plan_day)
        case = attempt(
            db,
            form,
            lambda: open_case(
                db,
                visit.viewer,
                chosen.id,
                plan,
                at=visit.now,
                zone=visit.zone,
                heard_through=heard_through,
                needs=needs,
                note=form.text("note"),
                call_id=call_id,
                offer_id=offer_id,
            ),
        )
        if case is not None:
            return done(f"/support/{case.id}", "added")
    return _new_page(visit, db, chosen, form, from_call=from_call, status_code=422)


def _person(visit: Visit, db: Session, person_id: int) -> PersonChoice:
    chosen = person_choice(db, visit.viewer, person_id, on=visit.today)
    visit.shows("person", [chosen.id])
    return chosen


def _call(visit: Visit, db: Session, call_id: int | None) -> CallRow | None:
    if call_id is None:
        return None
    visit.shows("inbound_call", [call_id])
    return inbound_call(db, visit.viewer, call_id, visit.now, visit.zone)


def _new_page(
    visit: Visit,
    db: Session,
    chosen: PersonChoice,
    form: Form,
    *,
    from_call: CallRow | None,
    status_code: int = 200,
) -> HTMLResponse:
    return visit.render(
        "support/new.html",
        status_code=status_code,
        person=chosen,
        call=from_call,
        form=form,
        workers=worker_options(visit, db),
        usual_worker=str(visit.viewer.user_id),
        through=options(HeardThrough, visit.viewer.language),
        kinds=options(NeedKind, visit.viewer.language),
        days=day_choices(visit, DEFAULT_CONTACT_INTERVAL_DAYS),
        usual_interval=DEFAULT_CONTACT_INTERVAL_DAYS,
        may_note=visit.may("support_note:read"),
    )


@router.get("/support/{case_id}", response_class=HTMLResponse)
def show(visit: Annotated[Visit, may("support:read")], case_id: int, db: ReadDb) -> HTMLResponse:
    """Show one case: contacts, needs, and how it came to stand where it stands."""
    return show_page(visit, db, case_id, visit.form())


def show_page(visit: Visit, db: Session, case_id: int, form: Form) -> HTMLResponse:
    """Show one case, with what was wrong in a form on it."""
    card = case_card(db, visit.viewer, case_id, visit.now, visit.zone)
    visit.shows("support_case", [card.id])
    visit.shows("person", [card.person_id])
    return visit.render(
        "support/show.html",
        card=card,
        answer=_case_answer(visit, card),
        contacts=contacts(db, visit.viewer, case_id=card.id),
        earlier=earlier_contacts(db, visit.viewer, card.id),
        history=changes_of(db, visit.viewer, "support_case", card.id, visit.zone),
        statuses={status.value: status for status in SupportCaseStatus},
        kinds=options(NeedKind, visit.viewer.language),
        need_statuses=options(NeedStatus, visit.viewer.language),
        stuck_after=STUCK_AFTER_DAYS,
        form=form,
        may_log=visit.may("contact:write") and card.is_open,
        may_write=visit.may("support:write"),
        may_note=visit.may("support_note:read"),
        may_remove=visit.may("removal:write"),
    )


def _case_answer(visit: Visit, card: CaseCard) -> str:
    manner, status = manner_of(visit.page()), label(card.status, visit.viewer.language)
    if not card.is_open:
        return visit.say(
            N_("Closed %(day)s: %(reason)s."),
            day=say_date(card.closed_at, manner),
            reason=label(card.closing_reason, visit.viewer.language).lower(),
        )
    said = visit.say(
        N_("%(status)s, with %(worker)s."),
        status=status,
        worker=card.owner or visit.say(N_("nobody yet")),
    )
    return f"{said} {_heard(visit, card)} {_next(visit, card)}"


def _heard(visit: Visit, card: CaseCard) -> str:
    if card.days_silent is None:
        return visit.say(N_("Nobody has reached them yet."))
    if card.days_silent == 0:
        return visit.say(N_("Last heard from today."))
    return visit.say_plural(
        "Last heard from yesterday.", "Last heard from %(num)s days ago.", card.days_silent
    )


def _next(visit: Visit, card: CaseCard) -> str:
    if card.next_contact_on is None:
        return visit.say(N_("No day is set for the next contact."))
    late = (visit.today - card.next_contact_on).days
    if late > 0:
        return visit.say_plural(
            "The next contact is %(num)s day late.", "The next contact is %(num)s days late.", late
        )
    day = say_date(card.next_contact_on, manner_of(visit.page()))
    return visit.say(N_("Next contact %(day)s."), day=day)
