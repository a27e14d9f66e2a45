"""The seat plan of a call-in: who sits where, two who change seats, the room, who sits apart."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy.orm import Session

from gvi.domain.paper import PaperKind
from gvi.domain.seating import Room, Seat
from gvi.domain.text import N_
from gvi.store.models import CallIn
from gvi.store.queries.call_in import CallInCard, call_in_card
from gvi.store.queries.hold import hold
from gvi.store.queries.paper import papers_of
from gvi.usecases.seat_plan import (
    OVER,
    Seated,
    keep_apart,
    let_sit,
    look_at_plan,
    seated,
    set_room,
    swap_seats,
    undo_swap,
)
from gvi.web.fact_form import opened
from gvi.web.forms import Form
from gvi.web.seat_plan import answer_of, blocks_of, cares_of, look_said
from gvi.web.visit import Db, PageForm, ReadDb, Visit, attempt, done, may

router = APIRouter(include_in_schema=False)

Reader = Annotated[Visit, may("seat_plan:read")]
Writer = Annotated[Visit, may("seat_plan:write")]
MOST_DIGITS = 5
"""Of the number of a session in an address."""


@router.get("/call-ins/{call_in_id}/seats", response_class=HTMLResponse)
def show(visit: Reader, call_in_id: int, db: ReadDb) -> HTMLResponse:
    """Show who sits where; once the call-in is not to come, the plans that were printed of it."""
    card = call_in_card(db, visit.viewer, call_in_id)
    if not card.is_to_come:
        return _printed(visit, db, card)
    now = _now(visit, db, call_in_id, visit.request.query_params.get("session", ""))
    return _page(visit, now, opened(visit, _stands(visit, now), "seat_places"))


@router.post("/call-ins/{call_in_id}/seats/swap", response_class=RedirectResponse)
def swap(visit: Writer, call_in_id: int, form: PageForm, db: Db) -> Response:
    """Put somebody on another seat; who sits there takes theirs."""
    now = _acts(visit, db, call_in_id, form)
    who = form.integer("who", required=True)
    seat = _seat(form)
    return _answer(
        (visit, db, now, form),
        lambda: swap_seats(
            db,
            visit.viewer,
            call_in_id,
            who,
            seat,
            at=visit.now,
            zone=visit.zone,
            session=now.session,
        ),
    )


@router.post("/call-ins/{call_in_id}/seats/undo", response_class=RedirectResponse)
def undo(visit: Writer, call_in_id: int, form: PageForm, db: Db) -> Response:
    """Take the last change of seats back."""
    now = _acts(visit, db, call_in_id, form)
    return _answer(
        (visit, db, now, form),
        lambda: undo_swap(db, visit.viewer, call_in_id, at=visit.now, session=now.session),
        said="undone",
    )


@router.post("/call-ins/{call_in_id}/seats/look", response_class=RedirectResponse)
def look(
    visit: Annotated[Visit, may("seat_plan_look:write")], call_in_id: int, form: PageForm, db: Db
) -> Response:
    """Let the plan stand as it is shown."""
    now = _acts(visit, db, call_in_id, form)
    return _answer(
        (visit, db, now, form),
        lambda: look_at_plan(
            db, visit.viewer, call_in_id, at=visit.now, zone=visit.zone, session=now.session
        ),
    )


@router.post("/call-ins/{call_in_id}/seats/room", response_class=RedirectResponse)
def room(visit: Writer, call_in_id: int, form: PageForm, db: Db) -> Response:
    """Keep how many rows of how many seats there are."""
    now = _acts(visit, db, call_in_id, form)
    asked = Room(
        rows=form.integer("rows", required=True), width=form.integer("width", required=True)
    )
    return _answer(
        (visit, db, now, form),
        lambda: set_room(db, visit.viewer, call_in_id, asked, at=visit.now),
    )


@router.post("/call-ins/{call_in_id}/seats/apart", response_class=RedirectResponse)
def apart(visit: Writer, call_in_id: int, form: PageForm, db: Db) -> Response:
    """Keep two apart by name."""
    now = _acts(visit, db, call_in_id, form)
    pair = form.integer("one", required=True), form.integer("other", required=True)
    return _answer(
        (visit, db, now, form),
        lambda: keep_apart(
            db,
            visit.viewer,
            call_in_id,
            pair,
            at=visit.now,
            zone=visit.zone,
            session=now.session,
        ),
    )


@router.post("/call-ins/{call_in_id}/seats/apart/{apart_id}/end", response_class=RedirectResponse)
def end_apart(visit: Writer, call_in_id: int, apart_id: int, form: PageForm, db: Db) -> Response:
    """Let two sit where they come to sit."""
    now = _acts(visit, db, call_in_id, form)
    return _answer(
        (visit, db, now, form),
        lambda: let_sit(db, visit.viewer, call_in_id, apart_id, at=visit.now),
    )


def _printed(visit: Visit, db: Session, card: CallInCard) -> HTMLResponse:
    papers = papers_of(db, visit.viewer, card.id)
    rows = [paper for paper in papers if paper.kind is PaperKind.SEAT_PLAN]
    visit.shows("call_in", [card.id])
    visit.shows("paper", [row.id for row in rows])
    return visit.render("call_in/seats_printed.html", card=card, rows=rows, answer=visit.say(OVER))


def _now(visit: Visit, db: Session, call_in_id: int, session: str) -> Seated:
    """Give the plan of the session that is asked for, of the first where none is."""
    number = int(session) if session.isdecimal() and len(session) < MOST_DIGITS else 1
    return seated(db, visit.viewer, call_in_id, at=visit.now, zone=visit.zone, session=number)


def _stands(visit: Visit, now: Seated) -> Form:
    """Give what an act on the plan is about: the room, everybody's seat, who is kept apart."""
    places = sorted((*seat, person) for person, seat in now.plan.places.items())
    values: dict[str, object] = {
        "rows": now.room.rows,
        "width": now.room.width,
        "guests": sorted(now.guests),
        "places": ["-".join(map(str, place)) for place in places],
        "kept_apart": [row.id for row in now.kept_apart],
        "looked_at": now.is_let_stand,
    }
    return Form.filled(values, language=visit.viewer.language, zone=visit.zone)


