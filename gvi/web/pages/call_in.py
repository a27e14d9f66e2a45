"""Call-ins: the list, one call-in with its invitees, and the steps of its life."""

from collections.abc import Collection, Sequence
from datetime import datetime
from operator import itemgetter
from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy.orm import Session

from gvi.domain.call_in import (
    ATTENDANCE_POSSIBLE,
    NEXT_INVITEE_STATUSES,
    NEXT_STATUS,
    CallInStatus,
    InviteeStatus,
)
from gvi.domain.clearance import RIGHT_TO_JUDGE
from gvi.domain.promise import Promised, promised
from gvi.domain.text import N_
from gvi.store.models import CallIn
from gvi.store.queries.call_in import (
    CallInCard,
    CallInRow,
    call_in_card,
    call_ins,
    first_to_come,
    groups_to_choose,
)
from gvi.store.queries.call_in_session import later_session_ids
from gvi.store.queries.changes import changes_of
from gvi.store.queries.clearance import clearances
from gvi.store.queries.follow_up import follow_ups
from gvi.store.queries.hold import hold
from gvi.store.queries.invitee import InviteeRow, invitees
from gvi.store.queries.preparation import preparation
from gvi.store.queries.speaker import speakers
from gvi.usecases.call_in import (
    MOST_SEATS,
    Outline,
    add_call_in,
    change_call_in,
)
from gvi.usecases.call_in_session import NOUN as MOVED_SESSION
from gvi.usecases.invitee import WHY_BARRED
from gvi.usecases.seat_plan import own_seats
from gvi.web.call_in_evening import evening_of
from gvi.web.call_in_reach import Reach, reach_of
from gvi.web.call_in_session import apart_lines
from gvi.web.call_in_stands import stands
from gvi.web.export import export_list
from gvi.web.fact_form import opened
from gvi.web.format import say_number, say_time
from gvi.web.forms import Form
from gvi.web.labels import options
from gvi.web.listing import Column, Filter, Listing, ListQuery
from gvi.web.running_order import unrehearsed_said, unspoken_said
from gvi.web.visit import Db, PageForm, ReadDb, Visit, attempt, done, may

router = APIRouter(include_in_schema=False)

Reader = Annotated[Visit, may("call_in:read")]
Writer = Annotated[Visit, may("call_in:write")]

COLUMNS: tuple[Column[CallInRow], ...] = (
    Column("name", N_("Call-in"), lambda row: row.name),
    Column("when", N_("When"), lambda row: row.starts_at),
    Column("status", N_("Status"), lambda row: row.status),
    Column("invited", N_("Invited"), lambda row: row.numbers.invited, numeric=True),
    Column("yes", N_("Said yes"), lambda row: row.numbers.said_yes, numeric=True),
    Column("came", N_("Came"), lambda row: row.numbers.came, numeric=True),
    Column("groups", N_("Groups"), lambda row: row.groups, sortable=False),
    Column("seats", N_("Seats"), lambda row: row.seats, shown=False),
    Column("venue", N_("Venue"), lambda row: row.venue, shown=False),
)

STEPS = {
    CallInStatus.APPROVED: (
        N_("Approve"),
        N_("Signed with your name. What is to be ready before it and the debrief are booked."),
    ),
    CallInStatus.INVITED: (
        N_("Invitations are out"),
        N_("Everybody who is cleared counts as invited from then on."),
    ),
    CallInStatus.REHEARSED: (
        N_("The rehearsal is done"),
        N_("The same as the call-in, without the invitees."),
    ),
    CallInStatus.FOLLOWED_UP: (
        N_("Everything is followed up"),
        N_("Possible when nothing that follows is open."),
    ),
    CallInStatus.CLOSED: (N_("Close the call-in"), N_("Nothing more is to be done about it.")),
}


@router.get("/call-ins", response_class=HTMLResponse)
def listed(visit: Annotated[Visit, may("call_in:list")], db: ReadDb) -> HTMLResponse:
    """List the call-ins, those to come first."""
    every = call_ins(db, visit.viewer)
    listing = _listing(visit, every)
    visit.shows("call_in", [row.id for row in listing.rows])
    return visit.render(
        "call_in/list.html",
        listing=listing,
        answer=_list_answer(visit, every),
        may_write=visit.may("call_in:write"),
    )


