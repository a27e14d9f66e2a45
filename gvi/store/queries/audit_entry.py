"""One entry of the log, and what a change was from and to, found through what is kept elsewhere.

The log names record, fields and instant; the values stand in the revisions, and are gone when the
record is erased. Free text is not for the auditor: of it only the length before and after is told.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gvi.domain.access import Viewer
from gvi.domain.errors import NotFoundError
from gvi.domain.text import N_
from gvi.store.models import (
    AuditEntry,
    AuditSubject,
    ChangedValue,
    DueChange,
    Fact,
    Group,
    GroupRelation,
    Incident,
    Involvement,
    Membership,
    Person,
    StatusChange,
    Supervision,
    Tie,
    revisions_of,
)
from gvi.store.queries.audit import AuditQuestion, AuditRow, list_entries
from gvi.store.wall import behind_the_wall

FACTS: Mapping[str, type[Fact]] = {
    "group": Group,
    "group_relation": GroupRelation,
    "incident": Incident,
    "involvement": Involvement,
    "membership": Membership,
    "person": Person,
    "supervision": Supervision,
    "tie": Tie,
}
CODES = frozenset(
    {
        "certainty",
        "compartment",
        "gmi",
        "grade",
        "heard_through",
        "kind",
        "language",
        "response",
        "role",
        "status",
        "trigger",
    }
)
"""Fields whose texts are codes of ours; every other text is free, or a name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChange:
    """One field before and after; of free text only how long it was."""

    table: str
    thing_id: int
    field: str
    old: object
    new: object
    is_length: bool = False


def one_entry(db: Session, viewer: Viewer, number: int) -> AuditRow:
    """Give one entry of the viewer's programme; raises NotFoundError."""
    rows, _ = list_entries(db, viewer, AuditQuestion(first=number, last=number))
    if not rows:
        raise NotFoundError(N_("There is no such entry."))
    return rows[0]


def changes_of(db: Session, viewer: Viewer, entry: AuditRow) -> tuple[FieldChange, ...]:
    """Give what an entry's change was from and to, as far as it is still kept."""
    with behind_the_wall(db, "the auditor is shown what a change changed, in any compartment"):
        return (
            *_from_revisions(db, viewer, entry),
            *_from_kept_values(db, viewer, entry),
            *_from_trails(db, viewer, entry),
        )


def _from_revisions(db: Session, viewer: Viewer, entry: AuditRow) -> Iterator[FieldChange]:
    model = FACTS.get(entry.thing)
    if model is None:
        return
    old, now = revisions_of(model).c, model.__table__.c
    for thing_id in entry.subjects.get(entry.thing, ()):
        later = (
            select(revisions_of(model))
            .where(old.id == thing_id, old.programme_id == viewer.programme_id)
            .where(old.superseded_at >= entry.at)
            .order_by(old.superseded_at, old.revision_id)
        )
        kept = db.execute(later).mappings().all()
        of_instant = sum(each["superseded_at"] == entry.at for each in kept)
        if not of_instant:
            continue
        present = db.execute(select(model.__table__).where(now.id == thing_id)).mappings().first()
        versions = [*kept, present] if present is not None else kept
        own = min(_earlier_in_instant(db, entry, thing_id), of_instant - 1)
        if own + 1 < len(versions):
            fields = [name for name in entry.detail.get("fields", ()) if name in now]
            yield from _compared(
                model.__tablename__, thing_id, versions[own], versions[own + 1], fields
            )


def _earlier_in_instant(db: Session, entry: AuditRow, thing_id: int) -> int:
    """Count the changes of one thing that the log has before an entry, at the very same instant."""
    e, s = AuditEntry.__table__.c, AuditSubject.__table__.c
    return db.execute(
        select(func.count())
        .select_from(AuditEntry)
        .join(AuditSubject, s.entry_id == e.id)
        .where(s.thing == entry.thing, s.thing_id == thing_id)
        .where(e.at == entry.at, e.id < entry.id, e.verb == entry.verb)
        .where(e.kind.startswith(f"{entry.thing}:", autoescape=True))
    ).scalar_one()


def _compared(
    table: str,
    thing_id: int,
    before: Mapping[Any, Any],
    after: Mapping[Any, Any],
    fields: Iterable[str],
) -> Iterator[FieldChange]:
    for name in fields:
        yield _told(table, thing_id, name, before[name], after[name])


def _told(table: str, thing_id: int, field: str, old: object, new: object) -> FieldChange:
    is_free = field not in CODES and any(_is_free_text(each) for each in (old, new))
    return FieldChange(
        table=table,
        thing_id=thing_id,
        field=field,
        old=len(str(old or "")) if is_free else old,
        new=len(str(new or "")) if is_free else new,
        is_length=is_free,
    )


def _is_free_text(value: object) -> bool:
    return isinstance(value, str) and bool(value)


def _from_kept_values(db: Session, viewer: Viewer, entry: AuditRow) -> Iterator[FieldChange]:
    v = ChangedValue.__table__.c
    rows = db.execute(
        select(v.thing, v.thing_id, v.field, v.old, v.new)
        .where(v.entry_id == entry.id, v.programme_id == viewer.programme_id)
        .order_by(v.id)
    )
    for row in rows:
        old, new = _value(row.field, row.old), _value(row.field, row.new)
        yield _told(row.thing, row.thing_id, row.field, old, new)


def _value(field: str, stored: str) -> object:
    value = json.loads(stored)
    if field.endswith("_at") and isinstance(value, str):
        return datetime.fromisoformat(value)
    if field.endswith("_on") and isinstance(value, str):
        return date.fromisoformat(value)
    return value


def _from_trails(db: Session, viewer: Viewer, entry: AuditRow) -> Iterator[FieldChange]:
    """Read the trails of statuses and due dates, where no other values were kept."""
    if db.execute(select(ChangedValue.id).where(ChangedValue.entry_id == entry.id)).first():
        return
    ids, table = list(entry.subjects.get(entry.thing, ())), f"{entry.thing}s"
    s, d = StatusChange.__table__.c, DueChange.__table__.c
    about = (s.thing == entry.thing, s.thing_id.in_(ids), s.changed_at == entry.at)
    query = select(s.thing_id, s.field, s.old, s.new).where(
        s.programme_id == viewer.programme_id, *about
    )
    for row in db.execute(query) if entry.thing not in FACTS else ():
        yield _told(table, row.thing_id, row.field, row.old, row.new)
    moved = select(d.thing_id, d.old_due_at, d.new_due_at).where(
        d.programme_id == viewer.programme_id,
        d.thing == entry.thing,
        d.thing_id.in_(ids),
        d.changed_at == entry.at,
    )
    for move in db.execute(moved):
        yield _told(table, move.thing_id, "due_at", move.old_due_at, move.new_due_at)


def is_change(entry: AuditRow) -> bool:
    """Tell whether an entry speaks of values before and after."""
    return entry.verb == "changed"
