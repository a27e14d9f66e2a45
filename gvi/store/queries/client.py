"""Clients: who works with whom, one's own people as cards, and where to take care."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, Subquery, and_, bindparam, func, or_, select
from sqlalchemy.orm import Session, aliased

from gvi.domain.access import Role, Scope, Viewer, allows, grant
from gvi.domain.call_in import BEFORE_HELD, InviteeStatus
from gvi.domain.errors import NotFoundError
from gvi.domain.group import UNCOUNTED_STATUSES, RelationKind
from gvi.domain.person import is_adult
from gvi.domain.supervision import SupervisionKind
from gvi.domain.support import SupportCaseStatus
from gvi.domain.text import N_
from gvi.domain.time import local_day
from gvi.store.known import known, valid_at
from gvi.store.models import (
    CallIn,
    CallInSession,
    ClientAssignment,
    Group,
    GroupRelation,
    Invitee,
    Person,
    Supervision,
    User,
)
from gvi.store.names import begins
from gvi.store.queries.contact import contact_days, draft_times
from gvi.store.queries.person import name_seen, names_of
from gvi.store.queries.rights import asker, clients_of, visible
from gvi.store.queries.support import cases_seen, last_heard
from gvi.store.types import Instant
from gvi.store.wall import behind_the_wall

MOST_FOUND = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonChoice:
    """Somebody who can be chosen in a form."""

    id: int
    name: str
    code_name: str
    is_adult: bool


def own_clients(db: Session, viewer: Viewer, *, on: date) -> tuple[PersonChoice, ...]:
    """List the viewer's own clients, or the team's; nobody for a role that has none."""
    held = grant(viewer, "person:read")
    if held is None or held.scope is Scope.ALL:
        return ()
    people = known(Person, None)
    return _choices(db, viewer, people.c.id.in_(clients_of(viewer, held.scope)), people, on=on)


def person_choice(db: Session, viewer: Viewer, person_id: int, *, on: date) -> PersonChoice:
    """Give one person; raises NotFoundError where there is none for the viewer."""
    people = known(Person, None)
    found = _choices(db, viewer, people.c.id == person_id, people, on=on)
    if not found:
        raise NotFoundError(N_("There is no such person, or they are not for you."))
    return found[0]


def people_found(db: Session, viewer: Viewer, q: str, *, on: date) -> tuple[PersonChoice, ...]:
    """Find people by a part of their name or code name, as far as the viewer may know either."""
    people = known(Person, None)
    words = q.split()
    if not words:
        return ()
    matches = or_(
        and_(*(people.c.code_name.icontains(word, autoescape=True) for word in words)),
        and_(begins(db, viewer.programme_id, people.c.id, q), name_seen(people.c, viewer, on)),
    )
    return _choices(db, viewer, matches, people, on=on)[:MOST_FOUND]


def _choices(
    db: Session,
    viewer: Viewer,
    wanted: ColumnElement[bool],
    people: Subquery,
    *,
    on: date,
) -> tuple[PersonChoice, ...]:
    rows = db.execute(
        select(people.c.id, people.c.code_name, people.c.birth_date).where(
            visible(people.c, viewer, "person:read", person=people.c.id), wanted
        )
    ).all()
    names = names_of(db, viewer, [row.id for row in rows], on=on)
    found = (
        PersonChoice(
            id=row.id,
            name=names[row.id],
            code_name=row.code_name,
            is_adult=is_adult(row.birth_date, on),
        )
        for row in rows
    )
    return tuple(sorted(found, key=lambda choice: (choice.name.casefold(), choice.id)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """Somebody who works, or worked, with a person."""

    user_id: int
    name: str
    role: Role
    assigned_at: datetime
    assigned_by: str
    ended_at: datetime | None
    reason: str


def workers_of(db: Session, viewer: Viewer, person_id: int) -> tuple[Assignment, ...]:
    """List who works with a person, and who did before."""
    a, assigner = ClientAssignment.__table__.c, aliased(User)
    rows = db.execute(
        select(
            a.user_id,
            User.display_name.label("name"),
            User.role,
            a.assigned_at,
            assigner.display_name.label("assigned_by"),
            a.ended_at,
            a.reason,
        )
        .join(User, User.id == a.user_id)
        .join(assigner, assigner.id == a.assigned_by_id, isouter=True)
        .where(
            visible(a, viewer, "support:read", person=a.person_id),
            a.person_id == person_id,
        )
        .order_by(a.ended_at.is_not(None), a.assigned_at.desc(), a.id.desc())
    )
    return tuple(
        Assignment(
            user_id=row.user_id,
            name=row.name,
            role=Role(row.role),
            assigned_at=row.assigned_at,
            assigned_by=row.assigned_by or "",
            ended_at=row.ended_at,
            reason=row.reason,
        )
        for row in rows
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ConflictWarning:
    """Take care in an area: yes, and until when; nothing about who or why."""

    area: str
    until: datetime | None
    """None: until further notice."""


def conflict_warnings(db: Session, viewer: Viewer, at: datetime) -> tuple[ConflictWarning, ...]:
    """List the areas in which groups are in open conflict now (design §7: yes/no and until)."""
    if not allows(viewer, "conflict_warning:read"):
        return ()
    until: dict[str, datetime | None] = {}
    with behind_the_wall(db, "whoever meets clients is warned of an area, not told of whom"):
        conflicts = db.execute(_in_conflict(asker(viewer)), {"at": at}).all()
    for area, valid_to in conflicts:
        before = until.get(area, valid_to)
        until[area] = None if before is None or valid_to is None else max(before, valid_to)
    return tuple(ConflictWarning(area=area, until=end) for area, end in until.items())


@lru_cache(maxsize=256)
def _in_conflict(viewer: Viewer) -> Select[Any]:
    r, g = known(GroupRelation, None), known(Group, None)
    return (
        select(g.c.area, r.c.valid_to)
        .join(g, or_(g.c.id == r.c.group_a_id, g.c.id == r.c.group_b_id))
        .where(
            visible(r.c, viewer, "conflict_warning:read"),
            r.c.kind == RelationKind.OPEN_CONFLICT.value,
            *valid_at(r, bindparam("at", type_=Instant)),
            g.c.area != "",
            g.c.status.not_in(sorted(UNCOUNTED_STATUSES)),
        )
        .order_by(g.c.area)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientCard:
    """One of the viewer's people, as the page My people shows them."""

    person_id: int
    name: str
    code_name: str
    area: str
    case_id: int | None
    """None where no case is open."""
    owner_id: int | None
    owner: str
    interval_days: int | None
    next_contact_on: date | None
    last_heard_at: datetime | None
    days_silent: int | None
    """Days since the person was last reached; None where that has never been."""
    track: tuple[str, ...]
    draft_saved_at: datetime | None
    warning: ConflictWarning | None

    @property
    def meetings(self) -> int:
        """Days with a meeting in the last 14."""
        return self.track.count("met")

    @property
    def others(self) -> int:
        """Days with a contact by phone or text only."""
        return self.track.count("other")


