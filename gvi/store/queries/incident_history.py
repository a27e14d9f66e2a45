"""What was decided and corrected about one incident, by whom and why; the latest first."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from gvi.domain.access import Viewer, allows
from gvi.domain.incident import Gmi, IncidentStatus, InvolvementRole
from gvi.store.models import Incident, Involvement, Person, StatusChange, User
from gvi.store.models.base import revisions_of
from gvi.store.queries.person import names_of
from gvi.store.queries.rights import visible

CORRECTABLE = (
    "kind",
    "occurred_at",
    "place",
    "area",
    "latitude",
    "longitude",
    "injured",
    "killed",
    "summary",
    "source",
    "grade",
    "ground",
    "review_due_on",
)
"""The fields of an incident that are corrected; status and GMI are decided instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One field before and after; codes are given as codes, to be said in the viewer's words."""

    field: str
    old: object
    new: object


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryItem:
    """One act: `act` is logged, decided, corrected, added or withdrawn (the last two: a part)."""

    at: datetime
    act: str
    by: str
    changes: tuple[Change, ...] = ()
    reason: str = ""
    person_id: int | None = None
    person: str = ""
    role: InvolvementRole | None = None


def incident_history(
    db: Session, viewer: Viewer, incident_id: int, *, until: datetime, on: date
) -> tuple[HistoryItem, ...]:
    """Tell what happened to the record of an incident up to an instant.

    Empty for roles without the full right to incidents.
    """
    if not allows(viewer, "incident_full:read"):
        return ()
    users = {row.id: row.display_name for row in db.execute(select(User.id, User.display_name))}
    items = [
        *_decisions(db, viewer, incident_id, users),
        *_versions(db, viewer, incident_id, users),
        *_parts(db, viewer, incident_id, users, on),
    ]
    shown = [item for item in items if item.at <= until]
    return tuple(sorted(shown, key=lambda item: (item.at, _ORDER[item.act]), reverse=True))


_ORDER = {"logged": 0, "added": 1, "decided": 2, "corrected": 3, "withdrawn": 4}
_CODES = {"status": IncidentStatus, "gmi": Gmi}


def _decisions(
    db: Session, viewer: Viewer, incident_id: int, users: dict[int, str]
) -> list[HistoryItem]:
    table = StatusChange.__table__
    rows = db.execute(
        select(table)
        .where(
            table.c.programme_id == viewer.programme_id,
            table.c.thing == "incident",
            table.c.thing_id == incident_id,
        )
        .order_by(table.c.id)
    )
    return [
        HistoryItem(
            at=row.changed_at,
            act="decided",
            by=users.get(row.changed_by_id, ""),
            changes=(_decision(row),),
            reason=row.reason,
        )
        for row in rows
        if row.field in _CODES
    ]


def _decision(row: Any) -> Change:
    codes = _CODES[row.field]
    old = None if row.old is None else codes(row.old)
    return Change(field=row.field, old=old, new=codes(row.new))


def _versions(
    db: Session, viewer: Viewer, incident_id: int, users: dict[int, str]
) -> list[HistoryItem]:
    """Compare each version of the record with the next; the first is the entry itself."""
    table, old = Incident.__table__, revisions_of(Incident)
    names = [*CORRECTABLE, "revised_at", "revised_by_id", "entered_at", "recorded_by_id"]
    right = _right(viewer, table.c)
    present = db.execute(
        select(*(table.c[name] for name in names)).where(table.c.id == incident_id, right)
    ).one_or_none()
    if present is None:
        return []
    before = db.execute(
        select(*(old.c[name] for name in names))
        .where(old.c.id == incident_id, _right(viewer, old.c))
        .order_by(old.c.revision_id)
    ).all()
    versions = [*before, present]
    first = versions[0]
    logged = HistoryItem(at=first.entered_at, act="logged", by=users.get(first.recorded_by_id, ""))
    pairs = itertools.pairwise(versions)
    corrected = [
        HistoryItem(
            at=new.revised_at, act="corrected", by=users.get(new.revised_by_id, ""), changes=changes
        )
        for old_version, new in pairs
        if (changes := _changes(old_version, new))
    ]
    return [logged, *corrected]


def _right(viewer: Viewer, columns: Any) -> ColumnElement[bool]:
    return visible(columns, viewer, "incident_full:read")


def _changes(old: Any, new: Any) -> tuple[Change, ...]:
    return tuple(
        Change(field=name, old=getattr(old, name), new=getattr(new, name))
        for name in CORRECTABLE
        if getattr(old, name) != getattr(new, name)
    )


def _parts(
    db: Session, viewer: Viewer, incident_id: int, users: dict[int, str], on: date
) -> Sequence[HistoryItem]:
    table = Involvement.__table__
    rows = db.execute(
        select(table)
        .join(Person, Person.id == table.c.person_id)
        .where(
            visible(table.c, viewer, "involvement:read"),
            table.c.incident_id == incident_id,
            Person.withdrawn_at.is_(None),
        )
        .order_by(table.c.id)
    ).all()
    names = names_of(db, viewer, {row.person_id for row in rows}, on=on)
    return [item for row in rows for item in _acts_on(row, names, users)]


def _acts_on(row: Any, names: dict[int, str], users: dict[int, str]) -> list[HistoryItem]:
    role, name = InvolvementRole(row.role), names.get(row.person_id, "")
    added = HistoryItem(
        at=row.entered_at,
        act="added",
        by=users.get(row.recorded_by_id, ""),
        person_id=row.person_id,
        person=name,
        role=role,
    )
    if row.withdrawn_at is None:
        return [added]
    gone = HistoryItem(
        at=row.withdrawn_at,
        act="withdrawn",
        by=users.get(row.withdrawn_by_id, ""),
        reason=row.withdrawn_reason or "",
        person_id=row.person_id,
        person=name,
        role=role,
    )
    return [added, gone]