def _acts(visit: Visit, db: Session, call_in_id: int, form: Form) -> Seated:
    """Hold an act to the plan its reader saw."""
    hold(db, CallIn, call_in_id)
    now = _now(visit, db, call_in_id, form.value("session"))
    form.acts_on(_stands(visit, now), "seat_places")
    return now


def _seat(form: Form) -> Seat:
    row, _, number = form.text("seat", required=True).partition("-")
    if not (row.isdecimal() and number.isdecimal()):
        form.add_error("seat", N_("Choose another seat of a client’s row."))
        return Seat(0, 0)
    return Seat(int(row), int(number))


def _answer(
    asked: tuple[Visit, Session, Seated, Form], act: Callable[[], None], *, said: str = "saved"
) -> Response:
    visit, db, now, form = asked
    if not form.errors:
        attempt(db, form, act)
        if not form.errors:
            session = f"?session={now.session}" if now.session > 1 else ""
            return done(f"/call-ins/{now.card.id}/seats{session}", said)
    return _page(visit, now, form)


def _page(visit: Visit, now: Seated, form: Form) -> HTMLResponse:
    visit.shows("call_in", [now.card.id])
    visit.shows("person", now.guests)
    taken = {seat: person for person, seat in now.plan.places.items()}
    return visit.render(
        "call_in/seats.html",
        status_code=422 if form.errors else 200,
        form=form,
        card=now.card,
        session=now.session,
        room=now.room,
        answer=answer_of(visit, now),
        blocks=blocks_of(visit, now) if taken else (),
        cares=cares_of(visit, now),
        guests=sorted(
            ((person, row.name) for person, row in now.guests.items()), key=lambda each: each[::-1]
        ),
        pairs=[
            (row.id, now.guests[row.one_id].name, now.guests[row.other_id].name)
            for row in now.kept_apart
            if {row.one_id, row.other_id} <= now.guests.keys()
        ],
        who=[(person, _called(visit, now, seat, taken)) for seat, person in sorted(taken.items())],
        seats=[
            (f"{seat.row}-{seat.number}", _called(visit, now, seat, taken))
            for seat in now.room.seats()
        ],
        knows_ties=now.knows_ties,
        look=look_said(visit, now),
        may_look=visit.may("seat_plan_look:write"),
        may_undo=now.is_changed and (not now.is_let_stand or visit.may("seat_plan_look:write")),
        is_open=visit.may("seat_plan:write"),
        may_print=visit.may("paper:make"),
        may_plan=visit.may("call_in:plan"),
    )


def _called(visit: Visit, now: Seated, seat: Seat, taken: dict[Seat, int]) -> str:
    who = now.guests[taken[seat]].name if seat in taken else visit.say(N_("free"))
    return visit.say(
        N_("Row %(row)s, seat %(number)s: %(who)s"), row=seat.row, number=seat.number, who=who
    )