def client_cards(
    db: Session,
    viewer: Viewer,
    at: datetime,
    zone: ZoneInfo,
    warnings: Iterable[ConflictWarning],
) -> tuple[ClientCard, ...]:
    """Give the viewer's own clients, or the team's, the longest silence first.

    Who has no open case stands last: there is nobody to hear from yet.
    """
    today = local_day(at, zone)
    scope = grant(viewer, "support:list")
    if scope is None or scope.scope is Scope.ALL:
        return ()
    question, cases = _asking_clients(asker(viewer), scope.scope)
    rows = db.execute(question).all()
    names = names_of(db, viewer, [row.person_id for row in rows], on=today)
    drafts = draft_times(db, viewer, [row.case_id for row in rows if row.case_id])
    tracks = contact_days(db, cases, at, zone)
    by_area = {warning.area: warning for warning in warnings}
    cards = [
        ClientCard(
            person_id=row.person_id,
            name=names[row.person_id],
            code_name=row.code_name,
            area=row.area,
            case_id=row.case_id,
            owner_id=row.owner_id,
            owner=row.owner or "",
            interval_days=row.contact_interval_days,
            next_contact_on=row.next_contact_on,
            last_heard_at=row.last_heard_at,
            days_silent=(
                (today - local_day(row.last_heard_at, zone)).days if row.last_heard_at else None
            ),
            track=tracks.get(row.person_id, ()),
            draft_saved_at=drafts.get(row.case_id),
            warning=by_area.get(row.area),
        )
        for row in rows
    ]
    return tuple(sorted(cards, key=_by_silence))


@lru_cache(maxsize=256)
def _asking_clients(viewer: Viewer, scope: Scope) -> tuple[Select[Any], Subquery]:
    """Give the question for the clients with their open cases, and the cases it asks about."""
    people, cases, owner = known(Person, None), cases_seen(viewer), User.__table__
    open_case = and_(
        cases.c.person_id == people.c.id, cases.c.status != SupportCaseStatus.CLOSED.value
    )
    question = (
        select(
            people.c.id.label("person_id"),
            people.c.code_name,
            people.c.area,
            cases.c.id.label("case_id"),
            cases.c.owner_id,
            owner.c.display_name.label("owner"),
            cases.c.contact_interval_days,
            cases.c.next_contact_on,
            last_heard(cases).label("last_heard_at"),
        )
        .join_from(people, cases, open_case, isouter=True)
        .join(owner, owner.c.id == cases.c.owner_id, isouter=True)
        .where(
            visible(people.c, viewer, "person:read", person=people.c.id),
            people.c.id.in_(clients_of(viewer, scope)),
        )
    )
    return question, cases


