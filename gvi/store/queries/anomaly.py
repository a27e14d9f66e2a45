"""What signs in the audit log are computed from, read when the auditor asks and kept nowhere.

Names are compared in here and only pairs of numbers leave: neither the log nor the page holds any.
"""

import json
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, union
from sqlalchemy.orm import Session

from gvi.domain.access import Viewer
from gvi.domain.anomaly import Ground, Look
from gvi.domain.naming import folded
from gvi.store.models import (
    Action,
    AnomalyReview,
    AuditEntry,
    AuditWatch,
    CallIn,
    ClientAssignment,
    CustomNotification,
    Identity,
    InboundCall,
    Incident,
    Invitee,
    Involvement,
    Person,
    RiskDecision,
    SupportCase,
    User,
)
from gvi.store.queries.rights import visible
from gvi.store.wall import behind_the_wall

CONTROL = ("audit", "look", "anomaly")
"""Looking at the log is no look at people's records."""
RECENT = timedelta(days=30)
_AT_ONCE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """The auditor's mark on a sign."""

    note: str
    reviewed_at: datetime
    reviewed_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """A word watched for in one user's look-ups."""

    id: int
    user: str
    kind: str
    word: str


def looks_between(
    db: Session, viewer: Viewer, since: datetime, until: datetime
) -> tuple[Look, ...]:
    """Give every entry by a user in a span, as far as signs need it."""
    e = AuditEntry.__table__.c
    rows = db.execute(
        select(e.id, e.at, e.user_id, e.actor, e.role, e.verb, e.kind, e.subjects, e.detail)
        .where(
            visible(e, viewer, "anomaly:review"),
            e.at >= since,
            e.at <= until,
            e.user_id.is_not(None),
        )
        .order_by(e.id)
    )
    return tuple(
        Look(
            entry=row.id,
            at=row.at,
            user_id=row.user_id,
            actor=row.actor,
            role=row.role,
            verb=row.verb,
            kind=row.kind,
            people=frozenset(json.loads(row.subjects).get("person", ())),
            asked=_person_of(json.loads(row.detail).get("path", "")),
        )
        for row in rows
        if row.kind.partition(":")[0] not in CONTROL
    )


_PAGE_OF_PERSON = re.compile(r"(?:/api/v1/persons|/people)/(\d{1,9})(?:/.*)?")


def _person_of(path: str) -> int | None:
    """Give the person whose page an address is."""
    found = _PAGE_OF_PERSON.fullmatch(path)
    return int(found[1]) if found else None


def ground_of(db: Session, viewer: Viewer, looks: Collection[Look], until: datetime) -> Ground:
    """Read what the looks are compared with: names, areas and tasks as they are now."""
    opened = {person for look in looks for person in look.opened}
    users = {look.user_id for look in looks}
    words = _watched(db, viewer)
    with behind_the_wall(db, "looks are compared with names and tasks, of which none is told"):
        return Ground(
            own_names=_same_surname(db, viewer, opened, users, words.get("surname", {})),
            own_areas=_same_area(db, viewer, opened, words.get("area", {})),
            tasks=_tasks(db, viewer),
            everybodys=_everybodys(db, viewer, until),
        )


def _watched(db: Session, viewer: Viewer) -> Mapping[str, dict[int, set[str]]]:
    w = AuditWatch.__table__.c
    found: dict[str, dict[int, set[str]]] = {}
    for row in db.execute(
        select(w.user_id, w.kind, w.word).where(visible(w, viewer, "audit:read"))
    ):
        found.setdefault(row.kind, {}).setdefault(row.user_id, set()).add(row.word)
    return found


def _same_surname(
    db: Session,
    viewer: Viewer,
    opened: Collection[int],
    users: Collection[int],
    watched: Mapping[int, set[str]],
) -> frozenset[tuple[int, int]]:
    u, p = User.__table__.c, Person.__table__.c
    named = db.execute(
        select(u.id, u.display_name).where(u.programme_id == viewer.programme_id, u.id.in_(users))
    )
    surnames = {row.id: {_surname(row.display_name)} | watched.get(row.id, set()) for row in named}
    bearers: dict[str, set[int]] = {}
    for some in _parts(opened):
        rows = db.execute(
            select(Identity.person_id, Identity.name)
            .join(Person, p.id == Identity.person_id)
            .where(p.programme_id == viewer.programme_id, Identity.person_id.in_(some))
        )
        for row in rows:
            bearers.setdefault(_surname(row.name), set()).add(row.person_id)
    return frozenset(
        (user, person)
        for user, names in surnames.items()
        for name in names - {""}
        for person in bearers.get(name, ())
    )


