"""Reading grants beyond the table of rights: my own, a person's, everybody's, and notices."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from gvi.domain.access import POLICY, Role, Viewer, grant
from gvi.domain.errors import NotAllowedError, NotFoundError
from gvi.domain.person import is_adult
from gvi.domain.section import SECTIONS, AccessKind, Section, openable
from gvi.domain.text import N_
from gvi.store import names
from gvi.store.known import known
from gvi.store.models import (
    AccessGrant,
    AccessNotice,
    AccessSection,
    AuditEntry,
    ClientAssignment,
    Person,
    User,
)
from gvi.store.queries.rights import visible
from gvi.store.wall import behind_the_wall

FAILED = "access:break_glass_failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessRow:
    """One grant, for a list; the person is a code name here."""

    id: int
    person_id: int
    code_name: str
    user_id: int
    user: str
    role: Role
    kind: AccessKind
    sections: tuple[Section, ...]
    reason: str
    given_by: str
    given_at: datetime
    ends_at: datetime
    ended_at: datetime | None
    is_open: bool
    readable: tuple[Section, ...]
    """What the user's role may still be shown: the role, or the person's age, may have changed."""

    @property
    def tone(self) -> str:
        """Grey for what is over."""
        return "" if self.is_open else "quiet"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Who was told of a broken glass, and whether they said to have seen it."""

    name: str
    role: Role
    seen_at: datetime | None


def my_access(db: Session, viewer: Viewer, *, at: datetime, on: date) -> tuple[AccessRow, ...]:
    """List what was opened to the viewer, what is open first; ages are judged on the local day."""
    mine = AccessGrant.user_id == viewer.user_id
    return _rows(db, viewer, "access:read", mine, at=at, on=on)


def access_to_person(
    db: Session, viewer: Viewer, person_id: int, *, at: datetime
) -> tuple[AccessRow, ...]:
    """List who was given access to a person by the viewer's side, and what the viewer was told of.

    Nobody for a person the viewer may not see: what the other side opens is its own matter.
    """
    people = known(Person, None)
    seen = select(people.c.id).where(
        people.c.id == person_id, visible(people.c, viewer, "person:read", person=people.c.id)
    )
    wanted: list[ColumnElement[bool]] = [AccessGrant.person_id.in_(seen)]
    if viewer.role is not None:
        wanted.append(or_(_given_by_role(viewer.role), _told(viewer)))
    return _rows(db, viewer, "access:give", *wanted, at=at)


def _given_by_role(role: Role) -> ColumnElement[bool]:
    givers = select(User.id).where(User.role == role.value)
    named = AccessGrant.kind == AccessKind.NAMED.value
    return and_(named, AccessGrant.given_by_id.in_(givers))


def _told(viewer: Viewer) -> ColumnElement[bool]:
    notices = select(AccessNotice.grant_id).where(AccessNotice.user_id == viewer.user_id)
    return AccessGrant.id.in_(notices)


def every_access(db: Session, viewer: Viewer, *, at: datetime) -> tuple[AccessRow, ...]:
    """List all grants and broken glasses of the programme, for the data protection officer."""
    return _rows(db, viewer, "access:review", at=at)


def open_access(db: Session, viewer: Viewer, grant_id: int, *, at: datetime, on: date) -> AccessRow:
    """Give one grant that is in force for this viewer; raises NotFoundError otherwise.

    It is judged anew each time what the role may be shown of the person as old as on the local day.
    """
    mine = (AccessGrant.id == grant_id, AccessGrant.user_id == viewer.user_id)
    found = [row for row in _rows(db, viewer, "access:read", *mine, at=at, on=on) if row.is_open]
    if not found:
        raise NotFoundError(N_("There is no such access, or it has ended."))
    return found[0]


def opened_to(db: Session, viewer: Viewer, person_id: int, *, at: datetime) -> frozenset[Section]:
    """Give the parts of a person's record that are open to the viewer beyond the table."""
    rows = db.execute(
        select(AccessSection.section)
        .join(AccessGrant, AccessGrant.id == AccessSection.grant_id)
        .where(
            AccessGrant.programme_id == viewer.programme_id,
            AccessGrant.person_id == person_id,
            AccessGrant.user_id == viewer.user_id,
            AccessGrant.ended_at.is_(None),
            AccessGrant.ends_at > at,
        )
    )
    return frozenset(Section(section) for section in rows.scalars())


def told_of(db: Session, grant_id: int) -> tuple[Told, ...]:
    """List who was told of a broken glass."""
    rows = db.execute(
        select(User.display_name, User.role, AccessNotice.seen_at)
        .join(User, User.id == AccessNotice.user_id)
        .where(AccessNotice.grant_id == grant_id)
        .order_by(User.display_name)
    )
    return tuple(
        Told(name=row.display_name, role=Role(row.role), seen_at=row.seen_at) for row in rows
    )


def notices_for(db: Session, viewer: Viewer, *, at: datetime) -> tuple[AccessRow, ...]:
    """List the broken glasses the viewer was told of and has not said to have seen."""
    unseen = select(AccessNotice.grant_id).where(
        AccessNotice.user_id == viewer.user_id, AccessNotice.seen_at.is_(None)
    )
    return _rows(db, viewer, "own_record:read", AccessGrant.id.in_(unseen), at=at)


