"""Actions: one, and the list behind the API; text only for those who may."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, case, literal, select
from sqlalchemy.orm import Session

from gvi.domain.access import Viewer, allows
from gvi.domain.action import OPEN_ACTIONS, ActionKind, ActionStatus
from gvi.domain.correction import Disputed, DisputedScore
from gvi.domain.errors import NotFoundError
from gvi.domain.grading import Compartment
from gvi.domain.text import N_
from gvi.store.known import known
from gvi.store.models import (
    Action,
    CallIn,
    Group,
    Incident,
    Person,
    User,
)
from gvi.store.queries.correction import without_disputes
from gvi.store.queries.person import names_of
from gvi.store.queries.rights import asker, visible
from gvi.store.sealing import sealed_in


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionRow:
    """One action; `text` and `outcome` are None where only that it exists may be known."""

    id: int
    kind: ActionKind
    compartment: Compartment
    status: ActionStatus
    text: str | None
    owner_id: int | None
    owner: str
    due_at: datetime
    person_id: int | None
    person: str
    """What the person is called before the viewer; blank where there is none to be seen."""
    group_id: int | None
    group: str
    call_in_id: int | None
    call_in: str
    incident_id: int | None
    disputed: Disputed | None
    disputed_id: int | None
    disputed_score: DisputedScore | None
    """What a correction says is wrong; who may not see scores is told of no correction."""
    created_at: datetime
    ended_at: datetime | None
    outcome: str | None
    may_change: bool

    @property
    def is_open(self) -> bool:
        """Whether it is still to be done."""
        return self.status in OPEN_ACTIONS


def actions(
    db: Session,
    viewer: Viewer,
    *,
    on: date,
    open_only: bool = False,
    status: str = "",
    after: int = 0,
    limit: int | None = None,
) -> tuple[ActionRow, ...]:
    """List actions the viewer may see, by id; `after` is an id for paging."""
    query = _listed(asker(viewer), open_only=open_only, status=status, limit=limit)
    return _rows(db, viewer, query, on, after=after)


def action(db: Session, viewer: Viewer, action_id: int, *, on: date) -> ActionRow:
    """Give one action; raises NotFoundError where there is none for the viewer."""
    query = _question(asker(viewer)).where(Action.id == bindparam("action"))
    found = _rows(db, viewer, query, on, action=action_id)
    if not found:
        raise NotFoundError(N_("There is no such action, or it is not for you."))
    return found[0]


@lru_cache(maxsize=256)
def _listed(viewer: Viewer, *, open_only: bool, status: str, limit: int | None) -> Select[Any]:
    a = Action.__table__.c
    query = _question(viewer).where(a.id > bindparam("after")).order_by(a.id)
    if open_only:
        query = query.where(a.status.in_(sorted(OPEN_ACTIONS)))
    if status:
        query = query.where(a.status == status)
    return query if limit is None else query.limit(limit)


@lru_cache(maxsize=256)
def _question(viewer: Viewer) -> Select[Any]:
    """Select actions with what they are about, each name only as far as the viewer sees it.

    Whose action it is may be known without its text, but not whom it is about: an outreach worker's
    action would tell the police whom outreach works with.
    """
    a, p, g, i = Action.__table__.c, known(Person, None), known(Group, None), known(Incident, None)
    c, owner = CallIn.__table__.c, User.__table__
    text = _permitted(viewer, "action_text:read", a, owner=a.owner_id)
    change = _permitted(viewer, "action:write", a, owner=a.owner_id)
    person = and_(text, _permitted(viewer, "person:read", p.c, person=p.c.id))
    group = and_(text, _permitted(viewer, "group:read", g.c))
    incident = and_(text, _permitted(viewer, "incident:read", i.c))
    call_in = _permitted(viewer, "call_in:read", c)
    return (
        select(
            a.id,
            a.kind,
            a.compartment,
            a.status,
            sealed_in(a.text, case((text, a.text), else_=None)).label("text"),
            sealed_in(a.outcome, case((text, a.outcome), else_=None)).label("outcome"),
            a.owner_id,
            owner.c.display_name.label("owner"),
            a.due_at,
            case((person, p.c.id), else_=None).label("person_id"),
            case((group, g.c.id), else_=None).label("group_id"),
            case((group, g.c.name), else_=None).label("group"),
            case((call_in, c.id), else_=None).label("call_in_id"),
            case((call_in, c.name), else_=None).label("call_in"),
            case((incident, i.c.id), else_=None).label("incident_id"),
            case((text, a.disputed), else_=None).label("disputed"),
            case((text, a.disputed_id), else_=None).label("disputed_id"),
            case((text, a.disputed_score), else_=None).label("disputed_score"),
            a.created_at,
            a.ended_at,
            case((change, literal(1)), else_=0).label("may_change"),
        )
        .join_from(Action.__table__, owner, owner.c.id == a.owner_id, isouter=True)
        .join(p, p.c.id == a.person_id, isouter=True)
        .join(g, g.c.id == a.group_id, isouter=True)
        .join(i, i.c.id == a.incident_id, isouter=True)
        .join(CallIn.__table__, c.id == a.call_in_id, isouter=True)
        .where(visible(a, viewer, "action:read", owner=a.owner_id), without_disputes(a, viewer))
    )


def _permitted(
    viewer: Viewer,
    permission: str,
    columns: Any,
    *,
    person: ColumnElement[Any] | None = None,
    owner: ColumnElement[Any] | None = None,
) -> ColumnElement[bool]:
    """Give the clause of a right that the viewer may lack altogether."""
    if not allows(viewer, permission):
        return literal(0) == literal(1)
    return visible(columns, viewer, permission, person=person, owner=owner)


def _rows(
    db: Session, viewer: Viewer, query: Select[Any], on: date, **places: int
) -> tuple[ActionRow, ...]:
    found = db.execute(query, places).all()
    people = [row.person_id for row in found if row.person_id is not None]
    names = names_of(db, viewer, people, on=on)
    return tuple(
        ActionRow(
            id=row.id,
            kind=ActionKind(row.kind),
            compartment=Compartment(row.compartment),
            status=ActionStatus(row.status),
            text=row.text,
            owner_id=row.owner_id,
            owner=row.owner or "",
            due_at=row.due_at,
            person_id=row.person_id,
            person=names.get(row.person_id, ""),
            group_id=row.group_id,
            group=row.group or "",
            call_in_id=row.call_in_id,
            call_in=row.call_in or "",
            incident_id=row.incident_id,
            disputed=Disputed(row.disputed) if row.disputed else None,
            disputed_id=row.disputed_id,
            disputed_score=DisputedScore(row.disputed_score) if row.disputed_score else None,
            created_at=row.created_at,
            ended_at=row.ended_at,
            outcome=row.outcome,
            may_change=bool(row.may_change),
        )
        for row in found
    )
