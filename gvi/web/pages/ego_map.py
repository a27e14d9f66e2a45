"""A small drawing of who is around a person: one step on the inner ring, two on the outer."""

from dataclasses import dataclass
from math import cos, pi, sin

from gvi.domain.grading import Certainty
from gvi.store.queries.person_card import PersonHead
from gvi.store.queries.tie import Steps, TieRow

WIDTH, HEIGHT = 720.0, 440.0
NEAR, FAR = (215.0, 125.0), (290.0, 182.0)
"""Half the width and height of the two rings, in pixels."""
MOST_NEAR = 24
"""With more people one step away the drawing would hide more than it shows: the table stands."""
MOST_FAR = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Dot:
    """Somebody on the drawing; `name` is blank on the outer ring."""

    person_id: int | None
    name: str
    x: float
    y: float
    anchor: str
    step: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Stroke:
    """A tie between two of them."""

    x1: float
    y1: float
    x2: float
    y2: float
    certainty: Certainty


@dataclass(frozen=True, slots=True, kw_only=True)
class EgoMap:
    """The drawing: ties below, people above."""

    width: float
    height: float
    dots: tuple[Dot, ...]
    strokes: tuple[Stroke, ...]


def ego_map(head: PersonHead, steps: Steps) -> EgoMap | None:
    """Place the person in the middle and the others around; None where nothing can be drawn well.

    Everybody of the second step stands outside the one through whom they are reached first.
    """
    near: dict[int, TieRow] = {tie.other_id: tie for tie in steps.first}
    if not near or len(near) > MOST_NEAR:
        return None
    dots = [_dot(head.id, head.called, 0.0, (0.0, 0.0), step=0)]
    strokes: list[Stroke] = []
    onwards = _onwards(steps)
    for place, (person_id, tie) in enumerate(sorted(near.items(), key=_by_name)):
        angle = 2 * pi * place / len(near) - pi / 2
        dot = _dot(person_id, tie.name, angle, NEAR, step=1)
        dots.append(dot)
        strokes.append(_stroke(dots[0], dot, tie.certainty))
        spread = 2 * pi / len(near)
        beyond = onwards.get(person_id, [])
        for number, further in enumerate(beyond, start=1):
            aside = spread * (number / (len(beyond) + 1) - 0.5)
            outer = _dot(further.other_id, "", angle + aside, FAR, step=2)
            dots.append(outer)
            strokes.append(_stroke(dot, outer, further.certainty))
    return EgoMap(width=WIDTH, height=HEIGHT, dots=tuple(dots), strokes=tuple(strokes))


def _by_name(item: tuple[int, TieRow]) -> tuple[str, int]:
    return item[1].name, item[0]


def _onwards(steps: Steps) -> dict[int, list[TieRow]]:
    found: dict[int, list[TieRow]] = {}
    drawn: set[int] = set()
    for tie in steps.second:
        if tie.other_id not in drawn and len(drawn) < MOST_FAR:
            drawn.add(tie.other_id)
            found.setdefault(tie.person_id, []).append(tie)
    return found


def _dot(
    person_id: int | None, name: str, angle: float, ring: tuple[float, float], *, step: int
) -> Dot:
    aside, down = cos(angle), sin(angle)
    return Dot(
        person_id=person_id,
        name=name,
        x=round(WIDTH / 2 + ring[0] * aside, 1),
        y=round(HEIGHT / 2 + ring[1] * down, 1),
        anchor="middle" if step == 0 or abs(aside) < 0.25 else ("start" if aside > 0 else "end"),
        step=step,
    )


def _stroke(a: Dot, b: Dot, certainty: Certainty) -> Stroke:
    return Stroke(x1=a.x, y1=a.y, x2=b.x, y2=b.y, certainty=certainty)
