"""Who looked at a person: for the auditor, and for those whose client it is (decision 0036).

An owner is told who looked, not what another authority does: what the owner's role could not open
is not named, and records another authority entered or changed are not told of at all.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from gvi.domain.access import POLICY, Scope, Viewer, allows, grant
from gvi.domain.audit import AuditVerb
from gvi.domain.errors import NotAllowedError, NotFoundError
from gvi.domain.text import N_
from gvi.store.models import AuditEntry, AuditSubject, Person
from gvi.store.queries.rights import clients_of, visible

_LOOKS = (AuditVerb.CONSULTED, AuditVerb.COMBINED, AuditVerb.DISCLOSED, AuditVerb.ACCESS)
_ALWAYS_TOLD = frozenset({"page", "access", "break_glass", "session"})
"""Tries in vain and access beyond the table are told of by name to whoever owns the client."""
_READ_UNDER = {
    "attempt": "custom_notification",
    "client": "person",
    "contact": "support",
    "need": "support",
    "support_case": "support",
}
"""Things of the log that are read under the right to another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LookRow:
    """One look by somebody at one or more people; `kind` is blank where it is not told."""

    id: int
    at: datetime
    actor: str
    role: str
    kind: str
    verb: str
    clients: int
    """How many of the people asked about it showed."""
    purpose: str
    source: str


def looks_at_own_clients(
    db: Session, viewer: Viewer, *, offset: int, limit: int
) -> tuple[tuple[LookRow, ...], int]:
    """List the looks of others at one's own clients, latest first, and their number.

    Which client it was is not said: the list is about who looks, and leads to a question.
    """
    about = AuditSubject.thing_id.in_(clients_of(viewer, Scope.OWN))
    return _page(db, viewer, _looks(viewer, about, owner=True), offset=offset, limit=limit)


def looks_at_person(
    db: Session, viewer: Viewer, person_id: int, *, offset: int, limit: int
) -> tuple[tuple[LookRow, ...], int]:
    """List who looked at a person, latest first, and how often.

    The auditor is told everything, also of somebody who has been erased. Raises NotFoundError for
    a person who is no client of an owner's.
    """
    owner = not _sees_all(viewer)
    if owner:
        people = Person.__table__.c
        own = select(people.id).where(
            people.id == person_id, visible(people, viewer, "look:list", person=people.id)
        )
        if db.execute(own).first() is None:
            raise NotFoundError(N_("There is no such person, or it is not for you."))
    about = AuditSubject.thing_id == person_id
    found = _looks(viewer, about, owner=owner)
    return _page(db, viewer, found, offset=offset, limit=limit, is_whole=not owner)


def _sees_all(viewer: Viewer) -> bool:
    held = grant(viewer, "look:list")
    if held is None:
        raise NotAllowedError(N_("Your role does not give access to this."))
    return held.scope is Scope.ALL


def _looks(viewer: Viewer, about: ColumnElement[bool], *, owner: bool) -> Select[Any]:
    subjects = (
        select(AuditSubject.entry_id, func.count().label("clients"))
        .where(AuditSubject.thing == "person", about)
        .group_by(AuditSubject.entry_id)
        .subquery("own")
    )
    e = AuditEntry.__table__.c
    found = (
        select(e.id, e.at, e.actor, e.role, e.kind, e.verb, subjects.c.clients, e.purpose, e.source)
        .join(subjects, subjects.c.entry_id == e.id)
        .where(e.programme_id == viewer.programme_id)
    )
    if not owner:
        return found
    every = {*_READ_UNDER, *(kind.partition(":")[0] for kind in POLICY)}
    nouns = {noun for noun in every if is_told(viewer, f"{noun}:changed")}
    readable = [e.kind.startswith(f"{noun}:", autoescape=True) for noun in sorted(nouns)]
    others = func.coalesce(e.user_id, 0) != viewer.user_id
    return found.where(and_(others, or_(e.verb.in_(_LOOKS), *readable)))


def is_told(viewer: Viewer, kind: str) -> bool:
    """Tell whether an owner may know what was looked at: what the role could have opened too."""
    noun = kind.partition(":")[0]
    if noun in _ALWAYS_TOLD:
        return True
    permission = kind if kind in POLICY else f"{_READ_UNDER.get(noun, noun)}:read"
    return permission in POLICY and allows(viewer, permission)


def _page(
    db: Session,
    viewer: Viewer,
    found: Select[Any],
    *,
    offset: int,
    limit: int,
    is_whole: bool = False,
) -> tuple[tuple[LookRow, ...], int]:
    total = db.execute(select(func.count()).select_from(found.subquery())).scalar_one()
    rows = db.execute(found.order_by(AuditEntry.id.desc()).offset(offset).limit(limit))
    return tuple(_row(row, is_whole or is_told(viewer, row.kind)) for row in rows), total


def _row(row: Any, told: bool) -> LookRow:
    return LookRow(
        id=row.id,
        at=row.at,
        actor=row.actor,
        role=row.role,
        kind=row.kind if told else "",
        verb=row.verb if told else AuditVerb.CONSULTED.value,
        clients=row.clients,
        purpose=row.purpose if told else "",
        source=row.source,
    )
