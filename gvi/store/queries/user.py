"""Users, programmes and one-click users, for the log-in page and the users page."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gvi.domain.access import Viewer
from gvi.store.models import ClientAssignment, Programme, User, UserSession
from gvi.store.queries.rights import visible


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgrammeNames:
    """What the programme is called."""

    display_name: str
    town: str


def programme_names(db: Session) -> ProgrammeNames:
    """Give the name on the log-in page: the programme's own, where there is exactly one."""
    rows = db.execute(select(Programme.display_name, Programme.town).limit(2)).all()
    if len(rows) != 1:
        return ProgrammeNames(display_name="GVI Tracker", town="")
    return ProgrammeNames(display_name=rows[0].display_name, town=rows[0].town)


@dataclass(frozen=True, slots=True, kw_only=True)
class OneClickUser:
    """An invented user who is logged in by one click."""

    username: str
    display_name: str
    role: str


def invented_users(db: Session) -> tuple[OneClickUser, ...]:
    """List one user of each role; none on a database that is not marked as invented."""
    first = (
        select(func.min(User.id))
        .join(Programme, Programme.id == User.programme_id)
        .where(Programme.is_invented, User.is_active)
        .group_by(User.role)
    )
    rows = db.execute(
        select(User.username, User.display_name, User.role)
        .where(User.id.in_(first))
        .order_by(User.id)
    )
    return tuple(
        OneClickUser(username=row.username, display_name=row.display_name, role=row.role)
        for row in rows
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class UserRow:
    """One user on the users page."""

    id: int
    username: str
    display_name: str
    role: str
    team: str
    language: str
    is_active: bool
    clients: int
    last_seen_at: datetime | None


def users(db: Session, viewer: Viewer) -> tuple[UserRow, ...]:
    """List everybody who can log in, with the number of own clients and when last seen."""
    table = User.__table__
    clients = (
        select(func.count())
        .where(ClientAssignment.user_id == User.id, ClientAssignment.ended_at.is_(None))
        .scalar_subquery()
    )
    seen = (
        select(func.max(UserSession.last_seen_at))
        .where(UserSession.user_id == User.id)
        .scalar_subquery()
    )
    rows = db.execute(
        select(
            User.id,
            User.username,
            User.display_name,
            User.role,
            User.team,
            User.language,
            User.is_active,
            clients.label("clients"),
            seen.label("last_seen_at"),
        )
        .where(visible(table.c, viewer, "user:list"))
        .order_by(User.display_name, User.id)
    )
    return tuple(UserRow(**row._mapping) for row in rows)  # noqa: SLF001 — public view of a row


@dataclass(frozen=True, slots=True, kw_only=True)
class Colleague:
    """Somebody who can own an action, a visit or a case."""

    id: int
    display_name: str
    role: str
    team: str


def colleagues(db: Session, viewer: Viewer, *roles: str) -> tuple[Colleague, ...]:
    """List the active users of the programme, of some roles only where roles are named."""
    query = (
        select(User.id, User.display_name, User.role, User.team)
        .where(User.programme_id == viewer.programme_id, User.is_active)
        .order_by(User.display_name, User.id)
    )
    if roles:
        query = query.where(User.role.in_(roles))
    return tuple(Colleague(**row._mapping) for row in db.execute(query))  # noqa: SLF001