@router.post("/call-ins/export")
def export(visit: Annotated[Visit, may("list:export")], form: PageForm, db: Db) -> Response:
    """Export the call-ins of this question; counts only, nobody's name."""
    listing = _listing(visit, call_ins(db, visit.viewer), whole=True)
    return export_list(
        db,
        visit,
        form,
        listing,
        noun="call_in",
        title=visit.say(N_("Call-ins")),
        subjects={"call_in": [row.id for row in listing.rows]},
    )


def _listing(
    visit: Visit, every: Sequence[CallInRow], *, whole: bool = False
) -> Listing[CallInRow]:
    filters = (
        Filter(
            "status",
            N_("Status"),
            options(CallInStatus, visit.viewer.language),
            any_label=N_("Any status"),
        ),
    )
    query = ListQuery.parse(visit.request.query_params, COLUMNS, filters)
    rows, total = (query.whole() if whole else query).apply(
        every,
        COLUMNS,
        search=lambda row: (row.name, row.venue, *row.groups),
        filters={"status": lambda row: row.status},
    )
    return Listing(
        rows=rows,
        total=total,
        query=query,
        columns=COLUMNS,
        filters=filters,
        base_url="/call-ins",
        may_export=visit.may("list:export"),
        search_label=N_("Name, venue or group"),
    )


def _list_answer(visit: Visit, every: Sequence[CallInRow]) -> str:
    coming = first_to_come(every, visit.now)
    if coming is None:
        return visit.say(N_("No call-in is planned."))
    return visit.say(
        N_("Next: %(name)s, %(when)s. %(invited)s of %(seats)s seats are taken."),
        name=coming.name,
        when=say_time(coming.starts_at, visit.manner),
        invited=coming.numbers.invited,
        seats=coming.seats,
    )


@router.get("/call-ins/new", response_class=HTMLResponse)
def new(visit: Writer, db: ReadDb) -> HTMLResponse:
    """Ask what the call-in is about."""
    return _edit_page(visit, db, visit.form(), None)


@router.post("/call-ins/new", response_class=RedirectResponse)
def create(visit: Writer, form: PageForm, db: Db) -> Response:
    """Draft it and show it."""
    given, starts_at = _given(form), form.moment("starts_at")
    if not form.errors:
        call_in = attempt(
            db,
            form,
            lambda: add_call_in(db, visit.viewer, given, starts_at=starts_at, at=visit.now),
        )
        if call_in is not None:
            return done(f"/call-ins/{call_in.id}", "added")
    return _edit_page(visit, db, form, None, status_code=422)


@router.get("/call-ins/{call_in_id}/edit", response_class=HTMLResponse)
def edit(visit: Writer, call_in_id: int, db: ReadDb) -> HTMLResponse:
    """Show the call-in's facts for correction."""
    card = call_in_card(db, visit.viewer, call_in_id)
    return _edit_page(visit, db, _stored(visit, card), card)


def _stored(visit: Visit, card: CallInCard) -> Form:
    return Form.filled(
        {
            "name": card.name,
            "venue": card.venue,
            "purpose": card.purpose,
            "seats": card.seats,
            "groups": [group_id for group_id, _ in card.groups],
        },
        language=visit.viewer.language,
        zone=visit.zone,
    )


@router.post("/call-ins/{call_in_id}/edit", response_class=RedirectResponse)
def change(visit: Writer, call_in_id: int, form: PageForm, db: Db) -> Response:
    """Correct it."""
    hold(db, CallIn, call_in_id)
    form.sees(_stored(visit, call_in_card(db, visit.viewer, call_in_id)))
    given, starts_at = _given(form), form.moment("starts_at")
    if not form.errors:
        changed = attempt(
            db,
            form,
            lambda: change_call_in(
                db, visit.viewer, call_in_id, given, starts_at=starts_at, at=visit.now
            ),
        )
        if changed is not None:
            return done(f"/call-ins/{call_in_id}")
    card = call_in_card(db, visit.viewer, call_in_id)
    return _edit_page(visit, db, form, card, status_code=422)


