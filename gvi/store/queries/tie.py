"""Ties of a person, one and two steps away, as far as the viewer may know.

Of people under 18 those see ties who work with children (design §7): to others there are none.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, or_, select
from sqlalchemy.orm import Session

from gvi.domain.access import Viewer, allows
from gvi.domain.grading import Certainty
from gvi.domain.tie import DEFAULT_STRENGTH, DIRECTED_TIES, TieKind
from gvi.store.asked import Asked
from gvi.store.known import known, valid_at
from gvi.store.models import Person, Tie
from gvi.store.queries.person import MOST_IN_QUESTION, names_of, seen_whole
from gvi.store.queries.rights import visible


@dataclass(frozen=True, slots=True, kw_only=True)
class TieRow:
    """One tie as seen from one of its two people."""

    id: int
    person_id: int
    """From whom it is seen."""
    other_id: int
    name: str
    code_name: str
    kind: TieKind
    recruits: bool | None
    """For a recruiter tie: whether the person recruits the other; None for other kinds."""
    strength: float
    certainty: Certainty
    valid_from: datetime | None
    valid_to: datetime | None
    is_now: bool
    grade: str | None

    @property
    def tone(self) -> str:
        """Grey for what no longer holds."""
        return "" if self.is_now else "quiet"


@dataclass(frozen=True, slots=True, kw_only=True)
class Steps:
    """Who is around a person: direct ties, and the ties of those onwards."""

    first: tuple[TieRow, ...]
    second: tuple[TieRow, ...]
    """Seen from the people of the first step; ties back and among them are left out."""


def ties_of(db: Session, viewer: Viewer, person_id: int, asked: Asked) -> tuple[TieRow, ...]:
    """List a person's ties, those that hold now first, the strongest first."""
    rows = _ties(db, viewer, [person_id], asked)
    return tuple(
        sorted(rows, key=lambda row: (not row.is_now, -row.strength, row.name, row.kind, row.id))
    )


def steps_around(db: Session, viewer: Viewer, person_id: int, asked: Asked) -> Steps:
    """Give the ties that hold now one and two steps from a person."""
    first = tuple(row for row in ties_of(db, viewer, person_id, asked) if row.is_now)
    near = {row.other_id for row in first}
    onwards = _ties(db, viewer, sorted(near), asked)
    second = [row for row in onwards if row.is_now and row.other_id not in {person_id, *near}]
    ordered = sorted(second, key=lambda row: (row.name, row.other_id, -row.strength, row.id))
    return Steps(first=first, second=tuple(ordered))


def _ties(
    db: Session, viewer: Viewer, person_ids: Iterable[int], asked: Asked
) -> tuple[TieRow, ...]:
    if not allows(viewer, "tie:read"):
        return ()
    wanted = list(person_ids)
    rows: list[Any] = []
    for start in range(0, len(wanted), MOST_IN_QUESTION):
        for turned in (False, True):
            chosen = wanted[start : start + MOST_IN_QUESTION]
            rows += db.execute(_query(viewer, chosen, asked, turned=turned)).all()
    names = names_of(db, viewer, {row.other_id for row in rows}, on=asked.on)
    return tuple(_row(row, names) for row in rows)


def _query(viewer: Viewer, person_ids: Collection[int], asked: Asked, *, turned: bool) -> Any:
    t = known(Tie, asked.as_of)
    me, other = known(Person, asked.as_of, name="me"), known(Person, asked.as_of, name="other")
    own, far = (t.c.person_b_id, t.c.person_a_id) if turned else (t.c.person_a_id, t.c.person_b_id)
    directed = t.c.kind.in_(sorted(DIRECTED_TIES))
    return (
        select(
            t.c.id,
            own.label("person_id"),
            far.label("other_id"),
            other.c.code_name,
            t.c.kind,
            case((directed, not turned), else_=None).label("recruits"),
            t.c.strength,
            t.c.certainty,
            t.c.valid_from,
            t.c.valid_to,
            t.c.grade,
            _now(t.c, asked.at).label("is_now"),
        )
        .join(me, me.c.id == own)
        .join(other, other.c.id == far)
        .where(
            own.in_(person_ids),
            visible(t.c, viewer, "tie:read", person=own),
            visible(me.c, viewer, "person:read", person=me.c.id),
            visible(other.c, viewer, "person:read", person=other.c.id),
            seen_whole(me.c, viewer, asked.on),
            seen_whole(other.c, viewer, asked.on),
        )
        .order_by(t.c.id)
    )


def rival_ties(
    db: Session, viewer: Viewer, people: Collection[int], at: datetime
) -> list[tuple[int, int, datetime]]:
    """Give the rival ties in force now between two of some people, with when each became known.

    None for a role that may not read ties.
    """
    if not allows(viewer, "tie:read"):
        return []
    t = known(Tie, None)
    rows = db.execute(
        select(t.c.person_a_id, t.c.person_b_id, t.c.recorded_at).where(
            visible(t.c, viewer, "tie:read"),
            t.c.kind == TieKind.RIVAL.value,
            t.c.person_a_id.in_(sorted(people)),
            t.c.person_b_id.in_(sorted(people)),
            *valid_at(t, at),
        )
    )
    return [(row.person_a_id, row.person_b_id, row.recorded_at) for row in rows]


def _now(t: Any, at: datetime) -> ColumnElement[bool]:
    return and_(
        or_(t.valid_from.is_(None), t.valid_from <= at), or_(t.valid_to.is_(None), t.valid_to > at)
    )


def _row(row: Any, names: dict[int, str]) -> TieRow:
    return TieRow(
        id=row.id,
        person_id=row.person_id,
        other_id=row.other_id,
        name=names[row.other_id],
        code_name=row.code_name,
        kind=TieKind(row.kind),
        recruits=None if row.recruits is None else bool(row.recruits),
        strength=row.strength if row.strength is not None else DEFAULT_STRENGTH,
        certainty=Certainty(row.certainty or Certainty.POSSIBLE),
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        is_now=bool(row.is_now),
        grade=row.grade,
    )