def _rows(
    db: Session,
    viewer: Viewer,
    permission: str,
    *wanted: ColumnElement[bool],
    at: datetime,
    on: date | None = None,
) -> tuple[AccessRow, ...]:
    if grant(viewer, permission) is None:
        raise NotAllowedError(N_("Your role does not give access to this."))
    rows = db.execute(_question(viewer.programme_id).where(*wanted)).all()
    if not rows:
        return ()
    opened = _sections(db, [row.id for row in rows])
    found = [_row(row, opened.get(row.id, ()), at, on) for row in rows]
    return tuple(sorted(found, key=lambda row: not row.is_open))


@lru_cache(maxsize=16)
def _question(programme_id: int) -> Select[Any]:
    person, giver = known(Person, None), aliased(User)
    return (
        select(
            *AccessGrant.__table__.c,
            person.c.code_name,
            person.c.birth_date,
            User.display_name.label("user"),
            User.role,
            giver.display_name.label("given_by"),
        )
        .join(person, person.c.id == AccessGrant.person_id)
        .join(User, User.id == AccessGrant.user_id)
        .join(giver, giver.id == AccessGrant.given_by_id)
        .where(AccessGrant.programme_id == programme_id)
        .order_by(AccessGrant.given_at.desc(), AccessGrant.id.desc())
    )


def _sections(db: Session, grant_ids: list[int]) -> dict[int, tuple[Section, ...]]:
    chosen: dict[int, set[Section]] = {}
    for row in db.execute(
        select(AccessSection.grant_id, AccessSection.section).where(
            AccessSection.grant_id.in_(grant_ids)
        )
    ):
        chosen.setdefault(row.grant_id, set()).add(Section(row.section))
    return {key: tuple(each for each in Section if each in has) for key, has in chosen.items()}


def _row(row: Any, sections: tuple[Section, ...], at: datetime, on: date | None) -> AccessRow:
    kind = AccessKind(row.kind)
    allowed = openable(
        Role(row.role),
        is_child=on is not None and not is_adult(row.birth_date, on),
        in_emergency=kind is AccessKind.BREAK_GLASS,
    )
    readable = tuple(section for section in sections if section in allowed)
    return AccessRow(
        id=row.id,
        person_id=row.person_id,
        code_name=row.code_name,
        user_id=row.user_id,
        user=row.user,
        role=Role(row.role),
        kind=kind,
        sections=sections,
        readable=readable,
        reason=row.reason,
        given_by=row.given_by,
        given_at=row.given_at,
        ends_at=row.ends_at,
        ended_at=row.ended_at,
        is_open=row.ended_at is None and row.ends_at > at and bool(readable),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Called:
    """Somebody found by what they are called."""

    id: int
    birth_date: date | None


def people_called(db: Session, programme_id: int, called: str) -> tuple[Called, ...]:
    """Find people by code name, external id or whole name, whoever asks.

    For breaking the glass only, which is logged and told: no right narrows it.
    """
    people, wanted = known(Person, None), called.strip()
    if not wanted:
        return ()
    question = select(people.c.id, people.c.birth_date).where(
        people.c.programme_id == programme_id,
        or_(
            func.lower(people.c.code_name) == wanted.lower(),
            people.c.external_id == wanted,
            names.called(db, programme_id, people.c.id, wanted),
        ),
    )
    with behind_the_wall(db, "the glass is broken for somebody whom no right shows"):
        rows = db.execute(question).all()
    return tuple(Called(id=row.id, birth_date=row.birth_date) for row in rows)


def failed_tries(db: Session, viewer: Viewer, *, since: datetime) -> int:
    """Count how often the viewer broke the glass for nobody."""
    return db.execute(
        select(func.count())
        .select_from(AuditEntry)
        .where(
            AuditEntry.programme_id == viewer.programme_id,
            AuditEntry.user_id == viewer.user_id,
            AuditEntry.kind == FAILED,
            AuditEntry.at > since,
        )
    ).scalar_one()


def those_to_be_told(
    db: Session, viewer: Viewer, person_id: int, sections: Iterable[Section]
) -> list[int]:
    """Give who answers for a record: its workers, the coordinators of its side, the auditor."""
    sides = {SECTIONS[section].side for section in sections}
    person = known(Person, None)
    compartment = db.execute(
        select(person.c.compartment).where(person.c.id == person_id)
    ).scalar_one()
    # Of somebody whom only one side knows, the other side is told nothing.
    roles = {Role.AUDITOR.value} | {
        role.value
        for role, held in POLICY["access:give"].items()
        if sides & held.compartments and compartment in POLICY["person:read"][role].compartments
    }
    workers = select(ClientAssignment.user_id).where(
        ClientAssignment.person_id == person_id, ClientAssignment.ended_at.is_(None)
    )
    rows = db.execute(
        select(User.id)
        .where(
            User.programme_id == viewer.programme_id,
            User.is_active,
            User.id != viewer.user_id,
            or_(User.role.in_(sorted(roles)), User.id.in_(workers)),
        )
        .order_by(User.id)
    )
    return list(rows.scalars())