def _given(form: Form) -> Outline:
    return Outline(
        name=form.text("name", required=True, most=200),
        venue=form.text("venue", most=200),
        purpose=form.text("purpose", most=2000),
        seats=form.integer("seats", required=True, least=1, most=MOST_SEATS),
        group_ids=form.integers("groups"),
    )


def _edit_page(
    visit: Visit, db: Session, form: Form, card: CallInCard | None, *, status_code: int = 200
) -> HTMLResponse:
    if card is not None:
        visit.shows("call_in", [card.id])
    groups = groups_to_choose(db, visit.viewer)
    visit.shows("group", [group_id for group_id, _ in groups])
    return visit.render(
        "call_in/edit.html",
        status_code=status_code,
        form=form,
        card=card,
        groups=groups,
        may_add_group=visit.may("group:write"),
    )


@router.get("/call-ins/{call_in_id}", response_class=HTMLResponse)
def show(visit: Reader, call_in_id: int, db: ReadDb) -> HTMLResponse:
    """Show one call-in: who is invited, how far it has come, what follows."""
    form = opened(visit, stands(visit, call_in_card(db, visit.viewer, call_in_id)), "call_ins")
    return show_page(visit, db, call_in_id, form)


def show_page(
    visit: Visit, db: Session, call_in_id: int, form: Form, *, status_code: int = 200
) -> HTMLResponse:
    """Show one call-in, with what was wrong in a form on it."""
    card = call_in_card(db, visit.viewer, call_in_id)
    rows = invitees(db, visit.viewer, card, at=visit.now, zone=visit.zone)
    visit.shows("call_in", [card.id])
    visit.shows("group", [group_id for group_id, _ in card.groups])
    visit.shows("person", [row.person_id for row in rows])
    reach = reach_of(visit, db, card, rows)
    cleared = clearances(db, visit.viewer, rows, at=visit.now, zone=visit.zone)
    may_write = visit.may("call_in:write")
    step = NEXT_STATUS.get(card.status) if may_write else None
    return visit.render(
        "call_in/show.html",
        status_code=status_code,
        card=card,
        answer=_answer(visit, card, reach),
        rows=rows,
        sees_invitees=visit.may("invitee:read"),
        reach=reach,
        form=form,
        step=step,
        step_words=STEPS[step] if step else ("", ""),
        prepared=preparation(db, visit.viewer, card.id),
        to_clear=sum(row.takes_a_seat and row.is_kept_out for row in rows),
        cleared=cleared,
        judges=[kind for kind, right in RIGHT_TO_JUDGE.items() if visit.may(right)],
        to_look_at=sum(bool(each.look_again) for each in cleared.values()),
        promises=_promises(visit, card, rows),
        lines=follow_ups(db, visit.viewer, card.id, visit.now),
        history=_history(visit, db, card),
        statuses={status.value: status for status in CallInStatus},
        why_barred=WHY_BARRED,
        next_of=_next_of(visit, card, rows),
        may_write=may_write,
        may_plan=visit.may("call_in:plan"),
        sees_order=visit.may("speaker:read"),
        **_order_lacks(visit, db, card),
        may_seat=visit.may("seat_plan:read"),
        own_seats=own_seats(db, visit.viewer, card.id, at=visit.now, zone=visit.zone),
        may_read_papers=visit.may("paper:read"),
        may_attend=_may_attend(visit, card),
        may_move=visit.may("invitee_session:write") and len(card.sessions) > 1,
        apart=apart_lines(visit, db, card, rows),
        evening=evening_of(visit, db, card, rows),
    )


def _order_lacks(visit: Visit, db: Session, card: CallInCard) -> dict[str, tuple[str, ...]]:
    """Name the parts nobody is to speak on, and who did not rehearse, while it can be mended."""
    if not card.is_to_come or not visit.may("speaker:read"):
        return {"unspoken": (), "unrehearsed": ()}
    rows = speakers(db, visit.viewer, card.id, starts_at=card.starts_at)
    return {
        "unspoken": unspoken_said(visit, rows),
        "unrehearsed": unrehearsed_said(visit, rows),
    }


def _may_attend(visit: Visit, card: CallInCard) -> bool:
    has_begun = card.starts_at is not None and card.starts_at <= visit.now
    return visit.may("attendance:write") and has_begun and card.status in ATTENDANCE_POSSIBLE


