"""The register of people: one page of rows, searched and sorted by the database."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    Subquery,
    and_,
    false,
    func,
    or_,
    select,
)
from sqlalchemy.orm import Session

from gvi.domain.access import Viewer, allows
from gvi.domain.naming import folded
from gvi.domain.person import adult_born_by, age_on, is_adult
from gvi.domain.risk import RiskColour
from gvi.store.asked import Asked
from gvi.store.models import Identity, Person, RiskDecision
from gvi.store.names import begins
from gvi.store.queries.membership import GroupPart, groups_of, in_group
from gvi.store.queries.person import MOST_IN_QUESTION, name_seen, seen_whole
from gvi.store.queries.rights import visible

NO_COLOUR = "none"
"""The filter's word for people about whom no colour has been decided."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonQuestion:
    """What is asked of the register; blank means no matter what."""

    q: str = ""
    group_id: int | None = None
    colour: str = ""
    under_18: bool | None = None
    sort: str = "name"
    descending: bool = False
    offset: int = 0
    limit: int = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class ListColour:
    """The colour last decided about a person, as the register shows it."""

    colour: RiskColour
    expires_on: date
    is_expired: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonRow:
    """One person of the register; `name` is None where the viewer may not know it."""

    id: int
    code_name: str
    external_id: str | None
    name: str | None
    age: int | None
    """None where the birth date is unknown, or not for the viewer."""
    is_under_18: bool
    is_birth_date_known: bool
    groups: tuple[GroupPart, ...] = ()
    colour: ListColour | None = None
    is_protected: bool = False

    @property
    def called(self) -> str:
        """What the person is called before this viewer."""
        return self.name or self.code_name


def people(
    db: Session,
    viewer: Viewer,
    question: PersonQuestion,
    asked: Asked,
) -> tuple[list[PersonRow], int]:
    """Give one page of the people the viewer may see, and how many the question finds in all."""
    p, i = asked.known(Person), Identity.__table__
    named = and_(i.c.person_id == p.c.id, name_seen(p.c, viewer, asked.on))
    clauses = _clauses(db, viewer, question, p, asked)
    found = _ids_in_order(db, question, select(p.c.id).where(*clauses), p, p.outerjoin(i, named))
    ids = found[question.offset : question.offset + question.limit]
    shown = select(
        p.c.id,
        p.c.code_name,
        p.c.external_id,
        p.c.birth_date,
        p.c.is_protected,
        i.c.name,
        seen_whole(p.c, viewer, asked.on).label("whole"),
    ).select_from(p.outerjoin(i, named))
    rows = _in_order(db, shown, p, ids)
    groups = groups_of(db, viewer, ids, asked)
    adults = [row.id for row in rows if is_adult(row.birth_date, asked.on)]
    colours = _colours(db, viewer, adults, asked)
    return [_row(row, asked.on, groups, colours) for row in rows], len(found)


def _ids_in_order(
    db: Session, question: PersonQuestion, seen: Select[Any], p: Subquery, named: FromClause
) -> list[int]:
    """Give everybody the question finds, in its order.

    Names are sealed, so the database cannot sort by them: those the viewer may see are opened for
    this one answer, and only its order is kept.
    """
    if question.sort in _SORTS:
        return list(db.execute(seen.order_by(*_order(question, p))).scalars())
    name = Identity.__table__.c.name
    rows = db.execute(seen.add_columns(p.c.code_name, name).select_from(named).order_by(p.c.id))
    found = [(called or code_name, key) for key, code_name, called in rows]
    found.sort(key=lambda each: each[0].casefold(), reverse=question.descending)
    return [key for _, key in found]


def _in_order(db: Session, query: Select[Any], p: Subquery, ids: Sequence[int]) -> list[Any]:
    found: dict[int, Any] = {}
    for start in range(0, len(ids), MOST_IN_QUESTION):
        some = ids[start : start + MOST_IN_QUESTION]
        found |= {row.id: row for row in db.execute(query.where(p.c.id.in_(some)))}
    return [found[key] for key in ids]


def _row(
    row: Any,
    on: date,
    groups: Mapping[int, tuple[GroupPart, ...]],
    colours: Mapping[int, ListColour],
) -> PersonRow:
    born = row.birth_date
    return PersonRow(
        id=row.id,
        code_name=row.code_name,
        external_id=row.external_id,
        name=row.name,
        age=age_on(born, on) if born and row.whole else None,
        is_under_18=born is not None and born > adult_born_by(on),
        is_birth_date_known=born is not None,
        groups=groups.get(row.id, ()),
        colour=colours.get(row.id),
        is_protected=row.is_protected,
    )


