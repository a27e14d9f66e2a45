"""What the planner page shows: people to tick, plans side by side, the curve, who is missed."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from gvi.domain.call_in import Bar
from gvi.network.plan import Outcome, SelectionProblem
from gvi.network.reach import VOLUNTARY
from gvi.usecases.plan import Ground

NEXT_SHOWN = 5
"""So many of those not ticked stand open under each group."""


@dataclass(frozen=True, kw_only=True)
class People:
    """How people are called on the page, and where each of them stands."""

    names: Mapping[int, str]
    code_names: Mapping[int, str]
    group_of: Mapping[int, int | None]
    """The group each is listed under; None where it is none of the call-in's."""
    minors: Collection[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class PickRow:
    """One person who can be ticked, or the reason why not."""

    person_id: int
    name: str
    code_name: str
    must_come: bool
    bar: Bar | None
    is_ticked: bool
    is_fixed: bool
    """Further along than proposed: changed on the call-in's page."""
    is_reached: bool
    gain: float
    """What the plan would lose without a ticked person, or gain by another one."""
    rule: str
    """`lock`, `exclude`, or blank."""
    why_not: str
    """Why the person is not in the plan; blank for somebody ticked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PickGroup:
    """The people of one group."""

    group_id: int
    name: str
    members: int
    reached: int
    best: int
    """How many the best plan reaches."""
    rows: tuple[PickRow, ...]
    """Who is ticked, and those who would add most."""
    more: tuple[PickRow, ...]
    """The others, folded away."""

    @property
    def ticked(self) -> int:
        """How many of them are ticked."""
        return sum(row.is_ticked for row in self.rows)


def pick_groups(
    stood_on: Ground,
    people: People,
    *,
    groups: Sequence[tuple[int, str]],
    universe: Collection[int],
    yours: Outcome,
    best: Outcome,
    added: Mapping[int, float],
    fixed: Collection[int],
    rules: Mapping[int, str],
    why_not: Callable[[int], str],
) -> tuple[PickGroup, ...]:
    """List everybody who counts under one of the groups, who adds most first."""
    chosen, reached = frozenset(yours.invitees), frozenset(yours.reached)
    best_reached = frozenset(best.reached)
    rows = [
        PickRow(
            person_id=person,
            name=people.names[person],
            code_name=people.code_names[person],
            must_come=person in stood_on.obliged,
            bar=stood_on.bar(person),
            is_ticked=person in chosen,
            is_fixed=person in fixed,
            is_reached=person in reached,
            gain=yours.gains.get(person, added.get(person, 0.0)),
            rule=rules.get(person, ""),
            why_not="" if person in chosen else why_not(person),
        )
        for person in universe
    ]
    rows.sort(key=lambda row: (not row.is_ticked, bool(row.bar), -row.gain, row.name))
    shown = []
    for group_id, name in groups:
        here = tuple(row for row in rows if people.group_of[row.person_id] == group_id)
        first = sum(row.is_ticked for row in here) + NEXT_SHOWN
        members = stood_on.members[group_id]
        shown.append(
            PickGroup(
                group_id=group_id,
                name=name,
                members=len(members),
                reached=len(members & reached),
                best=len(members & best_reached),
                rows=here[:first],
                more=here[first:],
            )
        )
    return tuple(shown)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanColumn:
    """One plan in the table that sets them side by side."""

    title: str
    proof: str
    is_yours: bool
    invited: int
    must_come: int
    expected_to_come: float
    reach: int
    expected: float
    covered: float
    groups: tuple[int, ...]
    rivals: int
    """How many pairs of groups in open conflict would meet."""
    url: str = ""
    """Where this plan is ticked."""
    drop_url: str = ""
    """Where it is no longer kept; blank for a plan that was worked out."""


def column_of(
    stood_on: Ground,
    asked: SelectionProblem,
    found: Outcome,
    *,
    groups: Sequence[tuple[int, str]],
    title: str,
    proof: str,
    session_of: Mapping[int, int],
    url: str = "",
    is_yours: bool = False,
) -> PlanColumn:
    """Count what one plan gives."""
    reached = frozenset(found.reached)
    return PlanColumn(
        title=title,
        proof=proof,
        is_yours=is_yours,
        invited=len(found.invitees),
        must_come=len(stood_on.obliged & frozenset(found.invitees)),
        expected_to_come=sum(asked.attendance.get(p, VOLUNTARY) for p in found.invitees),
        reach=len(reached),
        expected=found.expected,
        covered=found.covered,
        groups=tuple(len(stood_on.members[group_id] & reached) for group_id, _ in groups),
        rivals=len(stood_on.rivals_meeting(session_of)),
        url=url,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Missed:
    """Who of one group is still not within one step."""

    name: str
    people: tuple[tuple[int, str], ...]
    minors: int
    """People under 18 are counted, not named."""

    @property
    def number(self) -> int:
        """How many they are."""
        return len(self.people) + self.minors


def missed_by_group(
    people: People, not_reached: Collection[int], groups: Sequence[tuple[int, str]]
) -> tuple[Missed, ...]:
    """Name who hears nothing and knows nobody who does, group by group."""
    found = []
    for group_id, name in groups:
        here = [person for person in not_reached if people.group_of[person] == group_id]
        grown = [(person, people.names[person]) for person in here if person not in people.minors]
        grown.sort(key=lambda each: each[1].casefold())
        found.append(Missed(name=name, people=tuple(grown), minors=len(here) - len(grown)))
    return tuple(each for each in found if each.number)


LEFT, RIGHT, TOP, BOTTOM = 34.0, 334.0, 23.0, 200.0
"""The drawing's edges, in the units of its view box (380 × 230)."""
MOST_TICKS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """What each further seat gives, ready to be drawn; `points` are the same in numbers."""

    points: tuple[tuple[int, float], ...]
    line: str
    yours: tuple[float, float]
    x_ticks: tuple[tuple[float, int], ...]
    y_ticks: tuple[tuple[float, int], ...]


def curve_of(
    best: Mapping[int, float | None], *, yours: tuple[int, float], universe: int
) -> Curve | None:
    """Lay out the curve of the best plans by seats; None where there is nothing to draw."""
    points = [(0, 0.0)] + [(n, value) for n, value in best.items() if value is not None]
    if len(points) < 2 or not universe:
        return None
    most = max(points[-1][0], yours[0])

    def place(seats: float, worth: float) -> tuple[float, float]:
        x = LEFT + (RIGHT - LEFT) * seats / most
        return round(x, 1), round(BOTTOM - (BOTTOM - TOP) * worth / universe, 1)

    step = max(1, -(-most // MOST_TICKS))
    rise = max(1, -(-universe // 4))
    heights = [n for n in range(0, universe, rise) if universe - n >= rise / 2] + [universe]
    return Curve(
        points=tuple(points[1:]),
        line=" ".join(f"{x},{y}" for x, y in (place(*point) for point in points)),
        yours=place(*yours),
        x_ticks=tuple((place(n, 0)[0], n) for n in range(0, most + 1, step)),
        y_ticks=tuple(
            (place(0, n)[1], n) for n in heights if n == universe or universe - n >= rise / 2
        ),
    )