def _next_of(
    visit: Visit, card: CallInCard, rows: tuple[InviteeRow, ...]
) -> dict[int, tuple[InviteeStatus, ...]]:
    """Say which steps the visitor may offer for each invitee."""
    if not card.is_to_come:
        return {}
    by_coordinators = visit.may("call_in:write")
    by_attendance = visit.may("attendance:write")
    answers = (InviteeStatus.INVITED, InviteeStatus.CONFIRMED, InviteeStatus.EXCUSED)
    return {
        row.id: tuple(
            step
            for step in NEXT_INVITEE_STATUSES.get(row.status, ())
            if (by_attendance if step in answers else by_coordinators)
            and not (row.bar and step is not InviteeStatus.WITHDRAWN)
        )
        for row in rows
    }


def _history(visit: Visit, db: Session, card: CallInCard) -> list[dict[str, object]]:
    """What happened to it, for those who run or plan call-ins, in words for the timeline."""
    if not (visit.may("call_in:write") or visit.may("call_in:plan")):
        return []
    changes = changes_of(db, visit.viewer, "call_in", card.id, visit.zone)
    lines = [{"kind": "decision", "at": each.at, "change": each, "session": 0} for each in changes]
    if len(card.sessions) > 1:
        lines += _moved_sessions(visit, db, card, {each.at for each in changes})
    return sorted(lines, key=itemgetter("at"), reverse=True)


def _moved_sessions(
    visit: Visit, db: Session, card: CallInCard, known: Collection[datetime]
) -> list[dict[str, object]]:
    """Say when a session was moved alone, not with the call-in."""
    return [
        {"kind": "decision", "at": each.at, "change": each, "session": number}
        for number, session_id in later_session_ids(db, card.id)
        for each in changes_of(db, visit.viewer, MOVED_SESSION, session_id, visit.zone)
        if each.at not in known
    ]


def _promises(
    visit: Visit, card: CallInCard, rows: tuple[InviteeRow, ...]
) -> list[tuple[int, str, Promised]]:
    """Say what each group addressed was promised, to those who may read the ledger."""
    if card.is_to_come or not visit.may("message:read"):
        return []
    said = promised((row.group_id, row.parts) for row in rows if row.parts)
    return [(group_id, name, said[group_id]) for group_id, name in card.groups if group_id in said]


def _answer(visit: Visit, card: CallInCard, reach: Reach | None) -> str:
    if card.status is CallInStatus.CANCELLED:
        return visit.say(N_("Called off. It will not be held."))
    if not card.numbers.invited:
        return visit.say(N_("Nobody is invited yet."))
    if card.is_to_come:
        return _answer_before(visit, card, reach)
    came = _who_came(visit, card)
    if reach is None:
        return came
    heard = visit.say(
        N_(
            "%(reached)s of %(universe)s heard it or know somebody who did; "
            "had all come, it would be %(planned)s."
        ),
        reached=reach.reached,
        universe=reach.universe,
        planned=reach.planned,
    )
    return f"{came} {heard}"


def _who_came(visit: Visit, card: CallInCard) -> str:
    numbers = card.numbers
    if not numbers.left_early:
        return visit.say(
            N_("%(came)s of %(invited)s came."), came=numbers.came, invited=numbers.asked
        )
    return visit.say(
        N_("%(came)s of %(invited)s came, of whom %(left)s left early."),
        came=numbers.came,
        invited=numbers.asked,
        left=numbers.left_early,
    )


def _answer_before(visit: Visit, card: CallInCard, reach: Reach | None) -> str:
    invited = visit.say(N_("%(number)s invited"), number=card.numbers.invited)
    if reach is None:
        yes = card.numbers.said_yes
        return visit.say(N_("%(invited)s, %(yes)s said yes."), invited=invited, yes=yes)
    return visit.say(
        N_(
            "%(invited)s, %(expected)s expected to come; if all come, %(reached)s of %(universe)s "
            "hear it or know somebody who does."
        ),
        invited=invited,
        expected=say_number(reach.expected_to_come, visit.manner),
        reached=reach.reached,
        universe=reach.universe,
    )
