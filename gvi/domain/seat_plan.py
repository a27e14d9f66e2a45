"""The seat plan of a call-in: clients in front, an officer behind each, rivals apart.

Rows are counted from the front. Clients sit in rows 1, 3, 5 …, whoever accompanies each directly
behind in rows 2, 4, 6 …, so a last row without one behind it holds no client. How far two sit from
each other is counted in steps from seat to seat: along the row and from row to row.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from zlib import crc32

from gvi.domain.seating import NOT_BESIDE, Pair, Room, Seat, Seating, steps

MOST_ROWS = 20
MOST_WIDTH = 20
USUAL_WIDTH = 10


def usual_room(guests: int) -> Room:
    """Give a room to begin with: as few rows as hold so many clients, ten seats in each."""
    client_rows = min(MOST_ROWS // 2, max(1, -(-guests // USUAL_WIDTH)))
    return Room(rows=2 * client_rows, width=max(USUAL_WIDTH, -(-guests // client_rows)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Guest:
    """A client who gets a seat."""

    person_id: int
    group_id: int | None = None
    """The group they are to carry the message to."""
    groups: frozenset[int] = frozenset()
    """The groups they are in now, whichever they are asked for."""
    officer_id: int | None = None
    """Their probation officer, where there is one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrangement:
    """Who sits where, and how far apart those sit who are to sit apart."""

    places: Mapping[int, Seat]
    """Empty where the room has too few seats."""
    least: int | None
    """The fewest steps between two who are to sit apart; None where there are no such two."""
    at_most: int | None
    """No arrangement of all in this room has more; the same as `least` where that is proved."""
    needs: int
    """Seats a row must have for everybody to sit and nobody beside a rival, in these rows."""

    @property
    def is_proved(self) -> bool:
        """Whether nobody could set rivals farther apart."""
        return self.least == self.at_most


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatPlan:
    """An arrangement with what people changed by hand."""

    arranged: Arrangement
    places: Mapping[int, Seat]
    by_hand: frozenset[int]
    """Who sits where somebody put them."""
    dropped: int
    """How many places given by hand hold no more: the client or the seat is gone."""
    least: int | None
    beside: tuple[tuple[int, int], ...]
    """Who sit beside one another though they are to sit apart."""
    officers: Mapping[int, int]
    """Officers who are named behind a client; of several clients, behind the frontmost."""
    colleagues: Mapping[int, int]
    """Clients whose officer already sits behind another: a colleague must take the seat."""


def to_sit_apart(
    guests: Collection[Guest], *, conflicts: Collection[Pair], keep_apart: Collection[Pair]
) -> frozenset[Pair]:
    """Give the pairs who may not sit together: any of their groups in conflict, or by name."""
    people = {guest.person_id for guest in guests}
    enemies: dict[int, set[int]] = {}
    for a, b in conflicts:
        enemies.setdefault(a, set()).add(b)
        enemies.setdefault(b, set()).add(a)
    of = {
        guest.person_id: guest.groups | ({guest.group_id} if guest.group_id is not None else set())
        for guest in guests
    }
    against = {
        person: frozenset().union(*(enemies.get(group, ()) for group in groups))
        for person, groups in of.items()
    }
    rivals = {
        frozenset((one, other))
        for one in people
        for other in people
        if one != other and not against[one].isdisjoint(of[other])
    }
    return frozenset(rivals | {pair for pair in keep_apart if pair <= people})


def setting_of(guests: Collection[Guest], room: Room, *rules: Collection[Pair]) -> int:
    """Give a number that is another one when guests, room or rules are others.

    The pairs of each rule count apart from those of the others: what two sit apart for already
    never hides that they come to sit apart for something else, too.
    """
    people = sorted((guest.person_id, guest.group_id or 0) for guest in guests)
    pairs = [sorted(sorted(pair) for pair in rule) for rule in rules]
    return crc32(repr((people, room.rows, room.width, pairs)).encode()) >> 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """Everybody's place when somebody last changed one by hand."""

    places: Mapping[int, Seat]
    by_hand: frozenset[int]
    setting: int
    """For which guests, room and rules that was (`setting_of`)."""


