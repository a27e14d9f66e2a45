"""Facts as records: where each comes from, how good it is, and every value it had before."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import pairwise
from typing import Any

from sqlalchemy import ColumnElement, Table, select
from sqlalchemy.orm import Session

from gvi.domain.access import Viewer, grant
from gvi.domain.errors import NotFoundError
from gvi.domain.grading import Compartment
from gvi.domain.text import N_
from gvi.store.asked import Asked
from gvi.store.known import known
from gvi.store.models import Fact, StatusChange, User, revisions_of
from gvi.store.queries.rights import Columns, visible

SOURCE_FIELDS = ("source", "grade", "ground")
"""What a viewer may read only of records in the own compartment (`source:read`)."""
_KEPT = frozenset(
    {
        "id",
        "programme_id",
        "recorded_by_id",
        "revised_by_id",
        "withdrawn_by_id",
        "recorded_at",
        "recorded_assumed",
        "entered_at",
        "revised_at",
        "withdrawn_at",
        "withdrawn_reason",
        "edited_by_hand",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChange:
    """One field of a record and what became of it."""

    name: str
    old: Any
    new: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """One correction of a record: when, by whom, which fields."""

    at: datetime
    by: str
    fields: tuple[FieldChange, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusStep:
    """One dated, signed, reasoned change of status."""

    at: datetime
    by: str
    old: str | None
    new: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One fact with its provenance; source, grade and ground are None outside the own secrecy."""

    id: int
    values: Mapping[str, Any]
    compartment: Compartment
    shows_source: bool
    source: str | None
    grade: str | None
    ground: str | None
    recorded_at: datetime
    recorded_assumed: bool
    recorded_by: str
    review_due_on: date | None
    revisions: tuple[Revision, ...] = ()
    steps: tuple[StatusStep, ...] = field(default=())


def records(
    db: Session,
    viewer: Viewer,
    model: type[Fact],
    where: Callable[[Columns], Sequence[ColumnElement[bool]]],
    asked: Asked,
    *,
    hidden: frozenset[str] = frozenset(),
) -> tuple[Record, ...]:
    """Give facts with their whole history as known at the moment asked about.

    `where` gives the clauses on the fact's columns, the viewer's rights among them; `hidden` names
    the columns this viewer may not read.
    """
    table = known(model, asked.as_of)
    rows = db.execute(
        select(table, User.display_name.label("recorded_by_name"))
        .outerjoin(User, User.id == table.c.recorded_by_id)
        .where(*where(table.c))
        .order_by(table.c.id)
    ).all()
    ids = [row.id for row in rows]
    older = _older(db, model, ids, asked)
    users = _user_names(db, rows, older)
    steps = _steps(db, model.__tablename__, ids, asked)
    held = grant(viewer, "source:read")
    reader = _Reader(held.compartments if held else frozenset(), hidden, users)
    return tuple(_record(row, older.get(row.id, []), steps.get(row.id, ()), reader) for row in rows)


@dataclass(frozen=True, slots=True)
class _Reader:
    """Whose sources the viewer may read, which columns not at all, and who the users are."""

    compartments: frozenset[Compartment]
    hidden: frozenset[str]
    users: Mapping[int | None, str]

    def reads_source(self, version: Any) -> bool:
        return Compartment(version.compartment) in self.compartments


def one_record(
    db: Session,
    viewer: Viewer,
    model: type[Fact],
    thing_id: int,
    asked: Asked,
    *,
    permission: str,
    person: str | None = None,
    hidden: frozenset[str] = frozenset(),
) -> Record:
    """Give one fact, to fill a form with; `person` names the column that makes it one's own.

    Raises NotFoundError where there is none under that right.
    """

    def rights(c: Columns) -> list[ColumnElement[bool]]:
        whose = None if person is None else c[person]
        return [c["id"] == thing_id, visible(c, viewer, permission, person=whose)]

    found = records(db, viewer, model, rights, asked, hidden=hidden)
    if not found:
        raise NotFoundError(N_("There is no such record, or it is not for you."))
    return found[0]


def _older(
    db: Session, model: type[Fact], ids: Sequence[int], asked: Asked
) -> dict[int, list[Any]]:
    old = revisions_of(model)
    rows = db.execute(
        select(old)
        .where(old.c.id.in_(ids), old.c.superseded_at <= asked.at)
        .order_by(old.c.superseded_at, old.c.revision_id)
    )
    found: dict[int, list[Any]] = {}
    for row in rows:
        found.setdefault(row.id, []).append(row)
    return found


def _user_names(
    db: Session, rows: Sequence[Any], older: Mapping[int, Sequence[Any]]
) -> dict[int | None, str]:
    ids = {row.revised_by_id for row in (*rows, *(r for each in older.values() for r in each))}
    table = User.__table__
    found = db.execute(select(table.c.id, table.c.display_name).where(table.c.id.in_(ids - {None})))
    return {row.id: row.display_name for row in found}


def _steps(
    db: Session, table_name: str, ids: Sequence[int], asked: Asked
) -> dict[int, tuple[StatusStep, ...]]:
    changes: Table = StatusChange.__table__  # type: ignore[assignment]
    rows = db.execute(
        select(changes, User.display_name)
        .outerjoin(User, User.id == changes.c.changed_by_id)
        .where(
            changes.c.thing == table_name.removesuffix("s"),
            changes.c.thing_id.in_(ids),
            changes.c.changed_at <= asked.at,
        )
        .order_by(changes.c.changed_at.desc(), changes.c.id.desc())
    )
    found: dict[int, list[StatusStep]] = {}
    for row in rows:
        step = StatusStep(
            at=row.changed_at,
            by=row.display_name or "",
            old=row.old,
            new=row.new,
            reason=row.reason,
        )
        found.setdefault(row.thing_id, []).append(step)
    return {key: tuple(steps) for key, steps in found.items()}


def _record(
    row: Any, older: Sequence[Any], steps: tuple[StatusStep, ...], reader: _Reader
) -> Record:
    shows = reader.reads_source(row)
    unread = reader.hidden if shows else reader.hidden | set(SOURCE_FIELDS)
    values = {
        name: value
        for name, value in row._mapping.items()  # noqa: SLF001 — the row's public mapping view
        if name not in _KEPT and name not in unread and name != "recorded_by_name"
    }
    revisions = [
        Revision(
            at=after.revised_at,
            by=reader.users.get(after.revised_by_id, ""),
            fields=_changes(before, after, values, with_source=reader.reads_source(before)),
        )
        for before, after in pairwise([*older, row])
    ]
    return Record(
        id=row.id,
        values=values,
        compartment=Compartment(row.compartment),
        shows_source=shows,
        source=row.source if shows else None,
        grade=row.grade if shows else None,
        ground=row.ground if shows else None,
        recorded_at=row.recorded_at,
        recorded_assumed=row.recorded_assumed,
        recorded_by=row.recorded_by_name or "",
        review_due_on=row.review_due_on,
        revisions=tuple(reversed([each for each in revisions if each.fields])),
        steps=steps,
    )


def _changes(
    before: Any, after: Any, shown: Mapping[str, Any], *, with_source: bool
) -> tuple[FieldChange, ...]:
    return tuple(
        FieldChange(name=name, old=getattr(before, name), new=getattr(after, name))
        for name in shown
        if getattr(before, name) != getattr(after, name)
        and (with_source or name not in SOURCE_FIELDS)
    )