def _by_silence(card: ClientCard) -> tuple[bool, float, date, str]:
    silence = float("inf") if card.days_silent is None else card.days_silent
    return (card.case_id is None, -silence, card.next_contact_on or date.max, card.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbationCard:
    """One of a probation officer's clients: supervision, and the call-in they are asked to."""

    person_id: int
    name: str
    code_name: str
    area: str
    supervision: SupervisionKind | None
    until: datetime | None
    is_obliged: bool
    in_custody: bool
    call_in_id: int | None
    call_in: str
    starts_at: datetime | None
    invitee_status: InviteeStatus | None
    warning: ConflictWarning | None


def probation_cards(
    db: Session,
    viewer: Viewer,
    at: datetime,
    zone: ZoneInfo,
    warnings: Iterable[ConflictWarning],
) -> tuple[ProbationCard, ...]:
    """Give a probation officer's own clients, those with a call-in to come first."""
    if not (allows(viewer, "supervision:read") and allows(viewer, "invitee:read")):
        return ()
    people = known(Person, None)
    rows = db.execute(
        select(people.c.id, people.c.code_name, people.c.area).where(
            visible(people.c, viewer, "person:read", person=people.c.id),
            people.c.id.in_(clients_of(viewer, Scope.OWN)),
        )
    ).all()
    names = names_of(db, viewer, [row.id for row in rows], on=local_day(at, zone))
    supervised, custody = _supervisions(db, viewer, at)
    asked = _invitations(db, viewer, at)
    by_area = {warning.area: warning for warning in warnings}
    cards = []
    for row in rows:
        held, invited = supervised.get(row.id), asked.get(row.id)
        cards.append(
            ProbationCard(
                person_id=row.id,
                name=names[row.id],
                code_name=row.code_name,
                area=row.area,
                supervision=SupervisionKind(held.kind) if held else None,
                until=held.valid_to if held else None,
                is_obliged=bool(held and held.obliges_attendance),
                in_custody=row.id in custody,
                call_in_id=invited.call_in_id if invited else None,
                call_in=invited.name if invited else "",
                starts_at=invited.starts_at if invited else None,
                invitee_status=InviteeStatus(invited.status) if invited else None,
                warning=by_area.get(row.area),
            )
        )
    return tuple(sorted(cards, key=lambda card: (card.call_in_id is None, card.name)))


def _supervisions(
    db: Session, viewer: Viewer, at: datetime
) -> tuple[dict[int, Any], frozenset[int]]:
    """Read each client's supervision in force, one that obliges first, and who is in custody."""
    s = known(Supervision, None)
    rows = db.execute(
        select(s.c.person_id, s.c.kind, s.c.valid_to, s.c.obliges_attendance)
        .where(visible(s.c, viewer, "supervision:read", person=s.c.person_id), *valid_at(s, at))
        .order_by(s.c.obliges_attendance, s.c.id)
    ).all()
    custody = frozenset(row.person_id for row in rows if row.kind == SupervisionKind.CUSTODY)
    return {row.person_id: row for row in rows}, custody


def _invitations(db: Session, viewer: Viewer, at: datetime) -> dict[int, Any]:
    """Read the next call-in each client is asked to, at the time of the own session.

    One already taken off is left out.
    """
    c, i, s = CallIn.__table__.c, Invitee.__table__.c, CallInSession.__table__.c
    starts_at = func.coalesce(s.starts_at, c.starts_at)
    rows = db.execute(
        select(i.person_id, i.call_in_id, i.status, c.name, starts_at.label("starts_at"))
        .join(CallIn, c.id == i.call_in_id)
        .outerjoin(
            CallInSession,
            and_(s.call_in_id == c.id, s.number == i.session, s.dropped_at.is_(None)),
        )
        .where(
            visible(c, viewer, "invitee:read", person=i.person_id),
            c.status.in_(sorted(BEFORE_HELD)),
            i.status != InviteeStatus.WITHDRAWN.value,
            or_(c.starts_at.is_(None), starts_at >= at),
        )
        .order_by(func.coalesce(starts_at, at).desc(), i.id.desc())
    )
    return {row.person_id: row for row in rows}