def _surname(name: str) -> str:
    words = folded(name).split()
    return words[-1] if len(words) > 1 else ""


def _same_area(
    db: Session, viewer: Viewer, opened: Collection[int], watched: Mapping[int, set[str]]
) -> frozenset[tuple[int, int]]:
    if not watched:
        return frozenset()
    p = Person.__table__.c
    people: dict[str, set[int]] = {}
    for some in _parts(opened):
        query = select(p.id, p.area).where(p.programme_id == viewer.programme_id, p.id.in_(some))
        for row in db.execute(query):
            people.setdefault(row.area.casefold(), set()).add(row.id)
    return frozenset(
        (user, person)
        for user, areas in watched.items()
        for area in areas
        for person in people.get(area.casefold(), ())
    )


def _parts(ids: Collection[int]) -> Iterable[list[int]]:
    ordered = sorted(ids)
    return (ordered[at : at + _AT_ONCE] for at in range(0, len(ordered), _AT_ONCE))


def _tasks(db: Session, viewer: Viewer) -> frozenset[tuple[int, int]]:
    """Give who works with whom: clients, actions, visits, decisions, support cases and calls."""
    pairs: tuple[tuple[Any, Any], ...] = (
        (ClientAssignment, ClientAssignment.user_id),
        (Action, Action.owner_id),
        (Action, Action.created_by_id),
        (CustomNotification, CustomNotification.owner_id),
        (CustomNotification, CustomNotification.created_by_id),
        (RiskDecision, RiskDecision.decided_by_id),
        (SupportCase, SupportCase.owner_id),
        (InboundCall, InboundCall.owner_id),
    )
    queries = [
        select(user.label("user_id"), model.person_id.label("person_id")).where(
            model.programme_id == viewer.programme_id,
            user.is_not(None),
            model.person_id.is_not(None),
        )
        for model, user in pairs
    ]
    return frozenset((row.user_id, row.person_id) for row in db.execute(union(*queries)))


def _everybodys(db: Session, viewer: Viewer, until: datetime) -> frozenset[int]:
    invited = (
        select(Invitee.person_id)
        .join(CallIn, CallIn.id == Invitee.call_in_id)
        .where(
            CallIn.programme_id == viewer.programme_id,
            CallIn.starts_at.is_(None) | (CallIn.starts_at >= until - RECENT),
        )
    )
    involved = (
        select(Involvement.person_id)
        .join(Incident, Incident.id == Involvement.incident_id)
        .where(
            Incident.programme_id == viewer.programme_id,
            Incident.occurred_at >= until - RECENT * 2,
            Incident.withdrawn_at.is_(None),
        )
    )
    return frozenset(db.execute(union(invited, involved)).scalars())


def reviews(db: Session, viewer: Viewer) -> Mapping[str, Review]:
    """Give the auditor's marks by the key of their sign."""
    r = AnomalyReview.__table__.c
    rows = db.execute(
        select(r.anomaly, r.note, r.reviewed_at, User.display_name)
        .join(User, User.id == r.reviewed_by_id)
        .where(visible(r, viewer, "anomaly:review"))
    )
    return {
        row.anomaly: Review(
            note=row.note, reviewed_at=row.reviewed_at, reviewed_by=row.display_name
        )
        for row in rows
    }


def watches(db: Session, viewer: Viewer) -> tuple[Watch, ...]:
    """List the words that are watched for, by user."""
    w = AuditWatch.__table__.c
    rows = db.execute(
        select(w.id, User.display_name, w.kind, w.word)
        .join(User, User.id == w.user_id)
        .where(visible(w, viewer, "anomaly:review"))
        .order_by(User.display_name, w.kind, w.word)
    )
    return tuple(
        Watch(id=row.id, user=row.display_name, kind=row.kind, word=row.word) for row in rows
    )
