"""Lines of the network map: where they begin and end, so that templates need no geometry."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import hypot

from gvi.domain.group import RelationKind
from gvi.network.layout import GroupPlace, NetworkMap

DOUBLE_GAP = 2.5
"""Half the distance between the two lines of an alliance, in map pixels."""
CROSS = 7.0
ARROW = 9.0


@dataclass(frozen=True, slots=True)
class Line:
    """One straight line; `kind` is the relation it shows, or tie."""

    kind: str
    x1: float
    y1: float
    x2: float
    y2: float


@dataclass(frozen=True, slots=True)
class Sign:
    """A sign on a line: a cross for an open conflict, an arrow head for supplies."""

    kind: str
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """Everything between the circles and dots."""

    relations: tuple[Line, ...]
    signs: tuple[Sign, ...]
    ties: tuple[Line, ...]
    ties_outside: tuple[Line, ...]


def draw(places: NetworkMap, relations: Iterable[tuple[int, int, str]]) -> Drawing:
    """Turn relations (group, group, kind) and ties into lines that end at the circles' edges."""
    circles = {place.group_id: place for place in places.groups}
    lines: list[Line] = []
    signs: list[Sign] = []
    for first, second, kind in relations:
        if first in circles and second in circles:
            line = _between(circles[first], circles[second], kind)
            lines += _doubled(line) if kind == RelationKind.ALLIANCE else [line]
            signs += _signs(line)
    return Drawing(
        relations=tuple(lines),
        signs=tuple(signs),
        ties=tuple(_ties(places)),
        ties_outside=tuple(_ties_outside(places, circles)),
    )


def _between(first: GroupPlace, second: GroupPlace, kind: str) -> Line:
    dx, dy = second.x - first.x, second.y - first.y
    length = hypot(dx, dy) or 1.0
    ux, uy = dx / length, dy / length
    return Line(
        kind,
        _r(first.x + ux * first.radius),
        _r(first.y + uy * first.radius),
        _r(second.x - ux * second.radius),
        _r(second.y - uy * second.radius),
    )


def _doubled(line: Line) -> list[Line]:
    dx, dy = line.x2 - line.x1, line.y2 - line.y1
    length = hypot(dx, dy) or 1.0
    ox, oy = -dy / length * DOUBLE_GAP, dx / length * DOUBLE_GAP
    return [
        Line(
            line.kind,
            _r(line.x1 + side * ox),
            _r(line.y1 + side * oy),
            _r(line.x2 + side * ox),
            _r(line.y2 + side * oy),
        )
        for side in (1, -1)
    ]


def _signs(line: Line) -> Iterator[Sign]:
    x, y = (line.x1 + line.x2) / 2, (line.y1 + line.y2) / 2
    if line.kind == RelationKind.OPEN_CONFLICT:
        s = CROSS
        yield Sign(
            line.kind, f"M{_r(x - s)} {_r(y - s)} l{2 * s} {2 * s} m0 {-2 * s} l{-2 * s} {2 * s}"
        )
    if line.kind == RelationKind.SUPPLIER:
        dx, dy = line.x2 - line.x1, line.y2 - line.y1
        length = hypot(dx, dy) or 1.0
        ux, uy = dx / length * ARROW, dy / length * ARROW
        left = f"{_r(line.x2 - ux - uy / 2)} {_r(line.y2 - uy + ux / 2)}"
        right = f"{_r(line.x2 - ux + uy / 2)} {_r(line.y2 - uy - ux / 2)}"
        yield Sign(line.kind, f"M{left} L{line.x2} {line.y2} L{right} z")


def _ties(places: NetworkMap) -> Iterator[Line]:
    dots = {place.person_id: place for place in places.people}
    for one, other in places.ties:
        a, b = dots[one], dots[other]
        yield Line("tie", a.x, a.y, b.x, b.y)


def _ties_outside(places: NetworkMap, circles: dict[int, GroupPlace]) -> Iterator[Line]:
    """Lead from a member to the middle of the other group; its circle is drawn above the line."""
    dots = {place.person_id: place for place in places.people}
    for person, group in places.ties_outside:
        if group in circles:
            dot, circle = dots[person], circles[group]
            yield Line("tie", dot.x, dot.y, circle.x, circle.y)


def _r(value: float) -> float:
    return round(value, 1)
