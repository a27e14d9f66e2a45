"""A seat plan as screen and paper show it: rows of seats, what stands on each, what to care for."""

from collections.abc import Iterator
from dataclasses import dataclass

from gvi.domain.seating import Room, Seat
from gvi.domain.text import N_
from gvi.store.queries.seat_plan import Look
from gvi.usecases.seat_plan import Seated
from gvi.web.format import say_full
from gvi.web.visit import Visit

WIDEST = 10
"""So many seats stand beside each other; a wider room is shown in parts of equal width."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatCell:
    """One seat: who sits on it, and what is to be known of that; blank where it is free."""

    number: str
    name: str = ""
    about: str = ""
    """Their group; of somebody behind a client, whose officer."""
    person_id: int | None = None
    """None for an officer."""
    is_kept_free: bool = False
    """A seat for an officer who is not known by name."""
    by_hand: bool = False
    beside: str = ""
    """Names of those beside whom the client should not sit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatRow:
    """One row of seats."""

    title: str
    about: str
    cells: tuple[SeatCell, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatBlock:
    """A part of the room that fits beside each other."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[SeatRow, ...]


def blocks_of(visit: Visit, now: Seated) -> tuple[SeatBlock, ...]:
    """Give the room in parts of at most ten seats side by side."""
    cells = _cells(visit, now)
    return tuple(
        SeatBlock(
            title=visit.say(N_("Seats %(first)s to %(last)s"), first=part[0], last=part[-1]),
            columns=tuple(visit.say(N_("Seat %(number)s"), number=n) for n in part),
            rows=tuple(
                SeatRow(
                    title=visit.say(N_("Row %(row)s"), row=row),
                    about=visit.say(_row_holds(now.room, row)),
                    cells=tuple(_cell(visit, cells, Seat(row, n)) for n in part),
                )
                for row in range(1, now.room.rows + 1)
            ),
        )
        for part in _parts(now.room.width)
    )


def _parts(width: int) -> list[range]:
    number = -(-width // WIDEST)
    size = -(-width // number)
    return [range(first, min(first + size, width + 1)) for first in range(1, width + 1, size)]


def _row_holds(room: Room, row: int) -> str:
    if row > 2 * room.client_rows:
        return N_("none behind it")
    return N_("clients") if row % 2 else N_("officers")


def _cell(visit: Visit, cells: dict[Seat, SeatCell], seat: Seat) -> SeatCell:
    free = SeatCell(number=visit.say(N_("Seat %(number)s"), number=seat.number))
    return cells.get(seat, free)


def _cells(visit: Visit, now: Seated) -> dict[Seat, SeatCell]:
    cells = {}
    beside = _beside(now)
    for person, seat in now.plan.places.items():
        number = visit.say(N_("Seat %(number)s"), number=seat.number)
        guest = now.guests[person]
        cells[seat] = SeatCell(
            number=number,
            name=guest.name,
            about=guest.group,
            person_id=person,
            by_hand=person in now.plan.by_hand,
            beside=", ".join(beside.get(person, ())),
        )
        cells[Seat(seat.row + 1, seat.number)] = _behind(visit, now, person, number)
    return cells


def _beside(now: Seated) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for one, other in now.plan.beside:
        found.setdefault(one, []).append(now.guests[other].name)
        found.setdefault(other, []).append(now.guests[one].name)
    return found


def _behind(visit: Visit, now: Seated, person: int, number: str) -> SeatCell:
    if person in now.plan.officers:
        return SeatCell(number=number, name=now.officers[now.plan.officers[person]])
    officer = visit.say(N_("Officer"))
    if person not in now.plan.colleagues:
        return SeatCell(number=number, name=officer, is_kept_free=True)
    of = visit.say(N_("a colleague of %(name)s"), name=now.officers[now.plan.colleagues[person]])
    return SeatCell(number=number, name=officer, about=of, is_kept_free=True)


def written(block: SeatBlock) -> dict[str, object]:
    """Give a part of the room as a paper bears it: names and officers, nobody's group."""
    return {
        "title": block.title,
        "columns": block.columns,
        "rows": [
            [f"{row.title}, {row.about}", *(_on_paper(cell) for cell in row.cells)]
            for row in block.rows
        ],
    }


def _on_paper(cell: SeatCell) -> str:
    if cell.about and cell.person_id is None:
        return f"{cell.name}, {cell.about}"
    return cell.name


def answer_of(visit: Visit, now: Seated) -> str:
    """Say in one sentence whether everybody sits and rivals are apart, and what a room lacks."""
    plan, number, seats = now.plan, len(now.guests), len(now.room.seats())
    if not number:
        return visit.say(N_("Nobody gets a seat yet."))
    if number > seats:
        return visit.say(
            N_(
                "%(missing)s seats are missing: %(number)s get one, and %(seats)s have a seat"
                " behind them. With %(needs)s seats in each row everybody sits, rivals apart."
            ),
            missing=number - seats,
            number=number,
            seats=seats,
            needs=plan.arranged.needs,
        )
    if plan.least is None:
        return visit.say(N_("Everybody sits, and nobody is to sit apart from anybody."))
    if plan.arranged.needs > now.room.width:
        return visit.say(
            N_(
                "This room cannot keep all rivals from sitting beside one another: each row needs"
                " %(more)s more, %(needs)s seats."
            ),
            more=plan.arranged.needs - now.room.width,
            needs=plan.arranged.needs,
        )
    return _least_said(visit, now)


def _least_said(visit: Visit, now: Seated) -> str:
    plan = now.plan
    if plan.beside:
        return visit.say(
            N_("Moved by hand, somebody sits beside a rival: see what to take care of.")
        )
    apart = visit.say(
        N_("Everybody sits, and rivals are at least %(least)s steps apart"), least=plan.least
    )
    if now.is_let_stand:
        more = visit.say(N_("the police let it stand so."))
    elif plan.least == plan.arranged.at_most:
        more = visit.say(N_("farther is not possible in this room."))
    elif plan.by_hand:
        more = visit.say(
            N_("without the changes by hand %(best)s would be possible."), best=plan.arranged.least
        )
    else:
        most = plan.arranged.at_most
        more = visit.say(
            N_("that is not proved to be the best, but no plan has more than %(most)s."), most=most
        )
    return f"{apart}; {more}"


@dataclass(frozen=True, slots=True, kw_only=True)
class LookSaid:
    """Whether the police looked at a plan, as screen and paper say it."""

    holds: bool
    title: str
    about: str


def look_said(visit: Visit, now: Seated) -> LookSaid:
    """Say whether the police looked at a plan, and what it means that they did not."""
    look = now.look
    if look and look.holds:
        title = N_("Looked at by the police")
        return LookSaid(holds=True, title=visit.say(title), about=_when(visit, look))
    if look:
        title = N_("Changed since the police looked at it")
        was = f"{_when(visit, look)}. "
    else:
        title, was = N_("Not looked at by the police"), ""
    means = N_("Personal rivals may sit beside one another: only the police know of them.")
    about = was if now.knows_ties else was + visit.say(means)
    return LookSaid(holds=False, title=visit.say(title), about=about.strip())


def _when(visit: Visit, look: Look) -> str:
    return ", ".join(part for part in (say_full(look.at, visit.manner), look.by) if part)


def cares_of(visit: Visit, now: Seated) -> list[str]:
    """List what somebody must take care of: rivals beside each other, officers, lost places."""
    return list(_cares(visit, now))


def _cares(visit: Visit, now: Seated) -> Iterator[str]:
    plan = now.plan
    for one, other in plan.beside:
        yield visit.say(
            N_("%(one)s sits beside %(other)s, from whom they are to sit apart."),
            one=now.guests[one].name,
            other=now.guests[other].name,
        )
    for person, officer in plan.colleagues.items():
        yield visit.say(
            N_(
                "%(officer)s can sit behind one client only: a colleague must take the seat"
                " behind %(name)s."
            ),
            officer=now.officers[officer],
            name=now.guests[person].name,
        )
    unknown = len(plan.places) - len(plan.officers) - len(plan.colleagues)
    if unknown:
        yield visit.say_plural(
            "Of %(num)s client no probation officer is known here: the seat behind says Officer.",
            "Of %(num)s clients no probation officer is known here: the seats behind say Officer.",
            unknown,
        )
    if plan.dropped:
        yield visit.say_plural(
            "%(num)s place given by hand holds no more: the client or the seat is gone.",
            "%(num)s places given by hand hold no more: the clients or the seats are gone.",
            plan.dropped,
        )