def plan_seats(
    guests: Sequence[Guest],
    room: Room,
    *,
    apart: Collection[Pair],
    given: Given | None = None,
    setting: int | None = None,
) -> SeatPlan:
    """Arrange everybody, with the places given by hand.

    As long as the setting is the same as then (`setting_of`), everybody stays where they were. Else
    the places given by hand stay as far as client and seat are there, and the others are arranged
    anew around them.
    """
    arranged = arrange(guests, room, apart=apart)
    fixed = _still_there(given, guests, room) if given and arranged.places else {}
    places = arranged.places
    if given and given.setting == setting:
        places = given.places
    elif fixed:
        places = arrange(guests, room, apart=apart, fixed=fixed).places
    officers, colleagues = _behind(guests, places)
    return SeatPlan(
        arranged=arranged,
        places=places,
        by_hand=frozenset(fixed),
        dropped=len(given.by_hand) - len(fixed) if given else 0,
        least=_least(places, apart),
        beside=_beside(places, apart),
        officers=officers,
        colleagues=colleagues,
    )


def _still_there(given: Given, guests: Iterable[Guest], room: Room) -> dict[int, Seat]:
    """Give the places given by hand that can still be had."""
    people, seats = {guest.person_id for guest in guests}, set(room.seats())
    return {
        person: seat
        for person, seat in sorted(given.places.items())
        if person in given.by_hand and person in people and seat in seats
    }


def _behind(
    guests: Iterable[Guest], places: Mapping[int, Seat]
) -> tuple[dict[int, int], dict[int, int]]:
    accompanied = sorted(
        (places[guest.person_id], guest.person_id, guest.officer_id)
        for guest in guests
        if guest.officer_id is not None and guest.person_id in places
    )
    sits: dict[int, int] = {}
    colleagues: dict[int, int] = {}
    for _, person, officer in accompanied:
        if officer in sits.values():
            colleagues[person] = officer
        else:
            sits[person] = officer
    return sits, colleagues


def arrange(
    guests: Sequence[Guest],
    room: Room,
    *,
    apart: Collection[Pair],
    fixed: Mapping[int, Seat] | None = None,
) -> Arrangement:
    """Seat everybody: nobody beside a rival, rivals as far apart as can be, then as far in front.

    Always the same for the same guests. `fixed` are places that stay; the others are set apart
    from them, too.
    """
    order = sorted(guests, key=lambda g: (g.group_id is None, g.group_id or 0, g.person_id))
    seating = Seating([guest.person_id for guest in order], apart, fixed or {})
    seats = room.seats()
    if len(guests) > len(seats):
        return Arrangement(places={}, least=None, at_most=None, needs=_width(seating, room))
    found, at_most = _farthest(seating, room)
    places = seating.in_line(seats) if found is None else found
    least = _least(places, apart)
    is_kept = least is None or least >= NOT_BESIDE
    return Arrangement(
        places=places,
        least=least,
        at_most=None if least is None else max(least, at_most),
        needs=room.width if is_kept else _width(seating, room),
    )


def _farthest(seating: Seating, room: Room) -> tuple[dict[int, Seat] | None, int]:
    """Search for rivals as far apart as can be, and how far that is at most.

    Nobody where somebody would sit beside a rival.
    """
    seats = room.seats()
    least, most = seating.nearest, steps(seats[0], seats[-1]) if seats and seating.is_split else 1
    best, at_most = None, most
    while least <= most:
        middle = (least + most + 1) // 2 if best is not None else least
        found, is_sure = seating.search(seats, middle)
        if found is None:
            most = middle - 1
            at_most = most if is_sure else at_most
        else:
            best, least = found, middle + 1
    if best is None:
        return None, at_most
    fronts = (seating.search(room.seats(rows), least - 1)[0] for rows in range(1, room.client_rows))
    return next((front for front in fronts if front is not None), best), at_most


def _width(seating: Seating, room: Room) -> int:
    """Give how many seats a row must have, in as many rows, for every rule to be kept."""
    rows = max(1, room.client_rows)
    widths = range(max(room.width, -(-seating.number // rows)), 2 * seating.number + room.width)
    wider = (Room(rows=2 * rows, width=width) for width in widths)
    enough = (each for each in wider if seating.search(each.seats(), seating.nearest)[0])
    return next(enough).width


def _least(places: Mapping[int, Seat], apart: Iterable[Pair]) -> int | None:
    """Give the fewest steps between two who are to sit apart."""
    return min((_between(places, pair) for pair in apart if pair <= places.keys()), default=None)


def _beside(places: Mapping[int, Seat], apart: Iterable[Pair]) -> tuple[tuple[int, int], ...]:
    """Give who sit beside one another though they are to sit apart."""
    seated = (pair for pair in apart if pair <= places.keys())
    close = (pair for pair in seated if _between(places, pair) < NOT_BESIDE)
    return tuple(sorted((min(pair), max(pair)) for pair in close))


def _between(places: Mapping[int, Seat], pair: Pair) -> int:
    one, other = pair
    return steps(places[one], places[other])
