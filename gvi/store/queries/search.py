"""One word asked of everything: people, groups and incidents the viewer may see."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from gvi.domain.access import Viewer, allows
from gvi.domain.naming import folded
from gvi.store.asked import Asked
from gvi.store.known import known
from gvi.store.models import Incident
from gvi.store.queries.group import GroupRow, aliases_of_groups, groups
from gvi.store.queries.person_list import PersonQuestion, PersonRow, people
from gvi.store.queries.rights import Columns, visible

MOST_OF_EACH = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentHit:
    """An incident that a search found."""

    id: int
    kind: str
    occurred_at: datetime
    place: str
    """The area only, for those who see no more of an incident."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a search found: the first of each, and how many there are."""

    people: tuple[PersonRow, ...] = ()
    people_total: int = 0
    groups: tuple[GroupRow, ...] = ()
    incidents: tuple[IncidentHit, ...] = ()
    incidents_total: int = 0


def search(
    db: Session, viewer: Viewer, q: str, asked: Asked, *, kinds: dict[str, str] | None = None
) -> Found:
    """Find what holds every word of `q`, only among what the viewer may see.

    `kinds` gives each kind of incident with its name in the viewer's language, so that it can be
    found by what it is called.
    """
    words = q.split()
    if not words:
        return Found()
    rows, total = people(db, viewer, PersonQuestion(q=q, limit=MOST_OF_EACH), asked)
    hits, hits_total = _incidents(db, viewer, words, asked, kinds or {})
    return Found(
        people=tuple(rows),
        people_total=total,
        groups=_groups(db, viewer, words, asked),
        incidents=hits,
        incidents_total=hits_total,
    )


def _groups(
    db: Session, viewer: Viewer, words: Collection[str], asked: Asked
) -> tuple[GroupRow, ...]:
    if not allows(viewer, "group:list"):
        return ()
    wanted = [text for word in words if (text := folded(word))]

    aliases = aliases_of_groups(db, viewer)

    def holds(row: GroupRow) -> bool:
        called = folded(" ".join((row.name, *aliases.get(row.id, ()), row.external_id or "")))
        return bool(wanted) and all(text in called for text in wanted)

    return tuple(row for row in groups(db, viewer, asked) if holds(row))[:MOST_OF_EACH]


def _incidents(
    db: Session, viewer: Viewer, words: Collection[str], asked: Asked, kinds: dict[str, str]
) -> tuple[tuple[IncidentHit, ...], int]:
    if not allows(viewer, "incident:list"):
        return (), 0
    i = known(Incident, asked.as_of)
    full = allows(viewer, "incident_full:read")
    rows = db.execute(
        select(i.c.id, i.c.kind, i.c.occurred_at, (i.c.place if full else i.c.area).label("place"))
        .where(
            visible(i.c, viewer, "incident:list"),
            and_(*(_mentions(i.c, word, kinds, full=full) for word in words)),
        )
        .order_by(i.c.occurred_at.desc(), i.c.id)
    ).all()
    hits = tuple(
        IncidentHit(id=row.id, kind=row.kind, occurred_at=row.occurred_at, place=row.place)
        for row in rows[:MOST_OF_EACH]
    )
    return hits, len(rows)


def _mentions(c: Columns, word: str, kinds: dict[str, str], *, full: bool) -> ColumnElement[bool]:
    columns = ["area", *(["place", "external_id", "summary"] if full else [])]
    named = [kind for kind, name in kinds.items() if folded(word) in folded(name)]
    shapes = sorted({word, word.capitalize()})
    ways = [c[name].icontains(shape, autoescape=True) for name in columns for shape in shapes]
    return or_(c["kind"].in_(named), *ways)
