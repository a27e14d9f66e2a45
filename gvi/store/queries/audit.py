"""Reading the audit log: who did what to whose records, newest first."""

import json
import operator
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from gvi.domain.access import Viewer
from gvi.domain.audit import AuditVerb
from gvi.domain.naming import folded
from gvi.store.models import AuditEntry, AuditSubject, Person, User
from gvi.store.names import called
from gvi.store.queries.rights import visible
from gvi.store.wall import behind_the_wall


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRow:
    """One entry of the log; people are numbers here, never names."""

    id: int
    at: datetime
    actor: str
    role: str
    verb: AuditVerb
    kind: str
    source: str
    purpose: str
    subjects: Mapping[str, Sequence[int]]
    detail: Mapping[str, Any]

    @property
    def thing(self) -> str:
        """The noun before the colon of the kind."""
        return self.kind.partition(":")[0]

    @property
    def act(self) -> str:
        """What was done, after the colon of the kind."""
        return self.kind.partition(":")[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditQuestion:
    """What is asked of the log; blank fields narrow nothing."""

    person_ids: Sequence[int] | None = None
    """People any of whom the entry must be about; empty finds nothing."""
    user_id: int | None = None
    verb: str = ""
    since: datetime | None = None
    until: datetime | None = None
    thing: str = ""
    """The noun of what was done, or a thing that was shown."""
    words: str = ""
    """Found in what was done, its purpose, its source or its address."""
    first: int | None = None
    last: int | None = None
    """Numbers of the entries asked for, both included."""
    offset: int = 0
    limit: int = 50


def list_entries(
    db: Session, viewer: Viewer, asked: AuditQuestion
) -> tuple[tuple[AuditRow, ...], int]:
    """Give one page of the log of the viewer's programme, and how many entries there are."""
    e = AuditEntry.__table__.c
    narrowed = and_(visible(e, viewer, "audit:read"), *_narrowed(e, asked))
    total = db.execute(select(func.count()).select_from(AuditEntry).where(narrowed)).scalar_one()
    rows = db.execute(
        select(
            e.id, e.at, e.actor, e.role, e.verb, e.kind, e.source, e.purpose, e.subjects, e.detail
        )
        .where(narrowed)
        .order_by(e.id.desc())
        .offset(asked.offset)
        .limit(asked.limit)
    )
    return tuple(_row(row) for row in rows), total


def count_entries(db: Session, viewer: Viewer) -> int:
    """Count the entries of the viewer's programme."""
    narrowed = visible(AuditEntry.__table__.c, viewer, "audit:read")
    return db.execute(select(func.count()).select_from(AuditEntry).where(narrowed)).scalar_one()


def _row(row: Any) -> AuditRow:
    return AuditRow(
        id=row.id,
        at=row.at,
        actor=row.actor,
        role=row.role,
        verb=AuditVerb(row.verb),
        kind=row.kind,
        source=row.source,
        purpose=row.purpose,
        subjects=json.loads(row.subjects),
        detail=json.loads(row.detail),
    )


def _narrowed(e: Any, asked: AuditQuestion) -> list[ColumnElement[bool]]:
    plain = (
        (asked.user_id, e.user_id, operator.eq),
        (asked.verb or None, e.verb, operator.eq),
        (asked.since, e.at, operator.ge),
        (asked.until, e.at, operator.le),
        (asked.first, e.id, operator.ge),
        (asked.last, e.id, operator.le),
    )
    clauses = [compare(column, value) for value, column, compare in plain if value is not None]
    if asked.person_ids is not None:
        about = select(AuditSubject.entry_id).where(
            AuditSubject.thing == "person", AuditSubject.thing_id.in_(asked.person_ids)
        )
        clauses.append(e.id.in_(about))
    if asked.thing:
        shown = select(AuditSubject.entry_id).where(AuditSubject.thing == asked.thing)
        clauses.append(or_(e.kind.startswith(f"{asked.thing}:", autoescape=True), e.id.in_(shown)))
    for word in asked.words.split():
        places = (e.kind, e.purpose, e.source, e.detail, e.actor)
        clauses.append(or_(*(place.icontains(word, autoescape=True) for place in places)))
    return clauses


MOST_PEOPLE = 20


def people_asked_about(db: Session, viewer: Viewer, typed: str) -> tuple[int, ...]:
    """Find the numbers of the people somebody asks about, by number, code name or name.

    For the right to know who looked at one's record: the person asks by name, the log knows
    numbers. Only numbers are answered, and of whole names and code names only.
    """
    text = " ".join(typed.split())
    people = Person.__table__.c
    ways: list[ColumnElement[bool]] = [
        func.lower(people.code_name) == text.lower(),
        people.code_name == text.capitalize(),
    ]
    number = text.removeprefix("#")
    if number.isdecimal():
        ways.append(people.id == min(int(number[:18]), 2**31 - 1))
    if name := folded(text):
        ways.append(called(db, viewer.programme_id, people.id, name))
    query = (
        select(people.id)
        .where(visible(people, viewer, "audit:read"), or_(*ways))
        .order_by(people.id)
        .limit(MOST_PEOPLE)
    )
    with behind_the_wall(db, "the log is searched by a name, of which only the number is told"):
        return tuple(db.execute(query).scalars())


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditUser:
    """Somebody whose acts may be asked for."""

    id: int
    name: str


def audit_users(db: Session, viewer: Viewer) -> tuple[AuditUser, ...]:
    """List everybody who has or had a place here, also those who have left."""
    users = User.__table__.c
    rows = db.execute(
        select(users.id, users.display_name)
        .where(visible(users, viewer, "audit:read"))
        .order_by(users.display_name, users.id)
    )
    return tuple(AuditUser(id=row.id, name=row.display_name) for row in rows)
