"""What a field was before a change and after it, for records that keep no revisions of their own.

Graded facts keep whole revisions (`models.base`). Of everything else the fields below are kept, so
that the audit log's entry can say what changed without holding it. Notes are left out: they are
for their worker alone, and a second copy would be for whoever reads this table.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Table, event, insert, inspect, select
from sqlalchemy.orm import Session, UOWTransaction

from gvi.store.models import (
    Action,
    CallIn,
    CallInSession,
    ChangedValue,
    CustomNotification,
    InboundCall,
    Invitee,
    Need,
    SupportCase,
    SupportOffer,
    User,
)

KEPT: Mapping[type[Any], frozenset[str]] = {
    Action: frozenset({"status", "owner_id", "due_at"}),
    CallIn: frozenset({"name", "status", "starts_at", "venue", "purpose", "seats", "minutes"}),
    CallInSession: frozenset({"starts_at", "venue", "dropped_at"}),
    CustomNotification: frozenset({"status", "due_at", "owner_id", "team", "trigger"}),
    InboundCall: frozenset({"owner_id", "person_id", "call_back_due_at", "returned_at"}),
    Invitee: frozenset({"status", "session", "group_id", "is_obliged"}),
    Need: frozenset({"status", "kind"}),
    SupportCase: frozenset(
        {"status", "owner_id", "heard_through", "contact_interval_days", "next_contact_on"}
    ),
    SupportOffer: frozenset({"response", "responded_at"}),
    User: frozenset({"display_name", "role", "team", "is_active", "language"}),
}
"""Model → the fields of which the values before and after a change are kept."""

_TABLE: Table = ChangedValue.metadata.tables[ChangedValue.__tablename__]
_ADD = insert(_TABLE)
_NOTED = "changed_values"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One field of one record, before and after."""

    thing: str
    thing_id: int
    field: str
    old: str
    new: str


def noted(db: Session) -> list[Change]:
    """Take what was changed in this transaction since it was last asked."""
    changes: list[Change] = db.info.pop(_NOTED, [])
    return changes


def named(changes: Sequence[Change], detail: dict[str, object]) -> dict[str, object]:
    """Add the names of the changed fields to an entry's detail, where it names none itself."""
    if changes and "fields" not in detail:
        return {**detail, "fields": sorted({change.field for change in changes})}
    return detail


def keep(
    connection: Connection, programme_id: int, entry_id: int, changes: Sequence[Change]
) -> None:
    """Store the changes an entry of the log speaks of."""
    if not changes:
        return
    rows = [
        {
            "programme_id": programme_id,
            "entry_id": entry_id,
            "thing": change.thing,
            "thing_id": change.thing_id,
            "field": change.field,
            "old": change.old,
            "new": change.new,
        }
        for change in changes
    ]
    connection.execute(_ADD, rows)


@event.listens_for(Session, "before_flush")
def _note_changes(session: Session, _context: UOWTransaction, _instances: object) -> None:
    for instance in session.dirty:
        fields = KEPT.get(type(instance))
        if fields is None:
            continue
        changed = [name for name in sorted(fields) if inspect(instance).attrs[name].history.added]
        if changed:
            session.info.setdefault(_NOTED, []).extend(_changes(session, instance, changed))


def _changes(session: Session, instance: Any, fields: Sequence[str]) -> list[Change]:
    table: Table = instance.__table__
    with session.no_autoflush:
        old = session.execute(
            select(*(table.c[name] for name in fields)).where(table.c.id == instance.id)
        ).one()
    return [
        Change(
            thing=table.name, thing_id=instance.id, field=name, old=_text(before), new=_text(after)
        )
        for name, before in zip(fields, old, strict=True)
        if (after := getattr(instance, name)) != before
    ]


def _text(value: object) -> str:
    if isinstance(value, datetime):
        return json.dumps(value.astimezone(UTC).isoformat())
    return json.dumps(value, default=str)


@event.listens_for(Session, "after_soft_rollback")
def _forget(session: Session, _previous: object) -> None:
    session.info.pop(_NOTED, None)