def _colours(
    db: Session, viewer: Viewer, person_ids: Sequence[int], asked: Asked
) -> dict[int, ListColour]:
    """Give the colour last decided about each person; a whole list is asked for at once."""
    if not allows(viewer, "risk:read"):
        return {}
    table = RiskDecision.__table__
    found: dict[int, ListColour] = {}
    for start in range(0, len(person_ids), MOST_IN_QUESTION):
        rows = db.execute(
            select(table.c.person_id, table.c.colour, table.c.expires_on)
            .where(
                visible(table.c, viewer, "risk:read", person=table.c.person_id),
                table.c.person_id.in_(person_ids[start : start + MOST_IN_QUESTION]),
                table.c.decided_at <= asked.at,
            )
            .order_by(table.c.decided_at, table.c.id)
        )
        for row in rows:
            found[row.person_id] = ListColour(
                colour=RiskColour(row.colour),
                expires_on=row.expires_on,
                is_expired=row.expires_on < asked.on,
            )
    return found


def _clauses(
    db: Session, viewer: Viewer, question: PersonQuestion, p: Subquery, asked: Asked
) -> list[ColumnElement[bool]]:
    clauses = [visible(p.c, viewer, "person:list", person=p.c.id)]
    clauses += [matches(db, p, viewer, asked.on, word) for word in _words(question.q)]
    if question.group_id is not None:
        clauses.append(in_group(viewer, p, question.group_id, asked))
    if question.colour:
        clauses.append(_coloured(viewer, p, question.colour, asked))
    if question.under_18 is not None:
        young = p.c.birth_date > adult_born_by(asked.on)
        clauses.append(young if question.under_18 else or_(p.c.birth_date.is_(None), ~young))
    return clauses


def _words(q: str) -> list[str]:
    """Split a search; a single letter beside longer words begins a name still being typed."""
    words = q.split()
    longer = [word for word in words if len(word) > 1 or not word.isalpha()]
    return longer or words


def matches(db: Session, p: Subquery, viewer: Viewer, on: date, word: str) -> ColumnElement[bool]:
    """Give the clause that finds people by one word: code name, external id or how a name begins.

    Names and aliases are searched only where the viewer may see them.
    """
    # SQLite lowers only A–Z, so a code name that begins with Å, Ä or Ö is tried in both shapes.
    shapes = {word, word.capitalize()}
    ways: list[ColumnElement[bool]] = [
        *(p.c.code_name.icontains(shape, autoescape=True) for shape in sorted(shapes)),
        p.c.external_id.icontains(word, autoescape=True),
    ]
    if folded(word):
        ways.append(and_(begins(db, viewer.programme_id, p.c.id, word), name_seen(p.c, viewer, on)))
    return or_(*ways)


def _coloured(viewer: Viewer, p: Subquery, colour: str, asked: Asked) -> ColumnElement[bool]:
    if not allows(viewer, "risk:read"):
        return false()
    table = RiskDecision.__table__
    rank = func.row_number().over(
        partition_by=table.c.person_id, order_by=[table.c.decided_at.desc(), table.c.id.desc()]
    )
    ranked = (
        select(table.c.person_id, table.c.colour, rank.label("rank"))
        .where(
            visible(table.c, viewer, "risk:read", person=table.c.person_id),
            table.c.decided_at <= asked.at,
        )
        .subquery("ranked")
    )
    latest = select(ranked.c.person_id).where(ranked.c.rank == 1)
    adult = or_(p.c.birth_date.is_(None), p.c.birth_date <= adult_born_by(asked.on))
    if colour == NO_COLOUR:
        return or_(p.c.id.not_in(latest), ~adult)
    return and_(adult, p.c.id.in_(latest.where(ranked.c.colour == RiskColour(colour).value)))


_SORTS: Mapping[str, str] = MappingProxyType(
    {"code_name": "code_name", "recorded": "recorded_at", "age": "birth_date"}
)


def _order(question: PersonQuestion, p: Subquery) -> Sequence[ColumnElement[Any]]:
    column: ColumnElement[Any] = p.c[_SORTS[question.sort]]
    # The oldest were born first: ages run against birth dates.
    descending = question.descending is not (question.sort == "age")
    ordered = column.desc() if descending else column.asc()
    return [ordered.nulls_last(), p.c.id]
